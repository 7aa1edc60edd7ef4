"""Where the programme stands."""

from __future__ import annotations

import numpy as np

from sim.outcome import outcome
from sim.outcomes.moment import Moment


@outcome(
    "Number of the week; 0 is the start, before any step.", unit="weeks", short=("week number", "هفته"), asked=False
)
def week(at: Moment) -> float:
    return at.city.week


@outcome(
    "Phase (1 to 4) that at least half of the neighbourhoods have reached; 0 at week 0. See `neighbourhood_phase`.",
    unit="",
    short=("phase of the city", "مرحله شهر"),
)
def phase(at: Moment) -> float:
    return 0 if at.city.week == 0 else int(np.sort(at.phase)[(at.phase.size - 1) // 2])
