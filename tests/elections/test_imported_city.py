"""The city that an import makes: one's own with the elections, or the default city, which is said; categories."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.platforms.columns import PLATFORMS, columns_of, plain_text
from experiments.platforms.elections import projects_of
from experiments.platforms.tables import read_table
from experiments.resolved import own_files
from sim.config import Config, load_config
from sim.shipped import folder_of

EXPORT = Path(__file__).resolve().parents[2] / "docs" / "examples" / "decidim_projects.csv"
OWN_DATA = folder_of("city") / "own_data"
ELECTIONS = ("--budget", "4=120000", "--locale", "en", "--category", "Streets=roads", "--category", "Sport=sport",
             "--category", "Parks and trees=green", "--category", "Culture=culture")  # fmt: skip
IMPORT = ("import", "decidim", str(EXPORT), *ELECTIONS)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line by which an import is refused."""
    capsys.readouterr()
    assert main([*IMPORT, "--out", "refused", *words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert not Path("refused").exists()
    return lines[0]


def test_a_study_holds_elections_in_its_own_city(tmp_path, monkeypatch, capsys):
    """Whatever the study began with, nobody of Rafsanjan's lives in the city that holds the elections."""
    monkeypatch.chdir(tmp_path)
    for source in ("lakeside", str(OWN_DATA / "neighbourhoods.csv")):
        study = Path(f"study of {Path(source).stem}")
        assert main(["init", str(study), "--from", source]) == 0
        out = study / "votes"
        assert main([*IMPORT, "--city", str(study / "city.yaml"), "--out", str(out)]) == 0
        assert "in the city of" in capsys.readouterr().out
        assert main(["check", str(out / "elections.yaml")]) == 0
        own, with_elections = load_config(study / "city.yaml"), load_config(out / "elections.yaml")
        assert own.city.population == Config().city.population or source == "lakeside"
        assert [one.file for one in with_elections.city.elections] == ["decidim-4.pb"]
        files = {key: path for key, path in own_files(with_elections).items() if "elections" not in key}
        assert files == own_files(own)
        unchanged = {"neighbourhoods": own.city.neighbourhoods, "elections": ()}
        assert with_elections.city.model_copy(update=unchanged) == own.city
        assert with_elections.policy.choice.rule == "ballot_greedy"
        assert with_elections.run == own.run


def test_without_a_city_the_default_one_is_named_in_what_is_said_and_in_the_file(tmp_path, capsys):
    assert main([*IMPORT, "--out", str(tmp_path / "votes")]) == 0
    said = capsys.readouterr().out
    assert "this election in the default city, whose people, neighbourhoods and money are those of Rafsanjan" in said
    assert "to hold it in a city of your own, import with --city FILE" in said
    made = load_config(tmp_path / "votes" / "elections.yaml").city
    assert "Rafsanjan" in made.title.en
    assert "رفسنجان" in made.title.fa
    assert "people, neighbourhoods and money are\n# those of Rafsanjan" in (
        (tmp_path / "votes" / "elections.yaml").read_text(encoding="utf-8")
    )


def test_own_data_and_extensions_are_found_from_the_new_folder(tmp_path, monkeypatch):
    shutil.copytree(OWN_DATA, tmp_path / "town")
    rule = "from sim.extension import Extension\n\nNOTHING = Extension(name='nothing', meaning='Adds nothing.')\n"
    (tmp_path / "town" / "rule.py").write_text(rule, encoding="utf-8")
    city = tmp_path / "town" / "village.yaml"
    text = city.read_text(encoding="utf-8")
    city.write_text(f"extensions: ['rule.py:NOTHING']\n{text}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main([*IMPORT, "--city", "town/village.yaml", "--out", "far/away/votes"]) == 0
    before, after = load_config(city), load_config("far/away/votes/elections.yaml")
    kept = {key: path for key, path in own_files(after).items() if "elections" not in key}
    assert kept == own_files(before)
    assert kept
    assert after.extensions_by_location == before.extensions_by_location
    (tmp_path / "far").rename(tmp_path / "near")  # paths are relative, so the study can be moved as a whole
    moved = own_files(load_config("near/away/votes/elections.yaml"))
    assert all(path.exists() for path in moved.values())


def test_a_shipped_city_can_hold_them(tmp_path):
    assert main([*IMPORT, "--city", "lakeside", "--out", str(tmp_path / "votes")]) == 0
    assert load_config(tmp_path / "votes" / "elections.yaml").city.population.total == 60_000


def test_a_city_that_cannot_hold_them_is_refused_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*IMPORT, "--city", "lakeside", "--out", "votes"]) == 0
    assert "holds elections already" in refused(capsys, "--city", "votes/elections.yaml")
    assert "no such file" in refused(capsys, "--city", "nowhere.yaml")
    assert "is a policy" in refused(capsys, "--city", str(folder_of("policy") / "tokenism.yaml"))
    Path("later.yaml").write_text("timeline: [{start: 52, set: {choice.rule: ballot_equal_shares}}]\n")
    line = refused(capsys, "--city", "later.yaml")
    assert line.startswith("--city later.yaml: cannot hold the elections: ")
    assert "ballots" in line
    Path("wrong.yaml").write_text("city: {population: {total: many}}\n")
    assert refused(capsys, "--city", "wrong.yaml").startswith("wrong.yaml:1: city.population.total: ")


@pytest.mark.parametrize("given", [("None", "none"), ("none", "NONE"), ("None", "None")])
def test_projects_without_a_category_are_mapped_once(given, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = [
        word for name, ours in zip(given, ("roads", "green"), strict=True) for word in ("--category", f"{name}={ours}")
    ]
    line = refused(capsys, *words)
    assert line.startswith("--category: is given twice for ")
    assert all(repr(name) in line for name in given)


def test_a_category_with_a_comma_is_mapped_by_the_name_that_the_export_has(tmp_path, monkeypatch, capsys):
    rows = [
        {"id": 1, "title": "a", "category": {"name": "Culture, arts"}, "budget_amount": 1, "confirmed_votes": 1},
        {"id": 2, "title": "b", "category": {"name": "Parks"}, "budget_amount": "x", "confirmed_votes": ""},
    ]
    monkeypatch.chdir(tmp_path)
    words = ["import", "decidim", "projects.json", "--budget", "9", "--out", "out"]
    Path("projects.json").write_text(json.dumps(rows[:1]), encoding="utf-8")
    both = ["--category", "Culture, arts=culture", "--category", "Culture / arts=green"]
    assert main([*words, *both]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "--category: is given twice for one category: 'Culture, arts' and 'Culture / arts'"
    ]
    assert main([*words, *both[:2]]) == 0
    assert load_config("out/elections.yaml").city.elections[0].categories == {"Culture / arts": "culture"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>Trees &amp; <b>benches</b></p>", "Trees & benches"),
        ("Trees &amp; benches", "Trees & benches"),
        ("a < b & c", "a < b & c"),
        ("<3 trees", "<3 trees"),
        ("Trees\n<br/>and benches", "Trees and benches"),
        ("<hr>", "<hr>"),
        ("درخت &amp; نیمکت", "درخت & نیمکت"),
    ],
)
def test_marks_of_html_are_no_part_of_a_title(written, read):
    assert plain_text(written) == read


def categories(folder: Path, names: list[object], locale: str | None, form: str) -> list[tuple[str, ...]]:
    """The categories read of a JSON export whose projects have these names of one category."""
    own = {"category": lambda name: {"name": name}, "taxonomies": lambda name: {"name": [name]}}[form]
    rows = [
        {"id": number, "title": {"en": "a", "es": "b"}, form: own(name), "budget_amount": 1, "confirmed_votes": 1}
        for number, name in enumerate(names, 1)
    ]
    (folder / "projects.json").write_text(json.dumps(rows), encoding="utf-8")
    table, platform = read_table(folder / "projects.json"), PLATFORMS["decidim"]
    return [one.categories for one in projects_of(table, columns_of(table, platform, None, locale), platform).projects]


@pytest.mark.parametrize("form", ["category", "taxonomies"])
@pytest.mark.parametrize("locale", [None, "en", "es"])
def test_a_category_keeps_its_own_name_beside_a_machines(form, locale, tmp_path):
    """Rows share a category, and not all of them have a machine's translation of it."""
    same = [{"machine_translations": {"en": "Parks of machines"}, "es": "Parques"}, {"es": "Parques"}]
    assert categories(tmp_path, same, locale, form) == [("Parques",), ("Parques",)]
    alone = [{"en": "", "machine_translations": {"en": "Parks of machines"}}]
    assert categories(tmp_path, alone, locale, form) == [("Parks of machines",)]
