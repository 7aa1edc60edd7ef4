"""Real elections in a city: a council's project list and ballots from a `.pb` file instead of simulated ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.cautions import caution
from sim.errors import ConfigError
from sim.names import by_look, difference, look_up, quoted
from sim.neighbourhoods import CATEGORIES
from sim.pabulib import Election, read_election
from sim.parameters import Parameters, parameter
from sim.reading import nearest
from sim.rules.choice import CHOICES
from sim.tally import Rule, below_threshold, refuse_without_ballots, winners_of

CategoryName = Literal["roads", "green", "sport", "culture", "waste", "health"]
NO_CATEGORY = "none"
"""Stands in a mapping for projects that name no category."""

MOST_PROJECTS = 1_000


class ElectionSource(Parameters):
    """A file whose election is held in some neighbourhoods, in a round of choice by residents' ballot."""

    file: str = parameter(
        "", "Pabulib file, relative to the config.", unit="", source="the user", tag="assumption", effect=None
    )
    neighbourhoods: tuple[str, ...] = parameter(
        (),
        "Names of the neighbourhoods it is held in; empty means all.",
        unit="",
        source="the user",
        tag="assumption",
        effect=None,
        lax=True,
    )
    round: int | None = parameter(
        None,
        "Which round of choice of a neighbourhood, 1 being its first; nothing means every round.",
        unit="",
        range=(1, 1_000),
        source="the user",
        tag="assumption",
        effect=None,
    )
    categories: dict[str, CategoryName] = parameter(
        {},
        "The service category that stands for each category of the file; `none` for projects without one.",
        unit="",
        source="the user",
        tag="assumption",
        effect=None,
    )


@dataclass(frozen=True, eq=False)
class CouncilElection:
    """An election as councils use it.

    Attributes:
        name: of its file, as the table of events has it; with a number where an earlier one has the same.
        election: as read.
        rows: neighbourhoods it is held in.
        round: which round, or None for every one.
        category: (P,), 0 to 5.
        counted: winners so far, by rule.
    """

    name: str
    election: Election
    rows: frozenset[int]
    round: int | None
    category: NDArray[np.int64]
    counted: dict[Rule, NDArray[np.bool_]] = field(default_factory=dict)

    def costs(self, money: float) -> NDArray[np.float64]:
        """Costs (P,) in bn toman where `money` stands for the file's whole budget."""
        return self.election.costs * (max(0.0, money) / self.election.budget)

    def winners(self, rule: Rule) -> NDArray[np.bool_]:
        """Who wins in the file's own money; (P,). Scaled alike, budget and costs elect the same."""
        if rule not in self.counted:  # the same election may be held in many neighbourhoods
            self.counted[rule] = winners_of(self.election, rule)
        return self.counted[rule].copy()

    def support(self) -> tuple[NDArray[np.bool_] | None, NDArray[np.float64]]:
        """Who supports what, (V, P), and the score of each project, (P,); -inf where it is too low to win.

        Where only totals are known, nobody knows who supports what: None.
        """
        election = self.election
        scores = np.where(below_threshold(election), -np.inf, election.totals.astype(np.float64))
        return election.points > 0 if election.has_ballots else None, scores

    def label(self, project: int) -> str:
        """What the table of events says of a project: its id, name, and whom it is meant for."""
        election = self.election
        whom = ", ".join(election.listed("beneficiaries", "target")[project])
        name = " ".join(election.column("name")[project].split())
        return f"{election.ids[project]} {name}".rstrip() + (f"; for {whom}" if whom else "")


def open_elections(
    sources: Sequence[ElectionSource], names: Sequence[str], base: Path | None, ways: Iterable[str] = ()
) -> tuple[CouncilElection, ...]:
    """Read the elections a config names.

    Args:
        sources: `city.elections`.
        names: of the neighbourhoods, by number.
        base: folder of the config.
        ways: of choosing projects, which the policies of the run set.

    Raises:
        ConfigError: a file that cannot be used, an unknown neighbourhood, a category that is not mapped, two
            elections for the same round, or a way of choosing that needs ballots where there are only totals.
    """
    files = [Path(source.file).name for source in sources]
    opened = tuple(
        _opened(source, _numbered(files, place), f"city.elections[{place}]", names, base)
        for place, source in enumerate(sources)
    )
    for place, one in enumerate(opened):
        for earlier, other in enumerate(opened[:place]):
            both = one.rows & other.rows
            if both and (one.round is None or other.round is None or one.round == other.round):
                where = names[min(both)]
                problem = f"is held in the same round of {where!r} as city.elections[{earlier}]; give other rounds"
                raise ConfigError(problem, key=f"city.elections[{place}].round")
    if any(CHOICES[way].by_ballot and CHOICES[way].counted == "equal_shares" for way in ways):
        for one in opened:
            refuse_without_ballots(one.election)
    return opened


def _numbered(files: Sequence[str], place: int) -> str:
    """A file's name, with a number if earlier files have the same, as in two folders: `ballot.pb (2)`."""
    earlier = files[:place].count(files[place])
    return f"{files[place]} ({earlier + 1})" if earlier else files[place]


def _opened(source: ElectionSource, name: str, key: str, names: Sequence[str], base: Path | None) -> CouncilElection:
    if not source.file:
        raise ConfigError("is missing: name a .pb file", key=f"{key}.file")
    election = read_election(source.file, base)
    if election.budget <= 0:
        raise ConfigError("must be more than 0 to be held in a council", source=election.source, key="budget")
    if len(election.ids) > MOST_PROJECTS:
        problem = f"has {len(election.ids):,} projects; a council can vote on at most {MOST_PROJECTS:,}"
        raise ConfigError(problem, source=election.source)
    rows, looks = {name: row for row, name in enumerate(names)}, by_look(names)
    held = []
    for given in source.neighbourhoods:
        row = look_up(given, rows, looks)
        if row is None:
            problem = f"no neighbourhood is named {given!r}{nearest(given, names)}"
            raise ConfigError(problem, key=f"{key}.neighbourhoods")
        if names[row] != given:
            where = f"{key}.neighbourhoods: {quoted(given)}"
            caution(f"{where} matched, though spelt with other letters ({difference(given, names[row])})")
        held.append(row)
    held_in = frozenset(held) or frozenset(range(len(names)))
    return CouncilElection(name, election, held_in, source.round, _mapped(election, source, f"{key}.categories"))


def _mapped(election: Election, source: ElectionSource, key: str) -> NDArray[np.int64]:
    """The category of each project: that of the first category the file names for it; (P,)."""
    found = []
    for name, own in zip(election.ids, election.listed("category", "categories"), strict=True):
        for word in own or (NO_CATEGORY,):
            if word not in source.categories:
                what = "has no category" if word == NO_CATEGORY else f"is of category {word!r}"
                problem = (
                    f"project {name!r} of {election.source} {what}: map {word!r} to one of {', '.join(CATEGORIES)}"
                )
                raise ConfigError(problem + nearest(word, source.categories), key=key)
        found.append(CATEGORIES.index(source.categories[(own or (NO_CATEGORY,))[0]]))
    return np.array(found, dtype=np.int64)
