"""The 28 patterns in one figure: each part on its own axis, scaled so that all accepted ranges line up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.figures.style import BLUE, GREY, ORANGE, PALE, VERMILION, house_style, new_figure
from experiments.patterns import Accept
from experiments.validation.verdicts import Judged, Part

LEFT, RIGHT = -1.0, 2.0
"""Ends of the normalised axis; the accepted range lies between 0 and 1."""

MARKS = {"met": (BLUE, "o"), "not met": (VERMILION, "X"), "inconclusive": (ORANGE, "D")}
RANGE_COLOUR = "#CFE3D8"
ROW, WIDTH = 0.205, 10.6
LONGEST_BESIDE = 64
"""Longest title, in letters, that leaves room for an accepted range in its row."""


def normalised(accept: Accept, values: Sequence[float], low: float, high: float) -> list[float]:
    """Values on the part's own axis, on which the accepted range is 0 to 1.

    A range with one bound has it at 0 or 1, and is as wide as it takes to show the interval from `low` to `high`.
    """
    if accept.low is not None and accept.high is not None:
        width = accept.high - accept.low or max(abs(accept.low), 1.0) * 0.1
        start = accept.low if accept.high > accept.low else accept.low - width / 2.0
    else:
        bound = accept.low if accept.low is not None else accept.high or 0.0
        ends = [abs(end - bound) for end in (low, high) if np.isfinite(end)]
        width = 1.25 * max(ends, default=0.0) or 1.0
        start = bound if accept.low is not None else bound - width
    return [(value - start) / width for value in values]


def figure_of_patterns(judged: Sequence[Judged], heading: str) -> Figure:
    """Accepted range, interval of the mean, and single replications of every part.

    Args:
        judged: the verdicts.
        heading: what was run.
    """
    count = sum(1 + (0 if _in_one_row(one) else len(one.parts)) for one in judged)
    height = ROW * count + 1.3
    with house_style():
        figure = new_figure(WIDTH, height, dpi=130)
        axes = figure.add_axes((0.45, 0.62 / height, 0.265, (ROW * count) / height))
        axes.set_xlim(LEFT, RIGHT)
        axes.set_ylim(count - 0.5, -0.5)
        row = 0
        for one in judged:
            row = _pattern(axes, one, row)
        _frame(axes)
        figure.text(0.012, 1.0 - 0.2 / height, "Patterns of validation", fontsize=11, fontweight="bold", va="center")
        figure.text(0.012, 1.0 - 0.42 / height, heading, fontsize=8, va="center")
        _legend(figure, height)
    return figure


def _pattern(axes: Axes, one: Judged, row: int) -> int:
    """Draw a pattern from a row on and return the next free row; its only part stands in the pattern's own row."""
    colour = MARKS[one.word][0]
    axes.axhline(row - 0.5, color="#DDDDDD", linewidth=0.5, zorder=0, clip_on=False, xmin=-1.66, xmax=2.03)
    _text(axes, -1.63, row, f"{one.pattern.number}", weight="bold", align="right", colour=colour)
    _text(axes, -1.61, row, _title(one), weight="bold")
    _text(axes, 2.03, row, one.word, weight="bold", align="right", colour=colour)
    if not one.parts:
        _text(axes, 1.03, row, _short(one.why, 52), colour=GREY)
    elif _in_one_row(one):
        _part(axes, one.parts[0], row)
    else:
        for part in one.parts:
            row += 1
            _text(axes, -1.58, row, part.name)
            _part(axes, part, row)
    return row + 1


def _title(one: Judged) -> str:
    """The pattern in words; whether it is only claimed, and whether defaults were chosen with it known."""
    pattern = one.pattern
    marks = {"claimed": pattern.tag in ("claimed", "press"), "fitted": pattern.fitted, "range known": pattern.in_view}
    notes = [note for note, holds in marks.items() if holds]
    return one.pattern.what + (f" ({', '.join(notes)})" if notes else "")


def _in_one_row(one: Judged) -> bool:
    """Whether a pattern has one part at most, and a title beside which its range finds room."""
    return not one.parts or (len(one.parts) == 1 and len(_title(one)) <= LONGEST_BESIDE)


def _part(axes: Axes, part: Part, row: int) -> None:
    """Draw a part's range, replications and interval, and write its numbers beside them."""
    colour, marker = MARKS[part.word]
    start, end = (0.0, 1.0)
    if part.accept.low is None:
        start = LEFT
    elif part.accept.high is None:
        end = RIGHT
    elif part.accept.low == part.accept.high:
        start, end = 0.47, 0.53
    axes.barh(row, end - start, left=start, height=0.7, color=RANGE_COLOUR, zorder=1)
    if np.isfinite(part.mean):
        ends = (part.low, part.high) if np.isfinite(part.low) else (part.mean, part.mean)
        place = normalised(part.accept, [part.mean, *ends], *ends)
        dots = np.clip(normalised(part.accept, [v for v in part.values if np.isfinite(v)], *ends), LEFT, RIGHT)
        axes.scatter(dots, np.full(dots.size, row), s=5, color=GREY, linewidths=0, alpha=0.55, zorder=2)
        mean, low, high = np.clip(place, LEFT + 0.04, RIGHT - 0.04)
        axes.plot([low, high], [row, row], color=colour, linewidth=2.0, solid_capstyle="butt", zorder=3)
        outside = "<" if place[0] < LEFT + 0.04 else ">" if place[0] > RIGHT - 0.04 else marker
        axes.scatter([mean], [row], s=26, color=colour, marker=outside, linewidths=0, zorder=4)
        interval = f" ({part.accept.show(part.low)} to {part.accept.show(part.high)})" if np.isfinite(part.low) else ""
        _text(axes, 1.03, row, part.accept.show(part.mean) + interval)
    else:
        _text(axes, 1.03, row, "no value", colour=GREY)
    _text(axes, -0.02, row, str(part.accept), align="right", colour=GREY)


def _text(
    axes: Axes, x: float, row: int, text: str, *, weight: str = "normal", align: str = "left", colour: str = "#222222"
) -> None:
    """Text beside the axis: x in widths of it, from its left end."""
    axes.text(
        x, row, text, transform=axes.get_yaxis_transform(), ha=align, va="center", fontsize=7.2, fontweight=weight,
        color=colour, clip_on=False,
    )  # fmt: skip


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _frame(axes: Axes) -> None:
    axes.set_facecolor(PALE)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for bound in (0.0, 1.0):
        axes.axvline(bound, color=GREY, linewidth=0.5, linestyle=(0, (2, 2)), zorder=2)
    axes.set_xticks([0.0, 1.0], ["lower bound", "upper bound"])
    axes.set_xlabel("each part on its own axis, scaled to its accepted range")


def _legend(figure: Figure, height: float) -> None:
    handles: list[Patch | Line2D] = [Patch(color=RANGE_COLOUR, label="accepted range")]
    handles += [
        Line2D([], [], color=colour, marker=marker, markersize=5, label=f"{word}: mean and its 95 % interval")
        for word, (colour, marker) in MARKS.items()
    ]
    handles.append(Line2D([], [], color=GREY, marker=".", linestyle="none", markersize=5, label="one replication"))
    figure.legend(
        handles=handles, loc="upper right", bbox_to_anchor=(0.995, 1.0 - 0.08 / height), ncols=3, fontsize=7,
        frameon=False,
    )  # fmt: skip
