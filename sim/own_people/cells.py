"""Cells of a file of residents: what each may be, and what it means."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.resident import ATTENDANCES, SEXES, STANDINGS
from sim.cautions import caution
from sim.errors import ConfigError
from sim.names import by_look, cleaned, difference, folded
from sim.own_files import number_hint, number_of
from sim.own_people.columns import FILLED, LIVED, OPTIONAL, REQUIRED, TRAITS, OwnPeople, numbered
from sim.wording import printable, shown

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers

OLDEST = 120
MOST_LIVED = 20
MOST_NAMED = 20
"""Faulty cells of a column, or rows of a wrong shape, that are named; of more only the number is said."""
LONGEST_PROBLEM = 300
_GREGORIAN_FROM, _GREGORIAN_TO = 1500, 2500
_GREGORIAN_LEAD = 621
"""Four fifths of a Gregorian year, from late March on, lie in the Solar Hijri year that is so much less."""

_GOOD, _BLANK, _BAD = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Cells:
    """A column of n cells: `values` (an Arrow array) are distinct, `codes` int32 (n,) point at them, -1 for null."""

    codes: NDArray[np.int32]
    values: Any


type Place = Callable[[int, str], tuple[int | None, str]]
"""Line (None in Parquet) and key of a fault, from its row, from 0, and its column."""


class Rules:
    """What the cells of each column may be.

    Args:
        names: English names of the neighbourhoods.
        names_fa: Persian names.
        start_year: Solar Hijri.
        lead: by how much years of birth are more than Solar Hijri years.
    """

    def __init__(self, names: Sequence[str], names_fa: Sequence[str], start_year: int, lead: int = 0) -> None:
        self.names, self.names_fa, self.start_year, self.lead = names, names_fa, start_year, lead
        self.exact = {cleaned(label) for label in (*names, *names_fa)}
        self.labels: dict[str, Mapping[str, int]] = {
            "neighbourhood": by_look(names_fa) | by_look(names),
            "sex": _codes(SEXES),
            "standing": _codes(STANDINGS),
            "attendance": _codes(ATTENDANCES),
        }
        first, last = start_year - OLDEST + lead, start_year + lead
        years = f"a whole number from {first} to {last}"
        self.numbers: dict[str, tuple[str, float, float]] = {
            "birth_year": (years, first, last),
            "education": ("a number of years from 0 to 30", 0.0, 30.0),
            **dict.fromkeys(TRAITS, ("a number from 0 to 1", 0.0, 1.0)),
            **dict.fromkeys(LIVED, (f"log odds from -{MOST_LIVED} to {MOST_LIVED}", -MOST_LIVED, MOST_LIVED)),
            "weight": ("a number above 0 and at most 1,000,000,000", math.ulp(0.0), 1e9),
        }

    def allowed(self, column: str) -> str:
        """Say what a cell of the column must be."""
        if column == "neighbourhood":
            text = f"the name of one of the {len(self.names)} neighbourhoods"
        elif column == "household":
            text = "a text or a whole number"
        elif column in self.labels:
            text = " or ".join(self.labels[column])
        else:
            text = self.numbers[column][0]
        return text if column in FILLED else f"{text}, or empty where not known"

    def problem(self, column: str, value: Any) -> str:
        """Say what is wrong with a cell (None: blank), and what is allowed."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return f"is missing: it must be {self.allowed(column)}"
        problem = f"must be {self.allowed(column)}, not {_shown(value)}"
        if column in self.labels:
            label = cleaned(str(value))[:200]
            if label in map(cleaned, self.names_fa):
                return f"{problem}: two neighbourhoods have this Persian name, use the English one"
            known = sorted(self.exact) if column == "neighbourhood" else list(self.labels[column])
            near = difflib.get_close_matches(label, known, 1)
            if not near and column == "neighbourhood":
                return f"{problem} (such as {', '.join(_shown(name) for name in self.names[:2])})"
            return problem + (f" (did you mean {_shown(near[0])}?)" if near else "")
        if column == "birth_year":
            return problem + self._other_calendar(number_of(value))
        return problem + number_hint(value)

    def _other_calendar(self, year: float) -> str:
        """What a year of birth is in the calendar of the file, if it looks like one of the other calendar."""
        if not year.is_integer():
            return ""
        if not self.lead and max(_GREGORIAN_FROM, self.start_year) < year < _GREGORIAN_TO:
            solar = int(year) - _GREGORIAN_LEAD
            return f": looks like a Gregorian year; the others are Solar Hijri: {int(year)} is {solar}"
        if self.lead and self.start_year - OLDEST <= year <= self.start_year:
            return f": looks like a Solar Hijri year; the others are Gregorian: {int(year)} is {int(year) + self.lead}"
        return ""


def checked(
    source: str, cells: Mapping[str, Cells], rules: Rules, place: Place
) -> tuple[OwnPeople | None, list[ConfigError]]:
    """Turn cells into people, or list the faulty cells in the order of rows."""
    found: dict[str, NDArray[Any]] = {}
    faults: list[tuple[int, ConfigError]] = []

    def refuse(column: str, rows: Integers, problem_of: Callable[[int], str]) -> None:
        named = rows[:MOST_NAMED].tolist()
        for row in named:
            line, key = place(row, column)
            problem = cut(problem_of(row)) + (and_more(rows.size) if row == named[-1] else "")
            faults.append((row, ConfigError(problem, source=source, line=line, key=key)))

    rules = _calendar(source, cells["birth_year"], rules)
    for column in (known for known in (*REQUIRED, *OPTIONAL) if known in cells):
        codes, values = cells[column].codes, cells[column].values
        meaning: NDArray[Any]
        if column in rules.labels:
            meaning, state = _label_codes(values, rules.labels[column])
            if column == "neighbourhood":
                _caution_of_spellings(source, values, rules)
        elif column == "household":
            meaning, state = _household_codes(values)
        else:
            meaning, state = _numbers(values, column, *rules.numbers[column][1:])
        found[column] = meaning[codes]
        allowed = _BLANK if column not in FILLED else _GOOD
        bad = np.flatnonzero(state[codes] > allowed)
        refuse(column, bad, partial(_problem_of_cell, cells[column], rules, column))
    if "household" in found:
        found["household"] = numbered(found["household"])
        _refuse_split_households(found, cells["household"], rules, refuse)
    if faults:
        return None, [fault for _, fault in sorted(faults, key=lambda entry: entry[0])]
    return (
        OwnPeople(
            source,
            found["neighbourhood"],
            found["sex"].astype(np.int8),
            (found["birth_year"] - rules.lead).astype(np.int16),
            found.get("household"),
            found["standing"].astype(np.int8) if "standing" in found else None,
            found["attendance"].astype(np.int8) if "attendance" in found else None,
            found.get("education"),
            MappingProxyType({trait: found[trait] for trait in TRAITS if trait in found}),
            MappingProxyType({name: found[name] for name in LIVED if name in found}),
            found.get("weight"),
        ),
        [],
    )


def _problem_of_cell(cells: Cells, rules: Rules, column: str, row: int) -> str:
    code = int(cells.codes[row])
    return rules.problem(column, cells.values[code].as_py() if code >= 0 else None)


def _label_codes(values: Any, labels: Mapping[str, int]) -> tuple[Integers, NDArray[np.uint8]]:
    """Code and state of each distinct value, (K + 1,); the last entry is that of null, which codes reach as -1."""
    looks = [None if value is None else folded(value) for value in values.to_pylist()]
    codes = [labels.get(look, -1) if look else -1 for look in looks]
    states = [_BLANK if not look else _GOOD if look in labels else _BAD for look in looks]
    return np.array([*codes, -1], np.int64), np.array([*states, _BLANK], np.uint8)


def _caution_of_spellings(source: str, values: Any, rules: Rules) -> None:
    """Say which neighbourhoods are spelt with other letters than in the table."""
    respelt = []
    for written in {cleaned(value) for value in values.to_pylist() if value} - rules.exact:
        row = rules.labels["neighbourhood"].get(folded(written))
        if row is not None:
            named = next(label for label in (*rules.names, *rules.names_fa) if folded(label) == folded(written))
            respelt.append(f"{_shown(written)} ({difference(written, cleaned(named))})")
    if respelt:
        what = f"matched to neighbourhoods, though spelt with other letters: {', '.join(sorted(respelt))}"
        caution(f"{source}: {what}")


def _calendar(source: str, years: Cells, rules: Rules) -> Rules:
    """Rules in the calendar of most rows' years of birth; a caution if that is the Gregorian one."""
    rows = np.bincount(years.codes[years.codes >= 0], minlength=len(years.values))
    counts = []
    for own in (rules, Rules(rules.names, rules.names_fa, rules.start_year, _GREGORIAN_LEAD)):
        _, state = _numbers(years.values, "birth_year", *own.numbers["birth_year"][1:])
        counts.append((int(rows[state[:-1] == _GOOD].sum()), own))
    (solar, _), (others, gregorian) = counts
    if others <= solar:
        return rules
    caution(f"{source}: birth_year: Gregorian years, read as the Solar Hijri years that are {_GREGORIAN_LEAD} less")
    return gregorian


def _household_codes(values: Any) -> tuple[Integers, NDArray[np.uint8]]:
    """As `_label_codes`, for a column whose values are households."""
    import pyarrow as pa
    from pyarrow import compute

    state = np.full(len(values) + 1, _BLANK, np.uint8)
    state[:-1] = values.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = compute.utf8_trim_whitespace(values)
        state[:-1][compute.equal(values, "").fill_null(True).to_numpy(zero_copy_only=False)] = _BLANK
    elif not pa.types.is_integer(values.type):
        numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        whole = np.isfinite(numbers) & (numbers == np.floor(numbers))
        state[:-1][~whole & (state[:-1] == _GOOD)] = _BAD
    codes = np.full(len(values) + 1, -1, np.int64)
    codes[:-1] = values.dictionary_encode().indices.cast(pa.int64()).fill_null(-1).to_numpy()
    return np.where(state == _GOOD, codes, -1), state


def _numbers(values: Any, column: str, low: float, high: float) -> tuple[Floats, NDArray[np.uint8]]:
    """Number and state of each distinct value, (K + 1,); the last entry is that of null."""
    import pyarrow as pa
    from pyarrow import compute

    blank = values.is_null()
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = compute.utf8_trim_whitespace(values)
        blank = compute.equal(values, "").fill_null(True)
        values = compute.if_else(blank, pa.scalar(None, values.type), values)
    numbers = np.full(len(values) + 1, np.nan)
    try:
        numbers[:-1] = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    except pa.ArrowException:  # digits that Arrow does not know, a plus sign, or no number at all
        numbers[:-1] = [number_of(value) for value in values.to_pylist()]
    state = np.where((numbers >= low) & (numbers <= high), _GOOD, _BAD).astype(np.uint8)
    if column == "birth_year":
        state[numbers != np.floor(numbers)] = _BAD
    state[:-1][blank.to_numpy(zero_copy_only=False)] = _BLANK
    state[-1] = _BLANK
    return np.where(state == _GOOD, numbers, np.nan if column != "birth_year" else 0.0), state


def _refuse_split_households(
    found: Mapping[str, NDArray[Any]],
    cells: Cells,
    rules: Rules,
    refuse: Callable[[str, Integers, Callable[[int], str]], None],
) -> None:
    household, neighbourhood = found["household"], found["neighbourhood"]
    rows = np.flatnonzero((household >= 0) & (neighbourhood >= 0))
    first = np.zeros(int(household.max(initial=-1)) + 1, np.int64)
    first[household[rows][::-1]] = rows[::-1]
    split = rows[neighbourhood[rows] != neighbourhood[first[household[rows]]]]

    def problem_of(row: int) -> str:
        here, there = (_shown(rules.names[int(neighbourhood[place])]) for place in (row, int(first[household[row]])))
        label = _shown(cells.values[int(cells.codes[row])].as_py())
        return f"household {label} is in {here} here and in {there} above: it must lie in one neighbourhood"

    refuse("household", split, problem_of)


def _codes(labels: Sequence[str]) -> dict[str, int]:
    return {label: code for code, label in enumerate(labels)}


def _shown(value: Any) -> str:
    """A value on one line, of at most some 80 characters."""
    if not isinstance(value, str):
        return shown(value) if isinstance(value, int | float) else printable(str(value), 40)
    text = printable(value.strip(), 40)
    return f"'{text if len(text) <= 80 else text[:79] + '…'}'"


def cut(problem: str) -> str:
    """A problem of at most `LONGEST_PROBLEM` characters."""
    return problem if len(problem) <= LONGEST_PROBLEM else f"{problem[: LONGEST_PROBLEM - 1]}…"


def and_more(rows: int) -> str:
    """What is said of the rows beyond those that are named; empty if there are none."""
    more = rows - MOST_NAMED
    return "" if more <= 0 else " (and 1 more row)" if more == 1 else f" (and {more:,} more rows)"
