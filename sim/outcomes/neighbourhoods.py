"""The weekly rows of neighbourhoods: of every outcome an array, (M,)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.cells import MEANS
from sim.outcome import HIGHEST, NEIGHBOURHOODS, declared, label, outcome, outcomes
from sim.outcomes.moment import Floats, Moment

Array = NDArray[Any]


@outcome(of=NEIGHBOURHOODS)
def week(at: Moment) -> Array:
    return np.full(at.city.neighbourhoods, at.city.week)


@outcome(
    "Number of the neighbourhood, from 0.",
    of=NEIGHBOURHOODS,
    unit="",
    short=("neighbourhood", "شماره محله"),
    asked=False,
)
def neighbourhood(at: Moment) -> Array:
    return np.arange(at.city.neighbourhoods)


label("name", "Its name; a label where no data file gives it.", of=NEIGHBOURHOODS, short=("name", "نام محله"))


@outcome("Phase of the neighbourhood, 1 to 4. See `neighbourhood_phase`.", of=NEIGHBOURHOODS, asked=False)
def phase(at: Moment) -> Array:
    return at.phase


@outcomes(
    declared("trust_in_municipality", compared=10),
    "trust_in_council",
    "trust_in_people",
    "expectation",
    "performance",
    "belonging",
    "hope",
    "habit",
    "fatigue",
    declared(
        "civic_skill",
        "Mean over residents.",
        unit="share",
        short=("civic skill", "مهارت مدنی"),
        better=HIGHEST,
        always=True,
    ),
    of=NEIGHBOURHOODS,
)
def means(at: Moment) -> dict[str, Floats]:
    return {name: at.sums.neighbourhood[name] / at.city.rows.per_neighbourhood for name in MEANS}


@outcome(of=NEIGHBOURHOODS, compared=20)
def participation_rate(at: Moment) -> Floats:
    return at.sums.neighbourhood["participating"] / at.city.rows.per_neighbourhood


@outcome(of=NEIGHBOURHOODS)
def ever_participated_rate(at: Moment) -> Floats:
    return at.sums.neighbourhood["ever"] / at.city.rows.per_neighbourhood


@outcome(of=NEIGHBOURHOODS, compared=40)
def below_floor_share(at: Moment) -> Floats:
    return at.sums.neighbourhood["below_floor"] / at.city.rows.per_neighbourhood


@outcome(of=NEIGHBOURHOODS, summed=True)
def informed(at: Moment) -> Floats:
    return at.sums.neighbourhood["informed"] / at.scale


@outcome(of=NEIGHBOURHOODS, summed=True)
def attended(at: Moment) -> Floats:
    return at.sums.neighbourhood["attended"] / at.scale


@outcome("Residents who volunteer on works this week.", of=NEIGHBOURHOODS, summed=True)
def volunteers(at: Moment) -> Floats:
    return at.sums.neighbourhood["volunteered"] / at.scale


@outcome("Whether a council is convened.", of=NEIGHBOURHOODS, unit="yes or no", short=("council", "شورای محله"))
def council(at: Moment) -> Array:
    return at.convened.copy()


@outcome("Seats filled, mayors not counted.", of=NEIGHBOURHOODS, summed=True)
def council_members(at: Moment) -> Array:
    return at.city.institutions.councils.members.copy()


@outcome("Whether a mayor is in office.", of=NEIGHBOURHOODS, unit="yes or no", short=("mayor", "شهردار محله"))
def mayor(at: Moment) -> Array:
    return at.city.institutions.mayors.in_office.copy()


@outcome("Mean of the six categories.", of=NEIGHBOURHOODS, compared=30)
def service_level(at: Moment) -> Floats:
    return at.service_level


@outcome("Contributed by residents so far to works on the neighbourhood's account.", of=NEIGHBOURHOODS)
def money_contributed(at: Moment) -> Floats:
    return at.city.money.books.contributed.copy()


@outcome(
    "On the neighbourhood's account.",
    of=NEIGHBOURHOODS,
    unit="bn toman",
    short=("money on the account", "مانده حساب محله"),
    summed=True,
)
def balance(at: Moment) -> Floats:
    return at.city.money.books.delegated.copy()


@outcome(
    "Due to the neighbourhood and not yet paid.",
    of=NEIGHBOURHOODS,
    unit="bn toman",
    short=("arrears", "پرداخت‌های معوق"),
    summed=True,
)
def arrears(at: Moment) -> Floats:
    return at.city.money.books.arrears.copy()


@outcome("Projects under way.", of=NEIGHBOURHOODS, summed=True)
def projects_active(at: Moment) -> Array:
    return at.works["active"]


@outcome(
    "Projects finished so far.",
    of=NEIGHBOURHOODS,
    unit="projects",
    short=("projects finished", "پروژه‌های پایان‌یافته"),
    summed=True,
)
def projects_finished(at: Moment) -> Array:
    return at.works["finished"]


@outcome(
    "Projects late so far.",
    of=NEIGHBOURHOODS,
    unit="projects",
    short=("projects late", "پروژه‌های دارای تأخیر"),
    summed=True,
)
def projects_late(at: Moment) -> Array:
    return at.works["late"]


@outcome(
    "Projects that failed, lapsed or were stopped so far.",
    of=NEIGHBOURHOODS,
    unit="projects",
    short=("projects failed", "پروژه‌های شکست‌خورده"),
    summed=True,
)
def projects_failed(at: Moment) -> Array:
    return at.works["failed"]
