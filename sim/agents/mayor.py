"""Neighbourhood mayors: young people born in the 1380s, or elders, or none."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from sim.columns import Column, TableAgent


class NeighbourhoodMayor(TableAgent):
    """The mayoralty of one neighbourhood: in office or vacant, with the skill of its holders.

    At a scale below 1 most holders are residents outside the sample: then the office carries the traits of the
    candidate chosen from the sample (`donor`), and only the share `scale` of the holders are themselves agents.
    """

    table_name: ClassVar[str] = "institutions.mayors"

    neighbourhood = Column(np.int32, "number of the neighbourhood, from 0")
    in_office = Column(bool, "whether a mayor is in office")
    electing = Column(bool, "whether the office stands for election this week")
    youth = Column(bool, "whether the mayor was born in 1380 or later")
    woman = Column(bool, "whether the mayor is a woman")
    skill = Column(float, "civic skill of the mayor", unit="share")
    skill_at_start = Column(float, "that skill on taking office", unit="share")
    since_week = Column(np.int32, "week of taking office, -1 if never")
    donor = Column(np.int64, "row of the resident whose traits the office carries, -1 if vacant")
