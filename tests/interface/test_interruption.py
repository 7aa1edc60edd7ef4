"""Ctrl-C and SIGTERM in mid-work, sent to real processes: status, one line, no orphans, and the same bytes after."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from experiments.interruption import StoppedEarlyError, Terminated, line_of
from experiments.study.fork_server import hush_unwanted_workers
from experiments.study.shards import read_shard, write_shard
from experiments.study.store import Store
from experiments.sweeps.experiment import KIND
from tests.bad_days.resumable import digests, words_of
from tests.conftest import at_night
from tests.interrupting import HANGING, heed_ctrl_c, wait_until, wait_until_it_waits
from tests.sweeps.conftest import MAHALLE, mahalle, start, tiny

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORD = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
BOTH = pytest.mark.parametrize("number", list(STATUS))


def something_is_kept(out: Path) -> bool:
    return any(out.glob("shards/*.parquet"))


def ended(process, children) -> tuple[int, list[str]]:
    """Exit status and lines on standard error of a process that was sent a signal; nothing it started outlives it."""
    _, err = process.communicate(timeout=HANGING)
    _, alive = psutil.wait_procs(children, timeout=HANGING)
    for child in alive:
        child.kill()
    assert not alive
    assert "Traceback" not in err
    return process.returncode, err.splitlines()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Digests of what a command writes when nobody interrupts it."""
    found = {}

    def of(command: str) -> dict[str, str]:
        if command not in found:
            folder = tmp_path_factory.mktemp(command)
            mahalle(*words_of(command, folder))
            found[command] = digests(command, folder)
        return found[command]

    return of


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("sweep", signal.SIGINT),
        *at_night(
            ("calibrate", signal.SIGTERM),
            ("sweep", signal.SIGTERM),
            ("compare", signal.SIGINT),
            ("compare", signal.SIGTERM),
            ("validate", signal.SIGINT),
            ("sensitivity", signal.SIGINT),
            ("sensitivity", signal.SIGTERM),
            ("calibrate", signal.SIGINT),
            ("validate", signal.SIGTERM),
        ),
    ],
)
def test_what_is_finished_is_kept_and_gone_on_with(command, number, undisturbed, tmp_path):
    words = words_of(command, tmp_path)
    process = start(*words)
    wait_until(lambda: something_is_kept(tmp_path / "out"), process)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    status, lines = ended(process, children)
    assert status == STATUS[number], lines
    assert lines[-1].startswith(f"mahalle {command}: {WORD[number]}; ")
    assert " kept in " in lines[-1]
    assert lines[-1].endswith(f"; resume with: {shlex.join(['mahalle', *words])}")
    assert something_is_kept(tmp_path / "out")
    mahalle(*words)
    assert digests(command, tmp_path) == undisturbed(command)


def let_a_run_have_failed(folder: Path) -> None:
    """Write the first shard anew, as if its first run had failed."""
    store = Store(folder, KIND)
    path = min((folder / "shards").glob("*.parquet"))
    shard, table = read_shard(path), pq.read_table(path)
    failures = {shard.runs[0]: {"error": "MemoryError", "message": "too little", "traceback": ""}}
    left = table.filter(pc.not_equal(table["run_id"], shard.runs[0]))
    store.note(write_shard(folder, replace(shard, failures=failures), left))


@pytest.mark.parametrize("command", ["sweep", *at_night("compare", "sensitivity")])
def test_failed_runs_are_done_again_when_asked(command, undisturbed, tmp_path):
    words = words_of(command, tmp_path)
    mahalle(*words)
    let_a_run_have_failed(tmp_path / "out")
    assert ", 1 of them failed: --retry-failed repeats them" in mahalle(*words, status=1)
    assert digests(command, tmp_path) != undisturbed(command)
    told = [word for word in words if word != "--quiet"]
    assert "failed runs that are repeated: 1\n" in mahalle(*told, "--retry-failed")
    assert digests(command, tmp_path) == undisturbed(command)


@BOTH
def test_a_signal_to_all_processes_at_once_ends_in_the_same_way(number, undisturbed, tmp_path):
    """As a terminal, `timeout`, schedulers and service managers send it: to the workers and their server as well."""
    words = words_of("sweep", tmp_path)
    process = start(*words)
    wait_until(lambda: something_is_kept(tmp_path / "out"), process)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number)
    status, lines = ended(process, children)
    assert status == STATUS[number], lines
    assert "resume with: mahalle sweep" in lines[-1]
    mahalle(*words)
    assert digests("sweep", tmp_path) == undisturbed("sweep")


@pytest.mark.parametrize(
    ("number", "seconds"),
    [(signal.SIGINT, 0.0), *at_night((signal.SIGTERM, 1.0), (signal.SIGTERM, 0.0), (signal.SIGINT, 1.0))],
)
def test_a_signal_while_workers_are_started_is_one_line_too(number, seconds, tmp_path):
    """The command starts from nothing, so that the signal comes while modules are imported."""
    words = ("sweep", tiny(tmp_path, replications=500), "--out", tmp_path / "out", "--workers", "2")
    process = start(*words, command=MAHALLE)
    assert process.stderr.readline().startswith("Tiny: ")
    time.sleep(seconds)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    status, lines = ended(process, children)
    assert status == STATUS[number], lines
    assert "resume with: mahalle sweep" in lines[-1]


def test_only_the_tracebacks_of_workers_that_nobody_wants_are_left_out(monkeypatch):
    told: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: told.append(error))
    hush_unwanted_workers()
    genuine = [FileNotFoundError(2, "No such file or directory", "script.py"), RuntimeError("no main guard")]
    for error in (EOFError(), FileNotFoundError(2, "No such file or directory"), *genuine):
        sys.excepthook(type(error), error, None)
    assert told == genuine


CLEANING_UP = """
import os, signal, sys, time
from experiments import interruption
class Thing:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(0.1)
try:
    with interruption.heeding_signals():
        Thing()
        time.sleep(600.0)
except KeyboardInterrupt as ending:
    print(interruption.word_of(ending))
"""


@BOTH
def test_a_signal_while_an_object_is_cleaned_up_is_not_lost(number):
    command = [sys.executable, "-c", CLEANING_UP, str(int(number))]
    told = subprocess.run(command, capture_output=True, text=True, timeout=HANGING, check=True, preexec_fn=heed_ctrl_c)
    assert (told.stdout.strip(), told.stderr) == (WORD[number], "")


def has_computed(process: psutil.Process) -> bool:
    """Whether a process has computed for three seconds; one that has ended since it was listed has not."""
    try:
        return process.cpu_times().user > 3.0
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, *at_night(signal.SIGTERM)])
def test_a_second_signal_leaves_what_is_under_way(number, tmp_path):
    experiment = tiny(tmp_path, replications=30)
    text = experiment.read_text(encoding="utf-8").replace("scale: 0.002, weeks: 8", "scale: 0.5, weeks: 5000")
    experiment.write_text(text, encoding="utf-8")
    process = start("sweep", experiment, "--out", tmp_path / "out", "--workers", "2", "--quiet")
    wait_until(lambda: any(psutil.Process(process.pid).children(recursive=True)), process)
    server = psutil.Process(process.pid)
    wait_until(lambda: sum(map(has_computed, server.children(recursive=True))) >= 2, process)
    children = server.children(recursive=True)
    process.send_signal(number)
    assert process.stderr.readline().startswith(f"{WORD[number]}: finishing the running tasks")
    process.send_signal(number)
    status, lines = ended(process, children)
    assert status == STATUS[number], lines
    assert "0 of 120 runs are finished and kept in" in lines[-1]  # else it would have waited for the first


def test_discover_is_ended_by_sigterm_as_by_ctrl_c(tmp_path):
    os.mkfifo(tmp_path / "manifest.json")  # reading it waits for a writer who never writes
    process = start("discover", tmp_path, "--outcome", "hope:last")
    writer: list[int] = []

    def is_being_read() -> bool:
        with suppress(OSError):
            writer.append(os.open(tmp_path / "manifest.json", os.O_WRONLY | os.O_NONBLOCK))
        return bool(writer)

    wait_until(is_being_read, process)
    wait_until_it_waits(process)  # a signal between opening and reading would be heeded after reading only
    process.send_signal(signal.SIGTERM)
    status, lines = ended(process, [])
    os.close(writer[0])
    assert status == 143, lines
    assert lines[-1].startswith("mahalle discover: terminated; the runs are kept and no file is left half-written")


def test_the_command_that_goes_on_does_not_begin_anew():
    words = ["sweep", "my experiment.yaml", "--fresh", "--out", "x"]
    said = line_of(StoppedEarlyError("interrupted", "2 of 9 runs are finished and kept in x"), words)
    assert said == (
        "mahalle sweep: interrupted; 2 of 9 runs are finished and kept in x; "
        "resume with: mahalle sweep 'my experiment.yaml' --out x"
    )
    assert line_of(Terminated(), ["sweep", "--fresh", "--executor", "mpi"]).endswith("; resume with: the same command")
