"""Patterns 18 and 20: what the programme does with and without assistance, and when pledges are loud."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import measuring
from experiments.measuring import YEAR, Measured, NotTestable
from experiments.validation.cities import Cities

Floats = NDArray[np.float64]

LOUD_PLEDGES = MappingProxyType({"pledges.optimism": 0.7, "pledges.loudness": 1.0})
"""The one point at which pattern 20 is looked for: everybody hears of dates that are far too early."""


def pattern_18(cities: Cities) -> Measured:
    """Effects grow over years, and vanish where teams give no assistance.

    Compared: the config's city, its twin in which everything is decided by the municipality, and its twin whose
    councils get neither team nor training, from the first week. The effect is on services as residents perceive them,
    weighed by their needs: a year's mean less that of the city without councils.
    Weeks: whole years, from the first week. Estimators: slope of the yearly effects; the last year's effect, with
    assistance, less that without, and that without over that with, of which a quarter may be left.
    """
    years = cities.weeks // YEAR
    if years < 3:
        raise NotTestable("the run is shorter than three years")
    if cities.config.policy.authority.mode == "top_down" or cities.config.policy.support.kind == "none":
        raise NotTestable("the config has no councils, or no assistance that could be taken away")
    nothing = yearly(cities.run_under({"authority.mode": "top_down"}).city)
    helped = yearly(cities.own.run.city) - nothing
    alone = yearly(cities.run_under({"support.kind": "none"}).city) - nothing
    return {
        "rise of the effect a year": float(np.polyfit(np.arange(years), helped, 1)[0]),
        "effect with assistance": float(helped[-1]),
        "effect with assistance less without": float(helped[-1] - alone[-1]),
        "effect left without assistance": float(alone[-1] / helped[-1]) if helped[-1] > 0.0 else float("nan"),
    }


def yearly(history: pd.DataFrame) -> Floats:
    """Mean of services as perceived in each whole year of a run, (years,)."""
    weeks = history.performance.to_numpy(dtype=np.float64)[1:]
    whole = weeks[: weeks.size // YEAR * YEAR]
    return np.asarray(whole.reshape(-1, YEAR).mean(axis=1))


def pattern_20(cities: Cities) -> Measured:
    """Services can improve while support falls, for expectations rise with pledges.

    That it can is what is known, so one point within the parameters' ranges is looked at, named beforehand: councils
    and municipality promise dates far too early, and everybody hears of them. Nobody is compared.
    Weeks: first and last. Estimators: change of the level of services; change of mean trust in the municipality.
    """
    return measuring.services_and_support(cities.run_under(LOUD_PLEDGES))
