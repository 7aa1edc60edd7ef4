"""Construction projects: one row each.

`key` keys a project's draws, whatever else was begun before it; `by_council` says who chose it, `delegated` whether the
council carries it out, from the neighbourhood's account; `from_before` whether it was under way before week 0. `cost`
is at usual prices and says what a work adds; `price` is what is paid for it. In weeks before `held_up_until` a dispute
keeps a work from going on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.kernels import sums as passes

PROMISED, ACTIVE, FINISHED, FAILED = range(4)
STATUSES = ("promised", "active", "finished", "failed")

_FIELDS: dict[str, Any] = {
    "key": np.int64,
    "neighbourhood": np.int64,
    "category": np.int64,
    "cost": np.float64,
    "price": np.float64,
    "by_council": np.bool_,
    "delegated": np.bool_,
    "captured": np.bool_,
    "from_before": np.bool_,
    "start_week": np.int64,
    "pledge_week": np.int64,
    "held_up_until": np.int64,
    "end_week": np.int64,
    "progress": np.float64,
    "spent": np.float64,
    "pace": np.float64,
    "late": np.bool_,
    "status": np.int64,
}

COUNTED = (*STATUSES, "late", "by_council", "finished_by_council", "captured", "pledged")
"""What `Projects.counts` counts."""


class Projects:
    """A table that grows: `projects.cost` and so on are arrays of all projects so far."""

    def __init__(self) -> None:
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(64, dtype) for name, dtype in _FIELDS.items()}
        self.count = 0
        self._show()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> NDArray[Any]: ...

    def _show(self) -> None:
        """Let `projects.cost` and so on be the filled part of each column."""
        self.__dict__.update({name: array[: self.count] for name, array in self._columns.items()})

    def __getstate__(self) -> dict[str, Any]:
        return {"_columns": self._columns, "count": self.count}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._show()  # copied apart, the filled parts would no longer be parts of the columns

    def __len__(self) -> int:
        return self.count

    def add(self, **values: Any) -> NDArray[np.int64]:
        """Append projects, one value or array a field (fields left out are 0), and return their numbers."""
        size = max(getattr(value, "size", 1) for value in values.values())  # a plain number has no size
        while self.count + size > self._columns["cost"].size:
            self._columns = {
                name: np.concatenate([array, np.zeros_like(array)]) for name, array in self._columns.items()
            }
        first, self.count = self.count, self.count + size
        for name, value in values.items():
            self._columns[name][first : self.count] = value
        self._show()
        return np.arange(first, self.count)

    def counts(self, neighbourhoods: int) -> dict[str, NDArray[np.int64]]:
        """Projects so far by neighbourhood, (M,), for each name of `COUNTED`."""
        counts = np.zeros((len(COUNTED), neighbourhoods), dtype=np.int64)
        passes.count_projects(
            self.neighbourhood,
            self.status,
            self.late,
            self.by_council,
            self.captured,
            self.from_before,
            FINISHED,
            counts,
        )
        return dict(zip(COUNTED, counts, strict=True))

    def busy(self, neighbourhoods: int) -> NDArray[np.bool_]:
        """Categories in which a work is under way, (M, 6)."""
        under_way = np.zeros((neighbourhoods, 6), dtype=bool)
        active = self.with_status(ACTIVE)
        under_way[self.neighbourhood[active], self.category[active]] = True
        return under_way

    def with_status(self, status: int) -> NDArray[np.int64]:
        """Numbers of the projects with a status, ascending."""
        return np.asarray((self.status == status).nonzero()[0])  # for few projects, twice as fast as np.flatnonzero
