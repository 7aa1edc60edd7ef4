"""`mahalle count`: count a real election."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, Lang


def count(
    file: Annotated[Path, typer.Argument(metavar="FILE.pb", help="Election in the format of Pabulib.")],
    rule: Annotated[Literal["greedy", "equal-shares"], typer.Option("--rule", help="How ballots are counted.")],
    completion: Annotated[
        Literal["add1", "none"] | None,
        typer.Option(
            "--completion", help="How Equal Shares spends the remaining budget  [default: add1]", show_default=False
        ),
    ] = None,
    layout: Annotated[Literal["text", "json"], typer.Option("--format", help="Layout of the result.")] = "text",
    language: Lang = "en",
    debug: Debug = False,
) -> None:
    """Count an election by a rule of the councils; print winners, spending and agreement with the official result."""
    if completion is not None and rule == "greedy":
        raise typer.BadParameter("--completion goes with --rule equal-shares")
    from experiments.counting import FORMATS

    typer.echo(FORMATS[layout](file, rule, completion or "add1", language), nl=False)
