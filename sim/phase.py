"""Phases of a week: functions of the city, run in order, each of which declares what it reads and writes.

This module imports nothing of the model, so that any part of it, and a user-defined rule, may declare a phase.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

WEEK = (
    "advance_programme",
    "pay_instalments",
    "gather_at_hubs",
    "hold_hearings",
    "deliver_works",
    "take_part",
    "learn",
    "update_trust",
    "measure",
)
"""Names of the phases of a week, in order, so that a place among them can be checked before there is a city."""


class Phase:
    """A phase: called with a city, it does its part of the week.

    Attributes:
        name: of the function, if no other is given.
        reads: what it reads but never writes, as paths from the city, such as ``residents.habit``: columns of
            residents (``residents`` stands for all of them), and of the rest what some phase writes.
        writes: what it changes; it may read it as well.
    """

    def __init__(
        self, work: Callable[[Any], None], reads: tuple[str, ...], writes: tuple[str, ...], name: str = ""
    ) -> None:
        update_wrapper(self, work)
        self.work, self.name = work, name or work.__name__
        self.reads, self.writes = reads, writes

    def __call__(self, city: Any) -> None:
        """Do its part of the week."""
        self.work(city)

    def __repr__(self) -> str:
        return f"Phase({self.name})"

    def __reduce__(self) -> str:
        """A copied or pickled city refers to the phase by its name, as to a function."""
        return self.name


def phase(*, reads: str = "", writes: str = "") -> Callable[[Callable[[Any], None]], Phase]:
    """Declare that a function of the city is a phase.

    Args:
        reads, writes: see `Phase`; parts of the city, each with what of it: ``residents: habit, fatigue; ties``.
    """
    return lambda work: Phase(work, _paths(reads), _paths(writes))


def with_phase(
    phases: tuple[Phase, ...], own: Phase, *, before: str | None = None, after: str | None = None
) -> tuple[Phase, ...]:
    """Phases with one more among them.

    Args:
        phases: such as `City.phases`.
        own: the one to put in.
        before, after: name of the phase that it is put before or after: one of the two.

    Raises:
        ValueError: no phase has that name, `own` has the name of another, or both or neither of the two are given.
    """
    names = [one.name for one in phases]
    beside = before if after is None else after
    if beside is None or (before is not None and after is not None):
        raise ValueError("name one phase: the one before which, or the one after which")
    if beside not in names:
        raise ValueError(f"no phase is called {beside!r}: there are {', '.join(names)}")
    if own.name in names:
        raise ValueError(f"a phase is called {own.name!r} already")
    place = names.index(beside) + (after is not None)
    return (*phases[:place], own, *phases[place:])


def _paths(declared: str) -> tuple[str, ...]:
    """Paths from the city that a declaration lists, in its order."""
    paths: list[str] = []
    for part in filter(None, map(str.strip, declared.split(";"))):
        whole, _, members = part.partition(":")
        paths += [f"{whole}.{name.strip()}" for name in members.split(",")] if members else [whole]
    return tuple(paths)
