"""How sure one may be of an answer: rules after those of GRADE, and what would change it.

An answer begins as high and goes down by one level for each reason:

- the model fails patterns that were not considered when its defaults were chosen, or nobody has looked (and then it is
  low at best);
- most of the assumptions that move the difference rest on no evidence;
- the interval of the ranking outcome does not settle the word for it (imprecision);
- another value of an assumption changes the word (inconsistency), or nobody has looked.

It says how sure one may be that a real city would do the same. It is not a probability: likelihood words need a spread
over assumptions, which runs of one set of assumptions do not give.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.answers.findings import Difference
from experiments.answers.texts import Text, both, joined, outcome_title, said, shown
from experiments.directions import LEFT_TO_RIGHT
from experiments.languages import digits, which
from experiments.titles import title_of, unit_of
from experiments.words import Effect, in_words
from sim.config import Config
from sim.outcome import Language
from sim.parameters import register

LEVELS: dict[str, tuple[str, str]] = {
    "high": ("high", "زیاد"),
    "moderate": ("moderate", "متوسط"),
    "low": ("low", "کم"),
    "very low": ("very low", "بسیار کم"),
}
"""Levels of certainty, the highest first."""

CAP = "low"
"""The highest level while a pattern fails that was not considered when defaults were chosen, or none was judged."""

MOSTLY = 0.5
"""Share of the movers without evidence beyond which a level is taken off."""


@dataclass(frozen=True)
class Flip:
    """What another value of an assumption does to the word for a difference.

    Attributes:
        outcome: whose difference.
        key: of the assumption.
        value: its other value.
        word: what the difference is called then.
    """

    outcome: str
    key: str
    value: float | str
    word: Effect


@dataclass(frozen=True)
class Evidence:
    """What is known of the model, and of one comparison, beside its runs.

    Attributes:
        failed: names of patterns not met that were not considered when defaults were chosen.
        undecided: of such patterns without a verdict.
        counted: how many such patterns there are.
        movers: of each outcome the number of assumptions that move the programme's effect, and of those that rest on no
            evidence.
        examined: assumptions whose other values were tried on this comparison; None if nobody has.
        flips: those that change a word.
        pairs: pairs of runs with which each was tried.
    """

    failed: tuple[Text, ...] = ()
    undecided: tuple[Text, ...] = ()
    counted: int = 0
    movers: dict[str, tuple[int, int]] = field(default_factory=dict)
    examined: tuple[str, ...] | None = None
    flips: tuple[Flip, ...] = ()
    pairs: int = 0

    def about(self, outcome: str, tried: Collection[str]) -> Evidence:
        """What of it is about one outcome.

        Args:
            outcome: its name.
            tried: outcomes whose words were tried under other assumptions.
        """
        flips = tuple(flip for flip in self.flips if flip.outcome == outcome)
        return replace(self, examined=self.examined if outcome in tried else None, flips=flips)


_PATTERNS = (
    "Of {counted} patterns that were not considered when defaults were chosen, the model fails {failed} ({names}) and "
    "leaves {undecided} undecided. While one fails, certainty is low at best.",
    "از {counted} الگویی که هنگام انتخاب مقدارهای پیش‌فرض در نظر نبود، مدل {failed} الگو را بازتولید نمی‌کند ({names}) و "
    "{undecided} الگو نامعلوم است. تا زمانی که حتی یک الگو بازتولید نشود، اطمینان حداکثر کم است.",
)
_UNJUDGED = (
    "It is not known here whether the model meets patterns that were not considered when its defaults were chosen. "
    "Until it is, certainty is low at best.",
    "اینجا معلوم نیست مدل الگوهایی را که هنگام انتخاب مقدارهای پیش‌فرض در نظر نبود بازتولید می‌کند یا نه. تا آن زمان "
    "اطمینان حداکثر کم است.",
)
_ASSUMPTIONS = (
    "Of the {movers} assumptions that move the effect of the programme on this outcome, {without} rest on no evidence.",
    "از {movers} فرضی که اثر برنامه را بر این پیامد تغییر می‌دهد، {without} فرض بر هیچ شاهد تجربی استوار نیست.",
)
_LEVEL = ("{level} ({outcome})", "{level} ({outcome})")
_NOT_SCREENED = (
    "It is not known which assumptions move the effect on this outcome.",
    "معلوم نیست کدام فرض‌ها اثر بر این پیامد را تغییر می‌دهد.",
)
_IMPRECISE = (
    "The interval does not settle whether the difference matters.",
    "از بازه اطمینان برنمی‌آید که تفاوت مهم است یا نه.",
)
_FLIPS = (
    "Other values of some assumptions change the word for this outcome: {outcome} (see what would change the answer).",
    "مقدارهای دیگر برخی فرض‌ها واژه مربوط به این پیامد را تغییر می‌دهد: {outcome} (در بخش «چه چیزی پاسخ را تغییر می‌دهد» "
    "آمده است).",
)
_NOT_LOOKED = (
    "It has not been tested whether other values of the assumptions change this answer.",
    "هنوز بررسی نشده است که مقدارهای دیگر فرض‌ها این پاسخ را تغییر می‌دهد یا نه.",
)
_HOLDS = (
    "None of the other values of assumptions that were tried changes the word for this outcome: {outcome}.",
    "هیچ‌یک از مقدارهای دیگری که برای فرض‌ها بررسی شد واژه مربوط به این پیامد را تغییر نداد: {outcome}.",
)
_FLIP = (
    "If {assumption} is {value}, {outcome}: {word}.",
    "اگر {assumption} برابر با {value} باشد، پاسخ درباره {outcome} این می‌شود: {word}.",
)
_CHANCE = (
    "a chance of {chance} % for a typical resident",
    "احتمال {chance}٪ برای یک ساکن معمول",
)
_PER_CENT = ("{value} %", "{value}٪")
_FEW = (
    "Tried with {pairs} pairs of runs each, so that some of these words may be chance.",
    "هر یک تنها با {pairs} جفت اجرا بررسی شد؛ پس شاید برخی از این واژه‌ها بر اثر تصادف باشد.",
)
_NONE_FLIPS = (
    "{number} assumptions were tried at other values, with {pairs} pairs of runs each; none changes the word for: "
    "{outcomes}.",
    "{number} فرض با مقدارهای دیگر و هر بار با {pairs} جفت اجرا بررسی شد و هیچ‌یک واژه مربوط به این پیامدها را تغییر "
    "نداد: {outcomes}.",
)


def certainty_of(ranking: Difference, evidence: Evidence) -> dict[str, Any]:
    """How sure one may be of the answer, and why.

    Args:
        ranking: the difference of the outcome that ranks.
        evidence: what is known besides.

    Returns:
        level, title and reasons, as the page's contract has them.
    """
    down, reasons = 0, []
    capped = bool(evidence.failed) or not evidence.counted
    down += capped
    if not evidence.counted:
        reasons.append(said(_UNJUDGED))
    elif evidence.failed:
        names = both(lambda language: which(("; ", "؛ "), language).join(name[language] for name in evidence.failed))
        counts = {"counted": evidence.counted, "failed": len(evidence.failed), "undecided": len(evidence.undecided)}
        reasons.append(said(_PATTERNS, names=names, **{name: shown(of, 0) for name, of in counts.items()}))
    movers, without = evidence.movers.get(ranking.outcome, (0, 0))
    if not movers:
        down += 1
        reasons.append(said(_NOT_SCREENED))
    else:
        down += without > MOSTLY * movers
        reasons.append(said(_ASSUMPTIONS, movers=shown(movers, 0), without=shown(without, 0)))
    if ranking.effect in (Effect.MAY_RISE, Effect.MAY_FALL, Effect.UNKNOWN):
        down += 1
        reasons.append(said(_IMPRECISE))
    looked = evidence.examined is not None
    down += bool(evidence.flips) or not looked
    tried = _FLIPS if evidence.flips else _HOLDS if looked else _NOT_LOOKED
    reasons.append(said(tried, outcome=outcome_title(ranking.outcome)))
    names_of_levels = list(LEVELS)
    at = min(down, len(LEVELS) - 1)
    if capped:
        at = max(at, names_of_levels.index(CAP))
    level = names_of_levels[at]
    title = said(_LEVEL, level=said(LEVELS[level]), outcome=outcome_title(ranking.outcome))
    return {"level": level, "title": title, "reasons": reasons}


def flips_of(evidence: Evidence, outcomes: Sequence[Text]) -> list[Text]:
    """What would change the answer, a sentence each.

    Args:
        evidence: what was tried.
        outcomes: in words, those whose differences were looked at.
    """
    if evidence.examined is None:
        return [said(_NOT_LOOKED)]
    if not evidence.flips:
        counts = {"number": shown(len(evidence.examined), 0), "pairs": shown(evidence.pairs, 0)}
        return [said(_NONE_FLIPS, outcomes=joined(outcomes), **counts)]
    return [*(_flip(one) for one in evidence.flips), said(_FEW, pairs=shown(evidence.pairs, 0))]


def value_shown(key: str, value: float | str) -> Text:
    """A value of an assumption in words: shares in per cent, a leaning as the chance it gives; the name of a choice."""
    if isinstance(value, str):
        return said(_CHOICES.get(value, (value.replace("_", " "),) * 2))
    unit = next((row.unit for row in register(Config) if row.key == key), "")
    if key in _LEANINGS:
        return said(_CHANCE, chance=_spelt(100.0 / (1.0 + math.exp(-value)), figures=2))
    if unit == "share":
        return said(_PER_CENT, value=_spelt(100.0 * value))
    mark = LEFT_TO_RIGHT if value < 0.0 else ""

    def one(language: Language) -> str:
        return f"{mark}{digits(f'{value:g}', language)} {unit_of(unit, language)}".strip()

    return both(one)


def _spelt(value: float, figures: int = 6) -> Text:
    return both(lambda language: digits(f"{value:.{figures}g}", language))


_LEANINGS = ("behaviour.participation.base_propensity",)
"""Assumptions that are log odds of coming: told as the chance, for few people read log odds."""

_CHOICES: dict[str, tuple[str, str]] = {
    "evidence": ("evidence that adds up", "انباشت شواهد"),
    "anchored_averaging": ("anchored averaging", "میانگین‌گیری لنگرشده"),
}
"""Names of choices among assumptions that are tried."""


def _flip(one: Flip) -> Text:
    return said(
        _FLIP,
        assumption=both(lambda language: title_of(one.key, language)),
        value=value_shown(one.key, one.value),
        outcome=outcome_title(one.outcome),
        word=both(lambda language: in_words(one.word, language)),
    )
