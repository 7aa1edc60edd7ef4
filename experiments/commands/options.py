"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Debug = Annotated[bool, typer.Option("--debug", help="Show Python's traceback when something fails.")]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file, not to the screen.")]
