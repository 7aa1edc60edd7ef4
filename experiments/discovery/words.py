"""Boxes in words, in English and Persian, from the names and units of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from experiments.discovery.boxes import Box, Discovery, Limit, Why
from experiments.languages import digits, written
from experiments.titles import title_of, unit_of
from experiments.units import TOMAN
from sim.config import Config
from sim.outcome import Language
from sim.parameters import register
from sim.policies import Label


def in_words(found: Discovery, language: Language = "en", money: Label = TOMAN) -> list[str]:
    """The result in words: one paragraph per box, or why nothing was found.

    Args:
        found: the result.
        language: English or Persian.
        money: the city's unit of money.
    """
    say = _english if language == "en" else _persian
    number = _number if language == "en" else persian_number
    if found.why is not None:
        counts = {"failures": number(found.failures), "points": number(found.points)}
        fail = "points fails" if found.failures == 1 else "points fail"
        nothing = _NOTHING[language].format(why=_WHY[found.why][language], fail=fail, **counts)
        return [nothing + _unclear(found.unclear, number, language)]
    joint = " and " if language == "en" else " و "
    paragraphs = []
    for place, box in enumerate(found.boxes):
        ranked = sorted(box.limits.items(), key=lambda item: item[1].quasi_p)
        where = joint.join(say(key, limit, money) for key, limit in ranked)
        fails = (_FAILS if box.density >= MOSTLY else _FAILS_MORE_OFTEN)[language]
        among = _OUTSIDE[language] if place else ""
        paragraphs.append(f"{among}{fails.format(where=where)} {_figures(box, number, language)}")
    return paragraphs


MOSTLY = 0.75
"""Density from which a sentence says "fails where", and not "fails more often where"."""

_FAILS = {"en": "Fails where {where}.", "fa": "آنجا ناکام می‌ماند که {where}."}
_FAILS_MORE_OFTEN = {"en": "Fails more often where {where}.", "fa": "آنجا بیشتر ناکام می‌ماند که {where}."}
_OUTSIDE = {"en": "Outside the above: ", "fa": "بیرون از ناحیه‌های بالا: "}
"""Said before a later box, which covers only points outside the earlier boxes."""
_NOTHING = {
    "en": "Nothing was found: {failures} of {points} {fail}, and {why}.",
    "fa": "چیزی یافت نشد: {failures} نقطه از {points} نقطه ناکام است و {why}.",
}
_UNCLEAR = {
    "en": " For {unclear} {points} the noise is too large to say whether {they}.",
    "fa": " درباره {unclear} نقطه، نوفه جای داوری نمی‌گذارد.",
}
_WHY: Mapping[Why, Mapping[Language, str]] = {
    "none fails": {"en": "there is nothing to find", "fa": "چیزی برای جست‌وجو نیست"},
    "all fail": {"en": "no region is without failures", "fa": "هیچ ناحیه‌ای بدون ناکامی نیست"},
    "too few points": {"en": "there are too few points to search", "fa": "شمار نقطه‌ها برای جست‌وجو کم است"},
    "no box": {"en": "no box stands out", "fa": "هیچ ناحیه‌ای برجسته نیست"},
    "not confirmed": {
        "en": "the best box was not confirmed on the points held out to check it",
        "fa": "بهترین ناحیه در نقطه‌هایی که برای آزمون کنار گذاشته شده بود تأیید نشد",
    },
}
_FIGURES = {
    "en": "Of the {points} points in it {density} % fail (density); these are {coverage} % of all failures (coverage). "
    "Of {checked} held-out {those}, {checked_density} % fail.",
    "fa": "از {points} نقطه درون آن {density}٪ ناکام است (چگالی) که {coverage}٪ همه ناکامی‌هاست (پوشش)؛ از "
    "{checked} نقطه‌ای که در یافتن آن به کار نرفت، {checked_density}٪ ناکام است.",
}


def _figures(box: Box, number: Callable[[float], str], language: Language) -> str:
    shares = {"density": box.density, "coverage": box.coverage, "checked_density": box.checked_density}
    percent = {name: number(round(100.0 * share)) for name, share in shares.items()}
    those = "point" if box.checked_points == 1 else "points"
    text = _FIGURES[language].format(
        points=number(box.points), checked=number(box.checked_points), those=those, **percent
    )
    return text + _unclear(box.unclear, number, language)


def _unclear(count: int, number: Callable[[float], str], language: Language) -> str:
    points, they = ("point", "it fails") if count == 1 else ("points", "they fail")
    return _UNCLEAR[language].format(unclear=number(count), points=points, they=they) if count else ""


def _english(key: str, limit: Limit, money: Label) -> str:
    title = title_of(key, "en")
    if limit.among:
        return f"{title} is {_either(limit.among, ' or ')}"
    unit = unit_in_words(key, "en", money)
    behind = f" {unit}" if unit else ""
    if limit.low is not None and limit.high is not None:
        return f"{title} is between {_number(limit.low)} and {_number(limit.high)}{behind}"
    if limit.high is not None:
        return f"{title} is at most {_number(limit.high)}{behind}"
    return f"{title} is at least {_number(limit.low)}{behind}"


def _persian(key: str, limit: Limit, money: Label) -> str:
    title = title_of(key, "fa")
    if limit.among:
        return f"{title} برابر {_either(limit.among, ' یا ')} باشد"
    unit = unit_in_words(key, "fa", money)
    behind = f" {unit}" if unit else ""
    if limit.low is not None and limit.high is not None:
        return f"{title} میان {persian_number(limit.low)} و {persian_number(limit.high)}{behind} باشد"
    if limit.high is not None:
        return f"{title} حداکثر {persian_number(limit.high)}{behind} باشد"
    return f"{title} دست‌کم {persian_number(limit.low)}{behind} باشد"


def bounds_in_words(limit: Limit, language: Language = "en") -> str:
    """The limits of one assumption without its name and unit, such as "at most 0.4"."""
    if limit.among:
        return _either(limit.among, " or " if language == "en" else " یا ")
    number = _number if language == "en" else persian_number
    if limit.low is not None and limit.high is not None:
        joint = "to" if language == "en" else "تا"
        return f"{number(limit.low)} {joint} {number(limit.high)}"
    if limit.high is not None:
        return f"{'at most' if language == 'en' else 'حداکثر'} {number(limit.high)}"
    return f"{'at least' if language == 'en' else 'دست‌کم'} {number(limit.low)}"


def number_in_words(value: float, language: Language = "en") -> str:
    """A number of three significant figures, or a whole one, in the digits of the language."""
    return written(_number(value), language)


def unit_in_words(key: str, language: Language = "en", money: Label = TOMAN) -> str:
    """The unit of an assumption; empty where it has none, or is an extension's."""
    return unit_of(_units().get(key, ""), language, money)


def _either(values: tuple[str, ...], joint: str) -> str:
    return joint.join(f"“{value}”" for value in values)


def _number(value: float | None) -> str:
    assert value is not None
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def persian_number(value: float | None) -> str:
    """A number in Persian digits."""
    return digits(_number(value), "fa")


@cache
def _units() -> Mapping[str, str]:
    return {row.key: row.unit for row in register(Config)}  # of an extension's keys the unit is left out
