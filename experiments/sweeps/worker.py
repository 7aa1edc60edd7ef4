"""What a worker does: some runs of an experiment, into one shard; it hands back a receipt, never a table."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.cautions import unsaid
from experiments.provenance import sha256
from experiments.study.runner import Receipt
from experiments.study.store import SCHEMA, SHARDS, Shard, last_values, model_now, name_of, read_shard, write_shard
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
        OSError: the shard cannot be written, for want of space perhaps.
        ValueError: the folder holds another experiment by now.
    """
    begun = time.perf_counter()
    place, path = Path(folder), Path(folder) / SHARDS / name_of(runs)
    experiment = _experiment(folder, digest)
    wanted = outcome_of_rule(experiment)
    seconds = 0.0
    if path.exists():
        shard = read_shard(path)
        note = {"file": path.name, "sha256": sha256(path), "bytes": path.stat().st_size}
    else:
        shard, table = carry_out(experiment, runs, simulate or city_run)
        note = write_shard(place, shard, table)
        seconds = time.perf_counter() - begun
        note |= {"runs": len(runs), "failed": len(shard.failures), "seconds": round(seconds, 3), "worker": os.getpid()}
    values = {} if wanted is None else last_values(path, wanted.label)
    return Receipt(shard.runs, len(shard.failures), values, note, seconds)


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


def carry_out(experiment: Experiment, runs: Sequence[int], simulate: Simulate = city_run) -> tuple[Shard, pa.Table]:
    """Do some runs and return them as a shard and its table; one that fails is noted, and the rest goes on."""
    failures: dict[int, dict[str, str]] = {}
    tables = [SCHEMA.empty_table()]
    for run in runs:
        point, replication = experiment.points[run % len(experiment.points)], run // len(experiment.points)
        try:
            columns = simulate(experiment, point, replication)
        except Exception as error:
            failures[run] = {
                "error": type(error).__name__,
                "message": " ".join(str(error).split()),
                "traceback": traceback.format_exc(),
            }
            continue
        size = len(columns["value"])
        numbers = {"run_id": np.full(size, run), "replication": np.full(size, replication)}
        tables.append(pa.table({**numbers, **columns}).cast(SCHEMA))
    return Shard(name_of(runs), model_now(experiment.base.loaded), tuple(runs), failures), pa.concat_tables(tables)


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
