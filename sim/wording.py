"""How values, names and places that a user wrote are put into words: short, on one line, safe to print."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from sim.errors import ConfigError, escaped

type Place = tuple[str | int, ...]
"""A path inside a document: keys, and positions in lists."""

MAXIMUM_DIGITS = 100

_MARKUP = re.compile(r"(\\*)\[(?=[a-z#/@])")


def shown(value: Any, *, bare: bool = False) -> str:
    """Show a value as the user knows it; a text without the word "text" if it is `bare`."""
    if value is None or isinstance(value, bool):
        return {None: "empty (null)", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'{"" if bare else "the text "}"{printable(value)}"'
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "infinity" if value > 0 else "-infinity"
    if isinstance(value, int) and abs(value) >= 10**MAXIMUM_DIGITS:  # Python may refuse to print it
        return f"a number of more than {MAXIMUM_DIGITS} digits"
    if isinstance(value, int | float):
        return repr(value)
    kind = "mapping" if isinstance(value, Mapping) else "list" if isinstance(value, list | tuple) else None
    return f"a {kind or type(value).__name__}"


def printable(text: str, limit: int = 60) -> str:
    """Cut a text, escape what is not printable, and disarm Rich markup."""
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return _MARKUP.sub(r"\1\1\\[", escaped(cut))


def refusal(problem: str, source: str | None = None, line: int | None = None, place: Place = ()) -> ConfigError:
    """Build the error; whatever the user wrote into a path or a key is made safe to print."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{printable(part) or '""'}" for part in place)
    safe_source = None if source is None else printable(source, 5000)
    return ConfigError(problem, source=safe_source, line=line, key="".join(parts).removeprefix(".") or None)
