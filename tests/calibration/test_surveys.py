"""Figures of one's own: a table becomes targets, or one clear line for each of its faults, all at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.calibration.calibration import distance
from experiments.calibration.coverage import JOINT, as_markdown
from experiments.calibration.judging import judge
from experiments.calibration.reader import load_calibration
from experiments.calibration.report import verdict
from experiments.calibration.survey import Place, read_survey
from experiments.calibration.targets import surveyed
from experiments.faults import faults_of
from sim.errors import ConfigError
from sim.outcome import TABLES
from tests.calibration.conftest import ROOT, surveyed_file
from tools.survey import MISSING, synthetic_survey

LAKESIDE = ROOT / "configs/calibrations/lakeside.yaml"
COVERAGE = ROOT / "docs/survey_coverage.csv"
PLACE = Place(("Harbour", "Old Town"), 104, TABLES)
HEAD = "outcome,week,group,neighbourhood,value,standard_error,n,held_out\n"

GOOD = HEAD + (
    "trust_in_municipality,52,,,0.41,0.01,,\n"
    '"trust_in_municipality",52,"sex=woman, cohort=youth",,0.39,0.03,,\n'
    "participation_rate,52,,Harbour,0.03,,240,\n"
    "participation_rate,52,,1,0.05,,260,\n"
    "participation_rate,104,,,0.04,,1200,yes\n"
    "hope,104,,,,,,\n"
    "construction_projects_finished,104,,,31,4,,\n"
)


def written(folder, text):
    path = folder / "figures.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_becomes_targets(tmp_path):
    survey = read_survey(written(tmp_path, GOOD), PLACE)
    assert [own.label for own in survey.targets] == [
        "trust_in_municipality in week 52",
        "trust_in_municipality[sex=woman, cohort=youth] in week 52",
        "participation_rate[neighbourhood=0] in week 52",
        "participation_rate[neighbourhood=1] in week 52",
        "participation_rate in week 104",
        "construction_projects_finished in week 104",
    ]
    assert survey.missing == ("hope in week 104",)
    assert [own.held_out for own in survey.targets] == [False, False, False, False, True, False]
    assert [own.answers for own in survey.targets] == [None, None, 240.0, 260.0, 1200.0, None]
    assert survey.targets[5].error == 4.0
    assert survey.targets[2].source == "figures.csv, line 4"


def test_parquet_says_the_same_as_csv(tmp_path):
    path = written(tmp_path, GOOD)
    table = pd.read_csv(path)
    table["held_out"] = table.held_out == "yes"
    table.to_parquet(tmp_path / "figures.parquet")
    there, here = read_survey(path, PLACE), read_survey(tmp_path / "figures.parquet", PLACE)
    assert [(own.label, own.value, own.error, own.held_out) for own in here.targets] == [
        (own.label, own.value, own.error, own.held_out) for own in there.targets
    ]
    assert here.missing == there.missing


def test_numbers_of_answers_are_read_as_people_and_tables_write_them(tmp_path):
    rows = "".join(f"participation_rate,{week},,,0.4,,{n},\n" for week, n in enumerate(("1200", "1200.0", "۱٬۲۰۰")))
    assert [own.answers for own in read_survey(written(tmp_path, HEAD + rows), PLACE).targets] == [1200.0] * 3


def test_waves_and_outcomes_can_be_held_out_by_the_calibration(tmp_path):
    path = written(tmp_path, GOOD)
    weeks = read_survey(path, Place(PLACE.names, 104, TABLES, weeks=frozenset({52})))
    assert [own.held_out for own in weeks.targets] == [True, True, True, True, True, False]
    outcomes = read_survey(path, Place(PLACE.names, 104, TABLES, outcomes=frozenset({"trust_in_municipality"})))
    assert [own.held_out for own in outcomes.targets] == [True, True, False, False, True, False]


FAULTS = {
    "trust_in_municipalty,52,,,0.4,0.01,,": ("outcome", "did you mean 'trust_in_municipality'"),
    "hope,52.5,,,0.4,0.01,,": ("week", "whole number of weeks from 0 to 104"),
    "hope,105,,,0.4,0.01,,": ("week", "from 0 to 104"),
    "hope,,,,0.4,0.01,,": ("week", "whole number"),
    "hope,52,cohort=yuth,,0.4,0.01,,": ("group", "youth"),
    "hope,52,cohort=*,,0.4,0.01,,": ("group", "one row for each"),
    "hope,52,,Harbor,0.4,0.01,,": ("neighbourhood", "did you mean 'Harbour'"),
    "hope,52,,2,0.4,0.01,,": ("neighbourhood", "from 0 to 1"),
    "hope,52,sex=man,Harbour,0.4,0.01,,": ("neighbourhood", "not of both"),
    "hope,52,,,41,0.01,,": ("value", "write 0.41 for 41 %"),
    "hope,52,,,much,0.01,,": ("value", "must be a number, or empty"),
    'hope,52,,,"0,4",0.01,,': ("value", "write a decimal point, 0.4"),
    "hope,52,,,0.4,0,,": ("standard_error", "above 0"),
    "hope,52,,,0.4,,,": ("standard_error", "is missing"),
    "hope,52,,,0.4,0.01,300,": ("n", "not both"),
    "hope,52,,,0.4,,300,": ("n", "hope is a mean or a count: give its standard_error"),
    "participation_rate,52,,,0.4,,0,": ("n", "from 1 to"),
    "participation_rate,52,,,0.4,,1.200,": ("n", "write 1200, without separators of thousands"),
    'participation_rate,52,,,0.4,,"1,200",': ("n", "write 1200, without separators of thousands"),
    "participation_rate,52,,,0.4,,843.7,": ("n", "not '843.7': round it"),
    "hope,52,,,0.4,0.01,,perhaps": ("held_out", "true, false or empty"),
    "hope,52,,,0.4,0.01": ("", "has 6 cells where the header has 8"),
}


@pytest.mark.parametrize(("row", "found"), FAULTS.items(), ids=FAULTS)
def test_a_fault_has_its_line_and_its_column(tmp_path, row, found):
    with pytest.raises(ConfigError) as error:
        read_survey(written(tmp_path, f"{HEAD}expectation,52,,,0.5,0.01,,\n{row}\n"), PLACE)
    assert error.value.line == 3
    assert (error.value.key or "") == found[0]
    assert found[1] in str(error.value)
    assert error.value.source.endswith("figures.csv")


def test_all_faults_are_found_at_once(tmp_path):
    rows = list(FAULTS)  # one that is no row among them
    with pytest.raises(ConfigError) as error:
        read_survey(written(tmp_path, HEAD + "\n".join(rows)), PLACE)
    assert [fault.line for fault in error.value.all] == sorted(fault.line for fault in error.value.all)
    assert {fault.line for fault in error.value.all} == set(range(2, len(rows) + 2))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("outcome,week,val\n", "val: unknown column (did you mean 'value'?); known: outcome, week, value"),
        ("outcome;week;value\n", "separated by commas, not by ';', and decimals must have a point: 0.45, not 0,45"),
        (f"{HEAD}hope,1,,,0,45,0.02,,yes\n", "0,45 is probably one number with a decimal comma; write 0.45"),
        (f"{HEAD}hope,1,,,0,45,,,\n", "0,45 is probably one number with a decimal comma; write 0.45"),
        ("outcome,week,value,n\nhope,0,0,45,500\n", "0,45 is probably one number with a decimal comma"),
        (f"{HEAD}hope,1,,,0,45,0,0,yes\n", "0,45 is probably one number with a decimal comma; write 0.45"),
        (f"{HEAD}hope,1,,,0.5,,1,200,yes\n", "1,200 is probably one number; write 1200, without separators"),
        ("outcome,week,value\nhope,1,12,5\n", "quote a cell that holds a comma and write decimals with a point"),
        ("outcome,week\nhope,1\n", "value: the column is missing"),
        (HEAD, "has no rows"),
        (HEAD + "hope,1,,,0.4,0.1,,\nhope,1,,,0.5,0.1,,\n", "given twice; first in line 2"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text, words):
    with pytest.raises(ConfigError) as error:
        read_survey(written(tmp_path, text), PLACE)
    assert words in "\n".join(map(str, error.value.all))


def test_check_shows_faults_of_the_table_beside_those_of_the_calibration(tmp_path):
    file = surveyed_file(tmp_path, rows="hope,52,,,41,0.01,,\n", survey="[{file: figures.csv, held_out: {weeks: [7]}}]")
    kind, faults = faults_of(file)
    assert kind == "calibration"
    assert "write 0.41 for 41 %" in str(faults[-1])
    assert str(faults[-1]).startswith(str(tmp_path / "figures.csv") + ":")


OWN_FAULTS = {
    "no such wave": ({"survey": "[{file: figures.csv, held_out: {weeks: [7]}}]"}, "is of week 7; its weeks are 20, 40"),
    "no such outcome": ({"survey": "[{file: figures.csv, held_out: {outcomes: [hop]}}]"}, '"hop"'),
    "no such label": ({"survey": "[{file: figures.csv, label: measured}]"}, "survey"),
    "all held out": ({"survey": "[{file: figures.csv, held_out: {weeks: [20, 40]}}]"}, "all are held out"),
    "twice": ({"survey": "[{file: figures.csv}, {file: figures.csv}]"}, "is in another file, too"),
    "no file": ({"survey": "[{file: nowhere.csv}]"}, "no such file"),
    "too short": ({"run": "{scale: 0.002, weeks: 30}"}, "from 0 to 30"),
    "runs of smc": ({"method": "smc", "thresholds": "[2]"}, "runs is for method: emulator"),
    "thresholds of an emulator": ({"thresholds": "[2]"}, "thresholds is for method: smc"),
    "no runs": ({"runs": "null"}, "needs the key runs"),
    "nothing to fit": ({"survey": "[]"}, "nothing is to be fitted"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), OWN_FAULTS.values(), ids=OWN_FAULTS)
def test_a_fault_of_the_calibration_is_refused(tmp_path, changes, words):
    _, faults = faults_of(surveyed_file(tmp_path, **changes))
    assert any(words in str(fault) for fault in faults), [str(fault) for fault in faults]


def test_the_example_is_sound_and_says_that_it_is_synthetic():
    assert faults_of(LAKESIDE) == ("calibration", [])
    calibration = load_calibration(LAKESIDE)
    assert calibration.origins == ("synthetic",)
    assert (len(calibration.fitted), len(calibration.targets), calibration.missing) == (40, 54, 2)
    assert {own.week for own in calibration.targets if own.held_out} == {104}


def test_figures_are_in_the_digest_and_the_path_of_their_file_is_not(tmp_path):
    plain = load_calibration(surveyed_file(tmp_path)).digest
    (tmp_path / "elsewhere").mkdir()
    assert load_calibration(surveyed_file(tmp_path / "elsewhere")).digest == plain
    for changes in ({"runs": "60"}, {"survey": "[{file: figures.csv, label: synthetic}]"}, {"population": "20"}):
        assert load_calibration(surveyed_file(tmp_path, **changes)).digest != plain


# ---------------------------------------------------------------- errors and judgement


def test_simulated_surveys_have_the_error_of_ones_own(tmp_path):
    rows = "hope,20,,,0.4,0.05,,\nparticipation_rate,20,,,0.1,,50,\n"
    targets = load_calibration(surveyed_file(tmp_path, rows=rows)).fitted
    found = surveyed(targets, np.tile([0.3, 0.2], (4000, 1)), np.random.default_rng(1))
    assert found.mean(axis=0) == pytest.approx([0.3, 0.2], abs=0.004)
    assert found.std(axis=0) == pytest.approx([0.05, np.sqrt(0.2 * 0.8 / 50)], rel=0.05)
    assert set(np.round(found[:, 1] * 50, 6)) <= set(range(51))


def test_distance_counts_deviations_in_standard_errors_with_the_error_of_the_survey(tmp_path):
    rows = "hope,20,,,0.4,0.05,,\nexpectation,20,,,0.6,0.02,,\n"
    targets = load_calibration(surveyed_file(tmp_path, rows=rows)).fitted
    exact = {own.label: own.value for own in targets}
    near = [distance(exact, (), targets, seed) for seed in range(2000)]
    assert np.mean(np.square(near)) == pytest.approx(1.0, abs=0.1)
    assert distance(exact, (), targets, 5) == distance(exact, (), targets, 5)
    assert distance({**exact, targets[0].label: 2.4}, (), targets, 1) > 20
    assert distance({**exact, targets[0].label: float("nan")}, (), targets, 1) == float("inf")


def test_what_is_held_out_is_judged_apart(tmp_path):
    rows = "hope,20,,,0.4,0.05,,\nhope,40,,,0.9,0.05,,yes\nparticipation_rate,40,,,0.1,,50,yes\n"
    calibration = load_calibration(surveyed_file(tmp_path, rows=rows))
    labels = [own.label for own in calibration.targets]
    figures = pd.DataFrame(np.tile([0.4, 0.4, 0.1], (50, 1)), columns=labels)
    figures.loc[0, labels[2]] = np.nan
    judged = judge(calibration, figures, np.full(50, 0.02))
    assert judged.inside.tolist() == [True, False, True]
    assert judged.held_out.tolist() == [False, True, True]
    assert judged.place[1] == pytest.approx(1.0)
    assert judged.high[0] - judged.low[0] == pytest.approx(2 * 1.645 * 0.05, rel=0.15)
    fitted, held_out = verdict(judged)
    assert fitted == "Figures fitted: 1 of 1 lie in the 90 % interval of simulated surveys."
    assert "1 of 2 lie" in held_out
    assert held_out.endswith("outside: hope in week 40.")


# ---------------------------------------------------------------- the example that comes with the program


def test_the_example_is_the_table_that_the_tool_makes():
    """Its rows and errors; its values as far as a survey of the same truth tells, should the model change."""
    made, kept = synthetic_survey(), pd.read_csv(LAKESIDE.with_name("lakeside_survey.csv"), dtype=str).fillna("")
    same = ["outcome", "week", "group", "standard_error", "n", "held_out"]
    assert made[same].astype(str).to_numpy().tolist() == kept[same].to_numpy().tolist()
    there = kept.value != ""
    assert (~there).sum() == len(MISSING)
    apart = made.value[there.to_numpy()].astype(float).to_numpy() - kept.value[there].astype(float).to_numpy()
    assert np.abs(apart).max() < 0.1


def test_the_table_of_coverage_in_the_docs_is_the_one_that_is_kept():
    kept, text = pd.read_csv(COVERAGE, comment="#"), (ROOT / "docs/survey.md").read_text(encoding="utf-8")
    assert set(kept.key) == {*load_calibration(LAKESIDE).keys, JOINT}
    assert (kept.trials == 100).all()
    for row in as_markdown(kept, []).splitlines():
        assert row in text, row
