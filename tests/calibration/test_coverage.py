"""The coverage check on tables whose coverage is known."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from experiments.calibration.coverage import prior_table
from experiments.calibration.reader import load_calibration
from experiments.calibration.runner import calibrate
from tests.calibration.conftest import tiny
from tests.inline import Inline
from tools.coverage import as_markdown, covered, main, rejection

SHORT = {
    "patterns": "[{pattern: 1, part: share of residents, claimed: 0.0098, tolerance: 0.0025}]",
    "thresholds": "[3.4]",
    "run": "{scale: 0.002, weeks: 40}",
}


@pytest.fixture
def calibration(tmp_path):
    return load_calibration(tiny(tmp_path))


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """A finished calibration by rejection."""
    folder = tmp_path_factory.mktemp("calibrated")
    return calibrate(tiny(folder, **SHORT), out=folder / "out", executor=Inline())


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


def test_a_truth_to_which_too_few_come_near_is_passed_over_and_counted(calibration):
    lonely = table(calibration, 50)
    lonely["3 programmes held"] = 1e6 * np.arange(50)
    found = covered(lonely, calibration, 50)
    assert (found.trials == 0).all()
    assert (found.passed_over == 50).all()
    some = table(calibration, 300)
    some.loc[:6, "3 programmes held"] = -1e6 * np.arange(1, 8)
    found = covered(some, calibration, 20)
    assert (found.trials == 20).all()
    assert found.passed_over[0] >= 7
    assert f"Of {20 + found.passed_over[0]} truths looked at, {found.passed_over[0]} passed over" in as_markdown(found)


def test_the_runs_of_a_calibration_are_draws_of_the_prior_whoever_did_them(calibrated, tmp_path):
    """Accepted or not: at this threshold about half of the runs are not."""
    found, out = calibrated, tmp_path / "out"
    shutil.copytree(calibrated.folder, out)
    runs = int(found.generations.runs[0])
    whole = prior_table(found.calibration, out)
    assert runs == len(whole) > found.calibration.population
    assert whole.filter(like="q:").to_numpy().std() > 0.2
    assert whole["1 share of residents"].nunique() > 5
    kept = pd.read_parquet(out / "simulated.parquet").simulated
    assert set(kept) < set(whole["1 share of residents"])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda out: (out / "manifest.json").unlink(), "holds no finished calibration"),
        (lambda out: (out / "runs.parquet").unlink(), "runs.parquet is missing or was changed"),
        (lambda out: (out / "calibration.yaml").write_text(
            (out / "calibration.yaml").read_text().replace("seed: 5", "seed: 6")), "was changed since"),
        (lambda out: (out / "calibration.yaml").unlink(), "calibration.yaml"),
    ],
)  # fmt: skip
def test_what_is_no_finished_calibration_has_no_coverage(calibrated, tmp_path, capsys, harm, words):
    shutil.copytree(calibrated.folder, tmp_path / "out")
    assert main([str(tmp_path / "out"), "--trials", "3"]) == 0
    assert "truths looked at" in capsys.readouterr().out
    harm(tmp_path / "out")
    assert main([str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.strip()
    assert words in said
    assert len(said.splitlines()) == 1


def test_runs_of_another_model_are_not_taken_for_this_ones_without_a_word(calibrated, tmp_path, capsys):
    shutil.copytree(calibrated.folder, tmp_path / "out")
    manifest = tmp_path / "out/manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    for models, said in ((content["models"], 0), ({"0" * 64: {}}, 1)):
        manifest.write_text(json.dumps({**content, "models": models}), encoding="utf-8")
        assert main([str(tmp_path / "out"), "--trials", "3"]) == 0
        assert capsys.readouterr().err.count("another version of the model made these runs") == said


def test_the_table_in_the_docs_has_a_line_a_parameter(calibration):
    text = as_markdown(covered(table(calibration, 300), calibration, 50))
    assert text.count("of 50 |") == len(calibration.keys)
    assert "95 % of counts lie from" in text
