"""Services: they rise where works are delivered and decay all over; residents weigh them by their own needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class ServiceParameters(Parameters):
    """What a project adds, and what time takes."""

    gain_per_typical_project: float = parameter(
        0.2,
        "Share of the gap to full service that a project of typical cost closes.",
        unit="share",
        range=(0.05, 0.5),
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
    need_divergence: float = parameter(
        0.6,
        "How much need weights differ between people and between groups (standard deviation of log weights).",
        unit="log",
        range=(0.1, 1.2),
        source="stated priorities in participatory budgeting differ by age and sex",
        tag="assumption",
        effect=Effect("start.need_diversity", +1, reduce="first"),
    )


def perceived_performance(need_weights: Floats, services: Floats, neighbourhood: NDArray[np.int32]) -> Floats:
    """Performance a resident perceives: P_i = Σ_c w_ic S_bc.

    Args:
        need_weights: (N, 6), rows sum to 1.
        services: (M, 6), shares.
        neighbourhood: (N,) number of each resident's neighbourhood.

    Returns:
        (N,) share.
    """
    return np.asarray(np.einsum("nc,nc->n", need_weights, services[neighbourhood]))


def deliver(services: Floats, gain: Floats) -> Floats:
    """Service after works: 1 - (1 - S) exp(-gain), equal shapes; gain ≥ 0, in units of log gap closed."""
    return np.asarray(1.0 - (1.0 - services) * np.exp(-gain))


def project_gain(cost: Floats, typical_cost: float, gain_per_typical_project: float, private_share: Floats) -> Floats:
    """Log gap closed by projects: -ln(1 - g) · cost / typical · (1 - private share); shape of `cost`."""
    return np.asarray(-np.log1p(-gain_per_typical_project) * cost / typical_cost * (1.0 - private_share))


def decay(services: Floats, decay_per_year: float) -> Floats:
    """Service after a week without works: S (1 - d)^(1/52)."""
    return np.asarray(services * (1.0 - decay_per_year) ** (1.0 / 52.0))
