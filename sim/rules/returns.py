"""Returns and costs of sharing power: contributions, prices, upkeep, revenue and disputes; each has a null value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class ReturnParameters(Parameters):
    """What sharing power can return, and what it can cost. Of prices alone is a size published."""

    contribution_share: float = parameter(
        0.04,
        "Share of the cost of works on a neighbourhood's own account that its residents pay in money, beyond what "
        "residents pay of the municipality's works.",
        unit="share",
        range=(0.0, 0.3),
        source="Rafsanjan asked residents for 30 % of alley asphalt before the programme; a sixth is taken to be paid, "
        "of a fifth of the municipality's works",
        tag="assumption",
        null=0.0,
        effect=Effect("money_contributed", +1),
    )
    price_reduction: float = parameter(
        0.06,
        "Share by which works on a neighbourhood's own account cost less than the municipality's, for the same gain.",
        unit="share",
        range=(0.0, 0.3),
        source="four Indian states, 2009: 12 to 56 % below public-works estimates (World Bank on its own programmes): "
        "half of the lowest",
        tag="range",
        null=0.0,
        effect=Effect("money_saved_on_prices", +1),
    )
    upkeep_gain: float = parameter(
        0.1,
        "Share by which the level of services that works on neighbourhoods' own accounts built decays more slowly.",
        unit="share",
        range=(0.0, 0.3),
        source='community works "often last longer" (an advocate); no size published',
        tag="assumption",
        null=0.0,
        effect=Effect("service_level", +1),
    )
    revenue_rise: float = parameter(
        0.02,
        "Share by which the works budget rises in the long run where all of it is shared with everybody.",
        unit="share",
        range=(0.0, 0.15),
        source="rural Russia, randomised: taxes rose, larger or only where decentralisation was mature (Beuermann and "
        'Amelina 2018); Brazil, by self-selected cities: "up to 39 %" as an advocate sums it up',
        tag="assumption",
        null=0.0,
        effect=Effect("money_from_revenue", +1),
    )
    revenue_half_life_weeks: float = parameter(
        104.0,
        "Time in which revenue makes up half of its distance to the level that sharing brings.",
        unit="weeks",
        range=(26.0, 260.0),
        source='assumed: "mature" means years (Beuermann and Amelina 2018)',
        tag="assumption",
        effect=Effect("money_from_revenue", -1),
    )
    dispute_probability: float = parameter(
        0.05,
        "Probability that a round of choice is disputed.",
        unit="share",
        range=(0.0, 0.3),
        source="no rate published",
        tag="assumption",
        null=0.0,
        effect=Effect("rounds_disputed", +1),
    )
    dispute_delay_weeks: int = parameter(
        8,
        "Time by which a dispute holds up the works chosen in its round.",
        unit="weeks",
        range=(0, 52),
        source="assumed",
        tag="assumption",
        null=0,
        effect=Effect(
            "construction_projects_late",
            +1,
            when={"behaviour.returns.dispute_probability": 0.3},
            why="pledge dates stay where they are",
        ),
    )


def price(cost: Floats, delegated: NDArray[np.bool_], price_reduction: float) -> Floats:
    """What works are paid for: cost · (1 - r) on a neighbourhood's own account, else the cost; bn toman, (n,).

    Args:
        cost: cost at usual prices, which sets what a work adds, bn toman, (n,).
        delegated: whether a work is on a neighbourhood's own account, (n,).
        price_reduction: r.
    """
    return np.asarray(cost * (1.0 - price_reduction * delegated))


def part_of_account(price_reduction: float, contribution_share: float) -> float:
    """What a neighbourhood's account bears of the usual cost of a work of its own: (1 - r)(1 - c)."""
    return (1.0 - price_reduction) * (1.0 - contribution_share)


def level_built(services: Floats, before: Floats, gain: Floats, gain_of_councils: Floats) -> Floats:
    """Part of a rise of services that councils' works brought: (S - S before) · their gain / gain; equal shapes.

    Args:
        services, before: level after and before the week's works, shares.
        gain: log gap closed by all works, and by those on the neighbourhoods' own accounts.
    """
    share = np.divide(gain_of_councils, gain, out=np.zeros_like(gain), where=gain > 0.0)
    return np.asarray((services - before) * share)


def left_of_built(built: Floats, services: Floats, decay_per_year: Floats | float, upkeep_gain: float) -> Floats:
    """What a week leaves of the level that councils' works built: min(U, S) (1 - d (1 - u))^(1/52); equal shapes.

    Args:
        built: U, the level that councils' works built.
        services: S, the level before the week's decay; U cannot be more.
        decay_per_year: d, of other services.
        upkeep_gain: u.
    """
    return np.asarray(np.minimum(built, services) * (1.0 - decay_per_year * (1.0 - upkeep_gain)) ** (1.0 / 52.0))


def kept_by_upkeep(built: Floats, services: Floats, decay_per_year: Floats | float, upkeep_gain: float) -> Floats:
    """Level of services that upkeep keeps from decaying in a week; equal shapes, arguments of `left_of_built`.

    The formula is min(U, S) · [(1 - d (1 - u))^(1/52) - (1 - d)^(1/52)], and 0 where u = 0.
    """
    slower = (1.0 - decay_per_year * (1.0 - upkeep_gain)) ** (1.0 / 52.0) - (1.0 - decay_per_year) ** (1.0 / 52.0)
    return np.asarray(np.minimum(built, services) * slower)


def approach(level: float, target: float, half_life_weeks: float) -> float:
    """A level a week later, on its way to a target: x + (1 - ½^(1/h)) (target - x)."""
    return float(level + (1.0 - 0.5 ** (1.0 / half_life_weeks)) * (target - level))
