"""`mahalle sensitivity`: which assumptions matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, end


def sensitivity(
    experiment: Annotated[
        Path,
        typer.Argument(metavar="EXPERIMENT", help="Experiment with the design morris or sobol, or a sweep's folder."),
    ],
    sobol: Annotated[
        int | None,
        typer.Option("--sobol", metavar="N", min=2, help="After a screening: Sobol' with N samples, a power of two."),
    ] = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Sobol' indices of pairs, too; nearly double.")] = False,
    at_least: Annotated[
        float | None,
        typer.Option("--at-least", metavar="SHARE", min=0.0, max=1.0,
                     help="To Sobol' go factors with this share of the largest mu_star of an outcome  [default: 0.1]"),
    ] = None,
    at_most: Annotated[
        int | None,
        typer.Option("--at-most", metavar="N", min=1, help="Most factors that go to Sobol'  [default: 10]"),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="POLICY", help="Analyse differences from this policy of the experiment."),
    ] = None,
    luck: Annotated[
        int,
        typer.Option("--luck", metavar="N", min=0,
                     help="With one replication: measure luck by repeating N of the points three times."),
    ] = 0,
    failed: Annotated[
        Literal["refuse", "drop"],
        typer.Option("--failed", help="Sobol' with failed runs: refuse, or drop the blocks they stand in."),
    ] = "refuse",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The sweep's folder  [default: results/NAME]")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Runs at a time.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew; of a FOLDER, only the sweeps beside it.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Do runs that failed again.")] = False,
    accept_code_change: Annotated[
        bool, typer.Option("--accept-code-change", help="Go on with another version of the model; runs are labelled.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write the tables as CSV too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Find the assumptions that matter: Morris screening, then Sobol' indices; runs what is missing."""
    from experiments.sensitivity.command import Request, carry_out

    request = Request(
        experiment=experiment,
        out=out,
        sobol=sobol,
        pairs=pairs,
        at_least=at_least,
        at_most=at_most,
        base=base,
        luck=luck,
        gaps=failed,
        workers=workers,
        fresh=fresh,
        accept_code_change=accept_code_change,
        retry_failed=retry_failed,
        csv=csv,
        quiet=quiet,
    )
    end(sound=carry_out(request))
