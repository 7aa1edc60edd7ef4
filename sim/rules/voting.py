"""Ballots and how they are counted: greedy approval and the Method of Equal Shares.

Money is compared exactly. Amounts become whole numbers of a common unit (a float is read as the decimal number it
prints as, so that 0.1 + 0.2 fits into 0.3), prices are exact fractions, and floats only sort voters into those who
are clearly short of money and those who must be looked at exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from heapq import heapify, heappop, heapreplace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    if completion not in ("none", "add1", "add1_exhaustive"):
        raise ValueError(f'completion must be "none", "add1" or "add1_exhaustive", not {completion!r}')
    ballots = np.asarray(approvals)
    amounts, limit, unit = _whole_amounts(costs, budget)
    _check_approvals(ballots, len(amounts))
    votes, rank = ballots.sum(axis=0, dtype=np.int64).tolist(), _ranking(amounts, tie_break)
    elected = _elect(amounts, ballots, limit, unit, rank, completion) if ballots.any() else []
    by_votes = sorted(range(len(amounts)), key=lambda j: (-votes[j], rank[j])) if completion != "none" else []
    return _take_what_fits(amounts, limit, by_votes, elected)


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


# --- Equal Shares: the endowment rises until the budget is spent ------------------------------------------------------


def _elect(costs: list[int], ballots: Bools, limit: int, unit: int, rank: list[int], completion: str) -> list[int]:
    """Elect at budget / voters, then one unit of money a voter more as long as `completion` asks for it."""
    # In units of 1 / voters, the endowment budget / voters is a whole number too.
    election = _merge_ballots([cost * len(ballots) for cost in costs], ballots, rank)
    endowment, step = limit, unit * len(ballots)
    elected, headroom = _buy(election, endowment)
    while completion != "none" and len(elected) < len(election.supporters):
        left = limit - sum(costs[j] for j in elected)
        others = election.supporters.keys() - set(elected)
        if completion == "add1_exhaustive" and all(costs[j] > left for j in others):
            break
        # The outcome is not monotone in the endowment, so every step counts; those that change nothing are skipped.
        endowment += step * (1 + int(headroom) // step)
        raised, headroom = _buy(election, endowment)
        if sum(costs[j] for j in raised) > limit:
            break
        elected = raised
    return elected


class _Election(NamedTuple):
    """What does not change from one endowment to the next; identical ballots are one, with a weight."""

    costs: list[int]  # (projects,)
    rank: list[int]  # (projects,)
    approved: Bools  # (projects, ballots)
    weights: Floats  # (ballots,) voters with this ballot: whole numbers
    supporters: dict[int, Integers]  # the ballots that approve, for each project that has a cost and a vote
    tolerance: float  # bound on the relative rounding error of any sum of money below


class _Quote(NamedTuple):
    """What a project would cost its approvers now: the rich pay price / denominator, the poor all they have."""

    members: Integers  # ballots that approve and have money
    poor: Bools  # of these, those with less than the price
    price: int
    slope: int  # d price / d endowment while the poor stay the same, over the same denominator
    denominator: int
    rich_weight: int


@dataclass
class _Ledger:
    """The state of one run. A ballot with money has paid the full price of each elected project it approves."""

    endowment: int
    members: dict[int, Integers]
    money: Floats  # (ballots,), float image of the exact balance
    growth: Floats  # (ballots,), d money / d endowment
    solvent: Bools  # (ballots,), False once a ballot has paid all it had
    bounds: Floats  # (projects,), rho as last quoted, a lower bound of rho now; infinite when out
    bound_slopes: Floats  # (projects,), d bounds / d endowment
    headroom: float  # by how much the endowment may rise with the same winners in the same order
    steepness: float = 1.0  # 1 + Σ |slope of price|, the scale of the rounding error of `growth`
    elected: list[int] = field(default_factory=list)
    prices: list[int] = field(default_factory=list)  # of the elected, over `denominator`
    slopes: list[int] = field(default_factory=list)
    denominator: int = 1


def _merge_ballots(costs: list[int], ballots: Bools, rank: list[int]) -> _Election:
    """Set up the election with identical ballots merged and empty ones left out."""
    packed = np.ascontiguousarray(np.packbits(ballots, axis=1))
    keys = packed.view(f"V{packed.shape[1]}").reshape(-1)
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    used = ballots[first].any(axis=1)
    approved = np.ascontiguousarray(ballots[first[used]].T)
    supporters = {j: np.flatnonzero(approved[j]) for j, cost in enumerate(costs) if cost and approved[j].any()}
    # Each balance carries at most 2·projects + 1 roundings, a sum over ballots at most one more for each ballot.
    tolerance = (2 * len(costs) + approved.shape[1] + 8) * 2.0**-52
    return _Election(costs, rank, approved, counts[used].astype(np.float64), supporters, tolerance)


def _buy(election: _Election, endowment: int) -> tuple[list[int], float]:
    """Elect by Equal Shares; also the rise in endowment (a lower bound) that provably leaves the winners the same."""
    ballots, projects = election.weights.size, len(election.costs)
    ledger = _Ledger(
        endowment=endowment,
        members=dict(election.supporters),
        money=np.full(ballots, float(endowment)),
        growth=np.ones(ballots),
        solvent=np.ones(ballots, dtype=np.bool_),
        bounds=np.full(projects, np.inf),
        bound_slopes=np.zeros(projects),
        headroom=float(sum(election.costs)),  # from there on every approved project is elected
    )
    queue = []
    for project, members in election.supporters.items():
        rho = Fraction(1, int(election.weights[members].sum()))
        ledger.bounds[project] = float(rho)
        queue.append((float(rho), rho, election.rank[project], project, -1))
    heapify(queue)
    quotes: dict[int, _Quote] = {}
    while queue:
        *_, project, quoted_after = queue[0]
        if quoted_after == len(ledger.elected):  # rho can only have risen since it was quoted, so nothing beats this
            heappop(queue)
            _pay(election, ledger, project, quotes[project])
            continue
        quote = _quote(election, ledger, project)
        if quote is None:
            heappop(queue)
            _strike_out(election, ledger, project)
            continue
        quotes[project] = quote
        scale = quote.denominator * election.costs[project]
        rho = Fraction(quote.price, scale)
        ledger.bounds[project], ledger.bound_slopes[project] = float(rho), _ratio(quote.slope, scale)
        # The float comes first because it compares quickly; rounding keeps order, so rho need settle equal floats only.
        heapreplace(queue, (float(rho), rho, election.rank[project], project, len(ledger.elected)))
    return ledger.elected, ledger.headroom * (1 - 1e-9)


def _quote(election: _Election, ledger: _Ledger, project: int) -> _Quote | None:
    """Find the exact price at which the approvers cover the cost, or None where they cannot."""
    members = ledger.members[project]
    members = ledger.members[project] = members[ledger.solvent[members]]
    cost, money, weights = election.costs[project], ledger.money[members], election.weights[members]
    error = election.tolerance * ledger.endowment
    poor = _clearly_poor(money, weights, cost, ledger.bounds[project] * cost, ledger.endowment, election.tolerance)
    while not poor.all():
        rich_weight = int(weights[~poor].sum())
        balance, growth = _balance(election, ledger, members[poor], weights[poor])
        price, denominator = cost * ledger.denominator - balance, ledger.denominator * rich_weight
        doubtful = np.flatnonzero(~poor & (money < price / denominator + 2 * error))
        balances = _single_balances(election, ledger, members[doubtful])
        short = [i for i, single in zip(doubtful, balances, strict=True) if single * rich_weight < price]
        if not short:
            return _Quote(members, poor, price, -growth, denominator, rich_weight)
        poor[short] = True
    return None


def _clearly_poor(
    money: Floats, weights: Floats, cost: float, floor: float, endowment: float, tolerance: float
) -> Bools:
    """Mark who has less than the price beyond rounding error; `floor` is any lower bound of the price.

    For any set of poor, (cost - their money) / number of rich is a lower bound of the price, so the set only grows.
    """
    total = rich_weight = float(weights.sum())
    poor = np.zeros(money.size, dtype=np.bool_)
    price = max(floor, cost / total) if total else 0.0
    while rich_weight:
        slack = 2 * tolerance * (total * endowment + cost) / rich_weight
        more = poor | (money < price - slack)
        if np.count_nonzero(more) == np.count_nonzero(poor):
            break
        poor = more
        poor_weights = weights[poor]
        rich_weight = total - float(poor_weights.sum())
        price = (cost - float(poor_weights @ money[poor])) / rich_weight if rich_weight else math.inf
    return poor


def _balance(election: _Election, ledger: _Ledger, ballots: Integers, weights: Floats) -> tuple[int, int]:
    """Exact money of all voters with these ballots, and its slope in the endowment, over the ledger's denominator."""
    if not ballots.size:
        return 0, 0
    voters = int(weights.sum()) * ledger.denominator
    payers = (election.approved[np.ix_(ledger.elected, ballots)] @ weights).tolist()
    spent = sum(int(count) * price for count, price in zip(payers, ledger.prices, strict=True))
    slope = sum(int(count) * slope for count, slope in zip(payers, ledger.slopes, strict=True))
    return voters * ledger.endowment - spent, voters - slope


def _single_balances(election: _Election, ledger: _Ledger, ballots: Integers) -> list[int]:
    """Exact money of one voter with each of these ballots, over the ledger's denominator."""
    known: dict[bytes, int] = {}
    histories = [history.tobytes() for history in election.approved[np.ix_(ledger.elected, ballots)].T]
    for i, history in enumerate(histories):
        if history not in known:
            known[history] = _balance(election, ledger, ballots[i : i + 1], np.ones(1))[0]
    return [known[history] for history in histories]


def _pay(election: _Election, ledger: _Ledger, project: int, quote: _Quote) -> None:
    """Elect a project: the rich pay the price, the poor all they have."""
    price, slope = quote.price / quote.denominator, _ratio(quote.slope, quote.denominator)
    _keep_order(election, ledger, project, quote, price, slope)
    rich = quote.members[~quote.poor]
    ledger.money[rich] -= price
    ledger.growth[rich] -= slope
    ledger.solvent[quote.members[quote.poor]] = False
    common = math.gcd(quote.price, quote.slope, quote.rich_weight)
    factor = quote.rich_weight // common
    ledger.denominator *= factor
    ledger.prices = [factor * paid for paid in ledger.prices] + [quote.price // common]
    ledger.slopes = [factor * paid for paid in ledger.slopes] + [quote.slope // common]
    ledger.elected.append(project)


def _keep_order(election: _Election, ledger: _Ledger, project: int, quote: _Quote, price: float, slope: float) -> None:
    """Limit the headroom to where this project still wins this round at the price as now split.

    While nothing else changes, all money and prices are linear in the endowment. So the winner is the same as long as
    no member moves between rich and poor, and the other projects' bounds, linear too, stay above its rho.
    """
    money, growth, tolerance = ledger.money[quote.members], ledger.growth[quote.members], election.tolerance
    sign = np.where(quote.poor, -1.0, 1.0)
    ledger.steepness += abs(slope)
    gap = sign * (money - price) - 2 * tolerance * ledger.endowment
    ledger.headroom = _rise(ledger.headroom, gap, sign * (slope - growth) + 2 * tolerance * ledger.steepness)
    rho, rho_slope = ledger.bounds[project], ledger.bound_slopes[project]
    ledger.bounds[project] = np.inf
    others = np.isfinite(ledger.bounds)
    bounds, slopes = ledger.bounds[others], ledger.bound_slopes[others]
    closing = rho_slope - slopes + tolerance * (abs(rho_slope) + np.abs(slopes))
    ledger.headroom = _rise(ledger.headroom, bounds - rho - tolerance * (bounds + rho), closing)


def _strike_out(election: _Election, ledger: _Ledger, project: int) -> None:
    """Drop a project its approvers cannot pay, and limit the headroom to where they still cannot."""
    members = ledger.members[project]
    weights, voters = election.weights[members], float(election.weights[members].sum())
    gap = election.costs[project] - weights @ ledger.money[members] - 2 * election.tolerance * voters * ledger.endowment
    closing = weights @ ledger.growth[members] + 2 * election.tolerance * voters * ledger.steepness
    ledger.headroom = _rise(ledger.headroom, np.array([gap]), np.array([closing]))
    ledger.bounds[project] = np.inf


def _rise(limit: float, gaps: Floats, closing: Floats) -> float:
    """How far the endowment may rise, up to `limit`, until a gap that closes at the given rate is gone."""
    closes = closing > 0
    return max(0.0, min(limit, float(np.min(gaps[closes] / closing[closes], initial=np.inf))))


def _ratio(numerator: int, denominator: int) -> float:
    """Divide whole numbers of any size; what is not 0 does not round to 0."""
    try:
        return numerator / denominator or math.copysign(5e-324, numerator) * bool(numerator)
    except OverflowError:
        return math.copysign(1e300, numerator)


# --- Input ------------------------------------------------------------------------------------------------------------


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
        raise ValueError(f"tie_break must be a permutation of 0 to {len(costs) - 1}, one number a project")
    return [int(place) for place in rank]
