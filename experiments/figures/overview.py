"""The overview of one run on a page: maps of trust, trust and participation over time, delivery, equity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import FuncFormatter, MaxNLocator
from shapely import MultiPolygon, Polygon

from experiments.calendars import date_of_week, gregorian_text, solar_hijri_text
from experiments.figures import style
from experiments.figures.maps import draw_map, weeks_to_show
from experiments.titles import PHASES

FIFTH = 0.2
OF_COUNCILS = frozenset({"council_projects_finished"})
"""Works that there are only where there are councils; neither these nor what is claimed of them is drawn elsewhere."""

LEFT = 0.012
"""Left edge of headings, as a share of the page."""


class ClaimedFigure(Protocol):
    """A claimed figure, as in `city.claims`."""

    @property
    def outcome(self) -> str:
        """Column of the city's table."""

    @property
    def value(self) -> float:
        """The figure."""

    @property
    def week(self) -> int:
        """Week it speaks of."""


def overview(
    city: pd.DataFrame,
    neighbourhoods: pd.DataFrame,
    groups: pd.DataFrame,
    polygons: Sequence[Polygon | MultiPolygon],
    *,
    title: str,
    claims: Sequence[ClaimedFigure] = (),
    start_date: str | None = None,
) -> Figure:
    """Draw the overview of a run, 1600 by 1100 pixels; without a council in any week nothing that is of councils.

    Args:
        city, neighbourhoods, groups: the run's tables.
        polygons: one per neighbourhood, in the order of their numbers.
        title: heading of the page.
        claims: figures to put beside the simulated ones, labelled as claimed.
        start_date: day of week 0, for dates below the maps.
    """
    with style.house_style():
        figure = style.new_figure(16 / 1.5, 11 / 1.5, 150)
        figure.suptitle(title, x=LEFT, y=0.985, ha="left", fontsize=12, fontweight="bold")
        _maps(figure, city, neighbourhoods, polygons, start_date)
        middle = GridSpec(1, 2, figure, left=0.064, right=0.988, top=0.570, bottom=0.383, wspace=0.16)
        trust, participation = (figure.add_subplot(middle[0, place]) for place in range(2))
        _trust(trust, city)
        _participation(participation, city)
        if ever_councils(city):
            _phase_key(figure, city)
        lower = GridSpec(1, 3, figure, left=0.064, right=0.988, top=0.226, bottom=0.050, wspace=0.26)
        delivery, places, people = (figure.add_subplot(lower[0, place]) for place in range(3))
        _delivery(delivery, city, claims)
        _equity_of_places(places, city, neighbourhoods)
        _equity_of_people(people, groups)
    return figure


def ever_councils(city: pd.DataFrame) -> bool:
    """Whether there is a council in any week; without one, neither phases of the programme nor trust in councils."""
    return bool((city.councils > 0).any())


def _maps(
    figure: Figure,
    city: pd.DataFrame,
    table: pd.DataFrame,
    polygons: Sequence[Polygon | MultiPolygon],
    start_date: str | None,
) -> None:
    weeks = weeks_to_show(city, len(polygons))
    frames = [table[table.week == week].sort_values("neighbourhood") for week, _ in weeks]
    trusts = [frame.trust_in_municipality.to_numpy() for frame in frames]
    scale = Normalize(min(values.min() for values in trusts), max(values.max() for values in trusts))
    ratios = (*(1.0 for _ in weeks), 0.05)
    row = GridSpec(
        1, len(ratios), figure, left=LEFT, right=0.945, top=0.895, bottom=0.690, width_ratios=ratios, wspace=0.04
    )  # fmt: skip
    for place, ((week, reason), frame, values) in enumerate(zip(weeks, frames, trusts, strict=True)):
        axes = figure.add_subplot(row[0, place])
        drawn = draw_map(axes, polygons, values, frame.council.to_numpy(dtype=bool), scale)
        axes.set_title(f"week {week}{': ' if reason else ''}{reason}", loc="center", fontweight="normal", pad=4.0)
        if start_date is not None:
            day = date_of_week(start_date, week)
            axes.text(
                0.5, -0.02, f"{gregorian_text(day)}\n{solar_hijri_text(day)}", transform=axes.transAxes, ha="center",
                va="top", fontsize=7.0, color=style.GREY, linespacing=1.3,
            )  # fmt: skip
    bar = figure.colorbar(drawn, cax=figure.add_subplot(row[0, -1]))
    bar.outline.set_visible(False)
    bar.locator = MaxNLocator(5)
    bar.set_label("mean trust, 0 to 1")
    dots = "dot: has a council" if ever_councils(city) else "no council in any week"
    heading = f"Trust in the municipality by neighbourhood ({dots})"
    figure.text(LEFT, 0.938, heading, fontsize=9, fontweight="bold", va="center")


def _trust(axes: Axes, city: pd.DataFrame) -> None:
    kinds = (
        ("municipality", "in the municipality", style.BLUE, "-"),
        ("council", "in the council", style.VERMILION, "--"),
        ("people", "in people", style.GREEN, "-."),
    )
    for kind, label, colour, dashes in kinds:
        if kind == "council" and not ever_councils(city):
            continue  # only hearsay affects it
        mean, spread = city[f"trust_in_{kind}"], city[f"trust_in_{kind}_sd"]
        axes.fill_between(city.week, mean - spread, mean + spread, color=colour, alpha=0.08, linewidth=0)
        axes.plot(city.week, mean, color=colour, linestyle=dashes, label=label)
    axes.set_ylabel("mean trust, 0 to 1")
    _finish(axes, city, "Trust (band: ± 1 standard deviation between residents)", columns=3)
    _phases(axes, city)


def _participation(axes: Axes, city: pd.DataFrame) -> None:
    axes.plot(city.week, city.ever_participated_rate, color=style.GREY, linestyle="--", label="ever since week 0")
    axes.plot(city.week, city.participation_rate, color=style.PURPLE, label="in the last four weeks")
    axes.set_ylabel("share of residents")
    _as_percent(axes)
    _finish(axes, city, "Participation in anything", columns=2)
    _phases(axes, city)


def _delivery(axes: Axes, city: pd.DataFrame, claims: Sequence[ClaimedFigure]) -> None:
    lines = [
        ("construction_projects_pledged", "pledged", style.BLUE, "-"),
        ("construction_projects_finished", "finished", style.GREEN, "-"),
        ("construction_projects_late", "late", style.ORANGE, "-."),
        ("construction_projects_failed", "failed", style.BLACK, ":"),
        ("council_projects_finished", "finished, councils'", style.GREEN, "--"),
    ]
    if not ever_councils(city):
        lines = [line for line in lines if line[0] not in OF_COUNCILS]
    for outcome, name, colour, dashes in lines:
        axes.plot(city.week, city[outcome], color=colour, linestyle=dashes, label=name)
    colours = {outcome: colour for outcome, _, colour, _ in lines}
    label: str | None = "claimed (not verified)"
    for claim in claims:
        if claim.outcome in colours and claim.week <= city.week.iloc[-1]:
            axes.plot(
                claim.week, claim.value, marker="o", markersize=6, markerfacecolor="white", linestyle="none", zorder=4,
                markeredgecolor=colours[claim.outcome], markeredgewidth=1.4, label=label,
            )  # fmt: skip
            label = None
    axes.set_ylim(0.0, max(1.0, axes.get_ylim()[1]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_ylabel("projects so far")
    _finish(axes, city, "Construction projects", columns=3, rows=2)


def _equity_of_places(axes: Axes, city: pd.DataFrame, table: pd.DataFrame) -> None:
    axes.plot(city.week, city.service_gini, color=style.BLUE, label="Gini of services")
    label = "trust in municipality: best- less worst-served fifth"
    axes.plot(city.week, trust_gap(table), color=style.VERMILION, linestyle="--", label=label)
    axes.axhline(0.0, color=style.GREY, linewidth=0.5)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.set_ylabel("index, difference")
    _finish(axes, city, "Equity between neighbourhoods", columns=1, rows=2)


def _equity_of_people(axes: Axes, groups: pd.DataFrame) -> None:
    lines = (
        ("woman", "women", style.PURPLE, "-"),
        ("man", "men", style.BLUE, "--"),
        ("youth", "youth", style.ORANGE, "-"),
        ("elder", "elders", style.BLACK, ":"),
    )
    for group, label, colour, dashes in lines:
        rows = groups[groups.group == group]
        axes.plot(rows.week, rows.participation_rate, color=colour, linestyle=dashes, linewidth=1.1, label=label)
    axes.set_ylabel("share, last 4 weeks")
    _as_percent(axes)
    _finish(axes, groups, "Equity between people: participation", columns=2, rows=2)


def trust_gap(table: pd.DataFrame) -> np.ndarray:
    """Mean trust in the municipality of the fifth of neighbourhoods best served at week 0, less that of the worst."""
    start = table[table.week == table.week.min()].sort_values("neighbourhood")
    order = start.neighbourhood.to_numpy()[np.argsort(start.service_level.to_numpy(), kind="stable")]
    size = max(1, round(FIFTH * len(order)))
    means = [
        table[table.neighbourhood.isin(chosen)].groupby("week").trust_in_municipality.mean().to_numpy()
        for chosen in (order[-size:], order[:size])
    ]
    return np.asarray(means[0] - means[1])


def spans_of_phases(city: pd.DataFrame) -> list[tuple[int, int, int]]:
    """(phase, first week, week after the last) for each stretch of weeks in one phase; the start is none."""
    spans: list[tuple[int, int, int]] = []
    for week, phase in zip(city.week.tolist(), city.phase.tolist(), strict=True):
        if spans and spans[-1][0] == phase:
            spans[-1] = (phase, spans[-1][1], week + 1)
        else:
            spans.append((phase, week, week + 1))
    return [span for span in spans if span[0] > 0]


def _phases(axes: Axes, city: pd.DataFrame) -> None:
    """Shade every other stretch of weeks by phase, with its name where that fits and its number elsewhere."""
    if not ever_councils(city):
        return
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.1 * (high - low))  # room for the names
    whole = max(1, int(city.week.iloc[-1]))
    for place, (phase, first, after) in enumerate(spans_of_phases(city)):
        if place % 2:
            axes.axvspan(first, min(after, whole), color=style.PALE, linewidth=0, zorder=0)
        share = (min(after, whole) - first) / whole
        name = PHASES[phase]
        label = name if share >= 0.0115 * len(name) else str(phase) if share >= 0.015 else ""
        axes.text(
            first + share * whole / 2, 0.985, label, transform=axes.get_xaxis_transform(), ha="center", va="top",
            fontsize=7.0, color=style.GREY,
        )  # fmt: skip


def _phase_key(figure: Figure, city: pd.DataFrame) -> None:
    """Say what the shading means, and name phases that are too short to be seen."""
    whole = max(1, int(city.week.iloc[-1]))
    long = {phase for phase, first, after in spans_of_phases(city) if min(after, whole) - first >= 0.015 * whole}
    short = [PHASES[phase] for phase in range(1, 5) if phase not in long and phase < max(long, default=0)]
    text = "Shading: the phase that half of the neighbourhoods have reached"
    if short:
        text += f" (too short to show: {', '.join(short)})"
    figure.text(0.064, 0.328, text, fontsize=7.0, color=style.GREY, va="top")


def _as_percent(axes: Axes) -> None:
    axes.set_ylim(0.0, max(0.01, axes.get_ylim()[1]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100.0 * value:.3g} %"))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))


def _finish(axes: Axes, table: pd.DataFrame, title: str, columns: int, rows: int = 1) -> None:
    style.title(axes, title, rows)
    style.legend_above(axes, columns)
    axes.set_xlim(int(table.week.iloc[0]), max(1, int(table.week.iloc[-1])))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel("week", labelpad=1.5)
