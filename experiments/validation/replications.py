"""Replications: all patterns measured in the cities of each seed, as runs of a study."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.cautions import unsaid
from experiments.figure_files import files_of_figure
from experiments.folders import CONFIG, write_text_atomically
from experiments.measuring import NotTestable
from experiments.parquet import checked
from experiments.patterns import PATTERNS
from experiments.resolved import as_yaml, digest
from experiments.results import HEADING
from experiments.study.executors import Submits, open_executor
from experiments.study.runner import RETRY, Receipt, Runner, Watch
from experiments.study.shards import SCHEMA, SHARDS, Shard
from experiments.study.store import Kind, Store
from experiments.study.work import FailedRunError, failures_in, work
from experiments.sweeps.experiment import PLACE_SEED, place_seeds
from experiments.validation.cities import Cities
from experiments.validation.companions import COMPANIONS
from experiments.validation.verdicts import Judged, judge_pattern
from sim.config import Config

KIND = Kind(
    "validate",
    "validation",
    "city",
    (
        "patterns.md",
        *files_of_figure("patterns"),
        "patterns.parquet",
        "patterns.csv",
        "replications.parquet",
        "replications.csv",
        CONFIG,
    ),
    mixes_models=False,
)
"""Of study that a validation is; its folder holds these files."""

_UNTOLD = "cannot tell: "
"""Begins what stands in place of a part's name where a replication cannot tell."""


@dataclass(frozen=True)
class Validation:
    """What is validated.

    Attributes:
        base: the city; its seed and those that follow it are the replications'.
        own_places: whether each replication has a place of its own: the places that an experiment would vary.
        patterns: numbers of the patterns that are judged, ascending.
    """

    base: Config
    own_places: bool = False
    patterns: tuple[int, ...] = tuple(COMPANIONS)

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides the replications, but how many there are."""
        some = "" if self.patterns == tuple(COMPANIONS) else "".join(f"-{number}" for number in self.patterns)
        return f"{digest(self.base)}{'-own-places' if self.own_places else ''}{some}"

    def manifest_note(self) -> dict[str, Any]:
        """What the manifest says of it from the beginning."""
        run = self.base.run
        return {
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "config_digest": digest(self.base),
            "seed": run.seed,
            "place_seed": run.place_seed,
            "scale": run.scale,
            "weeks": run.weeks,
            "own_places": self.own_places,
            "patterns": list(self.patterns),
        }

    def keep_in(self, folder: Path) -> tuple[str, ...]:
        """Write the resolved config into the folder; return its name."""
        write_text_atomically(folder / CONFIG, as_yaml(self.base, HEADING))
        return (CONFIG,)

    def config_of(self, number: int) -> Config:
        """The config of a replication, counted from 0."""
        return self.base.with_values(seeds_of(self.base, number, own_places=self.own_places))


@dataclass(frozen=True)
class Replication:
    """The measurements in the cities of one seed.

    Attributes:
        seed: root of all draws.
        found: values by part, by number of the pattern.
        untold: the reason, by number of the pattern, where the pattern is not testable in these cities.
    """

    seed: int
    found: dict[int, dict[str, float]] = field(default_factory=dict)
    untold: dict[int, str] = field(default_factory=dict)


def measure(config: Config, patterns: Iterable[int] = tuple(COMPANIONS)) -> Replication:
    """Patterns in the cities of a config's seed.

    Args:
        config: the config with the replication's seed.
        patterns: their numbers.
    """
    cities, replication = Cities(config), Replication(config.run.seed)
    for number in patterns:
        try:
            with unsaid():  # cautions were printed when the city was first built
                values = COMPANIONS[number].measure(cities)
        except NotTestable as reason:
            replication.untold[number] = str(reason)
        else:
            replication.found[number] = {part: float(value) for part, value in values.items()}
    return replication


def replicate(
    validation: Validation,
    count: int,
    *,
    out: Path,
    executor: Submits | None = None,
    workers: int | None = None,
    fresh: bool = False,
    retry_failed: bool = False,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
) -> list[Replication]:
    """Do those replications that the folder lacks, and return all, in the order of their seeds.

    Args:
        validation: what is validated.
        count: how many replications.
        out: the folder; what is finished there is not done again.
        executor: anything with `submit` of concurrent.futures; processes of this machine if None.
        workers: number of tasks that the executor runs in parallel; all processors if None.
        fresh: start again.
        retry_failed: do replications that failed again.
        watch: called with the progress.
        say: called with each message for the user.

    Raises:
        ConfigError: the folder cannot be used.
        StoppedEarlyError: interrupted by a signal or because the disk is full; the same again goes on.
        FailedRunError: a replication failed.
    """
    store = Store(out, KIND)
    with closing(store), open_executor(executor, workers) as (own, at_a_time):
        store.open(validation, fresh=fresh)
        if retry_failed:
            store.forget_failures()
        runner = Runner(store, own, at_a_time, partial(_order, out.resolve(), validation), watch=watch, say=say)
        for _ in runner.take_stock(count):
            pass
        runner.do(range(count))
        failed = {run: why for run, why in failures_in(out).items() if run < count}
        if failed:
            raise FailedRunError(f"{next(iter(failed.values()))}; {RETRY} does it again")
        done = {number: one for shard in store.sound_shards()[0] for number, one in _replications_in(out, shard)}
    return [replace(done[number], seed=validation.base.run.seed + number) for number in range(count)]


def _order(folder: Path, validation: Validation, runs: tuple[int, ...]) -> partial[Receipt]:
    return partial(_work, folder, validation, runs)


def _work(folder: Path, validation: Validation, runs: tuple[int, ...]) -> Receipt:
    return work(folder, runs, partial(_rows, validation), validation.base.loaded)


def _rows(validation: Validation, number: int) -> pa.Table:
    """A replication as rows of a shard."""
    config = validation.config_of(number)
    try:
        one = measure(config, validation.patterns)
    except Exception as error:
        raise FailedRunError(f"seed {config.run.seed}: {type(error).__name__}: {error}") from error
    found = [(f"{own} {part}", value) for own, parts in one.found.items() for part, value in parts.items()]
    found += [(f"{own} {_UNTOLD}{reason}", float("nan")) for own, reason in one.untold.items()]
    size, outcomes, values = len(found), [name for name, _ in found], [value for _, value in found]
    columns = {"run_id": [number] * size, "replication": [number] * size, "outcome": outcomes, "week": [-1] * size}
    return pa.table({**columns, "value": values}, SCHEMA)


def _replications_in(folder: Path, shard: Shard) -> Iterator[tuple[int, Replication]]:
    """The replications of a shard, by number; seeds are left out."""
    table = pq.read_table(checked(folder / SHARDS / shard.file)).to_pandas()
    for number, rows in table.groupby("run_id", sort=True):
        one = Replication(0)
        for outcome, value in zip(rows.outcome, rows.value.tolist(), strict=True):
            pattern, _, part = outcome.partition(" ")
            if part.startswith(_UNTOLD):
                one.untold[int(pattern)] = part.removeprefix(_UNTOLD)
            else:
                one.found.setdefault(int(pattern), {})[part] = value
        yield int(str(number)), one


def seeds_of(config: Config, number: int, *, own_places: bool) -> dict[str, int]:
    """The seeds of a replication, counted from 0."""
    place = {PLACE_SEED: place_seeds(config.run.place_seed, number + 1)[number]} if own_places else {}
    return {"run.seed": config.run.seed + number, **place}


def judge(replications: Sequence[Replication], patterns: Collection[int] = tuple(COMPANIONS)) -> list[Judged]:
    """The verdicts on patterns, by number.

    Args:
        replications: what was measured.
        patterns: numbers of the patterns that were.
    """
    return [
        judge_pattern(
            pattern,
            COMPANIONS[pattern.number].where,
            [one.found[pattern.number] for one in replications if pattern.number in one.found],
            [one.untold[pattern.number] for one in replications if pattern.number in one.untold],
        )
        for pattern in PATTERNS
        if pattern.number in patterns
    ]


# ---------------------------------------------------------------- as a table, and back

COLUMNS = ("pattern", "part", "seed", "value", "untold")


def to_table(replications: Sequence[Replication]) -> pd.DataFrame:
    """One row per pattern, part and seed: `pattern`, `part`, `seed`, `value`, `untold`.

    A pattern that is not testable in a replication has one row with the reason in `untold`, which is empty elsewhere.
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
    """Inverse of `to_table`."""
    replications = {seed: Replication(seed) for seed in np.unique(table.seed).tolist()}
    for number, part, seed, value, untold in zip(*(table[name].tolist() for name in COLUMNS), strict=True):
        if untold:
            replications[seed].untold[number] = untold
        else:
            replications[seed].found.setdefault(number, {})[part] = value
    return list(replications.values())
