"""Expectation and disconfirmation: people compare what they get with what they had come to expect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class ExpectationParameters(Parameters):
    """How expectations form, and how much disappointment weighs."""

    initial_gap: float = parameter(
        0.0,
        "How far expectation starts above what a long status quo makes it.",
        unit="share",
        range=(-0.2, 0.3),
        source="none: a city that has long been as it is expects what it is used to",
        tag="assumption",
        null=0.0,
        effect=Effect("expectation", +1, reduce="first"),
    )
    disconfirmation_weight: float = parameter(
        0.8,
        "Weight of performance minus expectation in satisfaction (γ).",
        unit="ratio",
        range=(0.0, 2.0),
        source="direction: Van Ryzin 2006, 2013; size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality", -1, when={"behaviour.expectation.initial_gap": 0.2}),
    )
    adaptation_per_week: float = parameter(
        0.01,
        "Weekly step of expectation towards performance (ρ).",
        unit="per week",
        range=(0.001, 0.05),
        source="expectations follow experience over one to two years",
        tag="assumption",
        effect=Effect("expectation", -1, when={"behaviour.expectation.initial_gap": 0.2}),
    )
    pledge_rise: float = parameter(
        0.04,
        "Rise of expectation on hearing of a pledge (κ).",
        unit="share",
        range=(0.0, 0.15),
        source="the first visible effect of the councils was that residents demanded more (local press, May 2023)",
        tag="assumption",
        null=0.0,
        effect=Effect("expectation", +1),
    )


def satisfaction(performance: Floats, expectation: Floats, disconfirmation_weight: float) -> Floats:
    """Signal of a week's services: s = clip(P + γ (P - E)), all shares of equal shape (Van Ryzin 2006)."""
    return np.minimum(np.maximum(performance + disconfirmation_weight * (performance - expectation), 0.0), 1.0)


def adapt(expectation: Floats, performance: Floats, adaptation_per_week: float) -> Floats:
    """Expectation a week later: E + ρ (P - E), all shares of equal shape."""
    return expectation + adaptation_per_week * (performance - expectation)


def usual_expectation(performance: Floats, pledges_heard: Floats, pledge_rise: float, adaptation: float) -> Floats:
    """Where expectation comes to rest among usual pledges: X = P + (h κ / ρ)(1 - X), shares of equal shape.

    Args:
        performance: P, share, (n,).
        pledges_heard: h, pledges that a resident hears in a week, (n,).
        pledge_rise, adaptation: κ and ρ.
    """
    lift = pledges_heard * pledge_rise / adaptation
    return (performance + lift) / (1.0 + lift)


def raise_by_pledge(expectation: Floats, pledge_rise: float) -> Floats:
    """Expectation of those who heard a pledge: E + κ (1 - E), so that it stays a share."""
    return expectation + pledge_rise * (1.0 - expectation)
