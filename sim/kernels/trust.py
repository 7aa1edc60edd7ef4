"""Compiled passes of phase 8: services are perceived, works, voice and news experienced, others heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_over_all, compiled_rule
from sim.kernels.marks import marked
from sim.randomness import Keys, draw
from sim.rules.awareness import relevance
from sim.rules.expectation import adapt, satisfaction
from sim.rules.influence import hearsay, repulsion
from sim.rules.services import perceived_performance
from sim.rules.trust import (
    anchor,
    evidence,
    experience,
    formative_shift,
    log_odds,
    service_evidence,
    trust_after,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_adapt = compiled_rule(adapt)
_anchor = compiled_rule(anchor)
_evidence = compiled_rule(evidence)
_experience = compiled_rule(experience)
_formative_shift = compiled_rule(formative_shift)
_log_odds = compiled_rule(log_odds)
_hearsay = compiled_rule(hearsay)
_perceived_performance = compiled_rule(perceived_performance)
_relevance = compiled_rule(relevance)
_repulsion = compiled_rule(repulsion)
_satisfaction = compiled_rule(satisfaction)
_service_evidence = compiled_rule(service_evidence)
_trust_after = compiled_rule(trust_after)


@compiled_over_all
def perceive(first_row: Integers, levels: Floats, need_weights: Floats, performance: Floats) -> None:
    """Perceived performance of all residents.

    Args:
        first_row: of each neighbourhood, and N, (M + 1,).
        levels: of services, (M, 6).
        need_weights: (N, 6), column by column in memory.
        performance: written, (N,).
    """
    weights = need_weights.T
    for b in range(levels.shape[0]):
        # Slices, and one for each category: several residents go at a time where it is plain that they lie in a row.
        own = slice(first_row[b], first_row[b + 1])
        v, w, x = weights[0][own], weights[1][own], weights[2][own]
        y, z, last = weights[3][own], weights[4][own], weights[5][own]
        level = levels[b, 0], levels[b, 1], levels[b, 2], levels[b, 3], levels[b, 4], levels[b, 5]
        here = performance[own]
        for i in range(here.size):
            here[i] = _perceived_performance((v[i], w[i], x[i], y[i], z[i], last[i]), level)


@compiled_over_all
def judge_services(
    performance: Floats,
    usual: Floats,
    expectation: Floats,
    trust: Floats,
    gained: Floats,
    disconfirmation_weight: float,
    evidence_per_week: float,
    anchored: bool,
    step: float,
    loss_to_gain_ratio: float,
    adaptation: float,
) -> None:
    """Everybody compares services with what is usual and what was expected, and adapts.

    Args:
        performance, usual, expectation: of services, shares, (N,).
        trust, gained: in the municipality, and evidence of it this week, (N,): the one that the rule moves is written.
        anchored: whether trust itself takes a `step` towards satisfaction, or evidence is gained.
    """
    for i in range(performance.size):
        if anchored:
            signal = _satisfaction(performance[i], expectation[i], disconfirmation_weight)
            trust[i] = _experience(trust[i], signal, step, loss_to_gain_ratio)
        else:
            gained[i] += _service_evidence(
                performance[i], usual[i], expectation[i], disconfirmation_weight, evidence_per_week
            )
        expectation[i] = _adapt(expectation[i], performance[i], adaptation)


@compiled
def undergo(
    rows: Integers,
    signal: Floats,
    weight: Floats,
    trust: Floats,
    gained: Floats,
    news: Floats,
    evidence_per_experience: float,
    loss_to_gain_ratio: float,
    anchored: bool,
    step: float,
) -> None:
    """Some residents, (n,), experience something: each what his or her signal says, with a weight of its own, (n,).

    Args:
        rows: theirs; a resident may be among them more than once.
        trust, gained: of one kind, and evidence of it this week, (N,): the one that the rule moves is written.
        news: signed weight of what is to be told, (N,), written; empty if nobody tells it.
        anchored: whether trust itself takes a `step`, or evidence is gained.

    Raises:
        ValueError: there are not as many signals or weights as rows.
    """
    if signal.size != rows.size or weight.size != rows.size:
        raise ValueError("a signal and a weight for each row are needed")
    for k in range(rows.size):
        i = rows[k]
        if anchored:
            trust[i] = _experience(trust[i], signal[k], np.minimum(1.0, step * weight[k]), loss_to_gain_ratio)
        else:
            gained[i] += _evidence(signal[k], weight[k], evidence_per_experience, loss_to_gain_ratio)
        if news.size:
            news[i] += weight[k] * (2.0 * signal[k] - 1.0)


@compiled
def relevant(rows: Integers, need_weights: Floats) -> Floats:
    """How much a work meets the needs of some residents, (n,); `need_weights` of its category, (N,)."""
    found = np.empty(rows.size)
    for k in range(rows.size):
        found[k] = _relevance(need_weights[rows[k]])
    return found


@compiled_over_all
def tell(
    news: tuple[Floats, ...],
    rate: float,
    keys: Keys,
    key_of_whether: np.uint64,
    key_of_whom: np.uint64,
    starts: Integers,
    degree: NDArray[np.int32],
    neighbours: NDArray[np.int32],
) -> tuple[Integers, Floats]:
    """Residents with news may tell one tie, drawn at random; then all news is told or forgotten.

    Args:
        news: signed weights by kind, (N,) each; read, and set to 0.
        rate: probability of telling.
        keys, key_of_whether, key_of_whom: of the draws.
        starts, degree, neighbours: the ties (`sim.network.Ties`).

    Returns:
        rows of those who hear, (n,), one may be there twice; and what each hears, by kind, (kinds, n).
    """
    marks = np.zeros(keys.size, np.uint8)
    for kind in range(len(news)):
        some = news[kind]
        for i in range(some.size):
            marks[i] |= some[i] != 0.0
    having, count = marked(marks), 0
    tellers = np.empty(having.size + 1, np.int64)
    for i in having:  # without a branch that no processor could foresee: a miss is overwritten
        tellers[count] = i
        count += (degree[i] > 0) & (draw(keys[i], key_of_whether) < rate)
    rows, told = np.empty(count, np.int64), np.empty((len(news), count))
    for k in range(count):
        i = tellers[k]
        rows[k] = neighbours[starts[i] + np.int64(draw(keys[i], key_of_whom) * degree[i])]
    for kind in range(len(news)):
        some = news[kind]
        for k in range(count):
            told[kind, k] = some[tellers[k]]
        for i in having:
            some[i] = 0.0
    return rows, told


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
    found = np.empty(last - first + 1, np.int64)
    count = 0
    for row in range(first, last):  # without a branch that no processor could foresee: a miss is overwritten
        found[count] = row
        count += (draw(keys[row], key_of_one) < chance_of_one) & (draw(keys[row], key_of_other) < chance_of_other)
    return found[:count]


@compiled_over_all
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


@compiled_over_all
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


@compiled_over_all
def happen(gained: Floats, rate: float, size: float, keys: Keys, stream_key: np.uint64) -> None:
    """Something happens to some residents that the model does not model: evidence `size`, good or bad alike.

    Args:
        gained: evidence of the week, (N,), written.
        rate: weekly probability.
        keys, stream_key: of the draw; below half of the rate it is good.
    """
    for i in range(gained.size):
        lot = draw(keys[i], stream_key)
        gained[i] += size * ((lot < 0.5 * rate) - 1.0 * (0.5 * rate <= lot < rate))


@compiled_over_all
def convince(trust: tuple[Floats, ...], gained: tuple[Floats, ...], rows: Integers, change: Floats) -> None:
    """Take changes of the level of trust, (kinds, rows), that talk brings as evidence."""
    for kind in range(len(trust)):
        for k in range(rows.size):
            level = trust[kind][rows[k]]
            gained[kind][rows[k]] += _log_odds(level + change[kind, k]) - _log_odds(level)


SMALL_CHANGE = 0.05
"""Changes in log odds up to this size, as nearly all are, go by a series that is exact to the last digits."""
_C2, _C3, _C4, _C5, _C6, _C7 = 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040


@compiled_over_all
def remember(
    trust: tuple[Floats, ...],
    lived: tuple[Floats, ...],
    gained: tuple[Floats, ...],
    common: Floats,
    kept: float,
    young: Integers,
    formative_rate: float,
    usual: tuple[Floats, ...],
) -> float:
    """Let a week pass over the memory of all: old evidence fades, the week's is added, and set back to 0.

    What of trust is not evidence is disposition: evidence that formative years turn into it leaves trust as it is.

    Args:
        trust, lived, gained: trust, evidence so far and evidence of the week, a column for each kind, (N,).
        common: evidence that everybody gains besides, by kind, (kinds,).
        kept: share of old evidence that a week leaves.
        young: rows of those in formative years.
        formative_rate: share of evidence that becomes disposition in these, beyond what one is used to.
        usual: mean evidence of each of these in a long status quo, log odds, for each kind, (young,).

    Returns:
        by how much dispositions moved, either way, summed over residents and kinds.
    """
    moved = 0.0
    for kind in range(len(trust)):
        used_to, old = usual[kind], lived[kind]
        for k in range(young.size):
            i = young[k]
            shift = _formative_shift(old[i], used_to[k], formative_rate)
            old[i] -= shift
            moved += abs(shift)
        _pass(trust[kind], old, gained[kind], common[kind], 1.0 - kept)
    return moved


@compiled_over_all
def _pass(trust: Floats, lived: Floats, gained: Floats, common: float, lost: float) -> None:
    """Old evidence fades and new is added; trust moves by the change; what is gained is set back to 0, (N,) each.

    Nearly all move by the series, several at a time, and those for whom it is too short are moved afterwards.
    """
    far = np.empty(trust.size, np.uint8)
    for i in range(trust.size):
        change = gained[i] + common - lost * lived[i]
        lived[i] += change
        is_far = (abs(change) > SMALL_CHANGE) | (abs(trust[i] - 0.5) > 0.5 - 1e-6)
        x = -change
        growth = 1.0 + x * (1.0 + x * (_C2 + x * (_C3 + x * (_C4 + x * (_C5 + x * (_C6 + x * _C7))))))
        after = trust[i] / (trust[i] + (1.0 - trust[i]) * growth)
        trust[i] = trust[i] if is_far else after
        gained[i] = change if is_far else 0.0
        far[i] = is_far
    for i in marked(far):
        trust[i] = _trust_after(trust[i], gained[i])
        gained[i] = 0.0


@compiled_over_all
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
