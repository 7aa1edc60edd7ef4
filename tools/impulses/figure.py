"""Impulse responses in one figure: what is left of each push, year by year, beside what the parameters state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.figures.style import BLUE, GREY, VERMILION, house_style, new_figure
from experiments.impulses import ARMS, FOLLOWED_WEEKS
from experiments.statistics import interval_of_numbers

COLUMNS = 4
COLOURS = dict(zip(ARMS, (BLUE, VERMILION), strict=True))


def draw(table: pd.DataFrame, stated: Mapping[str, float], path: Path) -> None:
    """Draw the responses; bands are 95 % intervals of the mean over replications.

    Args:
        table: as `impulses.responses` returns it.
        stated: half-lives in weeks, by impulse, of a push that nothing else answers.
        path: PNG.
    """
    names = list(stated)
    rows = -(-len(names) // COLUMNS)
    with house_style():
        figure = new_figure(9.6, 2.0 * rows + 0.75, 160)
        axes = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
        years = np.arange(0, FOLLOWED_WEEKS + 1, 52)
        for place, name in enumerate(names):
            axis = axes[place // COLUMNS, place % COLUMNS]
            weeks = np.arange(FOLLOWED_WEEKS + 1)
            axis.plot(weeks, 0.5 ** (weeks / stated[name]), color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
            for arm, colour in COLOURS.items():
                part = table[(table.arm == arm) & (table.impulse == name)]
                ends = np.array([interval_of_numbers(values.left.to_list()) for _, values in part.groupby("week")])
                looks = np.sort(part.week.unique())
                axis.fill_between(looks, ends[:, 1], ends[:, 2], color=colour, alpha=0.25, linewidth=0.0)
                axis.plot(looks, ends[:, 0], color=colour)
            axis.axhline(0.5, color=GREY, linewidth=0.4)
            axis.set_title(name)
            axis.set_ylim(-0.1, 1.1)
            axis.set_xlim(0, FOLLOWED_WEEKS)
            axis.set_xticks(years, [str(year // 52) for year in years])
        for place in range(len(names), rows * COLUMNS):
            axes[place // COLUMNS, place % COLUMNS].set_visible(False)
        for axis in axes[-1]:
            axis.set_xlabel("years after the push")
        for row in axes:
            row[0].set_ylabel("share left")
        handles = [axes[0, 0].plot([], [], color=colour, label=arm)[0] for arm, colour in COLOURS.items()]
        dashed = axes[0, 0].plot([], [], color=GREY, linestyle=(0, (4, 2)), label="half-life the parameter states")[0]
        figure.legend(handles=[*handles, dashed], loc="upper left", bbox_to_anchor=(0.04, 1.0), ncols=3)
        figure.tight_layout(rect=(0.0, 0.0, 1.0, 1.0 - 0.35 / (2.0 * rows + 0.75)))
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
