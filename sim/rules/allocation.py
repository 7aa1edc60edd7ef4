"""Allocation of money between neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.registry import Registry

Floats = NDArray[np.float64]

ALLOCATIONS: Registry[Callable[[Any], Floats]] = Registry(
    "allocation", "per_head", "by_need", "by_participation", "by_favour"
)
"""Keys by which money is divided: the city in, shares of neighbourhoods out, (M,), sum 1."""


def per_head(population: Floats) -> Floats:
    """Shares by residents; (M,), sum 1."""
    return population / population.sum()


def by_need(population: Floats, need_per_head: Floats) -> Floats:
    """Shares by residents times need per head; per head where nobody needs anything; (M,), sum 1."""
    weights = population * need_per_head
    return weights / weights.sum() if weights.sum() > 0.0 else per_head(population)


def by_participation(population: Floats, participation_rate: Floats) -> Floats:
    """Shares half per head, half by people who took part with others lately; (M,), sum 1.

    Half is kept per head, as in Porto Alegre, where participation was one criterion beside population and need.
    """
    active = population * participation_rate
    head = per_head(population)
    return 0.5 * head + 0.5 * active / active.sum() if active.sum() > 0.0 else head


def by_favour(population: Floats, closeness: Floats) -> Floats:
    """Shares by residents times closeness to the municipality (any positive scale); (M,), sum 1."""
    weights = population * closeness
    return weights / weights.sum()
