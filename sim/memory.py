"""Memory: estimated before a city is built, and refused with the figure if there is not enough."""

from __future__ import annotations

import psutil

from sim.config import Config
from sim.errors import ConfigError

BYTES_PER_RESIDENT = 1_600
"""Peak of building and running, per agent at ten ties each (measured with `benchmarks/engine.py`)."""

BYTES_PER_SNAPSHOT = 130
"""Per agent and week of `run.snapshot_weeks`."""


def estimate_bytes(config: Config) -> int:
    """Peak memory of a run in bytes, from the number of agents, the weeks recorded and the snapshots."""
    population = config.city.population
    agents = population.total * population.agent_share * config.run.scale
    snapshots = len(config.run.snapshot_weeks) * BYTES_PER_SNAPSHOT
    recorded = (config.run.weeks + 1) * config.city.neighbourhoods.count * 40 * 8
    return int(agents * (BYTES_PER_RESIDENT + snapshots) + recorded + 150e6)


def refuse_if_too_large(config: Config) -> None:
    """Raise a ConfigError that names the figures if a run needs more memory than there is."""
    needed, there = estimate_bytes(config), psutil.virtual_memory().available
    if needed > there:
        raise ConfigError(
            f"{config.run.scale:g} of {config.city.population.total:,} residents need about {needed / 1e9:.1f} GB of "
            f"memory and {there / 1e9:.1f} GB are free: lower run.scale or city.population.total",
            key="run.scale",
        )
