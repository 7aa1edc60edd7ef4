"""One difference: its numbers, the word for it, and whether it is better or worse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from experiments.answers.texts import (
    Text,
    begun,
    both,
    decimals_for,
    decimals_of_half,
    decimals_to_see,
    factor_of,
    level_shown,
    outcome_title,
    said,
    shown,
    unit_of,
)
from experiments.least import least_that_matters
from experiments.units import TOMAN, decimals_of_count
from experiments.words import Effect, effect_of, in_words
from sim.outcome import HIGHEST, known
from sim.policies import Label

Verdict = Literal["better", "worse", "may be better", "may be worse", "none", "changed", "unknown"]

FEWEST_PAIRS = 3
"""Pairs from which on an interval is shown: that of two pairs says next to nothing (its t is 12.7)."""

_SENTENCES: dict[Effect, tuple[str, str]] = {
    Effect.RISES: (
        "{outcome}: rises by {size} {unit} ({low} to {high}), from {base} to {policy}.",
        "{outcome}: افزایش به اندازه {size} {unit} ({low} تا {high})، از {base} به {policy}.",
    ),
    Effect.FALLS: (
        "{outcome}: falls by {size} {unit} ({low} to {high}), from {base} to {policy}.",
        "{outcome}: کاهش به اندازه {size} {unit} ({low} تا {high})، از {base} به {policy}.",
    ),
    Effect.MAY_RISE: (
        "{outcome}: may rise; {difference} {unit} ({low} to {high}), from {base} to {policy}.",
        "{outcome}: شاید افزایش؛ {difference} {unit} ({low} تا {high})، از {base} به {policy}.",
    ),
    Effect.MAY_FALL: (
        "{outcome}: may fall; {difference} {unit} ({low} to {high}), from {base} to {policy}.",
        "{outcome}: شاید کاهش؛ {difference} {unit} ({low} تا {high})، از {base} به {policy}.",
    ),
    Effect.LITTLE: (
        "{outcome}: little or no difference; {difference} {unit} ({low} to {high}), less than the least difference "
        "that matters ({least}).",
        "{outcome}: تفاوت ناچیز؛ {difference} {unit} ({low} تا {high})، کوچک‌تر از کمترین تفاوت مهم ({least}).",
    ),
    Effect.UNKNOWN: (
        "{outcome}: the model cannot tell; {difference} {unit} ({low} to {high}).",
        "{outcome}: مدل پاسخ روشنی ندارد؛ {difference} {unit} ({low} تا {high}).",
    ),
}
OF_A_RARE_SHARE = 0.25
"""Beside a rare share, the least difference that matters is wide: a change by this part of the level is said, too. It
is what GRADE takes for appreciable (Guyatt and others 2011, Journal of Clinical Epidemiology 64, 1283-1293: relative
risks of 0.75 and 1.25); it changes no word, for the convention of least differences was written down before."""

SHOWN_AS_0 = 0.0005
"""No change is told in per cent of a level below this."""

VISIBLE = 0.001
"""Differences between shares below this are not told beside their level: one resident in a thousand."""

_BESIDE_ITS_LEVEL = (
    " The share itself is small: relative to it, this is {change}.",
    " خود این سهم اندک است: نسبت به آن، این تفاوت یعنی {change}.",
)
_SMALL_LEVELS = (
    " The share itself is small: it goes from {base} to {policy}.",
    " خود این سهم اندک است: از {base} به {policy} می‌رسد.",
)
_IN_UNIT = ("{difference} {unit}", "{difference} {unit}")
_MORE_OR_LESS: dict[bool, tuple[str, str]] = {
    True: ("{change} % more", "{change}٪ بیشتر"),
    False: ("{change} % less", "{change}٪ کمتر"),
}
_WITHOUT_INTERVAL = (
    "{outcome}: too few pairs of runs to tell; so far {difference} {unit}.",
    "{outcome}: شمار جفت‌های اجرا برای پاسخ کم است؛ تاکنون {difference} {unit}.",
)
_NEVER = ("{outcome}: no value to compare.", "{outcome}: مقداری برای مقایسه نیست.")


@dataclass(frozen=True)
class Difference:
    """A difference of an outcome from the baseline, in the outcome's own unit.

    Attributes:
        outcome: its name.
        base: level under the baseline.
        difference: of the policy from it.
        low, high: ends of the interval; nan where there is none.
        better: which end is the better one: highest, lowest or None.
        money: the city's unit of money.
    """

    outcome: str
    base: float
    difference: float
    low: float
    high: float
    better: str | None
    money: Label = TOMAN

    @property
    def unit(self) -> Text:
        """Of the difference, in words."""
        return unit_of(self.outcome, money=self.money)

    @property
    def policy(self) -> float:
        """Level under the policy."""
        return self.base + self.difference

    @cached_property
    def least(self) -> float:
        """The least difference that matters, at the baseline's level; where that is 0, one of what is counted."""
        least = least_that_matters(self.outcome, self.base)
        return 1.0 if self.base == 0.0 and math.isnan(least) else least

    @cached_property
    def effect(self) -> Effect:
        """What it is called; see `experiments.words`."""
        return effect_of(self.low, self.high, self.least)

    @property
    def verdict(self) -> Verdict:
        """Whether it is better or worse, by the word for it and the outcome's better end."""
        return verdict_of(self.effect, self.better)

    @cached_property
    def numbers(self) -> dict[str, Text]:
        """Its numbers as they are shown, in both languages: with common decimals.

        Returns:
            base, policy (levels), difference, low, high (with signs), size (without), interval, least.
        """
        factor = factor_of(self.outcome)
        ends = [factor * value for value in (self.difference, self.low, self.high)]
        largest = max((abs(end) for end in ends if math.isfinite(end)), default=0.0)
        of_count = decimals_of_count(self.outcome, largest)
        half = 0.5 * (ends[2] - ends[1])
        decimals = max(decimals_for(*ends), decimals_of_half(half)) if of_count is None else of_count
        if self.effect in (Effect.RISES, Effect.FALLS):  # a change is never shown as 0
            decimals = decimals_to_see(ends[0], decimals)
        ends[1:] = _opened(ends[1], ends[2], decimals)
        difference, low, high = (shown(value, decimals, sign=True) for value in ends)
        interval = said(("{low} to {high}", "{low} تا {high}"), low=low, high=high)
        least = factor * self.least
        return {
            "base": level_shown(self.outcome, self.base),
            "policy": level_shown(self.outcome, self.policy),
            "difference": difference,
            "low": low,
            "high": high,
            "size": shown(abs(ends[0]), decimals),
            "interval": interval if math.isfinite(self.low) else {"en": "–", "fa": "–"},
            "least": shown(least, decimals_to_see(least, decimals_for(least))),
        }

    @property
    def in_leasts(self) -> float:
        """Its size in least differences that matter: what differences of several outcomes are sorted by."""
        return abs(self.difference) / self.least if self.least > 0.0 else 0.0


def _opened(low: float, high: float, decimals: int) -> tuple[float, float]:
    """The ends of an interval; rounded outwards where both would be shown as 0, as if nothing could differ at all."""
    if not low < high or round(low, decimals) != 0.0 or round(high, decimals) != 0.0:
        return low, high
    unit = 10.0**-decimals
    return math.floor(low / unit) * unit, math.ceil(high / unit) * unit


def difference_in(row: Mapping[Any, Any], ends: Mapping[str, str | None], money: Label = TOMAN) -> Difference:
    """The difference in a row of a table: outcome, base, difference, low, high.

    Args:
        row: the row.
        ends: better end of each outcome.
        money: the city's unit of money.
    """
    outcome = str(row["outcome"])
    base, difference, low, high = (float(row[name]) for name in ("base", "difference", "low", "high"))
    return Difference(outcome, base, difference, low, high, ends.get(outcome), money)


def verdict_of(effect: Effect, better: str | None) -> Verdict:
    """Whether an effect is better or worse; where neither end is better, it is a change."""
    if effect in (Effect.LITTLE, Effect.UNKNOWN):
        return "none" if effect == Effect.LITTLE else "unknown"
    if better is None:
        return "changed"
    up = effect in (Effect.RISES, Effect.MAY_RISE)
    good = up == (better == HIGHEST)
    if effect in (Effect.RISES, Effect.FALLS):
        return "better" if good else "worse"
    return "may be better" if good else "may be worse"


def sentence_of(found: Difference, title: Text | None = None) -> Text:
    """A difference as a sentence, by the rule of its word.

    Args:
        found: the difference.
        title: of what it is; the outcome in words if None.
    """
    name = title if title is not None else outcome_title(found.outcome)
    values = {**found.numbers, "outcome": begun(name), "unit": found.unit}
    if not math.isfinite(found.difference):
        return said(_NEVER, **values)
    if not math.isfinite(found.low):
        return said(_WITHOUT_INTERVAL, **values)
    return _tidy(said(_SENTENCES[found.effect], **values), _of_a_rare_share(found))


def _of_a_rare_share(found: Difference) -> Text:
    change = beside_its_level(found)
    if found.effect is Effect.LITTLE and change["en"]:
        numbers = found.numbers
        return said(_SMALL_LEVELS, base=numbers["base"], policy=numbers["policy"])
    return said(_BESIDE_ITS_LEVEL, change=change) if change["en"] else change


def beside_its_level(found: Difference) -> Text:
    """How much a rare share of people changes, where that is much beside its level and its word does not say so.

    Returns:
        in per cent of the level; the difference in its unit where the word is little or no difference, for "63 % more"
        would contradict that; empty of all other differences.
    """
    declared = known(found.outcome)
    change = found.difference / found.base if found.base >= SHOWN_AS_0 else 0.0
    rare = declared is not None and declared.per_cent and found.least > OF_A_RARE_SHARE * found.base
    told = found.low > 0.0 or found.high < 0.0
    much = abs(found.difference) >= VISIBLE and abs(change) >= OF_A_RARE_SHARE
    if not (rare and told and much) or found.effect in (Effect.RISES, Effect.FALLS):
        return {"en": "", "fa": ""}
    if found.effect is Effect.LITTLE:
        return said(_IN_UNIT, difference=found.numbers["difference"], unit=found.unit)
    return said(_MORE_OR_LESS[change > 0.0], change=shown(100.0 * abs(change), 0))


def effect_in_words(found: Difference) -> Text:
    """The word for a difference, to stand beside its numbers; with how much a rare share changes beside its level."""
    word = both(lambda language: in_words(found.effect, language))
    change = beside_its_level(found)
    if found.effect is Effect.LITTLE or not change["en"]:
        return word
    return said(("{word}, {change}", "{word}، {change}"), word=word, change=change)


def as_data(found: Difference) -> dict[str, Any]:
    """A difference for the page: `Difference` of the page's contract."""
    numbers = found.numbers
    return {
        "base": found.base,
        "policy": found.policy,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "least": found.least,
        "verdict": found.verdict,
        "effect": effect_in_words(found),
        "shown": {name: numbers[name] for name in ("base", "policy", "difference", "interval", "least")},
    }


def _tidy(text: Text, more: Text) -> Text:
    """Without the gap that an outcome without a unit leaves; with what is added to it."""
    return both(lambda language: " ".join(text[language].split()) + more[language])
