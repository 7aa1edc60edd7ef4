"""An export as a table: CSV with any usual separator, or JSON, whose nested keys are joined by slashes as in CSV."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from sim.errors import ConfigError, raise_first
from sim.own_files import LARGEST_TABLE, Faults, Refuse, csv_lines, read_text, without_empty_ends

MOST_ROWS = 50_000
SEPARATORS = (";", ",", "\t")
OTHERS = {".zip": "unpack it first", ".xlsx": "export CSV, or save it as CSV"}
"""Endings of other forms in which platforms export, and what to do."""


@dataclass(frozen=True)
class Row:
    """One row: its cells by column, and how a fault of it is raised."""

    cells: Mapping[str, str]
    refuse: Refuse


@dataclass(frozen=True)
class Table:
    """An export.

    Attributes:
        source: the file, for messages.
        header: line of the names of columns; None where the file has no such line.
        columns: names, in order.
        rows: at least one.
    """

    source: str
    header: int | None
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(file: Path) -> Table:
    """Read an export, .json or else CSV.

    Raises:
        ConfigError: it cannot be read, has no rows or too many, or rows of a wrong shape; knows all faults.
    """
    if file.suffix.lower() in OTHERS and os.path.isfile(file):
        raise ConfigError(f"is not CSV or JSON: {OTHERS[file.suffix.lower()]}", source=file)
    source, text = read_text(file, None, LARGEST_TABLE)
    table = _from_json(source, text) if file.suffix.lower() == ".json" else _from_csv(source, text)
    if not table.rows:
        raise ConfigError("has no rows", source=source)
    if len(table.rows) > MOST_ROWS:
        raise ConfigError(f"has {len(table.rows):,} rows; at most {MOST_ROWS:,} are read", source=source)
    return table


def _from_csv(source: str, text: str) -> Table:
    first = text.lstrip().partition("\n")[0]
    lines = csv_lines(source, text, max(SEPARATORS, key=first.count))
    header, cells = next(lines)
    columns, rows, faults = without_empty_ends(cells), [], Faults()
    for line, own in lines:
        refuse = partial(_refuse, source, line, "")
        if len(own) != len(cells) or any(own[len(columns) :]):  # empty cells at the end, too: a shifted row has some
            hint = "quote a cell that holds a separator"
            faults.of(refuse, "", f"has {counted(len(own), 'cell')} where the header has {len(cells)} ({hint})")
            continue
        rows.append(Row(dict(zip(columns, own, strict=False)), refuse))
    raise_first(faults)
    return Table(source, header, tuple(columns), tuple(rows))


def _from_json(source: str, text: str) -> Table:
    try:
        # Numbers stay as they are written: none is too long, and none is rounded.
        data = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as fault:
        raise ConfigError(f"is not valid JSON: {fault.msg}", source=source, line=fault.lineno) from None
    except RecursionError:
        raise ConfigError("is nested too deeply", source=source) from None
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise ConfigError("must be a list of projects in JSON, each with keys and values", source=source)
    rows, faults = [], Faults()
    for number, one in enumerate(data, 1):
        refuse = partial(_refuse, source, None, f"row {number}, ")
        cells = dict(_flattened(one, ""))
        broken = next((column for column, cell in cells.items() if not _whole_letters(column + cell)), None)
        if broken is not None:
            faults.of(refuse, "", "holds half a character (a lone surrogate)")
        rows.append(Row(cells, refuse))
    raise_first(faults)
    return Table(source, None, tuple(dict.fromkeys(column for row in rows for column in row.cells)), tuple(rows))


def _flattened(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Cells by column: keys of nested mappings joined by slashes, plain lists by commas."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flattened(inner, f"{key}/{name}" if key else str(name))
    elif isinstance(value, list):
        nested = any(isinstance(one, dict | list) for one in value)
        yield key, json.dumps(value, ensure_ascii=False) if nested else ", ".join(map(_cell, value))
    else:
        yield key, _cell(value)


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _whole_letters(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(source: str, line: int | None, row: str, column: str, problem: str) -> NoReturn:
    raise ConfigError(problem, source=source, line=line, key=f"{row}{column}" if column else row.rstrip(", ") or None)


def refuse_header(table: Table, key: str, problem: str) -> NoReturn:
    """Refuse a table for what its columns are; those that it has are named.

    Raises:
        ConfigError: always.
    """
    raise ConfigError(f"{problem}; there are {_some(table.columns)}", source=table.source, line=table.header, key=key)


def counted(number: int, word: str) -> str:
    """A number and its word: 1 vote, 2 votes."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
