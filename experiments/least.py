"""The least difference of a city's outcome that matters: the grey band of figures, and what words are measured by.

These are conventions, written down before any figure used them; `docs/decisions.md` has the reasons. Neighbourhoods
have a least difference of their own (`experiments.statistics.least_difference`).
"""

from __future__ import annotations

from sim.outcome import known

SURVEY = 0.02
"""Of means and shares between 0 and 1: a convention. For scale: the difference of two surveys of 1,000 people has a
standard error of 0.009 where the standard deviation between people is 0.2, as of trust, and of 0.022 for a share of
one half. Beside rare shares, such as participation in four weeks (some 2 to 4 %), it is wide."""

INDEX = 0.01
"""Of indices, such as a Gini coefficient."""

OF_THE_BASE = 0.05
"""Of counts and money: this share of the level under the base."""


def least_that_matters(outcome: str, base: float) -> float:
    """The least difference that matters, in units of the outcome.

    Args:
        outcome: its name, with or without a group and a statistic.
        base: its level under the base, in the same units.

    Returns:
        `SURVEY` for shares, `INDEX` for indices, `OF_THE_BASE` of the level's size for others; nan for these where the
        level is 0 or unknown, for then no size can be called small.
    """
    declared = known(outcome.partition("[")[0].partition(":")[0])
    unit = "" if declared is None else declared.unit
    if unit == "share":
        return SURVEY
    if unit == "index":
        return INDEX
    return OF_THE_BASE * abs(base) or float("nan")
