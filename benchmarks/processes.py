"""Every case is measured in its own new process, on one thread, so that its peak memory is its own."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError

ROOT = Path(__file__).resolve().parents[1]
FAILED = 1
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "BLIS")} | {
    "VECLIB_MAXIMUM_THREADS": "1"
}


def measure(function: str, python: str | Path = sys.executable, **arguments: Any) -> dict[str, Any]:
    """Call `module.function` of this package in a fresh process and return what it returns.

    This process stays small, without NumPy: the peak memory of a process counts from that of the one it was born of.
    """
    command = [str(python), "-m", "benchmarks.processes", function, json.dumps(arguments)]
    child = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, text=True)
    if child.returncode != 0:
        raise BenchmarkError(f"{function} failed; its own message stands above", FAILED)
    result: dict[str, Any] = json.loads(child.stdout)
    return result


def peak_mb() -> float:
    """Most memory this process has held so far, in MB (10⁶ bytes)."""
    import resource  # not on Windows, where `--help` and the tests of the tables still work

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def main(function: str, arguments: str) -> None:
    """Carry out one case and print its result as JSON; whatever the case itself prints goes to the error stream."""
    module, name = function.split(".")
    with redirect_stdout(sys.stderr):
        result = getattr(importlib.import_module(f"benchmarks.{module}"), name)(**json.loads(arguments))
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
