"""Differences of policies from a base on a page: by outcome, by group, and in how many neighbourhoods.

All differences have one scale, multiples of the least difference that matters, so that what is small looks small;
beside each stands its size in the outcome's own unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.contrasts.spreads import LUCK
from experiments.figures import style
from experiments.figures.intervals import draw_interval, reach_of, rule_between_kinds, set_up
from experiments.figures.sheet import BAND, Sheet
from experiments.paper.tables import each
from sim.outcome import HIGHEST

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.BLACK, style.SKY)
MARKS = "osD^vP"
MOST_POLICIES = len(COLOURS)
PALE = 0.45
MOSTLY = 0.9
"""Share of neighbourhoods about the same above which bars are hardly seen, and words say it."""

ROW, PITCH, LINE = 0.165, 0.10, 0.155
"""Inches of a row, at least; of a policy within it; of a line of the legend."""

HEAD, FOOT, MIDDLE = 0.44, 0.48, 0.85
"""Inches above panels, below them, and between groups and neighbourhoods."""

NAMES, GROUPS, NUMBERS, GAP = 1.74, 1.50, 0.80, 0.06
"""Inches: names of outcomes and of groups, numbers beside a panel, between the columns."""

SMALL = 5.8
"""Points of numbers."""


@dataclass(frozen=True)
class Compared:
    """What is drawn of a comparison.

    Attributes:
        rows: of its last week, as `experiments.contrasts.drawing.with_least` gives them; of up to six policies.
        shares: of neighbourhoods that are higher and lower.
        titles: of policies, for the legend; one without goes by its name.
        ends: of outcomes that have a better end, which it is: highest or lowest.
        groups_of: outcome shown by group.
        group_order: groups as ``kind=group``, from the top.
    """

    rows: pd.DataFrame
    shares: pd.DataFrame
    titles: Mapping[str, str]
    ends: Mapping[str, str]
    groups_of: str
    group_order: Sequence[str]

    @property
    def policies(self) -> list[str]:
        """Those drawn, in order."""
        return list(dict.fromkeys(self.rows.policy))[:MOST_POLICIES]


def contrast_figure(found: Compared, sheet: Sheet) -> Figure:
    """Draw a comparison at its last week, in the sheet's style."""
    policies, rows = found.policies, found.rows[found.rows.policy.isin(found.policies)]
    city, groups = rows[rows.group == ""], rows[(rows.outcome == found.groups_of) & (rows.group != "")]
    outcomes, order = list(dict.fromkeys(city.outcome)), list(found.group_order)
    compared = list(dict.fromkeys(found.shares.outcome))
    row = max(ROW, PITCH * len(policies))
    with sheet.styled():
        handles = _handles(found, sheet)
        head = HEAD if sheet.language == "en" else HEAD + 0.12  # Persian letters reach deeper
        top = LINE * len(handles) + 0.08 + head
        lower = MIDDLE + row * len(compared) if compared else 0.0
        tall, right = row * len(outcomes), row * len(order)
        figure = sheet.new(top + max(tall, right + lower) + FOOT)
        sheet.legend(figure, handles, 1)
        reach = reach_of(rows[["difference", "low", "high"]].div(rows.least, axis=0))
        wide = (sheet.inches - NAMES - GROUPS - GAP) / 2.0
        room = 2.2 * NUMBERS / (wide - NUMBERS)
        names = [sheet.shortened(sheet.outcome(outcome), NAMES - 0.1, 7.0) for outcome in outcomes]
        axes = sheet.panel(figure, 0, 0, 1, 1.0, top, tall, left=NAMES, right=wide + GROUPS + GAP)
        set_up(axes, reach, sheet, room=room)
        for at, outcome in enumerate(outcomes):
            _interval_of_each(axes, at, city[city.outcome == outcome], policies, sheet, reach, room)
            _better(axes, at, found.ends.get(outcome), reach)
        _names(axes, names)
        sheet.heading(axes, sheet.say("whole city", "کل شهر"))
        left = NAMES + wide + GAP + GROUPS
        if order:
            axes = sheet.panel(figure, 0, 0, 1, 1.0, top, right, left=left, right=0.04)
            set_up(axes, reach, sheet, room=room)
            for at, group in enumerate(order):
                _interval_of_each(axes, at, groups[groups.group == group], policies, sheet, reach, room)
            _names(axes, [sheet.shortened(sheet.group(group), GROUPS - 0.1, 7.0) for group in order])
            rule_between_kinds(axes, order)
            sheet.heading(axes, sheet.outcome(found.groups_of), sheet.in_unit(found.groups_of))
        if compared:
            start = top + right + MIDDLE
            axes = sheet.panel(figure, 0, 0, 1, 1.0, start, row * len(compared), left=left, right=NUMBERS / 2.0)
            _neighbourhoods(axes, found, policies, sheet)
        sheet.foot(figure, sheet.say(
            "difference from the base in multiples of the least that matters (grey band); numbers: in its own unit",
            "تفاوت با مبنا، به صورت مضربی از کمترین تفاوت مهم (نوار خاکستری)؛ اعداد به واحد خود پیامد است",
        ))  # fmt: skip
    return figure


def _handles(found: Compared, sheet: Sheet) -> list[Line2D | Patch]:
    """One policy a line, and what the band, the arrows and pale bars are."""
    room = sheet.inches - 0.6
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=COLOURS[at], marker=MARKS[at], markersize=3.6, linewidth=1.2,
               label=sheet.shortened(found.titles.get(name, name), room, 7.0))
        for at, name in enumerate(found.policies)
    ]  # fmt: skip
    handles.append(Patch(color=BAND, label=sheet.say(
        "below the least difference that matters, a convention; ◂ ▸: the better direction, a convention",
        "کمتر از کمترین تفاوت مهم (قراردادی)؛ ▸ ◂: جهت بهتر (قراردادی)",
    )))  # fmt: skip
    if _varied(found.rows):
        handles.append(Patch(color=style.BLUE, alpha=0.3, linewidth=0.0, label=sheet.say(
            "pale: 5-95 % range of single differences", "کم‌رنگ: دامنه ۵ تا ۹۵٪ تک‌تک تفاوت‌ها"
        )))  # fmt: skip
    return handles


def _varied(rows: pd.DataFrame) -> bool:
    """Whether single differences vary in more than luck."""
    return bool((rows.spread_over != LUCK).any())


def _interval_of_each(
    axes: Axes, at: int, own: pd.DataFrame, policies: Sequence[str], sheet: Sheet, reach: float, room: float
) -> None:
    """The policies of one row below each other: interval and number."""
    varied = _varied(own)
    for row in each(own):
        number = policies.index(str(row.policy))
        place, colour = at + _offset(number, len(policies)), COLOURS[number]
        least = float(row.least)
        if varied and np.isfinite(row.spread_low / least):
            ends = np.clip([row.spread_low / least, row.spread_high / least], -reach, reach)
            axes.plot(ends, [place, place], color=colour, linewidth=3.6, alpha=0.3, solid_capstyle="butt")
        draw_interval(
            axes, place, row.difference / least, (row.low / least, row.high / least), reach, colour, MARKS[number]
        )
        label, size = str(row.outcome), row.difference
        text = sheet.with_unit(label, size) if own.group.iloc[0] == "" else sheet.difference(label, size)
        axes.text((1.08 + room) * reach, place, text, fontsize=SMALL, ha="right", va="center")


def _better(axes: Axes, at: int, end: str | None, reach: float) -> None:
    """Mark the better end of a row; nothing where neither is."""
    if end is not None:
        x, mark = (1.17 * reach, "▸") if end == HIGHEST else (-1.05 * reach, "◂")
        axes.text(x, at, mark, fontsize=6.5, color=style.GREY, ha="center", va="center")


def _neighbourhoods(axes: Axes, found: Compared, policies: Sequence[str], sheet: Sheet) -> None:
    """Higher to the right, lower to the left, in per cent of the neighbourhoods."""
    outcomes = list(dict.fromkeys(found.shares.outcome))
    for place, outcome in enumerate(outcomes):
        for number, policy in enumerate(policies):
            chosen = (found.shares.outcome == outcome) & (found.shares.policy == policy)
            own = found.shares[chosen].set_index("direction")["share"]
            if own.dropna().empty:
                continue
            at, height = place + _offset(number, len(policies)), 0.7 / len(policies)
            axes.barh(at, 100.0 * own["higher"], height=height, color=COLOURS[number])
            axes.barh(at, -100.0 * own["lower"], height=height, color=COLOURS[number], alpha=PALE)
            if own["same"] > MOSTLY:
                percent = sheet.digits(f"{100.0 * own['same']:.0f}")
                words = sheet.say(f"{percent} % same", f"یکسان در {percent}٪")
                side = 4.0 if own["higher"] < own["lower"] else -4.0
                axes.text(side, at, words, fontsize=5.5, va="center", ha="left" if side > 0.0 else "right")
    _names(axes, [sheet.shortened(sheet.outcome(outcome), GROUPS - 0.1, 7.0) for outcome in outcomes])
    axes.axvline(0.0, color=style.BLACK, linewidth=0.6)
    axes.set_xlim(-105.0, 105.0)
    axes.set_xticks([-100, -50, 0, 50, 100], [sheet.digits(text) for text in ("100", "50", "0", "50", "100")])
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
    axes.set_xlabel(sheet.say("%", "درصد"), fontsize=6.5, labelpad=1.0)
    below = 13.0 if sheet.language == "en" else 15.0  # points; Persian digits reach deeper
    for x, pair in ((-105.0, ("← lower (pale)", "کمتر (کم‌رنگ) ←")), (105.0, ("higher →", "→ بیشتر"))):
        axes.annotate(  # a text for each side: one line of Persian would run from the right and swap them
            sheet.say(*pair), (x, 0.0), xycoords=("data", "axes fraction"), xytext=(0.0, -below),
            textcoords="offset points", fontsize=6.5, ha="left" if x < 0.0 else "right", va="top",
        )  # fmt: skip
    sheet.heading(axes, sheet.say("in how many neighbourhoods", "در چند محله"))


def _names(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), list(names), fontsize=7.0)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _offset(number: int, of: int) -> float:
    return 0.0 if of == 1 else (number - (of - 1) / 2.0) * 0.9 / of
