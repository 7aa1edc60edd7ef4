"""From numbers to words, by stated rules, in English and Persian: what a difference is called.

An interval is compared with the least difference that matters:

- wholly within it to either side: little or no difference;
- wholly beyond it to one side: the outcome rises, or falls;
- reaching beyond it to one side: it may rise, or fall;
- reaching beyond it to both sides, or without an interval: the model cannot tell.

No word is used without its rule, and no rule without an interval. The words say what happens in the model.
"""

from __future__ import annotations

from enum import StrEnum

from sim.outcome import Language


class Effect(StrEnum):
    """What a difference is called."""

    RISES = "rises"
    FALLS = "falls"
    MAY_RISE = "may rise"
    MAY_FALL = "may fall"
    LITTLE = "little or no difference"
    UNKNOWN = "the model cannot tell"


class Answer(StrEnum):
    """What an effect says of a hypothesis."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    UNDECIDED = "undecided"


RISES, FALLS, NO_DIFFERENCE = "rises", "falls", "no difference"
EXPECTED = (RISES, FALLS, NO_DIFFERENCE)
"""What a hypothesis may expect."""

_PERSIAN = {
    Effect.RISES: "افزایش",
    Effect.FALLS: "کاهش",
    Effect.MAY_RISE: "شاید افزایش",
    Effect.MAY_FALL: "شاید کاهش",
    Effect.LITTLE: "تفاوت ناچیز",
    Effect.UNKNOWN: "مدل پاسخ روشنی ندارد",
    Answer.SUPPORTED: "تأیید می‌شود",
    Answer.NOT_SUPPORTED: "تأیید نمی‌شود",
    Answer.UNDECIDED: "نامعلوم است",
}

_EXPECTED_IN_PERSIAN = {RISES: "افزایش", FALLS: "کاهش", NO_DIFFERENCE: "بدون تفاوت"}


def effect_of(low: float, high: float, least: float) -> Effect:
    """What a difference is called whose interval reaches from `low` to `high`.

    Args:
        low, high: ends of the interval; nan where there is none.
        least: the least difference that matters, in the same units; nan where none is known.
    """
    if not low <= high or not least > 0.0:  # nan is neither
        return Effect.UNKNOWN
    if low >= least:
        return Effect.RISES
    if high <= -least:
        return Effect.FALLS
    up, down = high >= least, low <= -least
    if up and down:
        return Effect.UNKNOWN
    if up:
        return Effect.MAY_RISE
    return Effect.MAY_FALL if down else Effect.LITTLE


def answer_of(effect: Effect, expected: str) -> Answer:
    """What an effect says of a hypothesis that expects an outcome to rise, to fall, or not to differ.

    Raises:
        ValueError: nothing of `EXPECTED` is expected.
    """
    if expected not in EXPECTED:
        raise ValueError(f"expected must be one of {', '.join(EXPECTED)}, not {expected}")
    certain = {Effect.RISES: RISES, Effect.FALLS: FALLS, Effect.LITTLE: NO_DIFFERENCE}.get(effect)
    if certain is None:
        return Answer.UNDECIDED
    return Answer.SUPPORTED if certain == expected else Answer.NOT_SUPPORTED


def in_words(word: Effect | Answer, language: Language = "en") -> str:
    """An effect or an answer in words."""
    return str(word) if language == "en" else _PERSIAN[word]


def expected_in_words(expected: str, language: Language = "en") -> str:
    """What is expected, in words."""
    return expected if language == "en" else _EXPECTED_IN_PERSIAN[expected]
