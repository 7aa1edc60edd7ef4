"""Marks of direction in Persian text, which runs from the right while its numbers run from the left. A leaf."""

from __future__ import annotations

LEFT_TO_RIGHT = "\u200e"
"""Stands before the sign of a number in Persian text, or the sign moves behind the number."""

RIGHT_TO_LEFT = "\u200f"
"""Begins a Persian text that would else begin with a Latin letter or a number's sign and run from the left."""

PERCENT = f"{RIGHT_TO_LEFT}٪{RIGHT_TO_LEFT}"
"""The Persian percent sign, left of its number wherever it stands; bare, it is so only after Persian letters."""


def shown(text: str) -> str:
    """A text with each Persian percent sign left of its number, as Persian has it, wherever it is shown."""
    return text.replace(PERCENT, "٪").replace("٪", PERCENT)
