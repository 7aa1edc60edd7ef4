"""A guard against slow code: the engine's time as a ratio to a fixed workload's, beside the ratios stored before."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks import machine
from benchmarks.errors import BenchmarkError, say
from benchmarks.processes import ROOT, measure

REFERENCE = ROOT / "benchmarks" / "reference.json"
TOLERANCE = 0.2
CASES: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        "scale 0.1, 52 weeks": {"scale": 0.1, "weeks": 52},
        "scale 1, 26 weeks": {"scale": 1.0, "weeks": 26},
    }
)
STORE_IT = "`make bench-store` writes it again"


def ratios(names: Iterable[str] = tuple(CASES)) -> dict[str, float]:
    """Measure some cases, each in a fresh process."""
    found = {}
    for name in names:
        say(f"guard, {name}")
        found[name] = float(measure("interleaved.measure_ratio", **CASES[name])["ratio"])
    return found


def read_reference(path: Path = REFERENCE) -> dict[str, float]:
    """The stored ratio of every case.

    Raises:
        BenchmarkError: there is no such file, or it does not hold a positive number for each.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BenchmarkError(f"{path.name}: no such file in benchmarks/; {STORE_IT}") from None
    except (OSError, ValueError) as error:
        raise BenchmarkError(f"{path.name} cannot be read ({type(error).__name__}); {STORE_IT}") from None
    stored = content.get("ratios") if isinstance(content, dict) else None
    found = {}
    for name in CASES:
        value = stored.get(name) if isinstance(stored, dict) else None
        if not (isinstance(value, int | float) and not isinstance(value, bool) and 0.0 < value < math.inf):
            raise BenchmarkError(f"{path.name} holds no ratio for {name!r}; {STORE_IT}")
        found[name] = float(value)
    return found


def write_reference(found: Mapping[str, float], path: Path = REFERENCE) -> None:
    """Store the ratios, and on what they were measured."""
    content = {
        "measured_on": machine.describe(),
        "ratios": {name: round(ratio, 4) for name, ratio in found.items()},
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def slower(found: Mapping[str, float], stored: Mapping[str, float]) -> list[str]:
    """The cases whose ratio is more than a fifth above the stored one."""
    return [name for name, before in stored.items() if found[name] > before * (1.0 + TOLERANCE)]


def warnings(found: Mapping[str, float], stored: Mapping[str, float]) -> list[str]:
    """One line for each case that is slower."""
    return [
        f"slower: {name} takes {found[name]:.2f} of the workload's time, {found[name] / stored[name] - 1.0:.0%} more "
        f"than the {stored[name]:.2f} stored; up to {TOLERANCE:.0%} passes"
        for name in slower(found, stored)
    ]


def check(path: Path = REFERENCE) -> int:
    """Measure and compare; the exit status is 1 if there is a warning.

    A case that seems slower is measured once more, and the lower ratio counts.
    """
    stored = read_reference(path)
    found = ratios()
    again = ratios(slower(found, stored))
    found |= {name: min(ratio, found[name]) for name, ratio in again.items()}
    for name, ratio in found.items():
        print(f"{name}: {ratio:.2f} of the workload's time, stored {stored[name]:.2f}")
    warned = warnings(found, stored)
    for line in warned:
        say(line)
    return int(bool(warned))


def store(path: Path = REFERENCE) -> int:
    """Measure and store."""
    found = ratios()
    write_reference(found, path)
    for name, ratio in found.items():
        print(f"{name}: {ratio:.2f} of the workload's time, now stored")
    return 0
