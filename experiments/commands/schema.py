"""`mahalle schema`: print the JSON Schema by which editors check and complete files."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, OutFile

HEADS = ('"title": "Mahalle: ',)
"""This stands near the beginning of every schema."""


def schema(
    kind: Annotated[
        Literal["city", "policy", "experiment", "calibration", "plan", "figure"],
        typer.Argument(metavar="[KIND]", help="city, policy, experiment, calibration, plan or figure."),
    ] = "city",
    out: OutFile = None,
    debug: Debug = False,
) -> None:
    """Print the JSON Schema of a kind of file, with descriptions, bounds and units, for editors."""
    from experiments.folders import print_or_write
    from experiments.schemas import text_of

    print_or_write(text_of(kind), out, HEADS)
