"""Ctrl-C and SIGTERM for all commands: how work ends early, the message, and the exit status."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

RESUMABLE = ("sweep", "compare", "sensitivity", "calibrate", "validate", "figures", "reproduce", "report", "audit")
"""Commands that keep finished runs and can resume; the other commands keep nothing."""

REWRITES = ("merge", "discover")
"""Commands that write into the folder of a study, whose runs stay as they are."""

ONCE_ONLY = ("--fresh", "--retry-failed")
"""Options that would discard what is kept; they are left out of the command that resumes."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, as schedulers, service managers and `timeout` send it: work ends as by Ctrl-C."""


class StoppedEarlyError(Exception):
    """Work ended early and can be resumed.

    Attributes:
        what: why it ended, such as "interrupted".
        kept: what is kept, and where.
        resumes: whether the same command goes on from there.
        status: exit status that says so: 130 after Ctrl-C, 143 after SIGTERM, 1 where the work could not go on.
    """

    def __init__(
        self, what: str, kept: str, interruption: KeyboardInterrupt | None = None, *, resumes: bool = True
    ) -> None:
        super().__init__(f"{what}; {kept}: the same command {'resumes from there' if resumes else 'starts again'}")
        self.what, self.kept, self.resumes = what, kept, resumes
        self.status = 1 if interruption is None else status_of(interruption)


def status_of(interruption: KeyboardInterrupt) -> int:
    """Exit status of a program that was ended by a signal, as shells define it."""
    return 128 + (signal.SIGTERM if isinstance(interruption, Terminated) else signal.SIGINT)


def word_of(interruption: KeyboardInterrupt) -> str:
    """What happened, in a word."""
    return "terminated" if isinstance(interruption, Terminated) else "interrupted"


def line_of(ending: StoppedEarlyError | KeyboardInterrupt | OSError, words: Sequence[str]) -> str:
    """The message after an early end: what ended the command, what is kept, and how to resume.

    Args:
        ending: what ended it; an `OSError` if a file could not be read or written.
        words: of the command line, after `mahalle`.
    """
    command = next(iter(words), "")
    if isinstance(ending, StoppedEarlyError):
        what, kept, how = ending.what, ending.kept, "resume" if ending.resumes else "start again"
    else:
        what = reason_of(ending) if isinstance(ending, OSError) else word_of(ending)
        kept, how = "nothing is kept and no partial files are left", "start again"
        if command in RESUMABLE and "--dry-run" not in words:
            kept, how = "finished runs are kept", "resume"
        elif command in REWRITES:
            kept = "the runs are kept and no file is left half-written"
    left_out = ONCE_ONLY if how == "resume" else ()
    again = shlex.join(["mahalle", *(word for word in words if word not in left_out)])
    if "mpi" in words:
        again = "the same command"  # mpiexec and its options are not among the words
    return f"mahalle {command}: {what}; {kept}; {how} with: {again}"


def reason_of(error: OSError) -> str:
    """What could not be read or written, and why: ``stopped: results/x: No space left on device``.

    Args:
        error: of the system, or of a library, which may leave out the file or the number.
    """
    why = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
    named = error.filename2 or error.filename
    if not isinstance(named, str | bytes | os.PathLike):
        return f"stopped: {why}"
    file = Path(os.fsdecode(named))
    return f"stopped: {file.parent if file.suffix == '.partial' else file}: {why}"


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Raise `Terminated` on SIGTERM within a block, unless the signal already has a handler, and lose no signal.

    Python ignores exceptions raised while it finalises an object, as it does after each import; in that case the
    signal is sent again.
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
    """End this process immediately at the next signal: results are saved already, and a traceback would not help."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)


def _terminate(*_: Any) -> NoReturn:
    raise Terminated
