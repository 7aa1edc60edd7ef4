"""The figure of scenario discovery: the limits of each box within the ranges sampled, its coverage and its density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from experiments.discovery.boxes import Box, Discovery, Limit
from experiments.discovery.words import bounds_in_words, number_in_words, unit_in_words
from experiments.figures import style
from experiments.figures.heads import inches_of
from experiments.figures.sheet import Sheet
from experiments.titles import title_of

ROW, ABOVE, FOOT, LINE = 0.50, 0.30, 0.12, 0.17
"""Inches of a row and of what stands above a box's rows, below them, and of a line of the legend."""

NAMES, SQUARE, GAP, EDGE = 2.05, 1.75, 0.75, 0.12
"""Inches of the names, of the panel of coverage and density, between both panels, and at the right."""

TALL = 0.16
"""Half the height of a bar, as a share of a row."""

NUMBERS = 6.5
"""Points of the numbers at a row."""


@dataclass(frozen=True)
class Found:
    """What is drawn.

    Attributes:
        discovery: with at least one box.
        assumptions: of all points, one column a key; their ends are the ranges sampled.
        fails: which points fail, (points,).
    """

    discovery: Discovery
    assumptions: pd.DataFrame
    fails: NDArray[np.bool_]


def boxes_figure(found: Found, sheet: Sheet) -> Figure:
    """Draw it, in the sheet's style: the boxes below each other at the left, coverage and density at the right."""
    boxes = found.discovery.boxes
    heights = [ABOVE + ROW * len(box.limits) + FOOT for box in boxes]
    handles = _handles(sheet)
    top = LINE * -(-len(handles) // 3) * (1.0 if sheet.language == "en" else 1.25) + 0.08
    with sheet.styled():
        figure = sheet.new(top + max(sum(heights), ABOVE + SQUARE + 0.5))
        sheet.legend(figure, handles, 3)
        wide, down = sheet.inches - NAMES - GAP - SQUARE - EDGE, sheet.head.height + top
        for number, (box, height) in enumerate(zip(boxes, heights, strict=True), 1):
            size = (wide, ROW * len(box.limits))
            axes = _placed(figure, sheet, NAMES, down + ABOVE, size)
            _limits(axes, box, number, found, size[0], sheet)
            down += height
        left = sheet.inches - SQUARE - EDGE
        axes = _placed(figure, sheet, left, sheet.head.height + top + ABOVE, (SQUARE, SQUARE))
        _coverage_and_density(axes, found.discovery, sheet)
    return figure


def _placed(figure: Figure, sheet: Sheet, left: float, down: float, size: tuple[float, float]) -> Axes:
    """A panel by its inches from the left edge and from the top, and its width and height."""
    high = float(figure.get_figheight())
    wide, tall = size
    return figure.add_axes((left / sheet.inches, 1.0 - (down + tall) / high, wide / sheet.inches, tall / high))


def _limits(axes: Axes, box: Box, number: int, found: Found, wide: float, sheet: Sheet) -> None:
    """The rows of a box: a bar is what lies within the limits; points that fail stand above the others."""
    ranked = sorted(box.limits.items(), key=lambda item: item[1].quasi_p)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(ranked) - 0.5, -0.5)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=4)
    axes.set_yticks(range(len(ranked)), [_name(key, sheet) for key, _ in ranked], fontsize=7.0)
    for at, (key, limit) in enumerate(ranked):
        _row(axes, at, limit, found.assumptions[key], found.fails, wide, sheet)
    title = sheet.say(f"box {number}", f"ناحیه {sheet.digits(str(number))}")
    sheet.heading(axes, title)


def _name(key: str, sheet: Sheet) -> str:
    """The name of an assumption with its unit, in lines that fit beside the rows."""
    unit = unit_in_words(key, sheet.language, sheet.money)
    name = title_of(key, sheet.language) + (f" ({unit})" if unit else "")
    lines = sheet.lines(name, NAMES - 0.1, 7.0)
    return "\n".join(lines[:2] if len(lines) < 3 else [lines[0], f"{lines[1]} …"])


def _row(
    axes: Axes, at: int, limit: Limit, values: pd.Series, fails: NDArray[np.bool_], wide: float, sheet: Sheet
) -> None:
    words = bounds_in_words(limit, sheet.language)
    if limit.among:
        lines = "\n".join(sheet.lines(words, wide, NUMBERS)[:3])
        axes.text(0.5, at, lines, ha="center", va="center", fontsize=NUMBERS, fontweight="bold", color=style.BLUE)
        return
    least, most = float(values.min()), float(values.max())
    low, high = (
        (place - least) / (most - least)
        for place in (least if limit.low is None else limit.low, most if limit.high is None else limit.high)
    )
    axes.fill_between([low, high], at - TALL, at + TALL, color=style.SKY, alpha=0.4, linewidth=0.0, zorder=1)
    axes.plot([0.0, 1.0], [at, at], color=style.GREY, linewidth=0.5, zorder=2)
    shares = (values.to_numpy(dtype=float) - least) / (most - least)
    for those, shift, colour in ((fails, -0.5, style.VERMILION), (~fails, 0.5, style.GREY)):
        axes.vlines(
            shares[those], at + shift * TALL - 0.4 * TALL, at + shift * TALL + 0.4 * TALL, color=colour, linewidth=0.5,
            zorder=3,
        )  # fmt: skip
    half = 0.5 * inches_of(words, NUMBERS, sheet.language) / wide + 0.02
    middle = float(np.clip(0.5 * (low + high), half, max(half, 1.0 - half)))
    axes.text(middle, at - TALL - 0.03, words, ha="center", va="bottom", fontsize=NUMBERS, color=style.BLUE)
    for place, end, side in ((0.0, least, "left"), (1.0, most, "right")):
        number = number_in_words(end, sheet.language)
        axes.text(place, at + TALL + 0.03, number, ha=side, va="top", fontsize=NUMBERS - 0.5, color=style.GREY)


def _coverage_and_density(axes: Axes, found: Discovery, sheet: Sheet) -> None:
    """A mark for each box, and one for its density among the points held out; a line for all points together."""
    axes.axhline(found.failures / found.points, color=style.BLACK, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    for number, box in enumerate(found.boxes, 1):
        axes.plot([box.coverage] * 2, [box.density, box.checked_density], color=style.GREY, linewidth=0.8, zorder=1)
        axes.plot(box.coverage, box.checked_density, "o", markersize=5.5, markerfacecolor="white",
                  markeredgecolor=style.VERMILION, markeredgewidth=1.0, zorder=2)  # fmt: skip
        axes.plot(box.coverage, box.density, "o", markersize=5.0, color=style.BLUE, zorder=3)
        inwards = box.coverage > 0.85
        axes.annotate(
            sheet.digits(str(number)), (box.coverage, box.density), (-6.0 if inwards else 6.0, 0.0),
            textcoords="offset points", ha="right" if inwards else "left", va="center", fontsize=7.5, fontweight="bold",
        )  # fmt: skip
    axes.set_xlim(0.0, 1.03)
    axes.set_ylim(0.0, 1.03)
    for which in ("x", "y"):
        sheet.numbers(axes, which, 100.0)
    axes.set_xticks([0.0, 0.5, 1.0])
    axes.set_yticks([0.0, 0.5, 1.0])
    axes.set_xlabel(sheet.say("coverage: % of all failures", "پوشش: درصد همه ناکامی‌ها"), fontsize=7.0, labelpad=2.0)
    density = sheet.say("density: % of its points that fail", "چگالی: درصد نقطه‌های ناکام")
    axes.set_ylabel(density, fontsize=7.0, labelpad=2.0)


def _handles(sheet: Sheet) -> list[Line2D | Patch]:
    def dot(face: str, edge: str, words: tuple[str, str]) -> Line2D:
        return Line2D([], [], marker="o", linestyle="none", markersize=4.5, markerfacecolor=face, markeredgecolor=edge,
                      label=sheet.say(*words))  # fmt: skip

    return [
        Patch(color=style.SKY, alpha=0.4, label=sheet.say("within the limits", "درون حدود")),
        Line2D([], [], color=style.VERMILION, marker="|", linestyle="none", markersize=6.0,
               label=sheet.say("point that fails", "نقطه ناکام")),
        Line2D([], [], color=style.GREY, marker="|", linestyle="none", markersize=6.0,
               label=sheet.say("other point", "نقطه دیگر")),
        Line2D([], [], color=style.BLACK, linewidth=0.8, linestyle=(0, (4, 2)),
               label=sheet.say("density of all points", "چگالی همه نقطه‌ها")),
        dot(style.BLUE, style.BLUE, ("all points of the box", "همه نقطه‌های ناحیه")),
        dot("white", style.VERMILION, ("its held-out points", "نقطه‌های کنارگذاشته آن")),
    ]  # fmt: skip


def title_of_figure(outcome: str, policy: str, base: str, threshold: float, *, below: bool, sheet: Sheet) -> str:
    """What failing means, in words.

    Args:
        outcome: its label.
        policy, base: titles; no base where the outcome itself is judged.
        threshold: in the outcome's own unit.
        below: whether less than that fails; else more.
        sheet: of the words.
    """
    number = number_in_words(threshold, sheet.language)
    than = sheet.say("below" if below else "above", "کمتر از" if below else "بیشتر از")
    less = sheet.say(f" less that under “{base}”", f" منهای همان در «{base}»") if base else ""
    name = sheet.outcome(outcome)
    return sheet.say(
        f"Where “{policy}” fails: {name}{less} {than} {number}",
        f"جایی که «{policy}» ناکام است: {name}{less} {than} {number}",
    )


def note_of_figure(found: Discovery, experiment: str, sheet: Sheet) -> str:
    """How many points there are, how many fail, and of which experiment."""
    counts = (found.points, found.failures, found.unclear)
    points, failures, unclear = (number_in_words(count, sheet.language) for count in counts)
    return sheet.say(
        f"{experiment}: {failures} of {points} points fail, {unclear} are inconclusive because of noise",
        f"{experiment}: از {points} نقطه {failures} نقطه ناکام است و {unclear} نقطه به سبب نوفه نامعلوم است",
    )


def caption(sentence: str, words: list[str], sheet: Sheet) -> str:
    """What is seen, in a paragraph.

    Args:
        sentence: what failing means, with the outcome's label.
        words: the boxes in words.
        sheet: of the language.
    """
    return sheet.say(
        f"A point fails where {sentence}. Left: limits of each box (PRIM) within the range sampled of each assumption "
        "that it restricts; the strips are all points, those that fail above the others, inconclusive ones among them. "
        "Right: share of all failures that lie in a box, and share of its points that fail; the number is the box's. A "
        "later box covers only points outside the earlier ones. A box describes the sample: it is not a forecast, and "
        f"points outside it may fail as well. {' '.join(words)}",
        f"نقطه‌ای ناکام است که {sentence}. چپ: حدود هر ناحیه (PRIM) در دامنه نمونه‌گیری هر فرضی که محدود می‌کند؛ نوارها "
        "همه نقطه‌هاست، ناکام‌ها بالا و دیگران، از جمله نامعلوم‌ها، پایین. راست: سهمی از همه ناکامی‌ها که درون ناحیه "
        "است، و سهم ناکام از نقطه‌های ناحیه؛ عدد شماره ناحیه است. ناحیه‌های بعدی تنها نقطه‌های بیرون از ناحیه‌های پیشین "
        "را در بر می‌گیرد. ناحیه وصف نمونه است، نه پیش‌بینی؛ نقطه‌های بیرون از آن نیز ممکن است ناکام باشد. "
        f"{' '.join(words)}",
    )
