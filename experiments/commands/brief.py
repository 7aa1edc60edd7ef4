"""`mahalle brief`: the answer of a comparison on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.importing import imported_for_good
from experiments.commands.options import Debug


def brief(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="Folder of mahalle compare.")],
    language: Annotated[Literal["en", "fa"], typer.Option("--lang", help="Language.")] = "en",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The HTML file  [default: RESULT/brief.LANG.html]")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only errors.")] = False,
    debug: Debug = False,
) -> None:
    """Write a comparison as a brief for people who decide: one HTML file, one A4 page for each policy."""
    with imported_for_good():
        from experiments.brief.command import Request, carry_out

    carry_out(Request(result, language, out, quiet))
