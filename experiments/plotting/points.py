"""What `mahalle plot` draws: means of an outcome of a sweep, with intervals, for each value of what was varied."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.figures.sheet import COLOURS
from experiments.least import least_that_matters
from experiments.statistics import t_interval
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.reading import nearest

ALREADY = ("run_id", "point", "replication", "seed", "particle", "status", "model")
"""Columns of `runs` that are no factors."""

MOST_LINES = len(COLOURS)

NOT_SET = "not set"
"""Stands for the value of a lever at points that do not set it: there it is the base's or the policy's."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Plot:
    """What is drawn.

    Attributes:
        table: one row a value of x and of what lines stand for: x, by (empty without), n, mean, low, high; ordered.
        values: of x, in order.
        outcome: label of the outcome.
        week: of the values; -1 of a statistic over weeks, and where points differ in it.
        x, by: what was varied; `by` is empty where there is one line.
        averaged: further factors, over whose values means are taken, the same ones at each point.
        along: further factors that have one value at each point, but not the same one.
        absent: points drawn nowhere, because no replication has a value there.
        replications: how many count, and of how many: those in which no run is missing.
        experiment: of the sweep.
    """

    table: pd.DataFrame
    values: tuple[Any, ...]
    outcome: str
    week: int
    x: str
    by: str
    averaged: tuple[str, ...]
    along: tuple[str, ...]
    absent: int
    replications: tuple[int, int]
    experiment: Experiment

    @property
    def numbers(self) -> tuple[int, int]:
        """Fewest and most replications behind a point."""
        return int(self.table.n.min()), int(self.table.n.max())

    @property
    def reference(self) -> float:
        """The mean at the first point, around which the band of the least difference that matters is drawn."""
        return float(self.table["mean"].iloc[0])

    @property
    def least(self) -> float:
        """The least difference that matters, in units of the outcome; nan where the first mean is 0 and tells none."""
        return least_that_matters(self.outcome, self.reference)


def plot_of(sweep: Sweep, x: str, y: str, by: str | None = None) -> Plot:
    """Mean and 95 % interval over replications for each value of x, and of `by`.

    A series counts by its last week. Where further factors were varied, a replication counts by its mean over them, if
    it has a value at all of them.

    Args:
        sweep: the sweep.
        x, by: keys of levers or uncertainties, or ``policy``; the end of a key is enough.
        y: label or name of an outcome.

    Raises:
        ConfigError: there is no such factor or outcome; too many lines; means over what is not crossed.
    """
    factors = [name for name in map(str, sweep.runs) if name not in ALREADY]
    varied = [name for name in factors if sweep.runs[name].astype(str).nunique() > 1]
    x = _named(x, varied, "--x")
    by = "" if by is None else _named(by, [name for name in varied if name != x], "--by")
    last = sweep.last_values()
    if last.empty:
        raise ConfigError("no replication has a value at every point yet; resume it", source=str(sweep.folder))
    outcome = _outcome(y, sorted(last.outcome.unique()))
    keys = [x, *([by] if by else [])]
    settings = sweep.runs[["run_id", "point", *varied]].copy()
    settings[varied] = settings[varied].astype(object).map(_plain)
    points = settings.drop_duplicates("point")
    averaged, along = _further(points, keys, [name for name in varied if name not in keys], sweep.experiment)
    rows = last[last.outcome == outcome].merge(settings, on="run_id")
    found = []
    for values, own in points.groupby(keys, sort=False):
        there = rows[rows.point.isin(own.point)].groupby("replication")["value"].agg(["mean", "size"])
        numbers = there.loc[there["size"] == len(own), "mean"].to_numpy()
        found.append((values[0], values[1] if by else "", numbers.size, *t_interval(numbers, CONFIDENCE)))
    table = pd.DataFrame(found, columns=["x", "by", "n", "mean", "low", "high"])
    if table.by.nunique() > MOST_LINES:
        raise ConfigError(f"would be {table.by.nunique()} lines; at most {MOST_LINES} can be told apart", source="--by")
    whole = table[table.n > 0]
    if whole.empty:
        raise ConfigError(f'"{outcome}" has no value in a whole replication', source="--y")
    weeks = rows.week.unique()
    counted = (len(sweep.whole_replications), int(sweep.runs.replication.nunique()))
    return Plot(
        table=whole.sort_values(["by", "x"], key=_places, kind="stable").reset_index(drop=True),
        values=tuple(dict.fromkeys(whole.sort_values("x", key=_places, kind="stable").x)),
        outcome=outcome,
        week=int(weeks[0]) if len(weeks) == 1 else -1,
        x=x,
        by=by,
        averaged=averaged,
        along=along,
        absent=len(table) - len(whole),
        replications=counted,
        experiment=sweep.experiment,
    )


def is_number(value: Any) -> bool:
    """Whether a value of a factor has a place on an axis of numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _further(
    points: pd.DataFrame, keys: Sequence[str], others: Sequence[str], experiment: Experiment
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Factors not drawn: those over which means are taken, and those that have one value wherever there is a mean.

    Raises:
        ConfigError: means would be over some values here and over others there.
    """
    cells = points.groupby(list(keys), sort=False)
    averaged = tuple(name for name in others if (cells[name].nunique() > 1).any())
    over = {tuple(sorted(map(str, own[list(averaged)].itertuples(index=False, name=None)))) for _, own in cells}
    if averaged and len(over) > 1:
        kind = experiment.design.kind
        advice = (
            f"a design of kind {kind} is for mahalle sensitivity" if kind in ("morris", "sobol")
            else f"give --by {averaged[0]}" if len(averaged) == len(keys) == 1
            else "run a sweep in which they are crossed"
        )  # fmt: skip
        listed = ", ".join(averaged[:4])
        raise ConfigError(f"is not crossed with {listed}: means would be over different values; {advice}", source="--x")
    return averaged, tuple(name for name in others if name not in averaged)


def _places(values: pd.Series) -> pd.Series:
    """The order of values: what is not set first, numbers by size, others as the experiment has them."""
    known = [value for value in dict.fromkeys(values) if value != NOT_SET]
    known = sorted(known) if all(map(is_number, known)) else known
    return values.map({value: place for place, value in enumerate([NOT_SET, *known])})


def _named(given: str, known: Sequence[str], option: str) -> str:
    """The factor that is meant by a key, or by the end of one."""
    if given in known:
        return given
    ends = [name for name in known if name.endswith(f".{given}")]
    if len(ends) == 1:
        return ends[0]
    listed = ", ".join(known[:8]) or "nothing"
    raise ConfigError(f'"{given}" was not varied{nearest(given, known)}; varied: {listed}', source=option)


def _outcome(given: str, labels: Sequence[str]) -> str:
    """The label that is meant by a label, or by an outcome's name; its last value where there are several."""
    found = [given] if given in labels else [label for label in labels if label.partition(":")[0] == given]
    last = [label for label in found if label.endswith(":last")]
    if len(found) == 1 or last:
        return last[0] if last else found[0]
    if found:
        raise ConfigError(f"which one? {', '.join(found)}", source="--y")
    names = sorted({label.partition(":")[0] for label in labels})
    raise ConfigError(f'no such outcome: "{given}"{nearest(given, names)}; kept: {", ".join(names[:8])}', source="--y")


def _plain(value: Any) -> Any:
    """A value that can be grouped by: lists are words, and so is what is not set."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return NOT_SET
    if isinstance(value, str) and value.startswith("["):  # lists are kept as JSON
        return ", ".join(map(str, json.loads(value)))
    return value.item() if isinstance(value, np.generic) else value
