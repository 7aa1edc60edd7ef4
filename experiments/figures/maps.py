"""Maps of neighbourhoods, coloured by differences or changes, with marks on some of them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from experiments.figures.style import BLACK
from sim.outcome import HIGHEST, LOWEST

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Outlines = Sequence[Polygon | MultiPolygon]

BETTER_IS_BLUE = {HIGHEST: "RdBu", LOWEST: "RdBu_r"}
"""From red by white to blue, which colour-blind readers tell apart (ColorBrewer); blue is always better."""

DARKEST = 0.17
"""Share of the palette left out at either end, where hatching and marks would be hard to see."""

NO_VALUE, HATCH, HATCH_COLOUR, BORDER = "#D5D5D5", "/////", "#707070", "#8A8A8A"

MARK, WORD = 0.11, 0.17
"""Side of the square that a mark on a map takes, in inches: of one letter, and where one is a word, as in Persian."""


def colours_of(end: str | None) -> Colormap:
    """Colours of an outcome by its better end, without the darkest; grey where there is no value."""
    shades = mpl.colormaps[BETTER_IS_BLUE[end or HIGHEST]](np.linspace(DARKEST, 1.0 - DARKEST, 256))
    return ListedColormap(shades).with_extremes(bad=NO_VALUE)


def draw_map(
    axes: Axes, polygons: Outlines, values: Floats, colours: Colormap, scale: Normalize, hatched: Flags | None = None
) -> PatchCollection:
    """Colour the polygons by values, and hatch some.

    Args:
        axes: of the map; `fit` sets its limits.
        polygons: of the M neighbourhoods, km.
        values: (M,); nan where there is none.
        colours, scale: of the values.
        hatched: which neighbourhoods are hatched, (M,); none if None.
    """
    patches = [PathPatch(path_of(polygon)) for polygon in polygons]
    border = 0.3 if len(polygons) <= 200 else 0.1
    drawn = PatchCollection(patches, cmap=colours, norm=scale, edgecolor=BORDER, linewidth=border)
    drawn.set_array(np.ma.masked_invalid(values))
    axes.add_collection(drawn)
    unsure = [] if hatched is None else [patch for patch, chosen in zip(patches, hatched, strict=True) if chosen]
    if unsure:
        axes.add_collection(
            PatchCollection(
                unsure, facecolor="none", edgecolor=BORDER, linewidth=border, hatch=HATCH, hatchcolors=HATCH_COLOUR
            )
        )
    axes.set_axis_off()
    return drawn


def fit(axes: Axes, polygons: Outlines, size: tuple[float, float]) -> float:
    """Let a map fill its axes of a width and height in inches, the city at the upper edge; returns inches per km."""
    left, low, right, high = shapely.total_bounds(np.array(polygons, dtype=object))
    inches_per_km = 0.98 * min(size[0] / (right - left), size[1] / (high - low))
    reach = np.array(size) / 2.0 / inches_per_km
    axes.set_xlim((left + right) / 2.0 - reach[0], (left + right) / 2.0 + reach[0])
    middle = high + 0.01 * (high - low) - reach[1]
    axes.set_ylim(middle - reach[1], middle + reach[1])
    return float(inches_per_km)


def draw_marks(axes: Axes, polygons: Outlines, marked: Sequence[tuple[int, str]], size: tuple[float, float]) -> None:
    """Fit a map and mark some neighbourhoods; a mark that is moved aside has a line to its place.

    Args:
        axes: of a map of this size.
        polygons: of all neighbourhoods.
        marked: number of a neighbourhood, and its mark.
        size: width and height of the axes, inches.
    """
    inches_per_km = fit(axes, polygons, size)
    middle = np.array([np.mean(axes.get_xlim()), np.mean(axes.get_ylim())])
    chosen = np.array([polygons[number] for number, _ in marked], dtype=object)
    points = shapely.get_coordinates(shapely.point_on_surface(chosen))
    side = MARK if all(len(mark) == 1 for _, mark in marked) else WORD
    places = middle + _apart((points - middle) * inches_per_km, np.array(size) / 2.0, side) / inches_per_km
    for (_, mark), point, place in zip(marked, points, places, strict=True):
        if not np.allclose(point, place):
            axes.plot(*np.column_stack([point, place]), color=BLACK, linewidth=0.5, zorder=3)
        words = axes.text(
            place[0], place[1], mark, fontsize=6.5, fontweight="bold", color=BLACK, ha="center", va="center", zorder=4
        )
        words.set_path_effects([withStroke(linewidth=1.6, foreground="white")])


def _apart(points: Floats, half: Floats, side: float) -> Floats:
    """Move marks aside, (n, 2) inches from the middle of their map, so that none lies on another or off the map.

    Args:
        points: where they belong.
        half: half the width and half the height of the map.
        side: of the square that each takes.
    """
    steps = [np.zeros(2)]
    for distance in np.arange(1, 12) * 0.75 * side:
        angles = np.pi / 4.0 * np.arange(8)
        steps += list(distance * np.column_stack([np.cos(angles), np.sin(angles)]))
    placed: list[Floats] = []
    for point in points:
        tries = np.clip(point + np.array(steps), side / 2.0 - half, half - side / 2.0)
        free = [all(np.abs(one - other).max() >= side for other in placed) for one in tries]
        placed.append(tries[int(np.argmax(free))])
    return np.array(placed).reshape(-1, 2)


def round_down(value: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is no more than a positive value."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= value * (1.0 + 1e-9)))


def path_of(polygon: Polygon | MultiPolygon) -> Path:
    """One path for a polygon, its holes and its other parts."""
    parts = polygon.geoms if isinstance(polygon, MultiPolygon) else [polygon]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in rings))
