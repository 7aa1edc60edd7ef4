"""Figures in their quick form, made once for all tests and workers."""

import fcntl
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
ALL = figures_in(ROOT / "configs/figures", quick=True)

AT_NIGHT = ("allocation", "delegation", "hubs", "mayors")
"""Figures of large sweeps, which are made as those of smaller ones are: only `make nightly` makes them anew."""

MADE = [figure for figure in ALL if TIMES > 1 or figure.name not in AT_NIGHT]


def table_of(figure, folder):
    """The table of a figure: as it was made, else as the reference has it."""
    return read_table(
        Paper(folder).table(figure) if figure in MADE else ROOT / REFERENCE[True] / f"{figure.name}.csv"
    )


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
            names = [figure.name for figure in MADE]
            done = mahalle("reproduce", *names, "--quick", "--check", "--out", folder, "--workers", 2)
            assert done.returncode == 0, done.stderr[-3_000:]
            assert f"{len(MADE) - 1} figures: the same as the reference" in done.stdout
            assert "0 done before" in done.stdout
            (folder / "whole").touch()
    return folder
