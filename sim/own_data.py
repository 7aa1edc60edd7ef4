"""Readers of a user's own files: neighbourhoods (CSV), their polygons (GeoJSON) and ties (edge list or GraphML).

Every fault becomes a `ConfigError` with the file, the line or feature, the column, and what is allowed.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import math
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape

from sim.errors import ConfigError
from sim.randomness import Floats, Integers

LARGEST_TABLE = 64 * 2**20
LARGEST_NETWORK = 2**30
MOST_NEIGHBOURHOODS = 2000
_KM_PER_DEGREE = 111.195  # of latitude, on a sphere of the Earth's mean radius

PEOPLE = "people"
"""Name of the digest of the people in a file of ties: ``# people: …`` in an edge list, an attribute in GraphML."""

Refuse = Callable[[str, str], NoReturn]
"""Raises the ConfigError of one row or feature: takes the column ("" for none) and the problem."""


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


@dataclass(frozen=True, eq=False)
class OwnEdges:
    """Ties as a user's file has them.

    Attributes:
        source: the file, for messages.
        first, second: rows, from 0, of the two ends, int64 (ties,).
        kind: code of the kind, -1 where the file does not say, int8 (ties,).
        people: digest of the people that the file was written for; empty if it does not say.
    """

    source: str
    first: Integers
    second: Integers
    kind: NDArray[np.int8]
    people: str


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


def refuse_unless_file(path: Path, source: str, largest: int) -> None:
    """Refuse what is no file, and one of more than `largest` bytes; `source` is what messages call it.

    Raises:
        ConfigError: a folder, a pipe, a device or a file that is too large.
        OSError: there is nothing, or it cannot be looked at.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device might never end
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
        raise ConfigError(f"is {kind}, not a file", source=source)
    if status.st_size > largest:
        raise ConfigError(f"is larger than {largest // 2**20} MB", source=source)


def read_text(name: str | Path, base: Path | None, largest: int) -> tuple[str, str]:
    """Read a UTF-8 text file; `name` is relative to `base`.

    Returns:
        The path, for messages, and the text.

    Raises:
        ConfigError: no such file, a folder, not readable, empty, over `largest` bytes, binary or not UTF-8.
    """
    path = Path(name) if base is None else base / name
    source = str(path)
    try:
        refuse_unless_file(path, source, largest)
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError("no such file", source=source) from None
    except ConfigError:
        raise
    except (OSError, ValueError) as fault:
        raise ConfigError(f"cannot be read: {getattr(fault, 'strerror', None) or fault}", source=source) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise ConfigError("is not UTF-8 text: save it as UTF-8", source=source, line=line) from None
    if "\0" in text:
        raise ConfigError("is a binary file, not text", source=source, line=text.count("\n", 0, text.index("\0")) + 1)
    if not text.strip():
        raise ConfigError("is empty", source=source)
    return source, text


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
        ConfigError: with the line and the column of the first fault.
    """
    source, text = read_text(name, base, LARGEST_TABLE)
    lines = _csv_lines(source, text)
    head_line, header = next(lines, (1, [""]))
    required = ["name", "population", "deprivation", *(["x", "y"] if places_needed else [])]
    columns = _checked_header(source, head_line, header, required, ["name_fa", "x", "y", *categories])
    rows: list[Mapping[str, Any]] = []
    refusals: list[Refuse] = []
    for line, cells in lines:
        refuse = partial(_refuse_line, source, line)
        if len(cells) != len(columns):
            refuse("", f"has {len(cells)} cells where the header has {len(columns)} (quote a cell that holds a comma)")
        rows.append(dict(zip(columns, cells, strict=True)))
        refusals.append(refuse)
    own = _collect(source, rows, refusals, categories)
    if places_needed and own.x is not None and own.y is not None:
        _refuse_same_places(own.names, list(zip(own.x.tolist(), own.y.tolist(), strict=True)), refusals)
    return own


def read_polygons(name: str | Path, base: Path | None, categories: Sequence[str]) -> OwnNeighbourhoods:
    """Read a GeoJSON FeatureCollection of polygons with a `name`; population, deprivation, … are optional properties.

    Coordinates are longitude and latitude (RFC 7946); polygons come back in km around the middle of their extent.

    Raises:
        ConfigError: with the number of the first faulty feature, counted from 1.
    """
    source, text = read_text(name, base, LARGEST_TABLE)
    rows: list[Mapping[str, Any]] = []
    refusals: list[Refuse] = []
    shapes: list[Polygon | MultiPolygon] = []
    for number, feature in enumerate(_features(source, text), 1):
        refuse = partial(_refuse_feature, source, number)
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            refuse("", 'must be an object with "type": "Feature"')
        properties = feature.get("properties")
        if not isinstance(properties, dict):
            refuse("", "must have properties, with at least a name")
        rows.append(properties)
        refusals.append(refuse)
        shapes.append(_polygon(feature.get("geometry"), refuse))
    own = _collect(source, rows, refusals, categories)
    return OwnNeighbourhoods(
        own.names, own.names_fa, own.population, own.deprivation, services=own.services, polygons=_to_kilometres(shapes)
    )


def join(table: OwnNeighbourhoods, places: OwnNeighbourhoods, source: str) -> OwnNeighbourhoods:
    """Give a table's neighbourhoods the polygons of the same name.

    Raises:
        ConfigError: a name in one file is not in the other; `source` is the polygons' file.
    """
    number = {name: index for index, name in enumerate(places.names)}
    for name in table.names:
        if name not in number:
            raise ConfigError(f"no feature is named {name!r}{nearest_name(name, places.names)}", source=source)
    for index, name in enumerate(places.names, 1):
        if name not in table.names:
            problem = f"{name!r} is not a name in the table of neighbourhoods{nearest_name(name, table.names)}"
            raise ConfigError(problem, source=source, key=f"feature {index}, name")
    assert places.polygons is not None  # read_polygons always gives them
    polygons = tuple(places.polygons[number[name]] for name in table.names)
    return OwnNeighbourhoods(
        table.names, table.names_fa, table.population, table.deprivation, services=table.services, polygons=polygons
    )


def _csv_lines(source: str, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        first_line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise ConfigError(f"is not valid CSV: {fault}", source=source, line=first_line) from None
        if any(cell.strip() for cell in cells):
            yield first_line, [cell.strip() for cell in cells]


def _checked_header(
    source: str, line: int, header: list[str], required: Sequence[str], optional: Sequence[str]
) -> list[str]:
    known = list(dict.fromkeys([*required, *optional]))
    other = next((mark for mark in (";", "\t", "|") if len(header) == 1 and mark in header[0]), None)
    if other is not None:
        raise ConfigError(f"columns must be separated by commas, not by {other!r}", source=source, line=line)
    for column in header:
        if column not in known:
            problem = f"unknown column{nearest_name(column, known)}; known: {', '.join(known)}"
            raise ConfigError(problem, source=source, line=line, key=column or "(no name)")
        if header.count(column) > 1:
            raise ConfigError("the column occurs twice", source=source, line=line, key=column)
    for column in required:
        if column not in header:
            raise ConfigError("the column is missing", source=source, line=line, key=column)
    return header


def _collect(
    source: str, rows: Sequence[Mapping[str, Any]], refusals: Sequence[Refuse], categories: Sequence[str]
) -> OwnNeighbourhoods:
    if not 2 <= len(rows) <= MOST_NEIGHBOURHOODS:
        raise ConfigError(f"must have 2 to {MOST_NEIGHBOURHOODS} neighbourhoods, not {len(rows)}", source=source)
    names = tuple(_label(row, "name", refuse) for row, refuse in zip(rows, refusals, strict=True))
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if name in seen:
            refusals[index]("name", f"{name!r} occurs twice; names must differ")
        seen[name] = index
    has_persian = any("name_fa" in row for row in rows)
    labels = tuple(_label(row, "name_fa", refuse) for row, refuse in zip(rows, refusals, strict=True))
    rules = {**_RULES, **dict.fromkeys(categories, _SHARE)}
    found = {key: _numbers(rows, refusals, key, rule) for key, rule in rules.items()}
    population = found["population"]
    return OwnNeighbourhoods(
        names,
        labels if has_persian else names,
        None if population is None else population.astype(np.int64),
        found["deprivation"],
        found["x"],
        found["y"],
        {key: values for key in categories if (values := found[key]) is not None},
    )


def _refuse_same_places(names: Sequence[str], places: list[tuple[float, float]], refusals: Sequence[Refuse]) -> None:
    for index, place in enumerate(places):
        if places.index(place) < index:
            refusals[index]("x", f"{names[index]!r} is in the same place as {names[places.index(place)]!r}")


def _label(row: Mapping[str, Any], column: str, refuse: Refuse) -> str:
    value = row.get(column, row.get("name") if column == "name_fa" else None)
    if value is None or (isinstance(value, str) and not value.strip()):
        refuse(column, "is missing: every neighbourhood needs one")
    if not isinstance(value, str) or len(value) > 200:
        refuse(column, f"must be a text of at most 200 characters, not {_short(value)}")
    return unicodedata.normalize("NFC", value.strip())


def _numbers(rows: Sequence[Mapping[str, Any]], refusals: Sequence[Refuse], column: str, rule: _Rule) -> Floats | None:
    if not any(column in row for row in rows):
        return None
    return np.array(
        [_number(row.get(column), column, rule, refuse) for row, refuse in zip(rows, refusals, strict=True)]
    )


def _number(value: Any, column: str, rule: _Rule, refuse: Refuse) -> float:
    if value is None or value == "":
        refuse(column, f"is missing: it must be {rule.allowed}")
    try:
        number = math.nan if isinstance(value, bool) or "_" in str(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not number >= rule.low or (rule.whole and number != math.inf and not number.is_integer()):
        refuse(column, f"must be {rule.allowed}, not {_short(value)}")
    if number > rule.high:
        limit = f" and at most {rule.high:,.0f}" if rule.whole else ""
        refuse(column, f"must be {rule.allowed}{limit}, not {_short(value)}")
    return number


def _features(source: str, text: str) -> list[Any]:
    def no_constant(token: str) -> NoReturn:
        raise ConfigError(f"{token} is not a number JSON allows", source=source)

    try:
        content = json.loads(text, parse_constant=no_constant)
    except json.JSONDecodeError as fault:
        raise ConfigError(f"is not valid JSON: {fault.msg}", source=source, line=fault.lineno) from None
    except (RecursionError, ValueError) as fault:
        if isinstance(fault, ConfigError):
            raise
        raise ConfigError("is not usable JSON: nested too deeply, or a number too long", source=source) from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise ConfigError('must be GeoJSON with "type": "FeatureCollection"', source=source)
    features = content.get("features")
    if not isinstance(features, list):
        raise ConfigError("must be a list of features", source=source, key="features")
    return features


def _polygon(geometry: Any, refuse: Refuse) -> Polygon | MultiPolygon:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        refuse("geometry", f"must be a Polygon or a MultiPolygon, not {_short(kind)}")
    try:
        polygon = shapely.force_2d(shape(geometry))
        bounds = polygon.bounds
        usable = bool(polygon.is_valid) and polygon.area > 0
    # shape() trusts its input: what a malformed list of coordinates raises depends on where it is malformed
    except Exception:
        refuse("geometry", "its coordinates are not rings of at least four [longitude, latitude] pairs")
    if not usable:
        reason = shapely.is_valid_reason(polygon) if not polygon.is_valid else "it has no area"
        refuse("geometry", f"is not a valid polygon: {reason}")
    if max(-bounds[0], bounds[2]) > 180 or max(-bounds[1], bounds[3]) > 90:
        refuse("geometry", "must be in longitude and latitude, degrees (WGS 84), as GeoJSON requires")
    assert isinstance(polygon, Polygon | MultiPolygon)
    return polygon


def _to_kilometres(shapes: Sequence[Polygon | MultiPolygon]) -> tuple[Polygon | MultiPolygon, ...]:
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    middle = np.array([(west + east) / 2, (south + north) / 2])
    scale = _KM_PER_DEGREE * np.array([math.cos(math.radians(float(middle[1]))), 1.0])
    return tuple(shapely.transform(np.array(shapes, dtype=object), lambda places: (places - middle) * scale))


def read_edges(name: str | Path, base: Path | None, residents: int, kinds: Sequence[str]) -> OwnEdges:
    """Read ties between residents 1 to `residents` from GraphML (by its suffix) or from an edge list.

    An edge list has one line per tie, `id id` or `id,id`, with an optional third column, the tie's kind (or the braces
    NetworkX writes), an optional header, and comments after #. GraphML may carry the kind as an edge attribute.

    Raises:
        ConfigError: with the line of the first fault.
    """
    source, text = read_text(name, base, LARGEST_NETWORK)
    edges = _Edges(source, residents, {kind: code for code, kind in enumerate(kinds)})
    if source.lower().endswith((".graphml", ".xml")):
        _Graphml(edges).read(text)
    else:
        _read_edge_list(edges, text)
    if not edges.first:
        raise ConfigError("has no ties", source=source)
    return OwnEdges(
        source,
        np.array(edges.first, dtype=np.int64) - 1,
        np.array(edges.second, dtype=np.int64) - 1,
        np.array(edges.kind, dtype=np.int8),
        edges.people,
    )


class _Edges:
    """Ties read so far, and the checks every format shares."""

    def __init__(self, source: str, residents: int, codes: Mapping[str, int]) -> None:
        self.source, self.residents, self.codes = source, residents, codes
        self.first: list[int] = []
        self.second: list[int] = []
        self.kind: list[int] = []
        self.people = ""

    def refuse(self, line: int, problem: str) -> NoReturn:
        raise ConfigError(problem, source=self.source, line=line)

    def resident(self, text: str, line: int) -> int:
        number = int(text) if text.isdecimal() and len(text) < 12 else 0  # 0 is nobody's
        if not 1 <= number <= self.residents:
            allowed = f"a resident's number, a whole number from 1 to {self.residents}"
            more = "" if number < 1 else "; at another run.scale there are more or fewer"
            self.refuse(line, f"must be {allowed}, not {_short(text)}{more}")
        return number

    def code(self, text: str, line: int) -> int:
        if text.startswith("{"):  # the attributes as NetworkX writes them
            found = re.search(r"['\"]kind['\"]\s*:\s*['\"](\w+)['\"]", text)
            text = found[1] if found else ""
        if text and text not in self.codes:
            self.refuse(line, f"the kind of a tie must be one of {', '.join(self.codes)}, not {_short(text)}")
        return self.codes[text] if text else -1

    def add(self, first: str, second: str, kind: str, line: int) -> None:
        one, other, code = self.resident(first, line), self.resident(second, line), self.code(kind, line)
        if one == other:
            self.refuse(line, f"resident {one} is tied to himself or herself")
        self.first.append(one)
        self.second.append(other)
        self.kind.append(code)


def _read_edge_list(edges: _Edges, text: str) -> None:
    separator = re.compile(r"\s*[,;\t]\s*|\s+")
    said_of_people = re.compile(PEOPLE + r"\s*:\s*([0-9a-f]+)")
    header_allowed = True
    for line, content in enumerate(text.split("\n"), 1):
        content, _, comment = content.partition("#")
        if found := said_of_people.fullmatch(comment.strip()):
            edges.people = found[1]
        content = content.strip()
        if not content:
            continue
        cells = [cell.strip('"') for cell in separator.split(content, 2)]
        if header_allowed and len(cells) > 1 and all(cell[:1].isalpha() for cell in cells):
            header_allowed = False
            continue
        header_allowed = False
        if len(cells) < 2:
            edges.refuse(line, f"must be two residents' numbers, such as '1 2', not {_short(content)}")
        edges.add(cells[0], cells[1], cells[2] if len(cells) > 2 else "", line)


_DATA_OF_GRAPH = 3  # depth of <data> that stands in <graph> itself, in <graphml>


class _Graphml:
    """Reads GraphML as a stream, with line numbers; a document type, the door to hostile entities, is refused."""

    def __init__(self, edges: _Edges) -> None:
        self.edges = edges
        self.kind_keys: set[str] = set()
        self.people_keys: set[str] = set()
        self.ends: tuple[str, str] | None = None
        self.kind = ""
        self.in_kind = False
        self.in_people = False
        self.depth = 0
        self.parser = expat.ParserCreate("utf-8", " ")  # " ": names come as "namespace name"
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def read(self, text: str) -> None:
        try:
            self.parser.Parse(text.encode(), True)
        except expat.ExpatError as fault:
            self.edges.refuse(fault.lineno, f"is not well-formed XML: {expat.errors.messages[fault.code]}")

    def _doctype(self, *_: object) -> None:
        self.edges.refuse(self.parser.CurrentLineNumber, "must not declare a document type or entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag, line = name.rsplit(" ", 1)[-1], self.parser.CurrentLineNumber
        if self.depth == 0 and tag != "graphml":
            self.edges.refuse(line, f"is not GraphML: its outermost element is <{tag}>")
        self.depth += 1
        if tag == "key" and attributes.get("attr.name") == "kind" and attributes.get("for") in ("edge", "all"):
            self.kind_keys.add(attributes.get("id", ""))
        elif tag == "key" and attributes.get("attr.name") == PEOPLE and attributes.get("for") in ("graph", "all"):
            self.people_keys.add(attributes.get("id", ""))
        elif tag == "node":
            self.edges.resident(attributes.get("id", ""), line)
        elif tag == "edge":
            self.ends = (attributes.get("source", ""), attributes.get("target", ""))
            self.kind = ""
        elif tag == "data":
            self.in_kind = self.ends is not None and attributes.get("key") in self.kind_keys
            self.in_people = self.depth == _DATA_OF_GRAPH and attributes.get("key") in self.people_keys

    def _characters(self, text: str) -> None:
        if self.in_kind:
            self.kind += text
        elif self.in_people:
            self.edges.people += text.strip()

    def _end(self, name: str) -> None:
        tag = name.rsplit(" ", 1)[-1]
        self.depth -= 1
        if tag == "data":
            self.in_kind = self.in_people = False
        elif tag == "edge" and self.ends is not None:
            self.edges.add(*self.ends, self.kind.strip(), self.parser.CurrentLineNumber)
            self.ends = None


def _refuse_line(source: str, line: int, column: str, problem: str) -> NoReturn:
    raise ConfigError(problem, source=source, line=line, key=column or None)


def _refuse_feature(source: str, number: int, column: str, problem: str) -> NoReturn:
    raise ConfigError(problem, source=source, key=f"feature {number}, {column}" if column else f"feature {number}")


def nearest_name(word: str, known: Sequence[str]) -> str:
    """The known name that is nearest to a word, as a question in brackets; empty if none is near."""
    near = difflib.get_close_matches(word, known, 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = text if len(text) <= 40 else f"{text[:40]}…"
    return repr(text) if isinstance(value, str) and not re.fullmatch(r"[-+.\w]+", text) else text
