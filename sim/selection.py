"""Fill seats with residents: candidates are drawn by lot, judged by the selector, or voted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import seats as passes
from sim.rules.selection import gumbel, mayor_score, member_score, most_candidates, plurality, standardised
from sim.seats import ANY, MAYOR

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST_CANDIDATES = 64  # room for candidates in the numbering of draws


def fill_seats(city: City, seats: Integers, *, voters: bool) -> None:
    """Fill council seats; with `voters`, elected seats go by last week's vote, else everybody is co-opted by score.

    The caller brings the make-up of councils up to date (`Institutions.refresh_members`).
    """
    number, candidates = _considered(city, seats)
    scores = _leanings(city, seats, candidates)
    scores = scores + city.config.behaviour.selection.luck * gumbel(_judgement(city, number))
    city.log.totals["seats_filled"] += _seat_the_best(city, seats, candidates, scores)
    if voters:
        elected = city.institutions.seats.selection[seats] == "elected"
        _elect_members(city, seats[elected], candidates[elected], scores[elected])


def fill_mayors(city: City, seats: Integers, *, voters: bool) -> Integers:
    """Fill mayors' seats; returns the neighbourhoods where anybody could be chosen.

    An office carries the mean skill of its holders: newcomers bring theirs, who stays keeps what was learnt.
    """
    institutions = city.institutions
    mayors, residents = institutions.mayors, city.residents
    number, candidates = _considered(city, seats)
    scores = _mayor_scores(city, candidates)
    scores = scores + city.config.behaviour.selection.luck * gumbel(_judgement(city, number))
    if voters:
        candidates = _those_who_stand(city, seats, candidates, scores)
        scores = np.where(candidates >= 0, scores, -np.inf)
        scores = scores + _votes_as_scores(city, candidates, institutions.seats.neighbourhood[seats])
    city.log.totals["seats_filled"] += _seat_the_best(city, seats, candidates, scores)
    chosen = institutions.seats.donor[seats]
    filled = np.unique(institutions.seats.neighbourhood[seats[chosen >= 0]])
    for b in filled:
        new = chosen[(institutions.seats.neighbourhood[seats] == b) & (chosen >= 0)]
        skill, stay = float(residents.civic_skill[new].mean()), 0.0
        if mayors.in_office[b]:
            stay = 1.0 - new.size / city.policy.mayor.seats
        mayors.skill[b] = stay * mayors.skill[b] + (1.0 - stay) * skill
        mayors.skill_at_start[b] = stay * mayors.skill_at_start[b] + (1.0 - stay) * skill
        mayors.in_office[b] = True
        mayors.youth[b] = residents.cohort[new[0]] == 0
        mayors.woman[b] = residents.sex[new[0]] == 1
        mayors.donor[b] = new[0]
    return filled


def _considered(city: City, seats: Integers) -> tuple[Integers, Integers]:
    """Who is considered for each seat, -1 where there is nobody, and numbers of their draws, (seats, candidates) each.

    For an elected seat that is open to all women stand less often than men, and draws go on until enough do.
    """
    selection = city.config.behaviour.selection
    number = _numbers(city, seats, selection.candidates_per_seat)
    candidates = _candidates(city, seats, number)
    standing = (city.institutions.seats.selection[seats] == "elected") & (city.institutions.seats.sex[seats] < 0)
    if standing.any():
        drawn_for = _numbers(city, seats[standing], _MOST_CANDIDATES)
        drawn = _candidates(city, seats[standing], drawn_for)
        stands = city.streams.uniform("nomination", city.week, drawn_for) < selection.women_nomination_ratio
        stands = (stands | (city.residents.sex[drawn] == 0)) & (drawn >= 0)
        first = np.argsort(~stands, axis=1, kind="stable")[:, : selection.candidates_per_seat]
        number[standing] = np.take_along_axis(drawn_for, first, axis=1)
        candidates[standing] = np.take_along_axis(np.where(stands, drawn, -1), first, axis=1)
    return number, candidates


def _numbers(city: City, seats: Integers, count: int) -> Integers:
    """Numbers of the draws for each candidate of each seat, (seats, count)."""
    return np.asarray(city.institutions.seats.key[seats][:, None] * _MOST_CANDIDATES + np.arange(count))


def _candidates(city: City, seats: Integers, number: Integers) -> Integers:
    """Candidates drawn by lot from those each seat is open to, (seats, candidates); -1 where there is nobody."""
    table, uniform = city.institutions.seats, city.streams.uniform("candidates", city.week, number)
    neighbourhood, sex, generation = (
        column[seats][:, None] for column in (table.neighbourhood, table.sex, table.generation)
    )
    return city.rows.pools.draw(neighbourhood, sex, generation, city.policy.council.standing_for_migrants, uniform)


def _judgement(city: City, number: Integers) -> Floats:
    return city.streams.uniform("judgement", city.week, number)


def _traits(city: City, rows: Integers) -> dict[str, Floats]:
    """Traits of candidates in standard deviations of the city at the start."""
    return {
        name: standardised(city.residents[column][rows], *city.trait_scale[column])
        for name, column in (
            ("attendance", "attendance_propensity"),
            ("resources", "resources"),
            ("skill", "civic_skill"),
            ("propensity", "propensity"),
            ("trust", "trust_in_municipality"),
        )
    }


def _leanings(city: City, seats: Integers, candidates: Integers) -> Floats:
    """Leaning of each seat's selector to each of its candidates, (seats, candidates)."""
    selection, kept_for_women = city.institutions.seats.selection[seats], city.institutions.seats.sex[seats] == 1
    methods = sorted(set(selection.tolist()))
    if len(methods) == 1:  # as a rule, and then there is nothing to put together
        return _member_scores(city, methods[0], candidates, kept_for_women)
    scores = np.empty(candidates.shape)
    for method in methods:
        of_method = selection == method
        scores[of_method] = _member_scores(city, method, candidates[of_method], kept_for_women[of_method])
    return scores


def _member_scores(city: City, method: str, candidates: Integers, kept_for_women: NDArray[np.bool_]) -> Floats:
    barred = (city.residents.sex[candidates] == 1) & ~kept_for_women[:, None]
    score = member_score(
        method, city.config.behaviour.selection, **_traits(city, candidates), barred=barred.astype(np.float64)
    )
    return np.where(candidates >= 0, score, -np.inf)


def _mayor_scores(city: City, candidates: Integers) -> Floats:
    """Scores of candidates for mayor; where the talent pool reaches into a neighbourhood, only its members count."""
    traits = _traits(city, candidates)
    score = mayor_score(
        city.policy.mayor.selection,
        city.config.behaviour.selection,
        attendance=traits["attendance"],
        resources=traits["resources"],
        skill=traits["skill"],
        standing_out=traits["propensity"],
    )
    if city.policy.mayor.kind == "youth":
        talent = city.residents.civic_skill[candidates] >= city.config.behaviour.learning.talent_threshold
        talent &= candidates >= 0
        outside = ~talent & (candidates >= 0) & talent.any(axis=1, keepdims=True)
        score = np.where(outside, score - 1e6, score)
    return np.where(candidates >= 0, score, -np.inf)


def _seat_the_best(city: City, seats: Integers, candidates: Integers, scores: Floats) -> int:
    """Give each seat to its best candidate, to nobody twice, and return how many were taken.

    At a scale below 1 an agent stands for 1 / scale residents and may lend its traits to as many seats, but holds one
    itself at most.
    """
    table, most = city.institutions.seats, max(1, round(1.0 / city.config.run.scale))
    return passes.seat_the_best(seats, candidates, scores, table.donor, table.in_sample, len(table.plan), most)


def _elect_members(city: City, seats: Integers, candidates: Integers, scores: Floats) -> None:
    """Let each neighbourhood's voters choose among those who stand: single vote, plurality, by kind of seat.

    Of those considered for each seat the half that leans most to standing stands, or fewer where nominations are
    rare. Nobody wins more seats than one (below scale 1: than the residents he or she stands for).
    """
    table, most = city.institutions.seats, max(1, round(1.0 / city.config.run.scale))
    table.donor[seats] = -1
    kind = (
        table.neighbourhood[seats] * 1_000
        + table.role[seats] * 100
        + (table.sex[seats] + 1) * 10
        + table.generation[seats]
    )
    nominees = _those_who_stand(city, seats, candidates, scores)
    for group in np.unique(kind):
        alike = kind == group
        b = int(table.neighbourhood[seats[alike][0]])
        field = np.unique(nominees[alike])
        held, times = np.unique(table.donor[table.neighbourhood == b], return_counts=True)
        field = np.setdiff1d(field, np.append(held[times >= most], -1))
        if not field.size:
            continue
        if table.sex[seats[alike][0]] < 0:
            city.log.totals["candidates"] += field.size
            city.log.totals["candidates_women"] += int((city.residents.sex[field] == 1).sum())
        voters = _voters(city, b)
        appeal = _appeal(city, field)
        if voters.size:
            order = plurality(_preferences(city, f"vote {group % 1_000}", voters, field, appeal), int(alike.sum()))
        else:
            order = np.argsort(-appeal, kind="stable")[: int(alike.sum())]
        _seat_winners(city, seats[alike], field[order].tolist())


def _those_who_stand(city: City, seats: Integers, candidates: Integers, scores: Floats) -> Integers:
    """Of those considered for each elected seat those who lean most to standing, the others -1; shape kept.

    For a seat on a council at most half of them stand. So many stand in a neighbourhood at most as nominations allow:
    a share of those who may, divided evenly over the seats that are elected together.
    """
    table, selection, considered = city.institutions.seats, city.config.behaviour.selection, candidates.shape[1]
    mayors, b = bool((table.role[seats] == MAYOR).all()), table.neighbourhood[seats]
    together = (np.array(table.plan.selection) == "elected") & ((table.plan.role == MAYOR) == mayors)
    _, _, size = city.rows.pools.gathered(city.policy.council.standing_for_migrants)
    eligible = size[city.rows.pools.number(b, -1, ANY)] / city.scale
    most = most_candidates(
        selection.nomination_share,
        eligible,
        np.full(b.size, np.count_nonzero(together)),
        considered if mayors else max(1, considered // 2),
    )
    place = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
    return np.where(place < most[:, None], candidates, -1)


def _seat_winners(city: City, seats: Integers, winners: list[int]) -> None:
    """Give winners their seats, most votes first; who already holds a seat of the sample gets one outside it."""
    table = city.institutions.seats
    here = table.in_sample & (table.neighbourhood == table.neighbourhood[seats[0]])
    holders = set(table.donor[here].tolist())
    for seat in seats.tolist():
        fits = (row for row in winners if not (table.in_sample[seat] and row in holders))
        row = next(fits, -1)
        table.donor[seat] = row
        if row >= 0:
            winners.remove(row)
            if table.in_sample[seat]:
                holders.add(row)


def _appeal(city: City, field: Integers) -> Floats:
    """Attractiveness of a candidate to all voters: resources and skill, in standard deviations."""
    weights = city.config.behaviour.selection
    resources = standardised(city.residents.resources[field], *city.trait_scale["resources"])
    skill = standardised(city.residents.civic_skill[field], *city.trait_scale["civic_skill"])
    return 0.5 * (weights.weight_of_resources * resources + weights.weight_of_skill * skill)


def _voters(city: City, neighbourhood: int) -> Integers:
    rows = city.last_week.came["ballot"]
    return np.asarray(rows[city.residents.neighbourhood[rows] == neighbourhood])


def _preferences(city: City, contest: str, voters: Integers, field: Integers, appeal: Floats) -> Floats:
    """How much each voter likes each candidate: appeal, own sex and cohort, and a draw of the voter's own."""
    residents = city.residents
    own = (residents.sex[voters][:, None] == residents.sex[field]).astype(np.float64)
    own += residents.cohort[voters][:, None] == residents.cohort[field]
    lots = [city.luck.uniform(f"{contest} {place}", city.week, voters) for place in range(field.size)]
    liking = appeal + city.config.behaviour.selection.own_group_vote * own + gumbel(np.column_stack(lots))
    return np.asarray(liking)


def _votes_as_scores(city: City, candidates: Integers, neighbourhood: Integers) -> Floats:
    """Votes for each candidate for mayor, as an overriding score; nothing where nobody voted."""
    votes = np.zeros(candidates.shape)
    for seat, b in enumerate(neighbourhood):
        contest = f"vote for mayor {int((neighbourhood[:seat] == b).sum())}"
        voters, stands = _voters(city, int(b)), candidates[seat] >= 0
        field = candidates[seat, stands]
        if voters.size and field.size:
            preferences = _preferences(city, contest, voters, field, _appeal(city, field))
            votes[seat, stands] = 1e3 * np.bincount(preferences.argmax(axis=1), minlength=field.size)
    return votes


def describe_councils(city: City, where: Integers) -> None:
    """Work out the make-up of the councils of some neighbourhoods from their seats."""
    institutions = city.institutions
    residents, councils, plan = city.residents, institutions.councils, institutions.seats.plan
    donor = institutions.seats.donor.reshape(city.neighbourhoods, -1)
    passes.describe_councils(
        where,
        donor,
        plan.role != MAYOR,
        plan.deciding,
        (
            residents.sex,
            residents.cohort,
            residents.resources,
            residents.attendance_propensity,
            residents.need_weights,
        ),
        city.elite_resources,
        (councils.members, councils.women_share, councils.youth_share, councils.member_needs),
        (councils.elite_share, councils.resources, councils.attendance),
    )
    passes.average_skill(where, donor, plan.deciding, residents.civic_skill, councils.skill)


def average_skill(city: City) -> None:
    """Bring every council's skill up to date with what those who decide on it have learnt."""
    seats, councils, everywhere = city.institutions.seats, city.institutions.councils, np.arange(city.neighbourhoods)
    donor = seats.donor.reshape(city.neighbourhoods, -1)
    passes.average_skill(everywhere, donor, seats.plan.deciding, city.residents.civic_skill, councils.skill)
