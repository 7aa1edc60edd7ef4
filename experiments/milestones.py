"""Weeks of a programme that pictures and the page mark, read from the levers of a city."""

from __future__ import annotations

from sim.policies import Policy

MILESTONES: dict[str, tuple[str, str]] = {
    "first_councils": ("first councils", "نخستین شوراها"),
    "all_councils": ("all councils", "همه شوراها"),
    "mayors": ("mayors", "شهرداران محله"),
}
"""What is marked, in English and Persian."""


def milestones_of(policy: Policy) -> dict[str, int]:
    """The week of each milestone that a policy has."""
    steps = [(step.week, step.share) for step in policy.rollout.milestones]
    found = {}
    begun = [week for week, share in steps if share == 0.0]
    if begun:
        found["first_councils"] = max(begun)
    whole = [week for week, share in steps if share >= 1.0]
    if whole:
        found["all_councils"] = min(whole)
    if policy.mayor.kind != "none":
        found["mayors"] = policy.mayor.from_week
    return found
