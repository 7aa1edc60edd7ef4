"""A wheel has the configs inside the package, and commands run from it in any folder, by name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import ROOT
from tools.wheel import build, constraints, python_of

CONFIGS = {".yaml", ".csv", ".geojson", ".pb", ".md"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the source, with what is no part of it beside it."""
    source = tmp_path_factory.mktemp("source")
    for name in ("configs/plans/rafsanjan.lock.json", "tests/__init__.py", "tools/__init__.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    return build(source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """The wheel unpacked, as an installation would."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as held:
        held.extractall(folder)
    return folder


@pytest.fixture
def mahalle(site, tmp_path):
    """A function that runs a command of the unpacked wheel in an empty folder."""
    without_compiling = {"NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "experiments", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(site), **without_compiling},
        )  # fmt: skip

    return run


def files_under(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_wheel_has_the_packages_the_configs_and_the_fonts_and_nothing_else(site):
    assert {path.name for path in site.iterdir() if not path.name.endswith(".dist-info")} == {"sim", "experiments"}
    kept = {name for name in files_under(ROOT / "configs") if Path(name).suffix in CONFIGS or "schemas" in name}
    assert files_under(site / "sim/configs") == kept
    for name in kept:
        assert (site / "sim/configs" / name).read_bytes() == (ROOT / "configs" / name).read_bytes()
    for package in ("sim", "experiments"):
        source = {name for name in files_under(ROOT / package) if "__pycache__" not in name}
        assert {name for name in files_under(site / package) if not name.startswith("configs/")} == source
    assert {"py.typed", "configs/cities/own_data/ties.csv"} <= files_under(site / "sim")


def test_an_installed_copy_says_how_to_cite_it_by_the_command_of_the_documents(site, tmp_path):
    page = (ROOT / "docs/paper.md").read_text(encoding="utf-8")
    (command,) = re.findall(r'`python -c "(.+?CITATION\.cff.+?)"`', page)
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(site)!r}); {command}"], cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == (ROOT / "CITATION.cff").read_text(encoding="utf-8").strip(), done.stderr


def test_no_file_of_the_configs_is_left_out_by_its_ending():
    endings = {path.suffix for path in (ROOT / "configs").rglob("*") if path.is_file()}
    assert endings - {".json"} == CONFIGS  # schemas; and locks, which somebody may have written


def test_commands_of_a_wheel_run_in_an_empty_folder(mahalle, tmp_path):
    small = ["--scale", "0.01", "--weeks", "2", "--no-figure", "--quiet"]
    done = mahalle("run", "rafsanjan", "--policy", "school_hub", *small)
    assert (done.returncode, done.stderr) == (0, "")
    done = mahalle("compare", "status_quo", "as_is", *small, "--replications", "2", "--workers", "1")
    assert (done.returncode, done.stderr) == (0, "")
    names = sorted(path.name.rpartition("-")[0] for path in (tmp_path / "results").iterdir())
    assert names == ["compare-rafsanjan-status_quo", "rafsanjan-school_hub-seed1"]


def test_a_wheel_lists_and_reads_what_it_ships(mahalle, site):
    listed = mahalle("list")
    assert listed.returncode == 0
    assert listed.stdout.splitlines()[-1] == f"Files: {site / 'sim/configs'}"
    names = [line for line in listed.stdout.splitlines() if line.startswith("  ")]
    assert len(names) == len(list((site / "sim/configs").rglob("*.yaml")))
    done = mahalle("check", "rafsanjan", "town", "cost")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 5


def test_a_wheel_is_not_written_to(mahalle, site):
    before = files_under(site)
    done = mahalle("plan", "lock", "rafsanjan")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "is part of the installed package" in done.stderr
    assert files_under(site) == before


def test_interpreters_are_found_and_missing_ones_are_told(capsys):
    here = "{}.{}".format(*sys.version_info)
    assert python_of(here) is not None
    assert python_of("2.99") is None


def test_constraints_name_versions_without_digests():
    lines = constraints().splitlines()
    assert any(line.startswith("mesa==") for line in lines)
    assert not [line for line in lines if "sha256" in line or line.endswith("\\") or line.startswith("#")]


def test_a_study_is_made_by_an_installed_program_and_runs(mahalle, tmp_path):
    made = mahalle("init", "study", "--from", "town")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "study" / "schemas" / "plan.json").is_file()
    done = mahalle("run", "study/city.yaml", "--scale", "0.01", "--weeks", "2", "--no-figure")
    assert done.returncode == 0, done.stderr
