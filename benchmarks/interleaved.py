"""The engine's time as a ratio to the fixed workload's: both in one process, a week and a pass in turn."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from benchmarks.engine import CONFIG
from benchmarks.workload import Workload

Times = list[tuple[float, float]]
"""Seconds of a week of the engine and of the pass after it, week by week."""

EARLY = {"policy.rollout.milestones": [{"week": 0, "share": 1.0}], "policy.mayor.from_week": 8}
"""Councils from the first weeks and mayors soon after, so that a short run has all that a long one has."""

FEWEST, MOST, LOOK_BACK = 5, 20, 3
STABLE = 0.01


def measure_ratio(scale: float, weeks: int, most: int = MOST) -> dict[str, Any]:
    """Repeat the same weeks until the ratio is stable.

    Of every week and of every pass the least time of all repeats counts, for whatever else the machine does can only
    add to it; the sum over the weeks is then divided by the sum over the passes.
    """
    import sim

    config = sim.load_config(CONFIG, values={**EARLY, "run.scale": scale, "run.weeks": weeks})
    least: Times = []
    ratios: list[float] = []
    residents, workload = 0, None
    while len(ratios) < most and not is_stable(ratios):
        city = sim.City(config, rng=1)
        residents = len(city.residents)
        workload = workload or Workload(residents)
        gc.collect()
        times = alternate(city.step, workload.run, weeks)
        least = least_of(least, times) if least else times
        ratios.append(sum(week for week, _ in least) / sum(after for _, after in least))
    return {"residents": residents, "ratio": ratios[-1], "repeats": len(ratios)}


def alternate(first: Callable[[], Any], second: Callable[[], Any], times: int) -> Times:
    """Seconds of two pieces of work, done in turn."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        first()
        between = time.perf_counter()
        second()
        found.append((between - began, time.perf_counter() - between))
    return found


def least_of(one: Times, other: Times) -> Times:
    """Week by week the lesser of two repeats."""
    return [(min(a, c), min(b, d)) for (a, b), (c, d) in zip(one, other, strict=True)]


def is_stable(ratios: list[float]) -> bool:
    """Whether the last repeats moved the ratio by no more than a hundredth."""
    latest = ratios[-LOOK_BACK:]
    return len(ratios) >= FEWEST and max(latest) <= min(latest) * (1.0 + STABLE)
