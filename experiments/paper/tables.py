"""The tables behind figures, as CSV: small, readable anywhere, the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.folders import atomic_write

FIGURES = "%.9g"
"""Significant figures kept: more than a drawing shows, fewer than processors differ in."""

MISSING = "nan"
"""What stands for no number; an empty text is an empty text."""


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table atomically."""
    with atomic_write(path) as partial:
        partial.write_bytes(text_of(table).encode())


def text_of(table: pd.DataFrame) -> str:
    """A table as `write_table` writes it."""
    return table.to_csv(index=False, float_format=FIGURES, na_rep=MISSING, lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that `write_table` wrote."""
    return pd.read_csv(path, keep_default_na=False, na_values=[MISSING])


def each(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table, one after another, each with its columns as attributes."""
    yield from table.itertuples(index=False)
