"""`mahalle archive`: one zip with the paper's figures and all that reproduces them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.options import Debug


def archive(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the paper's results  [default: results/paper]")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The zip  [default: DIR's name in this folder, as in ./paper.zip]"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The quick form: few replications or small cities.")] = False,
    wheels: Annotated[
        Path | None,
        typer.Option("--wheelhouse", metavar="DIR", help="Add wheels, for a machine without network."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Write source, configs, tables, figures and descriptions into one zip; refused if the model has moved on."""
    from experiments.archive.command import Request, carry_out

    carry_out(Request(folder=folder, out=out, quick=quick, wheels=wheels))
