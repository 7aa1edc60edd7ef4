"""Hearings, rounds of choice, ballots and elections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.outcome import LOWEST, declared, outcome, outcomes
from sim.outcomes.moment import NAN, Integers, Moment, count, share
from sim.phases.participation import age_of, may_vote

if TYPE_CHECKING:
    from sim.city import City


@outcome("Councils' hearings held so far.", unit="hearings", short=("hearings", "نشست‌های عمومی"))
def hearings(at: Moment) -> float:
    return float(at.running.hearings)


@outcome(
    "Residents who spoke so far, at hearings and at visits of the city's mayor.",
    unit="people",
    short=("speakers", "سخن‌گویان"),
)
def speakers(at: Moment) -> float:
    return at.running.speakers / at.scale


@outcome(
    "Share of speakers so far who were heard (section 7.4).",
    unit="share",
    short=("speakers who were heard", "سخن‌گویانی که صدایشان شنیده شد"),
)
def voice_heard_share(at: Moment) -> float:
    return at.running.heard / at.running.speakers if at.running.speakers else NAN


@outcome("Rounds of choice so far.", unit="rounds", short=("rounds of choice", "دورهای انتخاب پروژه"))
def rounds(at: Moment) -> float:
    return at.city.log.totals["rounds"]


@outcome(
    "Rounds of choice that ended in a dispute so far.",
    unit="rounds",
    short=("rounds of choice disputed", "دورهای انتخاب پروژه با اختلاف"),
)
def rounds_disputed(at: Moment) -> float:
    return at.city.log.totals["rounds_disputed"]


@outcome("Projects put up for choice so far.", unit="projects", short=("projects proposed", "پروژه‌های پیشنهادشده"))
def projects_proposed(at: Moment) -> float:
    return at.city.log.totals["projects_proposed"]


@outcome(
    "Projects chosen so far, after vetoes; where councils are consulted, projects promised.",
    unit="projects",
    short=("projects chosen", "پروژه‌های انتخاب‌شده"),
)
def projects_chosen(at: Moment) -> float:
    return at.city.log.totals["projects_chosen"]


@outcome("Chosen projects struck by a veto so far.", unit="projects", short=("projects vetoed", "پروژه‌های وتوشده"))
def projects_vetoed(at: Moment) -> float:
    return at.city.log.totals["projects_vetoed"]


@outcome(
    "Projects chosen so far / projects proposed so far.",
    unit="share",
    short=("proposals that are chosen", "سهم پیشنهادهای انتخاب‌شده"),
)
def funded_share(at: Moment) -> float:
    totals = at.city.log.totals
    return totals["projects_chosen"] / totals["projects_proposed"] if totals["projects_proposed"] else NAN


@outcome(
    "Largest share of one category among the proposals of a round, mean over this week's rounds.",
    unit="share",
    short=("concentration of proposals on one category", "تمرکز پیشنهادها بر یک دسته"),
)
def proposal_concentration(at: Moment) -> float:
    found = at.now.proposal_concentration
    return sum(found) / len(found) if found else NAN


@outcomes(
    declared(
        "turnout",
        "Voters of this week / residents entitled to vote where there is a ballot, of projects, members or mayors.",
        unit="share",
        short=("turnout", "نرخ رأی‌دهی"),
    ),
    declared(
        "voters_women_share",
        "Share of women among the voters of this week.",
        unit="share",
        short=("women among voters", "سهم زنان در رأی‌دهندگان"),
    ),
    declared(
        "turnout_18_25_ratio",
        "Turnout of those aged 18 to 25 over that of all who may vote.",
        unit="ratio",
        short=("turnout of those aged 18 to 25 beside all", "نرخ رأی‌دهی ۱۸ تا ۲۵ساله‌ها نسبت به همه"),
    ),
)
def voters(at: Moment) -> tuple[float, float, float]:
    of_all, of_young = _turnout(at.city)
    return of_all, share(at.city.residents.sex[at.now.came["ballot"]] == 1), of_young


@outcome(
    "Those who stood in elections of members so far, each once for each kind of seat; seats kept for women left out.",
    unit="people",
    short=("candidates", "نامزدها"),
)
def candidates(at: Moment) -> float:
    return at.city.log.totals["candidates"]


@outcome(
    "Share of women among those who stood in elections of members so far, seats kept for women left out.",
    unit="share",
    short=("women among candidates", "سهم زنان در نامزدها"),
)
def candidates_women_share(at: Moment) -> float:
    totals = at.city.log.totals
    return totals["candidates_women"] / totals["candidates"] if totals["candidates"] else NAN


@outcomes(
    declared(
        "vote_gini",
        "Gini of votes over the projects of a ballot, mean over the ballots counted this week.",
        unit="index",
        short=("inequality of votes (Gini)", "نابرابری رأی پروژه‌ها (جینی)"),
    ),
    declared(
        "voters_without_winner_share",
        "Share of voters none of whose approved projects was chosen, mean over the ballots counted this week.",
        unit="share",
        short=("voters without a winner", "رأی‌دهندگان بدون پروژه برنده"),
        better=LOWEST,
        per_cent=True,
    ),
)
def ballots(at: Moment) -> tuple[float, float]:
    inequalities = [inequality for inequality, _ in at.now.ballots]
    lost = [share for _, share in at.now.ballots if share == share]  # not known where a file has no ballots
    return (sum(inequalities) / len(inequalities) if inequalities else NAN, sum(lost) / len(lost) if lost else NAN)


def _turnout(city: City) -> tuple[float, float]:
    """Voters as a share of those entitled where there is a vote this week; the same of those aged 18 to 25, over it.

    Both are nan where nobody can vote, the second where nobody does.
    """
    if not city.now.voting.any():
        return NAN, NAN
    rows = city.rows.of(np.flatnonzero(city.now.voting))
    rows, voters = rows[may_vote(city, rows)], city.now.came["ballot"]
    if not rows.size:
        return NAN, NAN
    young, young_voters = (count(_is_18_to_25(city, people)) for people in (rows, voters))
    turnout = voters.size / rows.size
    return turnout, young_voters / young / turnout if young and voters.size else NAN


def _is_18_to_25(city: City, rows: Integers) -> NDArray[np.bool_]:
    age = age_of(city, rows)
    return np.asarray((age >= 18) & (age <= 25))
