"""Differences of several policies from one of them, each outcome against the least difference that matters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field

from experiments.answers.findings import Difference
from experiments.answers.texts import shown
from experiments.contrasts.arms import arm_named, split_label
from experiments.contrasts.tables import contrasts, means
from experiments.figures import style
from experiments.figures.heads import inches_of
from experiments.figures.intervals import draw_interval, reach_of
from experiments.figures.sheet import BAND, Sheet, hundredfold
from experiments.least import least_that_matters
from experiments.paper.arms import ArmForm, asked_of
from experiments.paper.asking import Asking, Wrong
from experiments.paper.registry import drawing
from experiments.paper.sources import SweepSource
from experiments.paper.tables import each
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.parameters import Parameters
from sim.policies import Label

ROW, HEAD, FOOT = 0.19, 0.5, 0.26
"""Inches of an arm, above each row of panels and below it."""

COLUMNS, BETWEEN, RIGHT, NARROWEST = 3, 0.16, 0.08, 0.85
"""Panels in a row at most; inches between them and at their right; the least inches of an axis beside its numbers."""

SIZE = 6.5
"""Of numbers, in points."""

ROOM_OF_A_TICK = 0.2
"""Inches from one number of a scale to the next, at least."""


@drawing("differences", source="sweep", single=True)
class Differences:
    """Differences of several policies from a base: a row for each policy, a panel for each outcome, 95 % intervals.

    With `scale: shared` all panels have one scale, in multiples of the least difference that matters, so that what is
    small looks small in every panel. With `scale: panel` each has its own, in the unit of its outcome, so that
    intervals are seen; the grey band then says what is small. Beside each dot stands the difference, with half of its
    interval, rounded as `mahalle compare` rounds it. Where the base is 0, no difference of a count can be called small,
    and a shared scale has no place for it.
    """

    class Options(Parameters):
        """Keys of `options`."""

        base: str | dict[str, Any] = Field(
            description="Policy from which differences are taken: its name, or what is set there."
        )
        base_name: Label = Field(
            default_factory=Label, description="What the base is called below the panels; its title if left out."
        )
        arms: list[ArmForm] = Field(min_length=1, description="Policies shown, from the top.")
        outcomes: list[str] = Field(
            min_length=1, max_length=6, description="Outcomes that the experiment keeps, a panel each."
        )
        week: int | None = Field(None, ge=0, description="Week of outcomes that have several; the last if left out.")
        scale: Literal["shared", "panel"] = Field(
            "shared", description="One scale for all panels, in least differences that matter, or one for each."
        )

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
        words = [sheet.label(arm) for arm in arms]
        left = sheet.room_for(words)
        names = ["\n".join(sheet.lines(name, 1.17 * (left - 0.1), 7.5)) for name in words]
        numbers = [_numbers(row, sheet) for row in each(table)]
        room = max(inches_of(text, SIZE, sheet.language) for text in numbers) + 0.1
        columns = _columns(len(outcomes), left, room, sheet)
        rows = -(-len(outcomes) // columns)
        head = HEAD if sheet.language == "en" else HEAD + 0.12  # two lines of Persian are taller
        row = ROW * (1.0 if not any("\n" in name for name in names) else 1.5)
        pitch, foot = head + FOOT + row * len(arms), _foot(options, sheet)
        figure = sheet.new(rows * pitch + sheet.foot_height(foot))
        reach = reach_of(table[["difference", "low", "high"]].div(table.least, axis=0))
        for place, outcome in enumerate(outcomes):
            axes = sheet.panel(
                figure, place // columns, place % columns, columns, pitch, head, row * len(arms), left=left,
                between=BETWEEN, right=RIGHT,
            )  # fmt: skip
            own = table[table.outcome == outcome]
            _panel(axes, own, sheet, room, reach if options.scale == "shared" else None)
            axes.set_yticks(range(len(arms)), names if place % columns == 0 else [""] * len(arms))
            for number, arm in enumerate(arms):
                if arm.apart and number:
                    axes.axhline(number - 0.5, color=style.GREY, linewidth=0.4)
            axes.set_ylim(len(arms) - 0.5, -0.5)
            axes.tick_params(axis="y", length=0)
        sheet.foot(figure, foot)
        return figure


def _columns(count: int, left: float, room: float, sheet: Sheet) -> int:
    """Panels in a row: as many as leave each axis some room beside the numbers."""
    most = min(count, COLUMNS if sheet.width == "double" else 1)
    beside = sheet.inches - left - RIGHT
    fitting = [of for of in range(1, most + 1) if (beside - BETWEEN * (of - 1)) / of - room >= NARROWEST]
    return max(fitting, default=1)


def _foot(options: Differences.Options, sheet: Sheet) -> str:
    named = sheet.label(options.base_name) or sheet.base
    base = sheet.say(f"“{named}”", f"«{named}»") if named else sheet.say("the base", "مبنا")
    if options.scale == "shared":
        return sheet.say(
            f"difference from {base} in multiples of the least difference that matters (grey band); numbers: the same "
            "in the unit above, ± half of its interval",
            f"تفاوت با {base} به چند برابرِ کمترین تفاوت مهم (نوار خاکستری)؛ ارقام: همان تفاوت به واحدِ بالای نمودار ± "
            "نیمِ بازه آن",
        )
    return sheet.say(
        f"difference from {base} in the unit above each panel, ± half of its interval; grey band: less than the least "
        "difference that matters",
        f"تفاوت با {base} به واحدِ بالای هر نمودار ± نیمِ بازه آن؛ نوار خاکستری: کمتر از کمترین تفاوت مهم",
    )


def _found(row: Any, sheet: Sheet) -> Difference:
    """A row as a comparison has it, which rounds it."""
    name = split_label(str(row.outcome))[0].partition(":")[0]
    return Difference(name, float(row.base), row.difference, row.low, row.high, None, sheet.money)


def _numbers(row: Any, sheet: Sheet) -> str:
    """A difference and half of its interval, with the decimals of a comparison."""
    if row.difference != row.difference:
        return "–"
    numbers = _found(row, sheet).numbers
    difference, half = numbers["difference"], 0.5 * hundredfold(str(row.outcome)) * (row.high - row.low)
    if half != half or half == 0.0:
        return sheet.say(difference["en"], difference["fa"])
    decimals = len(numbers["low"]["en"].partition(".")[2])
    around = shown(max(half, 10.0**-decimals), decimals)  # never ± 0.00
    return sheet.say(f"{difference['en']} ± {around['en']}", f"{difference['fa']} ± {around['fa']}")


def of_label(rows: pd.DataFrame, label: str, week: int | None) -> pd.Series:
    """The row of an outcome's label among rows with the columns outcome, group and week; of several weeks one.

    Raises:
        ConfigError: there is none.
    """
    outcome, group = split_label(label)
    own = rows[(rows.outcome == outcome) & (rows.group == group)]
    own = own[own.week == week] if week is not None and (own.week >= 0).any() else own.sort_values("week")
    if own.empty:
        kept = ", ".join(
            dict.fromkeys(f"{name}[{of}]" if of else name for name, of in rows[["outcome", "group"]].values)
        )
        raise ConfigError(f"{label} was not kept by the experiment; there are: {kept}", key="options.outcomes")
    return own.iloc[-1]


def _panel(axes: Axes, rows: pd.DataFrame, sheet: Sheet, room: float, shared: float | None) -> None:
    """One outcome: intervals, numbers at the right, a heading with unit, base and band.

    Args:
        axes: the panel.
        rows: of the outcome.
        sheet: it is drawn on.
        room: inches of the numbers.
        shared: reach of the scale of all panels, in least differences; None for a scale of its own.
    """
    label, least = str(rows.outcome.iloc[0]), float(rows.least.iloc[0])
    unit = least if shared is not None else 1.0 / hundredfold(label)
    reach = shared if shared is not None else _own_reach(rows, least) / unit
    if least == least:
        axes.axvspan(-least / unit, least / unit, color=BAND, linewidth=0.0, zorder=0)
    elif shared is not None:
        _say_that_nothing_is_drawn(axes, rows, sheet)
    axes.axvline(0.0, color=style.BLACK, linewidth=0.6, zorder=1)
    wide = axes.get_position().width * sheet.inches
    begin = -1.08 * reach
    end = begin + 2.16 * reach / (1.0 - room / wide)
    axes.set_xlim(begin, end)
    for row in each(rows):
        axes.text(end, row.arm, _numbers(row, sheet), va="center", ha="right", fontsize=SIZE)
        ends = (row.low / unit, row.high / unit)  # nan where the base is 0: no size can be called small
        draw_interval(axes, row.arm, row.difference / unit, ends, reach, style.BLUE)
    axes.set_xticks(_multiples(reach, wide - room) if shared is not None else _round_ones(reach))
    axes.spines["bottom"].set_bounds(-reach, reach)
    sheet.numbers(axes, "x", sign=True)
    axes.tick_params(axis="x", labelsize=SIZE, pad=1.5)
    sheet.heading(axes, sheet.outcome(label), _note(rows, sheet))


def _own_reach(rows: pd.DataFrame, least: float) -> float:
    """How far the scale of one panel goes to either side: all of its intervals, and the band."""
    ends = np.abs(rows[["difference", "low", "high"]].to_numpy(dtype=float))
    furthest = float(np.nanmax(ends)) if np.isfinite(ends).any() else 0.0
    return max(1.05 * furthest, 1.2 * least if least == least else 0.0) or 1.0


def _multiples(reach: float, inches: float) -> list[float]:
    """Multiples of the least difference that have a tick: whole ones, as many as their numbers have room for."""
    apart = inches / (2.16 * reach)  # inches from one to the next
    step = next(step for step in (1, 2, 4, 8) if step * apart >= ROOM_OF_A_TICK or step >= reach)
    return [float(tick) for tick in range(-(int(reach) // step) * step, int(reach) + 1, step)]


def _round_ones(reach: float) -> list[float]:
    """0 and one number to either side, the largest round one that the scale holds."""
    size = 10.0 ** math.floor(math.log10(reach))
    tick = max(step * size for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0) if step * size <= reach)
    return [-tick, 0.0, tick]


def _say_that_nothing_is_drawn(axes: Axes, rows: pd.DataFrame, sheet: Sheet) -> None:
    text = sheet.say("not on this scale", "بیرون از این مقیاس")
    box = {"facecolor": "white", "linewidth": 0.0, "pad": 0.8}
    axes.text(
        0.0, 0.5 * (len(rows) - 1), text, ha="center", va="center", fontsize=SIZE - 0.5, color=style.GREY, zorder=3,
        bbox=box,
    )  # fmt: skip


def _note(rows: pd.DataFrame, sheet: Sheet) -> str:
    """Unit, level of the base, and the least difference that matters, where there is one."""
    row = next(each(rows))
    numbers = _found(row, sheet).numbers
    text = {key: numbers[key][sheet.language] for key in ("base", "least")}
    unit = sheet.small_unit(str(row.outcome)).strip()
    parts = [unit] if unit else []
    parts.append(sheet.say(f"base {text['base']}", f"مبنا {text['base']}"))
    if row.least == row.least:
        parts.append(sheet.say(f"band ±{text['least']}", f"نوار ±{text['least']}"))
    return sheet.say(", ", "، ").join(parts)
