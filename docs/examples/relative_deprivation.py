"""An extension with one rule, written twice: over arrays, and in plain Python per resident.

Residents compare the services they get with those of the people they know. Who gets less trusts the municipality a
little less (relative deprivation: Runciman 1966; Walker and Smith 2002; the size is made up for the example).

A city names it: `extensions: [relative_deprivation.py:RULE]`, or `:RULE_PER_RESIDENT` for the slow version.

    python docs/examples/relative_deprivation.py
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from sim import City
from sim.agents import Resident, Youth
from sim.extension import Extension, Placed
from sim.outcome import LOWEST, Table, outcome
from sim.outcomes.moment import Moment
from sim.parameters import Effect, Parameters, parameter
from sim.phase import phase

CONFIG = "rafsanjan"


class RelativeDeprivationParameters(Parameters):
    """How much comparing oneself with others costs the municipality."""

    rate: float = parameter(
        0.05,
        "Share of trust in the municipality lost in a week per unit by which acquaintances get better services.",
        unit="share per week",
        range=(0.0, 0.5),
        source="made up for the example; the direction as in Walker and Smith (2002)",
        tag="assumption",
        effect=Effect("trust_in_municipality", -1),
        null=0.0,
    )


PARAMETERS = {"behaviour.relative_deprivation": RelativeDeprivationParameters}


# ---------------------------------------------------------------- over arrays


@phase(reads="residents: performance; ties", writes="residents: trust_in_municipality")
def compare(city: City) -> None:
    """Let everybody compare at once."""
    residents = city.residents
    gap = np.maximum(0.0, city.ties.mean_over_ties(residents.performance) - residents.performance)
    residents.trust_in_municipality *= 1.0 - city.config.behaviour.relative_deprivation.rate * gap


OUTCOMES = Table()


@outcome(
    "Share of residents whose acquaintances get better services than they do.",
    of=OUTCOMES,
    unit="share",
    short=("relatively deprived residents", "ساکنان دارای محرومیت نسبی"),
    better=LOWEST,
    per_cent=True,
    always=True,
)
def relatively_deprived_share(at: Moment) -> float:
    """Whoever knows nobody compares with nobody."""
    own = at.city.residents.performance
    return float((at.city.ties.mean_over_ties(own) > own).mean())


RULE = Extension(
    name="relative_deprivation",
    meaning="Residents who get less than the people they know trust the municipality less.",
    parameters=PARAMETERS,
    phases=[Placed(compare, before="measure")],
    outcomes=OUTCOMES,
)


# ---------------------------------------------------------------- per resident


class ComparingResident(Resident):
    """A resident who compares."""

    def step(self) -> None:
        """Lose trust in proportion to what the people one knows have more."""
        theirs = [person.performance for person in self.ties]
        if theirs:
            gap = sum(theirs) / len(theirs) - self.performance
            if gap > 0.0:
                self.trust_in_municipality *= 1.0 - self.model.config.behaviour.relative_deprivation.rate * gap


class ComparingYouth(ComparingResident, Youth):
    """The same for those born in 1380 or later, who keep what `Youth` adds."""


@phase(reads="residents: performance; ties", writes="residents: trust_in_municipality")
def compare_one_by_one(city: City) -> None:
    """Let everybody compare, one resident after another in the order of their numbers."""
    for resident in city.resident_agents:
        resident.step()


RULE_PER_RESIDENT = Extension(
    name="relative_deprivation",
    meaning=RULE.meaning,
    parameters=PARAMETERS,
    phases=[Placed(compare_one_by_one, before="measure")],
    resident_class=ComparingResident,
    youth_class=ComparingYouth,
)


def main() -> None:
    """Run a small city three ways and say what the rule does and costs."""
    settings: dict[str, Any] = {"run.scale": 0.05, "run.weeks": 52}
    without = None
    for name in (None, "RULE", "RULE_PER_RESIDENT"):
        named = {} if name is None else {"extensions": [f"{__file__}:{name}"]}
        city = City(CONFIG, rng=1, **settings, **named)
        began = time.perf_counter()
        city.run()
        seconds = time.perf_counter() - began
        without = without or seconds
        trust = city.history.trust_in_municipality.iloc[-1]
        print(f"{name or 'without':20} trust in the municipality {trust:.4f}, {seconds / without:5.1f} times as long")


if __name__ == "__main__":
    main()
