"""Every declared parameter moves its stated outcome in its stated direction, strictly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import City, Config
from sim.measures import read_outcome
from sim.parameters import Registered, register
from tests.conftest import at_night

BASE: dict[str, Any] = {
    # A small city in which everything has begun: what the register says must show within fourteen months.
    "city.neighbourhoods.count": 16,
    "run.scale": 0.03,
    "run.weeks": 60,
    "policy.rollout.order": "at_once",
    "policy.rollout.milestones": [{"week": 1, "share": 1.0}],
    "policy.mayor.from_week": 8,
    "behaviour.choice.first_round_after_weeks": 6,
    "policy.authority.delegated_share": 0.7,
}

SLOW = {"behaviour.influence.hearsay_weight": {"run.weeks": 104}}
"""What shows within two years only, with some seeds."""

MEASURED = [row for row in register(Config) if row.effect is not None]
SILENT = [row for row in register(Config) if row.effect is None]


def ends(row: Registered) -> tuple[Any, Any]:
    """The two values to compare: those of the effect, or the ends of the range."""
    assert row.effect is not None
    low = row.low if row.effect.low is None else row.effect.low
    high = row.high if row.effect.high is None else row.effect.high
    return low, high


def outcome_at(row: Registered, value: Any, seed: int) -> float:
    """The outcome of one run with the parameter at a value."""
    assert row.effect is not None
    city = City(Config(), rng=seed, **{**BASE, **SLOW.get(row.key, {}), **row.effect.when, row.key: value})
    if not (row.effect.reduce == "first" or row.effect.outcome.startswith(("start.", "network."))):
        city.run()
    return read_outcome(city, row.effect.outcome, row.effect.reduce)


@pytest.mark.parametrize("row", MEASURED, ids=lambda row: row.key)
@pytest.mark.parametrize("seed", [1, *at_night(2)])
def test_parameter_moves_its_outcome(row: Registered, seed: int) -> None:
    """With every seed by itself: seeds are common to both values, so that luck is not what differs."""
    low, high = ends(row)
    assert low is not None, f"{row.key} states an effect but no two values to compare"
    assert row.effect is not None
    below, above = outcome_at(row, low, seed), outcome_at(row, high, seed)
    assert np.isfinite(below), f"{row.effect.outcome} has no value at {row.key} = {low}, seed {seed}"
    assert np.isfinite(above), f"{row.effect.outcome} has no value at {row.key} = {high}, seed {seed}"
    moved = row.effect.sign * (above - below)
    assert moved > 0.0, f"{row.effect.outcome}: {below} at {low}, {above} at {high}, seed {seed}"


def test_only_labels_and_settings_are_silent() -> None:
    """Only names, files, shares that must sum to 1, scenario items and run settings state no effect."""
    allowed = (
        "city.title",
        "city.claims",
        "city.elections",
        "city.start_date",
        "city.finance.unit",
        "city.population.ages.",
        "city.neighbourhoods.",
        "city.network.file",
        "city.population.data_file",
        "run.",
        "timeline",
    )
    assert [row.key for row in SILENT if not row.key.startswith(allowed)] == []
