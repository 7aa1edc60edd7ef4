"""Statistics of paired replications: intervals, what pairing gains, and which arm is probably best."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

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
    half = float(stats.t.ppf(0.5 + confidence / 2.0, values.size - 1)) * spread / math.sqrt(values.size)
    return mean, mean - half, mean + half


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
