"""The overview of one run on a page: what changed since week 0, where, and for whom; it has no counterfactual.

All changes of shares and means are drawn in points on one scale, against the least difference that matters. Bands are
the spread between neighbourhoods, not uncertainty: one run has none to show.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from experiments.calendars import date_in_words, date_of_week
from experiments.figures import style
from experiments.figures.changes import (
    SHOWN_BY_GROUP,
    ClaimedFigure,
    Told,
    change,
    changes_by_group,
    ever_councils,
    milestones,
    spread,
)
from experiments.figures.events import mark_events
from experiments.figures.places import LEAST, MAP, MAPS_HEAD, NAMES, SCALE, draw_places
from experiments.figures.sheet import BAND, DASHES, Sheet
from experiments.milestones import MILESTONES

HEAD, OVER_TIME, FOOT = 0.44, 1.15, 0.40
ROW, GROUPS_FOOT = 0.155, 0.42
"""Inches above, of and below panels over time; of a group, and below all."""

LEGEND, LINE, LEGEND_OF_PROJECTS = 0.06, 0.145, 0.44
LEFT, BETWEEN = 0.46, 0.30
"""Inches: above the legend, a line of it, that of the projects; beside and between panels."""

TRUST, COUNCIL, PEOPLE = (f"trust_in_{name}" for name in ("municipality", "council", "people"))
OF_COUNCILS = frozenset({"council_projects_finished"})
"""Projects that exist only where there are councils; neither they nor claims about them are drawn elsewhere."""

PROJECTS = ("construction projects so far", "پروژه‌های عمرانی تاکنون")

SHORT = 104
"""Weeks of a run below which time is marked in weeks."""


def overview(run: Told, sheet: Sheet) -> Figure:
    """Draw the overview, in the sheet's style; without a council in any week nothing that is of councils."""
    with sheet.styled():
        sheet = replace(sheet, title=run.title, note=_note(run, sheet))
        above = HEAD if sheet.language == "en" else HEAD + 0.08  # Persian letters reach deeper
        groups = changes_by_group(run.groups)
        handles = _handles(run, sheet)
        top = LEGEND + LINE * -(-len(handles) // 3) + above - HEAD
        middle = top + HEAD + OVER_TIME + FOOT
        lower = middle + MAPS_HEAD + MAP + SCALE + 2.0 * (above - HEAD)
        tall = ROW * max(len(groups.index), 6)
        figure = sheet.new(lower + HEAD + tall + GROUPS_FOOT)
        sheet.legend(figure, handles, 3)
        _over_time(figure, run, sheet, top)
        draw_places(figure, run, sheet, middle)
        _groups(figure, groups, sheet, lower, tall)
        _projects(figure, run, sheet, lower, tall)
    return figure


def caption(run: Told, sheet: Sheet) -> str:
    """What is seen, in a paragraph."""
    text = sheet.say(
        "{title}. {note} Lines: city means of trust, share of residents who took part in anything in the last four "
        "weeks, and service level, less their value at week 0. Coloured bands: the middle 80 % of neighbourhoods "
        "(spread, not uncertainty). Grey band: changes below {least} points, the least difference that matters, a "
        "convention. Maps and groups: last week less week 0. n = 1 run; no interval can be given.{rings}",
        "{title}. {note} خط‌ها: میانگین اعتماد در شهر، سهم ساکنانی که در چهار هفته گذشته در فعالیتی شرکت کرده‌اند و سطح "
        "خدمات، منهای مقدارشان در هفته ۰. نوارهای رنگی: ۸۰٪ میانی محله‌ها (پراکندگی، نه عدم قطعیت). نوار خاکستری: "
        "تغییرهای کمتر از {least} (از ۱۰۰)، یعنی کمترین تفاوت مهم (قراردادی). نقشه‌ها و گروه‌ها: هفته آخر منهای هفته ۰. "
        "یک اجرا؛ بازه‌ای نمی‌توان داد.{rings}",
    )
    rings = sheet.say(
        " Rings: figures claimed by the municipality, not verified.",
        " حلقه‌ها: ارقام ادعاشده شهرداری، راستی‌آزمایی‌نشده.",
    )
    drawn = _claims_drawn(run, [outcome for outcome, *_ in _lines_of_projects(run.city)])
    least = sheet.number(LEAST, 1)
    return text.format(title=run.title, note=_note(run, sheet), least=least, rings=rings if drawn else "")


def _note(run: Told, sheet: Sheet) -> str:
    weeks, unit = sheet.digits(f"{run.last_week:,}"), "week" if run.last_week == 1 else "weeks"
    none = "" if ever_councils(run.city) else sheet.say(" No council in any week.", " در هیچ هفته‌ای شورایی نبود.")
    dates = ""
    if run.start_date is not None:
        ends = (date_in_words(date_of_week(run.start_date, week))[sheet.language] for week in (0, run.last_week))
        dates = sheet.say(" ({} to {})", " ({} تا {})").format(*ends)
    return sheet.say(
        f"One run of {weeks} {unit}{dates}, without a counterfactual: changes since week 0 are not effects of the "
        f"policy. To estimate effects: mahalle compare.{none}",
        f"یک اجرای {weeks} هفته‌ای{dates}، بدون وضعیتی برای مقایسه: تغییر نسبت به هفته ۰ اثر سیاست نیست. "
        f"برای برآورد اثر: mahalle compare.{none}",
    )


def _handles(run: Told, sheet: Sheet) -> list[Line2D | Patch]:
    lines = [
        Line2D([], [], color=colour, linestyle=dashes, linewidth=1.2, label=sheet.say(*words))
        for _, words, colour, dashes in _kinds_of_trust(run.city)
    ]
    patches = [
        Patch(color=style.BLUE, alpha=0.2, linewidth=0.0, label=sheet.say(
            "middle 80 % of neighbourhoods: spread, not uncertainty", "محله‌های میانی (۸۰٪): پراکندگی، نه عدم قطعیت"
        )),
        Patch(color=BAND, label=sheet.say(
            "below what matters, by convention", "کمتر از کمترین تفاوت مهم (قراردادی)"
        )),
    ]  # fmt: skip
    return [*(item for pair in zip(lines, patches, strict=False) for item in pair), *lines[2:]]  # columns of two


def _kinds_of_trust(city: pd.DataFrame) -> list[tuple[str, tuple[str, str], str, Any]]:
    kinds = [
        (TRUST, ("city: trust in the municipality", "شهر: اعتماد به شهرداری"), style.BLUE, DASHES[0]),
        (COUNCIL, ("trust in the council", "اعتماد به شورا"), style.VERMILION, DASHES[1]),
        (PEOPLE, ("trust in people", "اعتماد به مردم"), style.GREEN, DASHES[2]),
    ]
    return [kind for kind in kinds if kind[0] != COUNCIL or ever_councils(city)]  # else only hearsay affects it


# ---------------------------------------------------------------- over time


def _over_time(figure: Figure, run: Told, sheet: Sheet, top: float) -> None:
    """Changes since week 0 of three outcomes on one scale."""
    outcomes = (TRUST, "participation_rate", "service_level")
    titles = (sheet.say("trust", "اعتماد"), *(sheet.outcome(outcome) for outcome in outcomes[1:]))
    panels = []
    for column, (outcome, title) in enumerate(zip(outcomes, titles, strict=True)):
        axes = sheet.panel(figure, 0, column, 3, 1.0, top + HEAD, OVER_TIME, left=LEFT, between=BETWEEN)
        low, high = spread(run.neighbourhoods, outcome)
        axes.axhspan(-LEAST, LEAST, color=BAND, linewidth=0.0, zorder=0)
        axes.fill_between(low.index, 100.0 * low, 100.0 * high, color=style.BLUE, alpha=0.2, linewidth=0.0)
        lines = [(outcome, style.BLUE, "-")]
        if outcome == TRUST:
            lines = [(name, colour, dashes) for name, _, colour, dashes in reversed(_kinds_of_trust(run.city))]
        for name, colour, dashes in lines:
            axes.plot(run.city.week, 100.0 * change(run.city, name), color=colour, linestyle=dashes, linewidth=1.2)
        axes.axhline(0.0, color=style.BLACK, linewidth=0.6)
        _time(axes, run.last_week, sheet)
        sheet.heading(axes, title, _levels(run.city, outcome, sheet))
        panels.append(axes)
    ends = [axes.get_ylim() for axes in panels]
    for axes in panels:
        axes.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axes.tick_params(labelsize=6.5, pad=1.5)
        sheet.numbers(axes, "y", sign=True)
        _milestones(axes, run, sheet, named=axes is panels[0])
    words = sheet.say("points since week 0", "تغییر نسبت به هفته ۰ (از ۱۰۰)")
    panels[0].set_ylabel(words, fontsize=7.0 if sheet.language == "en" else 6.0, labelpad=1.0)


def _levels(city: pd.DataFrame, outcome: str, sheet: Sheet) -> str:
    """Levels of an outcome at the start and at the end, since the panel shows changes only."""
    first, last = (sheet.number(100.0 * float(city[outcome].iloc[at]), 3) for at in (0, -1))
    of = sheet.say("municipality: ", "به شهرداری: ") if outcome == TRUST else ""
    return sheet.say(f"{of}from {first} to {last} of 100", f"{of}از {first} به {last} (از ۱۰۰)")


def _time(axes: Axes, last: int, sheet: Sheet) -> None:
    if last >= SHORT:
        sheet.years(axes, last)
        return
    axes.set_xlim(0, max(1, last))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    sheet.numbers(axes, "x")
    axes.set_xlabel(sheet.say("weeks since the start", "هفته از آغاز"), labelpad=1.5, fontsize=7.0)


def _milestones(axes: Axes, run: Told, sheet: Sheet, *, named: bool) -> None:
    """Mark where councils and mayors begin."""
    reached = milestones(run.city, len(run.polygons))
    events = [(week, sheet.say(*MILESTONES[name])) for name, week in reached.items()]
    mark_events(axes, events, run.last_week, sheet, named=named)


# ---------------------------------------------------------------- groups, projects


def _groups(figure: Figure, groups: pd.DataFrame, sheet: Sheet, top: float, tall: float) -> None:
    """Changes by group on one scale; a number beside each dot."""
    names = [sheet.group(str(group)) for group in groups.index]
    left = sheet.room_for(names, 7.0)
    reach = max(1.5 * LEAST, float(np.ceil(100.0 * np.nanmax(np.abs(groups.to_numpy())))))
    for column, outcome in enumerate(SHOWN_BY_GROUP):
        axes = sheet.panel(figure, 0, column, 3, 1.0, top + HEAD, tall, left=left, between=0.08, right=NAMES + 0.4)
        axes.axvspan(-LEAST, LEAST, color=BAND, linewidth=0.0, zorder=0)
        axes.axvline(0.0, color=style.BLACK, linewidth=0.6, zorder=1)
        values = 100.0 * groups[outcome].to_numpy(dtype=float)
        axes.plot(values, np.arange(len(values)), "o", color=style.BLUE, markersize=3.4)
        for at, value in enumerate(values):
            axes.text(2.0 * reach, at, sheet.number(value, sign=True), ha="right", va="center", fontsize=6.5)
        axes.set_yticks(range(len(names)), names if column == 0 else [""] * len(names), fontsize=7.0)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(-1.1 * reach, 2.02 * reach)
        axes.set_xticks([-reach, 0.0, reach])
        axes.spines["bottom"].set_bounds(-reach, reach)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
        sheet.numbers(axes, "x", sign=True)
        sheet.heading(axes, sheet.outcome(outcome))
        if column == 1:
            words = sheet.say("points since week 0, one scale", "تغییر نسبت به هفته ۰ (از ۱۰۰)، با یک مقیاس")
            axes.set_xlabel(words, fontsize=7.0, labelpad=1.0)


type Line = tuple[str, tuple[str, str], str, Any]
"""Outcome, words, colour and dashes of a line."""


def _lines_of_projects(city: pd.DataFrame) -> list[Line]:
    lines: list[Line] = [
        ("construction_projects_pledged", ("pledged", "وعده‌داده‌شده"), style.BLACK, DASHES[2]),
        ("construction_projects_finished", ("finished", "پایان‌یافته"), style.BLUE, DASHES[0]),
        ("construction_projects_late", ("late", "دارای تأخیر"), style.VERMILION, DASHES[1]),
        ("construction_projects_failed", ("failed", "شکست‌خورده"), style.PURPLE, DASHES[3]),
        ("council_projects_finished", ("councils', finished", "پایان‌یافته شوراها"), style.GREEN, DASHES[4]),
    ]
    return [line for line in lines if line[0] not in OF_COUNCILS or ever_councils(city)]


def _claims_drawn(run: Told, outcomes: Collection[str]) -> list[ClaimedFigure]:
    """Claims of outcomes that are drawn, of weeks that the run has."""
    return [claim for claim in run.claims if claim.outcome in outcomes and claim.week <= run.last_week]


def _projects(figure: Figure, run: Told, sheet: Sheet, top: float, tall: float) -> None:
    """Construction projects pledged and what became of them, beside what is claimed."""
    lines = _lines_of_projects(run.city)
    start, tall = top + HEAD + LEGEND_OF_PROJECTS, tall - LEGEND_OF_PROJECTS
    axes = sheet.panel(figure, 0, 0, 1, 1.0, start, tall, left=sheet.inches - NAMES + 0.05, right=0.08)
    colours = {}
    for outcome, words, colour, dashes in lines:
        axes.plot(run.city.week, run.city[outcome], color=colour, linestyle=dashes, linewidth=1.1,
                  label=sheet.say(*words))  # fmt: skip
        colours[outcome] = colour
    label: str | None = sheet.say("claimed", "ادعاشده")
    for claim in _claims_drawn(run, colours):
        axes.plot(
            claim.week, claim.value, marker="o", markersize=4.5, markerfacecolor="white", linestyle="none",
            markeredgecolor=colours[claim.outcome], markeredgewidth=1.1, zorder=4, label=label, clip_on=False,
        )  # fmt: skip
        label = None
    axes.set_ylim(0.0, max(1.0, axes.get_ylim()[1]))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.tick_params(labelsize=6.5, pad=1.5)
    sheet.numbers(axes, "y")
    _time(axes, run.last_week, sheet)
    persian = sheet.language == "fa"
    axes.legend(
        loc="lower right" if persian else "lower left", bbox_to_anchor=(1.04 if persian else -0.17, 1.0), ncols=2,
        fontsize=6.2, handlelength=1.9, columnspacing=0.7, labelspacing=0.2, borderpad=0.1, handletextpad=0.4,
    )  # fmt: skip
    side, at = sheet.say("left", "right"), 0.0 if sheet.language == "en" else 1.0
    axes.text(
        at, 1.0 + (LEGEND_OF_PROJECTS + 0.04) / tall, sheet.say(*PROJECTS),
        transform=axes.transAxes, fontsize=8.0, fontweight="bold", ha=side, va="bottom",
    )  # fmt: skip
