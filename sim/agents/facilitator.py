"""Facilitators of hubs. The imam of a mosque is one; a school's or a centre's is another, with other parameters."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim.columns import Column, TableAgent


class Facilitator(TableAgent):
    """Who convenes the council, mentors and passes on news at a hub: one per hub and neighbourhood."""

    table_name: ClassVar[str] = "institutions.facilitators"

    neighbourhood = Column(np.int32, "number of the neighbourhood, from 0")
    slot = Column(np.int8, "place of the hub in the policy's list of hubs, from 0")
    engagement = Column(float, "probability of acting for the programme in a week", unit="share")
    credibility = Column(float, "weight that hearers give to what he or she says", unit="share")
    inclusiveness = Column(float, "share of hearers outside the core who feel addressed", unit="share")

    @property
    def hub(self) -> str:
        """The kind of hub, as the current policy names it."""
        kinds = self.model.policy.hub.kinds
        return str(kinds[self.slot]) if self.slot < len(kinds) else "none"

    @property
    def council(self) -> object:
        """The council of the neighbourhood."""
        return self.model.institutions.council_agents[self.neighbourhood]


class Imam(Facilitator):
    """The facilitator of a mosque. No rule looks at the class: only the hub's parameters differ."""
