"""Choice of projects within a neighbourhood: what proposals cost, who ranks them, what is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter
from sim.registry import Registry

Floats = NDArray[np.float64]
Elects = Callable[[Floats, NDArray[np.bool_], float], NDArray[np.bool_]]
"""A way to count approvals: costs, approvals and budget in, winners out."""


@dataclass(frozen=True)
class Choice:
    """A way of choosing projects: who votes, or how they are ranked where nobody does.

    Attributes:
        votes: approvals, (voters, P), from the city, the council and its proposals; None where nobody votes.
        ranks: scores, (P,), from the same; None where residents vote.
        counted: how approvals are counted.
        elects: counts approvals by your own rule instead: costs in bn toman, (P,), approvals, (voters, P), and the
            budget in bn toman in, winners, (P,), out. Real elections from files are counted as `counted` says.
        by_ballot: whether residents vote, in a ballot announced a week ahead.
        facilitator_may_strike: whether the facilitator holds a veto, in addition to any other veto.
    """

    votes: Callable[[Any, Any, Any], NDArray[np.bool_]] | None = None
    ranks: Callable[[Any, Any, Any], Floats] | None = None
    counted: Literal["greedy", "equal_shares"] = "greedy"
    elects: Elects | None = None
    by_ballot: bool = False
    facilitator_may_strike: bool = False


CHOICES: Registry[Choice] = Registry(
    "way of choosing projects",
    "needs_formula",
    "council_majority",
    "facilitator_veto",
    "ballot_greedy",
    "ballot_equal_shares",
    "lottery",
    "municipality_picks",
)
"""Ways of choosing projects within a neighbourhood."""


class ChoiceParameters(Parameters):
    """Rounds, proposals and ballots."""

    round_interval_weeks: int = parameter(
        52,
        "Weeks between two rounds of choice in a neighbourhood.",
        unit="weeks",
        range=(26, 104),
        source="yearly budgets",
        tag="assumption",
        effect=Effect("rounds", -1, low=26, high=104),
    )
    first_round_after_weeks: int = parameter(
        12,
        "Weeks from the forming of a council to its first round.",
        unit="weeks",
        range=(4, 52),
        source="three hearings",
        tag="assumption",
        effect=Effect("council_projects_pledged", -1, low=4, high=52, reduce="mean"),
    )
    proposals_per_round: int = parameter(
        5,
        "Projects that a council puts up for choice in a round.",
        unit="projects",
        range=(2, 30),
        source="with one to two funded, a quarter to a half",
        tag="assumption",
        effect=Effect("projects_proposed", +1, low=2, high=12),
    )
    focus_on_agenda: float = parameter(
        2.0,
        "How strongly proposals follow the agenda: 0 not at all, 1 in proportion, more: the top of it.",
        unit="exponent",
        range=(0.0, 5.0),
        source="agendas are there to focus",
        tag="assumption",
        effect=Effect("proposal_concentration", +1, reduce="mean"),
    )
    ballot_noise: float = parameter(
        0.5,
        "Noise in the utility on which a ballot is cast, beside need (standard deviation in units of need's own).",
        unit="ratio",
        range=(0.1, 2.0),
        source="voters know little about most projects",
        tag="assumption",
        effect=Effect(
            "vote_gini",
            -1,
            when={
                "policy.choice.rule": "ballot_greedy",
                "behaviour.participation.ballot_offset": 4.0,
                "behaviour.participation.ballot_reach": 1.0,
            },
            reduce="mean",
            why="in large electorates, where the noise of few ballots does not hide it",
        ),
    )
    approvals_per_ballot: int = parameter(
        3,
        "Most projects a ballot may approve.",
        unit="projects",
        range=(1, 10),
        source="Polish cities allow one to ten",
        tag="range",
        effect=Effect("vote_gini", -1, low=1, high=5, when={"policy.choice.rule": "ballot_greedy"}, reduce="mean"),
    )
    veto_strictness: float = parameter(
        0.25,
        "Probability that a veto strikes a chosen project of a category the holder ranks last.",
        unit="share",
        range=(0.0, 1.0),
        source="vetoes are rare",
        tag="assumption",
        null=0.0,
        effect=Effect("projects_vetoed", +1, when={"policy.authority.veto": "facilitator"}),
    )


def proposal_probabilities(agenda: Floats, focus: float) -> Floats:
    """Probability of each category for a proposal: agenda^focus, scaled to sum to 1; (6,)."""
    weights = np.power(np.maximum(agenda, 1e-12), focus)
    return np.asarray(weights / weights.sum())


def project_costs(normal: Floats, mean: float, spread: float) -> Floats:
    """Lognormal costs with the given mean and standard deviation of the log; shape of `normal`."""
    return mean * np.exp(spread * normal - 0.5 * spread**2)
