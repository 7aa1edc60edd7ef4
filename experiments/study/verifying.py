"""Verify a result: compare the digests of its files, and repeat a sample of its runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.calibration.calibration import CALIBRATION
from experiments.calibration.calibration import KIND as OF_CALIBRATION
from experiments.calibration.calibration import RUNS as CALIBRATION_RUNS
from experiments.calibration.reader import load_calibration
from experiments.calibration.simulating import OneRun
from experiments.folders import CONFIG
from experiments.manifest import MANIFEST, RUN, is_as_written, manifest_in
from experiments.parquet import checked
from experiments.provenance import model_digest, sha256
from experiments.results import facts_of_start, load_run, run_of, write_tables
from experiments.study.shards import SHARDS
from experiments.study.store import Store, digests_of_results
from experiments.sweeps.experiment import KIND as OF_SWEEP
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.tables import load_unchecked
from experiments.sweeps.worker import carry_out
from experiments.validation.replications import KIND as OF_VALIDATION
from experiments.validation.replications import Validation, measure, to_table
from sim.city import City
from sim.config import load_config
from sim.errors import ConfigError
from sim.loading import Loaded
from sim.wording import printable

type Repeat = Callable[[int], str | None]
"""Does a run again; what differs from what is stored, if anything."""

type Looked = tuple[Sequence[int], Sequence[str], Repeat, tuple[Loaded, ...]]
"""Numbers of the runs, the models that made them, how to do one again, and the extensions beside the model."""


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes:
        files: how many files were hashed.
        repeated: runs that were done again.
        faults: one line for each file or run that has changed.
        notes: further information for the reader.
        advice: how to repair the result.
    """

    files: int
    repeated: tuple[int, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    advice: str


def verify(path: Path, *, sample: int, seed: int = 0) -> Verdict:
    """Hash every file again, and do a random sample of runs again and compare every value.

    Args:
        path: folder that a command of `mahalle` made.
        sample: how many runs to do again.
        seed: of the sample.

    Raises:
        ConfigError: there is no finished result.
    """
    manifest = manifest_in(path) or {}
    kinds = {
        OF_SWEEP.made_by: _sweep,
        OF_CALIBRATION.made_by: _calibration,
        OF_VALIDATION.made_by: _validation,
        RUN: _run,
    }
    look = kinds.get(manifest.get("made_by", ""))
    if look is None and os.path.exists(path / MANIFEST):
        advice = "the command that made the folder, with --fresh, makes it again"
        raise ConfigError(f"has no {MANIFEST} that can be read; {advice}", source=str(path))
    if look is None and _is_of_a_paper(path):
        how = "mahalle reproduce --check compares them (with --figures FOLDER, where their files are your own)"
        how = f"{how}, and mahalle verify each folder in its folder runs"
        raise ConfigError(f"holds figures: {how}", source=str(path))
    if look is None:
        raise ConfigError("is not a folder that a command of mahalle made", source=str(path))
    if "files" not in manifest and look is not _sweep:
        raise ConfigError(f"is not finished: the same command of {manifest['made_by']} resumes it", source=str(path))
    if look is not _run and "models" not in manifest:
        raise ConfigError("was made by an older version, which kept less to verify it by", source=str(path))
    unread: list[str] = []
    try:
        runs, models, repeat, loaded = look(path, manifest)
    except (pa.ArrowException, OSError) as error:
        runs, models, repeat, loaded = [], [], _nothing, ()
        unread = [_unreadable(error)]
    wanted = {**manifest.get("study_files", {}), **manifest.get("files", {}), **digests_of_results(path)}
    faults = [] if is_as_written(manifest) else [f"{MANIFEST} has changed since it was written"]
    kept = look is not _run
    if kept:
        noted = Store(path, OF_SWEEP).journal()
        wanted |= {f"{SHARDS}/{name}": digest for name, digest in noted.items()}
        strange = sorted(file.name for file in (path / SHARDS).glob("*.parquet") if file.name not in noted)
        faults += [f"{SHARDS}/{name} is in no journal" for name in strange]
    faults = [*_altered(path, wanted), *faults, *unread]
    chosen = np.sort(np.random.default_rng(seed).permutation(np.array(runs, dtype=np.int64))[:sample]).tolist()
    repeated = []
    for run in chosen:
        try:
            fault = repeat(run)
        except pa.ArrowException as error:
            faults.append(_unreadable(error))
            break
        repeated.append(run)
        faults += [fault] if fault else []
    others = sorted(set(models) - {model_digest(loaded)[:12]})
    notes = [f"some runs were made by another version of the model: {', '.join(others)}"] if others else []
    study = "the sweep's command, given again, repeats damaged runs and rewrites the tables"
    advice = study if kept else f"the same command of {manifest['made_by']} writes it again"
    return Verdict(len(wanted), tuple(repeated), tuple(faults), tuple(notes), advice)


def _is_of_a_paper(path: Path) -> bool:
    from experiments.paper.building import SETTINGS  # it takes a quarter of a second

    return os.path.isfile(path / SETTINGS)


def _nothing(_: int) -> str | None:
    """Repeat no run."""
    return None


def _unreadable(error: Exception) -> str:
    """What is said where a table that runs are compared with is too damaged to be read."""
    return f"a table cannot be read ({printable(str(error), 80)}): no further run was repeated"


def _altered(path: Path, wanted: dict[str, str]) -> list[str]:
    faults = []
    for name, digest in sorted(wanted.items()):
        file = path / name
        if not os.path.exists(file):
            faults.append(f"{name} is missing")
        elif sha256(file) != digest:
            faults.append(f"{name} has changed since it was written")
    return faults


def _sweep(path: Path, manifest: dict[str, Any]) -> Looked:
    sweep = load_unchecked(path)  # a changed table is named among the faults
    done = sweep.runs.loc[sweep.runs.status == "done", ["run_id", "model"]]
    loaded = sweep.experiment.base.loaded
    return done.run_id.tolist(), done.model.tolist(), lambda run: _repeat_run(sweep.experiment, path, run), loaded


def _repeat_run(experiment: Experiment, path: Path, run: int) -> str | None:
    shard, fresh = carry_out(experiment, [run])
    if shard.failures:
        return f"run {run} failed when repeated: {shard.failures[run]['message']}"
    try:
        stored = pq.read_table(checked(path / "outcomes.parquet"), filters=[("run_id", "=", run)])
    except OSError as error:  # what was compressed cannot be unpacked
        raise pa.ArrowInvalid(str(error)) from None
    names = ("outcome", "week")
    if any(stored[name].to_pylist() != fresh[name].to_pylist() for name in names):
        return f"run {run} has different rows when repeated"
    before, after = stored["value"].to_numpy(), fresh["value"].to_numpy()
    differs = ~((before == after) | (np.isnan(before) & np.isnan(after)))
    if differs.any():
        place = int(np.flatnonzero(differs)[0])
        outcome, week = stored["outcome"][place].as_py(), stored["week"][place].as_py()
        was, now = float(before[place]), float(after[place])
        return f"run {run}: {outcome} in week {week} is {was!r} in the table, {now!r} when repeated"
    return None


def _calibration(path: Path, manifest: dict[str, Any]) -> Looked:
    calibration = load_calibration(path / CALIBRATION)
    if calibration.digest != manifest["digest"]:
        raise ConfigError(f"is not what was run: {CALIBRATION} or its base was changed since", source=str(path))
    table, simulate = pd.read_parquet(checked(path / CALIBRATION_RUNS)), OneRun(calibration)
    quantiles = table[[f"q:{key}" for key in calibration.keys]].to_numpy()

    def repeat(run: int) -> str | None:
        for label, now in simulate(quantiles[run], int(table["seed"].iloc[run])).items():
            was = float(table[label].iloc[run])
            if was != now and not (np.isnan(was) and np.isnan(now)):
                return f"run {run}: {label} is {was!r} in {CALIBRATION_RUNS}, {now!r} when repeated"
        return None

    return range(len(table)), [model[:12] for model in manifest["models"]], repeat, calibration.base.loaded


def _validation(path: Path, manifest: dict[str, Any]) -> Looked:
    all_of_them = Validation(load_config(path / CONFIG), bool(manifest["own_places"]))
    validation = replace(all_of_them, patterns=tuple(manifest.get("patterns", all_of_them.patterns)))
    table = pd.read_parquet(checked(path / "replications.parquet"))

    def repeat(number: int) -> str | None:
        again = to_table([measure(validation.config_of(number), validation.patterns)])
        stored = table[table.seed == manifest["seeds"][number]].reset_index(drop=True)
        same = stored.equals(again.astype(stored.dtypes.to_dict()))
        return None if same else f"the replication of seed {manifest['seeds'][number]} differs when repeated"

    return range(len(manifest["seeds"])), [model[:12] for model in manifest["models"]], repeat, validation.base.loaded


def _run(path: Path, manifest: dict[str, Any]) -> Looked:
    def repeat(_: int) -> str | None:
        city = City(load_run(path).config)
        start = facts_of_start(city)
        with tempfile.TemporaryDirectory() as name:
            write_tables(Path(name), run_of(city.run(), start))
            files = {file.name: manifest["files"].get(file.name) for file in Path(name).iterdir()}
            other = [file for file, digest in sorted(files.items()) if sha256(Path(name) / file) != digest]
        return f"when repeated, the run gives a different {', '.join(other)} than {MANIFEST} lists" if other else None

    loaded = load_config(path / CONFIG).loaded
    return [0], [manifest["model_digest"][:12]], repeat, loaded
