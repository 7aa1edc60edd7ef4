"""`mahalle list`: what comes with the program, by name."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug
from experiments.escaping import say

_HEADINGS = {
    "city": ("cities", "شهرها"),
    "policy": ("policies", "سیاست‌ها"),
    "experiment": ("experiments", "آزمایش‌ها"),
    "calibration": ("calibrations", "واسنجی‌ها"),
    "plan": ("plans of studies", "برنامه‌های پژوهش"),
    "figure": ("figures of the paper", "شکل‌های مقاله"),
}


def listing(
    kind: Annotated[
        Literal["city", "policy", "experiment", "calibration", "plan", "figure"] | None,
        typer.Argument(metavar="[KIND]", help="city, policy, experiment, calibration, plan or figure; all if none."),
    ] = None,
    language: Annotated[Literal["en", "fa"], typer.Option("--lang", help="Language of the titles.")] = "en",
    debug: Debug = False,
) -> None:
    """List the cities, policies and other files that come with the program: their names and titles."""
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
