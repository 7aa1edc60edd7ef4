"""A difference with its interval, in multiples of the least difference that matters: one scale for all outcomes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from experiments.figures import style
from experiments.figures.sheet import BAND, Sheet

MOST, FEWEST = 8, 2
"""Multiples of the least difference that the axis reaches at most and at least; an arrow says that one lies beyond."""


def reach_of(multiples: ArrayLike) -> float:
    """How far an axis goes to either side, in multiples of the least difference: all of it, if that is not too far.

    Args:
        multiples: differences and ends of intervals, in multiples of the least difference; nan where there is none.
    """
    sizes = np.abs(np.asarray(multiples, dtype=float))
    furthest = float(np.nanmax(sizes)) if np.isfinite(sizes).any() else 1.0
    return float(min(MOST, max(FEWEST, np.ceil(furthest))))


def draw_interval(
    axes: Axes, at: float, value: float, ends: tuple[float, float], reach: float, colour: str, mark: str = "o"
) -> None:
    """Draw a difference and its interval in multiples of the least; what lies beyond the axis ends in an arrow.

    Args:
        axes: of differences.
        at: place on the other axis.
        value, ends: of the difference, in multiples of the least; nothing is drawn of nan.
        reach: of the axis.
        colour, mark: of the dot.
    """
    if np.isnan(value):
        return
    low, high = ends
    axes.plot(np.clip([low, high], -reach, reach), [at, at], color=colour, linewidth=1.3, solid_capstyle="butt")
    for end, clipped, arrow in ((low, low < -reach, "<"), (high, high > reach, ">")):
        if clipped:
            axes.plot(np.clip(end, -reach, reach), at, arrow, color=colour, markersize=3.0)
    if abs(value) <= reach:
        axes.plot(value, at, mark, color=colour, markersize=3.6)


def set_up(axes: Axes, reach: float, sheet: Sheet, *, room: float) -> None:
    """The axis of multiples of the least difference: the band within one, a line at 0, and room for numbers.

    Args:
        axes: of differences.
        reach: of the axis to either side.
        sheet: it is drawn on.
        room: for numbers at the right, in multiples of `reach`.
    """
    axes.axvspan(-1.0, 1.0, color=BAND, linewidth=0.0, zorder=0)
    axes.axvline(0.0, color=style.BLACK, linewidth=0.6, zorder=1)
    axes.set_xlim(-1.1 * reach, (1.1 + room) * reach)
    step = 1 if reach <= 3 else 2 if reach <= 5 else 4
    axes.set_xticks(np.arange(-(reach // step) * step, reach + 0.5, step))
    axes.spines["bottom"].set_bounds(-reach, reach)
    sheet.numbers(axes, "x", sign=True)
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
    axes.tick_params(axis="y", length=0)


def rule_between_kinds(axes: Axes, groups: Iterable[str]) -> None:
    """A thin line between rows of one kind of groups (``kind=group``) and of the next."""
    kinds = [group.partition("=")[0] for group in groups]
    for at in range(1, len(kinds)):
        if kinds[at] != kinds[at - 1]:
            axes.axhline(at - 0.5, color=style.GREY, linewidth=0.4)
