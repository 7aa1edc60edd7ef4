"""Compiled passes that find few rows among all: one marks them, side by side, and another lists those marked.

A loop that lists what it finds as it goes takes one row after another, since each place depends on those before. So a
pass over all writes a mark a row, several rows at a time, and `marked` reads the marks eight at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compiled_over_all

Integers = NDArray[np.int64]
Marks = NDArray[np.uint8]

TOGETHER = 8
"""Marks that are read at once, as one whole number: where it is 0, none of them is set."""


@compiled_over_all
def marked(marks: Marks) -> Integers:
    """Rows with a mark, ascending.

    Args:
        marks: 1 or 0, (N,), without gaps in memory.
    """
    count, found = 0, 0
    for i in range(marks.size):
        count += marks[i] != 0
    rows = np.empty(count + 1, np.int64)
    whole = marks.size // TOGETHER * TOGETHER
    words = marks[:whole].view(np.uint64)
    for word in range(words.size):
        if words[word] != 0:
            for i in range(word * TOGETHER, (word + 1) * TOGETHER):  # a miss is overwritten
                rows[found] = i
                found += marks[i] != 0
    for i in range(whole, marks.size):
        rows[found] = i
        found += marks[i] != 0
    return rows[:count]
