"""The one error a user's input may cause: it names the file, the line, the key and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

LONGEST_MESSAGE = 300
"""Characters of a message, without the path of its file."""

_LONGEST_KEY = 100
_LONGEST_SOURCE = 200
_JOINERS = "\u200c\u200d"  # written inside ordinary Persian words, though Python calls them unprintable


class ConfigError(ValueError):
    """Something the user wrote cannot be used: one clear line, no traceback, exit status 2.

    Attributes:
        source: the file (or the option, such as ``--set``) the fault is in, or None.
        line: its line, counted from 1, or None where there is none.
        key: the dotted key or the column, or None.
        problem: what is wrong and what is allowed.
        others: further faults of the same file, in the order of lines; ``mahalle check`` prints them too.
    """

    def __init__(
        self, problem: str, *, source: str | Path | None = None, line: int | None = None, key: str | None = None
    ) -> None:
        self.source = None if source is None else str(source)
        self.line = line
        self.key = key
        self.problem = problem
        self.others: tuple[ConfigError, ...] = ()
        super().__init__(str(self))

    def __str__(self) -> str:
        """``file:line: key: problem``, leaving out what is not known; safe to print, and of bounded length."""
        source = None if self.source is None else shortened(escaped(self.source), _LONGEST_SOURCE)
        place = ":".join(str(part) for part in (source, self.line) if part is not None)
        key = shortened(escaped(self.key or ""), _LONGEST_KEY)
        problem = shortened(escaped(self.problem), LONGEST_MESSAGE - len(key))
        return ": ".join(part for part in (place, key, problem) if part)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive a trip between processes."""
        return _rebuild, (self.problem, self.source, self.line, self.key, self.others)

    @property
    def all(self) -> tuple[ConfigError, ...]:
        """The fault and the others."""
        return (self, *self.others)


def raise_first(faults: Iterable[ConfigError]) -> None:
    """Raise the first of some faults of one file, which then knows the others; do nothing if there are none.

    Raises:
        ConfigError: the fault with the lowest line.
    """
    ordered = sorted((one for fault in faults for one in fault.all), key=lambda fault: fault.line or 0)
    if ordered:
        first, *others = ordered
        for other in others:
            other.others = ()
        first.others = tuple(others)
        raise first


def escaped(text: str) -> str:
    """A text with everything that would act on a terminal, or could not be seen, written as an escape."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in _JOINERS else ascii(letter)[1:-1] for letter in text)


def shortened(text: str, longest: int) -> str:
    """A text of at most `longest` characters: its beginning, and its end, where advice stands."""
    tail = longest // 3
    return text if len(text) <= longest else f"{text[: longest - tail - 1]}…{text[-tail:]}"


def _rebuild(
    problem: str, source: str | None, line: int | None, key: str | None, others: Sequence[ConfigError]
) -> ConfigError:
    error = ConfigError(problem, source=source, line=line, key=key)
    error.others = tuple(others)
    return error
