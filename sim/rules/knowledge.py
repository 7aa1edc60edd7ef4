"""What the council hears and what the municipality sees: two imperfect views of need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class KnowledgeParameters(Parameters):
    """Errors, delays and whose voice counts."""

    council_error: float = parameter(
        0.1,
        "Standard deviation of the council's error about a need, in logs.",
        unit="log",
        range=(0.0, 1.0),
        source="local knowledge is good",
        tag="assumption",
        effect=Effect("agenda_need_match", -1, reduce="mean"),
    )
    municipality_error: float = parameter(
        0.5,
        "Standard deviation of the municipality's error about a need, in logs; drawn again each year.",
        unit="log",
        range=(0.0, 1.5),
        source="needs assessments from a distance err (Alderman 2002)",
        tag="assumption",
        effect=Effect("central_need_match", -1, reduce="mean"),
    )
    municipality_delay_weeks: int = parameter(
        26,
        "Age of the municipality's picture of services.",
        unit="weeks",
        range=(0, 104),
        source="half-yearly reports",
        tag="assumption",
        effect=Effect("central_need_match", -1, low=0, high=104, reduce="mean"),
    )
    attender_voice: float = parameter(
        1.0,
        "Weight of those who go to the hub in what the council hears.",
        unit="weight",
        range=(0.0, 3.0),
        source="the hub is the place of dialogue",
        tag="assumption",
        effect=Effect(
            "agenda_need_match",
            +1,
            reduce="mean",
            why="those who go to the hub are many; with them the council hears more than its members",
        ),
    )
    member_voice: float = parameter(
        1.0,
        "Weight of the members' own needs in what the council hears.",
        unit="weight",
        range=(0.0, 3.0),
        source="members know their own street",
        tag="assumption",
        effect=Effect(
            "agenda_need_match", +1, reduce="mean", why="members have needs that those at the hub do not have"
        ),
    )
    speaker_voice: float = parameter(
        1.0,
        "Weight of those who speak at hearings in what the council hears.",
        unit="weight",
        range=(0.0, 3.0),
        source="hearings are held to be heard",
        tag="assumption",
        effect=Effect("voice_heard_share", +1, reduce="mean"),
    )
    speaking_probability: float = parameter(
        0.3,
        "Probability that one who comes to a hearing speaks.",
        unit="share",
        range=(0.0, 1.0),
        source="most listen",
        tag="assumption",
        null=0.0,
        effect=Effect("speakers", +1, reduce="mean"),
    )
    agenda_memory: float = parameter(
        0.7,
        "Weight of the old agenda when a hearing renews it.",
        unit="share",
        range=(0.0, 0.95),
        source="agendas move slowly",
        tag="assumption",
        effect=Effect("voice_heard_share", -1, reduce="mean"),
    )
    agenda_places: int = parameter(
        2,
        "Categories of need that fit on a council's agenda.",
        unit="categories",
        range=(1, 6),
        source="short agendas",
        tag="assumption",
        effect=Effect("voice_heard_share", +1, low=1, high=4, reduce="mean"),
    )
    advice_taken: float = parameter(
        0.2,
        "Probability that the municipality carries out the project it promised to a council it consulted.",
        unit="share",
        range=(0.0, 1.0),
        source="consultation is often not acted upon (Arnstein 1969)",
        tag="assumption",
        null=0.0,
        effect=Effect("construction_projects_late", -1, when={"policy.authority.mode": "consultation"}),
    )
    rung_of_consultation: float = parameter(
        0.2,
        "Rung of real power that consultation alone gives (Arnstein's ladder, 0 to 1).",
        unit="share",
        range=(0.0, 1.0),
        source="Arnstein 1969: tokenism is rungs three to five of eight",
        tag="assumption",
        effect=Effect(
            "trust_in_council",
            +1,
            when={"policy.authority.mode": "consultation", "behaviour.knowledge.speaking_probability": 1.0},
        ),
    )


def need(mean_weights: Floats, services: Floats) -> Floats:
    """Need of each neighbourhood for each category: w̄_bc (1 - S_bc), both (M, 6)."""
    return mean_weights * (1.0 - services)


def as_shares(values: Floats) -> Floats:
    """Rows scaled to sum to 1; a row of zeros becomes equal shares; (M, C)."""
    total = values.sum(axis=-1, keepdims=True)
    if total.all():
        return np.asarray(values / total)
    equal = np.full_like(values, 1.0 / values.shape[-1])
    return np.divide(values, total, out=equal, where=total > 0.0)


def need_match(spending: Floats, true_need: Floats) -> float:
    """Match of spending to need: 1 - ½ Σ |share of spending - share of need|, in [0, 1]; nan if nothing was spent.

    Args:
        spending: money by neighbourhood and category, (M, 6).
        true_need: need times people, (M, 6).
    """
    spent, needed = spending.sum(), true_need.sum()
    if spent <= 0.0 or needed <= 0.0:
        return float("nan")
    return float(1.0 - 0.5 * np.abs(spending / spent - true_need / needed).sum())
