"""What a file of people says of a city's residents: how many there are, and what is known of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.columns import Table
from sim.errors import ConfigError
from sim.neighbourhoods import Geography, largest_remainder
from sim.own_people import faults_of_people, read_people
from sim.own_people.columns import OwnPeople
from sim.respondents import Chosen, normal_scores
from sim.wording import printable

if TYPE_CHECKING:
    from sim.config import Config

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

ENOUGH = 20
"""Answers from which an open cell is drawn; with fewer it is drawn as in a city without a file [assumption]."""

MOST_APART = 1.25
"""Times by which a census may differ from the population that a table gives [assumption]."""

LONELY = 1.2
"""Mean household of a survey below which its households are not those of a city: one respondent a household, that is,
whose fellow members were not asked [assumption]."""


def read_own_people(config: Config, geography: Geography) -> tuple[OwnPeople | None, tuple[str, ...]]:
    """The user's own people (None where the config names no file), and what is to be known of them.

    Raises:
        ConfigError: a faulty file.
    """
    file = config.city.population.data_file
    if file is None:
        return None, ()
    base, year = Path(config.base_folder), config.city.start_year_solar_hijri
    own = read_people(file, base, geography.names, year, geography.names_fa)
    if own.weight is None or own.household is None:
        return own, ()
    known = own.household[old_enough(own, config) & (own.household >= 0)]
    if not known.size or known.size / np.unique(known).size >= LONELY:
        return own, ()
    said = f"{own.source}: hardly any household has two respondents, so the column household is not used"
    return replace(own, household=None), (f"{said}; households are formed again",)


def faults_of_own_people(config: Config, geography: Geography) -> list[ConfigError]:
    """What is wrong with the user's own people, cell by cell; nothing where there is no file."""
    file = config.city.population.data_file
    if file is None:
        return []
    base, year = Path(config.base_folder), config.city.start_year_solar_hijri
    return faults_of_people(file, base, geography.names, year, geography.names_fa)


def old_enough(own: OwnPeople, config: Config) -> Flags:
    """Which rows of a file are old enough to be agents, (n,)."""
    return np.asarray(config.city.start_year_solar_hijri - own.birth_year >= config.city.population.minimum_age)


def populations_of(own: OwnPeople, config: Config, geography: Geography) -> tuple[Integers, tuple[str, ...]]:
    """People of all ages in each neighbourhood, (M,), where there is a file of people, and what is to be known of them.

    A table of neighbourhoods that gives them is right. Else a census counts: its rows, or where it has nobody below the
    minimum age, its rows over the share of that age. A survey has shares: its weights divide the city's total.

    Args:
        own: the file.
        config: ages, and the total.
        geography: the neighbourhoods; a table's own populations are kept.

    Raises:
        ConfigError: a census that does not fit the neighbourhoods.
    """
    count, population = geography.population.size, config.city.population
    if own.weight is not None:
        if geography.population_is_given:
            return geography.population, ()
        weights = np.bincount(own.neighbourhood, own.weight, minlength=count)
        drawn = geography.population / geography.population.sum() * weights.sum()
        return 1 + largest_remainder(population.total - count, np.where(weights > 0.0, weights, drawn)), ()
    old = old_enough(own, config)
    agents = np.bincount(own.neighbourhood[old], minlength=count)
    _refuse_misfit(own, agents, config, geography)
    if geography.population_is_given:
        return geography.population, ()
    if old.all():
        counted = np.maximum(agents, np.rint(agents / population.agent_share).astype(np.int64))
    else:
        counted = np.bincount(own.neighbourhood, minlength=count)
    apart = counted.sum() / population.total
    if 1.0 / MOST_APART < apart < MOST_APART:
        return counted, ()
    said = f"{own.source}: a file without weights is a census, so the city has its {counted.sum():,} people"
    return counted, (f"{said}, and not the {population.total:,} of city.population.total; {HINT}",)


HINT = "if rows stand for others, give them a column weight"


def _refuse_misfit(own: OwnPeople, agents: Integers, config: Config, geography: Geography) -> None:
    """Refuse a census by which nobody lives in a neighbourhood, or that does not go with the populations of a table."""
    age = config.city.population.minimum_age
    for b in np.flatnonzero(agents == 0)[:1]:
        problem = (
            f'nobody of {age} or older lives in "{printable(geography.names[b])}"; a file without weights is a census'
        )
        raise ConfigError(f"{problem}: it has everybody", source=own.source, key="neighbourhood")
    if not geography.population_is_given:
        return
    for b in np.flatnonzero(agents > geography.population)[:1]:
        people, name = geography.population[b], printable(geography.names[b])
        problem = f'has {agents[b]:,} residents of {age} or older in "{name}"'
        other = f"where the table of neighbourhoods has {people:,} of all ages"
        raise ConfigError(f"{problem}, {other}", source=own.source, key="neighbourhood")
    expected = float(geography.population.sum() * config.city.population.agent_share)
    if not 1.0 / MOST_APART <= agents.sum() / expected <= MOST_APART:
        problem = (
            f"has {agents.sum():,} residents of {age} or older, and the populations of the neighbourhoods make it some"
        )
        raise ConfigError(f"{problem} {expected:,.0f}; {HINT}", source=own.source)


class Known:
    """What a file says of each resident: nothing where there is none.

    Args:
        table: residents, by neighbourhood.
        own: the file.
        chosen: the row behind each resident.
    """

    def __init__(self, table: Table, own: OwnPeople | None, chosen: Chosen | None) -> None:
        self._size = len(table)
        self._columns: dict[str, NDArray[Any]] = {}
        if own is None or chosen is None:
            return
        columns: dict[str, NDArray[Any] | None] = {
            "sex": own.sex, "birth_year": own.birth_year, "standing": own.standing, "attendance": own.attendance,
            "education": own.education, **own.traits, **own.lived,
        }  # fmt: skip
        self._columns = {name: column[chosen.row] for name, column in columns.items() if column is not None}
        if chosen.household is not None:
            self._columns["household"] = chosen.household

    def in_order(self, order: Integers) -> Known:
        """The same of residents that were sorted."""
        found = Known.__new__(Known)
        found._size = self._size
        found._columns = {name: column[order] for name, column in self._columns.items()}
        return found

    @property
    def education(self) -> Floats | None:
        """Years of schooling, NaN where not known, (N,); None without the column."""
        return self._columns.get("education")

    def has(self, name: str) -> bool:
        """Whether the file has a column."""
        return name in self._columns

    def put(self, name: str, drawn: NDArray[Any]) -> NDArray[Any]:
        """Drawn values, (N,), with those that are known in their place; codes are known where they are not negative."""
        return np.where(self._there(name), self._columns[name], drawn) if name in self._columns else drawn

    def shares(self, name: str, drawn: Floats, scores: Floats) -> Floats:
        """Shares in [0, 1], (N,): those known; where a cell is open, quantiles of them; as drawn without the column.

        Args:
            name: the column.
            drawn: what residents have where the file has no such column, or too few answers (`ENOUGH`), (N,).
            scores: standard normal scores, which pick the quantiles, (N,).
        """
        there = self._there(name)
        if np.count_nonzero(there) < ENOUGH:
            return self.put(name, drawn)
        found, missing = self._columns[name].copy(), np.flatnonzero(~there)
        answers = np.sort(found[there])  # and not np.quantile, which takes a minute for a million of them
        found[missing] = np.interp(ndtr(scores[missing]) * (answers.size - 1), np.arange(answers.size), answers)
        return found

    def codes(self, name: str, drawn: NDArray[Any], uniform: Floats, cells: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Codes 0 and 1, (N,): those known; where a cell is open, as often as known ones alike; as drawn without them.

        Args:
            name: the column.
            drawn: what residents have where the file has no such column, or too few answers (`ENOUGH`), (N,).
            uniform: draws in [0, 1), (N,); the code is 1 below the share of that code.
            cells: codes by which residents are alike, (N,) each; where too few of a cell answered, all count.
        """
        there = self._there(name)
        if np.count_nonzero(there) < ENOUGH:
            return self.put(name, drawn)
        answers, cell = self._columns[name], np.zeros(self._size, dtype=np.int64)
        for codes in cells:
            cell = cell * (int(codes.max(initial=0)) + 1) + codes
        asked, ones = np.bincount(cell[there]), np.bincount(cell[there], answers[there])
        share = np.full(int(cell.max()) + 1, answers[there].mean())
        enough = np.flatnonzero(asked >= ENOUGH)
        share[enough] = ones[enough] / asked[enough]
        return np.where(there, answers, uniform < share[cell])

    def scores(self, name: str, *beside: Floats) -> Floats:
        """Standard normal scores of what is known, (N,), NaN where it is not or where all say the same.

        They are the normal scores of ranks, less what goes with some other columns by least squares, and of variance
        1: what depends on these columns is in the means of what is drawn already, and would count twice.

        Args:
            name: the column.
            beside: those other columns, (N,) each.
        """
        if name not in self._columns:
            return np.full(self._size, np.nan)
        values = normal_scores(self._columns[name])
        there = np.flatnonzero(~np.isnan(values))
        if there.size < ENOUGH:
            return values
        columns = np.column_stack([np.ones(there.size), *(column[there] for column in beside)])
        left = values[there] - columns @ np.linalg.lstsq(columns, values[there], rcond=None)[0]
        spread = float(left.std())
        values[there] = left / spread if spread > 1e-6 else np.nan
        return values

    def _there(self, name: str) -> Flags:
        """Where a column is known, (N,)."""
        if name not in self._columns:
            return np.zeros(self._size, dtype=bool)
        own = self._columns[name]
        return np.asarray(own >= 0 if np.issubdtype(own.dtype, np.integer) else ~np.isnan(own))
