"""A comparison that misleads: neighbourhoods with a council beside those without, in the year councils were formed.

    python docs/examples/naive_comparison.py

At week 84, 30 of 50 neighbourhoods have a council, and need decided which (need-first roll-out, as the press reported).
The naive estimate is the mean of those with a council less that of those without; the paired one is the mean, over the
same neighbourhoods with a council, of the run with the programme less the run without it, with common random numbers.
"""

from __future__ import annotations

import sys

import numpy as np

import sim
from experiments.statistics import t_interval

WEEK = 84
OUTCOMES = ("service_level", "trust_in_municipality", "participation_rate")


def main(replications: int = 10, scale: float = 0.1) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Run the city with and without the programme, and print both estimates with their 95 % intervals."""
    values = {"run.scale": scale, "run.weeks": WEEK}
    config = sim.load_config("rafsanjan", values=values)
    without = sim.load_config("rafsanjan", policies=["status_quo"], values=values)
    naive: dict[str, list[float]] = {name: [] for name in OUTCOMES}
    paired: dict[str, list[float]] = {name: [] for name in OUTCOMES}
    for seed in range(replications):
        cities = [sim.City(chosen, rng=seed).run() for chosen in (config, without)]
        with_it, without_it = (city.neighbourhood_history.query("week == @WEEK") for city in cities)
        council = with_it["council"].to_numpy()
        for name in OUTCOMES:
            there, not_there = with_it[name].to_numpy(), without_it[name].to_numpy()
            naive[name].append(there[council].mean() - there[~council].mean())
            paired[name].append((there - not_there)[council].mean())
    found = {}
    print(f"{'':24}{'naive':>30}{'paired':>30}")
    for name in OUTCOMES:
        found[name] = {"naive": t_interval(np.array(naive[name])), "paired": t_interval(np.array(paired[name]))}
        texts = [f"{mean:+.4f} ({low:+.4f} to {high:+.4f})" for mean, low, high in found[name].values()]
        print(f"{name:24}{texts[0]:>30}{texts[1]:>30}")
    return found


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((int, float), sys.argv[1:], strict=False)))
