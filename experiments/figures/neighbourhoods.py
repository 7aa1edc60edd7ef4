"""Differences from a base on maps: one row per policy, one column per outcome, and names of those that move most."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PatchCollection
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from experiments.contrasts.neighbourhoods import (
    GAINS,
    HIGHER,
    LOSES,
    LOWER,
    NAMED,
    Beyond,
    at_last_week,
    count_beyond,
    end_in,
    extremes,
    in_a_line,
)
from experiments.contrasts.shown import give_or_take
from experiments.figures import style
from experiments.figures.contrasts import MOST_POLICIES, tick
from experiments.figures.maps import path_of
from experiments.units import factor_of, in_words, unit_of
from sim.outcome import HIGHEST, LOWEST

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BETTER_IS_BLUE = {HIGHEST: "RdBu", LOWEST: "RdBu_r"}
"""From red by white to blue, which colour-blind readers tell apart (ColorBrewer); blue is always better."""

DARKEST = 0.17
"""Share of the palette left out at either end, where hatching and marks would be hard to see."""

MEANINGS = {HIGHEST: "blue: higher, which is better", LOWEST: "blue: lower, which is better"}
NEITHER = "blue: higher; neither way is better"
NOTHING = "no difference anywhere"

NO_VALUE, HATCH, HATCH_COLOUR, BORDER = "#D5D5D5", "/////", "#606060", "#9A9A9A"
MARKED = 3
"""Neighbourhoods marked on the maps at each end."""

MARKS = {GAINS: "123", LOSES: "ABC", HIGHER: "123", LOWER: "ABC"}
HEADS = {GAINS: "gain most", LOSES: "lose most", HIGHER: "highest", LOWER: "lowest"}
NOBODY = {GAINS: "none gains", LOSES: "none loses", HIGHER: "none is higher", LOWER: "none is lower"}

_WIDTH, _DPI = 12.6, 150
_EDGE, _GAP = 0.15, 0.16
_LIST = 3.5
"""Inches: page, its margin, between columns, and the column of names."""

_TOP, _HEADS, _TITLE, _LINE, _NOTE_LINE = 0.68, 0.86, 0.27, 0.137, 0.118
"""Inches above the heads of columns, of those heads, of a policy's title, a line of names and a line of the note."""

_HEAD_OF_NAMES, _AFTER_NAMES = 1.1, 0.5
"""Lines that the head of a list of names takes, and the space after the list."""

_MARK = 0.13
"""Side of the square that a mark on a map takes, in inches."""


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


def neighbourhood_figure(
    contrasts: pd.DataFrame,
    polygons: Sequence[Polygon | MultiPolygon],
    names: Sequence[str],
    *,
    title: str,
    subtitle: str = "",
    note: str,
    titles: Mapping[str, str],
    named_by: str,
) -> Figure:
    """Draw the differences of single neighbourhoods at the last week that has any.

    Colours have one scale an outcome, symmetric about 0; blue is always better. A neighbourhood is hatched where its
    simultaneous interval holds 0. The three that gain most and the three that lose most carry a mark.

    Args:
        contrasts: the table of a comparison, with rows of single neighbourhoods; the first six policies are drawn.
        polygons: outlines of the M neighbourhoods, km.
        names: of the M neighbourhoods.
        title: heading of the page; it names the base.
        subtitle: what was run, below it.
        note: what hatching and intervals are, below the maps, in lines.
        titles: of policies; one without goes by its name.
        named_by: outcome whose extremes are named and marked.

    Raises:
        ValueError: there are no rows of single neighbourhoods.
    """
    rows = at_last_week(contrasts)
    if rows.empty:
        raise ValueError("the table has no rows of single neighbourhoods")
    policies = list(dict.fromkeys(rows.policy))
    if len(policies) > MOST_POLICIES:
        subtitle = f"{subtitle}; the first {MOST_POLICIES} of {len(policies)} policies"
    policies = policies[:MOST_POLICIES]
    columns = _columns(rows[rows.policy.isin(policies)])
    named_by = named_by if named_by in {column.outcome for column in columns} else columns[0].outcome
    across, down = _extent(polygons)
    named = {policy: extremes(rows, policy, named_by, NAMED) for policy in policies}
    tallest = max(map(_height_of_names, named.values()))
    body = max(tallest, min(columns[0].width * down / across, 2.6))
    below = 0.16 + _NOTE_LINE * (note.count("\n") + 1)
    height = _TOP + _HEADS + len(policies) * (_TITLE + body + _GAP) + below
    with style.house_style(), mpl.rc_context({"hatch.linewidth": 0.4}):
        page = _Page(style.new_figure(_WIDTH, height, _DPI), height)
        page.text(_EDGE, 0.14, title, _WIDTH - 2.0 * _EDGE, fontsize=12.0, fontweight="bold")
        page.text(_EDGE, 0.42, subtitle, _WIDTH - 2.0 * _EDGE, fontsize=8.5, color=style.GREY)
        list_at = columns[-1].left + columns[-1].width + _GAP
        for column in columns:
            _head(page, column)
        _legend(page, list_at, named_by, missing=bool(rows.difference.isna().any()))
        ranked = end_in(rows[rows.outcome == named_by], named_by) is not None
        wide = _width_of_names(page, list(named.values()), names, named_by)
        for number, policy in enumerate(policies):
            top = _TOP + _HEADS + number * (_TITLE + body + _GAP)
            own = rows[rows.policy == policy]
            page.text(_EDGE, top, titles.get(policy, policy), list_at - 0.3, fontsize=9.0, fontweight="bold")
            for column in columns:
                axes = page.axes(column.left, top + _TITLE, column.width, body)
                _map(axes, own[own.outcome == column.outcome], polygons, column)
                _marks(axes, named[policy], polygons, (column.width, body))
            beyond = count_beyond(own, policy, named_by)
            box = (list_at, top + _TITLE, wide)
            _names(page, box, named[policy], names, beyond, named_by, ranked=ranked)
        page.figure.text(_EDGE / _WIDTH, 0.10 / height, note, fontsize=7.0, color=style.GREY, va="bottom")
    return page.figure


class _Page:
    """A figure measured in inches from its upper left corner."""

    def __init__(self, figure: Figure, height: float) -> None:
        self.figure, self._height = figure, height
        self._renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes in a box."""
        page = self._height
        return self.figure.add_axes((left / _WIDTH, 1.0 - (top + height) / page, width / _WIDTH, height / page))

    def text(self, left: float, top: float, words: str, room: float, *, inside: bool = False, **look: Any) -> Text:
        """A line of text, cut where it would be wider than its room (inches); inside: in its middle and not its end."""
        found = self.figure.text(left / _WIDTH, 1.0 - top / self._height, words, **{"va": "top"} | look)
        if self.width_of(found) <= room:
            return found

        def too_wide(kept: int) -> bool:
            found.set_text(_cut(words, kept, inside=inside))
            return self.width_of(found) > room

        kept = bisect_left(range(len(words)), True, key=too_wide) - 1
        found.set_text(_cut(words, max(kept, 0), inside=inside))
        return found

    def widest(self, texts: Sequence[str], **look: Any) -> float:
        """Width of the widest of some texts, inches; 0 without any."""
        drawn = [self.figure.text(0.0, 0.0, words, **look) for words in texts]
        found = max(map(self.width_of, drawn), default=0.0)
        for text in drawn:
            text.remove()
        return found

    def width_of(self, text: Text) -> float:
        """Width of a text, inches."""
        return float(text.get_window_extent(self._renderer).width) / self.figure.dpi


def _cut(words: str, kept: int, *, inside: bool) -> str:
    """A text of which so many letters are kept; inside: the end too, by which names with one beginning differ."""
    after = kept // 3 if inside else 0
    return f"{words[: kept - after].rstrip()} … {words[len(words) - after :].lstrip()}".rstrip()


def _columns(rows: pd.DataFrame) -> list[_Column]:
    """One column an outcome; its scale holds the differences of all policies."""
    outcomes = list(dict.fromkeys(rows.outcome))
    width = min((_WIDTH - 2.0 * _EDGE - _LIST) / len(outcomes) - _GAP, 3.0)
    found = []
    for place, outcome in enumerate(outcomes):
        own = rows[rows.outcome == outcome]
        end = end_in(own, outcome)
        sizes = np.abs(own.difference.to_numpy(dtype=float)) * factor_of(outcome)
        reach = float(np.nanmax(sizes)) if np.isfinite(sizes).any() else 0.0
        scale = Normalize(-(reach or 1.0), reach or 1.0)
        found.append(_Column(outcome, end, reach > 0.0, _colours(end), scale, _EDGE + place * (width + _GAP), width))
    return found


def _colours(end: str | None) -> Colormap:
    """Colours of an outcome by its better end, without the darkest; grey where there is no value."""
    shades = mpl.colormaps[BETTER_IS_BLUE[end or HIGHEST]](np.linspace(DARKEST, 1.0 - DARKEST, 256))
    return ListedColormap(shades).with_extremes(bad=NO_VALUE)


def _round_down(value: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is no more than a positive value."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= value * (1.0 + 1e-9)))


def _extent(polygons: Sequence[Polygon | MultiPolygon]) -> tuple[float, float]:
    """Width and height of the city, km."""
    left, low, right, high = shapely.total_bounds(np.array(polygons, dtype=object))
    return float(right - left), float(high - low)


def _head(page: _Page, column: _Column) -> None:
    """Name of an outcome, its colour bar and what blue means."""
    page.text(column.left, _TOP, in_words(column.outcome), column.width, fontsize=8.5, fontweight="bold")
    bar = page.axes(column.left + 0.15, _TOP + 0.21, column.width - 0.3, 0.09)
    drawn = page.figure.colorbar(ScalarMappable(column.scale, column.colours), cax=bar, orientation="horizontal")
    drawn.outline.set_linewidth(0.4)
    size = _round_down(float(column.scale.vmax or 1.0))
    places = [-size, 0.0, size] if column.moves else [0.0]
    bar.set_xticks(places, [tick(value) for value in places])
    bar.minorticks_off()
    bar.tick_params(axis="x", labelsize=6.5, pad=1.5, length=2.0)
    look: dict[str, Any] = {"fontsize": 6.8, "color": style.GREY}
    page.text(column.left, _TOP + 0.48, f"difference, {unit_of(column.outcome)}", column.width, **look)
    meaning = NOTHING if not column.moves else NEITHER if column.end is None else MEANINGS[column.end]
    page.text(column.left, _TOP + 0.61, meaning, column.width, **look)


def _legend(page: _Page, left: float, named_by: str, *, missing: bool) -> None:
    """What marks, hatching and grey are, above the names."""
    page.text(left, _TOP, f"By name: {in_words(named_by)}", _LIST, fontsize=8.5, fontweight="bold")
    look: dict[str, Any] = {"fontsize": 6.8, "color": style.GREY}
    page.text(left, _TOP + 0.21, "1-3 and A-C: on the maps, too", _LIST, **look)
    hatched = Rectangle((0.0, 0.0), 1.0, 1.0, facecolor="white", edgecolor=HATCH_COLOUR, hatch=HATCH, linewidth=0.4)
    empty = Rectangle((0.0, 0.0), 1.0, 1.0, facecolor=NO_VALUE, edgecolor=BORDER, linewidth=0.4)
    keys = [(hatched, "hatched, or name in grey: interval holds 0"), *([(empty, "no value")] if missing else [])]
    for number, (patch, words) in enumerate(keys):
        top = _TOP + 0.38 + 0.17 * number
        axes = page.axes(left, top, 0.24, 0.12)
        axes.add_patch(patch)
        axes.set_axis_off()
        page.text(left + 0.30, top, words, _LIST - 0.3, **look)


def _map(axes: Axes, rows: pd.DataFrame, polygons: Sequence[Polygon | MultiPolygon], column: _Column) -> None:
    """Colour the neighbourhoods by their differences, and hatch those whose interval holds 0.

    Args:
        axes: of the map; its limits are set.
        rows: of one policy and outcome.
        polygons: of all neighbourhoods.
        column: colours and scale.
    """
    values, held = np.full(len(polygons), np.nan), np.zeros(len(polygons), dtype=bool)
    numbers = rows.neighbourhood.to_numpy()
    values[numbers] = rows.difference.to_numpy(dtype=float) * factor_of(column.outcome)
    held[numbers] = ~rows.leaves_out_0.to_numpy(dtype=bool)
    held &= ~np.isnan(values)
    patches = [PathPatch(path_of(polygon)) for polygon in polygons]
    border = 0.4 if len(polygons) <= 100 else 0.2
    drawn = PatchCollection(patches, cmap=column.colours, norm=column.scale, edgecolor=BORDER, linewidth=border)
    drawn.set_array(np.ma.masked_invalid(values))
    axes.add_collection(drawn)
    axes.add_collection(
        PatchCollection(
            [patch for patch, hatched in zip(patches, held, strict=True) if hatched], facecolor="none",
            edgecolor=BORDER, linewidth=border, hatch=HATCH, hatchcolors=HATCH_COLOUR,
        )
    )  # fmt: skip
    axes.set_axis_off()


def _marks(
    axes: Axes, named: pd.DataFrame, polygons: Sequence[Polygon | MultiPolygon], size: tuple[float, float]
) -> None:
    """Mark the neighbourhoods that move most, none upon another; one that is moved aside has a line to its place.

    Args:
        axes: of a map of this size; limits are set here.
        named: see `extremes`.
        polygons: of all neighbourhoods.
        size: width and height of the axes, inches.
    """
    left, low, right, high = shapely.total_bounds(np.array(polygons, dtype=object))
    inches_per_km = 0.98 * min(size[0] / (right - left), size[1] / (high - low))
    middle, reach = np.array([left + right, low + high]) / 2.0, np.array(size) / 2.0 / inches_per_km
    axes.set_xlim(middle[0] - reach[0], middle[0] + reach[0])
    middle[1] = high + 0.01 * (high - low) - reach[1]  # the city at the upper edge, where the names begin
    axes.set_ylim(middle[1] - reach[1], middle[1] + reach[1])
    marked = [
        (int(number), mark)
        for direction, own in named.groupby("direction", sort=False)
        for number, mark in zip(own.neighbourhood[:MARKED], MARKS[str(direction)], strict=False)
    ]
    chosen = np.array([polygons[number] for number, _ in marked], dtype=object)
    points = shapely.get_coordinates(shapely.point_on_surface(chosen))
    places = middle + _apart((points - middle) * inches_per_km, np.array(size) / 2.0) / inches_per_km
    for (_, mark), point, place in zip(marked, points, places, strict=True):
        if not np.allclose(point, place):
            axes.plot(*np.column_stack([point, place]), color=style.BLACK, linewidth=0.5, zorder=3)
        words = axes.text(
            place[0],
            place[1],
            mark,
            fontsize=6.5,
            fontweight="bold",
            color=style.BLACK,
            ha="center",
            va="center",
            zorder=4,
        )
        words.set_path_effects([withStroke(linewidth=1.6, foreground="white")])


def _apart(points: Floats, half: Floats) -> Floats:
    """Move marks aside, (n, 2) inches from the middle of their map, so that none lies on another or off the map.

    Args:
        points: where they belong.
        half: half the width and half the height of the map.
    """
    steps = [np.zeros(2)]
    for distance in np.arange(1, 12) * 0.75 * _MARK:
        angles = np.pi / 4.0 * np.arange(8)
        steps += list(distance * np.column_stack([np.cos(angles), np.sin(angles)]))
    placed: list[Floats] = []
    for point in points:
        tries = np.clip(point + np.array(steps), _MARK / 2.0 - half, half - _MARK / 2.0)
        free = [all(np.abs(one - other).max() >= _MARK for other in placed) for one in tries]
        placed.append(tries[int(np.argmax(free))])
    return np.array(placed).reshape(-1, 2)


def _height_of_names(named: pd.DataFrame) -> float:
    """Height of a list of names, inches: two heads, one line per neighbourhood, and the line on intervals."""
    return _LINE * (2.0 * (_HEAD_OF_NAMES + _AFTER_NAMES) + len(named) + 1.0)


def _width_of_names(page: _Page, named: Sequence[pd.DataFrame], names: Sequence[str], outcome: str) -> float:
    """Width of the lists of names with their differences, inches: that of the widest, or all the room there is."""
    rows = pd.concat(named)
    widest = page.widest([names[number] for number in rows.neighbourhood], fontsize=7.0)
    return min(_LIST, 0.16 + widest + 0.2 + page.widest(_numbers(rows, outcome), fontsize=7.0))


def _numbers(named: pd.DataFrame, outcome: str) -> list[str]:
    """Differences with half the widths of their simultaneous intervals."""
    numbers = named[["difference", "simultaneous_low", "simultaneous_high"]].to_numpy(dtype=float).tolist()
    return [give_or_take(value, low, high, outcome).replace("-", "−") for value, low, high in numbers]


def _names(
    page: _Page,
    box: tuple[float, float, float],
    named: pd.DataFrame,
    names: Sequence[str],
    beyond: Beyond,
    outcome: str,
    *,
    ranked: bool,
) -> None:
    """List the neighbourhoods that move most, in black where the interval excludes 0.

    Args:
        page: where.
        box: left edge, top and width of the list, inches.
        named: see `extremes`.
        names: of all neighbourhoods.
        beyond: how many intervals exclude 0.
        outcome: of which they are.
        ranked: whether an end of it is better.
    """
    left, top, width = box
    for direction in (GAINS, LOSES) if ranked else (HIGHER, LOWER):
        own = named[named.direction == direction]
        head = HEADS[direction] if len(own) else NOBODY[direction]
        page.text(left, top, head, _LIST, fontsize=7.2, fontweight="bold")
        top += _HEAD_OF_NAMES * _LINE
        for place, words in enumerate(_numbers(own, outcome)):
            row = own.iloc[place]
            look: dict[str, Any] = {"fontsize": 7.0, "color": style.BLACK if row.leaves_out_0 else style.GREY}
            number = page.text(left + width, top, words, _LIST, ha="right", **look)
            room = width - 0.16 - 0.1 - page.width_of(number)
            page.text(left + 0.16, top, names[int(row.neighbourhood)], room, inside=True, **look)
            if place < MARKED:
                page.text(left, top, MARKS[direction][place], 0.16, fontsize=7.0, fontweight="bold")
            top += _LINE
        top += _AFTER_NAMES * _LINE
    said = in_a_line(beyond, ranked=ranked)
    page.text(left, top, said, _LIST, fontsize=6.8, color=style.GREY)
