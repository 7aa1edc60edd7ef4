"""Why a policy does what it does: the gap between two policies, taken apart by the channels of the model."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure
from pydantic import Field

from experiments.contrasts.channel_names import WORDS
from experiments.contrasts.mechanisms import BOTH, CHANNELS, FIRST, GAP, INTERACTION, LAST, LEFT, Attribution
from experiments.figures import style
from experiments.figures.sheet import Sheet, hundredfold
from experiments.least import least_that_matters
from experiments.paper.asking import Asking, Kept, Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import MechanismsSource
from experiments.paper.tables import each
from sim.parameters import Parameters

ROW, HEAD, FOOT, LEGEND = 0.19, 0.45, 0.42, 0.24


@drawing("mechanisms", source="mechanisms")
class Mechanisms:
    """Why a policy does what it does: the part of each channel of the model in a difference, with 95 % intervals.

    A part is counted in two ways: what is missing without the channel, and what it adds where all others are off.
    """

    class Options(Parameters):
        """Keys of `options`."""

        outcomes: list[str] = Field(
            min_length=1, max_length=3, description="Outcomes of the whole city, without a statistic: at the last week."
        )

    @staticmethod
    def wrong(source: MechanismsSource, options: Options) -> Iterator[Wrong]:
        """Outcomes that are not kept of the whole city."""
        asking = Asking(source.experiment)
        yield from asking.names(options.outcomes, "outcomes", _of_the_city, "week by week of the whole city")

    @staticmethod
    def table(data: Attribution, options: Options) -> pd.DataFrame:
        """Rows outcome, part, counted, value, low, high, base (level under the base), least, n; at the last week."""
        found: pd.DataFrame = data.table
        found = found[(found.group == "") & found.outcome.isin(options.outcomes)]
        found = found[found.week == found.week.max()]
        levels = _levels(data)
        bases = found.outcome.map(levels)
        leasts = [least_that_matters(name, base) for name, base in zip(found.outcome, bases, strict=True)]
        own = found.assign(base=bases, least=leasts, n=found.replications)
        shown: pd.DataFrame = own[["outcome", "part", "counted", "value", "low", "high", "base", "least", "n"]]
        return shown.reset_index(drop=True)

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        parts = [GAP, *CHANNELS, INTERACTION, LEFT]
        names = [sheet.say(*WORDS.get(part, (part, part))) for part in parts]
        tall, left = ROW * len(parts), sheet.room_for(names)
        figure = sheet.new(LEGEND + HEAD + tall + FOOT)
        for column, outcome in enumerate(options.outcomes):
            own, factor = table[table.outcome == outcome], hundredfold(outcome)
            axes = sheet.panel(
                figure, 0, column, len(options.outcomes), 1.0, HEAD, tall, left=left, between=0.2, top=LEGEND
            )
            least = factor * float(own.least.iloc[0])
            for at, part in enumerate(parts):
                for row in each(own[own.part == part]):
                    colour, mark, aside = _LOOK[str(row.counted)]
                    axes.plot([factor * row.low, factor * row.high], [at + aside] * 2, color=colour, linewidth=1.1)
                    axes.plot(factor * row.value, at + aside, mark, color=colour, markersize=3.2)
            for line in (0.5, len(parts) - 2.5):
                axes.axhline(line, color=style.GREY, linewidth=0.4)
            ends = factor * own[["low", "high"]].to_numpy(dtype=float)
            sheet.differences(axes, outcome, names, least, ends, first=column == 0)
        handles = [sheet.key(*_LOOK[way][:2], words) for way, words in _WAYS.items()]
        sheet.legend(figure, handles, 2)
        english = "part of the difference; grey band: below the least difference (a convention)"
        persian = "سهم در تفاوت؛ نوار خاکستری: کمتر از کمترین تفاوت مهم (قراردادی)"
        sheet.foot(figure, sheet.say(english, persian))
        return figure


_LOOK = {LAST: (style.BLUE, "o", -0.15), FIRST: (style.VERMILION, "s", 0.15), BOTH: (style.BLACK, "D", 0.0)}
"""Colour, mark and place beside the row's middle, by the way of counting."""

_WAYS = {
    LAST: ("what is missing without the channel", "آنچه بدون این سازوکار کم می‌شود"),
    FIRST: ("what the channel adds alone", "آنچه این سازوکار به‌تنهایی می‌افزاید"),
}


def _of_the_city(kept: Kept) -> bool:
    return kept.is_series and not kept.group


def _levels(data: Attribution) -> dict[str, float]:
    """Mean of each outcome under the base with all channels on."""
    points = [point.number for point in data.sweep.experiment.points if point.policy == data.base and not point.values]
    runs = data.sweep.runs
    own = runs.run_id[(runs.status == "done") & runs.point.isin(points)]
    rows = data.sweep.outcomes
    rows = rows[rows.run_id.isin(own)]
    rows = rows[rows.week == rows.week.max()]
    means = rows.groupby(rows.outcome.str.partition(":")[0], sort=False)["value"].mean()
    return {str(name): float(value) for name, value in means.items()}
