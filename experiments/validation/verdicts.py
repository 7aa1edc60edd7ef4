"""The verdict on a pattern over replications: met, not met, or not to be told, and why.

Of each part of a pattern we look at two things: where the 95 % interval of its mean over replications lies, and the
share of replications whose own value lies in the accepted range. A part is

- met, if the whole interval lies in the range and so do at least 80 % of the replications;
- not met, if the whole interval lies outside the range, or fewer than half of the replications lie in it;
- not to be told otherwise, and from fewer than three replications.

A replication without a value, or with an infinite one, does not lie in the range. One that cannot tell might lie on
either side: the shares decide only where they would wherever it lay. A pattern is met if all its parts are; it is not
met if one is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiments.patterns import Accept, Pattern
from experiments.statistics import interval_of_numbers

Word = Literal["met", "not met", "cannot be told"]

CONFIDENCE = 0.95
MET_SHARE = 0.8
NOT_MET_SHARE = 0.5
LEAST_REPLICATIONS = 3


@dataclass(frozen=True)
class Part:
    """One part of a pattern over replications.

    Attributes:
        name, accept: as the pattern has them.
        values: one a replication, nan where there was none.
        mean, low, high: mean over the replications with a value, and its 95 % t-interval.
        inside: share of all replications in the range; those that cannot tell are not.
        untold: how many of them cannot tell.
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
        values: over the replications that could tell, nan or infinite where one has no value.
        untold: how many could not.
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
    count += f", {untold} that cannot tell" if untold else ""
    if len(values) < LEAST_REPLICATIONS:
        return "cannot be told", f"fewer than {LEAST_REPLICATIONS} replications{' that can tell' if untold else ''}"
    if holding + untold < NOT_MET_SHARE * of_all:
        return "not met", count
    low, high = ends
    if _apart(accept, low, high):
        return "not met", "the interval of the mean lies outside the range"
    if not (accept.holds(low) and accept.holds(high)):
        return "cannot be told", "the interval of the mean crosses a bound"
    return ("met", count) if holding >= MET_SHARE * of_all else ("cannot be told", count)


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
        found: values by part, one mapping for each replication that could tell.
        untold: reasons of those that could not.
    """
    if untold and not found:
        return Judged(pattern, where, (), "cannot be told", untold[0])
    names = [name for name in pattern.accept if any(name in values for values in found)]
    parts = tuple(
        judge_part(name, pattern.accept[name], [values.get(name, float("nan")) for values in found], len(untold))
        for name in names
    )
    absent = [name for name in pattern.accept if name not in names]
    word, why = _together(parts, absent)
    if word == "not met" and pattern.untold_if_unmet:
        word, why = "cannot be told", f"{why}; {pattern.untold_if_unmet}"
    if untold:
        why = f"{why}; {len(untold)} of {len(untold) + len(found)} replications cannot tell: {untold[0]}"
    return Judged(pattern, where, parts, word, why)


def _together(parts: Sequence[Part], absent: Sequence[str]) -> tuple[Word, str]:
    for word in ("not met", "cannot be told"):
        of_word = [part for part in parts if part.word == word]
        if of_word:
            return word, "; ".join(f"{part.name}: {part.why}" for part in of_word)
    if absent or not parts:
        return "cannot be told", f"no value for {', '.join(absent) or 'any part'}"
    least = min(parts, key=lambda part: part.inside)
    return "met", least.why if len(parts) == 1 or least.inside == 1.0 else f"of each part at least {least.why}"
