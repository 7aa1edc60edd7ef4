"""What is there before the first week: the make-up of the population and of its ties, for the register's effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.indices import weighted_gini
from sim.network import structure
from sim.outcome import START, declared, outcome, outcomes

if TYPE_CHECKING:
    from sim.city import City


@outcomes(
    declared(
        "network.mean_degree", "Mean number of ties.", unit="ties", short=("ties of a resident", "شمار پیوندهای هر نفر")
    ),
    declared(
        "network.clustering",
        "Mean local clustering, of an even sample of residents.",
        unit="share",
        short=("clustering of ties", "خوشه‌ای بودن پیوندها"),
    ),
    declared(
        "network.city_wide_share",
        "Share of ties that are city-wide.",
        unit="share",
        short=("city-wide ties", "سهم پیوندهای سراسر شهر"),
    ),
    declared(
        "network.age_assortativity",
        "Correlation of age over ties.",
        unit="correlation",
        short=("likeness of ties in age", "همسانی سنی پیوندها"),
    ),
    declared(
        "network.attendance_assortativity",
        "Correlation of going to the customary hub over ties.",
        unit="correlation",
        short=("likeness of ties in attendance", "همسانی پیوندها در حضور در کانون"),
    ),
    of=START,
)
def structure_of_ties(city: City) -> dict[str, float]:
    residents = city.residents
    ages = city.config.city.start_year_solar_hijri - residents.birth_year.astype(np.float64)
    found = structure(city.ties, ages, (residents.attendance == 0).astype(np.float64))
    return {f"network.{name}": value for name, value in found.items()}


@outcome(
    "Mean number of ties within the household.",
    of=START,
    name="network.household_ties",
    unit="ties",
    short=("ties within the household", "پیوندهای درون خانوار"),
)
def household_ties(city: City) -> float:
    _, _, kind = city.ties.edges()
    return 2.0 * float((kind == 0).sum()) / len(city.residents)


@outcome(
    "Residents old enough to be agents, of the full city.",
    of=START,
    name="start.residents",
    unit="people",
    short=("residents at the start", "شمار ساکنان در آغاز"),
)
def residents(city: City) -> float:
    return len(city.residents) / city.scale


@outcome(
    "Share of women.",
    of=START,
    name="start.women_share",
    unit="share",
    short=("women at the start", "سهم زنان در آغاز"),
)
def women_share(city: City) -> float:
    return float((city.residents.sex == 1).mean())


@outcome(
    "Gini of the neighbourhoods' populations.",
    of=START,
    name="start.population_gini",
    unit="index",
    short=("inequality of neighbourhoods' populations (Gini)", "نابرابری جمعیت محله‌ها (جینی)"),
)
def population_gini(city: City) -> float:
    return weighted_gini(city.population, np.ones_like(city.population))


@outcome(
    "Share of those born 1380 (2001) or later.",
    of=START,
    name="start.youth_share",
    unit="share",
    short=("youths at the start", "سهم جوانان در آغاز"),
)
def youth_share(city: City) -> float:
    return float((city.residents.cohort == 0).mean())


@outcome(
    "Share of those who ever go to the customary hub.",
    of=START,
    name="start.attender_share",
    unit="share",
    short=("people who go to the hub", "سهم کسانی که به کانون می‌روند"),
)
def attender_share(city: City) -> float:
    return float((city.residents.attendance == 0).mean())


@outcome(
    "Share of migrants without standing.",
    of=START,
    name="start.without_standing_share",
    unit="share",
    short=("migrants without standing", "سهم مهاجران بدون اقامت قانونی"),
)
def without_standing_share(city: City) -> float:
    return float((city.residents.standing == 1).mean())


@outcome(
    "Mean resources.",
    of=START,
    name="start.resources",
    unit="share",
    short=("resources at the start", "منابع فردی در آغاز"),
)
def resources(city: City) -> float:
    return float(city.residents.resources.mean())


@outcome(
    "Standard deviation of resources.",
    of=START,
    name="start.resources_sd",
    unit="share",
    short=("spread of resources", "پراکندگی منابع فردی"),
)
def resources_sd(city: City) -> float:
    return float(city.residents.resources.std())


@outcome(
    "Standard deviation of the need weights between residents, mean over categories.",
    of=START,
    name="start.need_diversity",
    unit="share",
    short=("diversity of needs", "تنوع نیازها"),
)
def need_diversity(city: City) -> float:
    return float(city.residents.need_weights.std(axis=0).mean())


@outcome(
    "Standard deviation between residents of contacts with the municipality.",
    of=START,
    name="start.contact_rate_sd",
    unit="per year",
    short=("spread of contacts with the municipality", "پراکندگی مراجعه به شهرداری"),
)
def contact_rate_sd(city: City) -> float:
    return 52.0 * float(city.residents.contact_rate.std())


@outcome(
    "Standard deviation between residents of the probability of being answered.",
    of=START,
    name="start.answered_share_sd",
    unit="share",
    short=("spread of being answered", "پراکندگی پاسخ گرفتن"),
)
def answered_share_sd(city: City) -> float:
    return float(city.residents.answered_chance.std())


@outcome(
    "Share of contacts answered in the less deprived half of neighbourhoods less that in the others.",
    of=START,
    name="start.answered_gap",
    unit="share",
    short=("gap in answers between neighbourhoods", "فاصله محله‌ها در پاسخ گرفتن"),
)
def answered_gap(city: City) -> float:
    deprivation = city.geography.deprivation
    poorer = (deprivation > np.median(deprivation))[city.residents.neighbourhood]
    chance = city.residents.answered_chance
    return float(chance[~poorer].mean() - chance[poorer].mean()) if poorer.any() else 0.0


@outcome(
    "Standard deviation between residents of the evidence in their hope.",
    of=START,
    name="start.evidence_of_hope_sd",
    unit="log odds",
    short=("spread of the evidence in hope", "پراکندگی تجربه‌های امید"),
)
def evidence_of_hope_sd(city: City) -> float:
    return float(city.residents.evidence_of_hope.std())


@outcome(
    "Standard deviation of the facilitators' engagement; 0 without hubs.",
    of=START,
    name="start.facilitator_spread",
    unit="share",
    short=("spread of facilitators' engagement", "پراکندگی میزان فعالیت تسهیلگران"),
)
def facilitator_spread(city: City) -> float:
    return float(city.institutions.facilitators.engagement.std()) if len(city.institutions.facilitators) else 0.0
