"""Civic life, the list and nominations against what closed forms say."""

import numpy as np
import pytest

from sim.equilibrium import usually_listed
from sim.phases.civic import take_initiative
from sim.phases.listing import open_list, renew_list
from sim.randomness import Streams
from sim.rules.civic import initiative
from sim.selection import _considered

LARGE = {"city.population.total": 30_000, "city.neighbourhoods.count": 5}


# --- Of one's own accord ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spread", [0.5, 1.0])
def test_initiative_is_1_on_average_and_lognormal(spread):
    people = 400_000
    propensity = -4.6 + 1.5 * Streams(1).normal("leaning", 0, people)
    factor = initiative(propensity, -4.6, 1.5, spread)
    assert factor.mean() == pytest.approx(1.0, rel=1e-12)
    assert np.log(factor).std() == pytest.approx(spread, rel=0.01)
    assert np.median(factor) == pytest.approx(np.exp(-0.5 * spread**2), rel=0.02)


def test_help_and_petitions_have_the_means_that_are_stated(build_city, null_values):
    # With s = 0.5 hardly anybody's rate is cut at 1, so that the means are those of the parameters.
    rates = {"behaviour.civic.help_per_year": 0.5, "behaviour.civic.petitions_per_year": 0.3}
    city = build_city(null_values | LARGE | rates | {"behaviour.contacts.spread": 0.5})
    people, weeks, helped, signed = len(city.residents), 104, 0, 0
    factor = city.residents.initiative
    for week in range(1, weeks + 1):
        city.time = float(week)
        take_initiative(city)
        helped += city.now.helpers.size
        signed += city.now.petitioners.size
        assert not np.intersect1d(city.now.helpers, city.now.petitioners).size
    for found, per_year in ((helped, 0.5), (signed, 0.3)):
        expected = weeks / 52.0 * per_year * factor.sum()
        assert found == pytest.approx(expected, abs=4.0 * np.sqrt(expected))
        assert expected == pytest.approx(2.0 * per_year * people, rel=1e-12)  # as active as stated, on average


def test_who_is_sure_to_act_acts_and_does_one_of_the_two(build_city, null_values):
    rates = {"behaviour.civic.help_per_year": 0.5, "behaviour.civic.petitions_per_year": 0.3}
    city = build_city(null_values | rates)
    city.residents.initiative = 80.0  # 80 · 0.8 / 52 is more than 1; 80 · 0.5 / 52 = 0.77
    take_initiative(city)
    people = len(city.residents)
    assert city.now.helpers.size + city.now.petitioners.size == people
    assert city.now.helpers.size == pytest.approx(40.0 / 52.0 * people, abs=4.0 * np.sqrt(0.18 * people))


# --- The list ---------------------------------------------------------------------------------------------------------


def on_the_list(city, chance, weeks):
    """Let each resident act with a probability every week; share on the list after each week."""
    nothing, shares = np.zeros(city.neighbourhoods), []
    usual = nothing + city.config.behaviour.burnout.usual_recognition
    for week in range(1, weeks + 1):
        city.time = float(week)
        city.now.acted = np.flatnonzero(city.luck.uniform("test acts", week, len(city.residents)) < chance)
        renew_list(city, open_list(city), nothing, usual)
        shares.append(city.residents.listed.mean())
    return np.array(shares)


def test_the_list_comes_to_rest_where_as_many_join_as_leave(build_city, null_values):
    # L' = L (1 - h) + (1 - L) a p: L* = a p / (a p + h), and the distance to it shrinks by 1 - a p - h a week.
    acts, listing, leaving = 0.05, 0.4, 0.03
    values = {
        "behaviour.list.listing_probability": listing,
        "behaviour.burnout.base_hazard_per_week": leaving,
        "behaviour.burnout.load_weight": 0.0,
    }
    city = build_city(null_values | LARGE | values)
    people, rest = len(city.residents), acts * listing / (acts * listing + leaving)
    assert city.residents.listed.sum() == 0  # nobody acts under null values: nobody was listed before
    shares = on_the_list(city, acts, 150)
    expected = rest * (1.0 - (1.0 - acts * listing - leaving) ** np.arange(1, 151))
    assert shares == pytest.approx(expected, abs=5.0 * np.sqrt(rest * (1.0 - rest) / people))


def test_who_burns_out_is_not_on_the_list(build_city, null_values):
    city = build_city(null_values | {"behaviour.list.listing_probability": 1.0})
    city.now.acted, city.now.exits = np.arange(10), np.array([3, 20])
    city.residents.listed[20] = 1
    nothing = np.zeros(city.neighbourhoods)
    renew_list(city, open_list(city), nothing, nothing)
    assert np.flatnonzero(city.residents.listed).tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_the_list_of_a_long_status_quo_stays_as_it_is(build_city):
    # Only help and petitions, at a spread at which nobody's rate is cut: the start is stationary person by person.
    values = {
        "behaviour.civic.gatherings_per_year": 0.0,
        "behaviour.civic.help_per_year": 0.5,
        "behaviour.contacts.spread": 1.0,
        "behaviour.burnout.load_weight": 0.0,
    }
    city = build_city(LARGE | values)
    expected = usually_listed(city)
    people, error = len(city.residents), 4.0 * np.sqrt((expected * (1.0 - expected)).sum())
    assert city.residents.listed.sum() == pytest.approx(expected.sum(), abs=error)
    acts = np.minimum(1.0, 0.5 / 52.0 * city.residents.initiative)
    shares = on_the_list(city, acts, 200)
    assert people * shares[-1] == pytest.approx(expected.sum(), abs=error)
    # The eager half is listed as much more often as it should be.
    eager = acts > np.median(acts)
    for group in (eager, ~eager):
        within = 4.0 * np.sqrt((expected * (1.0 - expected))[group].sum())
        assert city.residents.listed[group].sum() == pytest.approx(expected[group].sum(), abs=within)


# --- Nominations ------------------------------------------------------------------------------------------------------

ELECTED = {"policy.council.selection": "elected", "policy.mayor.selection": "elected", "policy.mayor.kind": "elder"}


@pytest.mark.parametrize("ratio", [0.07, 0.25, 0.6])
def test_nominations_give_women_their_share(build_city, ratio):
    # Drawn evenly, kept with r: r w / (r w + 1 - w), w being the share of women among those to whom a seat is open.
    city = build_city(LARGE | ELECTED | {"behaviour.selection.women_nomination_ratio": ratio})
    seats, residents, women = city.institutions.seats, city.residents, []
    _, _, size = city.rows.pools.gathered(migrants=False)
    everybody = np.arange(seats.key.size)
    numbers = []
    for week in range(1, 21):
        city.time = float(week)
        _, candidates = _considered(city, everybody)
        of_open = candidates[seats.sex < 0]
        assert (of_open >= 0).all()  # 64 draws are enough for 8
        women.append((residents.sex[of_open] == 1).mean())
        numbers.append(of_open.size)
    b, generation = (column[seats.sex < 0] for column in (seats.neighbourhood, seats.generation))
    both, hers = (size[city.rows.pools.number(b, sex, generation)] for sex in (-1, 1))
    w = hers / both
    expected = (ratio * w / (ratio * w + 1.0 - w)).mean()
    error = np.sqrt(expected * (1.0 - expected) / sum(numbers))
    assert np.mean(women) == pytest.approx(expected, abs=4.0 * error)
    kept = candidates[seats.sex == 1]
    assert (residents.sex[kept] == 1).all()


def test_with_a_ratio_of_1_candidates_are_those_first_drawn(build_city):
    city = build_city(ELECTED)
    appointed = {"policy.council.selection": "facilitator", "policy.mayor.selection": "appointed"}
    behaviour, everybody = city.config.behaviour, np.arange(city.institutions.seats.key.size)
    alike = behaviour.selection.model_copy(update={"women_nomination_ratio": 1.0})
    behaviour = behaviour.model_copy(update={"selection": alike})
    city.config = city.config.model_copy(update={"behaviour": behaviour})
    others = build_city({**ELECTED, **appointed})
    for one, other in zip(_considered(city, everybody), _considered(others, everybody), strict=True):
        assert (one == other).all()
