"""Runs that are kept where a study grows: they get the numbers that they have in the larger one.

    growing/   the runs under their new numbers and their journal, until they take the place of the old ones
    earlier/   the shards of runs that are done again, because a run keeps only the outcomes asked for

The manifest says `growing` from the moment at which the new shards are complete to that at which they are in place.
Whoever opens the folder in between finishes it; before that moment nothing has changed.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from experiments.folders import remove, write_text_atomically
from experiments.parquet import read_limited
from experiments.study.shards import LARGEST, MOST_ROWS, SHARDS, Shard, name_of, write_shard

GROWING, EARLIER = "growing", "earlier"
"""Folders, and the entry of the manifest."""

JOURNAL = "journal.jsonl"
"""Journal of a study that is not shared out."""


@dataclass(frozen=True)
class Growth:
    """How a study grew.

    Attributes:
        point_of: number that each of its earlier points has now.
        points: how many points it has now.
        outcomes: labels of outcomes that it did not have.
    """

    point_of: tuple[int, ...]
    points: int
    outcomes: tuple[str, ...]

    def in_words(self, runs: int) -> str:
        """What is new, and what becomes of the runs that are there."""
        more = self.points - len(self.point_of)
        new = [f"{more:,} {'point' if more == 1 else 'points'}"] if more else []
        new += [f"{len(self.outcomes):,} {'outcome' if len(self.outcomes) == 1 else 'outcomes'}"] * bool(self.outcomes)
        what = f"{runs:,} runs are kept"
        if self.outcomes:
            what = f"a run keeps only the outcomes asked for, so {runs:,} runs are done again; they stay in {EARLIER}/"
        return f"the experiment has {' and '.join(new) or 'another order of its points'} more: {what}"

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


def prepare(folder: Path, growth: Growth, shards: list[Shard]) -> None:
    """Write the runs under their new numbers, with their journal, beside the old ones.

    Raises:
        OSError: they cannot be written.
    """
    place = folder / GROWING
    discard(folder)
    (place / SHARDS).mkdir(parents=True)
    notes = []
    for shard in () if growth.outcomes else shards:
        table = read_limited(folder / SHARDS / shard.file, most_rows=MOST_ROWS, most_bytes=LARGEST)
        notes.append({**write_shard(place, *growth.renumbered(shard, table)), "runs": len(shard.runs)})
    write_text_atomically(place / JOURNAL, "".join(f"{json.dumps(note)}\n" for note in notes))


def put_in_place(folder: Path, manifest: dict[str, Any]) -> None:
    """Let the new shards take the place of the old; may have begun before, and takes `growing` out of the manifest."""
    place, old = folder / GROWING, folder / EARLIER
    if (place / SHARDS).is_dir():
        if (folder / SHARDS).is_dir():
            if old.is_dir():
                shutil.rmtree(old)
            os.rename(folder / SHARDS, old)
        os.rename(place / SHARDS, folder / SHARDS)
    if (place / JOURNAL).is_file():
        for path in folder.glob("journal*.jsonl"):
            path.unlink()
        os.replace(place / JOURNAL, folder / JOURNAL)
    if not manifest.pop(GROWING) and old.is_dir():
        shutil.rmtree(old)
    discard(folder)


def discard(folder: Path) -> None:
    """Remove what an interrupted beginning left."""
    if os.path.lexists(folder / GROWING):
        remove(folder / GROWING)
