"""The projects of an export, parted by budget, and the elections that these make: totals of votes, no ballots."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from experiments.platforms.amounts import amount, has_votes, plain, price_in, votes
from experiments.platforms.columns import Columns, Platform, category_name, is_yes, plain_text
from experiments.platforms.tables import Row, Table, counted
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
    """The projects of an export.

    Attributes:
        projects: those that can be voted on.
        left_out: how many rows are none of these, by reason.
        left_out_with_votes: ids of those of them for which the export has votes all the same, as written.
        skipped: faults of rows whose budget was not asked for; these rows are not read.
    """

    projects: tuple[Project, ...]
    left_out: Mapping[str, int]
    left_out_with_votes: tuple[str, ...] = ()
    skipped: tuple[ConfigError, ...] = ()

    @property
    def budgets(self) -> tuple[str, ...]:
        """Names of the budgets, in order."""
        return tuple(dict.fromkeys(project.budget for project in self.projects))


NOT_SELECTED, WITHOUT_PRICE = "not selected for the ballot", "without a price"


def projects_of(table: Table, columns: Columns, platform: Platform, asked: Collection[str] = ()) -> Projects:
    """Read the projects of an export.

    Args:
        table: the export.
        columns: which column says what.
        platform: which it comes from.
        asked: names of the budgets that are asked for: faults of other rows do not matter; empty means all.

    Raises:
        ConfigError: the first fault, with its line and column; it knows the others.
    """
    faults, skipped, found = Faults(), list[ConfigError](), list[Project]()
    left_out = dict.fromkeys((NOT_SELECTED, WITHOUT_PRICE), 0)
    ids: set[str] = set()
    with_votes = []
    for row in table.rows:
        wanted = not asked or _budget_name(columns.text(row, "budget")) in asked
        try:
            read = _project(row, columns, platform)
        except ConfigError as fault:
            (faults.add if wanted else skipped.append)(fault)
            continue
        if isinstance(read, str):
            left_out[read] += 1
            if has_votes(columns.text(row, "votes")):
                with_votes.append(columns.text(row, "id"))
            continue
        if wanted and read.id in ids:
            faults.of(row.refuse, columns.of("id"), f"{quoted(read.id)} occurs twice")
        if wanted:
            ids.add(read.id)
        found.append(read)
    raise_first(faults)
    if not found:
        raise ConfigError(f"has no project that can be voted on ({_reasons(left_out)})", source=table.source)
    left_out = {reason: number for reason, number in left_out.items() if number}
    return Projects(tuple(found), left_out, tuple(with_votes), tuple(skipped))


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
        if has_votes(columns.text(row, "votes")):
            advice = "if it was not on the ballot, say so in a column of yes and no (--column selected=COLUMN)"
            row.refuse(column, f"the project has votes, but no price: {short(cell)}; {advice}")
        return WITHOUT_PRICE
    return Project(
        _id(row, columns.of("id")),
        plain_text(columns.text(row, "title"))[:LONGEST_TITLE],
        tuple(map(category_name, columns.categories(row))),
        cost,
        votes(columns.text(row, "votes"), columns.of("votes"), row.refuse),
        _budget_name(columns.text(row, "budget")),
        columns.text(row, "created"),
    )


def _id(row: Row, column: str) -> str:
    cell = cleaned(row.cells.get(column, ""))
    number = number_of(cell)
    if not 0 <= number < 1e15 or not number.is_integer():
        row.refuse(column, f"must be a whole number of at least 0, not {short(cell)}")
    return str(int(number))


def _budget_name(written: str) -> str:
    """A budget's name in one spelling: spreadsheets write its number 4 as 4.0."""
    number = re.fullmatch(r"(\d+)\.0{1,2}", written)
    return number[1] if number else written


def budgets_named(given: Sequence[str]) -> frozenset[str]:
    """The budgets that are asked for, from `AMOUNT` or `NAME=AMOUNT`; none if one amount has no name."""
    parts = [text.rpartition("=") for text in given]
    return (
        frozenset(_budget_name(cleaned(name)) for name, _, _ in parts)
        if all(sign for _, sign, _ in parts)
        else frozenset()
    )


def amounts_of(given: Sequence[str], projects: Projects, source: str) -> dict[str, float]:
    """Amounts of money by budget, in the order of the file, from `AMOUNT` or `NAME=AMOUNT`.

    Raises:
        ConfigError: an amount is none, or it is not clear of which budget.
    """
    found: dict[str, float] = {}
    there = projects.budgets
    several = f"{source} has {counted(len(there), 'budget')} ({_some(there)})"
    if not given:
        example = f": {_which(there)}" if len(there) > 1 else ""
        _refuse_budget("", f"is missing: an export does not say the amount{example}")
    for text in given:
        name, equals, written = text.rpartition("=")
        name = _budget_name(cleaned(name))
        if not equals and len(there) > 1:
            _refuse_budget("", f"{several}: {_which(there)}")
        if equals and name not in there:
            none = f"{several}, none named {quoted(name)}{nearest_name(name, there)}"
            _refuse_budget("", none if any(there) else f"{source} names no budgets: give --budget AMOUNT")
        budget = name if equals else there[0]
        if budget in found:
            _refuse_budget("", f"is given twice for {quoted(budget)}" if budget else "is given twice")
        found[budget] = amount(cleaned(written), "", _refuse_budget)
        if found[budget] == 0.0:
            _refuse_budget("", f"must be an amount of money above 0, not {short(written)}")
    return {budget: found[budget] for budget in there if budget in found}


def _which(there: Sequence[str]) -> str:
    """How to say which of several budgets are to be counted."""
    example = shlex.quote(f"{next(filter(None, there))}=AMOUNT")
    rest = " (and --budget =AMOUNT for projects without a budget)" if "" in there else ""
    return f"give --budget {example} for each that is to be counted{rest}"


def _refuse_budget(column: str, problem: str) -> NoReturn:
    raise ConfigError(problem, source="--budget")


def without_amount(projects: Projects, money: Mapping[str, float]) -> list[str]:
    """The budgets that have no amount of money, each with its number of projects."""
    numbers = Counter(project.budget for project in projects.projects if project.budget not in money)
    return [
        f"{f'budget {quoted(name)}' if name else 'no budget'} ({counted(number, 'project')})"
        for name, number in numbers.items()
    ]


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
    shown = ", ".join(quoted(name, 30) if name else "one without a name" for name in names[:8])
    return shown + (", …" if len(names) > 8 else "")
