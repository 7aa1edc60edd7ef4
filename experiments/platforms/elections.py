"""The projects of an export, parted by budget, and the elections that these make: totals of votes, no ballots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.platforms.amounts import amount, plain, price_in, votes
from experiments.platforms.columns import Columns, Platform, is_yes
from experiments.platforms.tables import Row, Table
from sim.errors import ConfigError, raise_first
from sim.names import cleaned, nearest_name, quoted, short
from sim.own_files import Faults, number_of
from sim.pabulib import TOTALS, Election

LONGEST_TITLE = 300


@dataclass(frozen=True)
class Project:
    """One project of an export that can be voted on.

    Attributes:
        id: a whole number, as text.
        title: in one line.
        categories: without commas.
        cost: in the export's unit of money.
        votes: how many voted for it.
        budget: name of the budget it would be paid from, or "".
        created: when it was put in, as written, or "".
    """

    id: str
    title: str
    categories: tuple[str, ...]
    cost: float
    votes: int
    budget: str
    created: str


@dataclass(frozen=True)
class Projects:
    """The projects of an export, and how many of its rows are none that can be voted on, by reason."""

    projects: tuple[Project, ...]
    left_out: Mapping[str, int]

    @property
    def budgets(self) -> tuple[str, ...]:
        """Names of the budgets, in order."""
        return tuple(dict.fromkeys(project.budget for project in self.projects))


NOT_SELECTED, WITHOUT_PRICE = "not selected for the ballot", "without a price"


def projects_of(table: Table, columns: Columns, platform: Platform) -> Projects:
    """Read the projects of an export.

    Raises:
        ConfigError: the first fault, with its line and column; it knows the others.
    """
    faults, found = Faults(), []
    left_out = dict.fromkeys((NOT_SELECTED, WITHOUT_PRICE), 0)
    ids: set[str] = set()
    for row in table.rows:
        read = faults.of(_project, row, columns, platform)
        if isinstance(read, str):
            left_out[read] += 1
        elif read is not None:
            if read.id in ids:
                faults.of(row.refuse, columns.of("id"), f"{quoted(read.id)} occurs twice")
            ids.add(read.id)
            found.append(read)
    raise_first(faults)
    if not found:
        raise ConfigError(f"has no project that can be voted on ({_reasons(left_out)})", source=table.source)
    return Projects(tuple(found), {reason: number for reason, number in left_out.items() if number})


def _project(row: Row, columns: Columns, platform: Platform) -> Project | str:
    """The project of a row, or why it cannot be voted on."""
    column = columns.of("selected")
    selected = is_yes(columns.text(row, "selected"), column, row) if column else None
    if selected is False:
        return NOT_SELECTED
    column, cell = columns.of("cost"), columns.text(row, "cost")
    cost = (price_in if platform.words_with_prices and cell else amount)(cell, column, row.refuse)
    if cost is None:
        if selected:
            row.refuse(column, f"the project was selected for the ballot, but has no price: {short(cell)}")
        return WITHOUT_PRICE
    return Project(
        _id(row, columns.of("id")),
        columns.text(row, "title")[:LONGEST_TITLE],
        tuple(word.replace(",", " /") for word in columns.words(row, "category")),
        cost,
        votes(columns.text(row, "votes"), columns.of("votes"), row.refuse),
        columns.text(row, "budget"),
        columns.text(row, "created"),
    )


def _id(row: Row, column: str) -> str:
    cell = cleaned(row.cells.get(column, ""))
    number = number_of(cell)
    if not 0 <= number < 1e15 or not number.is_integer():
        row.refuse(column, f"must be a whole number of at least 0, not {short(cell)}")
    return str(int(number))


def amounts_of(given: Sequence[str], projects: Projects, source: str) -> dict[str, float]:
    """Amounts of money by budget, in the order of the file, from `AMOUNT` or `NAME=AMOUNT`.

    Raises:
        ConfigError: an amount is none, or it is not clear of which budget.
    """
    found: dict[str, float] = {}
    there = projects.budgets
    several = f"{source} has {len(there)} budgets ({_some(there)})"
    if not given:
        example = f": give --budget {there[0]}=AMOUNT for each that is to be counted" if len(there) > 1 else ""
        raise ConfigError(f"is missing: an export does not say the amount{example}", source="--budget")
    for text in given:
        name, equals, written = text.rpartition("=")
        name = cleaned(name)
        if not equals and len(there) > 1:
            problem = f"{several}: give --budget {there[0]}=AMOUNT for each that is to be counted"
            raise ConfigError(problem, source="--budget")
        if equals and name not in there:
            raise ConfigError(f"{several}, none named {quoted(name)}{nearest_name(name, there)}", source="--budget")
        budget = name if equals else there[0]
        if budget in found:
            raise ConfigError(f"is given twice for {quoted(budget)}" if budget else "is given twice", source="--budget")
        number = number_of(written.strip())
        if not 0.0 < number <= 1e15:
            raise ConfigError(f"must be an amount of money above 0, not {short(written)}", source="--budget")
        found[budget] = number
    return {budget: found[budget] for budget in there if budget in found}


def election_of(projects: Projects, budget: str, money: float, platform: Platform, source: str) -> Election:
    """The election of one budget, as totals of votes."""
    own = [project for project in projects.projects if project.budget == budget]
    where = f", budget {budget}" if budget else ""
    meta = {
        "description": f"From an export of {platform.title}, {source}{where}: totals of votes, no ballots",
        "num_projects": str(len(own)),
        "budget": plain(money),
        "vote_type": TOTALS,
    }
    rows = tuple(
        {
            "project_id": project.id,
            "cost": plain(project.cost),
            "votes": str(project.votes),
            "name": project.title,
            "category": ",".join(project.categories),
            "created": project.created,
        }
        for project in own
    )
    costs, totals = np.array([project.cost for project in own]), np.array([project.votes for project in own])
    ids, nobody = tuple(project.id for project in own), np.zeros((0, len(own)), dtype=np.bool_)
    return Election(source, meta, rows, (), ids, costs, money, nobody, 1, totals)


def _reasons(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {reason}" for reason, number in left_out.items() if number)


def _some(names: Sequence[str]) -> str:
    return ", ".join(quoted(name, 30) for name in names[:8]) + (", …" if len(names) > 8 else "")
