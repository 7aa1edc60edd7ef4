"""The tables of a sweep: put together from its shards, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.folders import atomic_write, remove_left_over
from experiments.manifest import manifest_in, refuse_altered
from experiments.parquet import checked
from experiments.provenance import sha256
from experiments.results import write_manifest_atomically
from experiments.statistics import t_interval
from experiments.study.growing import GROWING
from experiments.study.shards import SCHEMA, SHARDS, Shard
from experiments.study.store import Store
from experiments.sweeps.agreeing import column_of, disagreement
from experiments.sweeps.experiment import BASE_FILE, EXPERIMENT, KIND, PLACE_SEED, POLICIES, TABLES, Experiment, Fixed
from experiments.sweeps.reader import load_experiment
from sim.config import Config
from sim.errors import ConfigError
from sim.facts import Told
from sim.wording import printable

WINDOW_ROWS = 200_000
"""Rows of outcomes held in memory at a time, about."""


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Told):
    """A sweep that has run.

    Attributes:
        folder: where its files are.
        experiment: the experiment.
        runs: one row per run: run_id, point, replication, seed, policy, the values set, status, model.
        failures: one row per failed run: run_id, point, replication, seed, policy, parameters, error, message,
            traceback.
        left_out: files that were found altered or cut off when the tables were put together just now.
    """

    folder: Path
    experiment: Experiment
    runs: pd.DataFrame
    failures: pd.DataFrame
    left_out: tuple[str, ...] = ()

    def facts(self) -> dict[str, str]:
        """What was asked, and how many runs there are of it."""
        varied = [name for name in map(str, self.runs) if "." in name]
        return {
            "title": self.experiment.title.en,
            "points": f"{self.runs.point.nunique():,}",
            "replications": f"{self.runs.replication.nunique():,}",
            "runs": f"{int((self.runs.status == 'done').sum()):,} done of {len(self.runs):,}",
            **({"failed": f"{len(self.failures):,}"} if len(self.failures) else {}),
            **({"varied": ", ".join(varied)} if varied else {}),
            "folder": str(self.folder),
        }

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per outcome and week: run_id, replication, outcome, week (-1: over weeks), value."""
        return pd.read_parquet(checked(self.folder / "outcomes.parquet"))

    @property
    def complete(self) -> bool:
        """Whether every run there should be is there."""
        return bool((self.runs.status != "missing").all())

    @property
    def whole_replications(self) -> list[int]:
        """Replications of which no run is missing."""
        missing = self.runs.loc[self.runs.status == "missing", "replication"].unique()
        return sorted(set(self.runs.replication.tolist()) - set(missing.tolist()))

    def differences(self, base: str | Mapping[str, Any], confidence: float = 0.95) -> pd.DataFrame:
        """Differences of every policy (with its levers) from one of them, paired with common random numbers.

        The base is named by its name, the name or title of its policy, or what is set there:
        ``{"policy": "programme", "policy.hub.kinds": ["school"]}``. A policy that was run at several levels of levers
        is the base at each of them, and so is a level, ``{"policy.hub.kinds": ["school"]}``, under each policy. See
        `experiments.contrasts.contrasts`, also for the columns.

        Raises:
            ConfigError: there is no such policy.
        """
        from experiments.contrasts.tables import contrasts  # here, because most commands do without

        return contrasts(self, base, confidence)

    def last_values(self) -> pd.DataFrame:
        """Of each run in whole replications the last value of each outcome, a batch of rows in memory at a time."""
        whole, kept = self.whole_replications, []
        for batch in pq.ParquetFile(checked(self.folder / "outcomes.parquet")).iter_batches(WINDOW_ROWS):
            rows = batch.to_pandas()
            rows = rows[rows["replication"].isin(whole) & rows["value"].notna()]
            kept.append(rows.groupby(["run_id", "outcome"], sort=False).tail(1))
        columns = ["run_id", "replication", "outcome", "week", "value"]
        rows = pd.concat(kept) if kept else pd.DataFrame(columns=columns)
        return rows.groupby(["run_id", "outcome"], sort=True).tail(1)

    def summary(self, confidence: float = 0.95) -> pd.DataFrame:
        """Mean of each outcome at each point with its t-interval over replications.

        A series counts by its last week. While runs are missing, only replications count that every point has: else
        points would differ by their seeds. One row per point and outcome: point, policy, the values set, outcome, runs,
        mean, low, high. Points are compared by their differences (`differences`), not by whether intervals overlap.
        """
        last = self.last_values()
        merged = last.merge(self.runs[["run_id", "point"]], on="run_id")
        rows = []
        for (point, outcome), group in merged.groupby(["point", "outcome"], sort=True):
            values = group["value"].dropna().to_numpy()
            rows.append((point, outcome, values.size, *t_interval(values, confidence)))
        table = pd.DataFrame(rows, columns=["point", "outcome", "runs", "mean", "low", "high"])
        settings = self.runs.drop_duplicates("point").drop(
            columns=["run_id", "replication", "seed", "particle", "status", "model"], errors="ignore"
        )
        return settings.merge(table, on="point")


def load(path: str | Path) -> Sweep:
    """Read a sweep's tables.

    Raises:
        ConfigError: there is no sweep, its tables are not put together yet, they are those of another experiment, or
            have changed since they were written.
    """
    sweep = load_unchecked(path)
    if fault := disagreement(sweep.runs, sweep.experiment):
        problem = f"runs.parquet is not of this experiment ({fault}); put it together again: mahalle merge"
        raise ConfigError(f"{problem} {sweep.folder}", source=str(sweep.folder))
    refuse_altered(sweep.folder, f"put it together again: mahalle merge {sweep.folder}", TABLES)
    return sweep


def load_unchecked(path: str | Path) -> Sweep:
    """Read a sweep's tables as they are, whether or not their rows are those of its experiment.

    Raises:
        ConfigError: there is no sweep, or its tables are not put together yet.
    """
    folder = Path(path)
    manifest = _manifest(folder)
    if manifest is None:
        raise ConfigError("is not the folder of a sweep", source=str(folder))
    experiment = experiment_in(folder)
    if not (folder / "runs.parquet").exists() or "files" not in manifest:
        raise ConfigError(f"the sweep is not finished; resume it, or take what there is: mahalle merge {folder}")
    return Sweep(folder, experiment, *_tables_in(folder))


def _tables_in(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The runs of a sweep, and those that failed.

    Raises:
        ConfigError: a table is not whole.
    """
    try:
        runs, failures = (pd.read_parquet(checked(folder / name)) for name in ("runs.parquet", "failures.parquet"))
    except ConfigError:
        raise
    except (OSError, ValueError) as error:
        what = f"a table was altered or cut off ({printable(str(error), 80)})"
        raise ConfigError(f"{what}; put them together again: mahalle merge {folder}") from None
    return runs, failures


def config_of_run(folder: Path, run: int) -> Config:
    """The config of one run of a sweep, seed included.

    Raises:
        ConfigError: there is no sweep, or no such run in it.
    """
    if _manifest(folder) is None:
        raise ConfigError("is not the folder of a sweep", source=f"--from {folder}")
    experiment = experiment_in(folder)
    points, most = len(experiment.points), experiment.replications.at_most
    if not 0 <= run < points * most:
        raise ConfigError(f"must be from 0 to {points * most - 1}, not {run}", source="--run-id")
    return experiment.config_of(experiment.points[run % points], run // points)


def merge(folder: Path) -> Sweep:
    """Merge the valid shards into tables sorted by run; the bytes do not depend on workers or on the order of runs.

    Raises:
        ConfigError: the folder holds no sweep.
    """
    store = Store(folder, KIND)
    if _manifest(folder) is None:
        raise ConfigError("is not the folder of a sweep", source=str(folder))
    with store.alone():  # parts that end at the same time take turns, and the last one sees all shards
        remove_left_over(folder)
        experiment = experiment_in(folder)
        shards, left_out = store.sound_shards()
        owner = _owners(shards)
        last = _last_replication(experiment, owner) * len(experiment.points)
        owner = {run: shard for run, shard in owner.items() if run < last}  # an earlier sweep may have gone further
        manifest = {name: value for name, value in (store.manifest() or {}).items() if name != "files"}
        write_manifest_atomically(folder, manifest)  # cut off between two tables, the sweep is not finished
        _write(folder / "runs.parquet", [_runs(experiment, shards, owner, last)])
        _write(folder / "failures.parquet", [_failures(experiment, shards, owner)])
        _write(folder / "outcomes.parquet", _outcomes(folder, shards, owner))
        files = {name: sha256(folder / name) for name in TABLES}
        write_manifest_atomically(folder, {**manifest, "files": files})
    return Sweep(folder, experiment, *_tables_in(folder), tuple(left_out))


def experiment_in(folder: Path) -> Experiment:
    """The experiment of a sweep's folder.

    Raises:
        ConfigError: the experiment, or a data file that it names, has changed since the runs; or it was cut off while
            it grew.
    """
    manifest = manifest_in(folder) or {}
    if GROWING in manifest:
        raise ConfigError("was interrupted while it grew; give the command again", source=str(folder))
    experiment = load_experiment(folder / EXPERIMENT)
    if experiment.digest != manifest.get("digest"):
        raise ConfigError(
            f"is not what was run: {EXPERIMENT}, {BASE_FILE}, {POLICIES} or a data file that they name was changed "
            "since",
            source=str(folder),
        )
    return experiment


def _manifest(folder: Path) -> dict[str, Any] | None:
    manifest = manifest_in(folder)
    return manifest if manifest is not None and manifest.get("made_by") == KIND.made_by else None


def _last_replication(experiment: Experiment, owner: dict[int, int]) -> int:
    """How many replications there should be: under a stopping rule those of which any run is done."""
    rule = experiment.replications
    done = max(owner, default=-1) // len(experiment.points) + 1
    return rule.at_most if isinstance(rule, Fixed) else min(rule.at_most, done)


def _owners(shards: Sequence[Shard]) -> dict[int, int]:
    """The shard that counts for each run: the first, should a run stand in two."""
    owner: dict[int, int] = {}
    for number, shard in enumerate(shards):
        for run in shard.runs:
            owner.setdefault(run, number)
    return owner


def _described(experiment: Experiment, run: int) -> dict[str, Any]:
    point, replication = experiment.points[run % len(experiment.points)], run // len(experiment.points)
    particle = experiment.particle_of(replication)
    return {
        "run_id": run,
        "point": point.number,
        "replication": replication,
        "seed": experiment.seed_of(replication),
        "policy": point.policy,
        **({} if particle is None else {"particle": particle}),
    }


def _runs(experiment: Experiment, shards: Sequence[Shard], owner: dict[int, int], last: int) -> pa.Table:
    """One row for each run below `last`."""
    points = len(experiment.points)
    keys = list(dict.fromkeys(key for point in experiment.points for key in point.values))
    rows = []
    for run in range(last):
        values = experiment.points[run % points].values
        status, model = "missing", ""
        if run in owner:
            shard = shards[owner[run]]
            status, model = ("failed" if run in shard.failures else "done"), shard.model[:12]
        row = _described(experiment, run)
        rows.append({**row, **{key: values.get(key) for key in keys}, "status": status, "model": model})
    first = (
        "run_id",
        "point",
        "replication",
        "seed",
        "policy",
        *(() if experiment.posterior is None else ("particle",)),
    )
    columns = {name: [row[name] for row in rows] for name in first}
    settings = {key: column_of([row[key] for row in rows]) for key in keys if key != PLACE_SEED}
    settings |= {key: pa.array([row[key] for row in rows], pa.int64()) for key in keys if key == PLACE_SEED}
    ends = {name: [row[name] for row in rows] for name in ("status", "model")}
    table = pa.table({**columns, **settings, **ends})
    whole = {
        "run_id": pa.int32(),
        "point": pa.int32(),
        "replication": pa.int32(),
        "seed": pa.int64(),
        "particle": pa.int32(),
    }
    fields = [field.with_type(whole.get(field.name, field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _failures(experiment: Experiment, shards: Sequence[Shard], owner: dict[int, int]) -> pa.Table:
    rows = []
    for run in sorted(owner):
        failure = shards[owner[run]].failures.get(run)
        if failure is not None:
            values = dict(experiment.points[run % len(experiment.points)].values)
            row = _described(experiment, run) | {"parameters": json.dumps(values, default=list, sort_keys=True)}
            rows.append(row | dict(failure))
    whole, text = ("run_id", "point", "replication"), ("policy", "parameters", "error", "message", "traceback")
    schema = pa.schema(
        [*((name, pa.int32()) for name in whole), ("seed", pa.int64()), *((name, pa.string()) for name in text)]
    )
    if experiment.posterior is not None:
        schema = schema.insert(5, pa.field("particle", pa.int32()))
    return pa.Table.from_pylist(rows, schema)


def _outcomes(folder: Path, shards: Sequence[Shard], owner: dict[int, int]) -> Iterator[pa.Table]:
    """Outcomes in the order of runs, a window of runs at a time."""
    order = sorted(owner)
    yield SCHEMA.empty_table()
    rows = sum(pq.read_metadata(folder / SHARDS / shards[number].file).num_rows for number in set(owner.values()))
    step = max(1, WINDOW_ROWS * len(order) // max(rows, 1))
    for begin in range(0, len(order), step):
        window = order[begin : begin + step]
        pieces = []
        for number in sorted({owner[run] for run in window}):
            table = pq.read_table(checked(folder / SHARDS / shards[number].file)).replace_schema_metadata(None)
            wanted = pa.array([run for run in window if owner[run] == number], pa.int32())
            pieces.append(table.filter(pc.is_in(table["run_id"], wanted)))
        table = pa.concat_tables(pieces)
        places = np.argsort(table["run_id"].to_numpy(), kind="stable")
        yield table.take(pa.array(places))


def _write(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write tables of one schema, at least one, one after another into a file that is never half-written."""
    pieces = iter(tables)
    first = next(pieces)
    with atomic_write(path) as partial, pq.ParquetWriter(partial, first.schema, compression="zstd") as writer:
        for table in chain([first], pieces):
            if len(table):
                writer.write_table(table)
