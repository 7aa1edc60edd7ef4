"""Rows of a table that a user wrote, CSV or Parquet, each of which knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from experiments.parquet import read_limited
from sim.errors import ConfigError, raise_first
from sim.names import cleaned
from sim.own_files import (
    Faults,
    Refuse,
    csv_lines,
    header_faults,
    read_text,
    refuse_unless_file,
    split_number,
    width_problem,
    without_empty_ends,
)

MOST_ROWS, LARGEST = 10_000, 16 * 2**20


@dataclass
class Row:
    """One row.

    Attributes:
        cells: by column.
        where: its line or its number, in words.
        refuse: raises a fault of it.
    """

    cells: Mapping[str, Any]
    where: str
    refuse: Refuse = field(repr=False)

    def text(self, column: str) -> str:
        """A cell without what nobody sees; empty where there is none, or NaN."""
        value = self.cells.get(column)
        return "" if value is None or value != value else cleaned(str(value))


def rows_of(path: Path, known: Sequence[str], required: Sequence[str], faults: Faults) -> list[Row]:
    """The rows of a table.

    Args:
        path: .parquet, or else CSV (UTF-8, commas).
        known: names of all columns that there may be.
        required: those that must be there.
        faults: of lines that are no rows; those found are added, and such lines are left out.

    Raises:
        ConfigError: it cannot be read, has no rows or too many, or its header is at fault.
    """
    if path.suffix == ".parquet":
        rows = list(_rows_of_parquet(path, known, required))
    else:
        rows = list(_rows_of_csv(path, known, required, faults))
    if not rows and not faults:
        raise ConfigError("has no rows", source=path)
    if len(rows) > MOST_ROWS:
        raise ConfigError(f"has {len(rows):,} rows; at most {MOST_ROWS:,} are read", source=path)
    return rows


def _rows_of_csv(path: Path, known: Sequence[str], required: Sequence[str], faults: Faults) -> Iterator[Row]:
    source, text = read_text(path, None, LARGEST)
    columns, width = list[str](), 0
    try:
        for line, cells in csv_lines(source, text):
            if not columns:
                columns, width = without_empty_ends(cells), len(cells)
                raise_first(header_faults(source, line, columns, required, known))
                continue
            own = without_empty_ends(cells, len(columns))
            # Where the last cells are empty, a decimal comma could pass for another value and its error.
            shifted = len(cells) > width and split_number(cells)
            if len(own) != len(columns) or shifted:
                problem = width_problem(cells if shifted else own, width if shifted else len(columns))
                faults.add(ConfigError(problem, source=source, line=line))
                continue
            yield Row(dict(zip(columns, own, strict=True)), f"line {line}", partial(_refuse, source, line, ""))
    except ConfigError as fault:
        raise_first([*faults, *(one for one in fault.all if one not in faults)])


def _rows_of_parquet(path: Path, known: Sequence[str], required: Sequence[str]) -> Iterator[Row]:
    source = str(path)
    try:
        refuse_unless_file(path, source, LARGEST)
        table = read_limited(path, most_rows=MOST_ROWS, most_bytes=LARGEST)
    except FileNotFoundError:
        raise ConfigError("no such file", source=source) from None
    except pa.ArrowException:
        raise ConfigError("is no Parquet file that can be read", source=source) from None
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(str(error), source=source) from None
    raise_first(header_faults(source, None, table.column_names, required, known))
    for number, cells in enumerate(table.to_pylist(), 1):
        yield Row(cells, f"row {number}", partial(_refuse, source, None, f"row {number}, "))


def _refuse(source: str, line: int | None, row: str, column: str, problem: str) -> NoReturn:
    raise ConfigError(problem, source=source, line=line, key=f"{row}{column}" if column else row.rstrip(", ") or None)
