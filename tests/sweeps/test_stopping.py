"""Stopping rules against what they must say, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.sweeps.experiment import Fixed, UntilHalfWidth, UntilRanking
from experiments.sweeps.stopping import checkpoints, enough, half_widths, settled

RANKING = UntilRanking(of="x", best="highest", confidence=0.95, at_least=4, at_most=40)


def test_a_number_is_asked_once():
    assert list(checkpoints(Fixed(7))) == [7]


def test_a_rule_is_asked_ever_more_rarely_and_at_the_most():
    assert list(checkpoints(RANKING)) == [4, 6, 9, 13, 19, 28, 40]


def test_half_width_is_that_of_the_t_interval():
    table = np.array([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]])
    low, high = stats.t.interval(0.9, 2, table[:, 0].mean(), stats.sem(table[:, 0]))
    assert half_widths(table, 0.9) == pytest.approx([(high - low) / 2, 0.0])
    assert half_widths(np.array([[1.0], [np.nan]]), 0.9)[0] == np.inf


def test_a_common_shift_of_replications_does_not_hide_a_ranking():
    luck = np.random.default_rng(1).normal(0, 10, 8)
    small = np.random.default_rng(2).normal(0, 0.1, (8, 2))
    assert settled(np.column_stack([luck, luck + 1.0]) + small, 0.95)


def test_a_point_that_is_not_the_best_is_named_no_more_often_than_the_confidence_allows():
    looks, trials = list(checkpoints(RANKING)), 600
    draw, wrong = np.random.default_rng(3), 0
    for _ in range(trials):
        table = draw.normal([0.0, 1e-9], 1.0, (looks[-1], 2))
        for count in looks:
            if settled(table[:count], 0.95, len(looks)):
                wrong += table[:count].mean(axis=0).argmax() == 0
                break
    assert wrong / trials < 0.05


def test_an_outcome_without_values_settles_nothing():
    table = np.full((9, 2), np.nan)
    assert not settled(table, 0.95)
    table[:, 0] = 1.0
    assert not settled(table, 0.95)


def test_identical_points_are_never_settled():
    assert not settled(np.ones((9, 2)), 0.95)
    assert settled(np.ones((9, 1)), 0.95)


def test_the_lowest_may_be_the_best():
    values = {run: float(run % 2) + 0.01 * run for run in range(20)}
    lowest = UntilRanking(of="x", best="lowest", confidence=0.95, at_least=4, at_most=40)
    assert enough(lowest, values, 2, 10)
    assert enough(RANKING, values, 2, 10)


def test_failed_runs_are_left_out():
    rule = UntilHalfWidth(of="x", below=0.1, confidence=0.95, at_least=2, at_most=9)
    assert enough(rule, {0: 1.0, 1: 1.0}, 1, 3)
    assert not enough(rule, {0: 1.0}, 1, 3)
