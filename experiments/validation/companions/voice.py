"""Pattern 15: voice raises satisfaction while the works chosen barely change."""

from __future__ import annotations

import numpy as np

from experiments.measuring import Measured, NotTestable
from experiments.validation.cities import Cities
from sim.city import City

SPOKE_WITHIN_WEEKS = 26


def pattern_15(cities: Cities) -> Measured:
    """Voice raises satisfaction while the works chosen barely change.

    Treated: residents who spoke at a council's hearing in the last half-year of the config's own run.
    Compared: the same residents in a city where people come to hearings as before but nobody gets to speak, from the
    first week. Satisfaction is trust in the council, the nearest the model has to what Olken asked; the works are those
    that councils chose over the whole run.
    Weeks: the last. Estimators: mean difference of trust in the council; share of works that would have to change
    their category to make the two cities alike, ½ Σ |p - q| over categories.
    """
    own = cities.own
    if not own.city.config.behaviour.knowledge.speaking_probability:
        raise NotTestable("nobody speaks at hearings in this city")
    spoke = np.flatnonzero(own.spoke > max(0, cities.weeks - SPOKE_WITHIN_WEEKS))
    if not spoke.size:
        raise NotTestable("nobody spoke at a council's hearing in the last half-year of this run")
    silent = cities.build(cities.config.with_values({"behaviour.knowledge.speaking_probability": 0.0}), City)
    silent.run()
    rise = own.city.residents.trust_in_council[spoke] - silent.residents.trust_in_council[spoke]
    return {
        "rise of trust in the council": float(rise.mean()),
        "works of another kind": dissimilarity(own.city, silent),
    }


def dissimilarity(one: City, other: City) -> float:
    """Share of councils' works that would have to change their category to make two cities alike; nan without works."""
    counts = [np.bincount(city.projects.category[city.projects.by_council], minlength=6) for city in (one, other)]
    if not all(count.any() for count in counts):
        return float("nan")
    p, q = (count / count.sum() for count in counts)
    return 0.5 * float(np.abs(p - q).sum())
