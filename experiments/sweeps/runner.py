"""Runs an experiment: hands out runs, notes what is finished, goes on after whatever went wrong."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from experiments.interruption import StoppedEarlyError, word_of
from experiments.sweeps.executors import Processes, Submits
from experiments.sweeps.experiment import Experiment, Fixed
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.stopping import checkpoints, enough
from experiments.sweeps.store import SCHEMA, SHARDS, Part, Shard, Store, last_values, name_of, write_shard
from experiments.sweeps.tables import Sweep, merge
from experiments.sweeps.worker import Receipt, outcome_of_rule, work
from sim.errors import ConfigError

BATCH_SECONDS = 5.0
"""Runs of one shard take about so long: what a killed worker loses at most."""

BATCH_RUNS = 500
"""Most runs of one shard."""

FEW_POINTS = 3
"""With at most so many points the first runs are handed out a replication at a time."""

ATTEMPTS = 3
"""How often a run may take its worker with it before it counts as failed."""


RETRY = "--retry-failed"
"""The option by which runs that failed are done again."""

NO_WORKER = (
    "stopped: no worker could start; a script that calls experiments.run must do so under "
    'if __name__ == "__main__":, and a worker needs some 200 MB'
)


class Watch(Protocol):
    """Told how a sweep goes on."""

    def __call__(self, progress: Progress, /) -> None:
        """Show it."""


@dataclass
class Progress:
    """How far a sweep is.

    Attributes:
        planned: runs of this part up to the next look of the stopping rule.
        done: runs that are finished, failed ones and those of earlier sweeps included.
        failed: runs that failed.
        found: of those done, runs that were there already.
        seconds: since the sweep began.
        values: where a stopping rule looks at an outcome, its values so far, by run.
    """

    planned: int = 0
    done: int = 0
    failed: int = 0
    found: int = 0
    seconds: float = 0.0
    values: Mapping[int, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Runs a second; 0 before the first is finished."""
        return (self.done - self.found) / self.seconds if self.seconds > 0.0 else 0.0

    @property
    def left(self) -> float:
        """Seconds that the planned runs will still take; infinite before the first is finished."""
        return (self.planned - self.done) / self.rate if self.rate > 0.0 else float("inf")


class SweepInterruptedError(StoppedEarlyError):
    """The sweep stopped early; everything finished is kept."""


@dataclass
class _Batch:
    """Runs handed out together, and how often they took a worker with them when nothing else was under way."""

    runs: tuple[int, ...]
    attempts: int = 0
    suspect: bool = False


@dataclass
class _State:
    """What the sweep knows: which runs are done, and for the stopping rule their values."""

    done: bytearray
    progress: Progress = field(default_factory=Progress)
    values: dict[int, float] = field(default_factory=dict)


def run(
    experiment: Experiment | str | Path,
    *,
    out: str | Path | None = None,
    executor: Submits | None = None,
    workers: int | None = None,
    part: Part | None = None,
    fresh: bool = False,
    accept_code_change: bool = False,
    retry_failed: bool = False,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
) -> Sweep:
    """Do the runs of an experiment that are not done yet, and return all of them.

    Args:
        experiment: an experiment, or its file.
        out: the sweep's folder, results/NAME if None; what is finished there already is not done again.
        executor: anything with `submit` of concurrent.futures; processes of this machine if None.
        workers: how many works the executor does at a time; all processors if None.
        part: the share of the runs to do, where several processes or machines share a folder.
        fresh: begin anew, without what is in the folder.
        accept_code_change: go on although the model's source has changed; runs are labelled with their model.
        retry_failed: do runs that failed again; all parts' at once, so not where the runs are shared out.
        watch: told how it goes on.
        say: told what the user should know, a line each.

    Raises:
        ConfigError: the experiment or the folder cannot be used.
        SweepInterruptedError: interrupted by a signal or for want of space; resume by doing the same again.
    """
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    part = part if part is not None else Part()
    if part.n > 1 and not isinstance(experiment.replications, Fixed):
        raise ConfigError(
            "a stopping rule needs all runs in one sweep; give the experiment a number of replications",
            source=f"--shard {part.k}/{part.n}",
        )
    if part.n > 1 and retry_failed:
        raise ConfigError("not with --shard: other parts may be at work; give it alone, after them", source=RETRY)
    if out is None:
        if experiment.source is None:
            raise ConfigError("an experiment that has no file needs a folder: out=…")
        out = Path("results") / experiment.source.stem
    store = Store(Path(out), part)
    with closing(store), _hands(executor, workers) as (hands, at_a_time):
        store.open(experiment, fresh=fresh, accept_code_change=accept_code_change)
        again = store.forget_failures() if retry_failed else 0
        if again:
            (say or _to_stderr)(f"runs that failed and are done again: {again:,}")
        _Sweep(experiment, store, hands, at_a_time, watch, say or _to_stderr).carry_out()
    return merge(store.folder)


@contextmanager
def _hands(executor: Submits | None, workers: int | None) -> Iterator[tuple[Submits, int]]:
    """The executor, or processes of this machine, which end with the block; and how many works it does at a time."""
    if executor is not None:
        yield executor, workers or 1
        return
    with Processes(workers) as processes:
        yield processes, processes.workers


class _Sweep:
    """One call of `run`."""

    def __init__(
        self,
        experiment: Experiment,
        store: Store,
        executor: Submits,
        workers: int,
        watch: Watch | None,
        say: Callable[[str], None],
    ) -> None:
        self._experiment, self._store, self._executor, self._workers = experiment, store, executor, workers
        self._watch, self._say = watch, say
        self._points = len(experiment.points)
        self._state = _State(bytearray(experiment.replications.at_most * self._points))
        self._begun = time.monotonic()
        self._seconds_per_run = 0.0
        self._again: deque[_Batch] = deque()
        self._suspects: deque[_Batch] = deque()

    def carry_out(self) -> None:
        """Do all that the replications ask for."""
        state, store = self._state, self._store
        wanted = outcome_of_rule(self._experiment)
        for shard in store.take_stock():
            self._book(shard)
            if wanted is not None:  # from the rows: an earlier sweep may have had another rule, or none
                state.values |= last_values(store.folder / SHARDS / shard.file, wanted.label)
        for name in store.damaged:
            self._say(f"{store.folder}/shards/{name} was altered or cut off; it is set aside and its runs done again")
        for name in store.damaged_elsewhere:
            self._say(f"{store.folder}/shards/{name} was altered or cut off; its runs are another part's to do again")
        state.progress.found = state.progress.done
        if state.progress.found:
            failed = state.progress.failed
            of_them = f", {failed:,} of them failed: {RETRY} does these again" if failed else ""
            self._say(f"{state.progress.found:,} runs are there already{of_them}")
        for count in checkpoints(self._experiment.replications):
            self._do(count * self._points)
            if store.part.n == 1 and enough(self._experiment.replications, state.values, self._points, count):
                return

    def _book(self, shard: Shard) -> None:
        state = self._state
        for run in shard.runs:
            if run < len(state.done) and not state.done[run] and self._store.part.has(run):
                state.done[run] = 1
                state.progress.done += 1
                state.progress.failed += run in shard.failures

    # ---------------------------------------------------------------- handing out

    def _do(self, limit: int) -> None:
        """Do all runs of this part below a number."""
        self._state.progress.planned = sum(1 for run in range(limit) if self._store.part.has(run))
        waiting = self._waiting(limit)
        flying: dict[Future[Receipt], _Batch] = {}
        try:
            while True:
                while len(flying) < 2 * self._workers:
                    batch = self._next(waiting, flying)
                    if batch is None:
                        break
                    self._submit(batch, flying)
                if not flying:
                    return
                finished, _ = wait(flying, timeout=1.0, return_when=FIRST_COMPLETED)
                if not finished and getattr(self._executor, "lost", False):
                    raise self._stopped("stopped: the cluster's scheduler is gone")
                self._collect(finished, flying)
                self._tell()
        except KeyboardInterrupt as interruption:
            what = word_of(interruption)
            self._land(flying, f"{what}: finishing what is under way; a second signal leaves it")
            raise self._stopped(what, interruption) from None
        except OSError as error:
            self._land(flying)
            raise self._stopped(f"stopped: {error.strerror or error}") from error

    def _submit(self, batch: _Batch, flying: dict[Future[Receipt], _Batch]) -> None:
        arguments = (str(self._store.folder.resolve()), self._experiment.digest, batch.runs)
        try:
            flying[self._executor.submit(work, *arguments)] = batch
        except BrokenExecutor:
            self._renew()
            flying[self._executor.submit(work, *arguments)] = batch

    def _waiting(self, limit: int) -> Iterator[int]:
        return (run for run in range(limit) if not self._state.done[run] and self._store.part.has(run))

    def _next(self, waiting: Iterator[int], flying: dict[Future[Receipt], _Batch]) -> _Batch | None:
        """What to hand out next: what was lost, then runs that wait; a run suspected of killing its worker goes alone.

        So many runs that they take a few seconds, and all workers end together. At first, when it is not known how long
        a run takes, one; of a few points (`FEW_POINTS`) a replication, and later several: runs of one can be
        compared.
        """
        if any(batch.suspect for batch in flying.values()):
            return None
        if self._suspects:
            return None if flying else self._suspects.popleft()
        if self._again:
            return self._again.popleft()
        left = self._state.progress.planned - self._state.progress.done
        first = self._points if self._points <= FEW_POINTS else 1
        size = first if self._seconds_per_run == 0.0 else int(BATCH_SECONDS / self._seconds_per_run)
        size = max(1, min(size, BATCH_RUNS, left // (3 * self._workers)))
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
                lost.append(batch)  # a cluster gave the work up, for its workers died over it
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
        """Hand out again what a dead worker had; a run that kills its worker each time it is alone has failed.

        A shard that was finished is found by whoever gets its runs again.
        """
        if len(batch.runs) > 1 and not (self._store.folder / SHARDS / name_of(batch.runs)).exists():
            half = len(batch.runs) // 2
            self._again.extend(_Batch(runs) for runs in (batch.runs[:half], batch.runs[half:]))
            return
        deaths = batch.attempts + alone
        if deaths < ATTEMPTS:
            self._say(f"a worker died; done again: {', '.join(map(str, batch.runs))}")
            self._suspects.append(_Batch(batch.runs, deaths, suspect=True))
        else:
            self._give_up(batch.runs[0])

    def _give_up(self, run: int) -> None:
        why = {"error": "WorkerDied", "message": f"the worker died {ATTEMPTS} times over this run", "traceback": ""}
        shard = Shard(name_of([run]), self._store.model, (run,), {run: why})
        note = write_shard(self._store.folder, shard, SCHEMA.empty_table())
        self._note(Receipt((run,), 1, {}, note, 0.0))

    def _note(self, receipt: Receipt) -> None:
        state = self._state
        self._store.note(receipt.note)
        for run in receipt.runs:
            if not state.done[run]:
                state.done[run] = 1
                state.progress.done += 1
        state.progress.failed += receipt.failed
        state.values |= receipt.values
        if receipt.seconds:
            latest = receipt.seconds / len(receipt.runs)
            self._seconds_per_run = 0.5 * (self._seconds_per_run + latest) if self._seconds_per_run else latest

    def _land(self, flying: dict[Future[Receipt], _Batch], saying: str | None = None) -> None:
        """Wait for what is under way, and note it; a signal meanwhile ends that."""
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
        self._state.progress.seconds = time.monotonic() - self._begun
        self._state.progress.values = self._state.values
        if self._watch is not None:
            self._watch(self._state.progress)

    def _stopped(self, what: str, interruption: KeyboardInterrupt | None = None) -> SweepInterruptedError:
        progress = self._state.progress
        kept = f"{progress.done:,} of {progress.planned:,} runs are finished and kept in {self._store.folder}"
        return SweepInterruptedError(what, kept, interruption)


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


__all__ = ["Progress", "SweepInterruptedError", "Watch", "run"]
