"""Kills commands again and again at random moments, and shows that nothing is lost: `make kill-sweep`.

    python -m tests.bad_days.killing [times [seed]]

Each time a command and its workers are killed (kill -9), and the same command is given again. In the end the results
must be those of a command that nobody disturbed, no run may have been finished twice, and no partial file may be left.
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
from tests.bad_days.injecting import left_over
from tests.bad_days.resumable import RESULTS, begin, digests, has_kept, words_of
from tests.sweeps.conftest import kill_all, mahalle, start


def killed_again_and_again(words: list[str], *, times: int, seed: int) -> int:
    """Kill a command `times` times, then let it finish; returns how often it was killed while it had work to do."""
    chance, caught = random.Random(seed), 0
    for _ in range(times):
        process = start(*words)
        time.sleep(chance.uniform(0.5, 6.0))
        caught += process.poll() is None
        kill_all(process)
    mahalle(*words)
    return caught


def faults(folder: Path) -> list[str]:
    """What is wrong with the runs in a folder."""
    shards = [read_shard(path) for path in (folder / "shards").glob("*.parquet")]
    twice = [run for run, times in Counter(run for shard in shards for run in shard.runs).items() if times > 1]
    found = [f"runs finished twice: {twice}"] if twice else []
    lines = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    files = Counter(json.loads(line)["file"] for line in lines if line.endswith("}"))
    found += [f"{file} stands in the journal {times} times" for file, times in files.items() if times > 1]
    left = left_over(folder)
    return [*found, f"left {left}"] if left else found


def main() -> int:
    """Do it and say what came of it."""
    times, seed = ([int(word) for word in sys.argv[1:]] + [20, 1][len(sys.argv) - 1 :])[:2]
    wrong = 0
    for place, command in enumerate(RESULTS):
        each = (times + place) // len(RESULTS)
        with tempfile.TemporaryDirectory() as name:
            calm, wild = Path(name) / "calm", Path(name) / "wild"
            for folder in (calm, wild):
                folder.mkdir()
            begin(command, wild, lambda words: mahalle(*words))
            mahalle(*words_of(command, calm))
            caught = killed_again_and_again(words_of(command, wild), times=each, seed=seed + place)
            found = faults(wild / "out")
            again = mahalle(*(word for word in words_of(command, wild) if word != "--quiet"))
            if command == "grow" and not has_kept(again):
                found.append("runs that were there were not kept")
            if digests(command, wild) != digests(command, calm):
                found.append("the results differ from those of a command that was not disturbed")
        wrong += bool(found)
        came_of_it = "; ".join(found) or "nothing lost, nothing done twice"
        print(f"{command}: killed {each} times, {caught} of them at work: {came_of_it}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
