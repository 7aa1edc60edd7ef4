"""An outcome of one's own: put into `sim/outcomes`, it is the last column of the city's table."""

from __future__ import annotations

from sim.outcome import LOWEST, outcome
from sim.outcomes.moment import Moment


@outcome(
    "Share of residents whose fatigue is above one half.",
    unit="share",
    short=("very tired residents", "ساکنان بسیار خسته"),
    better=LOWEST,
    per_cent=True,
    always=True,
    compared=135,
)
def very_tired_share(at: Moment) -> float:
    """Fatigue lies between 0 and 1."""
    return float((at.city.residents.fatigue > 0.5).mean())
