"""Stopping rules for replications: a fixed number, a settled ranking, or narrow intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.statistics import bonferroni, half_width, t_interval
from experiments.sweeps.experiment import Fixed, Replications, UntilHalfWidth, UntilRanking

Floats = NDArray[np.float64]


def checkpoints(replications: Replications) -> Iterator[int]:
    """Numbers of replications after which the rule is asked, ascending; the last is the most there may be.

    They grow by half, which limits the number of looks. They do not depend on workers or timing, so the same sweep
    stops at the same number everywhere.
    """
    count = replications.at_most if isinstance(replications, Fixed) else replications.at_least
    while count < replications.at_most:
        yield count
        count = count + max(1, count // 2)
    yield replications.at_most


def looks(replications: Replications) -> int:
    """At how many numbers of replications a ranking may be found settled; 1 where no ranking decides.

    Narrow intervals do not count: they stop by a width, not by a difference.
    """
    return sum(1 for _ in checkpoints(replications)) if isinstance(replications, UntilRanking) else 1


def enough(replications: Replications, values: Mapping[int, float], points: int, count: int) -> bool:
    """Whether the rule is satisfied by the first `count` replications.

    Args:
        replications: the rule.
        values: the outcome it looks at, by run; runs that failed are left out.
        points: how many points the design has.
        count: replications of each point that are done.
    """
    if isinstance(replications, Fixed):
        return count >= replications.at_most
    table = np.full((count, points), np.nan)
    for run, value in values.items():
        if run < count * points:
            table[run // points, run % points] = value
    if isinstance(replications, UntilRanking):
        scores = table if replications.best == "highest" else -table
        return settled(scores, replications.confidence, looks(replications))
    assert isinstance(replications, UntilHalfWidth)
    return bool((half_widths(table, replications.confidence) < replications.below).all())


def settled(table: Floats, confidence: float, looks: int = 1) -> bool:
    """Whether the point with the highest mean is better than each other one, in paired t-tests.

    Each replication has the same seed at all points, so the differences are paired. The tests have a Bonferroni
    correction over looks and comparisons, and they are two-sided, because the leading point is selected first: over all
    looks, a point that is not the best is named with probability at most 1 - confidence.

    Args:
        table: outcomes, (replications, points); nan where a run failed.
        confidence: that no other point is better.
        looks: how often the question is asked at most.
    """
    if table.shape[1] < 2:
        return True
    if not np.isfinite(table).any(axis=0).all():
        return False
    means = np.nanmean(table, axis=0)
    best = int(np.argmax(means))
    level = bonferroni(confidence, looks * (table.shape[1] - 1))
    ahead = (table[:, best] - table[:, other] for other in range(table.shape[1]) if other != best)
    lows = (t_interval(difference[np.isfinite(difference)], level)[1] for difference in ahead)
    return all(low > 0.0 for low in lows)


def half_widths(table: Floats, confidence: float) -> Floats:
    """Half the width of the t-interval of each point's mean, (points,); infinite with fewer than two values.

    Args:
        table: outcomes, (replications, points); nan where a run failed.
        confidence: of the interval.
    """
    count = np.isfinite(table).sum(axis=0)
    wide = np.full(table.shape[1], np.inf)
    for point in np.flatnonzero(count > 1):
        own = table[np.isfinite(table[:, point]), point]
        wide[point] = half_width(own.std(ddof=1), own.size, confidence)
    return wide
