"""Figures of one's own: made again and compared without the project's source."""

import json
import shutil

import pytest

from experiments.cli import main
from experiments.paper.figure import load_figure
from experiments.paper.tables import read_table
from sim.errors import ConfigError
from tests.paper.conftest import mahalle

STUDY = """
title: {en: Half or all, fa: نیم یا همه}
base: rafsanjan
policies: {status_quo: status_quo, half: [], all: whole_budget}
replications: 2
run: {scale: 0.01, weeks: 26}
outcomes: [{trust_in_municipality: last}, {spending_need_match: last}]
"""
FIGURE = {
    "number": 1, "drawing": "differences", "title": {"en": "Half or all", "fa": "نیم یا همه"},
    "caption": {"en": "{n} replications.", "fa": "{n} تکرار."}, "data": {"kind": "sweep", "file": "../study.yaml"},
    "options": {
        "base": "status_quo", "outcomes": ["trust_in_municipality:last"],
        "arms": [{"at": "half", "en": "half", "fa": "نیم"}, {"at": "all", "en": "all", "fa": "همه"}],
    },
}  # fmt: skip


def write(folder, **changes):
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    path = folder / "figures/budget.yaml"
    path.write_text(json.dumps(FIGURE | changes, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def made_study(tmp_path_factory):
    """A study with its figure, made by `mahalle figures`."""
    folder = tmp_path_factory.mktemp("own") / "study"
    write(folder)
    done = mahalle("figures", "--figures", "figures", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def study(made_study, tmp_path, monkeypatch):
    """A copy, in which one stands."""
    folder = shutil.copytree(made_study, tmp_path / "study")
    monkeypatch.chdir(folder)
    return folder


AGAIN = ["reproduce", "budget", "--figures", "figures", "--check"]


def test_figures_of_one_s_own_are_made_again_and_compared_with_those_that_were_made(study, capsys):
    assert main(AGAIN) == 0
    assert "1 figure: the same as the reference" in capsys.readouterr().out
    kept = shutil.copytree(study / "results/paper/tables", study / "kept")
    table = kept / "budget.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[2] = "0.5"
    table.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    assert main([*AGAIN, "--reference", "kept"]) == 1
    assert "budget: column difference, row 1 (trust_in_municipality:last)" in capsys.readouterr().err
    assert main([*AGAIN, "--reference", "results/paper"]) == 0  # a folder of figures has its tables within


def test_without_a_reference_the_message_says_how_to_make_one(study, capsys, monkeypatch):
    monkeypatch.setattr("experiments.paper.command.build", lambda *_: pytest.fail("runs were begun"))
    shutil.rmtree(study / "results")
    assert main(AGAIN) == 2
    assert capsys.readouterr().err.strip() == (
        "--reference results/paper/tables: no such folder of reference tables; mahalle figures --figures figures makes "
        "results/paper/tables, which is compared with; --reference takes a copy of it that you kept"
    )
    assert main(["reproduce", "cost", "--check"]) == 2
    assert capsys.readouterr().err.strip() == (
        "--reference results/reference/paper: no such folder of reference tables; the project's is in the folder "
        "of its source; figures of your own take --figures DIR"
    )


def test_a_folder_is_not_compared_with_itself(study, capsys):
    assert main([*AGAIN, "--out", "results/paper"]) == 2
    assert capsys.readouterr().err.strip() == (
        "--out results/paper: holds the figures that are compared: choose another folder"
    )


def test_verify_names_the_repair_for_figures_of_one_s_own(study, capsys):
    assert main(["verify", "results/paper"]) == 2
    assert "mahalle reproduce --check compares them (with --figures FOLDER" in capsys.readouterr().err


# ---------------------------------------------------------------- languages


def test_a_figure_without_persian_texts_is_drawn_in_english_alone_and_that_is_said(study, capsys):
    persian = study / "results/paper/figures/budget.fa.png"
    assert persian.exists()
    figure = {"title": {"en": "Half or all"}, "number": 7, "options": json.loads(json.dumps(FIGURE["options"]))}
    del figure["options"]["arms"][1]["fa"]
    write(study, **figure)
    assert main(["figures", "--figures", "figures"]) == 0
    said = capsys.readouterr().out
    assert "1 figure in results/paper/figures, in English, as" in said
    assert "\nbudget: no Persian picture, for its file has no title.fa, options.arms[1].fa\n" in said
    names = {path.name for path in (study / "results/paper/figures").iterdir()}
    assert names == {f"budget.en.{kind}" for kind in ("pdf", "svg", "png", "md")}
    assert main(["figures", "--figures", "figures"]) == 0  # nothing is missing that would be drawn
    assert "pictures" not in capsys.readouterr().err


def test_a_figure_with_no_language_whole_is_refused(study):
    path = write(study, title={"en": "Half or all"}, caption={"fa": "شرح"})
    with pytest.raises(ConfigError, match=r"title: all texts must be in one language.*no en: caption; no fa: title"):
        load_figure(path)


def test_the_names_of_arms_stand_beside_the_table_which_numbers_them(study):
    table = read_table(study / "results/paper/tables/budget.csv")
    facts = json.loads((study / "results/paper/tables/budget.json").read_text(encoding="utf-8"))
    assert facts["arms"] == ["half", "all"]
    assert sorted(set(table.arm)) == [0, 1]
