"""Watching one city: a week at a time, its map, the network of a neighbourhood, a resident, a council, a facilitator.

These functions run in a worker, which holds the city; what they give is plain data of the page's contract.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.answers.asked import ON_MAPS
from experiments.answers.groups import place_name
from experiments.answers.texts import Text, both, decimals_for, level_shown, of_label, outcome_title, plain, said, shown
from experiments.calendars import date_in_words, date_of_week
from experiments.languages import group_in_words, which
from experiments.page.worker import held
from sim.agents.resident import COHORTS, ROLES, SEXES
from sim.city import City
from sim.config import Config
from sim.network import KINDS

MOST_NODES = 150
"""Residents of a neighbourhood who are drawn."""

SHOWN = ("trust_in_municipality", "trust_in_people", "participation_rate", "service_level", "below_floor_share", "hope")

_SAMPLED = (
    "{drawn} of {all} simulated residents are drawn; each stands for {each} residents.",
    "{drawn} نفر از {all} ساکن شبیه‌سازی‌شده نشان داده شده است؛ هر یک نماینده {each} ساکن است.",
)
_AT = ("{what} ({where})", "{what} ({where})")
_EVENTS: dict[str, tuple[str, str]] = {
    "council_formed": ("councils formed: {number}", "شوراهای تشکیل‌شده: {number}"),
    "council_dissolved": ("councils dissolved: {number}", "شوراهای منحل‌شده: {number}"),
    "mayor_chosen": ("neighbourhood mayors chosen: {number}", "شهرداران محله انتخاب‌شده: {number}"),
    "project_pledged": ("projects pledged: {number}", "پروژه‌های وعده‌داده‌شده: {number}"),
    "project_finished": ("projects finished: {number}", "پروژه‌های پایان‌یافته: {number}"),
    "project_late": ("projects late: {number}", "پروژه‌های دارای تأخیر: {number}"),
    "project_failed": ("projects failed: {number}", "پروژه‌های شکست‌خورده: {number}"),
    "programme_held": ("programmes held: {number}", "برنامه‌های محله برگزارشده: {number}"),
    "leak_found": ("leaks found: {number}", "نشت‌های کشف‌شده: {number}"),
    "round_disputed": ("disputed rounds of choice: {number}", "دورهای انتخاب دارای اختلاف: {number}"),
    "project_vetoed": ("projects struck by a veto: {number}", "پروژه‌های وتوشده: {number}"),
    "election_counted": ("ballots of real elections counted: {number}", "رأی‌گیری‌های واقعی شمرده‌شده: {number}"),
    "scandal": ("scandals: {number}", "رسوایی‌ها: {number}"),
    "flood": ("neighbourhoods flooded: {number}", "محله‌های سیل‌زده: {number}"),
    "facilitator_replaced": ("facilitators replaced: {number}", "تسهیلگران جایگزین‌شده: {number}"),
    "team_withdrawn": ("neighbourhoods that lose their team: {number}", "محله‌های بدون تیم: {number}"),
}

_KINDS: dict[str, tuple[str, str]] = {
    "household": ("same household", "هم‌خانه"),
    "neighbourhood": ("neighbours", "همسایه"),
    "city_wide": ("elsewhere in the city", "جای دیگر شهر"),
    "bridging": ("bridging tie", "پیوند میان‌گروهی"),
}
_ROLES: dict[str, tuple[str, str]] = {
    "none": ("no office", "بدون سمت"),
    "council": ("council", "عضو شورا"),
    "liaison": ("liaison", "رابط"),
    "womens_council": ("women's council", "عضو شورای بانوان"),
    "teen_manager": ("teen manager", "مدیر نوجوان"),
    "mayor": ("neighbourhood mayor", "شهردار محله"),
}


def step(token: str, config: Config, week: int, seen: int) -> dict[str, Any]:
    """Take a city to a week and give what is to be seen: `Frame` of the page's contract.

    Args:
        token: names the city.
        config: of the city.
        week: to go to; a city that is there already stays.
        seen: the last week whose events were shown.
    """
    city = _at(token, config, week)
    row = city.recorder.latest
    frame = {
        "week": city.week,
        "date": date_in_words(date_of_week(config.city.start_date, city.week)),
        "city": [{"title": outcome_title(name), "shown": level_shown(name, float(row[name]))} for name in SHOWN],
        "places": {name: _of_places(city, name) for name in ON_MAPS},
        "events": _events(city, seen),
        "done": city.week >= config.run.weeks,
    }
    return dict(plain(frame))


def neighbourhood(token: str, config: Config, week: int, number: int) -> dict[str, Any]:
    """The residents of a neighbourhood and their ties: `Neighbourhood` of the page's contract."""
    city = _at(token, config, week)
    _refuse_unknown_place(city, number)
    residents, ties = city.residents, city.ties
    own = np.flatnonzero(residents.neighbourhood == number)
    drawn = _in_order_of_office(city, own)[:MOST_NODES]
    place_of = {int(row): place for place, row in enumerate(drawn)}
    edges = []
    for row, place in place_of.items():
        start, degree = int(ties.starts[row]), int(ties.degree[row])
        for slot in range(start, start + degree):
            other = place_of.get(int(ties.neighbours[slot]))
            if other is not None and other > place:
                edges.append([place, other, KINDS[int(ties.kind[slot])]])
    nodes = [_node(city, int(row)) for row in drawn]
    counts = {"drawn": len(drawn), "all": len(own)}
    each = 1.0 / config.run.scale
    return dict(plain({
        "number": number,
        "title": _name(city, number),
        "nodes": nodes,
        "ties": edges,
        "kinds": {kind: _words(_KINDS, kind) for kind in KINDS},
        "sampled": said(_SAMPLED, each=shown(each, 0), **{name: shown(count, 0) for name, count in counts.items()}),
    }))  # fmt: skip


def inspect(token: str, config: Config, week: int, kind: str, number: int) -> dict[str, Any]:
    """What is known of one agent: `Inspected` of the page's contract.

    Raises:
        ValueError: there is no such agent.
    """
    city = _at(token, config, week)
    return dict(plain(INSPECTED[kind](city, number)))


def _at(token: str, config: Config, week: int) -> City:
    city = held(token, config)
    if city.week < week:
        city.run(week - city.week)
    return city


def _of_places(city: City, outcome: str) -> list[float]:
    return [float(value) for value in city.recorder.column("neighbourhoods", outcome)[-1]]


def _events(city: City, seen: int) -> list[Text]:
    """What happened after a week: each kind of event with its number, and where if it was one."""
    events = city.events
    lines = []
    for kind, rows in events[events.week > seen].groupby("event", sort=False):
        if str(kind) not in _EVENTS:
            continue
        number = int(rows.iloc[0].neighbourhood)
        where = _name(city, number) if len(rows) == 1 and number >= 0 else None
        line = said(_EVENTS[str(kind)], number=shown(len(rows), 0))
        lines.append(line if where is None else said(_AT, what=line, where=where))
    return lines


def _in_order_of_office(city: City, rows: Any) -> Any:
    """Seat holders first, then residents in the order of their rows, households together."""
    return rows[np.argsort(city.residents.role[rows] == 0, kind="stable")]


def _node(city: City, row: int) -> dict[str, Any]:
    residents = city.residents
    return {
        "id": row,
        "trust": round(float(residents.trust_in_municipality[row]), 3),
        "group": COHORTS[int(residents["cohort"][row])],
        "active": bool(city.week - residents.last_act_week[row] < 4),
        "seat": bool(residents["role"][row] != 0),
    }


def _resident(city: City, row: int) -> dict[str, Any]:
    if not 0 <= row < len(city.residents):
        raise ValueError("no such resident")
    agent = city.resident(row)
    sex, cohort = SEXES[int(city.residents["sex"][row])], COHORTS[int(city.residents["cohort"][row])]
    groups = f"sex={sex}, cohort={cohort}"
    title = both(lambda language: group_in_words(groups, language))
    role = _words(_ROLES, ROLES[int(city.residents["role"][row])])
    place = _name(city, int(agent.neighbourhood))
    facts: list[tuple[Any, Text]] = [(_NAMES["place"], place), (_NAMES["office"], role)]
    for name in ("trust_in_municipality", "trust_in_council", "trust_in_people", "belonging", "hope"):
        facts.append((outcome_title(name), level_shown(name, float(getattr(agent, name)))))
    for name in ("civic_skill", "expectation", "performance"):
        facts.append((_NAMES[name], shown(100.0 * float(getattr(agent, name)), 1)))
    facts.append((_NAMES["acts"], shown(float(agent.acts), 0)))
    facts.append((_NAMES["ties"], shown(float(city.ties.degree[row]), 0)))
    return _told(title, facts)


def _council(city: City, number: int) -> dict[str, Any]:
    _refuse_unknown_place(city, number)
    council = city.institutions.council_agents[number]
    title = said(("Council of {place}", "شورای {place}"), place=_name(city, number))
    there = _words(_YES, "yes" if council.convened else "no")
    facts: list[tuple[Any, Text]] = [(_NAMES["convened"], there), (_NAMES["members"], shown(float(council.members), 0))]
    for name in ("women_share", "youth_share", "elite_share", "skill"):
        facts.append((_NAMES[name], shown(100.0 * float(getattr(council, name)), 0)))
    facts.append((_NAMES["rounds"], shown(float(council.rounds), 0)))
    balance = said(_NAMES["balance"], money=of_label(city.config.city.finance.unit))
    facts.append((balance, shown(council.balance, decimals_for(council.balance))))
    for name in ("pledges_kept", "pledges_broken"):
        facts.append((_NAMES[name], shown(float(getattr(council, name)), 1)))
    return _told(title, facts)


def _facilitator(city: City, number: int) -> dict[str, Any]:
    _refuse_unknown_place(city, number)
    agents = [one for one in city.institutions.facilitator_agents if int(one.neighbourhood) == number]
    if not agents:
        raise ValueError("there is no facilitator")
    agent = agents[0]
    hub = _words(_HUBS, agent.hub)
    title = said(("Facilitator of {place} ({hub})", "تسهیلگر {place} ({hub})"), place=_name(city, number), hub=hub)
    facts = [(_NAMES[name], shown(100.0 * float(getattr(agent, name)), 0)) for name in _OF_FACILITATORS]
    return _told(title, facts)


def _municipality(city: City, number: int) -> dict[str, Any]:
    row = city.recorder.latest
    projects = ("construction_projects_finished", "construction_projects_late")
    amounts = ("money_received", "money_spent", "money_leaked")
    unit = of_label(city.config.city.finance.unit)
    names = {name: said(("{what}, {unit}", "{what}، {unit}"), what=outcome_title(name), unit=unit) for name in amounts}
    names |= {name: outcome_title(name) for name in projects}
    facts = [(title, level_shown(name, float(row[name]))) for name, title in names.items()]
    return _told({"en": "Municipality", "fa": "شهرداری"}, facts)


def _refuse_unknown_place(city: City, number: int) -> None:
    if not 0 <= number < city.neighbourhoods:
        raise ValueError("no such neighbourhood")


def _told(title: Text, facts: list[tuple[Any, Text]]) -> dict[str, Any]:
    return {"title": title, "facts": [{"name": _text(name), "shown": value} for name, value in facts]}


def _text(name: Any) -> Text:
    return name if isinstance(name, dict) else {"en": name[0], "fa": name[1]}


def _name(city: City, number: int) -> Text:
    return place_name(city.geography, number)


def _words(names: dict[str, tuple[str, str]], name: str) -> Text:
    pair = names.get(name, (name.replace("_", " "),) * 2)
    return both(lambda language: which(pair, language))


INSPECTED: dict[str, Callable[[City, int], dict[str, Any]]] = {
    "resident": _resident,
    "council": _council,
    "facilitator": _facilitator,
    "municipality": _municipality,
}
"""Kinds of agents that may be looked at: a resident by row, all others by neighbourhood."""

_OF_FACILITATORS = ("engagement", "credibility", "inclusiveness")
_YES = {"yes": ("yes", "بله"), "no": ("no", "خیر")}
_HUBS: dict[str, tuple[str, str]] = {
    "mosque": ("imam of the mosque", "امام جماعت مسجد"),
    "school": ("school", "مدرسه"),
    "community_centre": ("community centre", "سرای محله"),
    "health_centre": ("health centre", "مرکز بهداشت"),
    "online": ("online hub", "کانون مجازی"),
    "none": ("no hub", "بدون کانون"),
}
_NAMES: dict[str, tuple[str, str]] = {
    "place": ("neighbourhood", "محله"),
    "office": ("office", "سمت"),
    "civic_skill": ("civic skill, of 100", "مهارت مدنی، از ۱۰۰"),
    "expectation": ("expected services, of 100", "خدمات مورد انتظار، از ۱۰۰"),
    "performance": ("perceived services, of 100", "خدمات از نگاه او، از ۱۰۰"),
    "acts": ("weeks with participation so far", "هفته‌های مشارکت تاکنون"),
    "ties": ("ties", "پیوندها"),
    "convened": ("formed", "تشکیل شده"),
    "members": ("seats filled", "کرسی‌های پرشده"),
    "women_share": ("women, %", "زنان، درصد"),
    "youth_share": ("born 2001 or later, %", "متولد ۱۳۸۰ و پس از آن، درصد"),
    "elite_share": ("of the best-off fifth, %", "از پنجک برخوردار، درصد"),
    "skill": ("civic skill of deciding seats, of 100", "مهارت مدنی اعضای تصمیم‌گیر، از ۱۰۰"),
    "rounds": ("rounds of choice held", "دورهای انتخاب برگزارشده"),
    "balance": ("money on the account, {money}", "مانده حساب، {money}"),
    "pledges_kept": ("pledges kept lately", "وعده‌های عمل‌شده اخیر"),
    "pledges_broken": ("pledges broken lately", "وعده‌های عمل‌نشده اخیر"),
    "engagement": ("engagement, of 100", "میزان فعالیت، از ۱۰۰"),
    "credibility": ("credibility, of 100", "اعتبار، از ۱۰۰"),
    "inclusiveness": ("inclusiveness, of 100", "شمول، از ۱۰۰"),
}
