"""What is claimed of a city in sentences: the day of the statement with the week that stands for it, and its source."""

from __future__ import annotations

import re
from datetime import date

from experiments.answers.texts import Text, both, factor_of, said, shown
from experiments.calendars import date_in_words, date_of_week
from experiments.languages import digits
from experiments.units import in_hundredths, in_per_cent
from sim.config import Claim, Config

_DAY = ("{day} (week {week} of the model)", "{day} (هفته {week} مدل)")
_WEEK = ("week {week} of the model, which begins on {day}", "هفته {week} مدل که از {day} آغاز می‌شود")
_PER_CENT = ("{value} %", "{value}٪")
_OF_100 = ("{value} of 100", "{value} از ۱۰۰")
_FOREIGN = ("{source}", "{source} (به انگلیسی)")
_PERSIAN = re.compile("[آ-ی]")


def day_of(claim: Claim, city: Config) -> Text:
    """The day of a statement and the model's week; the week alone where the claim has no date."""
    week = shown(claim.week, 0)
    if not claim.date:
        return said(_WEEK, week=week, day=date_in_words(date_of_week(city.city.start_date, claim.week)))
    return said(_DAY, week=week, day=date_in_words(date.fromisoformat(claim.date)))


def figure_of(outcome: str, value: float, figures: int = 6, *, bare: bool = False) -> Text:
    """A figure in the form of results: shares and means of a hundred, all others as they are.

    Args:
        outcome: what it is a figure of.
        value: in the outcome's own unit.
        figures: significant figures at most; whole numbers wholly.
        bare: without "of 100" or "%", which stands behind another number.
    """
    size = factor_of(outcome) * value
    text = f"{size:,.0f}" if abs(size) >= 10.0**figures else f"{size:,.{figures}g}"
    number = both(lambda language: digits(text, language))
    if bare or not in_hundredths(outcome):
        return number
    return said(_PER_CENT if in_per_cent(outcome) else _OF_100, value=number)


def source_of(claim: Claim) -> Text:
    """Who claims it, and where; in Persian texts a source that is only in English is marked as such."""
    if claim.source_fa:
        return {"en": claim.source or claim.source_fa, "fa": claim.source_fa}
    if not claim.source or _PERSIAN.search(claim.source):
        return {"en": claim.source, "fa": claim.source}
    return said(_FOREIGN, source=claim.source)
