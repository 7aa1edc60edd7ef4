"""A user's own rule per resident runs inside the city, and says the same as its array version."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import City
from sim.agents import Resident, Youth
from sim.columns import Column
from sim.phase import phase, with_phase

EXAMPLE = Path(__file__).parents[2] / "docs/examples/relative_deprivation.py"
SETTINGS: dict[str, Any] = {"run.scale": 0.01, "run.weeks": 12}


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("relative_deprivation", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_slow_and_fast_version_agree_for_every_resident(example):
    slow = example.ComparingCity(rng=1, **SETTINGS).run()
    fast = example.FastComparingCity(rng=1, **SETTINGS).run()
    plain = City(rng=1, **SETTINGS).run()
    assert np.allclose(slow.residents.trust_in_municipality, fast.residents.trust_in_municipality, rtol=0, atol=1e-12)
    assert slow.history.trust_in_municipality.iloc[-1] < plain.history.trust_in_municipality.iloc[-1]


def test_a_rule_before_the_measure_shows_in_the_same_week(example):
    with_rule, plain = example.ComparingCity(rng=1, **SETTINGS), City(rng=1, **SETTINGS)
    with_rule.step()
    plain.step()
    assert with_rule.history.trust_in_municipality[1] < plain.history.trust_in_municipality[1]


def test_residents_are_of_the_classes_the_city_names(example):
    city = example.ComparingCity(rng=1, **SETTINGS)
    assert {type(agent) for agent in city.resident_agents} == {example.ComparingResident, example.ComparingYouth}
    youths = [agent for agent in city.resident_agents if agent.cohort == "youth"]
    assert youths
    assert all(isinstance(agent, Youth) for agent in youths)
    assert not any(isinstance(agent, Youth) for agent in city.resident_agents if agent.cohort != "youth")
    assert set(city.agents_by_type) >= {example.ComparingResident, example.ComparingYouth}


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
