"""Patterns 12 and 13: how fast trust falls and rises, and whose trust moves least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.measuring import Measured
from experiments.patterns import KINDS_OF_TRUST
from experiments.validation.cities import Cities, Twin

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SERVICES = 0.2
"""By how much the level of all services falls in one city and rises in another, on their scale from 0 to 1."""

DISPLACEMENT = 0.1
"""By how much the trust of those is moved whose talk is followed."""

SOURCES = 0.1
"""Share of residents whose trust is moved, for the others to hear of."""

FOLLOWED_WEEKS = 13
EXTREME_SHARE = 0.2


def pattern_12(cities: Cities) -> Measured:
    """Trust in the municipality falls faster than it rises on direct experience, and as fast on hearsay.

    Direct experience. Treated: everybody; in one week all services fall by 0.2 in one city and rise by 0.2 in another.
    How much faster a loss is is a parameter, but people who had gained, and now gain less, lose nothing by it: the
    ratio for the city need not be the parameter.
    Hearsay. Treated: a tenth of the residents, drawn by lot, trust 0.1 less in one city and 0.1 more in another; looked
    at are all others, who can only hear of it.
    Compared: the same residents in a city where nothing of the kind happens; the cities are one until that week.
    Weeks: the 13 after it. Estimator: mean fall over mean rise.
    """
    before = cities.twin()
    trust, people = before.residents.trust_in_municipality.copy(), len(before.residents)
    lot = before.luck.uniform("sources of hearsay", before.week, people)
    movable = (trust >= DISPLACEMENT) & (trust <= 1.0 - DISPLACEMENT)
    sources = np.flatnonzero(movable & (lot < SOURCES))
    everybody = np.arange(people)
    others = np.setdiff1d(everybody, sources)
    untreated = followed(before)

    def of_services(size: float) -> float:
        return effect(with_services(cities.twin(), size), untreated, everybody)

    def of_hearsay(size: float) -> float:
        return effect(displaced(cities.twin(), sources, size), untreated, others)

    return {
        "direct experience": fall_over_rise(of_services(-SERVICES), of_services(SERVICES)),
        "hearsay": fall_over_rise(of_hearsay(-DISPLACEMENT), of_hearsay(DISPLACEMENT)),
    }


def with_services(city: Twin, size: float) -> Twin:
    """The city after the level of all services changed by `size`, as far as 0 and 1 allow."""
    city.services = np.clip(city.services + size, 0.0, 1.0)
    return city


def displaced(city: Twin, rows: Integers, size: float) -> Twin:
    """The city after the trust of some was moved, whatever moved it."""
    city.residents.trust_in_municipality[rows] += size
    return city


def followed(city: Twin) -> Floats:
    """Mean of each resident's trust in the municipality over the weeks that follow, (N,)."""
    total = np.zeros(len(city.residents))
    for _ in range(FOLLOWED_WEEKS):
        city.run(1)
        total += city.residents.trust_in_municipality
    return total / FOLLOWED_WEEKS


def effect(treated: Twin, untreated: Floats, rows: Integers) -> float:
    """Mean difference between a treated and an untreated city over some residents, in the weeks that follow."""
    return float((followed(treated) - untreated)[rows].mean()) if rows.size else float("nan")


def fall_over_rise(fall: float, rise: float) -> float:
    """How many times as large a fall is as a rise; not a number unless they have the signs they should have."""
    return -fall / rise if rise > 0.0 > fall else float("nan")


def pattern_13(cities: Cities) -> Measured:
    """Residents with extreme trust move least.

    Compared: the fifth of residents whose trust at the start is furthest from the middle, |2 T - 1|, and all others,
    for each kind of trust; nobody is treated.
    Weeks: first and last of the config's own run. Estimator: by which share the extreme fifth moves less, on average,
    from where it started. Moves back and forth in between, as talk brings them every week, are not counted.
    """
    residents, found = cities.own.city.residents, {}
    for kind in KINDS_OF_TRUST:
        start = residents[f"innate_trust_in_{kind}"]  # everybody starts there
        moved = np.abs(residents[f"trust_in_{kind}"] - start)
        found[f"extreme move less: trust in {kind}"] = less_movement(np.abs(2.0 * start - 1.0), moved)
    return found


def less_movement(extremity: Floats, moved: Floats) -> float:
    """By which share the most extreme fifth moves less than all others; both (N,)."""
    extreme = extremity >= np.quantile(extremity, 1.0 - EXTREME_SHARE)
    others = float(moved[~extreme].mean()) if not extreme.all() else 0.0
    return 1.0 - float(moved[extreme].mean()) / others if others > 0.0 else float("nan")
