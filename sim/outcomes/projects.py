"""Works and programmes: what was promised, and what became of it."""

from __future__ import annotations

import numpy as np

from sim.outcome import HIGHEST, LOWEST, outcome
from sim.outcomes.moment import NAN, Moment, deviation, over


@outcome(
    "Projects pledged to a date so far, the municipality's own included.",
    unit="projects",
    short=("projects pledged", "پروژه‌های وعده‌داده‌شده"),
)
def construction_projects_pledged(at: Moment) -> float:
    return at.counted["pledged"]


@outcome(
    "Projects finished so far, works under way at week 0 included.",
    unit="projects",
    short=("projects finished", "پروژه‌های پایان‌یافته"),
    better=HIGHEST,
    compared=200,
)
def construction_projects_finished(at: Moment) -> float:
    return at.counted["finished"]


@outcome(
    "Projects so far that were open after the week they were pledged to.",
    unit="projects",
    short=("projects late", "پروژه‌های دارای تأخیر"),
    compared=210,
)
def construction_projects_late(at: Moment) -> float:
    return at.counted["late"]


@outcome(
    "Of the projects pledged since week 0 whose promised week has passed, the share that were open after it. The "
    "number of late projects has no better end: fewer are late, too, where fewer are done.",
    unit="share",
    short=("late share of projects due", "سهم پروژه‌های دارای تأخیر"),
    better=LOWEST,
    per_cent=True,
    compared=205,
)
def construction_projects_late_share(at: Moment) -> float:
    projects = at.city.projects
    due = ~projects.from_before & (projects.pledge_week < at.city.week)
    return over(float(projects.late[due].sum()), float(due.sum()))


@outcome(
    "Projects that failed, lapsed or were stopped so far.",
    unit="projects",
    short=("projects failed", "پروژه‌های شکست‌خورده"),
    better=LOWEST,
)
def construction_projects_failed(at: Moment) -> float:
    return at.counted["failed"]


@outcome(
    "Projects chosen by councils and pledged, or promised to them, so far.",
    unit="projects",
    short=("projects pledged, councils'", "پروژه‌های وعده‌داده‌شده شوراها"),
)
def council_projects_pledged(at: Moment) -> float:
    return at.counted["by_council"]


@outcome(
    "Of these, finished so far.", unit="projects", short=("projects finished, councils'", "پروژه‌های پایان‌یافته شوراها")
)
def council_projects_finished(at: Moment) -> float:
    return at.counted["finished_by_council"]


@outcome(
    "The municipality's own works finished so far.",
    unit="projects",
    short=("projects finished, the municipality's", "پروژه‌های پایان‌یافته شهرداری"),
)
def central_projects_finished(at: Moment) -> float:
    return at.counted["finished"] - at.counted["finished_by_council"]


@outcome("Projects under way.", unit="projects", short=("projects under way", "پروژه‌های در دست اجرا"))
def projects_active(at: Moment) -> float:
    return at.counted["active"]


@outcome(
    "Projects steered to private benefit so far, whatever became of them.",
    unit="projects",
    short=("projects captured", "پروژه‌های تسخیرشده"),
)
def captured_projects(at: Moment) -> float:
    return at.counted["captured"]


@outcome(
    "Standard deviation of the logarithm of the costs of all projects so far.",
    unit="log",
    short=("spread of the costs of projects", "پراکندگی هزینه پروژه‌ها"),
)
def project_cost_sd(at: Moment) -> float:
    costs = at.city.projects.cost
    return deviation(np.log(costs)) if costs.size > 1 else NAN


@outcome("Programmes held so far.", unit="programmes", short=("programmes held", "برنامه‌های برگزارشده"), compared=220)
def programmes_held(at: Moment) -> float:
    return at.city.log.totals["programmes_held"]


@outcome("People at programmes held so far.", unit="people", short=("people at programmes", "حاضران در برنامه‌های محله"))
def programme_attendance(at: Moment) -> float:
    return at.city.log.totals["programme_attendance"]
