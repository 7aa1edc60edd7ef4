"""While a comparison runs: the difference so far, as soon as there is an interval; and what can be got ready."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from experiments.answers.texts import MOST_DECIMALS, decimals_for, factor_of
from experiments.escaping import say
from experiments.languages import which, written
from experiments.statistics import t_interval
from experiments.study.runner import Progress, Watch
from experiments.study.shards import last_values
from experiments.study.watching import time_left
from experiments.units import in_hundredths, in_words, unit_in_words
from sim.outcome import Language

FIRST = 2
"""Replications from which there is an interval; after that each time there are half as many again."""


_SO_FAR = (
    "after {count} replications, {outcome}, {policy} less {base}: "
    "{mean}{unit} ({low} to {high}, 95 % at this look alone)",
    "پس از {count} تکرار، {outcome}، «{policy}» منهای «{base}»: "
    "{mean}{unit} ({low} تا {high}، بازه اطمینان ۹۵٪ تنها برای همین بررسی)",
)


class Differences:
    """Passes progress on, and prints a line for each policy whenever there are enough new replications.

    Args:
        names: the policies, the base first.
        outcome: what they are ranked by.
        then: what else is told of progress.
        shards: where the runs are; read where no stopping rule looks at the outcome, so that progress has no values.
        language: of the lines.
        titles: gives what the policies are called in the lines, once there are runs; their names if None.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        outcome: str,
        then: Watch | None = None,
        shards: Path | None = None,
        language: Language = "en",
        titles: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        self._names, self._outcome, self._then, self._shards = names, outcome, then, shards
        self._language, self._titles = language, titles or (lambda: names)
        self._next = FIRST
        self._done = 0
        self._read: dict[str, dict[int, float]] = {}

    def __call__(self, progress: Progress) -> None:
        """Print what is new."""
        arms = len(self._names)
        known = progress.values or self._stored(progress.done)
        pairs = {number: self._differences(known, number) for number in range(1, arms)}
        fewest = min(values.size for values in pairs.values())
        if fewest >= self._next:
            self._next = fewest + max(1, fewest // 2)
            titles = self._titles()
            for number, values in pairs.items():
                mean, low, high = (factor_of(self._outcome) * bound for bound in t_interval(values))
                digits = MOST_DECIMALS if in_hundredths(self._outcome) else decimals_for(mean, low, high)
                numbers = {"mean": mean, "low": low, "high": high}
                shown = {key: written(f"{size:+,.{digits}f}", self._language) for key, size in numbers.items()}
                unit = unit_in_words(self._outcome, self._language)
                line = which(_SO_FAR, self._language).format(
                    count=written(str(values.size), self._language),
                    outcome=which((self._outcome, in_words(self._outcome, self._language)), self._language),
                    policy=titles[number],
                    base=titles[0],
                    unit=unit and f" {unit}",
                    **shown,
                )
                timed = progress.rate > 0.0 and sys.stderr.isatty()  # in a file nobody waits
                left = f" · {time_left(progress, self._language)}" if timed else ""
                say(f"{line}{left}", file=sys.stderr, flush=True)
        if self._then is not None:
            self._then(progress)

    def _stored(self, done: int) -> Mapping[int, float]:
        """Values of the runs in the folder; each shard is read once."""
        if self._shards is None or done == self._done:
            return {}
        self._done = done
        for path in self._shards.glob("*.parquet"):
            if path.name not in self._read:
                self._read[path.name] = last_values(path, f"{self._outcome}:last")
        return {run: value for values in self._read.values() for run, value in values.items()}

    def _differences(self, values: Mapping[int, float], number: int) -> np.ndarray:
        arms = len(self._names)
        there = [run for run in values if run % arms == number and run - number in values]
        return np.array([values[run] - values[run - number] for run in sorted(there)])


class WhenIdle:
    """Passes progress on, and does some work once, as soon as fewer runs are left than there are workers.

    Args:
        work: what will be needed after the runs.
        workers: how many there are.
        then: what else is told of progress, first.
    """

    def __init__(self, work: Callable[[], object], workers: int, then: Watch | None = None) -> None:
        self._work, self._workers, self._then = work, workers, then
        self._done = False

    def __call__(self, progress: Progress) -> None:
        """Do the work if it is time."""
        if self._then is not None:
            self._then(progress)
        if not self._done and progress.planned - progress.done < self._workers:
            self._done = True
            self._work()
