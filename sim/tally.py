"""Counting an election of a file by the rules the councils use, and holding it against the official result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.errors import ConfigError
from sim.pabulib import THRESHOLD, Election, Points
from sim.rules.voting import equal_shares, equal_shares_of_points, gini, greedy, share_without_winner

Rule = Literal["greedy", "equal_shares"]
Completion = Literal["none", "add1"]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Count:
    """What came of a count.

    Attributes:
        rule, completion: how it was counted; completion is None under the greedy rule.
        winners: (P,).
        spent: money.
        votes: (P,), ballots that support the project.
        scores: (P,), votes, or points where ballots give points.
        below_threshold: (P,), projects with too low a score to be funded at all.
        lost_by_tie: (P,), losers that would have won had they come first among those with the same score; None under
            Equal Shares, where ties between other amounts than scores decide.
        voters_with_winner: ballots that support a winner; `voters_with_choice`: ballots that support anything; None
            where the file has only totals of votes.
        vote_gini: Gini coefficient of votes over projects.
    """

    rule: Rule
    completion: Completion | None
    winners: Bools
    spent: float
    votes: NDArray[np.int64]
    scores: NDArray[np.float64]
    below_threshold: Bools
    lost_by_tie: Bools | None
    voters_with_winner: int | None
    voters_with_choice: int | None
    vote_gini: float


def count(election: Election, rule: Rule, completion: Completion = "add1") -> Count:
    """Count an election; ties go to the cheaper project, then to the earlier in the file.

    Projects `below_threshold` cannot win. An empty ballot has a share of the budget under Equal Shares too.

    Raises:
        ConfigError: Equal Shares without ballots.
    """
    winners, support = winners_of(election, rule, completion), election.points > 0
    votes = support.sum(axis=0) if election.has_ballots else election.totals
    with_choice = int(support.any(axis=1).sum()) if election.has_ballots else None
    with_winner = None
    if with_choice is not None:
        with_winner = round(with_choice * (1.0 - share_without_winner(support, winners)))
    return Count(
        rule=rule,
        completion=completion if rule == "equal_shares" else None,
        winners=winners,
        spent=float(election.costs[winners].sum()),
        votes=votes,
        scores=election.totals / election.points_scale,
        below_threshold=below_threshold(election),
        lost_by_tie=_lost_by_tie(election, winners) if rule == "greedy" else None,
        voters_with_winner=with_winner,
        voters_with_choice=with_choice,
        vote_gini=gini(votes),
    )


def winners_of(election: Election, rule: Rule, completion: Completion = "add1") -> Bools:
    """Winners (P,) of a file's election in its own money: what a count says, and what a council does.

    Greedy goes by the sum of points, negative ones too. Under Equal Shares the utility of a project is points · cost,
    and negative points are none, since nobody can be made to pay a negative amount.

    Raises:
        ConfigError: Equal Shares without ballots.
    """
    if rule == "equal_shares":
        refuse_without_ballots(election)
    kept = np.flatnonzero(~below_threshold(election))
    winners = np.zeros(len(election.ids), dtype=np.bool_)
    costs, budget = election.costs[kept], election.budget
    if rule == "greedy":
        won = greedy(costs, election.totals[kept], budget)
    else:
        won = _by_equal_shares(costs, election.points[:, kept], budget, completion)
    winners[kept] = won
    return winners


def refuse_without_ballots(election: Election) -> None:
    """Refuse an election of which only totals are known, where a rule needs to know who voted for what.

    Raises:
        ConfigError: there are no ballots.
    """
    if not election.has_ballots:
        problem = "Equal Shares needs ballots, and there are only totals of votes: they can be counted by greedy"
        raise ConfigError(problem, source=election.source, key="vote_type")


def _by_equal_shares(costs: NDArray[np.float64], points: Points, budget: float, completion: Completion) -> Bools:
    if not len(costs):
        return np.zeros(0, dtype=np.bool_)
    if points.dtype == np.bool_:
        return equal_shares(costs, points, budget, completion=completion)
    return equal_shares_of_points(costs, np.maximum(points.astype(np.int64), 0), budget, completion=completion)


def below_threshold(election: Election) -> Bools:
    """Projects (P,) below META's `min_project_score_threshold`; without one, those with less than 0 points."""
    threshold = election.number(THRESHOLD) or 0.0
    return np.asarray(election.totals < threshold * election.points_scale)


def _lost_by_tie(election: Election, winners: Bools) -> Bools:
    """Losers (P,) of the greedy rule that only came after others with as many votes."""
    scores, lost = election.totals, np.zeros_like(winners)
    kept = np.flatnonzero(~below_threshold(election))
    for project in kept[~winners[kept] & np.isin(scores[kept], scores[winners])]:
        first = 2 * scores[kept] + (kept == project)  # before its equals, after all others
        lost[project] = greedy(election.costs[kept], first, election.budget)[kept == project][0]
    return lost
