"""All statistics of replications: intervals, variance reduction, variance components, probability of being best.

Every interval of the program is computed here. Arrays have replications first, (R,) or (R, A), or the rows of a sample
before them, (rows, R) or (rows, R, A).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr, stdtrit  # normal and Student's t; scipy.stats takes long to import

Floats = NDArray[np.float64]

LEAST_IN_SD, LEAST = 0.2, 0.005
"""Least difference by which a neighbourhood counts as higher or lower, both conventions: in standard deviations between
neighbourhoods under the base (Cohen's 1988 small effect), and in units of the outcome, for where they hardly differ."""

DRAWS = 20_000
"""Draws from the posterior for the probability of being best among more than two arms: a standard error of at most 0.4
points."""


def half_width(spread: Any, count: Any, confidence: float = 0.95) -> Any:
    """Half the width of the t-interval of a mean: ``t(count - 1) * spread / sqrt(count)``.

    Args:
        spread: standard deviation of the values (ddof 1), a number or an array; the result has its unit and shape.
        count: how many values, at least 2; a number or an array.
        confidence: of the two-sided interval.
    """
    return stdtrit(count - 1, 0.5 + confidence / 2.0) * spread / np.sqrt(count)


def one_sided(confidence: float) -> float:
    """Level of the two-sided interval each of whose ends is a one-sided bound of this confidence."""
    return 2.0 * confidence - 1.0


def t_interval(values: Floats, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean of values, (R,), with its t-interval; without bounds (nan) if there are fewer than two.

    Args:
        values: one number a replication, none of them nan.
        confidence: of the interval.

    Returns:
        Mean, low, high.
    """
    if not values.size:
        return math.nan, math.nan, math.nan
    mean = float(values.mean())
    if values.size < 2:
        return mean, math.nan, math.nan
    half = float(half_width(float(values.std(ddof=1)), values.size, confidence))
    return mean, mean - half, mean + half


def interval_of_numbers(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """`t_interval` of those values that are finite."""
    there = np.asarray(values, dtype=np.float64)
    return t_interval(there[np.isfinite(there)], confidence)


def bonferroni(confidence: float, number: int) -> float:
    """Level of each of several intervals by which `confidence` holds for all of them together: 1 - (1 - c) / number.

    It also corrects for several looks at the data: whenever a rule stops, the interval misses the true value with
    probability at most 1 - c.
    """
    return 1.0 - (1.0 - confidence) / number


def standard_errors(confidence: float) -> float:
    """Standard errors on either side of a normal mean within which it lies with this confidence."""
    return float(ndtri(0.5 + confidence / 2.0))


def middle_range(values: Floats, outside: float = 0.1) -> tuple[float, float]:
    """The range of all values but a share outside, half of it on each side; nan with fewer than two.

    It speaks of single values and not of their mean, and does not narrow with more of them.

    Args:
        values: (R,), none of them nan.
        outside: share of the values beyond the range; 0.1 gives the 5 and 95 % quantiles.
    """
    if values.size < 2:
        return math.nan, math.nan
    low, high = np.quantile(values, [0.5 * outside, 1.0 - 0.5 * outside])
    return float(low), float(high)


def shares_better_and_worse(differences: Floats, *, highest: bool) -> tuple[float, float]:
    """Share of differences from a base, (R,), that are gains and that are losses; those of exactly 0 are neither.

    Args:
        differences: none of them nan.
        highest: whether more is better; else less.
    """
    if not differences.size:
        return math.nan, math.nan
    gains = differences if highest else -differences
    return float((gains > 0.0).mean()), float((gains < 0.0).mean())


def spread_between(values: Floats) -> float:
    """Standard deviation between neighbourhoods, the root of its mean square over runs.

    Args:
        values: (neighbourhoods, rows, replications), nan where there is none, in units of the outcome.

    Returns:
        units of the outcome; 0 where no run has two neighbourhoods with a value.
    """
    several = values[:, (~np.isnan(values)).sum(axis=0) > 1]
    return float(np.sqrt(np.nanvar(several, axis=0, ddof=1).mean())) if several.size else 0.0


def least_difference(values: Floats, in_sd: float = LEAST_IN_SD, least: float = LEAST) -> float:
    """Least difference by which a neighbourhood counts as higher or lower, in units of the outcome.

    Args:
        values: under the base, as for `spread_between`.
        in_sd: in standard deviations between neighbourhoods.
        least: in units of the outcome, whatever the deviation; with both 0 any difference counts.
    """
    return max(in_sd * spread_between(values), least)


def crossed_interval(values: Floats, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean of values of a sample's rows that share the seeds of their replications, (rows, R), with its interval.

    Rows with the same seeds are not independent: the effect of a seed on all rows does not average out with more rows.
    So the variance of the mean has a component of the rows and one of the replications (`_crossed`). With two
    replications a 95 % interval has a coverage of about 88 % if all variation is between replications.

    Args:
        values: nan where there is none; the mean is that of the rows' own means.
        confidence: of the interval.

    Returns:
        Mean, low, high; without bounds (nan) unless two rows have two replications in common.
    """
    means = _means_of_rows(values[:, :, None])
    if not means.size:
        return math.nan, math.nan, math.nan
    variance, freedom = _crossed(values[:, :, None])
    mean = float(means.mean())
    if not freedom > 0.0:
        return mean, math.nan, math.nan
    half = float(stdtrit(freedom, 0.5 + confidence / 2.0)) * math.sqrt(max(0.0, float(variance[0, 0])))
    return mean, mean - half, mean + half


def _means_of_rows(values: Floats) -> Floats:
    """Means of rows over their replications, (rows, A), of those that have any; replications, (R, A), as they are."""
    known = np.isfinite(values).all(axis=-1)
    if values.ndim == 2:
        return np.asarray(values[known])
    there = known.sum(axis=1)
    totals = np.where(known[:, :, None], values, 0.0).sum(axis=1)
    return np.asarray(totals[there > 0] / there[there > 0, None])


def _crossed(values: Floats) -> tuple[Floats, float]:
    """Covariance of means over rows and replications, (A, A), and its degrees of freedom, by Satterthwaite (1946).

    In the two-way layout without repetition it is (MS of rows + MS of replications - MS of the rest) / (rows R); if the
    rest is no less than one of the two, that one's component counts as 0; of several arms the rest is not subtracted
    where some difference between them would be left without spread. The degrees are never fewer than those of rows or
    replications alone, whichever are fewer; arms have them in common.

    Args:
        values: (rows, R, A); of those with gaps, rows or replications are left out, whichever leaves more.
    """
    known = np.isfinite(values).all(axis=2)
    values = values[:, known.any(axis=0)]
    known = known[:, known.any(axis=0)]
    rows, columns = known.all(axis=1), known.all(axis=0)
    whole = values[rows] if rows.sum() * known.shape[1] >= columns.sum() * known.shape[0] else values[:, columns]
    count, replications, arms = whole.shape
    if count < 2 or replications < 2:
        return np.full((arms, arms), math.nan), math.nan
    squares, degrees = mean_squares(whole)
    sizes = [float(np.trace(square)) for square in squares]
    if min(sizes[:2]) <= sizes[2]:
        larger = int(sizes[1] > sizes[0])
        return squares[larger] / (count * replications), float(degrees[larger])
    covariance, left = (squares[0] + squares[1] - squares[2]) / (count * replications), sizes[2]
    if arms > 1 and np.linalg.eigvalsh(covariance)[0] <= 0.0:  # some difference would have no spread at all
        covariance, left = (squares[0] + squares[1]) / (count * replications), 0.0
    parts = [*sizes[:2], left]
    freedom = (sizes[0] + sizes[1] - left) ** 2 / sum(
        size**2 / own for size, own in zip(parts, degrees, strict=True)
    )
    return covariance, max(freedom, float(min(degrees)))


def mean_squares(values: Floats) -> tuple[tuple[Floats, Floats, Floats], tuple[int, int, int]]:
    """Mean squares of rows, replications and the rest in a two-way layout without repetition, and their degrees.

    Args:
        values: (rows, R, A), without gaps; at least two rows and two replications.

    Returns:
        three matrices, (A, A), and three degrees of freedom.
    """
    count, replications, arms = values.shape
    grand = values.mean(axis=(0, 1))
    of_row, of_replication = values.mean(axis=1) - grand, values.mean(axis=0) - grand
    rest = (values - grand - of_row[:, None] - of_replication[None]).reshape(-1, arms)
    degrees = (count - 1, replications - 1, (count - 1) * (replications - 1))
    squares = (
        replications * of_row.T @ of_row / degrees[0],
        count * of_replication.T @ of_replication / degrees[1],
        rest.T @ rest / degrees[2],
    )
    return squares, degrees


def _of_means(values: Floats) -> tuple[Floats, float]:
    """Covariance of means, (A, A), and its degrees of freedom: of replications, (R, A), or of rows, (rows, R, A)."""
    if values.ndim == 3:
        return _crossed(values)
    replications = len(values)
    if replications < 2:
        return np.full((values.shape[1],) * 2, math.nan), math.nan
    return np.atleast_2d(np.cov(values, rowvar=False)) / replications, replications - 1.0


def variance_reduction(base: Floats, other: Floats) -> float:
    """Variance reduction by pairing: how many times as many unpaired replications give an equally narrow interval.

    (Var(base) + Var(other)) / Var(other - base) of the means: 1 if common random numbers gain nothing, less if they
    harm, NaN if the two differ by a constant, so that every interval is a point (Law 2015, section 11.2).

    Args:
        base, other: values by replication, (R,), with the same seeds in the same place; or by row of a sample and
            replication, (rows, R).
    """
    single, second, paired = (_variance_of_mean(values) for values in (base, other, other - base))
    return (single + second) / paired if paired > 0.0 else math.nan


def _variance_of_mean(values: Floats) -> float:
    """Variance of the mean of replications, (R,), or of rows, (rows, R); nan if there are fewer than two."""
    if values.ndim == 1:
        return float(values.var(ddof=1)) / values.size if values.size > 1 else math.nan
    return float(_crossed(values[..., None])[0][0, 0])


def probability_best(values: Floats, *, highest: bool, seed: int = 0) -> Floats:
    """Posterior probability of each arm that its mean is the best, (A,); they sum to 1, and equal arms share.

    The A - 1 differences of correlated normal means have a multivariate t posterior about those of the sample, with
    R - 1 degrees of freedom, so that each single difference has Student's t of the paired test, as its interval has. Of
    the priors of Geisser and Cornfield (1963) this is v = 2. The usual v = A, with which joint regions are Hotelling's,
    takes A - 2 degrees away and is too unsure: of four arms in four replications it said 80 % where 97 % were right. Of
    two arms it is in closed form, of more read from draws; in rows of a sample, arms have their degrees in common. Arms
    alike in every value are one arm there. With fewer replications than arms it is nan.

    Args:
        values: (R, A), replications by arms, none of them nan; or (rows, R, A), rows of a sample that share the seeds
            of their replications (`crossed_interval`), nan where there is none.
        highest: whether the highest mean is best; else the lowest.
        seed: of the draws.
    """
    arms = values.shape[-1]
    if arms == 1:
        return np.ones(1)
    flat = values.reshape(-1, arms)
    flat = flat[np.isfinite(flat).all(axis=1)]
    if not len(flat):
        return np.full(arms, np.nan)
    _, first, kind, alike = np.unique(flat, axis=1, return_index=True, return_inverse=True, return_counts=True)
    return (_of_different(values[..., first], highest=highest, seed=seed) / alike)[kind.reshape(-1)]


def _of_different(values: Floats, *, highest: bool, seed: int) -> Floats:
    """`probability_best` of arms no two of which are alike."""
    arms = values.shape[-1]
    if arms == 1:
        return np.ones(1)
    scores = values if highest else -values
    against = scores[..., 1:] - scores[..., :1]  # what all arms have in common falls out
    spread, freedom = _of_means(against)
    if not freedom >= arms - 1.0:  # fewer leave directions without any spread
        return np.full(arms, np.nan)
    centre = _means_of_rows(against).mean(axis=0)
    if arms == 2:
        second = _above_zero(float(centre[0]), math.sqrt(float(spread[0, 0])), freedom)
        return np.array([1.0 - second, second])
    roots, axes = np.linalg.eigh(spread)
    normal, heavy = _draws(arms - 1, float(freedom), seed)
    drawn = np.zeros((arms, DRAWS))
    drawn[1:] = centre[:, None] + ((axes * np.sqrt(np.clip(roots, 0.0, None))) @ normal) * heavy
    winners = drawn >= drawn.max(axis=0)
    return np.asarray((winners / winners.sum(axis=0)).mean(axis=1))


@lru_cache(maxsize=8)
def _draws(count: int, freedom: float, seed: int) -> tuple[Floats, Floats]:
    """Standard normal draws, (count, DRAWS), and what makes a t distribution of them, (DRAWS,); kept between calls.

    All outcomes of a comparison use the same draws, because making them takes longer than using them.
    """
    draw = np.random.default_rng(seed)
    normal = np.ascontiguousarray(draw.standard_normal((DRAWS, count)).T)
    heavy = np.sqrt(freedom / draw.chisquare(freedom, DRAWS))
    normal.flags.writeable = heavy.flags.writeable = False
    return normal, heavy


def _above_zero(centre: float, scale: float, freedom: float) -> float:
    """Probability that a number with a t distribution about a centre is above 0; a half if it is 0 for certain."""
    if scale == 0.0:
        return 0.5 if centre == 0.0 else float(centre > 0.0)
    return float(stdtr(freedom, centre / scale))
