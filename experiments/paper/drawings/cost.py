"""Cost against population: time and memory of the engine, beside the same model with one object for each agent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from experiments.figures import style
from experiments.figures.sheet import Sheet
from experiments.paper.asking import Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import KeptSource
from sim.parameters import Parameters

HEAD, TALL, FOOT, LEGEND = 0.42, 1.7, 0.4, 0.24
COLUMNS = ("model", "residents", "ms_per_week", "peak_mb")
ENGINE, OBJECTS = "engine", "object per agent"


@drawing("cost", source="kept")
class Cost:
    """Milliseconds a week and peak memory over residents, on logarithmic axes.

    The table has the columns ``model`` (``engine`` or ``object per agent``), ``residents``, ``ms_per_week`` and
    ``peak_mb``.
    """

    class Options(Parameters):
        """There are none."""

    @staticmethod
    def wrong(source: KeptSource, options: Options) -> Iterator[Wrong]:
        """A table without a column that is drawn."""
        lacking = [name for name in COLUMNS if name not in source.read(source.file)]
        if lacking:
            yield f"the table has no column {', '.join(lacking)}; it must have {', '.join(COLUMNS)}", ()

    @staticmethod
    def table(data: pd.DataFrame, options: Options) -> pd.DataFrame:
        """Rows model, residents, ms_per_week, peak_mb; cities of the usual number of neighbourhoods."""
        return data[list(COLUMNS)].sort_values(["model", "residents"], kind="stable")

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        figure = sheet.new(LEGEND + HEAD + TALL + FOOT)
        panels = (
            (
                "ms_per_week",
                sheet.say("time of a week", "زمان هر هفته"),
                sheet.say("in milliseconds", "به هزارم ثانیه"),
            ),
            ("peak_mb", sheet.say("peak memory", "بیشینه حافظه"), sheet.say("in MB", "به مگابایت")),
        )
        for column, (name, words, unit) in enumerate(panels):
            axes = sheet.panel(figure, 0, column, 2, 1.0, HEAD, TALL, left=0.55, between=0.6, top=LEGEND)
            for model, (colour, mark, dashes) in _LOOK.items():
                own = table[table.model == model]
                axes.plot(
                    own.residents, own[name], marker=mark, color=colour, linestyle=dashes, markersize=3.8, linewidth=1.1
                )
            _logarithmic(axes, sheet)
            axes.set_xlabel(sheet.say("residents", "ساکنان"), fontsize=7.0, labelpad=1.5)
            sheet.heading(axes, words, unit)
        handles = [
            Line2D([], [], color=colour, marker=mark, linestyle=dashes, markersize=3.8, label=sheet.say(*_WORDS[model]))
            for model, (colour, mark, dashes) in _LOOK.items()
        ]
        sheet.legend(figure, handles, 2)
        return figure


_LOOK: dict[str, tuple[str, str, Any]] = {
    ENGINE: (style.BLUE, "o", "-"),
    OBJECTS: (style.VERMILION, "s", (0, (5, 1.6))),
}
_WORDS = {ENGINE: ("the engine", "موتور مدل"), OBJECTS: ("one object for each agent", "یک شیء برای هر عامل")}


def _logarithmic(axes: Axes, sheet: Sheet) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=5))
        axis.set_minor_locator(NullLocator())
    sheet.numbers(axes, "x")
    sheet.numbers(axes, "y")
    axes.tick_params(labelsize=6.5, pad=1.5)
