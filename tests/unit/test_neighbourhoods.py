"""Neighbourhoods: what a drawn city must be, and what a user's own table and polygons may be."""

import json
import math
import os
import re
import time

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.borders import border_graph
from sim.cautions import CautionWarning
from sim.errors import ConfigError
from sim.neighbourhoods import (
    CATEGORIES,
    CATEGORY_LABELS,
    NeighbourhoodParameters,
    build_geography,
    draw_deprivation,
    draw_populations,
    largest_remainder,
)
from sim.own_maps import read_polygons
from sim.parameters import register
from sim.randomness import Streams

TABLE = """name,population,deprivation,x,y
Rostamabad,5000,0.9,0,0
Feyzabad,3000,0.2,1,0
Mahunak,1200,0.5,0,1
"""


def city(seed=1, population=162_000, base=None, **values):
    return build_geography(NeighbourhoodParameters(**values), population, Streams(seed), base)


def morans_i(values, graph):
    adjacency = nx.to_numpy_array(graph, nodelist=range(values.size))
    centred = values - values.mean()
    return values.size / adjacency.sum() * (centred @ (adjacency @ centred)) / (centred @ centred)


def borders(graph):
    return {(min(edge), max(edge)) for edge in graph.edges}


def square(west, south, side=0.01, east=None):
    east = west + side if east is None else east
    return [[[west, south], [east, south], [east, south + side], [west, south + side], [west, south]]]


def feature(name, coordinates, kind="Polygon", **properties):
    return {
        "type": "Feature",
        "properties": {"name": name, **properties},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


THREE = [feature("Rostamabad", square(56.00, 30.4)), feature("Feyzabad", square(56.01, 30.4))]
THREE.append(feature("Mahunak", square(56.02, 30.4)))


def write_polygons(folder, features, name="areas.geojson"):
    content = {"type": "FeatureCollection", "features": features}
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return name


# --- a drawn city -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 3, 10, 50, 300])
@pytest.mark.parametrize("seed", [0, 7])
def test_a_drawn_city_adds_up_and_holds_together(count, seed):
    geography = city(seed, count=count)
    assert geography.population.dtype == np.int64
    assert geography.population.sum() == 162_000
    assert geography.population.min() >= 1
    assert geography.services.shape == (count, 6)
    for shares in (geography.deprivation, geography.services):
        assert shares.min() >= 0
        assert shares.max() <= 1
    assert geography.deprivation.mean() == pytest.approx(0.5)
    assert sorted(geography.adjacency) == list(range(count))
    assert nx.is_connected(geography.adjacency)
    assert len(set(geography.names)) == len(set(geography.names_fa)) == count


@pytest.mark.parametrize("count", [2, 10, 50, 300])
def test_cells_tile_the_city_without_overlap(count):
    geography = city(3, count=count, city_radius_km=4.0)
    cells = np.array(geography.polygons, dtype=object)
    assert shapely.is_valid(cells).all()
    assert shapely.area(cells).sum() == pytest.approx(shapely.area(shapely.union_all(cells)), rel=1e-9)
    assert shapely.area(cells).sum() == pytest.approx(np.pi * 4.0**2, rel=0.02)
    assert shapely.covers(cells, shapely.points(geography.x, geography.y)).all()


def test_cells_are_smaller_in_the_centre():
    geography = city(count=200)
    distance = np.hypot(geography.x - geography.x.mean(), geography.y - geography.y.mean())
    area = shapely.area(np.array(geography.polygons, dtype=object))
    assert area[np.argsort(distance)[:50]].mean() < 0.6 * area[np.argsort(distance)[-50:]].mean()


def test_an_edge_of_the_graph_is_a_shared_border():
    geography = city(count=50)
    cells = geography.polygons
    for one in range(50):
        for other in range(one):
            border = shapely.length(shapely.intersection(shapely.buffer(cells[one], 1e-9), cells[other].boundary))
            assert geography.adjacency.has_edge(one, other) == (border > 1e-3)


def test_borders_are_the_edges_of_the_graph():
    geography = city(count=30)
    assert geography.borders.dtype == np.int64
    assert {tuple(pair) for pair in geography.borders.tolist()} == borders(geography.adjacency)


def test_the_graph_carries_the_neighbourhoods():
    geography = city(count=12)
    assert geography.adjacency.nodes[4] == {
        "name": "Neighbourhood 5",
        "population": int(geography.population[4]),
        "deprivation": float(geography.deprivation[4]),
        "x": float(geography.x[4]),
        "y": float(geography.y[4]),
    }


def test_deprivation_is_alike_among_neighbours_and_more_so_over_a_longer_range():
    def mean_morans_i(**values):
        cities = [city(seed, **values) for seed in range(20)]
        return np.mean([morans_i(place.deprivation, place.adjacency) for place in cities])

    short, usual, long = (mean_morans_i(deprivation_range_km=reach) for reach in (0.1, 2.0, 20.0))
    assert short == pytest.approx(-1 / 49, abs=0.06)  # its expectation without any correlation
    assert short + 0.2 < usual < long
    assert mean_morans_i(city_radius_km=0.5) > usual > mean_morans_i(city_radius_km=30.0) + 0.2


def test_near_places_are_alike_in_deprivation_more_often_than_far_ones():
    places = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    fields = np.array([draw_deprivation(places, 2.0, Streams(seed)) for seed in range(4000)])
    near, far = (np.mean((fields[:, 0] < 0.4) == (fields[:, other] < 0.4)) for other in (1, 2))
    assert near > far + 0.1
    assert fields.mean(axis=0) == pytest.approx(0.5, abs=0.02)


def test_services_fall_from_the_least_to_the_most_deprived_by_the_slope():
    geography = city(service_deprivation_slope=0.4, service_noise=0.0, service_mean=0.6)
    expected = 0.6 - 0.4 * (geography.deprivation - 0.5)
    assert geography.services == pytest.approx(np.tile(expected[:, None], 6))


def test_noise_of_services_has_the_declared_spread():
    geography = city(count=1000, service_deprivation_slope=0.0, service_noise=0.05)
    assert geography.services.std() == pytest.approx(0.05, rel=0.05)
    assert geography.services.mean() == pytest.approx(0.5, abs=0.005)


def test_populations_have_the_declared_spread():
    people = draw_populations(10_000_000, 2000, 0.5, Streams(4))
    assert np.log(people).std() == pytest.approx(0.5, rel=0.05)
    assert np.ptp(draw_populations(162_000, 50, 0.0, Streams(4))) <= 1


@given(total=st.integers(0, 10**9), weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=60))
@settings(deadline=None)
def test_largest_remainder_sums_exactly_and_stays_within_one_of_proportion(total, weights):
    parts = largest_remainder(total, np.array(weights))
    assert parts.sum() == total
    assert np.all(np.abs(parts - total * np.array(weights) / np.sum(weights)) <= 1 + 1e-6)


def test_the_same_seed_gives_the_same_city_and_another_seed_another():
    first, again, other = city(5), city(5), city(6)
    for name in ("population", "deprivation", "services", "x", "y"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
    assert nx.utils.graphs_equal(first.adjacency, again.adjacency)


def test_one_parameter_leaves_the_draws_of_the_others_alone():
    plain, noisy = city(5), city(5, service_noise=0.2, population_spread=0.9)
    assert np.array_equal(plain.x, noisy.x)
    assert np.array_equal(plain.deprivation, noisy.deprivation)


def test_the_first_neighbourhoods_get_the_names_given():
    geography = city(count=12, names=("Rostamabad", "Feyzabad"), names_fa=("رستم‌آباد",))
    assert geography.names[:3] == ("Rostamabad", "Feyzabad", "Neighbourhood 3")
    assert geography.names_fa[0] == "رستم‌آباد"
    assert geography.names_fa[11] == "محله ۱۲"
    assert city(count=2, names=("A", "B", "C")).names == ("A", "B")


@pytest.mark.parametrize("names", [("A", "A"), ("A", " ")])
def test_names_twice_or_empty_are_refused(names):
    with pytest.raises(ValidationError, match="different"):
        NeighbourhoodParameters(names=names)


def test_a_name_that_is_a_number_given_to_another_is_refused():
    with pytest.raises(ConfigError, match=r"city\.neighbourhoods\.names: .*numbered"):
        city(count=5, names=("Neighbourhood 3",))


def test_fewer_people_than_neighbourhoods_are_refused():
    with pytest.raises(ConfigError, match="50 neighbourhoods need at least as many people, not 49"):
        city(population=49)
    assert np.array_equal(city(population=50).population, np.ones(50))


def test_every_parameter_is_described_and_the_categories_have_labels():
    rows = {row.key: row for row in register(NeighbourhoodParameters)}
    assert {key for key, row in rows.items() if row.effect is None} == {
        *("count", "data_file", "polygons_file", "names", "names_fa")
    }
    assert all(row.meaning and row.source for row in rows.values())
    assert tuple(CATEGORY_LABELS) == CATEGORIES


# --- islands and borders ----------------------------------------------------------------------------------------------


def box(west, south, width=1.0, height=1.0):
    return shapely.box(west, south, west + width, south + height)


def test_a_corner_is_no_border_and_a_sliver_between_is_one():
    shapes = [box(0, 0), box(1.005, 0), box(1, 1), box(0, 1)]
    assert borders(border_graph(shapes, 0.01)) == {(0, 1), (1, 2), (2, 3), (0, 3)}


def test_overlapping_and_contained_polygons_border():
    shapes = [box(0, 0, 3, 3), box(2.5, 0), box(1, 1)]
    assert borders(border_graph(shapes, 0.01)) == {(0, 1), (0, 2)}


def test_islands_are_joined_by_the_nearest_pairs():
    shapes = [box(0, 0), box(1, 0), box(5, 0), box(6, 0), box(20, 0)]
    graph = border_graph(shapes, 0.01)
    assert borders(graph) == {(0, 1), (2, 3), (1, 2), (3, 4)}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=25, unique=True))
@settings(deadline=None, max_examples=50)
def test_any_archipelago_becomes_connected_with_as_few_bridges_as_possible(places):
    shapes = [box(2.0 * x, 2.0 * y) for x, y in places]  # never touching
    graph = border_graph(shapes, 0.01)
    assert nx.is_connected(graph)
    assert graph.number_of_edges() == len(places) - 1
    complete = nx.Graph()
    complete.add_weighted_edges_from(
        (i, j, shapes[i].distance(shapes[j])) for i in range(len(places)) for j in range(i)
    )
    bridges = sum(shapes[i].distance(shapes[j]) for i, j in graph.edges)
    assert bridges == pytest.approx(nx.minimum_spanning_tree(complete).size(weight="weight"))


# --- a user's own table -----------------------------------------------------------------------------------------------


def test_an_own_table_is_taken_as_it_is(tmp_path):
    (tmp_path / "own.csv").write_text(TABLE, encoding="utf-8")
    geography = city(base=tmp_path, data_file="own.csv")
    assert geography.names == geography.names_fa == ("Rostamabad", "Feyzabad", "Mahunak")
    assert geography.population.tolist() == [5000, 3000, 1200]
    assert geography.population.dtype == np.int64
    assert geography.deprivation.tolist() == [0.9, 0.2, 0.5]
    assert geography.x.tolist() == [0, 1, 0]
    assert nx.is_connected(geography.adjacency)
    assert shapely.contains_xy(np.array(geography.polygons, dtype=object), geography.x, geography.y).all()
    assert geography.services[0].mean() < geography.services[1].mean()


def test_own_services_and_persian_names_are_used_and_the_other_categories_drawn(tmp_path):
    rows = ["name,name_fa,population,deprivation,x,y,green", 'A,"محله، الف",10,0,0,0,0.25', "B,ب,20,1,1,0,1"]
    as_a_spreadsheet_saves_it = "\ufeff" + "\r\n".join(rows) + "\r\n\r\n"
    (tmp_path / "own.csv").write_bytes(as_a_spreadsheet_saves_it.encode())
    geography = city(base=tmp_path, data_file="own.csv")
    assert geography.names_fa == ("محله، الف", "ب")
    assert geography.services[:, 1].tolist() == [0.25, 1.0]
    drawn = np.delete(geography.services, 1, axis=1)
    assert drawn[0].mean() > drawn[1].mean()


@pytest.mark.parametrize(
    "places", [[(0, 0), (1, 0)], [(0, 0), (1, 1), (2, 2), (3, 3)], [(1e4, 1e4), (1e4 + 0.01, 1e4)]]
)
def test_places_in_a_line_or_far_from_the_origin_work(tmp_path, places):
    rows = [f"N{number},100,0.5,{x},{y}" for number, (x, y) in enumerate(places)]
    (tmp_path / "own.csv").write_text("\n".join(["name,population,deprivation,x,y", *rows]), encoding="utf-8")
    geography = city(base=tmp_path, data_file="own.csv")
    assert nx.is_connected(geography.adjacency)
    assert geography.adjacency.number_of_edges() == len(places) - 1
    assert all(cell.area > 0 for cell in geography.polygons)


WHOLE = "must be a whole number of at least 1"
SHARE = "must be a number from 0 to 1"
BAD_CELLS = [
    ("population", "-5", f"{WHOLE}, not -5"),
    ("population", "0", f"{WHOLE}, not 0"),
    ("population", "2.5", f"{WHOLE}, not 2.5"),
    ("population", "many", f"{WHOLE}, not many"),
    ("population", "nan", f"{WHOLE}, not nan"),
    ("population", "inf", f"{WHOLE} and at most 100,000,000, not inf"),
    ("population", "1e300", f"{WHOLE} and at most 100,000,000, not 1e300"),
    ("population", "1_000", f"{WHOLE}, not 1_000"),
    ("population", "", f"is missing: it m{WHOLE[1:]}"),
    ("deprivation", "1.2", f"{SHARE}, not 1.2"),
    ("deprivation", "-0.1", f"{SHARE}, not -0.1"),
    ("deprivation", "NaN", f"{SHARE}, not NaN"),
    ("deprivation", "-inf", f"{SHARE}, not -inf"),
    ("deprivation", "  ", f"is missing: it m{SHARE[1:]}"),
    ("x", "east", "must be a number of kilometres from -100,000 to 100,000, not east"),
    ("y", "inf", "must be a number of kilometres from -100,000 to 100,000, not inf"),
    ("y", "5e9", "must be a number of kilometres from -100,000 to 100,000, not 5e9"),
    ("green", "7", f"{SHARE}, not 7"),
    ("health", "", f"is missing: it m{SHARE[1:]}"),
    ("name", "", "is missing: every neighbourhood needs one"),
    ("name", "A", "'A' occurs twice; names must differ"),
    ("name", "n" * 201, f"must be a text of at most 200 characters, not '{'n' * 40}…'"),
    ("name_fa", "", "is missing: every neighbourhood needs one"),
]


@pytest.mark.parametrize(("column", "cell", "problem"), BAD_CELLS)
def test_a_bad_cell_is_named_by_file_line_and_column(tmp_path, column, cell, problem):
    good = {"name": "C", "name_fa": "پ", "population": "10", "deprivation": "0.5", "x": "5", "y": "5"}
    good.update(green="0.5", health="0.5")
    rows = [dict(good, name="A", x="1"), dict(good, name="B", x="2"), {**good, column: cell}]
    lines = [",".join(good), *(",".join(row.values()) for row in rows)]
    (tmp_path / "own.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        city(base=tmp_path, data_file="own.csv")
    fault = caught.value
    assert (fault.source, fault.line, fault.key) == (str(tmp_path / "own.csv"), 4, column)
    assert fault.problem == problem


HEADER = "name,population,deprivation,x,y\n"
BAD_TABLES = [
    ("", None, None, "is empty"),
    (" \n\n", None, None, "is empty"),
    (",,\n,,\n", 1, "(no name)", "unknown column"),
    (HEADER, None, None, "must have 2 to 2000 neighbourhoods, not 0"),
    (HEADER + "A,1,0,0,0\n", None, None, "must have 2 to 2000 neighbourhoods, not 1"),
    ("name,population,x,y\nA,1,0,0\nB,1,0,1\n", 1, "deprivation", "the column is missing"),
    ("name,population,deprivation,x\nA,1,0,0\nB,1,0,1\n", 1, "y", "the column is missing"),
    (TABLE.replace("population", "populaton"), 1, "populaton", "unknown column (did you mean 'population'?)"),
    (HEADER.replace("y", "x") + "A,1,0,0,0\n", 1, "x", "the column occurs twice"),
    (
        TABLE.replace(",", ";"),
        1,
        None,
        "columns must be separated by commas, not by ';', and decimals must",
    ),
    (TABLE.replace(",", "\t"), 1, None, r"columns must be separated by commas, not by '\t'"),
    (
        TABLE.replace("0.2", "0,2"),
        3,
        None,
        "has 6 cells where the header has 5: 0,2 is probably one number",
    ),
    (TABLE.replace(",0.2", ""), 3, None, "has 4 cells where the header has 5"),
    (TABLE.replace("Feyzabad", '"Feyzabad"x'), 3, None, "is not valid CSV"),
    (TABLE.replace("Mahunak,1200,0.5,0,1", 'Mahunak,1200,0.5,0,"1'), 4, None, "is not valid CSV"),
    ("\n\n" + TABLE.replace("5000", "-5"), 4, "population", "must be a whole number of at least 1, not -5"),
    (TABLE.replace("Feyzabad", '"Feyz\nabad"').replace("1200", "0"), 5, "population", "must be a whole number"),
    (TABLE.replace("0.5,0,1", "0.5,1,0"), 4, "x", "'Mahunak' is in the same place as 'Feyzabad'"),
    (TABLE.replace("0,1\n", "1,1e-9\n"), None, "x, y", "is in the same place as another neighbourhood"),
    (TABLE.encode("utf-16"), 1, None, "is not UTF-8 text"),
    (TABLE.encode().replace(b"Mahunak", b"M\xe4hunak"), 4, None, "is not UTF-8 text"),
    (TABLE.encode() + b"\x00\x01", 5, None, "is a binary file"),
]


@pytest.mark.parametrize(("content", "line", "key", "problem"), BAD_TABLES)
def test_a_bad_table_is_refused_with_its_place(tmp_path, content, line, key, problem):
    (tmp_path / "own.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        city(base=tmp_path, data_file="own.csv")
    fault = caught.value
    assert fault.source is not None
    assert fault.source.endswith("own.csv")
    assert (fault.line, fault.key) == (line, key)
    assert problem in fault.problem


@pytest.mark.parametrize("option", ["data_file", "polygons_file"])
def test_what_is_no_file_is_refused(tmp_path, option):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, problem in {
        "folder": "is a folder, not a file",
        "pipe": "is a pipe or a device, not a file",
        "absent": "no such file",
        "bad\0name": "cannot be read",
        "n" * 5000: "cannot be read",
    }.items():
        with pytest.raises(ConfigError, match=problem):
            city(base=tmp_path, **{option: name})


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_table_whatever_raises_anything_but_a_config_error(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("any")
    (folder / "own.csv").write_bytes(TABLE.encode()[: len(content)] + content)
    try:
        found = len(city(base=folder, data_file="own.csv").names)
    except ConfigError as fault:
        found = fault.source
    assert found in (2, 3, str(folder / "own.csv"))


# --- a user's own polygons --------------------------------------------------------------------------------------------


def test_polygons_alone_give_the_map_and_the_rest_is_drawn(tmp_path):
    geography = city(base=tmp_path, polygons_file=write_polygons(tmp_path, THREE))
    assert geography.names == ("Rostamabad", "Feyzabad", "Mahunak")
    assert geography.population.sum() == 162_000
    assert borders(geography.adjacency) == {(0, 1), (1, 2)}
    width = 0.01 * 111.195 * np.cos(np.radians(30.405))
    assert np.diff(geography.x) == pytest.approx(width, rel=1e-6)
    assert geography.polygons[0].area == pytest.approx(width * 0.01 * 111.195, rel=1e-6)


def test_properties_of_polygons_replace_draws(tmp_path):
    features = [
        feature("A", square(56.0, 30.4), population=10, deprivation=0.1, name_fa="الف", roads=0.9, colour="red"),
        feature("B", square(56.01, 30.4), population=20.0, deprivation="0.3", name_fa="ب", roads=0.1),
    ]
    geography = city(base=tmp_path, polygons_file=write_polygons(tmp_path, features))
    assert geography.population.tolist() == [10, 20]
    assert geography.deprivation.tolist() == [0.1, 0.3]
    assert geography.names_fa == ("الف", "ب")
    assert geography.services[:, 0].tolist() == [0.9, 0.1]


def test_a_table_takes_its_polygons_by_name_and_needs_no_places(tmp_path):
    (tmp_path / "own.csv").write_text("name,population,deprivation\nMahunak,7,0.1\nRostamabad,8,0.2\nFeyzabad,9,0.3\n")
    geography = city(base=tmp_path, data_file="own.csv", polygons_file=write_polygons(tmp_path, THREE))
    assert geography.names == ("Mahunak", "Rostamabad", "Feyzabad")
    assert geography.x[1] < geography.x[2] < geography.x[0]
    assert borders(geography.adjacency) == {(0, 2), (1, 2)}


def test_islands_and_multipolygons_of_a_file_are_joined(tmp_path):
    parts = [square(56.00, 30.4), square(56.10, 30.4)]
    features = [feature("A", parts, "MultiPolygon")]
    features += [feature("B", square(56.12, 30.4)), feature("C", square(56.01, 30.4))]
    geography = city(base=tmp_path, polygons_file=write_polygons(tmp_path, features))
    assert borders(geography.adjacency) == {(0, 1), (0, 2)}
    assert geography.polygons[0].geom_type == "MultiPolygon"


def test_a_gap_as_wide_as_a_street_does_not_part_neighbours(tmp_path):
    corners = {"A": (56.0, 30.4), "B": (56.01005, 30.4), "C": (56.0, 30.41)}
    features = [feature(name, square(*corner)) for name, corner in corners.items()]
    geography = city(base=tmp_path, polygons_file=write_polygons(tmp_path, features))
    assert borders(geography.adjacency) == {(0, 1), (0, 2)}


BOW_TIE = [[[56.0, 30.4], [56.01, 30.41], [56.01, 30.4], [56.0, 30.41], [56.0, 30.4]]]
FLAT = [[[56.0, 30.4], [56.01, 30.4], [56.02, 30.4], [56.0, 30.4]]]
BAD_FEATURES = [
    (feature("B", BOW_TIE), "feature 2, geometry", "is not a valid polygon: Self-intersection"),
    (feature("B", FLAT), "feature 2, geometry", "is not a valid polygon"),
    (feature("B", []), "feature 2, geometry", "it has no area"),
    (feature("B", [[[56.0, 30.4], [56.01, 30.4]]]), "feature 2, geometry", "not rings of at least four"),
    (feature("B", [[["a", "b"]] * 5]), "feature 2, geometry", "not rings of at least four"),
    (feature("B", [[[56.0]] * 5]), "feature 2, geometry", "not rings of at least four"),
    (feature("B", {"x": 1}), "feature 2, geometry", "not rings of at least four"),
    (feature("B", None), "feature 2, geometry", "it has no area"),
    (feature("B", [56.0, 30.4], "Point"), "feature 2, geometry", "must be a Polygon or a MultiPolygon, not Point"),
    (feature("B", [], ["Polygon"]), "feature 2, geometry", "must be a Polygon or a MultiPolygon, not ['Polygon']"),
    ({**feature("B", []), "geometry": None}, "feature 2, geometry", "must be a Polygon or a MultiPolygon, not None"),
    (feature("B", square(3_000_000, 400_000, 100)), "feature 2, geometry", "must be in longitude and latitude"),
    (feature("", square(56.01, 30.4)), "feature 2, name", "is missing"),
    (feature(None, square(56.01, 30.4)), "feature 2, name", "is missing"),
    (feature(7, square(56.01, 30.4)), "feature 2, name", "must be a text of at most 200 characters, not 7"),
    (feature("A", square(56.01, 30.4)), "feature 2, name", "'A' occurs twice"),
    ({**feature("B", []), "properties": None}, "feature 2", "must have properties"),
    ({**feature("B", []), "type": "Polygon"}, "feature 2", 'must be an object with "type": "Feature"'),
    ([], "feature 2", 'must be an object with "type": "Feature"'),
    (feature("B", square(56.01, 30.4), population=-5), "feature 2, population", f"{WHOLE}, not -5"),
    (feature("B", square(56.01, 30.4), population=True), "feature 2, population", f"{WHOLE}, not True"),
    (feature("B", square(56.01, 30.4), population=[3]), "feature 2, population", f"{WHOLE}, not [3]"),
    (feature("B", square(56.01, 30.4)), "feature 2, population", "is missing"),
    (feature("B", square(56.01, 30.4), population=5, deprivation=2), "feature 1, deprivation", "is missing"),
    (feature("B", square(56.01, 30.4), population=10**400), "feature 2, population", f"{WHOLE}, not 1000"),
]


@pytest.mark.parametrize(("faulty", "key", "problem"), BAD_FEATURES)
def test_a_bad_feature_is_named_by_its_number(tmp_path, faulty, key, problem):
    features = [feature("A", square(56.0, 30.4), population=5), faulty]
    with pytest.raises(ConfigError) as caught:
        city(base=tmp_path, polygons_file=write_polygons(tmp_path, features))
    assert caught.value.key == key
    assert problem in caught.value.problem
    assert caught.value.source == str(tmp_path / "areas.geojson")


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("", None, "is empty"),
        ("{\n'name': 1}", 2, "is not valid JSON"),
        ('{"type": "FeatureCollection", "features": [NaN]}', None, "NaN is not a number JSON allows"),
        ('{"a": ' + "[" * 200_000, None, "nested too deeply"),
        ("1" * 5000, None, "a number too long"),
        ("[]", None, 'must be GeoJSON with "type": "FeatureCollection"'),
        ('{"type": "Feature"}', None, 'must be GeoJSON with "type": "FeatureCollection"'),
        ('{"type": "FeatureCollection"}', None, "must be a list of features"),
        ('{"type": "FeatureCollection", "features": {}}', None, "must be a list of features"),
        ('{"type": "FeatureCollection", "features": []}', None, "must have 2 to 2000 neighbourhoods, not 0"),
        (b"\xff\xfe{}", 1, "is not UTF-8 text"),
    ],
)
def test_a_bad_collection_is_refused(tmp_path, content, line, problem):
    (tmp_path / "areas.geojson").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        city(base=tmp_path, polygons_file="areas.geojson")
    assert caught.value.line == line
    assert problem in caught.value.problem


def cells(side=0.01, across=3, **changed):
    """Features of square cells in a row of `across`, of which some get other coordinates."""
    found = [feature(f"Cell {i}", changed.get(f"cell{i}", square(56.0 + side * i, 30.4, side))) for i in range(across)]
    return [*found, feature("South", square(56.0, 30.39, side))]


SPIKE = [[56.01, 30.4], [56.02, 30.4], [56.02, 30.41], [56.015, 30.41], [56.015, 30.4101], [56.015, 30.41]]
CROSSING = [[56.01, 30.4], [56.02, 30.4], [56.02, 30.41], [56.0150001, 30.4100001], [56.0149999, 30.4099999]]
TINY = {"a spike": SPIKE, "a crossing": [*CROSSING, [56.0150001, 30.4099999], [56.0149999, 30.4100001]]}


@pytest.mark.parametrize("fault", TINY)
def test_an_outline_with_a_fault_of_no_area_is_repaired_with_a_caution(tmp_path, fault):
    ring = [*TINY[fault], [56.01, 30.41], [56.01, 30.4]]
    assert not shapely.Polygon(ring).is_valid
    with pytest.warns(CautionWarning, match=r"repaired .*: 'Cell 1'$"):
        found = city(base=tmp_path, polygons_file=write_polygons(tmp_path, cells(cell1=[ring])))
    assert all(outline.is_valid for outline in found.polygons)
    sound = city(base=tmp_path, polygons_file=write_polygons(tmp_path, cells()))
    assert shapely.area(found.polygons) == pytest.approx(shapely.area(sound.polygons), rel=1e-4)
    assert borders(found.adjacency) == borders(sound.adjacency)


def test_all_outlines_beyond_repair_are_named(tmp_path):
    features = [*cells(), feature("First", BOW_TIE), feature("Second", BOW_TIE), feature("Third", FLAT)]
    with pytest.raises(ConfigError) as caught:
        city(base=tmp_path, polygons_file=write_polygons(tmp_path, features))
    assert caught.value.key == "feature 5, geometry"
    assert "'First' is not a valid polygon: Self-intersection" in caught.value.problem
    assert caught.value.problem.endswith("(the same holds for 'Second', 'Third')")
    assert [fault.key for fault in caught.value.all] == [f"feature {number}, geometry" for number in (5, 6, 7)]


def jagged(points):
    """Nine cells whose shared borders have that many vertices, uneven at all scales up to a fifth of their length."""

    def line(start, end, seed):
        share = np.arange(points) / points
        waves = sum(np.sin(5**m * np.pi * share + seed) / 3**m for m in range(6))
        across = 0.05 * np.sin(np.pi * share) * waves
        along = np.subtract(end, start)
        return np.add(start, share[:, None] * along + across[:, None] * np.array([-along[1], along[0]]))

    east = {(i, j): line((i, j), (i + 1, j), i + 4 * j) for i in range(3) for j in range(4)}
    north = {(i, j): line((i, j), (i, j + 1), 2 * i + j) for i in range(4) for j in range(3)}
    return [
        shapely.Polygon(
            np.vstack([
                east[i, j], north[i + 1, j], [(i + 1, j + 1)], east[i, j + 1][:0:-1], [(i, j + 1)], north[i, j][:0:-1],
            ])
        )
        for i in range(3)
        for j in range(3)
    ]  # fmt: skip


def test_detail_leaves_borders_as_they_are(monkeypatch):
    outlines = jagged(300)
    simpler = borders(border_graph(outlines, 0.01))
    monkeypatch.setattr("sim.borders._DETAILED", math.inf)
    exact = borders(border_graph(outlines, 0.01))
    monkeypatch.setattr("sim.borders._JAGGED", 0)
    assert borders(border_graph(outlines, 0.01)) == exact
    plain = borders(border_graph([shapely.box(i, j, i + 1, j + 1) for i in range(3) for j in range(3)], 0.01))
    assert simpler == exact == plain


def test_detail_costs_little_more_than_its_reading(tmp_path):
    outlines = [outline.normalize() for outline in jagged(5_000)]
    features = [
        feature(f"Cell {i}", [(np.array(outline.exterior.coords) * 0.01 + [56.0, 30.4]).tolist()])
        for i, outline in enumerate(outlines)
    ]
    write_polygons(tmp_path, features)
    start = time.process_time()
    read_polygons("areas.geojson", tmp_path, CATEGORIES)
    reading = time.process_time() - start
    start = time.process_time()
    city(base=tmp_path, polygons_file="areas.geojson")
    assert time.process_time() - start < 4 * reading + 0.5


def combs(teeth):
    """Four cells in a square; the border between the southern and the northern ones is a comb."""
    found = []
    for west in (0.0, 1.0):
        line = zip(np.linspace(west, west + 1.0, teeth), 0.5 + 0.02 * (np.arange(teeth) % 2), strict=True)
        south = shapely.Polygon([*line, (west + 1.0, 0.0), (west, 0.0)])
        found += [south, shapely.box(west, 0.0, west + 1.0, 1.0).difference(south)]
    return found


def test_an_outline_that_nothing_simplifies_costs_seconds_and_not_a_minute(monkeypatch):
    start = time.process_time()
    assert borders(border_graph(combs(5_000), 0.01)) >= {(0, 1), (0, 2), (1, 3), (2, 3)}
    assert time.process_time() - start < 12.0
    by_buffers = borders(border_graph(combs(300), 0.01))
    monkeypatch.setattr("sim.borders._JAGGED", 0)
    assert borders(border_graph(combs(300), 0.01)) == by_buffers


def test_a_map_across_the_date_line_is_one_map(tmp_path):
    split = [square(179.99, -16.0)[0], square(-180.0, -16.0)[0]]
    features = [
        feature("West", square(179.98, -16.0)),
        feature("Both", [[ring] for ring in split], "MultiPolygon"),
        feature("East", square(-179.99, -16.0)),
    ]
    found = city(base=tmp_path, polygons_file=write_polygons(tmp_path, features))
    assert borders(found.adjacency) == {(0, 1), (1, 2)}
    assert np.ptp(found.x) < 5.0
    assert np.all(np.diff(found.x) > 0)
    assert found.polygons[1].geom_type == "Polygon"


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", True),
        ("urn:ogc:def:crs:EPSG::4326", True),
        ("EPSG:4326", True),
        ("urn:ogc:def:crs:EPSG::32640", False),
        ("EPSG:14326", False),
    ],
)
def test_a_map_that_says_it_is_not_in_degrees_is_refused(tmp_path, name, fine):
    content = {"type": "FeatureCollection", "features": cells(), "crs": {"type": "name", "properties": {"name": name}}}
    (tmp_path / "areas.geojson").write_text(json.dumps(content), encoding="utf-8")
    if fine:
        assert len(city(base=tmp_path, polygons_file="areas.geojson").names) == 4
        return
    with pytest.raises(ConfigError, match=r"crs: is '.*'; save the map in longitude and latitude"):
        city(base=tmp_path, polygons_file="areas.geojson")


def test_a_map_far_too_wide_for_a_city_is_cautioned_about(tmp_path):
    with pytest.warns(CautionWarning, match=r"the map is 2,\d{3} km wide"):
        city(base=tmp_path, polygons_file=write_polygons(tmp_path, cells(side=10.0)))


SAME_LOOK = {
    "Arabic yeh": ("علي آباد", "علی آباد", "U+06CC for U+064A"),
    "Arabic kaf": ("كوچه", "کوچه", "U+06A9 for U+0643"),
    "a joiner": ("علی\u200cآباد", "علیآباد", "U+0622 for U+200C"),
}


@pytest.mark.parametrize("case", SAME_LOOK)
def test_names_that_look_the_same_are_matched_with_a_caution(tmp_path, case):
    in_table, in_map, said = SAME_LOOK[case]
    (tmp_path / "own.csv").write_text(f"name,population,deprivation\n{in_table},7,0.1\nB,8,0.2\n", encoding="utf-8")
    areas = write_polygons(tmp_path, [feature("B", square(56.01, 30.4)), feature(in_map, square(56.0, 30.4))])
    with pytest.warns(CautionWarning, match=re.escape(said)):
        found = city(base=tmp_path, data_file="own.csv", polygons_file=areas)
    assert found.names == (in_table, "B")
    assert found.x[0] < found.x[1]


@pytest.mark.parametrize("unseen", ["New\xa0Town", " New  Town", "New\u200f Town", "\u202aNew Town\u202c"])
def test_spaces_and_direction_marks_make_no_other_name(tmp_path, unseen):
    (tmp_path / "own.csv").write_text("name,population,deprivation\nNew Town,7,0.1\nB,8,0.2\n", encoding="utf-8")
    areas = write_polygons(tmp_path, [feature("B", square(56.01, 30.4)), feature(unseen, square(56.0, 30.4))])
    assert city(base=tmp_path, data_file="own.csv", polygons_file=areas).names == ("New Town", "B")


def test_two_spellings_of_one_name_are_a_fault(tmp_path):
    text = "name,population,deprivation,x,y\nعلي,7,0.1,0,0\nعلی,8,0.2,1,0\n"
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"own\.csv:3: name: 'علی' only looks different .* U\+06CC for U\+064A"):
        city(base=tmp_path, data_file="own.csv")


def test_every_fault_of_a_table_is_found(tmp_path):
    text = "name,population,deprivation,x,y\nA,0,0.2,0,0\nB,700,2,1,0\nA,x,0.3,0,1\nC,1,0.1\n"
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        city(base=tmp_path, data_file="own.csv")
    found = [(fault.line, fault.key) for fault in caught.value.all]
    assert sorted(found, key=str) == [(2, "population"), (3, "deprivation"), (4, "name"), (4, "population"), (5, None)]
    assert [line for line, _ in found] == [2, 3, 4, 4, 5]


def test_a_table_as_spreadsheets_and_persian_keyboards_write_it_is_read(tmp_path):
    text = "name,population,deprivation,x,y,,\nA,۹۰۰,۰٫۲,0,0,,\nB,۱٬۲۰۰,٠٫٥,1,0,,\n"
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    found = city(base=tmp_path, data_file="own.csv")
    assert found.population.tolist() == [900, 1200]
    assert found.deprivation.tolist() == [0.2, 0.5]


def test_a_decimal_comma_is_named(tmp_path):
    (tmp_path / "own.csv").write_text('name,population,deprivation,x,y\nA,9,"0,2",0,0\nB,9,0.3,1,0\n')
    with pytest.raises(ConfigError, match=r"not '0,2': write a decimal point, 0\.2$"):
        city(base=tmp_path, data_file="own.csv")


@pytest.mark.parametrize(
    ("written", "meant"), [("12.500", "12500"), ("12.000", "12000"), ('"1,200,000"', "1200000"), ("9 000", "9000")]
)
def test_a_population_with_separators_of_thousands_is_refused(tmp_path, written, meant):
    (tmp_path / "own.csv").write_text(f"name,population,deprivation,x,y\nA,{written},0.2,0,0\nB,9,0.3,1,0\n")
    with pytest.raises(ConfigError, match=rf"csv:2: population: .*: write {meant}, without separators of thousands$"):
        city(base=tmp_path, data_file="own.csv")


def test_a_name_with_a_control_character_is_refused_and_shown_as_an_escape(tmp_path):
    (tmp_path / "own.csv").write_text("name,population,deprivation,x,y\nA\x1b[31m,9,0.2,0,0\nB,9,0.3,1,0\n")
    with pytest.raises(ConfigError, match=r"name: holds the unprintable character U\+001B"):
        city(base=tmp_path, data_file="own.csv")


def test_names_that_do_not_match_are_named_with_the_nearest(tmp_path):
    (tmp_path / "own.csv").write_text(TABLE.replace("Feyzabad", "Feizabad"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no feature is named 'Feizabad' \(did you mean 'Feyzabad'\?\)"):
        city(base=tmp_path, data_file="own.csv", polygons_file=write_polygons(tmp_path, THREE))
    (tmp_path / "own.csv").write_text(TABLE, encoding="utf-8")
    features = [*THREE, feature("Mahunek", square(56.03, 30.4))]
    with pytest.raises(ConfigError, match=r"feature 4, name: 'Mahunek' is not a name in the table .*'Mahunak'"):
        city(base=tmp_path, data_file="own.csv", polygons_file=write_polygons(tmp_path, features))
