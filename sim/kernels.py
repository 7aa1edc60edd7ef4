"""Passes over residents, compiled (`sim.compiling`): each applies rules to one of them after another.

The rules are those of `sim.rules`, compiled for numbers; what is here is which resident and which column. Columns,
(N,), are written in place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_rule
from sim.randomness import Keys, draw
from sim.rules.awareness import relevance
from sim.rules.expectation import adapt, satisfaction
from sim.rules.influence import hearsay, repulsion
from sim.rules.learning import habit_step, hope_step, skill_decay
from sim.rules.services import perceived_performance
from sim.rules.trust import anchor, experience

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

_adapt = compiled_rule(adapt)
_anchor = compiled_rule(anchor)
_experience = compiled_rule(experience)
_habit_step = compiled_rule(habit_step)
_hearsay = compiled_rule(hearsay)
_hope_step = compiled_rule(hope_step)
_perceived_performance = compiled_rule(perceived_performance)
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
    trust: Floats,
    stubbornness: Floats,
    rows: Integers,
    others: Integers,
    convergence: float,
    confidence_bound: float,
    repels: bool,
) -> Floats:
    """By how much trust is to change by what is heard, (talks,); trust itself stays.

    Args:
        rows, others: who listens, and to whom (`talk`).
        repels: whether one beyond the bound pushes away (`repulsion`), or is not heeded (`hearsay`).
    """
    change = np.empty(rows.size)
    for k in range(rows.size):
        own, told, stubborn = trust[rows[k]], trust[others[k]], stubbornness[rows[k]]
        if repels:
            change[k] = _repulsion(own, told, stubborn, convergence, confidence_bound)
        else:
            change[k] = _hearsay(own, told, stubborn, convergence, confidence_bound)
    return change


@compiled
def settle(
    trust: Floats, rows: Integers, change: Floats, innate: Floats, stubbornness: Floats, anchor_rate: float
) -> None:
    """Add the changes of some rows, and pull all back to their innate level; trust stays a share.

    Raises:
        ValueError: there are not as many changes as rows.
    """
    if change.size != rows.size:
        raise ValueError("a change for each row is needed")
    for k in range(rows.size):
        trust[rows[k]] += change[k]
    for i in range(trust.size):
        pulled = _anchor(trust[i], innate[i], stubbornness[i], anchor_rate)
        trust[i] = np.minimum(np.maximum(pulled, 0.0), 1.0)


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
def sum_by_cell(values: Floats, first: Integers, totals: Floats) -> None:
    """Sum a column over the residents of each cell: every fourth together, since an addition waits for the one before.

    Args:
        first: first row of each cell, and N, (cells + 1,).
        totals: written, (cells,).
    """
    for cell in range(totals.size):
        start, end = first[cell], first[cell + 1]
        rest = start + (end - start) // 4 * 4
        a = b = c = d = 0.0
        for i in range(start, rest, 4):
            a += values[i]
            b += values[i + 1]
            c += values[i + 2]
            d += values[i + 3]
        for i in range(rest, end):
            a += values[i]
        totals[cell] = (a + b) + (c + d)


@compiled
def count_states(
    first: Integers,
    last_act_week: NDArray[np.int32],
    acts: NDArray[np.int32],
    performance: Floats,
    active_since: int,
    floor: float,
    active: Floats,
    ever: Floats,
    badly_served: Floats,
) -> None:
    """Count by cell who is active, who ever took part and who is badly served.

    Args:
        first: first row of each cell, and N, (cells + 1,).
        active_since: week from which an act makes active.
        floor: perceived performance below which one is badly served.
        active, ever, badly_served: written, (cells,).
    """
    for cell in range(active.size):
        lately, once, below = 0, 0, 0
        for i in range(first[cell], first[cell + 1]):
            lately += last_act_week[i] >= active_since
            once += acts[i] > 0
            below += performance[i] < floor
        active[cell], ever[cell], badly_served[cell] = lately, once, below
