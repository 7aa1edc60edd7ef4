"""Patterns 16 and 19: what having taken part, and being asked, lead to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.measuring import Measured, NotTestable
from experiments.validation.cities import Cities, Twin

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FIRST_TIMERS = 0.1
"""Share made to take part, of those who never did; few, so that they hardly meet each other."""

NEXT_TIME_WEEKS = 52
ASKING_WEEKS = 4
"""Weeks in which some are asked: with hearings every four weeks, each has at least one occasion to come to."""

LISTENING_WEEKS = 8


def pattern_16(cities: Cities) -> Measured:
    """Having taken part raises taking part next time, by so many points.

    Taking part is with others here: in an occasion or in organised help.
    Treated: a tenth, drawn by lot, of the residents who never took part, made to take part in one week.
    Compared: the same residents in a city where they are not; the cities are one until that week.
    Weeks: the 52 after it. Estimator: share who take part in these weeks, treated less untreated.
    """
    before, treated = cities.twin(), cities.twin()
    never = np.flatnonzero(before.residents.last_act_week < 0)
    lot = before.luck.uniform("first act", before.week, never)
    rows = never[lot < FIRST_TIMERS]
    if not rows.size:
        raise NotTestable("nobody is left who never took part")
    before.run(1)
    treated.made_to_act = rows
    treated.run(1)
    treated.made_to_act = rows[:0]
    came = [took_part(city, NEXT_TIME_WEEKS)[rows].mean() for city in (treated, before)]
    return {"rise": float(came[0] - came[1])}


def pattern_19(cities: Cities) -> Measured:
    """Cascades are small: of what asking does to the one asked, at most 0.6 passes on to the household.

    Taking part is with others here, too.
    Treated: in half of the households of two or more, drawn by lot, one member, drawn by lot, is asked in person to
    take part, in each of four weeks. Compared: the same residents in a city where nobody from outside asks; the cities
    are one until the first of these weeks.
    Weeks: these four and the four after. Estimator: rise of the share of the other members who take part,
    over the rise of the share of those asked (Nickerson's ratio).
    """
    untreated, treated = cities.twin(), cities.twin()
    asked, others = one_of_each_household(untreated)
    if not asked.size:
        raise NotTestable("no household has two residents")
    without = took_part(untreated, LISTENING_WEEKS)
    treated.asked_from_outside = asked
    early = took_part(treated, ASKING_WEEKS)
    treated.asked_from_outside = asked[:0]
    rise = (early | took_part(treated, LISTENING_WEEKS - ASKING_WEEKS)).astype(float) - without
    direct, passed_on = float(rise[asked].mean()), float(rise[others].mean())
    return {"pass-through": passed_on / direct if direct > 0.0 else float("nan")}


def took_part(city: Twin, weeks: int) -> Flags:
    """Run some weeks and say who took part with others in them, (N,)."""
    before = city.week
    city.run(weeks)
    return np.asarray(city.residents.last_act_week > before)


def one_of_each_household(city: Twin) -> tuple[Integers, Integers]:
    """One member of each household drawn, and the others of the same households: rows."""
    household, people = city.residents.household.astype(np.int64), len(city.residents)
    size = np.bincount(household)
    drawn = city.streams.uniform("households drawn", city.week, size.size) < 0.5
    there = np.flatnonzero((drawn & (size >= 2))[household])
    order = there[np.lexsort((city.luck.uniform("member drawn", city.week, people)[there], household[there]))]
    first = np.append(True, household[order][1:] != household[order][:-1]) if order.size else np.zeros(0, bool)
    return order[first], order[~first]
