"""Phase 9. Measures: the state of the model as tidy rows, for the city, its neighbourhoods and its groups."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import NDArray

from sim.agents.resident import ATTENDANCES, COHORTS, SEXES, STANDINGS, Resident
from sim.columns import columns_of
from sim.network import structure
from sim.projects import ACTIVE, FAILED, FINISHED, NEVER
from sim.rules.knowledge import as_shares, need, need_match
from sim.rules.participation import ACTIVE_WEEKS
from sim.seats import MAYOR, Pools

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]

MEANS = (
    "trust_in_municipality",
    "trust_in_council",
    "trust_in_people",
    "expectation",
    "performance",
    "belonging",
    "hope",
    "habit",
    "fatigue",
    "civic_skill",
)
"""Columns of residents that are averaged over the city, each neighbourhood and each group."""

CORE_ACTS_PER_YEAR = 6
"""From this many acts in a year a resident counts as core; with none as taking part never or rarely."""

FLOOR = 0.25
"""Perceived performance below which a resident counts as badly served [assumption]."""

GROUP_KINDS = {"sex": SEXES, "cohort": COHORTS, "attendance": ATTENDANCES, "standing": STANDINGS}


def weighted_gini(values: Floats, weights: Floats) -> float:
    """Gini coefficient of values held by groups of people, each (M,); 0 where all is equal or nothing is there."""
    order = np.argsort(values, kind="stable")
    people = np.cumsum(weights[order]) / weights.sum()
    held = np.cumsum(values[order] * weights[order])
    if held[-1] <= 0.0:
        return 0.0
    held = held / held[-1]
    area = np.sum(np.diff(people, prepend=0.0) * (held + np.concatenate([[0.0], held[:-1]])))
    return float(max(0.0, 1.0 - area))


def theil(values: Floats, weights: Floats) -> float:
    """Theil's T of values held by groups of people, each (M,)."""
    share = weights / weights.sum()
    mean = float((values * share).sum())
    ratio = values / mean if mean > 0.0 else np.ones_like(values)
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0.0)
    return float(max(0.0, (share * ratio * logs).sum()))


def morans_i(values: Floats, adjacency: scipy.sparse.csr_array) -> float:
    """Moran's I of values on a graph of neighbourhoods, (M,) and (M, M) of 0 and 1; 0 where all are equal."""
    deviation = values - values.mean()
    variance = float(deviation @ deviation)
    total = float(adjacency.sum())
    if variance <= 1e-24 or total == 0.0:
        return 0.0
    return float(values.size / total * (deviation @ (adjacency @ deviation)) / variance)


class Recorder:
    """Collects one row a week for the city, and one each for neighbourhoods and groups."""

    def __init__(self, city: City) -> None:
        code = city.residents.neighbourhood.astype(np.int64) * Pools.CELLS + city.cell
        present, self._first = np.unique(code, return_index=True)
        self._residents_in_cell = np.diff(self._first, append=len(city.residents)).astype(np.float64)
        self._cell_of_resident = np.repeat(np.arange(present.size), self._residents_in_cell.astype(np.int64))
        self._neighbourhood_of_cell = present // Pools.CELLS
        self._groups = [(kind, group) for kind, groups in GROUP_KINDS.items() for group in groups]
        self._in_neighbourhood = _membership(self._neighbourhood_of_cell, city.neighbourhoods)
        self._in_group = _group_membership(present % Pools.CELLS)
        self._adjacency = city.geography.adjacency_matrix()
        self._names = city.geography.names
        self._city: list[dict[str, float]] = []
        self._neighbourhoods: list[dict[str, Any]] = []
        self._group_rows: list[dict[str, Any]] = []
        self._snapshots: list[pd.DataFrame] = []
        self._acts_a_year_ago = np.zeros(len(city.residents), dtype=np.int32)
        self._levels = (1.0, 0.0, 0.0)
        self._sums = {"speakers": 0.0, "heard": 0.0, "exits": 0.0, "exposed": 0.0, "hearings": 0.0}
        self._youth_rows = np.flatnonzero(city.residents.cohort == 0)
        self.datacollector = LatestRow()  # type: ignore[no-untyped-call]

    # ---------------------------------------------------------------- recording

    def record(self, city: City) -> None:
        """Measure the city as it stands and keep the rows."""
        sums = self._cell_sums(city)
        row: dict[str, float] = {"week": city.week, "phase": _phase(city)}
        row |= self._trust_and_feelings(city, sums)
        row |= self._participation(city, sums)
        row |= _councils(city)
        row |= _projects(city)
        row |= self._choice(city)
        row |= self._services(city)
        row |= self._learning(city, sums)
        row |= _money(city)
        row |= self._who_came(city, row)
        self._city.append(row)
        self._neighbourhoods.append(self._neighbourhood_rows(city, sums))
        self._group_rows.append(self._rows_of_groups(city, sums))
        if city.week in city.config.run.snapshot_weeks:
            self._snapshots.append(_snapshot(city))
        self.datacollector.collect(city)

    @property
    def latest(self) -> dict[str, float]:
        """The city's row of the last week recorded."""
        return self._city[-1]

    def _cell_sums(self, city: City) -> dict[str, Floats]:
        """Sums over cells of neighbourhood and group, by outcome, each (cells,)."""
        residents, cells = city.residents, self._first.size
        sums = {name: np.add.reduceat(residents[name], self._first) for name in MEANS}
        flags = {
            "participating": residents.last_act_week > max(city.week, 0) - ACTIVE_WEEKS,
            "ever": residents.acts > 0,
            "below_floor": residents.performance < FLOOR,
        }
        for name, flag in flags.items():
            sums[name] = np.add.reduceat(flag.astype(np.float64), self._first)
        now = city.now
        attended = np.unique(np.concatenate([now.came["hearing"], now.came["programme"], now.came["ballot"]]))
        rows = {
            "informed": now.informed,
            "attended": attended,
            "volunteered": now.came["volunteering"],
            "organised": city.member_rows,
        }
        for name, who in rows.items():
            sums[name] = np.bincount(self._cell_of_resident[who], minlength=cells).astype(np.float64)
        return sums

    def _trust_and_feelings(self, city: City, sums: dict[str, Floats]) -> dict[str, float]:
        residents, n = city.residents, len(city.residents)
        row: dict[str, float] = {}
        for name in MEANS[:3]:
            mean = sums[name].sum() / n
            row[name] = mean
            square = float(np.einsum("n,n->", residents[name], residents[name])) / n  # BLAS would not be reproducible
            row[f"{name}_sd"] = float(np.sqrt(max(0.0, square - mean * mean)))
        trust = residents.trust_in_municipality
        low, high = float((trust < 1.0 / 3.0).mean()), float((trust > 2.0 / 3.0).mean())
        row["trust_polarisation"] = 4.0 * low * high
        means = self._in_neighbourhood @ sums["trust_in_municipality"] / city.agents_per_neighbourhood
        row["trust_morans_i"] = morans_i(means, self._adjacency)
        row |= {
            name: float(sums[name].sum()) / n for name in ("expectation", "performance", "belonging", "hope", "fatigue")
        }
        row["below_floor_share"] = float(sums["below_floor"].sum()) / n
        return row

    def _participation(self, city: City, sums: dict[str, Floats]) -> dict[str, float]:
        residents, n, now, scale = city.residents, len(city.residents), city.now, city.scale
        if city.week and city.week % 52 == 0:
            year = residents.acts - self._acts_a_year_ago
            core = float((year >= CORE_ACTS_PER_YEAR).mean())
            rarely = float((year == 0).mean())
            self._levels = (rarely, 1.0 - rarely - core, core)
            self._acts_a_year_ago = residents.acts.copy()
        sums_so_far = self._sums
        sums_so_far["exits"] += now.exits.size
        sums_so_far["exposed"] += now.exposed.size
        return {
            "participation_rate": float(sums["participating"].sum()) / n,
            "ever_participated_rate": float(sums["ever"].sum()) / n,
            "habit": float(sums["habit"].sum()) / n,
            "never_or_rarely_share": self._levels[0],
            "sometimes_share": self._levels[1],
            "core_share": self._levels[2],
            "hub_visits": now.hub_visits / scale,
            "informed": now.informed.size / scale,
            "asked": now.asked.size / scale,
            "attended": float(sums["attended"].sum()) / scale,
            "volunteers": now.came["volunteering"].size / scale,
            "organised": city.member_rows.size / scale,
            "exits": sums_so_far["exits"] / scale,
            "exit_rate_per_year": 52.0 * sums_so_far["exits"] / sums_so_far["exposed"]
            if sums_so_far["exposed"]
            else float("nan"),
        }

    def _choice(self, city: City) -> dict[str, float]:
        now, totals, sums = city.now, city.totals, self._sums
        sums["speakers"] += now.speakers.size
        sums["heard"] += int(now.heard.sum())
        sums["hearings"] += now.hearings
        gini_and_loss = np.array(now.ballots) if now.ballots else np.full((1, 2), np.nan)
        proposed = totals["projects_proposed"]
        return {
            "hearings": sums["hearings"],
            "speakers": sums["speakers"] / city.scale,
            "voice_heard_share": sums["heard"] / sums["speakers"] if sums["speakers"] else float("nan"),
            "rounds": totals["rounds"],
            "projects_proposed": proposed,
            "projects_chosen": totals["projects_chosen"],
            "projects_vetoed": totals["projects_vetoed"],
            "funded_share": totals["projects_chosen"] / proposed if proposed else float("nan"),
            "proposal_concentration": float(np.mean(now.proposal_concentration))
            if now.proposal_concentration
            else float("nan"),
            "turnout": _turnout(city),
            "voters_women_share": _share(city.residents.sex[now.came["ballot"]] == 1),
            "voters_18_25_share": _share(np.isin(_age(city, now.came["ballot"]), np.arange(18, 26))),
            "candidates_women_share": totals["candidates_women"] / totals["candidates"]
            if totals["candidates"]
            else float("nan"),
            "vote_gini": float(gini_and_loss[:, 0].mean()),
            "voters_without_winner_share": float(gini_and_loss[:, 1].mean()),
        }

    def _services(self, city: City) -> dict[str, float]:
        level, people, books = city.services.mean(axis=1), city.population, city.books
        needed = need(city.mean_need_weights, city.services) * people[:, None]
        council = np.where(city.councils.convened[:, None], needed, 0.0)
        convened = city.councils.convened
        gap = np.abs(city.councils.agenda - as_shares(needed)).sum(axis=1)[convened]
        return {
            "agenda_need_match": float(1.0 - 0.5 * gap.mean()) if convened.any() else float("nan"),
            "service_level": float((level * people).sum() / people.sum()),
            "service_gini": weighted_gini(level, people),
            "service_theil": theil(level, people),
            "spending_need_match": need_match(books.council_spending + books.central_spending, needed),
            "council_need_match": need_match(books.council_spending, council),
            "central_need_match": need_match(books.central_spending, needed),
        }

    def _learning(self, city: City, sums: dict[str, Floats]) -> dict[str, float]:
        skill, youths = city.residents.civic_skill, self._youth_rows
        of_youths, adults = float(skill[youths].sum()), len(skill) - youths.size
        talent = skill[youths] >= city.config.behaviour.learning.talent_threshold
        return {
            "youth_skill": of_youths / youths.size if youths.size else float("nan"),
            "adult_skill": (float(sums["civic_skill"].sum()) - of_youths) / adults if adults else float("nan"),
            "talent_pool": int(talent.sum()) / city.scale,
            "bridging_ties": city.ties.bridging_count / city.scale,
        }

    def _who_came(self, city: City, row: dict[str, float]) -> dict[str, float]:
        """How those who took part this week differ from the city in means, trust and belonging; nan if nobody did."""
        acted, residents = city.now.acted, city.residents
        columns = {"resources": None, "trust": "trust_in_municipality", "belonging": "belonging"}
        out = {}
        for name, column in columns.items():
            if acted.size:
                mean = city.start["resources"] if column is None else row[column]
                out[f"participants_{name}"] = float(residents[column or name][acted].mean()) - mean
            else:
                out[f"participants_{name}"] = float("nan")
        return out

    def _neighbourhood_rows(self, city: City, sums: dict[str, Floats]) -> dict[str, Any]:
        count, agents = city.neighbourhoods, city.agents_per_neighbourhood
        at = _totals(self._in_neighbourhood, sums)
        projects = city.projects
        row: dict[str, Any] = {
            "week": np.full(count, city.week),
            "neighbourhood": np.arange(count),
            "phase": neighbourhood_phase(city),
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
            "balance": city.books.delegated.copy(),
            "arrears": city.books.arrears.copy(),
        }
        for name, chosen in (
            ("projects_active", projects.status == ACTIVE),
            ("projects_finished", projects.status == FINISHED),
            ("projects_late", projects.late),
            ("projects_failed", projects.status == FAILED),
        ):
            row[name] = np.bincount(projects.neighbourhood[chosen], minlength=count)
        return row

    def _rows_of_groups(self, city: City, sums: dict[str, Floats]) -> dict[str, Any]:
        people = self._in_group @ self._residents_in_cell
        at = _totals(self._in_group, sums)
        row: dict[str, Any] = {"week": np.full(len(self._groups), city.week), "residents": people / city.scale}
        safe = np.maximum(people, 1.0)
        row |= {name: np.where(people > 0, at[name] / safe, np.nan) for name in MEANS}
        for name, flag in (
            ("participation_rate", "participating"),
            ("ever_participated_rate", "ever"),
            ("below_floor_share", "below_floor"),
            ("informed_rate", "informed"),
            ("attended_rate", "attended"),
            ("volunteered_rate", "volunteered"),
            ("organised_rate", "organised"),
        ):
            row[name] = np.where(people > 0, at[flag] / safe, np.nan)
        return row

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
        rows = self._group_rows
        frame = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in rows[0]})
        frame.insert(1, "group_kind", [kind for kind, _ in self._groups] * len(rows))
        frame.insert(2, "group", [group for _, group in self._groups] * len(rows))
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
        for name, value in row.items():
            self.model_vars[name].append(value)


def _latest(city: City, name: str) -> float:
    return city.recorder.latest[name]


def _totals(membership: scipy.sparse.csr_array, sums: dict[str, Floats]) -> dict[str, Floats]:
    """Sums over the cells of each neighbourhood or group, all outcomes in one product."""
    return dict(zip(sums, (membership @ np.column_stack(list(sums.values()))).T, strict=True))


def _membership(group: NDArray[np.int64], count: int) -> scipy.sparse.csr_array:
    cells = np.arange(group.size)
    return scipy.sparse.csr_array((np.ones(group.size), (group, cells)), shape=(count, group.size))


def _group_membership(cell: NDArray[np.int64]) -> scipy.sparse.csr_array:
    """Matrix of groups by cells: 1 where the cell belongs to the group, groups in the order of `GROUP_KINDS`."""
    codes = {"sex": cell // 16, "cohort": cell // 4 % 4, "attendance": cell // 2 % 2, "standing": cell % 2}
    rows = [codes[kind] == number for kind, groups in GROUP_KINDS.items() for number in range(len(groups))]
    return scipy.sparse.csr_array(np.array(rows, dtype=np.float64))


def neighbourhood_phase(city: City) -> NDArray[np.int64]:
    """Phase of each neighbourhood: 1 identified, 2 with a council, 3 with a mayor, 4 with works of its own.

    Where the policy has no mayors, or councils begin works before they have one, as they did in the reported case, a
    neighbourhood counts as in phase 4 only once it has passed the phases before.
    """
    mayor = city.mayors.in_office | (city.policy.mayor.kind == "none")
    carried_out = np.zeros(city.neighbourhoods, dtype=bool)
    carried_out[city.projects.neighbourhood[city.projects.by_council]] = True
    convened = city.councils.convened
    return np.asarray(1 + convened + (convened & mayor) + (convened & mayor & carried_out), dtype=np.int64)


def _phase(city: City) -> int:
    """Phase that at least half of the neighbourhoods have reached; 0 before the first week."""
    return 0 if city.week == 0 else int(np.quantile(neighbourhood_phase(city), 0.5, method="lower"))


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if flags.size else float("nan")


def _age(city: City, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Age in years this week of residents, (n,)."""
    year = city.config.city.start_year_solar_hijri + city.week // 52
    return np.asarray(year - city.residents.birth_year[rows].astype(np.int64))


def _turnout(city: City) -> float:
    """Voters of this week as a share of those entitled in the neighbourhoods that vote; nan where nobody can."""
    voters, residents, voting = city.now.came["ballot"], city.residents, np.flatnonzero(city.now.voting)
    if not voting.size:
        return float("nan")
    age = _age(city, np.arange(len(residents)))
    entitled = (age >= city.config.behaviour.participation.voting_age) & np.isin(residents.neighbourhood, voting)
    if not city.policy.council.standing_for_migrants:
        entitled &= residents.standing == 0
    return float(voters.size / entitled.sum()) if entitled.any() else float("nan")


def _councils(city: City) -> dict[str, float]:
    councils, mayors, seats = city.councils, city.mayors, city.seats
    convened = councils.convened
    members = int(councils.members[convened].sum())

    def over_members(values: Floats) -> float:
        return float((values * councils.members)[convened].sum() / members) if members else float("nan")

    def over_councils(values: Floats) -> float:
        return float(values[convened].mean()) if convened.any() else float("nan")

    return {
        "councils": int(convened.sum()),
        "council_members": members,
        "neighbourhood_mayors": int((seats.filled & (seats.role == MAYOR)).sum()),
        "mayor_skill": float(mayors.skill[mayors.in_office].mean()) if mayors.in_office.any() else float("nan"),
        "mayor_women_share": float(mayors.woman[mayors.in_office].mean()) if mayors.in_office.any() else float("nan"),
        "council_women_share": over_members(councils.women_share),
        "council_youth_share": over_members(councils.youth_share),
        "council_resources": over_councils(councils.resources),
        "council_attendance": over_councils(councils.attendance),
        "seats_filled": city.totals["seats_filled"],
    }


def _projects(city: City) -> dict[str, float]:
    projects = city.projects
    finished, by_council = projects.status == FINISHED, projects.by_council
    costs = projects.cost
    return {
        "construction_projects_pledged": int((projects.pledge_week < NEVER).sum()),
        "construction_projects_finished": int(finished.sum()),
        "construction_projects_late": int(projects.late.sum()),
        "construction_projects_failed": int((projects.status == FAILED).sum()),
        "council_projects_pledged": int(by_council.sum()),
        "council_projects_finished": int((finished & by_council).sum()),
        "central_projects_finished": int((finished & ~by_council).sum()),
        "projects_active": int((projects.status == ACTIVE).sum()),
        "captured_projects": int(projects.captured.sum()),
        "project_cost_sd": float(np.log(costs).std()) if costs.size > 1 else float("nan"),
        "programmes_held": city.totals["programmes_held"],
        "programme_attendance": city.totals["programme_attendance"],
    }


def _money(city: City) -> dict[str, float]:
    books = city.books
    return {
        "money_received": books.received,
        "money_spent": books.total_spent,
        "money_leaked": books.total_leaked,
        "money_balance": books.balance,
        "money_delegated_paid": books.delegated_paid,
        "money_on_programmes": books.spent["programmes"],
        "money_on_support": books.spent["support"],
        "scandals": city.totals["scandals"],
    }


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
        "start.facilitator_spread": float(city.facilitators.engagement.std()) if len(city.facilitators) else 0.0,
    }


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
