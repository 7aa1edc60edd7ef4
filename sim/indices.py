"""Indices of inequality and of clustering in space; pure functions of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def weighted_gini(values: Floats, weights: Floats) -> float:
    """Gini coefficient of values held by groups of people, each (M,); 0 where all is equal or nothing is there."""
    return _gini(values, weights, np.argsort(values, kind="stable"))


@compiled
def _gini(values: Floats, weights: Floats, order: Integers) -> float:
    people = held = twice_below_lorenz = 0.0
    for k in order:
        own = values[k] * weights[k]
        people += weights[k]
        held += own
        twice_below_lorenz += weights[k] * (2.0 * held - own)
    return 0.0 if held <= 0.0 else np.maximum(0.0, 1.0 - twice_below_lorenz / (people * held))


def theil(values: Floats, weights: Floats) -> float:
    """Theil's T of values held by groups of people, each (M,)."""
    share = weights / weights.sum()
    mean = float((values * share).sum())
    ratio = values / mean if mean > 0.0 else np.ones_like(values)
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0.0)
    return float(np.maximum(0.0, (share * ratio * logs).sum()))


@compiled
def morans_i(values: Floats, borders: Integers) -> float:
    """Moran's I of values of neighbourhoods, (M,), that share borders, (borders, 2); 0 where all are equal."""
    above_first = variance = 0.0  # beside the first value, so that equal ones do not differ by rounding
    for k in range(values.size):
        above_first += values[k] - values[0]
    mean = values[0] + above_first / values.size
    for k in range(values.size):
        variance += (values[k] - mean) ** 2
    if variance <= 1e-24 or not len(borders):
        return 0.0
    across = 0.0
    for k in range(len(borders)):
        across += (values[borders[k, 0]] - mean) * (values[borders[k, 1]] - mean)
    return values.size / len(borders) * across / variance
