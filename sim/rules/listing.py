"""The list: who took part is known, and is asked again until he or she leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class ListParameters(Parameters):
    """Who is put on a list, and how much of asking goes to those on it."""

    listing_probability: float = parameter(
        0.3,
        "Probability that somebody who took part with others is put on the list of the neighbourhood.",
        unit="per event",
        range=(0.0, 1.0),
        source="assumed: a third of those who take part leave a number",
        tag="assumption",
        null=0.0,
        effect=Effect("listed", +1),
    )
    share_of_asking: float = parameter(
        0.5,
        "Share of what councils, mayors and hosts of gatherings ask that goes to people on the list.",
        unit="share",
        range=(0.0, 1.0),
        source="assumed: they ask people they know as often as people at random",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "participation_rate",
            +1,
            when={"behaviour.participation.council_asks_per_week": 20.0},
            reduce="mean",
            why="those on the list lean more to taking part",
        ),
    )


def listed_in_the_long_run(acts: Floats, listing_probability: float, leaving: Floats) -> Floats:
    """Share of time on the list in the long run: a p / (a p + h); shapes equal.

    Each week somebody not listed is put on the list with a p, and somebody listed leaves it with h. 0 where both are 0.

    Args:
        acts: weekly probability of taking part with others, a.
        listing_probability: p.
        leaving: weekly probability of leaving, h.
    """
    joining = acts * listing_probability
    either = joining + leaving
    return np.divide(joining, either, out=np.zeros_like(either), where=either > 0.0)
