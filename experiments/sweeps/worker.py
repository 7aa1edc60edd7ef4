"""What a worker does: some runs of an experiment, into one shard; it hands back a receipt, never a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.cautions import unsaid
from experiments.study import work as study
from experiments.study.runner import Receipt
from experiments.study.shards import Shard, last_values
from experiments.sweeps.experiment import EXPERIMENT, Experiment, Point
from experiments.sweeps.outcomes import Columns, Outcome, crossed_groups, read, weeks_read
from experiments.sweeps.reader import load_experiment
from sim.city import City
from sim.place import Foundations

type Simulate = Callable[[Experiment, Point, int], Columns]
"""From a point and a replication to outcomes: the city, or a plain function in its place, by which what reads sweeps is
tested."""


def work(folder: str, digest: str, runs: Sequence[int], simulate: Simulate | None = None) -> Receipt:
    """Do some runs and write their shard, unless it is there already.

    Args:
        folder: the sweep's.
        digest: the experiment that the folder must hold.
        runs: numbers of the runs, ascending.
        simulate: in place of the city.

    Raises:
        OSError: the shard cannot be written, for example because the disk is full.
        ValueError: the folder holds another experiment by now.
    """
    place = Path(folder)
    experiment = _experiment(folder, digest)
    wanted = outcome_of_rule(experiment)

    def values(path: Path) -> dict[int, float]:
        return {} if wanted is None else last_values(path, wanted.label)

    one_run = partial(rows_of, experiment, simulate or city_run)
    return study.work(place, runs, one_run, experiment.base.loaded, values)


def city_run(experiment: Experiment, point: Point, replication: int) -> Columns:
    """Run the city of a point and read its outcomes."""
    config, outcomes = experiment.config_of(point, replication), experiment.outcomes
    weeks = weeks_read(outcomes, config.run.weeks)
    _FOUNDATIONS.size = _places_kept(experiment)
    with unsaid():  # what is to be known of the city was said when the experiment was read
        city = City(config, foundations=_FOUNDATIONS, measured_weeks=weeks, crossed_groups=crossed_groups(outcomes))
    return read(city.run(), outcomes)


def _places_kept(experiment: Experiment) -> int:
    """How many places a worker keeps for the runs to come: all that there are, if they fit into its share of memory."""
    each = _FOUNDATIONS.nbytes / max(_FOUNDATIONS.held, 1)
    fitting = int(MOST_BYTES_OF_PLACES / each) if each else FEWEST_PLACES
    return max(FEWEST_PLACES, min(experiment.places, fitting))


def carry_out(experiment: Experiment, runs: Sequence[int]) -> tuple[Shard, pa.Table]:
    """Do some runs and return them as a shard and its table; one that fails is noted, and the rest goes on."""
    return study.carry_out(runs, partial(rows_of, experiment, city_run), experiment.base.loaded)


def rows_of(experiment: Experiment, simulate: Simulate, run: int) -> pa.Table:
    """The rows of a run."""
    replication, point = divmod(run, len(experiment.points))
    columns = simulate(experiment, experiment.points[point], replication)
    size = len(columns["value"])
    return pa.table({"run_id": np.full(size, run), "replication": np.full(size, replication), **columns})


def outcome_of_rule(experiment: Experiment) -> Outcome | None:
    """The outcome that the stopping rule looks at, if there is one."""
    label = getattr(experiment.replications, "of", None)
    return next((outcome for outcome in experiment.outcomes if outcome.label == label), None)


_FOUNDATIONS = Foundations()
"""Of the last cities built in this process: all runs of a place share what their levers do not touch."""

FEWEST_PLACES = 2
MOST_BYTES_OF_PLACES = 0.5e9
"""What the places that a worker keeps may hold."""


@lru_cache(maxsize=2)
def _experiment(folder: str, digest: str) -> Experiment:
    with unsaid():
        experiment = load_experiment(Path(folder) / EXPERIMENT)
    if experiment.digest != digest:
        raise ValueError(f"{folder} holds another experiment by now")
    return experiment
