"""Elections in the format of Pabulib (`.pb`): the sections META, PROJECTS and VOTES, read and written.

Columns that nothing here reads are kept as they are. Every fault becomes a `ConfigError` with the file, the line, the
column, and what is allowed. Format: Faliszewski et al. 2023, "Participatory budgeting: data, tools and analysis".

The type of votes `totals` is an addition of ours, for elections of which only the votes of each project are known:
the column `votes` of PROJECTS says them, and there are no ballots. `num_votes` is then the number of voters.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from sim.errors import ConfigError, raise_first
from sim.own_files import Faults, read_text
from sim.reading import nearest

LARGEST_ELECTION = 512 * 2**20
LARGEST_POINTS = 256 * 2**20
"""Bytes of all points: voters times projects, 1 byte each for approvals and 8 for other ballots."""

MOST_LINES = 1_000
"""Lines a quoted field may go over."""

THRESHOLD = "min_project_score_threshold"
TOTALS = "totals"
VOTE_TYPES = ("approval", "ordinal", "cumulative", "scoring", "choose-1", TOTALS)
SECTIONS = ("META", "PROJECTS", "VOTES")
Points = NDArray[np.int64] | NDArray[np.bool_]
Row = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Election:
    """One election.

    Attributes:
        source: the file, for messages.
        meta: every key of META, as written.
        projects: the columns of PROJECTS by name, as written ("None" too), one mapping a project.
        votes: the same of VOTES, one mapping a ballot.
        ids: project ids, (P,).
        costs: float64 (P,), in the file's own unit of money; also `budget`.
        points: (V, P). bool for approval and choose-1. Else whole numbers: points times `points_scale`, or for ordinal
            ballots Borda points: as many for the first place as the ballot names projects, one less for the next. A
            project named twice counts once, in ballots with points with both amounts. V is 0 if only totals are known.
        points_scale: 1, or the power of ten that makes all points whole.
        totals: whole numbers (P,): votes of each project, or the sum of its points.
    """

    source: str
    meta: Row
    projects: tuple[Row, ...]
    votes: tuple[Row, ...]
    ids: tuple[str, ...]
    costs: NDArray[np.float64]
    budget: float
    points: Points
    points_scale: int
    totals: NDArray[np.int64]

    @property
    def has_ballots(self) -> bool:
        """Whether it is known who voted for what, not only how many voted for each project."""
        return self.vote_type != TOTALS

    @property
    def vote_type(self) -> str:
        """One of `VOTE_TYPES`."""
        return self.meta["vote_type"]

    def column(self, *names: str) -> tuple[str, ...]:
        """The first of these columns of PROJECTS that is there, "" where it says nothing; (P,)."""
        return tuple(next((value for name in names if (value := _said(row, name))), "") for row in self.projects)

    def listed(self, *names: str) -> tuple[tuple[str, ...], ...]:
        """A column of PROJECTS that holds lists, such as category: the parts between commas, (P,)."""
        return tuple(tuple(part for word in cell.split(",") if (part := word.strip())) for cell in self.column(*names))

    def official(self) -> NDArray[np.int64] | None:
        """Column `selected`, (P,): 1 won, 0 lost, 2 and 3 special cases; None if there is none or it has gaps."""
        cells = self.column("selected")
        return np.array([int(cell) for cell in cells]) if all(cell in ("0", "1", "2", "3") for cell in cells) else None

    def number(self, key: str) -> float | None:
        """A number of META, or None where it says nothing."""
        text = _said(self.meta, key)
        return None if text == "" else float(_decimal(text, _Place(self.source, None, key), "a number"))


class _Place(NamedTuple):
    """Where something stands; what is wrong there is refused with it."""

    source: str
    line: int | None
    key: str | None

    def refuse(self, problem: str) -> NoReturn:
        raise ConfigError(problem, source=self.source, line=self.line, key=self.key)


@dataclass
class _Section:
    """The header and the rows of a section, each with its line."""

    line: int
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def read_election(name: str | Path, base: Path | None = None) -> Election:
    """Read a `.pb` file; `name` is relative to `base`.

    Raises:
        ConfigError: no such file, not UTF-8, or not a usable election: the first fault, with its line.
    """
    source, text = read_text(name, base, LARGEST_ELECTION)
    return parse_election(text, source)


def parse_election(text: str, source: str = "election") -> Election:
    """Read an election from text.

    Raises:
        ConfigError: the first fault, with its line.
    """
    faults = Faults()
    sections = _sections(text, source, faults)
    misshapen = frozenset(fault.line for fault in faults)
    meta, lines = _meta(sections["META"], source, faults)
    projects, votes = sections["PROJECTS"], sections["VOTES"]
    budget = faults.of(_money, meta["budget"], _Place(source, lines["budget"], "budget")) if "budget" in meta else None
    if _said(meta, THRESHOLD):
        faults.of(_score, meta[THRESHOLD], _Place(source, lines[THRESHOLD], THRESHOLD))
    ids, costs = _costs(projects, source, faults, misshapen)
    counted = [("num_projects", "projects", projects.rows)]
    if meta.get("vote_type") != TOTALS:
        counted.append(("num_votes", "votes", votes.rows))
    for key, what, rows in counted:
        said = meta.get(key, "")
        if said and said != str(len(rows)):
            problem = f"says {said} {what}, but there are {len(rows)}: is the file complete?"
            faults.of(_Place(source, lines[key], key).refuse, problem)
    if meta.get("vote_type") == TOTALS:
        totals = _totals(projects, votes, source, faults)
        points, scale = _no_ballots(len(ids)), 1
    else:
        points, scale = _points(meta, lines, votes, ids, source, faults, misshapen)
        totals = points.sum(axis=0, dtype=np.int64)
    assert budget is not None  # without a fault there is one
    project_rows, vote_rows = (tuple(row for _, row in section.rows) for section in (projects, votes))
    return Election(source, meta, project_rows, vote_rows, ids, costs, budget, points, scale, totals)


def as_text(election: Election) -> str:
    """Write an election in the format it is read from: all keys, columns and cells, quoted where they must be."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    for section, rows in zip(SECTIONS, (None, election.projects, election.votes), strict=True):
        writer.writerow([section])
        if rows is None:
            writer.writerows([("key", "value"), *election.meta.items()])
        else:
            columns = list(rows[0]) if rows else ["voter_id", "vote"]
            writer.writerows([columns, *([row[column] for column in columns] for row in rows)])
    return out.getvalue()


# --- Sections and rows ------------------------------------------------------------------------------------------------


def _lines(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line it begins on, its cells stripped.

    Where a quoted field goes on after its closing mark, as in `"A" and b`, the marks are dropped, as pabutools does.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at < len(lines):
        first, cells = at, lines[at].split(";")
        if '"' in lines[at]:
            cells, at = _quoted(lines, at, source)
        at += 1
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield first + 1, cells


def _quoted(lines: list[str], first: int, source: str) -> tuple[list[str], int]:
    """The cells of a row with quotation marks, and the number of its last line."""
    row, last = lines[first], first
    while True:
        try:
            return next(csv.reader([row], delimiter=";", strict=True)), last
        except csv.Error as fault:
            place = _Place(source, first + 1, None)
            if "field larger" in str(fault):
                place.refuse("a field is longer than 131,072 characters")
            if "unexpected end" not in str(fault):
                return next(csv.reader([row], delimiter=";")), last
            last += 1
            if last >= len(lines) or last - first > MOST_LINES:
                place.refuse("a quotation mark is opened and not closed; a mark inside a field is written twice")
            row += "\n" + lines[last]


def _sections(text: str, source: str, faults: Faults) -> dict[str, _Section]:
    """The sections by title; rows of a wrong shape are among them, cut to the columns there are."""
    found: dict[str, _Section] = {}
    current: _Section | None = None
    for line, cells in _lines(text, source):
        title = cells[0].upper() if not any(cells[1:]) else ""
        if title in SECTIONS:
            if title in found:
                _Place(source, line, title).refuse(f"the section occurs twice; it began on line {found[title].line}")
            current = found[title] = _Section(line)
        elif current is None:
            shown = f"{cells[0][:40]!r}"
            _Place(source, line, None).refuse(f"must begin with the line META, not {shown}")
        elif current.columns:
            current.rows.append((line, _row(cells, current.columns, _Place(source, line, None), faults)))
        elif current is found.get("META") and cells[0].lower() != "key":  # many files leave key;value away
            current.columns = ["key", "value"]
            current.rows.append((line, _row(cells, current.columns, _Place(source, line, None), faults)))
        else:
            current.columns = _header(cells, _Place(source, line, None))
    if "META" in found and any(_says_totals(row) for _, row in found["META"].rows):
        found.setdefault("VOTES", _Section(1, ["vote"]))
    for title in SECTIONS:
        if title not in found:
            raise ConfigError(f"has no section {title}; there must be {', '.join(SECTIONS)}", source=source)
        if not found[title].columns:
            _Place(source, found[title].line, title).refuse("has no line with the names of its columns")
    return found


def _says_totals(row: Row) -> bool:
    return row.get("key", "").lower() == "vote_type" and row.get("value", "").lower() == TOTALS


def _header(cells: list[str], place: _Place) -> list[str]:
    while cells[-1] == "":
        cells = cells[:-1]
    columns = [cell.lower() for cell in cells]
    for column in columns:
        if not column:
            place.refuse("a column has no name")
        if columns.count(column) > 1:
            place._replace(key=column).refuse("the column occurs twice")
    return columns


def _row(cells: list[str], columns: list[str], place: _Place, faults: Faults) -> dict[str, str]:
    if any(cells[len(columns) :]):
        problem = f"has {len(cells)} fields where the header names {len(columns)}; put fields with ; in quotes"
        faults.of(place.refuse, problem)
    return dict(zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=False))


def _said(row: Row, name: str) -> str:
    value = row.get(name, "")
    return "" if value.lower() == "none" else value


def _need(section: _Section, title: str, source: str, *columns: str) -> None:
    for column in columns:
        if column not in section.columns:
            near = nearest(column, section.columns) or f"; there are {', '.join(section.columns[:12])}"
            _Place(source, section.line, column).refuse(f"the column is missing from {title}{near}")


# --- META and PROJECTS ------------------------------------------------------------------------------------------------


def _meta(section: _Section, source: str, faults: Faults) -> tuple[dict[str, str], dict[str, int]]:
    """Values of META by key, and their lines; `budget` and `vote_type` are left out where they are at fault."""
    if section.columns != ["key", "value"]:
        _Place(source, section.line + 1, "META").refuse("its columns must be key;value")
    meta: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, row in section.rows:
        key = row["key"].lower()
        if not key:
            faults.of(_Place(source, line, "META").refuse, "a value has no key")
        elif key in meta:
            problem = f"the key occurs twice; it stands on line {lines[key]} too"
            faults.of(_Place(source, line, key).refuse, problem)
        else:
            meta[key], lines[key] = row["value"], line
    for key in ("budget", "vote_type"):
        if not _said(meta, key):
            near = nearest(key, meta) if key not in meta else ""
            faults.of(_Place(source, lines.get(key, section.line), key).refuse, f"is missing from META{near}")
            meta.pop(key, None)
    if "vote_type" in meta:
        meta["vote_type"] = meta["vote_type"].lower()
        if meta["vote_type"] not in VOTE_TYPES:
            written = meta.pop("vote_type")
            problem = f"must be one of {', '.join(VOTE_TYPES)}, not {written[:40]!r}{nearest(written, VOTE_TYPES)}"
            faults.of(_Place(source, lines["vote_type"], "vote_type").refuse, problem)
    return meta, lines


def _costs(
    section: _Section, source: str, faults: Faults, misshapen: Set[int | None]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Ids and costs of the projects; of one at fault the cost is 0. Rows on lines of a wrong shape give an id only."""
    _need(section, "PROJECTS", source, "project_id", "cost")
    if not section.rows:
        _Place(source, section.line, "PROJECTS").refuse("has no projects")
    lines: dict[str, int] = {}
    costs = []
    for line, row in section.rows:
        name, place = row["project_id"], _Place(source, line, "project_id")
        if not name or "," in name:
            faults.of(place.refuse, f"must be a text without commas, not {name[:40]!r}")
        elif name in lines:
            faults.of(place.refuse, f"{name[:40]!r} occurs twice; it stands on line {lines[name]} too")
        lines.setdefault(name, line)
        whole = line not in misshapen
        costs.append((faults.of(_money, row["cost"], _Place(source, line, "cost")) if whole else None) or 0.0)
    return tuple(lines), np.array(costs)


_LATIN = {ord(digit): str(value) for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(digits)}
"""Persian and Arabic digits."""


def _decimal(text: str, place: _Place, allowed: str) -> Decimal:
    """A number written plainly, with a point or one comma before the decimals, that a float holds exactly."""
    written = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        number = Decimal(written) if written.isascii() and "_" not in written else None
    except InvalidOperation:
        number = None
    if number is None and not text.isascii() and text.translate(_LATIN) != text:
        place.refuse(f"must be written in digits 0 to 9, not {text[:40]!r}")
    if number is None or not number.is_finite():
        place.refuse(f"must be {allowed}, not {text[:40]!r}")
    if number.adjusted() > 15 or abs(number) > 10**15 or Decimal(repr(float(number))) != number:
        place.refuse(f"must be {allowed} of at most 15 digits, not {text[:40]!r}")
    return number


def _money(text: str, place: _Place) -> float:
    number = _decimal(text, place, "an amount of money, such as 1250 or 1250.50")
    if re.fullmatch(r"\+?[0-9]+,[0-9]{3}", text):
        place.refuse(f"could be thousands or decimals: write {text.replace(',', '')} or {text.replace(',', '.')}")
    if number < 0:
        place.refuse(f"must be 0 or more, not {text[:40]!r}")
    return float(number)


def _score(text: str, place: _Place) -> Decimal:
    """A score of a project, or what a ballot gives it: votes or points, which may have decimals."""
    if re.fullmatch(r"[+-]?[1-9][0-9]{0,2}([.,][0-9]{3})+", text):
        digits = re.sub(r"[+.,]", "", text)[:40]
        last = re.fullmatch(r"\+?(-?[0-9]+)[.,]([0-9]{3})", text)
        decimals = f" or {Decimal(f'{last[1]}.{last[2]}').normalize():f}" if last else ""
        place.refuse(f"could be thousands or decimals: write {digits}{decimals}")
    return _decimal(text, place, "a number of votes or points such as 1000 or 2.5")


# --- VOTES ------------------------------------------------------------------------------------------------------------


def _totals(projects: _Section, votes: _Section, source: str, faults: Faults) -> NDArray[np.int64]:
    """Votes of each project, (P,), where there are no ballots.

    Raises:
        ConfigError: the first of all faults of the file.
    """
    if votes.rows:
        place = _Place(source, votes.rows[0][0], "VOTES")
        faults.of(place.refuse, f"must have no rows where vote_type is {TOTALS}")
    _need(projects, "PROJECTS", source, "votes")
    found = [faults.of(_whole, row["votes"], _Place(source, line, "votes")) for line, row in projects.rows]
    raise_first(faults)
    return np.array(found, dtype=np.int64)


def _no_ballots(projects: int) -> Points:
    return np.zeros((0, projects), dtype=np.bool_)


def _whole(text: str, place: _Place) -> int:
    if re.fullmatch(r"\+?[0-9]{1,3}([.,][0-9]{3})+", text):
        digits = re.sub(r"[+.,]", "", text)[:40]
        place.refuse(f"could be thousands or decimals: write votes without marks, such as {digits}")
    number = _decimal(text, place, "a whole number of votes, such as 250")
    if number < 0 or number != int(number):
        place.refuse(f"must be a whole number of votes of at least 0, not {text[:40]!r}")
    return int(number)


def _points(
    meta: Row,
    lines: Mapping[str, int],
    section: _Section,
    ids: Sequence[str],
    source: str,
    faults: Faults,
    misshapen: Set[int | None],
) -> tuple[Points, int]:
    """Points (V, P) of all ballots and the power of ten they were multiplied by; rows of a wrong shape are not read.

    Raises:
        ConfigError: the first of all faults of the file.
    """
    kind = meta.get("vote_type", "approval")  # where it is at fault, projects named are looked at all the same
    weighted = kind in ("cumulative", "scoring")
    _need(section, "VOTES", source, "vote", *(["points"] if weighted else []))
    needed = len(section.rows) * len(ids) * (1 if kind in ("approval", "choose-1") else 8)
    if needed > LARGEST_POINTS:
        size = f"{len(section.rows):,} ballots times {len(ids):,} projects take {needed / 2**20:,.0f} MB"
        _Place(source, section.line, "VOTES").refuse(f"{size}; at most {LARGEST_POINTS // 2**20} MB are read")
    number = {name: index for index, name in enumerate(ids)}
    places = [_Place(source, line, "vote") for line, _ in section.rows]
    ballots = [
        faults.of(_ballot, row["vote"], number, place, kind == "choose-1") if line not in misshapen else None
        for (line, row), place in zip(section.rows, places, strict=True)
    ]
    given = [
        faults.of(_given, row["points"], len(marked), kind == "cumulative", place._replace(key="points"))
        for (_, row), marked, place in zip(section.rows, ballots, places, strict=True)
        if weighted and marked is not None
    ]
    default = Decimal(0)
    if kind == "scoring" and _said(meta, "default_score"):
        place = _Place(source, lines["default_score"], "default_score")
        default = faults.of(_score, meta["default_score"], place) or default
    raise_first(faults)
    if weighted:
        summing = _Place(source, section.line, "points")
        return _whole_points([own or [] for own in ballots], [own or [] for own in given], default, len(ids), summing)
    points: Points = np.zeros((len(ballots), len(ids)), dtype=np.int64 if kind == "ordinal" else np.bool_)
    for voter, marked in enumerate(ballots):
        own = list(dict.fromkeys(marked or []))  # named twice, a project keeps its first place
        points[voter, own] = np.arange(len(own), 0, -1) if kind == "ordinal" else True
    return points, 1


def _ballot(text: str, number: Mapping[str, int], place: _Place, one: bool) -> list[int]:
    """Numbers of the projects a ballot names, in its order; at most `one` of them, or any."""
    if text.lower() == "none":
        return []
    marked = []
    for name in text.split(","):
        if not (name := name.strip()):
            continue
        if name not in number:
            place.refuse(f"{name[:40]!r} is not a project_id of PROJECTS{nearest(name, number)}")
        marked.append(number[name])
    if one and len(set(marked)) > 1:
        place.refuse(f"must name one project where vote_type is choose-1, not {len(marked)}")
    return marked


def _given(text: str, marks: int, positive: bool, place: _Place) -> list[Decimal]:
    """The points of one ballot, as many as it names projects."""
    words = [word for word in (part.strip() for part in text.split(",")) if word and word.lower() != "none"]
    if len(words) != marks:
        place.refuse(f"has {len(words)} numbers for {marks} projects in vote; there must be one for each, in its order")
    points = [_decimal(word, place, "numbers such as 3 or 2.5") for word in words]
    if positive and any(point < 0 for point in points):
        place.refuse(f"must be 0 or more where vote_type is cumulative, not {text[:40]!r}")
    return points


def _whole_points(
    ballots: Sequence[list[int]], given: Sequence[list[Decimal]], default: Decimal, projects: int, place: _Place
) -> tuple[Points, int]:
    every = {default, *(point for points in given for point in points)}
    places = max(0, *(-int(point.normalize().as_tuple().exponent) for point in every))
    scale = 10**places
    # A ballot may name a project several times: no project gets more from it than all that it gives.
    most = max([abs(default), *(sum(map(abs, points)) for points in given)])
    if most * scale * max(1, len(ballots)) >= 2**53:
        place.refuse("points are too large, or have too many decimals, to be added up exactly")
    points = np.full((len(ballots), projects), int(default * scale), dtype=np.int64)
    for voter, (marked, amounts) in enumerate(zip(ballots, given, strict=True)):
        points[voter, marked] = 0  # what is named has no default
        np.add.at(points[voter], marked, [int(amount * scale) for amount in amounts])
    return points, scale
