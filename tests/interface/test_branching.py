"""A run that branches off: the same history up to a week, another policy from then on."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import experiments
import sim
from experiments.cli import main

ROOT = Path(__file__).resolve().parents[2]
CITY = ROOT / "configs" / "cities" / "rafsanjan.yaml"
SMALL = {"run.scale": 0.02, "run.weeks": 60, "city.neighbourhoods.count": 10}


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """A policy that takes all of the councils' money away."""
    file = tmp_path_factory.mktemp("policy") / "cut.yaml"
    file.write_text("title: {en: Cut}\nset: {funding.level: 0.1, authority.mode: top_down}\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The results of a run of 40 weeks."""
    folder = tmp_path_factory.mktemp("branching") / "run"
    assert run(str(CITY), "--scale", "0.02", "--weeks", "40", "--out", str(folder)) == 0
    return folder


def run(*words):
    """The exit status of `mahalle run`."""
    return main(["run", *words, *(() if "--no-figure" in words else ("--no-figure",))])


@pytest.mark.parametrize("week", [1, 30, 59])
def test_a_branch_has_the_history_of_a_city_whose_policy_starts_in_that_week(cut, week):
    city = sim.City(sim.load_config(CITY, values=SMALL)).run(week - 1)
    other = sim.branch(city, cut)
    whole = sim.City(other.config).run()
    assert other.run().history.equals(whole.history)
    assert other.events.equals(whole.events)
    assert other.config.timeline[-1].start == week
    plain = city.run().history
    early = plain.week < week
    assert other.history[early].equals(plain[early])
    assert not other.history.equals(plain)
    assert not city.config.timeline


def test_a_branch_without_a_policy_goes_on_as_the_city_would():
    city = sim.City(sim.load_config(CITY, values=SMALL)).run(20)
    other = sim.branch(city)
    assert other.run().history.equals(city.run().history)


def test_policies_keep_later_weeks_of_their_own(cut, tmp_path):
    later = tmp_path / "later.yaml"
    later.write_text(cut.read_text(encoding="utf-8") + "start: 50\n", encoding="utf-8")
    city = sim.City(sim.load_config(CITY, values=SMALL)).run(20)
    assert [item.start for item in sim.branch(city, cut, later).config.timeline] == [21, 50]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("end: 21\n", "policy.yaml:3: end: week 21 is over: the policy cannot be in force before week 21"),
        (
            "shocks: [{kind: scandal, week: 9, size: 1.0, blamed: municipality}]\n",
            "policy.yaml:3: shocks: week 9 is over: the policy cannot be in force before week 21",
        ),
    ],
)
def test_what_is_over_cannot_be_changed(cut, tmp_path, more, said):
    file = tmp_path / "policy.yaml"
    file.write_text(cut.read_text(encoding="utf-8") + more, encoding="utf-8")
    city = sim.City(sim.load_config(CITY, values=SMALL)).run(20)
    with pytest.raises(sim.ConfigError) as error:
        sim.branch(city, file)
    assert str(error.value).endswith(said)
    assert not city.config.timeline


def test_results_of_a_run_branch_off_on_the_command_line(folder, cut, tmp_path):
    out = tmp_path / "branch"
    assert run("--from", str(folder), "--week", "20", "--policy", str(cut), "--out", str(out)) == 0
    before, after = experiments.load(folder), experiments.load(out)
    early = before.city.week < 20
    assert after.city[early].equals(before.city[early])
    assert not after.city.equals(before.city)
    assert after.config.timeline[-1].start == 20
    again = tmp_path / "again"
    assert run(str(out / "config.yaml"), "--out", str(again)) == 0
    assert experiments.load(again).city.equals(after.city)


def test_a_branch_may_run_longer_than_what_it_branches_off_from(folder, cut, tmp_path):
    out = tmp_path / "longer"
    assert run("--from", str(folder), "--week", "39", "--policy", str(cut), "--weeks", "50", "--out", str(out)) == 0
    assert experiments.load(out).city.week.max() == 50


def test_a_past_that_has_changed_is_refused_and_nothing_is_written(folder, cut, tmp_path, capsys):
    table = folder / "city.parquet"
    kept = table.read_bytes()
    other = pd.read_parquet(table)
    other.loc[7, "trust_in_people"] += 1e-9
    other.to_parquet(table, index=False)
    try:
        words = ("--from", str(folder), "--week", "20", "--policy", str(cut), "--out", str(tmp_path / "out"))
        assert run(*words) == 2
        assert "trust_in_people is another before week 20" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()
        assert run("--from", str(folder), "--week", "7", "--policy", str(cut), "--out", str(tmp_path / "out")) == 0
    finally:
        table.write_bytes(kept)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--week", "41"), "--week: must be from 1 to 40, the weeks of the run"),
        (("--week", "9", "--seed", "3"), "--seed: not with --from: the run would be another"),
        (("--week", "9", "--set", "run.scale=0.1"), "--set: not with --from"),
        (("--week", "9", "--run-id", "0"), "--run-id: not with the folder of a single run"),
        ((), "--from needs --run-id (of a sweep), or --week"),
    ],
)
def test_wrong_requests_end_in_one_line(folder, words, said, capsys):
    assert run("--from", str(folder), *words) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert run("--from", str(tmp_path), "--week", "3") == 2
    assert "is not the folder of a run; a run of a sweep needs --run-id" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------ experiments.load


def test_whatever_a_command_made_is_read_by_one_function(tmp_path, folder):
    small = ("--scale", "0.02", "--weeks", "30", "--replications", "3", "--quiet", "--no-figure")
    policies = ROOT / "configs" / "policies"
    compared = tmp_path / "compared"
    words = (str(policies / "status_quo.yaml"), str(policies / "full_programme.yaml"))
    assert main(["compare", *words, *small, "--out", str(compared)]) == 0
    found = experiments.load(compared)
    assert type(found).__name__ == "Comparison"
    assert found.contrasts.replications.max() == 3
    assert type(experiments.load(folder)).__name__ == "Run"


def test_what_no_command_made_or_finished_is_not_read(tmp_path):
    with pytest.raises(sim.ConfigError, match="is not a folder that a command of mahalle made"):
        experiments.load(tmp_path)
    (tmp_path / "manifest.json").write_text(
        json.dumps({"made_by": "mahalle run", "files": {}, "model_digest": ""}), encoding="utf-8"
    )
    with pytest.raises(sim.ConfigError, match="holds no whole result of mahalle run"):
        experiments.load(tmp_path)
