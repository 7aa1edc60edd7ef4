"""A rule of one's own, in plain Python per resident, inside the same city.

Residents compare the services they get with those of the people they know. Who gets less trusts the municipality a
little less (relative deprivation: Runciman 1966; Walker and Smith 2002; the size is made up for the example).

    python docs/examples/relative_deprivation.py
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from sim import City
from sim.agents import Resident, Youth
from sim.phase import phase, with_phase

CONFIG = Path(__file__).parents[2] / "configs/cities/rafsanjan.yaml"
SENSITIVITY = 0.05


class ComparingResident(Resident):
    """A resident who compares."""

    def step(self) -> None:
        """Lose trust in proportion to what the people one knows have more."""
        theirs = [person.performance for person in self.ties]
        if theirs:
            gap = sum(theirs) / len(theirs) - self.performance
            if gap > 0.0:
                self.trust_in_municipality *= 1.0 - SENSITIVITY * gap


class ComparingYouth(ComparingResident, Youth):
    """The same for those born in 1380 or later, who keep what `Youth` adds."""


@phase(reads="residents: performance; ties", writes="residents: trust_in_municipality")
def compare_one_by_one(city: ComparingCity) -> None:
    """Let everybody compare, one resident after another."""
    for resident in city.resident_agents:
        resident.step()


class ComparingCity(City):
    """The city with one rule more, run for each resident in the order of their numbers before the week is measured."""

    resident_class = ComparingResident
    youth_class = ComparingYouth
    phases = with_phase(City.phases, compare_one_by_one, before="measure")


@phase(reads="residents: performance; ties", writes="residents: trust_in_municipality")
def compare(city: City) -> None:
    """Let everybody compare at once."""
    residents = city.residents
    gap = np.maximum(0.0, city.ties.mean_over_ties(residents.performance) - residents.performance)
    residents.trust_in_municipality *= 1.0 - SENSITIVITY * gap


class FastComparingCity(City):
    """The same rule for all residents at once: what to turn the slow one into, once it says what it should."""

    phases = with_phase(City.phases, compare, before="measure")


def main() -> None:
    """Run a small city three ways and say what the rule does and costs."""
    settings: dict[str, Any] = {"run.scale": 0.05, "run.weeks": 52}
    without = None
    for kind in (City, FastComparingCity, ComparingCity):
        city = kind(CONFIG, rng=1, **settings)
        began = time.perf_counter()
        city.run()
        seconds = time.perf_counter() - began
        without = without or seconds
        trust = city.history.trust_in_municipality.iloc[-1]
        print(f"{kind.__name__:20} trust in the municipality {trust:.4f}, {seconds / without:5.1f} times as long")


if __name__ == "__main__":
    main()
