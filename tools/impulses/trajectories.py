"""The programme less the status quo, week by week, with common random numbers: what it does over time, with bands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.figures.style import BLUE, GREY, house_style, new_figure
from experiments.impulses import EVERY
from experiments.statistics import interval_of_numbers
from experiments.units import in_words
from experiments.validation.cities import Cities
from experiments.validation.companions.memory import STATUS_QUO
from sim.city import City
from sim.config import Config
from sim.place import Foundations

OUTCOMES = (
    "trust_in_municipality",
    "trust_in_council",
    "trust_in_people",
    "participation_rate",
    "service_level",
    "expectation",
    "hope",
    "belonging",
)
COLUMNS = 4


def trajectories(config: Config, seeds: Sequence[int]) -> pd.DataFrame:
    """Differences between the config and the status quo with common random numbers: columns seed, week and `OUTCOMES`.

    Args:
        config: the city; beside it the same city with the municipality's decisions from the first week on.
        seeds: seeds of the replications.
    """
    alone = Cities(config).under(STATUS_QUO)
    weeks, foundations, parts = range(0, config.run.weeks + 1, EVERY), Foundations(), []
    for seed in seeds:
        with_it, without = (
            City(settings, rng=seed, foundations=foundations, measured_weeks=weeks).run().history
            for settings in (config, alone)
        )
        part = with_it[list(OUTCOMES)] - without[list(OUTCOMES)]
        part.insert(0, "week", with_it.week)
        part.insert(0, "seed", seed)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw the differences on one scale, with 95 % intervals of their mean over replications.

    Args:
        table: as `trajectories` returns it.
        path: PNG.
    """
    rows = -(-len(OUTCOMES) // COLUMNS)
    with house_style():
        figure = new_figure(9.6, 2.0 * rows + 0.45, 160)
        axes = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
        looks = np.sort(table.week.unique())
        for place, name in enumerate(OUTCOMES):
            axis = axes[place // COLUMNS, place % COLUMNS]
            ends = np.array([interval_of_numbers(values[name].to_list()) for _, values in table.groupby("week")])
            axis.fill_between(looks, ends[:, 1], ends[:, 2], color=BLUE, alpha=0.25, linewidth=0.0)
            axis.plot(looks, ends[:, 0], color=BLUE)
            axis.axhline(0.0, color=GREY, linewidth=0.6)
            axis.set_title(in_words(name))
            axis.set_xlim(0, looks[-1])
            axis.set_xticks(np.arange(0, looks[-1] + 1, 52), [str(year) for year in range(looks[-1] // 52 + 1)])
        for axis in axes[-1]:
            axis.set_xlabel("years")
        for row in axes:
            row[0].set_ylabel("programme less status quo")
        figure.tight_layout()
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
