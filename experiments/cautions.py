"""Cautions on the command line: one line each, said once, or left out where another process has said them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CAUTION = "CautionWarning"
"""Name of the class in `sim.cautions`, which is not imported here: it would bring the whole model with it."""


@contextmanager
def in_a_line(say: Callable[[str], Any], *, quiet: bool = False) -> Iterator[None]:
    """Hand cautions to `say` instead of printing them as warnings, each once.

    Args:
        say: prints a line.
        quiet: whether they are left out.
    """
    said: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        otherwise = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *more: Any, **named: Any) -> None:
            if category.__name__ != CAUTION:
                otherwise(message, category, *more, **named)
            elif str(message) not in said and not quiet:
                said.add(str(message))
                say(f"caution: {message}")

        warnings.showwarning = show
        yield


@contextmanager
def unsaid() -> Iterator[None]:
    """Leave cautions out, where another process has said them."""
    from sim.cautions import CautionWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CautionWarning)
        yield
