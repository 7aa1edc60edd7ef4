"""Texts of users, made safe to print: a name or an option may hold what acts on a terminal."""

from __future__ import annotations

import re
from typing import TextIO

_RAW = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON leaves as it is and a terminal acts on: control characters beyond ASCII and direction marks."""


def safe(text: str) -> str:
    """A text with everything in its lines that would act on a terminal written as an escape."""
    if all(map(str.isprintable, text.split("\n"))):
        return text
    from sim.errors import escaped  # only now: it brings the whole model with it

    return "\n".join(map(escaped, text.split("\n")))


def say(text: object, *, end: str = "\n", file: TextIO | None = None, flush: bool = False) -> None:
    """Print a text, made safe; arguments as those of `print`."""
    print(safe(str(text)), end=end, file=file, flush=flush)


def safe_json(text: str) -> str:
    """JSON in which those characters, too, are written as escapes of JSON: the same values."""
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
