"""Compiled sums and counts of residents and projects, for the tables of phase 9."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled, compiled_over_all

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@compiled_over_all
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
        if first[place] == first[place + 1]:  # many of the smallest cells are empty
            continue
        where, cell = place // cells, place % cells
        own = slice(first[place], first[place + 1])  # a slice: seeing to numbers that may be negative takes time
        own_a, own_b, own_c, own_d, own_e = a[own], b[own], c[own], d[own], e[own]
        of_a = of_b = of_c = of_d = of_e = 0.0
        for i in range(own_a.size):
            of_a += own_a[i]
            of_b += own_b[i]
            of_c += own_c[i]
            of_d += own_d[i]
            of_e += own_e[i]
        for k, total in enumerate((of_a, of_b, of_c, of_d, of_e)):
            by_neighbourhood[k, where] += total
            by_cell[k, cell] += total


@compiled_over_all
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


@compiled_over_all
def skill_of_youths(first: Integers, skill: Floats, threshold: float) -> tuple[float, int, int]:
    """Sum of the civic skill of youths, how many reach a threshold, and how many there are.

    Args:
        first: first row of each span of residents of one neighbourhood and sex, youths and others in turn, and N.
        skill: column, (N,).
    """
    total, reached, people = 0.0, 0, 0
    for span in range(0, first.size - 1, 2):
        for i in range(first[span], first[span + 1]):
            total += skill[i]
            reached += skill[i] >= threshold
        people += first[span + 1] - first[span]
    return total, reached, people


@compiled_over_all
def count_states(
    first: Integers,
    last_part_week: NDArray[np.int32],
    acts: NDArray[np.int32],
    performance: Floats,
    active_since: int,
    floor: float,
    by_neighbourhood: Floats,
    by_cell: Floats,
) -> None:
    """Count who took part lately, who ever did and who is badly served, as `add_up` sums columns.

    Args:
        first: first row of each cell of each neighbourhood, and N, (M * cells + 1,).
        active_since: week from which on taking part counts as lately.
        floor: perceived performance below which one is badly served.
        by_neighbourhood, by_cell: added to, (3, M) and (3, cells).
    """
    cells, since = by_cell.shape[1], np.int32(active_since)
    for place in range(first.size - 1):
        if first[place] == first[place + 1]:  # many of the smallest cells are empty
            continue
        where, cell = place // cells, place % cells
        own = slice(first[place], first[place + 1])
        weeks, counts, performances = last_part_week[own], acts[own], performance[own]
        lately, once, below = 0, 0, 0
        for i in range(weeks.size):  # a loop for each type of number, so that several residents go at a time
            lately += weeks[i] >= since
        for i in range(counts.size):
            once += counts[i] > 0
        for i in range(performances.size):
            below += performances[i] < floor
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


STATES = 4
LATE, BY_COUNCIL, FINISHED_BY_COUNCIL, CAPTURED, PLEDGED = range(STATES, STATES + 5)
"""What `count_projects` counts besides the states of projects."""


@compiled
def count_projects(
    neighbourhood: Integers,
    status: Integers,
    late: Flags,
    by_council: Flags,
    captured: Flags,
    from_before: Flags,
    finished: int,
    counts: Integers,
) -> None:
    """Count projects by neighbourhood.

    Args:
        neighbourhood to from_before: columns of projects; those from before week 0 were not pledged in the run.
        finished: code of the status.
        counts: added to, (9, M): projects in each of the four states, and `LATE` to `PLEDGED`.
    """
    for k in range(neighbourhood.size):
        b = neighbourhood[k]
        if status[k] < STATES:  # an extension's own state is none of these
            counts[status[k], b] += 1
        counts[LATE, b] += late[k]
        counts[BY_COUNCIL, b] += by_council[k]
        counts[FINISHED_BY_COUNCIL, b] += by_council[k] and status[k] == finished
        counts[CAPTURED, b] += captured[k]
        counts[PLEDGED, b] += not from_before[k]
