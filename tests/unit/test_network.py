"""The social network: its numbers by construction, its rows against a dense graph, and a user's own files."""

import copy
import functools
import pickle
import re
import time
import warnings

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from sim.cautions import CautionWarning
from sim.errors import ConfigError
from sim.network import (
    BRIDGING,
    CITY_WIDE,
    HOUSEHOLD,
    KINDS,
    NEIGHBOURHOOD,
    ROOM,
    NetworkParameters,
    Ties,
    build_ties,
    household_pairs,
    read_ties,
    structure,
    to_networkx,
)
from sim.parameters import register
from sim.randomness import Streams


@functools.cache
def town(residents, neighbourhoods=50, seed=0):
    """Neighbourhood, household, age and attendance of a made-up town: 2.7 agents a household."""
    draws = np.random.default_rng(seed)
    shares = np.exp(0.35 * draws.normal(size=neighbourhoods))
    neighbourhood = np.sort(draws.choice(neighbourhoods, residents, p=shares / shares.sum()))
    sizes = draws.choice(np.arange(1, 7), size=residents, p=[0.12, 0.36, 0.28, 0.16, 0.06, 0.02])
    household = np.repeat(np.arange(residents), sizes)[:residents]
    age = draws.uniform(12, 85, residents)
    return neighbourhood, household, age, draws.beta(0.6, 2.0, residents)


def network(people, seed=1, base=None, **values):
    return build_ties(NetworkParameters(**values), *people, Streams(seed), base)


def numbers(people, seed=1, **values):
    return structure(network(people, seed, **values), people[2], people[3])


def giant_share(ties):
    labels = connected_components(ties.matrix(), directed=False)[1]
    return np.bincount(labels).max() / len(ties)


def adjacency_of(ties):
    """The set of neighbours of each row, read slot by slot; checks that free slots are free."""
    bounds = np.append(ties.starts, ties.neighbours.size)
    found = []
    for row in range(len(ties)):
        used, end = ties.starts[row] + ties.degree[row], bounds[row + 1]
        assert used <= end
        assert np.all(ties.neighbours[used:end] == len(ties))
        assert np.all(ties.kind[used:end] == -1)
        row_kinds = ties.kind[ties.starts[row] : used]
        assert np.all((row_kinds >= 0) & (row_kinds < len(KINDS)))
        members = ties.neighbours[ties.starts[row] : used].tolist()
        assert len(set(members)) == len(members)
        found.append(dict(zip(members, row_kinds.tolist(), strict=True)))
    return found


def assert_sound(ties):
    """Symmetric, without self ties, the same kind on both sides, and the bridging ties counted."""
    rows = adjacency_of(ties)
    for row, members in enumerate(rows):
        assert row not in members
        assert all(rows[other].get(row) == kind for other, kind in members.items())
    assert ties.bridging_count == sum(list(members.values()).count(BRIDGING) for members in rows) / 2


# --- a drawn network --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("residents", [6_500, 13_000, 130_000])
@pytest.mark.parametrize("seed", [0, 1])
def test_at_defaults_degree_clustering_and_shares_are_as_declared_at_every_size(residents, seed):
    people = town(residents, seed=seed)
    ties = network(people, seed)
    found = structure(ties, people[2], people[3])
    assert found["mean_degree"] == pytest.approx(10, rel=0.001)
    assert found["city_wide_share"] == pytest.approx(0.15, abs=0.002)
    assert found["clustering"] == pytest.approx(0.30, abs=0.02)
    near = np.mean(ties.kind[ties.kind >= 0] == NEIGHBOURHOOD)  # the ties that homophily sorts; the others are random
    assert found["age_assortativity"] == pytest.approx(near * 0.6**2, abs=0.04)
    assert found["attendance_assortativity"] == pytest.approx(near * 0.4**2, abs=0.025)
    assert 1.5 < ties.degree.std() < 4.0
    assert giant_share(ties) > 0.999


@pytest.mark.parametrize("residents", [6_500, 50_000])
@pytest.mark.parametrize("mean_degree", [6.0, 7.0, 8.5, 12.0, 15.0])
@pytest.mark.parametrize("city_wide_share", [0.1, 0.15, 0.2, 0.5])
def test_the_mean_degree_is_met_over_its_range(residents, mean_degree, city_wide_share):
    people = town(residents)
    ties = network(people, mean_degree=mean_degree, city_wide_share=city_wide_share)
    assert ties.degree.mean() == pytest.approx(mean_degree, rel=0.03)
    assert giant_share(ties) > 0.99
    assert structure(ties, people[2], people[3])["clustering"] < 0.5


@pytest.mark.parametrize(
    "values", [{"circle_size": 3}, {"circle_size": 20}, {"circle_density": 0.0}, {"circle_density": 1.0}]
)
def test_the_mean_degree_is_met_whatever_the_circles(values):
    assert numbers(town(6_500), **values)["mean_degree"] == pytest.approx(10, rel=0.001)


@pytest.mark.parametrize(("residents", "neighbourhoods"), [(300, 2), (2_000, 400), (6_500, 2_000)])
def test_the_mean_degree_is_met_in_small_neighbourhoods_too(residents, neighbourhoods):
    assert numbers(town(residents, neighbourhoods))["mean_degree"] == pytest.approx(10, rel=0.03)


@pytest.mark.parametrize("residents", [1, 2, 5, 12])
def test_a_hamlet_ends_up_with_the_ties_it_can_have(residents):
    ties = network(town(residents, 2))
    assert_sound(ties)
    assert ties.degree.max(initial=0) <= residents - 1


def test_large_households_go_before_city_wide_ties_when_the_degree_is_small():
    neighbourhood, _, age, attendance = town(6_000)
    household = np.arange(6_000) // 6
    ties = network((neighbourhood, household, age, attendance), mean_degree=6.0, city_wide_share=0.5)
    first, second, kind = ties.edges()
    assert np.count_nonzero(kind == HOUSEHOLD) == 1_000 * 15
    assert np.all((household[first] == household[second]) == (kind == HOUSEHOLD))
    assert ties.degree.mean() == pytest.approx(6, rel=0.001)
    assert not np.any(kind == NEIGHBOURHOOD)


def test_each_kind_of_tie_joins_whom_it_says():
    neighbourhood, household, *_ = people = town(13_000)
    first, second, kind = network(people).edges()
    same_household = household[first] == household[second]
    assert np.array_equal(kind == HOUSEHOLD, same_household)
    near = kind == NEIGHBOURHOOD
    assert np.all(neighbourhood[first[near]] == neighbourhood[second[near]])
    wide = kind == CITY_WIDE
    expected = 1 - np.sum((np.bincount(neighbourhood) / neighbourhood.size) ** 2)
    assert np.mean(neighbourhood[first[wide]] != neighbourhood[second[wide]]) == pytest.approx(expected, abs=0.01)
    assert not np.any(kind == BRIDGING)


def test_households_are_cliques_wherever_their_members_stand():
    household = np.array([4, 9, 4, 7, 9, 4, 1])
    first, second = household_pairs(household)
    pairs = {frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}
    assert pairs == {frozenset(pair) for pair in ((0, 2), (0, 5), (2, 5), (1, 4))}
    assert first.size == 4


def test_ties_are_sound_and_the_network_depends_on_the_seed_alone():
    people = town(3_000, 20)
    ties, again, other = network(people), network(people), network(people, seed=2)
    assert_sound(ties)
    assert all(np.array_equal(*pair) for pair in zip(ties.edges(), again.edges(), strict=True))
    assert not np.array_equal(ties.neighbours[:1000], other.neighbours[:1000])


def test_streams_put_in_order_draw_the_same_structure():
    people = town(6_500)
    order = np.random.default_rng(3).permutation(6_500)
    ties = build_ties(NetworkParameters(mean_degree=15.0), *people, Streams(1).in_order(order))
    assert_sound(ties)
    found, plain = structure(ties, people[2], people[3]), numbers(people, mean_degree=15.0)
    assert found == pytest.approx(plain, abs=0.03)
    assert not np.array_equal(ties.neighbours, network(people, mean_degree=15.0).neighbours)


def test_a_wider_share_leaves_households_and_the_luck_of_city_wide_ties_alone():
    people = town(6_500)
    pairs = []
    for share in (0.1, 0.2):
        first, second, kind = network(people, city_wide_share=share).edges()
        wide = kind == CITY_WIDE
        pairs.append(set(zip(first[wide].tolist(), second[wide].tolist(), strict=True)))
    assert len(pairs[0] & pairs[1]) > 0.95 * len(pairs[0])


@pytest.mark.parametrize("key", ["homophily_age", "homophily_attendance"])
def test_homophily_moves_its_assortativity_from_chance_to_strong(key):
    neighbourhood, _, age, attendance = town(13_000)
    people = (neighbourhood, np.arange(13_000), age, attendance)  # alone, so that no household hides it
    others = {"homophily_age": 0.0, "homophily_attendance": 0.0}
    outcome = f"{key.removeprefix('homophily_')}_assortativity"
    levels = [numbers(people, **{**others, key: level})[outcome] for level in (0.0, 0.5, 1.0)]
    assert levels[0] == pytest.approx(0, abs=0.02)
    assert levels[0] + 0.1 < levels[1] < levels[2] - 0.3
    assert levels[2] > 0.7


def test_clustering_and_degree_do_not_depend_on_homophily():
    people = town(13_000)
    sorted_, mixed = (numbers(people, homophily_age=age, homophily_attendance=0.0) for age in (1.0, 0.0))
    assert sorted_["clustering"] == pytest.approx(mixed["clustering"], abs=0.02)
    assert sorted_["mean_degree"] == mixed["mean_degree"]


@pytest.mark.parametrize("row", [row for row in register(NetworkParameters) if row.effect], ids=lambda row: row.key)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_parameter_moves_its_outcome_in_the_stated_direction(row, seed):
    effect = row.effect
    ends = [end if end is not None else bound for end, bound in ((effect.low, row.low), (effect.high, row.high))]
    people = town(6_500, seed=seed)
    low, high = (numbers(people, seed, **{row.key: end})[effect.outcome.removeprefix("network.")] for end in ends)
    assert (high - low) * effect.sign > 0.02


def test_structure_equals_networkx():
    people = town(1_500, 10)
    ties = network(people)
    graph = to_networkx(ties, {"age": people[2], "attendance": people[3]})
    found = structure(ties, people[2], people[3])
    assert found["clustering"] == pytest.approx(nx.average_clustering(graph))
    assert found["age_assortativity"] == pytest.approx(nx.numeric_assortativity_coefficient(graph, "age"))
    assert found["attendance_assortativity"] == pytest.approx(nx.numeric_assortativity_coefficient(graph, "attendance"))
    assert found["mean_degree"] == pytest.approx(2 * graph.number_of_edges() / 1_500)


def test_clustering_is_estimated_on_an_even_sample_of_a_large_city():
    people = town(13_000)
    ties = network(people)
    graph = to_networkx(ties, {})
    sample = (np.linspace(0, 12_999, 2_000).astype(int) + 1).tolist()
    assert structure(ties, people[2], people[3])["clustering"] == pytest.approx(nx.average_clustering(graph, sample))


def test_structure_of_no_ties_is_zero():
    ties = Ties.from_edges(4, *(np.zeros(0, dtype=int),) * 3)
    assert structure(ties, np.arange(4.0), np.ones(4)) == dict.fromkeys(
        ("mean_degree", "clustering", "city_wide_share", "age_assortativity", "attendance_assortativity"), 0.0
    )


# --- compressed rows --------------------------------------------------------------------------------------------------

RESIDENTS = 9
PAIRS = st.lists(st.tuples(st.integers(0, RESIDENTS - 1), st.integers(0, RESIDENTS - 1)), max_size=40)


def ties_of(pairs, residents=RESIDENTS, kinds=None):
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Ties.from_edges(residents, first, second, np.zeros(first.size) if kinds is None else np.array(kinds))


@given(PAIRS, st.data())
def test_from_edges_keeps_each_pair_once_with_its_lowest_kind(pairs, data):
    kinds = data.draw(st.lists(st.integers(0, 3), min_size=len(pairs), max_size=len(pairs)))
    expected: dict[tuple[int, int], int] = {}
    for (one, other), kind in zip(pairs, kinds, strict=True):
        if one != other:
            pair = (min(one, other), max(one, other))
            expected[pair] = min(kind, expected.get(pair, 9))
    ties = ties_of(pairs, kinds=kinds)
    assert_sound(ties)
    first, second, kind = (part.tolist() for part in ties.edges())
    assert dict(zip(zip(first, second, strict=True), kind, strict=True)) == expected
    assert (ties.starts.dtype, ties.degree.dtype, ties.neighbours.dtype, ties.kind.dtype) == (
        np.int64,
        np.int32,
        np.int32,
        np.int8,
    )


@pytest.mark.parametrize(("pair", "kind"), [((0, 9), 0), ((-1, 2), 0), ((0, 1), 4), ((0, 1), -1)])
def test_from_edges_refuses_rows_and_kinds_that_do_not_exist(pair, kind):
    with pytest.raises(ValueError, match="rows from 0 to 8 and codes from 0 to 3"):
        ties_of([pair], kinds=[kind])


@given(PAIRS, st.lists(PAIRS, max_size=6))
@settings(deadline=None)
def test_ties_stay_sound_whatever_is_bridged(pairs, weeks):
    ties = ties_of(pairs)
    kept = {(row, other) for row, members in enumerate(adjacency_of(ties)) for other in members}
    room = ties.degree + ROOM
    values = np.linspace(0, 1, RESIDENTS) ** 2
    for week in weeks:
        before = ties.bridging_count
        first, second = np.array(week, dtype=np.int64).reshape(-1, 2).T
        added = ties.add_bridging(first, second)
        assert_sound(ties)
        assert np.all(ties.degree <= room)
        assert ties.bridging_count <= before + added
        now = {(row, other) for row, members in enumerate(adjacency_of(ties)) for other in members}
        assert kept <= now  # only bridging ties are ever let go
        if week and week[-1][0] != week[-1][1]:
            assert week[-1] in now
        assert ties.mean_over_ties(values) == pytest.approx(dense_mean(ties, values))


def test_a_new_tie_counts_once_and_an_old_one_not_at_all():
    ties = ties_of([(0, 1)])
    assert ties.add_bridging([0, 0, 2, 3, 5], [1, 2, 0, 3, 4]) == 2
    assert ties.bridging_count == 2
    assert adjacency_of(ties)[0] == {1: HOUSEHOLD, 2: BRIDGING}


def test_without_room_the_oldest_bridging_tie_goes_on_both_sides():
    ties = ties_of([(0, 1)])
    assert ties.add_bridging([0] * 4, [2, 3, 4, 5]) == ROOM
    assert ties.add_bridging([6], [0]) == 1
    rows = adjacency_of(ties)
    assert set(rows[0]) == {1, 3, 4, 5, 6}
    assert rows[2] == {}
    assert ties.bridging_count == 4
    ties.add_bridging([0], [2])
    assert set(adjacency_of(ties)[0]) == {1, 4, 5, 6, 2}


def test_a_tie_that_came_as_bridging_goes_first_and_kinds_stay_with_their_ties():
    ties = Ties.from_edges(9, np.zeros(3, int), np.array([1, 2, 3]), np.array([BRIDGING, HOUSEHOLD, CITY_WIDE]))
    ties.add_bridging([0] * 5, [4, 5, 6, 7, 8])
    assert_sound(ties)
    assert adjacency_of(ties)[0] == {2: HOUSEHOLD, 3: CITY_WIDE, **dict.fromkeys((4, 5, 6, 7, 8), BRIDGING)}


def test_without_room_for_any_bridging_tie_none_is_made():
    ends, kinds = np.array([1, 0, 3, 3], np.int32), np.array([HOUSEHOLD, HOUSEHOLD, -1, -1], np.int8)
    ties = Ties(np.array([0, 1, 2]), np.array([1, 1, 0], np.int32), ends, kinds)
    with pytest.raises(ValueError, match="no room"):
        ties.add_bridging([0], [2])
    assert adjacency_of(ties) == [{1: HOUSEHOLD}, {0: HOUSEHOLD}, {}]


def dense_mean(ties, values):
    matrix = ties.matrix().toarray()
    degree = matrix.sum(axis=1)
    return np.where(degree > 0, matrix @ values / np.maximum(degree, 1), values)


@given(
    PAIRS, st.lists(st.floats(-5, 5), min_size=RESIDENTS, max_size=RESIDENTS), st.lists(st.integers(0, RESIDENTS - 1))
)
@settings(deadline=None)
def test_the_mean_over_ties_equals_a_dense_computation(pairs, values, rows):
    ties, values, rows = ties_of(pairs), np.array(values), np.array(rows, dtype=np.int64)
    expected = dense_mean(ties, values)
    assert ties.mean_over_ties(values) == pytest.approx(expected, abs=1e-12)
    assert ties.mean_over_ties(values, rows) == pytest.approx(expected[rows], abs=1e-12)


def test_means_over_ties_of_counts_and_flags_are_floats():
    ties = ties_of([(0, 1), (0, 2)], residents=4)
    for values in (np.array([0, 1, 2, 3]), np.array([True, True, False, True])):
        found = ties.mean_over_ties(values)
        assert found.dtype == np.float64
        assert found.tolist() == [np.mean(values[1:3]), values[0], values[0], values[3]]
        assert ties.mean_over_ties(values, np.array([3, 0])).tolist() == [values[3], np.mean(values[1:3])]


def test_a_random_tie_is_uniform_over_ties_and_nobody_for_the_lonely():
    ties = ties_of([(0, 3), (0, 5), (0, 8), (2, 3)])
    rows = np.repeat([0, 1, 2], 3)
    uniforms = np.tile([0.0, 0.5, np.nextafter(1.0, 0.0)], 3)
    assert ties.random_tie(rows, uniforms).tolist() == [3, 5, 8, -1, -1, -1, 3, 3, 3]
    assert ties.random_tie(rows, uniforms).dtype == np.int64
    many = ties.random_tie(np.zeros(30_000, dtype=np.int64), Streams(1).uniform("test", 0, 30_000))
    assert np.unique(many, return_counts=True)[1] == pytest.approx(10_000, rel=0.05)


def test_the_matrix_is_symmetric_and_holds_every_tie():
    ties = network(town(1_000, 5))
    ties.add_bridging(np.arange(50), np.arange(50)[::-1] + 500)
    matrix = ties.matrix()
    assert (matrix != matrix.T).nnz == 0
    assert matrix.sum() == ties.degree.sum() == 2 * ties.edges()[0].size
    assert np.array_equal(matrix.sum(axis=1), ties.degree)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda ties: pickle.loads(pickle.dumps(ties))])
def test_a_copy_lives_its_own_life(copied):
    ties = ties_of([(0, 1), (1, 2)])
    values = np.arange(9.0)
    before = ties.mean_over_ties(values)
    twin = copied(ties)
    twin.add_bridging([0], [8])
    assert twin.mean_over_ties(values)[0] == 4.5
    assert np.array_equal(ties.mean_over_ties(values), before)


def test_memory_is_that_of_the_slots():
    ties = network(town(6_500))
    assert ties.nbytes == 6_500 * (8 + 4) + (6_500 * (10 + ROOM)) * (4 + 1)


# --- a user's own ties ------------------------------------------------------------------------------------------------


def edge_set(ties):
    return set(zip(*(part.tolist() for part in ties.edges()), strict=True))


def test_graphml_round_trip_keeps_ties_kinds_and_attributes(tmp_path):
    people = town(400, 4)
    ties = network(people)
    ties.add_bridging([0, 1], [300, 301])
    graph = to_networkx(ties, {"age": people[2], "sex": ["man", "woman"] * 200})
    assert list(graph)[:2] == [1, 2]
    assert graph.nodes[2] == {"age": float(people[2][1]), "sex": "woman"}
    nx.write_graphml(graph, tmp_path / "ties.graphml")
    assert edge_set(read_ties("ties.graphml", 400, tmp_path)) == edge_set(ties)
    assert edge_set(network(people, base=tmp_path, file="ties.graphml")) == edge_set(ties)


@pytest.mark.parametrize("attributes", [True, ["kind"], False])
def test_edge_lists_of_networkx_are_read(tmp_path, attributes):
    ties = network(town(400, 4))
    nx.write_edgelist(to_networkx(ties, {}), tmp_path / "ties.txt", data=attributes)
    found = read_ties(tmp_path / "ties.txt", 400)
    if attributes:
        assert edge_set(found) == edge_set(ties)
    else:
        assert {edge[:2] for edge in edge_set(found)} == {edge[:2] for edge in edge_set(ties)}
        assert set(found.edges()[2].tolist()) == {NEIGHBOURHOOD}


@pytest.mark.parametrize(
    "content",
    [
        "1 2\n2 3\n",
        "1,2\n2,3",
        "\ufeffsource,target\r\n1,2\r\n2,3\r\n",
        "# ties\n\n1\t2\n3   2  # again\n2 1\n",
        '"from","to"\n"1","2"\n"2","3"\n',
        "first;second\n1;2\n2;3\n",
        "۱ ۲\n۲ ۳\n",
    ],
)
def test_plain_edge_lists_and_csv_are_read(tmp_path, content):
    (tmp_path / "ties.csv").write_text(content, encoding="utf-8", newline="")
    assert edge_set(read_ties("ties.csv", 3, tmp_path)) == {(0, 1, NEIGHBOURHOOD), (1, 2, NEIGHBOURHOOD)}


GEPHI = 'Source,Target,Type,Id,Label,Weight\n1,2,Undirected,0,"a, b",1.0\n2,3,Undirected,1,,1.0\n'
FOREIGN = {
    "Gephi": (GEPHI, "not used: Type, Id, Label, Weight;"),
    "pandas, with row numbers": (",source,target\n0,1,2\n1,2,3\n", ""),
    "weights without a header": ("1,2,0.5\n2,3,1\n", "not used: weight;"),
    "a header, turned round": ("weight;target;source\n1;2;1\n3;3;2\n", "not used: weight;"),
    "weights of NetworkX": ("1 2 {'weight': 3.0}\n2 3 {'weight': 1.0}\n", "not used: weight;"),
    "old line ends": ("1,2\r2,3\r", ""),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_lists_of_other_programs_are_read_and_what_is_not_used_is_said(tmp_path, case):
    content, said = FOREIGN[case]
    (tmp_path / "ties.csv").write_text(content, encoding="utf-8", newline="")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        ties = read_ties("ties.csv", 3, tmp_path)
    assert edge_set(ties) == {(0, 1, NEIGHBOURHOOD), (1, 2, NEIGHBOURHOOD)}
    assert [said in str(one.message) for one in heard] == ([True] if said else [])


def test_columns_named_by_a_header_may_stand_in_any_order(tmp_path):
    (tmp_path / "ties.csv").write_text("kind,target,source\nbridging,2,1\n,3,2\n", encoding="utf-8")
    assert edge_set(read_ties("ties.csv", 3, tmp_path)) == {(0, 1, BRIDGING), (1, 2, NEIGHBOURHOOD)}


def test_hyperedges_and_weights_of_graphml_are_said_not_to_be_used(tmp_path):
    more = '<hyperedge><endpoint node="1"/><endpoint node="2"/></hyperedge></graph>'
    weight = '<key id="w" for="edge" attr.name="weight" attr.type="double"/><graph '
    (tmp_path / "ties.graphml").write_text(GRAPHML.replace("</graph>", more).replace("<graph ", weight))
    with pytest.warns(CautionWarning, match="not used: weight, hyperedges;"):
        assert edge_set(read_ties("ties.graphml", 4, tmp_path)) == {(0, 1, HOUSEHOLD)}


def test_a_list_that_leaves_most_residents_alone_is_cautioned_about(tmp_path):
    (tmp_path / "ties.txt").write_text("1 2\n", encoding="utf-8")
    people = (np.zeros(6, int), np.arange(6), np.ones(6), np.ones(6))
    with pytest.warns(CautionWarning, match="leaves 4 of 6 residents without any tie"):
        network(people, base=tmp_path, file="ties.txt")


def test_every_fault_of_a_list_is_found_up_to_a_hundred(tmp_path):
    (tmp_path / "ties.csv").write_text("1,2\n1,9\n3,3\n1,2,friend\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_ties("ties.csv", 4, tmp_path)
    assert [fault.line for fault in caught.value.all] == [2, 3, 4]
    (tmp_path / "ties.csv").write_text("9,9\n" * 1000, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_ties("ties.csv", 4, tmp_path)
    assert len(caught.value.all) == 100


def test_data_with_elements_inside_is_read_in_time_that_grows_with_its_length(tmp_path):
    def seconds(pieces):
        text = GRAPHML.replace("household<", f"{'x' * 20}<b/>" * pieces + "<")
        (tmp_path / "ties.graphml").write_text(text)
        start = time.process_time()
        with pytest.raises(ConfigError, match="the kind of a tie must be one of"):
            read_ties("ties.graphml", 4, tmp_path)
        return time.process_time() - start

    assert seconds(160_000) < 12 * max(seconds(40_000), 0.02)  # 16 times as long, and more, if it were quadratic


def test_a_third_column_is_the_kind(tmp_path):
    (tmp_path / "ties.csv").write_text("first,second,kind\n1,2,household\n2,3,bridging\n1,3,\n", encoding="utf-8")
    ties = read_ties("ties.csv", 3, tmp_path)
    assert edge_set(ties) == {(0, 1, HOUSEHOLD), (1, 2, BRIDGING), (0, 2, NEIGHBOURHOOD)}
    assert ties.bridging_count == 1


def test_kinds_the_file_leaves_out_follow_from_where_people_live(tmp_path):
    (tmp_path / "ties.txt").write_text("1 2\n1 3\n1 4\n", encoding="utf-8")
    people = (np.array([0, 0, 0, 1]), np.array([5, 5, 6, 7]), np.ones(4), np.ones(4))
    found = network(people, base=tmp_path, file="ties.txt")
    assert edge_set(found) == {(0, 1, HOUSEHOLD), (0, 2, NEIGHBOURHOOD), (0, 3, CITY_WIDE)}


ONE_TO_FOUR = "must be a resident's number, a whole number from 1 to 4"
BAD_LISTS = [
    ("", None, "is empty"),
    ("# nothing\n", None, "has no ties"),
    ("source,target\n", None, "has no ties"),
    ("1 2\n2 5\n", 2, f"{ONE_TO_FOUR}, not 5"),
    ("1 2\n0 2\n", 2, f"{ONE_TO_FOUR}, not 0: numbers begin with 1, so add 1 to all"),
    ("1 2\r2 5\r", 2, f"{ONE_TO_FOUR}, not 5"),
    ("id,target,source\n1,2,7\n", 2, f"{ONE_TO_FOUR}, not 7"),
    ("source,kind,target\n1,friend,2\n", 2, "the kind of a tie must be one of"),
    ("id,source,target\n1,2\n", 2, "has 2 cells where the header has 3"),
    ("1 2\n-1 2\n", 2, f"{ONE_TO_FOUR}, not -1"),
    ("1 2\n1.5 2\n", 2, f"{ONE_TO_FOUR}, not 1.5"),
    ("1 2\n1e0 2\n", 2, f"{ONE_TO_FOUR}, not 1e0"),
    ("1 2\nnan 2\n", 2, f"{ONE_TO_FOUR}, not nan"),
    ("source,target\n1,2\nsource,target\n", 3, f"{ONE_TO_FOUR}, not source"),
    (f"1 2\n{'9' * 5000} 2\n", 2, f"{ONE_TO_FOUR}, not '{'9' * 40}…'"),
    ("1 2\n\n3 3\n", 3, "resident 3 is tied to himself or herself"),
    ("1 2\n3\n", 2, "must be two residents' numbers, such as '1 2', not 3"),
    ("1,2\n3,,4\n", 2, f"{ONE_TO_FOUR}, not ''"),
    ("1 2 friend\n", 1, "the kind of a tie must be one of household, neighbourhood, city_wide, bridging, not friend"),
    (b"1 2\n2 \xff\n", 2, "is not UTF-8 text"),
    (b"1 2\n2 3\n\x00\x00", 3, "is a binary file"),
    (b"\x89PNG\r\n\x1a\n", 1, "is not UTF-8 text"),
]
GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="k" for="edge" attr.name="kind" attr.type="string"/>
<graph edgedefault="undirected">
<node id="1"/><node id="2"/>
<edge source="1" target="2"><data key="k">household</data></edge>
</graph>
</graphml>
"""
BAD_GRAPHML = [
    (GRAPHML.replace('target="2"', 'target="7"'), 6, f"{ONE_TO_FOUR}, not 7"),
    (GRAPHML.replace('target="2"', 'target="1"'), 6, "resident 1 is tied to himself or herself"),
    (GRAPHML.replace('target="2"', ""), 6, f"{ONE_TO_FOUR}, not ''"),
    (GRAPHML.replace('<node id="2"/>', '<node id="n1"/>'), 5, f"{ONE_TO_FOUR}, not n1"),
    (GRAPHML.replace("household<", "friend<"), 6, "the kind of a tie must be one of"),
    (GRAPHML.replace("</graph>\n", ""), 7, "is not well-formed XML"),
    (GRAPHML.replace("</graphml>\n", ""), 8, "is not well-formed XML"),
    ("1 2\n", 1, "is not well-formed XML"),
    ("<html><body/></html>", 1, "is not GraphML: its outermost element is <html>"),
    (re.sub("<edge.*\n", "", GRAPHML), None, "has no ties"),
    (
        GRAPHML.replace("<graphml", "<!DOCTYPE graphml [<!ENTITY a 'x'>]>\n<graphml"),
        2,
        "must not declare a document type",
    ),
    (
        GRAPHML.replace("<graphml", '<!DOCTYPE graphml [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<graphml'),
        2,
        "must not declare a document type",
    ),
    (GRAPHML.replace("household<", "&unknown;<"), 6, "is not well-formed XML"),
    (GRAPHML.encode("utf-16"), 1, "is not UTF-8 text"),
]


@pytest.mark.parametrize(
    ("name", "content", "line", "problem"),
    [("ties.txt", *case) for case in BAD_LISTS] + [("ties.graphml", *case) for case in BAD_GRAPHML],
)
def test_a_bad_file_of_ties_is_refused_with_its_line(tmp_path, name, content, line, problem):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        read_ties(name, 4, tmp_path)
    assert (caught.value.source, caught.value.line) == (str(tmp_path / name), line)
    assert problem in caught.value.problem


def test_a_folder_or_a_missing_file_is_refused(tmp_path):
    (tmp_path / "ties.graphml").mkdir()
    with pytest.raises(ConfigError, match="is a folder, not a file"):
        read_ties("ties.graphml", 4, tmp_path)
    with pytest.raises(ConfigError, match=r"none\.txt: no such file"):
        read_ties("none.txt", 4, tmp_path)


def test_deep_nesting_costs_nothing(tmp_path):
    depth = 100_000
    (tmp_path / "ties.graphml").write_text(GRAPHML.replace("<node", "<a>" * depth + "</a>" * depth + "<node", 1))
    assert edge_set(read_ties("ties.graphml", 4, tmp_path)) == {(0, 1, HOUSEHOLD)}


@given(st.binary(max_size=120), st.sampled_from(["ties.txt", "ties.graphml"]))
@settings(deadline=None)
def test_no_file_whatever_raises_anything_but_a_config_error(tmp_path_factory, content, name):
    folder = tmp_path_factory.mktemp("any")
    start = GRAPHML if name.endswith("graphml") else "1 2\n3 4\n"
    (folder / name).write_bytes(start.encode()[: len(content) * 5] + content)
    try:
        found = len(read_ties(name, 4, folder))
    except ConfigError as fault:
        found = fault.source
    assert found in (4, str(folder / name))


def test_bonding_ties_and_those_across_generations_are_counted_and_kept_up_to_date():
    rng = np.random.default_rng(5)
    people = 60
    first, second = rng.integers(0, people, (2, 300))
    ties = Ties.from_edges(people, first, second, rng.integers(0, 3, 300))
    cell, generation = rng.integers(0, 3, people), rng.integers(0, 3, people).astype(np.int8)
    ties.watch(cell, generation)

    def counted():
        one, other, kind = ties.edges()
        bonding = (kind == 0) | ((kind == 1) & (cell[one] == cell[other]))
        return bonding.sum(), (generation[one] * generation[other] == 2).sum(), one.size

    bonds = counted()[0]
    assert (ties.bonding_count, ties.across_count, ties.count) == counted()
    for _ in range(40):  # so many that old bridging ties are given up for new ones
        ties.add_bridging(*rng.integers(0, people, (2, 12)))
        assert (ties.bonding_count, ties.across_count, ties.count) == counted()
    assert counted()[0] == bonds > 0
    assert ties.across_count > 20
