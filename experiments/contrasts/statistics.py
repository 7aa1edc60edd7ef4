"""Statistics of paired replications: intervals, what pairing gains, and which arm is probably best."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # the quantile of Student's t; scipy.stats takes long to import

Floats = NDArray[np.float64]

DRAWS = 20_000
"""Draws from the posterior for the probability of being best: a standard error of at most 0.4 points."""


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
    spread = float(values.std(ddof=1))
    half = float(stdtrit(values.size - 1, 0.5 + confidence / 2.0)) * spread / math.sqrt(values.size)
    return mean, mean - half, mean + half


def over_looks(confidence: float, looks: int) -> float:
    """Level of each interval by which `confidence` holds over several looks at the data together: 1 - (1 - c) / looks.

    Bonferroni: wherever among the looks a rule stops, the interval then given is wrong no more often than 1 - c.
    """
    return 1.0 - (1.0 - confidence) / looks


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


def variance_reduction(base: Floats, other: Floats) -> float:
    """How many times as many unpaired replications would give as narrow an interval of the difference.

    (Var(base) + Var(other)) / Var(other - base): 1 where common random numbers gain nothing, less where they harm, nan
    where the two differ by a constant, so that every interval is a point (Law 2015, section 11.2).

    Args:
        base, other: values by replication, (R,), with the same luck in the same place.
    """
    if base.size < 2:
        return math.nan
    paired = float((other - base).var(ddof=1))
    return float(base.var(ddof=1) + other.var(ddof=1)) / paired if paired > 0.0 else math.nan


def probability_best(values: Floats, *, highest: bool, seed: int = 0) -> Floats:
    """Posterior probability of each arm that its mean is the best, (A,); they sum to 1, ties share.

    Under the usual reference prior the A - 1 differences of correlated normal means have a multivariate t posterior
    about those of the sample, with R - A + 1 degrees of freedom (Geisser and Cornfield 1963). With fewer replications
    than arms it is nan.

    Args:
        values: (R, A), replications by arms, none of them nan.
        highest: whether the highest mean is best; else the lowest.
        seed: of the draws.
    """
    replications, arms = values.shape
    if arms == 1:
        return np.ones(1)
    if replications < arms:
        return np.full(arms, np.nan)
    scores = values if highest else -values
    against = scores[:, 1:] - scores[:, :1]  # what all arms have in common falls out
    centre, freedom = against.mean(axis=0), replications - (arms - 1)
    spread = np.atleast_2d(np.cov(against, rowvar=False)) * (replications - 1) / (freedom * replications)
    draw = np.random.default_rng(seed)
    roots, axes = np.linalg.eigh(spread)
    normal = draw.standard_normal((DRAWS, arms - 1)) @ (axes * np.sqrt(np.clip(roots, 0.0, None))).T
    heavy = np.sqrt(freedom / draw.chisquare(freedom, DRAWS))
    drawn = np.column_stack([np.zeros(DRAWS), centre + normal * heavy[:, None]])
    winners = drawn >= drawn.max(axis=1, keepdims=True)
    return np.asarray((winners / winners.sum(axis=1, keepdims=True)).mean(axis=0))
