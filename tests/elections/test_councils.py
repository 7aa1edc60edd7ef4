"""A council that holds a real election: its projects, its ballots, its winners; and nothing else changes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.cli import main
from experiments.resolved import as_yaml, own_files, with_absolute_files
from sim.cautions import CautionWarning
from sim.city import City
from sim.config import Config, load_config
from sim.elections import ElectionSource, open_elections
from sim.errors import ConfigError
from sim.neighbourhoods import CATEGORIES
from sim.pabulib import read_election
from sim.tally import count

EXAMPLE = Path(__file__).resolve().parents[2] / "configs" / "cities" / "own_data"
FILE = EXAMPLE / "ballot.pb"
MAPPED = {
    "streets": "roads",
    "safety": "health",
    "greenery": "green",
    "sport": "sport",
    "education": "culture",
    "environment": "waste",
    "health": "health",
}
SOON = {
    "run.scale": 0.02,
    "run.weeks": 40,
    "policy.rollout.order": "at_once",
    "policy.rollout.milestones": [{"week": 1, "share": 1.0}],
    "behaviour.choice.first_round_after_weeks": 8,
    "behaviour.choice.round_interval_weeks": 26,
    "policy.choice.rule": "ballot_greedy",
    "policy.authority.delegated_share": 1.0,
}


def election(**more: Any) -> dict[str, Any]:
    return {"file": str(FILE), "categories": MAPPED, **more}


def run(elections: list[dict[str, Any]], **values: Any) -> City:
    keys = {key.replace("__", "."): value for key, value in values.items()}
    return City(Config(), rng=3, **{**SOON, "city.elections": elections, **keys}).run()


def events(city: City, name: str) -> Any:
    return city.events[city.events.event == name]


@pytest.mark.parametrize(("rule", "own"), [("ballot_greedy", "greedy"), ("ballot_equal_shares", "equal_shares")])
def test_the_files_winners_are_pledged_and_fit_the_money(rule: str, own: Any) -> None:
    city = run([election(neighbourhoods=[], round=1)], policy__choice__rule=rule)
    read = read_election(FILE)
    winners = np.flatnonzero(count(read, own).winners)
    assert 0 < winners.size < len(read.ids)
    counted = events(city, "election_counted")
    assert len(counted) == (city.institutions.councils.rounds > 0).sum() > 0
    for neighbourhood in counted.neighbourhood:
        won = events(city, "election_won")
        here = won[won.neighbourhood == neighbourhood]
        assert [detail.split()[0] for detail in here.detail] == [read.ids[j] for j in winners]
        # Relative costs are the file's; their sum is the file's spending as a share of the council's money.
        assert np.allclose(here.amount / here.amount.sum(), read.costs[winners] / read.costs[winners].sum())
        first = read.listed("category")[int(winners[0])][0]
        assert here.category.iloc[0] == MAPPED[first]
        assert "; for " in here.detail.iloc[0]
    # Pledged from the delegated account, at those costs.
    pledged = city.projects.cost[city.projects.by_council & (city.projects.start_week <= counted.week.max())]
    assert np.isclose(pledged, events(city, "election_won").amount.to_numpy()[:, None]).any(axis=1).all()
    assert abs(city.money.books.discrepancy()) < 1e-6


def test_costs_are_scaled_to_what_the_council_may_commit() -> None:
    city = City(Config(), rng=3, **{**SOON, "city.elections": [election()]})
    while not city.institutions.councils.convened.any():
        city.step()
    city.run_for(4)
    row = int(np.flatnonzero(city.institutions.councils.convened)[0])
    proposals = city.institutions.council_agents[row].propose()
    read = read_election(FILE)
    assert np.allclose(proposals.cost / city.money.worth_of_credit(row), read.costs / read.budget)
    assert [CATEGORIES[c] for c in proposals.category] == [MAPPED[own[0]] for own in read.listed("category")]


def test_only_the_round_and_the_neighbourhood_named_are_concerned() -> None:
    names = City(Config(), rng=3, **{**SOON, "run.weeks": 1}).geography.names
    city = run([election(neighbourhoods=[names[4]], round=2)])
    counted = events(city, "election_counted")
    assert counted.neighbourhood.tolist() == [4]
    assert city.institutions.councils.rounds[4] == 2
    without = run([])
    before = int(counted.week.iloc[0]) - 1
    assert city.history[:before].equals(without.history[:before])
    assert not city.history.equals(without.history)
    # Elsewhere the same works are pledged in that week.
    assert works_elsewhere(city, before + 1, 4) == works_elsewhere(without, before + 1, 4)


def works_elsewhere(city: City, week: int, row: int) -> list[tuple[int, int, float]]:
    """Works begun up to a week outside a neighbourhood: where, which category, at what cost."""
    works = city.projects
    chosen = np.flatnonzero((works.start_week <= week) & (works.neighbourhood != row))
    columns = (works.neighbourhood[chosen], works.category[chosen], works.cost[chosen])
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_where_residents_do_not_vote_a_file_changes_no_draw() -> None:
    values = {"policy__choice__rule": "council_majority"}
    assert run([election()], **values).history.equals(run([], **values).history)


def test_the_ballots_of_the_file_are_what_is_measured() -> None:
    city = run([election(round=1)])
    read = read_election(FILE)
    result = count(read, "greedy")
    first = int(events(city, "election_counted").week.iloc[0])
    assert city.history.vote_gini[first] == pytest.approx(result.vote_gini)
    lost = 1 - result.voters_with_winner / result.voters_with_choice
    assert city.history.voters_without_winner_share[first] == pytest.approx(lost)


def test_a_consulted_council_advises_the_files_first_choice() -> None:
    city = run([election()], policy__authority__mode="consultation")
    promised = city.projects.by_council
    assert promised.any()
    assert set(city.projects.category[promised].tolist()) == {CATEGORIES.index("roads")}
    assert (city.projects.cost[promised] > 0).all()


def with_threshold(folder: Path, lowest: int) -> Path:
    """The file of the example with a lowest number of votes."""
    own = folder / "ballot.pb"
    text = FILE.read_text(encoding="utf-8")
    own.write_text(text.replace("\nbudget;", f"\nmin_project_score_threshold;{lowest}\nbudget;", 1), encoding="utf-8")
    return own


@pytest.mark.parametrize("rule", ["greedy", "equal_shares"])
def test_a_project_with_too_few_votes_wins_in_no_council(rule: Any, tmp_path: Path) -> None:
    plain = count(read_election(FILE), rule)
    lowest = int(plain.scores[plain.winners].min()) + 1  # one of the winners is left out
    path = with_threshold(tmp_path, lowest)
    result = count(read_election(path), rule)
    assert (result.below_threshold & plain.winners).any()
    city = run([election(file=str(path), round=1)], policy__choice__rule=f"ballot_{rule}")
    first = events(city, "election_won").groupby("neighbourhood").detail.apply(lambda own: {d.split()[0] for d in own})
    assert len(first) > 0
    assert all(own == {result_id(path, j) for j in np.flatnonzero(result.winners)} for own in first)


def result_id(path: Path, project: int) -> str:
    return read_election(path).ids[project]


def test_nothing_is_promised_where_every_project_has_too_few_votes(tmp_path: Path) -> None:
    path = with_threshold(tmp_path, 1_000_000)
    city = run([election(file=str(path))], policy__authority__mode="consultation")
    assert (city.institutions.councils.rounds > 0).any()
    assert not city.projects.by_council.any()


def test_a_council_without_money_chooses_nothing() -> None:
    city = run([election()], policy__funding__level=0.0)
    assert len(events(city, "election_counted")) > 0
    assert len(events(city, "election_won")) == 0


@pytest.mark.parametrize(
    ("more", "key", "words"),
    [
        ({"categories": {**MAPPED, "streets": "road"}}, "city.elections[0].categories.streets", "roads"),
        ({"categories": {k: v for k, v in MAPPED.items() if k != "safety"}}, "categories", "of category 'safety': map"),
        ({"neighbourhoods": ["Nowhere"]}, "city.elections[0].neighbourhoods", "no neighbourhood is named 'Nowhere'"),
        ({"file": ""}, "city.elections[0].file", "missing"),
        ({"file": "none.pb"}, None, "no such file"),
        ({"round": 0}, "round", "1"),
        ({"rounds": 1}, "rounds", 'did you mean "round"'),
    ],
)
def test_what_cannot_be_held_is_refused_in_one_line(more: dict[str, Any], key: str | None, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run([election(**more)])
    assert words in caught.value.problem
    assert "\n" not in str(caught.value)
    assert key is None or key in str(caught.value.key)


def test_a_neighbourhood_in_other_letters_is_matched_with_a_caution() -> None:
    source = ElectionSource(file="ballot.pb", neighbourhoods=("علي آباد",), categories=MAPPED)
    with pytest.warns(CautionWarning, match=r"city\.elections\[0\].*U\+064A for U\+06CC"):
        (opened,) = open_elections([source], ["Bagh", "علی آباد"], EXAMPLE)
    assert opened.rows == {1}


def test_two_elections_in_one_round_are_refused() -> None:
    with pytest.raises(ConfigError, match="in the same round of"):
        run([election(round=1), election()])
    run([election(round=1), election(round=2)], run__weeks=1)


def test_the_example_runs_and_check_finds_a_category_that_is_not_mapped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "own"))
    city = City(load_config(folder / "ballot_town.yaml", values={"run.scale": 0.1})).run(60)
    assert len(events(city, "election_counted")) > 0
    assert main(["check", str(folder / "ballot_town.yaml")]) == 0
    capsys.readouterr()
    config = folder / "ballot_town.yaml"
    text = config.read_text(encoding="utf-8").replace("        sport: sport\n", "")
    config.write_text(text, encoding="utf-8")
    assert main(["check", str(config)]) == 2
    line = 1 + text.splitlines().index("      categories:")
    assert capsys.readouterr().err.startswith(f"{config}:{line}: city.elections[0].categories: project 'S1' of ")


def test_a_written_config_finds_its_election_again(tmp_path: Path) -> None:
    config = with_absolute_files(load_config(EXAMPLE / "ballot_town.yaml"))
    assert own_files(config)["city.elections[0].file"] == FILE.resolve()
    (tmp_path / "config.yaml").write_text(as_yaml(config), encoding="utf-8")
    assert load_config(tmp_path / "config.yaml").city.elections == config.city.elections
