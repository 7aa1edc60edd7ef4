"""Programs started so that Ctrl-C reaches them, also where the tests themselves run in the background of a shell."""

from __future__ import annotations

import signal
import time

import psutil

HANGING = 3_600.0
"""Seconds after which something hangs. The only limit of time in tests: none of them measures speed, which differs with
the machine and with what else runs there; `make bench-guard` does that."""


def heed_ctrl_c() -> None:
    """For `preexec_fn`: a shell's background jobs ignore the signal, and what they start inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(true, process) -> None:
    """Wait until something is true of a process, which must not end before."""
    deadline = time.monotonic() + HANGING
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_until_it_waits(process) -> None:
    """Wait until a process sleeps and does nothing else, at ten looks one after another."""
    looks = 0

    def sleeps() -> bool:
        nonlocal looks
        looks = looks + 1 if psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING else 0
        return looks >= 10

    wait_until(sleeps, process)
