"""What `mahalle plot` draws: means of an outcome of a sweep, or differences from a base, for each value varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.contrasts.arms import POLICY
from experiments.contrasts.bases import bases_of
from experiments.contrasts.tables import level_of
from experiments.figures.sheet import COLOURS
from experiments.least import least_that_matters
from experiments.plotting.naming import BASE, NOT_SET, Base, base_of, factor_named, outcome_named, plain
from experiments.plotting.paired import Paired
from experiments.statistics import t_interval
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError

ALREADY = ("run_id", "point", "replication", "seed", "particle", "status", "model")
"""Columns of `runs` that are no factors."""

MOST_LINES = len(COLOURS)

CONFIDENCE = 0.95

NO_VALUE, NO_RUN, NO_BASE, NEVER_WHOLE = "no value", "no run", "no base", "never whole"
"""Why a point is not drawn: no run has a value, no run is done, the base has no value, each replication has a gap."""


@dataclass(frozen=True)
class Absent:
    """A point that is drawn nowhere: where, and why."""

    x: Any
    by: Any
    why: str


@dataclass(frozen=True)
class Plot:
    """What is drawn.

    Attributes:
        table: one row a value of x and of what lines stand for: x, by (empty without), n, mean, low, high; ordered.
            With a base, means are of differences from it.
        values: of x, in order.
        lines: values of what lines stand for, in order: all there are, those not drawn and the base's included, so that
            a line has one colour in all plots.
        outcome: label of the outcome.
        week: of the values; -1 of a statistic over weeks, and where points differ in it.
        x, by: what was varied; `by` is empty where there is one line.
        averaged: further factors, over whose values means are taken, the same ones at each point.
        along: further factors that have one value at each point, but not the same one.
        absent: points drawn nowhere, because no replication has a value there.
        apart: names of the arms that the base was not run beside, so that they have no difference from it.
        replications: how many count, and of how many: those in which no run is missing.
        experiment: of the sweep.
        reference: the level by which the least difference that matters is measured: the mean at the first point, or
            that of the base over all points drawn.
        base: what differences are taken from; None of levels.
        same_levers: whether each point has a base of its own, at its levers, and not one for all.
        level: of the intervals.
    """

    table: pd.DataFrame
    values: tuple[Any, ...]
    lines: tuple[Any, ...]
    outcome: str
    week: int
    x: str
    by: str
    averaged: tuple[str, ...]
    along: tuple[str, ...]
    absent: tuple[Absent, ...]
    apart: tuple[str, ...]
    replications: tuple[int, int]
    experiment: Experiment
    reference: float
    base: Base | None = None
    same_levers: bool = False
    level: float = CONFIDENCE

    @property
    def numbers(self) -> tuple[int, int]:
        """Fewest and most replications behind a point."""
        return int(self.table.n.min()), int(self.table.n.max())

    @property
    def least(self) -> float:
        """The least difference that matters, in units of the outcome; nan where the reference is 0 and tells none."""
        return least_that_matters(self.outcome, self.reference)

    @property
    def drawn(self) -> tuple[Any, ...]:
        """Values of what lines stand for that have a point, in order."""
        return tuple(dict.fromkeys(self.table.by))


def plot_of(sweep: Sweep, x: str, y: str, by: str | None = None, base: str | None = None) -> Plot:
    """Mean and 95 % interval over replications for each value of x, and of `by`.

    A series counts by its last week. Where further factors were varied, a replication counts by its mean over them, if
    it has a value at all of them. With a base, means are of paired differences from it, with the intervals of
    `Sweep.differences`: of several policies at the base policy's same levers, or of a lever's levels from one of them.

    Args:
        sweep: the sweep.
        x, by: keys of levers or uncertainties, or ``policy``; the end of a key is enough.
        y: label or name of an outcome.
        base: a policy, or ``LEVER=VALUE``; None for levels. With a policy, `by` is ``policy`` if it is left out.

    Raises:
        ConfigError: there is no such factor, outcome or base; too many lines; means over what is not crossed.
    """
    varied = _varied(sweep.runs, [name for name in map(str, sweep.runs) if name not in ALREADY])
    x = factor_named(x, varied, "--x")
    by = "" if by is None else factor_named(by, [name for name in varied if name != x], "--by")
    beside = None if base is None else base_of(base, sweep.experiment, varied)
    if beside is not None and beside.policy and not by and x != POLICY and POLICY in varied:
        by = POLICY
    last = sweep.last_values()
    if last.empty:
        raise ConfigError("no replication has a value at every point yet; resume it", source=str(sweep.folder))
    asked = [outcome.label for outcome in sweep.experiment.outcomes]
    outcome = outcome_named(y, sorted(last.outcome.unique()), asked)
    keys = [x, *([by] if by else [])]
    settings = sweep.runs[["run_id", "point", *varied]].copy()
    settings[varied] = settings[varied].astype(object).map(plain)
    all_points = settings.drop_duplicates("point")
    bases = {} if beside is None else bases_of(sweep.experiment, beside.asked)
    paired = None if beside is None else Paired(sweep, last, outcome, bases)
    points, apart = (all_points, ()) if paired is None else _beside(all_points, paired)
    if paired is not None:
        varied = _varied(points, varied)
    averaged, along = _further(points, keys, [name for name in varied if name not in keys], sweep.experiment)
    rows = last[last.outcome == outcome].merge(settings, on="run_id")
    lines = _lines_of(all_points, points, by)
    whole, absent = _measured(sweep, rows, points, keys, paired)
    of_base = float("nan") if paired is None else paired.base_level(points.point.tolist())
    if whole.empty:
        if beside is not None and np.isnan(of_base):
            raise ConfigError(
                f'"{outcome}" has no value under {beside.given}: there is no difference from it', source=BASE
            )
        raise ConfigError(f'"{outcome}" has no value in a whole replication', source="--y")
    weeks = rows.week.unique()
    return Plot(
        table=whole,
        values=_in_order(whole.x),
        lines=lines,
        outcome=outcome,
        week=int(weeks[0]) if len(weeks) == 1 else -1,
        x=x,
        by=by,
        averaged=averaged,
        along=along,
        absent=absent,
        apart=apart,
        replications=(len(sweep.whole_replications), int(sweep.runs.replication.nunique())),
        experiment=sweep.experiment,
        reference=float(whole["mean"].iloc[0]) if paired is None else of_base,
        base=beside,
        same_levers=len(set(bases.values())) > 1,
        level=CONFIDENCE if beside is None else level_of(sweep.experiment, CONFIDENCE),
    )


def table_of(plot: Plot) -> pd.DataFrame:
    """The table of what is drawn: outcome, values of the factors by their keys, base, n, mean or difference, low, high.

    With a base, the mean is a difference from it. All numbers are in units of the outcome, not in hundredths.
    """
    found = plot.table.rename(columns={"x": plot.x, "by": plot.by or "by"})
    found = found if plot.by else found.drop(columns="by")
    found.insert(0, "outcome", plot.outcome)
    if plot.base is not None:
        found = found.rename(columns={"mean": "difference"})
        found.insert(list(found).index("n"), "base", plot.base.given)
    return found


def is_number(value: Any) -> bool:
    """Whether a value of a factor has a place on an axis of numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _varied(rows: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Those of some factors that have several values."""
    return [name for name in names if rows[name].astype(str).nunique() > 1]


def _beside(points: pd.DataFrame, paired: Paired) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Points that have a base other than themselves, and names of the arms that have none.

    Raises:
        ConfigError: no point has one.
    """
    arms = points.point.map(paired.arm_of_point.__getitem__)
    bases = arms.map(paired.bases)
    kept = points[bases.notna() & (bases != arms)]
    if kept.empty:
        raise ConfigError("nothing is left to compare with it: nothing else was run at its levels", source=BASE)
    return kept, tuple(dict.fromkeys(arms[bases.isna()]))


def _measured(
    sweep: Sweep, rows: pd.DataFrame, points: pd.DataFrame, keys: Sequence[str], paired: Paired | None
) -> tuple[pd.DataFrame, tuple[Absent, ...]]:
    """The table of the points that have a value, in order, and those that have none; `rows` are of the outcome."""
    found, absent = [], []
    for values, own in points.groupby(list(keys), sort=False):
        numbers = _level(rows, own) if paired is None else paired.at(own.point.tolist())
        at = (values[0], values[1] if len(keys) > 1 else "")
        found.append((*at, *numbers))
        if not numbers[0]:
            absent.append(Absent(*at, _why(sweep, rows, own.point.tolist(), paired)))
    table = pd.DataFrame(found, columns=["x", "by", "n", "mean", "low", "high"])
    table = table.sort_values(["by", "x"], key=_places, kind="stable")
    return table[table.n > 0].reset_index(drop=True), tuple(absent)


def _lines_of(all_points: pd.DataFrame, points: pd.DataFrame, by: str) -> tuple[Any, ...]:
    """Values of what lines stand for: with those of the base, so that colours do not depend on it, if there is room.

    Raises:
        ConfigError: there are too many.
    """
    if not by:
        return ("",)
    lines = _in_order(all_points[by])
    lines = lines if len(lines) <= MOST_LINES else _in_order(points[by])
    if len(lines) > MOST_LINES:
        raise ConfigError(f"would be {len(lines)} lines; at most {MOST_LINES} can be told apart", source="--by")
    return lines


def _why(sweep: Sweep, rows: pd.DataFrame, points: Sequence[int], paired: Paired | None) -> str:
    """Why no replication counts at some points of the design together; `rows` are those of the outcome."""
    if not (sweep.runs.point.isin(points) & (sweep.runs.status == "done")).any():
        return NO_RUN
    if not rows.point.isin(points).any():
        return NO_VALUE
    return NO_BASE if paired is not None and np.isnan(paired.base_level(points)) else NEVER_WHOLE


def _level(rows: pd.DataFrame, points: pd.DataFrame) -> tuple[int, float, float, float]:
    """Replications, mean and ends of its interval, over some points of the design together."""
    there = rows[rows.point.isin(points.point)].groupby("replication")["value"].agg(["mean", "size"])
    numbers = there.loc[there["size"] == len(points), "mean"].to_numpy()
    return numbers.size, *t_interval(numbers, CONFIDENCE)


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


def _in_order(values: pd.Series) -> tuple[Any, ...]:
    """The values of a factor: what is not set first, numbers by size, others as the experiment has them."""
    known = [value for value in dict.fromkeys(values) if value != NOT_SET]
    known = sorted(known) if all(map(is_number, known)) else known
    return (*([NOT_SET] if NOT_SET in set(values) else []), *known)


def _places(values: pd.Series) -> pd.Series:
    """The place of each value in their order."""
    return values.map({value: place for place, value in enumerate(_in_order(values))})
