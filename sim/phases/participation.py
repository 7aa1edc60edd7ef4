"""Phase 6. Participation: who hears of an occasion, who is asked, who comes, who volunteers, who burns out.

Hearings, visits, programmes, ballots and gatherings are announced a week ahead: who comes is settled now, and they take
place next week.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import participation as passes
from sim.phase import phase
from sim.phases.civic import take_initiative
from sim.phases.contacts import turn_to_municipality
from sim.phases.delivery import programme_payer
from sim.phases.listing import Listed, asked_from_list, open_list, renew_list
from sim.projects import ACTIVE
from sim.rules.participation import (
    ACTIVE_WEEKS,
    PARTICIPATION_RULES,
    Hazard,
    OfOneRule,
    Weights,
    beyond_usual,
    burnout_probability,
)
from sim.seats import ANY, MAYOR, OLDER, YOUTH
from sim.selection import fill_mayors, fill_seats
from sim.week import NOBODY

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MEETING_SPREAD = 0.2
"""Standard deviation of what meetings say, before they are cut to shares [assumption]."""

NOBODYS_SHARE: Floats = np.zeros(0)


@phase(
    reads=(
        "residents: answered_chance, attendance_propensity, belonging, birth_year, civic_skill, cohort, "
        "contact_rate, initiative, need_weights, neighbourhood, propensity, resources, sex, standing, threshold, "
        "trust_in_council, trust_in_municipality; institutions: host_engagement, hubs; money: books; policy; "
        "projects; ties; trait_scale"
    ),
    writes=(
        "residents: acts, answered_last, fatigue, habit, last_act_week, last_part_week, listed, role; institutions: "
        "councils, mayors, member_rows, seats; log: totals; now; programmes_planned; visits_planned; "
        "volunteers_per_thousand"
    ),
)
def take_part(city: City) -> None:
    """Spread the word, let those who heard decide and all act of their own accord; count it; let some burn out."""
    occasions, listed = plan_occasions(city), open_list(city)
    now = city.now
    now.voting = occasions["ballot"]
    now.asked = city.rows.distinct(
        asked_by_residents(city),
        *asked_by_councils(city, listed),
        *asked_by_mayors(city, listed),
        *asked_by_hosts(city, listed, occasions["gathering"]),
        city.asked_from_outside,
    )
    participation, civic = city.config.behaviour.participation, city.config.behaviour.civic
    now.informed = city.rows.distinct(
        now.addressed,
        now.asked,
        told_by_publicity(city, "ballot", occasions["ballot"], participation.ballot_reach),
        told_by_publicity(city, "visit", city.visits_planned, participation.visit_reach),
        told_by_publicity(city, "gathering", occasions["gathering"], civic.gathering_reach),
        city.institutions.member_rows,
    )
    decide(city, now.informed, occasions)
    take_initiative(city)
    turn_to_municipality(city)
    count_acts(city)
    hold_meetings(city)
    volunteers = np.bincount(city.residents.neighbourhood[now.came["volunteering"]], minlength=city.neighbourhoods)
    city.volunteers_per_thousand = 1000.0 * volunteers / city.rows.per_neighbourhood
    unmet, recognition = strain(city)
    burn_out(city, unmet, recognition)
    renew_list(city, listed, unmet, recognition)


def plan_occasions(city: City) -> dict[str, Flags]:
    """Which neighbourhoods have which kinds of occasion to come to, each (M,)."""
    councils, next_week = city.institutions.councils, city.week + 1
    programmes = city.policy.programmes.per_year / 52.0
    success = city.config.behaviour.delivery.programme_success
    lot = city.streams.uniform("programme", city.week, city.neighbourhoods)
    city.programmes_planned = councils.convened & (lot < programmes * success * city.institutions.host_engagement)
    city.programmes_planned &= programme_payer(city) > 0
    visits = city.policy.authority.visits_per_year / 52.0 / city.neighbourhoods
    gatherings = city.config.behaviour.civic.gatherings_per_year / 52.0
    city.visits_planned = city.streams.uniform("visit", city.week, city.neighbourhoods) < visits
    works = city.projects.with_status(ACTIVE)
    works = works[city.projects.delegated[works]]
    at_work = np.bincount(city.projects.neighbourhood[works], minlength=city.neighbourhoods) > 0
    ballot = councils.electing | city.institutions.mayors.electing
    if city.way_of_choosing.by_ballot:
        ballot = ballot | (councils.convened & (councils.next_round_week == next_week))
    return {
        "hearing": city.institutions.hearing_in(next_week) | city.visits_planned,
        "programme": city.programmes_planned,
        "volunteering": at_work & councils.convened,
        "ballot": ballot,
        "gathering": city.streams.uniform("gathering", city.week, city.neighbourhoods) < gatherings,
    }


def count_acts(city: City) -> None:
    """Count who took part this week: with others, and in anything at all; one week each, however much it was."""
    residents, now = city.residents, city.now
    now.acted = city.rows.distinct(*now.came.values(), now.helpers)
    now.met = city.rows.distinct(*(rows for kind, rows in now.came.items() if kind != "ballot"), now.helpers)
    now.took_part = city.rows.distinct(now.acted, now.petitioners, now.contacts)
    residents.last_act_week[now.acted] = city.week
    residents.last_part_week[now.took_part] = city.week
    residents.acts[now.took_part] += 1


def hold_meetings(city: City) -> None:
    """Draw what the week's meetings say to each who met others: they may be pleasant or not."""
    now, quality = city.now, city.config.behaviour.trust.meeting_quality
    noise = MEETING_SPREAD * city.luck.normal("contact", city.week, now.met)
    now.meetings = np.clip(quality + noise, 0.0, 1.0)


def asked_by_residents(city: City) -> Integers:
    """Residents asked by a tie who was active lately; once for each asker, to be made distinct by the caller."""
    ties = city.ties
    return passes.ask_ties(
        city.residents.last_act_week,
        city.week - ACTIVE_WEEKS,
        city.config.behaviour.participation.asking_rate_per_week,
        ties.starts,
        ties.degree,
        ties.neighbours,
        city.luck.keys(len(city.residents)),
        city.luck.key("asks", city.week),
        city.luck.key("asks whom", city.week),
    )


def asked_by_councils(city: City, listed: Listed) -> tuple[Integers, Integers]:
    """Residents asked by the councils of their neighbourhoods: from the list, and anybody alike."""
    rate = city.config.behaviour.participation.council_asks_per_week * city.scale
    return _asked(city, listed, "council asks", np.flatnonzero(city.institutions.councils.convened), rate)


def asked_by_hosts(city: City, listed: Listed, gatherings: Flags) -> tuple[Integers, Integers]:
    """Residents asked by the hosts of gatherings in their neighbourhoods: as many as by a council, in the same way."""
    rate = city.config.behaviour.participation.council_asks_per_week * city.scale
    return _asked(city, listed, "host asks", np.flatnonzero(gatherings), rate)


def asked_by_mayors(city: City, listed: Listed) -> tuple[Integers, Integers, Integers]:
    """Residents asked by the mayors of their neighbourhoods: from the list, of their own generation, and of all."""
    participation = city.config.behaviour.participation
    rate, of_own = participation.mayor_asks_per_week * city.scale, participation.own_generation_share
    in_office = np.flatnonzero(city.institutions.mayors.in_office)
    from_list = city.config.behaviour.list.share_of_asking
    at_random = rate * (1.0 - from_list)
    return (
        asked_from_list(city, listed, "mayor asks from the list", in_office, rate * from_list),
        _drawn_at_random(city, "mayor asks own", in_office, at_random * of_own, own=True),
        _drawn_at_random(city, "mayor asks", in_office, at_random * (1.0 - of_own)),
    )


def _asked(city: City, listed: Listed, name: str, neighbourhoods: Integers, rate: float) -> tuple[Integers, Integers]:
    """Residents who are asked in each neighbourhood, `rate` on average: from the list, and at random."""
    from_list = city.config.behaviour.list.share_of_asking
    return (
        asked_from_list(city, listed, f"{name} from the list", neighbourhoods, rate * from_list),
        _drawn_at_random(city, name, neighbourhoods, rate * (1.0 - from_list)),
    )


def _drawn_at_random(city: City, name: str, neighbourhoods: Integers, rate: float, *, own: bool = False) -> Integers:
    """Residents drawn from neighbourhoods, `rate` each on average; with `own`, from the mayor's generation."""
    if rate <= 0.0 or not neighbourhoods.size:
        return NOBODY
    generation = np.where(city.institutions.mayors.youth[neighbourhoods], YOUTH, OLDER) if own else ANY
    pool, pools = city.rows.pools.number(neighbourhoods, -1, generation), city.rows.pools.gathered(migrants=True)
    how_many, whom = city.streams.key(f"{name} how many", city.week), city.streams.key(f"{name} whom", city.week)
    return passes.ask(neighbourhoods, pool, rate, *pools, how_many, whom)


def told_by_publicity(city: City, what: str, where: Flags, reach: float) -> Integers:
    """Residents whom the publicity of a ballot, a visit or a gathering in their neighbourhood reaches."""
    keys, key = city.luck.keys(len(city.residents)), city.luck.key(f"told of {what}", city.week)
    return passes.hear_publicity(where, city.rows.first, reach, keys, key)


def decide(city: City, rows: Integers, occasions: dict[str, Flags]) -> None:
    """Let those who heard decide on each kind of occasion in their neighbourhood."""
    residents, participation = city.residents, city.config.behaviour.participation
    anything = np.logical_or.reduce(list(occasions.values()))
    rows = rows[anything[residents.neighbourhood[rows]]]
    if not rows.size:
        return
    own, active_share, everybody = own_logit(city, rows), NOBODYS_SHARE, np.ones(rows.size, dtype=bool)
    if participation.rule != "logit":
        active = (residents.last_act_week >= city.week - ACTIVE_WEEKS).astype(np.float64)
        active_share = city.ties.mean_over_ties(active, rows)
    offsets = {
        "hearing": 0.0,
        "programme": participation.programme_offset,
        "volunteering": participation.volunteering_offset,
        "ballot": participation.ballot_offset,
        "gathering": city.config.behaviour.civic.gathering_offset,
    }
    for kind, where in occasions.items():
        if where.any():
            city.now.came[kind] = passes.come(
                rows,
                able=may_vote(city, rows) if kind == "ballot" else everybody,
                where=where,
                neighbourhood=residents.neighbourhood,
                own=own,
                offset=offsets[kind],
                rule=PARTICIPATION_RULES[participation.rule],
                active_share=active_share,
                threshold=residents.threshold,
                of_one_rule=OfOneRule.of(participation),
                role=residents.role,
                member_attendance=participation.member_attendance if kind == "hearing" else 0.0,
                keys=city.luck.keys(len(residents)),
                stream_key=city.luck.key(f"comes to {kind}", city.week),
            )


def own_logit(city: City, rows: Integers) -> Floats:
    """Leaning of each resident to come, before the kind of occasion counts, (n,)."""
    residents, participation, start = city.residents, city.config.behaviour.participation, city.start
    asked = np.zeros(len(residents), dtype=bool)
    asked[city.now.asked] = True
    profile = city.institutions.hubs[0].profile if city.institutions.hubs else None
    return passes.lean(
        rows,
        neighbourhood=residents.neighbourhood,
        propensity=residents.propensity,
        resources=residents.resources,
        trust_in_municipality=residents.trust_in_municipality,
        trust_in_council=residents.trust_in_council,
        asked=asked,
        habit=residents.habit,
        belonging=residents.belonging,
        skill=residents.civic_skill,
        fatigue=residents.fatigue,
        sex=residents.sex,
        cohort=residents.cohort,
        attendance=residents.attendance_propensity,
        standing=residents.standing,
        convened=city.institutions.councils.convened,
        women_share=city.institutions.councils.women_share,
        youth_share=city.institutions.councils.youth_share,
        women_barrier=profile.women_barrier if profile else 0.0,
        youth_barrier=profile.youth_barrier if profile else 0.0,
        attender_access=participation.attender_access if profile else 0.0,
        standing_barrier=0.0 if city.policy.council.standing_for_migrants else participation.standing_barrier,
        start=(start["resources"], start["trust_in_municipality"], start["trust_in_council"], start["belonging"]),
        weights=Weights.of(participation),
    )


def age_of(city: City, rows: Integers) -> Integers:
    """Age in years this week of residents, (n,)."""
    year = city.config.city.start_year_solar_hijri + city.week // 52
    return np.asarray(year - city.residents.birth_year[rows].astype(np.int64))


def may_vote(city: City, rows: Integers) -> Flags:
    """Who may vote: old enough, and with standing unless the policy gives it to all; (n,)."""
    age = age_of(city, rows)
    standing = city.policy.council.standing_for_migrants | (city.residents.standing[rows] == 0)
    return np.asarray((age >= city.config.behaviour.participation.voting_age) & standing)


def strain(city: City) -> tuple[Floats, Floats]:
    """Share of pledges that came to nothing beyond the usual one, and recognition, in each neighbourhood, (M,) each."""
    institutions, usual = city.institutions, city.usually_broken
    broken, kept = institutions.councils.pledges_broken, institutions.councils.pledges_kept
    return beyond_usual(broken, kept, usual), 0.5 * institutions.host_engagement + 0.5 * institutions.mayors.in_office


def burn_out(city: City, unmet: Floats, recognition: Floats) -> None:
    """Let volunteers and members who carry much, and see little come of it, leave; their seats are filled again."""
    residents, now = city.residents, city.now
    now.exposed = city.rows.distinct(now.came["volunteering"], city.institutions.member_rows)
    now.exits = passes.leave(
        now.exposed,
        residents.habit,
        residents.neighbourhood,
        unmet,
        recognition,
        Hazard.of(city.config.behaviour.burnout),
        city.luck.keys(len(residents)),
        city.luck.key("burnout", city.week),
    )
    residents.fatigue[now.exits] = 1.0
    residents.habit[now.exits] *= 0.5
    # Holders outside the sample leave as the sampled ones do, with the load that is usual among them.
    seats = city.institutions.seats
    usual = float(residents.habit[city.institutions.member_rows].mean()) if city.institutions.member_rows.size else 0.0
    chance = burnout_probability(city.config.behaviour.burnout, usual, unmet, recognition)
    key = city.streams.key("burnout of seats", city.week)
    passes.vacate(seats.donor, seats.in_sample, seats.key, seats.neighbourhood, now.exits, chance, key)
    vacant = seats_to_fill(city)
    if vacant.size:
        fill_vacancies(city, vacant)


def seats_to_fill(city: City) -> Integers:
    """Vacant seats of councils and of mayors in office: just vacated, or still vacant for lack of candidates."""
    seats = city.institutions.seats
    vacant = np.flatnonzero(~seats.filled)
    b = seats.neighbourhood[vacant]
    wanted = city.institutions.mayors.in_office[b] | (seats.role[vacant] != MAYOR)
    return np.asarray(vacant[wanted & city.institutions.councils.convened[b]])


def fill_vacancies(city: City, seats: Integers) -> None:
    """Co-opt a resident for each vacant seat; a vacant mayor's office goes to the best candidate as well."""
    of_mayor = city.institutions.seats.role[seats] == MAYOR
    council_seats, mayors = seats[~of_mayor], seats[of_mayor]
    if council_seats.size:
        fill_seats(city, council_seats, voters=False)
    if mayors.size:
        fill_mayors(city, mayors, voters=False)
    city.institutions.refresh_members(city.institutions.seats.neighbourhood[seats])
