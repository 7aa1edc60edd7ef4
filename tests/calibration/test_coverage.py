"""The coverage check on tables whose coverage is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.calibration.calibration import load_calibration
from experiments.calibration.coverage import CHUNK, as_markdown, covered, prior_table, rejection
from tests.calibration.conftest import Inline, tiny

SHORT = {
    "patterns": "[{pattern: 1, part: share of residents, claimed: 0.0098, tolerance: 0.0025}]",
    "run": "{scale: 0.002, weeks: 5}",
}


@pytest.fixture
def calibration(tmp_path):
    return load_calibration(tiny(tmp_path))


def table(calibration, runs, *, noise=1500.0, seed=1):
    """Runs of a linear model: the programmes tell the first parameter, but for noise; nothing tells the others."""
    generator = np.random.default_rng(seed)
    quantiles = generator.random((runs, len(calibration.factors)))
    columns = {f"q:{key}": quantiles[:, at] for at, key in enumerate(calibration.keys)}
    programmes = 8000.0 * quantiles[:, 0] + noise * generator.standard_normal(runs)
    return pd.DataFrame({**columns, "1 share of residents": 0.0098, "3 programmes held": programmes})


def test_intervals_of_a_model_that_is_right_cover_nine_of_ten(calibration):
    found = covered(table(calibration, 1500), calibration, 400)
    assert (found.trials == 400).all()
    assert found.covered.between(found.expected_low - 6, found.expected_high + 6).all()
    assert found.shrinkage[0] > 0.3
    assert (found.shrinkage[1:].abs() < 0.05).all()


def test_a_tolerance_wider_than_the_noise_makes_intervals_too_wide_and_never_too_narrow(calibration):
    found = covered(table(calibration, 1500, noise=40.0), calibration, 400)
    assert found.covered[0] > found.expected_high[0]


def test_intervals_of_a_model_that_is_wrong_do_not(calibration):
    """Truths of which the figures tell another parameter than they seem to: intervals miss them."""
    wrong = table(calibration, 1500, noise=400.0)
    key = f"q:{calibration.keys[0]}"
    wrong.loc[:59, key] = 1.0 - wrong.loc[:59, key]  # few, so that they are rare among those accepted
    found = covered(wrong, calibration, 60)
    assert found.covered[0] < 0.6 * found.trials[0]
    assert found.covered[1] >= found.expected_low[1] - 4


def test_those_within_all_tolerances_are_accepted_and_the_truth_is_left_out():
    figures = np.array([[1.0, 10.0], [1.5, 10.0], [1.5, 14.0], [3.0, 10.0], [0.0, 12.0]])
    assert rejection(figures, figures[0], np.array([1.0, 2.0]), 0).tolist() == [1, 4]


def test_a_truth_to_which_too_few_come_near_is_passed_over(calibration):
    lonely = table(calibration, 50)
    lonely["3 programmes held"] = 1e6 * np.arange(50)
    assert (covered(lonely, calibration, 50).trials == 0).all()


def test_a_table_is_made_once_and_does_not_depend_on_who_makes_it(tmp_path):
    calibration = load_calibration(tiny(tmp_path, **SHORT))

    class Counted(Inline):
        def submit(self, work, /, *arguments):
            self.done = [*getattr(self, "done", []), arguments[1]]
            return super().submit(work, *arguments)

    whole = prior_table(calibration, CHUNK + 2, tmp_path / "whole", Inline())
    assert len(whole) == CHUNK + 2
    assert whole.filter(like="q:").to_numpy().std() > 0.2
    counted = Counted()
    prior_table(calibration, CHUNK, tmp_path / "parts", Inline())
    again = prior_table(calibration, CHUNK + 2, tmp_path / "parts", counted)
    assert counted.done == [range(CHUNK, 2 * CHUNK)]
    pd.testing.assert_frame_equal(whole, again)


def test_the_table_in_the_docs_has_a_line_a_parameter(calibration):
    text = as_markdown(covered(table(calibration, 300), calibration, 50))
    assert text.count("of 50 |") == len(calibration.keys)
    assert "95 % of counts lie from" in text
