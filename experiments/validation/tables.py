"""The verdicts as tables: for the terminal, in Markdown, and as data."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from experiments.markdown import table as markdown_table
from experiments.patterns import FITTED, GROUPS, IN_VIEW, NOT_LOOKED_AT, REPORTED
from experiments.screen import Screen
from experiments.validation.verdicts import CONFIDENCE, MET_SHARE, NOT_MET_SHARE, Judged, Part

WORDS = ("met", "not met", "inconclusive")

RULE = (
    f"A part of a pattern is met if the whole {100 * CONFIDENCE:.0f} % interval of its mean over replications lies in "
    f"the accepted range and so do at least {100 * MET_SHARE:.0f} % of the replications. It is not met if the whole "
    f"interval lies outside, or fewer than {100 * NOT_MET_SHARE:.0f} % of the replications lie inside. Otherwise it is "
    "inconclusive. A pattern is met if all its parts are met, and not met if one part is not. Defaults were set to the "
    "claims of patterns 1 to 3. No search was run on patterns 4 to 28, but some defaults were chosen with the ranges "
    "of some of these patterns known. All these patterns are counted separately, because meeting them is weak "
    "evidence. Verdicts hold at this scale: with fewer agents values scatter more, the values of ballots shift, and "
    "verdicts can change."
)

IN_A_WORD = {NOT_LOOKED_AT: "not considered", IN_VIEW: "range known", FITTED: "fitted", REPORTED: "reported"}

TAGS = {
    "claimed": "claimed (not verified)",
    "press": "claimed, by the press (not verified)",
    "source": "source",
    "assumption": "assumption",
}


def shown(part: Part) -> str:
    """Mean and interval in the unit of the range, such as "6.1 % (5.9 % to 6.3 %)"."""
    show = part.accept.show
    if part.mean != part.mean:
        return "no value"
    return f"{show(part.mean)} ({show(part.low)} to {show(part.high)})" if part.low == part.low else show(part.mean)


def share_inside(part: Part) -> str:
    """How many replications lie in the range, such as "9 of 10"."""
    return f"{round(part.inside * len(part.values))} of {len(part.values)}"


def tally(judged: Sequence[Judged]) -> list[str]:
    """How many patterns are met and which, one line per group of `patterns.GROUPS`."""
    lines = []
    for group in GROUPS:
        ours = [one for one in judged if one.pattern.group == group]
        if ours:
            verdicts = "; ".join(f"{word}: {counted(ours, word)}" for word in WORDS)
            lines.append(f"{group[0].upper()}{group[1:]} ({len(ours)}): {verdicts}")
    return lines


def counted(judged: Sequence[Judged], word: str) -> str:
    """How many have a verdict, and their numbers, such as "2 (4, 5)"."""
    numbers = [str(one.pattern.number) for one in judged if one.word == word]
    return f"{len(numbers)} ({', '.join(numbers)})" if numbers else "0"


def as_data(judged: Sequence[Judged]) -> pd.DataFrame:
    """One row per part; a pattern that is not testable in any city has one row without a part."""
    rows = []
    for one in judged:
        pattern = one.pattern
        whole = {"pattern": pattern.number, "what": pattern.what, "verdict": one.word, "why": one.why}
        known = {"source": pattern.source, "tag": pattern.tag, "fitted": pattern.fitted, "where": one.where}
        known["in_view"] = pattern.in_view
        for part in one.parts:
            accept = {"accept": str(part.accept), "accept_low": part.accept.low, "accept_high": part.accept.high}
            found = {"mean": part.mean, "low": part.low, "high": part.high, "replications": len(part.values)}
            verdict = {"share_inside": part.inside, "part_verdict": part.word, "part_why": part.why}
            rows.append({**whole, "part": part.name, "unit": part.accept.unit, **accept, **found, **verdict, **known})
        if not one.parts:
            rows.append({**whole, "part": "", **known})
    numbers = ("accept_low", "accept_high", "mean", "low", "high", "share_inside")
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, "float64")).astype({"replications": "Int64"})


def as_markdown(judged: Sequence[Judged], heading: str) -> str:
    """The whole report: what was run, the rule, the verdicts, and where each pattern was tested."""
    rows: list[list[object]] = []
    for one in judged:
        pattern, tag = one.pattern, TAGS[one.pattern.tag]
        first: list[object] = [pattern.number, pattern.what]
        last: list[object] = [f"**{one.word}**", IN_A_WORD[pattern.group], f"{pattern.source} [{tag}]"]
        for part in one.parts or (None,):
            cells = ["", "", "", ""] if part is None else _cells(part)
            rows.append([*first, *cells, *last])
            first, last = ["", ""], ["", "", ""]
    heads = ["no.", "pattern", "part", "accepted", "simulated: mean (95 % interval)", "replications inside"]
    table = markdown_table([*heads, "verdict", "defaults", "source"], rows)
    reasons = [f"- {one.pattern.number}, {one.word}: {one.why}" for one in judged if one.word != "met"]
    where = markdown_table(["no.", "tested in"], [[one.pattern.number, one.where] for one in judged])
    return (
        "\n\n".join(
            [
                "# Patterns of validation",
                heading,
                "\n".join(f"- {line}." for line in tally(judged)),
                RULE,
                table,
                "## Why not met, or inconclusive",
                "\n".join(reasons) or "All patterns are met.",
                "## Where each pattern was tested",
                where,
            ]
        )
        + "\n"
    )


def _cells(part: Part) -> list[str]:
    return [part.name, str(part.accept), shown(part), share_inside(part)]


def print_verdicts(judged: Sequence[Judged], heading: str, lines: Sequence[str]) -> None:
    """Print the verdicts, in colour on a terminal and as plain text elsewhere."""
    console = Screen()
    console.print(heading, style="bold")
    table = console.table(("", "pattern and its parts", "simulated (95 % interval)", "accepted", "inside", "verdict"))
    table.columns[0].justify, table.columns[1].justify, table.columns[-1].justify = "right", "left", "left"
    table.columns[-1].min_width = 14
    colour = {"met": "green", "not met": "bold red", "inconclusive": "yellow"}
    for one in judged:
        seen = f", {IN_A_WORD[one.pattern.group]}" if one.pattern.group != NOT_LOOKED_AT else ""
        what = f"{one.pattern.what} [{TAGS[one.pattern.tag]}{seen}]"
        style = colour[one.word] if console.terminal else None
        table.add_row(str(one.pattern.number), what, "", "", "", one.word, style=style)
        for part in one.parts:
            table.add_row("", f"  {part.name}", shown(part), str(part.accept), share_inside(part), "")
    console.print(table)
    for one in judged:
        if one.word != "met":
            console.print(f"{one.pattern.number} {one.word}: {one.why}")
    for line in ("", RULE, "", *tally(judged), *lines):
        console.print(line)
