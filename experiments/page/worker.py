"""What a worker of the page does: cities on their way, taken a few weeks further at a time.

A worker holds the cities that it has begun, the most recent ones only; one that it no longer holds is built again and
run to where it was, with the same numbers. So nothing is lost if a worker ends.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from experiments.cautions import unsaid
from experiments.sweeps.outcomes import Columns, Outcome, read, weeks_read
from sim.city import City
from sim.config import Config
from sim.place import Foundations

MOST_CITIES = 24
"""Cities on their way that a worker holds: some 20 MB each at a tenth of full scale."""

BEHIND = 5
"""How much nicer than the server a worker is."""

_CITIES: OrderedDict[str, City] = OrderedDict()
_FOUNDATIONS = Foundations()


@dataclass(frozen=True)
class Task:
    """A run that is taken further.

    Attributes:
        token: names the run among those of the worker.
        config: of its city.
        outcomes: what is read at the end.
        curves: those of them that are read on the way.
    """

    token: str
    config: Config
    outcomes: tuple[Outcome, ...]
    curves: tuple[Outcome, ...]


def advance(task: Task, week: int) -> Columns:
    """Take a run to a week and read its outcomes so far; at its last week all of them, and the city is let go."""
    city = held(task.token, task.config, weeks_read(task.outcomes, task.config.run.weeks))
    city.run(week - city.week)
    if city.week < task.config.run.weeks:
        return read(city, task.curves)
    _CITIES.pop(task.token, None)
    return read(city, task.outcomes)


def held(token: str, config: Config, measured: frozenset[int] | None = None) -> City:
    """The city of a token, built if the worker does not hold it (any more).

    Args:
        token: names the city.
        config: of the city.
        measured: weeks whose tables it keeps; None for all.
    """
    city = _CITIES.pop(token, None)
    if city is None:
        with unsaid():
            city = City(config, foundations=_FOUNDATIONS, measured_weeks=measured)
    _CITIES[token] = city
    while len(_CITIES) > MOST_CITIES:
        _CITIES.popitem(last=False)
    return city


def let_go(tokens: Sequence[str]) -> None:
    """Forget cities that nobody waits for."""
    for token in tokens:
        _CITIES.pop(token, None)


def begin() -> None:
    """Let the server go first, which turns numbers into answers while the workers run on; and import the model."""
    with suppress(AttributeError, OSError):  # no such thing on this system
        os.nice(BEHIND)
