"""A command split off from a process that has imported the program does what one that starts from nothing does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from tests import forking
from tests.interrupting import HANGING, wait_until_it_waits
from tests.sweeps.conftest import MAHALLE, ROOT, digests, tiny

pytestmark = pytest.mark.skipif(not forking.possible(), reason="commands are not split off here")


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["list", "policy", "--lang", "fa"],
        ["check", "rafsanjan", "delegated_share"],
        ["run", "nowhere"],
        ["sweep", "--oout"],
        ["run", "rafsanjan", "--set", "policy.council.sise=7"],
    ],
)
def test_it_says_the_same_and_ends_with_the_same_status(words, tmp_path):
    split = forking.run(words, tmp_path, HANGING)
    real = subprocess.run([*MAHALLE, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (split.returncode, split.stdout, split.stderr) == (real.returncode, real.stdout, real.stderr)


def test_a_sweep_with_workers_has_the_same_bytes(tmp_path):
    for name in ("split", "real"):
        experiment, out = tiny(tmp_path, replications=2), tmp_path / name
        words = ["sweep", str(experiment), "--out", str(out), "--workers", "2", "--quiet"]
        if name == "split":
            done = forking.run(words, ROOT, HANGING)
        else:
            done = subprocess.run([*MAHALLE, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert digests(tmp_path / "split") == digests(tmp_path / "real")


def waiting(folder):
    """A command that waits for what never comes."""
    os.mkfifo(folder / "manifest.json")
    process = forking.Command(["discover", folder, "--outcome", "hope:last"], folder, own_session=True)
    writer = None
    while writer is None:
        with suppress(OSError):
            writer = os.open(folder / "manifest.json", os.O_WRONLY | os.O_NONBLOCK)
    wait_until_it_waits(process)
    return process


@pytest.mark.parametrize(("number", "status"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_is_a_process_of_its_own(number, status, tmp_path):
    process = waiting(tmp_path)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    assert os.getpgid(process.pid) == process.pid != os.getpgid(0)
    os.killpg(process.pid, number)
    assert process.wait(HANGING) == process.poll() == status
    assert not psutil.pid_exists(process.pid)
    out, err = process.communicate(HANGING)
    assert (out, bool(err)) == ("", number != signal.SIGKILL)


def test_it_has_the_environment_and_the_folder_of_whoever_asks(monkeypatch, tmp_path):
    done = forking.run(["init", "study"], tmp_path, HANGING)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "study/city.yaml").is_file()
    monkeypatch.setenv("_MAHALLE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "mahalle dash")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert forking.run([], tmp_path, HANGING).stdout.split() == ["dashboard"]


def test_the_server_ends_with_the_tests():
    code = "import os\nfrom tests import forking\nforking.run(['--version'], '.', 60)\nos._exit(0)"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, start_new_session=True)
    started: set[psutil.Process] = set()
    while process.poll() is None:
        with suppress(psutil.Error):
            started.update(psutil.Process(process.pid).children(recursive=True))
        time.sleep(0.01)
    _, alive = psutil.wait_procs(started, timeout=HANGING)
    assert started
    assert not alive
