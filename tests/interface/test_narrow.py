"""Output in a terminal of 40 columns: every word and number stays whole; what is piped has no progress, no colours."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from experiments.narrow import as_list
from tests import forking
from tests.bad_days.resumable import words_of
from tests.conftest import at_night
from tests.interrupting import HANGING
from tests.sweeps.conftest import MAHALLE, ROOT

WIDTH = 40
HEADS_LEFT_OUT = {"pairing", "(interval)", "policy", "outcome", "key"}
"""Words of heads that a list leaves out: of the first column, and where no row has anything to say there."""

CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
ELECTION = ROOT / "tests/elections/files/approval.pb"


def in_a_terminal(words: list[str], width: int = WIDTH) -> tuple[int, str]:
    """Exit status of a command in a terminal, and all that it shows there, without colours."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.environ.update({"TERM": "xterm", "COLUMNS": str(width)})
        os.execv(sys.executable, [*MAHALLE, *words])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), CONTROLS.sub("", shown.decode())


def in_a_pipe(words: list[str]) -> tuple[str, str]:
    if forking.possible():
        done = forking.run(words, ROOT, HANGING)
    else:
        done = subprocess.run([*MAHALLE, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def command(name: str, folder: Path) -> list[str]:
    if name == "run":
        return ["run", "rafsanjan", "--scale", "0.005", "--weeks", "10", "--no-figure", "--out", str(folder / "out")]
    if name == "count":
        return ["count", str(ELECTION), "--rule", "equal-shares"]
    if name == "list":
        return ["list"]
    if name == "check":
        return ["check", "rafsanjan", "configs/experiments/what_matters.yaml"]
    words = words_of(name, folder, small=True)
    return [word for word in words if word != "--quiet" and not word.startswith("--pattern=")]


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(
    "name", ["run", "compare", "validate", "sensitivity", "count", "list", "check", *at_night("sweep")]
)
def test_no_word_or_number_is_cut_or_broken_and_a_pipe_has_neither_progress_nor_colours(name, tmp_path):
    words = command(name, tmp_path)
    plain, told = in_a_pipe(words)
    for text in (plain, told):
        assert not any(mark in text for mark in "\x1b\r━")
    assert " left" not in told
    status, narrow = in_a_terminal(words)
    assert status == 0
    timed = re.compile(r"\d s\b|\bMB\b|per week|kB")  # how long it took, and how much there was to store
    lines = [line for line in plain.splitlines() if not timed.search(line)]
    meant = {word for line in lines for word in line.split() if len(word) < WIDTH} - HEADS_LEFT_OUT
    shown = set(re.split(r"[\s:]+", narrow)) | set(narrow.split())
    assert {word for word in meant if word not in shown and word.rstrip(":") not in shown} == set()
    tables = [line for line in narrow.splitlines() if re.match(r"  \S.*: ", line)]
    assert tables or name in ("count", "list", "check")


def test_a_row_becomes_its_first_text_and_a_line_for_each_column():
    rows = [["hope", "0.4", ""], ["trust", "0.5", "0.6"]]
    assert as_list(["", "now", "then"], rows) == "hope\n  now: 0.4\ntrust\n  now: 0.5\n  then: 0.6"


def test_a_number_of_no_row_is_no_heading():
    assert as_list(["", "pattern"], [["1", "Share"], ["", "part"]]) == "1\n  pattern: Share\n  pattern: part"
