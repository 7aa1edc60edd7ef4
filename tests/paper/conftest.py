"""Figures in their quick form, made once for all tests and workers."""

import fcntl
import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.paper.building import Paper
from experiments.paper.command import REFERENCE
from experiments.paper.figure import figures_in
from experiments.paper.tables import read_table
from tests import forking
from tests.conftest import TIMES
from tests.interrupting import HANGING

ROOT = Path(__file__).parents[2]
NAMES = tuple(sorted(path.stem for path in (ROOT / "configs/figures").glob("*.yaml")))

AT_NIGHT = ("allocation", "calibration", "delegation", "hubs", "mayors", "mechanisms", "patterns", "what_matters")
"""Figures that only `make nightly` makes anew: of large sweeps, which are made as those of smaller ones are, and of
studies whose commands other tests run. By day they are drawn from the tables of the reference."""

MADE = tuple(name for name in NAMES if TIMES > 1 or name not in AT_NIGHT)
"""Names of the figures that are made anew."""


@functools.cache
def figures():
    """All figures in their quick form, by number. It takes seconds: a process asks for them when it needs them."""
    return figures_in(ROOT / "configs/figures", quick=True)


def figure_of(name):
    return next(figure for figure in figures() if figure.name == name)


def figures_made():
    return [figure for figure in figures() if figure.name in MADE]


def table_of(figure, folder):
    """The table of a figure: as it was made, else as the reference has it."""
    made = figure.name in MADE
    return read_table(Paper(folder).table(figure) if made else ROOT / REFERENCE[True] / f"{figure.name}.csv")


def mahalle(*words, cwd=ROOT, **options):
    """Run the command and return what it said."""
    if not options and forking.possible():
        return forking.run(words, cwd, HANGING)
    command = [sys.executable, "-m", "experiments", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=HANGING, check=False, **options)


@pytest.fixture(scope="session")
def paper_folder(tmp_path_factory):
    """Folder of the quick form of the figures in `MADE`, as `mahalle reproduce --quick --check` makes it."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):  # of a worker beside others
        shared = shared.parent
    folder = shared / "paper-quick"
    with open(shared / "paper-quick.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            done = mahalle("reproduce", *MADE, "--quick", "--check", "--out", folder, "--workers", 2)
            assert done.returncode == 0, done.stderr[-3_000:]
            assert f"{len(MADE) - 1} figures: the same as the reference" in done.stdout
            assert "0 done before" in done.stdout
            (folder / "whole").touch()
    return folder


LATE_PAY = """
title: {en: Late pay, fa: پرداخت دیرهنگام}
base: rafsanjan
policies: {status_quo: status_quo, council: whole_budget}
levers: {policy.funding.payment_reliability: [0.25, 0.5]}
design: {kind: grid}
replications: 2
run: {scale: 0.02, weeks: 60}
outcomes:
  - trust_in_municipality
  - {spending_need_match: last}
  - {hope: {every: 13}}
  - {"participation_rate[standing=*]": {mean: [5, 52]}}
  - {"participation_rate[sex=woman, cohort=*]": {mean: [5, 52]}}
  - {"service_level[neighbourhood=*]": {week: [26]}}
  - {"council[neighbourhood=*]": {week: [26]}}
"""
LATE_LEVER = "policy.funding.payment_reliability"
LATE_BASE = {"policy": "status_quo", LATE_LEVER: 0.5}
LATE_ARM = {"at": {"policy": "council", LATE_LEVER: 0.5}, "en": "council", "fa": "شورا"}


@pytest.fixture
def of_late_pay(tmp_path):
    """Write a figure of the study of late pay; returns its file."""
    (tmp_path / "study.yaml").write_text(LATE_PAY, encoding="utf-8")
    (tmp_path / "figures").mkdir()

    def write(drawing="differences", *, quick=None, **options):
        content = {
            "number": 1, "drawing": drawing, "title": {"en": "t", "fa": "ع"}, "caption": {"en": "c", "fa": "ش"},
            "data": {"kind": "sweep", "file": "../study.yaml"}, "options": options,
        }  # fmt: skip
        path = tmp_path / "figures/late.yaml"
        text = json.dumps(content | ({"quick": quick} if quick else {}), ensure_ascii=False, indent=1)
        path.write_text(text, encoding="utf-8")
        return path

    return write
