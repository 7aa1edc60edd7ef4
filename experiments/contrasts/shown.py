"""Numbers, outcomes and groups of a comparison as they are printed, in English and Persian."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.contrasts.geography import is_neighbourhood
from experiments.languages import decimals_of, group_in_words, signed, texts_of, which, written
from experiments.sweeps.outcomes import KINDS
from experiments.units import (
    POINTS,
    TOMAN,
    decimals_of_count,
    factor_of,
    in_per_cent,
    in_words,
    unit_in_words,
    unit_of,
)
from sim.config import UNIT_OF_MONEY
from sim.outcome import Language
from sim.policies import Label

KIND_ORDER = [kind for kind in KINDS if kind != "neighbourhood"]

FIGURES, OF_LEVELS = 2, 3
"""Significant figures of differences, of the largest of the difference and its bounds; and of levels."""

MOST_DECIMALS = 4
"""Of what is shown from 0 to 1; a hundredth of what matters has as many. Shares of people in per cent have two less."""

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


def in_unit(
    outcome: str, *values: float, figures: int = FIGURES, half: float = float("nan")
) -> tuple[int, list[float]]:
    """Values in the unit in which an outcome is shown, and with how many decimals; a share of 0.012 is 1.2 %.

    The decimals show so many figures of the largest of the sizes, as far as they say anything: counts have none from
    ten on, and nothing is told below a hundredth of what matters.

    Args:
        outcome: its name.
        values: as tables have them.
        figures: significant figures of the largest.
        half: half the width of an interval, of which one figure is shown; nan if there is none.
    """
    factor = factor_of(outcome)
    shown = [factor * value for value in values]
    largest = max((abs(value) for value in shown if math.isfinite(value)), default=0.0)
    of_count = decimals_of_count(outcome, largest)
    if of_count is not None:
        return of_count, shown
    most = MOST_DECIMALS - (2 if in_per_cent(outcome) else 0)
    of_half = decimals_of(factor * half, 1) if math.isfinite(half) else 0
    return min(max(decimals_of(largest, figures), of_half), most), shown


def interval(difference: float, low: float, high: float, outcome: str = "", language: Language = "en") -> str:
    """Such as ``+0.012 (+0.004 to +0.020)``; without bounds where all replications differ by the same.

    Args:
        difference, low, high: as tables have them.
        outcome: whose; in percentage points if it is a share of people.
        language: English or Persian.
    """
    return _with_bounds("bounds", difference, low, high, outcome, language)


def give_or_take(difference: float, low: float, high: float, outcome: str = "", language: Language = "en") -> str:
    """Such as ``+0.012 ± 0.008``; arguments as for `interval`."""
    return _with_bounds("half", difference, low, high, outcome, language)


def _with_bounds(key: str, difference: float, low: float, high: float, outcome: str, language: Language) -> str:
    text = texts_of(_TEXTS, language)
    digits, (difference, low, high) = in_unit(outcome, difference, low, high, half=0.5 * (high - low))
    if difference != difference:
        return ""
    if low == high == 0.0:
        return text("same")
    middle = signed(difference, digits, language)
    if max(map(abs, (difference, low, high))) < 0.5 * 0.1**digits:
        return text("under", least=written(f"{0.1**digits:.{digits}f}", language))
    if low != low:
        return middle
    if low == high:
        return text("each", difference=middle)
    if key == "half" and 0.5 * (high - low) < 0.5 * 0.1**digits:  # never ± 0.00
        return text("half under", difference=middle, least=written(f"{0.1**digits:.{digits}f}", language))
    ends = {name: signed(end, digits, language) for name, end in (("low", low), ("high", high))}
    half = written(f"{0.5 * (high - low):,.{digits}f}", language)
    return text(key, difference=middle, half=half, **ends)


def level(value: float, outcome: str, language: Language = "en") -> str:
    """A level, such as ``0.512``; of a share of people in per cent, ``1.23 %``; 0 has no decimals, nan is a dash."""
    if value != value:
        return "–"
    digits, (shown,) = in_unit(outcome, value, figures=OF_LEVELS)
    digits = 0 if shown == 0.0 else digits
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
    "under": ("under ±{least}", "کمتر از ±{least}"),
    "each": ("{difference} each time", "{difference} در همه تکرارها"),
    "bounds": ("{difference} ({low} to {high})", "{difference} ({low} تا {high})"),
    "half": ("{difference} ± {half}", "{difference} ± {half}"),
    "half under": ("{difference} ± under {least}", "{difference} ± کمتر از {least}"),
    "hardly": ("<1 %", "کمتر از ۱٪"),
    "nearly": (">99 %", "بیش از ۹۹٪"),
}
