"""How outcomes are declared: once, beside the function that works them out. All else is read from here.

This module imports nothing of the model, so that any part of it may declare or look up an outcome. Those of the model
are declared in `sim.outcomes`, which whoever looks one up reads first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final, Literal

Language = Literal["en", "fa"]
End = Literal["highest", "lowest"]
HIGHEST: Final = "highest"
LOWEST: Final = "lowest"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One column of a weekly table, and all that is known of it.

    Attributes:
        name: of the column.
        unit: such as ``share`` or ``people``; empty for labels.
        meaning: one sentence or two, for docs/odd.md.
        short: its name in words, in English and in Persian; without them it goes by its name.
        better: which end counts as best: a convention for rankings and for the words gain and loss. None for what a
            programme puts in or costs, and wherever neither end is better.
        per_cent: whether it is a share of people, shown in per cent, and differences of it in percentage points.
        needs_councils: whether it says nothing where there is no council: it is not ranked where an arm has none.
        always: whether it has a value in every week, or (of a group without people) in none.
        compared: its place in the tables of `compare`, ascending; None if it is not among them.
        summed: of neighbourhoods, whether a fifth of them has the sum; else it has the mean over residents.
        asked: whether an experiment may ask for it; not for what says which row this is.
    """

    name: str
    unit: str
    meaning: str
    short: tuple[str, str] | None = None
    better: End | None = None
    per_cent: bool = False
    needs_councils: bool = False
    always: bool = False
    compared: int | None = None
    summed: bool = False
    asked: bool = True

    def __post_init__(self) -> None:
        """Refuse what is not meant.

        Raises:
            ValueError: there is no such end, or the short name is not one in either language.
        """
        if self.better not in (HIGHEST, LOWEST, None):
            raise ValueError(f"{self.name}: better must be {HIGHEST}, {LOWEST} or None, not {self.better}")
        if self.short is not None and len(self.short) != 2:
            raise ValueError(f"{self.name}: short must be a name in English and one in Persian, not {self.short}")

    def in_words(self, language: Language = "en") -> str:
        """Its name in words; without them, its own without underscores."""
        if self.short is None:
            return self.name.replace("_", " ")
        return self.short[0 if language == "en" else 1]


Way = Callable[[Any], Any]
"""A function that works out an outcome, or several, of what a table is given."""


class Table:
    """The outcomes of one table, in the order of its columns, and the functions that work them out."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._ways: list[tuple[str, tuple[str, ...], Way]] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(self.outcomes)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the outcomes that an experiment may ask for, in the order of the columns."""
        return tuple(name for name, declared in self.outcomes.items() if declared.asked)

    @property
    def compared(self) -> tuple[str, ...]:
        """Names of the outcomes that `compare` reports, in its order."""
        places = {name: declared.compared for name, declared in self.outcomes.items() if declared.compared is not None}
        return tuple(sorted(places, key=lambda name: places[name]))

    def add(self, declared: Iterable[Outcome], way: Way | None) -> None:
        """Add outcomes that one function works out, behind those there are.

        Args:
            declared: the outcomes.
            way: gives the value of one outcome; of several a tuple in their order, or a dictionary by name; None for
                labels, which the table itself knows.

        Raises:
            ValueError: the table has one of them already.
        """
        added = {one.name: one for one in declared}
        if twice := [name for name in added if name in self.outcomes]:
            raise ValueError(f"declared twice: {', '.join(twice)}")
        self.outcomes |= added
        if way is not None:
            names = tuple(added)
            self._ways.append((names[0] if len(names) == 1 else "", names, way))

    def with_more(self, others: Sequence[Table]) -> Table:
        """A table with the outcomes of others behind its own; the table itself if they have none.

        Raises:
            ValueError: two have an outcome of one name.
        """
        filled = [other for other in others if other.outcomes]
        if not filled:
            return self
        whole = Table()
        for table in (self, *filled):
            whole.add(table.outcomes.values(), None)
            whole._ways += table._ways
        return whole

    def row(self, given: Any) -> dict[str, Any]:
        """The value of every column but labels, in order.

        Args:
            given: what the functions are given.

        Raises:
            ValueError: a function gives other values than it declares.
        """
        row: dict[str, Any] = {}
        for name, several, way in self._ways:
            values = way(given)
            if name:
                row[name] = values
            elif isinstance(values, dict):
                if tuple(values) != several:
                    raise ValueError(f"declared are {', '.join(several)}, not {', '.join(values)}")
                row |= values
            else:
                row.update(zip(several, values, strict=True))
        return row


CITY, NEIGHBOURHOODS, GROUPS, START = Table(), Table(), Table(), Table()
"""The three weekly tables, and what is there before the first week."""

TABLES: Mapping[str, Table] = {"city": CITY, "neighbourhood": NEIGHBOURHOODS, "group": GROUPS, "start": START}


_OUTCOMES = "sim.outcomes"
"""The package whose modules declare the model's own outcomes."""

OF_EXTENSIONS: list[Table] = []
"""Tables of the extensions that this process has loaded; a city has their columns only if its config names them."""


def known(name: str) -> Outcome | None:
    """The declaration of an outcome, that of the city first, extensions last; None if nobody has declared it."""
    if _OUTCOMES not in sys.modules:
        import_module(_OUTCOMES)  # by name, for its modules import this one; late, for they need the compiler
    for table in (*TABLES.values(), *OF_EXTENSIONS):
        if name in table.outcomes:
            return table.outcomes[name]
    return None


def declared(name: str, meaning: str | None = None, /, **own: Any) -> Outcome:
    """An outcome for a table.

    Args:
        name: of the column. What another table has by that name is declared there already, and holds here too, except
            for `compared` and `summed`, which each table has for itself.
        meaning: see `Outcome`.
        own: other attributes of `Outcome`, all or those that differ here.
    """
    there = known(name)
    if meaning is not None:
        own["meaning"] = meaning
    return Outcome(name=name, **own) if there is None else replace(there, **{"compared": None, "summed": False, **own})


def outcome[F: Way](
    meaning: str | None = None, /, *, of: Table = CITY, name: str | None = None, **own: Any
) -> Callable[[F], F]:
    """Declare the outcome that a function works out.

    Args:
        meaning: see `Outcome`.
        of: the table.
        name: of the column; that of the function if None.
        own: other attributes of `Outcome`; see `declared`.
    """

    def declare(way: F) -> F:
        of.add([declared(name or str(getattr(way, "__name__", "")), meaning, **own)], way)
        return way

    return declare


def outcomes[F: Way](*several: Outcome | str, of: Table = CITY) -> Callable[[F], F]:
    """Declare the outcomes that a function works out together: it gives their values in the same order.

    Args:
        several: each made by `declared`, or the name of one that another table has.
        of: the table.
    """

    def declare(way: F) -> F:
        of.add([declared(one) if isinstance(one, str) else one for one in several], way)
        return way

    return declare


def label(name: str, meaning: str, /, *, of: Table, **own: Any) -> None:
    """Declare a column that says which row this is, and that the table itself knows: it is the same in every week.

    Args:
        name, meaning: see `Outcome`.
        of: the table.
        own: other attributes of `Outcome`.
    """
    of.add([declared(name, meaning, unit="", asked=False, **own)], None)
