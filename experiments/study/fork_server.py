"""The server that worker processes are forked from; it imports the model once, for all of them."""

from __future__ import annotations

import signal
import sys
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.context import BaseContext
from types import TracebackType

PRELOADED = ["experiments.study.uncollected", "mesa", "experiments.sweeps.worker", "experiments.study.warm"]
"""What it imports, with the garbage collector off. Mesa goes before the model, for it looks through the whole stack of
calls several times while it is imported: from below the model's own imports that takes a fifth of a second longer."""


def workers_context() -> BaseContext:
    """Where workers come from. Not plain fork: a sweep has threads by then, and a fork copies their locks."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def hush_unwanted_workers() -> None:
    """In the server: let workers say nothing that are started when whoever wanted them is gone.

    A signal in the first seconds leaves such: what they should read is closed by then, or its semaphores, which have no
    names of files, are.
    """
    otherwise = sys.excepthook

    def say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not (isinstance(error, EOFError) or (isinstance(error, FileNotFoundError) and error.filename is None)):
            otherwise(kind, error, trace)

    sys.excepthook = say


def start_early() -> None:
    """Start the server, which imports the model while this process does so, too; this module imports next to nothing.

    Ctrl-C is for the sweep: without the mask, which the server inherits, it would end in a traceback while the server
    still imports.
    """
    workers_context()
    resource_tracker.ensure_running()  # first, for it lifts such a mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
