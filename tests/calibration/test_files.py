"""A calibration file becomes a calibration, or one clear line for each of its faults."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from experiments.calibration.calibration import distance
from experiments.calibration.reader import load_calibration
from experiments.calibration.simulating import FailedRunError, simulated
from experiments.cli import main
from experiments.faults import faults_of
from experiments.patterns import PATTERNS
from sim.errors import ConfigError
from tests.calibration.conftest import ROOT, tiny

RAFSANJAN = ROOT / "configs/calibrations/rafsanjan.yaml"
FIGURE = "{pattern: 3, part: programmes held, claimed: 1500, tolerance: 375}"

DIRECTION = "services at the start, with less without a council at week 84"

BAD = {
    "another pattern": ({"patterns": "[{pattern: 4, part: mean turnout, claimed: 0.1, tolerance: 1}]"},
                        "patterns[0].pattern", "only patterns 1, 2, 3 may be fitted"),
    "no such pattern": ({"patterns": "[{pattern: 99, part: x, claimed: 0.1, tolerance: 1}]"},
                        "patterns[0].pattern", "only patterns 1, 2, 3"),
    "no such figure": ({"patterns": "[{pattern: 3, part: programs held, claimed: 1500, tolerance: 1}]"},
                       "patterns[0].part", 'did you mean "programmes held"'),
    "a direction": (
        {"patterns": f"[{{pattern: 2, part: '{DIRECTION}', claimed: -1, tolerance: 1}}]"},
        "patterns[0].part", "a direction, not as a figure"),
    "given twice": ({"patterns": f"[{FIGURE}, {FIGURE}]"}, "patterns[1].part", "given twice"),
    "not what is claimed": ({"patterns": "[{pattern: 3, part: programmes held, claimed: 15, tolerance: 1}]"},
                            "patterns[0].claimed", "what is claimed is 1,125 to 1,875, not 15"),
    "no tolerance": ({"patterns": "[{pattern: 3, part: programmes held, claimed: 1500, tolerance: 0}]"},
                     "patterns[0].tolerance", "more than 0"),
    "unknown parameter": ({"parameters": "{behaviour.trust.loss_to_gain: range}"}, "parameters", "loss_to_gain_ratio"),
    "a lever": ({"parameters": "{policy.authority.delegated_share: range}"}, "parameters", "only keys of behaviour"),
    "no number": ({"parameters": "{behaviour.influence.rule: range}"}, "parameters", "is no number"),
    "out of range": ({"parameters": "{behaviour.trust.loss_to_gain_ratio: {uniform: [1, 9]}}"}, "parameters",
                     "must lie between 1 and 3"),
    "choice": ({"parameters": "{behaviour.trust.loss_to_gain_ratio: {choice: [1, 2]}}"}, "parameters", "a prior is"),
    "rising thresholds": ({"thresholds": "[1, 2]"}, "thresholds", "that fall"),
    "too short": ({"run": "{scale: 0.002, weeks: 100}"}, "run.weeks", "reach to week 215"),
    "seed of a run": ({"run": "{seed: 3}"}, "run.seed", "the calibration's own `seed`"),
    "no base": ({"base": "nowhere.yaml"}, "base", "looked for beside the calibration"),
    "a base without claims": ({"base": str(ROOT / "configs/cities/lakeside.yaml")}, "base", "no claims"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "key", "words"), BAD.values(), ids=BAD)
def test_a_fault_is_refused_with_its_line(tmp_path, changes, key, words):
    file = tiny(tmp_path, **changes)
    kind, faults = faults_of(file)
    assert kind == "calibration"
    fault = next(fault for fault in faults if words in fault.problem)
    assert fault.key.startswith(key)
    text = file.read_text(encoding="utf-8").splitlines()
    assert text[fault.line - 1].startswith(key.split("[")[0].split(".")[0])
    with pytest.raises(ConfigError):
        load_calibration(file)


def test_only_patterns_one_to_three_are_marked_as_fitted():
    assert [pattern.number for pattern in PATTERNS if pattern.fitted] == [1, 2, 3]


def test_the_calibration_that_comes_with_the_program_is_sound():
    assert faults_of(RAFSANJAN) == ("calibration", [])
    calibration = load_calibration(RAFSANJAN)
    assert calibration.title.en
    assert calibration.title.fa
    assert calibration.thresholds[-1] == 1.0
    for (
        figure
    ) in calibration.figures:  # at distance 1 a run meets the pattern it is fitted to, as far as it is symmetric
        accept = next(own for own in PATTERNS if own.number == figure.pattern).accept[figure.part]
        assert figure.tolerance <= max((accept.high - accept.low) / 2.0, 0.5)


def test_range_is_the_declared_range():
    factor = load_calibration(RAFSANJAN).factors[0]
    assert (factor.key, factor.arguments) == ("behaviour.delivery.base_duration_weeks", (10.0, 80.0))


def test_what_decides_is_in_the_digest_and_titles_are_not(tmp_path):
    plain = load_calibration(tiny(tmp_path)).digest
    assert load_calibration(tiny(tmp_path, title="{en: Other, fa: دیگر}")).digest == plain
    others = {
        "seed": "6",
        "population": "11",
        "thresholds": "[3, 2]",
        "run": "{scale: 0.003, weeks: 215}",
        "patterns": f"[{FIGURE}]",
        "parameters": "{behaviour.delivery.programme_success: range}",
    }
    for key, value in others.items():
        assert load_calibration(tiny(tmp_path, **{key: value})).digest != plain, key


def test_distance_is_the_worst_deviation_in_tolerances(tmp_path):
    figures = load_calibration(tiny(tmp_path)).figures
    exact = {figure.label: figure.claimed for figure in figures}
    assert distance(exact, figures) == 0.0
    assert distance({**exact, "3 programmes held": 1500 - 2 * 375}, figures) == pytest.approx(2.0)
    assert distance({**exact, "1 share of residents": 0.0098 + 0.0075}, figures) == pytest.approx(3.0)
    assert distance({**exact, "3 programmes held": float("nan")}, figures) == float("inf")
    assert distance({}, figures) == float("inf")


def test_a_run_gives_the_figures_of_the_patterns(tmp_path):
    calibration = load_calibration(tiny(tmp_path))
    values = {key: column[0] for key, column in calibration.values_at(np.full((1, 3), 0.5)).items()}
    assert values["behaviour.choice.first_round_after_weeks"] == 28
    assert isinstance(values["behaviour.choice.first_round_after_weeks"], int)
    found = simulated(calibration, values, 3)
    assert set(found) == {"1 share of residents", "3 programmes held"}
    assert found["3 programmes held"] > 300
    few = simulated(calibration, {**values, "behaviour.delivery.programme_success": 0.5}, 3)
    assert few["3 programmes held"] < found["3 programmes held"]


def test_a_city_without_councils_is_infinitely_far_away(tmp_path):
    calibration = load_calibration(tiny(tmp_path, run="{scale: 0.002, weeks: 215}"))
    found = simulated(calibration, {"policy.authority.mode": "top_down"}, 3)
    assert distance(found, calibration.figures) == float("inf")


def test_a_failed_run_names_its_seed_and_values(tmp_path):
    with pytest.raises(FailedRunError, match=r"run.seed=7, city.network.file='missing.csv'"):
        simulated(load_calibration(tiny(tmp_path)), {"city.network.file": "missing.csv"}, 7)


def test_without_pyabc_one_line_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyabc", None)
    assert main(["calibrate", str(tiny(tmp_path)), "--out", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err.strip()
    assert err.splitlines() == ["calibrate: needs pyabc: pip install 'mahalle[calibrate]'"]
    assert not (tmp_path / "out").exists()
