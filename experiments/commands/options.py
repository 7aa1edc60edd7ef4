"""Options and endings that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

Debug = Annotated[bool, typer.Option("--debug", help="Show Python's traceback when something fails.")]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file, not to the screen.")]


def resumable(command: str, interruption: type[Exception], work: Callable[[], bool]) -> None:
    """Do work that can be taken up again; interrupted, it says so in a line, and the status is 1 as when it failed."""
    try:
        sound = work()
    except interruption as found:
        typer.echo(f"mahalle {command}: {found}", err=True)
        sound = False
    if not sound:
        raise typer.Exit(1)
