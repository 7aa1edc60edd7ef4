"""Where values of x stand on a plot, how far lines are moved aside there, and what is written below."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from experiments.figures import style
from experiments.figures.heads import inches_of
from experiments.figures.sheet import Sheet
from experiments.plotting.naming import NOT_SET
from experiments.plotting.points import Plot, is_number
from experiments.plotting.words import factor_of, shown

TICK_SIZE = 7.0
"""Points of values below the axis."""

MOST_TICKS = 7
"""Levels of a number up to which each has its tick."""

ASIDE, OF_THE_GAP = 0.068, 0.8
"""Inches between lines at one level, so that marks and ends of bars do not touch; and the share of the gap between two
levels that all lines together take at most."""

BETWEEN_NAMES = 0.12
"""Of the room of a name, between lines."""


@dataclass(frozen=True)
class Across:
    """The axis of x.

    Attributes:
        at: place of each value.
        names: below the values, where they are no numbers; else empty.
        ends: of the axis.
        step: between lines at one level, in units of the axis.
    """

    at: dict[Any, float]
    names: tuple[str, ...]
    ends: tuple[float, float]
    step: float

    def aside(self, place: int, lines: int) -> float:
        """How far one of some lines is moved aside."""
        return self.step * (place - (lines - 1) / 2)


def across_of(plot: Plot, sheet: Sheet, inches: float) -> Across:
    """The axis of a plot that is so many inches wide."""
    names = _names_below(plot, sheet, inches)
    count, lines = len(plot.values), len(plot.drawn)
    if names:
        step = min(max(ASIDE * count / inches, BETWEEN_NAMES), OF_THE_GAP / lines)
        return Across({value: float(at) for at, value in enumerate(plot.values)}, names, (-0.5, count - 0.5), step)
    numbers = _numbers(plot)
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    span = (high - low) or abs(low) or 1.0
    beside = low - 0.2 * span
    at = {value: beside if value == NOT_SET else float(value) for value in plot.values}
    places = sorted({*numbers, *at.values()})
    gap = min((after - before for before, after in pairwise(places)), default=span)
    whole = 1.1 * ((places[-1] - places[0]) or span)
    step = min(ASIDE * whole / inches, OF_THE_GAP * gap / lines)
    room = 0.05 * whole + 0.5 * step * (lines - 1)
    return Across(at, (), (places[0] - room, places[-1] + room), step)


def write_below(axes: Axes, across: Across, plot: Plot, sheet: Sheet) -> None:
    """Set the ends of the axis, and write what stands below it."""
    axes.set_xlim(*across.ends)
    if across.names:
        axes.set_xticks(range(len(across.names)), across.names, fontsize=TICK_SIZE)
        return
    factor, numbers = factor_of(plot.x), _numbers(plot)
    sheet.numbers(axes, "x", factor)
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    labels = {number: sheet.digits(f"{factor * number:g}") for number in numbers}
    if not _fit(labels, across, axes, sheet):
        if NOT_SET not in across.at:
            return
        there = [tick for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high] or [low]
        labels = {tick: sheet.digits(f"{factor * tick:g}") for tick in there}
    if NOT_SET in across.at:
        beside = across.at[NOT_SET]
        axes.axvline((beside + low) / 2.0, color=style.GREY, linewidth=0.5, linestyle=(0, (2, 2)))
        labels = {beside: sheet.say(NOT_SET, "تعیین‌نشده"), **labels}
    axes.set_xticks(list(labels), list(labels.values()))


def _numbers(plot: Plot) -> list[float]:
    """The levels of x that are numbers, in order, that of the base included."""
    found = {float(value) for value in plot.values if is_number(value)}
    level = None if plot.base is None else plot.base.levers.get(plot.x)
    return sorted(found if level is None or not is_number(level) else {*found, float(level)})


def _fit(labels: dict[float, str], across: Across, axes: Axes, sheet: Sheet) -> bool:
    """Whether each level has room for its tick."""
    if len(labels) > MOST_TICKS:
        return False
    inches = axes.get_position().width * sheet.inches / (across.ends[1] - across.ends[0])
    wide = {at: inches_of(label, TICK_SIZE + 0.5, sheet.language) for at, label in labels.items()}
    return all(
        inches * (after - before) > 0.5 * (wide[before] + wide[after]) + 0.05 for before, after in pairwise(wide)
    )


def _names_below(plot: Plot, sheet: Sheet, wide: float) -> tuple[str, ...]:
    """Names of the values of x, broken to their room; none where they are numbers on an axis."""
    if all(is_number(value) for value in plot.values if value != NOT_SET):
        return ()
    room = wide / len(plot.values) - 0.1
    broken = [sheet.lines(shown(value, plot.x, plot, sheet), room, TICK_SIZE) for value in plot.values]
    return tuple("\n".join(lines if len(lines) <= 4 else [*lines[:3], f"{lines[3]} …"]) for lines in broken)
