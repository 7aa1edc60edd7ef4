"""Phase 9. Measures: one row for the city, one for each neighbourhood, one for each group; close the week."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import mesa
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.agents.resident import Resident
from sim.cells import CROSSING, Cells, crossed_group
from sim.columns import columns_of
from sim.extension import tables_of
from sim.outcome import START, Table
from sim.outcomes.moment import Moment
from sim.outcomes.running import Running
from sim.phase import phase
from sim.week import Week

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Recorder:
    """Collects one row per week for the city, and one each for neighbourhoods and groups.

    Args:
        city: whose.
        weeks: the weeks whose rows are wanted, besides week 0; None for every week.
        crossed: groups whose rows are wanted besides the usual ones, such as ``sex=woman, cohort=youth``.

    Attributes:
        groups: kind and name of each group that has rows.

    Raises:
        ValueError: there is no such group.
    """

    def __init__(self, city: City, weeks: Collection[int] | None = None, crossed: Sequence[str] = ()) -> None:
        self._weeks = None if weeks is None else frozenset({0, *weeks})
        self._cells = Cells(city, crossed)
        self.groups = self._cells.groups
        self._running = Running(city)
        self._names = city.geography.names
        self.tables = tables_of(city.config.extended_by)
        self._city: list[dict[str, float]] = []
        self._neighbourhoods: list[dict[str, Any]] = []
        self._groups: list[dict[str, Any]] = []
        self._snapshots: list[pd.DataFrame] = []
        self.datacollector = LatestRow()  # type: ignore[no-untyped-call]

    # ---------------------------------------------------------------- recording

    def record(self, city: City) -> None:
        """Measure the city as it stands and keep the rows, if those of this week are wanted."""
        self._running.note(city)
        if city.week in city.config.run.snapshot_weeks:
            self._snapshots.append(_snapshot(city))
        if self._weeks is not None and city.week not in self._weeks:
            return
        moment = Moment(city, self._cells.sums(city), self._running, self._cells.people)
        self._city.append(self.tables["city"].row(moment))
        self._neighbourhoods.append(self.tables["neighbourhood"].row(moment))
        self._groups.append(self.tables["group"].row(moment))
        self.datacollector.collect(city)

    @property
    def latest(self) -> dict[str, float]:
        """The city's row of the last week measured."""
        return self._city[-1]

    def column(self, table: Literal["city", "neighbourhoods", "groups"], name: str) -> Floats:
        """A column of a weekly table as numbers, (weeks measured, rows of a week), without a frame around it.

        Raises:
            KeyError: the table has no such column.
        """
        if table == "city":
            return np.array([[row[name]] for row in self._city], dtype=np.float64)
        rows = self._neighbourhoods if table == "neighbourhoods" else self._groups
        return np.array([row[name] for row in rows], dtype=np.float64)

    # ---------------------------------------------------------------- frames

    def city_frame(self) -> pd.DataFrame:
        """One row per week."""
        whole = dict.fromkeys(("week", "phase"), np.int64)
        return pd.DataFrame(
            {name: np.array([row[name] for row in self._city], dtype=whole.get(name)) for name in self._city[0]}
        )

    def neighbourhood_frame(self) -> pd.DataFrame:
        """One row per week and neighbourhood."""
        return _frame(self.tables["neighbourhood"], self._neighbourhoods, {"name": list(self._names)})

    def group_frame(self) -> pd.DataFrame:
        """One row per week, kind of group and group."""
        kinds, groups = zip(*self.groups, strict=True)
        return _frame(self.tables["group"], self._groups, {"group_kind": list(kinds), "group": list(groups)})

    def snapshot_frame(self) -> pd.DataFrame:
        """One row per resident and week asked for; empty if none was."""
        return pd.concat(self._snapshots, ignore_index=True) if self._snapshots else pd.DataFrame()


@phase(
    reads=(
        "built_by_councils; disposition_moved; institutions: councils, mayors, member_rows, seats; log: totals; "
        "money: books; national_mood; policy; projects; residents; services; ties"
    ),
    writes="datacollector; last_week; now; recorder; running; services_history",
)
def measure(city: City) -> None:
    """Enter the week into all tables, and begin the record of the next."""
    city.services_history.append(city.services.copy())
    city.recorder.record(city)
    city.last_week, city.now = city.now, Week(city.week + 1)
    city.running = city.week < city.config.run.weeks


class LatestRow(mesa.DataCollector):
    """Mesa's collector over the city's weekly row: every outcome is a model reporter.

    Mesa calls each reporter and copies its value deeply; the row is already there and holds numbers only.
    """

    def collect(self, model: City) -> None:
        """Append the latest row."""
        row = model.recorder.latest
        if not self.model_vars:
            for name in row:
                self._new_model_reporter(name, partial(_latest, name=name))  # type: ignore[no-untyped-call]
        self._collection_steps.append(model.time)
        for values, value in zip(self.model_vars.values(), row.values(), strict=True):
            values.append(value)


def _latest(city: City, name: str) -> float:
    return city.recorder.latest[name]


def _frame(table: Table, rows: list[dict[str, Any]], labels: dict[str, list[str]]) -> pd.DataFrame:
    """A table of several rows a week; its labels are the same in every week."""
    return pd.DataFrame(
        {
            name: labels[name] * len(rows) if name in labels else np.concatenate([row[name] for row in rows])
            for name in table.columns
            if name in labels or name in rows[0]  # what was declared since is not there
        }
    )


def _snapshot(city: City) -> pd.DataFrame:
    frame: dict[str, Any] = {"week": city.week, "resident": np.arange(1, len(city.residents) + 1)}
    for name, column in columns_of(Resident).items():
        values = city.residents[name]
        if column.labels is not None:
            frame[name] = pd.Categorical(np.array(column.labels)[values], categories=column.labels)
        elif column.width > 1:
            frame |= {f"{name}_{place}": values[:, place].copy() for place in range(column.width)}
        else:
            frame[name] = values.copy()
    return pd.DataFrame(frame)


def starting_structure(city: City) -> dict[str, float]:
    """What the register's `start.*` and `network.*` outcomes read: the make-up of the population and of its ties."""
    return START.row(city)


def read_outcome(city: City, outcome: str, reduce: str = "last") -> float:
    """One number for an outcome: a column of `history`, `column[kind=group]`, `start.*` or `network.*`.

    Args:
        city: a city that has run.
        outcome: its name.
        reduce: last (the last week that has a value), mean (over weeks that have one) or first.

    Raises:
        KeyError: no such outcome.
    """
    if outcome.startswith(("start.", "network.")):
        return starting_structure(city)[outcome]
    if "[" in outcome:
        name, _, rest = outcome.partition("[")
        kinds, groups = (CROSSING.join(words) for words in crossed_group(rest.rstrip("]")))
        frame = city.group_history
        series = frame.loc[(frame.group_kind == kinds) & (frame.group == groups), name]
    else:
        series = city.history[outcome]
    values = series.dropna().to_numpy(dtype=np.float64)
    if not values.size:
        return float("nan")
    return float({"last": values[-1], "first": values[0], "mean": values.mean()}[reduce])
