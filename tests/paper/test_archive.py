"""One zip for reviewers: whole, described, the same bytes each time, and enough to reproduce the figures elsewhere."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from experiments.archive import command
from experiments.archive.command import Request, carry_out
from experiments.cli import main
from experiments.paper.building import SETTINGS
from sim.errors import ConfigError
from sim.yaml_text import read_yaml
from tests.copies import carry_compiled
from tests.interrupting import HANGING
from tests.paper.conftest import MADE, figures_made


@pytest.fixture(autouse=True, scope="module")
def those_that_are_made():
    """An archive holds all figures; here those that were made are all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "figures_in", lambda quick: figures_made())
        yield


@pytest.fixture(scope="module")
def archive(paper_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / "paper.zip"
    return carry_out(Request(folder=paper_folder, out=path, quick=True))


def test_the_same_archive_has_the_same_bytes(archive, paper_folder, tmp_path):
    again = carry_out(Request(folder=paper_folder, out=tmp_path / "again.zip", quick=True))
    assert again.read_bytes() == archive.read_bytes()


def test_the_manifest_lists_every_file_with_its_digest(archive):
    with zipfile.ZipFile(archive) as held:
        manifest = json.loads(held.read("manifest.json"))
        names = set(held.namelist()) - {"manifest.json"}
        assert set(manifest["files"]) == names
        for name in names:
            assert hashlib.sha256(held.read(name)).hexdigest() == manifest["files"][name]
    assert {"REPRODUCE.md", "codemeta.json", "codecheck.yml", "CITATION.cff", "ro-crate-metadata.json"} <= names
    assert "results/paper-quick/figures/rollout.fa.pdf" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("/", ".."))]


def test_its_descriptions_are_what_they_claim_to_be(archive, tmp_path):
    with zipfile.ZipFile(archive) as held:
        held.extractall(tmp_path)
        names = held.namelist()
    described = json.loads((tmp_path / "ro-crate-metadata.json").read_text())
    graph = {entity["@id"]: entity for entity in described["@graph"]}
    parts = {part["@id"] for part in graph["./"]["hasPart"]}
    assert parts <= set(names)
    assert "results/paper-quick/tables/rollout.csv" in parts
    assert json.loads((tmp_path / "codemeta.json").read_text())["@type"] == "SoftwareSourceCode"
    codecheck = read_yaml(tmp_path / "codecheck.yml").data
    assert len(codecheck["manifest"]) == len(MADE)
    assert all((tmp_path / entry["file"]).is_file() and entry["comment"] for entry in codecheck["manifest"])
    assert not {"codechecker", "certificate", "report"} & set(codecheck)


def test_unpacked_in_an_empty_folder_it_reproduces_the_figures(archive, tmp_path):
    with zipfile.ZipFile(archive) as held:
        held.extractall(tmp_path)
    shutil.rmtree(tmp_path / "results/paper-quick")
    carry_compiled(tmp_path)
    words = [sys.executable, "-m", "experiments", "reproduce", "rollout", "cost", "--quick", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=HANGING)
    assert done.returncode == 0, done.stderr
    assert "1 figure: the same as the reference" in done.stdout
    assert "not compared" in done.stdout
    again = (tmp_path / "results/reproduced-quick/figures/rollout.en.png").read_bytes()
    with zipfile.ZipFile(archive) as held:
        assert held.read("results/paper-quick/figures/rollout.en.png") == again


def test_figures_of_another_model_are_not_archived(paper_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "model_digest", lambda loaded: "another")
    with pytest.raises(ConfigError, match="the model has changed since the runs of"):
        carry_out(Request(folder=paper_folder, out=tmp_path / "a.zip", quick=True))
    assert not (tmp_path / "a.zip").exists()


def test_a_folder_that_is_no_papers_is_refused_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "lakeside", "--weeks", "1", "--scale", "0.05", "--no-figure", "--quiet", "--out", "run"]) == 0
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("nothing")
    wrong = {
        "run": "run: was made by mahalle run, and is no folder of a paper's results; an archive is made of what "
        "mahalle figures wrote, results/paper where nothing else was said",
        "empty": "empty: is no folder of a paper's results; an archive is made of what mahalle figures wrote, "
        "results/paper where nothing else was said",
        "file": "file: is a file, not the folder of a paper's results",
        "nowhere": "nowhere: there is no such folder; make the paper's figures first: mahalle figures",
    }
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / SETTINGS).write_text("")
    wrong["own"] = (
        "own: holds none of the paper's figures, which mahalle figures makes; those of a study of one's own are not "
        "archived"
    )
    for folder, said in wrong.items():
        assert main(["archive", folder, "--out", "a.zip"]) == 2
        assert capsys.readouterr().err.splitlines() == [said]
    assert not (tmp_path / "a.zip").exists()


def test_verify_says_how_figures_are_verified(paper_folder, capsys):
    assert main(["verify", str(paper_folder)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{paper_folder}: holds figures: mahalle reproduce --check compares them")


def test_missing_figures_and_empty_wheelhouses_are_refused(paper_folder, tmp_path):
    begun = shutil.copytree(paper_folder, tmp_path / "begun", ignore=shutil.ignore_patterns("rollout.*"))
    with pytest.raises(ConfigError, match=r"the figure rollout is not there .* make it: mahalle figures --quick"):
        carry_out(Request(folder=begun, out=tmp_path / "a.zip", quick=True))
    with pytest.raises(ConfigError, match="holds no wheels"):
        carry_out(Request(folder=paper_folder, out=tmp_path / "a.zip", quick=True, wheels=tmp_path))


def test_wheels_go_along(paper_folder, tmp_path):
    (tmp_path / "some-1.0-py3-none-any.whl").write_bytes(b"wheel")
    path = carry_out(Request(folder=paper_folder, out=tmp_path / "a.zip", quick=True, wheels=tmp_path))
    with zipfile.ZipFile(path) as held:
        assert held.read("wheelhouse/some-1.0-py3-none-any.whl") == b"wheel"
        assert "--no-index" in held.read("REPRODUCE.md").decode()


def test_without_out_the_zip_is_in_the_current_folder_as_the_help_says(paper_folder, tmp_path, monkeypatch, capsys):
    assert main(["archive", "--help"]) == 0
    assert "DIR's name in this folder, as in ./paper.zip" in " ".join(capsys.readouterr().out.split())
    monkeypatch.chdir(tmp_path)
    made = carry_out(Request(folder=paper_folder, quick=True))
    assert made.resolve() == tmp_path / f"{paper_folder.name}.zip"
