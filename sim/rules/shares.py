"""How the Method of Equal Shares elects: voters buy projects from equal endowments, and all money is counted exactly.

Prices are exact fractions of whole numbers; floats only sort voters into those who are clearly short of money and those
who must be looked at exactly. `sim.rules.voting` checks the input and completes the outcome.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ONE: Floats = np.ones(())


def elect_by_shares(
    costs: list[int], ballots: Bools | Integers, limit: int, unit: int, rank: list[int], completion: str
) -> list[int]:
    """Elect at budget / voters, then one unit of money a voter more as long as `completion` asks for it.

    Args:
        costs, limit: costs and budget in whole numbers, of which `unit` make one unit of money.
        ballots: points (voters, projects), whole and 0 or more; True is one point.
        rank: place of each project in ties.
        completion: "none", "add1" or "add1_exhaustive".

    Returns:
        Numbers of the elected, in order of election. Source: see `sim.rules.voting.equal_shares`.
    """
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
    points: NDArray[np.generic]  # (projects, ballots) whole numbers, as bool or float64
    weights: Floats  # (ballots,) voters with this ballot: whole numbers
    supporters: dict[int, Integers]  # the ballots with points, for each project that has a cost and a point
    tolerance: float  # bound on the relative rounding error of any sum of money below


class _Quote(NamedTuple):
    """What a point would cost now: the rich pay points · price / denominator, the poor all they have."""

    members: Integers  # ballots that support the project and have money
    points: Floats  # theirs for this project; of shape () where all are 1, which is a good deal faster
    poor: Bools  # of these, those with less than they would have to pay
    price: int
    slope: int  # d price / d endowment while the poor stay the same, over the same denominator
    denominator: int
    rich_points: int  # points of all rich voters


@dataclass
class _Ledger:
    """The state of one run. A ballot with money has paid the full price of each elected project it supports."""

    endowment: int
    members: dict[int, Integers]
    money: Floats  # (ballots,), float image of the exact balance
    growth: Floats  # (ballots,), d money / d endowment
    solvent: Bools  # (ballots,), False once a ballot has paid all it had
    bounds: Floats  # (projects,), rho as last quoted, a lower bound of rho now; infinite when out
    bound_slopes: Floats  # (projects,), d bounds / d endowment
    headroom: float  # by how much the endowment may rise with the same winners in the same order
    steepness: float = 1.0  # 1 + Σ |slope of what a voter pays|, the scale of the rounding error of `growth`
    elected: list[int] = field(default_factory=list)
    prices: list[int] = field(default_factory=list)  # of a point for each of the elected, over `denominator`
    slopes: list[int] = field(default_factory=list)
    denominator: int = 1


def _merge_ballots(costs: list[int], ballots: Bools | Integers, rank: list[int]) -> _Election:
    """Set up the election with identical ballots merged and empty ones left out."""
    approvals = ballots.dtype == np.bool_
    packed = np.ascontiguousarray(np.packbits(ballots, axis=1) if approvals else ballots)
    keys = packed.view(f"V{packed.shape[1] * packed.itemsize}").reshape(-1)
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    used = ballots[first].any(axis=1)
    points = np.ascontiguousarray(ballots[first[used]].T)
    supporters = {j: np.flatnonzero(points[j]) for j, cost in enumerate(costs) if cost and points[j].any()}
    # Each balance carries at most 3·projects + 1 roundings, a sum over ballots at most one more for each ballot.
    tolerance = (3 * len(costs) + points.shape[1] + 8) * 2.0**-52
    kept = points if approvals else points.astype(np.float64)
    return _Election(costs, rank, kept, counts[used].astype(np.float64), supporters, tolerance)


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
        rho = Fraction(1, int(election.points[project][members] @ election.weights[members]))
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
    """Find the exact price of a point at which the supporters cover the cost, or None where they cannot."""
    members = ledger.members[project]
    members = ledger.members[project] = members[ledger.solvent[members]]
    cost, money, weights = election.costs[project], ledger.money[members], election.weights[members]
    points = ONE if election.points.dtype == np.bool_ else election.points[project][members]
    error = election.tolerance * ledger.endowment
    floor = ledger.bounds[project] * cost
    weighed = weights * points if points.ndim else weights
    poor = _clearly_poor(money, weights, points, weighed, cost, floor, ledger.endowment, election.tolerance)
    while not poor.all():
        rich_points = int(weighed[~poor].sum())
        balance, growth = _balance(election, ledger, members[poor], weights[poor])
        price, denominator = cost * ledger.denominator - balance, ledger.denominator * rich_points
        doubtful = np.flatnonzero(~poor & (money < points * (price / denominator) + 2 * error))
        # money < points · price, all over the ledger's denominator
        short = [
            i
            for i, single in zip(doubtful, _single_balances(election, ledger, members[doubtful]), strict=True)
            if single * rich_points < price * (int(points[i]) if points.ndim else 1)
        ]
        if not short:
            return _Quote(members, points, poor, price, -growth, denominator, rich_points)
        poor[short] = True
    return None


def _clearly_poor(
    money: Floats,
    weights: Floats,
    points: Floats,
    weighed: Floats,
    cost: float,
    floor: float,
    endowment: float,
    tolerance: float,
) -> Bools:
    """Mark who has less than points · price beyond rounding error; `floor` is any lower bound of the price of a point.

    For any set of poor, (cost - their money) / points of the rich is a lower bound of the price, so the set only grows.
    `weighed` is weights · points.
    """
    total, owned = float(weighed.sum()), float(weights.sum()) * endowment
    rich_points = total
    poor, found = np.zeros(money.size, dtype=np.bool_), 0
    price = max(floor, cost / total) if total else 0.0
    while rich_points:
        due = points * (price - 2 * tolerance * (owned + cost) / rich_points) - 2 * tolerance * endowment
        more = poor | (money < due)
        count = int(np.count_nonzero(more))
        if count == found:
            break
        poor, found = more, count
        rich_points = total - float(weighed[poor].sum())
        price = (cost - float(weights[poor] @ money[poor])) / rich_points if rich_points else math.inf
    return poor


def _balance(election: _Election, ledger: _Ledger, ballots: Integers, weights: Floats) -> tuple[int, int]:
    """Exact money of all voters with these ballots, and its slope in the endowment, over the ledger's denominator."""
    if not ballots.size:
        return 0, 0
    voters = int(weights.sum()) * ledger.denominator
    paid = (election.points[np.ix_(ledger.elected, ballots)] @ weights).tolist()
    spent = sum(int(count) * price for count, price in zip(paid, ledger.prices, strict=True))
    slope = sum(int(count) * slope for count, slope in zip(paid, ledger.slopes, strict=True))
    return voters * ledger.endowment - spent, voters - slope


def _single_balances(election: _Election, ledger: _Ledger, ballots: Integers) -> list[int]:
    """Exact money of one voter with each of these ballots, over the ledger's denominator."""
    known: dict[bytes, int] = {}
    histories = [history.tobytes() for history in election.points[np.ix_(ledger.elected, ballots)].T]
    for i, history in enumerate(histories):
        if history not in known:
            known[history] = _balance(election, ledger, ballots[i : i + 1], np.ones(1))[0]
    return [known[history] for history in histories]


def _pay(election: _Election, ledger: _Ledger, project: int, quote: _Quote) -> None:
    """Elect a project: the rich pay the price of their points, the poor all they have."""
    price, slope = quote.price / quote.denominator, _ratio(quote.slope, quote.denominator)
    _keep_order(election, ledger, project, quote, price, slope)
    rich = quote.members[~quote.poor]
    points = quote.points[~quote.poor] if quote.points.ndim else quote.points
    ledger.money[rich] -= price * points
    ledger.growth[rich] -= slope * points
    ledger.solvent[quote.members[quote.poor]] = False
    common = math.gcd(quote.price, quote.slope, quote.rich_points)
    factor = quote.rich_points // common
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
    ledger.steepness += abs(slope) * float(quote.points.max())
    gap = sign * (money - quote.points * price) - 2 * tolerance * ledger.endowment
    closing = sign * (quote.points * slope - growth) + 2 * tolerance * ledger.steepness
    ledger.headroom = _rise(ledger.headroom, gap, closing)
    rho, rho_slope = ledger.bounds[project], ledger.bound_slopes[project]
    ledger.bounds[project] = np.inf
    others = np.isfinite(ledger.bounds)
    bounds, slopes = ledger.bounds[others], ledger.bound_slopes[others]
    closing = rho_slope - slopes + tolerance * (abs(rho_slope) + np.abs(slopes))
    ledger.headroom = _rise(ledger.headroom, bounds - rho - tolerance * (bounds + rho), closing)


def _strike_out(election: _Election, ledger: _Ledger, project: int) -> None:
    """Drop a project its supporters cannot pay, and limit the headroom to where they still cannot."""
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
