"""The one error a user's input may cause: it names the file, the line, the key and what is allowed."""

from __future__ import annotations

from pathlib import Path


class ConfigError(ValueError):
    """Something the user wrote cannot be used: one clear line, no traceback, exit status 2.

    Attributes:
        source: the file (or the option, such as ``--set``) the fault is in, or None.
        line: its line, counted from 1, or None where there is none.
        key: the dotted key or the column, or None.
        problem: what is wrong and what is allowed.
    """

    def __init__(
        self, problem: str, *, source: str | Path | None = None, line: int | None = None, key: str | None = None
    ) -> None:
        self.source = None if source is None else str(source)
        self.line = line
        self.key = key
        self.problem = problem
        super().__init__(str(self))

    def __str__(self) -> str:
        """``file:line: key: problem``, leaving out what is not known."""
        place = ":".join(str(part) for part in (self.source, self.line) if part is not None)
        return ": ".join(part for part in (place, self.key, self.problem) if part)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive a trip between processes."""
        return _rebuild, (self.problem, self.source, self.line, self.key)


def _rebuild(problem: str, source: str | None, line: int | None, key: str | None) -> ConfigError:
    return ConfigError(problem, source=source, line=line, key=key)
