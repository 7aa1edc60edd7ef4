"""The patterns by which the model is judged: accepted range and what the model gives, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.directions import RIGHT_TO_LEFT
from experiments.figures import style
from experiments.figures.sheet import Sheet
from experiments.languages import marked
from experiments.paper.asking import Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import Source
from experiments.pattern_names import MARKS as MARKS_IN_PERSIAN
from experiments.pattern_names import PARTS, PERSIAN, VERDICTS, accepted_in_words
from experiments.patterns import Accept
from experiments.validation.tables import as_data
from experiments.validation.verdicts import Judged
from sim.parameters import Parameters

LEFT, RIGHT = -1.0, 2.0
"""Ends of the normalised axis; the accepted range lies between 0 and 1."""

ROW, LEGEND, FOOT = 0.145, 0.42, 0.26
RANGE = "#DDE7E1"
MARKS = {"met": (style.BLUE, "o"), "not met": (style.VERMILION, "X"), "inconclusive": (style.BLACK, "D")}
WIDE, NARROW = 5.2, 2.6
"""Inches of a name, without an accepted range beside it and with one."""

POINTS, BOLD_POINTS = 6.2, 7.2
"""Size of letters, and the size at which letters are as wide as bold ones of the former."""


@drawing("patterns", source="validation")
class Patterns:
    """The patterns by which the model is judged: what is accepted and what the city gives, with 95 % intervals.

    Each part has an axis of its own, scaled so that all accepted ranges line up.
    """

    class Options(Parameters):
        """There are none."""

    @staticmethod
    def wrong(source: Source, options: Options) -> Iterator[Wrong]:
        """Nothing is asked for."""
        yield from ()

    @staticmethod
    def table(data: list[Judged], options: Options) -> pd.DataFrame:
        """As `experiments.validation.tables.as_data` gives it, in the columns that are drawn."""
        found = as_data(data)
        columns = [
            "pattern", "what", "part", "unit", "accept_low", "accept_high", "accept_open", "mean", "low", "high",
            "share_inside", "part_verdict", "verdict", "tag", "fitted", "in_view",
        ]  # fmt: skip
        own = found.reindex(columns=columns)
        texts = ["what", "part", "unit", "part_verdict", "verdict", "tag"]
        return own.assign(**{name: own[name].astype(object).fillna("").astype(str) for name in texts})

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        rows = _rows(table, sheet)
        height = LEGEND + ROW * len(rows) + FOOT
        figure = sheet.new(height)
        page = float(figure.get_figheight())
        left = 0.48 if sheet.language == "en" else 1.0 - 0.48 - 0.27  # in Persian names stand at the right
        axes = figure.add_axes((left, FOOT / page, 0.27, ROW * len(rows) / page))
        axes.set_xlim(LEFT, RIGHT)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        for at, (head, name, row) in enumerate(rows):
            if head:
                axes.axhline(at - 0.5, color="#DDDDDD", linewidth=0.5, zorder=0, clip_on=False, **_across(sheet))
            _row(axes, at, head, name, row, sheet)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xticks([0.0, 1.0], [sheet.say("lower bound", "کران پایین"), sheet.say("upper bound", "کران بالا")])
        axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
        handles: list[Line2D | Patch] = [Patch(color=RANGE, label=sheet.say("accepted range", "دامنه پذیرفته"))]
        handles += [
            Line2D([], [], color=colour, marker=mark, markersize=4, linestyle="-", label=sheet.say(*VERDICTS[word]))
            for word, (colour, mark) in MARKS.items()
        ]
        sheet.legend(figure, handles, 4)
        return figure


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


type Rows = list[tuple[bool, str, pd.Series]]


def _rows(table: pd.DataFrame, sheet: Sheet) -> Rows:
    """Head of a pattern or its part, the name and the values; a pattern of one part stands in one row."""
    rows: Rows = []
    for _, own in table.groupby("pattern", sort=False):
        first = own.iloc[0]
        marks = {
            "claimed": first.tag in ("claimed", "press"),
            "fitted": bool(first.fitted),
            "range known": bool(first.in_view),
        }
        comma = sheet.say(", ", "، ")
        notes = comma.join(sheet.say(note, MARKS_IN_PERSIAN[note]) for note, holds in marks.items() if holds)
        what = sheet.say(str(first.what), PERSIAN[int(first.pattern)])
        name = f"{sheet.digits(str(first.pattern))}  {what}" + (f" ({notes})" if notes else "")
        if not first.part or (len(own) == 1 and sheet.shortened(name, NARROW, BOLD_POINTS) == name):
            rows.append((True, name, first))
            continue
        rows.append((True, name, pd.Series({**first.to_dict(), "mean": np.nan, "part": "", "head": True})))
        rows += [(False, sheet.say(str(row["part"]), PARTS[str(row["part"])]), row) for _, row in own.iterrows()]
    return rows


def _row(axes: Axes, at: int, head: bool, name: str, row: pd.Series, sheet: Sheet) -> None:
    word = str(row.verdict if head else row.part_verdict)
    if head:
        colour = MARKS.get(word, (style.GREY, ""))[0]
        verdict = sheet.say(*VERDICTS.get(word, (word, word)))
        _text(sheet, axes, 1.88, at, verdict, bold=True, align="right", colour=colour)
    room = NARROW if np.isfinite(row["mean"]) else WIDE
    shown = sheet.shortened(name, room if head else room - 0.1, BOLD_POINTS if head else POINTS)
    _text(sheet, axes, -1.74 if head else -1.64, at, shown, bold=head)
    if row.get("head", False):
        return
    if not np.isfinite(row["mean"]):
        _text(sheet, axes, 1.03, at, sheet.say("no value", "بدون مقدار"), colour=style.GREY)
        return
    accept = Accept(_bound(row.accept_low), _bound(row.accept_high), row.unit, bool(row.accept_open))
    ends = (row.low, row.high) if np.isfinite(row.low) else (row["mean"], row["mean"])
    start = LEFT if accept.low is None else 0.0
    end = RIGHT if accept.high is None else 1.0
    if accept.low is not None and accept.low == accept.high:
        start, end = 0.47, 0.53
    axes.barh(at, end - start, left=start, height=0.75, color=RANGE, zorder=1)
    place = normalised(accept, [row["mean"], *ends], *ends)
    mean, low, high = np.clip(place, LEFT + 0.04, RIGHT - 0.04)
    colour, mark = MARKS[str(row.part_verdict or row.verdict)]
    outside = "<" if place[0] < LEFT + 0.04 else ">" if place[0] > RIGHT - 0.04 else mark
    axes.plot([low, high], [at, at], color=colour, linewidth=1.6, solid_capstyle="butt", zorder=3)
    axes.plot(mean, at, outside, color=colour, markersize=3.8, zorder=4)
    _text(sheet, axes, 1.03, at, sheet.digits(accept.show(row["mean"])))
    accepted = accepted_in_words(accept, sheet.language)
    accepted = sheet.say(accepted, f"{RIGHT_TO_LEFT}{marked(accepted, sheet.language)}")
    _text(sheet, axes, -0.02, at, sheet.digits(accepted), colour=style.GREY, align="right")


def _bound(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _across(sheet: Sheet) -> dict[str, float]:
    """From the names to the verdicts, in widths of the axis."""
    return {"xmin": -1.74, "xmax": 1.9} if sheet.language == "en" else {"xmin": -0.9, "xmax": 2.74}


def _text(
    sheet: Sheet,
    axes: Axes,
    x: float,
    row: int,
    text: str,
    *,
    bold: bool = False,
    align: str = "left",
    colour: str = style.BLACK,
) -> None:
    """A text beside a row, x in widths of the axis; in Persian all is mirrored but the axis."""
    if sheet.language == "fa":
        x, align = 1.0 - x, "right" if align == "left" else "left"
    axes.text(
        x, row, text, transform=axes.get_yaxis_transform(), ha=align, va="center", fontsize=POINTS, color=colour,
        fontweight="bold" if bold else "normal", clip_on=False,
    )  # fmt: skip
