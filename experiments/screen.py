"""What is printed for people: in colour on a terminal, plain and of one width elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from experiments.escaping import safe
from experiments.narrow import as_list

PLAIN_WIDTH = 120

_BETWEEN = 2  # columns between those of a table


class SafeTable(Table):
    """A table whose cells are made safe: names and titles of users are among them."""

    def add_row(self, *cells: Any, **named: Any) -> None:
        """Add a row."""
        super().add_row(*(safe(cell) if isinstance(cell, str) else cell for cell in cells), **named)


class Screen(Console):
    """Standard output; a broken pipe is left to the command line, which knows that it is no failure.

    Attributes:
        terminal: whether the output is a terminal.
    """

    def __init__(self, plain_width: int = PLAIN_WIDTH) -> None:
        self.terminal = sys.stdout.isatty()
        width = None if self.terminal else plain_width
        super().__init__(width=width, highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Raise what Rich would turn into an exit with status 1."""
        raise BrokenPipeError

    def print(self, *objects: Any, **named: Any) -> None:
        """Print; texts are made safe first, for names and titles of users are among them."""
        super().print(*map(self._fitting, objects), **named)

    def _fitting(self, item: Any) -> Any:
        """A text made safe; a table as it is, or as a list if the terminal is narrower than its longest words."""
        if isinstance(item, Table) and self.terminal and _narrowest(item) > self.width:
            return as_list([str(column.header) for column in item.columns], _rows(item))
        return safe(item) if isinstance(item, str) else item

    def table(self, heads: Sequence[str]) -> Table:
        """An empty table; the first column is text, the others are figures."""
        table = SafeTable(
            box=box.SIMPLE_HEAD if self.terminal else None, pad_edge=False, show_edge=False, header_style=""
        )
        for place, head in enumerate(heads):
            table.add_column(safe(head), justify="left" if place == 0 else "right", overflow="fold")
        return table


def _rows(table: Table) -> list[list[str]]:
    columns = [[str(cell) for cell in column.cells] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _narrowest(table: Table) -> int:
    """Columns that a table takes with a line for each word."""
    texts = ([str(column.header), *map(str, column.cells)] for column in table.columns)
    longest = [max((len(word) for text in own for word in text.split()), default=0) for own in texts]
    return sum(longest) + _BETWEEN * len(longest)
