"""Ctrl-C and SIGTERM, for all commands alike: how work ends early, what is said of it, and the exit status."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

RESUMABLE = ("sweep", "compare", "sensitivity", "calibrate")
"""Commands that keep what is finished and go on from there; of the others nothing is kept."""

ONCE_ONLY = ("--fresh", "--retry-failed")
"""Options that would undo what is kept, and so do not belong to the command that goes on."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, as schedulers, service managers and `timeout` send it: work ends as by Ctrl-C."""


class StoppedEarlyError(Exception):
    """Work ended early that can be taken up again.

    Attributes:
        what: why it ended, such as "interrupted".
        kept: what is kept, and where.
        status: exit status that says so: 130 after Ctrl-C, 143 after SIGTERM, 1 where the work could not go on.
    """

    def __init__(self, what: str, kept: str, interruption: KeyboardInterrupt | None = None) -> None:
        super().__init__(f"{what}; {kept}: the same command goes on from there")
        self.what, self.kept = what, kept
        self.status = 1 if interruption is None else status_of(interruption)


def status_of(interruption: KeyboardInterrupt) -> int:
    """Exit status by which shells know a program that a signal ended."""
    return 128 + (signal.SIGTERM if isinstance(interruption, Terminated) else signal.SIGINT)


def word_of(interruption: KeyboardInterrupt) -> str:
    """What happened, in a word."""
    return "terminated" if isinstance(interruption, Terminated) else "interrupted"


def line_of(ending: StoppedEarlyError | KeyboardInterrupt, words: Sequence[str]) -> str:
    """What ended a command early, what is kept, and how to go on.

    Args:
        ending: what ended it.
        words: of the command line, after `mahalle`.
    """
    command = next(iter(words), "")
    if isinstance(ending, StoppedEarlyError):
        what, kept, how = ending.what, ending.kept, "go on"
    elif command in RESUMABLE:
        what, kept, how = word_of(ending), "what is finished is kept", "go on"
    else:
        what, kept, how = word_of(ending), "nothing of it is kept, nothing half-written is left", "begin anew"
    again = shlex.join(["mahalle", *(word for word in words if word not in ONCE_ONLY)])
    if "mpi" in words:
        again = "the same command"  # mpiexec and its options are not among the words
    return f"mahalle {command}: {what}; {kept}; {how} with: {again}"


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Raise `Terminated` on SIGTERM within a block, unless somebody sees to the signal already, and lose no signal.

    Python ignores what is raised while it cleans up an object, as it does after each import: there a signal is sent
    once more.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    otherwise = sys.unraisablehook

    def again(ignored: sys.UnraisableHookArgs) -> None:
        if not isinstance(ignored.exc_value, KeyboardInterrupt):
            otherwise(ignored)
            return
        number = signal.SIGTERM if isinstance(ignored.exc_value, Terminated) else signal.SIGINT
        later = threading.Timer(0.05, os.kill, (os.getpid(), number))  # at once, it would be ignored in here as well
        later.daemon = True
        later.start()

    signal.signal(signal.SIGTERM, _terminate)
    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = otherwise
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def leave_at_the_next() -> None:
    """End this process at once at the next signal: what there was to save is saved, and a traceback says nothing."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)


def _terminate(*_: Any) -> NoReturn:
    raise Terminated
