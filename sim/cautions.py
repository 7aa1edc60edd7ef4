"""What a user should know of a request that can be met all the same."""

from __future__ import annotations

import warnings

from sim.errors import LONGEST_MESSAGE, escaped, shortened


class CautionWarning(UserWarning):
    """What was asked for can be done, and may not mean what it seems to mean."""


def caution(text: str) -> None:
    """Say a caution: in a notebook as a warning, on the command line as a line of its own, safe to print."""
    warnings.warn(shortened(escaped(text), LONGEST_MESSAGE), CautionWarning, stacklevel=2)
