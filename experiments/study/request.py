"""Arguments common to all studies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from experiments.study.executors import Submits, executor_named
from sim.outcome import Language


@dataclass(frozen=True, kw_only=True)
class Request:
    """Arguments common to all studies; an analysis adds its own. None means the default.

    Attributes:
        out: folder.
        workers: parallel runs.
        executor, scheduler: where runs are done: processes, dask or mpi; address of a Dask scheduler.
        shard: ``k/n``, part k of n of the runs.
        fresh: start again.
        retry_failed: repeat runs that failed.
        accept_code_change: resume with another version of the model.
        dry_run: say how many runs, how long, how much disk, and do nothing.
        csv: write the tables as CSV too.
        language: of what is printed.
        quiet: print only errors.
    """

    out: Path | None = None
    workers: int | None = None
    executor: str = "processes"
    scheduler: str | None = None
    shard: str | None = None
    fresh: bool = False
    retry_failed: bool = False
    accept_code_change: bool = False
    dry_run: bool = False
    csv: bool = False
    language: Language = "en"
    quiet: bool = False

    @contextmanager
    def open_executor(self) -> Iterator[tuple[Submits, int]]:
        """The executor that was asked for, and number of tasks that it runs in parallel.

        Raises:
            ConfigError: there is no such executor, or the package it needs is not installed.
        """
        with executor_named(self.executor, workers=self.workers, scheduler=self.scheduler) as found:
            yield found
