"""A user's own rule per resident runs inside the city, and says the same as its array version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import City
from sim.agents import Resident, Youth
from sim.columns import Column
from sim.errors import ConfigError
from sim.loading import forget
from sim.phase import phase, with_phase

EXAMPLE = Path(__file__).parents[2] / "docs/examples/relative_deprivation.py"
SETTINGS: dict[str, Any] = {"run.scale": 0.01, "run.weeks": 12}


def city_with(name, **settings):
    """A city with an extension of the example, or with none."""
    named = {} if name is None else {"extensions": [f"{EXAMPLE}:{name}"]}
    return City(rng=1, **SETTINGS, **named, **settings)


@pytest.fixture(autouse=True)
def forgetting():
    yield
    forget()


def test_slow_and_fast_version_agree_for_every_resident():
    slow, fast, plain = (city_with(name).run() for name in ("RULE_PER_RESIDENT", "RULE", None))
    assert np.allclose(slow.residents.trust_in_municipality, fast.residents.trust_in_municipality, rtol=0, atol=1e-12)
    assert slow.history.trust_in_municipality.iloc[-1] < plain.history.trust_in_municipality.iloc[-1]


def test_a_rule_before_the_measure_shows_in_the_same_week():
    with_rule, plain = city_with("RULE_PER_RESIDENT"), city_with(None)
    with_rule.step()
    plain.step()
    assert with_rule.history.trust_in_municipality[1] < plain.history.trust_in_municipality[1]


def test_residents_are_of_the_classes_the_extension_names():
    city = city_with("RULE_PER_RESIDENT")
    own, young = city.resident_class, city.youth_class
    assert (own.__name__, young.__name__) == ("ComparingResident", "ComparingYouth")
    assert {type(agent) for agent in city.resident_agents} == {own, young}
    youths = [agent for agent in city.resident_agents if agent.cohort == "youth"]
    assert youths
    assert all(isinstance(agent, Youth) for agent in youths)
    assert not any(isinstance(agent, Youth) for agent in city.resident_agents if agent.cohort != "youth")
    assert set(city.agents_by_type) >= {own, young}
    assert City.resident_class is Resident


def test_a_city_that_names_classes_itself_takes_none_from_an_extension():
    own = type("Own", (City,), {"resident_class": Resident, "youth_class": type("Other", (Youth,), {})})
    own.resident_class = type("Another", (Resident,), {})
    with pytest.raises(ConfigError, match="Own names a class of residents, too"):
        own(rng=1, **SETTINGS, extensions=[f"{EXAMPLE}:RULE_PER_RESIDENT"])


def test_classes_that_would_leave_residents_behind_are_refused():
    with pytest.raises(TypeError, match="both resident_class and youth_class"):
        type("Half", (City,), {"resident_class": type("Own", (Resident,), {})})
    indebted = type("Indebted", (Resident,), {"debt": Column(float, "debt")})
    with pytest.raises(TypeError, match=r"cannot add columns \(debt\)"):
        type("Debts", (City,), {"resident_class": indebted, "youth_class": indebted})


def test_what_a_rule_writes_is_perceived_at_once():
    city = City(rng=1, **SETTINGS).run(3)
    for agent in city.resident_agents:
        agent.need_weights[...] = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    city.step()
    expected = city.services[city.residents.neighbourhood, 0]
    assert np.allclose(city.residents.performance, expected, rtol=0, atol=1e-12)


def test_a_subclass_may_keep_attributes_of_its_own():
    class Counting(Resident):
        def step(self) -> None:
            self.seen = getattr(self, "seen", 0) + 1

    @phase()
    def count(city: City) -> None:
        city.agents_by_type[Counting].do("step")

    class CountingCity(City):
        resident_class = youth_class = Counting

        phases = with_phase(City.phases, count, before="measure")

    city = CountingCity(rng=1, **SETTINGS).run(3)
    assert {agent.seen for agent in city.resident_agents} == {3}
    assert len(city.agents_by_type[Counting]) == len(city.residents)
