"""Who gains and who loses: the difference in each neighbourhood on maps, and in each group of residents below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from pydantic import Field

from experiments.contrasts.arms import arm_named, better_end, split_label
from experiments.contrasts.geography import is_neighbourhood, map_of
from experiments.contrasts.neighbourhoods import at_last_week
from experiments.contrasts.shown import sort_groups
from experiments.contrasts.tables import contrasts, means
from experiments.figures import style
from experiments.figures.intervals import rule_between_kinds
from experiments.figures.maps import colours_of, draw_map
from experiments.figures.sheet import BAND, Sheet
from experiments.least import least_that_matters
from experiments.paper.asking import Asking, Kept, Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import SweepSource
from experiments.paper.tables import each
from experiments.sweeps.tables import Sweep
from sim.parameters import Parameters

PLACE, GROUP = "place", "group"
"""Kinds of rows of the table."""

HEAD, MAP, SCALE, ROW, MIDDLE, FOOT = 0.42, 1.55, 0.42, 0.19, 0.35, 0.34
"""Inches: above the maps, the maps, their scales, a group, between maps and groups, below."""

DIGITS = 3
"""Decimals of outlines, km."""

PALEST = 2.0
"""Multiples of the least difference that matters which the scale of colours reaches at least."""


@drawing("change_map", source="sweep")
class ChangeMap:
    """Who gains and who loses: maps of the difference in each neighbourhood, and the difference in each group below.

    A map is white at 0 and blue where it is better; hatched where the interval, which holds for all neighbourhoods of
    the map together, has 0 in it. Groups are in multiples of the least difference that matters, with 95 % intervals.
    The experiment must keep the outcomes of `places` for every neighbourhood, as in
    ``{"service_level[neighbourhood=*]": last}``, and those of `groups` for groups, as in
    ``{"trust_in_municipality[sex=*]": last}``; here they stand without the brackets, as ``service_level:last``.
    """

    class Options(Parameters):
        """Keys of `options`."""

        base: str | dict[str, Any] = Field(
            description="Policy from which differences are taken: its name, or what is set there."
        )
        policy: str | dict[str, Any] = Field(description="Policy compared with it, named alike.")
        places: list[str] = Field(
            min_length=1, max_length=3, description="Outcomes of the maps, kept for each neighbourhood."
        )
        groups: list[str] = Field(
            min_length=1, max_length=3, description="Outcomes of the panels below, kept for groups of residents."
        )

    @staticmethod
    def wrong(source: SweepSource, options: Options) -> Iterator[Wrong]:
        """Policies that the sweep has not, and outcomes that it does not keep for neighbourhoods or for groups."""
        asking = Asking(source.experiment)
        yield from asking.arm(options.base, "base")
        yield from asking.arm(options.policy, "policy")
        yield from asking.names(options.places, "places", _of_neighbourhoods, "for each neighbourhood")
        yield from asking.names(options.groups, "groups", _of_groups, "for groups of residents")

    @staticmethod
    def table(data: Sweep, options: Options) -> pd.DataFrame:
        """Rows kind, outcome, of, name, outline (WKT, km), difference, low, high, base, least.

        `of` is the number of a neighbourhood, or a group. Intervals of neighbourhoods are simultaneous.
        """
        found = contrasts(data, options.base)
        found = found[found.policy == arm_named(data.experiment, options.policy)]
        level = means(data)
        level = level[level.policy == arm_named(data.experiment, options.base)]
        geography = map_of(data.experiment)
        outlines = [shapely.to_wkt(polygon, rounding_precision=DIGITS) for polygon in geography.polygons]
        rows: list[tuple[Any, ...]] = []
        for outcome in options.places:
            own = found[(found.outcome == outcome) & found.group.map(is_neighbourhood).astype(bool)]
            for row in each(at_last_week(own)):
                number = int(row.neighbourhood)
                place = (PLACE, outcome, str(number), row.name, outlines[number])
                ends = (row.simultaneous_low, row.simultaneous_high)
                rows.append((*place, row.difference, *ends, np.nan, least_that_matters(outcome, 1.0)))
        for outcome in options.groups:
            apart = found.group.map(is_neighbourhood).astype(bool) | (found.group == "")
            own = found[(found.outcome == outcome) & ~apart]
            bases = level[level.outcome == outcome].set_index("group")["mean"]
            for group in sort_groups(list(dict.fromkeys(own.group))):
                row = own[own.group == group].sort_values("week").iloc[-1]
                base = float(bases[[group]].iloc[-1])
                interval = (row.low, row.high, base, least_that_matters(outcome, base))
                rows.append((GROUP, outcome, group, "", "", row.difference, *interval))
        columns = ["kind", "outcome", "of", "name", "outline", "difference", "low", "high", "base", "least"]
        return pd.DataFrame(rows, columns=columns)

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        places, groups = table[table.kind == PLACE], table[table.kind == GROUP]
        names = list(dict.fromkeys(groups.of))
        tall = ROW * len(names)
        upper = HEAD + MAP + SCALE
        figure = sheet.new(upper + MIDDLE + tall + FOOT + 0.25)
        for column, outcome in enumerate(options.places):
            count = len(options.places)
            axes = sheet.panel(figure, 0, column, count, 1.0, HEAD, MAP, left=0.12, between=0.24)
            _map(axes, places[places.outcome == outcome], outcome, sheet)
        words = [sheet.group(group) for group in names]
        left = sheet.room_for(words)
        sizes = groups[["low", "high"]].abs().max(axis=1) / groups.least
        reach = float(max(2.0, np.ceil(sizes.max())))
        for column, outcome in enumerate(options.groups):
            axes = sheet.panel(
                figure, 0, column, len(options.groups), 1.0, upper + MIDDLE, tall, left=left, between=0.2
            )
            _groups(axes, groups[groups.outcome == outcome], outcome, names, sheet, reach)
            axes.set_yticks(range(len(names)), words if column == 0 else [""] * len(names))
        sheet.foot(figure, sheet.say(
            "by group: difference in multiples of the least that matters (grey band); the numbers in points",
            "به تفکیک گروه: تفاوت به چند برابرِ کمترین تفاوت مهم (نوار خاکستری)؛ ارقام به امتیاز از ۱۰۰ یا واحد درصد",
        ))  # fmt: skip
        return figure


def _of_neighbourhoods(kept: Kept) -> bool:
    return is_neighbourhood(kept.group)


def _of_groups(kept: Kept) -> bool:
    return bool(kept.group) and not is_neighbourhood(kept.group)


def _map(axes: Axes, rows: pd.DataFrame, outcome: str, sheet: Sheet) -> None:
    polygons = [shapely.from_wkt(text) for text in rows.outline]
    shown = np.array([100.0 * value for value in rows.difference])
    reach = float(np.nanmax(np.abs(shown))) if np.isfinite(shown).any() else 0.0
    reach = max(reach, PALEST * 100.0 * float(rows.least.iloc[0]))  # what is small stays pale
    end = better_end(split_label(outcome)[0], councilless=False)
    holds_0 = ~((rows.low > 0.0) | (rows.high < 0.0)).to_numpy()
    drawn = draw_map(axes, polygons, shown, colours_of(end), Normalize(-reach, reach), holds_0)
    axes.set_aspect("equal")
    axes.autoscale_view()
    bar = axes.inset_axes((0.15, -0.075, 0.7, 0.035))
    colour_bar = axes.figure.colorbar(drawn, cax=bar, orientation="horizontal")
    colour_bar.outline.set_visible(False)
    ticks = (-reach, 0.0, reach)
    colour_bar.set_ticks(list(ticks), labels=[sheet.number(value, sign=True) for value in ticks])
    bar.tick_params(labelsize=6.5, length=0.0, pad=1.5)
    beyond = int((~holds_0).sum())
    count, of = (sheet.digits(str(number)) for number in (beyond, len(rows)))
    sheet.heading(axes, sheet.outcome(outcome), sheet.say(
        f"differs in {count} of {of} (hatched: unclear)", f"متفاوت در {count} از {of} محله (هاشور: نامعلوم)"
    ))  # fmt: skip


def _groups(axes: Axes, rows: pd.DataFrame, outcome: str, names: list[str], sheet: Sheet, reach: float) -> None:
    axes.axvspan(-1.0, 1.0, color=BAND, linewidth=0.0, zorder=0)
    axes.axvline(0.0, color=style.BLACK, linewidth=0.6, zorder=1)
    own = rows.set_index("of")
    names = [name for name in names if name in own.index]
    leasts = [float(own.least[name]) for name in names]
    for at, (name, least) in enumerate(zip(names, leasts, strict=True)):
        row: Any = own.loc[name]
        axes.plot([row.low / least, row.high / least], [at, at], color=style.BLUE, linewidth=1.3)
        axes.plot(row.difference / least, at, "o", color=style.BLUE, markersize=3.4)
        text = sheet.difference(outcome, row.difference)
        axes.text(1.75 * reach, at, text, ha="right", va="center", fontsize=6.5)
    rule_between_kinds(axes, names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(-1.1 * reach, 1.78 * reach)
    axes.set_xticks([-reach, 0.0, reach])
    axes.spines["bottom"].set_bounds(-reach, reach)
    sheet.numbers(axes, "x", sign=True)
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
    axes.tick_params(axis="y", length=0)
    sheet.heading(axes, sheet.outcome(outcome))
