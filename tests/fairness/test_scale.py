"""Shares and per-head outcomes do not depend on the scale of the run."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim import City, load_config
from tests.conftest import TIMES, at_night

PER_HEAD = (
    "trust_in_municipality",
    "trust_in_council",
    "trust_in_people",
    "trust_in_municipality_sd",
    "expectation",
    "belonging",
    "hope",
    "participation_rate",
    "ever_participated_rate",
    "core_share",
    "informed",
    "volunteers",
    "organised",
    "youth_skill",
    "talent_pool",
    "bonding_ties",
    "bridging_ties",
    "help_per_head",
    "help_per_head_most_deprived",
    "trust_gap_of_youths",
    "youth_speakers_ratio",
    "youth_heard_ratio",
    "ties_across_generations",
    "joint_work_across_generations",
    "exit_rate_per_year",
    "service_level",
    "programme_attendance",
    "council_projects_finished",
    "council_women_share",
    "council_resources",
    "mayor_skill",
)

REPLICATES = {0.05: 12, 0.1: 8, 1.0: 4} if TIMES > 1 else {0.05: 12, 1.0: 4}
LATE = slice(160, 200)


@pytest.fixture(scope="module")
def outcomes() -> dict[float, np.ndarray]:
    """Means over weeks 160-199 of each outcome, (replicates, outcomes), by scale.

    Each replicate has a place of its own: at a small scale the people of one place are one sample, whatever the luck.
    """
    config = load_config("configs/cities/rafsanjan.yaml", values={"run.weeks": 200})
    found = {}
    for scale, replicates in REPLICATES.items():
        seeds = [{"run.scale": scale, "run.place_seed": 100 + number} for number in range(replicates)]
        runs = [City(config, rng=100 + number, **values).run().history for number, values in enumerate(seeds)]
        found[scale] = np.array([[run[name].iloc[LATE].mean() for name in PER_HEAD] for run in runs])
    return found


@pytest.mark.parametrize("scale", [0.05, *at_night(0.1)])
def test_outcomes_agree_with_full_scale(outcomes: dict[float, np.ndarray], scale: float) -> None:
    """Welch intervals of the difference from full scale, at 99.9 % for so many outcomes, hold 0 or a 3 % difference."""
    small, full = outcomes[scale], outcomes[1.0]
    difference = small.mean(0) - full.mean(0)
    variances = small.var(0, ddof=1) / len(small), full.var(0, ddof=1) / len(full)
    error = np.sqrt(sum(variances))
    freedom = error**4 / (variances[0] ** 2 / (len(small) - 1) + variances[1] ** 2 / (len(full) - 1) + 1e-300)
    width = stats.t.ppf(0.9995, np.maximum(freedom, 1.0)) * error
    outside = np.abs(difference) > np.maximum(width, 0.03 * np.abs(full.mean(0)))
    assert not outside.any(), {
        name: (float(small.mean(0)[k]), float(full.mean(0)[k]), float(width[k]))
        for k, name in enumerate(PER_HEAD)
        if outside[k]
    }
