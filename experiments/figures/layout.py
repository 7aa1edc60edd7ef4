"""Axes and words laid out in inches from the left edge and from below the head of a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.sheet import Sheet


@dataclass(frozen=True)
class Layout:
    """A figure of a sheet, measured in inches.

    Attributes:
        figure: made by the sheet.
        sheet: it is drawn on.
    """

    figure: Figure
    sheet: Sheet

    def axes(self, left: float, top: float, wide: float, tall: float) -> Axes:
        """Axes in a box."""
        inches, height = self.sheet.inches, float(self.figure.get_figheight())
        bottom = height - self.sheet.head.height - top - tall
        return self.figure.add_axes((left / inches, bottom / height, wide / inches, tall / height))

    def write(self, start: float, end: float, top: float, words: str, *, last: bool = False, **look: Any) -> None:
        """A line of words between two edges, at the side where reading begins, or at the other.

        Args:
            start, end: edges, inches from the left.
            top: inches below the head.
            words: what is written.
            last: at the side where reading ends.
            look: of the letters.
        """
        right = (self.sheet.language == "fa") != last
        height = float(self.figure.get_figheight())
        down = self.sheet.head.height + top
        self.figure.text(
            (end if right else start) / self.sheet.inches, 1.0 - down / height, words,
            ha="right" if right else "left", va="top", **look,
        )  # fmt: skip
