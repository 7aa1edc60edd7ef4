"""Memory: estimated before a city is built, and refused with the figure if there is not enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from sim.errors import ConfigError

if TYPE_CHECKING:
    from sim.config import Config

BYTES_PER_RESIDENT = 1_600
"""Peak of building and running, per agent at ten ties each (measured with `benchmarks/engine.py`)."""

BYTES_PER_SNAPSHOT = 130
"""Per agent and week of `run.snapshot_weeks`."""


def estimate_bytes(config: Config, agents: float | None = None) -> int:
    """Peak memory of a run in bytes, from the number of agents, the weeks recorded and the snapshots.

    Args:
        config: the run's.
        agents: how many there are; as many as the population and the scale say if None.
    """
    population = config.city.population
    if agents is None:
        agents = population.total * population.agent_share * config.run.scale
    snapshots = len(config.run.snapshot_weeks) * BYTES_PER_SNAPSHOT
    recorded = (config.run.weeks + 1) * config.city.neighbourhoods.count * 40 * 8
    return int(agents * (BYTES_PER_RESIDENT + snapshots) + recorded + 150e6)


def refuse_if_too_large(config: Config, agents: float | None = None) -> None:
    """Raise a ConfigError that names the figures if a run needs more memory than there is; arguments as above."""
    needed, there = estimate_bytes(config, agents), psutil.virtual_memory().available
    if needed > there:
        scale, total = config.run.scale, config.city.population.total
        who = f"{scale:g} of {total:,} residents" if agents is None else f"{agents:,.0f} residents as agents"
        raise ConfigError(
            f"{who} need about {needed / 1e9:.1f} GB of memory and {there / 1e9:.1f} GB are free: lower run.scale"
            f"{' or city.population.total' if agents is None else ''}",
            key="run.scale",
        )
