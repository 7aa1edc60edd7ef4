"""Print the summary of one run: claimed and simulated figures side by side, and who gained and who lost."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from experiments.folders import CONFIG
from experiments.languages import group_in_words
from experiments.screen import Screen
from experiments.units import POINTS

EXTREMES = 3
"""How many neighbourhoods are shown at each end."""

ESTIMATE = ("mahalle", "compare", "status_quo", "as_is", "--city")
"""The command that runs both policies many times with common random numbers, but for the city."""

MEANING = (
    "Trust and services range from 0 to 1. Participation, in percentage points, is the share of residents who",
    "took part in anything in the last four weeks, office holders included.",
)

NO_COUNCIL = "There is no council in any week of this run: trust in it is left out; only hearsay affects it."


def print_summary(summary: Mapping[str, Any], timing: Mapping[str, float], folder: Path) -> None:
    """Print the summary of a run and its times, in colour on a terminal and as plain text elsewhere."""
    console = Screen()
    length = f"{summary['weeks']} weeks · {int(timing['residents']):,} residents as agents, scale {summary['scale']:g}"
    seeds = f"place seed {summary['place_seed']} · seed {summary['seed']}"
    console.print(f"{summary['heading']} · {seeds} · {length}", style="bold")
    if summary["settings"]:
        console.print(f"Set for this run: {', '.join(summary['settings'])}")
    if len(summary["timeline"]) > 1:
        console.print("Policies in force:")
        for line in summary["timeline"]:
            console.print(f"  {line}", overflow="fold")
    changes = summary["changes"]
    if summary["claims"]:
        console.print("\nSimulated and claimed", style="bold")
        console.print(_claims(summary["claims"], console))
    console.print("\nWho gained and who lost since week 0 in this run, by group", style="bold")
    console.print(
        "These are changes, not effects of the policy: some change would happen anyway. To estimate an effect:"
    )
    console.print(shlex.join([*ESTIMATE, str(folder / CONFIG)]), soft_wrap=True)
    for line in MEANING:
        console.print(line)
    console.print(_groups(changes["groups"], console))
    console.print("\nNeighbourhoods with the largest rise and fall of trust since week 0", style="bold")
    if summary["names_are_labels"]:
        console.print("Names are labels only: sizes, locations and needs of these neighbourhoods were drawn at random.")
    console.print(_neighbourhoods(changes["neighbourhoods"], console))
    for line in _lines(summary, timing, folder):
        console.print(line, overflow="fold")


def _claims(claims: Sequence[Mapping[str, Any]], screen: Screen) -> Table:
    table = screen.table(("", "week", "simulated", "claimed (not verified)"))
    for claim in claims:
        cells = (claim["name"], str(claim["week"]), _figure(claim["simulated"]), _figure(claim["claimed"]))
        table.add_row(*cells)
    return table


def _groups(groups: Sequence[Mapping[str, Any]], screen: Screen) -> Table:
    heads = ("", "residents", "trust in municipality", f"participation, {POINTS}", "services as perceived")
    table = screen.table(heads)
    for number, row in enumerate(groups):
        kind = row["group_kind"]
        ends = number + 1 == len(groups) or groups[number + 1]["group_kind"] != kind
        table.add_row(
            group_in_words(f"{kind}={row['group']}", "en"),
            f"{row['residents']:,.0f}",
            _change(row["trust_in_municipality"]),
            _points(row["participation_rate"]),
            _change(row["performance"]),
            end_section=ends and screen.terminal,
        )
    return table


def _neighbourhoods(places: Sequence[Mapping[str, Any]], screen: Screen) -> Table:
    heads = ("", "trust in municipality", f"participation, {POINTS}", "services")
    table = screen.table(heads)
    order = sorted(places, key=lambda row: -row["trust_in_municipality"])
    shown = order if len(order) <= 2 * EXTREMES else [*order[:EXTREMES], None, *order[-EXTREMES:]]
    for row in shown:
        if row is None:
            table.add_row("…", "", "", "")
            continue
        trust, rate = _change(row["trust_in_municipality"]), _points(row["participation_rate"])
        table.add_row(row["name"], trust, rate, _change(row["service_level"]))
    return table


def _lines(summary: Mapping[str, Any], timing: Mapping[str, float], folder: Path) -> list[str]:
    lost, money = summary["lost"], summary["money"]
    places, groups = lost["neighbourhoods"], lost["groups"]
    files = [path for path in folder.iterdir() if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return [
        "",
        f"Fell since week 0, in how many of {places['of']} neighbourhoods and {groups['of']} groups: "
        + "; ".join(
            f"{words} {places[name]} and {groups[name]}"
            for name, words in (
                ("trust_in_municipality", "trust in the municipality"),
                ("trust_in_council", "trust in the council"),
                ("trust_in_people", "trust in people"),
                ("performance", "services as perceived"),
            )
            if places[name] is not None
        )
        + ".",
        *([NO_COUNCIL] if places["trust_in_council"] is None else []),
        "",
        *_patterns(summary["patterns"]),
        "",
        "Money, bn toman: " + ", ".join(f"{name} {amount:,.1f}" for name, amount in money.items()),
        f"Files: {folder} ({len(files)} files, {size:.1f} MB)",
        f"Time: {timing['build_s']:.1f} s to build, {timing['run_s']:.1f} s to run, {timing['write_s']:.1f} s to draw "
        "and write",
    ]


def _patterns(patterns: Sequence[Mapping[str, Any]]) -> list[str]:
    met = [str(row["number"]) for row in patterns if row["met"]]
    untold = [str(row["number"]) for row in patterns if row["met"] is None]
    lines = [
        f"Patterns (docs/odd.md, 1) met: {', '.join(met) or 'none'}; "
        f"not testable in one run: {', '.join(untold) or 'none'}",
        "Weak evidence (defaults were chosen with these patterns known): "
        + ", ".join(str(row["number"]) for row in patterns if row["fitted"] or row["in_view"]),
    ]
    for row in patterns:
        if row["met"] is False:
            parts = [f"{part} {row['shown'][part]} (accepted {row['accept'][part]})" for part in row["accept"]]
            lines.append(f"Not met: {row['number']} {row['what']}: {'; '.join(parts)}")
    return lines


def _figure(value: float | None) -> str:
    """A count or a share; a dash where the run has none."""
    if value is None or value != value:
        return "–"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.3g}"


def _change(value: float) -> str:
    return f"{round(value, 3) + 0.0:+.3f}"  # no -0.000


def _points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{round(100.0 * share, 1) + 0.0:+.1f}"
