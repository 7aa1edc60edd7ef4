"""At each write, rename, deletion and fsync of a command that resumes: killed, or refused by the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bad_days.injecting import left_over
from tests.conftest import TIMES
from tests.interrupting import HANGING
from tests.sweeps.conftest import ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be split off")
def test_whatever_an_operation_on_a_file_meets_nothing_is_lost():
    command = [sys.executable, "-m", "tests.bad_days.injecting", str(4 if TIMES == 1 else 50 * TIMES), "1"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANGING * TIMES, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "nothing lost, the same bytes, nothing left over" in told.stdout


def test_whatever_is_left_over_is_seen(tmp_path):
    left = [".contrasts.pdf.12.partial", ".contrasts.pdf.12.partial.pdf", ".hidden", "journal.tmp", "work.held"]
    (tmp_path / "shards").mkdir()
    for name in ("runs.parquet", ".lock", ".lock-journal.jsonl", *left):
        (tmp_path / "shards" / name).touch()
    assert left_over(tmp_path) == left
