"""One place, many lucks: what `run.place_seed` draws is the same for every seed and policy; a history is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import City, Config
from tests.conftest import SMALL
from tools.documents.source import LUCK, PLACE, draws

PROGRAMME: dict[str, Any] = {**SMALL, "run.weeks": 30}
OTHERS: tuple[dict[str, Any], ...] = (
    {"policy.authority.mode": "top_down"},
    {"policy.council.selection": "elected", "policy.choice.rule": "ballot_greedy"},
    {"behaviour.participation.rule": "threshold", "behaviour.learning.skill_rate": 0.1},
)
"""Policies, and behaviour that people are not born with and have not lived with."""

HUBS = {"policy.hub.kinds": ["mosque", "school"]}


def place_of(city: City) -> dict[str, bytes]:
    """All that the place holds, by name, as bytes: map, services, people, facilitators, ties."""
    geography, ties, residents = city.geography, city.ties, city.residents
    arrays = {name: getattr(geography, name) for name in ("population", "deprivation", "services", "x", "y", "borders")}
    arrays |= {f"ties.{name}": getattr(ties, name) for name in ("starts", "degree", "neighbours", "kind")}
    arrays |= {f"residents.{name}": residents[name] for name in residents}
    arrays |= {f"facilitators.{name}": city.institutions.facilitators[name] for name in city.institutions.facilitators}
    arrays |= {"openness": city.openness, "favour": city.favour}
    arrays |= {f"goers of hub {place}": hub.goers for place, hub in enumerate(city.institutions.hubs)}
    arrays |= {f"visits to hub {place}": hub.propensity for place, hub in enumerate(city.institutions.hubs)}
    found = {name: array.tobytes("K") for name, array in arrays.items()}
    return found | {"outlines": b"".join(polygon.wkb for polygon in geography.polygons)}


def built(place: int, luck: int, **values: Any) -> City:
    return City(Config(), rng=luck, **{**PROGRAMME, **HUBS, **values, "run.place_seed": place})


def moved(one: City, other: City) -> set[str]:
    first, second = place_of(one), place_of(other)
    assert first.keys() == second.keys()
    return {name for name in first if first[name] != second[name]}


@pytest.mark.parametrize("luck", [0, 1, 2, 2**40])
def test_other_luck_leaves_the_place_as_it_is(luck: int) -> None:
    assert moved(built(5, luck), built(5, 3)) == set()


@pytest.mark.parametrize("values", OTHERS)
def test_a_policy_leaves_the_place_as_it_is(values: dict[str, Any]) -> None:
    assert moved(built(5, 3, **values), built(5, 3)) == set()


def test_other_luck_gives_another_history() -> None:
    one, other = (built(5, luck).run() for luck in (3, 4))
    assert not one.history.equals(other.history)
    assert (one.history.iloc[-1] != other.history.iloc[-1]).mean() > 0.5
    assert moved(one, other)  # and by the end people have come to differ


FIXED_BY_CONFIG = {
    "residents.neighbourhood", "residents.role", "residents.acts", "residents.last_work",
    "residents.fatigue", "residents.evidence_of_council", "residents.news_of_council",
    "residents.news_of_municipality", "facilitators.neighbourhood", "facilitators.slot",
}  # fmt: skip
"""What no seed draws: numbers, and states that are nothing at the start."""


def test_another_place_is_another_place_with_the_same_luck() -> None:
    one, other = built(5, 3), built(6, 3)
    kept = {name for name in place_of(one) if name not in moved(one, other)}
    assert kept <= FIXED_BY_CONFIG
    for stream in ("payment", "talk"):
        assert one.streams.uniform(stream, 4, 50).tolist() == other.streams.uniform(stream, 4, 50).tolist()
    assert not one.run().history.equals(other.run().history)


def test_seeds_that_are_alike_do_not_meet() -> None:
    """No stream is read with both seeds, so that place 1 under luck 1 is no special case."""
    names = {seed: {draw.stream for draw in draws() if draw.seed == seed} for seed in (LUCK, PLACE)}
    assert len(names[LUCK]) > 30
    assert len(names[PLACE]) > 20
    assert not names[LUCK] & names[PLACE]


def test_luck_stays_with_the_person_whatever_the_place_is_drawn_with() -> None:
    """The draws of luck are keyed by the resident's number and not by the place's seed."""
    one = built(5, 3)
    numbers = np.arange(len(one.residents))
    of_rows = one.luck.uniform("talk", 7, numbers)
    of_numbers = one.streams.uniform("talk", 7, numbers)
    assert sorted(of_rows.tolist()) == sorted(of_numbers.tolist())
    assert one.traits.uniform("talk", 7, numbers).tolist() != of_rows.tolist()
