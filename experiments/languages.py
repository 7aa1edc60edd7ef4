"""What is shown in English and in Persian alike: numbers and groups of residents. A leaf, without figures.

Names of outcomes and parameters stand where they are declared (`sim.outcome`, `experiments.titles`); titles of
policies in their files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from experiments.directions import LEFT_TO_RIGHT
from sim.outcome import Language

LANGUAGES: tuple[Language, ...] = ("en", "fa")

_SIGN = re.compile(r"[+−-](?=\d)")

_DIGITS = str.maketrans("0123456789.,-%", "۰۱۲۳۴۵۶۷۸۹٫٬−٪")

GROUPS: dict[str, tuple[str, str]] = {
    "man": ("men", "مردان"),
    "woman": ("women", "زنان"),
    "youth": ("youth (since 2001)", "جوانان (متولد ۱۳۸۰ به بعد)"),
    "young_adult": ("young adults (1991-2000)", "بزرگ‌سالان جوان (دهه ۱۳۷۰)"),
    "adult": ("adults (1961-90)", "میان‌سالان (متولد ۱۳۴۰ تا ۱۳۶۹)"),
    "elder": ("elders (before 1961)", "سالمندان (متولد پیش از ۱۳۴۰)"),
    "attender": ("go to the hub", "کسانی که به کانون می‌روند"),
    "non_attender": ("do not go to the hub", "کسانی که به کانون نمی‌روند"),
    "citizen": ("citizens", "شهروندان"),
    "without_standing": ("migrants without standing", "مهاجران بدون اقامت قانونی"),
    "least": ("least deprived fifth", "برخوردارترین پنجک"),
    "less": ("less deprived fifth", "پنجک برخوردار"),
    "middle": ("middle fifth", "پنجک میانی"),
    "more": ("more deprived fifth", "پنجک محروم"),
    "most": ("most deprived fifth", "محروم‌ترین پنجک"),
}
"""Groups of residents, and fifths of neighbourhoods by deprivation.

Years of birth are those of the reader's calendar, as dates are: Gregorian in English, whatever the city, and Solar
Hijri in Persian. The cohorts are Solar Hijri years; a year that begins in March 2001 is called 2001.
"""


def which[T](pair: tuple[T, T], language: Language) -> T:
    """The English or the Persian one of a pair."""
    return pair[0 if language == "en" else 1]


def digits(text: str, language: Language) -> str:
    """A text with its digits, points, commas, signs and per-cent signs as the language writes them."""
    return text.replace("-", "−") if language == "en" else text.replace(" %", "%").translate(_DIGITS)


def written(text: str, language: Language) -> str:
    """A number as printed in English, such as ``+1,234.5 %``, as the language writes it; English stays as it is."""
    return text if language == "en" else digits(marked(text, language), language)


def signed(value: float, digits: int, language: Language = "en") -> str:
    """A difference with its sign; 0 has neither sign nor decimals."""
    text = f"{value:+,.{digits}f}"
    return written("0" if float(text.replace(",", "")) == 0.0 else text, language)


def marked(text: str, language: Language) -> str:
    """A text of numbers with what keeps signs before them in Persian."""
    return text if language == "en" else _SIGN.sub(rf"{LEFT_TO_RIGHT}\g<0>", text)


def texts_of(table: Mapping[str, tuple[str, str]], language: Language) -> Callable[..., str]:
    """A function that gives a text of a table in a language, by its key and with values in its places.

    Args:
        table: English and Persian texts by key, with ``{name}`` where a value goes.
        language: English or Persian.
    """

    def text(key: str, /, **values: str) -> str:
        return which(table[key], language).format(**values)

    return text


def decimals_of(value: float, figures: int = 2) -> int:
    """Decimals that show so many significant figures of a number; none of 0."""
    size = abs(value)
    if not 0.0 < size < 10.0**figures:
        return 0
    exponent = int(f"{size:.{figures - 1}e}".partition("e")[2])  # after rounding: 0.0996 is 0.10
    return max(0, figures - 1 - exponent)


def number(value: float, language: Language, *, figures: int = 2, sign: bool = False) -> str:
    """A number to so many significant figures, without powers of ten; whole above 1,000.

    Args:
        value: the number; nan is a dash.
        language: English or Persian digits.
        figures: significant figures.
        sign: whether a plus sign stands before positive ones.
    """
    if value != value:
        return "–"
    text = f"{value:{'+' if sign else ''},.{decimals_of(value, figures)}f}"
    if float(text.replace(",", "")) == 0.0:
        text = "0"
    return digits(text, language)


def group_in_words(group: str, language: Language) -> str:
    """A group such as ``cohort=youth``, or several crossed, in words; a name that nobody knows as it is."""
    names = [part.partition("=")[2] for part in group.split(", ")]
    comma = ", " if language == "en" else "، "
    return comma.join(which(GROUPS.get(name, (name.replace("_", " "),) * 2), language) for name in names)
