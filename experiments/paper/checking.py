"""Whether figures came out as the reference has them: tables value by value, pictures by how far they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from experiments.paper.building import Paper
from experiments.paper.figure import PaperFigure
from experiments.paper.tables import read_table

RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""Numbers may differ by so much: processors and versions of numerical libraries round sums differently."""

ALIKE = 0.02
"""Root mean square difference of pixels, of 1, up to which two pictures are the same: fonts are smoothed a little
differently from version to version."""

BLOCK = 24
"""Pixels of a side of the blocks that are compared: a twelfth of an inch."""

MOST_NAMED = 3
"""Differences of one table that are named; the others are counted."""


@dataclass(frozen=True)
class Difference:
    """One way in which a figure is not as the reference has it.

    Attributes:
        figure: its name.
        what: where, and by how much, in words.
    """

    figure: str
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.figure}: {self.what}"


def differences(figures: Sequence[PaperFigure], paper: Paper, reference: Path) -> list[Difference]:
    """What differs from the reference's tables.

    Args:
        figures: that were built.
        paper: their folder.
        reference: folder of the reference's tables, of the same form (quick or full).
    """
    found = []
    for figure in figures:
        kept = reference / f"{figure.name}.csv"
        if not kept.is_file():
            found.append(Difference(figure.name, f"the reference has no table: {kept}"))
            continue
        found += [
            Difference(figure.name, what)
            for what in differences_of_tables(read_table(kept), read_table(paper.table(figure)))
        ]
    return found


def differences_of_tables(reference: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """In words, column, row and size of each difference; the first few of each table, the others counted."""
    if list(reference.columns) != list(found.columns):
        return [f"columns are {', '.join(found.columns)}, in the reference {', '.join(reference.columns)}"]
    if len(reference) != len(found):
        return [f"{len(found)} rows, in the reference {len(reference)}"]
    said = []
    for column in reference.columns:
        old, new = reference[column], found[column]
        if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
            one, other = old.to_numpy(dtype=float), new.to_numpy(dtype=float)
            wrong = np.flatnonzero(~np.isclose(other, one, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
        else:
            wrong = np.flatnonzero((old.astype(str) != new.astype(str)).to_numpy())
        said += [_said(found, column, int(row), old.iloc[int(row)], new.iloc[int(row)]) for row in wrong]
    if len(said) > MOST_NAMED:
        return [*said[:MOST_NAMED], f"and {len(said) - MOST_NAMED:,} other values"]
    return said


def _said(table: pd.DataFrame, column: str, row: int, old: object, new: object) -> str:
    """One value that differs; its row by the texts in it."""
    texts = [str(value) for name, value in table.iloc[row].items() if isinstance(value, str) and name != column]
    where = f"row {row + 1}" + (f" ({', '.join(text[:40] for text in texts[:3] if text)})" if texts else "")
    if isinstance(old, int | float | np.number) and isinstance(new, int | float | np.number):
        return f"column {column}, {where}: {new:.9g}, in the reference {old:.9g}, a difference of {new - old:+.3g}"
    return f"column {column}, {where}: {str(new)[:60]!r}, in the reference {str(old)[:60]!r}"


def how_it_differs(picture: Path, drawn: Path, *, stamped_alike: bool = True) -> list[str]:
    """In what a picture differs from the one that was drawn again: PNG by its pixels, PDF and SVG byte for byte.

    Args:
        picture: the picture.
        drawn: the same drawn again.
        stamped_alike: whether both should say the same of themselves; if not, bytes are not compared.
    """
    if picture.suffix.lower() == ".png":
        distance = distance_of_pictures(picture, drawn)
        return [f"its pixels differ by {distance:.3f} (root mean square, of 1)"] if distance > ALIKE else []
    if stamped_alike and drawn.read_bytes() != picture.read_bytes():
        return ["its bytes differ: it was changed, or drawn by another version of Matplotlib or the model"]
    return []


def distance_of_pictures(one: Path, other: Path) -> float:
    """Root mean square difference of two PNGs, of 1: over the whole, or a fifth of that of the worst block of pixels.

    So a dot that was moved is found, which the whole would hide. 1 if their sizes differ.
    """
    with Image.open(one, formats=["PNG"]) as first, Image.open(other, formats=["PNG"]) as second:
        if first.size != second.size:
            return 1.0
        apart = np.asarray(first.convert("RGB"), dtype=np.float64) - np.asarray(second.convert("RGB"), dtype=np.float64)
    squares = np.square(apart / 255.0).mean(axis=2)
    tall, wide = (size // BLOCK * BLOCK for size in squares.shape)
    blocks = squares[:tall, :wide].reshape(tall // BLOCK, BLOCK, wide // BLOCK, BLOCK).mean(axis=(1, 3))
    return float(np.sqrt(max(squares.mean(), 0.04 * blocks.max(initial=0.0))))
