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
from functools import reduce
from typing import Literal

import numpy as np

from experiments.answers.texts import Text, joined, said, shown
from experiments.pattern_names import part_text
from experiments.patterns import Accept, Pattern
from experiments.statistics import interval_of_numbers
from experiments.validation.reasons import reason_of

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
        word, reason: the verdict, and why in both languages.
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
    reason: Text

    @property
    def why(self) -> str:
        """The reason in English, as tables have it."""
        return self.reason["en"]


@dataclass(frozen=True)
class Judged:
    """A pattern over replications: its parts, where it was looked for, the verdict, and why in both languages."""

    pattern: Pattern
    where: str
    parts: tuple[Part, ...]
    word: Word
    reason: Text

    @property
    def why(self) -> str:
        """The reason in English, as tables have it."""
        return self.reason["en"]


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
) -> tuple[Word, Text]:
    of_all = len(values) + untold
    missing = sum(not np.isfinite(value) for value in values)
    count = _counted(holding, of_all, missing, untold)
    if len(values) < LEAST_REPLICATIONS:
        return "inconclusive", _said("few testable" if untold else "few", least=LEAST_REPLICATIONS)
    if holding + untold < NOT_MET_SHARE * of_all:
        return "not met", count
    low, high = ends
    if _apart(accept, low, high):
        return "not met", _said("outside")
    if not (accept.holds(low) and accept.holds(high)):
        return "inconclusive", _said("crosses")
    return ("met", count) if holding >= MET_SHARE * of_all else ("inconclusive", count)


def _counted(holding: int, of_all: int, missing: int, untold: int) -> Text:
    """How many replications lie in the range, have no value and are not testable."""
    found = [_said("in range", holding=holding, all=of_all)]
    found += [_said("without", count=missing)] if missing else []
    found += [_said("not testable", count=untold)] if untold else []
    return joined(found)


def _said(key: str, **values: int | Text) -> Text:
    """A reason in both languages."""
    return said(
        _TEXTS[key],
        **{name: shown(value, 0) if isinstance(value, int) else value for name, value in values.items()},
    )


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
        return Judged(pattern, where, (), "inconclusive", reason_of(untold[0]))
    names = [name for name in pattern.accept if any(name in values for values in found)]
    parts = tuple(
        judge_part(name, pattern.accept[name], [values.get(name, float("nan")) for values in found], len(untold))
        for name in names
    )
    absent = [name for name in pattern.accept if name not in names]
    word, why = _together(parts, absent)
    if word == "not met" and pattern.inconclusive_if_unmet:
        word, why = "inconclusive", _said("and", one=why, other=reason_of(pattern.inconclusive_if_unmet))
    if untold:
        count, of_all = len(untold), len(untold) + len(found)
        why = _said("partly testable", why=why, count=count, all=of_all, reason=reason_of(untold[0]))
    return Judged(pattern, where, parts, word, why)


def _together(parts: Sequence[Part], absent: Sequence[str]) -> tuple[Word, Text]:
    words: tuple[Word, ...] = ("not met", "inconclusive")
    for word in words:
        of_word = [_said("of part", part=part_text(part.name), why=part.reason) for part in parts if part.word == word]
        if of_word:
            return word, reduce(lambda one, other: _said("and", one=one, other=other), of_word)
    if absent:
        return "inconclusive", _said("no value", parts=joined([part_text(name) for name in absent]))
    if not parts:
        return "inconclusive", _said("none")
    least = min(parts, key=lambda part: part.inside)
    return "met", least.reason if len(parts) == 1 or least.inside == 1.0 else _said("at least", why=least.reason)


_TEXTS: dict[str, tuple[str, str]] = {
    "in range": ("{holding} of {all} replications in the range", "{holding} تکرار از {all} تکرار در دامنه"),
    "without": ("{count} without a value", "{count} تکرار بدون مقدار"),
    "not testable": ("{count} not testable", "{count} تکرار آزمون‌ناپذیر"),
    "few": ("fewer than {least} replications", "کمتر از {least} تکرار"),
    "few testable": ("fewer than {least} testable replications", "کمتر از {least} تکرار آزمون‌پذیر"),
    "outside": (
        "the interval of the mean lies outside the range",
        "بازه میانگین بیرون از دامنه است",
    ),
    "crosses": ("the interval of the mean crosses a bound", "بازه میانگین از مرز دامنه می‌گذرد"),
    "and": ("{one}; {other}", "{one}؛ {other}"),
    "partly testable": (
        "{why}; {count} of {all} replications are not testable: {reason}",
        "{why}؛ {count} تکرار از {all} تکرار آزمون‌ناپذیر است: {reason}",
    ),
    "of part": ("{part}: {why}", "{part}: {why}"),
    "no value": ("no value for {parts}", "بدون مقدار: {parts}"),
    "none": ("no value for any part", "هیچ بخشی مقدار ندارد"),
    "at least": ("of each part at least {why}", "از هر بخش دست‌کم {why}"),
}
