"""One figure of an analysis: a panel an outcome, the factors that move it most, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from experiments.contrasts.arms import split_label
from experiments.figures.style import BLUE, GREY, VERMILION, house_style, new_figure, save
from experiments.sensitivity.analysis import SETTING, Findings
from experiments.sensitivity.screening import TIMES_LUCK
from experiments.sweeps.experiment import BASE
from experiments.units import POINTS, unit_of

SHOWN = 10
"""Factors in a panel."""

PANELS = 10
"""Outcomes in the figure; the table has all."""

LUCK_COLOURS = ("#D5D5D5", "#EDEDED")
FEW_DECADES = 2.2
"""Of a log scale, up to which each 1, 2 and 5 has a mark."""


def draw(findings: Findings, unproven: frozenset[str], path: Path) -> str:
    """Draw the findings of the first policy, and return a sentence on what is not in the figure, or "".

    Args:
        findings: of one sweep.
        unproven: factors without evidence, which are drawn filled.
        path: the PNG.
    """
    first = findings.luck.iloc[0]
    mine = [(findings.table[name] == first[name]) for name in ("policy", "levers", "against")]
    table = findings.table[np.logical_and.reduce(mine) & (findings.table["other"] == "")]
    labels = list(dict.fromkeys(table["outcome"]))
    settings = len(findings.luck[list(SETTING[1:])].drop_duplicates())
    morris = table["method"].iloc[0] == "morris"
    with house_style():
        rows = math.ceil(min(len(labels), PANELS) / 2)
        shown = min(SHOWN, table["factor"].nunique())
        height = rows * (0.62 + 0.155 * shown) + 1.1
        figure = new_figure(9.2, height, 150)
        grid = figure.subplots(rows, 2, squeeze=False)
        for axes, label in zip(grid.flat, labels[:PANELS], strict=False):
            _panel(axes, table[table["outcome"] == label], label, unproven, shown)
        legend = _legend(morris, lucky=bool(table["floor"].notna().any()))
        for axes in list(grid.flat)[len(labels[:PANELS]) :]:
            axes.remove()
        against = f" less {first['against']}" if first["against"] else ""
        policy = "the base's policy" if first["policy"] == BASE else first["policy"]
        what = f"{policy}{against}" + (f"; {first['levers']}" if first["levers"] else "")
        figure.suptitle(
            f"What moves the outcomes ({what}): " + ("Morris screening" if morris else "Sobol' indices"),
            x=0.01, y=1.0 - 0.08 / height, ha="left", va="top", fontsize=10, fontweight="bold",
        )  # fmt: skip
        factors = table["factor"].nunique()
        below = 0.40 if shown < factors else 0.22
        if shown < factors:
            many = f"Each panel shows the {shown} of {factors} assumptions with the largest effects; the table has all."
            figure.text(0.012, 1.0 - 0.40 / height, many, fontsize=7.5, color=GREY, va="center")
        figure.legend(
            handles=legend, loc="upper left", bbox_to_anchor=(0.005, 1.0 - (below + 0.07) / height), ncols=3,
            borderpad=0.2, columnspacing=1.4, handletextpad=0.5,
        )  # fmt: skip
        figure.tight_layout(rect=(0.0, 0.0, 1.0, 1.0 - (below + 0.34) / height), h_pad=1.1, w_pad=1.6)
        for column in grid.T:
            _titles_above_names([axes for axes in column if axes in figure.axes])
    save(figure, path)
    left = [f"{len(labels) - PANELS} outcomes"] if len(labels) > PANELS else []
    left += [f"{settings - 1} other combinations of policy and levers"] if settings > 1 else []
    return f"not in the figure, but in the table: {' and '.join(left)}" if left else ""


def _panel(axes: Axes, table: pd.DataFrame, label: str, unproven: frozenset[str], shown: int) -> None:
    main = "mu_star" if (table["method"] == "morris").all() else "ST"
    ranked = table[table["index"] == main].sort_values("value", ascending=False, kind="stable").head(shown)
    axes.set_title(label.replace("[", "\n[", 1), loc="left")
    if not (ranked["value"].abs() > 0.0).any():
        axes.text(
            0.0, 0.5, "does not vary: no assumption affects it", transform=axes.transAxes, va="center", color=GREY
        )
        axes.set_axis_off()
        return
    places = np.arange(len(ranked))[::-1]
    names = [str(factor) for factor in ranked["factor"]]
    axes.set_yticks(places, [short(name) for name in names])
    axes.set_ylim(-0.7, len(ranked) - 0.3)
    if main == "mu_star":
        _logarithmic(axes, ranked)
        axes.set_xlabel(f"µ*, {_unit(label)} (log scale)", fontsize=7.0, labelpad=1.5)
        series = [(main, BLUE, 0.0)]
    else:
        axes.set_xlabel("share of the variance", fontsize=7.0, labelpad=1.5)
        series = [("ST", BLUE, 0.13), ("S1", VERMILION, -0.13)]
    for index, colour, shift in series:
        own = table[table["index"] == index].set_index("factor").loc[names]
        for place, (factor, row) in zip(places, own.iterrows(), strict=True):
            _index(axes, row[["value", "low", "high"]].astype(float), place + shift, colour, str(factor) in unproven)
    if main == "ST":
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    for place, floor in zip(places, ranked["floor"].astype(float), strict=True):
        if np.isfinite(floor):
            _luck_band(axes, floor, float(place))
    axes.grid(axis="x", color="#E4E4E4", linewidth=0.5)
    axes.set_axisbelow(True)


def _logarithmic(axes: Axes, ranked: pd.DataFrame) -> None:
    """A log scale from a third of the smallest value or noise floor, so that one large value hides no other."""
    values = ranked[["value", "floor"]].to_numpy(dtype=float)
    least = float(values[np.isfinite(values) & (values > 0.0)].min())
    highest = float(np.nanmax(ranked[["value", "high"]].to_numpy(dtype=float)))
    axes.set_xscale("log")
    axes.set_xlim(least / 3.0, 1.3 * highest)
    decades = math.log10(axes.get_xlim()[1] / axes.get_xlim()[0])
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if decades < FEW_DECADES else (1.0,)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))


def _index(axes: Axes, row: pd.Series, at: float, colour: str, filled: bool) -> None:
    """A value with its interval; on a log scale, one that goes on beyond the left edge ends in an arrow there."""
    edge = axes.get_xlim()[0] if axes.get_xscale() == "log" else -math.inf
    low, value = max(row["low"], edge), max(row["value"], edge)
    axes.plot([low, row["high"]], [at, at], color=colour, linewidth=1.3, zorder=2)
    if row["low"] < edge:
        axes.plot(edge, at, "<", color=colour, markersize=3.6, markeredgewidth=0.0, zorder=3, clip_on=False)
    if row["value"] >= edge:
        axes.plot(value, at, "o", markersize=4.2, markerfacecolor=colour if filled else "white",
                  markeredgecolor=colour, markeredgewidth=1.0, zorder=4)  # fmt: skip


def _luck_band(axes: Axes, floor: float, at: float) -> None:
    """Shade the noise floor in the row of a factor, and paler the range up to `TIMES_LUCK` times the floor."""
    start = axes.get_xlim()[0] if axes.get_xscale() == "log" else 0.0
    for colour, times in zip(LUCK_COLOURS[::-1], (TIMES_LUCK, 1.0), strict=True):
        axes.fill_betweenx([at - 0.5, at + 0.5], start, times * floor, color=colour, linewidth=0.0, zorder=0.5)


def _unit(label: str) -> str:
    """Unit of an outcome, as its values are in the table."""
    unit = unit_of(split_label(label)[0].partition(":")[0])
    return "share, 0 to 1" if unit == POINTS else unit


def _plain(value: float) -> str:
    """A number without powers of ten."""
    return f"{value:,.0f}" if value >= 1.0 else np.format_float_positional(float(f"{value:.2g}"), trim="-")


def _titles_above_names(panels: Sequence[Axes]) -> None:
    """Let the titles of a column begin where its longest name does, or further left where they would be cut off."""
    boxes = [axes.get_tightbbox(for_layout_only=True) for axes in panels]
    left = min((box.x0 for box in boxes if box is not None), default=0.0)
    for axes in panels:
        text, figure = axes.get_title(loc="left"), axes.get_figure(root=True)
        assert figure is not None
        width = axes.set_title(text, loc="left").get_window_extent().width
        begin = max(2.0, min(left, max(axes.bbox.x1, 0.5 * figure.bbox.width) - width))
        axes.set_title(text, loc="left", x=float(axes.transAxes.inverted().transform((begin, 0.0))[0]))


def short(key: str) -> str:
    """A key without its part and group: the last two names of it, at most 38 letters."""
    text = ".".join(key.split(".")[-2:])
    return text if len(text) <= 38 else f"…{text[-37:]}"


def _legend(morris: bool, *, lucky: bool) -> list[Line2D | Patch]:
    """The legend; the noise floor is included only where it is drawn."""

    def dot(colour: str, label: str, *, filled: bool = True) -> Line2D:
        face = colour if filled else "white"
        return Line2D([], [], marker="o", color=colour, markerfacecolor=face, markersize=4.2, label=label)

    words = ("noise floor", f"up to {TIMES_LUCK:g} times the noise floor: does not count")
    bands = [Patch(color=colour, label=text) for colour, text in zip(LUCK_COLOURS, words, strict=True)]
    floor = bands if lucky else []
    evidence = "with a source or a range from one"
    scaling = Line2D([], [], linestyle="none", label="µ*: over the whole range, or per change of name")
    further = "continues beyond the edge"
    edge = Line2D([], [], color=BLUE, linestyle="none", marker="<", markersize=3.6, label=further)
    if morris:
        both = [dot(BLUE, "assumed or claimed, 95 % interval"), dot(BLUE, evidence, filled=False)]
        return [*both, *floor, edge, scaling]
    kinds = [dot(BLUE, "total (ST), 95 % interval"), dot(VERMILION, "first (S1)")]
    return [*kinds, dot(GREY, evidence, filled=False), *floor]
