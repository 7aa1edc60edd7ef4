"""Ballots and how they are counted: greedy approval and the Method of Equal Shares.

Money is compared exactly. Amounts become whole numbers of a common unit (a float is read as the decimal number it
prints as, so that 0.1 + 0.2 fits into 0.3); how voters then buy projects is in `sim.rules.shares`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.rules.shares import elect_by_shares

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def greedy(costs: ArrayLike, scores: ArrayLike, budget: float, *, tie_break: ArrayLike | None = None) -> Bools:
    """Fund projects by score, highest first, each that still fits what is left; the others are skipped.

    Projects without a single vote are funded too if they fit: the rule stops for want of money only.

    Args:
        costs: (projects,), money, 0 or more.
        scores: (projects,), votes or points, any finite number.
        budget: money, 0 or more.
        tie_break: (projects,), a permutation of 0..projects-1, the lower number first among equal scores. Without
            it the cheaper project goes first, then the lower index.

    Returns:
        (projects,), True where funded; the costs of the funded sum to at most `budget`.

    Source: Rey and Maly 2023, "The (computational) social choice take on indivisible participatory budgeting", greedy
    rule for cost satisfaction; the official rule of Warsaw and most other Polish cities.
    """
    amounts, limit, _ = _whole_amounts(costs, budget)
    points = _finite(scores, "scores", (len(amounts),)).tolist()
    rank = _ranking(amounts, tie_break)
    return _take_what_fits(amounts, limit, sorted(range(len(amounts)), key=lambda j: (-points[j], rank[j])), ())


def equal_shares(
    costs: ArrayLike,
    approvals: ArrayLike,
    budget: float,
    *,
    completion: Literal["none", "add1", "add1_exhaustive"] = "add1",
    tie_break: ArrayLike | None = None,
) -> Bools:
    r"""Method of Equal Shares for approval ballots with cost utilities: voters buy projects from equal endowments.

    Each of n voters, those with empty ballots too, gets budget / n. Again and again the project with the smallest rho
    is bought, where rho solves Σ_{i approves c} min(money_i, rho·cost_c) = cost_c, and each approver pays
    min(money_i, rho·cost_c). Projects whose approvers together cannot pay are out. 1 / rho is the "effective vote
    count" of equalshares.net. Free projects give no cost utility, so that only the completion takes them.

    "none" stops here. "add1" runs the rule again with endowments of budget / n + 1, + 2, ... units of money, and keeps
    the last outcome before the first that costs more than the budget, or the first that has all approved projects.
    "add1_exhaustive" keeps the first outcome beside which no approved project is left that would fit the budget, if
    that comes earlier. Both then spend what is left by `greedy` on the other projects, those without votes last.
    On equalshares.net these are "Add1U" without and with "stop process when exhaustive". Wieliczka 2023, the first
    city to use the method, published the outcome of the former. In pabutools 1.2.3 they are
    `exhaustion_by_budget_increase(exhaustive_stop=False, budget_step=n)` and
    `method_of_equal_shares(voter_budget_increment=1)`, each completed by `greedy_utilitarian_welfare`. As there, the
    endowment starts at budget / n, not at its integer part. The step is one unit of `costs`: state them in a unit that
    is small beside budget / n.

    Args:
        costs: (projects,), money, 0 or more.
        approvals: bool (voters, projects).
        budget: money, 0 or more.
        completion: "none", "add1" or "add1_exhaustive".
        tie_break: (projects,), a permutation of 0..projects-1, the lower number first among equal rho (and among equal
            votes in the completion). Without it the cheaper project goes first, then the lower index.
            (equalshares.net: cheaper, more votes, lot.)

    Returns:
        (projects,), True where elected; the costs of the elected sum to at most `budget`.

    Source: Peters, Pierczyński and Skowron 2021, "Proportional participatory budgeting with additive utilities";
    https://equalshares.net/implementation/computation.
    """
    ballots = np.asarray(approvals)
    amounts, limit, unit = _whole_amounts(costs, budget)
    _check_approvals(ballots, len(amounts))
    return _shares(amounts, ballots, limit, unit, completion, tie_break)


def equal_shares_of_points(
    costs: ArrayLike,
    points: ArrayLike,
    budget: float,
    *,
    completion: Literal["none", "add1", "add1_exhaustive"] = "add1",
    tie_break: ArrayLike | None = None,
) -> Bools:
    r"""Method of Equal Shares for ballots with points: the utility of a project is points · cost.

    As `equal_shares`, which is the case of one point for each approved project, but a voter pays
    min(money_i, rho·points_ic·cost_c), and where votes decide there, the sum of points decides here. All points
    multiplied by one number elect the same.

    Args:
        costs, budget, completion, tie_break: as for `equal_shares`.
        points: whole numbers (voters, projects), 0 or more; the largest times the number of voters below 2^53.

    Returns:
        (projects,), True where elected; the costs of the elected sum to at most `budget`.

    Source: Peters, Pierczyński and Skowron 2021, with the additive utility points · cost (own choice, so that one
    point is one approval).
    """
    ballots = np.asarray(points)
    amounts, limit, unit = _whole_amounts(costs, budget)
    if ballots.dtype.kind not in "iu" or ballots.ndim != 2 or ballots.shape[1] != len(amounts):
        raise ValueError(
            f"points must be whole numbers of shape (voters, {len(amounts)}), not {ballots.dtype} of {ballots.shape}"
        )
    if ballots.size and (ballots.min() < 0 or int(ballots.max()) * len(ballots) >= 2**53):
        raise ValueError("points must be 0 or more, and the largest times the number of voters below 2^53")
    return _shares(amounts, ballots.astype(np.int64), limit, unit, completion, tie_break)


def approvals_from_utilities(utilities: ArrayLike, max_approvals: int) -> Bools:
    """Ballots: each voter approves the best projects, at most `max_approvals`, of those above the voter's own mean.

    A utility counts as above the mean when it exceeds it by more than rounding error (4·projects·2⁻⁵² of the largest
    magnitude in the row), so that a voter to whom all projects are equal approves none. Equal utilities at the limit:
    the lower index.

    Args:
        utilities: (voters, projects), any unit, finite.
        max_approvals: 0 or more.

    Returns:
        bool (voters, projects), at most `max_approvals` True a row. Source: own assumption.
    """
    values: Floats = _finite(utilities, "utilities", (None, None)).astype(np.float64)
    if max_approvals < 0:
        raise ValueError(f"max_approvals must be 0 or more, not {max_approvals}")
    approvals = np.zeros(values.shape, dtype=np.bool_)
    if not values.size:
        return approvals
    margin = 4 * values.shape[1] * 2.0**-52 * np.abs(values).max(axis=1, keepdims=True)
    above: Bools = values > values.mean(axis=1, keepdims=True) + margin
    best = np.argsort(-values, axis=1, kind="stable")[:, :max_approvals]
    np.put_along_axis(approvals, best, True, axis=1)
    return approvals & above


def gini(values: ArrayLike) -> float:
    """Gini coefficient G = Σ_i (2i - n - 1)·x_(i) / (n·Σ x), x_(1) ≤ ... ≤ x_(n).

    Args:
        values: (n,), 0 or more, any unit.

    Returns:
        0 (all equal, all zero, or no values) to 1 - 1/n (one has all). Source: Gini 1912, in the form of Sen 1973.
    """
    ordered = np.sort(_finite(values, "values", (None,)))
    if ordered.size and ordered[0] < 0:
        raise ValueError("values must not be negative")
    if not ordered.size or ordered[-1] == 0:
        return 0.0
    ordered = ordered / ordered[-1]
    places = 2.0 * np.arange(1, ordered.size + 1) - ordered.size - 1
    return max(0.0, float(places @ ordered / (ordered.size * ordered.sum())))


def share_without_winner(approvals: ArrayLike, winners: ArrayLike) -> float:
    """Share of voters none of whose approved projects won, among those who approved any.

    Args:
        approvals: bool (voters, projects).
        winners: bool (projects,).

    Returns:
        0 to 1; 0 if nobody approved anything. Source: the "exclusion ratio" of Pabulib and equalshares.net.
    """
    ballots, won = np.asarray(approvals), np.asarray(winners)
    if won.dtype != np.bool_ or won.ndim != 1:
        raise ValueError("winners must be a boolean array of shape (projects,)")
    _check_approvals(ballots, len(won))
    voted = ballots.any(axis=1)
    return float((~ballots[voted][:, won].any(axis=1)).mean()) if voted.any() else 0.0


# --- Input ------------------------------------------------------------------------------------------------------------


def _shares(
    amounts: list[int],
    ballots: Bools | Integers,
    limit: int,
    unit: int,
    completion: str,
    tie_break: ArrayLike | None,
) -> Bools:
    """Elect by shares, then spend what is left by votes or points, unless told not to."""
    if completion not in ("none", "add1", "add1_exhaustive"):
        raise ValueError(f'completion must be "none", "add1" or "add1_exhaustive", not {completion!r}')
    votes, rank = ballots.sum(axis=0, dtype=np.int64).tolist(), _ranking(amounts, tie_break)
    elected = elect_by_shares(amounts, ballots, limit, unit, rank, completion) if ballots.any() else []
    by_votes = sorted(range(len(amounts)), key=lambda j: (-votes[j], rank[j])) if completion != "none" else []
    return _take_what_fits(amounts, limit, by_votes, elected)


def _take_what_fits(costs: list[int], limit: int, order: Iterable[int], taken: Iterable[int]) -> Bools:
    """Add to the taken projects, in the given order, each that still fits the limit."""
    funded = np.zeros(len(costs), dtype=np.bool_)
    for project in taken:
        funded[project] = True
        limit -= costs[project]
    for project in order:
        if not funded[project] and costs[project] <= limit:
            funded[project] = True
            limit -= costs[project]
    return funded


def _whole_amounts(costs: ArrayLike, budget: float) -> tuple[list[int], int, int]:
    """Costs and budget as whole numbers of a common unit, and how many of these make one unit of money."""
    amounts = _finite(costs, "costs", (None,)).tolist() + _finite(budget, "budget", ()).reshape(1).tolist()
    if min(amounts) < 0:
        raise ValueError("costs and budget must not be negative")
    exact = [Decimal(repr(amount)) for amount in amounts]
    places = max(0, *(-int(amount.as_tuple().exponent) for amount in exact))
    unit = 10**places
    whole = [_shifted(amount, places) for amount in exact]
    if max(*whole, unit) > 10**100:
        raise ValueError("costs and budget must be below 1e100 and have no digit beyond the hundredth decimal place")
    return whole[:-1], whole[-1], unit


def _shifted(amount: Decimal, places: int) -> int:
    """The amount times 10**places, exactly, whatever the precision that decimals are reckoned with."""
    sign, digits, exponent = amount.as_tuple()
    whole: int = int("".join(map(str, digits))) * 10 ** (int(exponent) + places)
    return -whole if sign else whole


def _finite(values: ArrayLike, name: str, shape: tuple[int | None, ...]) -> NDArray[np.float64] | NDArray[np.int64]:
    array = np.asarray(values)
    if array.size == 0 or array.dtype.kind == "f":
        array = array.astype(np.float64)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers, without NaN")
    if array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        wanted = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(f"{name} must have the shape ({wanted}), not {array.shape}")
    return array


def _check_approvals(approvals: NDArray[np.generic], projects: int) -> None:
    if approvals.dtype != np.bool_ or approvals.ndim != 2 or approvals.shape[1] != projects:
        raise ValueError(
            f"approvals must be a boolean array of shape (voters, {projects}), "
            f"not {approvals.dtype} of shape {approvals.shape}"
        )


def _ranking(costs: list[int], tie_break: ArrayLike | None) -> list[int]:
    """The place of each project in ties, 0 first: by cost, then index, unless given."""
    if tie_break is None:
        order = sorted(range(len(costs)), key=lambda j: costs[j])
        return [int(place) for place in np.argsort(order)]
    rank = np.asarray(tie_break)
    if rank.shape != (len(costs),) or sorted(rank.tolist()) != list(range(len(costs))):
        raise ValueError(f"tie_break must be a permutation of 0 to {len(costs) - 1}, one number per project")
    return [int(place) for place in rank]
