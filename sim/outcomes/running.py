"""What outcomes need of earlier weeks, added up week by week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.city import City

CORE_ACTS_PER_YEAR = 6
"""From this many acts in a year a resident counts as core; with none as taking part never or rarely."""

HOURS_OF_ACTS = {"hearing": 2.0, "programme": 2.0, "volunteering": 4.0, "ballot": 0.5, "gathering": 2.0, "help": 4.0}
"""Hours of a resident's time that an act of each kind takes, with the way there [assumption]: a cost of taking part.

A signature or a contact with the municipality takes minutes, and is left out.
"""


class Running:
    """What outcomes need of earlier weeks.

    Attributes:
        speakers, heard, hearings, exits, exposed, contacts, answered: counts so far.
        young_speakers, young_heard: youths among the speakers, and among those heard, so far.
        pairs, pairs_across: volunteers who worked side by side, and those across generations among them, so far.
        helped: weeks of help so far in each neighbourhood, (M,).
        most_deprived: the most deprived quarter of neighbourhoods, at least one.
        youths, older: residents of either generation.
        hours: given so far by all agents together (`HOURS_OF_ACTS`).
        levels: shares of residents who in the last full year took part never or rarely, sometimes, or as core.
        borders: pairs of neighbourhoods that share one, (borders, 2).
    """

    def __init__(self, city: City) -> None:
        self.speakers = self.heard = self.hearings = self.exits = self.exposed = self.contacts = self.answered = 0
        self.young_speakers = self.young_heard = self.pairs = self.pairs_across = 0
        self.helped = np.zeros(city.neighbourhoods)
        order = np.argsort(-city.geography.deprivation, kind="stable")
        self.most_deprived = order[: max(1, city.neighbourhoods // 4)]
        self.youths, self.older = (count(city.rows.generation == code) for code in (1, 2))
        self.hours = 0.0
        self.levels = (1.0, 0.0, 0.0)
        self.borders = city.geography.borders
        self._acts_a_year_ago = np.zeros(len(city.residents), dtype=np.int32)

    def note(self, city: City) -> None:
        """Add this week."""
        now, acts = city.now, city.residents.acts
        self.speakers += now.speakers.size
        self.heard += int(now.heard.sum())
        self.hearings += now.hearings
        young = city.rows.generation[now.speakers] == 1
        self.young_speakers += count(young)
        self.young_heard += count(young & now.heard)
        self.pairs += now.pairs
        self.pairs_across += now.pairs_across
        np.add.at(self.helped, city.residents.neighbourhood[now.helpers], 1.0)
        self.exits += now.exits.size
        self.exposed += now.exposed.size
        self.contacts += now.contacts.size
        self.answered += int(now.answered.sum())
        self.hours += sum(HOURS_OF_ACTS[kind] * rows.size for kind, rows in now.came.items())
        self.hours += HOURS_OF_ACTS["help"] * now.helpers.size
        if city.week and city.week % 52 == 0:
            year = acts - self._acts_a_year_ago
            core, rarely = float((year >= CORE_ACTS_PER_YEAR).mean()), float((year == 0).mean())
            self.levels = (rarely, 1.0 - rarely - core, core)
            self._acts_a_year_ago = acts.copy()


def count(flags: NDArray[np.bool_]) -> int:
    """How many are true."""
    return int(np.count_nonzero(flags))
