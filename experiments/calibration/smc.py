"""Approximate Bayesian computation by sequential Monte Carlo (Toni et al. 2009), as pyabc has it, for any simulator."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.calibration import Figure, Floats, distance
from experiments.calibration.journal import DoneRun, Journal
from experiments.sweeps.executors import Submits
from sim.errors import ConfigError

Simulate = Callable[[Floats, int], Mapping[str, float]]
"""Figures by label at quantiles of the priors (parameters,) and a seed."""

_SEED = "seed"
_SEEDS = 2**53  # exact as a float, too


@dataclass(frozen=True)
class Problem:
    """What is to be learned: parameters are quantiles of their priors, so that every prior is uniform on [0, 1].

    Attributes:
        dimensions: number of parameters.
        simulate: from quantiles and a seed to figures; can be pickled.
        figures: what is observed, or claimed, and how close to it is close.
    """

    dimensions: int
    simulate: Simulate
    figures: tuple[Figure, ...]


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


def approximate(
    problem: Problem,
    schedule: Schedule,
    database: Path,
    executor: Submits,
    workers: int,
    tell: Callable[[int, int, int], None] = lambda generation, accepted, runs: None,
    journal: Journal | None = None,
) -> list[Particles]:
    """The generations of a problem: those the database holds are not done again; each is stored when it is finished.

    Args:
        problem, schedule: what, and how.
        database: SQLite file of pyabc's history.
        executor: does the runs.
        workers: how many it does at a time.
        tell: told generation, accepted particles and runs.
        journal: holds runs of a generation that was not finished, which are not done again; is given the others.

    Returns:
        as many as there are thresholds, or fewer if one was given up.

    Raises:
        ConfigError: pyabc is not installed, or the database cannot be read.
    """
    pyabc = require_pyabc()
    from experiments.calibration.sampler import KeyedSampler

    logging.getLogger("ABC").setLevel(logging.WARNING)
    names = [f"q{at}" for at in range(problem.dimensions)]
    there = finished(database)
    done = {} if journal is None else {run.seed: run for run in journal.runs() if run.generation >= there}
    keep = _noting(journal, names, set(done)) if journal is not None else lambda generation, number, particle: None
    machine = pyabc.ABCSMC(
        _Model(problem.simulate, tuple(names), done),
        pyabc.Distribution(**{name: pyabc.RV("uniform", 0, 1) for name in names}),
        _Distance(problem.figures),
        transitions=pyabc.MultivariateNormalTransition(bandwidth_selector=_twice_the_covariance),
        population_size=schedule.population,
        eps=pyabc.ListEpsilon(list(schedule.thresholds)),
        sampler=KeyedSampler(schedule.seed, executor, workers, tell, keep),
    )
    observed = {figure.label: figure.claimed for figure in problem.figures}
    if there:
        machine.load(f"sqlite:///{database}", 1, observed)
    else:
        database.unlink(missing_ok=True)  # killed before its first generation
        machine.new(f"sqlite:///{database}", observed)
    left = len(schedule.thresholds) - there
    if left > 0:
        machine.run(max_nr_populations=left, min_acceptance_rate=schedule.least_acceptance)
    return [_particles(machine.history, t, names, problem.figures) for t in range(finished(database))]


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


def finished(database: Path) -> int:
    """How many generations a database holds; a generation is written at once or not at all.

    Raises:
        ConfigError: it is damaged.
    """
    if not database.exists() or not database.stat().st_size:
        return 0
    try:
        with closing(sqlite3.connect(database)) as connection:
            return int(connection.execute("select count(*) from populations where t >= 0").fetchone()[0])
    except sqlite3.OperationalError:  # killed before the tables were there
        return 0
    except sqlite3.DatabaseError as error:
        advice = "remove it, and the same command makes it again from the runs that are kept"
        raise ConfigError(f"cannot be read ({error}); {advice}", source=str(database)) from None


def _twice_the_covariance(size: float, dimensions: int) -> float:
    """Scale of the perturbation: its covariance is twice that of the generation before (Beaumont et al. 2009).

    pyabc's own choice, Silverman's, has lighter tails, and a few particles there get most of the weight.
    """
    return float(np.sqrt(2.0))


@dataclass(frozen=True)
class _Model:
    """The simulator as pyabc calls it; its seed is a draw of the proposal."""

    simulate: Simulate
    names: tuple[str, ...]
    done: Mapping[int, DoneRun]
    __name__ = "simulator"

    def __call__(self, parameters: Mapping[str, float]) -> dict[str, float | int]:
        seed = int(np.random.randint(_SEEDS))  # noqa: NPY002  # the generator that the sampler has seeded
        quantiles = np.array([parameters[name] for name in self.names])
        known = self.done.get(seed)
        if known is not None and known.quantiles == tuple(quantiles.tolist()):
            return {**known.figures, _SEED: seed}
        return {**self.simulate(quantiles, seed), _SEED: seed}


def _noting(journal: Journal, names: Sequence[str], there: Container[int]) -> Callable[[int, int, Any], None]:
    """What puts each evaluated proposal into the journal, but those whose seeds are there."""
    journal.mend()

    def keep(generation: int, number: int, particle: Any) -> None:
        figures = dict(particle.sum_stat)
        seed = int(figures.pop(_SEED))
        if seed not in there:
            quantiles = tuple(float(particle.parameter[name]) for name in names)
            journal.note(DoneRun(generation, number, seed, quantiles, figures))

    return keep


@dataclass(frozen=True)
class _Distance:
    figures: tuple[Figure, ...]

    def __call__(self, found: Mapping[str, float], claimed: Mapping[str, float]) -> float:
        return distance(found, self.figures)


def _particles(history: Any, t: int, names: list[str], figures: tuple[Figure, ...]) -> Particles:
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
        pd.DataFrame(
            {figure.label: [float(particle.sum_stat[figure.label]) for particle in own] for figure in figures}
        ),
    )
