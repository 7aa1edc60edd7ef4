"""Neighbourhoods: how many, how large, how deprived, how well served, where, and which border on which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import shapely
from pydantic import field_validator
from scipy.spatial import KDTree
from scipy.spatial.distance import pdist, squareform
from shapely import MultiPolygon, Polygon

from sim.borders import border_graph
from sim.errors import ConfigError
from sim.own_data import OwnNeighbourhoods, join, read_table
from sim.own_maps import read_polygons
from sim.parameters import Effect, Parameters, parameter

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers, Streams

CATEGORIES = ("roads", "green", "sport", "culture", "waste", "health")
"""The six categories of services, in the order of every array's columns."""

CATEGORY_LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "roads": ("Roads and lighting", "معابر و روشنایی"),
        "green": ("Green space", "فضای سبز"),
        "sport": ("Sport", "ورزش"),
        "culture": ("Culture and education", "فرهنگ و آموزش"),
        "waste": ("Waste and drainage", "پسماند و دفع آب‌های سطحی"),
        "health": ("Health and safety", "بهداشت و ایمنی"),
    }
)
"""Long labels by category: English, Persian."""

_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_OWN_GAP = 0.01  # gap between borders, in sides of a mean cell, that still counts as touching in a user's polygons
_ROUNDS = 15  # of Lloyd's relaxation; cells change little afterwards


class NeighbourhoodParameters(Parameters):
    """The neighbourhoods of a synthetic city, or the files that describe a real one."""

    count: int = parameter(
        50,
        "Number of neighbourhoods where no file gives them; no outcome has a direction: more of them are smaller, each "
        "with a council, a budget and a service level of its own.",
        unit="neighbourhoods",
        source="rafsanjanfarda.ir code 3675; the mayor's speech of 8 November 2025",
        tag="claimed",
        effect=None,
        range=(2, 2000),
    )
    data_file: str | None = parameter(
        None,
        "CSV with name, population, deprivation, x, y; optional name_fa and service levels; a file, so no direction.",
        unit="",
        source="the user",
        tag="assumption",
        effect=None,
    )
    polygons_file: str | None = parameter(
        None,
        "GeoJSON with a polygon and a name for each neighbourhood; a file, so no direction.",
        unit="",
        source="the user",
        tag="assumption",
        effect=None,
    )
    names: tuple[str, ...] = parameter(
        (),
        "English names of the first neighbourhoods, the rest are numbered; labels, so no direction.",
        unit="",
        source="names in the local press; labels only",
        tag="source",
        effect=None,
        lax=True,
    )
    names_fa: tuple[str, ...] = parameter(
        (),
        "Persian names of the first neighbourhoods, the rest are numbered; labels, so no direction.",
        unit="",
        source="names in the local press; labels only",
        tag="source",
        effect=None,
        lax=True,
    )
    population_spread: float = parameter(
        0.35,
        "Standard deviation between neighbourhoods of the logarithm of their population.",
        unit="log people",
        source="ours: no populations are published; the largest of 50 has about five times the smallest",
        tag="assumption",
        effect=Effect("start.population_gini", 1, reduce="first"),
        range=(0.0, 1.2),
    )
    city_radius_km: float = parameter(
        3.2,
        "Radius of the circle with the city's built-up area.",
        unit="km",
        source="ours: 162,000 people at about 50 a hectare",
        tag="assumption",
        effect=Effect("trust_morans_i", -1, reduce="mean", why="neighbours further apart are less alike"),
        range=(0.5, 30.0),
    )
    deprivation_range_km: float = parameter(
        2.0,
        "Distance over which the correlation of deprivation falls to 1/e.",
        unit="km",
        source="ours: about two and a half times the width of a neighbourhood",
        tag="assumption",
        effect=Effect("trust_morans_i", 1, reduce="mean", why="neighbours share deprivation, so services, so trust"),
        range=(0.1, 20.0),
    )
    service_mean: float = parameter(
        0.5,
        "Service level at the start of a neighbourhood of middling deprivation.",
        unit="share",
        source="ours: the middle of the scale",
        tag="assumption",
        effect=Effect("service_level", 1, reduce="first"),
        range=(0.1, 0.9),
    )
    service_deprivation_slope: float = parameter(
        0.3,
        "How much lower services are at the start in the most deprived neighbourhood than in the least.",
        unit="share",
        source="ours: Rostamabad and Sadeghabad are reported without asphalt or park, others as needing no council",
        tag="assumption",
        effect=Effect("service_gini", 1, reduce="first"),
        range=(0.0, 0.8),
    )
    service_noise: float = parameter(
        0.08,
        "Standard deviation of a category's service level at the start, given deprivation.",
        unit="share",
        source="ours",
        tag="assumption",
        effect=Effect("service_gini", 1, reduce="first"),
        range=(0.0, 0.3),
    )

    @field_validator("names", "names_fa")
    @classmethod
    def _different(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names) or not all(name.strip() for name in names):
            raise ValueError("must be different, and none of them empty")
        return names


@dataclass(frozen=True, eq=False)
class Geography:
    """The neighbourhoods of one city, M of them.

    Attributes:
        names, names_fa: labels in English and Persian.
        population: int64 (M,), people of all ages; sums to the city's population.
        population_is_given: whether the user's table or map gives it.
        deprivation: float64 (M,) in [0, 1].
        services: float64 (M, 6) in [0, 1] at the start, columns as `CATEGORIES`.
        x, y: float64 (M,), km.
        polygons: one per neighbourhood, km.
        adjacency: nodes 0 to M - 1 with name, population, deprivation, x, y; an edge where two border; connected.
    """

    names: tuple[str, ...]
    names_fa: tuple[str, ...]
    population: Integers
    deprivation: Floats
    services: Floats
    x: Floats
    y: Floats
    polygons: tuple[Polygon | MultiPolygon, ...]
    adjacency: nx.Graph[int]
    population_is_given: bool = False

    @property
    def borders(self) -> Integers:
        """Pairs of neighbourhoods that share a border, each once, int64 (borders, 2)."""
        return np.array(sorted(sorted(pair) for pair in self.adjacency.edges), dtype=np.int64).reshape(-1, 2)


def build_geography(
    parameters: NeighbourhoodParameters, population: int, streams: Streams, base: Path | None = None
) -> Geography:
    """Read the neighbourhoods from the user's files, and draw what these do not say.

    Args:
        parameters: sizes, slopes and files.
        population: people of all ages in the city; a file's own populations replace it.
        streams: keyed draws.
        base: folder that the files' paths are relative to.

    Raises:
        ConfigError: a faulty file, or fewer people than neighbourhoods.
    """
    own = _own_neighbourhoods(parameters, base)
    names, names_fa = (own.names, own.names_fa) if own is not None else _labels(parameters)
    count = len(names)
    if own is None:
        polygons = _city_cells(count, parameters.city_radius_km, streams)
    else:
        polygons = own.polygons if own.polygons is not None else _cells_around(own, parameters.data_file)
    own = OwnNeighbourhoods(names, names_fa) if own is None else own
    centres = _centres(polygons)
    x = own.x if own.x is not None else centres[:, 0]
    y = own.y if own.y is not None else centres[:, 1]
    if own.deprivation is not None:
        deprivation = own.deprivation
    else:
        deprivation = draw_deprivation(np.column_stack([x, y]), parameters.deprivation_range_km, streams)
    if own.population is not None:
        people = own.population
    else:
        people = draw_populations(population, count, parameters.population_spread, streams)
    services = _services(parameters, deprivation, streams)
    for category, levels in own.services.items():
        services[:, CATEGORIES.index(category)] = levels
    side = float(np.sqrt(np.mean(shapely.area(np.array(polygons, dtype=object)))))
    adjacency = border_graph(polygons, side * (1e-4 if own.polygons is None else _OWN_GAP))
    for node in range(count):
        adjacency.nodes[node].update(
            name=names[node],
            population=int(people[node]),
            deprivation=float(deprivation[node]),
            x=float(x[node]),
            y=float(y[node]),
        )
    given = own.population is not None
    return Geography(names, names_fa, people, deprivation, services, x, y, polygons, adjacency, given)


def draw_deprivation(places: Floats, range_km: float, streams: Streams) -> Floats:
    """Rank of each neighbourhood in a Gaussian field whose covariance is exp(-distance / range), as a share.

    Deprivation is relative, as official indices are, so ranks lose nothing: mean 0.5 in every city, and spread
    evenly. `places` is float64 (M, 2), km; returns float64 (M,) in (0, 1).
    """
    count = len(places)
    covariance = np.exp(-squareform(pdist(places)) / range_km) + 1e-9 * np.eye(count)
    field = np.linalg.cholesky(covariance) @ streams.normal("neighbourhoods.deprivation", 0, count)
    return (np.argsort(np.argsort(field)) + 0.5) / count


def draw_populations(population: int, count: int, spread: float, streams: Streams) -> Integers:
    """Populations int64 (count,), log-normal with the given spread, at least 1 each, that sum to `population`.

    Raises:
        ConfigError: fewer people than neighbourhoods.
    """
    if population < count:
        problem = f"{count} neighbourhoods need at least as many people, not {population}"
        raise ConfigError(problem, key="city.neighbourhoods.count")
    weights = np.exp(spread * streams.normal("neighbourhoods.population", 0, count))
    return 1 + largest_remainder(population - count, weights)


def largest_remainder(total: int, weights: Floats) -> Integers:
    """Whole numbers int64 (n,) in proportion to `weights` that sum to `total`."""
    exact = total * (weights / weights.sum())
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[most] += 1
    return whole


def _own_neighbourhoods(parameters: NeighbourhoodParameters, base: Path | None) -> OwnNeighbourhoods | None:
    table_file, polygons_file = parameters.data_file, parameters.polygons_file
    table = None
    if table_file is not None:
        table = read_table(table_file, base, CATEGORIES, places_needed=polygons_file is None)
    if polygons_file is None:
        return table
    places = read_polygons(polygons_file, base, CATEGORIES)
    return (
        places if table is None else join(table, places, str(polygons_file if base is None else base / polygons_file))
    )


def _labels(parameters: NeighbourhoodParameters) -> tuple[tuple[str, ...], tuple[str, ...]]:
    numbers = range(1, parameters.count + 1)
    english = [f"Neighbourhood {number}" for number in numbers]
    persian = [f"محله {number}".translate(_PERSIAN_DIGITS) for number in numbers]
    for labels, own in ((english, parameters.names), (persian, parameters.names_fa)):
        labels[: len(own)] = own[: parameters.count]
        if len(set(labels)) < len(labels):
            raise ConfigError("a name is that of a numbered neighbourhood", key="city.neighbourhoods.names")
    return tuple(english), tuple(persian)


def _services(parameters: NeighbourhoodParameters, deprivation: Floats, streams: Streams) -> Floats:
    """clip(mean - slope (deprivation - 1/2) + noise), float64 (M, 6)."""
    entities = np.arange(deprivation.size * len(CATEGORIES)).reshape(-1, len(CATEGORIES))
    noise = parameters.service_noise * streams.normal("neighbourhoods.services", 0, entities)
    expected = parameters.service_mean - parameters.service_deprivation_slope * (deprivation - 0.5)
    return np.clip(expected[:, None] + noise, 0.0, 1.0)


def _centres(polygons: Sequence[Polygon | MultiPolygon]) -> Floats:
    shapes = np.array(polygons, dtype=object)
    centroids = shapely.centroid(shapes)
    inside = shapely.covers(shapes, centroids)  # a crescent's centroid lies outside it
    return shapely.get_coordinates(np.where(inside, centroids, shapely.point_on_surface(shapes)))


def _city_cells(count: int, radius: float, streams: Streams) -> tuple[Polygon | MultiPolygon, ...]:
    """Cells of a compact city with the area of a circle of `radius` km, smaller towards its centre."""
    draws = streams.generator("neighbourhoods.places")
    angles = np.linspace(0.0, 2.0 * np.pi, 181)[:-1]
    waves = np.arange(2, 7)
    outline_radius = 1.0 + (
        draws.normal(0.0, 0.12 / waves) * np.cos(np.outer(angles, waves) + draws.uniform(0.0, 2.0 * np.pi, waves.size))
    ).sum(axis=1)
    outline_radius *= radius / np.sqrt(np.mean(outline_radius**2))
    outline = Polygon(np.column_stack([outline_radius * np.cos(angles), outline_radius * np.sin(angles)]))
    samples = max(60 * count, 6000)
    direction, reach = draws.uniform(0.0, 2.0 * np.pi, samples), np.sqrt(draws.uniform(size=samples))
    distance = reach * np.interp(direction, angles, outline_radius, period=2.0 * np.pi)
    ground = np.column_stack([distance * np.cos(direction), distance * np.sin(direction)])
    return _voronoi(_relaxed(ground, np.exp(-2.5 * reach**2), count, draws), outline)


def _relaxed(ground: Floats, weights: Floats, count: int, draws: np.random.Generator) -> Floats:
    """Lloyd's relaxation on weighted sample points (n, 2): `count` points, each the centre of those nearest to it."""
    points = ground[draws.choice(len(ground), count, replace=False, p=weights / weights.sum())]
    for _ in range(_ROUNDS):
        owner = KDTree(points).query(ground)[1]
        mass = np.bincount(owner, weights, count)
        sums = [np.bincount(owner, weights * ground[:, axis], count) for axis in (0, 1)]
        points = np.where(mass[:, None] > 0, np.column_stack(sums) / np.maximum(mass, 1e-300)[:, None], points)
    return points


def _cells_around(own: OwnNeighbourhoods, data_file: str | None) -> tuple[Polygon | MultiPolygon, ...]:
    """Cells around a table's places, clipped by their convex hull widened by half the usual spacing.

    Raises:
        ConfigError: two neighbourhoods in the same place.
    """
    assert own.x is not None  # read_table requires both where there are no polygons
    assert own.y is not None
    points = np.column_stack([own.x, own.y])
    spacing = KDTree(points).query(points, k=2)[0][:, 1]
    if spacing.min() <= 1e-6 * np.ptp(points, axis=0).max():
        name = own.names[int(np.argmin(spacing))]
        raise ConfigError(f"{name!r} is in the same place as another neighbourhood", source=data_file, key="x, y")
    hull = shapely.convex_hull(shapely.MultiPoint(points))
    return _voronoi(points, shapely.buffer(hull, 0.6 * float(np.median(spacing))))


def _voronoi(points: Floats, outline: Polygon) -> tuple[Polygon | MultiPolygon, ...]:
    """Voronoi cells of the points (M, 2), in their order, clipped by the outline."""
    centre, size = points.mean(axis=0), 10.0 * np.ptp(shapely.get_coordinates(outline), axis=0).max()
    guards = centre + size * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])  # bound the outer cells
    together = shapely.MultiPoint(np.vstack([points, guards]))
    cells = shapely.get_parts(shapely.voronoi_polygons(together, extend_to=outline, ordered=True))
    return tuple(shapely.intersection(cells[: len(points)], outline))
