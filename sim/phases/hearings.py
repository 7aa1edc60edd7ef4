"""Phase 4. Hearings and councils: needs are voiced, projects proposed, chosen under the budget, pledged to a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.council import Council, Proposals
from sim.phase import phase
from sim.phases.delivery import announce, expected_duration, project_pace
from sim.projects import ACTIVE, PROMISED
from sim.rules.choice import CHOICES, Choice, Elects
from sim.rules.knowledge import as_shares, need
from sim.rules.returns import price
from sim.rules.voting import approvals_from_utilities, equal_shares, gini, greedy, share_without_winner
from sim.seats import MAYOR
from sim.tally import Rule

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@phase(
    reads=(
        "residents: need_weights, neighbourhood, role; institutions: assistance, attender_needs, host_engagement, "
        "hubs, mayors, member_rows, seats, teams_deployed; last_week; money: accountability_left, allocation, "
        "books, leak_rates, sharing_in_revenue; policy; services; services_history; visits_planned; "
        "volunteers_per_thousand"
    ),
    writes="institutions: councils, view_of_year; log: events, totals; now; projects",
)
def hold_hearings(city: City) -> None:
    """Hold the hearings of the week and the mayor's visits, then the rounds of choice that are due."""
    came = city.last_week.came["hearing"]
    # Where the council was dissolved meanwhile, those who meant to come find nobody to speak to.
    of_council = city.institutions.hearing_in(city.week)
    held = of_council | city.visits_planned
    came = came[held[city.residents.neighbourhood[came]]]
    speaks = city.luck.uniform("speaking", city.week, came) < city.config.behaviour.knowledge.speaking_probability
    speakers = came[speaks]
    b = city.residents.neighbourhood[speakers]
    topic = (city.residents.need_weights[speakers] * (1.0 - city.services[b])).argmax(axis=1)
    meeting = np.flatnonzero(of_council)
    if meeting.size:
        hear_needs(city, meeting, b, topic)
    if speakers.size:
        note_who_was_heard(city, speakers, topic, of_council[b])
    councils = city.institutions.councils
    for due in np.flatnonzero(councils.convened & (councils.next_round_week == city.week)):
        hold_round(city, city.institutions.council_agents[due])


def hear_needs(city: City, meeting: Integers, b: Integers, topic: Integers) -> None:
    """Renew the agendas from members, those at the hub and those who speak on a topic.

    The agenda tends to the needs voiced: a ← m a + (1 - m) · shares of [w_m members + w_a attenders + w_s speakers].
    """
    knowledge, councils = city.config.behaviour.knowledge, city.institutions.councils
    services = city.services[meeting]
    spoken = np.bincount(b * 6 + topic, minlength=6 * city.neighbourhoods).reshape(-1, 6)[meeting].astype(np.float64)
    voices = [need(councils.member_needs[meeting], services), spoken]
    if city.institutions.hubs:
        voices.append(need(city.institutions.attender_needs[meeting], services))
    of_members, of_speakers, *of_attenders = as_shares(np.stack(voices))
    voiced = knowledge.member_voice * of_members
    for shares in of_attenders:
        voiced = voiced + knowledge.attender_voice * shares
    voiced = voiced + knowledge.speaker_voice * of_speakers * spoken.any(axis=1, keepdims=True)
    # Where nobody's voice has any weight, the members' own needs are all there is.
    silent = voiced.sum(axis=1, keepdims=True) <= 0.0
    voiced = np.where(silent, of_members, voiced)
    number = meeting[:, None] * 6 + np.arange(6)
    error = np.exp(knowledge.council_error * city.streams.normal("council view", city.week, number))
    memory = knowledge.agenda_memory
    councils.agenda[meeting] = memory * councils.agenda[meeting] + (1.0 - memory) * as_shares(voiced * error)
    city.now.hearings = meeting.size


def note_who_was_heard(city: City, speakers: Integers, topic: Integers, at_council: Flags) -> None:
    """Note whose need stands on the agenda: the council's at its hearing, the municipality's own at a visit."""
    now, b = city.now, city.residents.neighbourhood[speakers]
    now.speakers, now.at_council = speakers, at_council
    agenda = np.where(at_council[:, None], city.institutions.councils.agenda[b], city.institutions.municipal_view()[b])
    place = (-agenda).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    now.heard = place[np.arange(speakers.size), topic] < city.config.behaviour.knowledge.agenda_places


def hold_round(city: City, council: Council) -> None:
    """Propose, choose and pledge; where councils are only consulted, the municipality promises the first choice."""
    b, councils, choice = council.row, city.institutions.councils, city.config.behaviour.choice
    proposals = council.propose()
    councils.rounds[b] += 1
    councils.next_round_week[b] = city.week + choice.round_interval_weeks
    city.log.totals["rounds"] += 1
    city.log.totals["projects_proposed"] += len(proposals)
    counts = np.bincount(proposals.category, minlength=6)
    city.now.proposal_concentration.append(float(counts.max()) / len(proposals))
    held_up_until = dispute(city, b)
    if city.policy.authority.mode == "delegated":
        chosen = choose(city, council, proposals, city.money.worth_of_credit(b))
        city.log.totals["projects_chosen"] += int(chosen.sum())
        pledge(city, b, proposals, np.flatnonzero(chosen), held_up_until)
    else:
        promise(city, b, proposals, first_choice(city, council, proposals), held_up_until)


def dispute(city: City, b: int) -> int:
    """Let the round be disputed or not; returns the week in which works chosen in it can begin, 0 without a dispute.

    Those who take part in a disputed choice remember it.
    """
    returns = city.config.behaviour.returns
    if city.streams.uniform("dispute", city.week, np.array([b]))[0] >= returns.dispute_probability:
        return 0
    city.now.disputed.append((b, choosers(city, b)))
    city.log.totals["rounds_disputed"] += 1
    city.log.record("round_disputed", b)
    return city.week + returns.dispute_delay_weeks


def choosers(city: City, b: int) -> Integers:
    """Rows of those who take part in a round: members of the council, who comes to its hearing this week, who votes."""
    residents, came = city.residents, city.last_week.came
    groups = [city.institutions.member_rows[residents.role[city.institutions.member_rows] != MAYOR]]
    if city.institutions.hearing_in(city.week)[b]:
        groups.append(came["hearing"])
    if city.way_of_choosing.by_ballot:
        groups.append(came["ballot"])
    return city.rows.distinct(*(rows[residents.neighbourhood[rows] == b] for rows in groups))


def choose(city: City, council: Council, proposals: Proposals, budget: float) -> Flags:
    """Choose proposals under the budget by the policy's rule, then apply vetoes; (P,).

    Every rule gives each proposal a score, and the best are taken as long as each fits; Equal Shares alone counts
    ballots in its own way.
    """
    way = city.way_of_choosing
    approvals, scores = support(city, council, proposals)
    if proposals.election is not None:
        chosen = choose_as_the_file(city, council, proposals, budget)
    elif approvals is not None and way.elects is not None:
        chosen = elected_by(way.elects, proposals.cost, approvals, budget)
    elif approvals is not None and way.counted == "equal_shares":
        chosen = shared_equally(proposals.cost, approvals, budget)
    elif scores is not None:
        chosen = greedy(proposals.cost, scores, budget)
    else:
        chosen = np.zeros(len(proposals), dtype=bool)
    if approvals is not None and way.by_ballot:
        city.now.ballots.append(
            (gini(approvals.sum(axis=0).astype(np.float64)), share_without_winner(approvals, chosen))
        )
    elif proposals.election is not None:  # a file with totals only: whose votes they are is not known
        city.now.ballots.append((gini(proposals.election.election.totals.astype(np.float64)), np.nan))
    return chosen & ~struck_by_veto(city, council, proposals, chosen)


def choose_as_the_file(city: City, council: Council, proposals: Proposals, budget: float) -> Flags:
    """Winners of a real election, counted by the policy's rule; none where the council has no money; (P,).

    Costs and budget are scaled alike, so the file's own money decides, and what wins fits the council's budget.
    """
    election = proposals.election
    assert election is not None
    rule: Rule = city.way_of_choosing.counted
    chosen = election.winners(rule) if budget > 0.0 else np.zeros(len(proposals), dtype=bool)
    b = council.row
    amount = float(proposals.cost[chosen].sum())
    city.log.record("election_counted", b, amount=amount, detail=f"{election.name}; {rule}")
    for project in np.flatnonzero(chosen):
        category, cost = int(proposals.category[project]), float(proposals.cost[project])
        city.log.record("election_won", b, category=category, amount=cost, detail=election.label(int(project)))
    return chosen


def elected_by(elects: Elects, cost: Floats, approvals: Flags, budget: float) -> Flags:
    """Winners by a user-defined rule, (P,); costs (P,) and budget in bn toman, approvals (voters, P).

    Raises:
        ValueError: it gives something else than winners that fit the budget.
    """
    chosen = np.asarray(elects(cost, approvals, budget))
    if chosen.shape != cost.shape or chosen.dtype != np.bool_:
        raise ValueError(f"a ballot rule must give {cost.size} flags, not {chosen.dtype} of shape {chosen.shape}")
    if cost[chosen].sum() > budget * (1.0 + 1e-9):
        raise ValueError(f"a ballot rule spends {cost[chosen].sum():g} bn toman of {budget:g}")
    return chosen


def shared_equally(cost: Floats, approvals: Flags, budget: float) -> Flags:
    """Winners by Equal Shares, (P,): costs (P,) and budget in bn toman, approvals (voters, P)."""
    # In whole thousand toman: a unit small beside each voter's share, counted exactly.
    return equal_shares(np.rint(cost * 1e6), approvals, np.floor(budget * 1e6), completion="add1")


def first_choice(city: City, council: Council, proposals: Proposals) -> Integers:
    """Number of the proposal with the highest score, the cheaper of equals, unless it is vetoed; (1,) or (0,)."""
    _, scores = support(city, council, proposals)
    if scores is None or not np.isfinite(scores).any():
        return np.zeros(0, dtype=np.int64)
    best = np.zeros(len(proposals), dtype=bool)
    best[np.lexsort((proposals.cost, -scores))[0]] = True
    return np.flatnonzero(best & ~struck_by_veto(city, council, proposals, best))


def support(city: City, council: Council, proposals: Proposals) -> tuple[Flags | None, Floats | None]:
    """Approvals by each who has a say, (voters, P), and the score of each proposal, (P,); None where nobody votes."""
    way = city.way_of_choosing
    if proposals.election is not None:
        return proposals.election.support()
    if way.votes is None:
        return None, way.ranks(city, council, proposals) if way.ranks else None
    approvals = way.votes(city, council, proposals)
    return (approvals, approvals.sum(axis=0).astype(np.float64)) if approvals.size else (None, None)


def ballots(city: City, council: Council, proposals: Proposals) -> Flags:
    """Ballots of those who came to vote last week: proposals that meet their needs, seen with noise; (voters, P)."""
    residents, choice = city.residents, city.config.behaviour.choice
    rows = city.last_week.came["ballot"]
    rows = rows[residents.neighbourhood[rows] == council.row]
    if not rows.size:
        return np.zeros((0, len(proposals)), dtype=bool)
    utility = residents.need_weights[rows] * (1.0 - city.services[council.row])
    noise = np.column_stack([city.luck.normal(f"ballot {place}", city.week, rows) for place in range(len(proposals))])
    seen = utility[:, proposals.category] + choice.ballot_noise * utility.std() * noise
    return approvals_from_utilities(seen, choice.approvals_per_ballot)


def votes_of_members(city: City, council: Council, proposals: Proposals) -> Flags:
    """Approvals by the deciding members, (members, P)."""
    return council.member_approvals(proposals)


def ranking_by_lot(city: City, council: Council, proposals: Proposals) -> Floats:
    """Scores drawn, (P,)."""
    return city.streams.uniform("lottery", city.week, council.row * 1_000 + np.arange(len(proposals)))


def ranking_by_agenda(city: City, council: Council, proposals: Proposals) -> Floats:
    """Need as the council's agenda has it, (P,): a work closes a gap in proportion to its cost, so per toman too."""
    return np.asarray(council.agenda[proposals.category])


def ranking_by_municipality(city: City, council: Council, proposals: Proposals) -> Floats:
    """Need as the municipality sees it, (P,)."""
    return np.asarray(city.institutions.municipal_view()[council.row][proposals.category])


CHOICES.bind("needs_formula")(Choice(ranks=ranking_by_agenda))
CHOICES.bind("council_majority")(Choice(votes=votes_of_members))
CHOICES.bind("facilitator_veto")(Choice(votes=votes_of_members, facilitator_may_strike=True))
CHOICES.bind("ballot_greedy")(Choice(votes=ballots, by_ballot=True))
CHOICES.bind("ballot_equal_shares")(Choice(votes=ballots, by_ballot=True, counted="equal_shares"))
CHOICES.bind("lottery")(Choice(ranks=ranking_by_lot))
CHOICES.bind("municipality_picks")(Choice(ranks=ranking_by_municipality))


def struck_by_veto(city: City, council: Council, proposals: Proposals, chosen: Flags) -> Flags:
    """Which chosen projects a veto strikes: likelier the lower their category stands in the holder's own view.

    A facilitator sees the needs of those who come to the hub; without a hub nobody holds this veto.
    """
    b, nothing = council.row, np.zeros(len(proposals), dtype=bool)
    way = city.way_of_choosing
    veto = "facilitator" if way.facilitator_may_strike else city.policy.authority.veto
    if veto == "none" or (veto == "facilitator" and not city.institutions.hubs):
        return nothing
    institutions = city.institutions
    of_attenders = veto == "facilitator"
    view = need(institutions.attender_needs, city.services)[b] if of_attenders else institutions.municipal_view()[b]
    place = np.argsort(np.argsort(-view, kind="stable"), kind="stable")[proposals.category] / 5.0
    lot = city.streams.uniform("veto", city.week, b * 1_000 + np.arange(len(proposals)))
    struck = chosen & (lot < city.config.behaviour.choice.veto_strictness * place)
    for number in np.flatnonzero(struck):
        city.log.record(
            "project_vetoed",
            b,
            category=int(proposals.category[number]),
            amount=float(proposals.cost[number]),
            detail=veto,
        )
    city.log.totals["projects_vetoed"] += int(struck.sum())
    return struck


def pledge(city: City, b: int, proposals: Proposals, chosen: Integers, held_up_until: int) -> None:
    """Start the chosen projects and pledge each to a date, which a dispute does not move."""
    if not chosen.size:
        return
    cost, delegated = proposals.cost[chosen], np.ones(chosen.size, dtype=bool)
    numbers = city.projects.add(
        neighbourhood=b,
        key=proposals.number[chosen],
        category=proposals.category[chosen],
        cost=cost,
        price=price(cost, delegated, city.config.behaviour.returns.price_reduction),
        by_council=True,
        delegated=delegated,
        captured=proposals.captured[chosen],
        pace=project_pace(city, proposals.number[chosen]),
        start_week=city.week,
        pledge_week=pledge_week(city, b),
        held_up_until=held_up_until,
        end_week=-1,
        status=ACTIVE,
    )
    announce(city, numbers)


def promise(city: City, b: int, proposals: Proposals, first: Integers, held_up_until: int) -> None:
    """A consulted council's first choice is promised; whether it is carried out is for the municipality to keep."""
    if not first.size:
        return
    numbers = city.projects.add(
        neighbourhood=b,
        key=proposals.number[first],
        category=proposals.category[first],
        cost=proposals.cost[first],
        price=proposals.cost[first],
        by_council=True,
        captured=proposals.captured[first],
        pace=project_pace(city, proposals.number[first]),
        start_week=-1,
        pledge_week=pledge_week(city, b),
        held_up_until=held_up_until,
        end_week=-1,
        status=PROMISED,
    )
    city.log.totals["projects_chosen"] += 1
    announce(city, numbers)


def pledge_week(city: City, b: int) -> int:
    """Week promised for projects begun now: the duration expected there, shortened by optimism; at least the next."""
    expected = float(expected_duration(city)[b])
    return city.week + max(1, round(expected * (1.0 - city.policy.pledges.optimism)))
