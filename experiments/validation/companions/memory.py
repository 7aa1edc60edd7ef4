"""Patterns 23 to 28: how long trust remembers, what an answer and a vote lead to, and who takes part anyway."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from experiments.measuring import Measured, NotTestable
from experiments.validation.cities import Cities, Twin
from experiments.validation.companions.taking_part import FIRST_TIMERS, NEXT_TIME_WEEKS
from experiments.validation.companions.votes import VOTING
from sim.phases.participation import age_of
from sim.rules.trust import log_odds, trust_after

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

YEAR = 52
SHOCK = 0.1
"""By how much everybody's trust in the municipality falls, in share."""

RELIABILITY = 0.55
"""Share of the variance of one survey item on trust that is not error: in the panels of the US General Social Survey
items on confidence in institutions have 0.45 to 0.70 (computed)."""

RISE = 0.2
"""By how much services are kept better, on their scale from 0 to 1."""

CONTACT_WEEKS = 13
STATUS_QUO = MappingProxyType({"authority.mode": "top_down"})
ADULT = 18


@dataclass(frozen=True, eq=False)
class Untreated:
    """Four years of a twin that is left alone.

    Attributes:
        trust: trust in the municipality of each resident when twins part, and at the end of each year, five of (N,).
        means: its mean at the end of each week, (208,).
        services: services at the beginning of each week, 208 of (neighbourhoods, services).
    """

    trust: tuple[Floats, ...]
    means: Floats
    services: tuple[Floats, ...]


def untreated(cities: Cities) -> Untreated:
    """Run a twin for four years without a treatment."""
    city = cities.twin()
    trust, means, services = [city.residents.trust_in_municipality.copy()], np.zeros(4 * YEAR), []
    for week in range(4 * YEAR):
        services.append(city.services.copy())
        city.run(1)
        means[week] = city.residents.trust_in_municipality.mean()
        if (week + 1) % YEAR == 0:
            trust.append(city.residents.trust_in_municipality.copy())
    return Untreated(tuple(trust), means, tuple(services))


def pattern_23(cities: Cities) -> Measured:
    """A shock to trust in the municipality returns over years, not weeks.

    Treated: everybody's trust in the municipality falls by 0.1 (as far as 0.01 allows), for what is lived and not for
    what one is. Compared: the same residents in a city where it does not; the cities are one until that week.
    Weeks: one year and four years after it. Estimator: mean difference then, over the mean difference made.
    """
    without, city = cities.once(untreated).trust, cities.twin()
    made = move_trust(city, "municipality", -SHOCK)
    left = []
    for year in range(1, 5):
        city.run(YEAR)
        left.append(float((city.residents.trust_in_municipality - without[year]).mean()) / made)
    return {"left after a year": left[0], "left after four years": left[3]}


def move_trust(city: Twin, kind: str, size: float) -> float:
    """Give everybody an experience that moves one kind of trust by a share, not below 0.01; the mean move."""
    trust, lived = city.residents[f"trust_in_{kind}"], city.residents[f"evidence_of_{kind}"]
    before = trust.copy()
    change = log_odds(np.maximum(before + size, 0.01)) - log_odds(before)
    trust[...] = trust_after(before, change)
    lived += change
    return float((trust - before).mean())


def pattern_24(cities: Cities) -> Measured:
    """Persons keep their rank in trust over years, as far as answers to a survey show it.

    Nobody is treated. Each resident answers one item on trust in the municipality when twins part, and two and four
    years later: trust plus an independent error, as large as a reliability of 0.55 makes it.
    Estimator: correlation of the answers.
    """
    city, trust = cities.twin(), cities.once(untreated).trust
    answers = []
    for year in (0, 2, 4):
        error = city.luck.normal("answer to a survey", city.week + YEAR * year, trust[year].size)
        answers.append(trust[year] + trust[year].std() * np.sqrt(1.0 / RELIABILITY - 1.0) * error)
    two, four = (float(np.corrcoef(answers[0], later)[0, 1]) for later in answers[1:])
    return {"over two years": two, "over four years": four}


def pattern_25(cities: Cities) -> Measured:
    """What services do to trust lasts as long as the services do.

    Treated: in every week all services are kept 0.2 better, as far as 1 allows, than in a city that is left alone.
    Weeks: the four years after. Estimator: mean difference of trust in the municipality in the fourth year, over the
    largest yearly mean.
    """
    without, better = cities.once(untreated), cities.twin()
    yearly = np.zeros(4)
    for week, services in enumerate(without.services):
        better.services = np.clip(services + RISE, 0.0, 1.0)
        better.run(1)
        yearly[week // YEAR] += (better.residents.trust_in_municipality.mean() - without.means[week]) / YEAR
    largest = float(yearly.max())
    return {"fourth year over the largest": float(yearly[3]) / largest if largest > 0.0 else float("nan")}


def pattern_26(cities: Cities) -> Measured:
    """Residents who were answered turn to the municipality again more often than residents who were ignored.

    Treated: all who make contact in a quarter are answered at the end of it in one city, and ignored in the other; the
    cities are one until then. Weeks: the 52 after. Estimator: share who make contact again, answered over ignored,
    less 1.
    """
    city = cities.twin()
    rows = city.rows.distinct(*(contacts_of_a_week(city) for _ in range(CONTACT_WEEKS)))
    if not rows.size:
        raise NotTestable("nobody turns to the municipality")
    again = []
    for answered, twin in ((1, city), (0, cities.twin())):
        if not answered:
            twin.run(CONTACT_WEEKS)
        twin.residents.answered_last[rows] = answered
        later = twin.rows.distinct(*(contacts_of_a_week(twin) for _ in range(NEXT_TIME_WEEKS)))
        again.append(np.isin(rows, later).mean())
    return {"more who come again": float(again[0] / again[1] - 1.0) if again[1] > 0.0 else float("nan")}


def contacts_of_a_week(city: Twin) -> Integers:
    """Run a week and say who turned to the municipality in it."""
    city.run(1)
    return city.last_week.contacts


def pattern_27(cities: Cities) -> Measured:
    """Having voted in a neighbourhood raises voting later.

    Treated: a tenth, drawn by lot, of the residents who never took part with others, made to in one week, in a city
    whose residents vote. Compared: the same residents in a city where they are not; the cities are one until that week.
    Weeks: the 52 after it. Estimator: share who vote in these weeks, treated less untreated.
    """
    before, treated = cities.twin_under(VOTING), cities.twin_under(VOTING)
    never = np.flatnonzero(before.residents.last_act_week < 0)
    rows = never[before.luck.uniform("first vote", before.week, never) < FIRST_TIMERS]
    if not rows.size:
        raise NotTestable("nobody is left who never took part")
    before.run(1)
    treated.made_to_act = rows
    treated.run(1)
    treated.made_to_act = rows[:0]
    voted = [np.isin(rows, voters_of(city, NEXT_TIME_WEEKS)).mean() for city in (treated, before)]
    return {"rise": float(voted[0] - voted[1])}


def voters_of(city: Twin, weeks: int) -> Integers:
    """Run some weeks and say who voted in them, rows."""
    voters = []
    for _ in range(weeks):
        city.run(1)
        voters.append(city.last_week.came["ballot"])
    return city.rows.distinct(*voters)


def pattern_28(cities: Cities) -> Measured:
    """People take part without any programme.

    Nobody is treated; decisions are the municipality's from the first week on.
    Weeks: 53 to 104. Estimator: share of adults who in these weeks take part in anything that the model counts:
    occasions, organised help, petitions, contacts with the municipality.
    """
    city = cities.build(cities.under(STATUS_QUO), Twin)
    city.run(YEAR)
    adults, acts = age_of(city, np.arange(len(city.residents))) >= ADULT, city.residents.acts.copy()
    city.run(YEAR)
    took_part = city.residents.acts > acts
    return {"share of adults": float(took_part[adults].mean())}
