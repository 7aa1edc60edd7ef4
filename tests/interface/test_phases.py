"""What a phase declares that it reads and writes is what it reads and writes, under all settings of the docking tests.

Writes are seen by comparing the city before and after each phase. Reads are seen as far as Python sees them: what is
asked for by name. A compiled pass is handed its columns by name, so they are seen; whether it then looks at all of them
is not. What is asked for and changed counts as written.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

from sim import City, Resident
from sim.columns import Table, columns_of
from sim.measures import Recorder
from sim.phase import Phase, phase, with_phase
from sim.randomness import Streams
from tests.docking.settings import SETTINGS, WEEKS, from_week

PARTS = ("institutions", "money", "rows", "log")
"""Parts of the city whose members are looked at one by one, as the columns of residents are."""

CACHES = ("_pools", "_adder")
"""Attributes of `Pools` and `Ties` that are made when first asked for, from what never changes or stays beside them."""

ALL_LEVERS = {
    **SETTINGS["levers moved on the way"],
    "run.weeks": WEEKS,
    "run.snapshot_weeks": [3],
    "timeline": [
        *SETTINGS["levers moved on the way"]["timeline"],
        from_week(9, allocation__rule="by_favour", rollout__order="easy_first", council__liaisons=3),
    ],
}
"""Levers that those do not move, residents written down, and the end of the run."""

IN_VIEW = {
    "every shock": 26,
    "elections of few, for which many stand": WEEKS,
    "no hub and no support, the municipality selects": 14,
    "sortition with quotas, a mixed council, and standing for migrants": 14,
    "a busy civic life without a programme": 14,
    "the first version's trust, where news is told": 14,
}
"""Settings, and weeks of each, in which together with `ALL_LEVERS` every phase does all that it can do."""

COLUMNS = frozenset(f"residents.{name}" for name in columns_of(Resident))


# ------------------------------------------------------------------------------------------------------ looking


class Watch:
    """What each phase of a city asked for and changed, by name of the phase."""

    def __init__(self) -> None:
        self.asked: dict[str, set[str]] = defaultdict(set)
        self.changed: dict[str, set[str]] = defaultdict(set)
        self.now = ""

    def see(self, path: str) -> None:
        if self.now:
            self.asked[self.now].add(path)


def watching(kind: type, prefix: str, watch: Watch) -> type:
    """A class like another whose instances tell which of their attributes and columns are asked for."""

    class Watching(kind):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            watch.see(prefix + name)
            return super().__getattribute__(name)

        if issubclass(kind, Table):

            def __getitem__(self, name: str) -> Any:
                watch.see(prefix + name)
                return super().__getitem__(name)

    return Watching


def watched(phases: tuple[Phase, ...], values: dict[str, Any], weeks: int) -> Watch:
    """Run a city of these phases, and note what each asks for and changes."""
    watch = Watch()
    city = City(**values)
    city.__class__ = watching(City, "", watch)
    object.__setattr__(city.residents, "__class__", watching(Table, "residents.", watch))
    for part in PARTS:
        thing = getattr(city, part)
        thing.__class__ = watching(type(thing), f"{part}.", watch)

    def noting(own: Phase) -> Callable[[City], None]:
        def run(city: City) -> None:
            watch.now = own.name
            own(city)
            watch.now = ""
            after = state_of(city)
            watch.changed[own.name] |= {path for path in after if after[path] != before.get(path)}
            before.update(after)

        return run

    before: dict[str, bytes] = {}
    city.phases = tuple(noting(own) for own in phases)  # type: ignore[misc]
    for _ in range(weeks):
        before.clear()
        before.update(state_of(city))
        city.step()
    return watch


def state_of(city: City) -> dict[str, bytes]:
    """Digests of all that a city holds, by path; what Mesa's own models hold is left out."""
    held = vars(city)
    found = {f"residents.{name}": held["residents"][name] for name in held["residents"]}
    for part in PARTS:
        found |= {f"{part}.{name}": value for name, value in vars(held[part]).items() if name != "city"}
    of_mesa = {*vars(mesa.Model()), "residents", "phases", "config", *PARTS}
    found |= {name: value for name, value in held.items() if name not in of_mesa or name == "running"}
    return {path: digest(value) for path, value in found.items()}


def digest(value: object) -> bytes:
    """A digest of the values in an object; agents, cities and functions count by who they are."""
    found = hashlib.blake2b(digest_size=16)

    def add(thing: object) -> None:
        if isinstance(thing, np.ndarray) and thing.dtype != object:
            found.update(f"{thing.dtype}{thing.shape}".encode())
            found.update(thing.tobytes())
        elif isinstance(thing, mesa.Agent):
            found.update(f"{type(thing).__name__} {thing.unique_id}".encode())
        elif isinstance(thing, City):
            found.update(b"city")
        elif isinstance(thing, Recorder | mesa.DataCollector):
            rows = thing.datacollector if isinstance(thing, Recorder) else thing
            add(rows._collection_steps)  # one for each week in the tables, and these are long
        elif isinstance(thing, Streams):
            found.update(f"streams {thing.seed}".encode())
        elif isinstance(thing, dict):
            found.update(f"dict {len(thing)}".encode())
            for key, item in thing.items():
                add(key)
                add(item)
        elif isinstance(thing, list | tuple):
            found.update(f"list {len(thing)}".encode())
            for item in thing:
                add(item)
        elif isinstance(thing, pd.DataFrame):
            add({name: thing[name].to_numpy() for name in thing})
        elif hasattr(thing, "__dict__") and not callable(thing):
            found.update(type(thing).__name__.encode())
            add({name: item for name, item in vars(thing).items() if name not in CACHES})
        else:
            found.update(repr(thing).encode())

    add(value)
    return found.digest()


# ------------------------------------------------------------------------------------------------------ checking


def faults(phases: tuple[Phase, ...], watches: Iterable[Watch]) -> Iterator[str]:
    """What phases do and do not say, or say and do in none of the runs."""
    watches = tuple(watches)
    kept = COLUMNS.union(*(own.writes for own in phases))
    for own in phases:
        changed = set().union(*(watch.changed[own.name] for watch in watches))
        asked = set().union(*(watch.asked[own.name] for watch in watches)) & kept - changed
        for what, said, seen in (("writes", own.writes, changed), ("reads", own.reads, asked)):
            said = {*said, *(COLUMNS if "residents" in said else ())} - {"residents"}
            yield from (f"{own.name} {what} {path} and does not say so" for path in sorted(seen - said))
            yield from (f"{own.name} never {what} {path}" for path in sorted(said - seen))


@pytest.fixture(scope="module")
def watches() -> list[Watch]:
    runs = [watched(City.phases, SETTINGS[name], weeks) for name, weeks in IN_VIEW.items()]
    return [watched(City.phases, ALL_LEVERS, WEEKS), *runs]


def test_every_phase_reads_and_writes_what_it_declares_and_nothing_else(watches):
    assert list(faults(City.phases, watches)) == []


def test_a_phase_that_is_silent_about_what_it_does_is_found():
    @phase(reads="residents: habit", writes="residents: fatigue; money: books")
    def secretive(city: City) -> None:
        city.residents.hope[:] = 0.5
        city.money.books.central_balance += 1.0
        city.services = 0.5 * (city.services + city.residents.resources.mean())

    phases = with_phase(City.phases, secretive, before="measure")
    found = [fault for fault in faults(phases, [watched(phases, SETTINGS["defaults"], 2)]) if "secretive" in fault]
    assert found == [
        "secretive writes residents.hope and does not say so",
        "secretive writes services and does not say so",
        "secretive never writes residents.fatigue",
        "secretive reads residents.resources and does not say so",
        "secretive never reads residents.habit",
    ]


# ------------------------------------------------------------------------------------------------------ adding


@phase()
def own_rule(city: City) -> None:
    """Do nothing."""


@pytest.mark.parametrize(("where", "place"), [({"before": "measure"}, 8), ({"after": "hold_hearings"}, 4)])
def test_a_phase_is_put_where_it_is_asked_for(where, place):
    phases = with_phase(City.phases, own_rule, **where)
    assert phases[place] is own_rule
    assert phases[:place] + phases[place + 1 :] == City.phases


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({}, "name one phase"),
        ({"before": "learn", "after": "learn"}, "name one phase"),
        ({"before": "dream"}, "no phase is called 'dream': there are advance_programme"),
    ],
)
def test_a_phase_that_has_no_place_is_refused(where, message):
    with pytest.raises(ValueError, match=message):
        with_phase(City.phases, own_rule, **where)


def test_two_phases_of_one_name_are_refused():
    with pytest.raises(ValueError, match="'own_rule' already"):
        with_phase(with_phase(City.phases, own_rule, after="learn"), own_rule, after="learn")
