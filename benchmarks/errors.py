"""What is said on the error stream: how far a measurement is, and what went wrong, one line each."""

from __future__ import annotations

import sys

WRONG_REQUEST = 2
"""Exit status of a request that cannot be met; 1 is a failed measurement or a warning of the guard."""


class BenchmarkError(Exception):
    """A benchmark cannot be carried out; `status` is the exit status that follows."""

    def __init__(self, problem: str, status: int = WRONG_REQUEST) -> None:
        super().__init__(problem)
        self.status = status


def say(line: str) -> None:
    """Print one line of progress."""
    print(f"bench: {line}", file=sys.stderr, flush=True)
