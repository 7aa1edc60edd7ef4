"""Neither answer is built in: in one region of the ranges the programme raises trust, in another it lowers it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import City, load_config

STATUS_QUO = {"policy.authority.mode": "top_down"}

RAISES: dict[str, tuple[float, float]] = {
    # Honest dates and prompt money; a municipality that sees little and leaks, councils that do not; news that travels.
    "policy.pledges.optimism": (-0.5, -0.3),
    "policy.funding.payment_reliability": (0.95, 1.0),
    "behaviour.trust.loss_to_gain_ratio": (1.0, 1.4),
    "behaviour.trust.project_weight": (1.5, 2.5),
    "behaviour.trust.attribution_to_council": (0.0, 0.2),
    "behaviour.trust.news_weight": (0.5, 1.0),
    "behaviour.expectation.pledge_rise": (0.0, 0.01),
    "behaviour.knowledge.municipality_error": (0.9, 1.4),
    "behaviour.capture.municipal_leak": (0.15, 0.25),
    "behaviour.capture.council_leak": (0.0, 0.03),
}
LOWERS: dict[str, tuple[float, float]] = {
    # Money late to councils only, pledges that many hear and remember, blame that falls on the city hall.
    "policy.pledges.optimism": (-0.2, 0.0),
    "policy.pledges.loudness": (0.6, 1.0),
    "policy.funding.payment_reliability": (0.05, 0.2),
    "behaviour.trust.loss_to_gain_ratio": (2.0, 3.0),
    "behaviour.trust.broken_pledge_extra_weight": (1.5, 3.0),
    "behaviour.trust.attribution_to_council": (0.0, 0.4),
    "behaviour.awareness.broken_pledge": (0.6, 1.0),
}


def difference(values: dict[str, Any], seed: int) -> float:
    """Mean trust in the municipality in the last year under the programme, less that under status quo."""
    config = load_config("configs/cities/rafsanjan.yaml", values={"run.scale": 0.05, "run.weeks": 215, **values})
    trust = [City(config, rng=seed, **policy).run().history["trust_in_municipality"] for policy in ({}, STATUS_QUO)]
    return float((trust[0] - trust[1]).iloc[-52:].mean())


@pytest.mark.parametrize(("region", "sign"), [(RAISES, 1), (LOWERS, -1)], ids=["raises", "lowers"])
def test_the_programme_can_raise_and_can_lower_trust(region: dict[str, tuple[float, float]], sign: int) -> None:
    """At six points drawn inside the region, each with its own seed, the sign is the same."""
    draws = np.random.default_rng(7).uniform(size=(6, len(region)))
    for seed, draw in enumerate(draws, start=1):
        point = {
            key: low + share * (high - low) for (key, (low, high)), share in zip(region.items(), draw, strict=True)
        }
        assert sign * difference(point, seed) > 0.002, point
