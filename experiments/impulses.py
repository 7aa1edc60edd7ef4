"""Impulse responses: a city copied, one copy pushed for a week, both followed: how long does the push last?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.validation.cities import Cities, Twin
from experiments.validation.companions.memory import SHOCK, STATUS_QUO, move_trust
from sim.config import Config
from sim.rules.trust import log_odds

Floats = NDArray[np.float64]

FOLLOWED_WEEKS = 208
EVERY = 4
"""Weeks between looks."""

ARMS = ("as the config says", "status quo")


@dataclass(frozen=True)
class Impulse:
    """A push, and what is looked at after it.

    Attributes:
        what: the state, in a few words.
        push: changes the treated twin.
        read: a number of a city; the response is its difference between the twins.
        stated: half-life that the parameters state for this state alone, in weeks.
        key: the parameter that states it.
        begins: at which look the response is taken as whole; 0 is the moment of the push.
    """

    what: str
    push: Callable[[Twin], None]
    read: Callable[[Twin], float]
    stated: Callable[[Config], float]
    key: str
    begins: int = 0


def _of_rate(rate: float) -> float:
    """Half-life in weeks of what loses a share of itself each week."""
    return math.log(0.5) / math.log(1.0 - rate) if 0.0 < rate < 1.0 else math.inf


def _trust(kind: str) -> Impulse:
    def push(city: Twin) -> None:
        move_trust(city, kind, -SHOCK)

    return Impulse(
        f"trust in {'people' if kind == 'people' else 'the ' + kind}",
        push,
        lambda city: float(log_odds(city.residents[f"trust_in_{kind}"]).mean()),
        lambda config: config.behaviour.trust.half_life_weeks,
        "behaviour.trust.half_life_weeks",
    )


def _feeling(name: str, stated: Callable[[Config], float]) -> Impulse:
    def push(city: Twin) -> None:
        level, lived = city.residents[name], city.residents[f"evidence_of_{name}"]
        after = np.maximum(level - SHOCK, 0.01)
        lived += log_odds(after) - log_odds(level)
        level[...] = after

    def read(city: Twin) -> float:
        return float(log_odds(city.residents[name]).mean())

    return Impulse(name, push, read, stated, f"behaviour.{name}.half_life_weeks")


def _share(what: str, column: str, size: float, stated: Callable[[Config], float], key: str) -> Impulse:
    def push(city: Twin) -> None:
        city.residents[column][...] = np.clip(city.residents[column] + size, 0.0, 1.0)

    return Impulse(what, push, lambda city: float(city.residents[column].mean()), stated, key)


def _push_habit(city: Twin) -> None:
    city.residents.habit[...] = np.clip(city.residents.habit + 0.2, 0.0, 1.0)


def _taking_part(city: Twin) -> float:
    """Share who took part in anything in the last four weeks."""
    return float((city.residents.last_act_week > city.week - EVERY).mean())


def _push_services(city: Twin) -> None:
    city.services[...] = np.clip(city.services + 0.1, 0.0, 1.0)


IMPULSES: tuple[Impulse, ...] = (
    *(_trust(kind) for kind in ("municipality", "council", "people")),
    Impulse(
        "services",
        _push_services,
        lambda city: float(city.services.mean()),
        lambda config: 52.0 * _of_rate(config.behaviour.services.decay_per_year),
        "behaviour.services.decay_per_year",
    ),
    _share(
        "expectation",
        "expectation",
        0.1,
        lambda config: _of_rate(config.behaviour.expectation.adaptation_per_week),
        "behaviour.expectation.adaptation_per_week",
    ),
    _share(
        "habit",
        "habit",
        0.2,
        lambda config: _of_rate(config.behaviour.learning.habit_rate),
        "behaviour.learning.habit_rate",
    ),
    Impulse(
        "participation, after habit",
        _push_habit,
        _taking_part,
        lambda config: _of_rate(config.behaviour.learning.habit_rate),
        "behaviour.learning.habit_rate",
        begins=1,
    ),
    _share(
        "fatigue",
        "fatigue",
        0.5,
        lambda config: _of_rate(config.behaviour.burnout.recovery_per_week),
        "behaviour.burnout.recovery_per_week",
    ),
    _share(
        "civic skill",
        "civic_skill",
        0.1,
        lambda config: _of_rate(config.behaviour.learning.skill_decay_per_week),
        "behaviour.learning.skill_decay_per_week",
    ),
    _feeling("belonging", lambda config: config.behaviour.belonging.half_life_weeks),
    _feeling("hope", lambda config: config.behaviour.hope.half_life_weeks),
)
"""All states with a memory of their own, and participation, which answers to habit. Everybody gets the same push:
trust, hope and belonging fall by 0.1 (not below 0.01) and are looked at in log odds, in which they fade."""


def responses(config: Config, seeds: Sequence[int], weeks: int | None = None) -> pd.DataFrame:
    """What is left of each push, over weeks: columns arm, impulse, seed, week, left (1 where the response begins).

    Twins part when `Cities.twin` says.

    Args:
        config: the city; decisions are the municipality's in the second arm.
        seeds: seeds of the replications.
        weeks: how long the twins are followed; `FOLLOWED_WEEKS` if None.
    """
    rows: list[tuple[str, str, int, int, float]] = []
    weeks = FOLLOWED_WEEKS if weeks is None else weeks
    for seed in seeds:
        cities = Cities(config.with_values({"run.seed": seed}))
        for arm in ARMS:
            twin = cities.twin if arm == ARMS[0] else lambda cities=cities: cities.twin_under(STATUS_QUO)
            untreated = _path(twin(), [one.read for one in IMPULSES], weeks)
            for number, impulse in enumerate(IMPULSES):
                city = twin()
                impulse.push(city)
                path = _path(city, [impulse.read], weeks)[:, 0] - untreated[:, number]
                whole = path[impulse.begins]
                left = path / whole if whole != 0.0 else np.full(path.size, np.nan)
                rows += [(arm, impulse.what, seed, EVERY * k, value) for k, value in enumerate(left.tolist())]
    return pd.DataFrame(rows, columns=["arm", "impulse", "seed", "week", "left"])


def _path(city: Twin, reads: Sequence[Callable[[Twin], float]], weeks: int) -> Floats:
    """What is read now and every four weeks, (looks, reads)."""
    found = [[read(city) for read in reads]]
    for _ in range(weeks // EVERY):
        city.run(EVERY)
        found.append([read(city) for read in reads])
    return np.array(found)


def half_life(weeks: Floats, left: Floats) -> float:
    """Weeks after which half is left, interpolated between looks; infinite if more is left at the last one.

    Args:
        weeks: ascending, (n,).
        left: 1 in the first, (n,).
    """
    highest = int(np.argmax(left >= 1.0)) if (left >= 1.0).any() else 0  # where the response begins
    below = highest + np.flatnonzero(left[highest:] <= 0.5)
    if not below.size:
        return math.inf
    k = int(below[0])
    if k == 0:
        return 0.0
    return float(np.interp(0.5, [left[k], left[k - 1]], [weeks[k], weeks[k - 1]]))


def half_lives(table: pd.DataFrame) -> pd.DataFrame:
    """Half-life of each impulse in each arm and replication: columns arm, impulse, seed, half_life."""
    rows = [
        (arm, impulse, seed, half_life(part.week.to_numpy(float), part.left.to_numpy(float)))
        for (arm, impulse, seed), part in table.groupby(["arm", "impulse", "seed"], sort=False)
    ]
    return pd.DataFrame(rows, columns=["arm", "impulse", "seed", "half_life"])
