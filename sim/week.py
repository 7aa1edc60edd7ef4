"""What happens within one week and is forgotten after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rules.participation import OCCASIONS

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

NOBODY: Integers = np.zeros(0, dtype=np.int64)


@dataclass
class Week:
    """Passed from phase to phase; rows are rows of `city.residents`.

    Attributes:
        addressed: rows who heard the facilitator's announcements and felt addressed.
        addressed_credibility: credibility of the facilitator each heard.
        speakers: rows who spoke at a hearing; heard: whether their need reached the agenda; at_council: whether it was
            the council's hearing, and not a visit of the mayor.
        informed: rows who heard of an occasion; asked: rows asked in person.
        voting: neighbourhoods with a ballot next week, (M,).
        came: rows who come, by kind of occasion.
        helpers: rows who joined organised help; petitioners: rows who signed a petition.
        contacts: rows of those who turned to the municipality; answered: whether they were, same length.
        acted: rows who took part with others: in an occasion or in help, once each.
        met: rows who met others: in an occasion other than a ballot, or in help; meetings: what these say, share.
        took_part: rows who took part in anything: acted, signed or turned to the municipality, once each.
        news_heard: number of times that news was told.
        pairs: pairs of volunteers who worked side by side; pairs_across: those of a youth and an older adult.
        exposed, exits: volunteers and members at risk of leaving, and those who left.
        finished, failed, broken, pledged: projects finished, given up, pledges broken and made this week.
        disputed: neighbourhoods whose round of choice was disputed, with the rows of those who took part in the choice.
        leaks_found: neighbourhoods whose leaks came to light, by whom.
        scandals: (neighbourhoods, size, blamed) of shocks.
        dissolved: neighbourhoods whose council was dissolved.
        hub_visits: people at hubs; hearings: hearings held.
        ballots: (Gini of votes, share of voters without a winner) of each ballot counted.
        proposal_concentration: largest share of one category among each round's proposals.
    """

    number: int
    addressed: Integers = field(default_factory=lambda: NOBODY)
    addressed_credibility: Floats = field(default_factory=lambda: np.zeros(0))
    speakers: Integers = field(default_factory=lambda: NOBODY)
    heard: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    at_council: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    informed: Integers = field(default_factory=lambda: NOBODY)
    asked: Integers = field(default_factory=lambda: NOBODY)
    voting: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    came: dict[str, Integers] = field(default_factory=lambda: {kind: NOBODY for kind in OCCASIONS})
    helpers: Integers = field(default_factory=lambda: NOBODY)
    petitioners: Integers = field(default_factory=lambda: NOBODY)
    contacts: Integers = field(default_factory=lambda: NOBODY)
    answered: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    acted: Integers = field(default_factory=lambda: NOBODY)
    met: Integers = field(default_factory=lambda: NOBODY)
    meetings: Floats = field(default_factory=lambda: np.zeros(0))
    took_part: Integers = field(default_factory=lambda: NOBODY)
    news_heard: int = 0
    pairs: int = 0
    pairs_across: int = 0
    exposed: Integers = field(default_factory=lambda: NOBODY)
    exits: Integers = field(default_factory=lambda: NOBODY)
    finished: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    pledged: list[int] = field(default_factory=list)
    disputed: list[tuple[int, Integers]] = field(default_factory=list)
    leaks_found: list[tuple[int, str]] = field(default_factory=list)
    scandals: list[tuple[Integers, float, str]] = field(default_factory=list)
    dissolved: Integers = field(default_factory=lambda: NOBODY)
    hub_visits: int = 0
    hearings: int = 0
    ballots: list[tuple[float, float]] = field(default_factory=list)
    proposal_concentration: list[float] = field(default_factory=list)


class Event(NamedTuple):
    """A row of the table of events; `project` is -1 where none is concerned, `amount` in bn toman or people."""

    week: int
    event: str
    neighbourhood: int
    project: int = -1
    category: str = ""
    amount: float = float("nan")
    detail: str = ""
