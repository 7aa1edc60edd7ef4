"""Reader of a user's own map: outlines of neighbourhoods from GeoJSON, repaired where a fault is too small to matter.

Every fault becomes a `ConfigError` with the file, the feature, and what is allowed; all are found in one go.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape

from sim.cautions import caution
from sim.errors import ConfigError, raise_first
from sim.names import quoted, short
from sim.own_data import OwnNeighbourhoods, collect
from sim.own_files import LARGEST_TABLE, Faults, Refuse, read_text

if TYPE_CHECKING:
    from sim.randomness import Floats

_KM_PER_DEGREE = 111.195  # of latitude, on a sphere of the Earth's mean radius
_REPAIR = 1e-4  # share of its area that a repair may change: a hundredth of a side, the gap that counts as touching
_WIDEST_KM = 1_000.0  # of a map; a wider one is hardly a city
_DEGREES = re.compile(r"(CRS:?84|EPSG:+(\d+(\.\d+)*:)?4326|WGS ?84)$", re.IGNORECASE)
"""Names of the reference systems in longitude and latitude that GeoJSON has, old and new."""

Outline = Polygon | MultiPolygon


def read_polygons(name: str | Path, base: Path | None, categories: Sequence[str]) -> OwnNeighbourhoods:
    """Read a GeoJSON FeatureCollection of polygons with a `name`; population, deprivation, … are optional properties.

    Coordinates are longitude and latitude (RFC 7946); polygons come back in km around the middle of their extent.
    Outlines that cross themselves a little are repaired, with a caution.

    Raises:
        ConfigError: the first faulty feature, counted from 1, and the others.
    """
    source, text = read_text(name, base, LARGEST_TABLE)
    rows: list[Mapping[str, Any]] = []
    refusals: list[Refuse] = []
    faults, bad = Faults(), Faults()
    outlines: list[Outline] = []
    repaired: list[str] = []
    wrong: list[str] = []
    for number, feature in enumerate(_features(source, text), 1):
        refuse = partial(_refuse_feature, source, number)
        properties = faults.of(_properties, feature, refuse)
        if properties is None:
            continue
        rows.append(properties)
        refusals.append(refuse)
        label = quoted(found) if isinstance(found := properties.get("name"), str) else f"feature {number}"
        outline = bad.of(_outline, feature.get("geometry"), label, refuse)
        if outline is None:
            wrong.append(label)
            continue
        outlines.append(outline[0])
        if outline[1]:
            repaired.append(label)
    if len(bad) > 1:  # the first names them all
        bad[0].problem += f" (the same holds for {', '.join(wrong[1:])})"
    own = collect(source, rows, refusals, categories, faults)
    raise_first([*bad, *faults])
    polygons = _to_kilometres(outlines)
    _caution(source, repaired, polygons)
    return OwnNeighbourhoods(
        own.names, own.names_fa, own.population, own.deprivation, services=own.services, polygons=polygons
    )


def _features(source: str, text: str) -> list[Any]:
    def no_constant(token: str) -> NoReturn:
        raise ConfigError(f"{token} is not a number JSON allows", source=source)

    try:
        content = json.loads(text, parse_constant=no_constant)
    except json.JSONDecodeError as fault:
        raise ConfigError(f"is not valid JSON: {fault.msg}", source=source, line=fault.lineno) from None
    except (RecursionError, ValueError) as fault:
        if isinstance(fault, ConfigError):
            raise
        raise ConfigError("is not usable JSON: nested too deeply, or a number too long", source=source) from None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise ConfigError('must be GeoJSON with "type": "FeatureCollection"', source=source)
    features = content.get("features")
    if not isinstance(features, list):
        raise ConfigError("must be a list of features", source=source, key="features")
    _refuse_other_crs(source, content.get("crs"))
    return features


def _refuse_other_crs(source: str, crs: Any) -> None:
    """Refuse coordinates that the file itself says are no degrees of WGS 84 (a member of GeoJSON before RFC 7946)."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and not _DEGREES.search(name.strip()):
        problem = f"is {short(name)}; save the map in longitude and latitude (WGS 84, EPSG:4326)"
        raise ConfigError(problem, source=source, key="crs")


def _properties(feature: Any, refuse: Refuse) -> Mapping[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        refuse("", 'must be an object with "type": "Feature"')
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        refuse("", "must have properties, with at least a name")
    return properties


def _outline(geometry: Any, label: str, refuse: Refuse) -> tuple[Outline, bool]:
    """The outline in degrees, and whether it had to be repaired."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        refuse("geometry", f"must be a Polygon or a MultiPolygon, not {short(kind)}")
    try:
        outline = shapely.force_2d(shape(geometry))
        west, south, east, north = outline.bounds
        valid, area = bool(outline.is_valid), outline.area
    # shape() trusts its input: what a malformed list of coordinates raises depends on where it is malformed
    except Exception:
        refuse("geometry", "its coordinates are not rings of at least four [longitude, latitude] pairs")
    if not outline.is_empty and not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        refuse("geometry", "must be in longitude and latitude, degrees (WGS 84), as GeoJSON requires")
    mended = outline if valid else _repaired(outline)
    if mended is None or abs(mended.area - area) > _REPAIR * mended.area:
        refuse("geometry", f"{label} is not a valid polygon: {shapely.is_valid_reason(outline)}")
    if not mended.area > 0:
        refuse("geometry", f"{label} is not a valid polygon: it has no area")
    assert isinstance(mended, Polygon | MultiPolygon)
    return mended, not valid


def _repaired(outline: Any) -> Outline | None:
    """The valid polygon that an invalid one stands for, or None."""
    try:
        mended = shapely.make_valid(outline, method="structure", keep_collapsed=False)
    except shapely.errors.GEOSException:
        return None
    return mended if isinstance(mended, Polygon | MultiPolygon) and not mended.is_empty else None


def _to_kilometres(outlines: Sequence[Outline]) -> tuple[Outline, ...]:
    """Outlines in km east and north of the middle of all; longitudes go on beyond 180 where the map goes across."""
    shapes = np.array(outlines, dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    if east - west > 180.0:
        shifted = shapely.transform(shapes, _beyond)
        further = shapely.total_bounds(shifted)
        if further[2] - further[0] < east - west:
            west, east = further[0], further[2]
            shapes = np.asarray(shapely.union_all(shifted[:, None], axis=1))  # parts cut at 180 degrees touch again
    middle = np.array([(west + east) / 2, (south + north) / 2])
    scale = _KM_PER_DEGREE * np.array([math.cos(math.radians(float(middle[1]))), 1.0])
    return tuple(shapely.transform(shapes, lambda places: (places - middle) * scale))


def _beyond(places: Floats) -> Floats:
    """Places (n, 2) with western longitudes as if they went on eastwards beyond 180 degrees."""
    return np.column_stack([np.where(places[:, 0] < 0.0, places[:, 0] + 360.0, places[:, 0]), places[:, 1]])


def _caution(source: str, repaired: Sequence[str], polygons: Sequence[Outline]) -> None:
    """Say which outlines were repaired, and that a map is far too wide for a city."""
    if repaired:
        how = f"no area changed by more than {_REPAIR:.2%}"
        caution(f"{source}: outlines that cross or touch themselves were repaired ({how}): {', '.join(repaired)}")
    west, south, east, north = shapely.total_bounds(np.array(polygons, dtype=object))
    if max(east - west, north - south) > _WIDEST_KM:
        wide = f"{max(east - west, north - south):,.0f} km wide"
        caution(f"{source}: the map is {wide}: are its coordinates longitude and latitude?")


def _refuse_feature(source: str, number: int, column: str, problem: str) -> NoReturn:
    raise ConfigError(problem, source=source, key=f"feature {number}, {column}" if column else f"feature {number}")
