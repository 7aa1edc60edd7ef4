"""Patterns 12 and 13: how fast trust falls and rises, and whose trust moves least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.measuring import Measured
from experiments.patterns import KINDS_OF_TRUST
from experiments.validation.cities import Cities, Twin
from sim.city import City
from sim.phases.trust import undergo

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SOURCES = 0.1
"""Share of residents who have an experience, for the others to hear of."""

FOLLOWED_WEEKS = 13
EXTREME_SHARE = 0.2


def pattern_12(cities: Cities) -> Measured:
    """Trust in the municipality falls faster than it rises on direct experience, and as fast on hearsay.

    Treated: a tenth of the residents, drawn by lot, have a personal experience with the municipality, wholly good
    in one city and wholly bad in another. Compared: the same residents in a city where nothing of the kind happens; the
    cities are one until that week.
    Direct experience: those who have it. How much a loss weighs is a parameter, but what is seen is a share, in a city
    where much else happens. Hearsay: all others, who can only be told.
    Weeks: the 13 after it. Estimator: mean fall over mean rise.
    """
    before = cities.twin()
    everybody = np.arange(len(before.residents))
    lot = before.luck.uniform("sources of hearsay", before.week, everybody)
    sources = np.flatnonzero(lot < SOURCES)
    others = np.setdiff1d(everybody, sources)
    untreated = followed(before)
    changes = [followed(with_experience(cities.twin(), sources, signal)) - untreated for signal in (0.0, 1.0)]

    def of(rows: Integers) -> float:
        fall, rise = (float(change[rows].mean()) if rows.size else float("nan") for change in changes)
        return fall_over_rise(fall, rise)

    return {"direct experience": of(sources), "hearsay": of(others)}


def with_experience(city: Twin, rows: Integers, signal: float) -> Twin:
    """The city in which some have an experience of the municipality this week, and may tell of it."""
    undergo(city, "municipality", rows, signal, 1.0, told=True)
    return city


def followed(city: Twin) -> Floats:
    """Mean of each resident's trust in the municipality over the weeks that follow, (N,)."""
    total = np.zeros(len(city.residents))
    for _ in range(FOLLOWED_WEEKS):
        city.run(1)
        total += city.residents.trust_in_municipality
    return total / FOLLOWED_WEEKS


def fall_over_rise(fall: float, rise: float) -> float:
    """How many times as large a fall is as a rise; NaN unless they have the signs they should have."""
    return -fall / rise if rise > 0.0 > fall else float("nan")


def pattern_13(cities: Cities) -> Measured:
    """Residents with extreme trust move least.

    Compared: the fifth of residents whose trust at the start is furthest from the middle, |2 T - 1|, and all others,
    for each kind of trust; nobody is treated.
    Weeks: first and last of the config's own run. Estimator: by which share the extreme fifth moves less, on average,
    from where it started. Moves back and forth in between, as talk brings them every week, are not counted.
    """
    residents, found = cities.own.city.residents, {}
    at_start = cities.build(cities.config, City).residents
    for kind in KINDS_OF_TRUST:
        start = at_start[f"trust_in_{kind}"]
        moved = np.abs(residents[f"trust_in_{kind}"] - start)
        found[f"extreme move less: trust in {kind}"] = less_movement(np.abs(2.0 * start - 1.0), moved)
    return found


def less_movement(extremity: Floats, moved: Floats) -> float:
    """By which share the most extreme fifth moves less than all others; both (N,)."""
    extreme = extremity >= np.quantile(extremity, 1.0 - EXTREME_SHARE)
    others = float(moved[~extreme].mean()) if not extreme.all() else 0.0
    return 1.0 - float(moved[extreme].mean()) / others if others > 0.0 else float("nan")
