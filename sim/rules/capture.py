"""Capture and leakage: who steers works to private benefit, and what audit, publication and duties change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]

MOST_LEAK = 0.9
"""However little is watched, a tenth of the money arrives."""


class CaptureParameters(Parameters):
    """Elite capture and leaks, on the councils' side and on the municipality's."""

    council_capture: float = parameter(
        0.05,
        "Share of a council's agenda steered to private benefit, where elites hold their share of the seats.",
        unit="share",
        range=(0.0, 0.3),
        source="Alatas et al. 2019: capture by formal elites is real and small",
        tag="source",
        null=0.0,
        effect=Effect("captured_projects", +1, low=0.0, high=0.3),
    )
    municipal_capture: float = parameter(
        0.05,
        "Share of the municipality's own works steered to private benefit.",
        unit="share",
        range=(0.0, 0.3),
        source="the same measure for the other side: central works are not free of favour",
        tag="assumption",
        null=0.0,
        effect=Effect("captured_projects", +1, low=0.0, high=0.3),
    )
    private_share: float = parameter(
        0.5,
        "Share of a captured project's effect that residents do not see.",
        unit="share",
        range=(0.0, 1.0),
        source="half private",
        tag="assumption",
        effect=Effect(
            "service_level",
            -1,
            when={"behaviour.capture.council_capture": 0.3, "behaviour.capture.municipal_capture": 0.0},
            why="where councils' works are captured; the municipality's long have been, and the start shows it",
        ),
    )
    council_leak: float = parameter(
        0.05,
        "Share of a council's spending that leaks, before audit.",
        unit="share",
        range=(0.0, 0.3),
        source="Olken 2007: about a quarter in village roads without audit; councils without duties leak more",
        tag="range",
        null=0.0,
        effect=Effect("money_leaked", +1),
    )
    municipal_leak: float = parameter(
        0.05,
        "Share of the municipality's spending on works that leaks, before audit.",
        unit="share",
        range=(0.0, 0.3),
        source="Olken 2007",
        tag="range",
        null=0.0,
        effect=Effect("money_leaked", +1),
    )
    audit_effect: float = parameter(
        0.3,
        "Share of leak and capture that audit prevents.",
        unit="share",
        range=(0.0, 0.8),
        source="Olken 2007: audits cut missing spending by 8 of 28 points",
        tag="source",
        effect=Effect("money_leaked", -1, when={"policy.accountability.audit": True}),
    )
    publication_effect: float = parameter(
        0.15,
        "Share of leak and capture that publishing the books prevents.",
        unit="share",
        range=(0.0, 0.8),
        source="direction: Reinikka and Svensson 2005, disputed in size; size assumed",
        tag="assumption",
        effect=Effect("money_leaked", -1, when={"policy.accountability.publication": True}),
    )
    undefined_duties_factor: float = parameter(
        1.8,
        "How many times more a council leaks whose duties are not defined.",
        unit="ratio",
        range=(1.0, 4.0),
        source="direction: Beath, Christia and Enikolopov 2018; size assumed",
        tag="assumption",
        effect=Effect("money_leaked", +1, when={"policy.accountability.defined_duties": False}),
    )
    discovery_per_year: float = parameter(
        0.1,
        "Probability in a year that a neighbourhood's leaks come to light by themselves, per tenth leaked.",
        unit="per year",
        range=(0.0, 1.0),
        source="rumour and press",
        tag="assumption",
        null=0.0,
        effect=Effect("scandals", +1),
    )
    audit_discovery_factor: float = parameter(
        2.0,
        "How many times likelier audit and publication, each, make it that leaks come to light.",
        unit="ratio",
        range=(1.0, 6.0),
        source="direction: what is looked at is found (Ferraz and Finan 2008); size assumed",
        tag="assumption",
        effect=Effect("scandals", +1, when={"policy.accountability.audit": True}),
    )


def remaining_share(audit: bool, publication: bool, parameters: CaptureParameters) -> float:
    """Share of leak and capture left by audit and publication: (1 - e_a)(1 - e_p) for those in force."""
    left = 1.0 - parameters.audit_effect * audit
    return left * (1.0 - parameters.publication_effect * publication)


def leak_rate(base: float, left: float, factor: float = 1.0) -> float:
    """Share of spending that leaks: base · left by accountability · factor, at most 0.9."""
    return min(MOST_LEAK, base * left * factor)


def capture_probability(base: float, elite_share: Floats | float, left: float) -> Floats:
    """Probability that a proposal is steered to private benefit: c · elites over their share · accountability."""
    return np.clip(base * elite_share * left, 0.0, 1.0)


def discovery_probability(leak: Floats | float, per_year: float, factor: float) -> Floats:
    """Weekly probability that leaks come to light: per_year / 52 · factor · leak rate / 0.1, at most 1."""
    return np.minimum(1.0, per_year / 52.0 * factor * np.asarray(leak) / 0.1)
