"""Who took part, in what, and what it cost them."""

from __future__ import annotations

import numpy as np

from sim.outcome import HIGHEST, LOWEST, declared, outcome, outcomes
from sim.outcomes.moment import NAN, Moment, count


@outcome(
    "Share of residents who took part in anything in this week or the three before: an occasion, organised "
    "help, a petition, a contact with the municipality.",
    unit="share",
    short=("participation in four weeks", "مشارکت در چهار هفته"),
    better=HIGHEST,
    per_cent=True,
    always=True,
    compared=40,
)
def participation_rate(at: Moment) -> float:
    return at.mean("participating")


@outcome(
    "Share of residents who took part in anything at least once so far.",
    unit="share",
    short=("participation since week 0", "مشارکت از هفته صفر تاکنون"),
    better=HIGHEST,
    per_cent=True,
)
def ever_participated_rate(at: Moment) -> float:
    return at.mean("ever")


@outcome("Mean over residents.", unit="share", short=("habit of taking part", "عادت به مشارکت"), always=True)
def habit(at: Moment) -> float:
    return at.mean("habit")


@outcomes(
    declared(
        "never_or_rarely_share",
        "Share of residents who took part in nothing in the last full year (52 weeks); renewed once a year, 1 before.",
        unit="share",
        short=("residents who took no part in a year", "ساکنان بدون مشارکت در سال"),
    ),
    declared(
        "sometimes_share",
        "Share who took part in at least one week, but fewer than the core; renewed once a year, 0 before.",
        unit="share",
        short=("residents who took part at times", "مشارکت‌کنندگان گاه‌به‌گاه"),
    ),
    declared(
        "core_share",
        "Share who took part in at least as many weeks of the year as count as core; renewed once a year, 0 before.",
        unit="share",
        short=("residents who took part often", "مشارکت‌کنندگان همیشگی"),
    ),
)
def levels_of_the_last_year(at: Moment) -> tuple[float, float, float]:
    return at.running.levels


@outcome(
    "Visits to hubs this week; who goes to two hubs counts twice.",
    unit="people",
    short=("visits to hubs", "حضور در کانون‌ها"),
)
def hub_visits(at: Moment) -> float:
    return at.now.hub_visits / at.scale


@outcome(
    "Residents reached this week: addressed at a hub, asked, told of a ballot, a visit or a gathering, or "
    "holding a seat.",
    unit="people",
    short=("people reached", "افراد آگاه‌شده"),
)
def informed(at: Moment) -> float:
    return at.now.informed.size / at.scale


@outcome(
    "Residents asked in person this week, by a tie, a council, a mayor or the host of a gathering.",
    unit="people",
    short=("people asked in person", "افراد دعوت‌شده"),
)
def asked(at: Moment) -> float:
    return at.now.asked.size / at.scale


@outcome(
    "Residents on the list of those who took part and are asked again.",
    unit="people",
    short=("people on the list", "افراد ثبت‌شده در فهرست"),
)
def listed(at: Moment) -> float:
    return count(at.city.residents.listed.view(np.bool_)) / at.scale


@outcome(
    "Residents who come to a hearing, a visit, a programme, a ballot or a gathering announced this week.",
    unit="people",
    short=("people at occasions", "حاضران در نشست‌ها و برنامه‌ها"),
    compared=90,
)
def attended(at: Moment) -> float:
    return at.sums.city["attended"] / at.scale


@outcome(
    "Residents who volunteer on works this week.", unit="people", short=("volunteers", "داوطلبان پروژه‌ها"), compared=100
)
def volunteers(at: Moment) -> float:
    return at.now.came["volunteering"].size / at.scale


@outcome(
    "Residents who come to a gathering announced this week.",
    unit="people",
    short=("people at gatherings", "حاضران در گردهمایی‌ها"),
    compared=50,
)
def gatherings_attended(at: Moment) -> float:
    return at.now.came["gathering"].size / at.scale


@outcome(
    "Residents who join organised help on common affairs this week.",
    unit="people",
    short=("people who help", "یاری‌رسانان"),
    compared=60,
)
def helpers(at: Moment) -> float:
    return at.now.helpers.size / at.scale


@outcome(
    "Residents who sign a petition this week.",
    unit="people",
    short=("people who sign a petition", "امضاکنندگان درخواست‌های جمعی"),
    compared=70,
)
def petitioners(at: Moment) -> float:
    return at.now.petitioners.size / at.scale


@outcome(
    "Residents who themselves hold a seat, a mayor's included.",
    unit="people",
    short=("people who hold a seat", "دارندگان کرسی"),
)
def organised(at: Moment) -> float:
    return at.city.institutions.member_rows.size / at.scale


@outcome(
    "Volunteers and seat holders who burnt out so far; holders outside the sample not counted.",
    unit="people",
    short=("volunteers and members burnt out", "داوطلبان و اعضای دچار فرسودگی"),
    better=LOWEST,
    compared=230,
)
def exits(at: Moment) -> float:
    return at.running.exits / at.scale


@outcome(
    "52 · exits so far / person-weeks at risk so far, in the sample.",
    unit="per year",
    short=("rate of burning out", "نرخ فرسودگی در سال"),
)
def exit_rate_per_year(at: Moment) -> float:
    return 52.0 * at.running.exits / at.running.exposed if at.running.exposed else NAN


@outcome(
    "Residents who turned to the municipality this week.",
    unit="people",
    short=("contacts with the municipality", "مراجعه به شهرداری"),
    compared=80,
)
def contacts(at: Moment) -> float:
    return at.now.contacts.size / at.scale


@outcome(
    "Share of contacts so far that were answered.", unit="share", short=("contacts answered", "مراجعه‌های پاسخ‌گرفته")
)
def contacts_answered_share(at: Moment) -> float:
    return at.running.answered / at.running.contacts if at.running.contacts else NAN


@outcome(
    "Number of times this week that a resident was told what a tie had experienced or heard.",
    unit="people",
    short=("news heard from ties", "خبرهای شنیده‌شده از آشنایان"),
)
def news_heard(at: Moment) -> float:
    return at.now.news_heard / at.scale


@outcome(
    "Hours of their time that residents gave so far, by kind of act (see the fixed numbers), over the number "
    "of residents.",
    unit="hours",
    short=("hours given by each resident", "ساعت‌های مشارکت هر ساکن"),
)
def hours_given_per_head(at: Moment) -> float:
    return at.running.hours / at.people
