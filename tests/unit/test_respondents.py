"""Respondents: how agents are chosen from the rows of a file, and what is drawn given what a row says."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from sim.errors import ConfigError
from sim.own_people.columns import OwnPeople
from sim.randomness import Streams
from sim.respondents import Chosen, chosen_people, conditional_normal, normal_scores, spread_of

# --- choosing agents --------------------------------------------------------------------------------------------------


def people(rng, rows, places=3, households=False, weights=False):
    neighbourhood = np.sort(rng.integers(0, places, rows))
    household = None
    if households:
        household = neighbourhood * 1000 + rng.integers(0, max(1, rows // 9), rows)
        household = np.where(rng.random(rows) < 0.1, -1, household)
    return OwnPeople(
        "p.csv",
        neighbourhood,
        rng.integers(0, 2, rows).astype(np.int8),
        rng.integers(1320, 1392, rows).astype(np.int16),
        household=household,
        weight=rng.lognormal(0.0, 0.7, rows) if weights else None,
    )


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 80),
    counts=st.lists(st.integers(0, 120), min_size=3, max_size=3),
    households=st.booleans(),
    weights=st.booleans(),
)
def test_each_neighbourhood_gets_exactly_its_agents_from_its_own_eligible_rows(seed, rows, counts, households, weights):
    rng = np.random.default_rng(seed)
    own = people(rng, rows, households=households, weights=weights)
    eligible = rng.random(rows) < 0.8
    eligible[0] = True
    counts = np.array(counts)
    chosen = chosen_people(own, eligible, counts, Streams(seed))
    assert chosen.row.size == counts.sum()
    assert eligible[chosen.row].all()
    asked = np.repeat(np.arange(3), counts)
    there = np.isin(np.arange(3), own.neighbourhood[eligible])
    assert chosen.borrowed == tuple(np.flatnonzero(~there & (counts > 0)).tolist())
    own_place = there[asked]
    assert (own.neighbourhood[chosen.row] == asked)[own_place].all()
    if not households:
        assert chosen.household is None
        return
    known = own.household[chosen.row] >= 0
    assert ((chosen.household >= 0) == known).all()
    numbers = chosen.household[known]
    assert numbers.size == 0 or set(numbers.tolist()) == set(range(numbers.max() + 1))
    pairs = np.column_stack([numbers, chosen.row[known]])
    assert len(np.unique(pairs, axis=0)) == len(pairs)  # nobody twice in one copy
    for place in range(3):  # at most one copy in a neighbourhood is not whole, and no copy mixes households
        inside = (asked == place) & (chosen.household >= 0)
        broken = 0
        for number in np.unique(chosen.household[inside]):
            copied = chosen.row[chosen.household == number]
            (label,) = set(own.household[copied].tolist())
            broken += copied.size != np.count_nonzero(eligible & (own.household == label))
        assert broken <= 1


@pytest.mark.parametrize("households", [False, True])
def test_a_census_is_taken_row_by_row(households):
    rng = np.random.default_rng(4)
    own = people(rng, 500, households=households)
    own = OwnPeople("p", rng.permutation(own.neighbourhood) if not households else own.neighbourhood, own.sex,
                    own.birth_year, own.household, weight=np.full(500, 0.3))  # fmt: skip
    eligible = own.birth_year < 1380
    chosen = chosen_people(own, eligible, np.bincount(own.neighbourhood[eligible]), Streams(1))
    rows = np.flatnonzero(eligible)
    assert chosen.row.tolist() == rows[np.argsort(own.neighbourhood[rows], kind="stable")].tolist()
    if households:
        joint = np.column_stack([own.household[chosen.row], chosen.household])
        assert len(np.unique(joint, axis=0)) == np.unique(chosen.household).size
    assert spread_of(own, eligible, chosen).most_agents_per_row == 1


def test_a_census_with_unequal_weights_is_sampled():
    own = people(np.random.default_rng(4), 300, weights=True)
    eligible = np.ones(300, bool)
    chosen = chosen_people(own, eligible, np.bincount(own.neighbourhood), Streams(1))
    assert spread_of(own, eligible, chosen).most_agents_per_row > 1


@pytest.mark.parametrize("households", [False, True])
def test_copies_are_in_proportion_to_weights(households):
    """Systematic sampling: a row's copies are its expectation rounded up or down; households nearly so."""
    rng = np.random.default_rng(7)
    own = people(rng, 600, places=1, weights=True)
    if households:
        own = OwnPeople("p", own.neighbourhood, own.sex, own.birth_year, np.arange(600) // 3, weight=own.weight)
    count = 12_000
    copies = np.bincount(chosen_people(own, np.ones(600, bool), np.array([count]), Streams(3)).row, minlength=600)
    weight = own.weight
    if households:
        weight = np.repeat(weight.reshape(-1, 3).mean(axis=1), 3)
    expected = count * weight / weight.sum()
    assert np.abs(copies - expected).max() < (1.0 if not households else 2.0)


def test_sex_and_birth_year_are_kept_within_a_row_of_their_weighted_shares():
    """Implicit strata: the number of women, and of those born up to a year, is within one of what weights say."""
    rng = np.random.default_rng(5)
    own = people(rng, 900, places=2, weights=True)
    counts = np.array([700, 1_500])
    chosen = chosen_people(own, np.ones(900, bool), counts, Streams(8))
    place = np.repeat([0, 1], counts)
    for here in (0, 1):
        rows, sample = own.neighbourhood == here, chosen.row[place == here]
        share = own.weight[rows & (own.sex == 0)].sum() / own.weight[rows].sum()
        assert abs(np.count_nonzero(own.sex[sample] == 0) - share * counts[here]) <= 1.0
        for year in (1330, 1350, 1370):
            young = (own.sex == 0) & (own.birth_year <= year)
            share = own.weight[rows & young].sum() / own.weight[rows].sum()
            assert abs(np.count_nonzero(young[sample]) - share * counts[here]) <= 1.0


def test_over_many_seeds_each_row_is_expected_in_proportion_to_its_weight():
    rng = np.random.default_rng(6)
    own = people(rng, 40, places=1, weights=True)
    total, seeds = np.zeros(40), 4_000
    for seed in range(seeds):
        chosen = chosen_people(own, np.ones(40, bool), np.array([7]), Streams(seed))
        total += np.bincount(chosen.row, minlength=40)
    expected = 7 * own.weight / own.weight.sum()
    assert np.abs(total / seeds - expected).max() < 4.5 * 0.5 / math.sqrt(seeds)


def test_over_many_seeds_households_of_each_size_keep_their_share_of_people():
    """Cutting and adding households does not favour a size."""
    sizes = np.array([1, 2, 3, 4, 5, 6] * 5)
    household = np.repeat(np.arange(30), sizes)
    rng = np.random.default_rng(2)
    birth_year = rng.integers(1320, 1390, 105).astype(np.int16)
    own = OwnPeople("p", np.zeros(105, np.int64), np.zeros(105, np.int8), birth_year, household)
    seeds, count = 1_500, 64
    shares = np.zeros((seeds, 7))
    for seed in range(seeds):
        row = chosen_people(own, np.ones(105, bool), np.array([count]), Streams(seed)).row
        shares[seed] = np.bincount(sizes[household[row]], minlength=7) / count
    expected = np.bincount(sizes, sizes, 7) / 105
    assert np.abs(shares.mean(axis=0) - expected).max() < 0.01


def two_households(places=1):
    """In each neighbourhood a person alone (row 0) and a household of four (rows 1 to 4)."""
    place = np.repeat(np.arange(places), 5)
    n = place.size
    return OwnPeople("p", place, np.zeros(n, np.int8), np.full(n, 1360, np.int16), (np.arange(n) % 5 > 0) + 2 * place)


def test_a_household_loses_members_in_proportion_to_its_size():
    """Four agents of 5 people: 0.8 copies of each household, so with a start u below 0.6 both, and one too many.

    The person alone goes then in 1 of 5 cases, and is never there where u is above 0.8: 0.6 / 5 + 0.2 = 0.32.
    """
    own, seeds = two_households(), 4_000
    absent = [0 not in chosen_people(own, np.ones(5, bool), np.array([4]), Streams(seed)).row for seed in range(seeds)]
    assert np.mean(absent) == pytest.approx(0.32, abs=4.5 * math.sqrt(0.32 * 0.68 / seeds))


def test_a_household_is_added_in_proportion_to_its_size():
    """One agent of 5 people: 0.2 copies of each household; with a start u from 0.4 there is none, and one is added."""
    own, seeds = two_households(), 4_000
    alone = [0 in chosen_people(own, np.ones(5, bool), np.array([1]), Streams(seed)).row for seed in range(seeds)]
    assert np.mean(alone) == pytest.approx(0.2 + 0.6 / 5, abs=4.5 * math.sqrt(0.32 * 0.68 / seeds))


@pytest.mark.parametrize("count", [1, 4])
def test_the_luck_of_two_neighbourhoods_is_independent(count):
    own, seeds = two_households(2), 2_000
    both = np.zeros((seeds, 2), bool)
    for seed in range(seeds):
        row = chosen_people(own, np.ones(10, bool), np.array([count, count]), Streams(seed)).row
        both[seed] = 0 in row, 5 in row
    assert abs(np.corrcoef(both.T)[0, 1]) < 4.5 / math.sqrt(seeds)


def test_whole_households_are_copied_with_numbers_of_their_own():
    household = np.repeat(np.arange(50), 4)
    own = OwnPeople("p", np.zeros(200, np.int64), np.zeros(200, np.int8), np.full(200, 1360, np.int16), household)
    chosen = chosen_people(own, np.ones(200, bool), np.array([1_200]), Streams(1))
    assert np.bincount(chosen.household).tolist() == [4] * 300
    of = np.array([household[chosen.row[chosen.household == number]] for number in range(300)])
    assert (of == of[:, :1]).all()
    assert np.bincount(of[:, 0]).tolist() == [6] * 50


@pytest.mark.parametrize("households", [False, True])
def test_rows_of_one_neighbourhood_do_not_change_the_choice_in_another(households):
    rng = np.random.default_rng(9)
    own = people(rng, 400, households=households, weights=True)
    other = own.neighbourhood != 1
    changed = OwnPeople(
        "p.csv",
        own.neighbourhood,
        np.where(other, 1 - own.sex, own.sex).astype(np.int8),
        np.where(other, 1350, own.birth_year).astype(np.int16),
        None
        if own.household is None
        else np.where(other & (own.household >= 0), own.neighbourhood * 1000, own.household),
        weight=np.where(other, 1e6 * own.weight, own.weight),
    )
    counts, more = np.array([50, 170, 60]), np.array([9, 170, 300])
    eligible = rng.random(400) < 0.9
    one = chosen_people(own, eligible, counts, Streams(5))
    two = chosen_people(changed, eligible ^ (other & (rng.random(400) < 0.3)), more, Streams(5))
    mine, theirs = slice(50, 220), slice(9, 179)
    assert one.row[mine].tolist() == two.row[theirs].tolist()
    if households:
        pairs = set(zip(one.household[mine].tolist(), two.household[theirs].tolist(), strict=True))
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert one.row[:9].tolist() != two.row[:9].tolist()


def test_another_seed_chooses_other_rows_and_the_same_seed_the_same():
    own = people(np.random.default_rng(3), 300)
    rows = [chosen_people(own, np.ones(300, bool), np.full(3, 50), Streams(seed)).row.tolist() for seed in (1, 1, 2)]
    assert rows[0] == rows[1] != rows[2]


def test_a_neighbourhood_without_respondents_borrows_from_the_whole_file():
    own = people(np.random.default_rng(3), 300, places=2, weights=True)
    chosen = chosen_people(own, np.ones(300, bool), np.array([10, 10, 2_000, 0, 5]), Streams(1))
    assert chosen.borrowed == (2, 4)
    sample = chosen.row[20:2020]
    share = own.weight[own.sex == 1].sum() / own.weight.sum()
    assert abs(np.mean(own.sex[sample] == 1) - share) <= 1 / 2_000
    assert set(own.neighbourhood[sample]) == {0, 1}
    text = spread_of(own, np.ones(300, bool), chosen).text(["a", "b", "[c]", "d", "e"])
    assert text.endswith("no respondent of their own, so peopled from the whole file: \\[c], e")


def test_where_nobody_is_old_enough_the_file_is_named():
    own = people(np.random.default_rng(3), 10)
    with pytest.raises(ConfigError, match=r"^p\.csv: nobody in it is old enough to be an agent$"):
        chosen_people(own, np.zeros(10, bool), np.array([1, 1, 1]), Streams(1))
    with pytest.raises(ValueError, match="must have one entry per row"):
        chosen_people(own, np.ones(9, bool), np.array([1, 1, 1]), Streams(1))
    with pytest.raises(ValueError, match="must not be negative"):
        chosen_people(own, np.ones(10, bool), np.array([1, -1, 1]), Streams(1))


def test_the_spread_is_as_counted_by_hand():
    own = OwnPeople("p", np.zeros(4, np.int64), np.zeros(4, np.int8), np.full(4, 1360, np.int16),
                    weight=np.array([1.0, 1.0, 4.0, 9.0]))  # fmt: skip
    eligible = np.array([True, True, True, False])
    spread = spread_of(own, eligible, Chosen(np.array([0, 2, 2, 2]), None, ()))
    assert (spread.rows, spread.eligible, spread.agents) == (4, 3, 4)
    assert (spread.mean_agents_per_row, spread.most_agents_per_row, spread.share_used) == (2.0, 3, 0.5)
    assert spread.effective_rows == pytest.approx(36 / 18)
    assert spread.text() == (
        "4 agents from 4 rows (3 old enough, 50% of all used): a row used stands for 2.00 agents, at most 3; "
        "effective sample size 2"
    )


# --- draws given what is known ----------------------------------------------------------------------------------------


def test_normal_scores_are_those_of_mid_ranks():
    values = np.array([3.0, np.nan, 1.0, 3.0, 2.0])
    expected = norm.ppf([0.75, np.nan, 0.125, 0.75, 0.375])
    np.testing.assert_allclose(normal_scores(values), expected)
    weights = np.array([1.0, 100.0, 4.0, 2.0, 1.0])
    np.testing.assert_allclose(normal_scores(values, weights), norm.ppf([6.5 / 8, np.nan, 0.25, 6.5 / 8, 4.5 / 8]))
    assert normal_scores(np.full(3, 0.2)).tolist() == [0.0] * 3
    assert np.isnan(normal_scores(np.full(3, np.nan))).all()
    assert np.isfinite(normal_scores(np.array([0.0, 1.0]), np.array([1e-300, 1e9]))).all()


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5, 0.9])
def test_conditional_draws_have_the_correlation_asked_for_whatever_is_known(correlation):
    """200,000 draws; errors of correlations are about 0.002, so 0.01 is 4.5 of them."""
    rng, n = np.random.default_rng(1), 200_000
    common = rng.normal(size=n)
    full = [math.sqrt(correlation) * common + math.sqrt(1 - correlation) * rng.normal(size=n) for _ in range(3)]
    known = rng.random((3, n)) < np.array([[0.9], [0.5], [0.2]])
    given_values = [np.where(there, values, np.nan) for values, there in zip(full, known, strict=True)]
    drawn = conditional_normal(given_values, correlation, rng.normal(size=n))
    for count in range(4):
        rows = known.sum(axis=0) == count
        assert drawn[rows].mean() == pytest.approx(0.0, abs=4.5 / math.sqrt(rows.sum()))
        assert drawn[rows].std() == pytest.approx(1.0, abs=4.5 / math.sqrt(2 * rows.sum()))
    for values, there in zip(full, known, strict=True):
        assert np.corrcoef(drawn[there], values[there])[0, 1] == pytest.approx(correlation, abs=0.015)


def test_conditional_draws_by_hand():
    nan = np.nan
    given_values = [np.array([nan, 2.0, 1.0]), np.array([nan, nan, 2.0])]
    drawn = conditional_normal(given_values, 0.5, np.array([1.0, 1.0, 0.0]))
    np.testing.assert_allclose(drawn, [1.0, 1.0 + math.sqrt(0.75), 1.0])
    np.testing.assert_allclose(conditional_normal(given_values, 1.0, np.array([5.0, 9.0, 9.0])), [5.0, 2.0, 1.5])
    assert conditional_normal([], 0.5, np.array([0.3])).tolist() == [0.3]
    for correlation in (-0.1, 1.1, nan):
        with pytest.raises(ValueError, match="a correlation must be from 0 to 1"):
            conditional_normal(given_values, correlation, np.zeros(3))
