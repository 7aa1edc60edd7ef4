"""Claims of a city that no outcome answers."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.near_outcomes import near_outcomes
from sim.config import Config
from sim.errors import ConfigError
from sim.yaml_text import Document


def faults_of_claims(config: Config, outcomes: Sequence[str], document: Document | None = None) -> list[ConfigError]:
    """Claims about outcomes that the city's weekly table does not have."""
    faults = []
    for place, claim in enumerate(config.city.claims):
        if claim.outcome not in outcomes:
            advice = near_outcomes(claim.outcome, outcomes)
            path = ("city", "claims", place, "outcome")
            faults.append(
                ConfigError(
                    f'no such outcome: "{claim.outcome}"{advice}',
                    source=None if document is None else document.source,
                    line=None if document is None else document.line_of(path),
                    key=f"city.claims[{place}].outcome",
                )
            )
    return faults
