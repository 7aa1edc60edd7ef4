"""Compiled passes over seats: who takes them, and what councils they make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]


@compiled
def seat_the_best(
    seats: Integers,
    candidates: Integers,
    scores: Floats,
    donor: Integers,
    in_sample: Flags,
    per_council: int,
    most: int,
) -> int:
    """Give each of some seats, in order, to its best candidate who may still take it, and return how many were taken.

    Args:
        seats: numbers, (n,).
        candidates: rows, -1 where there is nobody, (n, candidates).
        scores: the higher the better, the earlier of equals first; -inf or nan never wins; same shape.
        donor: rows of the holders of all seats, -1 where vacant, neighbourhood by neighbourhood, (seats,); written.
        in_sample: seats held by the resident who lends his or her traits, and not by another one like that, (seats,).
        per_council: seats in each neighbourhood.
        most: seats to which one resident may lend traits; of those in the sample, one at most.
    """
    for seat in seats:
        donor[seat] = -1
    taken = 0
    tried = np.empty(candidates.shape[1], np.bool_)
    for k in range(seats.size):
        first = seats[k] // per_council * per_council
        for c in range(tried.size):
            tried[c] = False
        for _ in range(tried.size):
            best = -1
            for c in range(tried.size):
                if not tried[c] and scores[k, c] > (scores[k, best] if best >= 0 else -np.inf):
                    best = c
            if best < 0:
                break
            tried[best], row = True, candidates[k, best]
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
        for c in range(needs.shape[1]):
            needs[b, c] = 0.0
        for place in range(donor.shape[1]):
            row = donor[b, place]
            if row >= 0 and on_council[place]:
                seated += 1
                women[b] += sex[row] == 1
                youths[b] += cohort[row] == 0
                for c in range(needs.shape[1]):
                    needs[b, c] += need_weights[row, c]
            if row >= 0 and deciding[place]:
                deciders += 1
                elite[b] += resources[row] >= elite_resources
                means[b] += resources[row]
                attends[b] += attendance[row]
        members[b] = seated
        women[b] /= max(seated, 1)
        youths[b] /= max(seated, 1)
        for c in range(needs.shape[1]):
            needs[b, c] /= max(seated, 1)
        elite[b] /= max(deciders, 1)
        means[b] /= max(deciders, 1)
        attends[b] /= max(deciders, 1)


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
        for place in range(donor.shape[1]):
            row = donor[b, place]
            if row >= 0 and deciding[place]:
                total += skill[row]
                deciders += 1
        mean_skill[b] = total / max(deciders, 1)
