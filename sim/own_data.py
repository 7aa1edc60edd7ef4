"""Reader of a user's own neighbourhoods: a table (CSV), and how it is joined to the outlines of a map (`own_maps`).

Every fault becomes a `ConfigError` with the file, the line, the column, and what is allowed; all are found in one go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from shapely import MultiPolygon, Polygon

from sim.cautions import caution
from sim.errors import ConfigError, raise_first
from sim.names import by_look, cleaned, difference, folded, look_up, nearest_name, quoted, short
from sim.own_files import (
    LARGEST_TABLE,
    Faults,
    Refuse,
    csv_lines,
    header_faults,
    number_hint,
    number_of,
    read_text,
    width_problem,
    without_empty_ends,
)

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers

MOST_NEIGHBOURHOODS = 2000


@dataclass(frozen=True)
class OwnNeighbourhoods:
    """What a user's files say; None, or a missing category, is left to be drawn.

    Attributes:
        names, names_fa: labels, (M,).
        population: int64 (M,), people of all ages.
        deprivation: float64 (M,) in [0, 1].
        x, y: float64 (M,), km.
        services: float64 (M,) in [0, 1] by category.
        polygons: in km east and north of the city's middle, (M,).
    """

    names: tuple[str, ...]
    names_fa: tuple[str, ...]
    population: Integers | None = None
    deprivation: Floats | None = None
    x: Floats | None = None
    y: Floats | None = None
    services: Mapping[str, Floats] = field(default_factory=dict)
    polygons: tuple[Polygon | MultiPolygon, ...] | None = None


@dataclass(frozen=True)
class _Rule:
    """What a column's numbers must be."""

    allowed: str
    low: float
    high: float
    whole: bool = False


_SHARE = _Rule("a number from 0 to 1", 0.0, 1.0)
_PLACE = _Rule("a number of kilometres from -100,000 to 100,000", -1e5, 1e5)
_PEOPLE = _Rule("a whole number of at least 1", 1.0, 1e8, whole=True)
_RULES = {"population": _PEOPLE, "deprivation": _SHARE, "x": _PLACE, "y": _PLACE}


def read_table(
    name: str | Path, base: Path | None, categories: Sequence[str], places_needed: bool = True
) -> OwnNeighbourhoods:
    """Read a CSV of neighbourhoods: name, population, deprivation, x, y; optional name_fa and service categories.

    Args:
        name: the file, relative to `base`.
        base: folder of the config file, or None for the working directory.
        categories: names of the service columns.
        places_needed: whether x and y (km) must be there; polygons can stand in for them.

    Raises:
        ConfigError: the first fault, with its line and column, and the others.
    """
    source, text = read_text(name, base, LARGEST_TABLE)
    lines = csv_lines(source, text)
    head_line, header = next(lines, (1, [""]))
    required = ["name", "population", "deprivation", *(["x", "y"] if places_needed else [])]
    columns, known = without_empty_ends(header), dict.fromkeys([*required, "name_fa", "x", "y", *categories])
    raise_first(header_faults(source, head_line, columns, required, list(known)))
    rows: list[Mapping[str, Any]] = []
    refusals: list[Refuse] = []
    faults = Faults()
    for line, cells in lines:
        refuse = partial(_refuse_line, source, line)
        cells = without_empty_ends(cells, len(columns))
        if len(cells) != len(columns):
            faults.of(refuse, "", width_problem(cells, len(columns)))
            continue
        rows.append(dict(zip(columns, cells, strict=True)))
        refusals.append(refuse)
    own = collect(source, rows, refusals, categories, faults)
    if places_needed and own.x is not None and own.y is not None:
        _refuse_same_places(own.names, list(zip(own.x.tolist(), own.y.tolist(), strict=True)), refusals, faults)
    raise_first(faults)
    return own


def join(table: OwnNeighbourhoods, places: OwnNeighbourhoods, source: str) -> OwnNeighbourhoods:
    """Give a table's neighbourhoods the polygons of the same name; one that only looks the same is cautioned about.

    Raises:
        ConfigError: a name in one file is not in the other; `source` is the polygons' file.
    """
    rows, looks = {name: row for row, name in enumerate(places.names)}, by_look(places.names)
    faults, found, respelt = Faults(), [], []
    for name in table.names:
        row = look_up(name, rows, looks)
        if row is None:
            problem = f"no feature is named {quoted(name)}{nearest_name(name, places.names)}"
            faults.append(ConfigError(problem, source=source))
            continue
        found.append(row)
        if places.names[row] != name:
            respelt.append(f"{quoted(places.names[row])} ({difference(places.names[row], name)})")
    for row in sorted(set(range(len(places.names))) - set(found)):
        name = places.names[row]
        problem = f"{quoted(name)} is not a name in the table of neighbourhoods{nearest_name(name, table.names)}"
        faults.append(ConfigError(problem, source=source, key=f"feature {row + 1}, name"))
    raise_first(faults)
    if respelt:
        caution(f"{source}: matched to the table, though spelt with other letters: {', '.join(respelt)}")
    assert places.polygons is not None  # read_polygons always gives them
    polygons = tuple(places.polygons[row] for row in found)
    return OwnNeighbourhoods(
        table.names, table.names_fa, table.population, table.deprivation, services=table.services, polygons=polygons
    )


def collect(
    source: str,
    rows: Sequence[Mapping[str, Any]],
    refusals: Sequence[Refuse],
    categories: Sequence[str],
    faults: Faults,
) -> OwnNeighbourhoods:
    """Turn rows of cells, or of properties, into neighbourhoods; a cell that is at fault is NaN or empty.

    Args:
        source: the file.
        rows: by column.
        refusals: how a fault of each row is raised.
        categories: names of the service columns.
        faults: takes the faults.

    Raises:
        ConfigError: too few or too many rows, after the faults that led to it.
    """
    if not 2 <= len(rows) <= MOST_NEIGHBOURHOODS:
        problem = f"must have 2 to {MOST_NEIGHBOURHOODS} neighbourhoods, not {len(rows)}"
        raise_first([*faults, ConfigError(problem, source=source)])
    names = _names(rows, refusals, faults)
    labels = tuple(
        (faults.of(_label, row, "name_fa", refuse) or "") if "name_fa" in row else name
        for name, row, refuse in zip(names, rows, refusals, strict=True)
    )
    rules = {**_RULES, **dict.fromkeys(categories, _SHARE)}
    found = {key: _numbers(rows, refusals, key, rule, faults) for key, rule in rules.items()}
    population = found["population"]
    return OwnNeighbourhoods(
        names,
        labels,
        None if population is None else np.nan_to_num(population).astype(np.int64),
        found["deprivation"],
        found["x"],
        found["y"],
        {key: values for key in categories if (values := found[key]) is not None},
    )


def _names(rows: Sequence[Mapping[str, Any]], refusals: Sequence[Refuse], faults: Faults) -> tuple[str, ...]:
    """Names of the neighbourhoods, all different, and none only another spelling of an earlier one."""
    names = tuple(faults.of(_label, row, "name", refuse) or "" for row, refuse in zip(rows, refusals, strict=True))
    seen: dict[str, str] = {}
    for name, refuse in zip(names, refusals, strict=True):
        look = folded(name)
        if not name or look not in seen:
            seen[look] = name
            continue
        first = seen[look]
        if first == name:
            faults.of(refuse, "name", f"{quoted(name)} occurs twice; names must differ")
        else:
            problem = f"{quoted(name)} only looks different from a name above, by {difference(name, first)}"
            faults.of(refuse, "name", f"{problem}: one name must have one spelling")
    return names


def _refuse_same_places(
    names: Sequence[str], places: list[tuple[float, float]], refusals: Sequence[Refuse], faults: Faults
) -> None:
    first: dict[tuple[float, float], str] = {}
    for name, place, refuse in zip(names, places, refusals, strict=True):
        if place in first:
            faults.of(refuse, "x", f"{quoted(name)} is in the same place as {quoted(first[place])}")
        elif not math.isnan(sum(place)):
            first[place] = name


def _label(row: Mapping[str, Any], column: str, refuse: Refuse) -> str:
    value = row.get(column)
    if value is None or (isinstance(value, str) and not cleaned(value)):
        refuse(column, "is missing: every neighbourhood needs one")
    if not isinstance(value, str) or len(value) > 200:
        refuse(column, f"must be a text of at most 200 characters, not {short(value)}")
    label = cleaned(value)
    wrong = next((letter for letter in label if not letter.isprintable() and letter not in "\u200c\u200d"), None)
    if wrong is not None:
        refuse(column, f"holds the unprintable character U+{ord(wrong):04X}, which is not allowed")
    return label


def _numbers(
    rows: Sequence[Mapping[str, Any]], refusals: Sequence[Refuse], column: str, rule: _Rule, faults: Faults
) -> Floats | None:
    if not any(column in row for row in rows):
        return None
    found = [
        faults.of(_number, row.get(column), column, rule, refuse) for row, refuse in zip(rows, refusals, strict=True)
    ]
    return np.array([math.nan if number is None else number for number in found])


def _number(value: Any, column: str, rule: _Rule, refuse: Refuse) -> float:
    if value is None or value == "":
        refuse(column, f"is missing: it must be {rule.allowed}")
    number = number_of(value)
    grouped = rule.whole and number_hint(value, whole=True)  # 12.000 would be a dozen
    if not number >= rule.low or grouped or (rule.whole and number != math.inf and not number.is_integer()):
        refuse(column, f"must be {rule.allowed}, not {short(value)}{number_hint(value, whole=rule.whole)}")
    if number > rule.high:
        limit = f" and at most {rule.high:,.0f}" if rule.whole else ""
        refuse(column, f"must be {rule.allowed}{limit}, not {short(value)}")
    return number


def _refuse_line(source: str, line: int, column: str, problem: str) -> NoReturn:
    raise ConfigError(problem, source=source, line=line, key=column or None)
