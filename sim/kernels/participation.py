"""Compiled passes of phases 3 and 6: who is at the hub, who is asked, who comes, who leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_over_all, compiled_rule
from sim.kernels.marks import marked
from sim.randomness import Keys, draw, key_of
from sim.rules.participation import (
    PARTICIPATION_RULES,
    Hazard,
    OfOneRule,
    Weights,
    burnout_probability,
    conditional_probability,
    joins_by_threshold,
    leaning,
    probability,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

_burnout_probability = compiled_rule(burnout_probability)
_conditional_probability = compiled_rule(conditional_probability)
_joins_by_threshold = compiled_rule(joins_by_threshold)
_leaning = compiled_rule(leaning)
_probability = compiled_rule(probability)


@compiled
def attend(
    goers: Integers,
    propensity: Floats,
    neighbourhood: NDArray[np.int32],
    openness: Floats,
    speaks: Flags,
    inclusiveness: Floats,
    credibility: Floats,
    keys: Keys,
    stream_key: np.uint64,
) -> tuple[int, Integers, Floats]:
    """Residents go to the hubs of one kind; where the facilitator speaks, some of them feel addressed.

    Args:
        goers: rows of those who ever go, (n,), and how likely each is there, (n,).
        neighbourhood, openness: of all residents, (N,).
        speaks, inclusiveness, credibility: of each facilitator, (M,).
        keys, stream_key: of the draw of who is there.

    Returns:
        how many are there; rows of those addressed; credibility of the facilitator each heard.
    """
    visits, found = 0, 0
    there = np.empty(goers.size + 1, np.int64)
    for k in range(goers.size):  # without a branch that no processor could foresee: a miss is overwritten
        there[visits] = goers[k]
        visits += draw(keys[goers[k]], stream_key) < propensity[k]
    rows, believed = np.empty(visits, np.int64), np.empty(visits)
    for i in there[:visits]:
        b = neighbourhood[i]
        if speaks[b] and openness[i] < inclusiveness[b]:
            rows[found], believed[found] = i, credibility[b]
            found += 1
    return visits, rows[:found], believed[:found]


@compiled_over_all
def make_contact(
    rate: Floats, answered_last: Codes, repeat_ratio: float, keys: Keys, stream_key: np.uint64
) -> Integers:
    """Rows of those who turn to the municipality this week, ascending.

    Args:
        rate: weekly probability, before the ratio, (N,); at most 1 in the end.
        answered_last: whether the last contact was answered, (N,): then the rate is `repeat_ratio` times as high.
        keys, stream_key: of the draw.
    """
    marks = np.empty(rate.size, np.uint8)
    for i in range(rate.size):
        marks[i] = draw(keys[i], stream_key) < rate[i] * (repeat_ratio if answered_last[i] else 1.0)
    return marked(marks)


@compiled_over_all
def take_initiative(
    initiative: Floats, help_rate: float, petition_rate: float, keys: Keys, stream_key: np.uint64
) -> tuple[Integers, Integers]:
    """Rows of those who help this week and of those who sign a petition, ascending; nobody does both.

    Args:
        initiative: factor of both rates, (N,).
        help_rate, petition_rate: weekly, on average; with the factor they are at most 1 together.
        keys, stream_key: of the draw: who is below the first helps, who is below the sum signs.
    """
    marks = np.empty(initiative.size, np.uint8)
    either = help_rate + petition_rate
    for i in range(initiative.size):
        marks[i] = draw(keys[i], stream_key) < either * initiative[i]
    rows, helping = marked(marks), 0
    helpers = np.empty(rows.size + 1, np.int64)
    petitioners = np.empty(rows.size + 1, np.int64)
    for k in range(rows.size):
        i = rows[k]
        helps = draw(keys[i], stream_key) < help_rate * initiative[i]
        helpers[helping] = petitioners[k - helping] = i
        helping += helps
    return helpers[:helping].copy(), petitioners[: rows.size - helping].copy()


@compiled_over_all
def who_is_listed(listed: Codes, first_row: Integers) -> tuple[NDArray[np.int32], Integers, Integers]:
    """Rows of those on the list, ascending, and where each neighbourhood's begin among them and how many it has.

    Args:
        listed: 1 for those on it, else 0, (N,); first_row: first row of each neighbourhood, and N, (M + 1,).
    """
    rows = marked(listed.view(np.uint8)).astype(np.int32)
    first, before = np.empty(first_row.size, np.int64), 0
    for b in range(first_row.size):
        while before < rows.size and rows[before] < first_row[b]:
            before += 1
        first[b] = before
    return rows, first[:-1], first[1:] - first[:-1]


@compiled
def ask_ties(
    last_act_week: NDArray[np.int32],
    active_since: int,
    rate: float,
    starts: Integers,
    degree: NDArray[np.int32],
    neighbours: NDArray[np.int32],
    keys: Keys,
    key_of_whether: np.uint64,
    key_of_whom: np.uint64,
) -> Integers:
    """Residents whom active ones ask, each one of his or her ties drawn at random; once for each who asks.

    Args:
        last_act_week: of all residents, (N,); active_since: week from which an act makes active.
        rate: probability that an active resident asks.
        starts, degree, neighbours: the ties (`sim.network.Ties`).
        keys, key_of_whether, key_of_whom: of the draws.
    """
    active, found = _lately(last_act_week, active_since), 0
    asked = np.empty(active.size, np.int64)
    for i in active:
        if degree[i] > 0 and draw(keys[i], key_of_whether) < rate:
            asked[found] = neighbours[starts[i] + np.int64(draw(keys[i], key_of_whom) * degree[i])]
            found += 1
    return asked[:found]


@compiled_over_all
def _lately(last_week: NDArray[np.int32], since: int) -> Integers:
    """Rows of those whose last week is not before one, ascending."""
    marks = np.empty(last_week.size, np.uint8)
    for i in range(last_week.size):
        marks[i] = last_week[i] >= since
    return marked(marks)


@compiled
def hear_publicity(where: Flags, first_row: Integers, reach: float, keys: Keys, stream_key: np.uint64) -> Integers:
    """Rows of those in some neighbourhoods who hear, ascending.

    Args:
        where: which neighbourhoods, (M,); first_row: first row of each, and N, (M + 1,).
        reach: probability of hearing.
        keys, stream_key: of the draw.
    """
    people, found = 1, 0
    for b in range(where.size):
        people += where[b] * (first_row[b + 1] - first_row[b])
    rows = np.empty(people, np.int64)
    for b in range(where.size):
        if where[b]:
            for i in range(first_row[b], first_row[b + 1]):
                rows[found] = i
                found += draw(keys[i], stream_key) < reach
    return rows[:found].copy()


@compiled
def ask(
    neighbourhoods: Integers,
    pool: Integers,
    rate: float,
    rows: NDArray[np.int32],
    first: Integers,
    size: Integers,
    key_of_how_many: np.uint64,
    key_of_whom: np.uint64,
) -> Integers:
    """Residents asked in some neighbourhoods, `rate` each on average, as often as they are drawn.

    Args:
        neighbourhoods: numbers, (n,), which key the draws; pool: whom each draws from, (n,).
        rows, first, size: residents of all pools, one after another, and where each pool begins and how many it has.
        key_of_how_many, key_of_whom: of the draws.
    """
    most = int(np.ceil(rate))
    asked = np.empty(neighbourhoods.size * most, np.int64)
    found = 0
    for k, b in enumerate(neighbourhoods):
        lot, people = draw(key_of(b * 1_000), key_of_how_many), size[pool[k]]
        for place in range(most):
            # The last of the `most` askings happens with the probability that is left over.
            if place + lot < rate and people > 0:
                number = np.int64(draw(key_of(b * 1_000 + place), key_of_whom) * people)
                asked[found] = rows[first[pool[k]] + number]
                found += 1
    return asked[:found]


@compiled
def lean(
    rows: Integers,
    neighbourhood: NDArray[np.int32],
    propensity: Floats,
    resources: Floats,
    trust_in_municipality: Floats,
    trust_in_council: Floats,
    asked: Flags,
    habit: Floats,
    belonging: Floats,
    skill: Floats,
    fatigue: Floats,
    sex: Codes,
    cohort: Codes,
    attendance: Floats,
    standing: Codes,
    convened: Flags,
    women_share: Floats,
    youth_share: Floats,
    women_barrier: float,
    youth_barrier: float,
    attender_access: float,
    standing_barrier: float,
    start: tuple[float, float, float, float],
    weights: Weights,
) -> Floats:
    """Leaning of some residents to come, before the kind of occasion counts, (n,) logits.

    Args:
        rows: theirs, (n,).
        neighbourhood to standing: columns, (N,).
        convened: neighbourhoods with a council, (M,): there people think of it and of the municipality alike.
        women_share, youth_share: on the councils, (M,).
        women_barrier, youth_barrier: of the hub; they are gone where the group holds half of the seats.
        attender_access: what makes it easier for those who ever go to the hub.
        standing_barrier: what makes it harder for migrants without standing.
        start: mean resources, trust in the municipality and in the council, and belonging, at the start.
    """
    mean_resources, mean_in_municipality, mean_in_council, mean_belonging = start
    own = np.empty(rows.size)
    for k, i in enumerate(rows):
        b = neighbourhood[i]
        trust = trust_in_municipality[i] - mean_in_municipality
        if convened[b]:
            trust = 0.5 * trust + 0.5 * (trust_in_council[i] - mean_in_council)
        access = attender_access * (attendance[i] > 0.0) - standing_barrier * standing[i]
        if sex[i] == 1:
            access -= women_barrier * np.maximum(0.0, 1.0 - 2.0 * women_share[b])
        if cohort[i] == 0:
            access -= youth_barrier * np.maximum(0.0, 1.0 - 2.0 * youth_share[b])
        own[k] = _leaning(
            propensity[i],
            weights,
            resources=resources[i] - mean_resources,
            trust=trust,
            asked=1.0 if asked[i] else 0.0,
            habit=habit[i],
            belonging=belonging[i] - mean_belonging,
            skill=skill[i],
            fatigue=fatigue[i],
            access=access,
        )
    return own


LOGIT, THRESHOLD, CONDITIONAL = range(3)
"""Rules by which those who heard of an occasion decide, for `come`."""

PARTICIPATION_RULES.bind("logit")(LOGIT)
PARTICIPATION_RULES.bind("threshold")(THRESHOLD)
PARTICIPATION_RULES.bind("conditional_cooperation")(CONDITIONAL)


@compiled
def come(
    rows: Integers,
    able: Flags,
    where: Flags,
    neighbourhood: NDArray[np.int32],
    own: Floats,
    offset: float,
    rule: int,
    active_share: Floats,
    threshold: Floats,
    of_one_rule: OfOneRule,
    role: Codes,
    member_attendance: float,
    keys: Keys,
    stream_key: np.uint64,
) -> Integers:
    """Rows of those who come to one kind of occasion.

    Args:
        rows: who heard of anything, (n,); able: who of them may come, (n,).
        where: neighbourhoods with such an occasion, (M,); neighbourhood: of all residents, (N,).
        own: leaning, (n,); offset: how easy this kind of occasion is.
        rule: `LOGIT`, or one of those that may read `active_share`, the share of active ties, (n,).
        threshold: of all residents, (N,); of_one_rule: parameters that one rule alone reads.
        role: of all residents, (N,); above 0 are members of councils.
        member_attendance: probability with which members come anyway, 0 where it is not their duty.
        keys, stream_key: of the draw.
    """
    coming = np.empty(rows.size, np.int64)
    found = 0
    for k, i in enumerate(rows):
        if not (where[neighbourhood[i]] and able[k]):
            continue
        lot = draw(keys[i], stream_key)
        if rule == THRESHOLD:  # in place of the logit; the offset still says how easy the kind is
            joins = _joins_by_threshold(active_share[k] + 0.05 * offset, threshold[i])
        elif rule == CONDITIONAL:
            joins = lot < _conditional_probability(own[k] + offset, active_share[k], of_one_rule.conditional_slope)
        elif rule == LOGIT:
            joins = lot < _probability(own[k], offset)
        else:
            raise ValueError("no rule of participation has this code")
        if joins or (role[i] > 0 and lot < member_attendance):
            coming[found] = i
            found += 1
    return coming[:found]


@compiled
def leave(
    rows: Integers,
    habit: Floats,
    neighbourhood: NDArray[np.int32],
    unmet: Floats,
    recognition: Floats,
    hazard: Hazard,
    keys: Keys,
    stream_key: np.uint64,
) -> Integers:
    """Those of some residents, (n,), who leave for carrying much and seeing little come of it; in their order.

    Args:
        habit, neighbourhood: of all residents, (N,).
        unmet, recognition: in each neighbourhood, (M,).
        keys, stream_key: of the draw.
    """
    leaving = np.empty(rows.size, np.int64)
    found = 0
    most = np.empty(unmet.size)  # with a habit of 1: beyond it nobody's own hazard need be computed
    for b in range(unmet.size):
        most[b] = _burnout_probability(hazard, 1.0, unmet[b], recognition[b])
    for row in rows:
        b, lot = neighbourhood[row], draw(keys[row], stream_key)
        if lot < most[b] and lot < _burnout_probability(hazard, habit[row], unmet[b], recognition[b]):
            leaving[found] = row
            found += 1
    return leaving[:found]


@compiled
def vacate(
    donor: Integers,
    in_sample: Flags,
    key: Integers,
    neighbourhood: Integers,
    exits: Integers,
    chance: Floats,
    stream_key: np.uint64,
) -> None:
    """Vacate the seats of the sample whose holders leave, and others by lot.

    Args:
        donor, in_sample, key, neighbourhood: of all seats (`sim.seats.Seats`); donor is written.
        exits: rows of the residents who leave, ascending.
        chance: of leaving, for holders outside the sample, in each neighbourhood, (M,).
        stream_key: of the draw.
    """
    for seat in range(donor.size):
        if donor[seat] < 0:
            continue
        if in_sample[seat]:
            leaves = _is_among(donor[seat], exits)
        else:
            leaves = draw(key_of(key[seat]), stream_key) < chance[neighbourhood[seat]]
        if leaves:
            donor[seat] = -1


@compiled_rule
def _is_among(row: int, ascending: Integers) -> bool:
    """Whether a row is one of some, by halving."""
    low, high = 0, ascending.size
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low < ascending.size and ascending[low] == row
