"""Phase 5. Delivery: works progress, finish, run late or fail; programmes take place; services rise and decay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.books import FADE
from sim.kernels import works as passes
from sim.phase import phase
from sim.policies import Policy
from sim.projects import ACTIVE, FAILED, FINISHED, PROMISED
from sim.rules.allocation import per_head
from sim.rules.capture import MOST_LEAK, discovery_probability
from sim.rules.choice import project_costs
from sim.rules.delivery import paid_share, speed
from sim.rules.returns import kept_by_upkeep, left_of_built, level_built
from sim.rules.services import decay, deliver, project_gain, worn

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LAPSE_WEEKS = 26  # a promise that was never begun is given up half a year after its date


@phase(
    reads=(
        "residents: neighbourhood; institutions: assistance, mayors; last_week; money: accountability_left, "
        "leak_rates; policy; programmes_planned; services_history; volunteers_per_thousand"
    ),
    writes=(
        "built_by_councils; institutions: councils, view_of_year; log: events, totals; money: books, "
        "central_works_begun, next_central_cost; now; projects; services"
    ),
)
def deliver_works(city: City) -> None:
    """Start the municipality's own works, move all works on, hold programmes, let services decay and leaks surface."""
    start_central_works(city)
    note_late(city)
    active = city.projects.with_status(ACTIVE)
    if active.size:
        work_on(city, active)
        finish(city, active[city.projects.progress[active] >= 1.0 - 1e-9])
        fail(city, city.projects.with_status(ACTIVE))
    hold_programmes(city)
    wear_services(city)
    uncover_leaks(city)
    city.money.books.forget()
    city.institutions.councils.pledges_kept *= FADE
    city.institutions.councils.pledges_broken *= FADE


def wear_services(city: City) -> None:
    """Let services decay; the level that works on neighbourhoods' own accounts built decays more slowly."""
    decay_per_year = worn(city.config.behaviour.services.decay_per_year, city.wear)
    built = (city.built_by_councils, city.services, decay_per_year, city.config.behaviour.returns.upkeep_gain)
    kept, left = kept_by_upkeep(*built), left_of_built(*built)
    city.services[...] = decay(city.services, decay_per_year) + kept
    city.built_by_councils[...] = left


def council_pace(city: City) -> Floats:
    """Share of a project that each neighbourhood's council gets done in a week with money at hand, (M,)."""
    institutions, delivery = city.institutions, city.config.behaviour.delivery
    leader = np.where(institutions.mayors.in_office, institutions.mayors.skill, institutions.councils.skill)
    return speed(delivery.base_duration_weeks, institutions.assistance, city.volunteers_per_thousand, leader, delivery)


def central_pace(city: City) -> float:
    """Share of a project that the municipality gets done in a week."""
    delivery = city.config.behaviour.delivery
    return delivery.central_speed / delivery.base_duration_weeks


def expected_duration(city: City) -> Floats:
    """Weeks that a project is expected to take in each neighbourhood with money at hand, (M,)."""
    if city.policy.authority.mode == "delegated":
        return 1.0 / council_pace(city)
    return np.full(city.neighbourhoods, 1.0 / central_pace(city))


def project_pace(city: City, numbers: Integers) -> Floats:
    """Pace of each project relative to a typical one, lognormal with median 1; keyed by the given numbers."""
    spread = city.config.behaviour.delivery.duration_spread
    return np.exp(spread * city.streams.normal("project pace", 0, numbers))


def pace_of_those_under_way(pace: Floats, spread: float) -> Floats:
    """Pace of works found under way, from the pace of works begun, log standard deviation s: p · exp(-s²); shape kept.

    A work is met in proportion to how long it takes, 1 / p: the log of its pace is normal around -s² instead of 0.
    """
    return np.asarray(pace * np.exp(-(spread**2)))


def weeks_pledged(optimism: float, pace: float) -> int:
    """Weeks to which the municipality pledges a work: of a typical one, shortened by optimism; at least one."""
    return max(1, round((1.0 - optimism) / pace))


def start_central_works(city: City) -> None:
    """Where the money reserved for a neighbourhood suffices, begin the work the municipality holds most needed there.

    The municipality pledges its works to a date by the same rule as a council does, and can break its word as well.
    A project promised to a consulted council comes first, if the municipality heeds it.
    """
    books, with_leak = city.money.books, 1.0 - city.money.leak_rates["municipality"]
    ready = np.flatnonzero(books.reserved >= city.money.next_central_cost / with_leak)
    if not ready.size:
        return
    rows = start_promised_works(city, ready)
    if not rows.size:
        return
    number, cost = central_number(rows, city.money.central_works_begun[rows]), city.money.next_central_cost[rows]
    city.money.central_works_begun[rows] += 1
    price_next_central_works(city, rows)
    weeks = weeks_pledged(city.policy.pledges.optimism, central_pace(city))
    books.reserved[rows] -= cost / with_leak
    risk = city.config.behaviour.capture.municipal_capture * city.money.accountability_left
    busy = city.projects.busy(city.neighbourhoods)
    numbers = city.projects.add(
        key=number,
        neighbourhood=rows,
        category=np.where(busy[rows], 0.0, city.institutions.municipal_view()[rows]).argmax(axis=1),
        cost=cost,
        price=cost,
        by_council=False,
        captured=city.streams.uniform("central captured", 0, number) < risk,
        pace=project_pace(city, number),
        start_week=city.week,
        pledge_week=city.week + weeks,
        end_week=-1,
        status=ACTIVE,
    )
    announce(city, numbers)


def start_promised_works(city: City, ready: Integers) -> Integers:
    """Begin what was promised to councils, where it is heeded and can be paid; returns the other neighbourhoods."""
    projects, reserved = city.projects, city.money.books.reserved
    with_leak = 1.0 - city.money.leak_rates["municipality"]
    heeded = projects.with_status(PROMISED)
    if not heeded.size:
        return ready
    lot = city.streams.uniform("advice", 0, projects.key[heeded])
    heeded = heeded[lot < city.config.behaviour.knowledge.advice_taken]
    others = []
    for b in ready.tolist():
        own = heeded[projects.neighbourhood[heeded] == b]
        if own.size and projects.price[own[0]] / with_leak <= reserved[b]:
            projects.status[own[0]] = ACTIVE
            projects.start_week[own[0]] = city.week
            reserved[b] -= projects.price[own[0]] / with_leak
        else:
            others.append(b)
    return np.array(others, dtype=np.int64)


def central_number(b: Integers, works_before: Integers) -> Integers:
    """Numbers that key the draws of the municipality's works: of neighbourhood b, after so many others; (n,)."""
    return 2 * (b * 10_000 + works_before)


def price_next_central_works(city: City, where: Integers) -> None:
    """Compute the cost of the municipality's next work in some neighbourhoods."""
    finance = city.config.city.finance
    standard = city.streams.normal("central cost", 0, central_number(where, city.money.central_works_begun[where]))
    cost = project_costs(standard, finance.project_cost_mean, finance.project_cost_spread)
    city.money.next_central_cost[where] = cost


def announce(city: City, numbers: Integers) -> None:
    """Announce works and their pledged dates, for any pledger."""
    city.now.pledged.extend(numbers.tolist())
    for number, week in zip(numbers.tolist(), city.projects.pledge_week[numbers].tolist(), strict=True):
        city.log.record_project("project_pledged", number, detail=f"week {week}")


def work_on(city: City, active: Integers) -> None:
    """Move works on as far as help, hands and money allow; book what is spent, what leaks and what residents pay of it.

    In weeks before a dispute over it is settled a work rests.
    """
    projects, books = city.projects, city.money.books
    b, delegated = projects.neighbourhood[active], projects.delegated[active]
    pace = np.where(delegated, council_pace(city)[b], central_pace(city)) * projects.pace[active]
    pace *= projects.held_up_until[active] <= city.week
    step = np.minimum(pace, 1.0 - projects.progress[active])
    leak = np.where(delegated, city.money.leak_rates["council"], city.money.leak_rates["municipality"])
    wanted = step * projects.price[active] / (1.0 - leak)
    of_residents = city.config.behaviour.returns.contribution_share * delegated
    unpledged = max(0.0, books.central_balance - float(books.arrears.sum()))
    committed = min(unpledged, max(0.0, unpledged - float(books.reserved.sum())))
    # A council does not spend on works what its next programme costs.
    kept = city.config.city.finance.programme_cost if city.policy.programmes.per_year > 0.0 else 0.0
    balance = np.append(np.maximum(0.0, books.delegated - kept), committed)
    share = paid_share(wanted * (1.0 - of_residents), np.where(delegated, b, city.neighbourhoods), balance)
    paid = wanted * share
    contributed = paid * of_residents
    arrived = paid - paid * leak
    projects.progress[active] += step * share
    projects.spent[active] += arrived
    spending = books.council_spending, books.central_spending
    accounts = (books.delegated, books.contributed, *spending)
    booked = passes.book(b, projects.category[active], delegated, paid, arrived, contributed, *accounts)
    by_council, for_council, by_municipality, for_municipality = map(float, booked)
    books.central_balance -= by_municipality
    books.spent["council_works"] += for_council
    books.spent["central_works"] += for_municipality
    books.income["contributions"] += float(contributed.sum())
    books.saved_on_prices += float((step * share * (projects.cost[active] - projects.price[active])).sum())
    books.leaked["council"] += by_council - for_council
    books.leaked["municipality"] += by_municipality - for_municipality


def finish(city: City, done: Integers) -> None:
    """Hand finished works over: services rise, pledges are kept or were late."""
    if not done.size:
        return
    projects, services = city.projects, city.config.behaviour.services
    projects.status[done] = FINISHED
    projects.end_week[done] = city.week
    private = projects.captured[done] * city.config.behaviour.capture.private_share
    gain, gain_of_councils = np.zeros_like(city.services), np.zeros_like(city.services)
    where = (projects.neighbourhood[done], projects.category[done])
    # A work is shared by those who live there: the same money does less in a larger neighbourhood, if use is rival.
    crowding = (city.population[where[0]] / city.population.mean()) ** services.rivalry
    relative_cost = projects.cost[done] / city.config.city.finance.project_cost_mean / crowding
    gains = project_gain(relative_cost, services.gain_per_typical_project, private)
    np.add.at(gain, where, gains)
    np.add.at(gain_of_councils, where, gains * projects.delegated[done])
    touched = np.flatnonzero(np.bincount(where[0]))
    before = city.services[touched]
    after = city.services[touched] = deliver(before, gain[touched])
    city.built_by_councils[touched] += level_built(after, before, gain[touched], gain_of_councils[touched])
    kept = done[~projects.late[done]]
    np.add.at(city.institutions.councils.pledges_kept, projects.neighbourhood[kept], 1.0)
    city.now.finished.extend(done.tolist())
    for project in done.tolist():
        city.log.record_project("project_finished", project)


def fail(city: City, active: Integers) -> None:
    """Let some works fail for good; what was set aside for them is free again."""
    lot = city.streams.uniform("failure", city.week, city.projects.key[active])
    lost = active[lot < city.config.behaviour.delivery.failure_hazard_per_week]
    if lost.size:
        stop_works(city, lost)


def stop_works(city: City, lost: Integers, why: str = "") -> None:
    """End works for good: what was set aside for the municipality's is free again, pledges not yet late are broken."""
    projects, books = city.projects, city.money.books
    paid_centrally = lost[~projects.delegated[lost] & (projects.status[lost] == ACTIVE)]
    left = projects.price[paid_centrally] * (1.0 - projects.progress[paid_centrally])
    left /= 1.0 - city.money.leak_rates["municipality"]
    np.add.at(books.reserved, projects.neighbourhood[paid_centrally], left)
    projects.status[lost] = FAILED
    projects.end_week[lost] = city.week
    city.now.failed.extend(lost.tolist())
    break_pledges(city, lost[~projects.late[lost]])
    for project in lost.tolist():
        city.log.record_project("project_failed", project, detail=why)


def note_late(city: City) -> None:
    """Record works past their date as late, once; drop promises that were never begun."""
    projects = city.projects
    open_works = np.flatnonzero((projects.status == ACTIVE) | (projects.status == PROMISED))
    late = open_works[(projects.pledge_week[open_works] < city.week) & ~projects.late[open_works]]
    if late.size:
        projects.late[late] = True
        break_pledges(city, late)
        for project in late.tolist():
            city.log.record_project("project_late", project)
    promised = open_works[projects.status[open_works] == PROMISED]
    given_up = promised[projects.pledge_week[promised] + _LAPSE_WEEKS < city.week]
    if given_up.size:
        stop_works(city, given_up, "never begun")


def break_pledges(city: City, broken: Integers) -> None:
    """Remember broken pledges: for this week's phase of trust, and among what came of pledges there lately."""
    np.add.at(city.institutions.councils.pledges_broken, city.projects.neighbourhood[broken], 1.0)
    city.now.broken.extend(broken.tolist())


def programme_payer(city: City) -> NDArray[np.int64]:
    """Who can pay for a programme in each neighbourhood: 1 its own account, 2 the money reserved for it, 0 nobody."""
    books = city.money.books
    # A hair less will do: councils keep back just this sum, and the last digit of a balance depends on the summing.
    cost = city.config.city.finance.programme_cost - 1e-9
    return np.where(books.delegated >= cost, 1, np.where(books.reserved >= cost, 2, 0))


def hold_programmes(city: City) -> None:
    """Hold the programmes planned last week."""
    planned = city.programmes_planned & city.institutions.councils.convened
    if not planned.any():
        return
    cost, books, payer = city.config.city.finance.programme_cost, city.money.books, programme_payer(city)
    books.delegated[planned & (payer == 1)] -= cost
    by_municipality = planned & (payer == 2)
    books.reserved[by_municipality] -= cost
    books.central_balance -= cost * int(np.count_nonzero(by_municipality))
    held = np.flatnonzero(planned & (payer > 0))
    books.spent["programmes"] += cost * held.size
    came = city.residents.neighbourhood[city.last_week.came["programme"]]
    attendance = np.bincount(came, minlength=city.neighbourhoods)[held]
    city.log.totals["programmes_held"] += held.size
    city.log.totals["programme_attendance"] += int(attendance.sum()) / city.scale
    for b, people in zip(held.tolist(), attendance.tolist(), strict=True):
        city.log.record("programme_held", b, amount=people / city.scale)


def uncover_leaks(city: City) -> None:
    """Let leaks come to light, by the money each side spends there, likelier where books are audited and published."""
    capture, accountability, books = city.config.behaviour.capture, city.policy.accountability, city.money.books
    factor = capture.audit_discovery_factor ** (accountability.audit + accountability.publication)
    for whose, spending in (("council", books.council_spending), ("municipality", books.central_spending)):
        chance = discovery_probability(city.money.leak_rates[whose], capture.discovery_per_year, factor)
        lot = city.streams.uniform(f"leaks of {whose}", city.week, city.neighbourhoods)
        # Few lots fall below the chance that a side has which spends everything: only there is its share computed.
        for b in np.flatnonzero(lot < chance).tolist():
            spent, total = spending[b].sum(), books.council_spending[b].sum() + books.central_spending[b].sum()
            if total > 0.0 and lot[b] < chance * (spent / total):
                city.now.leaks_found.append((b, whose))
                city.log.totals["scandals"] += 1
                city.log.record("leak_found", b, detail=whose)


def set_aside_anew(city: City) -> None:
    """Let the policy's accountability bear on leaks, and free or add what works under way now need less or more."""
    projects = city.projects
    own = np.flatnonzero(~projects.delegated & (projects.status == ACTIVE))
    left = projects.price[own] * (1.0 - projects.progress[own])
    before = 1.0 - city.money.leak_rates["municipality"]
    city.money.refresh_accountability()
    freed = left / before - left / (1.0 - city.money.leak_rates["municipality"])
    city.money.books.reserved += np.bincount(projects.neighbourhood[own], freed, minlength=city.neighbourhoods)


def take_over_works(city: City) -> None:
    """Where councils no longer spend, the municipality takes over their works, with what is on their accounts.

    It pays usual prices for what is left of them, and residents contribute no more.
    """
    books, projects = city.money.books, city.projects
    own = np.flatnonzero(projects.delegated & (projects.status == ACTIVE))
    projects.price[own] = projects.cost[own]
    left = projects.price[own] * (1.0 - projects.progress[own]) / (1.0 - city.money.leak_rates["municipality"])
    books.central_balance += float(books.delegated.sum())
    books.reserved += books.delegated + books.arrears
    books.reserved -= np.bincount(projects.neighbourhood[own], left, minlength=city.neighbourhoods)
    books.delegated[:] = 0.0
    books.arrears[:] = 0.0
    projects.delegated[own] = False


def open_works_in_progress(city: City) -> None:
    """Start the city with the works that were under way, and the money set aside for them: it did not begin at week 0.

    As many as the budget keeps going at the municipality's pace, each done to a part drawn evenly. They were begun,
    and pledged to a date, before any policy of the run: per head, without its accountability, by the usual practice,
    so that all arms start alike.
    """
    finance, books, capture = city.config.city.finance, city.money.books, city.config.behaviour.capture
    spread, typical = city.config.behaviour.delivery.duration_spread, central_pace(city)
    duration, with_leak = np.exp(0.5 * spread**2) / typical, 1.0 - min(MOST_LEAK, capture.municipal_leak)
    usual = finance.works_budget_per_year / 52.0 * duration * with_leak
    expected = usual / finance.project_cost_mean * per_head(city.population)
    lot = city.streams.uniform("works in progress", 0, city.neighbourhoods)
    count = np.floor(expected + lot).astype(np.int64)
    rows = np.repeat(np.arange(city.neighbourhoods), count)
    city.money.central_works_begun += count
    everywhere = np.arange(city.neighbourhoods)
    price_next_central_works(city, everywhere)
    # Of what the next work costs, part has been set aside since the last one began.
    saved = city.streams.uniform("set aside", 0, everywhere) * city.money.next_central_cost / with_leak
    receive_at_start(city, float(saved.sum()))
    books.reserved += saved
    if not rows.size:
        return
    place = np.arange(rows.size) - np.repeat(np.cumsum(count) - count, count)
    number = central_number(rows, place)
    cost = project_costs(
        city.streams.normal("central cost", 0, number), finance.project_cost_mean, finance.project_cost_spread
    )
    # In proportion to need, not the most needed only: they were begun at different times.
    chance = np.cumsum(city.institutions.municipal_view()[rows], axis=1)
    category = (city.streams.uniform("central category", 0, number)[:, None] * chance[:, -1:] > chance).sum(axis=1)
    progress = city.streams.uniform("central progress", 0, number)
    pace = pace_of_those_under_way(project_pace(city, number), spread)
    # A work goes on from the week in which it begins: so many weeks it has had, week 0 among them.
    begun = 1 - np.rint(progress / (typical * pace)).astype(np.int64)
    pledged = begun + weeks_pledged(Policy().pledges.optimism, typical)
    city.projects.add(
        key=number,
        neighbourhood=rows,
        category=category,
        cost=cost,
        price=cost,
        by_council=False,
        captured=city.streams.uniform("central captured", 0, number) < capture.municipal_capture,
        from_before=True,
        pace=pace,
        start_week=-1,
        pledge_week=pledged,
        end_week=-1,
        progress=progress,
        late=pledged < 0,
        status=ACTIVE,
    )
    left = np.bincount(rows, cost * (1.0 - progress), minlength=city.neighbourhoods)
    receive_at_start(city, float(left.sum()) / with_leak)
    # What accountability already in force keeps from leaking is free for other works.
    books.reserved += left / with_leak - left / (1.0 - city.money.leak_rates["municipality"])


def receive_at_start(city: City, money: float) -> None:
    """Enter money that was there before week 0, in bn toman."""
    city.money.books.income["budget"] += money
    city.money.books.central_balance += money
