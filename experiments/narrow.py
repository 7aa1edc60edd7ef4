"""What is printed in a terminal that is narrower than a table."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def as_list(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as a list: of each row its first text without a head, and below it what each column says.

    Args:
        heads: of the columns; empty ones are left out.
        rows: a text for each column; empty ones are left out.
    """
    lines = []
    for row in rows:
        named = [(head.strip(), cell.strip()) for head, cell in zip(heads, row, strict=True) if cell.strip()]
        first = next((place for place, (head, _) in enumerate(named) if not head), None)
        if first is not None:
            lines.append(named.pop(first)[1])
        lines += [f"  {head}: {cell}" if head else f"  {cell}" for head, cell in named]
    return "\n".join(lines)


def frame_in_text(frame: pd.DataFrame, figures: str, missing: str = "NaN") -> str:
    """A DataFrame to be printed: as a table, or as a list if it is wider than the terminal.

    Args:
        frame: its index says nothing.
        figures: format of numbers, such as ``.4g``.
        missing: what stands for no value.
    """
    whole = frame.to_string(index=False, na_rep=missing, float_format=lambda value: format(value, figures))
    width = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or max(map(len, whole.splitlines()), default=0) <= width:
        return whole
    rows = [[_cell(value, figures, missing) for value in row] for row in frame.itertuples(index=False)]
    return as_list(["", *map(str, frame.columns[1:])], rows)


def _cell(value: Any, figures: str, missing: str) -> str:
    if isinstance(value, float):
        return missing if value != value else format(value, figures)
    return str(value)
