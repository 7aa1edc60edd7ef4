"""What all readers of a user's own files share: opening them safely, numbers as people write them, lists of faults."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from sim.errors import ConfigError, raise_first
from sim.names import nearest_name
from sim.near_files import nearest_file
from sim.separators import as_meant
from sim.wording import printable

LARGEST_TABLE = 64 * 2**20
LARGEST_NETWORK = 2**30
LONGEST_NAME = 200
"""Letters of a column's name that are compared with known ones."""

Refuse = Callable[[str, str], NoReturn]
"""Raises the ConfigError of one row or feature: takes the column ("" for none) and the problem."""

_MARKS = str.maketrans({"٫": ".", "٬": None})  # decimal and thousands separators of Persian and Arabic


MOST_FAULTS = 100
"""Faults of a file after which reading ends."""


class Faults(list[ConfigError]):
    """The faults of a file so far; with the hundredth they are raised."""

    def add(self, fault: ConfigError) -> None:
        """Keep a fault.

        Raises:
            ConfigError: the first of all, if there are too many.
        """
        self.extend(fault.all)
        if len(self) >= MOST_FAULTS:
            raise_first(self)

    def of[Value](self, read: Callable[..., Value], *arguments: Any) -> Value | None:
        """What `read` returns for some arguments, or None if it raises a ConfigError, which is kept."""
        try:
            return read(*arguments)
        except ConfigError as fault:
            found = fault
        self.add(found)
        return None


def number_of(value: Any) -> float:
    """A number as Python reads it, in any script's digits and with the Persian decimal separator; NaN where it is none.

    Args:
        value: a text or a number.
    """
    if value is None or isinstance(value, bool) or "_" in str(value):
        return math.nan
    try:
        return float(value.translate(_MARKS) if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def csv_lines(source: str, text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV that are not blank, each with the line it begins on, its cells stripped.

    Args:
        source: the file, for messages.
        text: its content.
        separator: one character between cells.

    Raises:
        ConfigError: a row cannot be read.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
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


def header_faults(
    source: str, line: int | None, header: Sequence[str], required: Sequence[str], known: Sequence[str]
) -> list[ConfigError]:
    """What is wrong with the header of a table: another separator, columns unknown, twice or missing.

    Args:
        source: the file, for messages.
        line: of the header; None where the file has no lines.
        header: names of the columns, without empty ones at the end.
        required: columns that must be there.
        known: all columns that may be.
    """
    if separated := separator_problem(header):
        return [ConfigError(separated, source=source, line=line)]
    faults = []
    for column in dict.fromkeys(header):
        key = printable(column) or "(no name)"
        if column not in known:
            near = nearest_name(column[:LONGEST_NAME], known)
            faults.append(
                ConfigError(f"unknown column{near}; known: {', '.join(known)}", source=source, line=line, key=key)
            )
        elif header.count(column) > 1:
            faults.append(ConfigError("the column occurs twice", source=source, line=line, key=key))
    missing = [column for column in required if column not in header]
    return faults + [ConfigError("the column is missing", source=source, line=line, key=column) for column in missing]


def separator_problem(header: Sequence[str]) -> str:
    """What is wrong with a header of one cell that holds another separator; empty if it does not."""
    other = next((mark for mark in (";", "\t", "|") if len(header) == 1 and mark in header[0]), None)
    if other is None:
        return ""
    decimals = ", and decimals must have a point: 0.45, not 0,45" if other == ";" else ""  # ; goes with decimal commas
    return f"columns must be separated by commas, not by {other!r}{decimals}"


def width_problem(cells: Sequence[str], width: int) -> str:
    """What is wrong with a row of a CSV that has too few or too many cells, with the probable cause.

    Args:
        cells: of the row.
        width: how many cells the header has.
    """
    problem, number = f"has {len(cells)} cells where the header has {width}", split_number(cells)
    if len(cells) > width and number:
        return f"{problem}: {number} is probably one number with a decimal comma; write {number.replace(',', '.')}"
    if len(cells) > width and (number := grouped_number(cells)):
        plain = number.replace(",", "")
        return f"{problem}: {number} is probably one number; write {plain}, without separators of thousands"
    more = " and write decimals with a point" if len(cells) > width else ""
    return f"{problem} (quote a cell that holds a comma{more})"


_LEADING, _GROUP = re.compile(r"[1-9]\d{0,2}"), re.compile(r"\d{3}")

ZEROS = ("0", "۰", "٠")
"""What stands before a decimal comma of a share, in the digits that spreadsheets write."""


def split_number(cells: Sequence[str]) -> str:
    """The last number that a decimal comma has split, such as ``0,45``: a cell 0 before one of digits; else empty."""
    found = ""  # the last, for a week or a neighbourhood 0 may stand before it
    for whole, decimals in itertools.pairwise(cell.strip() for cell in cells):
        if whole.removeprefix("-") in ZEROS and decimals.isdecimal() and int(decimals) > 0:  # 0,0 are two numbers
            found = f"{whole},{decimals}"[:40]
    return found


def grouped_number(cells: Sequence[str]) -> str:
    """The first number that a separator of thousands has split, such as ``3,200``; empty if there is none."""
    pairs = itertools.pairwise(cell.strip() for cell in cells)
    return next((f"{one},{more}" for one, more in pairs if _LEADING.fullmatch(one) and _GROUP.fullmatch(more)), "")


def without_empty_ends(cells: list[str], least: int = 1) -> list[str]:
    """Cells without the empty ones at the end, as spreadsheets leave them, but at least so many."""
    count = len(cells)
    while count > least and not cells[count - 1]:
        count -= 1
    return cells[:count]


def number_hint(value: Any, *, whole: bool = False) -> str:
    """Advice for a number with a decimal comma or with separators of thousands, or nothing; see `as_meant`."""
    advice = as_meant(value, whole=whole)
    return f": {advice}" if advice else ""


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
        raise ConfigError(f"no such file{nearest_file(path)}", source=source) from None
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
