"""`mahalle plan` and `mahalle report`, step by step: lock, run, verify, answer, print."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from experiments.escaping import say
from experiments.folders import folder_for, write_text_atomically
from experiments.manifest import manifest_in
from experiments.plan.lock import read_lock, write_lock
from experiments.plan.plan import Plan, load_plan
from experiments.plan.report import COPY, report_of, report_path
from experiments.plan.text import as_markdown, files_in_words, what_is_locked
from experiments.results import write_table_atomically
from experiments.study import request as study
from experiments.study.store import forget_results, note_results
from experiments.study.verifying import verify
from experiments.study.watching import announce_compiling, watching
from experiments.sweeps.runner import run
from experiments.sweeps.tables import load
from sim.errors import ConfigError
from sim.outcome import Language

REPEATED = 2
"""Runs that a report does again to see that they give the same numbers."""

TABLE, EXPLORATORY = "hypotheses.parquet", "not_planned.parquet"
WRITTEN = ["report.en.md", "report.fa.md", TABLE, EXPLORATORY]


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle report`."""

    plan: Path


def _altered(folder: Path) -> list[str]:
    """What was altered in a finished folder; looked for before runs are resumed, which would mend it in silence."""
    finished = "files" in (manifest_in(folder) or {})
    return list(verify(folder, sample=0).faults) if finished else []


def folder_of(plan: Plan) -> Path:
    """Folder of a plan's runs, by default."""
    return folder_for("plan", plan.name)


def lock(path: Path, out: Path | None) -> str:
    """Lock a plan and say so.

    Raises:
        ConfigError: the plan is faulty, is locked already, or has runs.
    """
    plan = load_plan(path)
    made = write_lock(plan, out if out is not None else folder_of(plan))
    count = len(plan.form.hypotheses)
    return (
        f"{made.path}: locked, {count} {'hypothesis' if count == 1 else 'hypotheses'}\n"
        f"digest {made.digest}\nPublish this digest now: it alone shows later that the plan came before the runs."
    )


def show(path: Path, language: Language = "en") -> tuple[str, bool]:
    """What a plan says, and whether all is as it was locked.

    Args:
        path: the plan.
        language: English or Persian.

    Raises:
        ConfigError: the plan is faulty or not locked.
    """
    plan = load_plan(path)
    return what_is_locked(plan, read_lock(plan), language)


def carry_out(request: Request) -> bool:
    """Do the runs of a plan that are missing, verify them, answer the hypotheses; whether all is as it was locked.

    Raises:
        ConfigError: the plan is faulty or not locked, or the folder cannot be used.
        StoppedEarlyError: it was interrupted.
    """
    plan = load_plan(request.plan)
    locked = read_lock(plan)
    folder = request.out if request.out is not None else folder_of(plan)
    begun = folder.exists() and any(folder.iterdir())
    if begun:
        forget_results(folder, WRITTEN)  # what is written anew below is no change of what was locked
    altered = _altered(folder) if begun else []
    if not begun:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(locked.path, folder / COPY)
    announce_compiling(quiet=request.quiet, language=request.language)
    with (
        request.open_executor() as (executor, workers),
        watching(quiet=request.quiet, language=request.language) as watch,
    ):
        try:
            run(
                plan.experiment, out=folder, executor=executor, workers=workers, fresh=request.fresh,
                retry_failed=request.retry_failed, accept_code_change=request.accept_code_change, watch=watch,
            )  # fmt: skip
        except ConfigError:
            if not begun:
                shutil.rmtree(folder, ignore_errors=True)
            raise
    if request.fresh:
        shutil.copyfile(locked.path, folder / COPY)
    verdict = verify(folder, sample=REPEATED)
    found = report_of(plan, locked, load(folder), verdict, altered)
    write_table_atomically(found.table, folder / TABLE, csv=request.csv)
    write_table_atomically(found.exploratory, folder / EXPLORATORY, csv=request.csv)
    for language in ("en", "fa"):
        write_text_atomically(report_path(folder, language), as_markdown(found, language))
    note_results(folder, WRITTEN)
    if not request.quiet:
        say(as_markdown(found, request.language))
        say(files_in_words(folder, WRITTEN, request.language))
    return found.as_planned
