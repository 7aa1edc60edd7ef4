"""What is probably meant by a number that is written with a separator of thousands, or with a decimal comma."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

LONGEST = 40
"""Characters of a number that advice repeats."""

_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?P<mark>[.,'’ \u00a0\u202f])\d{3}(?:(?P=mark)\d{3})*(?P<end>[.,]\d+)?")
"""Such as 45.000.000, 12,500 or 1.234,5."""

_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")


def as_meant(value: Any, *, whole: bool = False) -> str:
    """Advice for a text that is no number as we write them, such as ``write a decimal point, 0.6``; else empty.

    Args:
        value: what the user wrote.
        whole: whether a whole number is asked for, so that 12.500 can only mean 12500.
    """
    text = value.strip().replace("،", ",") if isinstance(value, str) else ""
    pointed = text.replace(",", ".")[:LONGEST]
    grouped = _GROUPED.fullmatch(text)
    if grouped is None:
        return f"write a decimal point, {pointed}" if _DECIMAL_COMMA.fullmatch(text) and not whole else ""
    mark, end = grouped["mark"], grouped["end"] or ""
    plain = f"{text.removesuffix(end).replace(mark, '')}{end.replace(',', '.')}"[:LONGEST]
    if not whole and mark == "," and text.count(mark) == 1 and not end:
        return f"write a decimal point, {pointed}, or {plain} without separators of thousands"
    return f"write {plain}, without separators of thousands"


def is_whole(text: str) -> bool:
    """Whether a text is digits of any script, or these and ``.0``, as tables have them where other cells are empty."""
    return text.replace("٬", "").removesuffix(".0").isdecimal()


def split_by_commas(items: Sequence[Any]) -> str:
    """Advice for whole numbers in a row that decimal commas may have split, such as [0, 2, 0, 6]; else empty."""
    if len(items) < 2 or not all(type(item) is int for item in items) or items[1] < 0:
        return ""
    first, second = items[:2]
    return f"if {first},{second} is one number, write it with a decimal point: {first}.{second}"
