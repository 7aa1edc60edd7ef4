"""The real elections of one run: which files were counted in which weeks, what was funded, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pandas as pd
from rich.table import Table

from experiments.counting import counted, rule_in_words
from experiments.languages import texts_of, which, written
from sim.elections import CouncilElection
from sim.outcome import Language
from sim.tally import Rule

Record = Mapping[str, Any]


def elections_held(events: pd.DataFrame, elections: Sequence[CouncilElection]) -> list[Record]:
    """What became of each file of `city.elections`, in its order; a file that two rules counted has two records.

    Args:
        events: of the run.
        elections: as the city has read them.

    Returns:
        For each: file, ballots (None where only totals are known), votes (sum over projects), projects, rule, times
        (counts in councils; 0 where it was not held), first_week, last_week, won, struck (by a veto), spent (in the
        city's unit of money, on what won and was not struck) and share_of_budget (that the rule spends of the file's
        own budget).
    """
    counts = events[events.event == "election_counted"]
    details = [str(detail).rpartition("; ") for detail in counts.detail]
    counts = counts.assign(file=[name for name, _, _ in details], rule=[rule for _, _, rule in details])
    records = []
    for one in elections:
        own = counts[counts.file == one.name]
        records += [_record(one, str(rule), part, events) for rule, part in own.groupby("rule", sort=False)]
        if own.empty:
            records.append(_told(one) | {"rule": None, "times": 0})
    return records


def _told(one: CouncilElection) -> dict[str, Any]:
    election = one.election
    return {
        "file": one.name,
        "ballots": len(election.points) if election.has_ballots else None,
        "votes": int(election.totals.sum()) // election.points_scale,
        "projects": len(election.ids),
    }


def _record(one: CouncilElection, rule: str, counts: pd.DataFrame, events: pd.DataFrame) -> Record:
    there = events.merge(counts[["week", "neighbourhood"]].drop_duplicates())
    won, struck = (there[there.event == name].amount for name in ("election_won", "project_vetoed"))
    winners, election = one.winners(cast(Rule, rule)), one.election
    return _told(one) | {
        "rule": rule,
        "times": len(counts),
        "first_week": int(counts.week.min()),
        "last_week": int(counts.week.max()),
        "won": len(won),
        "struck": len(struck),
        "spent": float(won.sum() - struck.sum()),
        "share_of_budget": float(election.costs[winners].sum() / election.budget),
    }


def table_of_elections(
    records: Sequence[Record], unit: str, language: Language, empty: Callable[[Sequence[str]], Table]
) -> Table:
    """The elections that were counted, one row for each file and rule.

    Args:
        records: of `elections_held`.
        unit: of money, in words.
        language: English or Persian.
        empty: makes a table from its headings.
    """
    text = texts_of(_TEXTS, language)

    def whole(number: int) -> str:
        return written(f"{number:,}", language)

    heads = ("rule", "votes", "times", "weeks", "funded", "spent", "share")
    table = empty(["", *(text(head, unit=unit) for head in heads)])
    for row in filter(lambda record: record["times"], records):
        votes = (row["votes"], "vote") if row["ballots"] is None else (row["ballots"], "ballot")
        weeks = [whole(week) for week in dict.fromkeys((row["first_week"], row["last_week"]))]
        table.add_row(
            row["file"],
            rule_in_words(row["rule"], language),
            counted(*votes, language),
            whole(row["times"]),
            text("from to", first=weeks[0], last=weeks[1]) if len(weeks) == 2 else weeks[0],
            text("of", number=whole(row["won"] - row["struck"]), whole=whole(row["times"] * row["projects"])),
            written(f"{row['spent']:,.3g}" if row["spent"] < 100.0 else f"{row['spent']:,.0f}", language),
            written(f"{100.0 * row['share_of_budget']:.0f} %", language),
        )
    return table


def notes_on_elections(records: Sequence[Record], language: Language) -> list[str]:
    """What the table does not say: winners that a veto struck, and files that were not counted."""
    text = texts_of(_TEXTS, language)
    struck = sum(row["struck"] for row in records if row["times"])
    unheld = which((", ", "، "), language).join(row["file"] for row in records if not row["times"])
    return [
        *([text("struck", number=written(f"{struck:,}", language))] if struck else []),
        *([text("unheld", files=unheld)] if unheld else []),
    ]


def heading_of_elections(language: Language) -> str:
    """The line above the table."""
    return texts_of(_TEXTS, language)("heading")


_TEXTS: dict[str, tuple[str, str]] = {
    "heading": (
        "Real elections counted in councils, all counts together; budget and costs are scaled to each council's money",
        "رأی‌گیری‌های واقعی شمرده‌شده در شوراها، همه شمارش‌ها با هم؛ بودجه و هزینه‌ها با بودجه هر شورا هم‌مقیاس شده است",
    ),
    "rule": ("rule", "قاعده"),
    "votes": ("votes", "رأی‌ها"),
    "times": ("counts", "شمارش‌ها"),
    "weeks": ("weeks", "هفته‌ها"),
    "funded": ("projects funded", "پروژه‌های دارای بودجه"),
    "spent": ("spent, {unit}", "هزینه، {unit}"),
    "share": ("of the file's budget", "سهم از بودجه پرونده"),
    "from to": ("{first} to {last}", "{first} تا {last}"),
    "of": ("{number} of {whole}", "{number} از {whole}"),
    "struck": (
        "Struck by a veto after the count, and not among the projects funded: {number}.",
        "پس از شمارش وتو شده، و در میان پروژه‌های دارای بودجه نیامده: {number}.",
    ),
    "unheld": (
        "Not counted in this run: {files}. An election is counted where a council that decides over money reaches the "
        "round of choice it is set for and residents vote (policy.choice.rule, policy.authority.mode).",
        "در این اجرا شمرده نشده: {files}. رأی‌گیری آنجا شمرده می‌شود که شورایی که درباره بودجه تصمیم می‌گیرد به دور "
        "انتخاب تعیین‌شده برسد و ساکنان رأی بدهند (policy.choice.rule، policy.authority.mode).",
    ),
}
