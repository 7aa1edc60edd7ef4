"""Weeks that a figure over time marks: a line for each, and words that do not lie on each other."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from experiments.figures.sheet import Sheet
from experiments.figures.style import GREY

CLOSE = 0.06
"""Share of the time within which two events have one line of words."""


def mark_events(axes: Axes, events: Iterable[tuple[int, str]], last: int, sheet: Sheet, *, named: bool) -> None:
    """Mark events of a panel.

    Args:
        axes: the panel, weeks on its x axis.
        events: week and words of each.
        last: the last week; later events are left out.
        sheet: it is drawn on.
        named: whether the words are written.
    """
    said: list[tuple[int, str]] = []
    for week, words in sorted(events):
        if week > last:
            continue
        axes.axvline(week, color=GREY, linewidth=0.5, linestyle=(0, (2, 2)), zorder=0)
        if said and week - said[-1][0] < CLOSE * last:
            said[-1] = (said[-1][0], f"{said[-1][1]}{sheet.say(', ', '، ')}{words}")
        else:
            said.append((week, words))
    for week, words in said if named else []:
        inside = week > 2.0 * CLOSE * last  # else the words would stand on the axis
        text = axes.annotate(
            words, (week, 1.0), xycoords=("data", "axes fraction"), xytext=(-1.5 if inside else 1.5, -2),
            textcoords="offset points", rotation=90, ha="right" if inside else "left", va="top", fontsize=5.8,
            color=GREY,
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=1.6, foreground="white")])  # it may stand on a line
