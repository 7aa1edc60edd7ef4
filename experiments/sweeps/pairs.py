"""Which points of an experiment belong together: the same assumptions and the same levers under another policy."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.experiment import Experiment
from sim.errors import ConfigError


@dataclass(frozen=True)
class Place:
    """Where a point stands in an experiment.

    Attributes:
        policy: its name.
        levers: what is set there and not sampled, ``key=value`` joined by commas; empty if nothing is.
        row: of the sample; 0 where nothing is sampled.
    """

    policy: str
    levers: str
    row: int


def places(experiment: Experiment, sampled: Collection[str] | None = None) -> list[Place]:
    """The place of each point, in the order of the points.

    Args:
        experiment: the experiment.
        sampled: keys that do not count as levers; those that the design samples if None.
    """
    if sampled is None:
        sampled = {factor.key for factor in experiment.design.factors}
    found: list[Place] = []
    rows: dict[tuple[str, str], int] = {}
    for point in experiment.points:
        levers = ", ".join(f"{key}={_short(value)}" for key, value in point.values.items() if key not in sampled)
        arm = (point.policy, levers)
        rows[arm] = rows.get(arm, -1) + 1
        found.append(Place(*arm, rows[arm]))
    return found


def partners(experiment: Experiment, base: str) -> NDArray[np.int64]:
    """For each point the one that differs from it in nothing but the policy, which is the base.

    Both have the same seed in each replication, so that the difference of their values there is a paired one.

    Returns:
        numbers of points, (points,); a point of the base is its own partner.

    Raises:
        ConfigError: a point has no partner.
    """
    where = places(experiment)
    of_base = {(place.levers, place.row): number for number, place in enumerate(where) if place.policy == base}
    try:
        return np.array([of_base[place.levers, place.row] for place in where], dtype=np.int64)
    except KeyError:
        raise ConfigError(
            f"{base} was not run at all the values of the other policies, so there are no pairs"
        ) from None


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=list)
