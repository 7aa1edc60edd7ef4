"""Whether a sweep still is what it was: files by their digests, and a sample of runs done again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from experiments.provenance import model_digest, sha256
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.store import SHARDS, Store
from experiments.sweeps.tables import load
from experiments.sweeps.worker import carry_out


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes:
        files: how many files were hashed.
        repeated: runs that were done again.
        faults: a line for each file or run that is not what it was.
        notes: what the reader should know beside.
    """

    files: int
    repeated: tuple[int, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def verify(path: Path, *, sample: int, seed: int = 0) -> Verdict:
    """Hash every file again, and do a random sample of runs again and compare every value.

    Args:
        path: the sweep's folder.
        sample: how many runs to do again.
        seed: of the sample.

    Raises:
        ConfigError: there is no finished sweep.
    """
    sweep, store = load(path), Store(path)
    manifest = store.manifest() or {}
    noted = store.journal()
    wanted = {**manifest.get("files", {}), **{f"{SHARDS}/{name}": digest for name, digest in noted.items()}}
    faults = []
    for name, digest in sorted(wanted.items()):
        file = path / name
        if not file.exists():
            faults.append(f"{name} is missing")
        elif sha256(file) != digest:
            faults.append(f"{name} is not what it was when it was written")
    strange = sorted(file.name for file in (path / SHARDS).glob("*.parquet") if file.name not in noted)
    faults += [f"{SHARDS}/{name} is in no journal" for name in strange]
    done = sweep.runs.loc[sweep.runs.status == "done", ["run_id", "model"]]
    chosen = np.sort(np.random.default_rng(seed).permutation(done.run_id.to_numpy())[:sample]).tolist()
    for run in chosen:
        fault = _repeat(sweep.experiment, path, int(run))
        if fault:
            faults.append(fault)
    others = sorted(set(done.model) - {model_digest()[:12]})
    notes = [f"some runs were made by another version of the model: {', '.join(others)}"] if others else []
    return Verdict(len(wanted), tuple(chosen), tuple(faults), tuple(notes))


def _repeat(experiment: Experiment, path: Path, run: int) -> str | None:
    """Do a run again; what differs from the table, if anything."""
    shard, fresh = carry_out(experiment, [run])
    if shard.failures:
        return f"run {run} failed when it was done again: {shard.failures[run]['message']}"
    stored = pq.read_table(path / "outcomes.parquet", filters=[("run_id", "=", run)])
    names = ("outcome", "week")
    if any(stored[name].to_pylist() != fresh[name].to_pylist() for name in names):
        return f"run {run} has other rows when it is done again"
    before, after = stored["value"].to_numpy(), fresh["value"].to_numpy()
    differs = ~((before == after) | (np.isnan(before) & np.isnan(after)))
    if differs.any():
        place = int(np.flatnonzero(differs)[0])
        outcome, week = stored["outcome"][place].as_py(), stored["week"][place].as_py()
        was, now = float(before[place]), float(after[place])
        return f"run {run}: {outcome} in week {week} is {was!r} in the table, {now!r} when done again"
    return None
