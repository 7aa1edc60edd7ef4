"""Kills a sweep again and again at random moments, and shows that nothing is lost: `make kill-sweep`.

    python -m tests.sweeps.killing [times [seed]]

Each time the sweep and its workers are killed (kill -9), and the same command is given again. In the end the tables
must be those of a sweep that nobody disturbed, and no run may have been finished twice.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from experiments.study.shards import read_shard
from tests.sweeps.conftest import digests, kill_all, mahalle, start, tiny


def killed_again_and_again(folder: Path, *, times: int, seed: int, replications: int) -> int:
    """Kill a sweep `times` times, then let it finish; returns how often it was killed while it had work to do."""
    chance, caught = random.Random(seed), 0
    experiment = tiny(folder, replications=replications)
    words = ("sweep", experiment, "--out", folder / "sweep", "--workers", "2", "--quiet")
    for _ in range(times):
        process = start(*words)
        time.sleep(chance.uniform(0.5, 6.0))
        caught += process.poll() is None
        kill_all(process)
    mahalle(*words)
    return caught


def faults(folder: Path, undisturbed: Path) -> list[str]:
    """What is wrong with a sweep that was killed."""
    found = []
    if digests(folder / "sweep") != digests(undisturbed):
        found.append("the tables differ from those of an undisturbed sweep")
    shards = [read_shard(path) for path in (folder / "sweep/shards").glob("*.parquet")]
    twice = [run for run, times in Counter(run for shard in shards for run in shard.runs).items() if times > 1]
    if twice:
        found.append(f"runs finished twice: {twice}")
    lines = (folder / "sweep/journal.jsonl").read_text(encoding="utf-8").splitlines()
    files = Counter(json.loads(line)["file"] for line in lines if line.endswith("}"))
    found += [f"{file} stands in the journal {times} times" for file, times in files.items() if times > 1]
    return found


def main() -> int:
    """Do it and say what came of it."""
    times, seed = ([int(word) for word in sys.argv[1:]] + [20, 1][len(sys.argv) - 1 :])[:2]
    with tempfile.TemporaryDirectory() as name:
        calm, wild = Path(name) / "calm", Path(name) / "wild"
        calm.mkdir()
        wild.mkdir()
        mahalle("sweep", tiny(calm, replications=60), "--out", calm / "sweep", "--quiet")
        caught = killed_again_and_again(wild, times=times, seed=seed, replications=60)
        found = faults(wild, calm / "sweep")
    print(f"killed {times} times, {caught} of them at work: {'; '.join(found) or 'nothing lost, nothing done twice'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
