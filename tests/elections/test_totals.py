"""Elections of which only totals of votes are known: greedy counts them, and nothing that needs ballots does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli import main
from sim.city import City
from sim.config import Config
from sim.errors import ConfigError
from sim.pabulib import as_text, parse_election
from sim.rules.voting import gini
from sim.tally import count
from tests.elections.test_councils import SOON, events

TOTALS = (
    "META\nkey;value\nbudget;100\nvote_type;totals\nPROJECTS\nproject_id;cost;votes;name;category\n"
    "1;60;20;A;x\n2;50;15;B;x\n3;30;10;C;x\n4;10;10;D;x\n"
)


def test_greedy_counts_totals() -> None:
    # 1 takes 60 of 100, 2 does not fit; of 3 and 4 with 10 votes each the cheaper goes first, and both fit.
    result = count(parse_election(TOTALS), "greedy")
    assert result.winners.tolist() == [True, False, True, True]
    assert (result.spent, result.votes.tolist(), result.scores.tolist()) == (100.0, [20, 15, 10, 10], [20, 15, 10, 10])
    assert result.vote_gini == pytest.approx(gini(np.array([20.0, 15.0, 10.0, 10.0])))
    assert result.voters_with_winner is result.voters_with_choice is None


def test_a_threshold_and_ties_go_by_totals() -> None:
    election = parse_election(TOTALS.replace("vote_type;", "min_project_score_threshold;15\nvote_type;"))
    assert count(election, "greedy").winners.tolist() == [True, False, False, False]
    tied = count(parse_election(TOTALS.replace("100", "70")), "greedy")
    assert tied.winners.tolist() == [True, False, False, True]
    assert tied.lost_by_tie is not None
    assert not tied.lost_by_tie.any()  # 3 costs 30 and would not have fitted
    tied = count(parse_election(TOTALS.replace("100", "90")), "greedy")
    assert tied.lost_by_tie is not None
    assert tied.lost_by_tie.tolist() == [False, False, True, False]


def test_what_is_written_is_read_again() -> None:
    election = parse_election(TOTALS)
    again = parse_election(as_text(election))
    assert again.totals.tolist() == election.totals.tolist()
    assert (again.meta, again.projects, again.votes) == (election.meta, election.projects, ())


def test_the_number_of_voters_may_be_known_and_the_type_be_in_capitals() -> None:
    text = TOTALS.replace("vote_type;totals", "num_votes;1000\nVote_Type;Totals")
    election = parse_election(text)
    assert (election.has_ballots, election.totals.tolist()) == (False, [20, 15, 10, 10])
    with pytest.raises(ConfigError, match="says 5 projects, but there are 4"):
        parse_election(text.replace("num_votes;1000", "num_projects;5"))
    with pytest.raises(ConfigError, match="says 9 votes, but there are 1"):
        parse_election(text.replace("1000", "9").replace("Totals", "approval") + "VOTES\nvoter_id;vote\na;1\n")


@pytest.mark.parametrize(("cell", "digits"), [("1,000", "1000"), ("2.000", "2000"), ("1.234.567", "1234567")])
def test_votes_in_thousands_are_refused(cell: str, digits: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_election(TOTALS.replace("50;15", f"50;{cell}"))
    assert (caught.value.line, caught.value.key) == (8, "votes")
    assert caught.value.problem == f"could be thousands or decimals: write votes without marks, such as {digits}"
    assert parse_election(TOTALS.replace("50;15", "50;212.0")).totals[1] == 212


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        (TOTALS.replace(";votes;", ";supports;"), 5, "votes", "the column is missing from PROJECTS"),
        (TOTALS.replace("50;15", "50;1.5"), 8, "votes", "must be a whole number of votes of at least 0, not '1.5'"),
        (TOTALS.replace("50;15", "50;-1"), 8, "votes", "at least 0, not '-1'"),
        (TOTALS.replace("50;15", "50;"), 8, "votes", "must be a whole number of votes, such as 250, not ''"),
        (TOTALS.replace("50;15", "50;nan"), 8, "votes", "not 'nan'"),
        (TOTALS.replace("50;15", "50;۱۵"), 8, "votes", "must be written in digits 0 to 9"),
        (TOTALS + "VOTES\nvoter_id;vote\na;1\n", 13, "VOTES", "must have no rows where vote_type is totals"),
        (TOTALS.replace("totals", "approval"), None, None, "has no section VOTES"),
    ],
)
def test_what_is_no_total_is_refused(text: str, line: int | None, key: str | None, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_election(text)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert words in caught.value.problem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "totals.pb").write_text(TOTALS, encoding="utf-8")
    return tmp_path / "totals.pb"


def test_the_command_says_what_is_not_known(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", str(file), "--rule", "greedy"]) == 0
    page = capsys.readouterr().out
    assert "votes for 4 projects, as totals, without ballots" in page
    assert "voters with a winner not known: the file has totals of votes, but no ballots" in page
    assert "1  20 votes  60  A" in page
    assert main(["count", str(file), "--rule", "greedy", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["winners"] == ["1", "4", "3"]
    assert {record[key] for key in ("voters", "voters_with_choice", "voters_with_winner_share")} == {None}
    assert main(["count", str(file), "--rule", "greedy", "--lang", "fa"]) == 0
    assert "بدون برگ‌های رأی" in capsys.readouterr().out


def test_equal_shares_is_refused_in_one_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--completion", "none"]):
        assert main(["count", str(file), "--rule", "equal-shares", *more]) == 2
        said = capsys.readouterr().err.splitlines()
        assert len(said) == 1
        assert "Equal Shares needs ballots, and there are only totals of votes" in said[0]


# --- In a city --------------------------------------------------------------------------------------------------------


def city_of(file: Path, **values: Any) -> City:
    own = {"file": str(file), "categories": {"x": "green"}, "round": 1}
    return City(Config(), rng=3, **{**SOON, "city.elections": [own], **values})


def test_a_council_pledges_the_winners_of_totals(file: Path) -> None:
    city = city_of(file).run()
    counted, won = events(city, "election_counted"), events(city, "election_won")
    assert len(counted) > 1
    for neighbourhood in counted.neighbourhood:
        assert [detail.split()[0] for detail in won[won.neighbourhood == neighbourhood].detail] == ["1", "3", "4"]
    first = int(counted.week.iloc[0])
    assert city.history.vote_gini[first] == pytest.approx(gini(np.array([20.0, 15.0, 10.0, 10.0])))
    assert np.isnan(city.history.voters_without_winner_share[first])


def test_a_consulted_council_advises_the_project_with_most_votes(file: Path) -> None:
    city = city_of(file, **{"policy.authority.mode": "consultation", "run.weeks": 30}).run()  # before a second round
    costs = city.projects.cost[city.projects.by_council]
    assert costs.size
    assert (city.projects.category[city.projects.by_council] == 1).all()


def test_ballots_of_others_in_the_same_week_are_still_measured(file: Path) -> None:
    names = city_of(file).geography.names
    own = {"file": str(file), "categories": {"x": "green"}, "neighbourhoods": [names[0]]}
    city = city_of(file, **{"city.elections": [own]}).run()
    week = int(events(city, "election_counted").week.iloc[0])
    assert set(events(city, "election_counted").neighbourhood) == {0}
    assert 0.0 <= city.history.voters_without_winner_share[week] <= 1.0


@pytest.mark.parametrize("when", ["always", "later"])
def test_a_policy_that_needs_ballots_is_refused_before_the_run(file: Path, when: str) -> None:
    rule = {"choice": {"rule": "ballot_equal_shares"}}
    later = {"title": {"en": "a", "fa": "ا"}, "start": 30, "set": rule}
    values = {"timeline": [later]} if when == "later" else {"policy.choice.rule": "ballot_equal_shares"}
    with pytest.raises(ConfigError, match="Equal Shares needs ballots"):
        city_of(file, **values)


def test_an_experiment_with_such_a_policy_is_refused_before_its_runs(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city, out = file.with_name("city.yaml"), file.with_name("out")
    text = "city: {elections: [{file: totals.pb, categories: {x: roads}}]}\npolicy: {choice: {rule: ballot_greedy}}\n"
    city.write_text(text, encoding="utf-8")
    words = ["as_is", "equal_shares_ballot", "--city", str(city), "--replications", "2", "--scale", "0.01"]
    assert main(["compare", *words, "--out", str(out)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "Equal Shares needs ballots" in said[0]
    assert not out.exists()


def test_check_finds_it_too(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    city = file.with_name("city.yaml")
    text = "city: {elections: [{file: totals.pb, categories: {x: roads}}]}\npolicy: {choice: {rule: RULE}}\n"
    for rule, status in (("ballot_greedy", 0), ("ballot_equal_shares", 2), ("council_majority", 0)):
        city.write_text(text.replace("RULE", rule), encoding="utf-8")
        assert main(["check", str(city)]) == status, rule
    assert "Equal Shares needs ballots" in capsys.readouterr().err
