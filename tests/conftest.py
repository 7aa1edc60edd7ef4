"""Cities small enough to build in a tenth of a second, and the values at which every effect of behaviour is absent."""

import functools
import gc
import os
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import sim
from sim.compiling import is_kept
from sim.config import Config
from sim.parameters import register
from sim.place import Foundations

SMALL = MappingProxyType(
    {
        "run.scale": 1.0,
        "city.neighbourhoods.count": 5,
        "city.population.total": 2_000,
        "city.finance.works_budget_per_year": 40.0,
        "policy.rollout.milestones": [{"week": 0, "share": 1.0}],
        "policy.mayor.from_week": 8,
    }
)
"""Five neighbourhoods of some 320 agents each, all of them residents one to one, with councils from the first weeks."""


PLACES = Foundations(4)
"""Places that cities of the tests share: a city with them is, to the bit, the one without (`tests/unit/test_place.py`,
where none are shared)."""

TIMES = int(os.environ.get("MAHALLE_NIGHTLY", "1"))
"""How many times as many examples fuzzing and property tests try; `make nightly` sets it."""

settings.register_profile("usual", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("nightly", settings.get_profile("usual"), derandomize=False, print_blob=True)
settings.load_profile("usual" if TIMES == 1 else "nightly")


def examples(usual: int) -> settings:
    """Settings of a test that tries so many examples, always the same ones; at night more of them, and others."""
    return settings(max_examples=usual * TIMES)


def at_night(*cases: Any) -> list[Any]:
    """Cases of a parametrised test that take long and differ little from the others: only `make nightly` tries them.

    Args:
        cases: a value each, or a tuple of values.
    """
    if TIMES == 1:
        return []
    return [pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.night) for case in cases]


def pytest_collection_finish() -> None:
    """What is there when all tests are known stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """On a machine where nothing was compiled yet, compile first, so that no command has to say that it does."""
    if not is_kept():
        sim.City(rng=1, **SMALL).run(1)


@pytest.fixture(scope="module", autouse=True)
def shared_places(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let cities be built on the places of earlier ones, unless the module says `OWN_PLACES = True`."""
    build = sim.City.__init__

    @functools.wraps(build)
    def on_shared_places(*given: Any, foundations: Foundations | None = None, **named: Any) -> None:
        build(*given, foundations=PLACES if foundations is None else foundations, **named)

    with pytest.MonkeyPatch.context() as patch:
        if not getattr(request.module, "OWN_PLACES", False):
            patch.setattr(sim.City, "__init__", on_shared_places)
        yield


@pytest.fixture(scope="session")
def build_city() -> Callable[..., sim.City]:
    """A function that builds a fresh small city: dotted keys change it, `rng` is its seed."""

    def build(values: dict[str, Any] | None = None, rng: int = 1) -> sim.City:
        return sim.City(rng=rng, **{**SMALL, **(values or {})})

    return build


@pytest.fixture(scope="session")
def null_values() -> dict[str, Any]:
    """Every parameter that has a null value, at that value: what is left has no effect on anybody."""
    return {item.key: item.null for item in register(Config) if item.null is not None}


@pytest.fixture(scope="session")
def city_after_a_year(build_city: Callable[..., sim.City]) -> sim.City:
    """A small city after 60 weeks of the default programme; to look at, never to change."""
    return build_city().run(60)
