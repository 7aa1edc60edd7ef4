"""Maps of neighbourhoods, coloured by an outcome at several weeks on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from shapely import MultiPolygon, Polygon

from experiments.figures.style import BLACK

COLOURS = "cividis"
"""Made to look the same to people with and without colour-blindness."""


def weeks_to_show(city: pd.DataFrame, neighbourhoods: int) -> list[tuple[int, str]]:
    """Up to four weeks and why: the start, councils in half and in all neighbourhoods, the end; else evenly spread."""
    start, end = int(city.week.iloc[0]), int(city.week.iloc[-1])
    chosen = {start: "start"}
    for share, reason in ((0.5, "councils in half"), (1.0, "councils in all")):
        reached = city.loc[city.councils >= share * neighbourhoods, "week"]
        if len(reached):
            chosen.setdefault(int(reached.iloc[0]), reason)
    chosen[end] = "end"
    for week in np.linspace(start, end, 4).round().astype(int)[1:-1].tolist():
        if len(chosen) < 4:
            chosen.setdefault(week, "")
    return sorted(chosen.items())


def draw_map(
    axes: Axes,
    polygons: Sequence[Polygon | MultiPolygon],
    values: np.ndarray,
    marked: np.ndarray,
    scale: Normalize,
) -> PatchCollection:
    """Colour the polygons by values, (M,), and put a dot into those that are marked, (M,)."""
    patches = [PathPatch(path_of(polygon)) for polygon in polygons]
    border = 0.4 if len(polygons) <= 200 else 0.1
    drawn = PatchCollection(patches, cmap=COLOURS, norm=scale, edgecolor="white", linewidth=border)
    drawn.set_array(values)
    axes.add_collection(drawn)
    points = shapely.get_coordinates(shapely.point_on_surface(np.array(polygons, dtype=object)[marked]))
    size = min(9.0, 400.0 / max(len(polygons), 1))
    axes.scatter(points[:, 0], points[:, 1], s=size, facecolor="white", edgecolor=BLACK, linewidth=0.5, zorder=3)
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.set_axis_off()
    return drawn


def path_of(polygon: Polygon | MultiPolygon) -> Path:
    """One path for a polygon, its holes and its other parts."""
    parts = polygon.geoms if isinstance(polygon, MultiPolygon) else [polygon]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in rings))
