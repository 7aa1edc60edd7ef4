"""Boxes in which points fail more often, found by PRIM on two thirds of the points and checked on the others."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.errors import ConfigError

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

SIGNIFICANT = 0.05
"""Level of quasi-p-values, and of the check on points that were not used to find a box."""

CANDIDATES = 6
"""Largest number of assumptions given to PRIM."""

PEELED = (0.05, 0.1, 0.2)
"""Shares of a box that PRIM takes away at a time, each tried: thin slices follow edges closely, but where failing is
partly random, a slice that is full of failures by chance ends the search."""

FEWEST = 30
"""Smallest number of points for a search."""


Why = Literal["none fails", "all fail", "too few points", "no box", "not confirmed"]
"""Why nothing was found: the last two, no bound was significant, or the box was not confirmed on held-out points."""


@dataclass(frozen=True)
class Limit:
    """Limit of a box in one key: a number between two bounds (None: unbounded), or one of some values.

    Attributes:
        low, high: bounds of a number.
        among: values allowed, for what is no number.
        quasi_p: the smaller of the quasi-p-values of its bounds (Bryant and Lempert 2010).
    """

    low: float | None = None
    high: float | None = None
    among: tuple[str, ...] = ()
    quasi_p: float = float("nan")

    def holds(self, column: pd.Series) -> Flags:
        """Which values of a column are within."""
        if self.among:
            return column.isin(self.among).to_numpy()
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return ((column >= low) & (column <= high)).to_numpy()


@dataclass(frozen=True)
class Box:
    """Limits on some assumptions, and how well they separate failures.

    Attributes:
        limits: by key.
        points, failures: within the box, of all points.
        coverage: share of all failures that lie in it.
        density: share of its points that fail.
        unclear: points within the box that are inconclusive because of noise; they do not count as failures.
        checked_points, checked_density: the same of the points that were not used to find it.
        p_value: of the checked density, one-sided binomial against the share of failures outside earlier boxes, or
            against that which luck would give, if it is larger.
    """

    limits: Mapping[str, Limit]
    points: int
    failures: int
    coverage: float
    density: float
    checked_points: int
    checked_density: float
    p_value: float
    unclear: int = 0


@dataclass(frozen=True)
class Discovery:
    """What was found.

    Attributes:
        boxes: in the order in which they were found; none if no box was confirmed on the held-out points.
        points, failures: all points, and how many fail.
        unclear: number of points that are inconclusive because of noise.
        why: the reason if there are no boxes.
    """

    boxes: tuple[Box, ...]
    points: int
    failures: int
    why: Why | None = None
    unclear: int = 0

    @property
    def table(self) -> pd.DataFrame:
        """One row per box and key: box, key, low, high, among, quasi_p, and the box's figures."""
        rows = []
        for number, box in enumerate(self.boxes, 1):
            figures = (box.points, box.failures, box.unclear, box.coverage, box.density, box.checked_points,
                       box.checked_density)  # fmt: skip
            for key, limit in box.limits.items():
                bounds = (np.nan if limit.low is None else limit.low, np.nan if limit.high is None else limit.high)
                rows.append((number, key, *bounds, ", ".join(limit.among), limit.quasi_p, *figures, box.p_value))
        names = ["box", "key", "low", "high", "among", "quasi_p", "points", "failures", "unclear", "coverage",
                 "density", "checked_points", "checked_density", "p_value"]  # fmt: skip
        return pd.DataFrame(rows, columns=names)


def discover(
    assumptions: pd.DataFrame,
    fails: Flags,
    *,
    unclear: Flags | None = None,
    by_luck: float = 0.0,
    most: int = 3,
    seed: int = 1,
) -> Discovery:
    """Look for boxes in which points fail more often than elsewhere.

    PRIM sees only the assumptions that tell failures apart by themselves. A box is chosen on the peeling trajectory by
    its surplus of failures in standard deviations; bounds whose quasi-p-value is above `SIGNIFICANT` are dropped; it
    counts only if those of its points that were not used to find it fail more often than such points do outside earlier
    boxes, and more often than by chance, and if it is denser than all points together.

    Args:
        assumptions: one row per point; columns of numbers, or of text.
        fails: whether each point fails, (points,).
        unclear: which points are inconclusive because of noise, (points,); none if None. They are not failures, so a
            region that is pure noise is not mistaken for one in which half of the points fail.
        by_luck: share of the points at the threshold that fail by chance.
        most: boxes to look for.
        seed: of the division into points to find boxes with and points to check them on.

    Raises:
        ConfigError: ema-workbench is not installed.
    """
    unclear = np.zeros_like(fails) if unclear is None else unclear
    boxes, why = _search(assumptions, fails, unclear, by_luck, most, seed)
    return Discovery(tuple(boxes), len(fails), int(fails.sum()), None if boxes else why, int(unclear.sum()))


def _search(
    assumptions: pd.DataFrame, fails: Flags, unclear: Flags, by_luck: float, most: int, seed: int
) -> tuple[list[Box], Why]:
    """The boxes that hold, and why there are no more."""
    total, failures = len(fails), int(fails.sum())
    if failures in (0, total):
        return [], "none fails" if failures == 0 else "all fail"
    if total < FEWEST:
        return [], "too few points"
    to_find = np.zeros(total, dtype=bool)
    to_find[np.random.default_rng(seed).permutation(total)[: round(2 * total / 3)]] = True
    left = np.ones(total, dtype=bool)
    boxes: list[Box] = []
    why: Why = "no box"
    while len(boxes) < most:
        use = left & to_find
        if not fails[use].any() or fails[use].all():
            break
        telling = _telling(assumptions[use], fails[use])
        limits = _limits(assumptions.loc[use, telling].reset_index(drop=True), fails[use]) if telling else {}
        if not limits:
            break
        box = _judged(limits, assumptions, fails, left, to_find, by_luck)
        if not (box.p_value < SIGNIFICANT and box.density > failures / total):
            why = "not confirmed"
            break
        boxes.append(replace(box, unclear=int(unclear[_within(limits, assumptions) & left].sum())))
        left &= ~_within(limits, assumptions)
    return boxes, why


def _judged(
    limits: Mapping[str, Limit],
    assumptions: pd.DataFrame,
    fails: Flags,
    left: Flags,
    to_find: Flags,
    by_luck: float,
) -> Box:
    inside = _within(limits, assumptions) & left
    aside, checked = left & ~to_find, inside & ~to_find
    points, failures = int(inside.sum()), int(fails[inside].sum())
    held, of = int(fails[checked].sum()), int(checked.sum())
    usual = float(fails[aside].mean()) if aside.any() else 0.0
    p_value = float(stats.binomtest(held, of, max(usual, by_luck), alternative="greater").pvalue) if of else 1.0
    return Box(
        limits,
        points,
        failures,
        coverage=failures / int(fails.sum()),
        density=failures / points if points else float("nan"),
        checked_points=of,
        checked_density=held / of if of else float("nan"),
        p_value=p_value,
    )


def _within(limits: Mapping[str, Limit], assumptions: pd.DataFrame) -> Flags:
    inside = np.ones(len(assumptions), dtype=bool)
    for key, limit in limits.items():
        inside &= limit.holds(assumptions[key])
    return inside


def _telling(x: pd.DataFrame, fails: Flags) -> list[str]:
    """The assumptions whose values differ most between points that fail and points that do not, at most `CANDIDATES`.

    By a two-sample Kolmogorov-Smirnov test, of names by a chi-square test. A box shows in each of its keys alone, and
    with dozens of others PRIM takes chance patterns for bounds before it sees the real ones.
    """
    p_values = {}
    for key in x.columns:
        if pd.api.types.is_numeric_dtype(x[key]):
            p_values[str(key)] = float(stats.ks_2samp(x.loc[fails, key], x.loc[~fails, key]).pvalue)
        else:
            p_values[str(key)] = float(stats.chi2_contingency(pd.crosstab(x[key], fails)).pvalue)
    ranked = sorted((value, key) for key, value in p_values.items() if value < SIGNIFICANT)
    return [key for _, key in ranked[:CANDIDATES]]


# ---------------------------------------------------------------- PRIM


def _limits(x: pd.DataFrame, fails: Flags) -> dict[str, Limit]:
    """The limits of the best box that PRIM finds; none if no bound is significant."""
    with _quiet():
        found = [_best_of_trajectory(_prim(x, fails, share).find_box()) for share in PEELED]
        _, box, place = max(found, key=lambda item: item[0])
        while True:
            worst, quasi_p = _weakest(box.p_values[place])
            if worst is None or quasi_p <= SIGNIFICANT:
                break
            box.drop_restriction(worst, place)
            place = len(box.box_lims) - 1
        return _as_limits(box.box_lims[place], box.p_values[place])


def _best_of_trajectory(box: Any) -> tuple[float, Any, int]:
    """The greatest surplus of failures on a trajectory of PRIM, the trajectory, and the place on it."""
    trajectory = box.peeling_trajectory
    surplus = _surplus(trajectory["n"].to_numpy(float), trajectory["k"].to_numpy(float))
    place = int(np.argmax(surplus))
    return float(surplus[place]), box, place


def _surplus(points: Floats, failures: Floats) -> Floats:
    """By how many standard deviations the failures of each box are more than chance would put there; 0 for the whole.

    Not the harmonic mean of coverage and density: where many points fail, it prefers the whole space to any box.

    Args:
        points, failures: of the boxes of a trajectory, the whole space first.
    """
    usual = failures[0] / points[0]
    left = 1.0 - points / points[0]  # without replacement: the whole space has no spread
    spread = np.sqrt(points * usual * (1.0 - usual) * left)
    return np.asarray(np.divide(failures - points * usual, spread, out=np.zeros_like(spread), where=spread > 0.0))


def _weakest(quasi_p: Mapping[str, Any]) -> tuple[str | None, float]:
    """The restricted key whose best bound has the highest quasi-p-value."""
    best = {key: min(value for value in values if value >= 0.0) for key, values in quasi_p.items() if max(values) >= 0}
    if not best:
        return None, 0.0
    key = max(best, key=lambda name: best[name])
    return key, best[key]


def _as_limits(box: pd.DataFrame, quasi_p: Mapping[str, Any]) -> dict[str, Limit]:
    """A box of PRIM as limits, without the bounds that are not significant."""
    limits = {}
    for key, values in quasi_p.items():
        found = min((value for value in values if value >= 0.0), default=float("nan"))
        if isinstance(box[key].iloc[0], set):
            limits[key] = Limit(among=tuple(sorted(map(str, box[key].iloc[0]))), quasi_p=found)
            continue
        bounds = [
            float(box[key].iloc[side]) if 0.0 <= values[side] <= SIGNIFICANT else None
            for side in (0, 1)  # an unbounded side has the quasi-p-value -1
        ]
        limits[key] = Limit(bounds[0], bounds[1], quasi_p=found)
    return limits


def _prim(x: pd.DataFrame, fails: Flags, peeled: float) -> Any:
    try:
        from ema_workbench.analysis.prim import Prim  # an optional extra, and slow to import
    except ImportError:
        raise ConfigError("scenario discovery needs ema-workbench: pip install 'mahalle[discover]'") from None
    return Prim(x, fails.astype(int), peel_alpha=peeled, paste_alpha=0.05, mass_min=max(0.05, 10.0 / len(x)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the workbench's warnings and messages, which are about packages it could also use, from the user."""
    logger = logging.getLogger("EMA")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
