"""pyabc's proposals, done as numbered runs of a study: who does them and when changes nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from pyabc.sampler import Sampler

from experiments.calibration.runs import GENERATION, Proposal, Simulate, work
from experiments.study.runner import RETRY, Receipt, Runner
from experiments.study.store import Store
from experiments.study.work import FailedRunError, failures_in
from sim.errors import ConfigError


class ProposedError(Exception):
    """Raised by the model in place of a run that is not done yet; pyabc lets it through.

    Attributes:
        proposal: what the run is to be done with.
    """

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(proposal)
        self.proposal = proposal


class KeyedSampler(Sampler):  # type: ignore[misc]  # pyabc has no types
    """Evaluates proposals 0, 1, 2, … until the first n accepted are known.

    The draws of a proposal, and with them its parameters and the seed of its run, depend on (root seed, generation,
    number of the proposal) alone. Those accepted are taken in the order of their numbers and not as they come in, which
    would favour short runs. So the number of workers changes nothing. pyabc proposes and weighs in this process;
    workers only do runs.

    Args:
        root: root seed.
        store: the folder.
        runner: does the runs.
        simulate: what a run is.
        tell: told accepted particles and runs of this generation.
    """

    def __init__(
        self, root: int, store: Store, runner: Runner, simulate: Simulate, tell: Callable[[int, int, int], None]
    ) -> None:
        super().__init__()
        self._root, self._store, self._runner, self._simulate, self._tell = root, store, runner, simulate, tell

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
        """A sample of the first n accepted particles; not `ok` if `max_eval` proposals hold fewer.

        Raises:
            FailedRunError: a run failed.
            ConfigError: the folder holds runs that are none of this calibration's.
        """
        sample, first, limit = self._create_empty_sample(), t * GENERATION, int(min(max_eval, GENERATION))
        self.nr_evaluations_ = 0

        def particle_of(number: int) -> Any:
            with drawing_from(self._root, t, number):
                return simulate_one()

        def proposal_of(run: int) -> Proposal:
            try:
                particle_of(run - first)
            except ProposedError as found:
                return found.proposal
            raise AssertionError("a run that is done was handed out")

        def order(runs: tuple[int, ...]) -> partial[Receipt]:
            folder = str(self._store.folder.resolve())
            return partial(work, folder, self._simulate, runs, tuple(map(proposal_of, runs)))

        def enough() -> bool:
            """Take what is done in the order of the numbers."""
            if self._runner.progress.failed:
                raise FailedRunError(f"{next(iter(failures_in(self._store.folder).values()))}; {RETRY} does it again")
            while self.nr_evaluations_ < limit and first + self.nr_evaluations_ in self._runner.values:
                sample.append(self._taken(particle_of, first))
                self.nr_evaluations_ += 1
                self._tell(t, sample.n_accepted, self.nr_evaluations_)
                if sample.n_accepted == n:
                    return True
            return self.nr_evaluations_ >= limit

        def expected() -> int:
            """Runs that will still be needed, if as large a share of them is accepted as until now."""
            accepted, done = int(sample.n_accepted), int(self.nr_evaluations_)
            last = first + limit  # of this generation; done, but behind one that is not:
            waiting = sum(first + done <= run < last for run in self._runner.values)
            return math.ceil((n - accepted) * (done + 1) / (accepted + 1)) - waiting

        self._runner.order = order
        self._runner.do(range(first, first + limit), enough, expected)
        sample.ok = sample.n_accepted == n
        return sample

    def _taken(self, particle_of: Callable[[int], Any], first: int) -> Any:
        try:
            return particle_of(self.nr_evaluations_)
        except ProposedError:
            problem = f"holds run {first + self.nr_evaluations_} of another proposal; --fresh starts again"
            raise ConfigError(problem, source=f"--out {self._store.folder}") from None


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
