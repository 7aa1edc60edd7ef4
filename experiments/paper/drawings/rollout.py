"""Naive against paired: what a comparison of neighbourhoods within one city says, and what the same ones would be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydantic import Field

from experiments.contrasts.arms import Arms, arm_named, arms_of, split_label
from experiments.contrasts.geography import is_neighbourhood, number_of
from experiments.figures import style
from experiments.figures.sheet import Sheet, hundredfold
from experiments.least import least_that_matters
from experiments.paper.arms import ArmForm, asked_of
from experiments.paper.asking import OPTIONS, Asking, Kept, Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import SweepSource
from experiments.paper.tables import each
from experiments.statistics import interval_of_numbers
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.parameters import Parameters

NAIVE, PAIRED, OTHERS = "naive", "paired", "others"
COUNCIL = "council"
ROW, HEAD, FOOT, LEGEND = 0.42, 0.46, 0.42, 0.52


@drawing("rollout", source="sweep")
class Rollout:
    """Naive and paired comparisons while councils are in some neighbourhoods only, with 95 % intervals.

    Naive: neighbourhoods with a council less those without. Paired: the same neighbourhoods less themselves under the
    base. The experiment must keep the outcomes, and ``council``, for every neighbourhood at the week, as in
    ``{"council[neighbourhood=*]": {week: [84]}}``.
    """

    class Options(Parameters):
        """Keys of `options`."""

        base: str | dict[str, Any] = Field(
            description="Policy without councils, the counterfactual: its name, or what is set there."
        )
        arms: list[ArmForm] = Field(min_length=1, max_length=6, description="Policies shown, from the top.")
        outcomes: list[str] = Field(
            min_length=1, max_length=4, description="Names of outcomes, kept for each neighbourhood at the week."
        )
        week: int = Field(ge=1, description="Week at which some neighbourhoods have councils; kept by the experiment.")

    @staticmethod
    def wrong(source: SweepSource, options: Options) -> Iterator[Wrong]:
        """Policies that the sweep has not, and outcomes that it does not keep for each neighbourhood at the week."""
        asking = Asking(source.experiment)
        yield from asking.arms(options.base, options.arms, base_among_them=True)
        where = f"for each neighbourhood at week {options.week}"
        kept = partial(_at_week, week=options.week)
        yield from asking.names(options.outcomes, "outcomes", kept, where)
        for problem, _ in asking.names([COUNCIL], "outcomes", kept, where):
            yield f"{problem}: without it nobody knows who had a council", (OPTIONS, "week")

    @staticmethod
    def table(data: Sweep, options: Options) -> pd.DataFrame:
        """Rows outcome, arm (its number), way (naive, paired, others), value, low, high, base, least, n."""
        cells = arms_of(data)
        base = cells.names.index(arm_named(data.experiment, options.base))
        convened = _of_neighbourhoods(cells, COUNCIL, options.week)
        rows = []
        for outcome in options.outcomes:
            values = _of_neighbourhoods(cells, outcome, options.week)
            level = float(np.nanmean(values[..., base]))
            least = least_that_matters(outcome, level)
            for number, arm in enumerate(options.arms):
                place = cells.names.index(arm_named(data.experiment, asked_of(arm)))
                for way, found in zip(_LOOK, zip(*_compared(values, convened, place, base), strict=True), strict=True):
                    counted = int(np.isfinite(found).sum())
                    rows.append((outcome, number, way, *interval_of_numbers(list(found)), level, least, counted))
        return pd.DataFrame(rows, columns=["outcome", "arm", "way", "value", "low", "high", "base", "least", "n"])

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        names = [sheet.label(arm) for arm in options.arms]
        tall, left = ROW * len(names), sheet.room_for(names)
        figure = sheet.new(LEGEND + HEAD + tall + FOOT)
        for column, outcome in enumerate(options.outcomes):
            own, factor = table[table.outcome == outcome], hundredfold(outcome)
            axes = sheet.panel(
                figure, 0, column, len(options.outcomes), 1.0, HEAD, tall, left=left, between=0.2, top=LEGEND
            )
            least = factor * float(own.least.iloc[0])
            for row in each(own):
                colour, mark, aside = _LOOK[str(row.way)]
                axes.plot([factor * row.low, factor * row.high], [row.arm + aside] * 2, color=colour, linewidth=1.3)
                axes.plot(factor * row.value, row.arm + aside, mark, color=colour, markersize=3.8)
            ends = factor * own[["low", "high"]].to_numpy(dtype=float)
            sheet.differences(axes, outcome, names, least, ends, first=column == 0)
        handles = [sheet.key(*_LOOK[way][:2], words) for way, words in _WAYS.items()]
        sheet.legend(figure, handles, 1)
        english = "difference; grey band: below the least difference (a convention)"
        persian = "تفاوت؛ نوار خاکستری: کمتر از کمترین تفاوت مهم (قراردادی)"
        sheet.foot(figure, sheet.say(english, persian))
        return figure


_LOOK = {NAIVE: (style.VERMILION, "s", -0.25), PAIRED: (style.BLUE, "o", 0.0), OTHERS: (style.BLACK, "D", 0.25)}

_WAYS = {
    NAIVE: (
        "naive: neighbourhoods with a council less those without",
        "خام: محله‌های دارای شورا منهای محله‌های بدون شورا",
    ),
    PAIRED: ("paired: the same neighbourhoods without the programme", "جفت‌شده: همان محله‌ها بدون برنامه"),
    OTHERS: ("those without a council, paired likewise", "محله‌های بدون شورا، به همان شیوه جفت‌شده"),
}


def _at_week(kept: Kept, week: int) -> bool:
    return is_neighbourhood(kept.group) and week in kept.weeks


def _of_neighbourhoods(cells: Arms, outcome: str, week: int) -> NDArray[np.float64]:
    """Values of an outcome at a week, (neighbourhoods, replications, arms).

    Raises:
        ConfigError: the experiment did not keep it.
    """
    found: dict[int, NDArray[np.float64]] = {}
    for label, at in cells.labels:
        name, group = split_label(label)
        if name == outcome and at == week and is_neighbourhood(group):
            found[number_of(group)] = cells.of(label, at)[0]
    if not found:
        raise ConfigError(f"{outcome}[neighbourhood=*] was not kept at week {week}", key="options.outcomes")
    return np.array([found[number] for number in sorted(found)])


def _compared(
    values: NDArray[np.float64], convened: NDArray[np.float64], place: int, base: int
) -> Iterator[tuple[float, float, float]]:
    """The three differences of each replication; nan where all or no neighbourhood has a council."""
    for replication in range(values.shape[1]):
        has = convened[:, replication, place] > 0.5
        own, other = values[:, replication, place], values[:, replication, base]
        if not has.any() or has.all():
            yield float("nan"), float("nan"), float("nan")
            continue
        apart = own - other
        yield float(own[has].mean() - own[~has].mean()), float(apart[has].mean()), float(apart[~has].mean())
