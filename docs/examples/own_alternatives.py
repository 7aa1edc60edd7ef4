"""An extension with one of each kind of named alternative, and a lever of its own.

A city names it: `extensions: [own_alternatives.py:ALTERNATIVES]`. The policy `own_policy.yaml` uses what it adds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim import City
from sim.extension import Extension, Placed
from sim.hubs import HubProfile
from sim.parameters import Effect, Parameters, parameter
from sim.phase import phase
from sim.phases.hearings import ballots
from sim.policies import Shock
from sim.rules.choice import Choice
from sim.rules.selection import SelectionParameters
from sim.rules.voting import greedy

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


# ---------------------------------------------------------------- a lever, and the phase that reads it


class ThanksPolicy(Parameters):
    """Letters of thanks from the municipality."""

    hope_gain: float = parameter(
        0.0,
        "Share of the way to full hope that a letter of thanks lifts those who took part this week.",
        unit="share",
        range=(0.0, 0.5),
        source="made up for the example",
        tag="assumption",
        effect=Effect("hope", +1, reduce="mean"),
    )


@phase(reads="residents: last_act_week; policy", writes="residents: hope")
def thank(city: City) -> None:
    """Write to all who took part this week; the default writes to nobody."""
    rows = np.flatnonzero(city.residents.last_act_week == city.week)
    city.residents.hope[rows] += city.policy.thanks.hope_gain * (1.0 - city.residents.hope[rows])


# ---------------------------------------------------------------- money, roll-out, shocks


def divide_in_equal_parts(city: City) -> Floats:
    """Shares of the works budget, (neighbourhoods,), sum 1."""
    return np.full(city.neighbourhoods, 1.0 / city.neighbourhoods)


def largest_first(city: City) -> Integers:
    """Numbers of neighbourhoods in the order of their turn, (neighbourhoods,)."""
    return np.argsort(-city.population, kind="stable")


def strike_with_power_cuts(city: City, struck: Integers, shock: Shock) -> None:
    """Take a share of all services of the neighbourhoods struck, (k,)."""
    city.services[struck] *= 1.0 - shock.size


# ---------------------------------------------------------------- ballots and selection


def elect_per_toman(costs: Floats, approvals: Flags, budget: float) -> Flags:
    """Winners, (projects,): those with the most votes per toman that fit the budget, one after another.

    Args:
        costs: bn toman, (projects,).
        approvals: (voters, projects).
        budget: bn toman.
    """
    return greedy(costs, approvals.sum(axis=0) / costs, budget)


def score_by_trust(parameters: SelectionParameters, *, trust: Floats, **traits: Floats) -> Floats:
    """How much a seat's selector leans to each candidate, in log odds; traits in standard deviations, any shape."""
    return 2.0 * trust


def score_by_skill(parameters: SelectionParameters, *, skill: Floats, **traits: Floats) -> Floats:
    """How much leans to each candidate for mayor, in log odds."""
    return parameters.weight_of_skill * skill


ALTERNATIVES = Extension(
    name="own_alternatives",
    meaning="One alternative of each kind, to copy from.",
    parameters={"policy.thanks": ThanksPolicy},
    phases=[Placed(thank, after="take_part")],
    hubs={"library": HubProfile(attender_share_men=0.2, attender_share_women=0.3, youth_factor=1.6)},
    allocations={"in_equal_parts": divide_in_equal_parts},
    rollout_orders={"largest_first": largest_first},
    shocks={"power_cuts": strike_with_power_cuts},
    choices={"ballot_per_toman": Choice(votes=ballots, by_ballot=True, elects=elect_per_toman)},
    member_scores={"trusting": score_by_trust},
    council_selections={"trusting": ("trusting",), "lot_and_ballot": ("sortition", "elected")},
    mayor_selections={"most_skilled": score_by_skill},
)
