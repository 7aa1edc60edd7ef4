"""Files in the Pabulib format: what is read, what is kept, and what is refused in one clear line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ConfigError
from sim.pabulib import Election, as_text, parse_election, read_election

FILES = Path(__file__).parent / "files"

SMALL = """META
key;value
budget;100
vote_type;approval
PROJECTS
project_id;cost
1;50
2;60
VOTES
voter_id;vote
a;1,2
b;2
"""


THRESHOLD = "min_project_score_threshold;"
SCORES = SMALL.replace("approval", "scoring").replace("vote\na;1,2\nb;2", "vote;points\na;1;3\nb;2;2.5")


def same(one: Election, other: Election) -> bool:
    return (
        (one.meta, one.projects, one.votes, one.ids, one.budget, one.points_scale)
        == (other.meta, other.projects, other.votes, other.ids, other.budget, other.points_scale)
        and np.array_equal(one.costs, other.costs)
        and np.array_equal(one.points, other.points)
    )


def refusal(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_election(text, "f.pb")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("f.pb")
    return caught.value


# --- What is read -----------------------------------------------------------------------------------------------------


def test_every_column_is_kept_and_the_known_ones_are_understood() -> None:
    election = read_election(FILES / "approval.pb")
    assert election.ids == ("A-1", "A-2", "B")
    assert election.column("name")[0] == 'Lights; lamps and "bulbs"'
    assert election.listed("category") == (("streets", "safety"), ("streets",), ("greenery",))
    assert election.listed("beneficiaries", "target")[2] == ("children", "youth")
    assert election.votes[3] == {"voter_id": "4", "age": "19", "sex": "f", "vote": "A-1,A-2"}
    assert election.meta["max_length"] == "2"
    official = election.official()
    assert official is not None
    assert official.tolist() == [1, 1, 0]
    assert election.points.dtype == np.bool_
    assert election.points.sum(axis=0).tolist() == [6, 6, 4]


@pytest.mark.parametrize(
    "variant",
    [
        "\ufeff" + SMALL,
        SMALL.replace("\n", "\r\n"),
        SMALL.replace("\n", "\r"),
        SMALL.replace("\n", "\n\n"),
        SMALL.replace("\n", ";;\n"),
        SMALL.replace(";", " ; "),
        SMALL.replace("META", "meta").replace("VOTES", " votes "),
        SMALL.rstrip("\n"),
        SMALL.replace("a;1,2", '"a";"1,2"'),
        SMALL.replace("a;1,2", "a;1, 2,"),
        SMALL.replace("1;50", "1;50,00").replace("budget;100", "budget;100.0"),
        SMALL.replace("key;value", "Key;Value").replace("approval", "Approval"),
    ],
)
def test_what_spreadsheets_do_to_a_file_changes_nothing(variant: str, tmp_path: Path) -> None:
    (tmp_path / "f.pb").write_bytes(variant.encode())
    election, plain = read_election("f.pb", tmp_path), parse_election(SMALL)
    assert election.ids == plain.ids
    assert election.costs.tolist() == [50.0, 60.0]
    assert election.budget == 100.0
    assert election.points.tolist() == [[True, True], [False, True]]


def test_quoted_fields_may_go_over_lines_and_hold_marks() -> None:
    text = SMALL.replace("project_id;cost", "project_id;cost;name").replace("1;50", '1;50;"one;\ntwo ""three"""')
    assert parse_election(text).column("name") == ('one;\ntwo "three"', "")
    # as in older files, where marks inside a field are not written twice
    loose = SMALL.replace("project_id;cost", "project_id;cost;name").replace("1;50", '1;50;"Trees" and more')
    assert parse_election(loose).column("name")[0] == "Trees and more"


def test_a_project_named_twice_counts_once() -> None:
    assert parse_election(SMALL.replace("a;1,2", "a;1,1,2")).points.tolist() == [[True, True], [False, True]]
    ranked = parse_election(SMALL.replace("approval", "ordinal").replace("a;1,2", "a;2,1,2"))
    assert ranked.points.tolist() == [[1, 2], [0, 1]]


def test_ballots_become_points() -> None:
    assert read_election(FILES / "ordinal.pb").points.tolist() == [
        [3, 2, 1, 0],
        [1, 2, 0, 0],
        [1, 3, 2, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
    ]
    halves = read_election(FILES / "cumulative.pb")
    assert (halves.points_scale, halves.points[0].tolist()) == (10, [65, 35, 0])
    assert read_election(FILES / "scoring.pb").points.tolist() == [[5, -5, 1], [-4, 4, 1], [1, 1, 3]]


def test_ballots_may_be_empty() -> None:
    text = SMALL.replace("b;2", "b;\nc;None")
    assert parse_election(text).points.tolist() == [[True, True], [False, False], [False, False]]
    without = parse_election(SMALL.partition("a;")[0])
    assert without.points.shape == (0, 2)


# --- Round trip -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(FILES.glob("*.pb")), ids=lambda file: file.stem)
def test_what_is_written_is_read_again(file: Path) -> None:
    election = read_election(file)
    assert same(parse_election(as_text(election), election.source), election)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12).map(str.strip)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=2, max_size=2), CELL)
def test_any_text_in_a_cell_survives(cells: list[tuple[str, str]], comment: str) -> None:
    election = parse_election(SMALL)
    projects = tuple(
        {**row, "name": name, "tag": tag} for row, (name, tag) in zip(election.projects, cells, strict=True)
    )
    meta = {**election.meta, "comment": comment}
    changed = Election(
        "election",
        meta,
        projects,
        election.votes,
        election.ids,
        election.costs,
        100.0,
        election.points,
        1,
        election.totals,
    )
    assert same(parse_election(as_text(changed)), changed)


# --- What is refused --------------------------------------------------------------------------------------------------

BAD = [
    ("", None, None, "META"),
    ("hello\n" + SMALL, 1, None, "must begin with the line META, not 'hello'"),
    (SMALL.replace("PROJECTS\n", ""), None, None, "no section PROJECTS"),
    (SMALL.partition("VOTES")[0], None, None, "no section VOTES"),
    (SMALL + "VOTES\n", 13, "VOTES", "twice; it began on line 9"),
    (SMALL.replace("key;value\n", "key;worth\n"), 2, "META", "key;value"),
    (SMALL.replace("budget;100", "budget;1e999999999"), 3, "budget", "at most 15 digits"),
    (SMALL.replace("2;60", "2;-1e999999999"), 8, "cost", "at most 15 digits"),
    (SMALL.replace("budget;100\n", ""), 1, "budget", "missing"),
    (SMALL.replace("budget", "budgett"), 1, "budget", 'did you mean "budgett"'),
    (SMALL.replace("budget;100", "budget;lots"), 3, "budget", "must be an amount of money, such as 1250"),
    (SMALL.replace("budget;100", "budget;-1"), 3, "budget", "0 or more"),
    (SMALL.replace("budget;100", "budget;1,000,000"), 3, "budget", "1,000,000"),
    (SMALL.replace("budget;100", "budget;1,250"), 3, "budget", "could be thousands or decimals: write 1250 or 1.250"),
    (SMALL.replace("budget;100", "budget;100\n" + THRESHOLD + "1,000"), 4, THRESHOLD[:-1], "decimals: write 1000 or 1"),
    (
        SMALL.replace("budget;100", "budget;100\n" + THRESHOLD + "1.250"),
        4,
        THRESHOLD[:-1],
        "decimals: write 1250 or 1.25",
    ),
    (SMALL.replace("budget;100", "budget;100\n" + THRESHOLD + "1,000,000"), 4, THRESHOLD[:-1], "write 1000000"),
    (
        SMALL.replace("budget;100", "budget;100\n" + THRESHOLD + "many"),
        4,
        THRESHOLD[:-1],
        "such as 1000 or 2.5, not 'many'",
    ),
    (SCORES.replace("budget;100", "budget;100\ndefault_score;1,000"), 4, "default_score", "decimals: write 1000 or 1"),
    (SCORES.replace("a;1;3", "a;1;x"), 11, "points", "must be numbers such as 3 or 2.5, not 'x'"),
    (SMALL.replace("budget;100", "budget;۱۰۰"), 3, "budget", "digits 0 to 9"),
    (SMALL.replace("budget;100", "budget;nan"), 3, "budget", "not 'nan'"),
    (SMALL.replace("budget;100", "budget;1e999"), 3, "budget", "1e999"),
    (SMALL.replace("budget;100", "budget;0.12345678901234567890"), 3, "budget", "15 digits"),
    (SMALL.replace("budget;100", "budget;100\nbudget;100"), 4, "budget", "twice; it stands on line 3"),
    (SMALL.replace("approval", "aproval"), 4, "vote_type", 'did you mean "approval"'),
    (SMALL.replace("budget;100", "budget;100\nnum_votes;3"), 4, "num_votes", "says 3 votes, but there are 2"),
    (SMALL.replace("budget;100", "budget;100\nnum_projects;1"), 4, "num_projects", "says 1 projects"),
    (SMALL.replace("project_id;cost", "project_id;costs"), 5, "cost", 'did you mean "costs"'),
    (SMALL.replace("project_id;cost", "project_id;cost;cost"), 6, "cost", "twice"),
    (SMALL.replace("2;60", "1;60"), 8, "project_id", "'1' occurs twice; it stands on line 7"),
    (SMALL.replace("2;60", ";60"), 8, "project_id", "must be a text"),
    (SMALL.replace("2;60", "2;-60"), 8, "cost", "0 or more"),
    (SMALL.replace("2;60", "2;"), 8, "cost", "must be an amount"),
    (SMALL.replace("2;60", "2;60;x"), 8, None, "3 fields where the header names 2"),
    (SMALL.replace("b;2", "b;3"), 12, "vote", "'3' is not a project_id"),
    (SMALL.replace("b;2", 'b;"2'), 12, None, "quotation mark is opened and not closed"),
    (SMALL.replace("approval", "choose-1"), 11, "vote", "one project"),
    (SMALL.replace("approval", "cumulative"), 9, "points", "missing from VOTES"),
    (SMALL.replace("1;50\n2;60\n", ""), 5, "PROJECTS", "no projects"),
]


@pytest.mark.parametrize("written", ["1000", "2.5", "0,125", "0.125", "-3", "1e3", "None", ""])
def test_a_threshold_that_can_be_one_number_only_is_read(written: str) -> None:
    assert parse_election(SMALL.replace("budget;100", f"budget;100\n{THRESHOLD}{written}")).ids == ("1", "2")


@pytest.mark.parametrize(("text", "line", "key", "words"), BAD, ids=range(len(BAD)))
def test_a_wrong_file_gets_one_line(text: str, line: int | None, key: str | None, words: str) -> None:
    fault = refusal(text)
    assert words in fault.problem
    assert (fault.line, fault.key) == (line, key)


def test_a_file_without_the_line_key_value_is_the_same_election() -> None:
    assert same(parse_election(SMALL.replace("key;value\n", "")), parse_election(SMALL))


def test_every_fault_of_a_file_is_found() -> None:
    faulty = (
        SMALL.replace("budget;100", "budget;lots").replace("1;50", "1;x").replace("a;1,2", "a;7").replace("b;2", "b;8")
    )
    assert [(fault.line, fault.key) for fault in refusal(faulty).all] == [
        (3, "budget"), (7, "cost"), (11, "vote"), (12, "vote"),
    ]  # fmt: skip


@pytest.mark.parametrize(("vote_type", "each"), [("approval", 1), ("ordinal", 8)])
def test_a_small_file_that_would_take_much_memory_is_refused_with_the_figure(vote_type: str, each: int) -> None:
    many = 20_000
    projects, votes = "\n".join(f"{i};1" for i in range(many)), "\n".join(f"{i};1" for i in range(many))
    text = (
        f"META\nbudget;1\nvote_type;{vote_type}\nPROJECTS\nproject_id;cost\n{projects}\nVOTES\nvoter_id;vote\n{votes}"
    )
    assert f"20,000 ballots times 20,000 projects take {each * 381.47:,.0f} MB; at most 256 MB" in refusal(text).problem


@pytest.mark.parametrize(
    ("ballot", "words"),
    [
        ("1,2;3", "1 numbers for 2 projects"),
        ("1;3,4", "2 numbers for 1 projects"),
        ("1;x", "must be numbers"),
        ("1;-3", "0 or more"),
        ("1;999999999999999.5", "too large"),
        ("1,1,1,1,1;" + ",".join(["999999999999999"] * 5), "too large"),  # 5e15 for two voters, more than 2**53
    ],
)
def test_points_that_do_not_fit_the_vote_are_refused(ballot: str, words: str) -> None:
    text = SMALL.replace("approval", "cumulative").replace("voter_id;vote", "voter_id;vote;points")
    fault = refusal(text.replace("a;1,2", f"a;{ballot}").replace("b;2", "b;2;1"))
    assert words in fault.problem
    assert fault.key == "points"


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    for content, words in ((b"\xff\xfe\x00", "UTF-8"), (b"META\x00", "binary"), (b"  \n", "empty")):
        (tmp_path / "f.pb").write_bytes(content)
        with pytest.raises(ConfigError, match=words):
            read_election("f.pb", tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        read_election("g.pb", tmp_path)
    with pytest.raises(ConfigError, match=r"^[^:]*: is a folder, not a file$"):
        read_election(tmp_path)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_spoiled_file_is_read_or_refused_and_never_breaks_the_reader(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(FILES.glob("*.pb"))))
    text = file.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 6)))
        text = text[:start] + data.draw(st.text('";,\n\r\ufeff-1aé٣ ', max_size=4)) + text[end:]
    assert outcome_of(text) in ("read", "refused in one line")


def outcome_of(text: str) -> str:
    """What becomes of a text; anything but a ConfigError goes through."""
    try:
        election = parse_election(text, "f.pb")
    except ConfigError as fault:
        return f"refused in {str(fault).count(chr(10)) + 1} lines".replace("1 lines", "one line")
    return "read" if election.points.shape == (len(election.votes), len(election.ids)) else "wrong shape"
