"""Every name that a config may give has a function in the engine and one in the docking model; no other has any."""

from typing import Any, get_args

import pytest
from pydantic import BaseModel

import sim
from sim.config import Config
from sim.errors import ConfigError
from sim.parameters import register
from sim.policies import HUBS, ROLLOUT_ORDERS, SHOCKS, Shock
from sim.registry import Registry
from sim.rules.allocation import ALLOCATIONS
from sim.rules.choice import CHOICES
from sim.rules.influence import TALKS
from sim.rules.participation import PARTICIPATION_RULES
from sim.rules.selection import COUNCIL_SELECTIONS, MAYOR_SELECTIONS, MEMBER_SCORES
from tests.docking import councils, model, municipality, offices, residents, rules
from tests.docking.settings import SETTINGS

TWINS = [
    (ALLOCATIONS, municipality.ALLOCATIONS),
    (CHOICES, councils.WHO_SAYS),
    (TALKS, residents.TALKS),
    (PARTICIPATION_RULES, residents.PARTICIPATION_RULES),
    (COUNCIL_SELECTIONS, offices.SELECTIONS),
    (MEMBER_SCORES, rules.METHODS),
    (MAYOR_SELECTIONS, rules.WAYS_TO_MAYOR),
    (ROLLOUT_ORDERS, model.ORDERS),
    (SHOCKS, model.SHOCKS),
]
NAMES = [twin[0].what for twin in TWINS]


def registries_of_configs(group: type[BaseModel]) -> set[str]:
    """What the fields of a config class take their names from, nested classes and lists of them included."""
    found: set[str] = set()
    for info in group.model_fields.values():
        found |= {item.what for item in info.metadata if isinstance(item, Registry)}
        for inner in (info.annotation, *get_args(info.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found |= registries_of_configs(inner)
    return found


def test_all_registries_that_configs_read_are_looked_at_here() -> None:
    assert registries_of_configs(Config) | registries_of_configs(Shock) <= {
        *NAMES,
        HUBS.what,
    }  # a hub is a profile, and no rule looks at its name
    assert MEMBER_SCORES.what in NAMES


@pytest.mark.parametrize(("registry", "twin"), TWINS, ids=NAMES)
def test_every_name_has_a_function_and_a_twin(registry: Registry[Any], twin: Any) -> None:
    assert registry.unbound == ()
    assert set(registry) == set(twin)


def test_every_level_of_every_switch_is_docked() -> None:
    """A twin that no setting of docking pulls is compared with nothing."""
    pulled: dict[str, set[Any]] = {}
    for setting in SETTINGS.values():
        timeline = setting.get("timeline", [])
        own = [(key, value) for key, value in setting.items() if not isinstance(value, list)]
        own += [(f"policy.{key}", value) for timed in timeline for key, value in timed["set"].items()]
        own += [("shock", shock["kind"]) for timed in timeline for shock in timed["shocks"]]
        for key, value in own:
            if not isinstance(value, list):
                pulled.setdefault(key, set()).add(value)
    rows = [row for row in register(Config) if row.key.startswith(("policy.", "behaviour."))]
    expected = {row.key: {*row.choices} or {False, True} for row in rows if row.kind in ("choice", "yes or no")}
    defaults = {row.key: row.default for row in rows}
    left_out = {key: levels - pulled.get(key, set()) - {defaults[key]} for key, levels in expected.items()}
    assert {key: levels for key, levels in left_out.items() if levels} == {}
    assert pulled["shock"] == set(SHOCKS)


@pytest.mark.parametrize(("registry", "twin"), TWINS, ids=NAMES)
def test_an_unknown_name_raises_and_says_what_there_is(registry: Registry[Any], twin: Any) -> None:
    with pytest.raises(KeyError, match="is called 'nobody': there are"):
        registry["nobody"]


def test_a_name_without_a_function_raises() -> None:
    registry: Registry[Any] = Registry("thing", "one", "two")
    registry.bind("one")(1)
    assert registry.unbound == ("two",)
    with pytest.raises(KeyError, match="thing two has no function"):
        registry["two"]
    with pytest.raises(KeyError, match="no thing is called 'three'"):
        registry.bind("three")
    with pytest.raises(ValueError, match="thing one has a function already"):
        registry.bind("one")
    with pytest.raises(ValueError, match="thing two exists already"):
        registry.add("two", 2)


def test_an_allocation_of_ones_own_is_a_name_like_any_other() -> None:
    """Money in equal parts: one call, and configs, refusals and the register of parameters know of it."""
    ALLOCATIONS.add("in_equal_parts", lambda city: 1.0 / city.population)
    try:
        values = {"policy.allocation.rule": "in_equal_parts", "run.scale": 0.01, "run.weeks": 1}
        city = sim.City(rng=1, **values)
        assert (city.money.allocation == 1.0 / city.population).all()
        row = next(row for row in register(Config) if row.key == "policy.allocation.rule")
        assert row.kind == "choice"
        assert row.choices[-1] == "in_equal_parts"
        with pytest.raises(ConfigError, match=f"{ALLOCATIONS.names[-2]}, in_equal_parts"):
            sim.City(**{**values, "policy.allocation.rule": "in_parts"})
    finally:
        ALLOCATIONS.remove("in_equal_parts")
    with pytest.raises(ConfigError, match="must be one of"):
        sim.City(**values)


def test_no_choice_of_a_config_with_more_than_two_levels_is_decided_by_an_else() -> None:
    """What is still a Literal is a switch of two or three levels that the code asks for by name."""
    found = {
        row.key: row.choices
        for row in register(Config)
        if row.kind == "choice" and not any(row.choices == registry.names for registry, _ in TWINS)
    }
    assert set(found) == {
        "city.customary_hub",
        "policy.authority.mode",
        "policy.authority.veto",
        "policy.council.composition",
        "policy.mayor.kind",
        "policy.support.kind",
        "behaviour.trust.rule",
        "behaviour.trust.voice_rule",
    }
