"""Seats: who sits on councils and holds mayoralties.

At a scale below 1 the agents are a sample of the residents, and so are the office holders: every seat of the full city
is filled with the traits of an agent (`donor`), which keeps the make-up of councils the same at every scale, but only
the share `scale` of the seats is held by agents themselves (`in_sample`), who then spend time, learn and burn out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.agents.resident import ROLES
from sim.policies import CouncilPolicy, MayorPolicy, Policy
from sim.rules.selection import COUNCIL_SELECTIONS

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

ANY, YOUTH, YOUNGER, OLDER = range(4)
_COHORTS = {ANY: (0, 1, 2, 3), YOUTH: (0,), YOUNGER: (0, 1), OLDER: (2, 3)}
_GOLDEN_RATIO = 0.6180339887498949

COUNCIL, LIAISON, WOMENS_COUNCIL, TEEN_MANAGER, MAYOR = (
    ROLES.index(name) for name in ("council", "liaison", "womens_council", "teen_manager", "mayor")
)
DECIDING = (COUNCIL, LIAISON, WOMENS_COUNCIL)
"""Roles whose holders decide; teen managers learn."""


@dataclass(frozen=True, eq=False)
class SeatPlan:
    """The seats of one neighbourhood: role, sex kept for (-1 any), generation kept for, and how each is filled."""

    role: Integers
    sex: Integers
    generation: Integers
    selection: tuple[str, ...]

    def __len__(self) -> int:
        return self.role.size

    @cached_property
    def deciding(self) -> Flags:
        """Whether the holder of each seat decides."""
        return np.isin(self.role, DECIDING)

    def __eq__(self, other: object) -> bool:
        """Whether two plans have the same seats, filled in the same way."""
        return isinstance(other, SeatPlan) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return tuple(self.role.tolist()), tuple(self.sex.tolist()), tuple(self.generation.tolist()), self.selection


def council_seats(policy: CouncilPolicy) -> SeatPlan:
    """The seats that a council policy asks for; quotas keep the first seats for women, the last for youths."""
    own = policy.size + policy.liaisons
    role = [COUNCIL] * policy.size + [LIAISON] * policy.liaisons
    generation = {"elders": [OLDER] * own, "youth": [YOUNGER] * own, "mixed": ([OLDER, YOUNGER] * own)[:own]}[
        policy.composition
    ]
    sex = [-1] * own
    for place in range(round(policy.quota_women * own)):
        sex[place] = 1
    for place in range(round(policy.quota_youth * own)):
        generation[own - 1 - place] = YOUTH
    role += [WOMENS_COUNCIL] * policy.womens_council + [TEEN_MANAGER] * policy.teen_managers
    sex += [1] * policy.womens_council + [-1] * policy.teen_managers
    generation += [ANY] * policy.womens_council + [YOUTH] * policy.teen_managers
    methods = COUNCIL_SELECTIONS[policy.selection]
    selection = tuple(methods[place % len(methods)] for place in range(len(role)))
    return SeatPlan(np.array(role), np.array(sex), np.array(generation), selection)


def mayors_seats(policy: MayorPolicy) -> SeatPlan:
    """The seats of the mayors, none if the policy has no mayors."""
    count = 0 if policy.kind == "none" else policy.seats
    generation = YOUTH if policy.kind == "youth" else OLDER
    return SeatPlan(np.full(count, MAYOR), np.full(count, -1), np.full(count, generation), (policy.selection,) * count)


def all_seats(policy: Policy) -> SeatPlan:
    """Council seats, then those of the mayors."""
    councils, mayors = council_seats(policy.council), mayors_seats(policy.mayor)
    return SeatPlan(
        np.concatenate([councils.role, mayors.role]),
        np.concatenate([councils.sex, mayors.sex]),
        np.concatenate([councils.generation, mayors.generation]),
        councils.selection + mayors.selection,
    )


class Seats:
    """All seats of the city, neighbourhood by neighbourhood in the order of the plan; one array an attribute."""

    def __init__(self, plan: SeatPlan, neighbourhoods: int, scale: float) -> None:
        self.plan = plan
        count = len(plan) * neighbourhoods
        self.neighbourhood = np.repeat(np.arange(neighbourhoods), len(plan))
        self.role = np.tile(plan.role, neighbourhoods)
        self.sex = np.tile(plan.sex, neighbourhoods)
        self.generation = np.tile(plan.generation, neighbourhoods)
        self.selection = np.tile(np.array(plan.selection), neighbourhoods)
        # Neighbourhood, role and place within the role key the draws of a seat, so that other seats do not touch them.
        ordinal = np.array([int((plan.role[:place] == role).sum()) for place, role in enumerate(plan.role)], dtype=int)
        self.key = self.neighbourhood * 1_000 + self.role * 100 + np.tile(ordinal, neighbourhoods)
        # The golden ratio spreads the sampled seats evenly over neighbourhoods and roles.
        self.in_sample = (self.key * _GOLDEN_RATIO) % 1.0 < scale
        self.deciding = np.tile(plan.deciding, neighbourhoods)
        self.donor = np.full(count, -1)

    @property
    def filled(self) -> Flags:
        """Which seats are filled."""
        return self.donor >= 0

    def of(self, neighbourhoods: Integers, *, mayors: bool) -> Integers:
        """Numbers of the council seats (or the mayors' seats) of some neighbourhoods."""
        places = np.flatnonzero((self.plan.role == MAYOR) == mayors)
        return np.asarray(np.sort(neighbourhoods)[:, None] * len(self.plan) + places).ravel()

    def take_over(self, before: Seats, *, mayors: bool) -> None:
        """Leave the council's holders (or the mayors) of an earlier lay-out in their seats."""
        old = np.flatnonzero((before.role == MAYOR) == mayors)
        new = np.flatnonzero((self.role == MAYOR) == mayors)
        self.donor[new] = before.donor[old]


class Pools:
    """Residents by neighbourhood and cell (sex, cohort, attendance, standing), to draw candidates from."""

    CELLS = 32

    def __init__(self, neighbourhood: Integers, cell: Integers, neighbourhoods: int) -> None:
        self._neighbourhood, self._cell, self._neighbourhoods = neighbourhood, cell, neighbourhoods
        self._pools: dict[bool, tuple[NDArray[np.int32], Integers, Integers]] = {}

    def draw(
        self,
        neighbourhood: Integers,
        sex: int | Integers,
        generation: int | Integers,
        migrants: bool,
        uniform: NDArray[np.float64],
    ) -> Integers:
        """Rows of residents drawn from the neighbourhoods' pools, -1 where the pool is empty.

        Args:
            neighbourhood: numbers; shape of `uniform`, or one that broadcasts to it, as for the next two.
            sex: code that the pool is open to, -1 for any.
            generation: generation that it is open to.
            migrants: whether it is open to migrants without standing.
            uniform: draws in [0, 1).
        """
        rows, first, size = self.gathered(migrants)
        pool = self.number(neighbourhood, sex, generation)
        people = size[pool]
        drawn = rows[first[pool] + (uniform * people).astype(np.int64)]
        return np.where(people > 0, drawn, -1)

    def number(self, neighbourhood: Integers, sex: int | Integers, generation: int | Integers) -> Integers:
        """Numbers of pools among those that `gathered` gives; arguments as for `draw`."""
        return ((sex + 1) * len(_COHORTS) + generation) * self._neighbourhoods + neighbourhood

    def gathered(self, migrants: bool) -> tuple[NDArray[np.int32], Integers, Integers]:
        """Rows of all in each pool, one after another, and where each pool begins and how many it has."""
        if migrants not in self._pools:
            self._pools[migrants] = self._gather(migrants)
        return self._pools[migrants]

    def _gather(self, migrants: bool) -> tuple[NDArray[np.int32], Integers, Integers]:
        """Rows of all in each pool (by sex, generation, neighbourhood), and where each begins and how many it has."""
        codes, rows, sizes = codes_of_cells(), [], []
        for sex in (-1, 0, 1):
            for cohorts in _COHORTS.values():
                member = np.isin(codes["cohort"], cohorts)
                member &= ((sex < 0) | (codes["sex"] == sex)) & (migrants | (codes["standing"] == 0))
                rows.append(np.flatnonzero(member[self._cell]).astype(np.int32))
                sizes.append(np.bincount(self._neighbourhood[rows[-1]], minlength=self._neighbourhoods))
        size = np.concatenate(sizes)
        nobody = np.array([-1], dtype=np.int32)  # what an empty pool at the end reads
        return np.concatenate([*rows, nobody]), np.cumsum(size) - size, size


def cell_of(
    sex: NDArray[np.int8], cohort: NDArray[np.int8], attendance: NDArray[np.int8], standing: NDArray[np.int8]
) -> Integers:
    """Code of the cell of each resident: sex, cohort, attendance and standing, most significant first; (N,)."""
    return ((sex.astype(np.int64) * 4 + cohort) * 2 + attendance) * 2 + standing


def codes_of_cells() -> dict[str, Integers]:
    """What `cell_of` made each cell of: codes of sex, cohort, attendance and standing, each (32,)."""
    cell = np.arange(Pools.CELLS)
    return {"sex": cell // 16, "cohort": cell // 4 % 4, "attendance": cell // 2 % 2, "standing": cell % 2}
