"""Texts of users, made safe to print: a name or an option may hold what acts on a terminal."""

from __future__ import annotations

import re
from typing import TextIO

from experiments.directions import PERCENT, shown

_RAW = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON leaves as it is and a terminal acts on: control characters beyond ASCII and direction marks."""


_BEFORE_A_SIGN = re.compile("\u200e(?=[+−])")
"""A left-to-right mark that Persian texts have before signs; it acts on nothing but the sign."""


def safe(text: str) -> str:
    """A text with everything in its lines that would act on a terminal written as an escape.

    Persian percent signs get the marks of direction that keep them left of their numbers; see `experiments.directions`.
    """
    text = text.replace(PERCENT, "٪")
    if all(map(str.isprintable, text.split("\n"))):
        return shown(text)
    from sim.errors import escaped  # only now: it brings the whole model with it

    def in_a_line(line: str) -> str:
        return "\u200e".join(map(escaped, _BEFORE_A_SIGN.split(line)))

    return shown("\n".join(map(in_a_line, text.split("\n"))))


def say(text: object, *, end: str = "\n", file: TextIO | None = None, flush: bool = False) -> None:
    """Print a text, made safe; arguments as those of `print`."""
    print(safe(str(text)), end=end, file=file, flush=flush)


def safe_json(text: str) -> str:
    """JSON in which those characters, too, are written as escapes of JSON: the same values."""
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
