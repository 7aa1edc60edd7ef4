"""Agents backed by arrays: one declaration gives the array and the agent's attribute.

`trust = Column(float, …)` in an agent class declares a column. A `Table` of that class holds one array a column, and
an agent is a view of one row: reading `agent.trust` reads the array, writing it writes the array. Rules run over whole
columns; agents are made when somebody first asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np
from numpy.typing import DTypeLike, NDArray

ALIGNED = 64
"""Bytes: columns begin at multiples of it, as lines of the cache do."""


class Column:
    """Declares a column of an agent class.

    Args:
        dtype: NumPy type of the array.
        meaning: one clause.
        unit: its unit; "share" means [0, 1].
        low, high: inclusive bounds that an assignment through an agent must keep.
        labels: names of the codes 0, 1, …; the agent's attribute then reads and takes names.
        width: numbers a row; with more than one, the agent's attribute is a view of its row.
        fixed: whether an assignment through an agent is refused.
    """

    def __init__(
        self,
        dtype: DTypeLike,
        meaning: str,
        *,
        unit: str = "",
        low: float | None = None,
        high: float | None = None,
        labels: tuple[str, ...] | None = None,
        width: int = 1,
        fixed: bool = False,
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.meaning = meaning
        self.unit = unit
        if unit == "share":
            low, high = 0.0, 1.0
        self.low, self.high = low, high
        self.labels = labels
        self.width = width
        self.fixed = fixed
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, agent: TableAgent | None, owner: type) -> Any:
        if agent is None:
            return self
        if self.width > 1:
            return agent.table[self.name][agent.row]
        value = agent.table[self.name][agent.row].item()
        return self.labels[value] if self.labels is not None else value

    def __set__(self, agent: TableAgent, value: Any) -> None:
        if self.fixed:
            raise AttributeError(f"{self.name} is fixed once the city is built: residents are sorted by it")
        if self.labels is not None:
            value = self._code(value)
        low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
        if (self.low, self.high) != (None, None) and not np.all(
            (low <= np.asarray(value)) & (np.asarray(value) <= high)
        ):
            raise ValueError(f"{self.name} must lie in [{low}, {high}], not {value!r}")
        agent.table[self.name][agent.row] = value

    def _code(self, value: Any) -> int:
        """The code of a label; a code is taken as it is, if there is a label for it."""
        assert self.labels is not None
        if isinstance(value, str) and value in self.labels:
            return self.labels.index(value)
        if not isinstance(value, str) and value in range(len(self.labels)):
            return int(value)
        raise ValueError(f"{self.name} must be one of {', '.join(self.labels)}, not {value!r}")


def columns_of(agent_class: type) -> dict[str, Column]:
    """All columns an agent class declares or inherits, base classes first."""
    found: dict[str, Column] = {}
    for base in reversed(agent_class.__mro__):
        found.update({name: item for name, item in vars(base).items() if isinstance(item, Column)})
    return found


class Table:
    """The arrays behind one agent class: `table.trust` or `table["trust"]`, one row an agent."""

    rows: int
    _columns: dict[str, NDArray[Any]]

    def __init__(self, agent_class: type, rows: int) -> None:
        declared = columns_of(agent_class)
        sizes = [rows * column.width * column.dtype.itemsize for column in declared.values()]
        # One block for all, which the system then keeps on few large pages; and each column begins elsewhere within its
        # page than the others, for passes that read many at the same place of a page push them out of the cache.
        starts = np.cumsum([0, *(-(-size // ALIGNED) * ALIGNED for size in sizes)])
        block = np.empty(starts[-1], np.uint8)
        block[...] = 0
        columns = {}
        for (name, column), start, size in zip(declared.items(), starts[:-1], sizes, strict=True):
            flat = block[start : start + size].view(column.dtype)
            columns[name] = flat if column.width == 1 else flat.reshape((rows, column.width), order="F")
        # Each array is an attribute of its own, too: rules read columns tens of thousands of times a run.
        self.__dict__.update(columns, _columns=columns, rows=rows)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> NDArray[Any]: ...

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._columns:
            self._columns[name][...] = value  # in place: views of the array stay valid
        else:
            raise AttributeError(f"there is no column {name!r}")

    def __getitem__(self, name: str) -> NDArray[Any]:
        array: NDArray[Any] = self._columns[name]
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return self.rows

    @property
    def nbytes(self) -> int:
        """Bytes held by all columns."""
        return sum(array.nbytes for array in self._columns.values())


class TableAgent(mesa.Agent):  # type: ignore[type-arg]
    """A Mesa agent that is a view of one row of a table of its city."""

    table_name: ClassVar[str]
    """Path from the city to the table, such as ``institutions.councils``."""

    def __init__(self, model: Any, row: int) -> None:
        self.row = row
        super().__init__(model)

    def remove(self) -> None:
        """Refuse: agents are views of rows and cannot be deleted."""
        raise TypeError(
            f"a {type(self).__name__} cannot be removed: its row would stay and act; use a policy or a shock"
        )

    @property
    def table(self) -> Table:
        """The table this agent is a row of."""
        table: Table = attrgetter(self.table_name)(self.model)
        return table

    def __repr__(self) -> str:
        return f"{type(self).__name__}(unique_id={self.unique_id}, row={self.row})"
