"""A sweep over MPI: the same bytes, nothing lost when it is killed, and refused in a line where there is no MPI."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("mpi4py")  # an extra

from tests.bad_days.killing import faults
from tests.interrupting import HANGING
from tests.sweeps.conftest import digests, kill_all, mahalle, start, tiny

MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}") or shutil.which("mpiexec")
needs_mpiexec = pytest.mark.skipif(MPIEXEC is None, reason="there is no mpiexec: pip install mpich")
UNDER_MPI = (MPIEXEC, "-n", "3", sys.executable, "-m", "mpi4py.futures", "-m", "experiments")


@needs_mpiexec
def test_mpi_gives_the_same_bytes_on_two_workers(undisturbed, tmp_path):
    words = ("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--executor", "mpi", "--quiet")
    mahalle(*words, command=UNDER_MPI)
    assert digests(tmp_path / "sweep") == digests(undisturbed)
    lines = (tmp_path / "sweep/journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert len({json.loads(line)["worker"] for line in lines}) == 2


@needs_mpiexec
def test_killed_under_mpi_and_resumed_is_as_if_undisturbed(undisturbed, tmp_path):
    """It is resumed without MPI: what is there is the same, whoever did it."""
    words = ("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet")
    process = start(*words, "--executor", "mpi", command=UNDER_MPI)
    end = time.monotonic() + HANGING
    while not list((tmp_path / "sweep/shards").glob("*.parquet")) and process.poll() is None:
        assert time.monotonic() < end, "no shard came"
        time.sleep(0.02)
    kill_all(process)
    mahalle(*words)
    assert faults(tmp_path / "sweep") == []
    assert digests(tmp_path / "sweep") == digests(undisturbed)


@needs_mpiexec
def test_a_wrong_experiment_is_one_line_under_mpi_too(tmp_path):
    wrong = tiny(tmp_path, more="lovers: {}\n")
    said = mahalle("sweep", wrong, "--out", tmp_path / "sweep", "--executor", "mpi", command=UNDER_MPI, status=2)
    assert 'lovers: unknown key; did you mean "levers"?' in said
    assert "Traceback" not in said


def test_without_mpi_it_is_refused_and_not_waited_for(tmp_path):
    said = mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--executor", "mpi", status=2)
    assert "mpiexec -n 8 python -m mpi4py.futures -m experiments sweep" in said
