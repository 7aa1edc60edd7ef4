"""Indices of inequality and of clustering in space; pure functions of arrays."""

from __future__ import annotations

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def weighted_gini(values: Floats, weights: Floats) -> float:
    """Gini coefficient of values held by groups of people, each (M,); 0 where all is equal or nothing is there."""
    order = np.argsort(values, kind="stable")
    people = np.cumsum(weights[order]) / weights.sum()
    held = np.cumsum(values[order] * weights[order])
    if held[-1] <= 0.0:
        return 0.0
    held = held / held[-1]
    area = np.sum(np.diff(people, prepend=0.0) * (held + np.concatenate([[0.0], held[:-1]])))
    return float(max(0.0, 1.0 - area))


def theil(values: Floats, weights: Floats) -> float:
    """Theil's T of values held by groups of people, each (M,)."""
    share = weights / weights.sum()
    mean = float((values * share).sum())
    ratio = values / mean if mean > 0.0 else np.ones_like(values)
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0.0)
    return float(max(0.0, (share * ratio * logs).sum()))


def morans_i(values: Floats, adjacency: scipy.sparse.csr_array) -> float:
    """Moran's I of values on a graph of neighbourhoods, (M,) and (M, M) of 0 and 1; 0 where all are equal."""
    deviation = values - values.mean()
    variance = float(deviation @ deviation)
    total = float(adjacency.sum())
    if variance <= 1e-24 or total == 0.0:
        return 0.0
    return float(values.size / total * (deviation @ (adjacency @ deviation)) / variance)
