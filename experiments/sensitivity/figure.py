"""One figure of an analysis: a panel an outcome, the assumptions that move it most, with intervals, on one scale.

A screening is drawn in multiples of the least difference that matters, on a log scale that all panels share; indices of
Sobol' are shares of an outcome's variance, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullLocator

from experiments.figures import style
from experiments.figures.sheet import BAND, Sheet
from experiments.least import least_that_matters
from experiments.paper.tables import each
from experiments.sensitivity.analysis import SETTING, Findings
from experiments.sensitivity.screening import TIMES_LUCK
from experiments.titles import title_of

SHOWN, PANELS = 10, 10
"""Assumptions in a panel, and outcomes in the figure; the table has all."""

ROW, HEAD, FOOT, NAMES, LINE = 0.16, 0.20, 0.30, 2.12, 0.15
"""Inches of a row, above and below a panel without its heading, of names, and of a line of the legend."""

MULTIPLES = (
    "µ* in multiples of the least difference that matters, log scale",
    "*µ به صورت مضربی از کمترین تفاوت مهم، مقیاس لگاریتمی",
)
SHARES = ("share of the variance, %", "سهم از واریانس (درصد)")

LOWEST = 0.02
"""Multiples of the least difference at which a log scale begins; what is smaller ends in an arrow there."""


@dataclass(frozen=True)
class Moved:
    """What is drawn of an analysis: the first policy's findings.

    Attributes:
        findings: of one sweep.
        unproven: factors without evidence, which are drawn filled.
        levels: mean of each outcome under the policy, by its label, which tells the least difference of counts.
    """

    findings: Findings
    unproven: frozenset[str]
    levels: Mapping[str, float] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        """Rows of the first policy, without interactions."""
        first = self.findings.luck.iloc[0]
        own = [(self.findings.table[name] == first[name]) for name in ("policy", "levers", "against")]
        chosen: pd.DataFrame = self.findings.table[np.logical_and.reduce(own) & (self.findings.table["other"] == "")]
        return chosen

    @property
    def labels(self) -> list[str]:
        """Outcomes."""
        return list(dict.fromkeys(self.table["outcome"]))

    @property
    def morris(self) -> bool:
        """Whether it is a screening."""
        return bool(self.table["method"].iloc[0] == "morris")

    @property
    def left_out(self) -> str:
        """A sentence on what is not in the figure, or ""."""
        settings = len(self.findings.luck[list(SETTING[1:])].drop_duplicates())
        left = [f"{len(self.labels) - PANELS} outcomes"] if len(self.labels) > PANELS else []
        left += [f"{settings - 1} other combinations of policy and levers"] if settings > 1 else []
        return f"not in the figure, but in the table: {' and '.join(left)}" if left else ""

    def least(self, label: str) -> float:
        """The least difference of an outcome that matters; nan where its level is 0 or unknown."""
        return least_that_matters(label, self.levels.get(label, float("nan")))


def sensitivity_figure(found: Moved, sheet: Sheet) -> Figure:
    """Draw it, in the sheet's style."""
    table, labels = found.table, found.labels[:PANELS]
    columns = min(len(labels), 2 if sheet.width == "double" else 1)
    shown = min(SHOWN, int(table["factor"].nunique()))
    with sheet.styled():
        handles = _handles(found, sheet)
        wide = (sheet.inches - columns * NAMES - 0.08) / columns
        longest = max(len(sheet.lines(sheet.outcome(label), wide, 8.0)) for label in labels)
        line = LINE if sheet.language == "en" else 0.2  # Persian letters reach deeper
        above = HEAD + (0.14 if sheet.language == "en" else 0.20) * longest
        pitch, top = above + ROW * shown + FOOT, line * -(-len(handles) // 2) + 0.06
        figure = sheet.new(top + -(-len(labels) // columns) * pitch + 0.24)
        sheet.legend(figure, handles, 2)
        highest = _highest(found)
        for place, label in enumerate(labels):
            axes = sheet.panel(
                figure, place // columns, place % columns, columns, pitch, above, ROW * shown, left=NAMES,
                between=NAMES, top=top,
            )  # fmt: skip
            _panel(axes, found, label, shown, highest, sheet)
        sheet.foot(figure, sheet.say(*(MULTIPLES if found.morris else SHARES)))
    return figure


def _highest(found: Moved) -> float:
    """Where the common log scale ends, in multiples of the least difference."""
    ends = [
        found.table.loc[found.table["outcome"] == label, ["value", "high"]].to_numpy(dtype=float) / found.least(label)
        for label in found.labels[:PANELS]
    ]
    every = np.concatenate([values.ravel() for values in ends])
    return max(3.0, 1.3 * float(every[np.isfinite(every)].max(initial=1.0)))


def _panel(axes: Axes, found: Moved, label: str, shown: int, highest: float, sheet: Sheet) -> None:
    table = found.table[found.table["outcome"] == label]
    least = found.least(label) if found.morris else 1.0
    main = "mu_star" if found.morris else "ST"
    ranked = table[table["index"] == main].sort_values("value", ascending=False, kind="stable").head(shown)
    one = f"{sheet.difference(label, least, sign=False)}{sheet.small_unit(label)}"
    note = sheet.say(f"1 is {one}", f"۱ یعنی {one}") if found.morris and np.isfinite(least) else ""
    sheet.heading(axes, sheet.outcome(label), note)
    if not (ranked["value"].abs() > 0.0).any() or not np.isfinite(least):
        words = (
            ("no least difference: its level is 0", "کمترین تفاوت مهم ندارد: مقدار پیامد ۰ است")
            if (ranked["value"].abs() > 0.0).any()
            else ("does not vary: no assumption affects it", "تغییر نمی‌کند: هیچ فرضی بر آن اثر ندارد")
        )
        at, side = (0.0, "left") if sheet.language == "en" else (1.0, "right")
        axes.text(at, 0.5, sheet.say(*words), transform=axes.transAxes, fontsize=6.5, color=style.GREY, ha=side)
        axes.set_axis_off()
        return
    names = [str(factor) for factor in ranked["factor"]]
    titles = [sheet.shortened(title_of(name, sheet.language), NAMES - 0.14, 6.5) for name in names]
    axes.set_yticks(range(len(names)), titles, fontsize=6.5)
    axes.set_ylim(shown - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
    _scale(axes, found, highest, sheet)
    series = [(main, style.BLUE, 0.0)] if found.morris else [("ST", style.BLUE, -0.13), ("S1", style.VERMILION, 0.13)]
    for index, colour, shift in series:
        own = table[table["index"] == index].set_index("factor").loc[names].reset_index()
        for at, row in enumerate(each(own)):
            ends = np.array([row.value, row.low, row.high], dtype=float) / least
            _index(axes, ends, at + shift, colour, filled=str(row.factor) in found.unproven)
    for at, floor in enumerate(ranked["floor"].astype(float) / least):
        if np.isfinite(floor):
            axes.plot([TIMES_LUCK * floor] * 2, [at - 0.4, at + 0.4], color=style.BLACK, linewidth=1.0, zorder=2)


def _scale(axes: Axes, found: Moved, highest: float, sheet: Sheet) -> None:
    """The scale that all panels share."""
    if not found.morris:
        axes.set_xlim(-0.02, 1.05)
        axes.set_xticks([0.0, 0.5, 1.0])
        sheet.numbers(axes, "x", 100.0)
        return
    axes.axvspan(LOWEST, 1.0, color=BAND, linewidth=0.0, zorder=0)
    axes.set_xscale("log")
    axes.set_xlim(LOWEST, highest)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0,), numticks=6))
    axes.xaxis.set_minor_locator(NullLocator())
    sheet.numbers(axes, "x")


def _index(axes: Axes, ends: np.ndarray, at: float, colour: str, *, filled: bool) -> None:
    """A value with its interval; one that goes on beyond the left edge of a log scale ends in an arrow there."""
    edge = axes.get_xlim()[0]
    value, low, high = ends
    axes.plot(np.clip([low, high], edge, None), [at, at], color=colour, linewidth=1.2, zorder=2)
    if low < edge:
        axes.plot(edge, at, "<", color=colour, markersize=3.2, markeredgewidth=0.0, zorder=3, clip_on=False)
    if value >= edge:
        axes.plot(value, at, "o", markersize=3.6, markerfacecolor=colour if filled else "white",
                  markeredgecolor=colour, markeredgewidth=0.9, zorder=4)  # fmt: skip


def _handles(found: Moved, sheet: Sheet) -> list[Line2D | Patch]:
    """The legend; the noise floor is included only where it is drawn."""

    def dot(colour: str, words: tuple[str, str], *, filled: bool = True) -> Line2D:
        face = colour if filled else "white"
        return Line2D([], [], marker="o", color=colour, markerfacecolor=face, markersize=3.6, linewidth=1.2,
                      label=sheet.say(*words))  # fmt: skip

    hollow = ("hollow: with a source, or a range from one", "توخالی: مقدار یا دامنه آن منبع دارد")
    handles: list[Line2D | Patch]
    if found.morris:
        handles = [
            dot(style.BLUE, ("assumed or claimed, 95 % interval", "فرض یا ادعا، با بازه ۹۵٪")),
            dot(style.BLUE, hollow, filled=False),
            Patch(color=BAND, label=sheet.say("below the least difference that matters", "کمتر از کمترین تفاوت مهم")),
        ]
    else:
        handles = [
            dot(style.BLUE, ("total index (ST), 95 % interval", "شاخص کل (ST)، با بازه ۹۵٪")),
            dot(style.VERMILION, ("first-order index (S1)", "شاخص مرتبه اول (S1)")),
            dot(style.GREY, hollow, filled=False),
        ]
    if bool(found.table["floor"].notna().any()):
        words = sheet.say("twice the noise floor: less does not count", "دو برابر کف نوفه: کمتر از آن به شمار نمی‌آید")
        handles.append(Line2D([], [], color=style.BLACK, marker="|", linestyle="none", markersize=7.0, label=words))
    return handles


def title_and_note(found: Moved, experiment: str, titles: Mapping[str, str], sheet: Sheet) -> tuple[str, str]:
    """Head of the figure: what was analysed, how, and how much of it is shown.

    Args:
        found: what is drawn.
        experiment: its title.
        titles: of policies; one without goes by its name.
        sheet: of the words.
    """
    first = found.findings.luck.iloc[0]
    policy, against = (titles.get(str(first[name]), str(first[name])) for name in ("policy", "against"))
    levers = str(first["levers"])
    less = sheet.say(f" less {against}", f" منهای {against}") if against else ""
    setting = f"; {levers}" if levers else ""
    method = sheet.say("Morris screening", "غربالگری موریس") if found.morris else sheet.say(
        "Sobol' indices", "شاخص‌های سوبول"
    )  # fmt: skip
    kept, of = (sheet.digits(str(int(first[name]))) for name in ("kept", "of"))
    units = sheet.say("trajectories", "مسیر") if found.morris else sheet.say("blocks", "بلوک")
    factors = int(found.table["factor"].nunique())
    many, shown = sheet.digits(str(factors)), sheet.digits(str(min(SHOWN, factors)))
    note = sheet.say(
        f"{method}, {policy}{less}{setting}: {kept} of {of} {units}, {many} assumptions",
        f"{method}، {policy}{less}{setting}: {kept} از {of} {units}، {many} فرض",
    )
    if factors > SHOWN:
        note += sheet.say(
            f"; each panel: the {shown} with the largest effects", f"؛ در هر بخش: {shown} فرض با بیشترین اثر"
        )
    return experiment, note


def caption(found: Moved, sheet: Sheet) -> str:
    """What is seen, in a paragraph."""
    if not found.morris:
        return sheet.say(
            "Shares of the outcome's variance with 95 % intervals; one scale.",
            "سهم از واریانس پیامد، با بازه ۹۵٪؛ مقیاس همه بخش‌ها یکی است.",
        )
    return sheet.say(
        "Mean absolute elementary effect (µ*) over the whole range of an assumption, or per change of name, with its "
        "95 % interval, in multiples of the least difference that matters (a convention); all panels have one scale. "
        "An arrow at the left edge: it goes on beyond.",
        "میانگین قدر مطلق اثر مقدماتی (*µ) در سراسر دامنه هر فرض، یا به ازای هر تغییر گزینه، با بازه ۹۵٪، به صورت "
        "مضربی از کمترین تفاوت مهم (قراردادی)؛ مقیاس همه بخش‌ها یکی است. پیکان در لبه چپ: بازه بیرون از محور می‌رود.",
    )
