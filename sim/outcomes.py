"""The city's weekly row: what each outcome of `city.history` is, computed from the city and its sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.cells import GROUPS, Sums
from sim.indices import morans_i, theil, weighted_gini
from sim.kernels import sums as passes
from sim.phases.participation import age_of, may_vote
from sim.rules.knowledge import as_shares, need, need_match
from sim.seats import MAYOR

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CORE_ACTS_PER_YEAR = 6
"""From this many acts in a year a resident counts as core; with none as taking part never or rarely."""

HOURS_OF_ACTS = {"hearing": 2.0, "programme": 2.0, "volunteering": 4.0, "ballot": 0.5, "gathering": 2.0, "help": 4.0}
"""Hours of a resident's time that an act of each kind takes, with the way there [assumption]: a cost of taking part.

A signature or a contact with the municipality takes minutes, and is left out.
"""

NAN = float("nan")


class Running:
    """What outcomes need of earlier weeks.

    Attributes:
        speakers, heard, hearings, exits, exposed, contacts, answered: counts so far.
        young_speakers, young_heard: youths among the speakers, and among those heard, so far.
        pairs, pairs_across: volunteers who worked side by side, and those across generations among them, so far.
        helped: weeks of help so far in each neighbourhood, (M,).
        most_deprived: the most deprived quarter of neighbourhoods, at least one.
        youths, older: residents of either generation.
        hours: given so far by all agents together (`HOURS_OF_ACTS`).
        levels: shares of residents who in the last full year took part never or rarely, sometimes, or as core.
        borders: pairs of neighbourhoods that share one, (borders, 2).
    """

    def __init__(self, city: City) -> None:
        self.speakers = self.heard = self.hearings = self.exits = self.exposed = self.contacts = self.answered = 0
        self.young_speakers = self.young_heard = self.pairs = self.pairs_across = 0
        self.helped = np.zeros(city.neighbourhoods)
        order = np.argsort(-city.geography.deprivation, kind="stable")
        self.most_deprived = order[: max(1, city.neighbourhoods // 4)]
        self.youths, self.older = (_count(city.generation == code) for code in (1, 2))
        self.hours = 0.0
        self.levels = (1.0, 0.0, 0.0)
        self.borders = city.geography.borders
        self._acts_a_year_ago = np.zeros(len(city.residents), dtype=np.int32)

    def note(self, city: City) -> None:
        """Add this week."""
        now, acts = city.now, city.residents.acts
        self.speakers += now.speakers.size
        self.heard += int(now.heard.sum())
        self.hearings += now.hearings
        young = city.generation[now.speakers] == 1
        self.young_speakers += _count(young)
        self.young_heard += _count(young & now.heard)
        self.pairs += now.pairs
        self.pairs_across += now.pairs_across
        np.add.at(self.helped, city.residents.neighbourhood[now.helpers], 1.0)
        self.exits += now.exits.size
        self.exposed += now.exposed.size
        self.contacts += now.contacts.size
        self.answered += int(now.answered.sum())
        self.hours += sum(HOURS_OF_ACTS[kind] * rows.size for kind, rows in now.came.items())
        self.hours += HOURS_OF_ACTS["help"] * now.helpers.size
        if city.week and city.week % 52 == 0:
            year = acts - self._acts_a_year_ago
            core, rarely = float((year >= CORE_ACTS_PER_YEAR).mean()), float((year == 0).mean())
            self.levels = (rarely, 1.0 - rarely - core, core)
            self._acts_a_year_ago = acts.copy()


def city_row(city: City, sums: Sums, running: Running, phase: Integers, works: dict[str, Integers]) -> dict[str, float]:
    """All outcomes of the week, in the order of the columns of `city.history`.

    Args:
        phase: of neighbourhoods, (M,); works: `Projects.counts`.
    """
    row: dict[str, float] = {"week": city.week, "phase": _phase(city, phase)}
    row |= _trust_and_feelings(city, sums, running)
    row |= _participation(city, sums, running)
    row |= _councils(city)
    row |= _projects(city, works)
    row |= _choice(city, running)
    row |= _services(city)
    row |= _learning(city, sums)
    row |= _social_capital(city, running)
    row |= _generation_gap(city, sums, running)
    row |= _money(city)
    return row | _who_came(city, row)


def _trust_and_feelings(city: City, sums: Sums, running: Running) -> dict[str, float]:
    residents, n = city.residents, len(city.residents)
    row: dict[str, float] = {}
    spreads = {}
    for name in ("trust_in_municipality", "trust_in_council", "trust_in_people"):
        mean = row[name] = sums.city[name] / n
        squares, *_ = spreads[name] = passes.spread(residents[name], 1.0 / 3.0, 2.0 / 3.0)
        row[f"{name}_sd"] = math.sqrt(max(0.0, squares / n - mean * mean))
    _, low, high = spreads["trust_in_municipality"]
    row["trust_polarisation"] = 4.0 * (low / n) * (high / n)
    means = sums.neighbourhood["trust_in_municipality"] / city.agents_per_neighbourhood
    row["trust_morans_i"] = morans_i(means, running.borders)
    row |= {name: sums.city[name] / n for name in ("expectation", "performance", "belonging", "hope", "fatigue")}
    row["below_floor_share"] = sums.city["below_floor"] / n
    row |= {"national_mood": city.national_mood, "national_mood_size": abs(city.national_mood)}
    row["disposition_moved"] = city.disposition_moved
    return row


def _participation(city: City, sums: Sums, running: Running) -> dict[str, float]:
    n, now, scale = len(city.residents), city.now, city.scale
    return {
        "participation_rate": sums.city["participating"] / n,
        "ever_participated_rate": sums.city["ever"] / n,
        "habit": sums.city["habit"] / n,
        "never_or_rarely_share": running.levels[0],
        "sometimes_share": running.levels[1],
        "core_share": running.levels[2],
        "hub_visits": now.hub_visits / scale,
        "informed": now.informed.size / scale,
        "asked": now.asked.size / scale,
        "listed": _count(city.residents.listed.view(np.bool_)) / scale,
        "attended": sums.city["attended"] / scale,
        "volunteers": now.came["volunteering"].size / scale,
        "gatherings_attended": now.came["gathering"].size / scale,
        "helpers": now.helpers.size / scale,
        "petitioners": now.petitioners.size / scale,
        "organised": city.member_rows.size / scale,
        "exits": running.exits / scale,
        "exit_rate_per_year": 52.0 * running.exits / running.exposed if running.exposed else NAN,
        "contacts": now.contacts.size / scale,
        "contacts_answered_share": running.answered / running.contacts if running.contacts else NAN,
        "news_heard": now.news_heard / scale,
        "hours_given_per_head": running.hours / n,
    }


def _councils(city: City) -> dict[str, float]:
    councils, mayors, seats = city.councils, city.mayors, city.seats
    convened, in_office = councils.convened, mayors.in_office
    members = councils.members[convened]
    people, councillors = int(members.sum()), bool(convened.any())

    def over_members(values: Floats) -> float:
        return float((values[convened] * members).sum() / people) if people else NAN

    return {
        "councils": _count(convened),
        "council_members": people,
        "neighbourhood_mayors": _count(seats.filled & (seats.role == MAYOR)),
        "mayor_skill": _mean(mayors.skill[in_office]) if in_office.any() else NAN,
        "mayor_women_share": _mean(mayors.woman[in_office]) if in_office.any() else NAN,
        "council_women_share": over_members(councils.women_share),
        "council_youth_share": over_members(councils.youth_share),
        "council_resources": _mean(councils.resources[convened]) if councillors else NAN,
        "council_attendance": _mean(councils.attendance[convened]) if councillors else NAN,
        "seats_filled": city.totals["seats_filled"],
    }


def _projects(city: City, works: dict[str, Integers]) -> dict[str, float]:
    count, costs = {name: int(by_neighbourhood.sum()) for name, by_neighbourhood in works.items()}, city.projects.cost
    return {
        "construction_projects_pledged": count["pledged"],
        "construction_projects_finished": count["finished"],
        "construction_projects_late": count["late"],
        "construction_projects_failed": count["failed"],
        "council_projects_pledged": count["by_council"],
        "council_projects_finished": count["finished_by_council"],
        "central_projects_finished": count["finished"] - count["finished_by_council"],
        "projects_active": count["active"],
        "captured_projects": count["captured"],
        "project_cost_sd": float(np.log(costs).std()) if costs.size > 1 else NAN,
        "programmes_held": city.totals["programmes_held"],
        "programme_attendance": city.totals["programme_attendance"],
    }


def _choice(city: City, running: Running) -> dict[str, float]:
    now, totals = city.now, city.totals
    voters, proposed, candidates = now.came["ballot"], totals["projects_proposed"], totals["candidates"]
    turnout, ratio = _turnout(city)
    concentration = now.proposal_concentration
    return {
        "hearings": float(running.hearings),
        "speakers": running.speakers / city.scale,
        "voice_heard_share": running.heard / running.speakers if running.speakers else NAN,
        "rounds": totals["rounds"],
        "rounds_disputed": totals["rounds_disputed"],
        "projects_proposed": proposed,
        "projects_chosen": totals["projects_chosen"],
        "projects_vetoed": totals["projects_vetoed"],
        "funded_share": totals["projects_chosen"] / proposed if proposed else NAN,
        "proposal_concentration": sum(concentration) / len(concentration) if concentration else NAN,
        "turnout": turnout,
        "voters_women_share": _share(city.residents.sex[voters] == 1),
        "turnout_18_25_ratio": ratio,
        "candidates": candidates,
        "candidates_women_share": totals["candidates_women"] / candidates if candidates else NAN,
        "vote_gini": sum(gini for gini, _ in now.ballots) / len(now.ballots) if now.ballots else NAN,
        "voters_without_winner_share": sum(lost for _, lost in now.ballots) / len(now.ballots) if now.ballots else NAN,
    }


def _services(city: City) -> dict[str, float]:
    level, people, books = city.services.mean(axis=1), city.population, city.books
    needed = need(city.mean_need_weights, city.services) * people[:, None]
    convened = city.councils.convened
    council = np.where(convened[:, None], needed, 0.0)
    match = NAN
    if convened.any():
        match = 1.0 - 0.5 * float(np.abs(city.councils.agenda - as_shares(needed)).sum(axis=1)[convened].mean())
    return {
        "agenda_need_match": match,
        "service_level": float((level * people).sum() / people.sum()),
        "service_built_by_councils": float((city.built_by_councils.mean(axis=1) * people).sum() / people.sum()),
        "service_gini": weighted_gini(level, people),
        "service_theil": theil(level, people),
        "spending_need_match": need_match(books.council_spending + books.central_spending, needed),
        "council_need_match": need_match(books.council_spending, council),
        "central_need_match": need_match(books.central_spending, needed),
    }


def _learning(city: City, sums: Sums) -> dict[str, float]:
    threshold = city.config.behaviour.learning.talent_threshold
    of_youths, talented, youths = passes.skill_of_youths(city.first_of_peers, city.residents.civic_skill, threshold)
    adults = len(city.residents) - youths
    return {
        "youth_skill": of_youths / youths if youths else NAN,
        "adult_skill": (sums.city["civic_skill"] - of_youths) / adults if adults else NAN,
        "talent_pool": talented / city.scale,
    }


def _social_capital(city: City, running: Running) -> dict[str, float]:
    """Ties that bond and ties that bridge, and help, which stays in its neighbourhood: given there, received there."""
    deprived = running.most_deprived
    people = city.agents_per_neighbourhood[deprived].sum()
    return {
        "bonding_ties": city.ties.bonding_count / city.scale,
        "bridging_ties": city.ties.bridging_count / city.scale,
        "help_per_head": float(running.helped.sum()) / len(city.residents),
        "help_per_head_most_deprived": float(running.helped[deprived].sum() / people),
    }


_YOUTH, _ADULT, _ELDER = (GROUPS.index(("cohort", name)) for name in ("youth", "adult", "elder"))


def _generation_gap(city: City, sums: Sums, running: Running) -> dict[str, float]:
    """Youths (born 1380 or later) beside older adults (before 1370): trust, voice, ties and joint work."""
    trust, share = sums.group["trust_in_municipality"], running.youths / len(city.residents)
    gap = NAN
    if running.youths and running.older:
        gap = float(trust[_YOUTH] / running.youths - (trust[_ADULT] + trust[_ELDER]) / running.older)
    return {
        "trust_gap_of_youths": gap,
        "youth_speakers_ratio": _over(running.young_speakers, running.speakers * share),
        "youth_heard_ratio": _over(running.young_heard, running.heard * share),
        "ties_across_generations": _over(city.ties.across_count, city.ties.count),
        "joint_work_across_generations": _over(running.pairs_across, running.pairs),
    }


def _money(city: City) -> dict[str, float]:
    books = city.books
    return {
        "money_received": books.received,
        "money_spent": books.total_spent,
        "money_leaked": books.total_leaked,
        "money_balance": books.balance,
        "money_delegated_paid": books.delegated_paid,
        "money_on_programmes": books.spent["programmes"],
        "money_on_support": books.spent["support"],
        "money_contributed": books.income["contributions"],
        "money_saved_on_prices": books.saved_on_prices,
        "money_from_revenue": books.income["revenue"],
        "scandals": city.totals["scandals"],
    }


def _who_came(city: City, row: dict[str, float]) -> dict[str, float]:
    """How those who took part with others differ from the city in means, trust and belonging; nan if nobody did."""
    acted, residents = city.now.acted, city.residents
    if not acted.size:
        return dict.fromkeys(("participants_resources", "participants_trust", "participants_belonging"), NAN)
    trust = _mean(residents.trust_in_municipality[acted])
    return {
        "participants_resources": _mean(residents.resources[acted]) - city.start["resources"],
        "participants_trust": trust - row["trust_in_municipality"],
        "participants_belonging": _mean(residents.belonging[acted]) - row["belonging"],
    }


def neighbourhood_phase(city: City, works: dict[str, Integers]) -> Integers:
    """Phase of each neighbourhood: 1 identified, 2 with a council, 3 with a mayor, 4 with works of its own.

    Where the policy has no mayors, or councils begin works before they have one, as they did in the reported case, a
    neighbourhood counts as in phase 4 only once it has passed the phases before.
    """
    mayor = city.mayors.in_office | (city.policy.mayor.kind == "none")
    carried_out = works["by_council"] > 0
    convened = city.councils.convened
    return np.asarray(1 + convened + (convened & mayor) + (convened & mayor & carried_out), dtype=np.int64)


def _phase(city: City, phase: Integers) -> int:
    """Phase that at least half of the neighbourhoods have reached; 0 before the first week."""
    return 0 if city.week == 0 else int(np.sort(phase)[(phase.size - 1) // 2])


def _count(flags: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(flags))


def _mean(values: NDArray[Any]) -> float:
    """Mean of some values, at least one: for few of them in half of the time of `np.mean`."""
    return float(values.sum() / values.size)


def _over(part: float, whole: float) -> float:
    return float(part / whole) if whole else NAN


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if flags.size else NAN


def _turnout(city: City) -> tuple[float, float]:
    """Voters as a share of those entitled where there is a vote this week; the same of those aged 18 to 25, over it.

    Both are nan where nobody can vote, the second where nobody does.
    """
    if not city.now.voting.any():
        return NAN, NAN
    rows = city.rows_of(np.flatnonzero(city.now.voting))
    rows, voters = rows[may_vote(city, rows)], city.now.came["ballot"]
    if not rows.size:
        return NAN, NAN
    young, young_voters = (_count(_is_18_to_25(city, people)) for people in (rows, voters))
    turnout = voters.size / rows.size
    return turnout, young_voters / young / turnout if young and voters.size else NAN


def _is_18_to_25(city: City, rows: Integers) -> NDArray[np.bool_]:
    age = age_of(city, rows)
    return np.asarray((age >= 18) & (age <= 25))
