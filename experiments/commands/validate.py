"""`mahalle validate`: the 28 patterns of a city over replications."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.study.options import KEPT, PARALLEL, Options, offering


@offering(
    *PARALLEL, *KEPT, "dry_run", "csv", "language", out="results/validation-NAME[-own-places][-patterns-N…][-SETTINGS]"
)
def validate(
    config: Annotated[
        Path,
        typer.Argument(
            metavar="CITY",
            help="City: a YAML file, or a name.",
            show_default=False,
            autocompletion=names_of("city"),
        ),
    ],
    replications: Annotated[
        int, typer.Option("--replications", metavar="N", min=1, help="How many seeds; a verdict needs at least 3.")
    ] = 10,
    scale: Annotated[float, typer.Option("--scale", metavar="S", help="Agents as a share of residents.")] = 0.1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set one key, such as run.weeks=156; repeatable."),
    ] = None,
    patterns: Annotated[
        list[int] | None,
        typer.Option("--pattern", metavar="N", help="Judge this pattern only; repeatable. By default all 28 are."),
    ] = None,
    own_places: Annotated[
        bool,
        typer.Option("--own-places", help="Give each replication its own place; by default all use the config's."),
    ] = False,
    *,
    options: Options,
) -> bool:
    """Judge the 28 patterns, or some, over replications; print a table; write Markdown, Parquet and a figure."""
    from experiments.validation.command import Request, carry_out

    request = Request(
        config=config,
        replications=replications,
        scale=scale,
        settings=tuple(settings or ()),
        own_places=own_places,
        patterns=tuple(patterns or ()),
        **options,
    )
    carry_out(request)
    return True  # a pattern that is not met is a result, not a failure
