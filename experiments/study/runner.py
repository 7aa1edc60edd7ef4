"""Distribute numbered runs to workers, record finished runs, and recover from failures."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from experiments.escaping import say
from experiments.interruption import StoppedEarlyError, reason_of, word_of
from experiments.study.executors import Processes, Submits
from experiments.study.shards import SCHEMA, SHARDS, Failure, Shard, name_of, write_shard
from experiments.study.store import Store

BATCH_SECONDS = 5.0
"""Target duration of a shard in seconds: the most that a killed worker loses."""

BATCH_RUNS = 500
"""Most runs of one shard."""

ATTEMPTS = 3
"""How often a worker may die in a run before the run counts as failed."""


RETRY = "--retry-failed"
"""The option by which failed runs are repeated."""

NO_WORKER = (
    "stopped: no worker could start; a script that calls experiments.run must do so under "
    'if __name__ == "__main__":, and a worker needs some 200 MB'
)


class Watch(Protocol):
    """Called with the progress of a sweep."""

    def __call__(self, progress: Progress, /) -> None:
        """Show it."""


@dataclass
class Progress:
    """How far a sweep is.

    Attributes:
        planned: runs of this part up to the next look of the stopping rule.
        at_most: runs if the stopping rule never ends them; 0 where there is no rule.
        done: runs that are finished, failed ones and those of earlier sweeps included.
        failed: runs that failed.
        found: of those done, runs that were there already.
        seconds: since the sweep began.
        values: where a stopping rule looks at an outcome, its values so far, by run.
    """

    planned: int = 0
    at_most: int = 0
    done: int = 0
    failed: int = 0
    found: int = 0
    seconds: float = 0.0
    values: Mapping[int, Any] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Runs a second; 0 before the first is finished."""
        return (self.done - self.found) / self.seconds if self.seconds > 0.0 else 0.0

    @property
    def left(self) -> float:
        """Seconds that the planned runs will still take; infinite before the first is finished."""
        return self._seconds_to(self.planned)

    @property
    def left_at_most(self) -> float:
        """Seconds that the runs will still take if the stopping rule never ends them."""
        return self._seconds_to(max(self.planned, self.at_most))

    def _seconds_to(self, runs: int) -> float:
        return (runs - self.done) / self.rate if self.rate > 0.0 else float("inf")


@dataclass(frozen=True)
class Receipt:
    """The result that a worker returns.

    Attributes:
        runs: numbers of the runs done.
        failed: how many of them failed.
        values: of each run that did not fail what decides whether more runs are needed.
        note: the line for the journal.
        seconds: time spent on the runs; 0 if their shard was there already.
    """

    runs: tuple[int, ...]
    failed: int
    values: Mapping[int, Any]
    note: dict[str, Any]
    seconds: float


@dataclass
class _Batch:
    """Runs of one task, and how often a worker died in them when no other task was running."""

    runs: tuple[int, ...]
    attempts: int = 0
    suspect: bool = False


class Runner:
    """Do numbered runs that are missing in the folder, in batches of a few seconds.

    Args:
        store: the folder, opened.
        executor: does the work.
        workers: number of tasks that it runs in parallel.
        order: from numbers of runs to the work that does them and writes their shard; the work can be pickled. May be
            set later.
        watch: called with the progress; without it no run that was found is spoken of, unless it failed.
        say: called with each message for the user.
        together: how many runs are handed out together at first, and a multiple of them later.
        seconds: what is handed out together takes about so long.
        kept: what is said to be kept where the work ends early.

    Attributes:
        progress: how far it is.
        values: what receipts said of the runs, by run.
    """

    def __init__(
        self,
        store: Store,
        executor: Submits,
        workers: int,
        order: Callable[[tuple[int, ...]], partial[Receipt]] | None = None,
        *,
        watch: Watch | None = None,
        say: Callable[[str], None] | None = None,
        together: int = 1,
        seconds: float = BATCH_SECONDS,
        kept: Callable[[], str] | None = None,
    ) -> None:
        self.order = order or _nothing_ordered
        self.progress = Progress()
        self.values: dict[int, Any] = {}
        self._store, self._executor, self._workers = store, executor, workers
        self._watch, self._say = watch, say or to_stderr
        self._together, self._seconds, self._kept = together, seconds, kept or self._runs_kept
        self._done: set[int] = set()
        self._begun = time.monotonic()
        self._seconds_per_run = 0.0
        self._again: deque[_Batch] = deque()
        self._suspects: deque[_Batch] = deque()
        self._expected: Callable[[], int] | None = None

    def take_stock(self, below: int | None = None) -> Iterator[Shard]:
        """Register the runs stored in the folder, report them, and yield their shards.

        Args:
            below: runs of higher numbers do not count.
        """
        store, progress = self._store, self.progress
        for shard in store.take_stock():
            for run in shard.runs:
                if (below is None or run < below) and run not in self._done and store.part.has(run):
                    self._done.add(run)
                    progress.done += 1
                    progress.failed += run in shard.failures
            yield shard
        for name in store.damaged:
            moved = "it is moved to damaged/ and its runs are repeated"
            self._say(f"{store.folder}/shards/{name} was altered or cut off; {moved}")
        for name in store.damaged_elsewhere:
            self._say(f"{store.folder}/shards/{name} was altered or cut off; its runs are another part's to do again")
        progress.found = progress.done
        failed = progress.failed
        if failed or (progress.found and self._watch is not None):  # who watches nothing wants to hear of faults only
            of_them = f", {failed:,} of them failed: {RETRY} repeats them" if failed else ""
            self._say(f"{progress.found:,} runs are there already{of_them}")

    # ---------------------------------------------------------------- handing out

    def do(
        self,
        runs: Iterable[int],
        enough: Callable[[], bool] | None = None,
        expected: Callable[[], int] | None = None,
    ) -> None:
        """Do those of the given runs that belong to this shard of the job array and are not done yet.

        Args:
            runs: their numbers, ascending; with `enough` as many as there might be.
            enough: asked after each receipt whether no more are needed.
            expected: how many more are expected to be needed, so that few are done in vain; what has no plan and no
                expectation is handed out a few seconds at a time.

        Raises:
            StoppedEarlyError: interrupted by a signal or because the disk is full.
        """
        if enough is None:
            runs = [run for run in runs if self._store.part.has(run)]
            self.progress.planned = len(runs)
        self._expected = expected
        waiting = (run for run in runs if run not in self._done and self._store.part.has(run))
        flying: dict[Future[Receipt], _Batch] = {}
        try:
            while not (enough is not None and enough()):
                while len(flying) < 2 * self._workers:
                    batch = self._next(waiting, flying)
                    if batch is None:
                        break
                    self._submit(batch, flying)
                if not flying:
                    break
                finished, _ = wait(flying, timeout=1.0, return_when=FIRST_COMPLETED)
                if not finished and getattr(self._executor, "lost", False):
                    raise self._stopped("stopped: the cluster's scheduler is gone")
                self._collect(finished, flying)
                self._tell()
            self._wait_for(flying)
            self._store.refuse_if_gone()
        except KeyboardInterrupt as interruption:
            what = word_of(interruption)
            self._wait_for(flying, f"{what}: finishing the running tasks; a second signal abandons them")
            raise self._stopped(what, interruption) from None
        except OSError as error:
            self._wait_for(flying)
            raise self._stopped(reason_of(error)) from error
        finally:
            for future in flying:
                future.cancel()

    def _submit(self, batch: _Batch, flying: dict[Future[Receipt], _Batch]) -> None:
        work = self.order(batch.runs)
        try:
            flying[self._executor.submit(work.func, *work.args)] = batch
        except BrokenExecutor:
            self._renew()
            flying[self._executor.submit(work.func, *work.args)] = batch

    def _next(self, waiting: Iterator[int], flying: dict[Future[Receipt], _Batch]) -> _Batch | None:
        """The next runs to submit: lost runs, then waiting runs; a run suspected of killing its worker runs alone.

        So many runs that they take a few seconds, and all workers end together. At first, when it is not known how long
        a run takes, as few as go together.
        """
        if any(batch.suspect for batch in flying.values()):
            return None
        if self._suspects:
            return None if flying else self._suspects.popleft()
        if self._again:
            return self._again.popleft()
        most, first = BATCH_RUNS, self._together
        if self._expected is not None:
            left = self._expected() - sum(len(batch.runs) for batch in flying.values())
            if left <= 0 and len(flying) >= self._workers:
                return None
            most = left // (2 * self._workers)
        elif self.progress.planned:
            most = (self.progress.planned - self.progress.done) // (3 * self._workers)
        size = first if self._seconds_per_run == 0.0 else int(self._seconds / self._seconds_per_run)
        size = max(1, min(size, BATCH_RUNS, most))
        size -= size % first if size > first else 0
        runs = []
        for run in waiting:
            runs.append(run)
            if len(runs) == size:
                break
        return _Batch(tuple(runs)) if runs else None

    # ---------------------------------------------------------------- taking back

    def _collect(self, finished: set[Future[Receipt]], flying: dict[Future[Receipt], _Batch]) -> None:
        lost = []
        for future in finished:
            batch = flying.pop(future)
            try:
                self._note(future.result())
            except (BrokenExecutor, CancelledError):
                lost.append(batch)
            except Exception as error:
                if type(error).__module__.partition(".")[0] != "distributed":
                    raise
                lost.append(batch)  # the cluster gave up on the task because its workers died
        if lost:
            if isinstance(self._executor, Processes) and not self._executor.began:
                raise self._stopped(NO_WORKER)
            if isinstance(self._executor, Processes):  # one dead process takes all that was handed out with it
                lost += flying.values()
                flying.clear()
            self._renew()
            for batch in lost:
                self._take_up_again(batch, alone=len(lost) == 1)

    def _renew(self) -> None:
        if isinstance(self._executor, Processes):
            self._executor.renew()

    def _take_up_again(self, batch: _Batch, *, alone: bool) -> None:
        """Resubmit the runs of a dead worker; a run counts as failed if its worker dies each time it runs alone.

        If the shard was already finished, the next worker finds it.
        """
        if len(batch.runs) > 1 and not (self._store.folder / SHARDS / name_of(batch.runs)).exists():
            half = len(batch.runs) // 2
            self._again.extend(_Batch(runs) for runs in (batch.runs[:half], batch.runs[half:]))
            return
        deaths = batch.attempts + alone
        if deaths < ATTEMPTS:
            self._say(f"a worker died; runs repeated: {', '.join(map(str, batch.runs))}")
            self._suspects.append(_Batch(batch.runs, deaths, suspect=True))
        else:
            self._give_up(batch.runs[0])

    def _give_up(self, run: int) -> None:
        why: Failure = {
            "error": "WorkerDied",
            "message": f"the worker died {ATTEMPTS} times over this run",
            "traceback": "",
        }
        shard = Shard(name_of([run]), self._store.model, (run,), {run: why})
        note = write_shard(self._store.folder, shard, SCHEMA.empty_table())
        self._note(Receipt((run,), 1, {}, note, 0.0))

    def _note(self, receipt: Receipt) -> None:
        self._store.refuse_if_gone()
        self._store.note(receipt.note)
        self.progress.done += len(set(receipt.runs) - self._done)
        self._done |= set(receipt.runs)
        self.progress.failed += receipt.failed
        self.values |= receipt.values
        if receipt.seconds:
            latest = receipt.seconds / len(receipt.runs)
            self._seconds_per_run = 0.5 * (self._seconds_per_run + latest) if self._seconds_per_run else latest

    def _wait_for(self, flying: dict[Future[Receipt], _Batch], saying: str | None = None) -> None:
        """Wait for running tasks and record their results; a further signal ends the waiting."""
        try:
            for future in flying:
                future.cancel()
            if saying is not None:
                self._say(saying)
            for future in list(flying):
                try:
                    self._note(future.result())
                except (Exception, CancelledError):
                    continue
        except KeyboardInterrupt:
            if isinstance(self._executor, Processes):
                self._executor.stop()

    def _tell(self) -> None:
        self.progress.seconds = time.monotonic() - self._begun
        self.progress.values = self.values
        if self._watch is not None:
            self._watch(self.progress)

    def _stopped(self, what: str, interruption: KeyboardInterrupt | None = None) -> StoppedEarlyError:
        if not self._store.is_there():
            lost = f"{self._store.folder} was deleted or replaced meanwhile, and its runs are lost"
            return StoppedEarlyError(what, lost, interruption, resumes=False)
        return StoppedEarlyError(what, self._kept(), interruption)

    def _runs_kept(self) -> str:
        done, planned = self.progress.done, self.progress.planned
        return f"{done:,} of {planned:,} runs are finished and kept in {self._store.folder}"


def _nothing_ordered(runs: tuple[int, ...]) -> partial[Receipt]:
    raise AssertionError("runs were handed out before it was said what they are")


def to_stderr(line: str) -> None:
    """Say a line on standard error."""
    say(line, file=sys.stderr, flush=True)
