"""Compiled pass of phase 5: what works cost, and who pays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def book(
    neighbourhood: Integers,
    category: Integers,
    delegated: NDArray[np.bool_],
    paid: Floats,
    arrived: Floats,
    contributed: Floats,
    accounts: Floats,
    contributions: Floats,
    council_spending: Floats,
    central_spending: Floats,
) -> tuple[float, float, float, float]:
    """Book what was paid for works, and what of it arrived; bn toman.

    Args:
        neighbourhood to contributed: of each work, (n,); `delegated` ones are paid from the neighbourhood's account,
            except for what residents contributed.
        accounts: of neighbourhoods, (M,), from which councils pay.
        contributions: of residents so far, by neighbourhood, (M,), added to.
        council_spending, central_spending: works lately, by neighbourhood and category, (M, 6), added to.

    Returns:
        paid and arrived by councils, then by the municipality.
    """
    by_council = by_municipality = for_council = for_municipality = 0.0
    for k in range(paid.size):
        b = neighbourhood[k]
        if delegated[k]:
            by_council += paid[k]
            for_council += arrived[k]
            accounts[b] -= paid[k] - contributed[k]
            contributions[b] += contributed[k]
            council_spending[b, category[k]] += arrived[k]
        else:
            by_municipality += paid[k]
            for_municipality += arrived[k]
            central_spending[b, category[k]] += arrived[k]
    return by_council, for_council, by_municipality, for_municipality
