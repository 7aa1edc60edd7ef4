"""Civic life without councils: gatherings in the neighbourhood, organised help, petitions; they go on in every arm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class CivicParameters(Parameters):
    """Participation that does not depend on councils; if councils ask and tell, more residents hear of gatherings."""

    gatherings_per_year: float = parameter(
        6.0,
        "Gatherings in a neighbourhood in a year, at which its affairs are spoken of.",
        unit="per neighbourhood and year",
        range=(0.0, 26.0),
        source="assumed: religious and school occasions",
        tag="assumption",
        null=0.0,
        effect=Effect("gatherings_attended", +1, reduce="mean"),
    )
    gathering_offset: float = parameter(
        0.8,
        "How much easier a gathering is than a hearing.",
        unit="logit",
        range=(-1.0, 3.0),
        source="that of a cultural programme",
        tag="assumption",
        effect=Effect("gatherings_attended", +1, reduce="mean"),
    )
    gathering_reach: float = parameter(
        0.1,
        "Probability of hearing of a gathering in one's neighbourhood.",
        unit="share",
        range=(0.0, 1.0),
        source="that of a visit of the mayor",
        tag="assumption",
        null=0.0,
        effect=Effect("gatherings_attended", +1, reduce="mean"),
    )
    help_per_year: float = parameter(
        0.05,
        "Weeks in a year in which a resident joins organised help on common affairs, on average.",
        unit="per person and year",
        range=(0.0, 0.5),
        source="England: 22 to 24 % of adults volunteer formally in a month, an upper bound for Iran; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("helpers", +1, reduce="mean"),
    )
    petitions_per_year: float = parameter(
        0.03,
        "Petitions that a resident signs in a year, on average.",
        unit="per person and year",
        range=(0.0, 0.3),
        source="England: civic activism, 8 % of adults in a year, an upper bound for Iran; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("petitioners", +1, reduce="mean"),
    )


def initiative(propensity: Floats, mean: float, spread: float, spread_of_rates: float) -> Floats:
    """How many times as often as on average a resident acts of his or her own accord: exp(s z) over its mean; (N,).

    Args:
        propensity: own leaning to take part, logit.
        mean, spread: of that leaning; z is the deviation from the mean in spreads, 0 where there is no spread.
        spread_of_rates: s, the standard deviation of the log of rates between residents.

    Returns:
        factors; their mean is 1.
    """
    z = (propensity - mean) / spread if spread > 0.0 else np.zeros_like(propensity)
    relative = np.exp(spread_of_rates * z)
    return np.asarray(relative / relative.mean())
