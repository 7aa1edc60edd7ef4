"""Outcomes over time under several policies, and below them their differences from one, with bands of uncertainty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from pydantic import Field

from experiments.contrasts.arms import arm_named, arms_of, split_label
from experiments.contrasts.tables import contrasts
from experiments.figures import style
from experiments.figures.events import mark_events
from experiments.figures.sheet import BAND, COLOURS, DASHES, Sheet, hundredfold
from experiments.least import least_that_matters
from experiments.milestones import MILESTONES, milestones_of
from experiments.paper.arms import ArmForm, asked_of
from experiments.paper.asking import Asking, Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import SweepSource
from experiments.paper.tables import each
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.parameters import Parameters

LEVEL, DIFFERENCE, CLAIM, EVENT, LEAST = "level", "difference", "claim", "event", "least"
"""Kinds of rows of the table."""

LINE, HEAD, TALL, GAP, LOWER, FOOT = 0.15, 0.42, 1.05, 0.12, 0.72, 0.40
"""Inches: a line of the legend, above a panel, the panel, between it and the one below, that one, and below it."""

COLUMNS = 3


@drawing("trajectories", source="sweep", single=True)
class Trajectories:
    """Outcomes over time: levels above, and below them paired differences from the base, with 95 % bands.

    The experiment must keep the outcomes as series, as in ``{trust_in_municipality: {every: 13}}``. The grey band below
    is the least difference that matters; what a city's config claims of itself stands as a hollow circle.
    """

    class Options(Parameters):
        """Keys of `options`."""

        base: str | dict[str, Any] = Field(
            description="Policy from which differences are taken: its name, or what is set there."
        )
        arms: list[ArmForm] = Field(
            min_length=1, max_length=6, description="Policies shown, as the legend has them; the base, too, if wanted."
        )
        outcomes: list[str] = Field(
            min_length=1, max_length=9, description="Names of outcomes that the experiment keeps every so many weeks."
        )
        events: bool = Field(True, description="Whether the weeks are marked in which councils and mayors begin.")
        marks: list[MarkForm] = Field(default_factory=list, description="Other weeks that are marked, with words.")
        levels: bool = Field(True, description="Whether levels are shown above the differences.")

    @staticmethod
    def wrong(source: SweepSource, options: Options) -> Iterator[Wrong]:
        """Policies that the sweep has not, and outcomes of which it keeps no series."""
        asking = Asking(source.experiment)
        yield from asking.arms(options.base, options.arms, base_among_them=True)
        yield from asking.outcomes(options.outcomes, lambda kept: kept.is_series, "every so many weeks")

    @staticmethod
    def table(data: Sweep, options: Options) -> pd.DataFrame:
        """Rows kind, outcome, arm (its number; -1 of claims, events and least differences), week, value, low, high."""
        cells, found = arms_of(data), contrasts(data, options.base)
        base = arm_named(data.experiment, options.base)
        rows: list[tuple[str, str, int, int, float, float, float]] = []
        for outcome in options.outcomes:
            labels = [(label, week) for label, week in cells.labels if split_label(label) == split_label(outcome)]
            weekly = sorted({week: label for label, week in labels if week >= 0}.items())
            if not weekly:
                problem = f"{outcome} was not kept every so many weeks by the experiment"
                raise ConfigError(problem, key="options.outcomes")
            for number, arm in enumerate(options.arms):
                name = arm_named(data.experiment, asked_of(arm))
                for week, label in weekly:
                    values = cells.of(label, week)[..., cells.names.index(name)]
                    rows.append((LEVEL, outcome, number, week, *cells.interval(values, 0.95)))
                if name != base:
                    own = found[(found.policy == name) & (found.week >= 0)]
                    own = own[(own.outcome == split_label(outcome)[0]) & (own.group == split_label(outcome)[1])]
                    for row in each(own.drop_duplicates("week").sort_values("week")):
                        rows.append((DIFFERENCE, outcome, number, row.week, row.difference, row.low, row.high))
            last_week, last = weekly[-1]
            level = float(np.nanmean(cells.of(last, last_week)[..., cells.names.index(base)]))
            least = least_that_matters(outcome, level)
            rows.append((LEAST, outcome, -1, -1, least, least, least))
            rows += [
                (CLAIM, outcome, -1, claim.week, claim.value, claim.value, claim.value)
                for claim in data.experiment.base.city.claims
                if claim.outcome == outcome
            ]
        if options.events:
            rows += [
                (EVENT, name, -1, week, 0.0, 0.0, 0.0)
                for name, week in milestones_of(data.experiment.base.policy).items()
            ]
        return pd.DataFrame(rows, columns=["kind", "outcome", "arm", "week", "value", "low", "high"])

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        columns = min(len(options.outcomes), COLUMNS if sheet.width == "double" else 1)
        rows = -(-len(options.outcomes) // columns)
        upper = TALL + GAP if options.levels else 0.0
        line = LINE if sheet.language == "en" else LINE + 0.03  # Persian letters reach higher and deeper
        pitch, top = HEAD + upper + LOWER + FOOT, line * _legend_rows(options, sheet) + 0.08
        figure = sheet.new(top + rows * pitch)
        for place, outcome in enumerate(options.outcomes):
            own = table[table.outcome == outcome]
            row, column = divmod(place, columns)
            spots = {"left": 0.42, "between": 0.46, "top": top}
            below = sheet.panel(figure, row, column, columns, pitch, HEAD + upper, LOWER, **spots)
            above = below
            if options.levels:
                above = sheet.panel(figure, row, column, columns, pitch, HEAD, TALL, **spots)
                _lines(above, own[own.kind == LEVEL], outcome, sheet)
                _claims(above, own[own.kind == CLAIM], outcome)
                _events_in(above, table, options, sheet, own, named=place == 0)
                sheet.years(above, int(own.week.max()))
                above.set_xlabel("")
                above.set_xticklabels([])
            _lines(below, own[own.kind == DIFFERENCE], outcome, sheet)
            _differences(below, own, outcome, options, sheet)
            _events_in(below, table, options, sheet, own, named=False)
            sheet.years(below, int(own.week.max()))
            sheet.heading(above, sheet.outcome(outcome), sheet.in_unit(outcome))
        _legend(figure, options, sheet, claimed=bool((table.kind == CLAIM).any()))
        return figure


class MarkForm(Parameters):
    """A week that is marked, with its words."""

    week: int = Field(ge=0, description="Week that is marked.")
    en: str = Field(min_length=1, description="What happens, in English.")
    fa: str = Field(min_length=1, description="The same in Persian.")


Trajectories.Options.model_rebuild()


def _lines(axes: Axes, rows: pd.DataFrame, outcome: str, sheet: Sheet) -> None:
    factor = hundredfold(outcome)
    for number, own in rows.groupby("arm"):
        place = int(str(number))
        colour = COLOURS[place]
        axes.fill_between(own.week, factor * own.low, factor * own.high, color=colour, alpha=0.18, linewidth=0.0)
        axes.plot(own.week, factor * own.value, color=colour, linestyle=DASHES[place], linewidth=1.2)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    sheet.numbers(axes, "y")
    axes.tick_params(labelsize=6.5, pad=1.5)


def _claims(axes: Axes, rows: pd.DataFrame, outcome: str) -> None:
    axes.plot(
        rows.week, hundredfold(outcome) * rows.value, marker="o", markersize=4.5, linestyle="none",
        markerfacecolor="white", markeredgecolor=style.BLACK, markeredgewidth=1.0, zorder=4,
    )  # fmt: skip


def _differences(axes: Axes, own: pd.DataFrame, outcome: str, options: Trajectories.Options, sheet: Sheet) -> None:
    least = hundredfold(outcome) * float(own.value[own.kind == LEAST].iloc[0])
    if least == least:
        axes.axhspan(-least, least, color=BAND, linewidth=0.0, zorder=0)
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -1.25 * least), max(high, 1.25 * least))
    axes.axhline(0.0, color=style.BLACK, linewidth=0.6)
    sheet.numbers(axes, "y", sign=True)


def _events_in(
    axes: Axes, table: pd.DataFrame, options: Trajectories.Options, sheet: Sheet, own: pd.DataFrame, *, named: bool
) -> None:
    events = [(int(row.week), sheet.say(*MILESTONES[str(row.outcome)])) for row in each(table[table.kind == EVENT])]
    events += [(mark.week, sheet.say(mark.en, mark.fa)) for mark in options.marks]
    mark_events(axes, events, int(own.week.max()), sheet, named=named)


def _legend_rows(options: Trajectories.Options, sheet: Sheet) -> int:
    return -(-(len(options.arms) + 2) // (3 if sheet.width == "double" else 1))


def _legend(figure: Figure, options: Trajectories.Options, sheet: Sheet, *, claimed: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Line2D | Patch] = [
        Line2D([], [], color=COLOURS[n], linestyle=DASHES[n], linewidth=1.2, label=sheet.label(arm))
        for n, arm in enumerate(options.arms)
    ]
    if claimed:
        words = sheet.say("claimed, not verified", "ادعاشده، راستی‌آزمایی‌نشده")
        handles.append(
            Line2D(
                [], [], marker="o", linestyle="none", markerfacecolor="white", markeredgecolor=style.BLACK,
                markersize=4.5, label=words,
            )
        )  # fmt: skip
    handles.append(
        Patch(
            color=BAND,
            label=sheet.say("below the least difference (a convention)", "کمتر از کمترین تفاوت مهم (قراردادی)"),
        )
    )
    sheet.legend(figure, handles, 3 if sheet.width == "double" else 1)
