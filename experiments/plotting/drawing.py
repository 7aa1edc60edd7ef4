"""A plot drawn: one panel of means with intervals, the band of the least difference that matters, the caption below."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.figures import style
from experiments.figures.heads import inches_of
from experiments.figures.sheet import BAND, COLOURS, DASHES, Sheet, hundredfold
from experiments.plotting.naming import NOT_SET
from experiments.plotting.points import Plot, is_number
from experiments.plotting.words import caption_of, factor_in_words, note_of, shown

MOST_ON_A_LINE = 20
"""Values of x beyond which points are not joined: a sample, not a grid."""

FEWEST_LEAST = 2.0
"""Least differences that matter which the axis reaches at least to either side of the first point."""

HEAD, PANEL, BELOW, LEFT, RIGHT = 0.32, 2.0, 0.5, 0.62, 0.1
"""Inches: heading without its note, panel, name of the axis below it, and at both sides."""

LINE, NOTE_LINE = {"en": 0.13, "fa": 0.2}, {"en": 0.12, "fa": 0.16}
"""Inches of a line of the caption and of the note; Persian letters reach deeper."""

TITLE_SIZE, NOTE_SIZE, KEY_SIZE, TICK_SIZE, CAPTION_SIZE = 8.0, 6.5, 7.0, 7.0, 7.5
"""Points of the heading, its note, the legend, values below the axis, and of the caption."""


def draw(plot: Plot, sheet: Sheet, *, caption: bool = True) -> Figure:
    """The figure: one panel, a line for each value of `by`, the caption below if it is wanted there."""
    with sheet.styled():
        below, line = caption_of(plot, sheet.language) if caption else "", LINE[sheet.language]
        wide = sheet.inches - LEFT - RIGHT
        names = _names_below(plot, sheet, wide)
        deep = max((name.count("\n") for name in names), default=0)
        foot = BELOW + line * (deep + len(sheet.lines(below, sheet.inches - 0.2, CAPTION_SIZE)))
        labels = [shown(value, plot.by, plot, sheet) for value in dict.fromkeys(plot.table.by)] if plot.by else []
        columns = _columns(labels, sheet)
        key = 1.3 * line * (1 + -(-len(labels) // columns)) if labels else 0.0
        note = sheet.lines(note_of(plot, sheet), wide, NOTE_SIZE)
        height = HEAD + NOTE_LINE[sheet.language] * len(note) + key + PANEL + foot
        figure = sheet.new(height)
        axes = figure.add_axes((LEFT / sheet.inches, foot / height, wide / sheet.inches, PANEL / height))
        _lines(axes, plot, names, [sheet.shortened(label, sheet.inches / columns - 0.5, KEY_SIZE) for label in labels],
               sheet)  # fmt: skip
        _heading(axes, sheet.outcome(plot.outcome), note, sheet)
        axes.set_xlabel(factor_in_words(plot.x, sheet.language), labelpad=2)
        if plot.by:
            title = factor_in_words(plot.by, sheet.language)
            figure.legend(
                ncols=columns, fontsize=KEY_SIZE, title=title, title_fontsize=KEY_SIZE, borderaxespad=0.1,
                loc="upper left" if sheet.language == "en" else "upper right", alignment=sheet.say("left", "right"),
            )  # fmt: skip
        if caption:
            sheet.foot(figure, below)
    return figure


def _heading(axes: Axes, title: str, note: list[str], sheet: Sheet) -> None:
    """The outcome above the panel, at the side where reading begins, and lines of what must be known of it in grey."""
    height = axes.get_position().height * float(axes.get_figure(root=True).get_figheight())  # type: ignore[union-attr]
    side, at = sheet.say("left", "right"), 0.0 if sheet.language == "en" else 1.0
    up, grey, bold = 0.03, {"color": style.GREY}, {"fontweight": "bold"}
    lines: list[tuple[str, float, dict[str, Any]]] = [(line, NOTE_SIZE, grey) for line in reversed(note)]
    for text, size, look in [*lines, (title, TITLE_SIZE, bold)]:
        axes.text(at, 1.0 + up / height, text, transform=axes.transAxes, ha=side, va="bottom", fontsize=size, **look)
        up += NOTE_LINE[sheet.language]


def _names_below(plot: Plot, sheet: Sheet, wide: float) -> list[str]:
    """Names of the values of x, broken to their room; none where they are numbers on an axis."""
    if all(is_number(value) for value in plot.values if value != NOT_SET):
        return []
    room = wide / len(plot.values) - 0.1
    broken = [sheet.lines(shown(value, plot.x, plot, sheet), room, TICK_SIZE) for value in plot.values]
    return ["\n".join(lines if len(lines) <= 4 else [*lines[:3], f"{lines[3]} …"]) for lines in broken]


def _columns(labels: list[str], sheet: Sheet) -> int:
    """Columns of the legend: as many as the longest of its words leaves room for."""
    longest = max((inches_of(label, KEY_SIZE, sheet.language) for label in labels), default=0.0)
    return max(1, min(3, len(labels), int(sheet.inches / (longest + 0.55))))


def _lines(axes: Axes, plot: Plot, names: list[str], labels: list[str], sheet: Sheet) -> None:
    """Points with their intervals, joined where x is a grid of numbers and nothing else differs."""
    table, values, factor = plot.table, list(plot.values), hundredfold(plot.outcome)
    joined = not names and len(values) <= MOST_ON_A_LINE and not plot.along
    lines = list(table.groupby("by", sort=False))
    apart = _beside(values)
    step = 0.12 if names else 0.05 * (_ends(values)[0] - apart)
    for place, (_, rows) in enumerate(lines):
        shift = step * (place - (len(lines) - 1) / 2)
        at = rows.x.map(lambda value: values.index(value) if names else apart if value == NOT_SET else float(value))
        look: dict[str, Any] = {"color": COLOURS[place], "linewidth": 1.1}
        known = rows.x != NOT_SET
        dashes = DASHES[place] if joined else "none"
        axes.plot((at + shift)[known], factor * rows["mean"][known], linestyle=dashes, **look)
        sure = rows.n > 1
        spread = factor * np.array([rows["mean"] - rows.low, rows.high - rows["mean"]], dtype=float)[:, sure]
        axes.errorbar((at + shift)[sure], factor * rows["mean"][sure], spread, linestyle="none", elinewidth=0.9,
                      capsize=1.8, **look)  # fmt: skip
        axes.plot(at + shift, factor * rows["mean"], marker="o", markersize=3.2, linestyle="none", **look)
        if labels:
            axes.plot([], [], marker="o", markersize=3.2, linestyle=dashes, label=labels[place], **look)
    if names:
        axes.set_xticks(range(len(values)), names, fontsize=TICK_SIZE)
        axes.set_xlim(-0.5, len(values) - 0.5)
    else:
        _numbers_below(axes, values, apart, sheet)
    _band(axes, plot, factor)
    sheet.numbers(axes, sign=plot.base is not None)


def _beside(values: list[Any]) -> float:
    """Where points that do not set x stand on an axis of numbers: left of all others."""
    low, high = _ends(values)
    return low - 0.2 * ((high - low) or abs(low) or 1.0)


def _ends(values: list[Any]) -> tuple[float, float]:
    numbers = [float(value) for value in values if is_number(value)]
    return min(numbers, default=0.0), max(numbers, default=0.0)


def _numbers_below(axes: Axes, values: list[Any], apart: float, sheet: Sheet) -> None:
    sheet.numbers(axes, "x")
    if NOT_SET not in values:
        return
    low, high = _ends(values)
    there = [tick for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high] or [low]
    labels = [sheet.digits(f"{tick:g}") for tick in there]
    axes.set_xticks([apart, *there], [sheet.say(NOT_SET, "تعیین‌نشده"), *labels])
    axes.axvline((apart + low) / 2.0, color=style.GREY, linewidth=0.5, linestyle=(0, (2, 2)))


def _band(axes: Axes, plot: Plot, factor: float) -> None:
    """The band around the first point, or around 0, and an axis on which what is smaller looks small."""
    at, least = factor * (plot.reference if plot.base is None else 0.0), factor * plot.least
    low, high = axes.get_ylim()
    if plot.base is not None:
        axes.axhline(0.0, color=style.BLACK, linewidth=0.6, zorder=1)
        axes.set_ylim(min(low, 0.0), max(high, 0.0))
    if not np.isfinite(least):
        return
    ends = plot.table[["mean", "low", "high"]].min().min()
    bottom = at - 1.1 * FEWEST_LEAST * least
    if plot.base is None and ends >= 0.0:  # no level below 0
        bottom, low = max(bottom, 0.0), max(low, 0.0)
    axes.axhspan(at - least, at + least, color=BAND, linewidth=0.0, zorder=0)
    axes.set_ylim(min(low, bottom), max(high, at + 1.1 * FEWEST_LEAST * least))
