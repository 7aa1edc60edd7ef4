"""Awareness: who notices works, pledges, breaches and scandals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


_SCANDAL: dict[str, Any] = {
    "timeline": ({"shocks": [{"kind": "scandal", "week": 60, "size": 1.0, "blamed": "municipality"}]},)
}


class AwarenessParameters(Parameters):
    """Who gets to know what."""

    finished_work: float = parameter(
        0.5,
        "Probability that a resident notices a work finished in the neighbourhood.",
        unit="share",
        range=(0.0, 1.0),
        source="works in one's own street are seen",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_council", +1),
    )
    broken_pledge: float = parameter(
        0.4,
        "Probability that one who heard a pledge notices that its date has passed.",
        unit="share",
        range=(0.0, 1.0),
        source="memories are short",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_council", -1, when={"policy.pledges.optimism": 0.7}),
    )
    tracking_effect: float = parameter(
        0.6,
        "Share of the rest who notice a broken pledge where pledges are on record.",
        unit="share",
        range=(0.0, 1.0),
        source="assumed",
        tag="assumption",
        effect=Effect(
            "trust_in_council", -1, when={"policy.pledges.optimism": 0.7, "policy.accountability.pledge_tracking": True}
        ),
    )
    scandal: float = parameter(
        0.5,
        "Probability that a resident hears of a scandal in the neighbourhood.",
        unit="share",
        range=(0.0, 1.0),
        source="news travels",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality", -1, when=_SCANDAL, why="of a scandal beyond those one is used to"),
    )
    scandal_weight: float = parameter(
        1.5,
        "Weight of hearing of a scandal of full size, that of losses included; a tenth of spending leaked is one.",
        unit="ratio",
        range=(0.0, 4.0),
        source="direction: local scandals lower trust (Solé-Ollé and Sorribas-Navarro 2018); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality", -1, when=_SCANDAL, why="of a scandal beyond those one is used to"),
    )
    termination_weight: float = parameter(
        0.5,
        "Size of the scandal that the end of a programme is, for those who hear of it.",
        unit="share",
        range=(0.0, 1.0),
        source="Tehran's neighbourhood councils were annulled in court in 2020; no measurement",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "trust_in_municipality",
            -1,
            when={"timeline": ({"start": 50, "set": {"authority.mode": "top_down"}},)},
        ),
    )


def relevance(weights_of_category: Floats) -> Floats:
    """How much a work meets a resident's needs: min(1, 3 w_ic), so that an average need counts half; shape kept."""
    return np.minimum(1.0, 3.0 * weights_of_category)
