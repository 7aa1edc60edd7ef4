"""`mahalle parameters`: print the register of assumptions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, OutFile


def parameters(
    layout: Annotated[Literal["md", "csv", "json"], typer.Option("--format", help="Layout of the table.")] = "md",
    sensitivity: Annotated[
        Path | None,
        typer.Option(
            "--sensitivity",
            metavar="PATH",
            help="Add each one's sensitivity from a screening: a sweep's folder, or results/reference/sensitivity.csv.",
        ),
    ] = None,
    extension: Annotated[
        list[str] | None,
        typer.Option(
            "--extension", metavar="FILE.py:NAME", help="Add the parameters of an extension; may be repeated."
        ),
    ] = None,
    out: OutFile = None,
    debug: Debug = False,
) -> None:
    """List every parameter: meaning, unit, value, range, source, evidence tag and expected effect."""
    from experiments.folders import print_or_write
    from experiments.register import FORMATS, NOTHING_MORE
    from sim.config import class_of

    kind = class_of({"extensions": extension or []}, ".", source="--extension")
    more = NOTHING_MORE
    if sensitivity is not None:
        from experiments.sensitivity.screened import more_of, read_screening

        found = read_screening(sensitivity)
        more = more_of(found, kind)
        if not found.is_current(kind):
            typer.echo(f"{sensitivity}: the model has changed since these runs ({found.provenance['date']})", err=True)
    print_or_write(FORMATS[layout](more, kind), out)
