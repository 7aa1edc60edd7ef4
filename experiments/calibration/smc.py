"""Approximate Bayesian computation by sequential Monte Carlo (Toni et al. 2009), as pyabc has it, for any simulator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.calibration import HISTORY, Figure, Floats, distance
from experiments.calibration.runs import GENERATION, DoneRun, Proposal, Simulate, runs_in
from experiments.calibration.targets import Observed, Target
from experiments.study.executors import Submits
from experiments.study.runner import Runner
from experiments.study.shards import SHARDS
from experiments.study.store import Store
from sim.errors import ConfigError

BATCH_SECONDS = 2.0
"""Runs of one shard take about so long; where a generation is full, what is under way is waited for."""

_SEED = "seed"
_SEEDS = 2**53  # exact as a float, too


@dataclass(frozen=True)
class Problem:
    """What is to be learned: parameters are quantiles of their priors, so that every prior is uniform on [0, 1].

    Attributes:
        dimensions: number of parameters.
        simulate: from quantiles and a seed to figures; can be pickled.
        figures: what is claimed, and how close to it is close.
        targets: figures of one's own that are fitted.
        others: labels of further figures that runs give, which are not fitted.
    """

    dimensions: int
    simulate: Simulate
    figures: tuple[Figure, ...]
    targets: tuple[Target, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Of all figures that runs give."""
        return (*(own.label for own in self.observed), *self.others)

    @property
    def observed(self) -> tuple[Observed, ...]:
        """Claims, then figures of one's own that are fitted."""
        return (*self.figures, *self.targets)


@dataclass(frozen=True)
class Schedule:
    """How it is learned.

    Attributes:
        thresholds: largest distance of each generation.
        population: particles of a generation.
        seed: root of all draws.
        least_acceptance: a generation that accepts a smaller share is given up.
    """

    thresholds: tuple[float, ...]
    population: int
    seed: int
    least_acceptance: float = 0.005


@dataclass(frozen=True, eq=False)
class Particles:
    """A generation.

    Attributes:
        generation: its number, from 0.
        threshold: largest distance.
        runs: how many runs it took.
        quantiles: (n, parameters).
        weight: (n,), of sum 1.
        distance: (n,).
        seed: of each run, (n,).
        figures: simulated figures, a column a label.
    """

    generation: int
    threshold: float
    runs: int
    quantiles: Floats
    weight: Floats
    distance: Floats
    seed: np.ndarray[Any, np.dtype[np.int64]]
    figures: pd.DataFrame


@dataclass(frozen=True)
class Approximation:
    """What was found.

    Attributes:
        generations: the particles of each.
        runs: all that they took, accepted or not, by generation and number.
    """

    generations: list[Particles]
    runs: list[DoneRun]


def approximate(
    problem: Problem,
    schedule: Schedule,
    store: Store,
    executor: Submits,
    workers: int,
    tell: Callable[[int, int, int], None] = lambda generation, accepted, runs: None,
    say: Callable[[str], None] | None = None,
) -> Approximation:
    """The generations of a problem; runs that the folder holds are not done again.

    pyabc's own history is rewritten each time, from the runs, into `HISTORY`.

    Args:
        problem, schedule: what, and how.
        store: the folder.
        executor: does the runs.
        workers: how many it does at a time.
        tell: told generation, accepted particles and runs.
        say: called with each message for the user.

    Returns:
        as many generations as there are thresholds, or fewer if one was given up, and their runs.

    Raises:
        ConfigError: pyabc is not installed, or the folder holds runs of something else.
        FailedRunError: a run failed.
        StoppedEarlyError: interrupted by a signal or because the disk is full.
    """
    pyabc = require_pyabc()
    from experiments.calibration.sampler import KeyedSampler

    logging.getLogger("ABC").setLevel(logging.WARNING)
    names = [f"q{at}" for at in range(problem.dimensions)]
    reached = 0

    def told(generation: int, accepted: int, runs: int) -> None:
        nonlocal reached
        reached = generation
        tell(generation, accepted, runs)

    (store.folder / SHARDS).mkdir(parents=True, exist_ok=True)
    runner = Runner(
        store, executor, workers, say=say, seconds=BATCH_SECONDS,
        kept=lambda: kept_in(store.folder, reached, len(schedule.thresholds)),
    )  # fmt: skip
    for shard in runner.take_stock():
        runner.values |= dict(runs_in(store.folder / SHARDS / shard.file))
    machine = pyabc.ABCSMC(
        _Model(tuple(names), runner.values),
        pyabc.Distribution(**{name: pyabc.RV("uniform", 0, 1) for name in names}),
        _Distance(problem.figures, problem.targets),
        transitions=pyabc.MultivariateNormalTransition(bandwidth_selector=_twice_the_covariance),
        population_size=schedule.population,
        eps=pyabc.ListEpsilon(list(schedule.thresholds)),
        sampler=KeyedSampler(schedule.seed, store, runner, problem.simulate, told),
    )
    database = store.folder.resolve() / HISTORY
    for file in (database, database.with_name(f"{HISTORY}-journal")):
        file.unlink(missing_ok=True)
    machine.new(f"sqlite:///{database}", {own.label: own.value for own in problem.observed})
    machine.run(max_nr_populations=len(schedule.thresholds), min_acceptance_rate=schedule.least_acceptance)
    found = [_particles(machine.history, t, names, problem.labels) for t in range(machine.history.max_t + 1)]
    taken = [runner.values[own.generation * GENERATION + number] for own in found for number in range(own.runs)]
    return Approximation(found, taken)


def kept_in(folder: Path, finished: int, generations: int) -> str:
    """What is kept where the work ends early, in words."""
    return f"{finished} of {generations} generations and all finished runs are kept in {folder}"


def require_pyabc() -> Any:
    """The package pyabc.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import pyabc
    except ImportError:
        raise ConfigError("needs pyabc: pip install 'mahalle[calibrate]'", source="calibrate") from None
    return pyabc


def _twice_the_covariance(size: float, dimensions: int) -> float:
    """Scale of the perturbation: its covariance is twice that of the generation before (Beaumont et al. 2009).

    pyabc's own choice, Silverman's, has lighter tails, and a few particles there get most of the weight.
    """
    return float(np.sqrt(2.0))


class _Model:
    """The simulator as pyabc calls it: a run that is done, or else a proposal. Its seed is a draw of the proposal.

    Args:
        names: of the parameters.
        done: runs by number; grows while they are done.
    """

    __name__ = "simulator"

    def __init__(self, names: tuple[str, ...], done: Mapping[int, DoneRun]) -> None:
        self._names, self._done = names, done
        self._by_seed: dict[int, DoneRun] = {}

    def __call__(self, parameters: Mapping[str, float]) -> dict[str, float | int]:
        """Figures and seed of the run at these parameters.

        Raises:
            ProposedError: it is not done yet.
        """
        from experiments.calibration.sampler import ProposedError

        seed = int(np.random.randint(_SEEDS))  # noqa: NPY002  # the generator that the sampler has seeded
        proposal = Proposal(tuple(float(parameters[name]) for name in self._names), seed)
        if len(self._by_seed) < len(self._done):
            self._by_seed = {run.proposal.seed: run for run in self._done.values()}
        known = self._by_seed.get(seed)
        if known is None or known.proposal != proposal:
            raise ProposedError(proposal)
        return {**known.figures, _SEED: seed}


@dataclass(frozen=True)
class _Distance:
    figures: tuple[Figure, ...]
    targets: tuple[Target, ...]

    def __call__(self, found: Mapping[str, float], claimed: Mapping[str, float]) -> float:
        return distance(found, self.figures, self.targets, int(found[_SEED]))


def _particles(history: Any, t: int, names: list[str], labels: tuple[str, ...]) -> Particles:
    population = history.get_population(t)
    table = history.get_all_populations().set_index("t")
    own = population.particles
    return Particles(
        t,
        float(table.loc[t, "epsilon"]),
        int(table.loc[t, "samples"]),
        np.array([[particle.parameter[name] for name in names] for particle in own]),
        np.array([particle.weight for particle in own]),
        np.array([particle.distance for particle in own]),
        np.array([particle.sum_stat[_SEED] for particle in own], dtype=np.int64),
        pd.DataFrame({label: [float(particle.sum_stat[label]) for particle in own] for label in labels}),
    )
