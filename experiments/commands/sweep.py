"""`mahalle sweep`, `mahalle merge` and `mahalle verify`: many cities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.commands.importing import imported_for_good, starting_early
from experiments.commands.options import Debug
from experiments.escaping import safe
from experiments.study.options import KEPT, PARALLEL, Options, offering


@offering(*PARALLEL, *KEPT, "shard", "accept_code_change", "dry_run", "csv", "language", out="results/NAME")
def sweep(
    experiment: Annotated[
        Path,
        typer.Argument(
            metavar="EXPERIMENT",
            help="Experiment: a YAML file, or a name.",
            autocompletion=names_of("experiment"),
        ),
    ],
    options: Options,
) -> bool:
    """Run a design of experiments; resume from the runs already finished in the folder."""
    starting_early(options)
    with imported_for_good():
        import mesa  # noqa: F401  # first, see PRELOADED

        from experiments.sweeps.command import Request, carry_out_request

    return carry_out_request(Request(experiment=experiment, **options))


def merge(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a sweep.")], debug: Debug = False
) -> None:
    """Merge the finished shards of a sweep into its tables."""
    from experiments.sweeps.report import report
    from experiments.sweeps.tables import merge as put_together

    found = put_together(folder)
    typer.echo(safe(report(found)))
    if len(found.failures) or not found.complete:
        raise typer.Exit(1)


def verify(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of a sweep, a comparison, an analysis, a calibration, a run.")
    ],
    sample: Annotated[int, typer.Option("--sample", metavar="N", min=0, help="Number of runs to repeat.")] = 5,
    debug: Debug = False,
) -> None:
    """Check the digests of all files of a result, and repeat a random sample of its runs."""
    from experiments.study.verifying import verify as look

    verdict = look(folder, sample=sample)
    for line in (*verdict.faults, *verdict.notes):
        typer.echo(safe(line), err=True)
    runs = ", ".join(map(str, verdict.repeated)) or "none"
    count = len(verdict.faults)
    faults = f"{count or 'no'} fault{'' if count == 1 else 's'}"
    typer.echo(f"{verdict.files} files hashed, runs repeated: {runs}; {faults}")
    if verdict.faults:
        typer.echo(safe(verdict.advice), err=True)
        raise typer.Exit(1)
