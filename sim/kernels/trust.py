"""Compiled passes of phase 8: services are perceived, works, voice and news experienced, others heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_over_all, compiled_rule
from sim.randomness import Keys, draw
from sim.rules.awareness import relevance
from sim.rules.expectation import adapt, satisfaction
from sim.rules.influence import hearsay, repulsion
from sim.rules.services import perceived_performance
from sim.rules.trust import anchor, experience

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_adapt = compiled_rule(adapt)
_anchor = compiled_rule(anchor)
_experience = compiled_rule(experience)
_hearsay = compiled_rule(hearsay)
_perceived_performance = compiled_rule(perceived_performance)
_relevance = compiled_rule(relevance)
_repulsion = compiled_rule(repulsion)
_satisfaction = compiled_rule(satisfaction)


@compiled_over_all
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


@compiled_over_all
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
def experience_each(trust: Floats, rows: Integers, signal: Floats, gain_rate: float, loss_to_gain_ratio: float) -> None:
    """Some different residents, (n,), experience something, each what his or her signal says, (n,).

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
    """Some residents, (n,), hear how many of their council's pledges were kept, from somebody of a credibility, (n,).

    Args:
        kept, broken: pledges lately, (M,).
        trust_in_council, trust_in_municipality: columns.
        news_rate: step of trust at full credibility.
        to_council: share of credit and blame that goes to the council.

    Raises:
        ValueError: there are not as many credibilities as rows.
    """
    if credibility.size != rows.size:
        raise ValueError("a credibility for each row is needed")
    for k in range(rows.size):
        i, b = rows[k], neighbourhood[rows[k]]
        pledges = kept[b] + broken[b]
        if pledges > 0.1:  # before anything is kept or broken there is no news
            record, rate = kept[b] / pledges, news_rate * credibility[k]
            for column, share in ((trust_in_council, to_council), (trust_in_municipality, 1.0 - to_council)):
                column[i] = _experience(column[i], record, rate * share, loss_to_gain_ratio)


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
