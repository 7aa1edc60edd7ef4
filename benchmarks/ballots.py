"""The same election counted by Equal Shares here and by pabutools, one after the other in one process."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
from gmpy2 import mpq
from pabutools.election import ApprovalBallot, ApprovalProfile, Cost_Sat, Instance, Project
from pabutools.rules import exhaustion_by_budget_increase, greedy_utilitarian_welfare, method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule

from benchmarks.errors import BenchmarkError
from sim.rules.voting import approvals_from_utilities, equal_shares

MEAN_COST, SPREAD_OF_COSTS, BUDGET_SHARE, MOST_APPROVALS = 5_000.0, 0.8, 0.3, 10


def run_ballots(voters: int, projects: int, runs: int) -> dict[str, Any]:
    """Seconds of both without and with Add1, the fastest of some runs here and of one there, and what was elected.

    Raises:
        BenchmarkError: the two elect other projects, so that their times cannot be compared.
    """
    costs, votes, budget = election(voters, projects)
    instance, profile, options = for_pabutools(costs, votes, budget)
    shares, by_votes = method_of_equal_shares, greedy_utilitarian_welfare

    def there(completion: str) -> list[int]:
        if completion == "none":
            outcome = shares(instance, profile, **options)
        else:
            raised = exhaustion_by_budget_increase(
                instance,
                profile,
                shares,
                dict(options),
                exhaustive_stop=False,
                budget_step=voters,
                budget_bound=voters * (sum(costs) + 1),
            )
            outcome = by_votes(instance, profile, **options, initial_budget_allocation=raised)
        return sorted(int(project.name) for project in outcome)

    def here(completion: Any) -> list[int]:
        return np.flatnonzero(equal_shares(costs, votes, budget, completion=completion)).tolist()

    found: dict[str, Any] = {"voters": voters, "projects": projects, "versions": f"pabutools {version('pabutools')}"}
    for completion in ("none", "add1"):
        seconds, winners = least(lambda completion=completion: here(completion), runs)
        other_seconds, others = least(lambda completion=completion: there(completion), 1)
        if winners != others:
            raise BenchmarkError(f"Equal Shares ({completion}) elects {winners}, pabutools {others}")
        found[completion] = {"seconds": seconds, "pabutools_seconds": other_seconds, "winners": len(winners)}
    return found


def election(voters: int, projects: int) -> tuple[list[int], np.ndarray[Any, Any], int]:
    """Costs (lognormal), ballots (up to ten of the best liked) and a budget of 30 % of all costs."""
    draw = np.random.default_rng(0)
    costs = np.ceil(MEAN_COST * draw.lognormal(0.0, SPREAD_OF_COSTS, projects)).astype(int).tolist()
    liked = draw.lognormal(0.0, 1.0, projects) * draw.gamma(1.0, size=(voters, projects))
    return costs, approvals_from_utilities(liked, MOST_APPROVALS), round(BUDGET_SHARE * sum(costs))


def for_pabutools(costs: list[int], votes: np.ndarray[Any, Any], budget: int) -> tuple[Any, Any, dict[str, Any]]:
    """The election as pabutools wants it, which is not timed, with the same order among ties."""
    projects = [Project(str(j), mpq(cost)) for j, cost in enumerate(costs)]
    instance = Instance(projects, budget_limit=mpq(budget))
    ballots = [ApprovalBallot({projects[j] for j in np.flatnonzero(row)}) for row in votes]
    ties = TieBreakingRule(lambda _instance, _profile, project: (project.cost, int(project.name)))
    return instance, ApprovalProfile(ballots, instance=instance), {"sat_class": Cost_Sat, "tie_breaking": ties}


def least(count: Callable[[], list[int]], runs: int) -> tuple[float, list[int]]:
    """The least wall time of some runs, and what the last returned."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        winners = count()
        times.append(time.perf_counter() - began)
    return min(times), winners
