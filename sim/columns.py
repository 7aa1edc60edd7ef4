"""Agents backed by arrays: one declaration gives the array and the agent's attribute.

`trust = Column(float, …)` in an agent class declares a column. A `Table` of that class holds one array a column, and
an agent is a view of one row: reading `agent.trust` reads the array, writing it writes the array. Rules run over whole
columns; agents are made when somebody first asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np
from numpy.typing import DTypeLike, NDArray

from sim.codes import as_codes
from sim.reading import nearest

ALIGNED = 64
"""Bytes: columns begin at multiples of it, as lines of the cache do."""


ROUNDING = 1e-12
"""By how much numbers of a column may miss its bounds."""


class Column:
    """Declares a column of an agent class.

    Args:
        dtype: NumPy type of the array.
        meaning: one clause.
        unit: its unit; "share" means [0, 1].
        low, high: inclusive bounds that an assignment through an agent must keep.
        labels: names of the codes 0, 1, …; the agent's attribute then reads and takes names, and the array may be
            compared with names (`sim.codes`). Such a column is of type int8.
        width: numbers a row; with more than one, the agent's attribute is a view of its row.
        fixed: whether it may never change once the city is built.
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
        value = agent.table[self.name].item(agent.row)
        return self.labels[value] if self.labels is not None else value

    def __set__(self, agent: TableAgent, value: Any) -> None:
        if self.fixed:
            raise AttributeError(f"{self.name} is fixed once the city is built: residents are sorted by it")
        if self.labels is not None:
            value = self._code(value)
        if (self.low, self.high) != (None, None) and not self._allows(np.asarray(value)):
            raise ValueError(f"{self._must} not {value!r}")
        agent.table[self.name][agent.row] = value

    def _allows(self, values: NDArray[Any]) -> bool:
        """Whether all values lie within the bounds; NaN does not."""
        low, high = self._bounds
        return bool(values.size == 0 or (low <= values.min() and values.max() <= high))

    @property
    def _bounds(self) -> tuple[float, float]:
        if self.labels is not None:
            return 0, len(self.labels) - 1
        return -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high

    @property
    def _must(self) -> str:
        low, high = self._bounds
        return f"{self.name} must lie in [{low}, {high}],"

    def fault_in(self, array: NDArray[Any]) -> str | None:
        """What an agent would refuse among the values of a whole column, with the first row that has it.

        Numbers may miss a bound by rounding: a mean under weights that sum to 1 can be 1.0000000000000002.
        """
        if self._bounds == (-np.inf, np.inf) or self._allows(np.asarray(array)):
            return None
        low, high = self._bounds
        values = np.asarray(array).reshape((len(array), -1))
        found = np.argwhere(~((low - ROUNDING <= values) & (values <= high + ROUNDING)))
        if not found.size:
            return None
        row, place = found[0]
        return f"{self._must} not {values[row, place].item()!r}, as in row {row}"

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
    _declared: dict[str, Column]
    _fixed: dict[str, NDArray[Any]]

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
            if column.labels is not None:
                columns[name] = as_codes(columns[name], name, column.labels)
        # Each array is an attribute of its own, too: rules read columns tens of thousands of times a run.
        self.__dict__.update(columns, _columns=columns, _declared=declared, _fixed={}, rows=rows)

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

    def fix(self) -> None:
        """Remember the columns that may not change from now on."""
        self._fixed.update({name: np.array(self[name]) for name, column in self._declared.items() if column.fixed})

    def refuse_faults(self) -> None:
        """Refuse what an agent would have refused, had it been assigned there and not to a column.

        Raises:
            ValueError: a value is out of its bounds, or a fixed column has changed; names the column and a row.
        """
        for name, column in self._declared.items():
            fault = column.fault_in(self[name])
            if fault is None and name in self._fixed and not np.array_equal(np.asarray(self[name]), self._fixed[name]):
                row = int(np.flatnonzero(np.asarray(self[name]) != self._fixed[name])[0])
                fault = f"{name} is fixed once the city is built: residents are sorted by it; row {row} has changed"
            if fault is not None:
                raise ValueError(fault)

    @property
    def nbytes(self) -> int:
        """Bytes held by all columns."""
        return sum(array.nbytes for array in self._columns.values())


class TableAgent(mesa.Agent):  # type: ignore[type-arg]
    """A Mesa agent that is a view of one row of a table of its city."""

    table_name: ClassVar[str]
    """Path from the city to the table, such as ``institutions.councils``."""
    _known: ClassVar[frozenset[str]] = frozenset({"model", "unique_id", "pos", "row"})
    """Attributes that Mesa gives its agents, and those that the class declares."""

    def __init_subclass__(cls, **more: Any) -> None:
        """Note which attributes the class declares."""
        super().__init_subclass__(**more)  # type: ignore[no-untyped-call]
        cls._known |= {*vars(cls), *cls.__annotations__}

    def __init__(self, model: Any, row: int) -> None:
        self.row = row
        super().__init__(model)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, but refuse a name that looks like a misspelt one, which would have no effect.

        A class may have such a name all the same, if it declares it: ``hopes: float``.

        Raises:
            AttributeError: names the nearest attribute.
        """
        if name not in self._known:
            columns = columns_of(type(self))
            meant = nearest(name, columns) or _begins(name, columns)
            if meant:
                raise AttributeError(f"a {type(self).__name__} has no attribute {name!r}{meant}")
        object.__setattr__(self, name, value)

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


def _begins(name: str, columns: Iterable[str]) -> str:
    """Say which columns a name is the beginning of, word by word, such as trust of trust_in_people."""
    found = [column for column in columns if column.startswith(f"{name}_")]
    return f"; there are {', '.join(found)}" if found else ""
