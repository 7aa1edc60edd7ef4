"""Numbers, outcomes and groups of a comparison as they are printed, in English and Persian."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.contrasts.geography import is_neighbourhood
from experiments.languages import group_in_words, texts_of, which, written
from experiments.sweeps.outcomes import KINDS
from experiments.units import POINTS, TOMAN, in_per_cent, in_words, unit_in_words, unit_of
from sim.config import UNIT_OF_MONEY
from sim.outcome import Language
from sim.policies import Label

KIND_ORDER = [kind for kind in KINDS if kind != "neighbourhood"]

MOST_DIGITS = 9

UNITS_WRITTEN = (POINTS, UNIT_OF_MONEY, "people", "ties")
"""Units that do not follow from an outcome's name."""

SHOWN_BY_GROUP = {
    "trust_in_municipality": "trust in municipality",
    "participation_rate": f"participation, {POINTS}",
    "performance": "services as perceived",
    "below_floor_share": f"badly served, {POINTS}",
}
"""Outcomes printed by group, and the heads of their columns in English."""


def per_cent(share: float, language: Language = "en") -> str:
    """A level in per cent, such as ``98.3 %``."""
    return written(f"{100.0 * share:.3g} %", language)


def named_with_unit(outcome: str, language: Language = "en", money: Label = TOMAN) -> str:
    """An outcome with its unit, unless the unit is a scale from 0 to 1 or a count that follows from the name.

    In English it goes by its name in tables; in Persian it is in words.
    """
    name = outcome if language == "en" else in_words(outcome, language)
    unit = unit_of(outcome)
    if unit not in UNITS_WRITTEN:
        return name
    words = unit if (unit, language) == (POINTS, "en") else unit_in_words(outcome, language, money=money)
    return which((", ", "، "), language).join((name, words))


def head_by_group(outcome: str, language: Language = "en") -> str:
    """Head of an outcome's column in the table of groups."""
    return SHOWN_BY_GROUP[outcome] if language == "en" else named_with_unit(outcome, language)


def group_name(group: str, language: Language = "en") -> str:
    """A group in words."""
    return group_in_words(group, language)


def sort_groups(groups: Sequence[str]) -> list[str]:
    """Groups in the order in which they are shown; single neighbourhoods are not shown among them."""
    order = {f"{kind}={name}": place for place, (kind, name) in enumerate((k, n) for k in KIND_ORDER for n in KINDS[k])}
    shown = [group for group in groups if not is_neighbourhood(group)]
    return sorted(shown, key=lambda group: order.get(group, len(order)))


def signed(value: float, digits: int, language: Language = "en") -> str:
    """A difference with its sign; 0 has none."""
    text = f"{value:+,.{digits}f}"
    return written(text.lstrip("+-") if float(text.replace(",", "")) == 0.0 else text, language)


def digits_of(*values: float) -> int:
    """Decimals that show two figures of the largest of the sizes; four where they do."""
    sizes = [abs(value) for value in values if value == value and value != 0.0]
    if not sizes:
        return 3
    largest = max(sizes)
    if largest >= 1.0:
        return 0 if largest >= 100.0 else 1 if largest >= 10.0 else 2
    return max(4, min(MOST_DIGITS, 1 - math.floor(math.log10(largest))))


def in_unit(outcome: str, *values: float) -> tuple[int, list[float]]:
    """Values in the unit in which an outcome is shown, and with how many decimals; a share of 0.0123 is 1.23 %."""
    digits = digits_of(*values)
    if not in_per_cent(outcome):
        return digits, list(values)
    return max(digits - 2, 0), [100.0 * value for value in values]


def interval(difference: float, low: float, high: float, outcome: str = "", language: Language = "en") -> str:
    """Such as ``+0.0123 (+0.0045 to +0.0201)``; without bounds where all replications differ by the same.

    Args:
        difference, low, high: as tables have them.
        outcome: whose; in percentage points if it is a share of people.
        language: English or Persian.
    """
    return _with_bounds("bounds", difference, low, high, outcome, language)


def give_or_take(difference: float, low: float, high: float, outcome: str = "", language: Language = "en") -> str:
    """Such as ``+0.0123 ± 0.0078``; arguments as for `interval`."""
    return _with_bounds("half", difference, low, high, outcome, language)


def _with_bounds(key: str, difference: float, low: float, high: float, outcome: str, language: Language) -> str:
    text = texts_of(_TEXTS, language)
    digits, (difference, low, high) = in_unit(outcome, difference, low, high)
    if difference != difference:
        return ""
    if low == high == 0.0:
        return text("same")
    middle = signed(difference, digits, language)
    if low != low:
        return middle
    if low == high:
        return text("each", difference=middle)
    ends = {name: signed(end, digits, language) for name, end in (("low", low), ("high", high))}
    half = written(f"{0.5 * (high - low):,.{digits}f}", language)
    return text(key, difference=middle, half=half, **ends)


def level(value: float, outcome: str, language: Language = "en") -> str:
    """A level, such as ``0.5123``; of a share of people in per cent, ``1.23 %``."""
    digits, (shown,) = in_unit(outcome, value)
    return written(f"{shown:,.{digits}f}" + (" %" if in_per_cent(outcome) else ""), language)


def chance(probability: float, language: Language = "en") -> str:
    """A probability in per cent; never 0 or 100, which no number of replications shows."""
    if probability != probability:
        return ""
    if not 0.01 <= probability <= 0.99:
        return texts_of(_TEXTS, language)("hardly" if probability < 0.5 else "nearly")
    return written(f"{100.0 * probability:.0f} %", language)


_TEXTS: dict[str, tuple[str, str]] = {
    "same": ("the same", "یکسان"),
    "each": ("{difference} each time", "{difference} در همه تکرارها"),
    "bounds": ("{difference} ({low} to {high})", "{difference} ({low} تا {high})"),
    "half": ("{difference} ± {half}", "{difference} ± {half}"),
    "hardly": ("<1 %", "کمتر از ۱٪"),
    "nearly": (">99 %", "بیش از ۹۹٪"),
}
