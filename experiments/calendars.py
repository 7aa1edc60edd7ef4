"""Weeks of a run as dates, Gregorian and Solar Hijri."""

from __future__ import annotations

from datetime import date, timedelta

SOLAR_HIJRI_MONTHS = (
    "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
    "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
)  # fmt: skip

_NEW_YEAR, _YEAR = date(2021, 3, 21), 1400
_LEAP = frozenset({1, 5, 9, 13, 17, 22, 26, 30})  # places in the cycle of 33 years, right from 1206 to 1497


def date_of_week(start_date: str, week: int) -> date:
    """The day on which a week begins, week 0 beginning on `start_date` (such as 2021-09-23)."""
    return date.fromisoformat(start_date) + timedelta(weeks=week)


def solar_hijri(day: date) -> tuple[int, int, int]:
    """Year, month and day of the Iranian calendar."""
    year, left = _YEAR, (day - _NEW_YEAR).days
    while left < 0:
        year -= 1
        left += _days(year)
    while left >= _days(year):
        left -= _days(year)
        year += 1
    if left < 6 * 31:
        return year, 1 + left // 31, 1 + left % 31
    left -= 6 * 31
    return year, 7 + left // 30, 1 + left % 30


def gregorian_text(day: date) -> str:
    """Such as 4 May 2023, whatever the locale."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def solar_hijri_text(day: date) -> str:
    """Such as 14 Ordibehesht 1402."""
    year, month, number = solar_hijri(day)
    return f"{number} {SOLAR_HIJRI_MONTHS[month - 1]} {year}"


def _days(year: int) -> int:
    return 366 if year % 33 in _LEAP else 365
