"""Which points of an experiment belong together: the same assumptions and the same levers under another policy."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.experiment import PLACE_SEED, Experiment
from sim.errors import ConfigError


@dataclass(frozen=True)
class Position:
    """Where a point stands in an experiment.

    Attributes:
        policy: its name.
        levers: what is set there and not sampled, ``key=value`` joined by commas; empty if nothing is.
        row: of the sample, or the number of the place where the experiment varies it; 0 where neither is.
    """

    policy: str
    levers: str
    row: int


def positions(experiment: Experiment, sampled: Collection[str] | None = None) -> list[Position]:
    """The position of each point, in the order of the points.

    Args:
        experiment: the experiment.
        sampled: keys that do not count as levers; those that the design samples, and the place, if None.
    """
    if sampled is None:
        sampled = {PLACE_SEED, *(factor.key for factor in experiment.design.factors)}
    found: list[Position] = []
    rows: dict[tuple[str, str], int] = {}
    for point in experiment.points:
        levers = ", ".join(f"{key}={_short(value)}" for key, value in point.values.items() if key not in sampled)
        arm = (point.policy, levers)
        rows[arm] = rows.get(arm, -1) + 1
        found.append(Position(*arm, rows[arm]))
    return found


def partners(experiment: Experiment, base: str) -> NDArray[np.int64]:
    """For each point the point of the base that differs from it only in the policy.

    Both have the same seed in each replication, so that the difference of their values there is a paired one.

    Returns:
        numbers of points, (points,); a point of the base is its own partner.

    Raises:
        ConfigError: a point has no partner.
    """
    where = positions(experiment)
    of_base = {(own.levers, own.row): number for number, own in enumerate(where) if own.policy == base}
    try:
        return np.array([of_base[own.levers, own.row] for own in where], dtype=np.int64)
    except KeyError:
        raise ConfigError(
            f"{base} was not run at all the values of the other policies, so there are no pairs"
        ) from None


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=list)
