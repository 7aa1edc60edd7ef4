"""Phase 1. The programme clock: the policy in force, shocks, and which neighbourhood enters which phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.neighbourhoods import CATEGORIES
from sim.phase import phase
from sim.phases.delivery import set_aside_anew, stop_works, take_over_works
from sim.policies import ROLLOUT_ORDERS, SHOCKS, Policy, RolloutPolicy, Shock
from sim.projects import ACTIVE, PROMISED
from sim.rules.knowledge import as_shares, need
from sim.seats import MAYOR, council_seats, mayors_seats
from sim.selection import fill_mayors, fill_seats

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FLOODED = [CATEGORIES.index(name) for name in ("roads", "waste")]
"""Categories of service that a flood takes from."""


@phase(
    reads=(
        "residents: attendance, civic_skill, cohort, need_weights, neighbourhood, propensity, resources, sex, "
        "trust_in_municipality; last_week"
    ),
    writes=(
        "residents: attendance_propensity, role; built_by_councils; institutions: assistance, attender_needs, "
        "council_seat_count, councils, facilitator_agents, facilitators, host_engagement, hubs, mayors, "
        "member_rows, rollout_order, seats, team_agents, team_of_neighbourhood, teams, teams_deployed, "
        "withdrawn_from; log: events, totals; money: accountability_left, allocation, books, leak_rates; now; "
        "policy; projects; services; trait_scale"
    ),
)
def advance_programme(city: City) -> None:
    """Count last week's elections, put the policy in force, let shocks strike, convene councils, choose mayors."""
    finish_elections(city)
    policy = city.timeline.policy_in(city.week)
    if policy is not city.policy:
        enter_policy(city, policy)
    for position, shock in city.timeline.shocks_in(city.week):
        strike(city, shock, position)
    convene_councils(city)
    choose_mayors(city)
    renew_terms(city)


def enter_policy(city: City, policy: Policy) -> None:
    """Put another policy in force: rebuild what hangs on the levers that changed, and nothing else."""
    institutions = city.institutions
    before, city.policy = city.policy, policy
    if policy.hub != before.hub:
        institutions.open_hubs()
        institutions.refresh_members()
    if policy.support != before.support:
        institutions.deploy_teams()
    if policy.authority.mode == "top_down" and before.authority.mode != "top_down":
        dissolve_councils(city)
    elif policy.authority.mode == "consultation" and before.authority.mode == "delegated":
        take_over_works(city)
    if policy.mayor.kind != before.mayor.kind:
        vacate_mayors(city)
    same_councils = council_seats(policy.council) == council_seats(before.council)
    same_mayors = mayors_seats(policy.mayor) == mayors_seats(before.mayor)
    if not (same_councils and same_mayors):
        institutions.lay_out_seats(keep_councils=same_councils, keep_mayors=same_mayors)
        convened = np.flatnonzero(institutions.councils.convened)
        if not same_councils:
            start_council_selection(city, convened)
        if not same_mayors and policy.mayor.kind != "none":
            start_mayor_selection(city, convened[institutions.mayors.in_office[convened]])
    set_aside_anew(city)
    if policy.allocation != before.allocation:
        city.money.refresh_allocation()
    if policy.rollout != before.rollout:
        institutions.rollout_order = rollout_order(city)


def turns(rollout: RolloutPolicy, neighbourhoods: int, week: int) -> int:
    """Number of neighbourhoods whose turn has come by a week, along the milestones."""
    weeks = [point.week for point in rollout.milestones]
    shares = [point.share for point in rollout.milestones]
    if week < weeks[0]:
        return 0
    if rollout.order == "at_once":
        return neighbourhoods
    return int(np.floor(neighbourhoods * np.interp(week, weeks, shares) + 1e-9))


def rollout_order(city: City) -> Integers:
    """Neighbourhoods in the order of their turns, (M,)."""
    order: Integers = ROLLOUT_ORDERS[city.policy.rollout.order](city)
    return order


@ROLLOUT_ORDERS.bind("at_once")
@ROLLOUT_ORDERS.bind("random")
def order_by_lot(city: City) -> Integers:
    """Neighbourhoods in an order drawn, (M,); where all start at once it says only who is looked at first."""
    return np.argsort(city.streams.uniform("rollout order", 0, city.neighbourhoods), kind="stable")


@ROLLOUT_ORDERS.bind("need_first")
def neediest_first(city: City) -> Integers:
    """Neighbourhoods by need, the greatest first, (M,)."""
    return np.argsort(-need_as_seen_at_start(city), kind="stable")


@ROLLOUT_ORDERS.bind("easy_first")
def least_needy_first(city: City) -> Integers:
    """Neighbourhoods by need, the smallest first, (M,)."""
    return np.argsort(need_as_seen_at_start(city), kind="stable")


def need_as_seen_at_start(city: City) -> Floats:
    """Need of each neighbourhood at the start as the municipality sees it, (M,)."""
    error = city.config.behaviour.knowledge.municipality_error
    seen = need(city.mean_need_weights, city.services_at_start).sum(axis=1)
    return np.asarray(seen * np.exp(error * city.streams.normal("rollout view", 0, city.neighbourhoods)))


def convene_councils(city: City) -> None:
    """Where the turn has come, the facilitator (or the municipality) convenes the council, when engaged enough."""
    institutions = city.institutions
    if city.policy.authority.mode == "top_down":
        return
    due = institutions.rollout_order[: turns(city.policy.rollout, city.neighbourhoods, city.week)]
    waiting = due[~institutions.councils.convened[due] & ~institutions.councils.electing[due]]
    if not waiting.size:
        return
    ready = city.streams.uniform("convening", city.week, waiting) < institutions.host_engagement[waiting]
    start_council_selection(city, np.sort(waiting[ready]))


def start_council_selection(city: City, neighbourhoods: Integers) -> None:
    """Fill the seats at once, or call an election that is held this week and counted in the next."""
    institutions = city.institutions
    if not neighbourhoods.size:
        return
    if any(method == "elected" for method in institutions.seats.plan.selection[: institutions.council_seat_count]):
        institutions.councils.electing[neighbourhoods] = True
    else:
        fill_seats(city, institutions.seats.of(neighbourhoods, mayors=False), voters=False)
        institutions.refresh_members(neighbourhoods)
        install_councils(city, neighbourhoods)


def install_councils(city: City, neighbourhoods: Integers) -> None:
    """Start a council's term; a new council also gets its agenda and the date of its first round."""
    councils, week = city.institutions.councils, city.week
    new = neighbourhoods[~councils.convened[neighbourhoods]]
    councils.term_end_week[neighbourhoods] = week + city.policy.council.term_weeks
    councils.convened[new] = True
    councils.formed_week[new] = week
    councils.next_round_week[new] = week + city.config.behaviour.choice.first_round_after_weeks
    councils.agenda[new] = as_shares(need(councils.member_needs, city.services))[new]
    for b in new:
        city.log.record("council_formed", b, amount=float(councils.members[b]))
    if new.size:
        city.institutions.deploy_teams()


def finish_elections(city: City) -> None:
    """Count the elections that were held last week."""
    institutions = city.institutions
    for_council = np.flatnonzero(institutions.councils.electing)
    if for_council.size:
        institutions.councils.electing[for_council] = False
        fill_seats(city, institutions.seats.of(for_council, mayors=False), voters=True)
        institutions.refresh_members(for_council)
        install_councils(city, for_council)
    for_mayor = np.flatnonzero(institutions.mayors.electing)
    if for_mayor.size:
        institutions.mayors.electing[for_mayor] = False
        install_mayors(city, for_mayor, voters=True)


def choose_mayors(city: City) -> None:
    """Choose mayors where there is a council, the week has come and the office is vacant."""
    mayor, councils, mayors = city.policy.mayor, city.institutions.councils, city.institutions.mayors
    if mayor.kind == "none" or city.week < mayor.from_week:
        return
    vacant = np.flatnonzero(councils.convened & ~mayors.in_office & ~mayors.electing)
    start_mayor_selection(city, vacant)


def start_mayor_selection(city: City, neighbourhoods: Integers) -> None:
    """Choose mayors at once, or call an election that is held this week and counted in the next."""
    if not neighbourhoods.size:
        return
    if city.policy.mayor.selection == "elected":
        city.institutions.mayors.electing[neighbourhoods] = True
    else:
        install_mayors(city, neighbourhoods, voters=False)


def install_mayors(city: City, neighbourhoods: Integers, *, voters: bool) -> None:
    """Put mayors into office."""
    institutions = city.institutions
    chosen = fill_mayors(city, institutions.seats.of(neighbourhoods, mayors=True), voters=voters)
    institutions.refresh_members(neighbourhoods)
    institutions.mayors.since_week[chosen] = city.week
    for b in chosen:
        city.log.record("mayor_chosen", b, amount=float(institutions.mayors.skill[b]), detail=city.policy.mayor.kind)


def renew_terms(city: City) -> None:
    """Fill all seats anew where a term has ended, the mayors' with them."""
    institutions = city.institutions
    ended = np.flatnonzero(institutions.councils.convened & (institutions.councils.term_end_week <= city.week))
    if ended.size:
        institutions.councils.term_end_week[ended] = city.week + city.policy.council.term_weeks
        start_council_selection(city, ended)
        if city.policy.mayor.kind != "none":
            start_mayor_selection(city, ended[institutions.mayors.in_office[ended]])


def vacate_mayors(city: City) -> None:
    """Empty all mayors' offices."""
    institutions = city.institutions
    institutions.mayors.in_office = False
    institutions.mayors.electing = False
    institutions.mayors.skill = 0.0
    institutions.mayors.donor = -1
    institutions.seats.donor[institutions.seats.role == MAYOR] = -1
    institutions.refresh_members()


def dissolve_councils(city: City) -> None:
    """End the programme: councils and mayors go, money goes back, works under way for the councils stop."""
    institutions = city.institutions
    councils, books, projects = institutions.councils, city.money.books, city.projects
    gone = np.flatnonzero(councils.convened)
    councils.convened = False
    councils.electing = False
    councils.members = 0
    institutions.seats.donor[:] = -1
    vacate_mayors(city)
    books.reserved += books.delegated + books.arrears
    books.central_balance += float(books.delegated.sum())
    books.delegated[:] = 0.0
    books.arrears[:] = 0.0
    stopped = np.flatnonzero((projects.delegated & (projects.status == ACTIVE)) | (projects.status == PROMISED))
    stop_works(city, stopped, "programme ended")
    city.now.dissolved = gone
    for b in gone:
        city.log.record("council_dissolved", b)
    institutions.deploy_teams()


def strike(city: City, shock: Shock, position: int) -> None:
    """Let a shock happen to its share of neighbourhoods, drawn by lot."""
    count = round(shock.share_of_neighbourhoods * city.neighbourhoods)
    lot = city.streams.uniform(f"{shock.kind} {position}", shock.week, city.neighbourhoods)
    struck = np.sort(np.argsort(lot, kind="stable")[:count])
    if shock.size == 0.0 or not struck.size:
        return
    SHOCKS[shock.kind](city, struck, shock)
    for b in struck:
        city.log.record(shock.kind, b, amount=shock.size)


@SHOCKS.bind("facilitator_replaced")
def replace_facilitators(city: City, struck: Integers, shock: Shock) -> None:
    """Let facilitators give way to others who do less of everything."""
    table = city.institutions.facilitators
    rows = np.isin(table.neighbourhood, struck)
    for name in ("engagement", "credibility", "inclusiveness"):
        table[name][rows] *= 1.0 - shock.size
    city.institutions.refresh_hosts()


@SHOCKS.bind("team_withdrawn")
def withdraw_teams(city: City, struck: Integers, shock: Shock) -> None:
    """Take a part of the teams' capacity away."""
    institutions = city.institutions
    institutions.withdrawn_from[struck] = 1.0 - (1.0 - institutions.withdrawn_from[struck]) * (1.0 - shock.size)
    institutions.deploy_teams()


@SHOCKS.bind("scandal")
def let_scandal_break(city: City, struck: Integers, shock: Shock) -> None:
    """Let a scandal be heard of in this week's phase of trust."""
    city.now.scandals.append((struck, shock.size, shock.blamed))


@SHOCKS.bind("flood")
def flood(city: City, struck: Integers, shock: Shock) -> None:
    """Let water take from roads and drainage."""
    for level in (city.services, city.built_by_councils):
        level[np.ix_(struck, FLOODED)] *= 1.0 - shock.size
