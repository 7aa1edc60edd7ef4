"""`mahalle schema`: print the JSON Schema by which editors check and complete configs."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, OutFile


def schema(
    kind: Annotated[Literal["city", "policy"], typer.Option("--kind", help="Kind of file it is for.")] = "city",
    out: OutFile = None,
    debug: Debug = False,
) -> None:
    """Print the JSON Schema of a config, with descriptions, bounds and units, for editors."""
    import json

    from experiments.folders import print_or_write
    from experiments.schemas import schema_of

    print_or_write(json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n", out)
