"""While a comparison runs: the difference so far, as soon as there is an interval."""

from __future__ import annotations

import sys

import numpy as np

from experiments.contrasts.statistics import t_interval
from experiments.sweeps.runner import Progress, Watch

FIRST = 2
"""Replications from which there is an interval; after that each time there are half as many again."""


class Differences:
    """Passes progress on, and prints a line for each policy whenever there are enough new replications.

    Args:
        names: the policies, the base first.
        outcome: what they are ranked by.
        then: what else is told of progress.
    """

    def __init__(self, names: tuple[str, ...], outcome: str, then: Watch | None = None) -> None:
        self._names, self._outcome, self._then = names, outcome, then
        self._next = FIRST

    def __call__(self, progress: Progress) -> None:
        """Print what is new."""
        arms = len(self._names)
        pairs = {number: self._differences(progress, number) for number in range(1, arms)}
        fewest = min(values.size for values in pairs.values())
        if fewest >= self._next:
            self._next = fewest + max(1, fewest // 2)
            for number, values in pairs.items():
                mean, low, high = t_interval(values)
                print(
                    f"after {values.size} replications, {self._outcome}, {self._names[number]} less {self._names[0]}: "
                    f"{mean:+.4f} ({low:+.4f} to {high:+.4f}, 95 % at this look alone)",
                    file=sys.stderr,
                    flush=True,
                )
        if self._then is not None:
            self._then(progress)

    def _differences(self, progress: Progress, number: int) -> np.ndarray:
        arms, values = len(self._names), progress.values
        there = [run for run in values if run % arms == number and run - number in values]
        return np.array([values[run] - values[run - number] for run in sorted(there)])
