"""Influence between tied residents: news of experiences, or attraction between levels of trust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter
from sim.registry import Registry

Floats = NDArray[np.float64]

TALKS: Registry[Callable[[Any, Any, Any], Any]] = Registry(
    "rule of influence", "news", "bounded_confidence", "averaging", "repulsion"
)
"""What talk about levels of trust changes: the city, trust of each kind and stubbornness in; rows, (n,), and changes of
each kind, (3, n), out. Under `news` nothing is said of levels."""


_LEVELS = {"behaviour.influence.rule": "bounded_confidence"}


class InfluenceParameters(Parameters):
    """How residents move each other's trust."""

    rule: Annotated[str, TALKS] = parameter(
        "news",
        "Structural alternative: news of experiences, told to a random tie; or the level of trust of a random tie "
        "within a bound of confidence; of all ties; or of a random tie that attracts within the bound and repels "
        "beyond it.",
        unit="",
        source="hearsay: 2023 replication of Slovic 1993; Deffuant et al. 2000; DeGroot 1974; Jager and Amblard 2005",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1, low="averaging", high="repulsion"),
    )
    telling_rate_per_week: float = parameter(
        0.5,
        "Probability that a resident tells a random tie what he or she experienced, or heard, the week before.",
        unit="per week",
        range=(0.0, 1.0),
        source="half tell another person; assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("news_heard", +1, reduce="mean"),
    )
    hearsay_weight: float = parameter(
        0.4,
        "Weight of what is heard relative to a personal experience; as heavy up as down.",
        unit="ratio",
        range=(0.0, 0.9),
        source="direction: hearsay weighs less, and alike up and down (2023 replication of Slovic 1993); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality_sd", +1, when={"behaviour.contacts.per_year": 0.35}),
    )
    contact_rate_per_week: float = parameter(
        0.25,
        "Probability that a resident talks about city affairs with a tie in a week (rules of levels only).",
        unit="per week",
        range=(0.0, 1.0),
        source="direction: a minority talks about local affairs weekly; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality_sd", -1, when=_LEVELS),
    )
    confidence_bound: float = parameter(
        0.3,
        "Largest difference of trust across which hearsay still convinces (ε).",
        unit="share",
        range=(0.05, 1.0),
        source="direction: people heed those near their own view (Deffuant et al. 2000); size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", -1, when=_LEVELS),
    )
    convergence: float = parameter(
        0.1,
        "Share of the difference that a talk closes for a resident without stubbornness (μ).",
        unit="per event",
        range=(0.0, 0.5),
        source="direction: people move part of the way to advice (Yaniv 2004); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality_sd", -1, when=_LEVELS),
    )


def hearsay(trust: Floats, heard: Floats, stubbornness: Floats, convergence: float, confidence_bound: float) -> Floats:
    """Change of trust from one talk: μ (1 - k)(T_j - T_i) if |T_j - T_i| ≤ ε, else 0.

    Args:
        trust: T_i of the hearers, share, any shape.
        heard: T_j of the tie heard, same shape.
        stubbornness: k_i, share, same shape.
        convergence: μ.
        confidence_bound: ε; at 1 everybody listens to everybody (DeGroot).

    Source: Deffuant et al. 2000, made asymmetric by stubbornness (Friedkin and Johnsen 1990).
    """
    gap = heard - trust
    heeds = np.abs(gap) <= confidence_bound
    return heeds * (convergence * (1.0 - stubbornness) * gap)


def repulsion(
    trust: Floats, heard: Floats, stubbornness: Floats, convergence: float, confidence_bound: float
) -> Floats:
    """As `hearsay`, but a tie beyond the bound pushes away: -μ (1 - k)(T_j - T_i) T_i (1 - T_i) 4.

    The change is cut where trust would leave [0, 1]. Source: Jager and Amblard 2005.
    """
    gap = heard - trust
    heeds = np.abs(gap) <= confidence_bound
    away = -gap * 4.0 * trust * (1.0 - trust)
    change = convergence * (1.0 - stubbornness) * (heeds * gap + (1.0 - heeds) * away)
    return np.minimum(np.maximum(trust + change, 0.0), 1.0) - trust


def averaging(trust: Floats, mean_of_ties: Floats, stubbornness: Floats, weight: float) -> Floats:
    """Change of trust towards the mean of all ties: w (1 - k)(mean - T) (DeGroot 1974)."""
    return weight * (1.0 - stubbornness) * (mean_of_ties - trust)
