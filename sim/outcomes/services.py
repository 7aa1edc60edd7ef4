"""Services: their level, who has them, and whether money goes where need is."""

from __future__ import annotations

import numpy as np

from sim.indices import theil, weighted_gini
from sim.outcome import HIGHEST, LOWEST, outcome
from sim.outcomes.moment import NAN, Moment, mean, mean_of_categories, weighted
from sim.rules.knowledge import as_shares, need_match


@outcome(
    "Mean over councils: 1 - half of the summed differences between agenda and true need by category.",
    unit="share",
    short=("match of the agenda to need", "تطابق دستور کار با نیازها"),
)
def agenda_need_match(at: Moment) -> float:
    councils, convened = at.city.institutions.councils, at.convened
    if not convened.any():
        return NAN
    apart = np.add.reduce(np.abs(councils.agenda - as_shares(at.needed)), axis=1)[convened]
    return 1.0 - 0.5 * mean(apart)


@outcome(
    "Mean of the six categories, weighted by the neighbourhoods' populations.",
    unit="share",
    short=("services", "خدمات"),
    better=HIGHEST,
    always=True,
    compared=130,
)
def service_level(at: Moment) -> float:
    return weighted(at.service_level, at.city.population)


@outcome(
    "Of the service level, what works on neighbourhoods' own accounts built and time has left of it.",
    unit="share",
    short=("services built by councils", "خدمات حاصل از پروژه‌های شوراها"),
)
def service_built_by_councils(at: Moment) -> float:
    return weighted(mean_of_categories(at.city.built_by_councils), at.city.population)


@outcome(
    "Gini of the neighbourhoods' mean service level, weighted by population.",
    unit="index",
    short=("inequality of services (Gini)", "نابرابری خدمات (جینی)"),
    better=LOWEST,
    compared=140,
)
def service_gini(at: Moment) -> float:
    return weighted_gini(at.service_level, at.city.population)


@outcome(
    "Theil's T of the neighbourhoods' mean service level, weighted by population.",
    unit="index",
    short=("inequality of services (Theil)", "نابرابری خدمات (تایل)"),
    better=LOWEST,
)
def service_theil(at: Moment) -> float:
    return theil(at.service_level, at.city.population)


@outcome(
    "Match of recent spending on works to need (see `need_match`), over neighbourhoods and categories.",
    unit="share",
    short=("match of spending to need", "تطابق هزینه‌ها با نیازها"),
    better=HIGHEST,
    compared=160,
)
def spending_need_match(at: Moment) -> float:
    return need_match(at.city.money.books.council_spending + at.city.money.books.central_spending, at.needed)


@outcome(
    "The same for councils' spending, against need in neighbourhoods with a council.",
    unit="share",
    short=("match of councils' spending to need", "تطابق هزینه‌های شوراها با نیازها"),
)
def council_need_match(at: Moment) -> float:
    where_councils_are = np.where(at.convened[:, None], at.needed, 0.0)
    return need_match(at.city.money.books.council_spending, where_councils_are)


@outcome(
    "The same for the municipality's own spending, against need everywhere.",
    unit="share",
    short=("match of the municipality's spending to need", "تطابق هزینه‌های شهرداری با نیازها"),
)
def central_need_match(at: Moment) -> float:
    return need_match(at.city.money.books.central_spending, at.needed)
