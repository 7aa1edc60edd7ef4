"""What a single run can say: how outcomes changed since week 0, by neighbourhood and by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd
from shapely import MultiPolygon, Polygon

SPREAD = (0.1, 0.9)
"""Quantiles of neighbourhoods between which bands of spread lie."""

NAMED = 3
"""Neighbourhoods named at each end."""

SHOWN_ON_MAPS = ("trust_in_municipality", "participation_rate", "service_level")
SHOWN_BY_GROUP = ("trust_in_municipality", "participation_rate", "performance")


class ClaimedFigure(Protocol):
    """A claimed figure, as in `city.claims`."""

    @property
    def outcome(self) -> str:
        """Column of the city's table."""

    @property
    def value(self) -> float:
        """The figure."""

    @property
    def week(self) -> int:
        """Week it speaks of."""


@dataclass(frozen=True)
class Told:
    """The tables of a run, and what is told with them.

    Attributes:
        city, neighbourhoods, groups: the run's tables.
        polygons: one per neighbourhood, in the order of their numbers.
        names: of the neighbourhoods, in the sheet's language.
        title: heading of the page.
        claims: figures to put beside the simulated ones, labelled as claimed.
        start_date: day of week 0.
    """

    city: pd.DataFrame
    neighbourhoods: pd.DataFrame
    groups: pd.DataFrame
    polygons: Sequence[Polygon | MultiPolygon]
    names: Sequence[str]
    title: str
    claims: Sequence[ClaimedFigure] = ()
    start_date: str | None = None

    @property
    def last_week(self) -> int:
        """The last week."""
        return int(self.city.week.iloc[-1])


def ever_councils(city: pd.DataFrame) -> bool:
    """Whether there is a council in any week; without one, nothing about councils means anything."""
    return bool((city.councils > 0).any())


def change(city: pd.DataFrame, outcome: str) -> pd.Series:
    """An outcome of the city less its value in the first week, by row."""
    values: pd.Series = city[outcome]
    return values.sub(values.iloc[0])


def spread(neighbourhoods: pd.DataFrame, outcome: str) -> tuple[pd.Series, pd.Series]:
    """Quantiles `SPREAD` over neighbourhoods of their changes since the first week, by week."""
    wide = neighbourhoods.pivot(index="week", columns="neighbourhood", values=outcome)
    moved = wide - wide.iloc[0]
    low, high = (moved.quantile(share, axis=1) for share in SPREAD)
    return low, high


def changes_by_place(neighbourhoods: pd.DataFrame) -> pd.DataFrame:
    """Last week less first, one row per neighbourhood in the order of their numbers, a column per outcome of maps."""
    first, last = (
        neighbourhoods[neighbourhoods.week == week].set_index("neighbourhood")[list(SHOWN_ON_MAPS)].sort_index()
        for week in (neighbourhoods.week.min(), neighbourhoods.week.max())
    )
    moved: pd.DataFrame = last - first
    return moved


def fell_and_rose(changes: pd.Series) -> dict[str, list[int]]:
    """Numbers of the neighbourhoods that fell and rose most, the largest change first; only such as fell, or rose."""
    ranked = changes.dropna().sort_values(kind="stable")
    fell, rose = ranked[ranked < 0.0], ranked[ranked > 0.0]
    return {"fell": fell.index[:NAMED].tolist(), "rose": rose.index[::-1][:NAMED].tolist()}


def changes_by_group(groups: pd.DataFrame) -> pd.DataFrame:
    """Last week less first, one row per group that has residents (``kind=group``), a column per outcome of groups."""
    keys = ["group_kind", "group"]
    first, last = (groups[groups.week == week].set_index(keys) for week in (groups.week.min(), groups.week.max()))
    found: pd.DataFrame = (last - first)[list(SHOWN_BY_GROUP)][last.residents > 0]
    return found.set_axis([f"{kind}={group}" for kind, group in found.index])


def milestones(city: pd.DataFrame, neighbourhoods: int) -> dict[str, int]:
    """Week of the first councils, of councils in all neighbourhoods and of the first mayors, of those that happened."""
    reached = {
        "first_councils": city.councils > 0,
        "all_councils": city.councils >= neighbourhoods,
        "mayors": city.neighbourhood_mayors > 0,
    }
    return {name: int(city.week[rows].iloc[0]) for name, rows in reached.items() if rows.any()}
