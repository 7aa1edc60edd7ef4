"""Commands split off from a process that has imported the program already: a second of imports less for each.

A command is still a process of its own, with its own files, signals and exit status, and so are the server of its
workers and the workers. What differs from a command of the shell is only that nothing is imported any more. Tests of
the start itself, such as signals during the imports, always start from nothing, and at night all do: see
`MAHALLE_REAL_STARTS`. `tests/interface/test_forking.py` holds the two beside each other.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

REAL_STARTS = "MAHALLE_REAL_STARTS"
"""Variable of the environment: every command starts from nothing."""


class Command:
    """A command that was split off, with as much of `subprocess.Popen` as tests need.

    Args:
        words: after `mahalle`.
        cwd: its folder.
        own_session: whether all its processes form a group of their own, which can be killed at once.
    """

    def __init__(self, words: Sequence[str | Path], cwd: str | Path, *, own_session: bool = False) -> None:
        self.args = ["mahalle", *map(str, words)]
        self.returncode: int | None = None
        self._told = b""
        self._ends = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._ends.connect(_server())
        with contextlib.ExitStack() as theirs:
            nothing = theirs.enter_context(open(os.devnull, "rb"))
            ours = []
            for _ in range(2):
                reader, writer = os.pipe()
                theirs.callback(os.close, writer)
                ours.append((reader, writer))
            request = {"words": self.args[1:], "cwd": str(cwd), "own_session": own_session, "umask": _umask()}
            request["environment"] = dict(os.environ)
            numbers = array.array("i", [nothing.fileno(), *(writer for _, writer in ours)])
            text = json.dumps(request).encode()
            self._ends.sendmsg([len(text).to_bytes(8, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
            self._ends.sendall(text)
        self.stdout, self.stderr = (os.fdopen(reader, encoding="utf-8") for reader, _ in ours)
        self.pid = int(self._line())

    def _line(self) -> bytes:
        """The next line of the server; waits for it."""
        while b"\n" not in self._told:
            piece = self._ends.recv(64)
            if not piece:
                raise RuntimeError("the server of commands has ended")
            self._told += piece
        line, _, self._told = self._told.partition(b"\n")
        return line

    def poll(self) -> int | None:
        """Exit status, negative after a signal; None while it runs."""
        if self.returncode is None and (self._told or select.select([self._ends], [], [], 0)[0]):
            self.returncode = int(self._line())
            self._ends.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; return the exit status.

        Raises:
            subprocess.TimeoutExpired: it runs longer than so many seconds.
        """
        if self.returncode is None and not self._told and not select.select([self._ends], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        status = self.poll()
        assert status is not None
        return status

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it prints until it ends: output and errors."""
        said = ["", ""]

        def read(number: int, stream: Any) -> None:
            said[number] = stream.read()
            stream.close()

        readers = [threading.Thread(target=read, args=pair) for pair in enumerate((self.stdout, self.stderr))]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
        return said[0], said[1]

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.stderr.close()
        self.wait()


def run(words: Sequence[str | Path], cwd: str | Path, timeout: float) -> subprocess.CompletedProcess[str]:
    """Carry out a command; what `subprocess.run` returns.

    Args:
        words: after `mahalle`.
        cwd: its folder.
        timeout: seconds after which it hangs.
    """
    command = Command(words, cwd)
    out, err = command.communicate(timeout)
    return subprocess.CompletedProcess(command.args, command.wait(), out, err)


def possible() -> bool:
    """Whether commands can be split off here, and should be."""
    return sys.platform == "linux" and REAL_STARTS not in os.environ


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask


@functools.cache
def _server() -> str:
    """Start the server, once in each process of the tests; its address."""
    folder = tempfile.mkdtemp(prefix="mahalle-tests-")
    address = f"{folder}/commands"
    reader, writer = os.pipe()  # its end tells the server that we have ended
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.command_server", address, str(reader)],
        cwd=ROOT, pass_fds=[reader], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )  # fmt: skip
    os.close(reader)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        os.close(writer)
        process.wait()

    atexit.register(end)
    return address
