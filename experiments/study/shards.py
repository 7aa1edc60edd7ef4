"""Shards: files of finished runs; and the lines of the journal that note them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from experiments.folders import atomic_write
from experiments.parquet import checked, refuse_large
from experiments.provenance import sha256

SHARDS = "shards"
"""Subfolder of shards."""

MOST_ROWS, LARGEST = 10_000_000, 1_000_000_000
"""Most rows and most bytes, unpacked, of a shard that is read: some seconds of runs are far below."""

SCHEMA = pa.schema(
    [
        ("run_id", pa.int32()),
        ("replication", pa.int32()),
        ("outcome", pa.string()),
        ("week", pa.int32()),
        ("value", pa.float64()),
    ]
)
"""Columns of a shard and of outcomes.parquet; week is -1 for a statistic over weeks."""

_KEY = b"mahalle"


class Failure(TypedDict):
    """Why a run failed."""

    error: str
    message: str
    traceback: str


@dataclass(frozen=True)
class Shard:
    """One file of finished runs.

    Attributes:
        file: its name.
        model: digest of the model's source that made it.
        runs: numbers of the runs, ascending.
        failures: of those that failed, by number: error, message and traceback.
    """

    file: str
    model: str
    runs: tuple[int, ...]
    failures: Mapping[int, Failure]


class _ShardNote(BaseModel):
    """What stands in a shard's metadata."""

    model: str
    runs: Annotated[list[int], Field(min_length=1)]
    failures: dict[int, Failure]


def name_of(runs: Sequence[int]) -> str:
    """Name of the file for exactly these runs, independent of the worker."""
    digest = hashlib.sha256(",".join(map(str, runs)).encode()).hexdigest()
    return f"{runs[0]:08d}-{digest[:12]}.parquet"


def first_run(file: str) -> int:
    """The first run in a shard of this name; -1 if it is none of ours."""
    number = file.partition("-")[0]
    return int(number) if number.isdecimal() else -1


def write_shard(folder: Path, shard: Shard, table: pa.Table) -> dict[str, Any]:
    """Write a shard atomically, and return what the journal notes of it.

    Raises:
        OSError: it cannot be written; no partial file is left.
    """
    note = {
        "model": shard.model,
        "runs": list(shard.runs),
        "failures": {str(run): dict(failure) for run, failure in shard.failures.items()},
    }
    table = table.cast(SCHEMA).replace_schema_metadata({_KEY: json.dumps(note).encode()})
    target = folder / SHARDS / shard.file
    with atomic_write(target) as partial:
        pq.write_table(table, partial, compression="zstd")
    return {"file": shard.file, "sha256": sha256(target), "bytes": target.stat().st_size}


def read_shard(path: Path) -> Shard:
    """Read what stands in a shard's metadata.

    Raises:
        ValueError: it is no shard, is cut off, or is larger than a shard can be.
        OSError: it cannot be read.
    """
    try:
        footer = pq.read_metadata(path)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from None
    refuse_large(footer, most_rows=MOST_ROWS, most_bytes=LARGEST)
    metadata = footer.metadata or {}
    if _KEY not in metadata:
        raise ValueError("no shard of a sweep")
    note = _ShardNote.model_validate_json(metadata[_KEY])
    return Shard(path.name, note.model, tuple(note.runs), note.failures)


def last_values(path: Path, label: str) -> dict[int, float]:
    """Of each run in a shard the last value that an outcome has; NaN where it has none.

    Args:
        path: the shard.
        label: of the outcome.
    """
    table = pq.read_table(checked(path), columns=["run_id", "value"], filters=[("outcome", "=", label)])
    found: dict[int, float] = {}
    for run, value in zip(table["run_id"].to_pylist(), table["value"].to_pylist(), strict=True):
        if value == value or run not in found:
            found[run] = value
    return found


class JournalEntry(BaseModel):
    """A line of the journal: a shard that was finished, or set aside; further entries are for people."""

    model_config = ConfigDict(extra="ignore", strict=True)

    file: str
    sha256: str = ""
    set_aside: bool = False
