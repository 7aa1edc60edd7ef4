"""Reader of figures of one's own: a table (CSV or Parquet), one row a figure; every fault has its line and column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.calibration.rows import Row, rows_of
from experiments.calibration.targets import Origin, Target
from experiments.near_outcomes import near_outcomes
from experiments.sweeps.outcomes import EVERY, NEIGHBOURHOOD, Outcome, parse
from sim.errors import raise_first
from sim.names import by_look, look_up, nearest_name, quoted
from sim.outcome import Table
from sim.own_files import Faults, number_hint, number_of
from sim.separators import is_whole

REQUIRED = ("outcome", "week", "value")
OPTIONAL = ("group", "neighbourhood", "standard_error", "n", "held_out")
COLUMNS = (*REQUIRED, *OPTIONAL)

MOST_ANSWERS = 1e8

COUNTED = frozenset(
    {"never_or_rarely_share", "sometimes_share", "core_share"}
    | {"informed_rate", "attended_rate", "volunteered_rate", "organised_rate"}
)
"""Shares of residents besides those that are declared as such (`per_cent`): a survey counts answers to them."""

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0", "")


@dataclass(frozen=True)
class Place:
    """What a table is read for.

    Attributes:
        names: of the neighbourhoods of the city.
        last_week: of the run.
        tables: the weekly tables of the city, with the outcomes of its extensions.
        origin: survey, claimed or synthetic.
        weeks, outcomes: what of the table is held out, beside its column `held_out`.
    """

    names: Sequence[str]
    last_week: int
    tables: Mapping[str, Table]
    origin: Origin = "survey"
    weeks: frozenset[int] = frozenset()
    outcomes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Survey:
    """What a table says.

    Attributes:
        targets: its figures, in the order of rows.
        missing: labels of rows whose value is empty.
    """

    targets: tuple[Target, ...] = ()
    missing: tuple[str, ...] = ()


def read_survey(path: Path, place: Place) -> Survey:
    """Read a table of figures: outcome, week, value; optional group, neighbourhood, standard_error, n, held_out.

    A row says its error in one of two ways: `standard_error`, or, for a share of people, `n`, the number of answers. A
    row with an empty value is a missing figure and is counted.

    Args:
        path: .parquet, or else CSV (UTF-8, commas).
        place: the city that it speaks of.

    Raises:
        ConfigError: the first fault, which knows the others: line (or row) and column, what is allowed, nearest name.
    """
    faults = Faults()
    rows = rows_of(path, COLUMNS, REQUIRED, faults)
    looks, numbers = by_look(place.names), {name: number for number, name in enumerate(place.names)}
    targets: list[Target] = []
    missing: list[str] = []
    first: dict[str, str] = {}
    for row in rows:
        outcome = _outcome(row, place, numbers, looks, faults)
        value, error, answers = _figures(row, outcome, faults)
        held_out = faults.of(_flag, row)
        if outcome is None:
            continue
        week = outcome.weeks[0] if outcome.weeks else 0
        label = f"{outcome.column} in week {week}"
        if label in first:
            faults.of(row.refuse, "outcome", f"{label} is given twice; first in {first[label]}")
            continue
        first[label] = row.where
        if value is None:
            missing.append(label)
        elif error is not None or answers is not None:
            kept = bool(held_out) or week in place.weeks or outcome.name in place.outcomes
            targets.append(Target(outcome, value, error, answers, kept, place.origin, f"{path.name}, {row.where}"))
    raise_first(faults)
    return Survey(tuple(targets), tuple(missing))


def _outcome(
    row: Row, place: Place, numbers: Mapping[str, int], looks: Mapping[str, int], faults: Faults
) -> Outcome | None:
    """The outcome of a row, of a group or a neighbourhood, in a week; None, and its faults, where there is none."""
    week = faults.of(_week, row, place.last_week)
    whose = faults.of(_whose, row, numbers, looks)
    name = row.text("outcome")
    known = list(dict.fromkeys(one for table in place.tables.values() for one in table.asked))
    if name not in known:
        near = nearest_name(name, known) or near_outcomes(name, known)
        faults.of(row.refuse, "outcome", f"no such outcome: {quoted(name)}{near}")
        return None
    if whose is None:
        return None
    column = "neighbourhood" if row.text("neighbourhood") else "group" if whose else "outcome"
    return faults.of(_parsed, row, f"{name}[{whose}]" if whose else name, column, week or 0, place)


def _parsed(row: Row, text: str, column: str, week: int, place: Place) -> Outcome:
    try:
        found = parse({text: {"week": week}}, max(place.last_week, week), len(place.names), place.tables)
    except ValueError as error:
        row.refuse(column, str(error))
    if EVERY in found.group:
        row.refuse(column, "names every group at once; give one row for each")
    return found


def _week(row: Row, last: int) -> int:
    text = row.text("week")
    number = number_of(text)
    if not text or not number.is_integer() or not 0 <= number <= last:
        row.refuse("week", f"must be a whole number of weeks from 0 to {last} (run.weeks), not {quoted(text)}")
    return int(number)


def _whose(row: Row, numbers: Mapping[str, int], looks: Mapping[str, int]) -> str:
    """Group or neighbourhood of a row as outcomes spell it; empty for the whole city."""
    group, name = row.text("group"), row.text("neighbourhood")
    if group and name:
        row.refuse("neighbourhood", "a row speaks of a group or of a neighbourhood, not of both")
    if not name:
        return group
    number = look_up(name, numbers, looks)
    if number is None and name.isdecimal() and int(name) < len(numbers):
        number = int(name)
    if number is None:
        hint = nearest_name(name, list(numbers)) or f"; a name, or a number from 0 to {len(numbers) - 1}"
        row.refuse("neighbourhood", f"no such neighbourhood: {quoted(name)}{hint}")
    return f"{NEIGHBOURHOOD}={number}"


def _figures(row: Row, outcome: Outcome | None, faults: Faults) -> tuple[float | None, float | None, float | None]:
    """Value, standard error and number of answers of a row, each None where there is none or it is at fault."""
    from sim.outcome import known

    name = "" if outcome is None else outcome.name
    declared = known(name)
    share = declared is not None and declared.unit == "share"
    counted = declared is not None and (declared.per_cent or name in COUNTED)
    value = faults.of(_number, row, "value", share)
    error = faults.of(_positive, row, "standard_error")
    answers = faults.of(_answers, row)
    if not row.text("value"):
        return None, None, None
    if row.text("standard_error") and row.text("n"):
        faults.of(row.refuse, "n", "give standard_error or n, not both: they are two ways to say one error")
    elif not row.text("standard_error") and not row.text("n"):
        need = "n (answers) or standard_error" if counted else "standard_error"
        faults.of(row.refuse, "standard_error", f"is missing: a value needs its {need}")
    elif row.text("n") and outcome is not None and not counted:
        problem = f"is for shares of people; {name} is a mean or a count: give its standard_error"
        faults.of(row.refuse, "n", problem)
    return value, error, answers


def _number(row: Row, column: str, share: bool) -> float | None:
    text = row.text(column)
    if not text:
        return None
    number = number_of(text)
    if not math.isfinite(number):
        row.refuse(column, f"must be a number, or empty where it is not known, not {quoted(text)}{number_hint(text)}")
    if share and not 0.0 <= number <= 1.0:
        hint = f": write {number / 100.0:g} for {number:g} %" if 1.0 < number <= 100.0 else ""
        row.refuse(column, f"must be from 0 to 1{hint}")
    return number


def _positive(row: Row, column: str) -> float | None:
    text = row.text(column)
    if not text:
        return None
    number = number_of(text)
    if not 0.0 < number < math.inf:
        row.refuse(column, f"must be a number above 0, not {quoted(text)}{number_hint(text)}")
    return number


def _answers(row: Row) -> float | None:
    """Column `n`, in digits only: 1.200, meant as 1200, would be 1.2 answers, and its error huge."""
    text = row.text("n")
    if not text:
        return None
    if not is_whole(text) or not 1.0 <= number_of(text) <= MOST_ANSWERS:
        hint = number_hint(text, whole=True) or (": round it" if number_of(text) > 1.0 and not is_whole(text) else "")
        row.refuse("n", f"must be a whole number from 1 to {MOST_ANSWERS:,.0f}, not {quoted(text)}{hint}")
    return number_of(text)


def _flag(row: Row) -> bool:
    text = row.text("held_out").lower()
    if text not in (*_TRUE, *_FALSE):
        row.refuse("held_out", f"must be true, false or empty, not {quoted(text)}")
    return text in _TRUE
