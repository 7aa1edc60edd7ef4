"""Neighbourhood councils: what they hear, what they propose, how they choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.columns import Column, TableAgent
from sim.elections import CouncilElection
from sim.rules.capture import capture_probability
from sim.rules.choice import project_costs, proposal_probabilities

if TYPE_CHECKING:
    from sim.agents.resident import Resident

Floats = NDArray[np.float64]

ELITE_SHARE = 0.2
"""The best-off fifth of the city counts as elite [assumption]."""


class Proposals:
    """Projects put up for choice in one round, each (P,): number of draw, category, cost in bn toman, captured.

    `election` is the real election they come from, whose ballots then decide; None where they are simulated.
    """

    def __init__(
        self,
        number: NDArray[np.int64],
        category: NDArray[np.int64],
        cost: Floats,
        captured: NDArray[np.bool_],
        election: CouncilElection | None = None,
    ) -> None:
        self.number, self.category, self.cost, self.captured = number, category, cost, captured
        self.election = election

    def __len__(self) -> int:
        return self.cost.size


class Council(TableAgent):
    """The council of one neighbourhood, from the day the city is divided; `convened` once it has been formed."""

    table_name: ClassVar[str] = "institutions.councils"

    neighbourhood = Column(np.int32, "number of the neighbourhood, from 0")
    convened = Column(bool, "whether it has been formed and not dissolved")
    electing = Column(bool, "whether its seats stand for election this week")
    formed_week = Column(np.int32, "week of forming, -1 if never")
    next_round_week = Column(np.int32, "week of the next round of choice")
    term_end_week = Column(np.int32, "week in which all seats are filled again")
    rounds = Column(np.int32, "rounds of choice held")
    members = Column(np.int32, "seats filled, mayors not counted", low=0)
    women_share = Column(float, "share of women among the seats filled", unit="share")
    youth_share = Column(float, "share of those born 1380 or later among the seats filled", unit="share")
    elite_share = Column(float, "share of the city's best-off fifth among the deciding seats", unit="share")
    resources = Column(float, "mean resources of the deciding seats", unit="share")
    attendance = Column(float, "mean weekly attendance at the hub of the deciding seats", unit="share")
    skill = Column(float, "mean civic skill of the deciding seats", unit="share")
    member_needs = Column(float, "mean need weights of all seats", unit="share", width=6)
    agenda = Column(float, "weight of each category on the agenda; sums to 1", unit="share", width=6)
    pledges_kept = Column(float, "pledges kept here lately, by any pledger (half forgotten in a year)", low=0.0)
    pledges_broken = Column(float, "pledges broken here lately, by any pledger (half forgotten in a year)", low=0.0)

    @property
    def residents_on_it(self) -> list[Resident]:
        """The members who are agents (at scale 1 all of them)."""
        seats = self.model.institutions.seats
        rows = seats.donor[seats.filled & seats.in_sample & (seats.neighbourhood == self.row)]
        return [self.model.resident(int(row)) for row in rows]

    @property
    def balance(self) -> float:
        """Money on the neighbourhood's account, in bn toman."""
        return float(self.model.money.books.delegated[self.row])

    def propose(self) -> Proposals:
        """Draw the projects of a round: categories after the agenda, costs lognormal, some captured by elites.

        Where a real election is held, its projects are put up instead.
        """
        city = self.model
        election = self.election()
        if election is not None:
            number = self._numbers(election.category.size)
            cost = election.costs(city.money.of_round(self.row))
            return Proposals(number, election.category, cost, self._captured(number), election)
        choice, finance = city.config.behaviour.choice, city.config.city.finance
        number = self._numbers(choice.proposals_per_round)
        weights = proposal_probabilities(self.agenda, choice.focus_on_agenda)
        busy = city.projects.busy(city.neighbourhoods)[self.row]
        if not busy.all():
            weights = np.where(busy, 0.0, weights)  # what is under way needs no second proposal
        chances = np.cumsum(weights)
        category = np.searchsorted(chances / chances[-1], city.streams.uniform("proposal category", 0, number), "right")
        cost = project_costs(
            city.streams.normal("proposal cost", 0, number), finance.project_cost_mean, finance.project_cost_spread
        )
        return Proposals(number, np.minimum(category, 5), cost, self._captured(number))

    def election(self) -> CouncilElection | None:
        """The real election that the next round of choice is; None where residents do not vote."""
        city = self.model
        if not city.elections or not city.way_of_choosing.by_ballot:
            return None
        turn = int(self.rounds) + 1
        return next((one for one in city.elections if self.row in one.rows and one.round in (None, turn)), None)

    def _numbers(self, count: int) -> NDArray[np.int64]:
        """Numbers that key the draws of a round's projects, (count,); odd, so that central works share none of them."""
        return np.asarray(2 * ((self.rounds * 1_000 + np.arange(count)) * 10_000 + self.row) + 1)

    def _captured(self, number: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which projects elites have turned to private benefit, (P,)."""
        city = self.model
        risk = capture_probability(
            city.config.behaviour.capture.council_capture,
            self.elite_share / ELITE_SHARE,
            city.money.accountability_left,
        )
        return np.asarray(city.streams.uniform("proposal captured", 0, number) < risk)

    def member_approvals(self, proposals: Proposals) -> NDArray[np.bool_]:
        """Approvals of the deciding members, (members, P): categories that weigh more than their average with them."""
        seats, residents = self.model.institutions.seats, self.model.residents
        rows = seats.donor[seats.filled & seats.deciding & (seats.neighbourhood == self.row)]
        services = self.model.services[self.row]
        utility = residents.need_weights[rows] * (1.0 - services)
        approved = utility[:, proposals.category] >= utility.mean(axis=1, keepdims=True)
        # Who captures a proposal sees to it that the members vote for it.
        return np.asarray(approved | proposals.captured[None, :])
