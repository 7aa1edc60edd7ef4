"""`mahalle run`: simulate one city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.commands.importing import imported_for_good
from experiments.commands.options import Debug, Lang


def run(
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="CITY",
            help="City: a YAML file, or a name.",
            show_default=False,
            autocompletion=names_of("city"),
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of the luck: what happens. 0 is a seed.")
    ] = None,
    place_seed: Annotated[
        int | None,
        typer.Option("--place-seed", metavar="N", help="Seed of the place: map, services, people and ties."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set one key, such as policy.hub.kinds=[school]; repeatable."),
    ] = None,
    weeks: Annotated[int | None, typer.Option("--weeks", metavar="N", help="Weeks to simulate.")] = None,
    scale: Annotated[
        float | None, typer.Option("--scale", metavar="S", help="Agents as a share of residents, such as 0.1.")
    ] = None,
    policies: Annotated[
        list[Path] | None,
        typer.Option(
            "--policy",
            metavar="POLICY",
            help="Policy, file or name, put on the timeline; repeatable.",
            autocompletion=names_of("policy"),
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="DIR",
            help="Not a config but results: of a run, to branch off (needs --week), or of a sweep (needs --run-id).",
        ),
    ] = None,
    run_id: Annotated[
        int | None, typer.Option("--run-id", metavar="N", min=0, help="Which run of the sweep to repeat.")
    ] = None,
    week: Annotated[
        int | None,
        typer.Option("--week", metavar="N", min=1, help="Branch off: --policy is in force from this week on."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Result folder  [default: results/NAME[-POLICIES][-placeN]-seedN[-SETTINGS]]"
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace the results of another run in the folder.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write the tables as CSV too.")] = False,
    no_figure: Annotated[bool, typer.Option("--no-figure", help="Leave overview.png out.")] = False,
    vector: Annotated[bool, typer.Option("--vector", help="Write the figure as PDF and SVG too.")] = False,
    language: Lang = "en",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    debug: Debug = False,
) -> None:
    """Simulate one city; print a summary; write tables, a manifest and a figure under results/."""
    if (config is None) == (source is None):
        both = config is not None
        raise typer.BadParameter(
            "name a city, or a folder with --from; not both"
            if both
            else "name a city, such as rafsanjan, or a folder of results with --from"
        )
    if source is None and (run_id, week) != (None, None):
        raise typer.BadParameter("--run-id and --week go with --from")
    if source is not None and run_id is None and week is None:
        raise typer.BadParameter("--from needs --run-id (of a sweep), or --week (from which to branch off)")
    with imported_for_good():
        import mesa  # noqa: F401  # first: it takes longer from below the model's own imports

        from experiments.single_run import Request, carry_out

    carry_out(
        Request(
            config=config,
            source=source,
            run_id=run_id,
            week=week,
            seed=seed,
            place_seed=place_seed,
            settings=tuple(settings or ()),
            weeks=weeks,
            scale=scale,
            policies=tuple(policies or ()),
            out=out,
            fresh=fresh,
            csv=csv,
            figure=not no_figure,
            vector=vector,
            language=language,
            quiet=quiet,
        )
    )
