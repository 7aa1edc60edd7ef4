"""Delivery and co-production: how fast works progress, and when they are late or fail."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class DeliveryParameters(Parameters):
    """Time, help and luck of construction projects."""

    base_duration_weeks: float = parameter(
        30.0,
        "Time a typical project takes with full assistance, no volunteers and money at hand.",
        unit="weeks",
        range=(10.0, 80.0),
        source="small public works take half a year",
        tag="assumption",
        effect=Effect("projects_active", +1, why="works that take longer pile up"),
    )
    duration_spread: float = parameter(
        0.3,
        "Standard deviation of the log of durations between projects.",
        unit="log",
        range=(0.0, 1.0),
        source="assumed",
        tag="assumption",
        effect=Effect("construction_projects_late", +1, when={"policy.pledges.optimism": -0.5}),
    )
    assistance_without_team: float = parameter(
        0.35,
        "Speed of a council's project with neither team nor training, as a share of full assistance.",
        unit="share",
        range=(0.05, 1.0),
        source="direction: effects vanish without local assistance (Beuermann and Amelina 2018); size assumed",
        tag="assumption",
        effect=Effect("council_projects_finished", +1, when={"policy.support.kind": "none"}),
    )
    training_effect: float = parameter(
        0.3,
        "Share of the gap to full assistance closed by training alone.",
        unit="share",
        range=(0.0, 1.0),
        source="training without help does less (Beuermann and Amelina 2018)",
        tag="assumption",
        effect=Effect("council_projects_finished", +1, when={"policy.support.kind": "training"}),
    )
    team_quality: float = parameter(
        0.8,
        "Mean quality of municipal teams.",
        unit="share",
        range=(0.0, 1.0),
        source="claimed: specialised teams with a direct link to the central municipality",
        tag="assumption",
        effect=Effect("council_projects_finished", +1),
    )
    team_capacity: float = parameter(
        5.0,
        "Neighbourhoods that one team can serve in full.",
        unit="neighbourhoods",
        range=(1.0, 20.0),
        source="a team visits each neighbourhood about weekly",
        tag="assumption",
        effect=Effect("council_projects_finished", +1, when={"policy.support.neighbourhoods_per_team": 10}),
    )
    volunteer_effect: float = parameter(
        0.02,
        "Rise of speed for each volunteer a week per thousand residents (ψ).",
        unit="per volunteer per 1,000",
        range=(0.0, 0.2),
        source="co-production (Ostrom 1996)",
        tag="assumption",
        null=0.0,
        effect=Effect("council_projects_finished", +1),
    )
    mayor_effect: float = parameter(
        0.6,
        "Rise of speed with the civic skill of the mayor (or the council, where there is none) above its usual level.",
        unit="share",
        range=(0.0, 2.0),
        source="direction: management quality and public works (Rasul and Rogger 2018); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "projects_active",
            -1,
            when={"behaviour.learning.initial_skill": 0.5},
            why="skilled leaders get works done sooner, so that fewer are under way at once",
        ),
    )
    usual_leader_skill: float = parameter(
        0.3,
        "Skill of a leader at which the speed is neither raised nor lowered.",
        unit="share",
        range=(0.0, 1.0),
        source="a reference point",
        tag="assumption",
        effect=Effect("projects_active", +1, why="leaders of usual skill count as weak, and works take longer"),
    )
    central_speed: float = parameter(
        0.8,
        "Speed of the municipality's own works, as a share of full assistance.",
        unit="share",
        range=(0.2, 1.5),
        source="contractors, and queues",
        tag="assumption",
        effect=Effect("projects_active", -1, why="works that are done sooner do not pile up"),
    )
    failure_hazard_per_week: float = parameter(
        0.002,
        "Weekly probability that a project fails for good.",
        unit="per week",
        range=(0.0, 0.02),
        source="direction: some local works are never finished (Williams 2017); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("construction_projects_failed", +1),
    )
    programme_success: float = parameter(
        0.95,
        "Probability that a programme comes about that a council plans and its host has time for.",
        unit="share",
        range=(0.5, 1.0),
        source="cancellations are few",
        tag="assumption",
        effect=Effect("programmes_held", +1),
    )


def assistance_of_team(quality: Floats, capacity: Floats, served: Floats, floor: float) -> Floats:
    """Speed with a team's help: f + (1 - f) q min(1, capacity / neighbourhoods served); a team spread thin helps less.

    Source: Beuermann and Amelina 2018. Equal shapes; result in [f, 1].
    """
    return floor + (1.0 - floor) * quality * np.minimum(1.0, capacity / np.maximum(served, 1.0))


def speed(
    base_duration_weeks: float,
    assistance: Floats,
    volunteers_per_thousand: Floats,
    leader_skill: Floats,
    parameters: DeliveryParameters,
) -> Floats:
    """Share of a project done in a week: assistance (1 + ψ v)(1 + β (k - k0)) / duration.

    The last bracket is at least 0.1.

    Args:
        base_duration_weeks: duration with full assistance.
        assistance: share, (n,).
        volunteers_per_thousand: volunteers last week per 1,000 agents of the neighbourhood, (n,).
        leader_skill: share, (n,).
        parameters: for ψ, β and k0.
    """
    leadership = np.maximum(0.1, 1.0 + parameters.mayor_effect * (leader_skill - parameters.usual_leader_skill))
    return assistance * (1.0 + parameters.volunteer_effect * volunteers_per_thousand) * leadership / base_duration_weeks


def paid_share(wanted: Floats, account: NDArray[np.int64], balance: Floats) -> Floats:
    """Share of each project's want of money that its account can pay this week, the same for all on one account.

    Args:
        wanted: money wanted by each project, (n,).
        account: number of the account each draws on, (n,).
        balance: money on each account, (accounts,).

    Returns:
        (n,) shares in [0, 1].
    """
    total = np.bincount(account, wanted, minlength=balance.size)
    ratio = np.minimum(1.0, np.divide(balance, total, out=np.ones_like(balance), where=total > 0.0))
    return np.asarray(np.maximum(ratio, 0.0)[account])
