"""All figures in their quick form, made once for all tests and workers."""

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interrupting import HANGING

ROOT = Path(__file__).parents[2]


def mahalle(*words, cwd=ROOT, **options):
    """Run the command and return what it said."""
    command = [sys.executable, "-m", "experiments", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=HANGING, check=False, **options)


@pytest.fixture(scope="session")
def paper_folder(tmp_path_factory):
    """Folder of the quick form of all figures, as `mahalle reproduce --quick --check` makes it from nothing."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):  # of a worker beside others
        shared = shared.parent
    folder = shared / "paper-quick"
    with open(shared / "paper-quick.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            done = mahalle("reproduce", "--quick", "--check", "--out", folder, "--workers", 2)
            assert done.returncode == 0, done.stderr[-3_000:]
            assert "13 figures: the same as the reference" in done.stdout
            assert "0 done before" in done.stdout
            (folder / "whole").touch()
    return folder
