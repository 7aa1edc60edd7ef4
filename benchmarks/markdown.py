"""Tables as Markdown, and their places in the README between two markers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.errors import BenchmarkError


@dataclass(frozen=True)
class Table:
    """A table that was measured: its name in the README, header, rows of cells, and a sentence or two below it."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()


def render(table: Table) -> str:
    """The table and its notes; the first column is text, the others are numbers."""
    alignment = ("---", *["---:"] * (len(table.header) - 1))
    lines = [f"| {' | '.join(cells)} |" for cells in (table.header, alignment, *table.rows)]
    return "\n\n".join(["\n".join(lines), *table.notes])


def markers(name: str) -> tuple[str, str]:
    """The two lines between which a table stands."""
    return f"<!-- table: {name} -->", f"<!-- end: {name} -->"


def put(text: str, name: str, body: str) -> str:
    """The text with `body` between the markers of a table, and all else as it was."""
    begin, end = markers(name)
    if (text.count(begin), text.count(end)) != (1, 1) or text.index(begin) > text.index(end):
        raise BenchmarkError(f"benchmarks/README.md must hold {begin} and {end} once each, in this order")
    before, rest = text.split(begin)
    return f"{before}{begin}\n{body}\n{end}{rest.split(end)[1]}"


def short(value: float) -> str:
    """A number with about three digits that count."""
    if value >= 100.0:
        return f"{value:,.0f}"
    places = 1 if value >= 10.0 else 2 if value >= 0.1 else 4
    return f"{value:.{places}f}"


def kept(holds: bool) -> str:
    """Whether a limit holds, in a word."""
    return "kept" if holds else "**not kept**"
