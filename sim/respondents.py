"""Respondents: which rows of a file of people the agents of a city are, and what is drawn given what a row says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.errors import ConfigError
from sim.own_people.columns import OwnPeople, numbered
from sim.wording import printable

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers, Streams


@dataclass(frozen=True, eq=False)
class Chosen:
    """Which row each of N agents is a copy of.

    Attributes:
        row: int64 (N,), row of the file, from 0; agents are grouped by neighbourhood, ascending.
        household: int64 (N,), numbered from 0, another number for each copy of a household, -1 where not known; None
            without the column.
        borrowed: neighbourhoods without anyone old enough in the file, peopled from the whole file.
    """

    row: Integers
    household: Integers | None
    borrowed: tuple[int, ...]


@dataclass(frozen=True)
class Spread:
    """How far a file was stretched to people a city.

    Attributes:
        rows: in the file.
        eligible: rows old enough to be agents.
        agents: chosen.
        mean_agents_per_row: agents over the rows used.
        most_agents_per_row: of any row.
        share_used: rows used over all rows.
        effective_rows: Kish's effective sample size of the eligible rows' weights, (Σw)² / Σw².
        borrowed: neighbourhoods peopled from the whole file.
    """

    rows: int
    eligible: int
    agents: int
    mean_agents_per_row: float
    most_agents_per_row: int
    share_used: float
    effective_rows: float
    borrowed: tuple[int, ...]

    def text(self, names: Sequence[str] = ()) -> str:
        """Say all of it in one line; `names` are those of the neighbourhoods, else their numbers are given."""
        text = (
            f"{self.agents:,} agents from {self.rows:,} rows ({self.eligible:,} old enough, {self.share_used:.0%} of "
            f"all used): a row used stands for {self.mean_agents_per_row:.2f} agents, "
            f"at most {self.most_agents_per_row:,}; effective sample size {self.effective_rows:,.0f}"
        )
        if not self.borrowed:
            return text
        labels = [printable(names[place]) if names else str(place) for place in self.borrowed[:5]]
        more = f" and {len(self.borrowed) - 5} more" if len(self.borrowed) > 5 else ""
        return f"{text}; no respondent of their own, so peopled from the whole file: {', '.join(labels)}{more}"


def spread_of(own: OwnPeople, eligible: NDArray[np.bool_], chosen: Chosen) -> Spread:
    """Measure how many agents the rows stand for; arguments as for and from `chosen_people`."""
    copies = np.bincount(chosen.row, minlength=eligible.size)
    used = int(np.count_nonzero(copies))
    weight = np.ones(eligible.size)[eligible] if own.weight is None else own.weight[eligible]
    weight = weight / weight.max(initial=1e-300)  # the square of a tiny weight is 0
    return Spread(
        rows=eligible.size,
        eligible=int(np.count_nonzero(eligible)),
        agents=chosen.row.size,
        mean_agents_per_row=chosen.row.size / max(used, 1),
        most_agents_per_row=int(copies.max(initial=0)),
        share_used=used / max(eligible.size, 1),
        effective_rows=float(weight.sum() ** 2 / max(np.sum(weight**2), 1e-300)),
        borrowed=chosen.borrowed,
    )


def chosen_people(own: OwnPeople, eligible: NDArray[np.bool_], counts: Integers, streams: Streams) -> Chosen:
    """Choose the agents of each neighbourhood from its eligible rows.

    Where a neighbourhood has exactly as many eligible rows as agents, all of one weight, each row is taken once, in
    the order of the file. Elsewhere units are drawn by systematic sampling with probability proportional to weight
    (Madow 1949): a unit u of s eligible people has counts w_u / Σ(w s) expected copies. Units are households where
    the file has them, at the mean of their eligible members' weights, and are copied whole; a row without a household
    is a unit. Their order spreads the sample over sex and birth year (rows), or size and mean birth year (households).
    Then households, drawn by size, are left out or added until the number is right; the last of these may be cut.

    Args:
        own: the file's n rows.
        eligible: (n,), rows old enough to be agents.
        counts: int64 (M,), agents of each neighbourhood.
        streams: draws are keyed by rows and neighbourhoods, so one neighbourhood's rows do not affect another's.

    Raises:
        ConfigError: nobody is eligible.
        ValueError: `eligible` has another shape, or a count is negative.
    """
    if eligible.shape != own.neighbourhood.shape or counts.min(initial=0) < 0:
        raise ValueError("eligible must have one entry per row, and counts must not be negative")
    rows = np.flatnonzero(eligible)
    if not rows.size:
        raise ConfigError("nobody in it is old enough to be an agent", source=own.source)
    weight = np.ones(rows.size) if own.weight is None else own.weight[rows] / own.weight[rows].max()
    grouped = np.argsort(own.neighbourhood[rows], kind="stable")
    bounds = np.searchsorted(own.neighbourhood[rows][grouped], np.arange(counts.size + 1))
    units = _Units(own, rows, weight, streams)
    pieces: list[tuple[Integers, Integers]] = []
    borrowed = []
    households = 0
    for place, count in enumerate(counts.tolist()):
        mine = grouped[bounds[place] : bounds[place + 1]]
        if not count:
            continue
        if not mine.size:
            borrowed.append(place)
            row, household = units.sample(units.everywhere, place, count)
        elif mine.size == count and np.ptp(weight[mine]) == 0.0:
            row = rows[mine]
            household = np.full(count, -1) if own.household is None else own.household[row]
        else:
            row, household = units.sample(units.pool_of(place), place, count)
        household = numbered(household)
        pieces.append((row, np.where(household >= 0, household + households, -1)))
        households += int(household.max(initial=-1)) + 1
    row, household = (np.concatenate([np.zeros(0, np.int64), *(piece[which] for piece in pieces)]) for which in (0, 1))
    return Chosen(row, None if own.household is None else household, tuple(borrowed))


@dataclass(frozen=True, eq=False)
class _Pool:
    """Units to draw from, in the order that stratifies: numbers (k,), and running sums of weight and weight x size."""

    units: Integers
    weights: Floats
    people: Floats


class _Units:
    """The households, or rows, that are copied whole; sorted by neighbourhood and by what the sample is spread over."""

    def __init__(self, own: OwnPeople, rows: Integers, weight: Floats, streams: Streams) -> None:
        self.streams = streams
        if own.household is None:
            unit = np.arange(rows.size)
        else:
            known = own.household[rows]
            alone = int(known.max(initial=-1)) + 1 + np.arange(rows.size)
            unit = np.unique(np.where(known >= 0, known, alone), return_inverse=True)[1]
        self.members = rows[np.argsort(unit, kind="stable")]
        self.sizes = np.bincount(unit)
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.weights = np.bincount(unit, weight) / self.sizes
        first = self.members[self.starts]
        self.known = np.zeros(first.size, np.bool_) if own.household is None else own.household[first] >= 0
        self.neighbourhood = own.neighbourhood[first]
        birth_year = np.bincount(unit, own.birth_year[rows].astype(np.float64)) / self.sizes
        spread_over = own.sex[first] if own.household is None else self.sizes
        order = np.lexsort((streams.uniform("people.order", 0, first), birth_year, spread_over))
        self._order = order
        self._grouped = order[np.argsort(self.neighbourhood[order], kind="stable")]
        self._sorted = self.neighbourhood[self._grouped]
        self._everywhere: _Pool | None = None

    @property
    def everywhere(self) -> _Pool:
        """The whole file's units."""
        if self._everywhere is None:
            self._everywhere = self._pool(self._order)
        return self._everywhere

    def pool_of(self, neighbourhood: int) -> _Pool:
        """The units of one neighbourhood."""
        low, high = np.searchsorted(self._sorted, [neighbourhood, neighbourhood + 1])
        return self._pool(self._grouped[low:high])

    def _pool(self, units: Integers) -> _Pool:
        weights = self.weights[units]
        return _Pool(units, np.cumsum(weights), np.cumsum(weights * self.sizes[units]))

    def sample(self, pool: _Pool, neighbourhood: int, count: int) -> tuple[Integers, Integers]:
        """Rows of `count` agents, and a number for each copy of a household, -1 for units that are none."""
        start = float(self.streams.uniform("people.start", 0, np.array([neighbourhood]))[0])
        copies_per_weight = count / pool.people[-1]
        points = np.arange(max(0, math.ceil(pool.weights[-1] * copies_per_weight - start))) + start
        units = pool.units[_at(pool.weights, points / copies_per_weight)]
        excess = int(self.sizes[units].sum()) - count
        cut, kept = -1, 0  # the unit that is copied in part, and how many of its members are
        if excess > 0:
            luck = self.streams.uniform(f"people.left out {neighbourhood}", 0, units.size)
            order = np.argsort(-np.log1p(-luck) / self.sizes[units], kind="stable")  # larger ones tend to come first
            gone = np.cumsum(self.sizes[units[order]])
            whole = int(np.searchsorted(gone, excess, side="right"))
            left = excess - (int(gone[whole - 1]) if whole else 0)
            if left:
                cut = int(units[order[whole]])
                kept = int(self.sizes[cut]) - left
            units = np.delete(units, order[: whole + bool(left)])
        elif excess < 0:
            luck = self.streams.uniform(f"people.added {neighbourhood}", 0, -excess)
            added = pool.units[_at(pool.people, luck * pool.people[-1])]
            reached = np.cumsum(self.sizes[added])
            last = int(np.searchsorted(reached, -excess))
            kept = -excess - (int(reached[last - 1]) if last else 0)
            cut = int(added[last])
            units = np.concatenate([units, added[:last]])
        return self._expanded(units, cut, kept)

    def _expanded(self, units: Integers, cut: int, kept: int) -> tuple[Integers, Integers]:
        sizes = self.sizes[units]
        copy = np.repeat(np.arange(units.size), sizes)
        offset = np.arange(copy.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        row, number = self.members[self.starts[units][copy] + offset], np.where(self.known[units][copy], copy, -1)
        if not kept:
            return row, number
        members = self.members[self.starts[cut] : self.starts[cut] + self.sizes[cut]]
        luck = self.streams.uniform("people.member", 0, members)
        part = members[np.sort(np.argsort(luck, kind="stable")[:kept])]
        own_number = units.size if self.known[cut] else -1
        return np.concatenate([row, part]), np.concatenate([number, np.full(kept, own_number)])


def _at(cumulative: Floats, points: Floats) -> Integers:
    """Which step of a running sum each point falls into."""
    return np.minimum(np.searchsorted(cumulative, points, side="right"), cumulative.size - 1)


# --- draws given what is known ----------------------------------------------------------------------------------------


def normal_scores(values: Floats, weights: Floats | None = None) -> Floats:
    """Standard normal scores of mid-ranks: Φ⁻¹((mass below + half the mass tied) / mass of all known), (n,).

    Ties share one score; NaN stays NaN, and counts for nothing. `values` and `weights` (above 0) are (n,).
    """
    scores = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if known.size:
        _, place = np.unique(values[known], return_inverse=True)
        mass = np.bincount(place, None if weights is None else weights[known]).astype(np.float64)
        middle = (np.cumsum(mass) - 0.5 * mass) / mass.sum()
        scores[known] = ndtri(np.clip(middle, 2.0**-54, 1.0 - 2.0**-53))[place]
    return scores


def conditional_normal(given: Sequence[Floats], correlation: float, draw: Floats) -> Floats:
    """A standard normal variable that has correlation ρ with each given one, conditional on those known in the row.

    With k known in a row: mean ρ / (1 + (k - 1) ρ) · Σ known, variance 1 - k ρ² / (1 + (k - 1) ρ).

    Args:
        given: standard normal variables with correlation ρ among each other, each (n,), NaN where not known.
        correlation: ρ, from 0 to 1.
        draw: standard normal draws, (n,), independent of those given.

    Raises:
        ValueError: ρ is outside 0 to 1.
    """
    if not 0.0 <= correlation <= 1.0:
        raise ValueError(f"a correlation must be from 0 to 1, not {correlation}")
    known, total = np.zeros(draw.shape), np.zeros(draw.shape)
    for values in given:
        there = ~np.isnan(values)
        known += there
        total += np.where(there, values, 0.0)
    slope = correlation / np.where(known > 0, 1.0 + (known - 1.0) * correlation, 1.0)
    return slope * total + np.sqrt(np.maximum(0.0, 1.0 - known * correlation * slope)) * draw
