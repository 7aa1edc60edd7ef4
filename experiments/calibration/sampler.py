"""pyabc's proposals, done by workers: each has a seed of its own, so that who does it and when changes nothing."""

from __future__ import annotations

import hashlib
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import cloudpickle
import numpy as np
from pyabc.sampler import Sampler

from experiments.sweeps.executors import Processes, Submits

BATCH_SECONDS = 2.0
BATCH_RUNS = 64
ATTEMPTS = 3
"""How often work is handed out again after workers died over it."""

type Evaluated = list[tuple[int, Any]]
"""Number of each proposal, and the particle pyabc made of it."""


class KeyedSampler(Sampler):  # type: ignore[misc]  # pyabc has no types
    """Evaluates proposals 0, 1, 2, … until the first n accepted are known.

    The draws of a proposal, and with them its parameters and the seed of its run, depend on (root seed, generation,
    number of the proposal) alone. Those accepted are taken in the order of their numbers and not as they come in, which
    would favour short runs. So the number of workers changes nothing.

    Args:
        root: root seed.
        executor: what does the work.
        workers: how many works it does at a time.
        tell: told accepted particles and finished runs of this generation.
        keep: given generation, number and particle of every proposal as it comes in, accepted or not.
    """

    def __init__(
        self,
        root: int,
        executor: Submits,
        workers: int,
        tell: Callable[[int, int, int], None],
        keep: Callable[[int, int, Any], None] = lambda generation, number, particle: None,
    ) -> None:
        super().__init__()
        self._root, self._executor, self._workers, self._tell, self._keep = root, executor, workers, tell, keep

    def sample_until_n_accepted(
        self,
        n: int,
        simulate_one: Callable[[], Any],
        t: int,
        *,
        max_eval: float = np.inf,
        all_accepted: bool = False,
        ana_vars: Any = None,
    ) -> Any:
        """A sample of the first n accepted particles; not `ok` if `max_eval` proposals hold fewer."""
        function = cloudpickle.dumps(simulate_one)
        sample = self._create_empty_sample()
        self.nr_evaluations_ = 0
        for _, particle in self._in_order(function, t, max_eval):
            self.nr_evaluations_ += 1
            sample.append(particle)
            self._tell(t, sample.n_accepted, self.nr_evaluations_)
            if sample.n_accepted == n:
                return sample
        sample.ok = False
        return sample

    def _in_order(self, function: bytes, t: int, limit: float) -> Iterator[tuple[int, Any]]:
        """Evaluated proposals by number; some more are evaluated than are taken."""
        numbers = _Numbers(limit)
        flying: dict[Future[Evaluated], _Batch] = {}
        ready: dict[int, Any] = {}
        wanted = 0
        try:
            while wanted < limit:
                while len(flying) < 2 * self._workers and (batch := numbers.next_batch()) is not None:
                    flying[self._submit(function, t, batch)] = batch
                finished, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in finished:
                    batch = flying.pop(future)
                    try:
                        evaluated = future.result()
                    except BrokenExecutor:  # one dead process takes all that was handed out with it
                        lost = [batch, *flying.values()]
                        flying.clear()
                        self._renew()
                        numbers.take_up_again(lost)
                        break
                    for number, particle in evaluated:
                        self._keep(t, number, particle)
                    ready |= dict(evaluated)
                    numbers.note(batch)
                while wanted in ready:
                    yield wanted, ready.pop(wanted)
                    wanted += 1
        finally:
            for future in flying:
                future.cancel()

    def _submit(self, function: bytes, t: int, batch: _Batch) -> Future[Evaluated]:
        try:
            return self._executor.submit(evaluate, function, self._root, t, batch.numbers)
        except BrokenExecutor:
            self._renew()
            return self._executor.submit(evaluate, function, self._root, t, batch.numbers)

    def _renew(self) -> None:
        if isinstance(self._executor, Processes):
            self._executor.renew()


class _Batch:
    """Proposals handed out together."""

    def __init__(self, numbers: Sequence[int], attempts: int = 0) -> None:
        self.numbers, self.attempts, self.begun = tuple(numbers), attempts, time.monotonic()


class _Numbers:
    """Hands out numbers of proposals, a few seconds' work at a time, and those that were lost again."""

    def __init__(self, limit: float) -> None:
        self._next, self._limit, self._size = 0, limit, 1
        self._again: deque[_Batch] = deque()

    def next_batch(self) -> _Batch | None:
        """What to hand out next; None if nothing is left."""
        if self._again:
            return self._again.popleft()
        end = int(min(self._next + self._size, self._limit))
        numbers = range(self._next, end)
        self._next = end
        return _Batch(numbers) if numbers else None

    def note(self, batch: _Batch) -> None:
        """Learn from a finished batch how many proposals are a few seconds' work."""
        each = max((time.monotonic() - batch.begun) / len(batch.numbers), 1e-6)
        self._size = max(1, min(int(BATCH_SECONDS / each), BATCH_RUNS, 2 * self._size))

    def take_up_again(self, lost: Sequence[_Batch]) -> None:
        """Hand out again what a dead worker had.

        Raises:
            RuntimeError: workers die over it each time.
        """
        for batch in lost:
            if batch.attempts + 1 >= ATTEMPTS:
                raise RuntimeError(f"workers died {ATTEMPTS} times over proposals {list(batch.numbers)}")
            self._again.append(_Batch(batch.numbers, batch.attempts + 1))


def evaluate(function: bytes, root: int, t: int, numbers: Sequence[int]) -> Evaluated:
    """Evaluate proposals, each with draws of its own.

    Args:
        function: what draws parameters, simulates and compares, pickled by this program in its parent process.
        root: root seed.
        t: generation.
        numbers: of the proposals.
    """
    simulate_one = _unpacked(hashlib.sha256(function).digest(), function)
    done = []
    for number in numbers:
        with drawing_from(root, t, number):
            done.append((number, simulate_one()))
    return done


@lru_cache(maxsize=1)
def _unpacked(digest: bytes, function: bytes) -> Callable[[], Any]:
    loaded: Callable[[], Any] = cloudpickle.loads(function)
    return loaded


@contextmanager
def drawing_from(root: int, t: int, number: int) -> Iterator[None]:
    """Let the global generators, from which pyabc draws, follow from a key for a while."""
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002  # pyabc reads no other
    words = np.random.SeedSequence([root, t + 1, number]).generate_state(9)
    random.seed(int(words[8]))
    np.random.seed(words[:8])  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002
