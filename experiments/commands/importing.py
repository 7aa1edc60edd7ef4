"""Importing the model, which takes two seconds, with as little of them lost as possible."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def imported_for_good() -> Iterator[None]:
    """Import what stays: the garbage collector neither looks on meanwhile nor looks through it ever after.

    That is a tenth of the time of importing and a fifteenth of that of a run. Where the model was imported before, as
    in a program that calls the command, nothing is done.
    """
    if "sim" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def starting_early(options: Mapping[str, Any]) -> None:
    """Start the server of the workers, before imports that take as long as its own, if processes will do runs."""
    if options.get("executor", "processes") == "processes" and not options.get("dry_run", False):
        from experiments.study.fork_server import start_early

        start_early()
