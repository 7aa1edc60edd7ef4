"""Passes over residents, compiled (`sim.compiling`): each applies rules to one of them after another.

The rules are those of `sim.rules`, compiled for numbers; what is here is which resident and which column. Columns,
(N,), are written in place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_rule
from sim.randomness import Keys, draw, key_of
from sim.rules.awareness import relevance
from sim.rules.expectation import adapt, satisfaction
from sim.rules.influence import hearsay, repulsion
from sim.rules.learning import habit_step, hope_step, skill_decay
from sim.rules.participation import (
    Hazard,
    Weights,
    burnout_probability,
    conditional_probability,
    joins_by_threshold,
    leaning,
    probability,
)
from sim.rules.services import perceived_performance
from sim.rules.trust import anchor, experience

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

_adapt = compiled_rule(adapt)
_anchor = compiled_rule(anchor)
_burnout_probability = compiled_rule(burnout_probability)
_conditional_probability = compiled_rule(conditional_probability)
_experience = compiled_rule(experience)
_habit_step = compiled_rule(habit_step)
_hearsay = compiled_rule(hearsay)
_hope_step = compiled_rule(hope_step)
_joins_by_threshold = compiled_rule(joins_by_threshold)
_leaning = compiled_rule(leaning)
_perceived_performance = compiled_rule(perceived_performance)
_probability = compiled_rule(probability)
_relevance = compiled_rule(relevance)
_repulsion = compiled_rule(repulsion)
_satisfaction = compiled_rule(satisfaction)
_skill_decay = compiled_rule(skill_decay)


@compiled
def perceive(first_row: Integers, levels: Floats, need_weights: Floats, performance: Floats) -> None:
    """Perceived performance of all residents.

    Args:
        first_row: of each neighbourhood, and N, (M + 1,).
        levels: of services, (M, 6).
        need_weights: (N, 6).
        performance: written, (N,).
    """
    for b in range(levels.shape[0]):
        for i in range(first_row[b], first_row[b + 1]):
            performance[i] = _perceived_performance(need_weights[i], levels[b])


@compiled
def judge_services(
    performance: Floats,
    expectation: Floats,
    trust: Floats,
    disconfirmation_weight: float,
    service_rate: float,
    loss_to_gain_ratio: float,
    adaptation: float,
) -> None:
    """Everybody compares services with what was expected, trusts accordingly, and adapts."""
    for i in range(performance.size):
        signal = _satisfaction(performance[i], expectation[i], disconfirmation_weight)
        trust[i] = _experience(trust[i], signal, service_rate, loss_to_gain_ratio)
        expectation[i] = _adapt(expectation[i], performance[i], adaptation)


@compiled
def experience_work(
    trust: Floats,
    rows: Integers,
    need_weights: Floats,
    signal: float,
    project_rate: float,
    extra: float,
    share: float,
    loss_to_gain_ratio: float,
) -> None:
    """Some residents experience a work, each as far as it meets his or her needs.

    Args:
        rows: theirs, (n,).
        need_weights: of the work's category, (N,).
        signal: what the work says.
        project_rate, extra: step of trust towards it, and by how many times it is larger for this work.
        share: of the credit or blame.
    """
    for row in rows:
        rate = project_rate * _relevance(need_weights[row]) * extra * share
        trust[row] = _experience(trust[row], signal, np.minimum(1.0, rate), loss_to_gain_ratio)


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
    women_barrier: Floats,
    youth_barrier: Floats,
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
        women_barrier, youth_barrier: of the hub in each neighbourhood, (M,).
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
        access -= women_barrier[b] * (sex[i] == 1) + youth_barrier[b] * (cohort[i] == 0)
        own[k] = _leaning(
            propensity[i],
            weights,
            resources[i] - mean_resources,
            trust,
            1.0 if asked[i] else 0.0,
            habit[i],
            belonging[i] - mean_belonging,
            skill[i],
            fatigue[i],
            access,
        )
    return own


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


LOGIT, THRESHOLD, CONDITIONAL = range(3)
"""Rules by which those who heard of an occasion decide, for `come`."""


@compiled
def come(
    rows: Integers,
    there: Flags,
    own: Floats,
    offset: float,
    rule: int,
    active_share: Floats,
    threshold: Floats,
    slope: float,
    role: Codes,
    member_attendance: float,
    keys: Keys,
    stream_key: np.uint64,
) -> Integers:
    """Rows of those who come to one kind of occasion.

    Args:
        rows: who heard of anything, (n,); there: for whom there is such an occasion to come to, (n,).
        own: leaning, (n,); offset: how easy this kind of occasion is.
        rule: `LOGIT`, or one of the two that read `active_share`, the share of active ties, (n,).
        threshold: of all residents, (N,); slope: weight of that share, if cooperation is conditional.
        role: of all residents, (N,); above 0 are members of councils.
        member_attendance: probability with which members come anyway, 0 where it is not their duty.
        keys, stream_key: of the draw.
    """
    coming = np.empty(rows.size, np.int64)
    found = 0
    for k, i in enumerate(rows):
        if not there[k]:
            continue
        lot = draw(keys[i], stream_key)
        if rule == THRESHOLD:  # in place of the logit; the offset still says how easy the kind is
            joins = _joins_by_threshold(active_share[k] + 0.05 * offset, threshold[i])
        elif rule == CONDITIONAL:
            joins = lot < _conditional_probability(own[k] + offset, active_share[k], slope)
        else:
            joins = lot < _probability(own[k], offset)
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
    """Those of some residents, (n,), who leave for carrying much and seeing little come of it.

    Args:
        habit, neighbourhood: of all residents, (N,).
        unmet, recognition: in each neighbourhood, (M,).
        keys, stream_key: of the draw.
    """
    leaving = np.empty(rows.size, np.int64)
    found = 0
    for row in rows:
        b = neighbourhood[row]
        if draw(keys[row], stream_key) < _burnout_probability(hazard, habit[row], unmet[b], recognition[b]):
            leaving[found] = row
            found += 1
    return leaving[:found]


@compiled
def find_in_span(
    first: int,
    last: int,
    keys: Keys,
    key_of_one: np.uint64,
    chance_of_one: float,
    key_of_other: np.uint64,
    chance_of_other: float,
) -> Integers:
    """Rows from `first` to before `last` that are drawn in both of two draws, each with its chance."""
    found = np.empty(last - first, np.int64)
    count = 0
    for row in range(first, last):
        if draw(keys[row], key_of_one) < chance_of_one and draw(keys[row], key_of_other) < chance_of_other:
            found[count] = row
            count += 1
    return found[:count]


@compiled
def talk(
    keys: Keys,
    stream_key: np.uint64,
    contact_rate: float,
    starts: Integers,
    degree: NDArray[np.int32],
    neighbours: NDArray[np.int32],
) -> tuple[Integers, Integers]:
    """Some residents talk, each with one of his or her ties, drawn at random.

    Args:
        keys, stream_key: of the draw; given that it is below the contact rate, the draw over the rate is uniform again:
            it picks the tie.
        starts, degree, neighbours: the ties (`sim.network.Ties`).

    Returns:
        rows of those who talk, and of those they listen to, themselves if they have no ties; (talks,) each.
    """
    talks = 0
    for i in range(keys.size):
        talks += draw(keys[i], stream_key) < contact_rate
    rows, others, lots = np.empty(talks + 1, np.int64), np.empty(talks, np.int64), np.empty(talks + 1)
    found = 0
    for i in range(keys.size):  # without a branch that no processor could foresee: a miss is overwritten
        lot = draw(keys[i], stream_key)
        rows[found], lots[found] = i, lot
        found += lot < contact_rate
    for k in range(talks):
        i = rows[k]
        others[k] = neighbours[starts[i] + np.int64(lots[k] / contact_rate * degree[i])] if degree[i] > 0 else i
    return rows[:talks], others


@compiled
def hear(
    trust: tuple[Floats, ...],
    stubbornness: tuple[Floats, ...],
    rows: Integers,
    others: Integers,
    convergence: float,
    confidence_bound: float,
    repels: bool,
) -> Floats:
    """By how much each kind of trust is to change by what is heard, (kinds, talks); trust itself stays.

    Args:
        trust, stubbornness: a column for each kind.
        rows, others: who listens, and to whom (`talk`).
        repels: whether one beyond the bound pushes away (`repulsion`), or is not heeded (`hearsay`).
    """
    change = np.empty((len(trust), rows.size))
    for kind in range(len(trust)):
        column, stubborn = trust[kind], stubbornness[kind]
        for k in range(rows.size):
            own, told = column[rows[k]], column[others[k]]
            if repels:
                change[kind, k] = _repulsion(own, told, stubborn[rows[k]], convergence, confidence_bound)
            else:
                change[kind, k] = _hearsay(own, told, stubborn[rows[k]], convergence, confidence_bound)
    return change


@compiled
def settle(
    trust: tuple[Floats, ...],
    innate: tuple[Floats, ...],
    stubbornness: tuple[Floats, ...],
    rows: Integers,
    change: Floats,
    anchor_rate: float,
) -> None:
    """Add the changes of some rows, (kinds, rows), and pull all back to their innate level; trust stays a share.

    Args:
        trust, innate, stubbornness: a column for each kind.

    Raises:
        ValueError: there are not as many changes as rows.
    """
    if change.shape != (len(trust), rows.size):
        raise ValueError("a change for each kind and row is needed")
    for kind in range(len(trust)):
        column, level, stubborn = trust[kind], innate[kind], stubbornness[kind]
        for k in range(rows.size):
            column[rows[k]] += change[kind, k]
        for i in range(column.size):
            pulled = _anchor(column[i], level[i], stubborn[i], anchor_rate)
            column[i] = np.minimum(np.maximum(pulled, 0.0), 1.0)


@compiled
def experience_each(
    trust: Floats, rows: Integers, signal: Floats, gain_rate: float, loss_to_gain_ratio: float
) -> None:
    """Some residents, (n,), experience something, each what his or her signal says, (n,).

    Raises:
        ValueError: there are not as many signals as rows.
    """
    if signal.size != rows.size:
        raise ValueError("a signal for each row is needed")
    for k in range(rows.size):
        trust[rows[k]] = _experience(trust[rows[k]], signal[k], gain_rate, loss_to_gain_ratio)


@compiled
def hear_news(
    rows: Integers,
    credibility: Floats,
    neighbourhood: NDArray[np.int32],
    kept: Floats,
    broken: Floats,
    trust_in_council: Floats,
    trust_in_municipality: Floats,
    news_rate: float,
    to_council: float,
    loss_to_gain_ratio: float,
) -> None:
    """Some residents, (n,), hear how many of their council's pledges were kept, from facilitators of a credibility, (n,).

    Args:
        kept, broken: pledges lately, (M,).
        trust_in_council, trust_in_municipality: columns.
        news_rate: step of trust at full credibility.
        to_council: share of credit and blame that goes to the council.
    """
    for k in range(rows.size):
        i, b = rows[k], neighbourhood[rows[k]]
        pledges = kept[b] + broken[b]
        if pledges > 0.1:  # before anything is kept or broken there is no news
            record, rate = kept[b] / pledges, news_rate * credibility[k]
            for column, share in ((trust_in_council, to_council), (trust_in_municipality, 1.0 - to_council)):
                column[i] = _experience(column[i], record, rate * share, loss_to_gain_ratio)


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


@compiled
def fade(
    acted: Flags,
    habit: Floats,
    fatigue: Floats,
    skill: Floats,
    initial_skill: Floats,
    belonging: Floats,
    innate_belonging: Floats,
    habit_rate: float,
    recovery: float,
    decay: float,
    belonging_return: float,
) -> None:
    """What a week does to everybody: habit follows acts, fatigue and skill fade, belonging returns."""
    for i in range(habit.size):
        habit[i] = _habit_step(habit[i], 1.0 if acted[i] else 0.0, habit_rate)
        fatigue[i] *= 1.0 - recovery
        skill[i] = _skill_decay(skill[i], initial_skill[i], decay)
        belonging[i] += belonging_return * (innate_belonging[i] - belonging[i])


@compiled
def work_side_by_side(
    rows: Integers,
    neighbourhood: NDArray[np.int32],
    cell: Integers,
    crews: Integers,
    turn: Integers,
    probability: float,
    keys: Keys,
    key_of_who: np.uint64,
    key_of_whether: np.uint64,
) -> tuple[Integers, Integers]:
    """Volunteers each work beside one of their neighbourhood's crew, drawn at random; then they join it.

    Args:
        rows: of this week's volunteers, (n,).
        neighbourhood, cell: of all residents, (N,).
        crews: rows of the last different volunteers in each neighbourhood, -1 where there is none, (M, size).
        turn: how many have joined so far, (M,): the next takes the place of the one who joined first.
        probability: with which two of different cells come to be tied.
        keys, key_of_who, key_of_whether: of the draws.

    Returns:
        rows of the pairs to be tied, (pairs,) each.
    """
    size = crews.shape[1]
    first, second = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    pairs = 0
    for row in rows:
        b = neighbourhood[row]
        there = min(turn[b], size)
        other = crews[b, np.int64(draw(keys[row], key_of_who) * there)]
        if other >= 0 and cell[row] != cell[other] and draw(keys[row], key_of_whether) < probability:
            first[pairs], second[pairs] = row, other
            pairs += 1
    for row in rows:
        b = neighbourhood[row]
        if not (crews[b] == row).any():
            crews[b, turn[b] % size] = row
            turn[b] += 1
    return first[:pairs], second[:pairs]


@compiled
def count_learners(
    youths: Integers,
    last_act_week: NDArray[np.int32],
    role: Codes,
    neighbourhood: NDArray[np.int32],
    active_since: int,
    neighbourhoods: int,
) -> Floats:
    """Active youths without a role in each neighbourhood, (M,); `youths` are rows, all else but numbers columns."""
    learners = np.zeros(neighbourhoods)
    for row in youths:
        learners[neighbourhood[row]] += last_act_week[row] >= active_since and role[row] == 0
    return learners


@compiled
def tie(
    starts: Integers,
    degree: NDArray[np.int32],
    neighbours: NDArray[np.int32],
    kind: Codes,
    bridging: int,
    first: Integers,
    second: Integers,
) -> tuple[int, int]:
    """Tie pairs of rows, in order, that are not tied yet; who has no room lets go of his or her oldest bridging tie.

    Args:
        starts, degree, neighbours, kind: the ties (`sim.network.Ties`), changed in place.
        bridging: code of the kind of tie.
        first, second: rows of the pairs, (pairs,).

    Returns:
        ties added, and ties given up for them.

    Raises:
        ValueError: there are not as many firsts as seconds.
        IndexError: a row is not there.
    """
    if first.size != second.size:
        raise ValueError("pairs need as many firsts as seconds")
    added = given_up = 0
    for pair in range(first.size):
        if min(first[pair], second[pair]) < 0 or max(first[pair], second[pair]) >= starts.size:
            raise IndexError("no such resident")
        if first[pair] == second[pair] or _slot_of(starts, degree, neighbours, first[pair], second[pair]) >= 0:
            continue
        for row, other in ((first[pair], second[pair]), (second[pair], first[pair])):
            end = starts[row + 1] if row + 1 < starts.size else neighbours.size
            if starts[row] + degree[row] == end:
                oldest = starts[row]
                while kind[oldest] != bridging:
                    oldest += 1
                let_go = np.int64(neighbours[oldest])
                _free(starts, degree, neighbours, kind, row, oldest)
                _free(starts, degree, neighbours, kind, let_go, _slot_of(starts, degree, neighbours, let_go, row))
                given_up += 1
            neighbours[starts[row] + degree[row]], kind[starts[row] + degree[row]] = other, bridging
            degree[row] += 1
        added += 1
    return added, given_up


@compiled_rule
def _slot_of(
    starts: Integers, degree: NDArray[np.int32], neighbours: NDArray[np.int32], row: int, neighbour: int
) -> int:
    """Slot in which a row is tied to a neighbour, -1 if it is not."""
    for slot in range(starts[row], starts[row] + degree[row]):
        if neighbours[slot] == neighbour:
            return slot
    return -1


@compiled_rule
def _free(
    starts: Integers, degree: NDArray[np.int32], neighbours: NDArray[np.int32], kind: Codes, row: int, slot: int
) -> None:
    """Free a slot of a row; later ties move up."""
    last = starts[row] + degree[row] - 1
    for k in range(slot, last):
        neighbours[k], kind[k] = neighbours[k + 1], kind[k + 1]
    neighbours[last], kind[last] = starts.size, -1
    degree[row] -= 1


@compiled
def adapt_hope(
    hope: Floats,
    innate: Floats,
    performance: Floats,
    initial_performance: Floats,
    skill: Floats,
    initial_skill: Floats,
    cohort: Codes,
    neighbourhood: NDArray[np.int32],
    young_mayor: Floats,
    from_delivery: float,
    from_skill: float,
    adaptation: float,
) -> None:
    """Hope of all residents, which follows services, own skill and, among youths, a young mayor.

    Args:
        young_mayor: rise of hope where there is one, (M,).
    """
    for i in range(hope.size):
        lift = from_delivery * (performance[i] - initial_performance[i])
        lift += from_skill * np.maximum(0.0, skill[i] - initial_skill[i])
        if cohort[i] == 0:
            lift += young_mayor[neighbourhood[i]]
        hope[i] = _hope_step(hope[i], innate[i], lift, adaptation)


@compiled
def seat_the_best(
    seats: Integers, candidates: Integers, scores: Floats, donor: Integers, in_sample: Flags, per_council: int, most: int
) -> int:
    """Give each of some seats, in order, to its best candidate who may still take it, and return how many were taken.

    Args:
        seats: numbers, (n,).
        candidates: rows, -1 where there is nobody, (n, candidates).
        scores: the higher the better, the earlier of equals first; same shape.
        donor: rows of the holders of all seats, -1 where vacant, neighbourhood by neighbourhood, (seats,); written.
        in_sample: seats held by the resident who lends his or her traits, and not by another one like that, (seats,).
        per_council: seats in each neighbourhood.
        most: seats to which one resident may lend traits; of those in the sample, one at most.
    """
    donor[seats] = -1
    taken = 0
    for k in range(seats.size):
        first = seats[k] // per_council * per_council
        left = scores[k].copy()
        for _ in range(left.size):
            best = left.argmax()
            left[best] = -np.inf
            row = candidates[k, best]
            times, holds = 0, False
            for place in range(first, first + per_council):
                if donor[place] == row:
                    times += 1
                    holds |= in_sample[place]
            if row >= 0 and times < most and not (holds and in_sample[seats[k]]):
                donor[seats[k]] = row
                taken += 1
                break
    return taken


@compiled
def describe_councils(
    where: Integers,
    donor: Integers,
    on_council: Flags,
    deciding: Flags,
    residents: tuple[Codes, Codes, Floats, Floats, Floats],
    elite_resources: float,
    of_all: tuple[NDArray[np.int32], Floats, Floats, Floats],
    of_deciding: tuple[Floats, Floats, Floats],
) -> None:
    """Work out the make-up of some councils, 0 where there is nobody.

    Args:
        where: neighbourhoods, (n,).
        donor: rows of the holders of seats, -1 where vacant, (M, places).
        on_council, deciding: places on the council, and those of them that decide, (places,).
        residents: columns sex, cohort, resources, weekly attendance and need weights.
        elite_resources: those from which on one belongs to the elite.
        of_all: members, and shares of women and youths and mean need weights among them; written, (M,) or (M, 6).
        of_deciding: share of the elite, mean resources and mean attendance of those who decide; written, (M,).
    """
    sex, cohort, resources, attendance, need_weights = residents
    members, women, youths, needs = of_all
    elite, means, attends = of_deciding
    for b in where:
        seated, deciders = 0, 0
        women[b] = youths[b] = elite[b] = means[b] = attends[b] = 0.0
        needs[b] = 0.0
        for place, row in enumerate(donor[b]):
            if row < 0:
                continue
            if on_council[place]:
                seated += 1
                women[b] += sex[row] == 1
                youths[b] += cohort[row] == 0
                needs[b] += need_weights[row]
            if deciding[place]:
                deciders += 1
                elite[b] += resources[row] >= elite_resources
                means[b] += resources[row]
                attends[b] += attendance[row]
        members[b] = seated
        for column in (women, youths):
            column[b] /= max(seated, 1)
        needs[b] /= max(seated, 1)
        for column in (elite, means, attends):
            column[b] /= max(deciders, 1)


@compiled
def average_skill(where: Integers, donor: Integers, deciding: Flags, skill: Floats, mean_skill: Floats) -> None:
    """Mean skill of the deciding seats of some councils, 0 where there are none.

    Args:
        where: neighbourhoods, (n,).
        donor: rows of the holders of seats, -1 where vacant, (M, places).
        deciding: which places decide, (places,).
        skill: of residents, (N,).
        mean_skill: written, (M,).
    """
    for b in where:
        total, deciders = 0.0, 0
        for place, row in enumerate(donor[b]):
            if row >= 0 and deciding[place]:
                total += skill[row]
                deciders += 1
        mean_skill[b] = total / max(deciders, 1)


@compiled
def add_up(
    first: Integers,
    a: Floats,
    b: Floats,
    c: Floats,
    d: Floats,
    e: Floats,
    by_neighbourhood: Floats,
    by_cell: Floats,
) -> None:
    """Sum five columns over the residents of each neighbourhood and of each kind of cell.

    Five at a time, since an addition waits for the one before.

    Args:
        first: first row of each cell of each neighbourhood, and N, (M * cells + 1,).
        a, b, c, d, e: columns, (N,).
        by_neighbourhood, by_cell: added to, (5, M) and (5, cells).
    """
    cells = by_cell.shape[1]
    for place in range(first.size - 1):
        where, cell = place // cells, place % cells
        of_a = of_b = of_c = of_d = of_e = 0.0
        for i in range(first[place], first[place + 1]):
            of_a += a[i]
            of_b += b[i]
            of_c += c[i]
            of_d += d[i]
            of_e += e[i]
        for k, total in enumerate((of_a, of_b, of_c, of_d, of_e)):
            by_neighbourhood[k, where] += total
            by_cell[k, cell] += total


@compiled
def spread(values: Floats, low: float, high: float) -> tuple[float, int, int]:
    """Sum of squares of a column, and how many are below `low` and above `high`."""
    end = values.size // 4 * 4
    a = b = c = d = 0.0
    for i in range(0, end, 4):  # every fourth together, since an addition waits for the one before
        a += values[i] * values[i]
        b += values[i + 1] * values[i + 1]
        c += values[i + 2] * values[i + 2]
        d += values[i + 3] * values[i + 3]
    for i in range(end, values.size):
        a += values[i] * values[i]
    below = above = 0
    for i in range(values.size):
        below += values[i] < low
        above += values[i] > high
    return (a + b) + (c + d), below, above


@compiled
def count_states(
    first: Integers,
    last_act_week: NDArray[np.int32],
    acts: NDArray[np.int32],
    performance: Floats,
    active_since: int,
    floor: float,
    by_neighbourhood: Floats,
    by_cell: Floats,
) -> None:
    """Count who is active, who ever took part and who is badly served, as `add_up` sums columns.

    Args:
        first: first row of each cell of each neighbourhood, and N, (M * cells + 1,).
        active_since: week from which an act makes active.
        floor: perceived performance below which one is badly served.
        by_neighbourhood, by_cell: added to, (3, M) and (3, cells).
    """
    cells = by_cell.shape[1]
    for place in range(first.size - 1):
        where, cell = place // cells, place % cells
        lately, once, below = 0, 0, 0
        for i in range(first[place], first[place + 1]):
            lately += last_act_week[i] >= active_since
            once += acts[i] > 0
            below += performance[i] < floor
        for k, people in enumerate((lately, once, below)):
            by_neighbourhood[k, where] += people
            by_cell[k, cell] += people


@compiled
def count_rows(
    rows: Integers, neighbourhood: NDArray[np.int32], cell: Integers, by_neighbourhood: Floats, by_cell: Floats
) -> None:
    """Count some residents by neighbourhood, (M,), and kind of cell, (cells,); both are added to."""
    for row in rows:
        by_neighbourhood[neighbourhood[row]] += 1.0
        by_cell[cell[row]] += 1.0


@compiled
def count_projects(
    neighbourhood: Integers,
    status: Integers,
    late: Flags,
    by_council: Flags,
    captured: Flags,
    pledge_week: Integers,
    never: int,
    finished: int,
    counts: Integers,
) -> None:
    """Count projects by neighbourhood.

    Args:
        neighbourhood to pledge_week: columns of projects.
        never: pledge week of those that nobody pledged to a date; finished: code of the status.
        counts: added to, (9, M): projects in each of the four states, those late, chosen by councils, of these
            finished, captured, and pledged to a date.
    """
    for k in range(neighbourhood.size):
        b = neighbourhood[k]
        counts[status[k], b] += 1
        counts[4, b] += late[k]
        counts[5, b] += by_council[k]
        counts[6, b] += by_council[k] and status[k] == finished
        counts[7, b] += captured[k]
        counts[8, b] += pledge_week[k] < never
