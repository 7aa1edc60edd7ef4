"""Contrasts on a page: differences with intervals by outcome, by group, and in how many neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.contrasts.spreads import LUCK
from experiments.figures import style
from experiments.units import factor_of, in_words, unit_of

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY)
MARKS = "osD^vP"
MOST_POLICIES = len(COLOURS)
PALE = 0.45
MOSTLY = 0.9
"""Share of neighbourhoods about the same above which bars are hardly seen, and words say it."""

BAND = "#E3E3E3"
BETTER = {"highest": "better ▶", "lowest": "◀ better"}
"""The mark beside an outcome, by which of its ends is the better one."""

LONGEST = 64
"""Letters of a policy's title in the legend."""

_WIDTH = 12.6
_TOP, _BOTTOM, _LEGEND_ROW = 0.98, 0.95, 0.19
"""Inches above the panels (without the legend), below them, and for each row of the legend."""


def contrast_figure(
    contrasts: pd.DataFrame,
    neighbourhoods: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    note: str,
    titles: Mapping[str, str],
    ends: Mapping[str, str],
    groups_of: str,
    group_order: Sequence[str],
    group_name: Callable[[str], str],
) -> Figure:
    """Draw a comparison at its last week.

    Args:
        contrasts, neighbourhoods: the tables of a comparison; of up to six policies.
        title: heading of the page; it names the base.
        subtitle: what was run, below it.
        note: what the intervals are, below.
        titles: of policies, for the legend; one without goes by its name.
        ends: of outcomes that have a better end, which it is: highest or lowest.
        groups_of: outcome shown by group.
        group_order: groups as ``kind=group``, from the top.
        group_name: a group in words.
    """
    last = contrasts[contrasts.week == contrasts.week.max()]
    policies = list(dict.fromkeys(last.policy))[:MOST_POLICIES]
    city = last[last.group == ""]
    outcomes = list(dict.fromkeys(city.outcome))
    least = {str(outcome): float(rows.least.iloc[0]) for outcome, rows in neighbourhoods.groupby("outcome")}
    pitch = 0.40 + 0.055 * len(policies)
    top, tall = _TOP + _LEGEND_ROW * max(len(policies), 2), pitch * max(len(outcomes), 10)
    height = top + tall + _BOTTOM
    with style.house_style():
        figure = style.new_figure(_WIDTH, height, 110)
        for place, outcome in enumerate(outcomes):
            box = (0.195, 1.0 - (top + (place + 0.62) * pitch) / height, 0.24, 0.62 * pitch / height)
            own = city[city.outcome == outcome].set_index("policy")[_shown(city)].loc[list(policies)]
            _outcome(figure.add_axes(box), own, outcome, least.get(outcome), ends.get(outcome))
        middle = figure.add_axes((0.655, 1.0 - (top + 0.63 * tall) / height, 0.265, 0.63 * tall / height))
        _groups(middle, last[last.outcome == groups_of], policies, list(group_order), group_name)
        _band(middle, least.get(groups_of, 0.0) * factor_of(groups_of))
        _mark(middle, 0.5, ends.get(groups_of))
        lower = figure.add_axes((0.655, _BOTTOM / height, 0.265, 0.24 * tall / height))
        _neighbourhoods(lower, neighbourhoods, policies, ends)
        heads = (
            (0.012, top - 0.14, "Differences in the city, each outcome on its own axis"),
            (0.51, top - 0.14, f"Differences by group: {in_words(groups_of)}"),
            (0.51, top + 0.76 * tall - 0.24, _of_neighbourhoods(neighbourhoods)),
        )
        for x, down, text in heads:
            figure.text(x, 1.0 - down / height, text, fontsize=9.0, fontweight="bold", va="bottom")
        figure.text(0.012, 1.0 - 0.14 / height, title, fontsize=12.0, fontweight="bold", va="top")
        figure.text(0.012, 1.0 - 0.42 / height, subtitle, fontsize=8.5, color=style.GREY, va="top")
        figure.text(0.012, 0.10 / height, note, fontsize=7.0, color=style.GREY, va="bottom")
        _legend(figure, [titles.get(name, name) for name in policies], height, banded=bool(least))
    return figure


def _legend(figure: Figure, titles: Sequence[str], height: float, *, banded: bool) -> None:
    """One policy a line, and what the band and the mark are beside them."""
    policies = [
        Line2D([], [], color=COLOURS[number], marker=MARKS[number], markersize=4.0, label=_short(text))
        for number, text in enumerate(titles)
    ]
    place: dict[str, Any] = {"loc": "upper left", "fontsize": 8.0, "borderaxespad": 0.0, "handlelength": 1.8}
    figure.legend(handles=policies, bbox_to_anchor=(0.009, 1.0 - 0.60 / height), **place)
    mark = Line2D([], [], linestyle="none", marker=">", color=style.GREY, markersize=5.0)
    mark.set_label("which way is better, a convention; none: neither way")
    band = [Patch(color=BAND, label="less than the least difference that counts in a neighbourhood")] if banded else []
    figure.legend(handles=[mark, *band], bbox_to_anchor=(0.507, 1.0 - 0.60 / height), **place)


def _short(text: str) -> str:
    return shorten(text, LONGEST, placeholder=" …")


def _outcome(axes: Axes, own: pd.DataFrame, outcome: str, least: float | None, end: str | None) -> None:
    """One outcome on its own axis, 0 in the middle, so that all intervals can be seen.

    Args:
        axes: the axis.
        own: its differences, one row per policy.
        outcome: its name.
        least: least difference that counts, in the outcome's unit; None if there is none.
        end: its better end; None if neither is.
    """
    shown = own * factor_of(outcome)
    band = (least or 0.0) * factor_of(outcome)
    sizes = shown.abs().to_numpy()
    reach = max(float(np.nanmax(sizes)) if np.isfinite(sizes).any() else 0.0, 1.25 * band) or 1.0
    _band(axes, band)
    for number, (_, row) in enumerate(shown.iterrows()):
        _interval(axes, row, _offset(number, len(shown)), number)
    axes.axvline(0.0, color=style.BLACK, linewidth=0.7, zorder=1)
    axes.set_xlim(-1.08 * reach, 1.08 * reach)
    axes.set_ylim(0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4, symmetric=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5, length=2.0)
    if not np.nan_to_num(sizes).any():
        axes.text(0.98, 0.5, "no difference", transform=axes.transAxes, fontsize=6.5, color=style.GREY, ha="right")
        if not band:
            axes.set_xticks([0.0])
    axes.text(-0.03, 0.72, in_words(outcome), transform=axes.transAxes, fontsize=8.0, ha="right", va="center")
    axes.text(
        -0.03, 0.24, unit_of(outcome), transform=axes.transAxes, fontsize=6.8, color=style.GREY, ha="right", va="center"
    )
    _mark(axes, 0.5, end)


def _band(axes: Axes, size: float) -> None:
    """Shade what is less than the least difference, (units as drawn), if there is one."""
    if size > 0.0:
        axes.axvspan(-size, size, color=BAND, linewidth=0.0, zorder=0)


def _mark(axes: Axes, height: float, end: str | None) -> None:
    """Say beside an axis which way is better; nothing where neither is."""
    if end is not None:
        axes.text(1.025, height, BETTER[end], transform=axes.transAxes, fontsize=6.8, va="center", color=style.GREY)


def tick(value: float) -> str:
    """A difference below an axis, with its sign."""
    if abs(value) < 1e-12:
        return "0"
    return ("−" if value < 0.0 else "+") + _plain(abs(value))


def _plain(value: float) -> str:
    """A number with two figures and no powers of ten, such as 0.00008 or 2,100."""
    two_figures = float(f"{value:.2g}")
    return f"{two_figures:,.0f}" if value >= 10.0 else np.format_float_positional(two_figures, trim="-")


def _groups(
    axes: Axes, rows: pd.DataFrame, policies: Sequence[str], groups: Sequence[str], name: Callable[[str], str]
) -> None:
    outcome = str(rows.outcome.iloc[0]) if len(rows) else ""
    for place, group in enumerate(groups):
        own = rows[rows.group == group].set_index("policy")[_shown(rows)].loc[list(policies)] * factor_of(outcome)
        for number, (_, row) in enumerate(own.iterrows()):
            _interval(axes, row, place + _offset(number, len(policies)), number)
    _rows(axes, [name(group) for group in groups])
    kinds = [group.partition("=")[0] for group in groups]
    for place in range(1, len(kinds)):
        if kinds[place] != kinds[place - 1]:
            axes.axhline(place - 0.5, color=style.GREY, linewidth=0.4)
    axes.set_xlabel(f"difference, {unit_of(outcome)}")
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))


def _of_neighbourhoods(shares: pd.DataFrame) -> str:
    return "In how many neighbourhoods it is higher, and in how many lower" + (
        f", week {shares.week.iloc[0]}" if len(shares) else ""
    )


def _neighbourhoods(axes: Axes, shares: pd.DataFrame, policies: Sequence[str], ends: Mapping[str, str]) -> None:
    """Higher to the right, lower to the left, in per cent of the neighbourhoods."""
    outcomes = list(dict.fromkeys(shares.outcome))
    for place, outcome in enumerate(outcomes):
        for number, policy in enumerate(policies):
            own = shares[(shares.outcome == outcome) & (shares.policy == policy)].set_index("direction")["share"]
            if own.dropna().empty:
                continue
            at = place + _offset(number, len(policies))
            height = 0.7 / len(policies)
            axes.barh(at, 100.0 * own["higher"], height=height, color=COLOURS[number])
            axes.barh(at, -100.0 * own["lower"], height=height, color=COLOURS[number], alpha=PALE)
            if own["same"] > MOSTLY:
                words = f"{100.0 * own['same']:.0f} % same"
                side = 3.0 if own["higher"] < own["lower"] else -3.0
                align = "left" if side > 0.0 else "right"
                axes.text(side, at, words, fontsize=6.0, va="center", ha=align, color=style.GREY)
    _rows(axes, [in_words(outcome) for outcome in outcomes])
    for place, outcome in enumerate(outcomes):
        low, high = axes.get_ylim()
        _mark(axes, (place - low) / (high - low), ends.get(outcome))
    axes.set_xlim(-105.0, 105.0)
    axes.set_xticks([-100, -50, 0, 50, 100], ["100", "50", "0", "50", "100"])
    axes.set_xlabel("lower (pale) ← % → higher")


def _shown(rows: pd.DataFrame) -> list[str]:
    """Columns drawn: the interval, and where assumptions vary the range of single differences, pale behind it."""
    varied = bool((rows.spread_over != LUCK).any())
    return ["difference", "low", "high", *(["spread_low", "spread_high"] if varied else [])]


def _interval(axes: Axes, row: pd.Series, at: float, number: int) -> None:
    colour = COLOURS[number]
    if "spread_low" in row:
        axes.plot([row.spread_low, row.spread_high], [at, at], color=colour, linewidth=4.0, alpha=0.3)
    axes.plot([row.low, row.high], [at, at], color=colour, linewidth=1.4)
    axes.plot(row.difference, at, MARKS[number], color=colour, markersize=4.0)


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.axvline(0.0, color=style.BLACK, linewidth=0.6)
    axes.tick_params(axis="y", length=0)


def _offset(number: int, of: int) -> float:
    return 0.0 if of == 1 else (number - (of - 1) / 2.0) * 0.7 / of
