"""Companion experiments: how to test each pattern that is not testable in the config's own run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from experiments.measuring import Measured
from experiments.patterns import PATTERNS
from experiments.validation.cities import Cities
from experiments.validation.companions.memory import (
    pattern_23,
    pattern_24,
    pattern_25,
    pattern_26,
    pattern_27,
    pattern_28,
)
from experiments.validation.companions.support import pattern_18, pattern_20
from experiments.validation.companions.taking_part import pattern_16, pattern_19
from experiments.validation.companions.trust import pattern_12, pattern_13
from experiments.validation.companions.voice import pattern_15
from experiments.validation.companions.votes import pattern_8, pattern_11, voting_run

OWN_RUN = "the config's own run"


@dataclass(frozen=True)
class Companion:
    """How a pattern is tested.

    Attributes:
        where: in which cities, in a few words.
        measure: values by part from the cities of one replication; raises `NotTestable` if they do not suffice.
    """

    where: str
    measure: Callable[[Cities], Measured]


def _in_own_run(number: int, cities: Cities) -> Measured:
    return PATTERNS[number - 1].measure(cities.own.run)


def _with_votes(number: int, cities: Cities) -> Measured:
    return PATTERNS[number - 1].measure(cities.once(voting_run)[0])


VOTES = "councils elected, residents' ballots counted greedily"

COMPANIONS: Mapping[int, Companion] = MappingProxyType(
    {item.number: Companion(OWN_RUN, partial(_in_own_run, item.number)) for item in PATTERNS}
    | {number: Companion(VOTES, partial(_with_votes, number)) for number in (4, 6, 7, 10)}
    | {
        8: Companion(f"{VOTES}; twenty projects a ballot", pattern_8),
        11: Companion(f"{VOTES}; every ballot counted by Equal Shares too", pattern_11),
        12: Companion("with good and with bad experiences of some, who tell of them", pattern_12),
        13: Companion(f"{OWN_RUN}, residents followed one by one", pattern_13),
        15: Companion("with and without speaking at hearings", pattern_15),
        16: Companion("with and without a first act of some", pattern_16),
        18: Companion("without councils, with them, and with them but without assistance", pattern_18),
        19: Companion("with and without asking one member of some households", pattern_19),
        20: Companion("loud pledges to early dates", pattern_20),
        23: Companion("with and without a fall of everybody's trust", pattern_23),
        24: Companion("residents asked three times, with the error of a survey item", pattern_24),
        25: Companion("with and without services that stay better", pattern_25),
        26: Companion("with contacts answered, and ignored", pattern_26),
        27: Companion(f"{VOTES}; with and without a first act of some", pattern_27),
        28: Companion("without councils", pattern_28),
    }
)
"""By the number of the pattern."""
