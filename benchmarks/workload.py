"""A fixed piece of NumPy work with the engine's mix, so that the ratio of the two changes little between machines.

Never change it without storing a new reference (`make bench-store`): it is the yardstick. It imports nothing of the
model, so that a change of the model cannot move it. Four kinds of work, in about the shares that a profile of the
engine shows at both sizes of the guard: whole columns (float64 arithmetic, and the integer arithmetic of keyed draws),
gathers and scatters by row, sums over groups, and some thousands of calls on arrays of a few dozen numbers.
"""

from __future__ import annotations

import numpy as np

COLUMNS = 24
"""Columns of float64: 190 bytes a row, near the engine's state without ties; 2.5 MB at 13,000 rows."""

TIES = 10
GROUPS = 50
PASSES_OF_COLUMNS = 2
DRAWS = 6
SMALL_ROUNDS = 430
CHUNK = 1 << 14
SHIFT, FACTOR, UNIT = np.uint64(30), np.uint64(0xBF58476D1CE4E5B9), 2.0**-53


class Workload:
    """Arrays for so many rows, and one pass over them; every pass does the same work."""

    def __init__(self, rows: int) -> None:
        draws = np.random.default_rng(1)
        self.rows = rows
        self.columns = [draws.random(rows) for _ in range(COLUMNS)]
        self.keys = draws.integers(0, 2**63, rows, dtype=np.uint64)
        self.ties = draws.integers(0, rows, rows * TIES).astype(np.int32)
        self.group = np.sort(draws.integers(0, GROUPS, rows)).astype(np.int16)
        self.first = np.searchsorted(self.group, np.arange(GROUPS))
        self.small = [draws.random(GROUPS) for _ in range(8)]

    def run(self) -> float:
        """One pass, which stands for a week; returns a sum, so that nothing is done in vain."""
        lots = [self.draw(number) for number in range(DRAWS)]
        self.stream()
        told = self.gather(lots[0], lots[1])
        return told + self.sum_groups(lots[2]) + self.call_often(lots[3])

    def stream(self) -> None:
        """Move columns towards others and keep them in [0, 1], in temporary arrays as the rules do."""
        for _ in range(PASSES_OF_COLUMNS):
            for own, goal, weight in zip(self.columns[0::3], self.columns[1::3], self.columns[2::3], strict=True):
                own += 0.01 * (1.0 - weight) * (goal - own)
                np.clip(own, 0.0, 1.0, out=own)

    def draw(self, number: int) -> np.ndarray:
        """Keyed uniform draws, mixed in chunks that stay in the cache."""
        out = np.empty(self.rows)
        buffer = np.empty(min(CHUNK, self.rows), dtype=np.uint64)
        for start in range(0, self.rows, CHUNK):
            part = self.keys[start : start + CHUNK]
            mixed = buffer[: part.size]
            np.add(part, np.uint64(number), out=mixed)
            for _ in range(3):
                mixed ^= mixed >> SHIFT
                mixed *= FACTOR
            np.multiply(mixed >> np.uint64(11), UNIT, out=out[start : start + CHUNK])
        return out

    def gather(self, lot: np.ndarray, choice: np.ndarray) -> float:
        """Let a third of the rows each take from one of their ties; and make a tenth of them distinct."""
        rows = np.flatnonzero(lot < 1.0 / 3.0)
        other = self.ties[rows * TIES + (choice[rows] * TIES).astype(np.int64)]
        for column in self.columns[:3]:
            gap = column[other] - column[rows]
            column[rows] += np.where(np.abs(gap) <= 0.3, 0.1 * gap, 0.0)
        return float(np.unique(other[: rows.size // 4]).size)

    def sum_groups(self, lot: np.ndarray) -> float:
        """Sums of columns by group, and counts of some rows."""
        sums = [np.add.reduceat(column, self.first) for column in self.columns[:12]]
        counts = np.bincount(self.group[lot < 0.1], minlength=GROUPS)
        return float(sum(part.sum() for part in sums) + counts.max())

    def call_often(self, lot: np.ndarray) -> float:
        """Small calls, a row of a small table at a time, as institutions need them."""
        total = 0.0
        for number in range(SMALL_ROUNDS):
            here = self.small[number % 8]
            there = self.small[(number + 3) % 8]
            share = here / np.maximum(here + there, 1e-9)
            chosen = np.flatnonzero((share > 0.5) & (lot[:GROUPS] < 0.5))
            order = np.argsort(share, kind="stable")[:5]
            mean = np.bincount(order % 4, weights=share[order], minlength=4)
            total += float(mean.sum() + np.where(here > there, here, 0.0).sum()) + chosen.size
            total += 1e-3 * sum(value for value in mean.tolist())
        return total
