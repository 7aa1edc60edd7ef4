"""Counting an election of a file by the rules the councils use, and holding it against the official result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.pabulib import Election, Points
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
        voters_with_winner: ballots that support a winner; `voters_with_choice`: ballots that support anything.
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
    voters_with_winner: int
    voters_with_choice: int
    vote_gini: float


def count(election: Election, rule: Rule, completion: Completion = "add1") -> Count:
    """Count an election; ties go to the cheaper project, then to the earlier in the file.

    Projects `below_threshold` cannot win. An empty ballot has a share of the budget under Equal Shares too.
    """
    scores, below = scores_of(election.points), below_threshold(election)
    winners = winners_of(election, rule, completion)
    support = election.points > 0
    with_choice = int(support.any(axis=1).sum())
    return Count(
        rule=rule,
        completion=completion if rule == "equal_shares" else None,
        winners=winners,
        spent=float(election.costs[winners].sum()),
        votes=support.sum(axis=0),
        scores=scores / election.points_scale,
        below_threshold=below,
        lost_by_tie=_lost_by_tie(election, winners) if rule == "greedy" else None,
        voters_with_winner=round(with_choice * (1.0 - share_without_winner(support, winners))),
        voters_with_choice=with_choice,
        vote_gini=gini(support.sum(axis=0)),
    )


def winners_of(election: Election, rule: Rule, completion: Completion = "add1") -> Bools:
    """Winners (P,) of a file's election in its own money: what a count says, and what a council does."""
    kept = np.flatnonzero(~below_threshold(election))
    winners = np.zeros(len(election.ids), dtype=np.bool_)
    winners[kept] = elect(
        election.costs[kept], election.points[:, kept], election.budget, rule=rule, completion=completion
    )
    return winners


def elect(
    costs: NDArray[np.float64], points: Points, budget: float, *, rule: Rule, completion: Completion = "add1"
) -> Bools:
    """Winners (P,) of ballots with approvals (bool) or points (whole numbers), (V, P).

    Greedy goes by the sum of points, negative ones too. Under Equal Shares the utility of a project is points · cost,
    and negative points are none, since nobody can be made to pay a negative amount.
    """
    if not len(costs):
        return np.zeros(0, dtype=np.bool_)
    if rule == "greedy":
        return greedy(costs, scores_of(points), budget)
    if points.dtype == np.bool_:
        return equal_shares(costs, points, budget, completion=completion)
    return equal_shares_of_points(costs, np.maximum(points.astype(np.int64), 0), budget, completion=completion)


def scores_of(points: Points) -> NDArray[np.int64]:
    """Votes, or the sum of points, of each project; (P,)."""
    return points.sum(axis=0, dtype=np.int64)


def below_threshold(election: Election) -> Bools:
    """Projects (P,) below META's `min_project_score_threshold`; without one, those with less than 0 points."""
    threshold = election.number("min_project_score_threshold") or 0.0
    return np.asarray(scores_of(election.points) < threshold * election.points_scale)


def _lost_by_tie(election: Election, winners: Bools) -> Bools:
    """Losers (P,) of the greedy rule that only came after others with as many votes."""
    scores, lost = scores_of(election.points), np.zeros_like(winners)
    kept = np.flatnonzero(~below_threshold(election))
    for project in kept[~winners[kept] & np.isin(scores[kept], scores[winners])]:
        first = 2 * scores[kept] + (kept == project)  # before its equals, after all others
        lost[project] = greedy(election.costs[kept], first, election.budget)[kept == project][0]
    return lost
