"""`mahalle figures` and `mahalle reproduce`: the paper's figures, and all of it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.commands.importing import imported_for_good, starting_early
from experiments.study.options import Options, offering

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME]...", help="Figures by name or number; all if none.", autocompletion=names_of("figure")
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option("--figures", metavar="DIR", help="Folder of the figures' files  [default: those of the program]"),
]
Quick = Annotated[bool, typer.Option("--quick", help="Few replications or small cities: a trial, not findings.")]
OUT = "results/paper, or results/paper-quick"


@offering("workers", "executor", "scheduler", "dry_run", out=OUT)
def figures(names: Names = None, folder: Folder = None, quick: Quick = False, *, options: Options) -> bool:
    """Make the paper's figures and do the runs that they lack; what is up to date stays."""
    starting_early(options)
    with imported_for_good():
        from experiments.paper.command import Request, carry_out_figures

    return carry_out_figures(Request(names=tuple(names or ()), figures=folder, quick=quick, **options))


@offering("workers", "executor", "scheduler", "dry_run", "fresh", out="results/reproduced, or results/reproduced-quick")
def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME|PICTURE]...",
            help="Figures by name or number; or pictures.",
            autocompletion=names_of("figure"),
        ),
    ] = None,
    folder: Folder = None,
    quick: Quick = False,
    check: Annotated[bool, typer.Option("--check", help="Compare with the reference; status 1 if it differs.")] = False,
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference",
            metavar="DIR",
            help="Tables to compare with  [default: the project's; with --figures those in results/paper]",
        ),
    ] = None,
    *,
    options: Options,
) -> bool:
    """Make the paper's figures again and compare them with the reference, or one picture with itself."""
    starting_early(options)
    with imported_for_good():
        from experiments.paper.command import Request, carry_out_reproduce

    return carry_out_reproduce(
        Request(names=tuple(names or ()), figures=folder, quick=quick, check=check, reference=reference, **options)
    )
