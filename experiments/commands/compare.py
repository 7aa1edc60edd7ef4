"""`mahalle compare`: compare policies with a base policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.commands.importing import imported_for_good, starting_early
from experiments.study.options import KEPT, PARALLEL, Options, offering


@offering(
    *PARALLEL, *KEPT, "accept_code_change", "dry_run", "csv", "language",
    out="results/compare-CITY-BASE-POLICIES[-SETTINGS]",
)  # fmt: skip
def compare(
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE",
            help="Policy: a file, a name, as_is for the city as it is, or levers: policy.KEY=VALUE+policy.KEY=VALUE; "
            "levers may follow a policy: NAME+policy.KEY=VALUE.",
            autocompletion=names_of("policy", more=("as_is",)),
        ),
    ],
    policies: Annotated[
        list[str],
        typer.Argument(
            metavar="POLICY…",
            help="Policies to compare with it, likewise.",
            autocompletion=names_of("policy", more=("as_is",)),
        ),
    ],
    city: Annotated[
        Path | None,
        typer.Option(
            "--city",
            metavar="CITY",
            help="City: a YAML file, or a name  [default: rafsanjan]",
            autocompletion=names_of("city"),
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set one key of the city under all policies; repeatable."),
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", metavar="N", help="Runs of each policy, at most.")
    ] = 20,
    scale: Annotated[float, typer.Option("--scale", metavar="S", help="Agents as a share of residents.")] = 0.1,
    weeks: Annotated[int | None, typer.Option("--weeks", metavar="N", help="Weeks to simulate.")] = None,
    at: Annotated[
        list[int] | None,
        typer.Option(
            "--at",
            metavar="WEEK",
            help="Week to compare at; repeatable  [default: quarters; groups: years]",
        ),
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
            help="Decompose the gap by channel of the model: 4 runs per channel and 4 more in each replication.",
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
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Root of the random seeds.")] = 0,
    no_figure: Annotated[bool, typer.Option("--no-figure", help="Draw no figures.")] = False,
    *,
    options: Options,
) -> bool:
    """Compare policies with common random numbers: the answer in words, differences, who loses and who gains."""
    starting_early(options)
    with imported_for_good():
        import mesa  # noqa: F401  # first, see PRELOADED

        from experiments.contrasts.command import Request, carry_out
        from sim.shipped import CITY

    request = Request(
        base=base,
        policies=tuple(policies),
        city=CITY if city is None else city,
        settings=tuple(settings or ()),
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
        figure=not no_figure,
        **options,
    )
    return carry_out(request)
