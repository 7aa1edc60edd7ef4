"""Sums of residents' columns over the city, its neighbourhoods and its groups.

A cell is one neighbourhood's residents of one sex, cohort, attendance and standing. Residents are sorted by cell, so a
column is summed over all cells in one pass; neighbourhoods and groups are then sums of few cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.resident import ATTENDANCES, COHORTS, SEXES, STANDINGS
from sim.kernels import sums as passes
from sim.rules.participation import ACTIVE_WEEKS
from sim.seats import Pools, codes_of_cells
from sim.wording import printable

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]

MEANS = (
    "trust_in_municipality",
    "trust_in_council",
    "trust_in_people",
    "expectation",
    "performance",
    "belonging",
    "hope",
    "habit",
    "fatigue",
    "civic_skill",
)
"""Columns of residents that are averaged over the city, each neighbourhood and each group."""

COUNTS = ("participating", "ever", "below_floor", "informed", "attended", "volunteered", "organised")
"""Residents counted over the same: took part lately, ever, badly served, and what they did this week."""

_STATES = slice(len(MEANS), len(MEANS) + 3)  # where the counts of residents in a state stand among all sums

FLOOR = 0.25
"""Perceived performance below which a resident counts as badly served [assumption]."""

GROUP_KINDS = {"sex": SEXES, "cohort": COHORTS, "attendance": ATTENDANCES, "standing": STANDINGS}
GROUPS = tuple((kind, group) for kind, groups in GROUP_KINDS.items() for group in groups)

CROSSING = ", "
"""Between the kinds, and between the groups, of a crossed group: ``sex, cohort`` and ``woman, youth``."""


@dataclass(frozen=True)
class Sums:
    """Sums by name of `MEANS` and `COUNTS`: numbers for the city, (M,) by neighbourhood, (groups,) by group."""

    city: dict[str, float]
    neighbourhood: dict[str, Floats]
    group: dict[str, Floats]


class Cells:
    """The cells of a city and the way from residents to sums.

    Args:
        city: whose.
        crossed: groups besides `GROUPS`, such as ``sex=woman, cohort=youth`` (`crossed_group`).

    Attributes:
        groups: kind and name of each group.
        people: residents of each group, (groups,).

    Raises:
        ValueError: there is no such group.
    """

    def __init__(self, city: City, crossed: Sequence[str] = ()) -> None:
        more = [crossed_group(text) for text in dict.fromkeys(crossed)]
        self.groups = (*GROUPS, *((CROSSING.join(kinds), CROSSING.join(names)) for kinds, names in more))
        code = city.residents.neighbourhood.astype(np.int64) * Pools.CELLS + city.rows.cell
        # Cells nobody lives in are among them, so that the grid of neighbourhoods and cells is regular.
        self._first = np.searchsorted(code, np.arange(city.neighbourhoods * Pools.CELLS + 1))
        self._in_group = _cells_in_groups(more)
        self.people = np.bincount(city.rows.cell, minlength=Pools.CELLS).astype(np.float64) @ self._in_group

    def sums(self, city: City) -> Sums:
        """Sum the columns and counts of this week."""
        residents, now, names = city.residents, city.now, MEANS + COUNTS
        neighbourhood = np.zeros((len(names), city.neighbourhoods))
        cell = np.zeros((len(names), Pools.CELLS))
        for place in range(0, len(MEANS), 5):  # of which there are as many as a multiple of what is summed at once
            some = slice(place, place + 5)
            a, b, c, d, e = (residents[name] for name in MEANS[some])
            passes.add_up(self._first, a, b, c, d, e, neighbourhood[some], cell[some])
        passes.count_states(
            self._first,
            residents.last_part_week,
            residents.acts,
            residents.performance,
            city.week - ACTIVE_WEEKS + 1,
            FLOOR,
            neighbourhood[_STATES],
            cell[_STATES],
        )
        attended = city.rows.distinct(*(rows for kind, rows in now.came.items() if kind != "volunteering"))
        groups = (now.informed, attended, now.came["volunteering"], city.institutions.member_rows)
        for k, rows in enumerate(groups, _STATES.stop):
            passes.count_rows(rows, residents.neighbourhood, city.rows.cell, neighbourhood[k], cell[k])
        return Sums(
            dict(zip(names, neighbourhood.sum(axis=1).tolist(), strict=True)),
            dict(zip(names, neighbourhood, strict=True)),
            dict(zip(names, np.einsum("kc,cg->kg", cell, self._in_group), strict=True)),
        )


def crossed_group(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kinds and names of a crossed group such as ``sex=woman, cohort=youth``, in the order of `GROUP_KINDS`.

    Raises:
        ValueError: it is not spelt so, or there is no such kind or group, or a kind stands in it twice.
    """
    pairs = [tuple(part.strip() for part in piece.split("=")) for piece in text.split(",")]
    for pair in pairs:
        if len(pair) != 2:
            raise ValueError(f'a crossed group must read sex=woman, cohort=youth, not "{printable(text)}"')
        kind, name = pair
        if kind not in GROUP_KINDS:
            raise ValueError(f'groups are crossed by {", ".join(GROUP_KINDS)}, not by "{printable(kind)}"')
        if name not in GROUP_KINDS[kind]:
            allowed = ", ".join(GROUP_KINDS[kind])
            raise ValueError(f'no such group of {kind}: "{printable(name)}"; allowed here: {allowed}')
    kinds = [kind for kind, _ in pairs]
    if len(set(kinds)) < len(kinds):
        raise ValueError(f'a crossed group names each kind once, not "{printable(text)}"')
    ordered = sorted(pairs, key=lambda pair: list(GROUP_KINDS).index(pair[0]))
    return tuple(kind for kind, _ in ordered), tuple(name for _, name in ordered)


def _cells_in_groups(crossed: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> Floats:
    """1 where a cell belongs to a group, (32, groups)."""
    codes = codes_of_cells()
    columns = [codes[kind] == number for kind, groups in GROUP_KINDS.items() for number in range(len(groups))]
    columns += [
        np.logical_and.reduce(
            [codes[kind] == GROUP_KINDS[kind].index(name) for kind, name in zip(kinds, names, strict=True)]
        )
        for kinds, names in crossed
    ]
    return np.array(columns, dtype=np.float64).T
