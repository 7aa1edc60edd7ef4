"""`mahalle sensitivity`: which assumptions matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.completion import names_of
from experiments.study.options import KEPT, PARALLEL, Options, offering


@offering(*PARALLEL, *KEPT, "accept_code_change", "dry_run", "csv", "language", out="results/NAME")
def sensitivity(
    experiment: Annotated[
        Path,
        typer.Argument(
            metavar="EXPERIMENT",
            help="Experiment (file or name) of the design morris or sobol, or a sweep's folder.",
            autocompletion=names_of("experiment"),
        ),
    ],
    sobol: Annotated[
        int | None,
        typer.Option("--sobol", metavar="N", min=2, help="After a screening: Sobol' with N samples, a power of two."),
    ] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Also Sobol' indices of pairs; nearly double.")] = False,
    at_least: Annotated[
        float | None,
        typer.Option("--at-least", metavar="SHARE", min=0.0, max=1.0,
                     help="Sobol' for factors with this share of the largest mu_star of an outcome  [default: 0.1]"),
    ] = None,
    at_most: Annotated[
        int | None,
        typer.Option("--at-most", metavar="N", min=1, help="Sobol' for at most this many factors  [default: 10]"),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="POLICY", help="Analyse differences from this policy of the experiment."),
    ] = None,
    luck: Annotated[
        int,
        typer.Option("--luck", metavar="N", min=0,
                     help="With one replication: measure the noise by repeating N of the points three times."),
    ] = 0,
    failed: Annotated[
        Literal["refuse", "drop"],
        typer.Option("--failed", help="Sobol' with failed runs: refuse, or drop the blocks with failed runs."),
    ] = "refuse",
    *,
    options: Options,
) -> bool:  # fmt: skip
    """Find the assumptions that matter by Morris screening, then Sobol' indices; do only the missing runs."""
    from experiments.sensitivity.command import Request, carry_out

    request = Request(
        experiment=experiment,
        sobol=sobol,
        pairs=pairs,
        at_least=at_least,
        at_most=at_most,
        base=base,
        luck=luck,
        gaps=failed,
        **options,
    )
    return carry_out(request)
