"""Phase 8. Trust: direct experience, voice, kept and broken pledges, contacts, news; and expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import trust as passes
from sim.phase import phase
from sim.rules.expectation import raise_by_pledge
from sim.rules.influence import TALKS, averaging
from sim.rules.services import SERVICES
from sim.rules.trust import kept_per_week, voice_signal
from sim.week import NOBODY

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

KINDS = ("municipality", "council", "people")
TRUST, EVIDENCE = tuple(f"trust_in_{kind}" for kind in KINDS), tuple(f"evidence_of_{kind}" for kind in KINDS)
NEWS = ("news_of_municipality", "news_of_council")
UNTOLD: Floats = np.zeros(0)

NOTHING_HEARD: tuple[Integers, Floats] = NOBODY, np.zeros((len(KINDS), 0))
"""What a week brings in which nobody talks about levels."""

NO_KEY = np.uint64(0)
"""Stands for the key of a draw that everybody passes."""


@phase(
    reads=(
        "residents: birth_year, need_weights, neighbourhood, usual_performance; money: leak_rates; policy; "
        "projects; services; ties"
    ),
    writes=(
        "residents: evidence_of_council, evidence_of_municipality, evidence_of_people, expectation, "
        "news_of_council, news_of_municipality, performance, trust_in_council, trust_in_municipality, "
        "trust_in_people; disposition_moved; formative_rows; national_mood; now; usual_of_the_young"
    ),
)
def update_trust(city: City) -> None:
    """Gather the week's experiences of all; then let a week pass over their memory.

    Their order counts for nothing under the rule of evidence: what is told is of last week, and trust moves at the end.
    """
    trust, lived = columns(city, TRUST), columns(city, EVIDENCE)
    rows, changes = hear_others(city, trust, city.stubbornness)
    tell_news(city)
    perceive_services(city)
    hear_pledges(city)
    experience_works(city)
    experience_broken_pledges(city)
    experience_contacts(city)
    experience_voice(city)
    experience_disputes(city)
    hear_news(city)
    meet_people(city)
    hear_scandals(city)
    if is_anchored(city):
        rate = city.config.behaviour.anchored_trust.anchor_rate_per_week
        passes.settle(trust, city.innate_trust, city.stubbornness, rows, changes, rate)
        return
    passes.convince(trust, city.gained, rows, changes)
    live_ones_own_life(city)
    behaviour = city.config.behaviour
    moved = passes.remember(
        trust,
        lived,
        city.gained,
        np.array([national_politics(city), 0.0, 0.0]),
        kept_per_week(behaviour.trust.half_life_weeks),
        in_formative_years(city),
        behaviour.formative.rate_per_week,
        city.usual_of_the_young,
    )
    city.disposition_moved = moved / len(city.residents)


def in_formative_years(city: City) -> Integers:
    """Rows of those younger than the age at which formative years end, by year; nobody where these leave nothing."""
    formative, year = city.config.behaviour.formative, city.config.city.start_year_solar_hijri + city.week // 52
    if formative.rate_per_week == 0.0:
        return NOBODY
    if city.formative_rows[0] != year:
        young = city.residents.birth_year > year - formative.until_age
        city.formative_rows = year, np.flatnonzero(young)
        city.usual_of_the_young = tuple(usual[city.formative_rows[1]] for usual in city.usual_evidence)
    return city.formative_rows[1]


def is_anchored(city: City) -> bool:
    """Whether trust follows the first version's rule."""
    return bool(city.config.behaviour.trust.rule == "anchored_averaging")


def national_politics(city: City) -> float:
    """Evidence about the municipality that the country's politics gives everybody this week, log odds."""
    politics = city.config.behaviour.politics
    news = politics.national_sd_per_week * float(city.streams.normal("national politics", city.week, 1)[0])
    city.national_mood = kept_per_week(city.config.behaviour.trust.half_life_weeks) * city.national_mood + news
    return news


def live_ones_own_life(city: City) -> None:
    """What reaches one person and not another moves that person's trust in the municipality, or in people."""
    politics = city.config.behaviour.politics
    rate, keys = min(1.0, politics.personal_events_per_year / 52.0), city.luck.keys(len(city.residents))
    if rate > 0.0 and politics.personal_event_size > 0.0:
        key = city.luck.key("own life", city.week)
        passes.happen(city.gained[0], rate, politics.personal_event_size, keys, key)
    if rate > 0.0 and politics.personal_event_size_in_people > 0.0:
        key = city.luck.key("own life with people", city.week)
        passes.happen(city.gained[2], rate, politics.personal_event_size_in_people, keys, key)


def undergo(
    city: City,
    kind: str,
    rows: Integers,
    signal: Floats | float,
    weight: Floats | float,
    *,
    told: bool = False,
    as_heavy_up_as_down: bool = False,
) -> None:
    """Some residents experience something of one kind of trust.

    Args:
        kind: municipality, council or people.
        rows: theirs, (n,).
        signal: what it says, share, (n,) or a number.
        weight: relative to a personal experience that concerns the resident fully, (n,) or a number.
        told: whether they may tell it next week.
        as_heavy_up_as_down: whether losses weigh no more than gains.
    """
    trust, behaviour = city.config.behaviour.trust, city.config.behaviour
    passes.undergo(
        rows,
        np.full(rows.size, signal, np.float64),
        np.full(rows.size, weight, np.float64),
        city.residents[f"trust_in_{kind}"],
        city.gained[KINDS.index(kind)],
        city.residents[f"news_of_{kind}"] if told else UNTOLD,
        trust.evidence_per_experience,
        1.0 if as_heavy_up_as_down else trust.loss_to_gain_ratio,
        is_anchored(city),
        behaviour.anchored_trust.step_per_experience,
    )


def columns(city: City, names: tuple[str, ...]) -> tuple[Floats, ...]:
    """Columns of residents, (N,) each."""
    return tuple(city.residents[name] for name in names)


def hear_others(city: City, trust: tuple[Floats, ...], stubbornness: tuple[Floats, ...]) -> tuple[Integers, Floats]:
    """By how much talk of levels will change trust, from last week's values: rows, (n,), and changes, (3, n)."""
    influence = city.config.behaviour.influence
    if influence.convergence == 0.0 or influence.contact_rate_per_week == 0.0:
        return NOTHING_HEARD
    changes: tuple[Integers, Floats] = TALKS[influence.rule](city, trust, stubbornness)
    return changes


@TALKS.bind("news")
def say_nothing_of_levels(
    city: City, trust: tuple[Floats, ...], stubbornness: tuple[Floats, ...]
) -> tuple[Integers, Floats]:
    """What is told are experiences (`tell_news`)."""
    return NOTHING_HEARD


@TALKS.bind("averaging")
def talk_with_all_ties(
    city: City, trust: tuple[Floats, ...], stubbornness: tuple[Floats, ...]
) -> tuple[Integers, Floats]:
    """As many talks a week as under the other rules, each with the mean of all ties."""
    influence, ties = city.config.behaviour.influence, city.ties
    weight = influence.convergence * influence.contact_rate_per_week
    means = [
        averaging(own, ties.mean_over_ties(own), stubborn, weight)
        for own, stubborn in zip(trust, stubbornness, strict=True)
    ]
    return np.arange(len(city.residents)), np.stack(means)


@TALKS.bind("bounded_confidence")
def talk_within_a_bound(
    city: City, trust: tuple[Floats, ...], stubbornness: tuple[Floats, ...]
) -> tuple[Integers, Floats]:
    """Talk with a random tie, whose trust attracts residents with similar trust."""
    return _talk_with_a_tie(city, trust, stubbornness, repels=False)


@TALKS.bind("repulsion")
def talk_and_repel(city: City, trust: tuple[Floats, ...], stubbornness: tuple[Floats, ...]) -> tuple[Integers, Floats]:
    """Talk with a random tie, whose trust attracts residents with similar trust and repels those with distant trust."""
    return _talk_with_a_tie(city, trust, stubbornness, repels=True)


def _talk_with_a_tie(
    city: City, trust: tuple[Floats, ...], stubbornness: tuple[Floats, ...], *, repels: bool
) -> tuple[Integers, Floats]:
    influence, ties = city.config.behaviour.influence, city.ties
    keys, key = city.luck.keys(len(city.residents)), city.luck.key("talk", city.week)
    rate, mu, bound = influence.contact_rate_per_week, influence.convergence, influence.confidence_bound
    rows, others = passes.talk(keys, key, rate, ties.starts, ties.degree, ties.neighbours)
    return rows, passes.hear(trust, stubbornness, rows, others, mu, bound, repels)


def tell_news(city: City) -> None:
    """Residents who had or heard of an experience last week may tell a tie; news that is not told is forgotten."""
    influence, ties, week = city.config.behaviour.influence, city.ties, city.week
    if influence.rule != "news":
        for name in NEWS:
            city.residents[name][...] = 0.0
        return
    keys, whether, whom = city.luck.keys(len(city.residents)), city.luck.key("tells", week), city.luck.key("whom", week)
    rate, news = influence.telling_rate_per_week, columns(city, NEWS)
    rows, told = passes.tell(news, rate, keys, whether, whom, ties.starts, ties.degree, ties.neighbours)
    city.now.news_heard = rows.size
    for name, signed in zip(NEWS, told, strict=True):
        about = np.flatnonzero(signed)
        good, weight = (signed[about] > 0.0).astype(np.float64), influence.hearsay_weight * np.abs(signed[about])
        undergo(city, name.removeprefix("news_of_"), rows[about], good, weight, told=True, as_heavy_up_as_down=True)


def perceive(city: City) -> None:
    """Work out every resident's perceived performance: P_i = Σ_c w_ic S_bc.

    Raises:
        ValueError: `services` has lost its shape, (M, 6).
    """
    if city.services.shape != (city.neighbourhoods, SERVICES):
        raise ValueError(f"services must be {(city.neighbourhoods, SERVICES)}, not {city.services.shape}")
    passes.perceive(city.rows.first, city.services, city.residents.need_weights, city.residents.performance)


def perceive_services(city: City) -> None:
    """Everybody perceives this week's services, compares them with what was and what was expected, and adapts."""
    residents, behaviour = city.residents, city.config.behaviour
    perceive(city)
    passes.judge_services(
        residents.performance,
        residents.usual_performance,
        residents.expectation,
        residents.trust_in_municipality,
        city.gained[0],
        behaviour.expectation.disconfirmation_weight,
        behaviour.trust.service_evidence_per_week,
        is_anchored(city),
        behaviour.anchored_trust.service_rate_per_week,
        behaviour.trust.loss_to_gain_ratio,
        behaviour.expectation.adaptation_per_week,
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
    first, last, keys = city.rows.first[b], city.rows.first[b + 1], city.luck.keys(len(city.residents))
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
    trust, projects = city.config.behaviour.trust, city.projects
    relevant = passes.relevant(rows, city.residents.need_weights[:, projects.category[project]])
    weight = trust.project_weight * extra * size_of_work(city, project) * relevant
    for kind, share in credited(city, project):
        undergo(city, kind, rows, signal, share * weight, told=True)


def experience_works(city: City) -> None:
    """A finished work is a good experience for those who notice it and need it; less so if late or captured."""
    trust, projects = city.config.behaviour.trust, city.projects
    if trust.project_weight == 0.0:
        return
    notices = city.config.behaviour.awareness.finished_work
    for project in city.now.finished:
        rows = drawn_at(city, project, city.luck.key("notices work", int(projects.key[project])), notices)
        signal = outcome_of(city, project)
        signal *= 1.0 - city.config.behaviour.capture.private_share * bool(projects.captured[project])
        credit(city, project, rows, signal)


def experience_broken_pledges(city: City) -> None:
    """A broken pledge is an experience of nothing, with extra weight, for those who heard it and notice."""
    trust, aware, projects = city.config.behaviour.trust, city.config.behaviour.awareness, city.projects
    notices = aware.broken_pledge
    if city.policy.accountability.pledge_tracking:
        notices += (1.0 - notices) * aware.tracking_effect
    for project in city.now.broken:
        heard = city.luck.key("hears of pledge", int(projects.key[project]))
        noticed = city.luck.key("notices breach", int(projects.key[project]))
        rows = drawn_at(city, project, heard, city.policy.pledges.loudness, noticed, notices)
        credit(city, project, rows, 0.0, 1.0 + trust.broken_pledge_extra_weight)


def experience_contacts(city: City) -> None:
    """Residents who turned to the municipality experience an answer or no answer."""
    now, weight = city.now, city.config.behaviour.contacts.weight
    undergo(city, "municipality", now.contacts, now.answered.astype(np.float64), weight, told=True)


def experience_voice(city: City) -> None:
    """Speaking at a hearing is an experience of how much power was shared and whether one was heard."""
    now, trust = city.now, city.config.behaviour.trust
    if not now.speakers.size:
        return
    # A visit of the mayor gives no more power than consultation does, and concerns the municipality alone.
    rung = np.where(now.at_council, rung_of(city), city.config.behaviour.knowledge.rung_of_consultation)
    signal = voice_signal(rung, now.heard, trust.voice_rule)
    to_council = np.where(now.at_council, trust.attribution_to_council, 0.0)
    for kind, share in (("council", to_council), ("municipality", 1.0 - to_council)):
        there = share > 0.0
        undergo(city, kind, now.speakers[there], signal[there], share[there] * trust.voice_weight, told=True)


def rung_of(city: City) -> float:
    """Arnstein's rung of real power under the policy: consultation's, rising to 1 with the share delegated."""
    low = city.config.behaviour.knowledge.rung_of_consultation
    return low + (1.0 - low) * city.money.delegated_share * city.policy.funding.level


def experience_disputes(city: City) -> None:
    """A disputed round of choice is a bad experience of council and people for those who took part in the choice."""
    trust = city.config.behaviour.trust
    for _, rows in city.now.disputed:
        undergo(city, "council", rows, 0.0, trust.voice_weight, told=True)
        undergo(city, "people", rows, 0.0, trust.meeting_weight, as_heavy_up_as_down=True)


def hear_news(city: City) -> None:
    """News at the hub: outcomes of this week's works there, by any builder, as far as the facilitator is believed.

    It is hearsay: as heavy up as down.
    """
    trust, projects, now = city.config.behaviour.trust, city.projects, city.now
    there = city.residents.neighbourhood[now.addressed]
    settled = [(done, outcome_of(city, done)) for done in now.finished] + [(broken, 0.0) for broken in now.broken]
    for project, signal in settled:
        hears = there == projects.neighbourhood[project]
        rows, size = now.addressed[hears], size_of_work(city, project)
        weight = trust.news_weight * size * now.addressed_credibility[hears]
        for kind, share in credited(city, project):
            undergo(city, kind, rows, signal, share * weight, as_heavy_up_as_down=True)


def size_of_work(city: City, project: int) -> float:
    """Cost over the mean cost: what a work says weighs by it, so that two halves say as much as the whole."""
    return float(city.projects.cost[project] / city.config.city.finance.project_cost_mean)


def outcome_of(city: City, project: int) -> float:
    """Signal of a finished work before capture: 1 on time, less if late."""
    return city.config.behaviour.trust.late_completion_signal if city.projects.late[project] else 1.0


def credited(city: City, project: int) -> list[tuple[str, float]]:
    """Who gets credit or blame for a work, and which share: council and municipality, or the latter alone."""
    to_council = city.config.behaviour.trust.attribution_to_council if city.projects.delegated[project] else 0.0
    return [(kind, share) for kind, share in (("council", to_council), ("municipality", 1.0 - to_council)) if share]


def meet_people(city: City) -> None:
    """Meeting others teaches how far people can be trusted."""
    weight = city.config.behaviour.trust.meeting_weight
    undergo(city, "people", city.now.met, city.now.meetings, weight, as_heavy_up_as_down=True)


def hear_scandals(city: City) -> None:
    """Leaks that came to light, scandals and the end of the programme cost trust among those who hear of them."""
    aware, now = city.config.behaviour.awareness, city.now
    # A leak weighs by its size: a tenth of all spending is a scandal of full size.
    struck = [
        ("leak", np.array([b]), min(1.0, 10.0 * city.money.leak_rates[whose]), whose) for b, whose in now.leaks_found
    ]
    struck += [("shock", neighbourhoods, size, whose) for neighbourhoods, size, whose in now.scandals]
    if now.dissolved.size:
        struck.append(("end", now.dissolved, aware.termination_weight, "municipality"))
    for what, neighbourhoods, size, whose in struck:
        rows = city.rows.of(neighbourhoods)
        rows = city.luck.chosen(f"hears of {what} {whose}", city.week, rows, aware.scandal)
        undergo(city, whose, rows, 0.0, aware.scandal_weight * size, as_heavy_up_as_down=True)
