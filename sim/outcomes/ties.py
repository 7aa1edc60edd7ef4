"""Social capital: ties that bond and ties that bridge, help, and what youths and older adults share."""

from __future__ import annotations

from sim.cells import GROUPS
from sim.outcome import HIGHEST, outcome
from sim.outcomes.moment import NAN, Moment, over

_YOUTH, _ADULT, _ELDER = (GROUPS.index(("cohort", name)) for name in ("youth", "adult", "elder"))


@outcome(
    "Ties within households, and of neighbours alike in sex, cohort, attendance and standing, each counted "
    "once. No run changes them: ties that form and are given up are bridging ones.",
    unit="ties",
    short=("bonding ties", "پیوندهای درون‌گروهی"),
)
def bonding_ties(at: Moment) -> float:
    return at.city.ties.bonding_count / at.scale


@outcome(
    "Bridging ties there are, each counted once.",
    unit="ties",
    short=("bridging ties", "پیوندهای میان‌گروهی"),
    better=HIGHEST,
    compared=190,
)
def bridging_ties(at: Moment) -> float:
    return at.city.ties.bridging_count / at.scale


@outcome(
    "Weeks of organised help so far over the number of residents. Help stays in its neighbourhood: in the "
    "mean as much is received as given.",
    unit="weeks",
    short=("weeks of help by each resident", "هفته‌های یاری هر ساکن"),
)
def help_per_head(at: Moment) -> float:
    return float(at.running.helped.sum()) / at.people


@outcome(
    "The same of the most deprived quarter of the neighbourhoods (at least one): the help that those receive "
    "who live there.",
    unit="weeks",
    short=("weeks of help in the most deprived quarter", "هفته‌های یاری در محروم‌ترین چارک محله‌ها"),
)
def help_per_head_most_deprived(at: Moment) -> float:
    deprived = at.running.most_deprived
    return float(at.running.helped[deprived].sum() / at.city.rows.per_neighbourhood[deprived].sum())


@outcome(
    "Mean trust in the municipality of youths (born 1380, 2001, or later) less that of older adults (born before 1370, "
    "1991).",
    unit="share",
    short=("trust of youths less that of older adults", "فاصله اعتماد جوانان با نسل‌های مسن‌تر"),
)
def trust_gap_of_youths(at: Moment) -> float:
    trust, running = at.sums.group["trust_in_municipality"], at.running
    if not (running.youths and running.older):
        return NAN
    return float(trust[_YOUTH] / running.youths - (trust[_ADULT] + trust[_ELDER]) / running.older)


@outcome(
    "Share of youths among those who spoke so far, at hearings and visits, over their share of residents.",
    unit="ratio",
    short=("youths among speakers over their share", "جوانان سخن‌گو نسبت به سهمشان از جمعیت"),
)
def youth_speakers_ratio(at: Moment) -> float:
    return over(at.running.young_speakers, at.running.speakers * (at.running.youths / at.people))


@outcome(
    "Share of youths among speakers so far who were heard, over their share of residents.",
    unit="ratio",
    short=("youths among those heard over their share", "جوانان شنیده‌شده نسبت به سهمشان از جمعیت"),
)
def youth_heard_ratio(at: Moment) -> float:
    return over(at.running.young_heard, at.running.heard * (at.running.youths / at.people))


@outcome(
    "Share of all ties that join a youth and an older adult (born before 1370, 1991).",
    unit="share",
    short=("ties of youths and older adults", "پیوندهای جوانان با نسل‌های مسن‌تر"),
)
def ties_across_generations(at: Moment) -> float:
    return over(at.city.ties.across_count, at.city.ties.count)


@outcome(
    "Share of pairs of volunteers who worked side by side so far (section 7.7) that are a youth and an older adult.",
    unit="share",
    short=("joint work of youths and older adults", "کار مشترک جوانان با نسل‌های مسن‌تر"),
)
def joint_work_across_generations(at: Moment) -> float:
    return over(at.running.pairs_across, at.running.pairs)
