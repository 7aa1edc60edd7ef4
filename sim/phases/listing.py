"""Phase 6, too: the list of those who took part, are known and are asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import participation as passes
from sim.rules.participation import Hazard
from sim.week import NOBODY

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Listed = tuple[NDArray[np.int32], Integers, Integers]
"""Rows on the list, ascending; where those of each neighbourhood begin among them, and how many they are, (M,) each."""


def open_list(city: City) -> Listed:
    """Look up who is on the list of each neighbourhood as the week begins."""
    listed: Listed = passes.who_is_listed(city.residents.listed, city.rows.first)
    return listed


def asked_from_list(city: City, listed: Listed, name: str, neighbourhoods: Integers, rate: float) -> Integers:
    """Residents drawn from the lists of neighbourhoods, `rate` each on average; nobody where nobody is listed."""
    if rate <= 0.0 or not neighbourhoods.size:
        return NOBODY
    how_many, whom = city.streams.key(f"{name} how many", city.week), city.streams.key(f"{name} whom", city.week)
    return passes.ask(neighbourhoods, neighbourhoods, rate, *listed, how_many, whom)


def renew_list(city: City, listed: Listed, unmet: Floats, recognition: Floats) -> None:
    """Let those on the list leave it or stay; put some of those on it who took part with others and were not on it.

    Args:
        listed: who was on it as the week began.
        unmet, recognition: in each neighbourhood, (M,), as for burning out.
    """
    residents, now = city.residents, city.now
    leaving = passes.leave(
        listed[0].astype(np.int64),
        residents.habit,
        residents.neighbourhood,
        unmet,
        recognition,
        Hazard.of(city.config.behaviour.burnout),
        city.luck.keys(len(residents)),
        city.luck.key("leaves the list", city.week),
    )
    put_on_list(city, now.acted)
    residents.listed[leaving] = 0
    residents.listed[now.exits] = 0


def put_on_list(city: City, rows: Integers) -> None:
    """Put some of those on the list who took part with others this week and are not on it."""
    residents, probability = city.residents, city.config.behaviour.list.listing_probability
    new = rows[residents.listed[rows] == 0]
    residents.listed[city.luck.chosen("listed", city.week, new, probability)] = 1
