"""Files of residents, CSV or Parquet: their form, their header, and their cells."""

from __future__ import annotations

import csv
import difflib
from array import array
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import ConfigError
from sim.names import nearest_name
from sim.own_files import refuse_unless_file, separator_problem, width_problem
from sim.own_people.cells import LONGEST_PROBLEM, MOST_NAMED, Cells, Rules, and_more, checked, cut
from sim.own_people.columns import OPTIONAL, REQUIRED, OwnPeople
from sim.wording import printable

LARGEST_PEOPLE = 2 * 2**30
MOST_ROWS = 50_000_000
LARGEST_UNPACKED = 8 * 2**30

_LONGEST_HEADER = 2**20  # characters of a line: a longer one is no header
_BATCH = 2**16  # rows of the slow reader


def examine(name: str | Path, base: Path | None, rules: Rules) -> tuple[OwnPeople | None, list[ConfigError]]:
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
        raise ConfigError(cut(printable(problem, LONGEST_PROBLEM)), source=source) from None


def _examine_csv(source: str, path: Path, rules: Rules) -> tuple[OwnPeople | None, list[ConfigError]]:
    line, header, body = _csv_header(source, path)
    width = len(header)
    while len(header) > 1 and not header[-1]:  # empty columns, as spreadsheets leave them
        header.pop()
    faults = _header_faults(source, line, header)
    if faults:
        return None, faults
    cells = _fast_cells(path, body, header) if len(header) == width else None
    if cells is not None:
        own, faults = checked(source, cells, rules, lambda row, column: (row, column))
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
    own, of_cells = checked(source, cells, rules, lambda row, column: (line_of_row[row], column))
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
    if separated := separator_problem(header):
        return [ConfigError(separated, source=source, line=line)]
    known = [*REQUIRED, *OPTIONAL]
    faults = []
    for column in dict.fromkeys(header):
        if column not in known:
            problem = f"unknown column{nearest_name(column[:200], known)}; known: {', '.join(known)}"
            if column.startswith("__index_level_"):
                problem = "unknown column: an index that pandas wrote; save with index=False"
            key = printable(column) or "(no name)"
            faults.append(ConfigError(cut(problem), source=source, line=line, key=key))
        elif header.count(column) > 1:
            faults.append(ConfigError("the column occurs twice", source=source, line=line, key=column))
    meant = {near for column in header for near in difflib.get_close_matches(column[:200], known, 1)}
    missing = [column for column in REQUIRED if column not in meant]  # one that is only misspelt was named above
    return faults + [ConfigError("the column is missing", source=source, line=line, key=column) for column in missing]


def _fast_cells(path: Path, body: int, header: Sequence[str]) -> dict[str, Cells] | None:
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
) -> tuple[dict[str, Cells], array[int], list[ConfigError]]:
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
                    faults.append(ConfigError(width_problem(row, width), source=source, line=line))
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
        faults[MOST_NAMED - 1] = ConfigError(last.problem + and_more(ragged), source=source, line=last.line)
    kind = pa.dictionary(pa.int32(), pa.string())
    found = {column: _encoded(pa.chunked_array(cells, kind)) for column, cells in zip(header, chunks, strict=True)}
    return found, lines, faults


def _examine_parquet(source: str, path: Path, rules: Rules) -> tuple[OwnPeople | None, list[ConfigError]]:
    import pyarrow as pa
    from pyarrow import parquet

    cells: dict[str, Cells] = {}
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
    return checked(source, cells, rules, lambda row, column: (None, f"row {row + 1}, {column}"))


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


def _encoded(column: Any) -> Cells:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return Cells(np.full(len(column), -1, np.int32), pa.array([], pa.string()))
    if pa.types.is_string_view(kind):
        column = column.cast(pa.string())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    values, codes = whole.dictionary, whole.indices.cast(pa.int64()).fill_null(-1).to_numpy().astype(np.int32)
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    return Cells(codes, values)
