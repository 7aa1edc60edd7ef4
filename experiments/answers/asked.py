"""What answers are made of: outcomes of the city, of groups and of neighbourhoods, at which weeks."""

from __future__ import annotations

from typing import Any

from experiments.contrasts.comparison import QUARTER
from experiments.contrasts.geography import is_neighbourhood
from experiments.contrasts.shown import SHOWN_BY_GROUP
from experiments.sweeps.outcomes import KINDS, NEIGHBOURHOOD

FINDINGS = (
    "trust_in_municipality", "trust_in_council", "trust_in_people", "participation_rate", "belonging", "hope",
    "service_level", "service_gini", "below_floor_share", "spending_need_match", "talent_pool", "youth_skill",
    "bridging_ties", "construction_projects_finished", "construction_projects_late_share", "exits", "money_spent",
    "money_leaked",
)  # fmt: skip
"""Outcomes of the city, in the order in which they are told."""

CURVES = (
    "trust_in_municipality", "trust_in_people", "participation_rate", "service_level", "service_gini",
    "below_floor_share", "hope", "belonging",
)  # fmt: skip
"""Outcomes of the city of which differences are shown over time."""

BY_GROUP = tuple(SHOWN_BY_GROUP)
"""Outcomes by which groups gain or lose."""

ON_MAPS = ("trust_in_municipality", "participation_rate", "service_level", "below_floor_share")
"""Outcomes by which neighbourhoods gain or lose."""

GROUP_KINDS = tuple(kind for kind in KINDS if kind != NEIGHBOURHOOD)


def weeks_of(last: int) -> tuple[int, ...]:
    """Weeks of the curves: every quarter, and the last."""
    return tuple(sorted({*range(QUARTER, last + 1, QUARTER), last}))


def outcomes_at(curves: tuple[int, ...], last: int) -> list[dict[str, Any]]:
    """Outcomes of an experiment whose runs answer: curves at some weeks, all else at the last.

    Args:
        curves: weeks of the curves.
        last: the last week.
    """
    groups = [f"{name}[{kind}=*]" for name in BY_GROUP for kind in GROUP_KINDS]
    places = [f"{name}[{NEIGHBOURHOOD}=*]" for name in ON_MAPS]
    at_end = [name for name in FINDINGS if name not in CURVES]
    return [
        *({name: {"week": list(curves)}} for name in CURVES),
        *({name: {"week": [last]}} for name in (*at_end, *groups, *places)),
    ]


def kind_of(group: str) -> str:
    """Kind of a group: ``cohort`` of ``cohort=youth``; neighbourhoods and crossed groups have none."""
    return "" if is_neighbourhood(group) or "," in group else group.partition("=")[0]
