"""Drawings by name: what a figure's file may ask for. Each is one class in one file of `experiments/paper/drawings`.

A figure has three parts that know nothing of each other: data (`experiments.paper.sources`: runs in a store),
statistics (data in, one tidy table out) and drawing (the table in, a Matplotlib figure out). So a figure can be drawn
again from its table alone, and a table be compared with a reference.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sim.parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from experiments.figures.sheet import Sheet
    from experiments.paper.asking import Wrong


class Drawing(Protocol):
    """What a file in `experiments/paper/drawings` declares with `@drawing`."""

    class Options(Parameters):
        """Keys of `options` in the figure's file."""

    @staticmethod
    def wrong(source: Any, options: Any) -> Iterator[Wrong]:
        """What the options ask for that the data will not have, known before any run: each with its place in them."""

    @staticmethod
    def table(data: Any, options: Any) -> pd.DataFrame:
        """Statistics: the figure's tidy table, from what its source reads."""

    @staticmethod
    def draw(table: pd.DataFrame, options: Any, sheet: Sheet) -> Figure:
        """Draw the figure from the table."""


@dataclass(frozen=True)
class Registered:
    """A drawing with its name.

    Attributes:
        name: what the key `drawing` of a figure's file says.
        source: kind of data that it needs (`experiments.paper.sources.SOURCES`).
        kind: the class.
        file: where it is written; a change there draws the figure again.
        single: whether it can be as narrow as one column of a journal.
    """

    name: str
    source: str
    kind: type[Drawing]
    file: Path
    single: bool


_REGISTERED: dict[str, Registered] = {}


def drawing[D: type](name: str, source: str, *, single: bool = False) -> Callable[[D], D]:
    """Declare the drawing below.

    Args:
        name: what figures call it.
        source: kind of data that it needs.
        single: whether it can be as narrow as one column of a journal.

    Raises:
        ValueError: the name is taken.
    """

    def keep(kind: D) -> D:
        if name in _REGISTERED:
            raise ValueError(f"the drawing {name} exists already")
        module = importlib.import_module(kind.__module__)
        _REGISTERED[name] = Registered(name, source, kind, Path(str(module.__file__)), single)
        return kind

    return keep


@cache
def drawings() -> dict[str, Registered]:
    """All drawings by name: every file of the folder `drawings` is read."""
    from experiments.paper import drawings as folder

    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{folder.__name__}.{module.name}")
    return dict(sorted(_REGISTERED.items()))
