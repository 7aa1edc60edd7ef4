"""Exports of Decidim and Consul: what is read, what it becomes, and what is refused, in one line with its place."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.cli import main
from experiments.platforms.columns import PLATFORMS, columns_of
from experiments.platforms.command import carry_out
from experiments.platforms.elections import Project, projects_of
from experiments.platforms.tables import MOST_ROWS, read_table
from sim.errors import ConfigError
from sim.pabulib import read_election
from sim.tally import count
from sim.yaml_text import read_yaml
from tests.conftest import examples
from tests.interface.test_spoiled_files import assert_clear, spoiled

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
DECIDIM, AS_JSON = EXAMPLES / "decidim_projects.csv", EXAMPLES / "decidim_projects.json"
CONSUL = EXAMPLES / "consul_investments.csv"
BOTH = ["--budget", "4=120000", "--budget", "5=40000"]


def projects(path: Path, platform: str = "decidim", locale: str | None = None) -> tuple[Project, ...]:
    table = read_table(path)
    return projects_of(table, columns_of(table, PLATFORMS[platform], None, locale), PLATFORMS[platform]).projects


def refusal(capsys: pytest.CaptureFixture[str], folder: Path, platform: str, file: Path, *words: str) -> str:
    """The one line by which an import is refused; nothing was written."""
    out = folder / "refused"
    assert main(["import", platform, str(file), "--out", str(out), *words]) == 2
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert (len(lines), said.out) == (1, "")
    assert not out.exists()
    assert not list(folder.glob(".new-*"))
    return lines[0]


# --- What is read -----------------------------------------------------------------------------------------------------


def test_an_export_of_decidim_becomes_an_election_for_each_budget(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["import", "decidim", str(DECIDIM), *BOTH, "--locale", "en", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "Decidim, 10 projects in 2 budgets" in said
    assert "no ballots: greedy can count them; Equal Shares, and any rule that must know who voted for what" in said
    north, south = read_election(out / "decidim-4.pb"), read_election(out / "decidim-5.pb")
    assert (north.ids, north.budget) == (("31", "32", "33", "34", "35", "36"), 120_000.0)
    assert north.costs.tolist() == [60_000, 45_000, 30_000, 12_000, 36_000, 15_000]
    assert north.totals.tolist() == [212, 198, 140, 97, 121, 140]
    assert north.column("name")[3] == "Benches; flower beds"
    assert north.listed("category")[:3] == (("Streets",), ("Streets",), ("Parks and trees",))
    assert north.column("created")[0] == "2026-03-02 10:15:00 UTC"
    # 31 and 32 leave 15,000, which 33 does not fit into; with as many votes 36 does.
    assert [north.ids[j] for j in count(north, "greedy").winners.nonzero()[0]] == ["31", "32", "36"]
    assert south.totals.sum() == 296


def test_json_says_the_same_as_csv():
    assert projects(AS_JSON, locale="en") == tuple(
        Project(**{**vars(one), "created": one.created.replace(" UTC", ".000Z").replace(" ", "T")})
        for one in projects(DECIDIM, locale="en")
    )
    assert projects(AS_JSON, locale="fa")[4].title == "زمین فوتبال پشت مدرسه"
    assert projects(DECIDIM, locale="fa")[4].categories == ("ورزش",)


def test_an_export_of_consul_leaves_out_what_was_not_on_the_ballot(tmp_path, capsys):
    money = ["--budget", "All city=200000", "--budget", "Old Town=32000"]
    assert main(["import", "consul", str(CONSUL), *money, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "Consul Democracy, 6 projects in 2 budgets; left out: 3 not selected for the ballot" in said
    city = read_election(tmp_path / "out" / "consul-all-city.pb")
    assert city.ids == ("101", "102", "103", "104")
    assert city.costs.tolist() == [120_000, 24_500, 90_000, 18_000]
    assert city.column("name")[0] == "Shade over the market"


def changed(path: Path, folder: Path, *pairs: tuple[str, str], encoding: str = "utf-8", name: str = "") -> Path:
    """A copy of an export with the first occurrence of some texts replaced."""
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    copy = folder / (name or path.name)
    copy.write_text(text, encoding=encoding, newline="")
    return copy


SPANISH = (
    ("ID,Title,", "ID,Título,"), ("Scope of operation", "Ámbito de actuación"), ("Feasibility,", "Viabilidad,"),
    (",Selected,", ",Seleccionado,"), (",Votes", ",Votos"), ("Feasible (€120,000)", "Viable (120.000 €)"),
    (",Yes,-,Yes,No,invented101", ",Si,-,Sí,No,invented101"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("pairs", "first"),
    [
        (SPANISH, 120_000.0),
        ([("€120,000", "₡ 1 250 000")], 1_250_000.0),
        ([("€120,000", "120.000,50 €")], 120_000.5),
        ([("€120,000", "€950")], 950.0),
        ([("€120,000", "۱۲۰٬۰۰۰ تومان")], 120_000.0),
        ([("Feasible (€120,000)", "120000")], 120_000.0),
    ],
)
def test_prices_are_read_as_the_languages_of_consul_write_them(pairs, first, tmp_path):
    read = projects(changed(CONSUL, tmp_path, *pairs), "consul")
    assert (read[0].cost, len(read), read[0].votes) == (first, 6, 402)


def test_what_spreadsheets_do_to_a_file_is_undone(tmp_path):
    again = changed(DECIDIM, tmp_path, ("60000;212", "۶۰۰۰۰;۲۱۲.0"), encoding="utf-8-sig")
    assert projects(again) == projects(DECIDIM)
    rows = list(csv.reader(io.StringIO(DECIDIM.read_text(encoding="utf-8"), newline=""), delimiter=";"))
    for separator in (",", "\t"):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=separator).writerows([[*row, "", ""] for row in rows])
        (tmp_path / "again.csv").write_text(out.getvalue(), encoding="utf-8", newline="")
        assert projects(tmp_path / "again.csv") == projects(DECIDIM)


def test_columns_of_older_versions_and_of_paper_ballots_are_known(tmp_path):
    old = changed(
        DECIDIM, tmp_path, ("taxonomies/name", "category/name/en"), (";budget/id", ";decidim_budgets_budget_id/id"),
        ('"{""en""=>""Streets"", ""fa""=>""خیابان‌ها""}"', "Streets, squares"),
    )  # fmt: skip
    assert projects(old)[0].categories == ("Streets / squares",)  # a comma would make two of one
    assert {project.budget for project in projects(old)} == {"4", "5"}
    paper = changed(DECIDIM, tmp_path, (";comments;", ";total_votes;"))
    assert [project.votes for project in projects(paper)[:4]] == [0, 1, 2, 3]


def test_a_title_in_another_language_stands_in_for_a_missing_one(tmp_path):
    read = projects(changed(DECIDIM, tmp_path, ("New pavement on Mill Street;", ";")), locale="en")
    assert read[0].title == "سنگ‌فرش تازه خیابان آسیاب"
    machine = changed(DECIDIM, tmp_path, ("title/en;title/fa", "title/machine_translations/en;title/fa"))
    assert projects(machine)[0].title == "سنگ‌فرش تازه خیابان آسیاب"


MACHINE_TOO = {
    None: ["title/fa", "title/en", "title/machine_translations/en"],
    "en": ["title/en", "title/machine_translations/en", "title/fa"],
    "FA": ["title/fa", "title/en", "title/machine_translations/en"],
}


@pytest.mark.parametrize("locale", MACHINE_TOO)
def test_titles_are_taken_in_the_language_asked_for_and_from_machines_last(locale, tmp_path):
    file = changed(
        DECIDIM, tmp_path, ("title/en;title/fa;description/en", "title/machine_translations/en;title/fa;title/en")
    )
    columns = columns_of(read_table(file), PLATFORMS["decidim"], None, locale)
    assert list(columns.names["title"]) == MACHINE_TOO[locale]


def test_a_machines_title_in_the_language_asked_for_goes_before_another_language(tmp_path):
    file = changed(DECIDIM, tmp_path, ("title/en;title/fa", "title/machine_translations/en;title/fa"))
    assert projects(file, locale="en")[0].title == "New pavement on Mill Street"


def test_languages_are_found_without_regard_to_case():
    assert projects(DECIDIM, locale="FA") == projects(DECIDIM, locale="fa")
    assert projects(DECIDIM, locale="FA")[4].categories == ("ورزش",)


def test_columns_may_be_named(tmp_path, capsys):
    file = changed(DECIDIM, tmp_path, ("confirmed_votes", "Stimmen"))
    expected = "say which it is with --column votes=COLUMN"
    assert expected in refusal(capsys, tmp_path, "decidim", file, *BOTH)
    assert main(["import", "decidim", str(file), *BOTH, "--column", "votes=Stimmen", "--out", str(tmp_path / "o")]) == 0
    assert read_election(tmp_path / "o" / "decidim-4.pb").totals.tolist()[:2] == [212, 198]


def test_one_budget_needs_no_name(tmp_path):
    table = DECIDIM.read_text(encoding="utf-8").replace("budget/id", "other")
    (tmp_path / "one.csv").write_text(table, encoding="utf-8")
    lines = carry_out("decidim", tmp_path / "one.csv", ["90000"], tmp_path / "out")
    assert lines[0].endswith("Decidim, 10 projects")
    assert read_election(tmp_path / "out" / "decidim.pb").budget == 90_000.0


def test_what_has_no_amount_is_named_with_its_number_of_projects(tmp_path):
    rows = [(1, "4"), (2, "4 "), (3, "4.0"), (4, "5"), (5, "5.00"), (6, ""), (7, "Old\x1b Town")]
    text = "".join(f"{number};a;{budget};10;3\n" for number, budget in rows)
    (tmp_path / "f.csv").write_text(f"id;title;budget/id;budget_amount;confirmed_votes\n{text}", encoding="utf-8")
    lines = carry_out("decidim", tmp_path / "f.csv", ["4.0=30"], tmp_path / "out")
    assert read_election(tmp_path / "out" / "decidim-4.pb").ids == ("1", "2", "3")
    expected = "budget '5' (2 projects), no budget (1 project), budget 'Old\\x1b Town' (1 project)"
    assert lines[1] == f"not imported, since no amount is given: {expected}"
    every = ["4=1", "5=1", "=1", "Old\x1b Town=1"]
    assert not any(
        line.startswith("not imported") for line in carry_out("decidim", tmp_path / "f.csv", every, tmp_path / "all")
    )
    assert read_election(tmp_path / "all" / "decidim.pb").ids == ("6",)


def test_faults_in_rows_of_budgets_not_asked_for_are_counted_and_do_not_matter(tmp_path, capsys):
    rows = "1;a;4;10;3\n2;b;5;x;3\n1;c;5;10;3\n3;d;5;10;x\n"
    (tmp_path / "f.csv").write_text(f"id;title;budget/id;budget_amount;confirmed_votes\n{rows}", encoding="utf-8")
    lines = carry_out("decidim", tmp_path / "f.csv", ["4=30"], tmp_path / "out")
    assert read_election(tmp_path / "out" / "decidim-4.pb").ids == ("1",)
    skipped = "2 rows at fault of other budgets (line 3: budget_amount; line 5: confirmed_votes)"
    assert f"not read: {skipped}" in lines
    for money in (["--budget", "5=30"], ["--budget", "4=1", "--budget", "5=1"], ["--budget", "30"]):
        assert "f.csv:3: budget_amount: must be" in refusal(capsys, tmp_path, "decidim", tmp_path / "f.csv", *money)


def test_a_single_project_is_one(tmp_path):
    text = "id;title;budget/id;budget_amount;confirmed_votes\n1;a;4;10;1\n"
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    lines = carry_out("decidim", tmp_path / "f.csv", ["9"], tmp_path / "out")
    assert lines[0].endswith("Decidim, 1 project in 1 budget")
    assert lines[1].endswith("9; 1 project, 1 vote")
    assert lines[2].startswith(f"{tmp_path / 'out' / 'elections.yaml'}: this election in the default city")
    assert lines[3] == "Before it runs, say there what 'none' stands for"
    with pytest.raises(ConfigError, match=r"has 1 budget \('4'\), none named '5'"):
        carry_out("decidim", tmp_path / "f.csv", ["5=9"], tmp_path / "other")


def test_projects_without_a_budget_have_advice_of_their_own(tmp_path, capsys):
    file = changed(DECIDIM, tmp_path, (ROW_31, ROW_31[1:]))
    said = refusal(capsys, tmp_path, "decidim", file, "--budget", "9")
    assert "has 3 budgets (one without a name, '4', '5'): give --budget 4=AMOUNT for each that is to be counted" in said
    assert said.endswith("(and --budget =AMOUNT for projects without a budget)")
    assert "=AMOUNT for each" in refusal(capsys, tmp_path, "decidim", file)
    file.write_text(DECIDIM.read_text(encoding="utf-8").replace("budget/id", "other"), encoding="utf-8")
    assert "names no budgets: give --budget AMOUNT" in refusal(capsys, tmp_path, "decidim", file, "--budget", "4=9")


def test_a_budget_whose_name_has_spaces_is_quoted_in_advice(tmp_path, capsys):
    assert "give --budget 'All city=AMOUNT' for" in refusal(capsys, tmp_path, "consul", CONSUL, "--budget", "9")


@pytest.mark.parametrize("votes", ["12", "1.234", "۷"])
def test_a_project_with_votes_is_never_left_out_unnamed(votes, tmp_path, capsys):
    money = ["--budget", "All city=200000"]
    row = ("Undecided,No,-,No,No,invented107,", f"Undecided,No,-,No,No,invented107,{votes}")
    file = changed(CONSUL, tmp_path, row)
    assert main(["import", "consul", str(file), *money, "--out", str(tmp_path / "named")]) == 0
    said = capsys.readouterr().out
    assert "not imported, since not selected, although they have votes: ids 107\n" in said
    unsaid = changed(
        file,
        tmp_path,
        (",Selected,", ",Other,"),
        ('(€7,200)",Yes,-,No,No,invented106,', '(€7,200)",Yes,-,No,No,invented106,0'),
    )
    problem = refusal(capsys, tmp_path, "consul", unsaid, *money)
    assert (
        ":8: Feasibility: the project has votes, but no price: Undecided; if it was not on the ballot, say so"
        in problem
    )


def test_without_votes_what_has_no_price_is_only_counted(tmp_path, capsys):
    file = changed(
        CONSUL,
        tmp_path,
        (",Selected,", ",Other,"),
        ("invented106,", "invented106,0"),
        ("invented107,", "invented107,0"),
    )
    assert main(["import", "consul", str(file), "--budget", "All city=9", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "7 projects in 2 budgets; left out: 2 without a price\n" in said
    assert "although they have votes" not in said


@pytest.mark.parametrize("word", ["None", "none", "NONE"])
def test_a_category_called_none_is_no_category(word, tmp_path, capsys):
    text = DECIDIM.read_text(encoding="utf-8").replace('""Streets""', f'""{word}""')
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    named = [f"{word}=roads", "Parks and trees=green", "Sport=sport", "Culture=culture", "Health=health"]
    words = [part for one in named for part in ("--category", one)]
    out = tmp_path / "out"
    assert main(["import", "decidim", str(tmp_path / "f.csv"), *BOTH, "--locale", "en", *words, "--out", str(out)]) == 0
    assert "say there" not in capsys.readouterr().out
    assert read_election(out / "decidim-4.pb").listed("category")[:3] == ((), (), ("Parks and trees",))
    assert main(["check", str(out / "elections.yaml")]) == 0


def test_budgets_of_the_same_letters_have_files_of_their_own(tmp_path):
    file = changed(CONSUL, tmp_path, ("Old Town", "old  town!"), ("Old Town", "OLD-TOWN"))
    money = ["All city=1", "old town!=20000", "OLD-TOWN=32000"]
    carry_out("consul", file, money, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").glob("*.pb")}
    assert names == {"consul-all-city.pb", "consul-old-town.pb", "consul-old-town-2.pb"}


def test_a_city_holds_the_elections_once_categories_are_mapped(tmp_path, capsys):
    words = ["import", "decidim", str(DECIDIM), *BOTH, "--locale", "en"]
    mapped = ["Streets=roads", "Parks and trees=green", "Sport=sport"]
    some = [word for one in mapped for word in ("--category", one)]
    assert main([*words, *some, "--out", str(tmp_path / "some")]) == 0
    assert "say there what 'Culture', 'Health' stand for" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "some" / "elections.yaml")]) == 2
    assert "categories.Culture: must be one of: roads, green" in capsys.readouterr().err
    every = [*some, "--category", "Culture=culture", "--category", "Health=health"]
    assert main([*words, *every, "--out", str(tmp_path / "all")]) == 0
    city = tmp_path / "all" / "elections.yaml"
    assert main(["check", *(str(path) for path in city.parent.iterdir())]) == 0
    elections = read_yaml(city).data["city"]["elections"]
    assert [(one["file"], one["round"]) for one in elections] == [("decidim-4.pb", 1), ("decidim-5.pb", 2)]
    run = ["run", str(city), "--scale", "0.02", "--weeks", "120", "--no-figure", "--out", str(tmp_path / "run")]
    assert main(run) == 0


def test_decidims_own_export_of_ballots_needs_no_import(tmp_path, capsys):
    """In the form of `Decidim::Budgets::Pabulib::Writer`: all rules can count it."""
    (tmp_path / "budget.pb").write_text(
        "META\nkey;value\ndescription;Invented\ncountry;Nowhere\nunit;Harbour town\ninstance;2026\nnum_projects;2\n"
        "num_votes;3\nbudget;100\nvote_type;approval\nrule;greedy\ndate_begin;01.03.2026\ndate_end;14.03.2026\n"
        "min_length;1\nmax_length;2\nPROJECTS\nproject_id;name;cost;votes;selected\n31;A;60;2;1\n32;B;50;2;0\n"
        "VOTES\nvoter_id;vote\n7;31,32\n8;31\n9;32\n",
        encoding="utf-8",
    )
    for rule in ("greedy", "equal-shares"):
        assert main(["count", str(tmp_path / "budget.pb"), "--rule", rule]) == 0
        assert "voters with a winner 2 of 3" in capsys.readouterr().out


# --- What is refused --------------------------------------------------------------------------------------------------

ROW_31, ROW_32 = "4;60000;212;", "4;45000;198;"

FAULTS: dict[str, tuple[Path, str, str, str]] = {
    "negative cost": (DECIDIM, ROW_31, "4;-60000;212;", ":2: budget_amount: must be an amount of money from 0 to"),
    "no cost": (DECIDIM, ROW_31, "4;;212;", ":2: budget_amount: is missing"),
    "cost NaN": (DECIDIM, ROW_32, "4;NaN;198;", ":4: budget_amount: must be an amount of money"),
    "cost infinite": (DECIDIM, ROW_32, "4;inf;198;", ":4: budget_amount: must be an amount of money"),
    "thousands or decimals": (DECIDIM, ROW_31, "4;60.000;212;", "could be thousands or decimals: write 60000 or 60"),
    "votes in thousands": (DECIDIM, ROW_31, "4;60000;2.000;", "write votes without marks, such as 2000"),
    "votes with a comma": (DECIDIM, ROW_31, "4;60000;1,234;", "write votes without marks, such as 1234"),
    "millions of votes": (DECIDIM, ROW_31, "4;60000;1.234.567;", "write votes without marks, such as 1234567"),
    "one cell": (DECIDIM, "\n32;", "\nlost\n32;", ":4: has 1 cell where the header has 20"),
    "half a vote": (DECIDIM, ROW_31, "4;60000;2.5;", ":2: confirmed_votes: must be a whole number of votes"),
    "negative votes": (DECIDIM, ROW_31, "4;60000;-2;", ":2: confirmed_votes: must be a whole number of votes"),
    "votes NaN": (DECIDIM, ROW_31, "4;60000;nan;", ":2: confirmed_votes: must be a whole number of votes"),
    "hidden votes": (DECIDIM, ROW_31, "4;60000;;", "made while votes are hidden may have none"),
    "ids twice": (DECIDIM, "\n32;", "\n31;", ":4: id: '31' occurs twice"),
    "no id": (DECIDIM, "\n32;", "\n;", ":4: id: must be a whole number of at least 0"),
    "a cell too many": (DECIDIM, ROW_32, f"{ROW_32}1;", ":4: has 21 cells where the header has 20"),
    "no votes": (DECIDIM, "confirmed_votes", "others", ":1: total_votes or confirmed_votes: the column is missing"),
    "a column twice": (DECIDIM, ";comments;", ";budget_amount;", ":1: budget_amount: the column occurs twice"),
    "an open quotation mark": (DECIDIM, "Lamps at", '"Lamps at', "is not valid CSV"),
    "yes or no": (CONSUL, ",Yes,No,invented102", ",maybe,No,invented102", ":3: Selected: must be yes or no, not"),
    "no price": (CONSUL, "Feasible (€120,000)", "Unfeasible", ":2: Feasibility: the project was selected for the"),
    "two prices": (CONSUL, "€120,000", "€1 to €2", ":2: Feasibility: must hold one price of at least 0"),
    "a price below 0": (CONSUL, "€120,000", "-€120,000", ":2: Feasibility: must hold one price of at least 0"),
    "thousands of euros": (CONSUL, "€120,000", "€10k", ":2: Feasibility: must hold one price of at least 0"),
    "a group of four": (CONSUL, "€120,000", "€12,0000", ":2: Feasibility: must hold one price of at least 0"),
    "a word for a price": (DECIDIM, ROW_31, "4;much;212;", ":2: budget_amount: must be an amount of money"),
    "a price NaN": (CONSUL, "Feasible (€120,000)", "NaN", ":2: Feasibility: must be an amount of money"),
    "supports": (CONSUL, ",Votes", ",Supports", "has no votes of the final ballot: add them from its page of results"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_refused_in_one_line_with_its_place(what, tmp_path, capsys):
    path, old, new, expected = FAULTS[what]
    platform, money = ("decidim", BOTH) if path == DECIDIM else ("consul", ["--budget", "All city=1"])
    file = changed(path, tmp_path, (old, new))
    said = refusal(capsys, tmp_path, platform, file, *money)
    assert said.startswith(str(file))
    assert expected in said


def test_of_many_faults_the_first_is_named_and_the_others_are_counted_with_their_places(tmp_path, capsys):
    file = changed(DECIDIM, tmp_path, (ROW_31, "4;x;212;"), (ROW_32, "4;y;198;"))
    said = refusal(capsys, tmp_path, "decidim", file, *BOTH)
    assert said.endswith("not x (and 1 more fault: line 4: budget_amount)")
    more = changed(file, tmp_path, ("4;30000;140;", "4;z;140;"))
    places = "line 4: budget_amount; line 5: budget_amount"
    assert refusal(capsys, tmp_path, "decidim", more, *BOTH).endswith(f"not x (and 2 more faults: {places})")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'[{"id": 1, "budget_amount": NaN, "confirmed_votes": 3, "title": "a"}]', "row 1, budget_amount: must"),
        (b'[{"id": 1, "confirmed_votes": 3, "title": {"en": "a"}}]', "budget_amount: the column is missing"),
        (b'[{"id": 1, "budget_amount": 3,\n "confirmed_votes" 3}]', ":2: is not valid JSON: Expecting ':'"),
        (b'{"id": 1}', "must be a list of projects in JSON"),
        (b"[]", "has no rows"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'[{"id": 1, "title": "\\ud800"}]', "row 1: holds half a character"),
        (b'[{"id":1,"title":"a","confirmed_votes":1,"budget_amount":%b}]' % (b"9" * 9_999), "budget_amount: must"),
        ("id;título\n".encode("latin-1"), "is not UTF-8 text"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused(data, expected, tmp_path, capsys):
    (tmp_path / "f.json").write_bytes(data)
    assert expected in refusal(capsys, tmp_path, "decidim", tmp_path / "f.json", "--budget", "1")


@pytest.mark.parametrize(("name", "advice"), [("open-data.zip", "unpack it first"), ("a.XLSX", "save it as CSV")])
def test_other_forms_of_export_are_refused_with_advice(name, advice, tmp_path, capsys):
    (tmp_path / name).write_bytes(b"PK\x03\x04\0")
    assert advice in refusal(capsys, tmp_path, "decidim", tmp_path / name, "--budget", "1")
    assert "no such file" in refusal(capsys, tmp_path, "decidim", tmp_path / f"no-{name}", "--budget", "1")


def test_consuls_json_has_no_prices(tmp_path, capsys):
    file = tmp_path / "f.json"
    file.write_text(json.dumps([{"id": 1, "title": "a", "description": "b"}]), encoding="utf-8")
    assert "the column is missing" in refusal(capsys, tmp_path, "consul", file, "--budget", "1")


def test_too_many_rows_are_refused(tmp_path, capsys):
    file = tmp_path / "f.csv"
    file.write_text("id;title;budget_amount;confirmed_votes\n" + "1;a;2;3\n" * (MOST_ROWS + 1), encoding="utf-8")
    assert "at most 50,000 are read" in refusal(capsys, tmp_path, "decidim", file, "--budget", "1")


OPTIONS = {
    "none": ([], "--budget: is missing: an export does not say the amount: give --budget 4=AMOUNT for each"),
    "which": (["--budget", "9"], "has 2 budgets ('4', '5'): give --budget 4=AMOUNT for each that is to be counted"),
    "unknown": (["--budget", "7=9"], "has 2 budgets ('4', '5'), none named '7'"),
    "twice": (["--budget", "4=9", "--budget", "4=8"], "--budget: is given twice for '4'"),
    "nothing": (["--budget", "4=0"], "--budget: must be an amount of money above 0, not 0"),
    "no number": (["--budget", "4=lots"], "--budget: must be an amount of money from 0 to 1,000,000,000,000,000, not"),
    "no amount": (["--budget", "4="], "--budget: is missing: it must be an amount of money"),
    "thousands": (["--budget", "4=120.000"], "--budget: could be thousands or decimals: write 120000 or 120"),
    "with a comma": (["--budget", "4=1,234"], "--budget: could be thousands or decimals: write 1234 or 1.234"),
    "millions": (["--budget", "4=1.234.567"], "--budget: must be written without marks between thousands: 1234567"),
    "field": ([*BOTH, "--column", "vote=id"], "--column: 'vote' is none of id, title, cost, votes"),
    "column": ([*BOTH, "--column", "votes=coments"], "has no column 'coments' (did you mean 'comments'?)"),
    "no pair": ([*BOTH, "--column", "votes"], "--column: must be written as NAME=VALUE, not 'votes'"),
    "locale": ([*BOTH, "--locale", "ca"], "--locale: "),
    "category": ([*BOTH, "--category", "Sprt=sport"], "no project is of category 'Sprt' (did you mean 'Sport'?)"),
    "ours": ([*BOTH, "--category", "Sport=sports"], "'Sport' must be one of roads, green, sport, culture"),
}


@pytest.mark.parametrize("what", OPTIONS)
def test_options_that_cannot_be_used_are_refused(what, tmp_path, capsys):
    words, expected = OPTIONS[what]
    assert expected in refusal(capsys, tmp_path, "decidim", DECIDIM, *words)


def test_an_export_of_the_other_platform_is_recognised(tmp_path, capsys):
    said = refusal(capsys, tmp_path, "consul", DECIDIM, "--budget", "1")
    assert said.endswith("looks like an export of Decidim, not of Consul Democracy: mahalle import decidim")
    said = refusal(capsys, tmp_path, "decidim", CONSUL, "--budget", "1")
    assert said.endswith("looks like an export of Consul Democracy, not of Decidim: mahalle import consul")


def test_a_folder_that_holds_something_stays(tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine", encoding="utf-8")
    assert main(["import", "decidim", str(DECIDIM), *BOTH, "--out", str(tmp_path / "out")]) == 2
    assert "is not empty; name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine"]


def test_an_export_is_no_election_yet(capsys):
    assert main(["count", str(DECIDIM), "--rule", "greedy"]) == 2
    assert "mahalle import makes one of an export of Decidim or Consul" in capsys.readouterr().err


# --- Whatever stands in a file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("platform", "path"), [("decidim", DECIDIM), ("decidim", AS_JSON), ("consul", CONSUL)])
@examples(150)
@given(data=st.data())
def test_a_spoiled_export_is_read_or_refused_in_one_line(platform, path, tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    file = folder / path.name
    file.write_text(data.draw(spoiled(path.read_text(encoding="utf-8"))), encoding="utf-8", newline="")
    try:
        for project in projects(file, platform):
            assert project.id.isdecimal()
            assert 0.0 <= project.cost <= 1e15
            assert project.votes >= 0
    except ConfigError as error:
        for fault in error.all:
            assert_clear(fault, file)
            assert fault.source == str(file)
        return
    kind, table = PLATFORMS[platform], read_table(file)
    read = projects_of(table, columns_of(table, kind), kind)
    out = folder / "spoiled"
    carry_out(platform, file, [f"{budget}=1000" for budget in read.budgets], out)
    written = {one.id: one for name in out.glob("*.pb") for one in elections_in(name)}
    for name in out.iterdir():
        name.unlink()
    out.rmdir()
    assert written == {project.id: project for project in read.projects}


def elections_in(path: Path) -> list[Project]:
    """The projects of an election that was written, as they were before."""
    election = read_election(path)
    where = re.search(r", budget (.*): totals of votes, no ballots$", election.meta["description"])
    budget = where[1] if where else ""
    columns = (election.projects, election.listed("category"), election.costs, election.totals)
    return [
        Project(row["project_id"], row["name"], categories, float(cost), int(total), budget, row["created"])
        for row, categories, cost, total in zip(*columns, strict=True)
    ]
