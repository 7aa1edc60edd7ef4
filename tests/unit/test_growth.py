"""A line and a logistic against series of which it is known which they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from experiments.growth import aic, growth_of

PLACES = np.linspace(0.0, 1.0, 65)


def logistic(start, end, middle, width):
    return start + (end - start) / (1.0 + np.exp(-(PLACES - middle) / width))


def noise(seed, sd=0.0005):
    return sd * np.random.default_rng(seed).standard_normal(PLACES.size)


@pytest.mark.parametrize("shape", [(0.0, 0.02, 0.35, 0.05), (0.03, 0.01, 0.6, 0.1), (0.0, 1.0, 0.2, 0.02)])
def test_a_logistic_is_found_as_it_is(shape):
    found = growth_of(logistic(*shape))
    assert (found.start, found.end, found.middle, found.width) == pytest.approx(shape, rel=2e-3, abs=1e-4)
    assert found.advantage > 500.0


@pytest.mark.parametrize("seed", range(3))
def test_the_fit_is_the_least_squares_one(seed):
    """As a general optimiser finds it from the true values; residuals of the line as NumPy has them."""
    true = (0.001, 0.02, 0.4, 0.08)
    values = logistic(*true) + noise(seed)
    found = growth_of(values)
    best, _ = optimize.curve_fit(lambda _, *shape: logistic(*shape), PLACES, values, p0=true)
    assert found.logistic_residuals == pytest.approx(((values - logistic(*best)) ** 2).sum(), rel=1e-4)
    line = np.polynomial.Polynomial.fit(PLACES, values, 1)
    assert found.line_residuals == pytest.approx(((values - line(PLACES)) ** 2).sum(), rel=1e-9)
    by_hand = 65 * np.log(found.line_residuals / found.logistic_residuals) - 2 * 2
    assert found.advantage == pytest.approx(by_hand)


def test_a_line_with_noise_is_hardly_ever_taken_for_a_logistic():
    advantages = [growth_of(0.02 * PLACES + noise(seed)).advantage for seed in range(60)]
    assert np.mean(np.array(advantages) > 2.0) <= 0.1
    assert np.median(advantages) < -2.0


def test_what_only_slows_down_or_only_speeds_up_has_its_middle_outside():
    assert growth_of(0.02 * (1.0 - np.exp(-4.0 * PLACES)) + noise(1)).middle < 0.0
    assert growth_of(0.001 * np.exp(3.0 * PLACES) + noise(1)).middle > 1.0


def test_nothing_to_explain_is_explained_by_neither():
    found = growth_of(np.full(65, 0.02))
    assert found.advantage == -4.0
    assert np.isfinite([found.start, found.end, found.middle]).all()


def test_aic_pays_for_parameters():
    assert aic(0.1, 50, 4) - aic(0.1, 50, 2) == pytest.approx(4.0)
    assert aic(0.2, 50, 2) - aic(0.1, 50, 2) == pytest.approx(50 * np.log(2.0))
