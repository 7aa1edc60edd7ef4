"""Money: the books, the key by which money is divided, what leaks, and what councils may commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.books import Books
from sim.phases.budgets import support_cost_per_year
from sim.phases.delivery import expected_duration
from sim.projects import ACTIVE
from sim.rules.allocation import ALLOCATIONS
from sim.rules.capture import leak_rate, remaining_share
from sim.rules.returns import part_of_account

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]


class Money:
    """The city's money, in bn toman of constant prices.

    Attributes:
        books: what came in, was spent, leaked, and is still there.
        allocation: shares of neighbourhoods in the budget, (M,), sum 1.
        leak_rates: share of spending that leaks, of the council and of the municipality.
        accountability_left: share of capture that accountability leaves.
        sharing_in_revenue: share of the budget that residents decide on, as far as revenue has followed it.
        next_central_cost: of the municipality's next work in each neighbourhood, (M,).
        central_works_begun: the municipality's works so far in each neighbourhood, (M,).
    """

    allocation: Floats
    leak_rates: dict[str, float]
    accountability_left: float

    def __init__(self, city: City) -> None:
        self.city = city
        self.books = Books(city.neighbourhoods)
        self.sharing_in_revenue = 0.0
        self.next_central_cost = np.zeros(city.neighbourhoods)
        self.central_works_begun = np.zeros(city.neighbourhoods, dtype=np.int64)

    def refresh_accountability(self) -> None:
        """Work out what accountability leaves of leak and capture."""
        capture, policy = self.city.config.behaviour.capture, self.city.policy.accountability
        self.accountability_left = remaining_share(policy.audit, policy.publication, capture)
        undefined = 1.0 if policy.defined_duties else capture.undefined_duties_factor
        self.leak_rates = {
            "council": leak_rate(capture.council_leak, self.accountability_left, undefined),
            "municipality": leak_rate(capture.municipal_leak, self.accountability_left),
        }

    def refresh_allocation(self) -> None:
        """Work out the key by which money is divided between neighbourhoods, (M,), sum 1."""
        self.allocation = ALLOCATIONS[self.city.policy.allocation.rule](self.city)

    @property
    def delegated_share(self) -> float:
        """Share of the budget delegated where there is a council."""
        return self.city.institutions.municipality.delegated_share

    @property
    def revenue_per_year(self) -> float:
        """What sharing the budget adds to it now, in bn toman a year."""
        config = self.city.config
        rise = config.behaviour.returns.revenue_rise
        return config.city.finance.works_budget_per_year * rise * self.sharing_in_revenue

    @property
    def works_budget_per_year(self) -> float:
        """The works budget with the revenue that sharing it brings, in bn toman a year."""
        return self.city.config.city.finance.works_budget_per_year + self.revenue_per_year

    def of_round(self, b: int) -> float:
        """Money that a real election's budget stands for, in bn toman.

        What the council's means are worth; where councils are only consulted, the neighbourhood's share of the works
        budget until the next round.
        """
        if self.city.policy.authority.mode == "delegated":
            return self.worth_of_credit(b)
        years = self.city.config.behaviour.choice.round_interval_weeks / 52.0
        return float(self.works_budget_per_year * self.allocation[b] * years)

    def worth_of_credit(self, b: int) -> float:
        """Works at usual cost that a council may commit: its money over the part of it that its account bears."""
        returns = self.city.config.behaviour.returns
        return self.credit_of(b) / part_of_account(returns.price_reduction, returns.contribution_share)

    def credit_of(self, b: int) -> float:
        """Money a council may commit: on its account, due, and coming while works last, less what it has committed.

        What comes later waits for the next round: who commits it now runs dry before the date pledged.
        """
        city, behaviour = self.city, self.city.config.behaviour
        finance, policy, projects = city.config.city.finance, city.policy, city.projects
        yearly = max(0.0, self.works_budget_per_year - support_cost_per_year(city)) * self.allocation[b]
        years = min(float(expected_duration(city)[b]), behaviour.choice.round_interval_weeks) / 52.0
        own = np.flatnonzero((projects.status == ACTIVE) & projects.delegated & (projects.neighbourhood == b))
        with_leak = 1.0 - self.leak_rates["council"]
        left = float((projects.price[own] * (1.0 - projects.progress[own])).sum())
        committed = left * (1.0 - behaviour.returns.contribution_share) / with_leak
        programmes = policy.programmes.per_year * city.institutions.host_engagement[b] * finance.programme_cost
        coming = years * (yearly * self.delegated_share * policy.funding.level - programmes)
        return float(max(0.0, (self.books.delegated[b] + self.books.arrears[b] + coming - committed) * with_leak))
