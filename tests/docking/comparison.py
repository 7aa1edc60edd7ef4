"""Runs the engine and the plain model side by side and names the first difference."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import sim
from sim.agents.resident import ROLES, Resident
from sim.columns import columns_of
from sim.projects import STATUSES
from tests.docking.model import PlainCity
from tests.docking.rules import RuleDisagreesError
from tests.docking.settings import SETTINGS, WEEKS

TOLERANCE = 1e-9
DIFFERS = 3  # exit code, apart from that of a crash

COUNCIL_NUMBERS = (
    "convened",
    "electing",
    "formed_week",
    "next_round_week",
    "term_end_week",
    "rounds",
    "members",
    "women_share",
    "youth_share",
    "elite_share",
    "resources",
    "attendance",
    "skill",
    "pledges_kept",
    "pledges_broken",
)
PROJECT_NUMBERS = (
    "key",
    "category",
    "cost",
    "price",
    "by_council",
    "delegated",
    "captured",
    "from_before",
    "start_week",
    "pledge_week",
    "held_up_until",
    "end_week",
    "progress",
    "spent",
    "pace",
    "late",
)


@dataclass(frozen=True)
class Difference:
    """The first thing in which the two models differ: when, what, of whom, and the two values."""

    week: int
    what: str
    whose: str
    engine: object
    plain: object

    def __str__(self):
        return f"week {self.week}: {self.what} of {self.whose} is {self.engine!r} in sim, {self.plain!r} in docking"


def first_difference(values, weeks):
    """Build a city with these values, run both models, compare after every week; None if they never differ."""
    engine, plain, week = sim.City(**values), None, 0
    try:
        plain = PlainCity(engine)
        while True:
            for what, whose, one, other in observations(engine, plain):
                if not same(one, other):
                    return Difference(week, what, whose, one, other)
            if week == weeks:
                return None
            week += 1
            engine.step()
            plain.step()
    except RuleDisagreesError as disagreement:
        return Difference(week, "rule", disagreement.rule, disagreement.engine, disagreement.textbook)


def same(one, other):
    """Equal, to 1e-9 for numbers with a fraction."""
    if isinstance(one, float) or isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return abs(one - other) <= TOLERANCE * max(1.0, abs(one))
    return one == other


def all_the_same(ones, others):
    """Whether each is the same as the other in its place; far faster than one by one."""
    if ones == others:
        return True
    one, other = np.asarray(ones), np.asarray(others)
    if one.shape != other.shape or one.dtype.kind not in "fiub" or other.dtype.kind not in "fiub":
        return False
    if one.dtype.kind != "f" and other.dtype.kind != "f":
        return False  # whole numbers are compared above
    near = np.abs(one - other) <= TOLERANCE * np.maximum(1.0, np.abs(one))
    return bool((near | (np.isnan(one) & np.isnan(other))).all())


def observations(engine, plain):
    """Everything that is compared, in the order of the week: what, of whom, in the engine, in the plain model."""
    yield from money(engine, plain)
    yield from offices(engine, plain)
    yield from councils(engine, plain)
    yield from places(engine, plain)
    yield from projects(engine, plain)
    yield from people(engine, plain)
    yield from ties(engine, plain)
    for name, value in plain.outcomes.row.items():
        yield f"outcome {name}", "the city", float(engine.recorder.latest[name]), float(value)


def money(engine, plain):
    books, city_hall = engine.money.books, plain.municipality
    for source, amount in books.income.items():
        yield f"received from {source}", "the municipality", amount, city_hall.income[source]
    yield "received", "the municipality", books.received, city_hall.received
    yield "saved_on_prices", "the municipality", books.saved_on_prices, city_hall.saved_on_prices
    yield "sharing_in_revenue", "the municipality", engine.money.sharing_in_revenue, city_hall.sharing_in_revenue
    yield "central_balance", "the municipality", books.central_balance, city_hall.balance
    yield "delegated_paid", "the municipality", books.delegated_paid, city_hall.delegated_paid
    for purpose, amount in books.spent.items():
        yield f"spent on {purpose}", "the municipality", amount, city_hall.spent[purpose]
    for whose, amount in books.leaked.items():
        yield "leaked", f"the {whose}", amount, city_hall.leaked[whose]
    for b, home in enumerate(plain.neighbourhoods):
        whose = f"neighbourhood {b}"
        yield "share of the budget", whose, float(engine.money.allocation[b]), home.budget_share
        yield "account", whose, float(books.delegated[b]), home.account
        yield "contributed", whose, float(books.contributed[b]), home.contributed
        yield "arrears", whose, float(books.arrears[b]), home.arrears
        yield "reserved", whose, float(books.reserved[b]), home.reserved
        yield from numbers("council_spending", whose, books.council_spending[b], home.council_spending)
        yield from numbers("central_spending", whose, books.central_spending[b], home.central_spending)


def offices(engine, plain):
    held = [seat for home in plain.neighbourhoods for seat in home.seats]
    for number, (donor, seat) in enumerate(zip(engine.institutions.seats.donor.tolist(), held, strict=True)):
        whose = f"seat {number} ({seat.role})"
        yield "role", whose, ROLES[int(engine.institutions.seats.role[number])], seat.role
        yield "in_sample", whose, bool(engine.institutions.seats.in_sample[number]), seat.in_sample
        yield "holder", whose, donor, -1 if seat.donor is None else seat.donor.row
    for b, home in enumerate(plain.neighbourhoods):
        mayor, mayors, whose = home.mayor, engine.institutions.mayors, f"mayor {b}"
        for name in ("in_office", "electing", "since_week"):
            yield name, whose, mayors[name][b].item(), getattr(mayor, name)
        if mayor.in_office:
            for name in ("youth", "woman", "skill", "skill_at_start"):
                yield name, whose, mayors[name][b].item(), getattr(mayor, name)
            yield "donor", whose, int(mayors.donor[b]), mayor.donor.row
        for place, facilitator in enumerate(home.facilitators):
            row = place * len(plain.neighbourhoods) + b
            for name in ("engagement", "credibility", "inclusiveness"):
                in_engine = float(engine.institutions.facilitators[name][row])
                yield name, f"facilitator {row}", in_engine, getattr(facilitator, name)
    yield "number", "teams", len(engine.institutions.team_agents), len(plain.teams)
    for number, team in enumerate(plain.teams):
        for name in ("quality", "withdrawn"):
            yield name, f"team {number}", float(engine.institutions.teams[name][number]), getattr(team, name)


def councils(engine, plain):
    for b, home in enumerate(plain.neighbourhoods):
        for name in COUNCIL_NUMBERS:
            yield name, f"council {b}", engine.institutions.councils[name][b].item(), getattr(home.council, name)
        for name in ("member_needs", "agenda"):
            yield from numbers(name, f"council {b}", engine.institutions.councils[name][b], getattr(home.council, name))


def places(engine, plain):
    view = engine.institutions.municipal_view()
    for b, home in enumerate(plain.neighbourhoods):
        whose = f"neighbourhood {b}"
        yield from numbers("services", whose, engine.services[b], home.services)
        yield from numbers("built by the council", whose, engine.built_by_councils[b], home.built_by_council)
        yield from numbers("need as the municipality sees it", whose, view[b], home.as_municipality_sees_it())
        yield from numbers("need of attenders", whose, engine.institutions.attender_needs[b], home.attender_needs)
        yield "money that may be committed", whose, engine.money.credit_of(b), home.council.credit()
        yield "engagement of the host", whose, float(engine.institutions.host_engagement[b]), home.host_engagement
        yield "assistance", whose, float(engine.institutions.assistance[b]), home.assistance
        yield "volunteers per thousand", whose, float(engine.volunteers_per_thousand[b]), home.volunteers_per_thousand
        yield "programme planned", whose, bool(engine.programmes_planned[b]), home.programme_planned
        yield "mentoring", whose, float(engine.mentoring[b]), home.mentoring
        yield "active youths", whose, float(engine.active_youths[b]), home.active_youths
        yield "crew", whose, [r for r in engine.crews[b].tolist() if r >= 0], [r.row for r in home.crew]


def projects(engine, plain):
    yield "number", "projects", len(engine.projects), len(plain.projects)
    for number, project in enumerate(plain.projects):
        whose = f"project {number}"
        yield "neighbourhood", whose, int(engine.projects.neighbourhood[number]), project.neighbourhood.number
        yield "status", whose, STATUSES[int(engine.projects.status[number])], project.status
        for name in PROJECT_NUMBERS:
            yield name, whose, getattr(engine.projects, name)[number].item(), getattr(project, name)


def people(engine, plain):
    for name, column in columns_of(Resident).items():
        values = engine.residents[name].tolist()
        if column.labels is not None:
            values = [column.labels[value] for value in values]
        owns = [getattr(resident, name) for resident in plain.residents]
        if name == "neighbourhood":
            owns = [home.number for home in owns]
        if all_the_same(values, owns):
            continue
        for row, (value, own) in enumerate(zip(values, owns, strict=True)):
            if column.width > 1:
                yield from numbers(name, f"resident {row}", value, own)
            else:
                yield name, f"resident {row}", value, own


def ties(engine, plain):
    bridging = sum(len(resident.bridging_ties) for resident in plain.residents) // 2
    yield "number of bridging ties", "the city", engine.ties.bridging_count, bridging
    starts, degree = engine.ties.starts.tolist(), engine.ties.degree.tolist()
    neighbours = engine.ties.neighbours.tolist()
    for row, resident in enumerate(plain.residents):
        in_engine = neighbours[starts[row] : starts[row] + degree[row]]
        yield "ties", f"resident {row}", in_engine, [other.row for other in resident.acquaintances]


def numbers(what, whose, one, other):
    """Several numbers under one name."""
    for place, (left, right) in enumerate(zip(one, other, strict=True)):
        yield f"{what}[{place}]", whose, float(left), float(right)


def main(arguments):
    """Compare the settings named (or all) and print the first difference of each.

    `--in FOLDER` says where sim must lie, `--first` stops at the first setting that differs.
    """
    stop_at_first = "--first" in arguments
    arguments = [argument for argument in arguments if argument != "--first"]
    if arguments[:1] == ["--in"]:
        expected, arguments = arguments[1], arguments[2:]
        if not Path(sim.__file__).is_relative_to(expected):
            raise RuntimeError(f"sim was read from {sim.__file__}, not from {expected}")
    differs = False
    for name in arguments or SETTINGS:
        difference = first_difference(SETTINGS[name], WEEKS)
        print(f"{name}: {difference or 'same trajectory'}", flush=True)
        differs |= difference is not None
        if differs and stop_at_first:
            break
    return DIFFERS if differs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
