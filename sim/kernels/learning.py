"""Compiled passes of phase 7: what a week does to everybody, who learns, who works beside whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_over_all, compiled_rule
from sim.randomness import Keys, draw
from sim.rules.learning import habit_step, skill_decay

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

_habit_step = compiled_rule(habit_step)
_skill_decay = compiled_rule(skill_decay)


@compiled_over_all
def fade(
    acted: Flags,
    habit: Floats,
    fatigue: Floats,
    skill: Floats,
    initial_skill: Floats,
    habit_rate: float,
    recovery: float,
    decay: float,
) -> None:
    """What a week does to everybody: habit follows acts, fatigue and skill fade."""
    for i in range(habit.size):
        habit[i] = _habit_step(habit[i], 1.0 if acted[i] else 0.0, habit_rate)
        fatigue[i] *= 1.0 - recovery
        skill[i] = _skill_decay(skill[i], initial_skill[i], decay)


@compiled_over_all
def count_learners(
    first: Integers, last_act_week: NDArray[np.int32], role: Codes, active_since: int, neighbourhoods: int
) -> Floats:
    """Active youths without a role in each neighbourhood, (M,).

    Args:
        first: first row of each span of residents of one neighbourhood and sex, youths and others in turn, and N.
        last_act_week, role: columns, (N,).
        active_since: week from which on one counts as active.
    """
    learners = np.zeros(neighbourhoods)
    for span in range(0, first.size - 1, 2):
        acts, roles = last_act_week[first[span] : first[span + 1]], role[first[span] : first[span + 1]]
        found = 0
        for i in range(acts.size):
            found += (acts[i] >= active_since) & (roles[i] == 0)
        learners[span // 4] += found
    return learners


@compiled
def work_side_by_side(
    rows: Integers,
    neighbourhood: NDArray[np.int32],
    cell: Integers,
    generation: Codes,
    crews: Integers,
    turn: Integers,
    probability: float,
    keys: Keys,
    key_of_who: np.uint64,
    key_of_whether: np.uint64,
) -> tuple[Integers, Integers, int, int]:
    """Volunteers each work beside one of their neighbourhood's crew, drawn at random; then they join it.

    Args:
        rows: of this week's volunteers, (n,).
        neighbourhood, cell, generation: of all residents, (N,); two generations are across if their product is 2.
        crews: rows of the last different volunteers in each neighbourhood, -1 where there is none, (M, size).
        turn: how many have joined so far, (M,): the next takes the place of the one who joined first.
        probability: with which two of different cells come to be tied.
        keys, key_of_who, key_of_whether: of the draws.

    Returns:
        rows of the pairs to be tied, (pairs,) each; how many work side by side, and how many of them across
        generations.
    """
    size = crews.shape[1]
    first, second = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    pairs = met = across = 0
    for row in rows:
        b = neighbourhood[row]
        there = min(turn[b], size)
        other = crews[b, np.int64(draw(keys[row], key_of_who) * there)]
        if other >= 0 and other != row:
            met += 1
            across += generation[row] * generation[other] == 2
        if other >= 0 and cell[row] != cell[other] and draw(keys[row], key_of_whether) < probability:
            first[pairs], second[pairs] = row, other
            pairs += 1
    for row in rows:
        b = neighbourhood[row]
        known = False
        for place in range(size):
            known |= crews[b, place] == row
        if not known:
            crews[b, turn[b] % size] = row
            turn[b] += 1
    return first[:pairs], second[:pairs], met, across
