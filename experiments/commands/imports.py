"""`mahalle import`: an election from an export of a participation platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.completion import names_of
from experiments.commands.options import Debug
from experiments.escaping import say


def import_(
    platform: Annotated[Literal["decidim", "consul"], typer.Argument(help="Where the export comes from.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Its projects, as CSV or JSON.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new folder, or an empty one.")],
    budget: Annotated[
        list[str] | None,
        typer.Option(
            "--budget",
            metavar="[BUDGET=]AMOUNT",
            help="Money of the election; where there are several budgets, of each that is wanted.",
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            metavar="NAME=OURS",
            help="What a category of the export is in a city: roads, green, sport, culture, waste or health.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=COLUMN",
            help="Which column says the id, title, cost, votes, category, budget, selected or created.",
        ),
    ] = None,
    locale: Annotated[
        str | None,
        typer.Option("--locale", metavar="LANGUAGE", help="Language of titles and categories, such as es."),
    ] = None,
    city: Annotated[
        str | None,
        typer.Option(
            "--city",
            metavar="CITY",
            help="City that is to hold the elections, by file or name  [default: a city like Rafsanjan]",
            show_default=False,
            autocompletion=names_of("city"),
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Make elections of an export of Decidim or Consul: totals of votes for mahalle count, and for a city."""
    from experiments.platforms.command import carry_out

    for line in carry_out(platform, file, budget or [], out, column or [], category or [], locale, city):
        say(line)
