"""Outcomes as they are shown to people to read: in words, with their units, and shares of people in per cent.

What is shown follows from the declarations of outcomes (`sim.outcome`). Tables in files keep their names and units
(docs/odd.md); this is what is printed and drawn.
"""

from __future__ import annotations

from sim.outcome import Language, known

POINTS = "% points"
"""How percentage points are written behind a name: the unit of a difference between shares of people."""

FROM_0_TO_1, OWN = "0 to 1", "in its own unit"


def in_words(outcome: str, language: Language = "en") -> str:
    """An outcome's name in words; without such, its own without underscores."""
    declared = known(outcome)
    return outcome.replace("_", " ") if declared is None else declared.in_words(language)


def unit_of(outcome: str) -> str:
    """Unit of a difference as it is shown; `OWN` of what nobody has declared."""
    declared = known(outcome)
    if declared is None:
        return OWN
    if declared.per_cent:
        return POINTS
    return FROM_0_TO_1 if declared.unit == "share" else declared.unit or OWN


def in_per_cent(outcome: str) -> bool:
    """Whether an outcome is a share of people, shown in per cent."""
    declared = known(outcome)
    return declared is not None and declared.per_cent


def factor_of(outcome: str) -> float:
    """What a value is multiplied by to be shown: 100 for shares of people, 1 for others."""
    return 100.0 if in_per_cent(outcome) else 1.0
