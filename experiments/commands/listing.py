"""`mahalle list`: what comes with the program, by name."""

from __future__ import annotations

from typing import Annotated

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
_DRAWINGS = (
    "drawings of figures, with the keys of their options (type; what holds if they are left out)",
    "ترسیم‌های شکل‌ها، با کلیدهای گزینه‌هایشان (نوع؛ مقدار پیش‌فرض)؛ توضیح‌ها به انگلیسی است",
)
_MARKS = {"group": ("g", "گ"), "neighbourhood": ("n", "م")}


DRAWING, OUTCOME = "drawing", "outcome"
"""What is listed besides files."""

WORDS = {kind: head.partition(" ")[0] for kind, (head, _) in _HEADINGS.items()} | {
    OUTCOME: "outcomes",
    DRAWING: "drawings",
}
"""Kinds and their plurals, by which they may be asked for, too."""


def _kind(text: str) -> str:
    """The kind that is asked for, in the singular or the plural."""
    for kind, plural in WORDS.items():
        if text in (kind, plural):
            return kind
    from sim.reading import nearest
    from sim.wording import printable

    hint = nearest(text, [*WORDS, *WORDS.values()])
    raise typer.BadParameter(f'no such kind: "{printable(text)}"{hint or f"; there are: {', '.join(WORDS)}"}')


def listing(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[KIND]",
            help="city, policy, experiment, calibration, plan or figure; all of these if none. Or: outcome, drawing.",
            parser=_kind,
            autocompletion=lambda incomplete: [kind for kind in WORDS if kind.startswith(incomplete)],
        ),
    ] = None,
    language: Lang = "en",
    debug: Debug = False,
) -> None:
    """List the files that come with the program, the outcomes of the model, or the drawings of figures."""
    if kind == OUTCOME:
        return _outcomes(language)
    if kind == DRAWING:
        return _drawings(language)
    from experiments.languages import which
    from sim.shipped import KINDS, folder_of, shipped
    from sim.yaml_text import read_yaml

    for one in [one for one in KINDS if kind in (None, one)]:
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


def _drawings(language: Lang) -> None:
    """Print the drawings that a figure's file may ask for, each with its options."""
    from experiments.languages import which
    from experiments.paper.described import described, file_of

    say(which(_DRAWINGS, language))
    for drawing in described():
        say(f"  {drawing.name}: {drawing.summary}")
        say(f"    data: {drawing.data}, {file_of(drawing.data)}; width: {drawing.widths}")
        for key in drawing.options:
            say(f"    {key.name} ({key.what}; {key.default}): {key.meaning}")
