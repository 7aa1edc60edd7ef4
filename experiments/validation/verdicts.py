"""The verdict on a pattern over replications: met, not met or inconclusive, and why.

Each part of a pattern is judged by two things: where the 95 % interval of its mean over replications lies, and the
share of replications whose own value lies in the accepted range. A part is

- met, if the whole interval lies in the range and so do at least 80 % of the replications;
- not met, if the whole interval lies outside the range, or fewer than half of the replications lie in it;
- inconclusive otherwise, and with fewer than three replications.

A replication without a value, or with an infinite one, does not lie in the range. A replication in which the pattern
is not testable is counted as the worst case: as outside the range for "met", and as inside for "not met". A pattern is
met if all its parts are met; it is not met if one part is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiments.patterns import Accept, Pattern
from experiments.statistics import interval_of_numbers

Word = Literal["met", "not met", "inconclusive"]

CONFIDENCE = 0.95
MET_SHARE = 0.8
NOT_MET_SHARE = 0.5
LEAST_REPLICATIONS = 3


@dataclass(frozen=True)
class Part:
    """One part of a pattern over replications.

    Attributes:
        name, accept: as the pattern has them.
        values: one for each replication, NaN where there was none.
        mean, low, high: mean over the replications with a value, and its 95 % t-interval.
        inside: share of all replications in the range; replications that are not testable count as outside.
        untold: number of replications in which the pattern is not testable.
        word, why: the verdict.
    """

    name: str
    accept: Accept
    values: tuple[float, ...]
    mean: float
    low: float
    high: float
    inside: float
    untold: int
    word: Word
    why: str


@dataclass(frozen=True)
class Judged:
    """A pattern over replications: its parts, where it was looked for, the verdict, and why."""

    pattern: Pattern
    where: str
    parts: tuple[Part, ...]
    word: Word
    why: str


def judge_part(name: str, accept: Accept, values: Sequence[float], untold: int = 0) -> Part:
    """The verdict on one part.

    Args:
        name, accept: of the part.
        values: from the testable replications, NaN or infinite where one has no value.
        untold: number of replications that are not testable.
    """
    there = [value if np.isfinite(value) else float("nan") for value in values]
    mean, low, high = interval_of_numbers(there, CONFIDENCE)
    count = len(there) + untold
    holding = sum(map(accept.holds, there))
    word, why = _word(accept, there, (low, high), holding, untold)
    every = (*there, *(float("nan"),) * untold)
    return Part(name, accept, every, mean, low, high, holding / count if count else 0.0, untold, word, why)


def _word(
    accept: Accept, values: Sequence[float], ends: tuple[float, float], holding: int, untold: int
) -> tuple[Word, str]:
    of_all = len(values) + untold
    missing = sum(not np.isfinite(value) for value in values)
    count = f"{holding} of {of_all} replications in the range"
    count += f", {missing} without a value" if missing else ""
    count += f", {untold} not testable" if untold else ""
    if len(values) < LEAST_REPLICATIONS:
        return "inconclusive", f"fewer than {LEAST_REPLICATIONS} {'testable ' if untold else ''}replications"
    if holding + untold < NOT_MET_SHARE * of_all:
        return "not met", count
    low, high = ends
    if _apart(accept, low, high):
        return "not met", "the interval of the mean lies outside the range"
    if not (accept.holds(low) and accept.holds(high)):
        return "inconclusive", "the interval of the mean crosses a bound"
    return ("met", count) if holding >= MET_SHARE * of_all else ("inconclusive", count)


def _apart(accept: Accept, low: float, high: float) -> bool:
    """Whether an interval lies wholly outside the range."""
    above = accept.high is not None and (low >= accept.high if accept.open else low > accept.high)
    below = accept.low is not None and (high <= accept.low if accept.open else high < accept.low)
    return above or below


def judge_pattern(
    pattern: Pattern, where: str, found: Sequence[Mapping[str, float]], untold: Sequence[str] = ()
) -> Judged:
    """The verdict on a pattern.

    Args:
        pattern: the pattern.
        where: in which cities it was looked for.
        found: values by part, one mapping for each testable replication.
        untold: reasons of the replications that are not testable.
    """
    if untold and not found:
        return Judged(pattern, where, (), "inconclusive", untold[0])
    names = [name for name in pattern.accept if any(name in values for values in found)]
    parts = tuple(
        judge_part(name, pattern.accept[name], [values.get(name, float("nan")) for values in found], len(untold))
        for name in names
    )
    absent = [name for name in pattern.accept if name not in names]
    word, why = _together(parts, absent)
    if word == "not met" and pattern.inconclusive_if_unmet:
        word, why = "inconclusive", f"{why}; {pattern.inconclusive_if_unmet}"
    if untold:
        why = f"{why}; {len(untold)} of {len(untold) + len(found)} replications are not testable: {untold[0]}"
    return Judged(pattern, where, parts, word, why)


def _together(parts: Sequence[Part], absent: Sequence[str]) -> tuple[Word, str]:
    for word in ("not met", "inconclusive"):
        of_word = [part for part in parts if part.word == word]
        if of_word:
            return word, "; ".join(f"{part.name}: {part.why}" for part in of_word)
    if absent or not parts:
        return "inconclusive", f"no value for {', '.join(absent) or 'any part'}"
    least = min(parts, key=lambda part: part.inside)
    return "met", least.why if len(parts) == 1 or least.inside == 1.0 else f"of each part at least {least.why}"
