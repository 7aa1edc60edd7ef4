"""Runs that are kept where a study grows: they get the numbers that they have in the larger one.

    growing/   the larger study until it is in place: its files, and the runs under their new numbers with their journal

The manifest says `growing` from the moment at which that folder is complete to that at which all of it is in place.
A command that does runs, given again, then finishes it; whatever else reads the folder refuses. Before that moment
nothing has changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from experiments.folders import remove, write_text_atomically
from experiments.parquet import read_limited
from experiments.provenance import sha256
from experiments.study.shards import LARGEST, MOST_ROWS, SHARDS, Shard, name_of, write_shard

GROWING = "growing"
"""The folder, and the entry of the manifest."""

_REPLACED = "replaced"

JOURNAL = "journal.jsonl"
"""Journal of a study that is not shared out."""


@dataclass(frozen=True)
class Growth:
    """How a study grew.

    Attributes:
        point_of: number that each of its earlier points has now.
        points: how many points it has now.
    """

    point_of: tuple[int, ...]
    points: int

    def in_words(self, runs: int) -> str:
        """What is new, and what becomes of the runs that are there."""
        more, kept = self.points - len(self.point_of), f"{runs:,} runs are kept"
        if not more:
            return f"the experiment has its points in another order: {kept}"
        return f"the experiment has {more:,} {'point' if more == 1 else 'points'} more: {kept}"

    def number_of(self, run: int) -> int:
        """The number that a run has now."""
        replication, point = divmod(run, len(self.point_of))
        return replication * self.points + self.point_of[point]

    def renumbered(self, shard: Shard, table: pa.Table) -> tuple[Shard, pa.Table]:
        """A shard under the new numbers of its runs."""
        runs = {run: self.number_of(run) for run in shard.runs}
        failures = {runs[run]: why for run, why in shard.failures.items()}
        numbers = table["run_id"].to_numpy()
        new = np.array([runs[run] for run in shard.runs], dtype=np.int32)
        found = new[np.searchsorted(np.array(shard.runs), numbers)]
        table = table.set_column(table.schema.get_field_index("run_id"), "run_id", pa.array(found, pa.int32()))
        ordered = tuple(sorted(runs.values()))
        return Shard(name_of(ordered), shard.model, ordered, failures), table


def prepare(
    folder: Path, growth: Growth, shards: Iterable[Shard], keep_in: Callable[[Path], tuple[str, ...]]
) -> dict[str, str]:
    """Write the larger study beside the smaller one: its files, and the runs under their new numbers.

    Args:
        folder: of the study.
        growth: how it grew.
        shards: the runs that are there.
        keep_in: writes the files of the larger study into a folder and returns their names.

    Returns:
        SHA-256 of the files of the larger study, by name.

    Raises:
        OSError: they cannot be written; nothing is left of them.
    """
    place = folder / GROWING
    discard(folder)
    try:
        (place / SHARDS).mkdir(parents=True)
        notes = []
        for shard in shards:
            table = read_limited(folder / SHARDS / shard.file, most_rows=MOST_ROWS, most_bytes=LARGEST)
            notes.append({**write_shard(place, *growth.renumbered(shard, table)), "runs": len(shard.runs)})
        write_text_atomically(place / JOURNAL, "".join(f"{json.dumps(note)}\n" for note in notes))
        return {name: sha256(place / name) for name in keep_in(place)}
    except BaseException:
        with suppress(OSError):
            discard(folder)
        raise


def put_in_place(folder: Path, manifest: dict[str, Any], results: Iterable[str]) -> None:
    """Let the larger study take the place of the smaller; may have begun before.

    Args:
        folder: of the study.
        manifest: loses its entry `growing`; to be written afterwards.
        results: patterns of the names of files that were made from the runs of the smaller study, which are deleted.
    """
    place = folder / GROWING
    for path in sorted({path for pattern in results for path in folder.glob(pattern)}):
        remove(path)
    if (place / SHARDS).is_dir():
        if (folder / SHARDS).is_dir():
            os.rename(folder / SHARDS, place / _REPLACED)
        os.rename(place / SHARDS, folder / SHARDS)
    if (place / JOURNAL).is_file():
        for path in folder.glob("journal*.jsonl"):
            path.unlink()
        os.replace(place / JOURNAL, folder / JOURNAL)
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place)
        if path.is_file() and name.parts[0] != _REPLACED:
            (folder / name).parent.mkdir(exist_ok=True)
            os.replace(path, folder / name)
    discard(folder)
    manifest.pop(GROWING)


def discard(folder: Path) -> None:
    """Remove what is left of a growth that is done, or that was cut off before the manifest said so."""
    if os.path.lexists(folder / GROWING):
        remove(folder / GROWING)
