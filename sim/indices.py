"""Indices of inequality and of clustering in space; pure functions of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def weighted_gini(values: Floats, weights: Floats) -> float:
    """Gini coefficient of values held by groups of people, each (M,); 0 where all is equal or nothing is there."""
    order = np.argsort(values, kind="mergesort")
    people = weights[order]
    own = values[order] * people
    held = np.cumsum(own)
    if held[-1] <= 0.0:
        return 0.0
    twice_below_lorenz = (people * (2.0 * held - own)).sum() / (people.sum() * held[-1])
    return max(0.0, 1.0 - twice_below_lorenz)


@compiled
def theil(values: Floats, weights: Floats) -> float:
    """Theil's T of values held by groups of people, each (M,)."""
    people = weights.sum()
    mean = (values * weights).sum() / people
    total = 0.0
    for k in range(values.size):
        if values[k] > 0.0:
            ratio = values[k] / mean
            total += weights[k] / people * ratio * np.log(ratio)
    return max(0.0, total)


@compiled
def morans_i(values: Floats, borders: Integers) -> float:
    """Moran's I of values of neighbourhoods, (M,), that share borders, (borders, 2); 0 where all are equal."""
    deviation = values - values.sum() / values.size
    variance = (deviation * deviation).sum()
    if variance <= 1e-24 or not len(borders):
        return 0.0
    across = 0.0
    for k in range(len(borders)):
        across += deviation[borders[k, 0]] * deviation[borders[k, 1]]
    return values.size / len(borders) * across / variance
