"""Each experiment beside the own run, in cities of which the answer is known by construction."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.measuring import NotTestable
from experiments.patterns import PATTERNS
from experiments.validation.cities import Cities, OpenCity, Twin
from experiments.validation.companions import COMPANIONS, memory
from experiments.validation.companions.support import pattern_18, pattern_20
from experiments.validation.companions.taking_part import one_of_each_household, pattern_16, pattern_19
from experiments.validation.companions.trust import fall_over_rise, less_movement, pattern_12, pattern_13
from experiments.validation.companions.voice import dissimilarity, pattern_15
from experiments.validation.companions.votes import (
    VOTING,
    TwiceCounted,
    gain_of_equal_shares,
    pattern_11,
)
from sim.city import City
from sim.config import Config
from tests.conftest import SMALL


def holds(number, values):
    """Whether all parts lie in the ranges of a pattern."""
    return all(accept.holds(values[part]) for part, accept in PATTERNS[number - 1].accept.items())


# ---------------------------------------------------------------- cities


def test_a_city_open_to_interference_is_the_city_to_the_bit(cities):
    replication = cities()
    config, voting = replication.config, replication.under(VOTING)
    for settings, kind in ((config, OpenCity), (config, Twin), (voting, TwiceCounted)):
        plain, open_ = City(settings).run(), replication.build(settings, kind)
        assert open_.run().history.equals(plain.history), kind


def test_twins_are_alike_until_one_is_treated(cities):
    replication = cities()
    one, other = replication.twin(), replication.twin()
    assert one.week == 24
    one.run(5)
    other.run(5)
    assert one.history.equals(other.history)
    third = replication.twin()
    third.made_to_act = np.array([3, 4])
    third.run(1)
    assert third.residents.last_act_week[[3, 4]].tolist() == [25, 25]
    assert third.residents.last_part_week[[3, 4]].tolist() == [25, 25]
    assert third.history.participation_rate.iloc[-1] > other.history.participation_rate.iloc[25] - 1e-12


def test_asking_from_outside_is_asking(cities):
    asked, plain = cities().twin(), cities().twin()
    asked.asked_from_outside = np.arange(100)
    asked.run(1)
    plain.run(1)
    assert set(range(100)) <= set(asked.last_week.asked.tolist())
    assert set(plain.last_week.asked.tolist()) <= set(asked.last_week.asked.tolist())
    assert set(range(100)) <= set(asked.last_week.informed.tolist())


# ---------------------------------------------------------------- 4, 6, 7, 8, 10, 11: votes


def test_patterns_of_votes_are_told_where_the_config_has_none(cities):
    replication = cities()
    assert replication.own.run.city.turnout.isna().all()
    for number in (4, 6, 7, 8, 10):
        values = COMPANIONS[number].measure(replication)
        assert set(values) <= set(PATTERNS[number - 1].accept)
        assert all(0.0 <= value <= (5.0 if number == 7 else 1.0) for value in values.values()), values


def test_pattern_11_the_minority_gets_its_project_from_equal_shares():
    # Three units for projects of one: four want A, B and C, two want D. Greedy takes A, B, C, Equal Shares A, B, D.
    approvals = np.array([[True, True, True, False]] * 4 + [[False, False, False, True]] * 2)
    winners, equality = gain_of_equal_shares(np.ones(4), approvals, 3.0)
    assert winners == pytest.approx(2 / 6)
    assert equality == pytest.approx(1 / 3 - 2 / 15)  # Gini of 3, 3, 3, 3, 0, 0 and of 2, 2, 2, 2, 1, 1


def test_pattern_11_counts_the_ballots_that_the_city_counted(cities, monkeypatch):
    # If the other rule lets nobody win, what it "gains" is the share without a winner under greedy, less 1.
    nobody = "experiments.validation.companions.votes.shared_equally"
    monkeypatch.setattr(nobody, lambda cost, approvals, budget: np.zeros(len(cost), bool))
    replication = cities()
    city = replication.build(replication.under(VOTING), TwiceCounted)
    found, recorded = [], []
    for _ in range(104):
        before = len(city.gains)
        city.run(1)
        if len(city.gains) > before:
            found.append(1.0 + np.mean([winners for winners, _ in city.gains[before:]]))
            recorded.append(city.recorder.latest["voters_without_winner_share"])
    assert len(recorded) > 4
    assert 0.0 < np.mean(recorded) < 1.0
    assert found == pytest.approx(recorded)


def test_pattern_11_without_minorities_nothing_is_gained(cities, monkeypatch):
    assert gain_of_equal_shares(np.ones(3), np.ones((4, 3), bool), 2.0) == (0.0, 0.0)
    assert pattern_11(cities({"run.seed": 7}))["more voters with a winner"] > 0.0
    monkeypatch.setattr("experiments.validation.companions.votes.shared_equally", greedily)  # the same rule twice
    assert pattern_11(cities({"run.seed": 7})) == dict.fromkeys(PATTERNS[10].accept, 0.0)


def greedily(cost, approvals, budget):
    from sim.rules.voting import greedy

    return greedy(cost, approvals.sum(axis=0).astype(float), budget)


def test_pattern_11_cannot_be_told_without_councils(cities):
    with pytest.raises(NotTestable, match="no ballot"):
        pattern_11(cities({"policy.authority.mode": "top_down"}))


# ---------------------------------------------------------------- 12, 13: trust


def test_pattern_12_without_asymmetry_experience_lowers_trust_as_fast_as_it_raises_it(cities):
    even = pattern_12(cities({"behaviour.trust.loss_to_gain_ratio": 1.0}))
    assert even["direct experience"] == pytest.approx(1.0, abs=0.1)
    assert not holds(12, even)
    uneven = pattern_12(cities({"behaviour.trust.loss_to_gain_ratio": 3.0}))
    assert 1.5 < uneven["direct experience"] < 3.0


def test_pattern_12_hearsay_alone_is_as_fast_up_as_down_and_silence_gives_no_value(cities):
    talk = {"behaviour.influence.telling_rate_per_week": 1.0, "behaviour.influence.hearsay_weight": 0.4}
    found = pattern_12(cities(talk, still=True))
    assert found["hearsay"] == pytest.approx(1.0, abs=0.05)  # a step in log odds is no quite equal step in share
    assert np.isnan(pattern_12(cities(still=True))["hearsay"])


@pytest.mark.parametrize(("fall", "rise", "ratio"), [(-0.2, 0.1, 2.0), (0.1, 0.1, None), (-0.1, -0.1, None)])
def test_a_ratio_needs_a_fall_and_a_rise(fall, rise, ratio):
    assert fall_over_rise(fall, rise) == (ratio if ratio is not None else pytest.approx(float("nan"), nan_ok=True))


def test_pattern_13_by_hand():
    extremity, moved = np.arange(10) / 10.0, np.ones(10)
    assert less_movement(extremity, moved) == 0.0
    moved[8:] = 0.25
    assert less_movement(extremity, moved) == pytest.approx(0.75)
    moved[8:] = 2.0
    assert less_movement(extremity, moved) == pytest.approx(-1.0)
    assert np.isnan(less_movement(extremity, np.zeros(10)))


def test_pattern_13_by_evidence_the_extreme_move_least_and_by_steps_to_a_signal_most(cities):
    services = {"behaviour.trust.service_evidence_per_week": 0.05, "behaviour.services.decay_per_year": 0.2}
    found = pattern_13(cities(services, still=True))
    assert found["extreme move less: trust in municipality"] > 0.2
    assert np.isnan(found["extreme move less: trust in people"])  # nobody's moves
    steps = {"behaviour.trust.rule": "anchored_averaging", "behaviour.anchored_trust.service_rate_per_week": 0.05}
    found = pattern_13(cities(steps, still=True))
    assert found["extreme move less: trust in municipality"] < -0.2
    assert np.isnan(found["extreme move less: trust in people"])  # nobody's moves


# ---------------------------------------------------------------- 15: voice


HEARD = {"behaviour.knowledge.speaking_probability": 0.5, "behaviour.knowledge.speaker_voice": 0.0}


def test_pattern_15_voice_that_teaches_nothing_raises_nothing(cities):
    deaf = pattern_15(cities(HEARD, still=True))
    assert deaf == {"rise of trust in the council": 0.0, "works of another kind": 0.0}
    assert not holds(15, deaf)


def test_pattern_15_voice_with_power_raises_trust_and_changes_no_work_if_it_is_not_listened_to(cities):
    power = {"behaviour.trust.voice_weight": 3.0, "policy.authority.delegated_share": 1.0}
    found = pattern_15(cities(HEARD | power, still=True))
    assert found["rise of trust in the council"] > 0.05
    assert found["works of another kind"] == 0.0
    with pytest.raises(NotTestable, match="nobody speaks"):
        pattern_15(cities({"behaviour.knowledge.speaking_probability": 0.0}))


def test_dissimilarity_by_hand():
    def with_works(*categories):
        council = np.array([True] * len(categories) + [False])
        return SimpleNamespace(projects=SimpleNamespace(category=np.array([*categories, 5]), by_council=council))

    assert dissimilarity(with_works(0, 1, 2, 3), with_works(0, 1, 2, 2)) == pytest.approx(0.25)
    assert dissimilarity(with_works(0, 0), with_works(1, 1)) == 1.0
    assert np.isnan(dissimilarity(with_works(), with_works(0)))


# ---------------------------------------------------------------- 16, 19: taking part


KNOWN = {"behaviour.participation.base_propensity": -3.0, "behaviour.participation.council_asks_per_week": 20.0}
"""Everybody hears of hearings, and nobody is far from coming."""


def test_pattern_16_without_habit_one_act_leads_to_no_other(cities):
    nothing = pattern_16(cities(KNOWN, still=True))
    assert nothing == {"rise": 0.0}
    assert not holds(16, nothing)


def test_pattern_16_with_habit_it_does(cities):
    habit = {"behaviour.participation.habit_weight": 5.0, "behaviour.learning.habit_rate": 0.04}
    assert pattern_16(cities(KNOWN | habit, still=True))["rise"] > 0.01


def test_pattern_19_where_nobody_asks_on_nothing_passes_on(cities):
    weight = {"behaviour.participation.asked_weight": 3.0, "behaviour.participation.base_propensity": -2.0}
    assert pattern_19(cities(weight, still=True)) == {"pass-through": 0.0}
    passed_on = pattern_19(cities(weight | {"behaviour.participation.asking_rate_per_week": 1.0}, still=True))
    assert 0.0 < passed_on["pass-through"] < 1.0


def test_pattern_19_asking_without_an_occasion_gives_no_value(cities):
    nothing = {"policy.authority.mode": "top_down", "policy.authority.visits_per_year": 0.0}
    nothing |= {"behaviour.civic.gatherings_per_year": 0.0}
    assert np.isnan(pattern_19(cities(nothing))["pass-through"])


def test_one_member_of_a_household_is_asked_and_the_others_are_looked_at(cities):
    city = cities().twin()
    asked, others = one_of_each_household(city)
    household = city.residents.household
    assert len(set(household[asked])) == len(asked)
    assert set(household[others]) == set(household[asked])
    chosen = np.isin(household, household[asked])
    assert chosen.sum() == len(asked) + len(others)
    assert 0.3 < len(asked) / len(np.flatnonzero(np.bincount(household) >= 2)) < 0.7


# ---------------------------------------------------------------- 18, 20: support


LONG = {"run.weeks": 156, "city.population.total": 1_000}


def test_pattern_18_works_that_change_nothing_have_no_effect(cities):
    found = pattern_18(cities(LONG, still=True))
    assert found["effect with assistance"] == pytest.approx(0.0, abs=1e-12)
    assert not holds(18, found)


def test_pattern_18_assistance_that_speeds_nothing_up_is_not_missed(cities):
    # Councils without a team are as fast as with one, and the team's pay goes into works.
    found = pattern_18(cities(LONG | {"behaviour.delivery.assistance_without_team": 1.0}))
    needed = pattern_18(cities(LONG | {"behaviour.delivery.assistance_without_team": 0.05}))
    part = "effect with assistance less without"
    assert found[part] < needed[part]
    assert needed[part] > 0.0


def test_pattern_18_effects_are_against_the_same_city_without_councils(cities):
    replication = cities(LONG)
    with_councils, without = (
        City(replication.config, **{"policy.authority.mode": mode}).run().history.performance.to_numpy()[1:]
        for mode in ("delegated", "top_down")
    )
    effects = (with_councils - without).reshape(3, 52).mean(axis=1)
    found = pattern_18(replication)
    assert found["effect with assistance"] == pytest.approx(effects[2], rel=1e-9)
    assert found["rise of the effect a year"] == pytest.approx((effects[2] - effects[0]) / 2.0, rel=1e-9)


def test_pattern_18_says_what_it_needs(cities):
    for values in ({"run.weeks": 60}, {"policy.support.kind": "none", "run.weeks": 156}):
        with pytest.raises(NotTestable):
            pattern_18(cities(values))


def test_pattern_20_looks_at_loud_and_early_pledges(cities):
    values = pattern_20(cities({"run.weeks": 104}))
    plain = COMPANIONS[1].where  # the own run is another
    assert COMPANIONS[20].where != plain
    still = pattern_20(cities(still=True))
    assert still == {part: pytest.approx(0.0, abs=1e-12) for part in values}
    assert not holds(20, still)


def test_every_pattern_has_a_place_where_it_is_looked_for():
    assert sorted(COMPANIONS) == [pattern.number for pattern in PATTERNS]


def test_a_city_that_is_given_the_services_of_the_one_left_alone_is_that_city():
    """So pattern 25 sees what better services do, and nothing else."""
    cities = Cities(Config().with_values({**SMALL, "run.scale": 0.2, "run.weeks": 20}))
    alone, city = memory.untreated(cities), cities.twin()
    for services, mean in zip(alone.services, alone.means, strict=True):
        city.services = services.copy()
        city.run(1)
        assert city.residents.trust_in_municipality.mean() == mean
    assert np.array_equal(city.residents.trust_in_municipality, alone.trust[-1])
