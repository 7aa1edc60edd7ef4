"""Patterns 12 and 13: how fast trust falls and rises, and whose trust moves least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.measuring import Measured, Untold
from experiments.patterns import KINDS_OF_TRUST
from experiments.validation.cities import Cities, Twin
from sim.rules.trust import experience

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEWS = 0.2
"""How far good news lies above, and bad news below, what each of those who get it trusts."""

DISPLACEMENT = 0.1
"""By how much the trust of those is moved whose talk is followed."""

SOURCES = 0.1
"""Share of residents whose trust is moved, for the others to hear of."""

FOLLOWED_WEEKS = 13
EXTREME_SHARE = 0.2


def pattern_12(cities: Cities) -> Measured:
    """Trust in the municipality falls faster than it rises on direct experience, and as fast on hearsay.

    Direct experience. Treated: half of the residents, drawn by lot, have one experience more of the municipality, as
    weighty as a finished work; in one city it lies 0.2 above what each of them trusts, in another 0.2 below.
    Hearsay. Treated: a tenth, drawn by lot, trust 0.1 more in one city and 0.1 less in another; looked at are all the
    others, who can only hear of it.
    Compared: the same residents in a city where nothing of the kind happens; the cities are one until that week.
    Weeks: the 13 after it. Estimator: mean fall over mean rise.
    """
    before = cities.twin()
    trust, lot = before.residents.trust_in_municipality, before.luck.uniform("news", before.week, len(before.residents))
    movable = (trust >= NEWS) & (trust <= 1.0 - NEWS)
    told = np.flatnonzero(movable & (lot < 0.5))
    sources = np.flatnonzero(movable & (lot < SOURCES))
    others = np.setdiff1d(np.arange(len(lot)), sources)
    untreated = followed(before)
    direct = [effect(news(cities.twin(), told, size), untreated, told) for size in (-NEWS, NEWS)]
    heard = [effect(displaced(cities.twin(), sources, size), untreated, others) for size in (-DISPLACEMENT, DISPLACEMENT)]
    return {"direct experience": fall_over_rise(*direct), "hearsay": fall_over_rise(*heard)}


def news(city: Twin, rows: Integers, size: float) -> Twin:
    """The city after some had an experience of the municipality that lies `size` above what each trusts."""
    rules, column = city.config.behaviour.trust, city.residents.trust_in_municipality
    if rules.project_rate == 0.0:
        raise Untold("works teach nothing about whom to trust in this city (behaviour.trust.project_rate is 0)")
    column[rows] = experience(column[rows], column[rows] + size, rules.project_rate, rules.loss_to_gain_ratio)
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
