"""Municipal teams at neighbourhood level, and what help spreads thin into."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim.columns import Column, TableAgent


class MunicipalTeam(TableAgent):
    """A specialised team that serves several neighbourhoods."""

    table_name: ClassVar[str] = "institutions.teams"

    capacity = Column(float, "neighbourhoods it can serve in full", low=0.0)
    quality = Column(float, "quality of its help", unit="share")
    withdrawn = Column(float, "share of it withdrawn by shocks, over its neighbourhoods", unit="share")

    @property
    def neighbourhoods(self) -> list[int]:
        """Numbers of the neighbourhoods it serves under the current policy."""
        return [int(b) for b in np.flatnonzero(self.model.institutions.team_of_neighbourhood == self.row)]
