"""Nodes for means over a normal distribution."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@lru_cache(maxsize=8)
def hermite_nodes(count: int) -> tuple[Floats, Floats]:
    """Gauss-Hermite nodes and weights for the weight e^(-z²/2), both (count,), kept and so not to be written to.

    A mean over a standard normal is the sum of weights times values over the sum of the weights.
    Source: Abramowitz and Stegun 1964, 25.4.46.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    nodes.flags.writeable = weights.flags.writeable = False
    return nodes, weights
