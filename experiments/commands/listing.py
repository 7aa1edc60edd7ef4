"""`mahalle list`: what comes with the program, by name."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, Lang
from experiments.escaping import say

_HEADINGS = {
    "city": ("cities", "شهرها"),
    "policy": ("policies", "سیاست‌ها"),
    "experiment": ("experiments", "آزمایش‌ها"),
    "calibration": ("calibrations", "واسنجی‌ها"),
    "plan": ("plans of studies", "برنامه‌های پژوهش"),
    "figure": ("figures of the paper", "شکل‌های مقاله"),
}

_OUTCOMES = (
    "outcomes (g: also of groups, n: also of neighbourhoods)",
    "پیامدها (گ: برای گروه‌ها نیز، م: برای محله‌ها نیز)",
)
_MARKS = {"group": ("g", "گ"), "neighbourhood": ("n", "م")}


def listing(
    kind: Annotated[
        Literal["city", "policy", "experiment", "calibration", "plan", "figure", "outcome"] | None,
        typer.Argument(
            metavar="[KIND]",
            help="city, policy, experiment, calibration, plan or figure; all of these if none. Or: outcome.",
        ),
    ] = None,
    language: Lang = "en",
    debug: Debug = False,
) -> None:
    """List the files that come with the program, or the outcomes of the model: their names and titles."""
    if kind == "outcome":
        return _outcomes(language)
    from experiments.languages import which
    from sim.shipped import KINDS, folder_of, shipped
    from sim.yaml_text import read_yaml

    for one in KINDS if kind is None else (kind,):
        say(which(_HEADINGS[one], language))
        found = shipped(one)
        width = max(map(len, found), default=0)
        for name, file in found.items():
            data = read_yaml(file).data
            title = (data.get("city", {}) if one == "city" else data).get("title", {}).get(language, "")
            say(f"  {name:<{width}}  {title}".rstrip())
    say(f"{which(('Files', 'پرونده‌ها'), language)}: {folder_of()}")


def _outcomes(language: Lang) -> None:
    """Print the outcomes that an experiment may ask for, with their names in words and of whom else there are any."""
    from experiments.languages import which
    from experiments.units import in_words
    from sim.extension import tables_of

    declared = tables_of(())
    say(which(_OUTCOMES, language))
    tables = {which(mark, language): set(declared[name].asked) for name, mark in _MARKS.items()}
    asked = declared["city"].asked
    width = max(map(len, asked))
    for name in asked:
        marks = "".join(mark if name in names else " " for mark, names in tables.items())
        words = in_words(name, language)
        say(f"  {name:<{width}}  {marks}  {words if words != name else ''}".rstrip())
