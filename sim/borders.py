"""Which neighbourhoods border on which, from their outlines, however detailed these are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers


_DETAILED = 500  # vertices of an outline above which it is simplified before borders are looked for
_SIMPLER = 0.1  # how far simplifying may move an outline, in gaps that still count as touching
_JAGGED = 2_000  # vertices that simplifying leaves above which borders are measured piece by piece, not by buffers
_PIECES = 100_000  # into which a border is cut at most, besides its own


def border_graph(polygons: Sequence[Polygon | MultiPolygon], tolerance: float) -> nx.Graph[int]:
    """Graph of the polygons that share a border or overlap, connected by the shortest bridges where they do not.

    Polygons up to `tolerance` apart touch; a corner, shorter than four tolerances, is not a border. Detail far below
    the tolerance is left out.
    """
    shapes = _simplified(np.array(polygons, dtype=object), _SIMPLER * tolerance)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=tolerance)
    left, right = left[left < right], right[left < right]
    shared = np.maximum(_shared(shapes, left, right, tolerance), _shared(shapes, right, left, tolerance))
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(shapes)))
    graph.add_edges_from(
        zip(left[shared > 4 * tolerance].tolist(), right[shared > 4 * tolerance].tolist(), strict=True)
    )
    _join_islands(graph, shapes)
    return graph


def _shared(shapes: NDArray[np.object_], one: Integers, other: Integers, tolerance: float) -> Floats:
    """Lengths (n,) of the border of one shape of each pair (n,) that lie within a distance of the other."""
    jagged = shapely.get_num_coordinates(shapes) > _JAGGED
    plain, borders = shapes.copy(), shapely.boundary(shapes)
    plain[jagged] = None
    reach = shapely.buffer(plain, tolerance, quad_segs=2)
    lengths = np.asarray(shapely.length(shapely.intersection(borders[one], reach[other])))
    shapely.prepare(shapes[jagged])
    for pair in np.flatnonzero(jagged[one] | jagged[other]):
        lengths[pair] = _length_near(borders[one[pair]], shapes[other[pair]], tolerance)
    return lengths


def _length_near(border: Any, shape: Any, distance: float) -> float:
    """Length of a border within a distance of a shape, by the middles of its pieces, of half the distance usually."""
    west, south, east, north = shape.bounds
    longest = max(distance / 2, border.length / _PIECES)
    places, line = shapely.get_coordinates(shapely.get_parts(shapely.segmentize(border, longest)), return_index=True)
    middles, lengths = (places[1:] + places[:-1]) / 2, np.hypot(*np.diff(places, axis=0).T)
    near = (middles >= np.array([west, south]) - distance) & (middles <= np.array([east, north]) + distance)
    at = np.flatnonzero(near.all(axis=1) & (line[1:] == line[:-1]))
    return float(lengths[at][shapely.dwithin(shape, shapely.points(middles[at]), distance)].sum())


def _simplified(shapes: NDArray[np.object_], distance: float) -> NDArray[np.object_]:
    """The shapes (M,), those of many vertices moved by at most a distance; buffers of jagged lines take very long."""
    simpler = shapely.simplify(shapes, distance, preserve_topology=False)
    detailed = (shapely.get_num_coordinates(shapes) > _DETAILED) & ~shapely.is_empty(simpler)
    return np.where(detailed, simpler, shapes)


def _join_islands(graph: nx.Graph[int], shapes: NDArray[np.object_]) -> None:
    """Grow the connected part by the nearest polygon outside (Prim), so that each distance is measured once."""
    parts = {node: part for part in nx.connected_components(graph) for node in part}
    newest = list(parts[0])
    outside = np.setdiff1d(np.arange(len(shapes)), newest)
    gap, nearest = np.full(len(shapes), np.inf), np.zeros(len(shapes), dtype=np.int64)
    while outside.size:
        distances = shapely.distance(shapes[newest][:, None], shapes[outside][None, :])
        closest = np.argmin(distances, axis=0)
        shorter = distances[closest, np.arange(outside.size)] < gap[outside]
        nearest[outside[shorter]] = np.array(newest)[closest[shorter]]
        gap[outside] = np.minimum(gap[outside], distances.min(axis=0))
        chosen = int(outside[np.argmin(gap[outside])])
        graph.add_edge(int(nearest[chosen]), chosen)
        newest = list(parts[chosen])
        outside = np.setdiff1d(outside, newest)
