"""Contrasts on a page: differences with intervals by outcome, by group, and in how many neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.contrasts.tables import ASSUMPTIONS
from experiments.figures import style

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY)
MARKS = "osD^vP"
MOST_POLICIES = len(COLOURS)
PALE = 0.45
MOSTLY = 0.9
"""Share of neighbourhoods about the same above which bars are hardly seen, and words say it."""


def contrast_figure(
    contrasts: pd.DataFrame,
    neighbourhoods: pd.DataFrame,
    *,
    title: str,
    note: str,
    groups_of: str,
    group_order: Sequence[str],
    group_name: Callable[[str], str],
) -> Figure:
    """Draw a comparison at its last week.

    Args:
        contrasts, neighbourhoods: the tables of a comparison; of up to six policies.
        title: heading of the page; it names the policies.
        note: what the intervals are, below.
        groups_of: outcome shown by group.
        group_order: groups as ``kind=group``, from the top.
        group_name: a group in words.
    """
    last = contrasts[contrasts.week == contrasts.week.max()]
    policies = list(dict.fromkeys(last.policy))[:MOST_POLICIES]
    city = last[last.group == ""]
    outcomes = list(dict.fromkeys(city.outcome))
    with style.house_style():
        figure = style.new_figure(14.0, 8.6, 110)
        left, middle, right = (figure.add_axes(box) for box in (
            (0.165, 0.15, 0.23, 0.69), (0.545, 0.15, 0.19, 0.69), (0.855, 0.15, 0.125, 0.69),
        ))  # fmt: skip
        _outcomes(left, city, policies, outcomes)
        _groups(middle, last[last.outcome == groups_of], policies, list(group_order), group_name)
        _neighbourhoods(right, neighbourhoods, policies)
        middle.set_title(f"{groups_of.replace('_', ' ')}, by group", pad=10.0)
        figure.text(0.012, 0.965, title, fontsize=12.0, fontweight="bold", va="top")
        figure.text(0.012, 0.012, note, fontsize=7.5, color=style.GREY, va="bottom")
        handles, labels = left.get_legend_handles_labels()
        place = (0.005, 0.935)
        figure.legend(handles, labels, loc="upper left", bbox_to_anchor=place, ncols=len(policies), fontsize=8.5)
    return figure


def _outcomes(axes: Axes, rows: pd.DataFrame, policies: Sequence[str], outcomes: Sequence[str]) -> None:
    """Every outcome on a scale of its own, so that all intervals can be seen; the figures stand beside."""
    for place, outcome in enumerate(outcomes):
        own = rows[rows.outcome == outcome].set_index("policy")[_shown(rows)].loc[list(policies)]
        reach = float(own.abs().max().max()) or 1.0
        for number, (policy, row) in enumerate(own.iterrows()):
            at = place + _offset(number, len(policies))
            label = str(policy) if place == 0 else None
            _interval(axes, row / reach, at, number, label)
        alike = not own.to_numpy().any()
        figures = "no difference" if alike else f"± {_plain(reach)}"
        axes.text(1.08, place, figures, fontsize=7.0, va="center", ha="left", color=style.BLACK)
    _rows(axes, outcomes)
    axes.set_xlim(-1.05, 1.05)
    axes.set_xticks([-1.0, 0.0, 1.0], ["lower", "0", "higher"])
    axes.set_title("difference, each outcome on its own scale", pad=10.0)
    axes.text(1.08, -0.75, "end of scale", fontsize=7.0, va="center", color=style.GREY)


def _plain(value: float) -> str:
    """A number with two figures and no powers of ten, such as 0.00008 or 2,100."""
    two_figures = float(f"{value:.2g}")
    return f"{two_figures:,.0f}" if value >= 10.0 else np.format_float_positional(two_figures, trim="-")


def _groups(
    axes: Axes, rows: pd.DataFrame, policies: Sequence[str], groups: Sequence[str], name: Callable[[str], str]
) -> None:
    for place, group in enumerate(groups):
        own = rows[rows.group == group].set_index("policy")[_shown(rows)].loc[list(policies)]
        for number, (_, row) in enumerate(own.iterrows()):
            _interval(axes, row, place + _offset(number, len(policies)), number, None)
    _rows(axes, [name(group) for group in groups])
    kinds = [group.partition("=")[0] for group in groups]
    for place in range(1, len(kinds)):
        if kinds[place] != kinds[place - 1]:
            axes.axhline(place - 0.5, color=style.GREY, linewidth=0.4)
    axes.set_xlabel("difference")
    axes.locator_params(axis="x", nbins=4)


def _neighbourhoods(axes: Axes, shares: pd.DataFrame, policies: Sequence[str]) -> None:
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
    _rows(axes, outcomes)
    axes.set_xlim(-105.0, 105.0)
    axes.set_xticks([-100, -50, 0, 50, 100], ["100", "50", "0", "50", "100"])
    axes.set_xlabel("lower (pale) ← % → higher")
    week = f", week {shares.week.iloc[0]}" if len(shares) else ""
    axes.set_title(f"neighbourhoods{week}", pad=10.0)


def _shown(rows: pd.DataFrame) -> list[str]:
    """Columns drawn: the interval, and where assumptions vary the range of single differences, pale behind it."""
    varied = bool((rows.spread_over == ASSUMPTIONS).any())
    return ["difference", "low", "high", *(["spread_low", "spread_high"] if varied else [])]


def _interval(axes: Axes, row: pd.Series, at: float, number: int, label: str | None) -> None:
    colour = COLOURS[number]
    if "spread_low" in row:
        axes.plot([row.spread_low, row.spread_high], [at, at], color=colour, linewidth=4.0, alpha=0.3)
    axes.plot([row.low, row.high], [at, at], color=colour, linewidth=1.4)
    axes.plot(row.difference, at, MARKS[number], color=colour, markersize=4.0, label=label)


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.axvline(0.0, color=style.BLACK, linewidth=0.6)
    axes.tick_params(axis="y", length=0)


def _offset(number: int, of: int) -> float:
    return 0.0 if of == 1 else (number - (of - 1) / 2.0) * 0.7 / of
