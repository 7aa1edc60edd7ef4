"""Whether a table of runs is that of an experiment: a run's number decides its point, its replication and its seed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from experiments.sweeps.experiment import Experiment


def disagreement(runs: pd.DataFrame, experiment: Experiment) -> str:
    """In what a table of runs differs from what the experiment says of runs of these numbers; empty if in nothing.

    Args:
        runs: one row per run: run_id, point, replication, seed, policy, the values set.
        experiment: the experiment.
    """
    points, keys = experiment.points, experiment.keys
    names = {"run_id", "point", "replication", "seed", "policy", *keys}
    if missing := sorted(names - set(runs)):
        return f"it has no column {missing[0]}"
    number = runs["run_id"].to_numpy()
    if (number < 0).any():
        return f"it has a run {number.min()}"
    if varied := [str(name) for name in runs if "." in str(name) and name not in keys]:
        return f"it varies {varied[0]}"
    place, replication = number % len(points), number // len(points)
    seeds = np.array([experiment.seed_of(one) for one in range(int(replication.max(initial=-1)) + 1)], dtype=np.int64)
    wanted = {"point": place, "replication": replication, "seed": seeds[replication]}
    wanted["policy"] = np.array([point.policy for point in points], dtype=object)[place]
    for key in keys:
        values = column_of([point.values.get(key) for point in points]).to_pandas()
        wanted[key] = values.to_numpy(dtype=object)[place]
    for name, values in wanted.items():
        found = runs[name].to_numpy(dtype=object)
        differs = (found != values) & ~(pd.isna(found) & pd.isna(values))
        if differs.any():
            row = int(np.flatnonzero(differs)[0])
            return f"run {number[row]}: {name} is {found[row]}, not {values[row]}"
    return ""


def column_of(values: list[Any]) -> pa.Array:
    """Values of one parameter as a column: numbers or flags as they are, everything else as JSON."""
    known = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in known) and known:
        return pa.array(values, pa.bool_())
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known) and known:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    texts = [value if value is None or isinstance(value, str) else json.dumps(value, default=list) for value in values]
    return pa.array(texts, pa.string())
