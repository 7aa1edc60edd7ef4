"""Councils and neighbourhood mayors: how many, and who they are."""

from __future__ import annotations

import numpy as np

from sim.outcome import declared, outcome, outcomes
from sim.outcomes.moment import NAN, Moment, count, mean
from sim.seats import MAYOR


@outcome("Councils convened.", unit="councils", short=("councils", "شوراهای محله"))
def councils(at: Moment) -> float:
    return count(at.convened)


@outcome(
    "Seats filled in convened councils, teen managers included, mayors not.",
    unit="people",
    short=("members of councils", "اعضای شوراها"),
)
def council_members(at: Moment) -> float:
    return int(np.add.reduce(at.city.institutions.councils.members[at.convened]))


@outcome("Mayors' seats filled.", unit="people", short=("neighbourhood mayors", "شهرداران محله"))
def neighbourhood_mayors(at: Moment) -> float:
    return count(at.city.institutions.seats.filled & (at.city.institutions.seats.role == MAYOR))


@outcomes(
    declared(
        "mayor_skill",
        "Mean civic skill over mayors' offices that are held.",
        unit="share",
        short=("civic skill of neighbourhood mayors", "مهارت مدنی شهرداران محله"),
    ),
    declared(
        "mayor_women_share",
        "Share of mayors' offices whose latest mayor (the first, where two were chosen together) is a woman.",
        unit="share",
        short=("women among neighbourhood mayors", "سهم زنان در شهرداران محله"),
    ),
)
def mayors_in_office(at: Moment) -> tuple[float, float]:
    mayors, in_office = at.city.institutions.mayors, at.city.institutions.mayors.in_office
    return (mean(mayors.skill[in_office]), mean(mayors.woman[in_office])) if in_office.any() else (NAN, NAN)


@outcomes(
    declared(
        "council_women_share",
        "Share of women among the members of convened councils.",
        unit="share",
        short=("women in councils", "سهم زنان در شوراها"),
    ),
    declared(
        "council_youth_share",
        "Share of those born 1380 (2001) or later among the members of convened councils.",
        unit="share",
        short=("youths in councils", "سهم جوانان در شوراها"),
    ),
)
def shares_of_councils(at: Moment) -> tuple[float, float]:
    """Over members, mayors not among them."""
    councils, convened = at.city.institutions.councils, at.convened
    members = councils.members[convened]
    people = int(np.add.reduce(members))
    if not people:
        return NAN, NAN
    women = np.add.reduce(councils.women_share[convened] * members)
    youths = np.add.reduce(councils.youth_share[convened] * members)
    return float(women / people), float(youths / people)


@outcomes(
    declared(
        "council_resources",
        "Mean over councils of the deciding members' mean resources.",
        unit="share",
        short=("resources of members of councils", "منابع فردی اعضای شوراها"),
    ),
    declared(
        "council_attendance",
        "Mean over councils of the deciding members' mean weekly attendance at a hub.",
        unit="share",
        short=("attendance of members of councils at a hub", "حضور اعضای شوراها در کانون"),
    ),
)
def means_of_councils(at: Moment) -> tuple[float, float]:
    councils, convened = at.city.institutions.councils, at.convened
    if not convened.any():
        return NAN, NAN
    return mean(councils.resources[convened]), mean(councils.attendance[convened])


@outcome("Seats filled so far, each time one is.", unit="seats", short=("seats filled", "کرسی‌های پرشده"))
def seats_filled(at: Moment) -> float:
    return at.city.log.totals["seats_filled"]
