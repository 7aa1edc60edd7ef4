"""Texts in both languages, and numbers that are shown together with common decimals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from experiments.directions import LEFT_TO_RIGHT
from experiments.languages import LANGUAGES, decimals_of, digits, which
from experiments.units import TOMAN, decimals_of_count, in_hundredths, in_words, unit_in_words
from sim.outcome import Language, known
from sim.policies import Label

type Text = dict[Language, str]
"""A text in English and in Persian."""

FACTOR = 100.0
"""Shares, means and indices from 0 to 1 are shown as points of a hundred: small numbers are hard to read in Persian."""

MOST_DECIMALS = 2

SMALL = 0.1
"""Levels below this are shown with two decimals: beside a difference of 0.02 a level of 0 would look like a mistake."""


def both(make: Callable[[Language], str]) -> Text:
    """A text made in each language."""
    return {language: make(language) for language in LANGUAGES}


def said(pair: tuple[str, str], /, **values: Text | str) -> Text:
    """A sentence in both languages with values in its places.

    Args:
        pair: the English and the Persian sentence, with ``{name}`` where a value goes.
        values: a text in both languages, or one for both.
    """

    def one(language: Language) -> str:
        own = {name: value if isinstance(value, str) else value[language] for name, value in values.items()}
        return which(pair, language).format(**own)

    return both(one)


def of_label(label: Label) -> Text:
    """A label as a text; in English where it has no Persian."""
    return {"en": label.en or label.fa, "fa": label.fa or label.en}


def joined(texts: Sequence[Text]) -> Text:
    """Texts as a list in one sentence."""
    return {"en": ", ".join(text["en"] for text in texts), "fa": "، ".join(text["fa"] for text in texts)}


def begun(text: Text) -> Text:
    """A name as a sentence begins with it."""
    return {"en": text["en"][:1].upper() + text["en"][1:], "fa": text["fa"]}


def outcome_title(outcome: str) -> Text:
    """An outcome in words."""
    return both(lambda language: in_words(outcome, language))


def factor_of(outcome: str) -> float:
    """What values of an outcome are multiplied by before they are shown."""
    return FACTOR if in_hundredths(outcome) else 1.0


def unit_of(outcome: str, *, level: bool = False, money: Label = TOMAN) -> Text:
    """Unit of a difference of an outcome, or of its level: ``points`` of differences between shares, ``%`` of a share.

    Args:
        outcome: its name.
        level: of a level, not of a difference.
        money: the city's unit of money.
    """
    declared = known(outcome)
    if level and declared is not None and in_hundredths(outcome):
        return {"en": "%", "fa": "٪"} if declared.per_cent else {"en": "of 100", "fa": "از ۱۰۰"}
    return both(lambda language: unit_in_words(outcome, language, money=money))


def decimals_for(*values: float) -> int:
    """Decimals that show two significant figures of the largest of the sizes; at most two, none from 10 on or of 0."""
    sizes = [abs(value) for value in values if math.isfinite(value) and value != 0.0]
    if not sizes:
        return 0
    return min(MOST_DECIMALS, max(0, 1 - math.floor(math.log10(max(sizes)))))


def decimals_of_half(half: float) -> int:
    """Decimals that show one figure of half the width of an interval, at most two: -10.8 (-11.3 to -10.3)."""
    return min(MOST_DECIMALS, decimals_of(half, 1)) if math.isfinite(half) else 0


def decimals_to_see(value: float, decimals: int) -> int:
    """So many decimals, or as many as show two figures of a value that would be shown as 0."""
    if not math.isfinite(value) or value == 0.0 or round(value, decimals) != 0.0:
        return decimals
    return 1 - math.floor(math.log10(abs(value)))


def shown(value: float, decimals: int, *, sign: bool = False) -> Text:
    """A number with so many decimals in the digits of each language; a dash for nan, and 0 has no sign."""
    if not math.isfinite(value):
        return {"en": "–", "fa": "–"}
    text = f"{value:{'+' if sign else ''},.{decimals}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("+-")
    mark = LEFT_TO_RIGHT if text[:1] in ("+", "-") else ""  # or the sign moves behind the number in Persian text
    return {"en": digits(text, "en"), "fa": mark + digits(text, "fa")}


def level_shown(outcome: str, value: float) -> Text:
    """A level of an outcome: ``38.1`` of 100, ``2.1 %``, ``0.02 %``; counts have no decimals from ten on, 0 never."""
    size = value * factor_of(outcome)
    declared, of_count = known(outcome), decimals_of_count(outcome, size)
    fine = 2 if 0.0 < abs(size) < SMALL else 0 if abs(size) >= 100.0 else 1
    decimals = of_count if of_count is not None else fine
    text = shown(size, 0 if math.isfinite(size) and round(size, decimals) == 0.0 else decimals)
    if declared is not None and declared.per_cent and math.isfinite(value):
        return {"en": f"{text['en']} %", "fa": f"{text['fa']}٪"}
    return text


def plain(value: Any) -> Any:
    """Data as JSON has it: nan is None, numbers have seven significant figures, tuples are lists."""
    if isinstance(value, float):
        return float(f"{value:.7g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
