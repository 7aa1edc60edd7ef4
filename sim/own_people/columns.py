"""Columns of a file of residents, and what such a file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.randomness import Floats, Integers

TRAITS = ("resources", "trust_in_municipality", "trust_in_council", "trust_in_people", "belonging", "hope")
LIVED = (
    *("evidence_of_municipality", "evidence_of_council", "evidence_of_people"),
    *("evidence_of_belonging", "evidence_of_hope"),
)
REQUIRED = ("neighbourhood", "sex", "birth_year")
OPTIONAL = ("household", "education", "standing", "attendance", *TRAITS, *LIVED, "weight")
FILLED = (*REQUIRED, "weight")
"""Columns of which no cell may be blank."""


@dataclass(frozen=True, eq=False)
class OwnPeople:
    """What a user's file says about its n rows.

    Attributes:
        source: path of the file, for messages.
        neighbourhood: int64 (n,), number of the neighbourhood, from 0.
        sex: int8 (n,), index into `SEXES`.
        birth_year: int16 (n,), Solar Hijri.
        household: int64 (n,), numbered from 0 as they occur, -1 where blank; None without the column.
        standing: int8 (n,), index into `STANDINGS`, -1 where not known; None without the column.
        attendance: int8 (n,), index into `ATTENDANCES`, -1 where not known; None without the column.
        education: float64 (n,), years of schooling, NaN where not known; None without the column.
        traits: float64 (n,) in [0, 1] by name (`TRAITS`), NaN where not known; only the columns that are there.
        lived: float64 (n,) in log odds by name (`LIVED`): what trust, belonging and hope are above one's disposition,
            for what was lived; NaN where not known; only the columns that are there.
        weight: float64 (n,), above 0; None: each row is one resident.
    """

    source: str
    neighbourhood: Integers
    sex: NDArray[np.int8]
    birth_year: NDArray[np.int16]
    household: Integers | None = None
    standing: NDArray[np.int8] | None = None
    attendance: NDArray[np.int8] | None = None
    education: Floats | None = None
    traits: Mapping[str, Floats] = field(default_factory=dict)
    lived: Mapping[str, Floats] = field(default_factory=dict)
    weight: Floats | None = None


def numbered(households: Integers) -> Integers:
    """The same households numbered from 0 as they first occur; -1 stays."""
    rows = np.flatnonzero(households >= 0)
    first = np.full(int(households.max(initial=-1)) + 1, households.size, np.int64)
    first[households[rows][::-1]] = rows[::-1]
    rank = np.empty_like(first)
    rank[np.argsort(first, kind="stable")] = np.arange(first.size)
    return np.where(households >= 0, rank[households] if first.size else -1, -1)
