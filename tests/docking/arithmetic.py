"""The little arithmetic that the plain model needs."""

from __future__ import annotations

import math

SIX = range(6)
"""The categories of service: roads, green, sport, culture, waste, health."""


def mean(values):
    """Mean of numbers; 0 of none."""
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def deviation(values):
    """Standard deviation of numbers."""
    values = list(values)
    middle = mean(values)
    return math.sqrt(mean((value - middle) ** 2 for value in values))


def places(values):
    """Place of each value, 0 for the highest; equal values in their order."""
    order = sorted(range(len(values)), key=lambda index: -values[index])
    return [order.index(index) for index in range(len(values))]


def as_share(value):
    """The nearest number in [0, 1]."""
    return min(1.0, max(0.0, value))


def logistic(x):
    """σ(x)."""
    return 1.0 / (1.0 + math.exp(-x))
