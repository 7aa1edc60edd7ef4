"""Equal Shares with points against hand-worked elections, its definition, and pabutools."""

from __future__ import annotations

import itertools
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.rules import shares
from sim.rules.shares import elect_by_shares
from sim.rules.voting import equal_shares, equal_shares_of_points, greedy
from tests.theory.oracle import elected_by_pabutools

COMPLETIONS: tuple[Any, ...] = ("none", "add1", "add1_exhaustive")


def chosen(winners: NDArray[np.bool_]) -> list[int]:
    return np.flatnonzero(winners).tolist()


def test_who_gives_more_points_pays_more() -> None:
    # 20 over 2 voters, 10 each. Project 0 (12): points 2 and 1, a point costs 4: a pays 8 and b 4; left 2 and 6.
    # Project 1 (5, a): 2 < 5. Project 2 (6, b): takes the last 6.
    points = np.array([[2, 1, 0], [1, 0, 1]])
    assert chosen(equal_shares_of_points([12, 5, 6], points, 20, completion="none")) == [0, 2]
    # As approvals both pay 6, and a has 4, b has 4: neither can pay the rest.
    assert chosen(equal_shares([12, 5, 6], points > 0, 20, completion="none")) == [0]


def test_who_cannot_pay_for_all_the_points_pays_what_there_is() -> None:
    # 10 each. Project 0 (15, points 4 and 1): a should pay 12, has 10; b pays 5. Then b has 5 for project 1, exactly.
    points = np.array([[4, 0], [1, 1]])
    assert chosen(equal_shares_of_points([15, 5], points, 20, completion="none")) == [0, 1]
    assert chosen(equal_shares_of_points([15, 5.1], points, 20, completion="none")) == [0]


def test_the_completion_goes_by_points_not_by_heads() -> None:
    # 6 each buys nothing; 9 each buys both, for 27. Then the money goes to 5 points of one voter, not to 2 of two.
    points = np.array([[5, 0], [0, 1], [0, 1]])
    assert chosen(equal_shares_of_points([9, 18], points, 18, completion="add1")) == [0]


@pytest.mark.parametrize(
    ("points", "word"),
    [
        ([[True, False]], "whole"),
        ([[1.5, 1.0]], "whole"),
        ([[1, -1]], "0 or more"),
        ([[2**53, 1]], "2\\^53"),
        ([[1]], "shape"),
    ],
)
def test_points_that_cannot_be_counted_are_refused(points: list[list[Any]], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        equal_shares_of_points([1, 1], np.array(points), 1)


def random_points(seed: int) -> SimpleNamespace:
    """Small elections of many kinds: few or many distinct points, copies of ballots, ties, free projects."""
    draw = np.random.default_rng(seed)
    projects, voters = int(draw.integers(1, 8)), int(draw.integers(1, 12))
    costs = draw.integers(int(seed % 3 > 0), [4, 10, 60, 300][seed % 4] + 1, projects).tolist()
    points = draw.integers(1, [1, 3, 10, 1000][seed // 4 % 4] + 1, (voters, projects))
    points[draw.random((voters, projects)) > draw.choice([0.2, 0.5, 0.9])] = 0
    if seed % 2:
        points = points[draw.integers(0, voters, voters)]
    budget = round(sum(costs) * draw.choice([0.2, 0.4, 0.6, 0.9, 1.1]))
    return SimpleNamespace(costs=costs, points=points, budget=budget, rank=draw.permutation(projects).tolist())


def naive_shares(costs: list[int], points: NDArray[np.int64], endowment: Fraction, rank: list[int]) -> list[int]:
    """Equal Shares by the definition, for utilities points · cost."""
    money, elected = [endowment] * len(points), list[int]()
    while True:
        offers = []
        for j in set(range(len(costs))) - set(elected):
            backers = [i for i in range(len(points)) if points[i, j]]
            if not costs[j] or sum(money[i] for i in backers) < costs[j]:
                continue
            due, left = Fraction(costs[j]), sum(int(points[i, j]) for i in backers)
            price = Fraction(0)
            for i in sorted(backers, key=lambda i: money[i] / int(points[i, j])):
                price = due / left
                if price * int(points[i, j]) <= money[i]:
                    break
                due, left = due - money[i], left - int(points[i, j])
            offers.append((price / costs[j], rank[j], j, price, backers))
        if not offers:
            return sorted(elected)
        _, _, best, price, backers = min(offers)
        elected.append(best)
        for i in backers:
            money[i] -= min(money[i], price * int(points[i, best]))


def test_equal_shares_of_points_is_its_definition() -> None:
    for seed in range(400):
        e = random_points(seed)
        winners = equal_shares_of_points(e.costs, e.points, e.budget, completion="none", tie_break=e.rank)
        expected = naive_shares(e.costs, e.points, Fraction(e.budget, len(e.points)), e.rank)
        assert chosen(winners) == expected, seed


def naive_add1(e: SimpleNamespace) -> list[int]:
    """Every single step of Add1, before what is left is spent: what `elect_by_shares` may skip steps of."""
    wanted = [j for j in range(len(e.costs)) if e.costs[j] and e.points[:, j].any()]
    elected = raised = naive_shares(e.costs, e.points, Fraction(e.budget, len(e.points)), e.rank)
    for step in itertools.count(1):
        if sum(e.costs[j] for j in raised) > e.budget:
            return elected
        elected = raised
        if elected == wanted:
            return elected
        raised = naive_shares(e.costs, e.points, Fraction(e.budget, len(e.points)) + step, e.rank)
    raise AssertionError


def test_the_steps_that_are_skipped_change_nothing() -> None:
    """Costs large beside a step of one unit, so that most steps are skipped."""
    for seed in range(150):
        draw = np.random.default_rng(seed)
        projects, voters = int(draw.integers(2, 6)), int(draw.integers(2, 7))
        points = draw.integers(1, 12, (voters, projects)) * (draw.random((voters, projects)) < 0.6)
        costs = draw.integers(20, 300, projects).tolist()
        budget = round(sum(costs) * draw.choice([0.3, 0.5, 0.7]))
        e = SimpleNamespace(costs=costs, points=points, budget=budget, rank=draw.permutation(projects).tolist())
        assert sorted(elect_by_shares(costs, points, budget, 1, e.rank, "add1")) == naive_add1(e), seed


def test_skipping_agrees_with_taking_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """On more and larger elections than the definition can count in time."""
    skipping = shares._rise
    for seed in range(130):
        draw = np.random.default_rng(seed)
        projects, voters = int(draw.integers(3, 8)), int(draw.integers(3, 12))
        points = draw.integers(1, 12, (voters, projects)) * (draw.random((voters, projects)) < 0.5)
        costs = draw.integers(20, 200, projects).tolist()
        budget = round(sum(costs) * draw.choice([0.3, 0.5, 0.7]))
        rank = draw.permutation(projects).tolist()
        outcomes = []
        for rise in (skipping, lambda *_: 0.0):
            monkeypatch.setattr(shares, "_rise", rise)
            outcomes.append(sorted(elect_by_shares(costs, points, budget, 1, rank, "add1")))
        assert outcomes[0] == outcomes[1], seed


def test_approvals_are_one_point_each_and_only_ratios_of_points_count() -> None:
    for seed in range(150):
        e = random_points(seed)
        for completion in COMPLETIONS:
            options = {"completion": completion, "tie_break": e.rank}
            approvals = equal_shares(e.costs, e.points > 0, e.budget, **options)
            ones = equal_shares_of_points(e.costs, (e.points > 0).astype(int), e.budget, **options)
            sevens = equal_shares_of_points(e.costs, 7 * e.points, e.budget, **options)
            assert chosen(ones) == chosen(approvals)
            assert chosen(sevens) == chosen(equal_shares_of_points(e.costs, e.points, e.budget, **options))


@pytest.fixture(scope="module")
def oracle() -> SimpleNamespace:
    """pabutools with the utility points · cost."""
    rules: Any = pytest.importorskip("pabutools.rules")
    election: Any = pytest.importorskip("pabutools.election")
    satisfaction: Any = pytest.importorskip("pabutools.election.satisfaction.additivesatisfaction")
    tie_breaking: Any = pytest.importorskip("pabutools.tiebreaking")

    class PointsTimesCost(satisfaction.AdditiveSatisfaction):  # type: ignore[misc]
        def __init__(self, instance: Any, profile: Any, ballot: Any) -> None:
            super().__init__(
                instance, profile, ballot, lambda _i, _p, own, project, _v: own.get(project, 0) * project.cost
            )

    return SimpleNamespace(
        rules=rules,
        election=election,
        TieBreakingRule=tie_breaking.TieBreakingRule,
        sat=PointsTimesCost,
        mpq=pytest.importorskip("gmpy2").mpq,
    )


def pabutools_result(oracle: SimpleNamespace, e: SimpleNamespace, rule: str) -> list[int]:
    """The same election counted by pabutools, ties by the same order."""
    lib = oracle.election
    projects = [lib.Project(str(j), oracle.mpq(cost)) for j, cost in enumerate(e.costs)]
    instance = lib.Instance(projects, budget_limit=oracle.mpq(e.budget))
    profile = lib.CardinalProfile(
        [lib.CardinalBallot({projects[j]: oracle.mpq(int(row[j])) for j in np.flatnonzero(row)}) for row in e.points],
        instance=instance,
    )
    options = {
        "sat_class": oracle.sat,
        "tie_breaking": oracle.TieBreakingRule(lambda _instance, _profile, project: e.rank[int(project.name)]),
    }
    return elected_by_pabutools(oracle.rules, instance, profile, options, rule)


@pytest.mark.parametrize("block", range(5))
def test_points_agree_with_pabutools(oracle: SimpleNamespace, block: int) -> None:
    for seed in range(1000 + 40 * block, 1040 + 40 * block):
        e = random_points(seed)
        e.costs = [max(1, cost) for cost in e.costs]  # pabutools cannot rank free projects by utility per cost
        for completion in COMPLETIONS:
            winners = equal_shares_of_points(e.costs, e.points, e.budget, completion=completion, tie_break=e.rank)
            assert chosen(winners) == pabutools_result(oracle, e, completion), (seed, completion)
        winners = greedy(e.costs, e.points.sum(axis=0), e.budget, tie_break=e.rank)
        assert chosen(winners) == pabutools_result(oracle, e, "greedy"), (seed, "greedy")
