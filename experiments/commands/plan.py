"""`mahalle plan lock`, `mahalle plan show` and `mahalle report`: a plan that is locked before its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.commands.importing import imported_for_good, starting_early
from experiments.commands.options import Debug, Lang, end
from experiments.escaping import say
from experiments.study.options import Options, offering

File = Annotated[
    Path, typer.Argument(metavar="PLAN", help="Plan: a YAML file, or a name.", autocompletion=names_of("plan"))
]

FOLDER = "results/plan-NAME; results/NAME if NAME begins with plan"

app = typer.Typer(help="Lock a plan before its runs, or show what was locked.", no_args_is_help=True)


@app.command("lock")
def lock(
    plan: File,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help=f"Folder of the runs  [default: {FOLDER}]")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write digests of plan, experiment, data and model beside the plan; refused once there are runs."""
    from experiments.plan.command import lock as lock_plan

    say(lock_plan(plan, out))


@app.command("show")
def show(plan: File, language: Lang = "en", debug: Debug = False) -> None:
    """Show what was locked and what has changed since; status 1 if anything has."""
    from experiments.plan.command import show as show_plan

    text, unchanged = show_plan(plan, language)
    say(text)
    end(sound=unchanged)


@offering("workers", "executor", "scheduler", "csv", "language", out="results/audit-NAME")
def audit(
    plan: File,
    replications: Annotated[
        int | None, typer.Option("--replications", metavar="N", min=2, help="Of each way  [default: the experiment's]")
    ] = None,
    *,
    options: Options,
) -> bool:
    """Ask a plan's hypotheses again in ways that should not matter; status 1 if a conclusion is fragile."""
    starting_early(options)
    with imported_for_good():
        from experiments.audit.command import Request, carry_out

    return carry_out(Request(plan=plan, replications=replications, **options))


@offering(
    "workers", "executor", "scheduler", "fresh", "retry_failed", "accept_code_change", "csv", "language",
    out=FOLDER,
)  # fmt: skip
def report(
    plan: File,
    *,
    options: Options,
) -> bool:
    """Do the runs of a locked plan and answer each hypothesis; status 1 if anything departs from the plan."""
    starting_early(options)
    with imported_for_good():
        from experiments.plan.command import Request, carry_out

    return carry_out(Request(plan=plan, **options))
