"""How long fresh processes take to answer: the command line, the import of Mesa, and Python alone."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.processes import FAILED, ROOT

COMMAND = Path(sys.executable).with_name("mahalle")
COMMANDS = {
    "mahalle --help": [str(COMMAND), "--help"],
    "mahalle --version": [str(COMMAND), "--version"],
    "mahalle list": [str(COMMAND), "list"],
    "mahalle check status_quo": [str(COMMAND), "check", "status_quo"],
    "mahalle schema": [str(COMMAND), "schema"],
    "python -c 'import mesa'": [sys.executable, "-c", "import mesa"],
    "python -c ''": [sys.executable, "-c", ""],
}
RUN = "mahalle run, without building and the weeks"
"""All of a full-size run that is neither the city's building nor its weeks: imports, writing, drawing, ending."""


def compare_starts(times: int) -> dict[str, float]:
    """Median wall seconds of each command, started in turn; a first round, which reads the disk, does not count."""
    if not COMMAND.exists():
        raise BenchmarkError("there is no `mahalle` beside this Python: run `make`, or .venv/bin/python -m benchmarks")
    rounds = [
        {**{name: seconds(command) for name, command in COMMANDS.items()}, RUN: seconds_around_a_run()}
        for _ in range(times + 1)
    ][1:]
    return {name: statistics.median(found[name] for found in rounds) for name in (*COMMANDS, RUN)}


def seconds(command: list[str]) -> float:
    """Wall time of one process."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(command[1:])} failed; its own message stands above", FAILED)
    return time.perf_counter() - began


def seconds_around_a_run() -> float:
    """Wall time of a run of the shipped city, less what its manifest says of building and weeks."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        wall = seconds([str(COMMAND), "run", "rafsanjan", "--quiet", "--out", str(folder)])
        timing = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["timing"]
    return wall - float(timing["build_s"]) - float(timing["run_s"])
