"""Indices against values worked out by hand, and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from sim.indices import morans_i, theil, weighted_gini

ONES = np.ones(4)


def test_gini_of_one_who_has_everything():
    assert weighted_gini(np.array([0.0, 0.0, 0.0, 1.0]), ONES) == pytest.approx(0.75)


def test_gini_is_half_the_mean_difference_over_the_mean():
    rng = np.random.default_rng(1)
    values, weights = rng.random(30), rng.integers(1, 9, 30).astype(float)
    people = np.repeat(values, weights.astype(int))
    mean_difference = np.abs(people[:, None] - people).mean()
    assert weighted_gini(values, weights) == pytest.approx(mean_difference / (2.0 * people.mean()), rel=1e-12)


@pytest.mark.parametrize("index", [weighted_gini, theil])
def test_equal_shares_are_no_inequality_whatever_the_size(index):
    assert index(np.full(4, 0.3), np.array([1.0, 5.0, 2.0, 9.0])) == pytest.approx(0.0, abs=1e-12)
    assert index(np.zeros(4), ONES) == 0.0


def test_theil_of_one_who_has_everything_is_the_log_of_the_number():
    assert theil(np.array([0.0, 0.0, 0.0, 1.0]), ONES) == pytest.approx(np.log(4.0))


def test_morans_i_of_a_ring_that_alternates_is_minus_one():
    ring = np.array([[0, 1], [1, 2], [2, 3], [0, 3]])
    assert morans_i(np.array([1.0, 0.0, 1.0, 0.0]), ring) == pytest.approx(-1.0)
    assert morans_i(np.array([1.0, 1.0, 0.0, 0.0]), ring) == pytest.approx(0.0)


def test_morans_i_is_zero_where_it_has_no_value():
    assert morans_i(np.full(4, 0.3), np.array([[0, 1]])) == 0.0
    assert morans_i(np.arange(4.0), np.zeros((0, 2), dtype=np.int64)) == 0.0


def test_equal_values_differ_by_no_rounding_and_what_is_no_number_stays_none():
    ring = np.column_stack([np.arange(2_000), np.roll(np.arange(2_000), 1)])
    assert morans_i(np.full(2_000, 0.7), ring) == 0.0
    assert np.isnan(weighted_gini(np.array([0.2, np.nan, 0.4, 0.1]), ONES))
