"""Views of a city: its events, its people and its ties, as tables and graphs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from sim.agents.resident import ATTENDANCES, SEXES, STANDINGS, Resident
from sim.neighbourhoods import CATEGORIES
from sim.network import digest_of, to_networkx, write_ties
from sim.own_people.columns import LIVED, TRAITS
from sim.phases.trust import is_anchored
from sim.place import people_of
from sim.week import Event

if TYPE_CHECKING:
    from sim.city import City


def facts_of(city: City) -> dict[str, str]:
    """Which city, how far it is, how large, and of which seeds; short texts by name."""
    run, latest = city.config.run, city.recorder.latest
    return {
        "city": city.config.city.title.en,
        "week": f"{city.week} of {run.weeks}",
        "residents": f"{len(city.residents):,} at scale {run.scale:g}",
        "neighbourhoods": str(len(city.geography.names)),
        "seeds": f"place {run.place_seed}, luck {city.seed}",
        "trust in the municipality": f"{latest['trust_in_municipality']:.3f}",
    }


TOTALS = (
    *("rounds", "rounds_disputed", "projects_proposed", "projects_chosen", "projects_vetoed", "scandals"),
    *("programmes_held", "programme_attendance", "candidates", "candidates_women", "seats_filled"),
)
"""What is counted over the run in `Log.totals`."""


class Log:
    """What happened in a run so far.

    Attributes:
        events: in the order in which they were entered.
        totals: counts by name (`TOTALS`).
    """

    def __init__(self, city: City) -> None:
        self.city = city
        self.events: list[Event] = []
        self.totals = dict.fromkeys(TOTALS, 0.0)

    def record(
        self,
        event: str,
        b: int | np.integer[Any],
        *,
        category: int = -1,
        amount: float = float("nan"),
        detail: str = "",
    ) -> None:
        """Enter an event of a neighbourhood."""
        name = CATEGORIES[category] if category >= 0 else ""
        self.events.append(Event(self.city.week, event, int(b), category=name, amount=amount, detail=detail))

    def record_project(self, event: str, project: int, *, detail: str = "") -> None:
        """Enter an event of a project; the amount is its cost."""
        projects, number = self.city.projects, int(project)
        whose = "council" if projects.by_council[number] else "municipality"
        self.events.append(
            Event(
                self.city.week,
                event,
                int(projects.neighbourhood[number]),
                number,
                CATEGORIES[int(projects.category[number])],
                float(projects.cost[number]),
                f"{whose}; {detail}" if detail else whose,
            )
        )

    def frame(self) -> pd.DataFrame:
        """One row per event."""
        frame = pd.DataFrame(self.events, columns=Event._fields)
        return frame.astype({"week": "int64", "neighbourhood": "int64", "project": "int64", "amount": "float64"})


def frame_of_people(city: City) -> pd.DataFrame:
    """The residents as they are now, one a row; see `City.people`."""
    residents, names = city.residents, np.array(city.geography.names, dtype=object)
    frame: dict[str, Any] = {"neighbourhood": names[residents.neighbourhood], "household": residents.household}
    for name, labels in (("sex", SEXES), ("standing", STANDINGS), ("attendance", ATTENDANCES)):
        frame[name] = np.array(labels, dtype=object)[residents[name]]
    frame["birth_year"] = residents.birth_year
    if city.education is not None:
        frame["education"] = city.education
    lived = () if is_anchored(city) else LIVED
    frame |= {name: residents[name] for name in (*TRAITS, *lived)}
    if city.config.run.scale < 1.0:
        frame["weight"] = np.full(len(residents), 1.0 / city.scale)
    return pd.DataFrame(frame).iloc[np.argsort(city.number_when_drawn)].reset_index(drop=True)


def graph_of_ties(city: City) -> nx.Graph[int]:
    """The social network; see `City.network`."""
    names = ("neighbourhood", "household", "birth_year", "resources", "trust_in_municipality", "trust_in_people")
    attributes: dict[str, Any] = {name: city.residents[name].tolist() for name in names}
    for name, column in (("sex", Resident.sex), ("cohort", Resident.cohort), ("attendance", Resident.attendance)):
        attributes[name] = [column.labels[code] for code in city.residents[name]]
    return to_networkx(city.ties, attributes, _digest_of_people(city))


def write_graph(city: City, path: str | Path) -> None:
    """Write the social network to a file; see `City.write_network`."""
    path = Path(path)
    if path.suffix.lower() in (".graphml", ".xml"):
        nx.write_graphml(graph_of_ties(city), path)
    else:
        write_ties(path, city.ties, _digest_of_people(city))


def _digest_of_people(city: City) -> str:
    """A digest of who the residents are, row by row; a file of ties belongs to people with one digest."""
    return digest_of(*people_of(city.residents, city.config))
