"""`mahalle discover`: where a policy fails."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.options import Debug, Lang


def discover(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a sweep.")],
    outcome: Annotated[str, typer.Option("--outcome", metavar="NAME", help="One of the sweep's outcomes.")],
    below: Annotated[
        float | None, typer.Option("--fails-below", metavar="X", help="The policy fails where the outcome is below X.")
    ] = None,
    above: Annotated[
        float | None, typer.Option("--fails-above", metavar="X", help="The policy fails where the outcome is above X.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", metavar="NAME", help="Which policy, if the sweep has several.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="NAME", help="Judge the difference from this policy; fails below 0 by default."),
    ] = None,
    confidence: Annotated[
        float,
        typer.Option("--confidence", metavar="C",
                     help="Confidence over replications with which a point must fail; 0.5 uses the mean alone."),
    ] = 0.95,
    boxes: Annotated[int, typer.Option("--boxes", metavar="N", min=1, max=10, help="Largest number of boxes.")] = 3,
    language: Lang = "en",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only errors.")] = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Scenario discovery (PRIM): find the ranges of assumptions in which a policy fails, as boxes in words."""
    from experiments.discovery.command import Request, carry_out

    carry_out(Request(folder, outcome, below, above, policy, base, confidence, boxes, language, quiet))
