"""Impulse responses: what is left of a push, year by year, beside the half-life that the parameters state."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.figures import style
from experiments.figures.sheet import DASHES, Sheet
from experiments.impulses import ARMS, half_life
from experiments.paper.asking import Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import Responses, Source
from experiments.statistics import interval_of_numbers
from sim.parameters import Parameters

COLUMNS, HEAD, TALL, FOOT, LEGEND = 4, 0.42, 0.85, 0.4, 0.24

COLOURS = (style.BLUE, style.VERMILION)

WORDS: dict[str, tuple[str, str]] = {
    "trust in the municipality": ("trust in municipality", "اعتماد به شهرداری"),
    "trust in the council": ("trust in council", "اعتماد به شورا"),
    "trust in people": ("trust in people", "اعتماد به مردم"),
    "services": ("services", "خدمات"),
    "expectation": ("expectation", "انتظار"),
    "habit": ("habit", "عادت"),
    "participation, after habit": ("participation after habit", "مشارکت پس از عادت"),
    "fatigue": ("fatigue", "خستگی"),
    "civic skill": ("civic skill", "مهارت مدنی"),
    "belonging": ("belonging", "تعلق"),
    "hope": ("hope", "امید"),
}


@drawing("impulses", source="impulses")
class Impulses:
    """What is left of a push, year by year, beside the half-life that the parameter states; with 95 % intervals.

    Each state of residents is pushed once, under the city's own policy and under decisions by the municipality alone.
    """

    class Options(Parameters):
        """There are none."""

    @staticmethod
    def wrong(source: Source, options: Options) -> Iterator[Wrong]:
        """Nothing is asked for."""
        yield from ()

    @staticmethod
    def table(data: Responses, options: Options) -> pd.DataFrame:
        """Rows impulse, arm, week, left, low, high, stated (half-life in weeks), measured (of the mean response)."""
        rows = []
        for impulse, stated in data.stated.items():
            for arm in ARMS:
                own = data.table[(data.table.arm == arm) & (data.table.impulse == impulse)]
                by_week = [
                    (int(str(week)), interval_of_numbers(part.left.tolist())) for week, part in own.groupby("week")
                ]
                weeks = np.array([week for week, _ in by_week], dtype=float)
                measured = half_life(weeks, np.array([ends[0] for _, ends in by_week]))
                rows += [(impulse, arm, week, *ends, stated, measured) for week, ends in by_week]
        return pd.DataFrame(rows, columns=["impulse", "arm", "week", "left", "low", "high", "stated", "measured"])

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        impulses = list(dict.fromkeys(table.impulse))
        rows = -(-len(impulses) // COLUMNS)
        pitch = HEAD + TALL + FOOT
        figure = sheet.new(LEGEND + rows * pitch)
        for place, impulse in enumerate(impulses):
            own = table[table.impulse == impulse]
            axes = sheet.panel(
                figure,
                place // COLUMNS,
                place % COLUMNS,
                COLUMNS,
                pitch,
                HEAD,
                TALL,
                left=0.34,
                between=0.24,
                top=LEGEND,
            )
            last, stated = int(own.week.max()), float(own.stated.iloc[0])
            weeks = np.arange(last + 1)
            axes.plot(weeks, 0.5 ** (weeks / stated), color=style.GREY, linewidth=0.8, linestyle=(0, (2, 2)))
            measured = []
            for arm, colour, dashes in zip(ARMS, COLOURS, DASHES, strict=False):
                part = own[own.arm == arm].sort_values("week")
                axes.fill_between(part.week, part.low, part.high, color=colour, alpha=0.2, linewidth=0.0)
                axes.plot(part.week, part.left, color=colour, linestyle=dashes, linewidth=1.1)
                measured.append(float(part.measured.iloc[0]))
            axes.axhline(0.5, color=style.GREY, linewidth=0.4)
            axes.set_ylim(-0.1, 1.1)
            axes.set_yticks([0.0, 0.5, 1.0])
            sheet.numbers(axes, "y", 100.0)
            sheet.years(axes, last)
            axes.tick_params(labelsize=6.5, pad=1.5)
            if place % COLUMNS:
                axes.set_yticklabels([])
            if place + COLUMNS < len(impulses):
                axes.set_xlabel("")
            beyond = sheet.say(f"over {last}", f"بیش از {last}")
            told = [f"{value:.0f}" if math.isfinite(value) else beyond for value in measured]
            both = sheet.digits(sheet.say(" and ", " و ").join(dict.fromkeys(told)))
            half = sheet.digits(f"{stated:.0f}") if math.isfinite(stated) else "–"
            note = sheet.say(f"half {both} wk, stated {half}", f"نیمه‌عمر {both} هفته، پارامتر {half}")
            sheet.heading(axes, sheet.say(*WORDS.get(impulse, (impulse, impulse))), note)
        names = (("programme", "برنامه"), ("municipality alone", "شهرداری به‌تنهایی"))
        handles = [
            Line2D([], [], color=colour, linestyle=dashes, linewidth=1.1, label=sheet.say(*words))
            for colour, dashes, words in zip(COLOURS, DASHES, names, strict=False)
        ]
        words = sheet.say("half-life stated by the parameter", "نیمه‌عمر بر پایه پارامتر")
        handles.append(Line2D([], [], color=style.GREY, linestyle=(0, (2, 2)), linewidth=0.8, label=words))
        sheet.legend(figure, handles, 3)
        return figure
