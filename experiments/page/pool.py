"""Runs of all sessions on a few workers: slices of a quarter, lowest replication first, shared by sessions."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from experiments.page import worker
from experiments.study.executors import Processes, usable_processors

SLICE = 13
"""Weeks that a run is taken further at a time: 0.02 to 0.04 seconds at a tenth of full scale."""

MOST_KEPT = 400
"""Finished runs whose outcomes are kept, some 20 KB each: a baseline is then run once for all sessions."""

MOST_WORKERS = 8

type Watcher = Callable[[], None]


def _nobody() -> None:
    """A watcher that is none."""


@dataclass(eq=False)
class Run:
    """One run, on its way or finished.

    Attributes:
        make: gives what the worker needs, when its turn comes.
        last: its last week.
        replication: number of its luck.
        week: how far it is.
        rows: outcomes so far: outcome, week, value.
        watchers: called whenever it has come further; without any it rests.
        fault: what went wrong, if something did.
    """

    make: Callable[[], worker.Task]
    last: int
    replication: int
    task: worker.Task | None = None
    week: int = 0
    rows: pd.DataFrame | None = None
    watchers: set[Watcher] = field(default_factory=set)
    fault: str | None = None
    at: int | None = None
    busy: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.fault is not None or (self.week >= self.last and self.rows is not None)


class Pool:
    """Workers, and the runs that sessions wait for.

    Args:
        workers: how many; one for each processor, at most `MOST_WORKERS`, if None.
    """

    def __init__(self, workers: int | None = None) -> None:
        count = min(usable_processors() if workers is None else workers, MOST_WORKERS)
        self._workers = [Processes(1) for _ in range(count)]
        self._locks: list[asyncio.Lock] = []
        self._runs: OrderedDict[tuple[str, int], Run] = OrderedDict()
        self._given_up: dict[int, list[str]] = {}
        self._wake: asyncio.Event | None = None
        self._loops: list[asyncio.Task[None]] = []

    def __len__(self) -> int:
        return len(self._workers)

    @property
    def runs_kept(self) -> int:
        """Runs on their way and finished ones whose outcomes are kept."""
        return len(self._runs)

    @property
    def sessions(self) -> int:
        """How many wait for runs."""
        return len({watcher for run in self._runs.values() for watcher in run.watchers})

    async def start(self) -> None:
        """Start the workers; returns when each has imported the model."""
        self._wake = asyncio.Event()
        self._locks = [asyncio.Lock() for _ in self._workers]
        await asyncio.gather(*(self.call(number, worker.begin) for number in range(len(self))))
        self._loops = [asyncio.create_task(self._serve(number)) for number in range(len(self))]

    async def stop(self) -> None:
        """End the workers immediately."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for processes in self._workers:
            processes.stop()

    def wanted(self, key: str, replication: int, last: int, make: Callable[[], worker.Task], watcher: Watcher) -> Run:
        """The run of a policy and a replication, from now on watched.

        Args:
            key: what decides the run besides its luck.
            replication: number of its luck.
            last: its last week.
            make: gives the task of a run whose turn comes.
            watcher: called whenever it has come further.
        """
        run = self._runs.get((key, replication))
        if run is None or run.fault is not None:  # what failed is tried again
            run = self._runs[key, replication] = Run(make, last, replication)
        self._runs.move_to_end((key, replication))
        run.watchers.add(watcher)
        self._forget()
        if self._wake is not None:
            self._wake.set()
        return run

    def there(self, key: str, replication: int) -> Run | None:
        """The run of a policy and a replication, if it is kept."""
        return self._runs.get((key, replication))

    def leave(self, runs: list[Run], watcher: Watcher) -> None:
        """Stop watching runs; those that nobody watches go no further than their slice, and are forgotten."""
        for run in runs:
            run.watchers.discard(watcher)
        for key in [key for key, run in self._runs.items() if not (run.watchers or run.busy or run.done)]:
            run = self._runs.pop(key)
            if run.task is not None and run.at is not None:
                self._given_up.setdefault(run.at, []).append(run.task.token)

    async def call(self, number: int, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a worker, started anew if it has died, and wait for what it gives."""
        async with self._locks[number]:
            try:
                return await asyncio.wrap_future(self._workers[number].submit(function, *arguments))
            except BrokenProcessPool:
                self._workers[number].renew()
                self._workers[number].submit(worker.begin)
                return await asyncio.wrap_future(self._workers[number].submit(function, *arguments))

    def _forget(self) -> None:
        while len(self._runs) > MOST_KEPT:
            oldest = next((key for key, run in self._runs.items() if not run.watchers and not run.busy), None)
            if oldest is None:
                return
            del self._runs[oldest]

    def _next(self, number: int) -> Run | None:
        """The run that a worker takes further: lowest replication first, then the one that is least far."""
        waiting = [
            run for run in self._runs.values()
            if run.watchers and not run.done and not run.busy and run.at in (None, number)
        ]  # fmt: skip
        return min(waiting, key=lambda run: (run.replication, run.week), default=None)

    async def _serve(self, number: int) -> None:
        assert self._wake is not None
        while True:
            run = self._next(number)
            if run is None:
                self._wake.clear()
                if self._next(number) is None:
                    await self._wake.wait()
                continue
            run.busy, run.at = True, number
            try:
                await self._advance(number, run)
            finally:
                run.busy = False
            self.leave([], _nobody)
            for watcher in list(run.watchers):
                watcher()

    async def _advance(self, number: int, run: Run) -> None:
        week = min(run.week + SLICE, run.last)
        run.task = run.make() if run.task is None else run.task
        try:
            if tokens := self._given_up.pop(number, None):
                await self.call(number, worker.let_go, tokens)
            columns = await self.call(number, worker.advance, run.task, week)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a city that fails must not end the server: its session is told
            run.fault = f"{type(error).__name__}: {error}"
            return
        run.rows, run.week = pd.DataFrame(columns), week
        if run.done:
            run.task = None
