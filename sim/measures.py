"""Phase 9. Measures: the state of the model as tidy rows, for the city, its neighbourhoods and its groups."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import mesa
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.agents.resident import Resident
from sim.cells import GROUPS, MEANS, Cells, Sums
from sim.columns import columns_of
from sim.indices import weighted_gini
from sim.network import structure
from sim.outcomes import Running, city_row, neighbourhood_phase

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Recorder:
    """Collects one row a week for the city, and one each for neighbourhoods and groups.

    Args:
        city: whose.
        weeks: the weeks whose rows are wanted, besides week 0; None for every week.
    """

    def __init__(self, city: City, weeks: Collection[int] | None = None) -> None:
        self._weeks = None if weeks is None else frozenset({0, *weeks})
        self._cells = Cells(city)
        self._running = Running(city)
        self._names = city.geography.names
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
        sums = self._cells.sums(city)
        works = city.projects.counts(city.neighbourhoods)
        phase = neighbourhood_phase(city, works)
        self._city.append(city_row(city, sums, self._running, phase, works))
        self._neighbourhoods.append(_neighbourhood_rows(city, sums, phase, works))
        self._groups.append(_group_rows(city, sums, self._cells.people))
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
        """One row a week."""
        return pd.DataFrame(self._city).astype({"week": "int64", "phase": "int64"})

    def neighbourhood_frame(self) -> pd.DataFrame:
        """One row a week and neighbourhood."""
        rows = self._neighbourhoods
        frame = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in rows[0]})
        frame.insert(2, "name", list(self._names) * len(rows))
        return frame

    def group_frame(self) -> pd.DataFrame:
        """One row a week, kind of group and group."""
        rows = self._groups
        frame = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in rows[0]})
        frame.insert(1, "group_kind", [kind for kind, _ in GROUPS] * len(rows))
        frame.insert(2, "group", [group for _, group in GROUPS] * len(rows))
        return frame

    def snapshot_frame(self) -> pd.DataFrame:
        """One row a resident and week asked for; empty if none was."""
        return pd.concat(self._snapshots, ignore_index=True) if self._snapshots else pd.DataFrame()


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


def _neighbourhood_rows(city: City, sums: Sums, phase: Integers, works: dict[str, Integers]) -> dict[str, Any]:
    count, agents, at = city.neighbourhoods, city.agents_per_neighbourhood, sums.neighbourhood
    row: dict[str, Any] = {
        "week": np.full(count, city.week),
        "neighbourhood": np.arange(count),
        "phase": phase,
    }
    row |= {name: at[name] / agents for name in MEANS}
    row |= {
        "participation_rate": at["participating"] / agents,
        "ever_participated_rate": at["ever"] / agents,
        "below_floor_share": at["below_floor"] / agents,
        "informed": at["informed"] / city.scale,
        "attended": at["attended"] / city.scale,
        "volunteers": at["volunteered"] / city.scale,
        "council": city.councils.convened.copy(),
        "council_members": city.councils.members.copy(),
        "mayor": city.mayors.in_office.copy(),
        "service_level": city.services.mean(axis=1),
        "money_contributed": city.books.contributed.copy(),
        "balance": city.books.delegated.copy(),
        "arrears": city.books.arrears.copy(),
    }
    return row | {f"projects_{name}": works[name] for name in ("active", "finished", "late", "failed")}


def _group_rows(city: City, sums: Sums, people: Floats) -> dict[str, Any]:
    row: dict[str, Any] = {"week": np.full(people.size, city.week), "residents": people / city.scale}
    whole = np.where(people > 0, people, np.nan)  # a group without people has no mean
    row |= {name: sums.group[name] / whole for name in MEANS}
    for name, count in (
        ("participation_rate", "participating"),
        ("ever_participated_rate", "ever"),
        ("below_floor_share", "below_floor"),
        ("informed_rate", "informed"),
        ("attended_rate", "attended"),
        ("volunteered_rate", "volunteered"),
        ("organised_rate", "organised"),
    ):
        row[name] = sums.group[count] / whole
    return row


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
    residents, people = city.residents, len(city.residents)
    ages = city.config.city.start_year_solar_hijri - residents.birth_year.astype(np.float64)
    found = structure(city.ties, ages, (residents.attendance == 0).astype(np.float64))
    _, _, kind = city.ties.edges()
    values = {f"network.{name}": value for name, value in found.items()}
    values["network.household_ties"] = 2.0 * float((kind == 0).sum()) / people
    return values | {
        "start.residents": people / city.scale,
        "start.women_share": float((residents.sex == 1).mean()),
        "start.population_gini": weighted_gini(city.population, np.ones_like(city.population)),
        "start.youth_share": float((residents.cohort == 0).mean()),
        "start.attender_share": float((residents.attendance == 0).mean()),
        "start.without_standing_share": float((residents.standing == 1).mean()),
        "start.resources": float(residents.resources.mean()),
        "start.resources_sd": float(residents.resources.std()),
        "start.need_diversity": float(residents.need_weights.std(axis=0).mean()),
        "start.contact_rate_sd": 52.0 * float(residents.contact_rate.std()),
        "start.answered_share_sd": float(residents.answered_chance.std()),
        "start.answered_gap": _answered_gap(city),
        "start.evidence_of_hope_sd": float(residents.evidence_of_hope.std()),
        "start.facilitator_spread": float(city.facilitators.engagement.std()) if len(city.facilitators) else 0.0,
    }


def _answered_gap(city: City) -> float:
    """Share answered of contacts in the less deprived half of neighbourhoods less that in the others; 0 if alike."""
    deprivation = city.geography.deprivation
    poorer = (deprivation > np.median(deprivation))[city.residents.neighbourhood]
    chance = city.residents.answered_chance
    return float(chance[~poorer].mean() - chance[poorer].mean()) if poorer.any() else 0.0


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
        kind, _, group = rest.rstrip("]").partition("=")
        frame = city.group_history
        series = frame.loc[(frame.group_kind == kind) & (frame.group == group), name]
    else:
        series = city.history[outcome]
    values = series.dropna().to_numpy(dtype=np.float64)
    if not values.size:
        return float("nan")
    return float({"last": values[-1], "first": values[0], "mean": values.mean()}[reduce])
