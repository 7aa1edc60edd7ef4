"""`mahalle compare`: policies beside a base."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.importing import imported_for_good
from experiments.commands.options import Debug, end


def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="Policy file; as_is for the city's config as it is.")],
    policies: Annotated[list[Path], typer.Argument(metavar="POLICY…", help="Policy files to compare with it.")],
    city: Annotated[Path, typer.Option("--city", metavar="CONFIG", help="City config.")] = Path(
        "configs/cities/rafsanjan.yaml"
    ),
    replications: Annotated[
        int, typer.Option("--replications", metavar="N", help="Runs of each policy, at most.")
    ] = 20,
    scale: Annotated[float, typer.Option("--scale", metavar="S", help="Agents as a share of residents.")] = 0.1,
    weeks: Annotated[int | None, typer.Option("--weeks", metavar="N", help="Weeks to simulate.")] = None,
    at: Annotated[
        list[int] | None,
        typer.Option("--at", metavar="WEEK", help="Week to compare at; repeatable  [default: every year and the last]"),
    ] = None,
    rank_by: Annotated[
        str, typer.Option("--rank-by", metavar="OUTCOME", help="Outcome whose last value ranks the policies.")
    ] = "trust_in_municipality",
    all_replications: Annotated[
        bool, typer.Option("--all-replications", help="Do not stop when the ranking is settled.")
    ] = False,
    mechanisms: Annotated[
        bool,
        typer.Option(
            "--mechanisms",
            help="Split the gap over the channels of the model: in each replication 4 runs a channel and 4 more.",
        ),
    ] = False,
    posterior: Annotated[
        Path | None,
        typer.Option("--posterior", metavar="FILE", help="Posterior of mahalle calibrate to draw the behaviour from."),
    ] = None,
    places: Annotated[
        int,
        typer.Option(
            "--places", metavar="N", min=1, help="Places to run each replication in; the city's is the first."
        ),
    ] = 1,
    place_seed: Annotated[
        int | None,
        typer.Option("--place-seed", metavar="N", min=0, help="Seed of the (first) place  [default: the city's]"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Root of the seeds of luck.")] = 0,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Runs at a time.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder  [default: results/compare-BASE-POLICIES]")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, without what is in the folder.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Do runs that failed again.")] = False,
    accept_code_change: Annotated[
        bool, typer.Option("--accept-code-change", help="Go on with another version of the model; runs are labelled.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write the tables as CSV too.")] = False,
    no_figure: Annotated[bool, typer.Option("--no-figure", help="Draw no figures.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    debug: Debug = False,
) -> None:
    """Compare policies on the same luck: differences with intervals, who gains and who loses."""
    from experiments.sweeps.fork_server import start_early

    start_early()  # before the imports that follow, which take as long as its own

    with imported_for_good():
        import mesa  # noqa: F401  # first, see PRELOADED

        from experiments.contrasts.command import Request, carry_out

    request = Request(
        base=base,
        policies=tuple(policies),
        city=city,
        replications=replications,
        scale=scale,
        weeks=weeks,
        at=tuple(at or ()),
        rank_by=rank_by,
        all_replications=all_replications,
        mechanisms=mechanisms,
        posterior=posterior,
        places=places,
        place_seed=place_seed,
        seed=seed,
        workers=workers,
        out=out,
        fresh=fresh,
        accept_code_change=accept_code_change,
        retry_failed=retry_failed,
        csv=csv,
        figure=not no_figure,
        quiet=quiet,
    )
    end(sound=carry_out(request))
