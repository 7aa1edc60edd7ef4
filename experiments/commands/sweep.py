"""`mahalle sweep`, `mahalle merge` and `mahalle verify`: many cities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.importing import imported_for_good
from experiments.commands.options import Debug, end

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a sweep.")]


def sweep(
    experiment: Annotated[Path, typer.Argument(metavar="EXPERIMENT", help="Experiment, a YAML file.")],
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Runs at a time.")] = None,
    executor: Annotated[
        str, typer.Option("--executor", metavar="NAME", help="Where runs are done: processes, dask or mpi.")
    ] = "processes",
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://node1:8786.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="K/N", help="Do part K of N, as one of a job array.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The sweep's folder  [default: results/NAME]")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, without what is in the folder.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Do runs that failed again.")] = False,
    accept_code_change: Annotated[
        bool, typer.Option("--accept-code-change", help="Go on with another version of the model; runs are labelled.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many runs, how long, how much disk.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    debug: Debug = False,
) -> None:
    """Run a design; what is finished in the folder already is not done again."""
    if executor == "processes" and not dry_run:
        from experiments.sweeps.fork_server import start_early

        start_early()  # before the imports that follow, which take as long as its own
    with imported_for_good():
        import mesa  # noqa: F401  # first, see PRELOADED

        from experiments.sweeps.command import Request, carry_out_request

    request = Request(
        experiment=experiment,
        out=out,
        workers=workers,
        executor=executor,
        scheduler=scheduler,
        shard=shard,
        fresh=fresh,
        accept_code_change=accept_code_change,
        retry_failed=retry_failed,
        dry_run=dry_run,
        quiet=quiet,
    )
    end(sound=carry_out_request(request))


def merge(folder: Folder, debug: Debug = False) -> None:
    """Put the tables together from the parts there are."""
    from experiments.sweeps.command import report
    from experiments.sweeps.tables import merge as put_together

    found = put_together(folder)
    typer.echo(report(found))
    if len(found.failures) or not found.complete:
        raise typer.Exit(1)


def verify(
    folder: Folder,
    sample: Annotated[int, typer.Option("--sample", metavar="N", min=0, help="Runs to do again.")] = 5,
    debug: Debug = False,
) -> None:
    """Hash all files of a sweep again, and do a sample of its runs again."""
    from experiments.sweeps.verifying import verify as look

    verdict = look(folder, sample=sample)
    for line in (*verdict.faults, *verdict.notes):
        typer.echo(line, err=True)
    runs = ", ".join(map(str, verdict.repeated)) or "none"
    count = len(verdict.faults)
    faults = f"{count or 'no'} fault{'' if count == 1 else 's'}"
    typer.echo(f"{verdict.files} files hashed, runs done again: {runs}; {faults}")
    if verdict.faults:
        typer.echo("the sweep's command, given again, does damaged runs again and makes the tables anew", err=True)
        raise typer.Exit(1)
