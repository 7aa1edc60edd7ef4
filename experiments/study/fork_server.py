"""The server that worker processes are forked from; it imports the model once, for all of them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.context import BaseContext
from types import TracebackType

PRELOADED = ["experiments.study.uncollected", "mesa", "experiments.sweeps.worker", "experiments.study.warm"]
"""Modules that the server imports, with the garbage collector off. Mesa is imported before the model, because it
inspects the whole call stack several times: imported from within the model it takes a fifth of a second longer."""


ENDS_WITH_PARENT = "MAHALLE_ENDS_WITH_PARENT"
"""Variable of the environment that tells the server to end with the process that started it."""

_PARENT_DEATH_SIGNAL = 1  # of Linux's prctl


def workers_context() -> BaseContext:
    """The multiprocessing context of workers. Not plain fork: it would copy the locks of the sweep's threads."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, whatever it is computing; on Linux only.

    A worker's parent is the server, the server's is the command. A thread that looks for the command now and then is
    not enough: it has no turn while compiled code or an import runs for seconds.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it ended in between
        os._exit(1)


def hush_unwanted_workers() -> None:
    """In the server: suppress output from workers that outlive their parent.

    A signal in the first seconds can leave such workers: their pipe or its semaphores are closed already.
    """
    otherwise = sys.excepthook

    def say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not (isinstance(error, EOFError) or (isinstance(error, FileNotFoundError) and error.filename is None)):
            otherwise(kind, error, trace)

    sys.excepthook = say


def start_early() -> None:
    """Start the server, which imports the model in parallel with this process; this module imports almost nothing.

    Only the main process handles Ctrl-C: without the signal mask, which the server inherits, Ctrl-C during the imports
    would print a traceback of the server.
    """
    workers_context()
    resource_tracker.ensure_running()  # first, for it lifts such a mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if threading.current_thread() is threading.main_thread():  # the kernel goes by the thread that started a process
        os.environ[ENDS_WITH_PARENT] = "1"
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop(ENDS_WITH_PARENT, None)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
