"""Options and endings that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Debug = Annotated[bool, typer.Option("--debug", help="Show Python's traceback when something fails.")]
Lang = Annotated[
    Literal["en", "fa"],
    typer.Option(
        "--lang",
        help="Language of what is printed and drawn: English or Persian. Keys, names and tables of files, and "
        "errors are English.",
    ),
]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file, not to the screen.")]


def end(*, sound: bool) -> None:
    """End a command with status 1 if something failed."""
    if not sound:
        raise typer.Exit(1)
