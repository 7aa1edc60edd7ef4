"""The engine at three sizes beside the object-per-agent model, in one run: `python -m benchmarks.engine`.

Prints nanoseconds and bytes per resident and week, and ratios: times mean little by themselves, for machines differ.
"""

from __future__ import annotations

import resource
import sys
import time

import sim
from tests.docking.model import seconds_per_resident_week

SCALES = (0.1, 1.0)


def time_engine(scale: float) -> tuple[int, float, float]:
    """Residents, seconds to build, and seconds per resident and week of the Rafsanjan config, tables recorded."""
    config = sim.load_config("configs/cities/rafsanjan.yaml", values={"run.scale": scale})
    began = time.perf_counter()
    city = sim.City(config, rng=1)
    built = time.perf_counter()
    city.run()
    residents = len(city.residents)
    return residents, built - began, (time.perf_counter() - built) / (residents * config.run.weeks)


def main() -> None:
    """Print a Markdown table."""
    plain = seconds_per_resident_week(2_000, 52)
    print("| model | residents | build, s | ns per resident-week | times as fast as object per agent | peak MB |")
    print("|---|---|---|---|---|---|")
    print(f"| object per agent (docking) | 2,000 | | {plain * 1e9:,.0f} | 1 | |")
    for scale in SCALES:
        residents, built, seconds = time_engine(scale)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cells = f"{residents:,} | {built:.2f} | {seconds * 1e9:,.0f} | {plain / seconds:,.0f} | {peak:,.0f}"
        print(f"| engine, scale {scale:g} | {cells} |")


if __name__ == "__main__":
    sys.exit(main())
