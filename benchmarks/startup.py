"""How long fresh processes take to answer: the command line, the import of Mesa, and Python alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.processes import FAILED, ROOT

COMMAND = Path(sys.executable).with_name("mahalle")
COMMANDS = {
    "mahalle --help": [str(COMMAND), "--help"],
    "python -c 'import mesa'": [sys.executable, "-c", "import mesa"],
    "python -c ''": [sys.executable, "-c", ""],
}


def compare_starts(times: int) -> dict[str, float]:
    """Median wall seconds of each command, started in turn; a first round, which reads the disk, does not count."""
    if not COMMAND.exists():
        raise BenchmarkError("there is no `mahalle` beside this Python: run `make`, or .venv/bin/python -m benchmarks")
    rounds = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(times + 1)][1:]
    return {name: statistics.median(times[name] for times in rounds) for name in COMMANDS}


def seconds(command: list[str]) -> float:
    """Wall time of one process."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(command[1:])} failed; its own message stands above", FAILED)
    return time.perf_counter() - began
