"""Civic life, the list and nominations: who is asked, what is counted, and who stands."""

import numpy as np
import pytest

from sim.kernels import participation as passes
from sim.phases.listing import asked_from_list, open_list, put_on_list
from sim.phases.participation import asked_by_councils, asked_by_hosts, asked_by_mayors, count_acts, told_by_publicity
from sim.rules.participation import BurnoutParameters, Hazard, burnout_probability
from sim.seats import MAYOR
from sim.selection import _those_who_stand

ELECTED = {"policy.council.selection": "elected", "policy.mayor.selection": "elected", "policy.mayor.kind": "elder"}


@pytest.fixture
def listed_city(build_city):
    """A city with every tenth resident on the list, but for neighbourhood 0, where nobody is."""
    city = build_city({"behaviour.participation.council_asks_per_week": 20.0})
    city.residents.listed = np.arange(len(city.residents)) % 10 == 0
    city.residents.listed[city.residents.neighbourhood == 0] = 0
    return city


def test_the_list_is_looked_up_by_neighbourhood(listed_city):
    city = listed_city
    rows, first, size = open_list(city)
    assert rows.tolist() == np.flatnonzero(city.residents.listed).tolist()
    for b in range(city.neighbourhoods):
        own = rows[first[b] : first[b] + size[b]]
        assert (
            own.tolist() == np.flatnonzero((city.residents.listed == 1) & (city.residents.neighbourhood == b)).tolist()
        )
    assert size[0] == 0


def test_only_those_listed_are_asked_from_the_list(listed_city):
    city, everywhere = listed_city, np.arange(listed_city.neighbourhoods)
    listed, asked, weeks = open_list(city), [], 200
    for week in range(1, weeks + 1):
        city.time = float(week)
        asked.append(asked_from_list(city, listed, "council asks from the list", everywhere, 1.3))
    asked = np.concatenate(asked)
    assert (city.residents.listed[asked] == 1).all()
    times = np.bincount(city.residents.neighbourhood[asked], minlength=city.neighbourhoods)
    assert times[0] == 0
    assert times[1:] / weeks == pytest.approx(1.3, abs=4.0 * np.sqrt(0.21 / weeks))
    assert not asked_from_list(city, listed, "council asks from the list", everywhere, 0.0).size


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_of_all_that_is_asked_the_share_goes_to_the_list(build_city, share):
    values = {
        "behaviour.list.share_of_asking": share,
        "behaviour.participation.council_asks_per_week": 4.0,
        "behaviour.participation.mayor_asks_per_week": 4.0,
    }
    city = build_city(values)
    city.institutions.councils.convened[1:] = True
    city.institutions.mayors.in_office[1:] = True
    city.residents.listed = 1
    listed, weeks, gatherings = open_list(city), 200, np.zeros(city.neighbourhoods, dtype=bool)
    gatherings[1:] = True
    from_list, at_random = np.zeros(3), np.zeros(3)
    for week in range(1, weeks + 1):
        city.time = float(week)
        parts = (
            asked_by_councils(city, listed),
            asked_by_hosts(city, listed, gatherings),
            asked_by_mayors(city, listed),
        )
        for who, (known, *others) in enumerate(parts):
            from_list[who] += known.size
            at_random[who] += sum(rows.size for rows in others)
            assert (city.residents.neighbourhood[known] > 0).all()
    expected = 4.0 * city.scale * weeks * (city.neighbourhoods - 1)
    # A fraction of a person is asked or not: at most a quarter of variance for each part, neighbourhood and week.
    error = 4.0 * np.sqrt(0.5 * weeks * city.neighbourhoods)
    assert from_list == pytest.approx(share * expected, abs=error if share > 0.0 else 0.0)
    assert at_random == pytest.approx((1.0 - share) * expected, abs=error if share < 1.0 else 0.0)


def test_who_takes_part_is_counted_once_in_each_of_two_counts(build_city):
    city = build_city()
    city.time, now, residents = 7.0, city.now, city.residents
    residents.last_act_week = residents.last_part_week = -1000
    now.came["hearing"], now.came["gathering"] = np.array([1, 2]), np.array([2, 3])
    now.helpers, now.petitioners, now.contacts = np.array([3, 4]), np.array([4, 5]), np.array([1, 6])
    count_acts(city)
    assert now.acted.tolist() == [1, 2, 3, 4]
    assert now.took_part.tolist() == [1, 2, 3, 4, 5, 6]
    assert residents.acts[:8].tolist() == [0, 1, 1, 1, 1, 1, 1, 0]
    assert residents.last_act_week[:8].tolist() == [-1000, 7, 7, 7, 7, -1000, -1000, -1000]
    assert residents.last_part_week[:8].tolist() == [-1000, 7, 7, 7, 7, 7, 7, -1000]


def test_rates_of_participation_count_anything_and_what_follows_from_meeting_does_not(build_city, null_values):
    # Nothing but petitions: many take part, and nobody has met anybody.
    only = null_values | {"behaviour.civic.petitions_per_year": 0.3, "policy.authority.mode": "top_down"}
    city = build_city(only | {"behaviour.learning.habit_rate": 0.1, "behaviour.list.listing_probability": 1.0}).run(60)
    contacted = city.residents.last_part_week > 0
    assert contacted.mean() == city.history.ever_participated_rate.iloc[-1] > 0.05
    assert city.history.core_share.iloc[-1] + city.history.sometimes_share.iloc[-1] > 0.05
    assert (city.residents.last_act_week == -1000).all()
    assert city.residents.habit.max() == 0.0
    assert city.residents.listed.max() == 0


def test_who_is_on_the_list_is_not_put_on_it_twice_and_all_others_by_lot(build_city):
    city = build_city({"behaviour.list.listing_probability": 0.4})
    people = np.arange(len(city.residents))
    city.residents.listed = people % 2
    city.time = 5.0
    put_on_list(city, people[people % 3 > 0])
    lot = city.luck.uniform("listed", 5, people)
    expected = (people % 2 == 1) | ((people % 3 > 0) & (lot < 0.4))
    assert city.residents.listed.tolist() == expected.astype(int).tolist()


def test_publicity_reaches_its_share_of_the_neighbourhood(build_city):
    city = build_city()
    city.time, where = 4.0, np.zeros(city.neighbourhoods, dtype=bool)
    assert not told_by_publicity(city, "gathering", where, 0.5).size
    where[[1, 3]] = True
    rows = np.flatnonzero(where[city.residents.neighbourhood])
    lot = city.luck.uniform("told of gathering", 4, rows)
    assert told_by_publicity(city, "gathering", where, 0.5).tolist() == rows[lot < 0.5].tolist()


def test_who_leaves_is_who_has_a_draw_below_the_hazard(build_city):
    # The pass skips hazards that a draw cannot be below; the outcome is that of working all of them out.
    city = build_city()
    parameters = BurnoutParameters(base_hazard_per_week=0.03, load_weight=3.0)
    rng, rows, week = np.random.default_rng(4), np.arange(len(city.residents)), 9
    city.residents.habit = rng.random(rows.size)
    unmet, recognition = rng.random(city.neighbourhoods), rng.random(city.neighbourhoods)
    left = passes.leave(
        rows, city.residents.habit, city.residents.neighbourhood, unmet, recognition, Hazard.of(parameters),
        city.luck.keys(rows.size), city.luck.key("leaves", week),
    )  # fmt: skip
    b = city.residents.neighbourhood
    hazard = burnout_probability(parameters, city.residents.habit, unmet[b], recognition[b])
    assert left.tolist() == rows[city.luck.uniform("leaves", week, rows) < hazard].tolist()
    assert 20 < left.size < rows.size


@pytest.mark.parametrize(("share", "mayors"), [(0.002, False), (0.05, False), (0.002, True), (0.05, True)])
def test_nominations_are_rare(build_city, share, mayors):
    large = {"city.population.total": 20_000, "city.neighbourhoods.count": 4, "policy.council.teen_managers": 0}
    city = build_city({**ELECTED, **large, "behaviour.selection.nomination_share": share})
    seats = city.institutions.seats.of(np.arange(4), mayors=mayors)
    candidates = np.arange(seats.size * 8).reshape(-1, 8)
    scores = np.random.default_rng(5).random(candidates.shape)
    stand = _those_who_stand(city, seats, candidates, scores)
    together = int(((city.institutions.seats.plan.role == MAYOR) == mayors).sum())
    may = (
        (city.residents.standing == 0)
        if not city.policy.council.standing_for_migrants
        else np.ones(len(city.residents))
    )
    for place, seat in enumerate(seats):
        b = city.institutions.seats.neighbourhood[seat]
        eligible = may[city.residents.neighbourhood == b].sum() / city.scale
        most = min(8 if mayors else 4, max(1, int(share * eligible / together + 1e-9)))
        best = np.sort(np.argsort(-scores[place])[:most])
        assert np.flatnonzero(stand[place] >= 0).tolist() == best.tolist()
        assert (stand[place][best] == candidates[place][best]).all()


def test_candidates_are_those_who_stand(build_city):
    """In an election at most one for each seat stands where nominations are that rare, and all are counted."""
    values = {**ELECTED, "behaviour.selection.nomination_share": 0.002, "policy.council.teen_managers": 0}
    city = build_city(values).run(12)
    assert city.institutions.councils.convened.all()
    plan = city.institutions.seats.plan
    open_seats = int(((plan.sex < 0) & (plan.role != MAYOR)).sum()) * city.neighbourhoods
    assert 0 < city.history.candidates.iloc[-1] <= open_seats
    assert 0.0 <= city.history.candidates_women_share.iloc[-1] <= 1.0
