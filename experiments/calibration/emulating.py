"""Calibration by an emulator: a design of runs, an approximation of their figures, and draws that are run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from experiments.calibration.calibration import Calibration, Floats, distance
from experiments.calibration.emulator import Emulator, fit_emulator
from experiments.calibration.runs import GENERATION, DoneRun, Proposal, Simulate, runs_in, work
from experiments.calibration.simulating import OneRun
from experiments.calibration.smc import BATCH_SECONDS, Approximation, Particles
from experiments.calibration.tempering import draw_posterior
from experiments.study.executors import Submits
from experiments.study.runner import RETRY, Receipt, Runner
from experiments.study.shards import SHARDS
from experiments.study.store import Store
from experiments.study.work import FailedRunError, failures_in
from experiments.sweeps.designs import latin_hypercube
from sim.errors import ConfigError

DRAWS = 2_000
"""Draws from the emulator's posterior, of which the particles are taken."""

DESIGN, CHECK = 0, 1
"""Generations: runs that the emulator is fitted to, and those of the particles."""

_SEEDS = 2**53
_STREAM = 1_162_694_004


@dataclass(frozen=True, eq=False)
class Emulated(Approximation):
    """What was found, and how well the emulator did.

    Attributes:
        emulator: of the figures that are fitted, in the order of `Calibration.observed`.
    """

    emulator: Emulator


def emulate(
    calibration: Calibration,
    store: Store,
    executor: Submits,
    workers: int,
    tell: Callable[[int, int, int], None] = lambda generation, accepted, runs: None,
    say: Callable[[str], None] | None = None,
    simulate: Simulate | None = None,
) -> Emulated:
    """Run a Latin hypercube of the priors, fit the emulator, draw from its posterior, and run the model at the draws.

    So each particle has a run of its own with a new seed: what the posterior says of the figures, those held out
    included, is what the model says and not the emulator.

    Args:
        calibration: with method emulator.
        store: the folder, opened; runs that it holds are not done again.
        executor: does the runs.
        workers: how many it does at a time.
        tell: told generation, finished runs of it and runs of it in all.
        say: called with each message for the user.
        simulate: what a run is; the city if None.

    Raises:
        ConfigError: a figure that is fitted is undefined in some runs, or the folder holds other runs.
        FailedRunError: a run failed.
        StoppedEarlyError: interrupted by a signal or because the disk is full.
    """
    (store.folder / SHARDS).mkdir(parents=True, exist_ok=True)
    runs = _Runs(calibration, store, executor, workers, tell, say, simulate or OneRun(calibration))
    design = latin_hypercube(len(calibration.factors), calibration.runs, calibration.seed)
    done = runs.at(DESIGN, design)
    emulator = emulator_of(calibration, design, table(done))
    draws = draw_from(calibration, emulator)
    chosen = draws[np.linspace(0, len(draws) - 1, calibration.population).round().astype(int)]
    checked = runs.at(CHECK, chosen)
    chosen, figures = np.array([run.proposal.quantiles for run in checked]), table(checked)
    seeds = [run.proposal.seed for run in checked]
    apart = [distance(run.figures, calibration.figures, calibration.fitted, run.proposal.seed) for run in checked]
    last = Particles(
        CHECK, float("nan"), len(checked), chosen, np.full(len(chosen), 1.0 / len(chosen)), np.array(apart),
        np.array(seeds, dtype=np.int64), figures,
    )  # fmt: skip
    return Emulated([last], [*done, *checked], emulator)


def emulator_of(calibration: Calibration, quantiles: Floats, figures: pd.DataFrame) -> Emulator:
    """The emulator of all that is fitted.

    Args:
        calibration: what is fitted.
        quantiles: of the runs, (runs, parameters).
        figures: of the runs, a column a label.

    Raises:
        ConfigError: a figure is undefined in some runs.
    """
    observed = calibration.observed
    values = figures[[own.label for own in observed]].to_numpy()
    undefined = np.isnan(values).sum(axis=0)
    if undefined.any():
        worst = int(undefined.argmax())
        problem = (
            f"{observed[worst].label} is undefined in {undefined[worst]} of {len(values)} runs, so that no emulator "
            "can be fitted to it: hold it out, narrow the priors, or use method: smc"
        )
        raise ConfigError(problem, source=str(calibration.source))
    return fit_emulator(quantiles, values, np.array([own.answers is not None for own in observed]))


def draw_from(calibration: Calibration, emulator: Emulator) -> Floats:
    """`DRAWS` quantiles of the priors from the posterior of an emulator, in random order."""
    draw = np.random.default_rng(np.random.SeedSequence([calibration.seed, _STREAM]))
    observed = calibration.observed
    density = partial(emulator.log_likelihood, observed)
    return draw.permutation(draw_posterior(density, len(calibration.factors), DRAWS, draw))


def table(runs: list[DoneRun]) -> pd.DataFrame:
    """Figures of runs, a column a label."""
    return pd.DataFrame([dict(run.figures) for run in runs])


class _Runs:
    """Does numbered runs of a calibration at given quantiles, those that its folder does not hold."""

    def __init__(
        self,
        calibration: Calibration,
        store: Store,
        executor: Submits,
        workers: int,
        tell: Callable[[int, int, int], None],
        say: Callable[[str], None] | None,
        simulate: Simulate,
    ) -> None:
        self._root, self._store, self._tell, self._simulate = calibration.seed, store, tell, simulate
        self._runner = Runner(store, executor, workers, say=say, seconds=BATCH_SECONDS)
        for shard in self._runner.take_stock():
            self._runner.values |= dict(runs_in(store.folder / SHARDS / shard.file))

    def at(self, generation: int, quantiles: Floats) -> list[DoneRun]:
        """The runs of a generation, one a row of quantiles; the seed of each follows from root, generation, number.

        Draws of an emulator may differ in their last digits between machines: those of them that were run already stay
        as they were drawn.
        """
        first, count, runner = generation * GENERATION, len(quantiles), self._runner
        proposals = {
            first + number: Proposal(tuple(map(float, row)), _seed(self._root, generation, number))
            for number, row in enumerate(quantiles)
        }

        def order(runs: tuple[int, ...]) -> partial[Receipt]:
            folder = str(self._store.folder.resolve())
            return partial(work, folder, self._simulate, runs, tuple(proposals[run] for run in runs))

        def enough() -> bool:
            if runner.progress.failed:
                raise FailedRunError(f"{next(iter(failures_in(self._store.folder).values()))}; {RETRY} does it again")
            done = sum(run in runner.values for run in proposals)
            self._tell(generation, done, count)
            return done == count

        runner.order = order
        runner.do(proposals, enough, lambda: sum(run not in runner.values for run in proposals))
        found: list[DoneRun] = [runner.values[run] for run in proposals]
        for run, own in zip(proposals, found, strict=True):
            if generation == DESIGN and own.proposal != proposals[run]:
                problem = f"holds run {run} of another proposal; --fresh starts again"
                raise ConfigError(problem, source=f"--out {self._store.folder}")
        return found


def _seed(root: int, generation: int, number: int) -> int:
    words = np.random.SeedSequence([root, generation + 1, number, _STREAM]).generate_state(1, np.uint64)
    return int(words[0]) % _SEEDS
