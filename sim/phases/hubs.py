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
    now = city.now
    addressed, credibility = [], np.zeros(len(city.residents))
    speaks = city.streams.uniform("announcement", city.week, len(city.facilitators)) < city.facilitators.engagement
    speaks &= city.councils.convened[city.facilitators.neighbourhood]
    # Backwards, so that who hears at two hubs believes the first.
    for place, hub in reversed(list(enumerate(city.hubs))):
        there = city.luck.chosen(f"hub visit {place}", city.week, hub.goers, hub.propensity)
        now.hub_visits += there.size
        facilitator = place * city.neighbourhoods + city.residents.neighbourhood[there]
        hears = speaks[facilitator]
        there, facilitator = there[hears], facilitator[hears]
        feels = city.openness[there] < city.facilitators.inclusiveness[facilitator]
        addressed.append(there[feels])
        credibility[there[feels]] = city.facilitators.credibility[facilitator[feels]]
    now.addressed = city.distinct(*addressed)
    now.addressed_credibility = credibility[now.addressed]
