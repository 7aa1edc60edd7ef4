"""The municipality's works of a long status quo, the services they keep, and the luck that is in these."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.phases.delivery import central_pace, weeks_pledged
from sim.policies import Policy
from sim.quadrature import hermite_nodes
from sim.rules.allocation import per_head
from sim.rules.capture import MOST_LEAK
from sim.rules.choice import project_costs
from sim.rules.knowledge import as_shares, need
from sim.rules.services import ServiceParameters, project_gain
from sim.rules.trust import kept_per_week

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]


class Fate(NamedTuple):
    """What becomes of a work that the municipality begins, on average.

    Attributes:
        on_time, late: shares finished by the date pledged, and after it.
        broken: share whose pledge is broken: those finished late, and those that fail.
        paid: share of its cost that is spent on it before it is finished or fails.
    """

    on_time: float
    late: float
    broken: float
    paid: float


def fate_of_works(city: City) -> Fate:
    """What becomes of the municipality's works, which go at their pace from the week in which they begin.

    They are pledged to the rounded duration of a typical one. In each week but the last they may fail.
    """
    delivery = city.config.behaviour.delivery
    return _fate(1.0 / central_pace(city), delivery.duration_spread, delivery.failure_hazard_per_week)


@lru_cache(maxsize=32)
def _fate(duration: float, spread: float, hazard: float) -> Fate:
    pledged = weeks_pledged(Policy().pledges.optimism, 1.0 / duration)
    standard = np.linspace(-6.0, 6.0, 4_001)
    chance = np.exp(-0.5 * standard**2)
    chance /= chance.sum()
    weeks = np.ceil(duration / np.exp(spread * standard) - 1e-9)
    lasts = 1.0 - hazard
    finished = chance * lasts ** (weeks - 1.0)
    in_time = weeks <= pledged + 1.0
    worked = (1.0 - lasts**weeks) / (1.0 - lasts) if lasts < 1.0 else weeks
    on_time = float(finished[in_time].sum())
    return Fate(on_time, float(finished[~in_time].sum()), 1.0 - on_time, float((chance * worked / weeks).sum()))


def works_per_week(city: City) -> Floats:
    """Works that are begun in each neighbourhood, per head, as many as the budget pays for, (M,)."""
    finance, capture = city.config.city.finance, city.config.behaviour.capture
    with_leak = 1.0 - min(MOST_LEAK, capture.municipal_leak)
    spent = finance.works_budget_per_year / 52.0 * with_leak
    return spent / (finance.project_cost_mean * fate_of_works(city).paid) * per_head(city.population)


def mean_square_of_sizes(city: City) -> float:
    """Mean of the square of cost over mean cost, of works: e^(s²), s the standard deviation of the log of costs."""
    return float(np.exp(city.config.city.finance.project_cost_spread**2))


class Luck(NamedTuple):
    """By how much services are off their usual levels after a long status quo, by luck.

    Attributes:
        variance: of a level about the usual one, (M, 6).
        returns: share of what it is off that returns in a week, θ, (M, 6).
    """

    variance: Floats
    returns: Floats


class ServiceMemory(NamedTuple):
    """What luck with services has left behind, beside what it is now: d, for categories or for what a resident needs.

    Attributes:
        expected: by how much expectation is off for it, y.
        lived: sum of (1 + γ) d - γ y, faded: evidence for a unit of weekly evidence.
    """

    expected: Floats
    lived: Floats


def start_services(city: City) -> tuple[ServiceMemory, Floats, Floats]:
    """Part services at the start, which are given, into usual levels and luck.

    Luck is in what the categories of a neighbourhood got of its works. So of how a level differs from the means of its
    neighbourhood and of its category the share β = V / s, at most 1, is luck: β x + √(β (1 - β) s) z, s the variance
    of that. Where s is below V, as where a file gives all categories alike, luck comes only later.

    Returns:
        what luck has left behind; the usual levels; and wear; (M, 6) each.
    """
    level = np.clip(city.services, 0.01, 0.99)
    without = level.mean(axis=1, keepdims=True) + level.mean(axis=0) - level.mean()
    gain = city.config.behaviour.services.gain_per_typical_project
    luck = luck_of_services(city, np.clip(without, 0.01, 0.99), gain)
    off = level - without
    spread = float((off**2).sum() / max(1, (off.shape[0] - 1) * (off.shape[1] - 1)))
    luck = luck._replace(variance=np.minimum(spread, luck.variance))
    share = luck.variance / spread if spread > 0.0 else np.zeros_like(off)
    now = share * off + np.sqrt(share * (1.0 - share) * spread) * among_categories(city, "luck of services")
    usual = np.clip(level - now, 0.01, 0.99)
    return remembered(city, now, luck), usual, wear(city, usual)


def among_categories(city: City, stream: str) -> Floats:
    """Normal draws that sum to 0 over the categories of a neighbourhood, each of variance 1, (M, 6)."""
    number = np.arange(city.services.size).reshape(city.services.shape)
    drawn = city.place_streams.normal(stream, 0, number)
    count = drawn.shape[1]
    return np.asarray((drawn - drawn.mean(axis=1, keepdims=True)) * np.sqrt(count / (count - 1.0)))


def remembered(city: City, now: Floats, luck: Luck) -> ServiceMemory:
    """What luck has left behind in expectation and evidence, drawn given what it is `now`, d, (M, 6).

    In a week d keeps ψ = 1 - θ of itself; of what it leaves behind, y goes to d by ρ, and e keeps φ and gains
    (1 + γ) d - γ y. Their covariances in the long run follow.
    """
    behaviour = city.config.behaviour
    rho, gamma = behaviour.expectation.adaptation_per_week, behaviour.expectation.disconfirmation_weight
    stays, kept, keeps = 1.0 - rho, kept_per_week(behaviour.trust.half_life_weeks), 1.0 - luck.returns
    both = 1.0 + gamma
    # Covariances beside the variance of d, which is taken to be 1.
    yd = keeps * rho / (1.0 - keeps * stays)
    ed = keeps * (both - gamma * yd) / (1.0 - keeps * kept)
    yy = (rho**2 + 2.0 * rho * stays * yd) / (1.0 - stays**2)
    ey = kept * rho * ed + both * (stays * yd + rho) - gamma * (stays * yy + rho * yd)
    ey /= 1.0 - kept * stays
    ee = 2.0 * kept * (both * ed - gamma * ey) + both**2 + gamma**2 * yy - 2.0 * gamma * both * yd
    ee /= 1.0 - kept**2
    of_y = np.sqrt(np.maximum(0.0, yy - yd**2))
    of_both = np.divide(ey - ed * yd, of_y, out=np.zeros_like(of_y), where=of_y > 0.0)
    of_e = np.sqrt(np.maximum(0.0, ee - ed**2 - of_both**2))
    deviation = np.sqrt(luck.variance)
    first, second = (among_categories(city, f"luck of services, {what}") for what in ("expected", "lived"))
    return ServiceMemory(yd * now + deviation * of_y * first, ed * now + deviation * (of_both * first + of_e * second))


def luck_of_services(city: City, usual: Floats, gain_per_typical_project: float) -> Luck:
    """How far services are off their usual levels, (M, 6), by luck: which category works go to, and which fail.

    Money comes evenly. So n works of sizes s, of which the share F is finished, put p of them into a category with
    the variance n E[s²] (F p - F² p²); and what the municipality misjudges it misjudges for a year.
    """
    fate, works, error = fate_of_works(city), works_per_week(city), city.config.behaviour.knowledge.municipality_error
    finished, chosen = fate.on_time + fate.late, as_shares(need(city.mean_need_weights, usual))
    raises = rise_of_a_work(city, gain_per_typical_project)[:, None] * (1.0 - usual)
    rise = rise_per_week(city, usual, gain_per_typical_project)
    returns = np.minimum(1.0, rise * (1.0 / usual + 2.0 / (1.0 - usual)))
    spent = finished * chosen * (1.0 - finished * chosen)
    squared = works[:, None] * mean_square_of_sizes(city) * raises**2 * spent
    squared = squared + 52.0 * (rise * (1.0 - chosen) * error) ** 2
    lasting = 1.0 - (1.0 - returns) ** 2
    return Luck(np.divide(squared, lasting, out=np.zeros_like(rise), where=lasting > 0.0), returns)


def rise_per_week(city: City, usual: Floats, gain_per_typical_project: float) -> Floats:
    """What works, spread over categories by need, add in a week at the usual levels, (M, 6)."""
    fate, chosen = fate_of_works(city), as_shares(need(city.mean_need_weights, usual))
    finished = (fate.on_time + fate.late) * works_per_week(city)
    return np.asarray((finished * rise_of_a_work(city, gain_per_typical_project))[:, None] * chosen * (1.0 - usual))


def rise_of_a_work(city: City, gain_per_typical_project: float) -> Floats:
    """Share of what a service lacks that a finished work of the municipality closes, mean over costs, (M,)."""
    behaviour = city.config.behaviour
    nodes, weights = hermite_nodes(20)
    relative_cost = project_costs(nodes, 1.0, city.config.city.finance.project_cost_spread)
    crowding = (city.population / city.population.mean()) ** behaviour.services.rivalry
    gains = -np.expm1(-project_gain(relative_cost / crowding[:, None], gain_per_typical_project, np.zeros(1)))
    visible = 1.0 - behaviour.capture.municipal_capture * behaviour.capture.private_share
    return np.asarray(visible * gains @ (weights / weights.sum()))


def wear(city: City, usual: Floats) -> Floats:
    """How fast services decay beside the city's rate, (M, 6): as fast as keeps them at their usual levels.

    The municipality's works are divided per head and by need, and would level out in a few years what made
    neighbourhoods unequal before week 0. That they are unequal after a long status quo means that what is built lasts
    less in some: wear is such that works, spread over categories by need, balance decay at the usual levels. Works go
    where most is missing at the time, which raises more than works at the usual level, by V / (1 - U)². It is so at
    the default gain and decay, so that a config which changes these changes what happens.

    Args:
        usual: levels, (M, 6).
    """
    default = ServiceParameters()
    gain = default.gain_per_typical_project
    rise = rise_per_week(city, usual, gain)
    if not rise.any():
        return np.ones_like(rise)
    rise *= 1.0 + luck_of_services(city, usual, gain).variance / (1.0 - usual) ** 2
    lost = -np.log(1.0 - default.decay_per_year) / 52.0 * usual
    return np.asarray(np.divide(rise, lost, out=np.ones_like(rise), where=lost > 0.0))
