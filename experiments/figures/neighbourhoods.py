"""Differences from a base on maps: one row per policy, one column per outcome, and names of those that move most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.contrasts.neighbourhoods import (
    GAINS,
    HIGHER,
    LOSES,
    LOWER,
    at_last_week,
    count_beyond,
    end_in,
    extremes,
    in_a_line,
)
from experiments.figures import style
from experiments.figures.contrasts import MOST_POLICIES
from experiments.figures.heads import cut_inside
from experiments.figures.layout import Layout
from experiments.figures.maps import (
    BORDER,
    HATCH,
    HATCH_COLOUR,
    NO_VALUE,
    Outlines,
    colours_of,
    draw_map,
    draw_marks,
    round_down,
)
from experiments.figures.sheet import Sheet, hundredfold
from experiments.least import least_that_matters
from experiments.paper.tables import each
from sim.outcome import HIGHEST, LOWEST

MEANINGS = {
    HIGHEST: ("blue: higher, better", "آبی: بیشتر، بهتر"),
    LOWEST: ("blue: lower, better", "آبی: کمتر، بهتر"),
    None: ("blue: higher", "آبی: بیشتر"),
}
NOTHING = ("no difference", "بدون تفاوت")

NAMED = 3
"""Neighbourhoods named at each end, and marked on the maps."""

MARKS = {GAINS: "123", LOSES: "ABC", HIGHER: "123", LOWER: "ABC"}
HEADS = {
    GAINS: ("gain most", "بیشترین سود"),
    LOSES: ("lose most", "بیشترین زیان"),
    HIGHER: ("highest", "بیشترین افزایش"),
    LOWER: ("lowest", "بیشترین کاهش"),
}
NOBODY = {
    GAINS: ("none gains", "هیچ محله‌ای سود نمی‌برد"),
    LOSES: ("none loses", "هیچ محله‌ای زیان نمی‌بیند"),
    HIGHER: ("none is higher", "در هیچ محله‌ای بیشتر نیست"),
    LOWER: ("none is lower", "در هیچ محله‌ای کمتر نیست"),
}

PALEST = 2.0
"""Multiples of the least difference that matters which a scale of colours reaches at least: small ones stay pale."""

EDGE, GAP, LIST, HEAD, TITLE, LINE, BETWEEN = 0.06, 0.10, 2.05, 1.12, 0.22, 0.13, 0.10
"""Inches: the edge, between columns, the column of names, heads of columns, a policy's title, a line, between rows."""

SIZE = 6.5
"""Points of names and numbers."""


@dataclass(frozen=True)
class Mapped:
    """What is drawn on maps.

    Attributes:
        contrasts: of a comparison, with rows of single neighbourhoods; the first six policies are drawn.
        polygons: outlines of the M neighbourhoods, km.
        names: of the M neighbourhoods.
        titles: of policies; one without goes by its name.
        named_by: outcome whose extremes are named and marked.
    """

    contrasts: pd.DataFrame
    polygons: Outlines
    names: Sequence[str]
    titles: Mapping[str, str]
    named_by: str


@dataclass(frozen=True)
class _Column:
    """One outcome: its name, better end, colours and scale, and the left edge and the width of its maps (inches).

    `moves` is whether any policy makes any difference.
    """

    outcome: str
    end: str | None
    moves: bool
    colours: Colormap
    scale: Normalize
    left: float
    width: float


def neighbourhood_figure(found: Mapped, sheet: Sheet) -> Figure:
    """Draw the differences of single neighbourhoods at the last week that has any, in the sheet's style.

    Colours have one scale an outcome, symmetric about 0; blue is always better. A neighbourhood is hatched where its
    simultaneous interval holds 0. The three that lose most and the three that gain most carry a mark.

    Raises:
        ValueError: there are no rows of single neighbourhoods.
    """
    rows = at_last_week(found.contrasts)
    if rows.empty:
        raise ValueError("the table has no rows of single neighbourhoods")
    policies = list(dict.fromkeys(rows.policy))[:MOST_POLICIES]
    columns = _columns(rows[rows.policy.isin(policies)], sheet)
    named_by = found.named_by if found.named_by in {column.outcome for column in columns} else columns[0].outcome
    named = {policy: extremes(rows, policy, named_by, NAMED) for policy in policies}
    body = max(max(map(_height_of_names, named.values())), _height_of_maps(found.polygons, columns[0].width))
    with sheet.styled(), mpl.rc_context({"hatch.linewidth": 0.4}):
        figure = sheet.new(HEAD + len(policies) * (TITLE + body + BETWEEN))
        page = Layout(figure, sheet)
        for column in columns:
            _head(page, column)
        _legend(page, named_by, _marks_used(named.values(), sheet), missing=bool(rows.difference.isna().any()))
        for number, policy in enumerate(policies):
            top = HEAD + number * (TITLE + body + BETWEEN)
            own = rows[rows.policy == policy]
            title = sheet.shortened(found.titles.get(policy, policy), sheet.inches / 1.2, 8.0)
            page.write(EDGE, sheet.inches - EDGE, top, title, fontsize=8.0, fontweight="bold")
            for column in columns:
                axes = page.axes(column.left, top + TITLE, column.width, body)
                _map(axes, own[own.outcome == column.outcome], found.polygons, column)
                draw_marks(axes, found.polygons, _marked(named[policy], sheet), (column.width, body))
            ranked = end_in(rows[rows.outcome == named_by], named_by) is not None
            said = in_a_line(count_beyond(own, policy, named_by), ranked=ranked, language=sheet.language)
            _names(page, top + TITLE, named[policy], found.names, named_by, said, ranked=ranked)
    return figure


def _columns(rows: pd.DataFrame, sheet: Sheet) -> list[_Column]:
    """One column an outcome; its scale holds the differences of all policies."""
    outcomes = list(dict.fromkeys(rows.outcome))
    width = min((sheet.inches - 2.0 * EDGE - LIST) / len(outcomes) - GAP, 2.2)
    found = []
    for place, outcome in enumerate(outcomes):
        own = rows[rows.outcome == outcome]
        end = end_in(own, outcome)
        sizes = np.abs(own.difference.to_numpy(dtype=float)) * hundredfold(outcome)
        largest = float(np.nanmax(sizes)) if np.isfinite(sizes).any() else 0.0
        least = hundredfold(outcome) * least_that_matters(outcome, 0.0)
        reach = max(largest, PALEST * least) if np.isfinite(least) else largest or 1.0
        scale = Normalize(-reach, reach)
        found.append(_Column(outcome, end, largest > 0.0, colours_of(end), scale, EDGE + place * (width + GAP), width))
    return found


def _height_of_maps(polygons: Outlines, width: float) -> float:
    """Inches of maps of a width; of a tall city no more than fits."""
    left, low, right, high = shapely.total_bounds(np.array(polygons, dtype=object))
    return float(min(width * (high - low) / (right - left), 2.2))


def _height_of_names(named: pd.DataFrame) -> float:
    """Inches of a list of names: two heads, one line per neighbourhood, and two lines on intervals."""
    return LINE * (len(named) + 2.0 * 1.7 + 2.2)


def _head(page: Layout, column: _Column) -> None:
    """Name of an outcome, its colour bar and what blue means."""
    sheet = page.sheet
    bar = page.axes(column.left + 0.08, 0.60, column.width - 0.16, 0.07)
    drawn = page.figure.colorbar(ScalarMappable(column.scale, column.colours), cax=bar, orientation="horizontal")
    drawn.outline.set_linewidth(0.4)
    size = round_down(float(column.scale.vmax or 1.0))
    places = [-size, 0.0, size]
    bar.set_xticks(places, [sheet.number(value, 1, sign=True) for value in places])
    bar.minorticks_off()
    bar.tick_params(axis="x", labelsize=SIZE, pad=1.5, length=2.0)
    meaning = sheet.say(*(MEANINGS[column.end] if column.moves else NOTHING))
    unit = sheet.small_unit(column.outcome).strip()
    end = column.left + column.width
    below = 0.84 if sheet.language == "en" else 0.91  # Persian digits reach deeper
    page.write(column.left, end, below, f"{unit}{sheet.say('; ', '؛ ')}{meaning}", fontsize=5.8, color=style.GREY)
    sheet.heading(bar, sheet.outcome(column.outcome))


def _marks_used(named: Iterable[pd.DataFrame], sheet: Sheet) -> str:
    """Marks that some map has, in words; empty where none has any."""
    most = dict.fromkeys(("123", "ABC"), 0)
    for own in named:
        for direction, count in own.direction.value_counts().items():
            most[MARKS[str(direction)]] = max(most[MARKS[str(direction)]], int(count))
    return sheet.marks(*(marks[:count] for marks, count in most.items()))


def _legend(page: Layout, named_by: str, marks: str, *, missing: bool) -> None:
    """What marks, hatching and grey are, above the names.

    Args:
        page: of the figure.
        named_by: outcome whose extremes are named.
        marks: those on the maps, in words.
        missing: whether some neighbourhood has no value.
    """
    sheet, start, end = page.sheet, page.sheet.inches - EDGE - LIST, page.sheet.inches - EDGE
    words = sheet.shortened(sheet.outcome(named_by), LIST - 0.1, 8.5)
    page.write(start, end, 0.10, words, fontsize=7.5, fontweight="bold")
    look: dict[str, Any] = {"fontsize": 5.8, "color": style.GREY}
    unit = sheet.in_unit(named_by)
    on_maps = sheet.say(f"; {marks}: on the maps", f"؛ روی نقشه‌ها: {marks}") if marks else ""
    page.write(start, end, 0.30, f"{unit}{on_maps}", **look)
    hatched = Rectangle((0.0, 0.0), 1.0, 1.0, facecolor="white", edgecolor=HATCH_COLOUR, hatch=HATCH, linewidth=0.4)
    empty = Rectangle((0.0, 0.0), 1.0, 1.0, facecolor=NO_VALUE, edgecolor=BORDER, linewidth=0.4)
    unsure = sheet.say("hatched, or name in grey: interval holds 0", "هاشور یا نام خاکستری: بازه صفر را در بر دارد")
    keys = [(hatched, unsure), *([(empty, sheet.say("no value", "بدون مقدار"))] if missing else [])]
    for number, (patch, text) in enumerate(keys):
        top = 0.48 + 0.17 * number
        left = start if sheet.language == "en" else end - 0.2
        axes = page.axes(left, top, 0.2, 0.1)
        axes.add_patch(patch)
        axes.set_axis_off()
        page.write(start + 0.26, end - 0.26, top, text, **look)


def _map(axes: Axes, rows: pd.DataFrame, polygons: Outlines, column: _Column) -> None:
    """Colour the neighbourhoods by their differences, and hatch those whose interval holds 0.

    Args:
        axes: of the map.
        rows: of one policy and outcome.
        polygons: of all neighbourhoods.
        column: colours and scale.
    """
    values, held = np.full(len(polygons), np.nan), np.zeros(len(polygons), dtype=bool)
    numbers = rows.neighbourhood.to_numpy()
    values[numbers] = rows.difference.to_numpy(dtype=float) * hundredfold(column.outcome)
    held[numbers] = ~rows.leaves_out_0.to_numpy(dtype=bool)
    held &= ~np.isnan(values)
    draw_map(axes, polygons, values, column.colours, column.scale, held)


def _marked(named: pd.DataFrame, sheet: Sheet) -> list[tuple[int, str]]:
    """Numbers of the neighbourhoods that move most, with their marks."""
    return [
        (int(number), sheet.mark(mark))
        for direction, own in named.groupby("direction", sort=False)
        for number, mark in zip(own.neighbourhood, MARKS[str(direction)], strict=False)
    ]


def _names(
    page: Layout, top: float, named: pd.DataFrame, names: Sequence[str], outcome: str, said: str, *, ranked: bool
) -> None:
    """List the neighbourhoods that move most, those that lose first; in black where the interval excludes 0.

    Args:
        page: where.
        top: of the list, inches.
        named: see `extremes`.
        names: of all neighbourhoods.
        outcome: by which they are named.
        said: how many intervals exclude 0, in words.
        ranked: whether an end of the outcome is better.
    """
    sheet, start, end = page.sheet, page.sheet.inches - EDGE - LIST, page.sheet.inches - EDGE
    for direction in (LOSES, GAINS) if ranked else (LOWER, HIGHER):
        own = named[named.direction == direction]
        words = HEADS[direction] if len(own) else NOBODY[direction]
        page.write(start, end, top, sheet.say(*words), fontsize=7.0, fontweight="bold")
        top += 1.2 * LINE
        for mark, row in zip(MARKS[direction], each(own), strict=False):
            look: dict[str, Any] = {"fontsize": SIZE, "color": style.BLACK if row.leaves_out_0 else style.GREY}
            half = (float(row.simultaneous_high) - float(row.simultaneous_low)) / 2.0
            number = sheet.give_or_take(outcome, float(row.difference), half)
            page.write(start, end, top, sheet.mark(mark), fontsize=SIZE, fontweight="bold")
            page.write(start, end, top, number, last=True, **look)
            name = cut_inside(names[int(row.neighbourhood)], LIST - 1.05, SIZE, sheet.language)
            page.write(start + 0.14, end - 0.2, top, name, **look)  # a Persian mark may be a word
            top += LINE
        top += 0.5 * LINE
    for line in sheet.lines(said, LIST, 5.8):
        page.write(start, end, top, line, fontsize=5.8, color=style.GREY)
        top += 0.9 * LINE
