"""Indices of inequality and of clustering in space; pure functions of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def weighted_gini(values: Floats, weights: Floats) -> float:
    """Gini coefficient of values held by groups of people, each (M,); 0 where all is equal or nothing is there."""
    order = np.argsort(values, kind="stable")
    people = weights[order]
    own = values[order] * people
    held = np.cumsum(own)
    if held[-1] <= 0.0:
        return 0.0
    twice_below_lorenz = (people * (2.0 * held - own)).sum() / (people.sum() * held[-1])
    return float(np.maximum(0.0, 1.0 - twice_below_lorenz))


def theil(values: Floats, weights: Floats) -> float:
    """Theil's T of values held by groups of people, each (M,)."""
    share = weights / weights.sum()
    mean = float((values * share).sum())
    ratio = values / mean if mean > 0.0 else np.ones_like(values)
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0.0)
    return float(np.maximum(0.0, (share * ratio * logs).sum()))


def morans_i(values: Floats, borders: Integers) -> float:
    """Moran's I of values of neighbourhoods, (M,), that share borders, (borders, 2); 0 where all are equal."""
    deviation = values - values.sum() / values.size
    variance = float((deviation * deviation).sum())
    if variance <= 1e-24 or not len(borders):
        return 0.0
    across = float(deviation[borders].prod(axis=1).sum())
    return values.size / len(borders) * across / variance
