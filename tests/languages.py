"""What tests look for in texts that are printed in two languages: the same numbers, and nothing English in Persian."""

from __future__ import annotations

import re
from collections import Counter

NOT_PERSIAN = r"mahalle compare .*|--[a-z-]+|[\w./+=-]+\.(?:parquet|png|md|json|yaml)|(?:/[\w.+=-]+)+|\bsweep\b"
"""Commands, options, files and folders, which have no Persian."""

NUMBER = r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?"
YEARS = r"\b(?:13\d\d|1961|1991|2001)(?:-\d{2,4})?\b"
"""Of births, in names of groups that are folded in a table: Solar Hijri in Persian, Gregorian in English."""

PERSIAN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬−", "0123456789.,-")


def numbers_in(text):
    """How often each number stands in a text of either language, without those in names of groups and in words."""
    text = " ".join(text.replace("\u200e", "").split())
    text = re.sub("excludes 0|5-95 %|۵ تا ۹۵٪", "", text).translate(PERSIAN_DIGITS)
    return Counter(re.findall(NUMBER, re.sub(YEARS, "", text)))


def not_persian(text):
    """What does not belong into a Persian text: Latin words and digits, escapes, signs that would move."""
    text = re.sub(NOT_PERSIAN, "", text)
    return re.findall(r"[A-Za-z_]+|[0-9]+|\\u|(?<!\u200e)[+−][۰-۹]", text)
