"""A plot drawn: one panel of means with intervals, the band of the least difference that matters, the caption below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.figures import style
from experiments.figures.contrasts import MARKS
from experiments.figures.heads import inches_of
from experiments.figures.sheet import BAND, COLOURS, DASHES, Sheet, hundredfold
from experiments.plotting.axis import Across, across_of, write_below
from experiments.plotting.captions import caption_of, note_of
from experiments.plotting.naming import NOT_SET
from experiments.plotting.points import Plot
from experiments.plotting.words import factor_in_words, factor_of, factor_with_unit, shown

MOST_ON_A_LINE = 20
"""Values of x beyond which points are not joined: a sample, not a grid."""

FEWEST_LEAST = 2.0
"""Least differences that matter which the axis reaches at least to either side of the first point."""

HEAD, PANEL, BELOW, LEFT, RIGHT = 0.32, 2.0, 0.5, 0.62, 0.1
"""Inches: heading without its note, panel, name of the axis below it, and at both sides."""

LINE, NOTE_LINE = {"en": 0.13, "fa": 0.2}, {"en": 0.12, "fa": 0.16}
"""Inches of a line of the caption and of the note; Persian letters reach deeper."""

TITLE_SIZE, NOTE_SIZE, KEY_SIZE, CAPTION_SIZE = 8.0, 6.5, 7.0, 7.5
"""Points of the heading, its note, the legend and the caption."""


def draw(plot: Plot, sheet: Sheet, *, caption: bool = True) -> Figure:
    """The figure: one panel, a line for each value of `by`, the caption below if it is wanted there."""
    with sheet.styled():
        below, line = caption_of(plot, sheet.language) if caption else "", LINE[sheet.language]
        wide = sheet.inches - LEFT - RIGHT
        across = across_of(plot, sheet, wide)
        deep = max((name.count("\n") for name in across.names), default=0)
        foot = BELOW + line * (deep + len(sheet.lines(below, sheet.inches - 0.2, CAPTION_SIZE)))
        key = _key(plot, sheet)
        columns = _columns(list(key.values()), sheet)
        above = 1.3 * line * (1 + -(-len(key) // columns)) if key else 0.0
        note = sheet.lines(note_of(plot, sheet), wide, NOTE_SIZE)
        height = HEAD + NOTE_LINE[sheet.language] * len(note) + above + PANEL + foot
        figure = sheet.new(height)
        axes = figure.add_axes((LEFT / sheet.inches, foot / height, wide / sheet.inches, PANEL / height))
        handles = _lines(axes, plot, across, key)
        write_below(axes, across, plot, sheet)
        _band(axes, plot, hundredfold(plot.outcome))
        sheet.numbers(axes, sign=plot.base is not None)
        _heading(axes, sheet.outcome(plot.outcome), note, sheet)
        axes.set_xlabel(factor_with_unit(plot.x, plot, sheet), labelpad=2)
        if key:
            _legend(figure, handles, plot, columns, sheet)
        if caption:
            sheet.foot(figure, below)
    return figure


def _key(plot: Plot, sheet: Sheet) -> dict[Any, str]:
    """Of each line in the legend its name: of those drawn, and of those that have nowhere a value."""
    if not plot.by:
        return {}
    missing = {one.by for one in plot.absent} - set(plot.drawn)
    not_drawn = sheet.say(" (not drawn)", " (رسم‌نشده)")
    return {
        line: shown(line, plot.by, plot, sheet) + (not_drawn if line in missing else "")
        for line in plot.lines
        if line in missing or line in plot.drawn
    }


def _legend(figure: Figure, handles: list[Line2D], plot: Plot, columns: int, sheet: Sheet) -> None:
    """The legend above the panel, at the side where reading begins."""
    for handle in handles:
        handle.set_label(sheet.shortened(str(handle.get_label()), sheet.inches / columns - 0.5, KEY_SIZE))
    title = (
        factor_with_unit(plot.by, plot, sheet)
        if factor_of(plot.by) == 1.0
        else factor_in_words(plot.by, sheet.language)
    )
    figure.legend(
        handles=handles, ncols=columns, fontsize=KEY_SIZE, title=title, title_fontsize=KEY_SIZE, borderaxespad=0.1,
        loc="upper left" if sheet.language == "en" else "upper right", alignment=sheet.say("left", "right"),
    )  # fmt: skip


def _heading(axes: Axes, title: str, note: list[str], sheet: Sheet) -> None:
    """The outcome above the panel, at the side where reading begins, and lines of what must be known of it in grey."""
    height = axes.get_position().height * float(axes.get_figure(root=True).get_figheight())  # type: ignore[union-attr]
    side, at = sheet.say("left", "right"), 0.0 if sheet.language == "en" else 1.0
    up, grey, bold = 0.03, {"color": style.GREY}, {"fontweight": "bold"}
    lines: list[tuple[str, float, dict[str, Any]]] = [(line, NOTE_SIZE, grey) for line in reversed(note)]
    for text, size, look in [*lines, (title, TITLE_SIZE, bold)]:
        axes.text(at, 1.0 + up / height, text, transform=axes.transAxes, ha=side, va="bottom", fontsize=size, **look)
        up += NOTE_LINE[sheet.language]


def _columns(labels: list[str], sheet: Sheet) -> int:
    """Columns of the legend: as many as the longest of its words leaves room for."""
    longest = max((inches_of(label, KEY_SIZE, sheet.language) for label in labels), default=0.0)
    return max(1, min(3, len(labels), int(sheet.inches / (longest + 0.55))))


def _lines(axes: Axes, plot: Plot, across: Across, key: Mapping[Any, str]) -> list[Line2D]:
    """Points with their intervals, joined where x is a grid of numbers and nothing else differs; returns handles."""
    factor = hundredfold(plot.outcome)
    joined = not across.names and len(plot.values) <= MOST_ON_A_LINE and not plot.along
    handles = []
    for line in key or plot.lines:
        number = plot.lines.index(line)
        look: dict[str, Any] = {"color": COLOURS[number], "linewidth": 1.1}
        dots = {**look, "marker": MARKS[number], "markersize": 3.2, "linestyle": "none"}
        dashes = DASHES[number] if joined else "none"
        handles.append(Line2D([], [], label=key.get(line, ""), **{**dots, "linestyle": dashes}))
        if line not in plot.drawn:
            continue
        rows = plot.table[plot.table.by == line]
        at = rows.x.map(across.at) + across.aside(plot.drawn.index(line), len(plot.drawn))
        mean, known, sure = factor * rows["mean"], rows.x != NOT_SET, rows.n > 1
        axes.plot(at[known], mean[known], linestyle=dashes, **look)
        spread = factor * np.array([rows["mean"] - rows.low, rows.high - rows["mean"]], dtype=float)[:, sure]
        axes.errorbar(at[sure], mean[sure], spread, linestyle="none", elinewidth=0.9, capsize=1.8, **look)
        axes.plot(at, mean, **dots)
    return handles


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
