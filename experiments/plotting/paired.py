"""Differences from a base at each point of a plot, paired by replication, as `Sweep.differences` has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.contrasts.arms import Arms, arms_of
from experiments.contrasts.tables import level_of
from experiments.statistics import t_interval
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import OVER_WEEKS
from experiments.sweeps.pairs import positions
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _LastValues:
    """The runs of a sweep with one value of each outcome, the last one: what `arms_of` takes."""

    folder: Path
    experiment: Experiment
    runs: pd.DataFrame
    outcomes: pd.DataFrame


class Paired:
    """Differences of an outcome's last values between each arm of a sweep and the arm that is its base.

    A replication counts by its mean over the arms of a cell if all of them, and their bases, have a value.
    """

    def __init__(self, sweep: Sweep, last: pd.DataFrame, outcome: str, bases: dict[str, str]) -> None:
        self.level = level_of(sweep.experiment)
        where = positions(sweep.experiment)
        self.arm_of_point = [f"{place.policy} {place.levers}".strip() for place in where]
        self.row_of_point = [place.row for place in where]
        self.bases = bases
        own = last.assign(week=OVER_WEEKS)
        self._arms: Arms = arms_of(_LastValues(sweep.folder, sweep.experiment, sweep.runs, own))
        self._values = self._arms.of(outcome, OVER_WEEKS)

    def at(self, points: Sequence[int]) -> tuple[int, float, float, float]:
        """Replications, mean difference and the ends of its interval, over some points of the design together.

        Raises:
            ConfigError: the points are not each of some rows of the sample under each of some arms.
        """
        arms = list(dict.fromkeys(self.arm_of_point[point] for point in points))
        rows = sorted({self.row_of_point[point] for point in points})
        if len(points) != len(arms) * len(rows):
            raise ConfigError("points do not have the same rows of the sample, so there are no pairs", source="--base")
        apart = np.mean([self._of(name)[rows] - self._of(self.bases[name])[rows] for name in arms], axis=0)
        counted = self._arms.counts(apart[..., None])[0]
        if len(rows) == 1:
            return counted, *t_interval(apart[~np.isnan(apart)], self.level)
        return counted, *self._arms.interval(apart, self.level)

    def base_level(self, points: Sequence[int]) -> float:
        """Mean of the outcome under the bases of some points; nan where they have no value."""
        names = dict.fromkeys(self.bases[self.arm_of_point[point]] for point in points)
        values = np.concatenate([self._of(name).ravel() for name in names])
        return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")

    def _of(self, arm: str) -> Floats:
        return np.asarray(self._values[..., self._arms.names.index(arm)])
