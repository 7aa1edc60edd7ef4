"""Which neighbourhoods gain most and which lose most, by name, with intervals that hold for all of them together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.contrasts.arms import better_end
from experiments.contrasts.geography import is_neighbourhood, number_of
from experiments.languages import texts_of, written
from sim.outcome import LOWEST, Language

GAINS, LOSES = "gains", "loses"
"""Directions of an outcome that has a better end: towards it and away from it."""

HIGHER, LOWER = "higher", "lower"
"""Directions of an outcome without a better end."""

NAMED = 5
"""Neighbourhoods named at each end."""


@dataclass(frozen=True)
class Beyond:
    """In how many neighbourhoods an outcome differs from the base by more than the simultaneous interval.

    Attributes:
        first: how many gain; higher, where neither end of the outcome is better.
        second: how many lose; lower, where neither end is better.
        of: how many neighbourhoods there are.
    """

    first: int
    second: int
    of: int


def at_last_week(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Rows of single neighbourhoods at the last week that has any, in the order of their numbers.

    Args:
        contrasts: a table with the columns of `experiments.contrasts.contrasts`.

    Returns:
        those rows, with the columns neighbourhood (its number) and leaves_out_0 (whether the simultaneous interval
        does; False where there is no interval).
    """
    rows: pd.DataFrame = contrasts[contrasts.group.map(is_neighbourhood).astype(bool)]
    rows = rows[rows.week == rows.week.max()]
    low, high = rows.simultaneous_low, rows.simultaneous_high
    found = rows.assign(neighbourhood=rows.group.map(number_of).astype(np.int64), leaves_out_0=(low > 0) | (high < 0))
    sorted_by_number: pd.DataFrame = found.sort_values("neighbourhood", kind="stable")
    return sorted_by_number


def end_in(rows: pd.DataFrame, outcome: str) -> str | None:
    """Which end of an outcome is the better one, by the rows of it; None if neither is.

    An outcome of councils is not ranked where an arm has none, which the table says by empty shares of gains.
    """
    return better_end(outcome, councilless=bool(rows.share_better.isna().all()))


def extremes(contrasts: pd.DataFrame, policy: str, outcome: str, most: int = NAMED) -> pd.DataFrame:
    """The neighbourhoods that gain most and those that lose most under a policy, at the last week that has any.

    A neighbourhood gains if its difference from the base is on the better side of 0, and loses if it is on the worse
    side; where neither end is better, it is higher or lower. A selected extreme is an overestimate (the winner's
    curse). The simultaneous interval accounts for the selection, but its centre remains the overestimate.

    Args:
        contrasts: a table with the columns of `experiments.contrasts.contrasts`.
        policy: name of the policy (or arm).
        outcome: name of the outcome, as in the table.
        most: most neighbourhoods of each direction.

    Returns:
        One row per neighbourhood, the largest gain first, then the largest loss first: direction (`GAINS`, `LOSES`, or
        `HIGHER`, `LOWER`), neighbourhood (its number), name, difference, simultaneous_low, simultaneous_high (units of
        the outcome), leaves_out_0 (whether the interval does). Equal differences are in the order of the numbers.
    """
    rows = _of(contrasts, policy, outcome)
    end = end_in(rows, outcome)
    sign = -1.0 if end == LOWEST else 1.0
    words = (HIGHER, LOWER) if end is None else (GAINS, LOSES)
    parts = []
    for word, towards in zip(words, (sign, -sign), strict=True):
        moved = (towards * rows.difference).rename("moved")
        order = moved[moved > 0.0].sort_values(ascending=False, kind="stable").index[:most]
        parts.append(rows.loc[order].assign(direction=word))
    columns = ["direction", "neighbourhood", "name", "difference", "simultaneous_low", "simultaneous_high"]
    return pd.concat(parts)[[*columns, "leaves_out_0"]].reset_index(drop=True)


def count_beyond(contrasts: pd.DataFrame, policy: str, outcome: str) -> Beyond:
    """In how many neighbourhoods the simultaneous interval excludes 0 on either side; arguments as for `extremes`."""
    rows = _of(contrasts, policy, outcome)
    sign = -1.0 if end_in(rows, outcome) == LOWEST else 1.0
    moved = sign * rows.difference[rows.leaves_out_0]
    return Beyond(int((moved > 0.0).sum()), int((moved < 0.0).sum()), len(rows))


def in_a_line(beyond: Beyond, *, ranked: bool = True, language: Language = "en") -> str:
    """Such as ``interval excludes 0: 1 for the worse, 3 for the better (of 50)``; losses stand before gains.

    It says nothing of how large the differences are; verdicts on neighbourhoods are in `experiments.answers.groups`.

    Args:
        beyond: the counts.
        ranked: whether an end of the outcome is better.
        language: English or Persian.
    """
    text = texts_of(_TEXTS, language)
    if not beyond.first and not beyond.second:
        return text("none")
    counts = {"first": beyond.first, "second": beyond.second, "of": beyond.of}
    key = "ranked" if ranked else "unranked"
    return text(key, **{name: written(str(count), language) for name, count in counts.items()})


def _of(contrasts: pd.DataFrame, policy: str, outcome: str) -> pd.DataFrame:
    rows = contrasts[(contrasts.policy == policy) & (contrasts.outcome == outcome)]
    return at_last_week(rows).reset_index(drop=True)


_TEXTS: dict[str, tuple[str, str]] = {
    "none": ("no neighbourhood's interval excludes 0", "بازه همه محله‌ها صفر را در بر دارد"),
    "ranked": (
        "interval excludes 0: {second} for the worse, {first} for the better (of {of})",
        "صفر بیرون از بازه است: {second} محله رو به بدتر و {first} محله رو به بهتر (از {of} محله)",
    ),
    "unranked": (
        "interval excludes 0: {first} higher, {second} lower (of {of})",
        "صفر بیرون از بازه است: {first} محله بالاتر و {second} محله پایین‌تر (از {of} محله)",
    ),
}
