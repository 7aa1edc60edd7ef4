"""What `mahalle run` says of the real elections that a city holds: counted by hand from the run's own events."""

from __future__ import annotations

import json
import shutil

import pytest

from experiments.cli import main
from experiments.elections_held import elections_held
from sim.pabulib import read_election
from sim.tally import count
from tests.elections.test_councils import FILE, SOON, election, events, run

READ = read_election(FILE)
FILES_AND_ROUNDS = (("2023", 1), ("2024", 2))


def held(city):
    return elections_held(city.events, city.elections)


def test_a_summary_says_what_was_counted_and_funded():
    city = run([election(round=1)])
    councils = len(events(city, "election_counted"))
    winners = count(READ, "greedy").winners
    (row,) = held(city)
    assert (row["file"], row["rule"], row["times"]) == ("ballot.pb", "greedy", councils)
    assert (row["ballots"], row["projects"]) == (len(READ.points), len(READ.ids))
    assert row["won"] == councils * winners.sum() > 0
    assert row["struck"] == 0
    assert row["share_of_budget"] == pytest.approx(READ.costs[winners].sum() / READ.budget)
    assert row["spent"] == pytest.approx(events(city, "election_won").amount.sum())
    weeks = events(city, "election_counted").week
    assert (row["first_week"], row["last_week"]) == (weeks.min(), weeks.max())


def test_what_a_veto_strikes_is_not_funded():
    city = run([election()], policy__authority__veto="municipality", behaviour__choice__veto_strictness=1.0)
    struck = events(city, "project_vetoed")
    (row,) = held(city)
    assert len(struck) > 0
    assert row["struck"] == len(struck)
    pledged = row["won"] - row["struck"]
    assert row["spent"] == pytest.approx(events(city, "election_won").amount.sum() - struck.amount.sum())
    assert 0 < pledged < row["won"]


def test_files_of_one_name_in_two_folders_are_told_apart(tmp_path):
    for folder, _ in FILES_AND_ROUNDS:
        (tmp_path / folder).mkdir()
        shutil.copy(FILE, tmp_path / folder)
    elections = [election(file=str(tmp_path / folder / FILE.name), round=turn) for folder, turn in FILES_AND_ROUNDS]
    city = run(elections)
    first, second = held(city)
    assert (first["file"], second["file"]) == ("ballot.pb", "ballot.pb (2)")
    assert first["last_week"] < second["first_week"]
    assert first["times"] + second["times"] == len(events(city, "election_counted"))


def test_an_election_without_a_round_or_a_vote_is_named():
    early, later = held(run([election(round=1), election(round=9)]))
    assert early["times"] > 0
    assert (later["times"], later["rule"]) == (0, None)
    (asked,) = held(run([election()], policy__authority__mode="consultation"))
    assert asked["times"] == 0


def test_the_command_prints_them_in_both_languages(tmp_path, capsys):
    text = json.dumps({"city": {"elections": [election(round=1), election(round=9)]}}, ensure_ascii=False)
    (tmp_path / "city.yaml").write_text(text, encoding="utf-8")
    values = [word for key, value in SOON.items() for word in ("--set", f"{key}={json.dumps(value)}")]
    command = ["run", str(tmp_path / "city.yaml"), *values, "--no-figure", "--fresh", "--out", str(tmp_path / "run")]
    assert main(command) == 0
    said = capsys.readouterr().out
    (kept, _) = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))["elections"]
    assert "Real elections counted in councils" in said
    row = next(line for line in said.splitlines() if line.startswith("ballot.pb "))
    assert row.split()[:4] == ["ballot.pb", "greedy", str(len(READ.points)), "ballots"]
    assert f"{kept['won']} of {kept['times'] * len(READ.ids)}" in row
    assert "Not counted in this run: ballot.pb (2)." in said
    assert main([*command, "--lang", "fa"]) == 0
    said = capsys.readouterr().out
    assert "رأی‌گیری‌های واقعی شمرده‌شده" in said
    assert "در این اجرا شمرده نشده: ballot.pb (2)." in said


def test_a_city_without_elections_prints_nothing_of_them(tmp_path, capsys):
    command = ["run", "lakeside", "--weeks", "2", "--scale", "0.05", "--no-figure", "--out", str(tmp_path / "run")]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Real elections" not in said
    assert "Not counted" not in said
    assert json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))["elections"] == []
