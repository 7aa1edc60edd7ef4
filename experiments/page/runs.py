"""Runs in memory, as many as there are so far: what contrasts are made of while a live run is under way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from experiments.sweeps.experiment import Experiment
from experiments.sweeps.tables import Sweep


@dataclass(frozen=True, eq=False)
class Unfinished(Sweep):
    """Runs of an experiment that have no folder.

    Attributes:
        rows: one row per outcome and week: run_id, replication, outcome, week, value.
    """

    rows: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per outcome and week."""
        return self.rows


def in_memory(experiment: Experiment, rows: pd.DataFrame) -> Unfinished:
    """Runs whose outcomes, or some of them, are known.

    Args:
        experiment: the experiment.
        rows: see `Unfinished`.
    """
    runs = _runs_of(experiment, sorted(rows.run_id.unique().tolist()))
    return Unfinished(Path(), experiment, runs, pd.DataFrame(), rows=rows)


def _runs_of(experiment: Experiment, numbers: Iterable[int]) -> pd.DataFrame:
    points = len(experiment.points)
    rows = [(run, run % points, run // points, experiment.points[run % points].policy, "done") for run in numbers]
    return pd.DataFrame(rows, columns=["run_id", "point", "replication", "policy", "status"])
