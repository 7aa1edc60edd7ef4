"""A place is the same for every luck; cities built on places that are kept are, to the bit, those built without."""

import copy
import os
import pickle
import shutil
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim import City, ConfigError, Foundations
from sim.columns import Table
from sim.config import Config
from sim.parameters import register
from sim.phase import phase, with_phase
from sim.place import _contents, build_place
from tests.conftest import SMALL

OWN_PLACES = True  # here shared places are what is tested

CITIES = Path(__file__).resolve().parents[2] / "configs" / "cities"
EDITS = {
    "neighbourhoods.csv": ("450,0.37", "450,0.38"),
    "neighbourhoods.geojson": ("-0.017604, -0.006437", "-0.017605, -0.006437"),
    "ties.csv": ("1,11,city_wide", "1,12,city_wide"),
}
"""What a file says, and something else as long."""
TABLES = ("residents", *(f"institutions.{name}" for name in ("councils", "mayors", "facilitators", "teams")))
FRAMES = ("history", "neighbourhood_history", "group_history", "events")
TINY = {"run.scale": 0.02, "city.neighbourhoods.count": 5, "policy.rollout.milestones": [{"week": 0, "share": 1.0}]}


@pytest.fixture(autouse=True)
def builds(monkeypatch):
    """How often each builder ran."""
    counts = {"geography": 0, "residents": 0, "ties": 0}

    def counted(part, builder):
        def build(*arguments):
            counts[part] += 1
            return builder(*arguments)

        monkeypatch.setattr(sim.place, builder.__name__, build)

    counted("geography", sim.place.build_geography)
    counted("residents", sim.place.draw_residents)
    counted("ties", sim.place.build_ties)
    return counts


@pytest.fixture
def kept():
    return Foundations()


def took(builds, act):
    """What an act returns, and how often geography, residents and ties were built in it."""
    before = dict(builds)
    made = act()
    return made, tuple(builds[part] - before[part] for part in ("geography", "residents", "ties"))


def state(city):
    """All that a city holds in arrays and frames, by name, as bytes."""
    arrays = {f"geography.{name}": getattr(city.geography, name) for name in ("population", "deprivation", "services")}
    arrays |= {f"geography.{name}": getattr(city.geography, name) for name in ("x", "y", "borders")}
    arrays |= {f"ties.{name}": getattr(city.ties, name) for name in ("starts", "degree", "neighbours", "kind")}
    for name in TABLES:
        table = attrgetter(name)(city)
        arrays |= {f"{name}.{column}": table[column] for column in table}
    arrays |= {"luck": city.luck.uniform("a stream", 3, len(city.residents)), "cell": city.rows.cell}
    found = {name: (array.dtype.str, array.shape, array.tobytes("K")) for name, array in arrays.items()}
    for name in FRAMES:
        frame = getattr(city, name)
        for column in frame.columns:
            values = frame[column]
            numbers = pd.api.types.is_numeric_dtype(values)
            found[f"{name}.{column}"] = values.to_numpy().tobytes() if numbers else values.astype(str).tolist()
    found["names"] = (city.geography.names, city.geography.names_fa, [p.wkb for p in city.geography.polygons])
    found["borders"] = {node: dict(rest) for node, rest in city.geography.adjacency.adjacency()}
    found["order of borders"] = [list(rest) for _, rest in city.geography.adjacency.adjacency()]
    found["nodes"] = dict(city.geography.adjacency.nodes(data=True))
    found["bridging"] = city.ties.bridging_count
    return found


def differing(one, other):
    return [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]


def assert_same(kept, config=None, weeks=6, kind=City, **arguments):
    """Build with and without what is kept, compare at the start and after some weeks, and return the one with."""
    one, other = kind(config, foundations=kept, **arguments), kind(config, **arguments)
    assert differing(state(one), state(other)) == []
    assert differing(state(one.run(weeks)), state(other.run(weeks))) == []
    return one


# --- The same to the bit ----------------------------------------------------------------------------------------------


def test_two_policies_share_everything(kept, builds):
    first, second = {**SMALL, "policy.hub.kinds": ["school"]}, {**SMALL, "policy.authority.mode": "top_down"}
    _, counts = took(builds, lambda: City(foundations=kept, **first).run(6))
    assert counts == (1, 1, 1)
    _, counts = took(builds, lambda: City(foundations=kept, **second).run(6))
    assert counts == (0, 0, 0)
    for values in (first, second, first):
        assert_same(kept, **values)


def test_policies_on_the_timeline_share_everything(kept, builds):
    for policy in ("status_quo", "school_hub", "sortition_council"):
        path = CITIES.parent / "policies" / f"{policy}.yaml"
        assert_same(kept, CITIES / "rafsanjan.yaml", policies=path, weeks=3, **{"run.scale": 0.01})
    assert builds == {"geography": 4, "residents": 4, "ties": 4}  # one for each city without, and one for all with


def test_behaviour_that_residents_do_not_depend_on_shares_everything(kept, builds):
    assert_same(kept, **SMALL)
    changed = {"behaviour.influence.rule": "averaging", "behaviour.services.decay_per_year": 0.2}
    _, counts = took(builds, lambda: City(foundations=kept, **SMALL, **changed))
    assert counts == (0, 0, 0)
    assert_same(kept, **SMALL, **changed)


def test_behaviour_that_residents_depend_on_draws_them_anew(kept, builds):
    assert_same(kept, **SMALL)
    changed = {"behaviour.trust.initial_trust_in_municipality": 0.7}
    _, counts = took(builds, lambda: City(foundations=kept, **SMALL, **changed))
    assert counts == (0, 1, 0)  # trust moves nobody's ties
    assert_same(kept, **SMALL, **changed)
    assert_same(kept, **SMALL)


def test_another_place_and_back(kept, builds):
    for seed in (1, 2, 0, 1, 2):
        assert_same(kept, **{**SMALL, "run.place_seed": seed})
    _, counts = took(builds, lambda: City(foundations=kept, **{**SMALL, "run.place_seed": 2}))
    assert counts == (0, 0, 0)
    _, counts = took(builds, lambda: City(foundations=kept, **{**SMALL, "run.place_seed": 3}))
    assert counts == (1, 1, 1)


def test_other_luck_shares_everything(kept, builds):
    for seed in (1, 2, 0, 1, 2):
        assert_same(kept, rng=seed, **SMALL)
    _, counts = took(builds, lambda: City(rng=3, foundations=kept, **SMALL))
    assert counts == (0, 0, 0)


def test_another_scale_and_back(kept, builds):
    for scale in (1.0, 0.5, 1.0):
        assert_same(kept, **{**SMALL, "run.scale": scale})
    _, counts = took(builds, lambda: City(foundations=kept, **{**SMALL, "run.scale": 0.25}))
    assert counts == (0, 1, 1)


def test_another_city_and_back(kept, builds):
    for name in ("rafsanjan", "lakeside", "rafsanjan", "lakeside"):
        assert_same(kept, CITIES / f"{name}.yaml", weeks=3, **{"run.scale": 0.02})
    _, counts = took(builds, lambda: City(CITIES / "lakeside.yaml", foundations=kept, **{"run.scale": 0.02}))
    assert counts == (0, 0, 0)


def test_own_data(kept, builds):
    town, village = CITIES / "own_data" / "town.yaml", CITIES / "own_data" / "village.yaml"
    for path in (town, village, town, village):
        assert_same(kept, path, weeks=3)
    for path in (town, village):
        _, counts = took(builds, lambda path=path: City(path, foundations=kept))
        assert counts == (0, 0, 0)


@pytest.mark.parametrize("file", ["neighbourhoods.csv", "neighbourhoods.geojson", "ties.csv"])
def test_an_own_file_that_changed_is_read_again(kept, builds, tmp_path, file):
    """Even with the same length and the same time of writing."""
    folder = Path(shutil.copytree(CITIES / "own_data", tmp_path / "own"))
    config, path = folder / ("village.yaml" if file == "ties.csv" else "town.yaml"), folder / file
    assert_same(kept, config, weeks=1)
    text, times = path.read_text(encoding="utf-8"), path.stat()
    old, new = EDITS[file]
    assert old in text
    assert len(old) == len(new)
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    _, counts = took(builds, lambda: City(config, foundations=kept))
    assert counts[2 if file == "ties.csv" else 0] == 1
    assert_same(kept, config, weeks=1)


def test_the_same_config_in_another_folder_reads_its_own_files(kept, tmp_path):
    other = Path(shutil.copytree(CITIES / "own_data", tmp_path / "own"))
    table = other / "neighbourhoods.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("population")
    cells = lines[1].split(",")
    cells[place] = str(int(cells[place]) + 100)
    table.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")
    one = assert_same(kept, CITIES / "own_data" / "town.yaml", weeks=1)
    two = assert_same(kept, other / "town.yaml", weeks=1)
    assert two.population.sum() == one.population.sum() + 100


def test_a_file_that_is_missing_is_an_error_as_ever(kept):
    values = {**TINY, "city.network.file": "nowhere.csv"}
    for foundations in (None, kept):
        with pytest.raises(ConfigError, match="no such file"):
            City(foundations=foundations, **values)
    assert_same(kept, weeks=1, **TINY)


def changes():
    """Every parameter that is a number or a choice, with values that differ from the default: key, what to set."""
    for row in register(Config):
        if row.key.startswith("city.population.ages."):
            other = "share_30_64" if row.key.endswith("share_0_14") else "share_0_14"
            others = getattr(Config().city.population.ages, other)
            yield row.key, {row.key: row.default + 0.01, f"city.population.ages.{other}": others - 0.01}
        elif row.choices:
            listed = isinstance(row.default, tuple)
            values = [[choice] if listed else choice for choice in row.choices]
            yield from ((row.key, {row.key: value}) for value in values if value != row.default)
        elif isinstance(row.default, bool):
            yield row.key, {row.key: not row.default}
        elif row.low is not None and isinstance(row.default, int | float):
            up = row.default + (row.high - row.default) / 7
            value = type(row.default)(up if row.key != "city.population.total" else row.default + 500)
            yield row.key, {row.key: value if value != row.default else type(row.default)(row.low)}


VILLAGE = {"run.scale": 0.01, "city.neighbourhoods.count": 12}


def parts_of(values, kept):
    """Geography, residents and ties of a config as bytes, as a city takes them."""
    place = build_place(Config().with_values({**VILLAGE, **values}), kept)
    geography, table, ties = place.geography, place.people.table, place.ties
    columns = (geography.population, geography.deprivation, geography.services, geography.x, geography.y)
    traits = place.people.traits.uniform("traits", 1, len(table)).tobytes()
    return {
        "geography": (geography.names, [array.tobytes() for array in (*columns, geography.borders)]),
        "residents": (*(table[name].tobytes("K") for name in table), traits),
        "ties": [array.tobytes() for array in (ties.starts, ties.degree, ties.neighbours, ties.kind)],
    }


def built_anew(values, places):
    """`parts_of` without anything kept but the geographies in `places`, if given: to build 300 of them takes long."""
    fresh = Foundations(0) if places is None else Foundations(1)
    if places is not None:
        fresh._geographies = places._geographies
    return parts_of(values, fresh)


def test_keys_hold_every_parameter_that_counts_and_no_other(builds):
    """Changes each parameter in turn: what it moves is built again, and nothing else is."""
    kept, places, moved, built_in_vain = Foundations(), Foundations(1), set(), set()
    parts_of({}, places)
    at_first = parts_of({}, kept)
    for key, values in changes():
        expected = built_anew(values, None if key.startswith(("city.", "run.")) else places)  # given nothing else
        assert parts_of({}, kept) == at_first
        made, counts = took(builds, lambda values=values: parts_of(values, kept))
        assert made == expected, key
        for part, count in zip(made, counts, strict=True):
            differs = made[part] != at_first[part]
            assert count == 1 or not differs
            if differs:
                moved.add((part, key))
            elif count:
                built_in_vain.add((part, key))
    assert ("residents", "behaviour.trust.hub_selection") in moved
    assert ("residents", "city.hubs.mosque.attender_share_men") in moved
    assert ("ties", "city.network.homophily_age") in moved
    assert {part for part, key in moved if key == "run.place_seed"} == {"geography", "residents", "ties"}
    assert not [part for part, key in moved if key == "run.seed"]
    assert not [key for _, key in moved if key.startswith("policy.")]
    assert built_in_vain == set()


# --- What a run changes stays its own ---------------------------------------------------------------------------------


def test_bridging_ties_of_one_run_are_not_in_the_next(kept, builds):
    one = City(foundations=kept, **SMALL)
    fresh = state(City(**SMALL))
    assert one.run(60).ties.bridging_count > 0
    other, counts = took(builds, lambda: City(foundations=kept, **SMALL))
    assert counts == (0, 0, 0)
    assert other.ties.bridging_count == 0
    assert differing(state(other), fresh) == []


def test_what_a_run_or_a_user_writes_is_not_kept(kept):
    fresh = state(City(**SMALL))
    one = City(foundations=kept, **SMALL)
    one.run(3)
    for name in one.residents:
        one.residents[name][...] = 1
    for array in (one.geography.services, one.geography.population, one.geography.deprivation, one.geography.x):
        array[...] = 0
    one.geography.adjacency.remove_node(0)
    one.geography.adjacency.nodes[1]["name"] = "another"
    one.ties.neighbours[:], one.ties.kind[:], one.ties.degree[:] = 0, 0, 0
    with pytest.raises(ValueError, match="read-only"):
        one.ties.starts[0] = 5
    assert differing(state(City(foundations=kept, **SMALL)), fresh) == []


def test_cities_that_run_side_by_side_do_not_meet(kept):
    cities = [City(foundations=kept, **SMALL) for _ in range(3)]
    alone = City(**SMALL)
    for _ in range(8):
        for city in (*cities, alone):
            city.step()
    for city in cities:
        assert differing(state(city), state(alone)) == []
        assert not any(
            np.shares_memory(city.residents[name], cities[0].residents[name])
            for name in city.residents
            if city is not cities[0]
        )


def test_columns_keep_their_layout(kept):
    for _ in range(2):
        city = City(foundations=kept, **SMALL)
        assert isinstance(city.residents, Table)
        assert city.residents.need_weights.flags.f_contiguous
        assert city.residents.need_weights is city.residents["need_weights"]


# --- Bounds, copies, subclasses ---------------------------------------------------------------------------------------


def test_the_cache_is_bounded(builds):
    kept = Foundations(size=2)
    held = []

    def at(place_seed):
        return City(foundations=kept, **{**SMALL, "run.place_seed": place_seed})

    for seed in range(5):
        at(seed)
        held.append(kept.nbytes)
        assert all(len(part) <= 2 for part in (kept._geographies, kept._residents, kept._ties))
    assert held[0] > 0
    assert held[4] < 1.1 * held[1] < 2.5 * held[0]
    _, counts = took(builds, lambda: [at(seed) for seed in (3, 4, 3)])
    assert counts == (0, 0, 0)
    _, counts = took(builds, lambda: at(0))
    assert counts == (1, 1, 1)
    _, counts = took(builds, lambda: at(3))
    assert counts == (0, 0, 0)  # 4 was unused for longer, so 4 went
    _, counts = took(builds, lambda: at(4))
    assert counts == (1, 1, 1)


def test_size_nought_keeps_nothing_and_less_is_refused(builds):
    kept = Foundations(size=0)
    _, counts = took(builds, lambda: [assert_same(kept, weeks=1, **TINY) for _ in range(2)])
    assert counts == (4, 4, 4)
    assert kept.nbytes == 0
    with pytest.raises(ValueError, match="at least 0"):
        Foundations(size=-1)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_a_copy_of_a_city_leaves_the_cache_behind(kept, duplicate):
    City(foundations=kept, **SMALL)
    one, plain = City(foundations=kept, **SMALL), City(**SMALL)
    assert not any(value is kept for value in vars(one).values())
    assert len(pickle.dumps(one)) < 1.02 * len(pickle.dumps(plain))
    other = duplicate(one.run(2))
    assert differing(state(other.run(3)), state(plain.run(5))) == []
    assert differing(state(one.run(3)), state(plain)) == []


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_a_copy_of_the_cache_is_empty(duplicate):
    kept = Foundations(size=3)
    City(foundations=kept, **TINY)
    other = duplicate(kept)
    assert (other.size, other.nbytes) == (3, 0)
    assert kept.nbytes > 0


def test_subclasses_share_with_cities(kept, builds):
    @phase(writes="residents: hope")
    def give_hope(city):
        city.residents.hope[:] = 1.0

    class Generous(City):
        phases = with_phase(City.phases, give_hope, before="measure")

    assert_same(kept, **SMALL)
    _, counts = took(builds, lambda: Generous(foundations=kept, **SMALL))
    assert counts == (0, 0, 0)
    assert_same(kept, kind=Generous, **SMALL)
    assert_same(kept, **SMALL)


def test_contents_are_told_apart(tmp_path):
    (tmp_path / "a").write_text("a", encoding="utf-8")
    (tmp_path / "b").write_text("b", encoding="utf-8")
    assert _contents(tmp_path, "a", None) != _contents(tmp_path, "b", None)
    assert _contents(tmp_path, "a", None) != _contents(tmp_path, None, "a")
    assert _contents(tmp_path, "a", None) == _contents(None, str(tmp_path / "a"), None)
    assert _contents(tmp_path, None, None) == (None, None)
    assert _contents(tmp_path, "c") is _contents(tmp_path, ".") is None
