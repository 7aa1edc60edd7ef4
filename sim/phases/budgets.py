"""Phase 2. Budgets: money comes in, is divided between neighbourhoods, and is paid over, or is late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.phase import phase
from sim.rules.allocation import ALLOCATIONS, by_favour, by_need, by_participation, per_head
from sim.rules.knowledge import need
from sim.rules.participation import ACTIVE_WEEKS
from sim.rules.returns import approach

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]

ALLOCATION_INTERVAL_WEEKS = 4
"""Weeks after which the key of allocation is computed again [assumption]."""


@ALLOCATIONS.bind("per_head")
def divide_per_head(city: City) -> Floats:
    """Shares of neighbourhoods by residents, (M,)."""
    return per_head(city.population)


@ALLOCATIONS.bind("by_need")
def divide_by_need(city: City) -> Floats:
    """Shares by need as it is, (M,)."""
    return by_need(city.population, need(city.mean_need_weights, city.services).sum(axis=1))


@ALLOCATIONS.bind("by_participation")
def divide_by_participation(city: City) -> Floats:
    """Shares by who took part with others lately, half of them per head, (M,)."""
    active = city.residents.last_act_week >= city.week - ACTIVE_WEEKS
    return by_participation(city.population, city.rows.mean_by_neighbourhood(active[:, None])[:, 0])


@ALLOCATIONS.bind("by_favour")
def divide_by_favour(city: City) -> Floats:
    """Shares by closeness to the municipality, (M,)."""
    return by_favour(city.population, city.favour)


@phase(
    reads="residents: last_act_week; institutions: councils, teams_deployed; policy; services",
    writes="money: allocation, books, sharing_in_revenue",
)
def pay_instalments(city: City) -> None:
    """Receive a week's budget, pay for support, divide the rest by the key, and pay instalments at their dates.

    Every neighbourhood gets its share of the whole budget, independently of who decides on it: what is not delegated is
    reserved for the municipality's own works there. So budgets are equal across arms, but for the revenue that sharing
    brings, which is divided as the budget is.
    """
    money, books, finance, policy = city.money, city.money.books, city.config.city.finance, city.policy
    money.sharing_in_revenue = approach(
        money.sharing_in_revenue, power_shared(city), city.config.behaviour.returns.revenue_half_life_weeks
    )
    budget, revenue = finance.works_budget_per_year / 52.0, money.revenue_per_year / 52.0
    income = budget + revenue
    books.income["budget"] += budget
    books.income["revenue"] += revenue
    books.central_balance += income
    support = min(income, support_cost_per_year(city) / 52.0)
    books.central_balance -= support
    books.spent["support"] += support

    if city.week % ALLOCATION_INTERVAL_WEEKS == 0:
        money.refresh_allocation()
    due = (income - support) * money.allocation
    convened = city.institutions.councils.convened
    delegated = np.where(convened, money.delegated_share * policy.funding.level * due, 0.0)
    books.arrears += delegated
    books.reserved += due - delegated
    if city.week % policy.funding.instalment_interval_weeks == 0:
        transfer_arrears(city)


def power_shared(city: City) -> float:
    """Share of the budget that residents decide on: people with a council · share delegated · level of funding."""
    people = city.population
    with_council = float(people[city.institutions.councils.convened].sum() / people.sum())
    return with_council * city.money.delegated_share * city.policy.funding.level


def support_cost_per_year(city: City) -> float:
    """Cost of teams, training, audit and publication under the policy, in bn toman a year: none of it is free."""
    finance, accountability = city.config.city.finance, city.policy.accountability
    cost = city.institutions.teams_deployed * finance.team_cost_per_year
    if city.policy.support.kind == "training":
        cost += finance.training_cost_per_year * int(city.institutions.councils.convened.sum())
    watched = accountability.audit + accountability.publication
    return cost + watched * finance.audit_cost_share * finance.works_budget_per_year


def transfer_arrears(city: City) -> None:
    """Pay each neighbourhood what it is due, with the probability of prompt payment; else it waits."""
    books = city.money.books
    paid = city.streams.uniform("payment", city.week, city.neighbourhoods) < city.policy.funding.payment_reliability
    amount = np.where(paid, books.arrears, 0.0)
    books.arrears -= amount
    books.delegated += amount
    books.central_balance -= float(amount.sum())
    books.delegated_paid += float(amount.sum())
