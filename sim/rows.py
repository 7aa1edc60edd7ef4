"""Where residents stand: rows of their table, by neighbourhood, cell and generation, and pools to draw from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.resident import generation_of
from sim.columns import Table
from sim.kernels.marks import marked
from sim.seats import Pools, cell_of
from sim.week import NOBODY

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Rows:
    """The rows of a city's residents.

    Attributes:
        per_neighbourhood: agents of each neighbourhood, (M,).
        first: first row of each neighbourhood, and the number of all, (M + 1,).
        cell: code of each resident's sex, cohort, attendance and standing, (N,).
        generation: of each resident, see `generation_of`, (N,).
        first_of_peers: first row by neighbourhood, sex and whether a youth, and the number of all, (4 M + 1,).
        pools: residents by neighbourhood and cell, to draw candidates from.
    """

    def __init__(self, residents: Table, neighbourhoods: int) -> None:
        self.per_neighbourhood = np.bincount(residents.neighbourhood, minlength=neighbourhoods)
        self.first = np.concatenate([[0], np.cumsum(self.per_neighbourhood)])
        self.cell = cell_of(residents.sex, residents.cohort, residents.attendance, residents.standing)
        self.generation = generation_of(residents.cohort)
        of_peers = (residents.neighbourhood.astype(np.int64) * 2 + residents.sex) * 2 + (residents.cohort > 0)
        self.first_of_peers = np.searchsorted(of_peers, np.arange(4 * neighbourhoods + 1))
        self.pools = Pools(residents.neighbourhood, self.cell, neighbourhoods)
        self._marked = np.zeros(len(residents), dtype=np.uint8)

    def of(self, neighbourhoods: Integers) -> Integers:
        """Rows of all residents of some neighbourhoods, in the order given."""
        spans = [np.arange(self.first[b], self.first[b + 1]) for b in neighbourhoods]
        return spans[0] if len(spans) == 1 else np.concatenate([NOBODY, *spans])

    def distinct(self, *groups: Integers) -> Integers:
        """Rows of all residents in any of the groups of rows (0 or more), each once, ascending."""
        for rows in groups:
            self._marked[rows] = 1
        found: Integers = marked(self._marked)
        self._marked[found] = 0
        return found

    def mean_by_neighbourhood(self, values: NDArray[Any]) -> Floats:
        """Means by neighbourhood of columns of values, (N, k) -> (M, k)."""
        total = np.add.reduceat(values.astype(np.float64, copy=False), self.first[:-1], axis=0)
        return np.asarray(total / self.per_neighbourhood[:, None])
