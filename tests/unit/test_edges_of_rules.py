"""Edges of rules and statistics that a mutation run (`make mutants`) found untested: each line notices a change."""

import math

import numpy as np
import pytest

from experiments.statistics import (
    DRAWS,
    crossed_interval,
    half_width,
    interval_of_numbers,
    mean_squares,
    middle_range,
    probability_best,
    spread_between,
    t_interval,
    variance_reduction,
)
from sim.rules.allocation import by_need, by_participation, per_head
from sim.rules.capture import capture_probability
from sim.rules.delivery import assistance_of_team
from sim.rules.feelings import shifted
from sim.rules.influence import repulsion
from sim.rules.knowledge import need_match
from sim.rules.listing import listed_in_the_long_run
from sim.rules.returns import approach, level_built
from sim.rules.selection import most_candidates, plurality, standardised
from sim.rules.trust import stubbornness_from, voice_signal


def test_a_level_goes_half_of_its_way_in_a_half_life():
    level = 0.2
    for _ in range(10):
        level = approach(level, 1.0, 10.0)
    assert level == pytest.approx(0.6)
    assert approach(0.2, 1.0, 10.0) < 0.6


def test_where_nothing_was_built_councils_built_nothing():
    nothing = np.zeros(2)
    assert level_built(np.array([0.5, 0.6]), np.array([0.4, 0.4]), nothing, nothing).tolist() == [0.0, 0.0]
    assert listed_in_the_long_run(nothing, 0.5, nothing).tolist() == [0.0, 0.0]


def test_a_small_spread_is_a_spread():
    assert standardised(np.array([0.3]), 0.1, 0.1) == pytest.approx([2.0])
    assert standardised(np.array([0.3]), 0.1, 0.0) == pytest.approx([0.2])


def test_candidates_are_whole_people_and_rounding_takes_none_away():
    found = most_candidates(0.1, np.array([30.0, 29.0, 70.0]), np.array([1, 1, 1]), 5)
    assert found.dtype == np.int64
    assert found.tolist() == [3, 2, 5]  # 0.1 times 30 is a little more or less than 3
    assert most_candidates(0.29, np.array([100.0]), np.array([1]), 100).tolist() == [29]  # it is 28.999999999999996


def test_who_got_no_vote_can_still_be_elected_last_and_ties_go_to_the_lower_position():
    preferences = np.array([[3.0, 1.0, 0.0, 0.0], [3.0, 0.0, 1.0, 0.0], [0.0, 3.0, 1.0, 0.0]])
    assert plurality(preferences, 4).tolist() == [0, 1, 2, 3]
    tied = np.eye(64)[np.r_[0:64]]
    assert plurality(tied, 64).tolist() == list(range(64))  # an unstable sort mixes so many


def test_a_share_of_one_moves_and_keeps_the_mean():
    found = shifted(np.array([1.0, 0.5, 0.0]), np.array([-1.0, 0.0, 1.0]))
    assert np.isfinite(found).all()
    assert found.mean() == pytest.approx(0.5)


def test_stubbornness_and_voice_stay_within_their_bounds():
    assert stubbornness_from(np.array([0.5]), -0.2, 0.0).tolist() == [0.0]
    heard = np.array([True, False])
    assert voice_signal(0.5, heard).tolist() == [1.0, 0.5]
    found = voice_signal(0.5, heard, "response")
    assert (found.dtype, found.tolist()) == (np.float64, [1.0, 0.0])


def test_match_to_need_is_known_only_where_money_was_spent_and_something_is_needed():
    some, none = np.full((2, 6), 0.01), np.zeros((2, 6))
    assert math.isnan(need_match(none, some))
    assert math.isnan(need_match(some, none))
    assert need_match(some, some) == pytest.approx(1.0)


def test_small_weights_are_weights():
    people = np.array([1.0, 1.0])
    assert by_need(people, np.array([0.1, 0.3])).tolist() == pytest.approx([0.25, 0.75])
    assert by_need(people, np.zeros(2)).tolist() == per_head(people).tolist()
    assert by_participation(people, np.array([0.1, 0.3])).tolist() == pytest.approx([0.375, 0.625])


def test_a_probability_of_capture_is_one_at_most_and_never_negative():
    assert capture_probability(0.9, np.array([3.0]), 1.0).tolist() == [1.0]
    assert capture_probability(0.9, np.array([-1.0]), 1.0).tolist() == [0.0]


def test_a_team_that_serves_one_neighbourhood_gives_all_it_has():
    one = np.array([1.0])
    assert assistance_of_team(one, one, one, 0.2).tolist() == [1.0]
    assert assistance_of_team(one, one, np.array([0.0]), 0.2).tolist() == [1.0]


def test_a_tie_at_the_bound_itself_still_draws_together():
    change = repulsion(np.array([0.25]), np.array([0.5]), np.array([0.0]), 0.5, 0.25)
    assert change.tolist() == [0.125]


# ---------------------------------------------------------------- statistics


def test_two_values_are_enough_for_an_interval():
    mean, low, high = t_interval(np.array([0.0, 2.0]))
    assert mean == 1.0
    assert high - mean == pytest.approx(12.7062, rel=1e-5)
    assert low == pytest.approx(2.0 - high)
    assert half_width(1.0, 2) == half_width(1.0, 2, 0.95)
    assert middle_range(np.array([0.0, 1.0])) == pytest.approx((0.05, 0.95))


def test_whole_numbers_and_other_levels_are_taken():
    assert interval_of_numbers([1, None, 3]) == t_interval(np.array([1.0, 3.0]))
    assert interval_of_numbers([1.0, 2.0, 3.0], 0.5) == t_interval(np.array([1.0, 2.0, 3.0]), 0.5)


def test_the_spread_between_is_within_runs_and_needs_two_neighbourhoods():
    values = np.array([[[0.0, 10.0]], [[1.0, 11.0]]])  # two neighbourhoods, one row, two replications
    assert spread_between(values) == pytest.approx(math.sqrt(0.5))
    alone = np.array([[[0.0, 5.0]], [[1.0, math.nan]]])
    assert spread_between(alone) == pytest.approx(math.sqrt(0.5))


def test_pairing_of_two_replications_and_of_one():
    base, other = np.array([0.0, 2.0]), np.array([1.0, 4.0])
    assert variance_reduction(base, other) == pytest.approx((2.0 + 4.5) / 0.5)
    assert variance_reduction(np.linspace(0, 1, 9), np.linspace(0, 1, 9) ** 2) == pytest.approx(
        (np.var(np.linspace(0, 1, 9)) + np.var(np.linspace(0, 1, 9) ** 2))
        / np.var(np.linspace(0, 1, 9) ** 2 - np.linspace(0, 1, 9))
    )
    assert math.isnan(variance_reduction(np.array([0.0]), np.array([1.0])))


def test_mean_squares_of_several_arms_leave_out_what_each_arm_has_of_its_own():
    values = np.random.default_rng(3).normal(0.0, 1.0, (4, 5, 2))
    apart, degrees = mean_squares(values + np.array([0.0, 100.0]))
    together, _ = mean_squares(values)
    assert degrees == (3, 4, 12)
    for one, other in zip(apart, together, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


def test_two_rows_and_two_replications_are_enough_and_fewer_are_not():
    mean, low, high = crossed_interval(np.array([[0.0, 1.0], [2.0, 3.5]]))
    assert mean == pytest.approx(1.625)
    assert low < mean < high
    assert np.isnan(crossed_interval(np.array([[0.0, 1.0]]))[1:]).all()
    assert np.isnan(crossed_interval(np.array([[0.0], [2.0]]))[1:]).all()


def test_of_rows_and_replications_with_gaps_those_go_that_cost_fewer_values():
    draw = np.random.default_rng(5)
    values = draw.normal(0.0, 1.0, (3, 8)) + draw.normal(0.0, 1.0, 8)
    gap = values.copy()
    gap[:, 7] = [math.nan, 0.1, 0.2]  # one replication of eight goes, not one row of three
    wanted = crossed_interval(values[:, :7])
    found = crossed_interval(gap)
    assert found[2] - found[1] == pytest.approx(wanted[2] - wanted[1])


def test_the_probability_of_being_best_at_its_edges():
    assert probability_best(np.full((3, 2), math.nan), highest=True).shape == (2,)
    assert np.isnan(probability_best(np.full((3, 2), math.nan), highest=True)).all()
    one = probability_best(np.zeros((4, 3)), highest=True)
    assert one.tolist() == pytest.approx([1 / 3] * 3)
    certain = np.column_stack([np.arange(4.0), np.arange(4.0) + 1.0])
    assert probability_best(certain, highest=True).tolist() == [0.0, 1.0]
    assert probability_best(certain, highest=False).tolist() == [1.0, 0.0]
    crossing = np.column_stack([[0.0, 1.0, 2.0], [1.0, 2.0, 0.0], [2.0, 0.5, 0.4]])
    found = probability_best(crossing, highest=True)  # one degree of freedom is left
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.isfinite(found).all()
    again = probability_best(crossing, highest=True, seed=0)
    assert found.tolist() == again.tolist()
    assert probability_best(crossing, highest=True, seed=7).tolist() != again.tolist()
    assert DRAWS >= 10_000
