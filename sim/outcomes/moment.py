"""The input of outcomes: the city at the end of a week, its sums, and counts of earlier weeks."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.cells import Sums
from sim.kernels import sums as passes
from sim.outcomes.running import Running, count
from sim.rules.knowledge import need

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

__all__ = [
    "NAN",
    "Floats",
    "Integers",
    "Moment",
    "count",
    "deviation",
    "mean",
    "mean_of_categories",
    "neighbourhood_phase",
    "over",
    "share",
    "weighted",
]

NAN = float("nan")


class Moment:
    """The city at the end of a week. What several outcomes need is computed once, and only if one needs it.

    Attributes:
        city: the city.
        sums: of residents' columns.
        running: of earlier weeks.
        in_groups: agents in each group, (groups,).
        people: all agents.
        scale: agents as a share of residents.
        now: the record of the week.
        convened: which neighbourhoods have a council, (M,).
        works: `Projects.counts`.
        phase: of neighbourhoods, (M,).
    """

    def __init__(self, city: City, sums: Sums, running: Running, in_groups: Floats) -> None:
        self.city, self.sums, self.running, self.in_groups = city, sums, running, in_groups
        self.people, self.scale, self.now = len(city.residents), city.scale, city.now
        self.convened = city.institutions.councils.convened
        self.works = city.projects.counts(city.neighbourhoods)
        self.phase = neighbourhood_phase(city, self.works)
        self._spreads: dict[str, tuple[float, int, int]] = {}

    def mean(self, name: str) -> float:
        """Mean of a column over residents, or share of residents counted."""
        return self.sums.city[name] / self.people

    def spread(self, name: str) -> tuple[float, int, int]:
        """Sum of squares of a column between 0 and 1, and residents below 1/3 and above 2/3."""
        if name not in self._spreads:
            self._spreads[name] = passes.spread(self.city.residents[name], 1.0 / 3.0, 2.0 / 3.0)
        return self._spreads[name]

    def deviation(self, name: str) -> float:
        """Standard deviation of a column between residents."""
        mean = self.mean(name)
        return math.sqrt(max(0.0, self.spread(name)[0] / self.people - mean * mean))

    def mean_of_groups(self, name: str) -> Floats:
        """Mean of a column, or share counted, in each group; NaN where a group has no people."""
        return np.asarray(self.sums.group[name] / self._whole)

    @cached_property
    def _whole(self) -> Floats:
        return np.where(self.in_groups > 0, self.in_groups, np.nan)

    @cached_property
    def counted(self) -> dict[str, int]:
        """Works by what became of them, in the whole city."""
        whole: list[int] = np.array(list(self.works.values())).sum(axis=1).tolist()
        return dict(zip(self.works, whole, strict=True))

    @cached_property
    def service_level(self) -> Floats:
        """Mean of the categories in each neighbourhood, (M,)."""
        return mean_of_categories(self.city.services)

    @cached_property
    def needed(self) -> Floats:
        """Need of all residents of a neighbourhood by category, (M, categories)."""
        return need(self.city.mean_need_weights, self.city.services) * self.city.population[:, None]


def neighbourhood_phase(city: City, works: dict[str, Integers]) -> Integers:
    """Phase of each neighbourhood: 1 identified, 2 with a council, 3 with a mayor, 4 with works of its own.

    Where the policy has no mayors, or councils begin works before they have one, as they did in the reported case, a
    neighbourhood counts as in phase 4 only once it has passed the phases before.
    """
    mayor = city.institutions.mayors.in_office | (city.policy.mayor.kind == "none")
    carried_out = works["by_council"] > 0
    convened = city.institutions.councils.convened
    return np.asarray(1 + convened + (convened & mayor) + (convened & mayor & carried_out), dtype=np.int64)


def mean(values: NDArray[Any]) -> float:
    """Mean of some values, at least one: for few of them in a third of the time of `np.mean`."""
    return float(np.add.reduce(values) / values.size)


def deviation(values: Floats) -> float:
    """Standard deviation of some values: as `np.std`, in half of its time."""
    apart = values - np.add.reduce(values) / values.size
    return math.sqrt(np.add.reduce(apart * apart) / values.size)


def mean_of_categories(services: Floats) -> Floats:
    """Mean of a table's categories in each neighbourhood, (M,): as `np.mean`, in half of its time."""
    return np.asarray(np.add.reduce(services, axis=1) / services.shape[1])


def weighted(values: Floats, weights: Floats) -> float:
    """Mean of some values under weights."""
    return float(np.add.reduce(values * weights) / np.add.reduce(weights))


def over(part: float, whole: float) -> float:
    """A part of a whole; NaN if there is no whole."""
    return float(part / whole) if whole else NAN


def share(flags: NDArray[np.bool_]) -> float:
    """Share that is true; not a number of none."""
    return float(flags.mean()) if flags.size else NAN
