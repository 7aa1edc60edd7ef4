"""One study: every analysis offers the same options by the same names, and every folder can be verified."""

from __future__ import annotations

import inspect
import json
import shutil
import time
from types import SimpleNamespace

import pandas as pd
import pytest

import experiments
from experiments import cli
from experiments.calibration import command as calibrating
from experiments.commands import calibrate, compare, sensitivity, sweep, validate
from experiments.contrasts.command import Request, default_folder
from experiments.sweeps import command as sweeping
from experiments.sweeps.reader import load_experiment
from experiments.validation import command as validating
from tests.calibration.conftest import SHORT, tiny

STATUS_QUO, RAFSANJAN = "configs/policies/status_quo.yaml", "configs/cities/rafsanjan.yaml"
ALL = {"out", "quiet", "debug", "workers", "executor", "scheduler", "csv"}
KEPT = {"fresh", "retry_failed", "dry_run"}
SHORT_COMPARISON = ("--replications", "2", "--scale", "0.005", "--weeks", "3", "--workers", "1", "--no-figure")


def mahalle(*words, status=0):
    assert cli.main([str(word) for word in words]) == status


def options_of(command):
    return set(inspect.signature(command).parameters)


@pytest.mark.parametrize(
    ("command", "more"),
    [
        (sweep.sweep, KEPT | {"shard", "accept_code_change"}),
        (compare.compare, KEPT | {"accept_code_change"}),
        (sensitivity.sensitivity, KEPT | {"accept_code_change"}),
        (calibrate.calibrate, KEPT),
        (validate.validate, KEPT),
    ],
)
def test_a_command_offers_the_options_that_its_analysis_can_honour(command, more):
    offered = options_of(command)
    assert ALL | more <= offered
    assert not (KEPT | {"shard", "accept_code_change"}) - more & offered


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A comparison under another assumption."""
    folder = tmp_path_factory.mktemp("compared") / "out"
    words = ("--set", "behaviour.trust.rule=anchored_averaging", "--out", folder, "--quiet", "--csv")
    mahalle("compare", STATUS_QUO, "as_is", *words, *SHORT_COMPARISON)
    return folder


def test_a_comparison_takes_settings_as_a_run_does(compared):
    experiment = load_experiment(compared / "experiment.yaml")
    assert experiment.base.behaviour.trust.rule == "anchored_averaging"
    assert experiment.base.run.scale == 0.005
    assert (compared / "contrasts.csv").is_file()
    found = experiments.load(compared)
    assert (found.sweep.runs.status == "done").all()


def test_a_setting_that_has_an_option_of_its_own_is_refused(capsys):
    mahalle("compare", STATUS_QUO, "as_is", "--set", "run.scale=0.01", *SHORT_COMPARISON, status=2)
    assert capsys.readouterr().err.strip() == "--set run.scale: has its own option: --scale"
    mahalle("compare", STATUS_QUO, "as_is", "--set", "behaviour.trust.rul=x", *SHORT_COMPARISON, status=2)
    [line] = capsys.readouterr().err.strip().splitlines()
    assert line == '--set: behaviour.trust.rul: unknown key; did you mean "rule"?'


def test_two_cities_and_other_settings_have_folders_of_their_own(tmp_path):
    names = ("status_quo", "as_is")

    def folder(**more):
        return default_folder(Request(base=STATUS_QUO, policies=("as_is",), **more), names)

    other = tmp_path / "kerman.yaml"
    assert str(folder()) == "results/compare-rafsanjan-status_quo-as_is"
    assert str(folder(city=other)) == "results/compare-kerman-status_quo-as_is"
    assert str(folder(mechanisms=True)) == "results/mechanisms-rafsanjan-status_quo-as_is"
    changed = {str(folder(settings=(f"behaviour.trust.loss_to_gain_ratio={value}",))) for value in (1.5, 2.5)}
    assert len(changed) == 2
    assert all(name.startswith("results/compare-rafsanjan-status_quo-as_is-") for name in changed)


def test_a_dry_run_of_any_study_runs_nothing(tmp_path, capsys):
    out = tmp_path / "out"
    words = ("--out", out, "--dry-run")
    mahalle("compare", STATUS_QUO, "as_is", *words, *SHORT_COMPARISON)
    assert "4 runs" in capsys.readouterr().out
    mahalle("calibrate", tiny(tmp_path, **SHORT), *words, "--workers", "2")
    said = capsys.readouterr().out
    assert "3 parameters, fitted to 1 figure" in said
    assert "3 generations of 10 particles\nat least 30 runs, " in said
    assert not out.exists()


@pytest.mark.parametrize("command", ["compare", "calibrate", "validate"])
def test_a_dry_run_does_not_time_the_compiler(command, tmp_path, monkeypatch):
    module = {"compare": sweeping, "calibrate": calibrating, "validate": validating}[command]
    words = {
        "compare": (STATUS_QUO, "as_is", *SHORT_COMPARISON),
        "calibrate": (tiny(tmp_path, **SHORT),),
        "validate": (RAFSANJAN, "--set", "run.weeks=4", "--scale", "0.002", "--pattern", "13"),
    }[command]
    events = []
    monkeypatch.setattr(module, "run_once", lambda: events.append("compiled"))
    clock = SimpleNamespace(perf_counter=lambda: events.append("clock") or time.perf_counter())
    monkeypatch.setattr(module, "time", clock)
    mahalle(command, *words, "--out", tmp_path / "out", "--dry-run")
    assert events[events.index("compiled") :].count("clock") >= 2  # begun and ended after it


def test_a_calibration_is_verified_as_a_sweep_is(tmp_path, capsys):
    out = tmp_path / "out"
    mahalle(
        "calibrate",
        tiny(tmp_path, **{**SHORT, "thresholds": "[4]"}),
        "--out",
        out,
        "--quiet",
        "--csv",
        "--workers",
        "1",
    )
    assert (out / "posterior.csv").is_file()
    mahalle("verify", out, "--sample", "3")
    assert capsys.readouterr().out.strip().endswith("no faults")
    table = pd.read_parquet(out / "runs.parquet")
    table.loc[:, "1 share of residents"] += 1e-9
    table.to_parquet(out / "runs.parquet", index=False)
    mahalle("verify", out, "--sample", "1", status=1)
    said = capsys.readouterr().err
    assert "runs.parquet has changed since it was written" in said
    assert "1 share of residents is" in said


def test_a_comparison_is_verified_with_what_was_made_of_it(compared, tmp_path, capsys):
    mahalle("verify", compared, "--sample", "1")
    assert capsys.readouterr().out.strip().endswith("no faults")
    shutil.copytree(compared, tmp_path / "out")
    (tmp_path / "out/contrasts.parquet").write_bytes(b"other")
    mahalle("verify", tmp_path / "out", "--sample", "0", status=1)
    assert "contrasts.parquet has changed since it was written" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_run_and_a_validation_are_verified(command, tmp_path, capsys):
    out = tmp_path / "out"
    some = ("--replications", "1", "--pattern", "13", "--pattern", "28")
    few = {"run": ("--no-figure",), "validate": some}
    words = ("--scale", "0.005", "--set", "run.weeks=3", "--out", out, "--quiet")
    mahalle(command, RAFSANJAN, *few[command], *words)
    mahalle("verify", out, "--sample", "1")
    assert capsys.readouterr().out.strip().endswith("runs repeated: 0; no faults")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    name = {"run": "city.parquet", "validate": "patterns.md"}[command]
    manifest["files"][name] = "0" * 64
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    mahalle("verify", out, "--sample", "1", status=1)
    said = capsys.readouterr().err
    assert f"{name} has changed" in said
    assert ("the run gives a different city.parquet" in said) == (command == "run")


def test_a_folder_of_nobody_is_refused(tmp_path, capsys):
    mahalle("verify", tmp_path, status=2)
    assert "is not a folder that a command of mahalle made" in capsys.readouterr().err
