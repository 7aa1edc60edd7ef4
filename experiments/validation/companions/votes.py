"""Patterns 4, 6, 7, 8, 10 and 11: what is known of ballots, in the config's city with votes."""

from __future__ import annotations

from types import MappingProxyType

import mesa
import numpy as np
from numpy.typing import NDArray

from experiments import measuring
from experiments.measuring import Measured, NotTestable
from experiments.results import Run, facts_of_start, run_of
from experiments.validation.cities import Cities, OpenCity
from sim.agents import Council
from sim.agents.council import Proposals
from sim.indices import weighted_gini
from sim.phases.hearings import ballots, shared_equally
from sim.place import Foundations
from sim.rules.voting import greedy, share_without_winner

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

VOTING = MappingProxyType({"choice.rule": "ballot_greedy", "council.selection": "elected"})
"""Levers under which residents vote for councils and on projects."""


MANY_PROJECTS = MappingProxyType({"behaviour.choice.proposals_per_round": 20})


class NotingCouncil(Council):
    """A council that notes a round's proposals, and what may be spent, before anything is chosen."""

    def propose(self) -> Proposals:
        """Draw the projects of a round as any council does."""
        self.credit = self.model.money.worth_of_credit(self.row)
        self.proposals = super().propose()
        return self.proposals


class TwiceCounted(OpenCity):
    """A city in which every ballot is counted by Equal Shares too; only the policy's own rule has consequences.

    Attributes:
        gains: of each ballot, by how much Equal Shares lowers the share of voters without a winner, and the Gini over
            voters of the money spent on projects they approve.
    """

    def _build(self, foundations: Foundations) -> None:
        super()._build(foundations)
        for council in self.institutions.council_agents:
            mesa.Agent.remove(council)
        self.noting = [NotingCouncil(self, row) for row in range(self.neighbourhoods)]
        self.institutions.council_agents = list(self.noting)
        self.gains: list[tuple[float, float]] = []
        self._rounds = self.institutions.councils.rounds.copy()

    def after_hearings(self) -> None:
        """Count the ballots of this week's rounds once more by each rule."""
        held = np.flatnonzero(self.institutions.councils.rounds > self._rounds)
        self._rounds = self.institutions.councils.rounds.copy()
        if self.policy.authority.mode != "delegated":
            return  # a consulted council has no budget to divide
        for row in held:
            council = self.noting[row]
            if council.proposals.election is not None:
                continue  # a real election is what the pattern is known from, and no test of the model
            approvals = ballots(self, council, council.proposals)
            if approvals.size:
                self.gains.append(gain_of_equal_shares(council.proposals.cost, approvals, council.credit))


def gain_of_equal_shares(cost: Floats, approvals: Flags, budget: float) -> tuple[float, float]:
    """What Equal Shares changes of a ballot's outcome under the greedy rule.

    Args:
        cost: of each project, (P,).
        approvals: (voters, P).
        budget: what may be spent.

    Returns:
        The share of voters with a winner, Equal Shares less greedy; the Gini over voters of the money spent on projects
        they approve, greedy less Equal Shares.
    """
    by_votes = greedy(cost, approvals.sum(axis=0).astype(np.float64), budget)
    by_shares = shared_equally(cost, approvals, budget)
    more = share_without_winner(approvals, by_votes) - share_without_winner(approvals, by_shares)
    return more, inequality(cost, approvals, by_votes) - inequality(cost, approvals, by_shares)


def inequality(cost: Floats, approvals: Flags, winners: Flags) -> float:
    """Gini over voters of the money spent on projects each approves; 0 where nothing is spent."""
    money = approvals.astype(np.float64) @ (cost * winners)
    return weighted_gini(money, np.ones_like(money)) if money.any() else 0.0


def voting_run(cities: Cities) -> tuple[Run, TwiceCounted]:
    """The config with elected councils and residents' ballots counted greedily, from the first week to the last."""
    city = cities.build(cities.under(VOTING), TwiceCounted)
    start = facts_of_start(city)
    city.run()
    return run_of(city, start), city


def pattern_8(cities: Cities) -> Measured:
    """Votes are unequal over the projects of a ballot.

    In a city whose residents vote on as many projects as in real elections, 20 a ballot and more: with five projects
    and three approvals the Gini coefficient cannot exceed 0.40. Estimator: mean over ballots.
    """
    many = cities.config.with_values(MANY_PROJECTS)
    run = Cities(many).run_under(VOTING)
    return measuring.vote_inequality(run)


def pattern_11(cities: Cities) -> Measured:
    """Equal Shares instead of greedy gives more voters a winner, and divides money more equally between them.

    Treated and compared: the same ballots of the same rounds, counted by both rules under the same budget, as in the
    studies of Pabulib elections; the greedy outcome alone has consequences in the city.
    Weeks: all with a ballot on projects.
    Estimator: mean over ballots of the difference between the rules.
    """
    _, city = cities.once(voting_run)
    if not city.gains:
        raise NotTestable("no ballot on projects is held in this run")
    winners, equality = np.array(city.gains).mean(axis=0)
    return {"more voters with a winner": float(winners), "fall of the Gini of money a voter": float(equality)}
