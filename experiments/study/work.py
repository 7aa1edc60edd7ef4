"""What a worker does in any study: some runs into one shard; it hands back a receipt, never a table."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from experiments.provenance import sha256
from experiments.study.runner import Receipt
from experiments.study.shards import SCHEMA, SHARDS, Failure, Shard, name_of, read_shard, write_shard
from experiments.study.store import model_now
from sim.loading import Loaded

type OneRun = Callable[[int], pa.Table]
"""From the number of a run to its rows (`SCHEMA`)."""


class FailedRunError(RuntimeError):
    """A run failed where none may; the message says how to repeat it, its cause says why."""


def work(
    folder: Path,
    runs: Sequence[int],
    one_run: OneRun,
    loaded: Sequence[Loaded],
    values: Callable[[Path], Mapping[int, Any]] = lambda _: {},
) -> Receipt:
    """Do some runs and write their shard, unless it is there already.

    Args:
        folder: the study's.
        runs: their numbers, ascending.
        one_run: does one of them.
        loaded: extensions, which are part of the model.
        values: of a shard what the receipt says of its runs.

    Raises:
        OSError: the shard cannot be written, for example because the disk is full.
    """
    begun, path = time.perf_counter(), folder / SHARDS / name_of(runs)
    if path.exists():
        shard, seconds = read_shard(path), 0.0
        note = {"file": path.name, "sha256": sha256(path), "bytes": path.stat().st_size}
    else:
        shard, table = carry_out(runs, one_run, loaded)
        note = write_shard(folder, shard, table)
        seconds = time.perf_counter() - begun
        note |= {"runs": len(runs), "failed": len(shard.failures), "seconds": round(seconds, 3), "worker": os.getpid()}
    return Receipt(shard.runs, len(shard.failures), values(path), note, seconds)


def carry_out(runs: Sequence[int], one_run: OneRun, loaded: Sequence[Loaded]) -> tuple[Shard, pa.Table]:
    """Do some runs and return them as a shard and its table; one that fails is noted, and the rest goes on."""
    failures: dict[int, Failure] = {}
    tables = [SCHEMA.empty_table()]
    for run in runs:
        try:
            tables.append(one_run(run).cast(SCHEMA))
        except Exception as error:
            cause = error.__cause__ if isinstance(error, FailedRunError) and error.__cause__ else error
            failures[run] = {
                "error": type(cause).__name__,
                "message": " ".join(str(error).split()),
                "traceback": traceback.format_exc(),
            }
    return Shard(name_of(runs), model_now(tuple(loaded)), tuple(runs), failures), pa.concat_tables(tables)


def failures_in(folder: Path) -> dict[int, str]:
    """What failed runs in a folder say of themselves, by run."""
    shards = (read_shard(path) for path in sorted((folder / SHARDS).glob("*.parquet")))
    return {run: failure["message"] for shard in shards for run, failure in shard.failures.items()}
