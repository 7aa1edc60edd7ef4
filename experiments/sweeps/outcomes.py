"""What an experiment keeps of a run: columns of the city's weekly tables, whole or as one number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.near_outcomes import near_outcomes
from sim.cells import CROSSING, GROUP_KINDS, crossed_group
from sim.city import City
from sim.outcome import TABLES, Table, known
from sim.reading import nearest
from sim.wording import printable, shown

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

OVER_WEEKS = -1
"""Stands for the week of a statistic over weeks."""

STATISTICS = ("series", "last", "first", "mean", "min", "max")
"""What can be asked for by a word: every week, the last or first week that has a value, or one number over weeks."""

EVERY = "*"
"""Stands for every group of a kind, in one outcome."""

NEIGHBOURHOOD = "neighbourhood"
"""Kind of group: one neighbourhood, by its number, the same one in all replications of a place."""

FIFTHS = ("least", "less", "middle", "more", "most")
"""Groups of the kind ``deprivation``: a fifth of the neighbourhoods each, from the least to the most deprived."""

KINDS: dict[str, tuple[str, ...]] = {**GROUP_KINDS, "deprivation": FIFTHS, NEIGHBOURHOOD: ()}
"""Kinds of groups, and their groups; neighbourhoods are as many as the city has."""

_RANGED = ("mean", "min", "max")
_SPELT = re.compile(r"([^\[\]]+)(?:\[([^\[\]]*)\])?")


@dataclass(frozen=True)
class Outcome:
    """One outcome and how it is reduced.

    Attributes:
        name: a column of `city.history`; where a group is named, of `city.group_history`, and where a place is, of
            `city.neighbourhood_history`.
        group_kind, group: such as ``cohort`` and ``youth`` (`KINDS`; `EVERY` for all of a kind), or crossed, as
            ``sex, cohort`` and ``woman, youth``; both empty for the whole city.
        statistic: one of `STATISTICS`, or ``week`` (the weeks listed) or ``every`` (each so many weeks).
        weeks: the weeks of ``week``; first and last week of ``mean``, ``min`` and ``max``, or None for all weeks; the
            step of ``every``; None for the others.
    """

    name: str
    group_kind: str = ""
    group: str = ""
    statistic: str = "series"
    weeks: tuple[int, ...] | None = None

    @property
    def column(self) -> str:
        """The outcome without its statistic, as users write it."""
        pairs = zip(self.group_kind.split(CROSSING), self.group.split(CROSSING), strict=True)
        return f"{self.name}[{CROSSING.join(map('='.join, pairs))}]" if self.group_kind else self.name

    @property
    def label(self) -> str:
        """A text that tells it from any other outcome, such as ``participation_rate[cohort=youth]:mean(53-104)``."""
        if self.statistic == "series":
            return self.column
        if self.weeks is None:
            return f"{self.column}:{self.statistic}"
        joint = "-" if self.statistic in _RANGED else ","
        return f"{self.column}:{self.statistic}({joint.join(map(str, self.weeks))})"

    @property
    def is_number(self) -> bool:
        """Whether it stands for one number; a series does by its last value, several chosen weeks or groups do not."""
        if EVERY in self.group.split(CROSSING):
            return False
        return self.statistic != "week" or (self.weeks is not None and len(self.weeks) == 1)


# ---------------------------------------------------------------- from what users write


def parse(
    item: Any, last_week: int, neighbourhoods: int | None = None, tables: Mapping[str, Table] = TABLES
) -> Outcome:
    """The outcome that an item of the list `outcomes` asks for.

    Args:
        item: a name, or a mapping of one name to a statistic.
        last_week: last week of the run.
        neighbourhoods: how many the city has; None if that is not known yet.
        tables: the weekly tables of the city, with the outcomes of its extensions.

    Raises:
        ValueError: what is wrong, what is allowed and the nearest known name, in one line.
    """
    statistic: Any = "series"
    if isinstance(item, dict):
        if len(item) != 1:
            raise ValueError(f"must name one outcome, as in {{service_gini: last}}, not {len(item)}")
        ((item, statistic),) = item.items()
    if not isinstance(item, str):
        raise ValueError(f"must be the name of an outcome or a mapping of it to a statistic, not {shown(item)}")
    outcome = Outcome(*_column(item, tables), *_statistic(statistic, last_week))
    one = outcome.group_kind == NEIGHBOURHOOD and outcome.group != EVERY
    if one and neighbourhoods is not None and int(outcome.group) >= neighbourhoods:
        raise ValueError(f"neighbourhood must be from 0 to {neighbourhoods - 1}, not {outcome.group}")
    return outcome


def _column(text: str, tables: Mapping[str, Table]) -> tuple[str, str, str]:
    """Name, kind of group and group of a text such as ``hope[cohort=youth]``."""
    found = _SPELT.fullmatch(text)
    inner = found.group(2) if found else None
    if found is None or (inner is not None and any(part.count("=") != 1 for part in inner.split(","))):
        raise ValueError(
            "must read name or name[kind=group], as in hope[cohort=youth] or hope[sex=woman, cohort=youth], "
            f'not "{printable(text)}"'
        )
    name, of_city = found.group(1), tables["city"].asked
    if inner is None:
        if name not in of_city:
            word, _, statistic = name.partition(":")
            advice = f"; write {{{word}: …}} for a statistic" if statistic and word in of_city else ""
            raise ValueError(_unknown("outcome", name, of_city, "", advice or near_outcomes(name, of_city)))
        return name, "", ""
    if "," in inner:
        return _crossed(name, inner, tables["group"].asked)
    kind, _, group = inner.partition("=")
    if kind not in KINDS:
        raise ValueError(_unknown("kind of group", kind, KINDS, f"allowed here: {', '.join(KINDS)}"))
    there = tables["group"].asked if kind in GROUP_KINDS else tables["neighbourhood"].asked
    if name not in there:
        where = " (the city as a whole has it)" if name in of_city else ""
        what = "groups" if kind in GROUP_KINDS else "neighbourhoods"
        raise ValueError(_unknown(f"outcome of {what}{where}", name, there, f"allowed here: {', '.join(there)}"))
    if kind == NEIGHBOURHOOD:
        if group != EVERY and not group.isdecimal():
            raise ValueError(f'neighbourhood must be a number from 0, or * for every one, not "{printable(group)}"')
        return name, kind, group if group == EVERY else str(int(group))
    if group not in (*KINDS[kind], EVERY):
        groups = (*KINDS[kind], EVERY)
        raise ValueError(_unknown(f"group of {kind}", group, groups, f"allowed here: {', '.join(groups)}"))
    return name, kind, group


def _crossed(name: str, text: str, asked: Sequence[str]) -> tuple[str, str, str]:
    """Name, kinds and groups of an outcome of crossed groups; `EVERY` stands for each group of a kind."""
    if name not in asked:
        raise ValueError(_unknown("outcome of groups", name, asked, f"allowed here: {', '.join(asked)}"))
    pairs = [[word.strip() for word in part.split("=")] for part in text.split(",")]
    some = {kind: groups[0] for kind, groups in GROUP_KINDS.items()}
    kinds, _ = crossed_group(",".join(f"{kind}={some.get(kind) if group == EVERY else group}" for kind, group in pairs))
    groups = dict(pairs)
    return name, CROSSING.join(kinds), CROSSING.join(groups[kind] for kind in kinds)


def crossed_groups(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """The crossed groups that outcomes speak of, each once, as a city takes them."""
    return tuple(
        dict.fromkeys(
            one.column.removeprefix(one.name)[1:-1]
            for outcome in outcomes
            if CROSSING in outcome.group_kind
            for one in _each_crossed(outcome)
        )
    )


def _each_crossed(outcome: Outcome) -> list[Outcome]:
    choices = [
        GROUP_KINDS[kind] if group == EVERY else (group,)
        for kind, group in zip(outcome.group_kind.split(CROSSING), outcome.group.split(CROSSING), strict=True)
    ]
    return [replace(outcome, group=CROSSING.join(groups)) for groups in product(*choices)]


def _statistic(asked: Any, last_week: int) -> tuple[str, tuple[int, ...] | None]:
    if isinstance(asked, str):
        if asked not in STATISTICS:
            allowed = f"allowed here: {', '.join(STATISTICS)}, or a mapping such as {{week: 104}}"
            raise ValueError(_unknown("statistic", asked, STATISTICS, allowed))
        return asked, None
    if not isinstance(asked, dict) or len(asked) != 1:
        raise ValueError(
            f"a statistic is one of {', '.join(STATISTICS)}, or one of {{week: 104}}, {{week: [52, 104]}}, "
            f"{{mean: [53, 104]}} (min and max alike) and {{every: 4}}; not {shown(asked)}"
        )
    ((word, value),) = asked.items()
    words = ("week", "every", *_RANGED)
    if word not in words:
        raise ValueError(_unknown("statistic with weeks", word, words, f"allowed here: {', '.join(words)}"))
    weeks = tuple(value) if isinstance(value, list) else (value,)
    lowest = 1 if word == "every" else 0
    for week in weeks:
        if isinstance(week, bool) or not isinstance(week, int) or not lowest <= week <= last_week:
            raise ValueError(f"{word}: a week must be a whole number from {lowest} to {last_week}, not {shown(week)}")
    if word == "every":
        if isinstance(value, list):
            raise ValueError("every must be a whole number of weeks, not a list")
    elif word in _RANGED:
        if len(weeks) != 2 or weeks[0] > weeks[1]:
            raise ValueError(f"{word} must be given its first and its last week, as in {{{word}: [53, 104]}}")
    elif not weeks or list(weeks) != sorted(set(weeks)):
        raise ValueError("week must be one week or a list of weeks that rise")
    return str(word), weeks


def _unknown(what: str, word: Any, known: Sequence[str] | dict[str, Any], otherwise: str, advice: str = "") -> str:
    hint = advice or nearest(str(word), known) or f"; {otherwise}"
    return f'no such {what}: "{printable(str(word))}"{hint}'


# ---------------------------------------------------------------- from a run


def weeks_read(outcomes: Sequence[Outcome], last_week: int) -> frozenset[int] | None:
    """Weeks of a run that `read` looks at; None where the outcomes may need any week."""
    weeks: set[int] = set()
    for outcome in outcomes:
        asked = outcome.weeks
        if asked is None and outcome.statistic in ("first", "last") and _always(outcome.name):
            weeks.add(last_week if outcome.statistic == "last" else 0)
        elif asked is None:
            return None
        elif outcome.statistic == "week":
            weeks.update(asked)
        elif outcome.statistic == "every":
            weeks.update(range(0, last_week + 1, asked[0]))
        else:
            weeks.update(range(asked[0], asked[-1] + 1))
    return frozenset(weeks)


def _always(name: str) -> bool:
    """Whether an outcome has a value in every week, or in none: then its last is the last week's."""
    declared = known(name)
    return declared is not None and declared.always


type Columns = dict[str, list[str] | Integers | Floats]
"""Outcomes of a run as long columns: outcome, week and value."""


def read(city: City, outcomes: Sequence[Outcome]) -> Columns:
    """The outcomes of a run as long columns, in the order of `outcomes`, then of weeks.

    Args:
        city: a city that has run.
        outcomes: what to read.

    Returns:
        ``outcome`` (labels), ``week`` (int64; `OVER_WEEKS` where one number stands for weeks) and ``value`` (float64;
        NaN where the outcome has none, as the trust of a group without people).
    """
    tables = _Tables(city)
    labels: list[str] = []
    weeks, values = [np.zeros(0, np.int64)], [np.zeros(0)]
    for outcome in [one for asked in outcomes for one in tables.each(asked)]:
        at, found = _chosen(tables, outcome)
        labels += [outcome.label] * found.size
        weeks.append(at)
        values.append(found)
    return {"outcome": labels, "week": np.concatenate(weeks), "value": np.concatenate(values)}


class _Table:
    """A weekly table with its columns as arrays, each made once: an experiment asks for hundreds of their rows.

    Args:
        city: a city that has run.
        name: of the table.
    """

    def __init__(self, city: City, name: Literal["city", "neighbourhoods", "groups"]) -> None:
        self._recorder, self._name = city.recorder, name
        self._columns: dict[str, Floats] = {}
        self._chosen: dict[tuple[int, ...], Flags] = {}

    @cached_property
    def weeks(self) -> Integers:
        """Its weeks, ascending."""
        return self._recorder.column(self._name, "week")[:, 0].astype(np.int64)

    def column(self, name: str) -> Floats:
        """Values of a column, (weeks, rows of a week)."""
        if name not in self._columns:
            self._columns[name] = self._recorder.column(self._name, name)
        return self._columns[name]

    def among(self, weeks: tuple[int, ...]) -> Flags:
        """Which of its weeks are among some."""
        if weeks not in self._chosen:
            self._chosen[weeks] = np.isin(self.weeks, np.array(weeks))
        return self._chosen[weeks]


class _Tables:
    """The weekly tables of a city, each made once and only if asked for."""

    def __init__(self, city: City) -> None:
        self._city = city

    @cached_property
    def _history(self) -> _Table:
        return _Table(self._city, "city")

    @cached_property
    def _groups(self) -> _Table:
        return _Table(self._city, "groups")

    @cached_property
    def _places(self) -> _Table:
        return _Table(self._city, "neighbourhoods")

    @cached_property
    def _fifths(self) -> dict[str, Integers]:
        """Numbers of the neighbourhoods of each fifth; those alike in deprivation by number."""
        order = np.argsort(self._city.geography.deprivation, kind="stable")
        return dict(zip(FIFTHS, np.array_split(order, len(FIFTHS)), strict=True))

    def each(self, outcome: Outcome) -> list[Outcome]:
        """The outcome, or for every group of its kind one."""
        if CROSSING in outcome.group_kind:
            return _each_crossed(outcome)
        if outcome.group != EVERY:
            return [outcome]
        places = map(str, range(self._city.neighbourhoods))
        groups = places if outcome.group_kind == NEIGHBOURHOOD else KINDS[outcome.group_kind]
        return [replace(outcome, group=group) for group in groups]

    def series(self, outcome: Outcome) -> tuple[_Table, Floats]:
        """The table of an outcome and its values, one for each week of the table.

        Raises:
            IndexError: the city has no such neighbourhood.
        """
        if not outcome.group_kind:
            return self._history, self._history.column(outcome.name)[:, 0]
        if outcome.group_kind not in ("deprivation", NEIGHBOURHOOD):
            place = self._city.recorder.groups.index((outcome.group_kind, outcome.group))
            return self._groups, self._groups.column(outcome.name)[:, place]
        return self._places, self._of_places(outcome)

    def _of_places(self, outcome: Outcome) -> Floats:
        """The values of one neighbourhood or of a fifth of them."""
        values = self._places.column(outcome.name)
        if outcome.group_kind == NEIGHBOURHOOD:
            count = self._city.neighbourhoods
            if int(outcome.group) >= count:
                raise IndexError(f"{outcome.column}: the city has neighbourhoods 0 to {count - 1}")
            return values[:, int(outcome.group)]
        chosen = self._fifths[outcome.group]
        if self._city.recorder.tables["neighbourhood"].outcomes[outcome.name].summed:
            return np.asarray(values[:, chosen].sum(axis=1))
        if not chosen.size:
            return np.full(len(values), np.nan)
        return np.asarray(np.average(values[:, chosen], axis=1, weights=self._city.rows.per_neighbourhood[chosen]))


def _chosen(tables: _Tables, outcome: Outcome) -> tuple[Integers, Floats]:
    """Weeks and values that the statistic of an outcome keeps."""
    table, values = tables.series(outcome)
    weeks, statistic, asked = table.weeks, outcome.statistic, outcome.weeks
    if statistic == "series":
        return weeks, values
    if statistic == "every" and asked is not None:
        kept = weeks % asked[0] == 0
        return weeks[kept], values[kept]
    if statistic == "week" and asked is not None:
        kept = table.among(asked)
        return weeks[kept], values[kept]
    if asked is not None:
        values = values[(weeks >= asked[0]) & (weeks <= asked[-1])]
    return np.array([OVER_WEEKS]), np.array([_number(values[~np.isnan(values)], statistic)])


def _number(values: Floats, statistic: str) -> float:
    if not values.size:
        return float("nan")
    numbers = {"last": values[-1], "first": values[0], "mean": values.mean(), "min": values.min(), "max": values.max()}
    return float(numbers[statistic])
