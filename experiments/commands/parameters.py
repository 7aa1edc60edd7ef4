"""`mahalle parameters`: print the register of assumptions."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, OutFile


def parameters(
    layout: Annotated[Literal["md", "csv", "json"], typer.Option("--format", help="Layout of the table.")] = "md",
    out: OutFile = None,
    debug: Debug = False,
) -> None:
    """List every parameter: meaning, unit, value, range, source, evidence tag and the effect it is expected to have."""
    from experiments.folders import print_or_write
    from experiments.register import FORMATS

    print_or_write(FORMATS[layout](), out)
