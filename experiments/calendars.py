"""Weeks of a run as dates, Gregorian and Solar Hijri."""

from __future__ import annotations

from datetime import date, timedelta

from persiantools.jdatetime import JalaliDate

from sim.outcome import Language


def date_of_week(start_date: str, week: int) -> date:
    """The day on which a week begins, week 0 beginning on `start_date` (such as 2021-09-23)."""
    return date.fromisoformat(start_date) + timedelta(weeks=week)


def gregorian_text(day: date) -> str:
    """Such as 4 May 2023, whatever the locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def solar_hijri_text(day: date, language: Language = "en") -> str:
    """Such as 14 Ordibehesht 1402, in the letters and digits of the language."""
    there = JalaliDate.to_jalali(day)
    text: str = there.strftime("%d %B %Y", locale=language)
    return text.lstrip("0۰")


def date_in_words(day: date) -> dict[Language, str]:
    """A day as readers of each language write it: 4 May 2023, or its Solar Hijri date in Persian digits."""
    return {"en": gregorian_text(day), "fa": solar_hijri_text(day, "fa")}
