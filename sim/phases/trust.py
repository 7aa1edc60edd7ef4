"""Phase 8. Trust: direct experience, voice, kept and broken pledges, hearsay, news at the hub; and expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import trust as passes
from sim.projects import NEVER
from sim.rules.expectation import raise_by_pledge
from sim.rules.influence import averaging
from sim.rules.trust import experience, voice_signal
from sim.week import NOBODY

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

KINDS = ("municipality", "council", "people")
TRUST, INNATE = tuple(f"trust_in_{kind}" for kind in KINDS), tuple(f"innate_trust_in_{kind}" for kind in KINDS)
STUBBORNNESS = tuple(f"stubbornness_{kind}" for kind in KINDS)

NO_KEY = np.uint64(0)
"""Stands for the key of a draw that everybody passes."""


def update_trust(city: City) -> None:
    """Apply the week's experiences to each resident's own trust; others are heard as they were last week."""
    trust, innate, stubbornness = (columns(city, names) for names in (TRUST, INNATE, STUBBORNNESS))
    rows, changes = hear_others(city, trust, stubbornness)
    perceive_services(city)
    hear_pledges(city)
    experience_works(city)
    experience_broken_pledges(city)
    experience_voice(city)
    experience_disputes(city)
    hear_news(city)
    meet_people(city)
    hear_scandals(city)
    passes.settle(trust, innate, stubbornness, rows, changes, city.config.behaviour.trust.anchor_rate_per_week)


def columns(city: City, names: tuple[str, ...]) -> tuple[Floats, ...]:
    """Columns of residents, (N,) each."""
    return tuple(city.residents[name] for name in names)


def hear_others(city: City, trust: tuple[Floats, ...], stubbornness: tuple[Floats, ...]) -> tuple[Integers, Floats]:
    """By how much talk will change trust, from last week's values: rows, (n,), and changes of each kind, (3, n)."""
    influence, ties = city.config.behaviour.influence, city.ties
    mu, bound, rate = influence.convergence, influence.confidence_bound, influence.contact_rate_per_week
    if mu == 0.0 or rate == 0.0:
        return NOBODY, np.zeros((len(KINDS), 0))
    if influence.rule == "averaging":
        # As many talks a week as under the other rules, each with the mean of all ties.
        means = [
            averaging(own, ties.mean_over_ties(own), stubborn, mu * rate)
            for own, stubborn in zip(trust, stubbornness, strict=True)
        ]
        return np.arange(len(city.residents)), np.stack(means)
    keys, key = city.luck.keys(len(city.residents)), city.luck.key("talk", city.week)
    rows, others = passes.talk(keys, key, rate, ties.starts, ties.degree, ties.neighbours)
    return rows, passes.hear(trust, stubbornness, rows, others, mu, bound, influence.rule == "repulsion")


def perceive_services(city: City) -> None:
    """Everybody perceives this week's services, compares them with what was expected, and adapts."""
    residents, trust, expected = city.residents, city.config.behaviour.trust, city.config.behaviour.expectation
    city.perceive()
    passes.judge_services(
        residents.performance,
        residents.expectation,
        residents.trust_in_municipality,
        expected.disconfirmation_weight,
        trust.service_rate_per_week,
        trust.loss_to_gain_ratio,
        expected.adaptation_per_week,
    )


def drawn_at(
    city: City,
    project: int,
    key: np.uint64,
    chance: float,
    further_key: np.uint64 = NO_KEY,
    chance_of_further: float = 1.0,
) -> Integers:
    """Rows of those in a project's neighbourhood who are drawn, and, if there is a further draw, in that as well.

    Keyed by the project, they are the same people whenever they are asked for.
    """
    b = city.projects.neighbourhood[project]
    first, last, keys = city.first_row[b], city.first_row[b + 1], city.luck.keys(len(city.residents))
    return passes.find_in_span(first, last, keys, key, chance, further_key, chance_of_further)


def hear_pledges(city: City) -> None:
    """Pledges raise the expectation of those who hear of them."""
    rise = city.config.behaviour.expectation.pledge_rise
    for project in city.now.pledged:
        key = city.luck.key("hears of pledge", int(city.projects.key[project]))
        rows = drawn_at(city, project, key, city.policy.pledges.loudness)
        city.residents.expectation[rows] = raise_by_pledge(city.residents.expectation[rows], rise)


def credit(city: City, project: int, rows: Integers, signal: float, extra: float = 1.0) -> None:
    """Book an experience of a work to the council that carries it out and the municipality, or to the latter alone.

    Args:
        rows: of those who make it.
        signal: what the work says.
        extra: how many times stronger it is than that of a finished work.
    """
    trust, residents, projects = city.config.behaviour.trust, city.residents, city.projects
    need_weights = residents.need_weights[:, projects.category[project]]
    to_council = trust.attribution_to_council if projects.delegated[project] else 0.0
    for kind, share in (("council", to_council), ("municipality", 1.0 - to_council)):
        if share > 0.0:
            column, ratio = residents[f"trust_in_{kind}"], trust.loss_to_gain_ratio
            passes.experience_work(column, rows, need_weights, signal, trust.project_rate, extra, share, ratio)


def experience_works(city: City) -> None:
    """A finished work is a good experience for those who notice it and need it; less so if late or captured."""
    trust, projects = city.config.behaviour.trust, city.projects
    if trust.project_rate == 0.0:
        return
    notices = city.config.behaviour.awareness.finished_work
    for project in city.now.finished:
        rows = drawn_at(city, project, city.luck.key("notices work", int(projects.key[project])), notices)
        signal = trust.late_completion_signal if projects.late[project] else 1.0
        signal *= 1.0 - city.config.behaviour.capture.private_share * bool(projects.captured[project])
        credit(city, project, rows, signal)


def experience_broken_pledges(city: City) -> None:
    """A broken pledge is an experience of nothing, with extra weight, for those who heard it and notice."""
    trust, aware, projects = city.config.behaviour.trust, city.config.behaviour.awareness, city.projects
    notices = aware.broken_pledge
    if city.policy.accountability.pledge_tracking:
        notices += (1.0 - notices) * aware.tracking_effect
    for project in city.now.broken:
        if projects.pledge_week[project] == NEVER:
            continue
        heard = city.luck.key("hears of pledge", int(projects.key[project]))
        noticed = city.luck.key("notices breach", int(projects.key[project]))
        rows = drawn_at(city, project, heard, city.policy.pledges.loudness, noticed, notices)
        credit(city, project, rows, 0.0, 1.0 + trust.broken_pledge_extra_weight)


def experience_voice(city: City) -> None:
    """Speaking at a hearing is an experience of how much power was shared and whether one was heard."""
    now, residents, trust = city.now, city.residents, city.config.behaviour.trust
    if not now.speakers.size:
        return
    # A visit of the mayor gives no more power than consultation does, and concerns the municipality alone.
    rung = np.where(now.at_council, city.rung, city.config.behaviour.knowledge.rung_of_consultation)
    signal = voice_signal(rung, now.heard)
    for kind, there in (("council", now.at_council), ("municipality", np.ones_like(now.at_council))):
        column = residents[f"trust_in_{kind}"]
        passes.experience_each(column, now.speakers[there], signal[there], trust.voice_rate, trust.loss_to_gain_ratio)


def experience_disputes(city: City) -> None:
    """A disputed round of choice is a bad experience of council and people for those who took part in the choice."""
    trust, residents = city.config.behaviour.trust, city.residents
    for _, rows in city.now.disputed:
        bad = np.zeros(rows.size)
        passes.experience_each(residents.trust_in_council, rows, bad, trust.voice_rate, trust.loss_to_gain_ratio)
        passes.experience_each(residents.trust_in_people, rows, bad, trust.contact_rate, 1.0)


def hear_news(city: City) -> None:
    """News at the hub: those addressed hear of the council's pledges, weighed by the facilitator's credibility."""
    trust, councils, residents = city.config.behaviour.trust, city.councils, city.residents
    passes.hear_news(
        city.now.addressed,
        city.now.addressed_credibility,
        residents.neighbourhood,
        councils.pledges_kept,
        councils.pledges_broken,
        residents.trust_in_council,
        residents.trust_in_municipality,
        trust.news_rate,
        trust.attribution_to_council,
        trust.loss_to_gain_ratio,
    )


def meet_people(city: City) -> None:
    """Taking part with others teaches how far people can be trusted; a meeting may be pleasant or not."""
    trust, rows = city.config.behaviour.trust, city.now.acted
    if not rows.size or trust.contact_rate == 0.0:
        return
    noise = 0.2 * city.luck.normal("contact", city.week, rows)
    signal = np.clip(trust.contact_quality + noise, 0.0, 1.0)
    passes.experience_each(city.residents.trust_in_people, rows, signal, trust.contact_rate, 1.0)


def hear_scandals(city: City) -> None:
    """Leaks that came to light, scandals and the end of the programme cost trust among those who hear of them."""
    aware, now = city.config.behaviour.awareness, city.now
    # A leak weighs by its size: a tenth of all spending is a scandal of full size.
    struck = [("leak", np.array([b]), min(1.0, 10.0 * city.leak_rates[whose]), whose) for b, whose in now.leaks_found]
    struck += [("shock", neighbourhoods, size, whose) for neighbourhoods, size, whose in now.scandals]
    if now.dissolved.size:
        struck.append(("end", now.dissolved, aware.termination_weight, "municipality"))
    for what, neighbourhoods, size, whose in struck:
        rows = city.rows_of(neighbourhoods)
        rows = city.luck.chosen(f"hears of {what} {whose}", city.week, rows, aware.scandal)
        column = city.residents[f"trust_in_{whose}"]
        column[rows] = experience(column[rows], 0.0, aware.scandal_rate * size, 1.0)
