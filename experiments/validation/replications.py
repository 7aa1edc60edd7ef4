"""Replications: all patterns measured in the cities of each seed, over processes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.cautions import unsaid
from experiments.measuring import Untold
from experiments.patterns import PATTERNS
from experiments.study.executors import Processes, Submits, hands
from experiments.study.runner import Progress, Watch
from experiments.sweeps.experiment import PLACE_SEED, place_seeds
from experiments.validation.cities import Cities
from experiments.validation.companions import COMPANIONS
from experiments.validation.verdicts import Judged, judge_pattern
from sim.config import Config


class ReplicationError(Exception):
    """A replication failed; the message says with which seed and why."""


@dataclass(frozen=True)
class Replication:
    """What the cities of one seed say.

    Attributes:
        seed: root of all draws.
        found: values by part, by number of the pattern.
        untold: the reason, by number of the pattern, where these cities cannot tell.
    """

    seed: int
    found: dict[int, dict[str, float]] = field(default_factory=dict)
    untold: dict[int, str] = field(default_factory=dict)


def measure(config: Config) -> Replication:
    """All patterns in the cities of a config's seed."""
    cities, replication = Cities(config), Replication(config.run.seed)
    for number, companion in COMPANIONS.items():
        try:
            with unsaid():  # it was said when the city was built to see whether it can be
                values = companion.measure(cities)
        except Untold as reason:
            replication.untold[number] = str(reason)
        else:
            replication.found[number] = {part: float(value) for part, value in values.items()}
    return replication


def replicate(
    config: Config,
    count: int,
    *,
    own_places: bool = False,
    executor: Submits | None = None,
    watch: Watch | None = None,
) -> list[Replication]:
    """The replications of a config, in the order of their seeds: the config's own, and those that follow it.

    Args:
        config: the city; all replications have its place.
        count: how many.
        own_places: give each replication a place of its own instead: the places that an experiment would vary.
        executor: anything with `submit` of concurrent.futures; processes of this machine if None.
        watch: told how it goes on.

    Raises:
        ReplicationError: the first that failed; the others are given up.
    """
    seeds = [config.run.seed + number for number in range(count)]
    progress, begun = Progress(planned=count), time.monotonic()
    done = {}
    with hands(executor, None) as (own, _):
        futures = {
            own.submit(measure, config.with_values(seeds_of(config, number, own_places=own_places))): seed
            for number, seed in enumerate(seeds)
        }
        for future in as_completed(futures):
            seed = futures[future]
            try:
                done[seed] = future.result()
            except Exception as error:
                for other in futures:
                    other.cancel()
                if isinstance(own, Processes):
                    own.stop()  # whatever is still under way would not be kept
                raise ReplicationError(f"seed {seed}: {type(error).__name__}: {error}") from error
            progress.done, progress.seconds = len(done), time.monotonic() - begun
            if watch is not None:
                watch(progress)
    return [done[seed] for seed in seeds]


def seeds_of(config: Config, number: int, *, own_places: bool) -> dict[str, int]:
    """The seeds of a replication, counted from 0."""
    place = {PLACE_SEED: place_seeds(config.run.place_seed, number + 1)[number]} if own_places else {}
    return {"run.seed": config.run.seed + number, **place}


def judge(replications: Sequence[Replication]) -> list[Judged]:
    """The verdict on every pattern, by number."""
    return [
        judge_pattern(
            pattern,
            COMPANIONS[pattern.number].where,
            [one.found[pattern.number] for one in replications if pattern.number in one.found],
            [one.untold[pattern.number] for one in replications if pattern.number in one.untold],
        )
        for pattern in PATTERNS
    ]


# ---------------------------------------------------------------- as a table, and back

COLUMNS = ("pattern", "part", "seed", "value", "untold")


def to_table(replications: Sequence[Replication]) -> pd.DataFrame:
    """A row a pattern, part and seed: `pattern`, `part`, `seed`, `value`, `untold`.

    Where a replication cannot tell, there is one row with the reason in `untold`, which is empty elsewhere.
    """
    rows: list[tuple[int, str, int, float, str]] = []
    for pattern in PATTERNS:
        for one in replications:
            number = pattern.number
            rows += [(number, part, one.seed, value, "") for part, value in one.found.get(number, {}).items()]
            if number in one.untold:
                rows.append((number, "", one.seed, float("nan"), one.untold[number]))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"pattern": "int64", "seed": "int64", "value": "float64"})


def from_table(table: pd.DataFrame) -> list[Replication]:
    """The replications that `to_table` made a table of."""
    replications = {seed: Replication(seed) for seed in np.unique(table.seed).tolist()}
    for number, part, seed, value, untold in zip(*(table[name].tolist() for name in COLUMNS), strict=True):
        if untold:
            replications[seed].untold[number] = untold
        else:
            replications[seed].found.setdefault(number, {})[part] = value
    return list(replications.values())
