"""Phase 3. Hubs: who attends, what is announced, who feels addressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.kernels import participation as passes
from sim.phase import phase

if TYPE_CHECKING:
    from sim.city import City


@phase(
    reads="residents: neighbourhood; institutions: councils, facilitators, hubs",
    writes="now",
)
def gather_at_hubs(city: City) -> None:
    """Let residents go to their hubs; where the facilitator acts this week, some of them hear and feel addressed."""
    if not city.institutions.hubs:
        return
    now, residents, facilitators = city.now, city.residents, city.institutions.facilitators
    credibility = np.zeros(len(residents))
    speaks = city.streams.uniform("announcement", city.week, len(facilitators)) < facilitators.engagement
    speaks &= city.institutions.councils.convened[facilitators.neighbourhood]
    addressed = []
    # Backwards, so that who hears at two hubs believes the first.
    for place, hub in reversed(list(enumerate(city.institutions.hubs))):
        own = slice(place * city.neighbourhoods, (place + 1) * city.neighbourhoods)
        visits, rows, believed = passes.attend(
            hub.goers,
            hub.propensity,
            residents.neighbourhood,
            city.openness,
            speaks[own],
            facilitators.inclusiveness[own],
            facilitators.credibility[own],
            city.luck.keys(len(residents)),
            city.luck.key(f"hub visit {place}", city.week),
        )
        now.hub_visits += visits
        addressed.append(rows)
        credibility[rows] = believed
    now.addressed = addressed[0] if len(addressed) == 1 else city.rows.distinct(*addressed)
    now.addressed_credibility = credibility[now.addressed]
