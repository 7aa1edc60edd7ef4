"""Counting files: known winners by hand, pabutools on random files of all ballot types, and the command."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from experiments.cli import main
from experiments.counting import as_page
from sim.pabulib import Election, parse_election, read_election
from sim.tally import Completion, Rule, count
from tests.languages import numbers_in

FILES = Path(__file__).parent / "files"


def winners(election: Election, rule: Rule, completion: Completion = "add1") -> list[str]:
    return [election.ids[j] for j in np.flatnonzero(count(election, rule, completion).winners)]


# --- By hand ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "greedy", "none", "add1"),
    [
        # 10 each. A-1: six pay 50/6 and have 10 left together; four pay 10 each for B. No raise buys A-2 under 100.
        ("approval", ["A-1", "A-2"], ["A-1", "B"], ["A-1", "B"]),
        # 30/7 each buys nothing. Add1: at 30/7 + 1 two pay for 3, at + 3 three pay for 1; at + 6 all three cost 50.
        ("choose-1", ["1", "3"], [], ["1", "3"]),
        # 5 each. X: 10 < 15. Y: voter 3 should pay 7.5/11 of 10, has 5; voter 1 pays the other 5. Z: 5.
        # Add1: from 8 each X comes first (rho 7/55/15 < 10/110/10) and Y has 8 < 10, at 10 each all three cost 30.
        ("cumulative", ["X", "Z"], ["Y", "Z"], ["X", "Z"]),
        # Sums with a default of 1: p 2, q 0, r 5; after r nothing fits. 10/3 each: r costs 4, split 1:1:3.
        ("scoring", ["r"], ["r"], ["r"]),
        # Borda: b 7, a 5 (does not fit), c 4, d 1. 2 each: voter 3 pays 2 of b's 5, 1 and 2 the rest; d has its voter.
        ("ordinal", ["b", "c", "d"], ["b", "d"], ["b", "c", "d"]),
    ],
)
def test_known_winners(file: str, greedy: list[str], none: list[str], add1: list[str]) -> None:
    election = read_election(FILES / f"{file}.pb")
    assert winners(election, "greedy") == greedy
    assert winners(election, "equal_shares", "none") == none
    assert winners(election, "equal_shares", "add1") == add1


def test_scores_are_those_the_files_state() -> None:
    for file, column in (("approval", "votes"), ("choose-1", "votes"), ("cumulative", "score"), ("ordinal", "score")):
        election = read_election(FILES / f"{file}.pb")
        stated = [float(cell) for cell in election.column(column)]
        assert count(election, "greedy").scores.tolist() == stated, file


def test_a_threshold_keeps_projects_out() -> None:
    text = (FILES / "approval.pb").read_text(encoding="utf-8")
    election = parse_election(text.replace("max_length;2", "max_length;2\nmin_project_score_threshold;5"))
    result = count(election, "equal_shares")
    assert result.below_threshold.tolist() == [False, False, True]
    assert winners(election, "equal_shares") == ["A-1", "A-2"]


def test_what_a_count_reports() -> None:
    result = count(read_election(FILES / "approval.pb"), "greedy")
    assert (result.spent, result.voters_with_winner, result.voters_with_choice) == (100.0, 6, 10)
    assert result.vote_gini == pytest.approx((2 * 2 + 2 * 2) / (2 * 3 * 16))  # B is 2 below two others


# --- pabutools --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oracle() -> SimpleNamespace:
    """pabutools: its own parser, and utilities as docs/elections.md states them."""
    rules: Any = pytest.importorskip("pabutools.rules")
    election: Any = pytest.importorskip("pabutools.election")
    pabulib: Any = pytest.importorskip("pabutools.election.pabulib")
    satisfaction: Any = pytest.importorskip("pabutools.election.satisfaction.additivesatisfaction")
    tie_breaking: Any = pytest.importorskip("pabutools.tiebreaking")

    def sat_class(kind: str) -> type:
        """Approvals: cost. Points: points · cost. Ordinal: pabutools' Borda points, and one more, · cost."""
        if kind in ("approval", "choose-1"):
            return election.Cost_Sat  # type: ignore[no-any-return]

        def utility(_instance: Any, _profile: Any, ballot: Any, project: Any, _values: Any) -> Any:
            if kind == "ordinal":
                return (len(ballot) - ballot.index(project)) * project.cost if project in ballot else 0
            return ballot.get(project, 0) * project.cost

        class PointsTimesCost(satisfaction.AdditiveSatisfaction):  # type: ignore[misc]
            def __init__(self, instance: Any, profile: Any, ballot: Any) -> None:
                super().__init__(instance, profile, ballot, utility)

        return PointsTimesCost

    return SimpleNamespace(
        rules=rules,
        parse=pabulib.parse_pabulib_from_string,
        TieBreakingRule=tie_breaking.TieBreakingRule,
        sat_class=sat_class,
    )


def random_file(seed: int) -> str:
    """A small election as text; costs and ballots repeat often, so that ties are common."""
    draw = np.random.default_rng(seed)
    kind = ("approval", "ordinal", "cumulative", "scoring", "choose-1")[seed % 5]
    projects, voters = int(draw.integers(1, 7)), int(draw.integers(1, 12))
    costs = draw.integers(1, [4, 12, 100][seed // 5 % 3] + 1, projects)
    longest = 1 if kind == "choose-1" else projects
    budget = round(float(costs.sum() * draw.choice([0.3, 0.5, 0.8, 1.1])))
    rows = []
    for voter in range(voters):
        size = int(draw.integers(kind == "choose-1", longest + 1))
        chosen = draw.permutation(projects)[:size]
        points = draw.integers(1, [2, 4, 11][seed // 15 % 3], size)
        cells = [str(voter), ",".join(f"p{j}" for j in chosen)]
        if kind in ("cumulative", "scoring"):
            cells = [*cells, ",".join(f"{point / 2:g}" for point in points)] if size else [str(voter), "None", "None"]
        rows.append(cells)
    if seed % 2:
        rows = [[str(voter), *rows[int(draw.integers(0, voters))][1:]] for voter in range(voters)]
    meta = ["META", "key;value", f"budget;{budget}", f"vote_type;{kind}", f"max_length;{longest}"]
    listed = ["PROJECTS", "project_id;cost", *(f"p{j};{cost}" for j, cost in enumerate(costs))]
    header = "voter_id;vote;points" if kind in ("cumulative", "scoring") else "voter_id;vote"
    return "\n".join([*meta, *listed, "VOTES", header, *(";".join(row) for row in rows)]) + "\n"


def pabutools_winners(oracle: SimpleNamespace, text: str, kind: str, rule: str) -> list[str]:
    """The same text read and counted by pabutools; ties go to the cheaper project, then to the earlier."""
    instance, profile = oracle.parse(text)
    options = {
        "sat_class": oracle.sat_class(kind),
        "tie_breaking": oracle.TieBreakingRule(lambda _i, _p, project: (project.cost, int(project.name[1:]))),
    }
    shares, by_points = oracle.rules.method_of_equal_shares, oracle.rules.greedy_utilitarian_welfare
    if rule == "greedy":
        outcome = by_points(instance, profile, **options)
    elif rule == "none":
        outcome = shares(instance, profile, **options)
    else:
        voters = profile.num_ballots()
        bound = voters * (int(sum(project.cost for project in instance)) + 1)
        raised = oracle.rules.exhaustion_by_budget_increase(
            instance, profile, shares, dict(options), exhaustive_stop=False, budget_step=voters, budget_bound=bound
        )
        outcome = by_points(instance, profile, **options, initial_budget_allocation=raised)
    return sorted(project.name for project in outcome)


@pytest.mark.parametrize("block", range(5))
def test_random_files_of_all_ballot_types_agree_with_pabutools(oracle: SimpleNamespace, block: int) -> None:
    for seed in range(100 * block, 100 * block + 100):
        text = random_file(seed)
        election = parse_election(text)
        kind = election.vote_type
        assert sorted(winners(election, "greedy")) == pabutools_winners(oracle, text, kind, "greedy"), seed
        for completion in ("none", "add1"):
            ours = sorted(winners(election, "equal_shares", completion))  # type: ignore[arg-type]
            assert ours == pabutools_winners(oracle, text, kind, completion), (seed, kind, completion)


# --- The command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", str(FILES / "approval.pb"), "--rule", "equal-shares", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["winners"] == ["A-1", "B"]
    assert (found["rule"], found["completion"], found["spent"], found["voters"]) == ("equal-shares", "add1", 90.0, 10)
    assert found["voters_with_winner"] == 10
    assert found["official"]["only_counted"] == ["B"]
    assert found["official"]["only_official"] == ["A-2"]
    assert main(["count", str(FILES / "approval.pb"), "--rule", "greedy", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["winners"], found["completion"]) == (["A-1", "A-2"], None)
    assert found["official"]["same_winners"] is True


def test_the_command_prints_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(FILES / "cumulative.pb")
    assert main(["count", file, "--rule", "equal-shares", "--completion", "none"]) == 0
    page = capsys.readouterr().out
    assert "completion none" in page
    assert "15 (75.0%)" in page
    assert "only official      X" in page
    assert main(["count", str(FILES / "scoring.pb"), "--rule", "greedy"]) == 0
    assert "does not say who won" in capsys.readouterr().out


EQUALS = """META\nkey;value\nbudget;{budget}\nvote_type;approval
PROJECTS\nproject_id;cost\nx;50\ny;50\nz;50\nw;10\ndear;99
VOTES\nvoter_id;vote\n1;x,y,z,dear\n2;x,y,z,dear\n"""


def page_of(text: str, path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    path.write_text(text, encoding="utf-8")
    assert main(["count", str(path), "--rule", "greedy"]) == 0
    return capsys.readouterr().out.splitlines()


def test_who_lost_and_why_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Money for two of three with equal votes; for a dear one with as many, too, had it come first."""
    page = page_of(EQUALS.format(budget=100), tmp_path / "f.pb", capsys)
    why = "as many votes as a winner; the cheaper, then the earlier in the file goes first"
    assert f"lost by a tie        z, dear: {why}" in page
    assert page[page.index("won") :] == [
        "won", "  x  2 votes  50", "  y  2 votes  50",
        "lost", "  z     2 votes  50", "  dear  2 votes  99", "  w     0 votes  10",
    ]  # fmt: skip
    # What could not be paid from the whole budget lost for its cost, not by a tie; what nobody voted for may win.
    page = page_of(EQUALS.format(budget=60), tmp_path / "f.pb", capsys)
    assert f"lost by a tie        y, z: {why}" in page
    assert "won without a vote   w: money was left" in page


def test_what_could_not_win_is_named_with_the_reason(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = EQUALS.format(budget=60).replace("budget;60", "budget;60\nmin_project_score_threshold;1")
    assert "could not win        w: below 1 vote" in page_of(text, tmp_path / "f.pb", capsys)
    text = """META\nkey;value\nbudget;9\nvote_type;scoring\nPROJECTS\nproject_id;cost\na;5\nb;4
VOTES\nvoter_id;vote;points\n1;a,b;3,-2\n2;b;1\n"""
    page = page_of(text, tmp_path / "f.pb", capsys)
    assert "could not win        b: below 0 points" in page
    assert page[-4:] == ["won", "  a  3 points  5", "lost", "  b  -1 points  4"]


def test_a_wrong_request_ends_with_2_and_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spoiled = tmp_path / "f.pb"
    spoiled.write_text((FILES / "approval.pb").read_text(encoding="utf-8").replace("7;49;m;B", "7;49;m;C"))
    assert main(["count", str(spoiled), "--rule", "greedy"]) == 2
    assert capsys.readouterr().err == f"{spoiled}:29: vote: 'C' is not a project_id of PROJECTS\n"
    assert main(["count", str(tmp_path / "none.pb"), "--rule", "greedy"]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'none.pb'}: no such file\n"
    assert main(["count", str(FILES / "approval.pb"), "--rule", "greedy", "--completion", "add1"]) == 2
    assert "--completion goes with" in capsys.readouterr().err
    assert main(["count", str(FILES / "approval.pb")]) == 2
    assert "--rule" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["approval", "choose-1", "cumulative", "ordinal", "scoring"])
@pytest.mark.parametrize("rule", ["greedy", "equal-shares"])
def test_the_page_has_the_same_numbers_in_persian(kind: str, rule: str) -> None:
    file = FILES / f"{kind}.pb"
    english, persian = (as_page(file, rule, "add1", language) for language in ("en", "fa"))
    for word in (str(file), "choose-1", "add1"):
        english, persian = english.replace(word, ""), persian.replace(word, "")
    assert numbers_in(english) == numbers_in(persian)
    assert {"قاعده", "بودجه", "برندگان"} <= set(re.findall("[آ-ی]+", persian))
    own = set(re.findall("[A-Za-z]+", file.read_text(encoding="utf-8")))
    assert set(re.findall("[A-Za-z]+", persian)) - own <= {"selected"}
