"""Small cities of which it is known by construction what an experiment must find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from experiments.validation.cities import Cities
from sim.config import Config
from sim.parameters import register

SMALL = {
    "run.scale": 1.0,
    "run.weeks": 60,
    "run.seed": 1,
    "city.neighbourhoods.count": 5,
    "city.population.total": 2_000,
    "city.finance.works_budget_per_year": 40.0,
    "policy.rollout.milestones": [{"week": 0, "share": 1.0}],
    "policy.mayor.from_week": 8,
}


@pytest.fixture(scope="session")
def cities() -> Callable[..., Cities]:
    """The cities of a replication of a small config with dotted keys changed; `still` takes all effects away first."""

    def make(values: dict[str, Any] | None = None, *, still: bool = False) -> Cities:
        nothing = {item.key: item.null for item in register(Config) if item.null is not None} if still else {}
        return Cities(Config().with_values({**SMALL, **nothing, **(values or {})}))

    return make
