"""Services: they rise where works are delivered and decay all over; residents weigh them by their own needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]

SERVICES = 6
"""Categories of services."""


class ServiceParameters(Parameters):
    """What a project adds, and what time takes."""

    gain_per_typical_project: float = parameter(
        0.2,
        "Share of the gap to full service that a project of typical cost closes.",
        unit="share",
        range=(0.0, 0.5),
        source="set so that the works budget about balances decay at the starting level",
        tag="assumption",
        null=0.0,
        effect=Effect("service_level", +1),
    )
    decay_per_year: float = parameter(
        0.10,
        "Share of a service's level lost in a year without works.",
        unit="per year",
        range=(0.0, 0.2),
        source="municipal assets last 8 to 15 years between renewals",
        tag="assumption",
        null=0.0,
        effect=Effect("service_level", -1),
    )
    rivalry: float = parameter(
        0.5,
        "How rival the use of works is: at 0 a work serves a large neighbourhood as well as a small one; at 1 only "
        "money per head counts.",
        unit="exponent",
        range=(0.0, 1.0),
        source="parks and paving are partly crowded goods",
        tag="assumption",
        effect=Effect("service_gini", -1, when={"city.neighbourhoods.population_spread": 1.0}),
    )
    need_divergence: float = parameter(
        0.6,
        "How much need weights differ between people and between groups (standard deviation of log weights).",
        unit="log",
        range=(0.1, 1.2),
        source="stated priorities in participatory budgeting differ by age and sex",
        tag="assumption",
        effect=Effect("start.need_diversity", +1, reduce="first"),
    )


def perceived_performance(need_weights: Floats, services: Floats) -> Floats:
    """Performance that residents of one neighbourhood perceive: P_i = Σ_c w_ci S_c.

    Args:
        need_weights: (6, n), columns sum to 1; or (6,) of one resident.
        services: shares, (6,).

    Returns:
        (n,) share, or a number.
    """
    perceived: Floats = need_weights[0] * services[0]
    for category in range(1, SERVICES):  # in their order: the bytes depend on neither threads nor processor
        perceived = perceived + need_weights[category] * services[category]
    return perceived


def deliver(services: Floats, gain: Floats) -> Floats:
    """Service after works: 1 - (1 - S) exp(-gain), equal shapes; gain ≥ 0, in units of log gap closed."""
    return np.asarray(1.0 - (1.0 - services) * np.exp(-gain))


def project_gain(relative_cost: Floats, gain_per_typical_project: float, private_share: Floats) -> Floats:
    """Log gap closed by projects: -ln(1 - g) · cost in typical costs · (1 - private share); shape of the cost."""
    return np.asarray(-np.log1p(-gain_per_typical_project) * relative_cost * (1.0 - private_share))


def decay(services: Floats, decay_per_year: Floats | float) -> Floats:
    """Service after a week without works: S (1 - d)^(1/52)."""
    return np.asarray(services * (1.0 - decay_per_year) ** (1.0 / 52.0))


def worn(decay_per_year: float, wear: Floats) -> Floats:
    """Decay in a year where services wear w times as fast: 1 - (1 - d)^w; shape of the wear."""
    return np.asarray(1.0 - (1.0 - decay_per_year) ** wear)
