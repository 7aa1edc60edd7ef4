"""The weekly rows of groups: of every outcome an array, (groups,); a group without people has no mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.cells import MEANS
from sim.outcome import GROUPS, declared, label, outcome, outcomes
from sim.outcomes.moment import Floats, Moment


@outcome(of=GROUPS)
def week(at: Moment) -> NDArray[Any]:
    return np.full(at.in_groups.size, at.city.week)


label(
    "group_kind",
    "What the groups are formed by: sex, cohort, attendance or standing.",
    of=GROUPS,
    short=("kind of group", "نوع گروه"),
)
label("group", "Name of the group.", of=GROUPS, short=("group", "گروه"))


@outcome("Residents of the group, aged as agents are.", of=GROUPS, unit="people", short=("residents", "شمار ساکنان"))
def residents(at: Moment) -> Floats:
    return at.in_groups / at.scale


@outcomes(
    declared("trust_in_municipality", compared=10),
    "trust_in_council",
    "trust_in_people",
    "expectation",
    declared("performance", compared=50),
    declared("belonging", compared=40),
    declared("hope", compared=30),
    "habit",
    "fatigue",
    "civic_skill",
    of=GROUPS,
)
def means(at: Moment) -> dict[str, Floats]:
    return {name: at.mean_of_groups(name) for name in MEANS}


@outcome(of=GROUPS, compared=20)
def participation_rate(at: Moment) -> Floats:
    return at.mean_of_groups("participating")


@outcome(of=GROUPS)
def ever_participated_rate(at: Moment) -> Floats:
    return at.mean_of_groups("ever")


@outcome(of=GROUPS, compared=60)
def below_floor_share(at: Moment) -> Floats:
    return at.mean_of_groups("below_floor")


@outcome(
    "Share of the group that was reached this week.", of=GROUPS, unit="share", short=("people reached", "سهم آگاه‌شدگان")
)
def informed_rate(at: Moment) -> Floats:
    return at.mean_of_groups("informed")


@outcome(
    "Share that comes to a hearing, a visit, a programme, a ballot or a gathering announced this week.",
    of=GROUPS,
    unit="share",
    short=("people at occasions", "سهم حاضران در نشست‌ها و برنامه‌ها"),
)
def attended_rate(at: Moment) -> Floats:
    return at.mean_of_groups("attended")


@outcome("Share that volunteers this week.", of=GROUPS, unit="share", short=("volunteers", "سهم داوطلبان"))
def volunteered_rate(at: Moment) -> Floats:
    return at.mean_of_groups("volunteered")


@outcome("Share that holds a seat.", of=GROUPS, unit="share", short=("people who hold a seat", "سهم دارندگان کرسی"))
def organised_rate(at: Moment) -> Floats:
    return at.mean_of_groups("organised")
