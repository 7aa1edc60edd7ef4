"""What a posterior has learned: each parameter before and after, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.calibration.calibration import Floats
from experiments.statistics import bonferroni, standard_errors
from experiments.sweeps.designs import Factor, inverse_cdf

GRID = 5_000
CHANCE = 0.05
"""Probability that chance alone shows something to have been learned of any parameter at all."""

AT_BOUND, NEAR_SDS = 0.25, 2.0
"""A posterior is pressed against a bound if it has this share of its weight in the tenth of the range next to it, and
its mean lies within so many of its standard deviations of it. A uniform prior has 0.1 of its weight there; a normal
posterior of which the bound cuts off less than 2.5 % is not pressed."""


def effective_size(weight: Floats) -> float:
    """How many equally weighted particles are worth as much (Kish): ``1 / sum(weight²)`` for weights of sum 1."""
    return float(1.0 / np.square(weight).sum())


def chance_errors(looks: int) -> float:
    """Standard errors within which a difference counts as chance, where so many are looked at (Bonferroni)."""
    return standard_errors(bonferroni(1.0 - CHANCE, looks))


def weighted_quantile(values: Floats, weight: Floats, share: float) -> float:
    """The smallest value below or at which lies this share of the weight."""
    order = np.argsort(values, kind="stable")
    place = int(np.searchsorted(np.cumsum(weight[order]), share * (1.0 - 1e-12)))
    return float(values[order][min(place, values.size - 1)])


def prior_values(factor: Factor) -> Floats:
    """Values of a prior at evenly spread quantiles, (GRID,)."""
    return np.array(inverse_cdf(factor, (np.arange(GRID) + 0.5) / GRID), dtype=np.float64)


def what_was_learned(factors: Sequence[Factor], quantiles: Floats, weight: Floats) -> pd.DataFrame:
    """Prior and posterior of each parameter.

    Args:
        factors: the priors.
        quantiles: particles, (n, parameters).
        weight: (n,), of sum 1.

    Returns:
        one row per parameter: key; prior and posterior mean and sd; low and high of the posterior's central 90 %;
        ``shrinkage`` (1 - sd_posterior / sd_prior), ``shift`` of the mean in prior sds, what of either is chance for so
        many particles and parameters (`chance_errors`, the prior's kurtosis), ``learned``: whether one exceeds it, and
        ``at_bound``: lower or upper if what was learned is pressed against that bound (`AT_BOUND`), else empty.
    """
    size, errors = effective_size(weight), chance_errors(2 * len(factors))
    rows = []
    for at, factor in enumerate(factors):
        prior = prior_values(factor)
        after = np.array(inverse_cdf(factor, quantiles[:, at]), dtype=np.float64)
        mean, sd = prior.mean(), prior.std()
        mean_after = float((weight * after).sum())
        sd_after = float(np.sqrt((weight * np.square(after - mean_after)).sum()))
        kurtosis = float(np.mean(((prior - mean) / sd) ** 4))
        shrinkage, shift = 1.0 - sd_after / sd, (mean_after - mean) / sd
        by_chance = errors * np.sqrt((kurtosis - 1.0) / (4.0 * size)), errors / np.sqrt(size)
        learned = bool(abs(shrinkage) > by_chance[0] or abs(shift) > by_chance[1])
        rows.append(
            {
                "key": factor.key,
                "prior_mean": float(mean),
                "prior_sd": float(sd),
                "posterior_mean": mean_after,
                "posterior_sd": sd_after,
                "posterior_low": weighted_quantile(after, weight, 0.05),
                "posterior_high": weighted_quantile(after, weight, 0.95),
                "shrinkage": float(shrinkage),
                "shrinkage_by_chance": float(by_chance[0]),
                "shift": float(shift),
                "shift_by_chance": float(by_chance[1]),
                "learned": learned,
                "at_bound": _bound_at(factor, quantiles[:, at], after, weight) if learned else "",
            }
        )
    return pd.DataFrame(rows)


def _bound_at(factor: Factor, quantiles: Floats, values: Floats, weight: Floats) -> str:
    """Which bound of a prior its posterior is pressed against: lower, upper or, if neither, an empty text.

    Nearness is measured between the bounds: in values, of a loguniform prior in their logs, which its quantiles are. In
    the tail of a normal prior a quantile near 0 may lie many standard deviations from the bound.
    """
    if factor.is_discrete:
        return ""
    low, high = inverse_cdf(factor, np.array([0.0, 1.0]))
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    place = quantiles if factor.family in ("uniform", "loguniform") else (values - low) / (high - low)
    mean = float((weight * place).sum())
    reach = NEAR_SDS * float(np.sqrt((weight * np.square(place - mean)).sum()))
    for name, away in (("lower", place), ("upper", 1.0 - place)):
        if float((weight * away).sum()) < reach and float(weight[away <= 0.1].sum()) >= AT_BOUND:
            return name
    return ""


def trade_offs(factors: Sequence[Factor], quantiles: Floats, weight: Floats) -> pd.DataFrame:
    """Pairs of parameters that the figures hold together, the strongest first: one can make up for the other.

    Returns:
        one row per pair: one, other, correlation of their quantiles; only significant pairs (`chance_errors` for
        so many pairs).
    """
    centred = quantiles - (weight[:, None] * quantiles).sum(axis=0)
    covariance = np.einsum("n,ni,nj->ij", weight, centred, centred)
    sd = np.sqrt(np.diag(covariance))
    one, other = np.triu_indices(len(factors), 1)
    correlation = covariance[one, other] / (sd[one] * sd[other])
    keys = [factor.key for factor in factors]
    table = pd.DataFrame({"one": [keys[i] for i in one], "other": [keys[i] for i in other], "correlation": correlation})
    bound = chance_errors(max(len(table), 1)) / np.sqrt(effective_size(weight))
    strong: pd.DataFrame = table[table.correlation.abs() > bound]
    strong = strong.sort_values("correlation", key=abs, ascending=False, kind="stable")
    return strong.reset_index(drop=True)
