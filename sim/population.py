"""Draws the residents: who lives where, with whom, how old, with which means, needs, leanings and trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from scipy.special import expit

from sim.agents.resident import Resident, cohort_of
from sim.columns import Table
from sim.hubs import HubProfile
from sim.known import Known, old_enough, populations_of, read_own_people
from sim.memory import refuse_if_too_large
from sim.neighbourhoods import Geography
from sim.own_people.columns import LIVED
from sim.parameters import Effect, Parameters, parameter
from sim.quadrature import hermite_nodes
from sim.respondents import Spread, chosen_people, conditional_normal, spread_of
from sim.rules.feelings import shifted, years_of_stay

if TYPE_CHECKING:
    from sim.config import Config
    from sim.randomness import Streams

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CENSUS = "census 2016"


class AgeStructure(Parameters):
    """Shares of four age groups; they sum to 1."""

    share_0_14: float = parameter(
        0.240,
        "Share aged 0-14.",
        unit="share",
        range=(0.0, 1.0),
        source=f"{CENSUS}, Iran (no table for the city)",
        tag="source",
        effect=None,
    )
    share_15_29: float = parameter(
        0.251, "Share aged 15-29.", unit="share", range=(0.0, 1.0), source=f"{CENSUS}, Iran", tag="source", effect=None
    )
    share_30_64: float = parameter(
        0.448, "Share aged 30-64.", unit="share", range=(0.0, 1.0), source=f"{CENSUS}, Iran", tag="source", effect=None
    )
    share_65_plus: float = parameter(
        0.061,
        "Share aged 65 and over.",
        unit="share",
        range=(0.0, 1.0),
        source=f"{CENSUS}, Iran",
        tag="source",
        effect=None,
    )

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        if abs(sum(self.shares) - 1.0) > 1e-6:
            raise ValueError(f"the four shares must sum to 1, not {sum(self.shares):g}")
        return self

    @property
    def shares(self) -> tuple[float, float, float, float]:
        """The four shares, youngest first."""
        return self.share_0_14, self.share_15_29, self.share_30_64, self.share_65_plus


class PopulationParameters(Parameters):
    """The people of the city. Closed for the years simulated: nobody is born, dies or moves."""

    total: int = parameter(
        162_000,
        "Residents of all ages; ignored where an own table of neighbourhoods, or a census file, gives them.",
        unit="people",
        range=(500, 50_000_000),
        source=f"{CENSUS}: 161,909, rounded",
        tag="source",
        effect=Effect(
            "start.residents", +1, low=3_000, high=6_000, when={"run.scale": 1.0, "city.neighbourhoods.count": 5}
        ),
    )
    data_file: str | None = parameter(
        None,
        "CSV or Parquet of residents (a census) or, with a column weight, of respondents; a file, so no direction.",
        unit="",
        source="the user",
        tag="assumption",
        effect=None,
    )
    minimum_age: int = parameter(
        12,
        "Age from which residents are agents.",
        unit="years",
        range=(6, 18),
        source="teenagers take part in the programme",
        tag="assumption",
        effect=Effect("start.residents", -1),
    )
    ages: AgeStructure = AgeStructure()
    women_share: float = parameter(
        0.493,
        "Share of women.",
        unit="share",
        range=(0.3, 0.7),
        source=f"{CENSUS}, Iran",
        tag="source",
        effect=Effect("start.women_share", +1, reduce="first"),
    )
    household_size: float = parameter(
        3.44,
        "Mean size of households, children included.",
        unit="people",
        range=(1.5, 7.0),
        source=f"{CENSUS}: 161,909 people in 47,013 households",
        tag="source",
        effect=Effect("network.household_ties", +1, reduce="first"),
    )
    migrant_share: float = parameter(
        0.06,
        "Share of residents without standing (mostly Afghan migrants), in a neighbourhood of middling deprivation.",
        unit="share",
        range=(0.0, 0.3),
        source="Kerman province is a main place of settlement; no figure for the city",
        tag="assumption",
        effect=Effect("start.without_standing_share", +1, reduce="first"),
    )
    resources_mean: float = parameter(
        0.5,
        "Mean of education, free time and money.",
        unit="share",
        range=(0.2, 0.8),
        source="a scale, not a measurement",
        tag="assumption",
        effect=Effect("start.resources", +1, reduce="first"),
    )
    resources_spread: float = parameter(
        0.18,
        "Standard deviation of resources between residents.",
        unit="share",
        range=(0.02, 0.3),
        source="a scale, not a measurement",
        tag="assumption",
        effect=Effect("start.resources_sd", +1, reduce="first"),
    )
    resources_deprivation_slope: float = parameter(
        0.3,
        "How much lower resources are in the most than in the least deprived neighbourhood.",
        unit="share",
        range=(0.0, 0.6),
        source="deprivation is measured by means",
        tag="assumption",
        effect=Effect("start.resources_sd", +1, reduce="first"),
    )

    @property
    def agent_share(self) -> float:
        """Share of residents old enough to be agents, ages spread evenly within each group."""
        return (
            1.0
            - self.ages.share_0_14 * min(self.minimum_age, 15) / 15.0
            - max(0.0, self.ages.share_15_29 * (self.minimum_age - 15) / 15.0)
        )


NEED_BASE = np.log(np.array([0.26, 0.15, 0.13, 0.13, 0.17, 0.16]))
"""Log weights of roads, green, sport, culture, waste, health for an adult [assumption: asphalt leads in press]."""

NEED_TILT = {
    "youth": np.array([-0.4, 0.0, 0.9, 0.5, -0.3, -0.2]),
    "woman": np.array([-0.2, 0.3, -0.2, 0.1, 0.1, 0.4]),
    "elder": np.array([0.1, 0.2, -0.6, -0.2, 0.1, 0.5]),
}
"""Shifts of log weights by group, times the divergence [assumption]."""


def agents_by_neighbourhood(population: Integers, agent_share: float, scale: float) -> Integers:
    """Agents of each neighbourhood, (M,): residents times share times scale, by largest remainder, at least 1 each."""
    exact = population * agent_share * scale
    counts = np.floor(exact).astype(np.int64)
    missing = round(exact.sum()) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return np.maximum(counts, 1)


@dataclass(frozen=True, eq=False)
class People:
    """The residents of a place.

    Attributes:
        table: one row per resident; what they have lived (`LIVED`) is NaN where no file tells it.
        traits: streams of what is drawn of them, in the order of the rows.
        number: int32 (N,), the number of each resident before the rows were sorted, which keys all draws.
        population: people of all ages in each neighbourhood, (M,).
        at_full_scale: how many residents are old enough to be agents, in the city that the agents are a sample of.
        education: years of schooling, NaN where not known, (N,); None where no file gives them.
        spread: how far the rows of a file were spread over the residents; None without one.
        cautions: what is to be known of a file, a sentence each.
    """

    table: Table
    traits: Streams
    number: NDArray[np.int32]
    population: Integers
    at_full_scale: float
    education: Floats | None = None
    spread: Spread | None = None
    cautions: tuple[str, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        schooling = 0 if self.education is None else self.education.nbytes
        return self.table.nbytes + self.traits.nbytes + self.number.nbytes + schooling


def draw_residents(config: Config, geography: Geography, streams: Streams) -> People:
    """The residents, drawn, or chosen from the rows of a file and drawn where these are silent.

    Rows are sorted by neighbourhood, then by sex, cohort, attendance and standing: every neighbourhood and every group
    is then a few runs of rows, which makes measuring them cheap. Draws stay with the person, not with the row.

    Args:
        config: what people are like at the start.
        geography: where they live.
        streams: of the place.

    Raises:
        ConfigError: a faulty file, or too many people for the memory there is.
    """
    share, scale = config.city.population.agent_share, config.run.scale
    own, cautions = read_own_people(config, geography)
    population, chosen, spread = geography.population, None, None
    if own is not None:
        population, more = populations_of(own, config, geography)
        cautions += more
    counts, at_full_scale = agents_by_neighbourhood(population, share, scale), float(population.sum() * share)
    if own is not None and own.weight is None:
        residents = np.bincount(own.neighbourhood[old_enough(own, config)], minlength=counts.size)
        counts, at_full_scale = agents_by_neighbourhood(residents, 1.0, scale), float(residents.sum())
    refuse_if_too_large(config, agents=float(counts.sum()))
    if own is not None:
        old = old_enough(own, config)
        chosen = chosen_people(own, old, counts, streams)
        spread = spread_of(own, old, chosen)
        if own.weight is not None:
            cautions += (f"{own.source}: {spread.text(geography.names)}",)
    table = Table(Resident, int(counts.sum()))
    table.neighbourhood = np.repeat(np.arange(counts.size), counts)
    known = Known(table, own, chosen)
    deprivation = geography.deprivation[table.neighbourhood]
    _draw_demography(table, config, deprivation, streams, known)
    order = np.lexsort((table.standing, table.attendance, table.cohort, table.sex, table.neighbourhood))
    for name in table:
        table[name][...] = table[name][order]
    deprivation, traits, known = deprivation[order], streams.in_order(order), known.in_order(order)
    _form_households(table, population, config, traits, known)
    _draw_traits(table, config, deprivation, traits, known)
    _draw_trust(table, config, deprivation, traits, known)
    for name in LIVED:
        table[name][...] = known.put(name, np.full(len(table), np.nan))
    number = order.astype(np.int32)
    return People(table, traits, number, population.copy(), at_full_scale, known.education, spread, cautions)


def _draw_demography(table: Table, config: Config, deprivation: Floats, streams: Streams, known: Known) -> None:
    population, n = config.city.population, len(table)
    table.sex = known.put("sex", streams.uniform("sex", 0, n) < population.women_share)
    ages = _ages(streams.uniform("age", 0, n), population)
    # Week 0 is in the middle of the Solar Hijri year.
    born = np.floor(config.city.start_year_solar_hijri + 0.5 - ages).astype(np.int64)
    table.birth_year = known.put("birth_year", born)
    table.cohort = cohort_of(table.birth_year)
    odds = (
        population.migrant_share * 2.0 * deprivation
    )  # no migrants live in the least deprived, twice the share in the most
    lot = streams.uniform("standing", 0, n)
    table.standing = known.codes("standing", lot < odds, lot, [table.neighbourhood])
    profile = getattr(config.city.hubs, config.city.customary_hub)
    lot = streams.uniform("hub attender customary", 0, n)
    goes = lot < attender_share(table, profile)
    # The code of those who go is 0: with the draw reversed, the same random numbers make them go.
    table.attendance = known.codes("attendance", np.where(goes, 0, 1), 1.0 - lot, [table.sex, table.cohort])


def attender_share(table: Table, profile: HubProfile) -> Floats:
    """Probability of ever going to a hub with this profile, (N,)."""
    share = np.where(table.sex == 1, profile.attender_share_women, profile.attender_share_men)
    return np.asarray(np.clip(share * np.where(table.cohort == 0, profile.youth_factor, 1.0), 0.0, 1.0))


def _ages(uniform: Floats, population: PopulationParameters) -> Floats:
    """Ages in years by inversion of the four age groups, cut at the minimum age; the oldest group falls off to 90."""
    edges = np.array([0.0, 15.0, 30.0, 65.0, 90.0])
    cumulative = np.concatenate([[0.0], np.cumsum(population.ages.shares)])
    below = float(np.interp(population.minimum_age, edges, cumulative))
    return np.asarray(np.interp(below + uniform * (cumulative[-1] - below), cumulative, edges))


def _form_households(table: Table, population: Integers, config: Config, streams: Streams, known: Known) -> None:
    """Fill the households of each neighbourhood with a man, a woman and their young, matched by age.

    Residents whose household is known keep it; of the others' share there are as many households as of their people.
    """
    scale, size = config.run.scale, config.city.population.household_size
    given = known.put("household", np.full(len(table), -1))
    alone = np.flatnonzero(given < 0)
    table.household = given
    if not alone.size:
        return
    residents = np.bincount(table.neighbourhood, minlength=population.size)
    without = np.bincount(table.neighbourhood[alone], minlength=residents.size)
    people = population * scale * (without / residents)
    per_neighbourhood = np.maximum(1, np.rint(people / size).astype(np.int64))
    first = int(given.max()) + 1 + np.concatenate([[0], np.cumsum(per_neighbourhood)])[:-1]
    age = config.city.start_year_solar_hijri - table.birth_year[alone]
    young = age < 25
    place = np.where(young, 2, table.sex[alone])  # men, women, young: each spread over the households in order of age
    sort_age = age + 4.0 * streams.normal("household age", 0, len(table))[alone] + np.where(young, 27.0, 0.0)
    order = np.lexsort((sort_age, place, table.neighbourhood[alone]))
    b = table.neighbourhood[alone][order]
    block = b.astype(np.int64) * 3 + place[order]
    sizes = np.bincount(block, minlength=3 * per_neighbourhood.size)
    rank = np.arange(alone.size) - (np.cumsum(sizes) - sizes)[block]
    household = first[b] + (rank * per_neighbourhood[b]) // np.maximum(sizes[block], 1)
    table.household[alone[order]] = household


EDUCATION_IN_RESOURCES = 1.0 / np.sqrt(3.0)
"""Correlation of education with resources, which are the mean of education, free time and money: three parts that weigh
alike and are taken as independent [assumption]."""


def _draw_traits(table: Table, config: Config, deprivation: Floats, streams: Streams, known: Known) -> None:
    n, behaviour, population = len(table), config.behaviour, config.city.population
    mean = population.resources_mean - population.resources_deprivation_slope * (deprivation - 0.5)
    spread = population.resources_spread
    standard = streams.normal("resources", 0, n)
    if known.has("education"):
        schooling = known.scores("education", deprivation)
        standard = conditional_normal([schooling], EDUCATION_IN_RESOURCES, standard)
    table.resources = known.shares("resources", shares_around(standard, mean, spread), standard)
    weights = np.tile(NEED_BASE, (n, 1))
    for k in range(6):
        weights[:, k] += behaviour.services.need_divergence * streams.normal(f"need {k}", 0, n)
    for rows, group in ((table.cohort == 0, "youth"), (table.sex == 1, "woman"), (table.cohort == 3, "elder")):
        weights[rows] += behaviour.services.need_divergence * NEED_TILT[group]
    weights = np.exp(weights)
    table.need_weights = weights / weights.sum(axis=1, keepdims=True)
    participation = behaviour.participation
    table.propensity = participation.base_propensity + participation.propensity_spread * streams.normal(
        "propensity", 0, n
    )
    table.threshold = participation.threshold_mean + participation.threshold_spread * streams.normal("threshold", 0, n)
    learning = behaviour.learning
    stay = years_of_stay(config.city.start_year_solar_hijri - table.birth_year.astype(np.float64))
    shifts = {"belonging": behaviour.belonging.residence_slope * stay, "hope": np.zeros(n)}
    for name, shift in shifts.items():
        standard = streams.normal(name, 0, n)
        drawn = shares_around(standard, np.full(n, getattr(learning, f"initial_{name}")), 0.15)
        table[name][...] = known.shares(name, shifted(drawn, shift), standard)
    # Skill goes with resources: 0.8 of the mean per unit of them.
    skill_mean = learning.initial_skill * (1.0 + 0.8 * (table.resources - population.resources_mean))
    table.civic_skill = shares_around(streams.normal("skill", 0, n), skill_mean, 0.08)
    table.initial_skill = table.civic_skill
    table.last_part_week = table.last_act_week = -1000
    table.last_work = -1


COMMON_IN_TRUST = 0.5
"""Correlation of the three kinds of trust: people differ in trusting as such."""


def _draw_trust(table: Table, config: Config, deprivation: Floats, streams: Streams, known: Known) -> None:
    n, trust = len(table), config.behaviour.trust
    general = streams.normal("trust", 0, n)
    lower = trust.deprivation_slope * (deprivation - 0.5)
    selected = trust.hub_selection * np.where(table.attendance == 0, 0.5, -0.5)
    means = {
        "municipality": trust.initial_trust_in_municipality - lower + selected,
        "council": np.full(n, trust.initial_trust_in_council),
        "people": np.full(n, trust.initial_trust_in_people),
    }
    own = {name: streams.normal(f"trust in {name}", 0, n) for name in means}
    scores = {name: np.sqrt(COMMON_IN_TRUST) * (general + draws) for name, draws in own.items()}
    if any(known.has(f"trust_in_{name}") for name in means):
        goes = (table.attendance == 0).astype(np.float64)
        given = {name: known.scores(f"trust_in_{name}", deprivation, goes) for name in means}
        scores = _scores_given_some(given, scores, own)
    for name, mean in means.items():
        drawn = shares_around(scores[name], mean, trust.initial_spread)
        table[f"trust_in_{name}"][...] = known.shares(f"trust_in_{name}", drawn, scores[name])


def _scores_given_some(
    given: Mapping[str, Floats], drawn: Mapping[str, Floats], draws: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Standard normal scores of each kind of trust, (N,): where one is known, the others are drawn given it.

    They are drawn one after another, each given what is there by then.

    Args:
        given: scores of what is known, NaN elsewhere, by kind.
        drawn: scores where nothing is known, by kind.
        draws: standard normal draws of each kind, independent of each other.
    """
    found = dict(given)
    some = ~np.isnan(np.column_stack(list(given.values()))).all(axis=1)
    for name in drawn:
        others = [values for other, values in found.items() if other != name]
        then = np.where(some, conditional_normal(others, COMMON_IN_TRUST, draws[name]), drawn[name])
        found[name] = np.where(np.isnan(found[name]), then, found[name])
    return found


def shares_around(normal: Floats, mean: Floats, spread: float) -> Floats:
    """Shares in (0, 1) with the mean and standard deviation asked for: a logit-normal, σ(a + s z), fitted to both.

    Args:
        normal: standard normal draws z, (N,).
        mean: mean of each resident's distribution, (N,); kept in [0.02, 0.98].
        spread: standard deviation; at most half the largest that a share of that mean can have.
    """
    means, location, scale = _logit_normals(spread)
    at = np.clip(mean, means[0], means[-1])
    return np.asarray(expit(np.interp(at, means, location) + np.interp(at, means, scale) * normal))


@lru_cache(maxsize=16)
def _logit_normals(spread: float) -> tuple[Floats, Floats, Floats]:
    """Means, and a and s of the logit-normals that have them and the spread, (49,) each; see `shares_around`."""
    means = np.linspace(0.02, 0.98, 49)
    spreads = np.minimum(spread, 0.5 * np.sqrt(means * (1.0 - means)))
    nodes, weights = hermite_nodes(40)
    weights = weights / weights.sum()
    location, scale = np.log(means / (1.0 - means)), spreads / (means * (1.0 - means))
    for _ in range(60):
        values = expit(location[:, None] + scale[:, None] * nodes)
        reached = values @ weights
        deviation = np.sqrt((values - reached[:, None]) ** 2 @ weights)
        location += (means - reached) / ((values * (1.0 - values)) @ weights)  # Newton
        scale *= np.sqrt(spreads / deviation)  # half a step, for safety in the tails
    return means, location, scale


def weekly_propensity(table: Table, profile: HubProfile, customary: bool, place: int, traits: Streams) -> Floats:
    """Probability of being at a hub in a week, (N,); 0 for those who never go.

    Keyed by whether the hub is the customary one and else by its place in the policy's list, never by its kind: a
    mosque with a school's parameters is a school.
    """
    n, name = len(table), "customary" if customary else str(place)
    if customary:
        goes = table.attendance == 0
    else:
        goes = traits.uniform(f"hub attender {name}", 0, n) < attender_share(table, profile)
    mean = profile.weekly_attendance
    often = expit(np.log(mean / (1.0 - mean)) + traits.normal(f"hub habit {name}", 0, n))
    return np.where(goes, often, 0.0)
