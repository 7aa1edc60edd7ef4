"""Another order of residents: everybody's luck goes with the person, and only ties and households are drawn anew.

`mahalle audit` does not shuffle residents: the model puts them in order itself, by neighbourhood and traits, and no
input says another. This is what a shuffle would do, measured: it is another place, and no more than another place is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import sim.population
from sim.city import City
from sim.config import load_config

OWN_PLACES = True  # residents are drawn in another order here

WEEKS = 60
OUTCOMES = ("trust_in_municipality", "trust_in_council", "trust_in_people", "participation_rate", "service_level")


class Shuffling:
    """NumPy, but for the sorting of residents, in which those who are alike stand in an order by lot."""

    def __init__(self, seed: int) -> None:
        self._lot = np.random.default_rng(seed)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def lexsort(self, keys: tuple[np.ndarray, ...]) -> np.ndarray:
        """As `numpy.lexsort`; residents, who are sorted by five keys, with ties by lot."""
        return np.lexsort((self._lot.permutation(keys[0].size), *keys) if len(keys) == 5 else keys)


@contextmanager
def shuffled(seed: int) -> Iterator[None]:
    """Residents who are alike stand in another order within a block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.population, "np", Shuffling(seed))
        yield


def built(place: int = 1) -> City:
    config = load_config("configs/cities/rafsanjan.yaml")
    return City(config.with_values({"run.scale": 0.02, "run.weeks": WEEKS, "run.place_seed": place}))


def numbers_of(city: City) -> np.ndarray:
    """Of each row the person's number, by which draws are keyed."""
    return np.asarray(city.number_when_drawn)


def test_luck_goes_with_the_person_and_not_with_the_row() -> None:
    one = built()
    with shuffled(3):
        other = built()
    rows = np.arange(len(one.residents))
    assert (numbers_of(one) != numbers_of(other)).mean() > 0.5
    for stream in ("talk", "personal events"):
        draws = [
            dict(zip(numbers_of(city).tolist(), city.luck.uniform(stream, 7, rows).tolist(), strict=True))
            for city in (one, other)
        ]
        assert draws[0] == draws[1]


def test_another_order_moves_outcomes_no_further_than_another_place() -> None:
    ends = {"as it is": built().run().history.iloc[-1]}
    for seed in (3, 4, 5, 6):  # as many as places: the largest of more would be larger by luck
        with shuffled(seed):
            city = built()
        ends[f"order {seed}"] = city.run().history.iloc[-1]
    for place in (2, 3, 4, 5):
        ends[f"place {place}"] = built(place).run().history.iloc[-1]
    for outcome in OUTCOMES:
        moved = {name: abs(end[outcome] - ends["as it is"][outcome]) for name, end in ends.items()}
        by_order = max(size for name, size in moved.items() if name.startswith("order"))
        by_place = max(size for name, size in moved.items() if name.startswith("place"))
        assert 0.0 < by_order < by_place, outcome
