"""The ballot rules against hand-worked elections, theorems, a naive exact count, and pabutools."""

from __future__ import annotations

import itertools
from fractions import Fraction
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.rules.voting import approvals_from_utilities, equal_shares, gini, greedy, share_without_winner
from tests.theory.oracle import elected_by_pabutools

Bools = NDArray[np.bool_]
COMPLETIONS: tuple[Any, ...] = ("none", "add1", "add1_exhaustive")


def ballots(rows: list[list[int]]) -> Bools:
    """Ballots written as 0 and 1, one row a voter."""
    return np.array(rows, dtype=np.bool_)


def chosen(winners: Bools) -> list[int]:
    """The numbers of the winners."""
    return np.flatnonzero(winners).tolist()


# --- Greedy, by hand --------------------------------------------------------------------------------------------------


def test_greedy_skips_what_does_not_fit_and_goes_on() -> None:
    # 60 of 100: 40 left; 50 does not fit; 40 does: 0 left; 10 does not.
    assert chosen(greedy([60, 50, 40, 10], [9, 8, 7, 1], 100)) == [0, 2]


def test_greedy_takes_a_project_that_costs_exactly_what_is_left() -> None:
    # Read as floats, 0.3 - 0.1 leaves less than 0.2.
    assert chosen(greedy([0.1, 0.2], [2, 1], 0.3)) == [0, 1]


def test_greedy_breaks_ties_by_cost_then_index_unless_told() -> None:
    # All have 5 votes. Cheapest first: project 1 (30), then 2 (30), then 40 left: 0 (50) does not fit.
    assert chosen(greedy([50, 30, 30], [5, 5, 5], 100)) == [1, 2]
    assert chosen(greedy([30, 30, 30], [5, 5, 5], 60)) == [0, 1]
    # Told 0, 2, 1: 50, then 30, then 20 left.
    assert chosen(greedy([50, 30, 30], [5, 5, 5], 100, tie_break=[0, 2, 1])) == [0, 2]


def test_greedy_funds_projects_without_votes_last() -> None:
    assert chosen(greedy([5, 5, 0], [0, 1, 0], 10)) == [0, 1, 2]
    assert chosen(greedy([5, 6, 0], [0, 1, 0], 10)) == [1, 2]


# --- Equal Shares, by hand --------------------------------------------------------------------------------------------

MAJORITY = ballots([[1, 1, 0]] * 6 + [[0, 0, 1]] * 4)  # six voters against four


def test_equal_shares_gives_a_minority_its_share_where_greedy_does_not() -> None:
    # Budget 100, 10 voters, 10 each. Greedy: 50 + 50, six votes each.
    assert chosen(greedy([50, 50, 40], MAJORITY.sum(axis=0), 100)) == [0, 1]
    # Project 0: six pay 50/6, rho = 1/6. Then they have 6·10 - 50 = 10 < 50 for project 1. Project 2: four pay 10.
    assert chosen(equal_shares([50, 50, 40], MAJORITY, 100, completion="none")) == [0, 2]


def test_the_poor_pay_what_they_have_and_the_rich_the_rest() -> None:
    # 30 over 3 voters: 10 each.
    # Project 0 (12, voters a b): 6 each, rho 1/2; left a 4, b 4, c 10.
    # Project 1 (13, voters b c): 13/2 > 4, so b pays 4 and c 9, rho 9/13; left a 4, b 0, c 1.
    # Project 2 (1, voter c) and project 3 (4, voter a): rho 1, each takes the last money.
    votes = ballots([[1, 0, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0]])
    assert chosen(equal_shares([12, 13, 1, 4], votes, 30, completion="none")) == [0, 1, 2, 3]
    # With 14 + 1/10 b and c together fall short by 1/10.
    assert chosen(equal_shares([12, 14.1, 1, 4], votes, 30, completion="none")) == [0, 2, 3]
    assert chosen(equal_shares([12, 14, 0.1, 4], votes, 30, completion="none")) == [0, 1, 3]


def test_votes_count_by_cost_not_by_head() -> None:
    # 10 each. rho is 1/3 for the dear project with three votes and 1/2 for the cheap one with two: the dear one goes
    # first and takes 8 of each, then the two have 4 < 5. By heads (price per vote 8 against 5/2) it would be reversed.
    votes = ballots([[1, 1], [1, 1], [1, 0]])
    assert chosen(equal_shares([24, 5], votes, 30, completion="none")) == [0]


def test_ties_in_rho_go_to_the_cheaper_then_the_lower_index_unless_told() -> None:
    votes = ballots([[1, 1, 1]] * 2)  # 5 each, every rho 1/2
    assert chosen(equal_shares([8, 6, 4], votes, 10, completion="none")) == [1, 2]
    assert chosen(equal_shares([6, 6, 6], votes, 10, completion="none")) == [0]
    assert chosen(equal_shares([8, 6, 4], votes, 10, completion="none", tie_break=[0, 1, 2])) == [0]
    assert chosen(equal_shares([6, 6, 6], votes, 10, completion="none", tie_break=[2, 0, 1])) == [1]


def test_a_tie_between_different_splits_is_a_tie() -> None:
    # 10 each for a to f. Project 0 (24, a b c f): 6 each, rho 1/4; they have 4 left.
    # Project 1 (16, a b d): a and b 4, d 8, rho 8/16. Project 2 (18, d e): 9 each, rho 9/18. The cheaper goes first;
    # then d has 2 and e 10: 12 < 18. The other way round d has 1 and a and b 4: 9 < 16.
    votes = ballots([[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1], [1, 0, 0]])
    assert chosen(equal_shares([24, 16, 18], votes, 60, completion="none")) == [0, 1]
    assert chosen(equal_shares([24, 16, 18], votes, 60, completion="none", tie_break=[2, 1, 0])) == [0, 2]


def test_money_is_compared_exactly() -> None:
    # Ten voters with 0.1 each; eight times the float 0.1, added up, is less than 0.8.
    eight = ballots([[1]] * 8 + [[0]] * 2)
    assert chosen(equal_shares([0.8], eight, 1.0, completion="none")) == [0]
    assert chosen(equal_shares([0.8000000000000002], eight, 1.0, completion="none")) == []
    # A third of the budget each: 10^15 + 1 is one unit too dear for one of three voters with 10^15 each.
    one = ballots([[1], [0], [0]])
    assert chosen(equal_shares([10**15], one, 3 * 10**15, completion="none")) == [0]
    assert chosen(equal_shares([10**15 + 1], one, 3 * 10**15, completion="none")) == []
    # 7/3 each; 2/3 goes to the cheaper project, and 3·5/3 is left for the other: exactly 5.
    assert chosen(equal_shares([5, 2], ballots([[1, 1]] * 3), 7, completion="none")) == [0, 1]
    assert chosen(equal_shares([5.000000000000001, 2], ballots([[1, 1]] * 3), 7, completion="none")) == [1]


def test_add1_raises_the_endowment_until_the_budget_would_be_exceeded() -> None:
    # 5 each. 6 each buys project 0 (6); 7 each buys project 1 (7) too: 13 > 10.
    votes = ballots([[1, 0], [0, 1]])
    assert chosen(equal_shares([6, 7], votes, 10, completion="none")) == []
    assert chosen(equal_shares([6, 7], votes, 10)) == [0]
    # 6 and 6: the first rise that buys anything costs 12. The money goes by votes: a tie, the lower index.
    assert chosen(equal_shares([6, 6], votes, 10)) == [0]
    assert chosen(equal_shares([6, 6], votes, 10, tie_break=[1, 0])) == [1]
    # 13 buys both.
    assert chosen(equal_shares([6, 7], votes, 13)) == [0, 1]


def test_add1_goes_on_past_an_exhaustive_outcome_unless_told_to_stop() -> None:
    # 6 over 3 voters. At 2 each: project 0 (5) has 4 behind it, project 1 (2) has 2: bought. 4 are left, 5 do not fit.
    # At 3 each: project 0 has rho 1/2 and goes first for 2.5 each; 0.5 is left for project 1. So up to 4 each.
    # At 5 each: 2.5 is left and buys project 1 too: 7 > 6.
    votes = ballots([[0, 0], [1, 0], [1, 1]])
    assert chosen(equal_shares([5, 2], votes, 6, completion="none")) == [1]
    assert chosen(equal_shares([5, 2], votes, 6, completion="add1_exhaustive")) == [1]
    assert chosen(equal_shares([5, 2], votes, 6, completion="add1")) == [0]


@pytest.mark.parametrize("completion", ["add1", "add1_exhaustive"])
def test_an_outcome_that_costs_exactly_the_budget_is_kept(completion: Any) -> None:
    # 5 each: b buys project 0 (4) and the other two (6) are too dear. 6 are left, so another would fit: go on.
    # 6 each: a buys project 2 too, 10 in all. Stopped before, the completion would have taken project 1.
    votes = ballots([[0, 0, 1], [1, 1, 0]])
    assert chosen(equal_shares([4, 6, 6], votes, 10, completion=completion)) == [0, 2]


def test_add1_misses_no_step() -> None:
    # 7 each: b buys project 1 (2). Only at 11 each a buys project 2 (11), 13 of 14; at 12 each b buys project 0 (10).
    votes = ballots([[0, 0, 1], [1, 1, 0]])
    assert chosen(equal_shares([10, 2, 11], votes, 14)) == [1, 2]


def test_add1_sees_a_rival_overtake() -> None:
    # 7 each: project 2 (5, c d) takes 2.5 each; projects 0 (13, a d) and 1 (16, a b) lack money.
    # 8 each: project 1 takes 8 each, rho 1/2; project 0 would have d pay 5.5 and a 7.5, rho 7.5/13: {1, 2}.
    # 9 each: project 0 takes 6.5 each, rho 1/2 too, and is the cheaper. a has 2.5 and b 9: 11.5 < 16, so {0, 2}.
    # 11 each: 4.5 + 11 < 16. 12 each: 5.5 + 12 buys project 1 too, 34 > 28.
    votes = ballots([[1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]])
    assert chosen(equal_shares([13, 16, 5], votes, 28)) == [0, 2]


def test_add1_completes_by_votes() -> None:
    # 3 each for 4 voters. Project 0 (4, three votes): 4/3 each; left 5/3 three times and 3.
    # Project 1 (6, two votes): 10/3 < 6 until 1 + 10/3 each, i.e. at 5 each, where project 2 (5, d) is bought: 15 > 12.
    # So {0}; 8 are left: project 1 (two votes) before 2 and 3 (one vote, none), then 2: project 3 (2).
    votes = ballots([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]])
    assert chosen(equal_shares([4, 6, 5, 2], votes, 12, completion="none")) == [0]
    assert chosen(equal_shares([4, 6, 5, 2], votes, 12)) == [0, 1, 3]


# --- Closed cases -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("completion", COMPLETIONS)
def test_empty_elections(completion: Any) -> None:
    nobody, nothing = np.zeros((0, 3), dtype=np.bool_), np.zeros((4, 0), dtype=np.bool_)
    without = [] if completion == "none" else [0, 1]
    assert chosen(equal_shares([1, 2, 3], nobody, 4, completion=completion)) == without
    assert chosen(equal_shares([1, 2, 3], np.zeros((5, 3), dtype=np.bool_), 4, completion=completion)) == without
    assert equal_shares([], nothing, 4, completion=completion).shape == (0,)
    assert equal_shares([], nothing[:0], 0, completion=completion).shape == (0,)
    assert chosen(greedy([], [], 3)) == []


@pytest.mark.parametrize("completion", COMPLETIONS)
def test_no_money_buys_free_projects_only(completion: Any) -> None:
    free = [] if completion == "none" else [1, 2]  # free projects give no cost utility: the completion takes them
    votes = ballots([[1, 1, 0], [1, 0, 0]])
    assert chosen(equal_shares([5, 0, 0], votes, 0, completion=completion)) == free
    assert chosen(equal_shares([0, 0, 0], votes, 0, completion=completion)) == (
        [] if completion == "none" else [0, 1, 2]
    )
    assert chosen(greedy([5, 0, 0], [2, 1, 0], 0)) == [1, 2]


@pytest.mark.parametrize("completion", COMPLETIONS)
def test_projects_dearer_than_the_budget_never_win(completion: Any) -> None:
    assert chosen(equal_shares([11, 4], ballots([[1, 1]] * 3), 10, completion=completion)) == [1]
    assert chosen(equal_shares([11], ballots([[1]] * 3), 10, completion=completion)) == []
    assert chosen(greedy([11, 4], [3, 3], 10)) == [1]


def test_voters_with_empty_ballots_hold_money_too() -> None:
    # 10 over 2 voters: 5 < 6. Without the empty ballot: 10 >= 6.
    assert chosen(equal_shares([6], ballots([[1], [0]]), 10, completion="none")) == []
    assert chosen(equal_shares([6], ballots([[1]]), 10, completion="none")) == [0]


def test_large_amounts_take_no_longer() -> None:
    # Raised unit by unit this would take 10^12 counts: 10^12 each, and project 0 needs 1.5·10^12 from one voter.
    votes = ballots([[1, 0], [0, 1]])
    assert chosen(equal_shares([15 * 10**11, 19 * 10**11], votes, 2 * 10**12)) == [0]


BAD = [
    (lambda: greedy([-1], [1], 1), "negative"),
    (lambda: greedy([1], [1], -1), "negative"),
    (lambda: greedy([np.nan], [1], 1), "NaN"),
    (lambda: greedy([1], [np.nan], 1), "NaN"),
    (lambda: greedy([1], [1], np.inf), "finite"),
    (lambda: greedy([1, 2], [1], 1), "shape"),
    (lambda: greedy([[1]], [1], 1), "shape"),
    (lambda: greedy(["a"], [1], 1), "numbers"),
    (lambda: greedy([1, 2], [1, 1], 1, tie_break=[0, 0]), "permutation"),
    (lambda: greedy([1, 2], [1, 1], 1, tie_break=[0]), "permutation"),
    (lambda: greedy([1e200], [1], 1), "1e100"),
    (lambda: greedy([1e-200], [1], 1), "1e100"),
    (lambda: equal_shares([1], ballots([[1, 1]]), 1), "shape"),
    (lambda: equal_shares([1], ballots([[1]])[0], 1), "shape"),
    (lambda: equal_shares([1], np.array([[1]]), 1), "boolean"),
    (lambda: equal_shares([-1], ballots([[1]]), 1), "negative"),
    (lambda: equal_shares([np.nan], ballots([[1]]), 1), "NaN"),
    (lambda: equal_shares([1], ballots([[1]]), 1, completion="add2"), "completion"),  # type: ignore[arg-type]
    (lambda: equal_shares([1, 2], ballots([[1, 1]]), 1, tie_break=[1, 2]), "permutation"),
    (lambda: approvals_from_utilities([1.0, 2.0], 1), "shape"),
    (lambda: approvals_from_utilities([[np.nan]], 1), "NaN"),
    (lambda: approvals_from_utilities([[1.0]], -1), "max_approvals"),
    (lambda: gini([-1.0, 2.0]), "negative"),
    (lambda: gini([np.nan]), "NaN"),
    (lambda: gini([[1.0]]), "shape"),
    (lambda: share_without_winner(ballots([[1, 0]]), np.array([True])), "shape"),
    (lambda: share_without_winner(ballots([[1]]), np.array([1])), "boolean"),
]


@pytest.mark.parametrize(("call", "word"), BAD, ids=range(len(BAD)))
def test_wrong_input_is_refused_in_plain_words(call: Any, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        call()


# --- Ballots and measures ---------------------------------------------------------------------------------------------


def test_ballots_approve_the_best_above_the_mean() -> None:
    utilities = [
        [1.0, 5.0, 4.0, 2.0],  # mean 3: 1 and 2
        [9.0, 1.0, 1.0, 1.0],  # mean 3: 0
        [3.0, 3.0, 3.0, 0.0],  # mean 2.25: 0, 1, 2, of which the first two
        [0.1, 0.1, 0.1, 0.1],  # all equal: none
        [-1.0, -2.0, -9.0, -9.0],  # mean -5.25: 0 and 1
    ]
    expected = [[0, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0]]
    assert approvals_from_utilities(utilities, 2).tolist() == ballots(expected).tolist()
    assert approvals_from_utilities(utilities, 9).sum(axis=1).tolist() == [2, 1, 3, 0, 2]
    assert not approvals_from_utilities(utilities, 0).any()
    # The mean of three floats 0.7 comes out below 0.7.
    assert not approvals_from_utilities([[0.7, 0.7, 0.7]], 3).any()
    # 0.2 is the mean of 0.1, 0.2 and 0.3.
    assert approvals_from_utilities([[0.1, 0.2, 0.3]], 3).tolist() == [[False, False, True]]
    assert approvals_from_utilities(np.array([[3, 1]], dtype=np.uint8), 1).tolist() == [[True, False]]
    assert approvals_from_utilities(np.zeros((2, 0)), 3).shape == (2, 0)
    assert approvals_from_utilities(np.zeros((0, 2)), 3).shape == (0, 2)


def test_share_without_winner_counts_only_those_who_approved_something() -> None:
    votes = ballots([[1, 0], [1, 1], [0, 1], [0, 0]])
    assert share_without_winner(votes, np.array([True, False])) == pytest.approx(1 / 3, abs=1e-15)
    assert share_without_winner(votes, np.array([True, True])) == 0.0
    assert share_without_winner(votes, np.array([False, False])) == 1.0
    assert share_without_winner(ballots([[0], [0]]), np.array([False])) == 0.0
    assert share_without_winner(np.zeros((0, 0), dtype=np.bool_), np.zeros(0, dtype=np.bool_)) == 0.0


@pytest.mark.parametrize("n", [1, 2, 3, 10, 1000])
def test_gini_has_its_closed_forms(n: int) -> None:
    assert gini(np.full(n, 0.7)) == pytest.approx(0.0, abs=1e-12)
    assert gini(np.eye(1, n)[0]) == pytest.approx(1 - 1 / n, abs=1e-12)  # one has all
    assert gini(np.arange(1, n + 1)) == pytest.approx((n - 1) / (3 * n), abs=1e-12)  # 1, 2, ..., n
    assert gini(np.zeros(n)) == 0.0
    assert gini([]) == 0.0


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12), st.floats(0.001, 1000))
def test_gini_is_half_the_relative_mean_difference(values: list[int], scale: float) -> None:
    difference = sum(abs(a - b) for a, b in itertools.product(values, values))
    expected = difference / (2 * len(values) * sum(values)) if sum(values) else 0.0
    assert gini(values) == pytest.approx(expected, abs=1e-12)
    assert gini([scale * value for value in values]) == pytest.approx(expected, abs=1e-9)


# --- Theorems ---------------------------------------------------------------------------------------------------------


@st.composite
def elections(draw: Any) -> SimpleNamespace:
    """Small elections, rich in ties: few distinct costs and few distinct ballots."""
    projects, kinds = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    costs = draw(st.lists(st.integers(0, draw(st.sampled_from([3, 12, 60]))), min_size=projects, max_size=projects))
    row = st.lists(st.booleans(), min_size=projects, max_size=projects)
    rows = draw(st.lists(row, min_size=kinds, max_size=kinds))
    votes = np.repeat(np.array(rows), draw(st.lists(st.integers(1, 4), min_size=kinds, max_size=kinds)), axis=0)
    budget = draw(st.integers(0, sum(costs) + 5))
    rank = draw(st.none() | st.permutations(range(projects)))
    return SimpleNamespace(costs=costs, votes=votes, budget=budget, rank=rank)


def naive_shares(costs: list[int], votes: Bools, endowment: Fraction, rank: list[int]) -> set[int]:
    """Equal Shares by the definition: fractions, every project priced anew in every round."""
    money, elected = [endowment] * len(votes), set[int]()
    while True:
        offers = []
        for j in set(range(len(costs))) - elected:
            supporters = sorted(np.flatnonzero(votes[:, j]), key=lambda i: money[i])
            if not costs[j] or sum(money[i] for i in supporters) < costs[j]:
                continue
            due = Fraction(costs[j])
            for position, i in enumerate(supporters):  # the poorest first: equal parts of what is due, or all they have
                price = due / (len(supporters) - position)
                if price <= money[i]:
                    break
                due -= money[i]
            offers.append((price / costs[j], rank[j], j, price, supporters))
        if not offers:
            return elected
        _, _, best, price, supporters = min(offers)
        elected.add(best)
        for i in supporters:
            money[i] -= min(money[i], price)


def naive_rule(election: SimpleNamespace, completion: str) -> list[int]:
    """Every step of Add1, then the completion."""
    costs, votes, budget = election.costs, election.votes, election.budget
    rank = list(election.rank or np.argsort(np.argsort(costs, kind="stable"), kind="stable"))
    wanted = {j for j in range(len(costs)) if costs[j] and votes[:, j].any()}
    elected, raised = set[int](), naive_shares(costs, votes, Fraction(budget, len(votes)), rank)
    for step in itertools.count(1):
        if sum(costs[j] for j in raised) > budget:
            break
        elected = raised
        left = budget - sum(costs[j] for j in elected)
        exhausted = completion == "add1_exhaustive" and all(costs[j] > left for j in wanted - elected)
        if completion == "none" or elected == wanted or exhausted:
            break
        raised = naive_shares(costs, votes, Fraction(budget, len(votes)) + step, rank)
    if completion != "none":
        for j in sorted(range(len(costs)), key=lambda j: (-votes[:, j].sum(), rank[j])):
            if sum(costs[k] for k in elected | {j}) <= budget:
                elected = elected | {j}
    return sorted(elected)


@settings(max_examples=300, deadline=None)
@given(elections(), st.sampled_from(COMPLETIONS))
def test_equal_shares_is_its_definition(election: SimpleNamespace, completion: Any) -> None:
    winners = equal_shares(
        election.costs, election.votes, election.budget, completion=completion, tie_break=election.rank
    )
    assert chosen(winners) == naive_rule(election, completion)


@settings(max_examples=200, deadline=None)
@given(elections(), st.sampled_from(COMPLETIONS))
def test_winners_fit_the_budget_and_completed_outcomes_leave_nothing_that_fits(
    election: SimpleNamespace, completion: Any
) -> None:
    costs = np.array(election.costs)
    scores = election.votes.sum(axis=0)
    shares = equal_shares(costs, election.votes, election.budget, completion=completion, tie_break=election.rank)
    for winners in (shares, greedy(costs, scores, election.budget, tie_break=election.rank)):
        left = election.budget - costs[winners].sum()
        assert left >= 0
        if winners is not shares or completion != "none":
            assert (costs[~winners] > left).all()


@settings(max_examples=300, deadline=None)
@given(elections())
def test_equal_shares_represents_every_cohesive_group(election: SimpleNamespace) -> None:
    # Justified representation: among n·cost/budget voters who approve a project together, someone gets a winner.
    # Otherwise they all still have budget/n, which together pays for it.
    winners = equal_shares(election.costs, election.votes, election.budget, completion="none", tie_break=election.rank)
    unserved = ~election.votes[:, winners].any(axis=1)
    for j, cost in enumerate(election.costs):
        if cost and not winners[j] and election.votes[:, j].any():
            group = int((unserved & election.votes[:, j]).sum())
            assert group * election.budget < len(election.votes) * cost


@settings(max_examples=200, deadline=None)
@given(elections(), st.sampled_from(COMPLETIONS))
def test_unanimous_voters_get_the_same_from_both_rules(election: SimpleNamespace, completion: Any) -> None:
    # All have the same money and every rho is 1/n, so both rules go by the tie-break and skip what does not fit. A
    # raised endowment that funds anything else is over the budget.
    costs, everybody = election.costs, np.ones_like(election.votes)
    shares = equal_shares(costs, everybody, election.budget, completion=completion, tie_break=election.rank)
    by_votes = greedy(costs, everybody.sum(axis=0), election.budget, tie_break=election.rank)
    paid = np.array(costs) > 0
    assert chosen(shares & paid) == chosen(by_votes & paid)


@settings(max_examples=150, deadline=None)
@given(elections(), st.sampled_from(COMPLETIONS), st.integers(2, 50), st.randoms())
def test_only_shares_of_voters_and_money_matter(
    election: SimpleNamespace, completion: Any, factor: int, random: Any
) -> None:
    costs, votes, budget, options = (
        np.array(election.costs),
        election.votes,
        election.budget,
        {"completion": completion, "tie_break": election.rank},
    )
    before = chosen(equal_shares(costs, votes, budget, **options))
    shuffled = np.repeat(votes, factor, axis=0)[random.sample(range(factor * len(votes)), factor * len(votes))]
    assert chosen(
        equal_shares(factor * costs, shuffled, factor * budget, completion="none", tie_break=election.rank)
    ) == (chosen(equal_shares(costs, votes, budget, completion="none", tie_break=election.rank)))
    assert chosen(equal_shares(costs, votes[::-1], budget, **options)) == before
    if election.rank is not None:  # renaming projects renames winners
        order = random.sample(range(len(costs)), len(costs))
        rank = [election.rank[j] for j in order]
        renamed = equal_shares(costs[order], votes[:, order], budget, completion=completion, tie_break=rank)
        assert sorted(order[j] for j in chosen(renamed)) == before


# --- pabutools --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oracle() -> SimpleNamespace:
    """pabutools (its version is pinned in the test dependencies)."""
    rules: ModuleType = pytest.importorskip("pabutools.rules")
    election: ModuleType = pytest.importorskip("pabutools.election")
    tie_breaking: ModuleType = pytest.importorskip("pabutools.tiebreaking")
    fraction = pytest.importorskip("gmpy2").mpq
    return SimpleNamespace(rules=rules, election=election, TieBreakingRule=tie_breaking.TieBreakingRule, mpq=fraction)


def random_election(seed: int) -> SimpleNamespace:
    """Small elections of many kinds: whole and decimal costs, copies of ballots, ties, free and unwanted projects."""
    draw = np.random.default_rng(seed)
    projects, voters = int(draw.integers(1, 9)), int(draw.integers(1, 14))
    costs = draw.integers(int(seed % 3 > 0), [4, 10, 60, 300, 1000][seed % 5] + 1, projects).tolist()
    if seed % 7 == 0:
        costs = [cost / 4 for cost in costs]
    votes = draw.random((voters, projects)) < draw.choice([0.15, 0.3, 0.5, 0.8])
    if seed % 4 == 0:
        votes = votes[draw.integers(0, voters, voters)]
    budget = float(round(sum(costs) * draw.choice([0.2, 0.4, 0.6, 0.9, 1.1])))
    rank = draw.permutation(projects).tolist() if seed % 3 == 1 else None
    return SimpleNamespace(costs=costs, votes=votes, budget=budget, rank=rank)


def pabutools_result(oracle: SimpleNamespace, election: SimpleNamespace, rule: str) -> list[int]:
    """The same election counted by pabutools, with fractions throughout."""
    costs, votes = election.costs, election.votes
    rank = election.rank or np.argsort(np.argsort(costs, kind="stable"), kind="stable").tolist()
    projects = [oracle.election.Project(str(j), oracle.mpq(cost)) for j, cost in enumerate(costs)]
    instance = oracle.election.Instance(projects, budget_limit=oracle.mpq(election.budget))
    profile = oracle.election.ApprovalProfile(
        [oracle.election.ApprovalBallot({projects[j] for j in np.flatnonzero(row)}) for row in votes],
        instance=instance,
    )
    options = {
        "sat_class": oracle.election.Cost_Sat,
        "tie_breaking": oracle.TieBreakingRule(lambda _instance, _profile, project: rank[int(project.name)]),
    }
    return elected_by_pabutools(oracle.rules, instance, profile, options, rule)


@pytest.mark.parametrize("block", range(10))
def test_both_rules_agree_with_pabutools(oracle: SimpleNamespace, block: int) -> None:
    for seed in range(40 * block, 40 * block + 40):
        election = random_election(seed)
        arguments = (election.costs, election.votes, election.budget)
        for completion in COMPLETIONS:
            winners = equal_shares(*arguments, completion=completion, tie_break=election.rank)
            assert chosen(winners) == pabutools_result(oracle, election, completion), (seed, completion)
        winners = greedy(election.costs, election.votes.sum(axis=0), election.budget, tie_break=election.rank)
        assert chosen(winners) == pabutools_result(oracle, election, "greedy"), (seed, "greedy")


def test_city_sized_ballots_agree_with_pabutools(oracle: SimpleNamespace) -> None:
    draw = np.random.default_rng(0)
    utilities = draw.gamma(1.0, size=(600, 30)) * draw.gamma(2.0, size=30)
    costs = (600 * 20 / 8 * draw.lognormal(0.0, 0.8, 30)).astype(int).tolist()
    election = SimpleNamespace(
        costs=costs, votes=approvals_from_utilities(utilities, 4), budget=12_000, rank=list(range(30))
    )
    for completion in ("none", "add1_exhaustive"):
        winners = equal_shares(
            costs,
            election.votes,
            12_000,
            completion=completion,
            tie_break=election.rank,
        )
        assert chosen(winners) == pabutools_result(oracle, election, completion)
