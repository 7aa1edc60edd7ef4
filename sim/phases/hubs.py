"""Phase 3. Hubs: who attends, what is announced, who feels addressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sim.city import City


def gather_at_hubs(city: City) -> None:
    """Let residents go to their hubs; where the facilitator acts this week, some of them hear and feel addressed."""
    if not city.hubs:
        return
    now, visits = city.now, []
    addressed, credibility = [], []
    speaks = city.streams.uniform("announcement", city.week, len(city.facilitators)) < city.facilitators.engagement
    speaks &= city.councils.convened[city.facilitators.neighbourhood]
    for place, hub in enumerate(city.hubs):
        there = hub.goers[city.luck.uniform(f"hub visit {place}", city.week, hub.goers) < hub.propensity]
        visits.append(there)
        facilitator = place * city.neighbourhoods + city.residents.neighbourhood[there]
        hears = speaks[facilitator]
        there, facilitator = there[hears], facilitator[hears]
        feels = city.openness[there] < city.facilitators.inclusiveness[facilitator]
        addressed.append(there[feels])
        credibility.append(city.facilitators.credibility[facilitator[feels]])
    now.hub_visits = sum(there.size for there in visits)
    rows, first = np.unique(np.concatenate(addressed), return_index=True)
    now.addressed = rows
    now.addressed_credibility = np.concatenate(credibility)[first]
