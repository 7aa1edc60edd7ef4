"""Outcomes as they are shown to people to read: in words, with their units, and shares of people in per cent.

What is shown follows from the declarations of outcomes (`sim.outcome`). Tables in files keep their names and units
(docs/odd.md); this is what is printed and drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from experiments.languages import which
from sim.config import UNIT_OF_MONEY, FinanceParameters
from sim.outcome import Language, known
from sim.policies import Label

TOMAN: Label = FinanceParameters().unit
"""The unit of money of a city that names none."""

POINTS = "% points"
"""How percentage points are written behind a name: the unit of a difference between shares of people."""

FROM_0_TO_1, OWN = "0 to 1", "in its own unit"

UNITS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "people": ("people", "نفر"),
        "ties": ("ties", "پیوند"),
        "projects": ("projects", "پروژه"),
        "programmes": ("programmes", "برنامه محله"),
        "councils": ("councils", "شورا"),
        "seats": ("seats", "کرسی"),
        "hearings": ("hearings", "نشست عمومی"),
        "rounds": ("rounds", "دور"),
        "leaks": ("leaks", "مورد نشت"),
        "weeks": ("weeks", "هفته"),
        "hours": ("hours", "ساعت"),
        "per year": ("per year", "در سال"),
        "ratio": ("ratio", "نسبت"),
        "correlation": ("correlation", "همبستگی"),
        "log": ("log", "لگاریتم"),
        "log odds": ("log odds", "لگاریتم بخت"),
        "yes or no": ("yes or no", "بله یا خیر"),
    }
)
"""Units that outcomes declare, in English and Persian; money has the city's, and shares and indices have hundredths."""


COUNTS = ("people", "ties", "projects", "programmes", "councils", "seats", "hearings", "rounds", "leaks")
"""Units of counts; a mean of these over replications has a decimal below `WHOLE_FROM`."""

WHOLE_FROM = 10.0


def decimals_of_count(outcome: str, size: float) -> int | None:
    """Decimals of a count of a size, or of a difference of counts; None of what is no count."""
    declared = known(outcome)
    if declared is None or declared.unit not in COUNTS:
        return None
    return 1 if 0.0 < abs(size) < WHOLE_FROM else 0


def in_words(outcome: str, language: Language = "en") -> str:
    """An outcome's name in words; without such, its own without underscores."""
    declared = known(outcome)
    return outcome.replace("_", " ") if declared is None else declared.in_words(language)


def unit_of(outcome: str) -> str:
    """Unit of a difference as tables of numbers show it, in English; `OWN` of what nobody has declared."""
    declared = known(outcome)
    if declared is None:
        return OWN
    if declared.per_cent:
        return POINTS
    return FROM_0_TO_1 if declared.unit == "share" else declared.unit or OWN


def in_hundredths(outcome: str) -> bool:
    """Whether sentences and figures show an outcome times 100: shares, means and indices from 0 to 1."""
    declared = known(outcome)
    return declared is not None and (declared.per_cent or declared.unit in ("share", "index"))


def money_in_words(unit: Label, language: Language) -> str:
    """A city's unit of money; in the other language where it has no name in this one."""
    return which((unit.en or unit.fa, unit.fa or unit.en), language)


def unit_in_words(outcome: str, language: Language, *, short: bool = False, money: Label = TOMAN) -> str:
    """Unit of a difference in sentences and figures; empty where none is declared.

    Args:
        outcome: its name.
        language: English or Persian.
        short: for a narrow place.
        money: the city's unit of money.
    """
    declared = known(outcome)
    if declared is None:
        return ""
    if declared.per_cent:
        return which(("points" if short else "percentage points", "واحد درصد"), language)
    if in_hundredths(outcome):
        return which(("points", "امتیاز") if short else ("points of 100", "امتیاز از ۱۰۰"), language)
    if declared.unit == UNIT_OF_MONEY:
        return money_in_words(money, language)
    return which(UNITS.get(declared.unit, (declared.unit, declared.unit)), language)


def in_per_cent(outcome: str) -> bool:
    """Whether an outcome is a share of people, shown in per cent."""
    declared = known(outcome)
    return declared is not None and declared.per_cent


def factor_of(outcome: str) -> float:
    """What a value is multiplied by in tables of numbers: 100 for shares of people, 1 for others."""
    return 100.0 if in_per_cent(outcome) else 1.0
