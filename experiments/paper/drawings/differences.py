"""Differences of several policies from one of them, each outcome against the least difference that matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field

from experiments.contrasts.arms import arm_named
from experiments.contrasts.tables import contrasts, means
from experiments.figures import style
from experiments.figures.intervals import draw_interval, reach_of
from experiments.figures.sheet import BAND, Sheet
from experiments.least import least_that_matters
from experiments.paper.arms import ArmForm, asked_of
from experiments.paper.asking import Asking, Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import SweepSource
from experiments.paper.tables import each
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.parameters import Parameters

ROW, HEAD, FOOT = 0.19, 0.5, 0.26
"""Inches of an arm, above each row of panels and below it."""

COLUMNS = 3
"""Panels in a row of a figure of two columns."""


@drawing("differences", source="sweep")
class Differences:
    """Differences of several policies from a base: a row for each policy, a panel for each outcome, 95 % intervals.

    The scale is in multiples of the least difference that matters, so that what is small looks small in every panel;
    beside each dot stands the difference in the outcome's own unit.
    """

    class Options(Parameters):
        """Keys of `options`."""

        base: str | dict[str, Any] = Field(
            description="Policy from which differences are taken: its name, or what is set there."
        )
        arms: list[ArmForm] = Field(min_length=1, description="Policies shown, from the top.")
        outcomes: list[str] = Field(
            min_length=1, max_length=6, description="Outcomes that the experiment keeps, a panel each."
        )
        week: int | None = Field(None, ge=0, description="Week of outcomes that have several; the last if left out.")

    @staticmethod
    def wrong(source: SweepSource, options: Options) -> Iterator[Wrong]:
        """Policies that the sweep has not, and outcomes that it does not keep."""
        asking, week = Asking(source.experiment), options.week
        yield from asking.arms(options.base, options.arms, base_among_them=False)
        yield from asking.outcomes(
            options.outcomes,
            lambda kept: week is None or not kept.is_series or week in kept.weeks,
            "" if week is None else f"at week {week}",
        )

    @staticmethod
    def table(data: Sweep, options: Options) -> pd.DataFrame:
        """One row an outcome and arm: outcome, arm (its number), difference, low, high, base, least, n."""
        found, levels = contrasts(data, options.base), means(data)
        base, rows = arm_named(data.experiment, options.base), []
        for label in options.outcomes:
            for number, arm in enumerate(options.arms):
                name = arm_named(data.experiment, asked_of(arm))
                row = of_label(found[found.policy == name], label, options.week)
                level = float(of_label(levels[levels.policy == base], label, options.week)["mean"])
                least = least_that_matters(label, level)
                rows.append((label, number, row.difference, row.low, row.high, level, least, row.replications))
        return pd.DataFrame(rows, columns=["outcome", "arm", "difference", "low", "high", "base", "least", "n"])

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        arms, outcomes = options.arms, list(dict.fromkeys(table.outcome))
        columns = min(len(outcomes), COLUMNS if sheet.width == "double" else 1)
        rows = -(-len(outcomes) // columns)
        head = HEAD if sheet.language == "en" else HEAD + 0.12  # two lines of Persian are taller
        pitch = head + FOOT + ROW * len(arms)
        figure = sheet.new(rows * pitch + 0.25)
        names = [sheet.label(arm) for arm in arms]
        left = sheet.room_for(names)
        reach = reach_of(table[["difference", "low", "high"]].div(table.least, axis=0))
        for place, outcome in enumerate(outcomes):
            axes = sheet.panel(
                figure, place // columns, place % columns, columns, pitch, head, ROW * len(arms), left=left
            )
            _panel(axes, table[table.outcome == outcome], sheet, reach)
            axes.set_yticks(range(len(arms)), names if place % columns == 0 else [""] * len(arms))
            for number, arm in enumerate(arms):
                if arm.apart and number:
                    axes.axhline(number - 0.5, color=style.GREY, linewidth=0.4)
            axes.set_ylim(len(arms) - 0.5, -0.5)
            axes.tick_params(axis="y", length=0)
        sheet.foot(figure, sheet.say(
            "difference from the base, in multiples of the least that matters (grey band); numbers in points or units",
            "تفاوت با مبنا، به چند برابرِ کمترین تفاوت مهم (نوار خاکستری)؛ ارقام به امتیاز از ۱۰۰ یا به واحد خود",
        ))  # fmt: skip
        return figure


def of_label(rows: pd.DataFrame, label: str, week: int | None) -> pd.Series:
    """The row of an outcome's label among rows with the columns outcome, group and week; of several weeks one.

    Raises:
        ConfigError: there is none.
    """
    from experiments.contrasts.arms import split_label

    outcome, group = split_label(label)
    own = rows[(rows.outcome == outcome) & (rows.group == group)]
    own = own[own.week == week] if week is not None and (own.week >= 0).any() else own.sort_values("week")
    if own.empty:
        kept = ", ".join(
            dict.fromkeys(f"{name}[{of}]" if of else name for name, of in rows[["outcome", "group"]].values)
        )
        raise ConfigError(f"{label} was not kept by the experiment; there are: {kept}", key="options.outcomes")
    return own.iloc[-1]


def _panel(axes: Axes, rows: pd.DataFrame, sheet: Sheet, reach: float) -> None:
    label, least = str(rows.outcome.iloc[0]), float(rows.least.iloc[0])
    if least == least:
        axes.axvspan(-1.0, 1.0, color=BAND, linewidth=0.0, zorder=0)
    axes.axvline(0.0, color=style.BLACK, linewidth=0.6, zorder=1)
    gap = 0.06 * reach
    for row in each(rows):
        text = sheet.difference(label, row.difference)
        axes.text(1.72 * reach, row.arm, text, va="center", ha="right", fontsize=6.5)
        ends = (row.low / least, row.high / least)  # nan where the base is 0: no size can be called small
        draw_interval(axes, row.arm, row.difference / least, ends, reach, style.BLUE)
    axes.set_xlim(-1.05 * reach - gap, 1.75 * reach)
    step = 1 if reach <= 3 else 2 if reach <= 5 else 4
    axes.set_xticks(np.arange(-(reach // step) * step, reach + 0.5, step))
    axes.spines["bottom"].set_bounds(-reach, reach)
    sheet.numbers(axes, "x", sign=True)
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
    small = sheet.small_unit(label)
    band, level = (sheet.difference(label, value, sign=False) for value in (least, float(rows.base.iloc[0])))
    sheet.heading(axes, sheet.outcome(label), sheet.say(
        f"base {level}, band ±{band}{small}", f"مبنا {level}، نوار ±{band}{small}"
    ))  # fmt: skip
