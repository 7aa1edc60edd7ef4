"""A user's own people: reads a census or a survey, CSV or Parquet.

A file without weights is a census: each row is one resident. With a column `weight` it is a survey: each row stands
for others. What a cell leaves open is drawn later, given what the row does say (`conditional_normal`).
"""

from __future__ import annotations

import csv
import difflib
import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.resident import ATTENDANCES, SEXES, STANDINGS
from sim.cautions import caution
from sim.errors import ConfigError, raise_first
from sim.names import by_look, cleaned, difference, folded, nearest_name
from sim.own_files import comma_hint, number_of, refuse_unless_file
from sim.wording import printable, shown

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers

TRAITS = ("resources", "trust_in_municipality", "trust_in_council", "trust_in_people", "belonging", "hope")
LIVED = (
    *("evidence_of_municipality", "evidence_of_council", "evidence_of_people"),
    *("evidence_of_belonging", "evidence_of_hope"),
)
REQUIRED = ("neighbourhood", "sex", "birth_year")
OPTIONAL = ("household", "education", "standing", "attendance", *TRAITS, *LIVED, "weight")
LARGEST_PEOPLE = 2 * 2**30
MOST_ROWS = 50_000_000
LARGEST_UNPACKED = 8 * 2**30
OLDEST = 120
MOST_LIVED = 20
MOST_NAMED = 20
"""Faulty cells of a column, or rows of a wrong shape, that are named; of more only the number is said."""


_FILLED = (*REQUIRED, "weight")  # these columns have no cell that is not known
_LONGEST_HEADER = 2**20  # characters of a line: a longer one is no header
_LONGEST_PROBLEM = 300
_BATCH = 2**16  # rows of the slow reader
_GREGORIAN_FROM, _GREGORIAN_TO, _GREGORIAN_LEAD = 1500, 2500, 621
_GOOD, _BLANK, _BAD = 0, 1, 2


@dataclass(frozen=True, eq=False)
class OwnPeople:
    """What a user's file says about its n rows.

    Attributes:
        source: path of the file, for messages.
        neighbourhood: int64 (n,), number of the neighbourhood, from 0.
        sex: int8 (n,), index into `SEXES`.
        birth_year: int16 (n,), Solar Hijri.
        household: int64 (n,), numbered from 0 as they occur, -1 where blank; None without the column.
        standing: int8 (n,), index into `STANDINGS`, -1 where not known; None without the column.
        attendance: int8 (n,), index into `ATTENDANCES`, -1 where not known; None without the column.
        education: float64 (n,), years of schooling, NaN where not known; None without the column.
        traits: float64 (n,) in [0, 1] by name (`TRAITS`), NaN where not known; only the columns that are there.
        lived: float64 (n,) in log odds by name (`LIVED`): what trust, belonging and hope are above one's disposition,
            for what was lived; NaN where not known; only the columns that are there.
        weight: float64 (n,), above 0; None: each row is one resident.
    """

    source: str
    neighbourhood: Integers
    sex: NDArray[np.int8]
    birth_year: NDArray[np.int16]
    household: Integers | None = None
    standing: NDArray[np.int8] | None = None
    attendance: NDArray[np.int8] | None = None
    education: Floats | None = None
    traits: Mapping[str, Floats] = field(default_factory=dict)
    lived: Mapping[str, Floats] = field(default_factory=dict)
    weight: Floats | None = None


def read_people(
    name: str | Path, base: Path | None, names: Sequence[str], start_year: int, names_fa: Sequence[str] = ()
) -> OwnPeople:
    """Read a file of residents: CSV, or Parquet by its suffix (.parquet, .pq).

    Args:
        name: the file, relative to `base`.
        base: folder of the config file, or None for the working directory.
        names: English names of the neighbourhoods, (M,).
        start_year: Solar Hijri; nobody is born after it, or more than 120 years before.
        names_fa: Persian names, (M,), which the file may use as well.

    Raises:
        ConfigError: the first fault, with its line (CSV) or row (Parquet) and its column; it knows the others.
    """
    own, faults = _examine(name, base, _Rules(names, names_fa, start_year))
    raise_first(faults)
    assert own is not None  # without a fault there are people
    return own


def faults_of_people(
    name: str | Path, base: Path | None, names: Sequence[str], start_year: int, names_fa: Sequence[str] = ()
) -> list[ConfigError]:
    """List all faulty cells by line, of each column the first `MOST_NAMED`; arguments as `read_people`.

    The last one named says how many more there are. Where the file or its header cannot be used, only that is said.
    """
    try:
        return _examine(name, base, _Rules(names, names_fa, start_year))[1]
    except ConfigError as fault:
        return [fault]


# --- files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Cells:
    """A column of n cells: `values` (an Arrow array) are distinct, `codes` int32 (n,) point at them, -1 for null."""

    codes: NDArray[np.int32]
    values: Any


type _Place = Callable[[int, str], tuple[int | None, str]]
"""Line (None in Parquet) and key of a fault, from its row, from 0, and its column."""


def _examine(name: str | Path, base: Path | None, rules: _Rules) -> tuple[OwnPeople | None, list[ConfigError]]:
    """Read and check; faults of the whole file are raised, those of columns and rows are listed."""
    path = Path(name) if base is None else base / name
    source = str(path)
    try:
        refuse_unless_file(path, source, LARGEST_PEOPLE)
        if not path.stat().st_size:
            raise ConfigError("is empty", source=source)
        examine = _examine_parquet if path.suffix.lower() in (".parquet", ".pq") else _examine_csv
        return examine(source, path, rules)
    except ConfigError:
        raise
    except FileNotFoundError:
        raise ConfigError("no such file", source=source) from None
    except (OSError, ValueError) as fault:
        problem = f"cannot be read: {getattr(fault, 'strerror', None) or fault}"
        raise ConfigError(_cut(printable(problem, _LONGEST_PROBLEM)), source=source) from None


def _examine_csv(source: str, path: Path, rules: _Rules) -> tuple[OwnPeople | None, list[ConfigError]]:
    line, header, body = _csv_header(source, path)
    width = len(header)
    while len(header) > 1 and not header[-1]:  # empty columns, as spreadsheets leave them
        header.pop()
    faults = _header_faults(source, line, header)
    if faults:
        return None, faults
    cells = _fast_cells(path, body, header) if len(header) == width else None
    if cells is not None:
        own, faults = _checked(source, cells, rules, lambda row, column: (row, column))
        del cells
        if own is not None:
            return own, []
        lines = _lines_of(path, {fault.line for fault in faults}, len(header))
        if lines is not None:
            return None, [
                ConfigError(fault.problem, source=source, line=lines[fault.line or 0], key=fault.key)
                for fault in faults
            ]
    # Its form is faulty, or only unusual: the slow reader is the judge.
    cells, line_of_row, faults = _slow_cells(source, path, header)
    own, of_cells = _checked(source, cells, rules, lambda row, column: (line_of_row[row], column))
    faults = sorted([*faults, *of_cells], key=lambda fault: fault.line or 0)
    if not faults and not line_of_row:
        raise ConfigError("has no residents below its header", source=source)
    return (None if faults else own), faults


def _csv_header(source: str, path: Path) -> tuple[int, list[str], int]:
    """Line of the header, its cells, and the byte at which the rows begin."""
    body, first_line = 0, 1
    with path.open("rb") as file:
        body = 3 if file.read(3) == b"\xef\xbb\xbf" else 0
    with path.open(encoding="utf-8-sig", newline="") as text:

        def lines() -> Iterator[str]:
            nonlocal body
            while line := text.readline(_LONGEST_HEADER):
                body += len(line.encode())
                if "\0" in line:
                    raise ConfigError("is a binary file, not text", source=source, line=reader.line_num + 1)
                yield line

        reader = csv.reader(lines(), strict=True)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    return first_line, [cell.strip() for cell in cells], body
                first_line = reader.line_num + 1
        except csv.Error as fault:
            raise ConfigError(f"is not valid CSV: {fault}", source=source, line=first_line) from None
        except UnicodeDecodeError:
            raise _not_text(source, path) from None
    raise ConfigError("is empty", source=source)


def _not_text(source: str, path: Path) -> ConfigError:
    number = 0
    with path.open("rb") as file:
        for line in file:
            number += 1
            try:
                line.decode()
            except UnicodeDecodeError:
                break
    return ConfigError("is not UTF-8 text: save it as UTF-8", source=source, line=number)


def _header_faults(source: str, line: int | None, header: Sequence[str]) -> list[ConfigError]:
    other = next((mark for mark in (";", "\t", "|") if len(header) == 1 and mark in header[0]), None)
    if other is not None:
        return [ConfigError(f"columns must be separated by commas, not by {other!r}", source=source, line=line)]
    known = [*REQUIRED, *OPTIONAL]
    faults = []
    for column in dict.fromkeys(header):
        if column not in known:
            problem = f"unknown column{nearest_name(column[:200], known)}; known: {', '.join(known)}"
            if column.startswith("__index_level_"):
                problem = "unknown column: an index that pandas wrote; save with index=False"
            key = printable(column) or "(no name)"
            faults.append(ConfigError(_cut(problem), source=source, line=line, key=key))
        elif header.count(column) > 1:
            faults.append(ConfigError("the column occurs twice", source=source, line=line, key=column))
    meant = {near for column in header for near in difflib.get_close_matches(column[:200], known, 1)}
    missing = [column for column in REQUIRED if column not in meant]  # one that is only misspelt was named above
    return faults + [ConfigError("the column is missing", source=source, line=line, key=column) for column in missing]


def _fast_cells(path: Path, body: int, header: Sequence[str]) -> dict[str, _Cells] | None:
    """Cells of the rows from byte `body` on, or None where Arrow cannot read them as they are."""
    import pyarrow as pa
    from pyarrow import compute
    from pyarrow import csv as arrow_csv

    text = pa.dictionary(pa.int32(), pa.string())
    convert = arrow_csv.ConvertOptions(column_types=dict.fromkeys(header, text), strings_can_be_null=False)
    cells = {}
    try:
        with path.open("rb") as file:
            file.seek(body)
            table = arrow_csv.read_csv(
                file,
                read_options=arrow_csv.ReadOptions(column_names=list(header)),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                convert_options=convert,
            )
        rows = table.num_rows
        for column in header:
            cells[column] = _encoded(table[column])
            table = table.drop_columns([column])  # so that its memory is free
            # A quote that is never closed swallows the rows below it, without a word from Arrow.
            if compute.any(compute.match_substring_regex(cells[column].values, "[\\n\\r\\x00]")).as_py():
                return None
    except pa.ArrowException:
        return None
    return cells if rows else None


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row below the header, blank lines left out.

    Raises:
        _FormError: not valid CSV from some line on.
        UnicodeDecodeError: not UTF-8.
    """
    line, header_read = 1, False
    with path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        try:
            for row in reader:
                if header_read and row:
                    yield line, row
                header_read = header_read or any(map(str.strip, row))
                line = reader.line_num + 1
        except csv.Error as fault:
            raise _FormError(line, f"is not valid CSV: {fault}") from None


class _FormError(Exception):
    def __init__(self, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__(line, problem)


def _lines_of(path: Path, rows: Set[int | None], width: int) -> dict[int, int] | None:
    """The lines of some rows, or None where the slow reader would not see the rows that Arrow saw."""
    lines = {}
    try:
        for number, (line, row) in enumerate(_records(path)):
            if len(row) != width or not any(map(str.strip, row)):
                return None
            if number in rows:
                lines[number] = line
    except (_FormError, UnicodeDecodeError):
        return None
    return lines if len(lines) == len(rows) else None


def _slow_cells(
    source: str, path: Path, header: Sequence[str]
) -> tuple[dict[str, _Cells], array[int], list[ConfigError]]:
    """Cells, the line of each row, and the faults of the file's form.

    Rows without any text are skipped, as are those with a wrong number of cells.
    """
    import pyarrow as pa

    width, lines, ragged, faults = len(header), array("q"), 0, []
    batch: list[list[str]] = []
    chunks: list[list[Any]] = [[] for _ in header]

    def encode() -> None:
        for found, cells in zip(chunks, zip(*batch, strict=True), strict=False):
            found.append(pa.array(cells, pa.string()).dictionary_encode())
        batch.clear()

    try:
        for line, row in _records(path):
            if not any(map(str.strip, row)):
                continue
            while len(row) > width and not row[-1].strip():
                row.pop()
            if len(row) != width:
                ragged += 1
                if ragged <= MOST_NAMED:
                    problem = f"has {len(row)} cells where the header has {width} (quote a cell that holds a comma)"
                    faults.append(ConfigError(problem, source=source, line=line))
                continue
            lines.append(line)
            batch.append(row)
            if len(batch) == _BATCH:
                encode()
    except _FormError as fault:
        faults.append(ConfigError(fault.problem, source=source, line=fault.line))
    except UnicodeDecodeError:
        raise _not_text(source, path) from None
    encode()
    if ragged > MOST_NAMED:
        last = faults[MOST_NAMED - 1]
        faults[MOST_NAMED - 1] = ConfigError(last.problem + _and_more(ragged), source=source, line=last.line)
    kind = pa.dictionary(pa.int32(), pa.string())
    found = {column: _encoded(pa.chunked_array(cells, kind)) for column, cells in zip(header, chunks, strict=True)}
    return found, lines, faults


def _examine_parquet(source: str, path: Path, rules: _Rules) -> tuple[OwnPeople | None, list[ConfigError]]:
    import pyarrow as pa
    from pyarrow import parquet

    cells: dict[str, _Cells] = {}
    # What a damaged file raises depends on where it is damaged.
    try:
        metadata = parquet.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
    except Exception:
        raise ConfigError("is not a Parquet file: save it as Parquet, or as CSV under .csv", source=source) from None
    if metadata.num_rows > MOST_ROWS:
        raise ConfigError(f"has {metadata.num_rows:,} rows; at most {MOST_ROWS:,} are read", source=source)
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if unpacked > LARGEST_UNPACKED:
        problem = f"takes {unpacked / 2**30:,.1f} GB unpacked; at most {LARGEST_UNPACKED // 2**30} GB are read"
        raise ConfigError(problem, source=source)
    faults = _header_faults(source, None, schema.names)
    faults = faults or [fault for entry in schema if (fault := _type_fault(source, entry.name, entry.type)) is not None]
    if faults:
        return None, faults
    if not metadata.num_rows:
        raise ConfigError("has no residents", source=source)
    texts = [entry.name for entry in schema if entry.type in (pa.string(), pa.large_string())]
    try:
        with parquet.ParquetFile(path, metadata=metadata, read_dictionary=texts) as reader:
            for column in schema.names:
                whole = reader.read(columns=[column])[column]
                whole.validate(full=True)  # Arrow trusts the encoding of texts, and codes to point at a value
                cells[column] = _encoded(whole)
    except Exception as fault:
        reason = printable(str(fault), 120)
        raise ConfigError(f"is a damaged Parquet file: {reason}", source=source) from None
    return _checked(source, cells, rules, lambda row, column: (None, f"row {row + 1}, {column}"))


def _type_fault(source: str, column: str, kind: Any) -> ConfigError | None:
    """Refuse a Parquet column whose type cannot hold what the column is for."""
    from pyarrow import types

    held = kind.value_type if types.is_dictionary(kind) else kind
    text = types.is_string(held) or types.is_large_string(held) or types.is_string_view(held)
    number = types.is_integer(held) or types.is_floating(held) or types.is_decimal(held)
    labels = column in ("neighbourhood", "sex", "standing", "attendance")
    if text or types.is_null(held) or (number and not labels):
        return None
    allowed = "text" if labels else "text or whole numbers" if column == "household" else "numbers"
    return ConfigError(f"must hold {allowed}, not {printable(str(kind), 40)}", source=source, key=column)


def _encoded(column: Any) -> _Cells:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return _Cells(np.full(len(column), -1, np.int32), pa.array([], pa.string()))
    if pa.types.is_string_view(kind):
        column = column.cast(pa.string())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    values, codes = whole.dictionary, whole.indices.cast(pa.int64()).fill_null(-1).to_numpy().astype(np.int32)
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    return _Cells(codes, values)


# --- columns ----------------------------------------------------------------------------------------------------------


class _Rules:
    """What the cells of each column may be."""

    def __init__(self, names: Sequence[str], names_fa: Sequence[str], start_year: int) -> None:
        self.names, self.names_fa, self.start_year = names, names_fa, start_year
        self.exact = {cleaned(label) for label in (*names, *names_fa)}
        self.labels: dict[str, Mapping[str, int]] = {
            "neighbourhood": by_look(names_fa) | by_look(names),
            "sex": _codes(SEXES),
            "standing": _codes(STANDINGS),
            "attendance": _codes(ATTENDANCES),
        }
        years = f"a whole number from {start_year - OLDEST} to {start_year}"
        self.numbers: dict[str, tuple[str, float, float]] = {
            "birth_year": (years, start_year - OLDEST, start_year),
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
        return text if column in _FILLED else f"{text}, or empty where not known"

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
            year = number_of(value)
            if max(_GREGORIAN_FROM, self.start_year) < year < _GREGORIAN_TO and year.is_integer():
                solar = int(year) - _GREGORIAN_LEAD
                return f"{problem}: looks like a Gregorian year; years are Solar Hijri: {int(year)} is {solar}"
        return problem + comma_hint(value)


def _checked(
    source: str, cells: Mapping[str, _Cells], rules: _Rules, place: _Place
) -> tuple[OwnPeople | None, list[ConfigError]]:
    """Turn cells into people, or list the faulty cells in the order of rows."""
    found: dict[str, NDArray[Any]] = {}
    faults: list[tuple[int, ConfigError]] = []

    def refuse(column: str, rows: Integers, problem_of: Callable[[int], str]) -> None:
        named = rows[:MOST_NAMED].tolist()
        for row in named:
            line, key = place(row, column)
            problem = _cut(problem_of(row)) + (_and_more(rows.size) if row == named[-1] else "")
            faults.append((row, ConfigError(problem, source=source, line=line, key=key)))

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
        allowed = _BLANK if column not in _FILLED else _GOOD
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
            found["birth_year"].astype(np.int16),
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


def _problem_of_cell(cells: _Cells, rules: _Rules, column: str, row: int) -> str:
    code = int(cells.codes[row])
    return rules.problem(column, cells.values[code].as_py() if code >= 0 else None)


def _label_codes(values: Any, labels: Mapping[str, int]) -> tuple[Integers, NDArray[np.uint8]]:
    """Code and state of each distinct value, (K + 1,); the last entry is that of null, which codes reach as -1."""
    looks = [None if value is None else folded(value) for value in values.to_pylist()]
    codes = [labels.get(look, -1) if look else -1 for look in looks]
    states = [_BLANK if not look else _GOOD if look in labels else _BAD for look in looks]
    return np.array([*codes, -1], np.int64), np.array([*states, _BLANK], np.uint8)


def _caution_of_spellings(source: str, values: Any, rules: _Rules) -> None:
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


def numbered(households: Integers) -> Integers:
    """The same households numbered from 0 as they first occur; -1 stays."""
    rows = np.flatnonzero(households >= 0)
    first = np.full(int(households.max(initial=-1)) + 1, households.size, np.int64)
    first[households[rows][::-1]] = rows[::-1]
    rank = np.empty_like(first)
    rank[np.argsort(first, kind="stable")] = np.arange(first.size)
    return np.where(households >= 0, rank[households] if first.size else -1, -1)


def _refuse_split_households(
    found: Mapping[str, NDArray[Any]],
    cells: _Cells,
    rules: _Rules,
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


def _cut(problem: str) -> str:
    return problem if len(problem) <= _LONGEST_PROBLEM else f"{problem[: _LONGEST_PROBLEM - 1]}…"


def _and_more(rows: int) -> str:
    more = rows - MOST_NAMED
    return "" if more <= 0 else " (and 1 more row)" if more == 1 else f" (and {more:,} more rows)"
