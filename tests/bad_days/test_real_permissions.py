"""Folders that really cannot be written to: every command says so in one true line, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.cli import main
from tests.bad_days.resumable import RESULTS, words_of
from tests.conftest import at_night
from tests.interrupting import HANGING
from tests.sweeps.conftest import MAHALLE, ROOT

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux can take rights from root, and mount for one process"
)

RIGHTS = "-dac_override,-dac_read_search"
MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


def without_rights(folder: Path) -> list[str]:
    """Words before a command by which modes hold for it, also if it is root's."""
    return ["setpriv", f"--bounding-set={RIGHTS}", f"--inh-caps={RIGHTS}"] if os.geteuid() == 0 else []


def mounted_read_only(folder: Path) -> list[str]:
    """Words before a command for which a folder lies on a file system that can only be read."""
    more = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", *more, "sh", "-c", MOUNTED, str(folder)]


CLOSED = {"Permission denied": without_rights, "Read-only file system": mounted_read_only}


@pytest.fixture(params=CLOSED)
def closed(request, tmp_path):
    """A folder that cannot be written to, words before a command for which that is so, and what the system says."""
    folder = tmp_path / "closed"
    folder.mkdir()
    if request.param == "Permission denied":
        folder.chmod(0o555)
    before = CLOSED[request.param](folder)
    try:
        probe = subprocess.run([*before, "touch", folder / "probe"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        pytest.skip(f"{error.filename} is not installed")
    if request.param not in probe.stderr:
        pytest.skip(f"this machine cannot close a folder: {probe.stderr.strip() or 'it was written to'}")
    yield folder, before, request.param
    folder.chmod(0o755)


def carried_out(before: list[str], words: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*before, *MAHALLE, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANGING,
        check=False,
    )


def words_for(command: str, folder: Path, out: Path) -> list[str]:
    if command == "run":
        return ["run", "rafsanjan", "--scale", "0.002", "--weeks", "2", "--quiet", "--out", str(out)]
    if command == "schema":
        return ["schema", "--out", str(out / "schema.json")]
    words = words_of(command, folder, small=True)
    words[words.index("--out") + 1] = str(out)
    return words


BY_DAY = ("sweep", "run")


@pytest.mark.parametrize("command", [*BY_DAY, *at_night(*sorted({*RESULTS, "schema"} - {*BY_DAY}))])
def test_a_folder_that_cannot_be_written_to_is_one_line(command, closed, tmp_path):
    folder, before, why = closed
    done = carried_out(before, words_for(command, tmp_path, folder / "out"))
    assert done.returncode in (1, 2), done.stderr
    (line,) = done.stderr.splitlines()
    assert why in line
    assert str(folder) in line
    assert "Errno" not in line
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("closed", [*CLOSED][1:] + at_night(*[*CLOSED][:1]), indirect=True)
def test_results_that_can_only_be_read_are_verified_and_not_touched(closed, tmp_path):
    folder, before, why = closed
    words = words_for("sweep", tmp_path, tmp_path / "out")
    assert main(words) == 0
    folder.chmod(0o755)
    shutil.copytree(tmp_path / "out", folder / "out")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    there = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    done = carried_out(before, ["verify", str(folder / "out"), "--sample", "1"])
    assert done.returncode == 0, done.stderr
    done = carried_out(before, words_for("sweep", tmp_path, folder / "out"))
    assert done.returncode in (1, 2)
    (line,) = done.stderr.splitlines()
    assert why in line
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == there
    for path in folder.rglob("*"):
        path.chmod(0o755)
