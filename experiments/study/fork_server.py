"""The server that worker processes are forked from; it imports the model once, for all of them."""

from __future__ import annotations

import signal
import sys
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.context import BaseContext
from types import TracebackType

PRELOADED = ["experiments.study.uncollected", "mesa", "experiments.sweeps.worker", "experiments.study.warm"]
"""Modules that the server imports, with the garbage collector off. Mesa is imported before the model, because it
inspects the whole call stack several times: imported from within the model it takes a fifth of a second longer."""


def workers_context() -> BaseContext:
    """The multiprocessing context of workers. Not plain fork: it would copy the locks of the sweep's threads."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


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
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
