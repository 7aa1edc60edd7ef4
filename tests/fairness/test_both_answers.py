"""Neither answer is built in: in one region of the ranges the programme raises trust, in another it lowers it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import City, load_config

STATUS_QUO = {"policy.authority.mode": "top_down"}

REMEMBERED = {
    "behaviour.trust.evidence_per_experience": (0.4, 0.5),
    "behaviour.trust.half_life_weeks": (104.0, 208.0),
    "behaviour.trust.service_evidence_per_week": (0.03, 0.05),
}
RAISES: dict[str, tuple[float, float]] = REMEMBERED | {
    # Honest dates and prompt money; a municipality that sees little and leaks, councils that do not; news that travels;
    # works that cost councils less, to which residents add.
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
    "behaviour.returns.price_reduction": (0.2, 0.3),
    "behaviour.returns.contribution_share": (0.2, 0.3),
}
LOWERS: dict[str, tuple[float, float]] = REMEMBERED | {
    # Money late to councils only, pledges that many hear and remember, blame that falls on the city hall, voice that
    # means little.
    "policy.pledges.optimism": (-0.2, 0.0),
    "policy.pledges.loudness": (0.6, 1.0),
    "policy.funding.payment_reliability": (0.05, 0.2),
    "behaviour.trust.loss_to_gain_ratio": (2.0, 3.0),
    "behaviour.trust.broken_pledge_extra_weight": (1.5, 3.0),
    "behaviour.trust.attribution_to_council": (0.0, 0.2),
    "behaviour.trust.voice_weight": (0.0, 0.5),
    "behaviour.awareness.broken_pledge": (0.8, 1.0),
}
LEAST = 0.05
"""By how much trust in the municipality rises or falls, at least: a seventh of what it is at the start."""


def difference(values: dict[str, Any], seed: int) -> float:
    """Mean trust in the municipality in the last year under the programme, less that under status quo."""
    config = load_config("configs/cities/rafsanjan.yaml", values={"run.scale": 0.05, "run.weeks": 215, **values})
    trust = [City(config, rng=seed, **policy).run().history["trust_in_municipality"] for policy in ({}, STATUS_QUO)]
    return float((trust[0] - trust[1]).iloc[-52:].mean())


@pytest.mark.parametrize(("region", "sign"), [(RAISES, 1), (LOWERS, -1)], ids=["raises", "lowers"])
def test_the_programme_can_raise_and_can_lower_trust_by_a_twentieth(
    region: dict[str, tuple[float, float]], sign: int
) -> None:
    """At six points drawn inside the region, each with its own seed, it is so."""
    draws = np.random.default_rng(7).uniform(size=(6, len(region)))
    for seed, draw in enumerate(draws, start=1):
        point = {
            key: low + share * (high - low) for (key, (low, high)), share in zip(region.items(), draw, strict=True)
        }
        assert sign * difference(point, seed) >= LEAST, point
