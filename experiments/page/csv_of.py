"""The numbers of an answer as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

COLUMNS = (
    "policy",
    "table",
    "outcome",
    "group",
    "week",
    "baseline",
    "with_policy",
    "difference",
    "low",
    "high",
    "least",
)


def csv_of(answer: Mapping[str, Any]) -> str:
    """Every number of an answer, a row each, in the outcomes' own units; an empty cell where there is none."""
    out = io.StringIO()
    out.write("\ufeff")  # so that spreadsheets read Persian titles
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for policy in answer["policies"]:
        for row in _rows(policy, int(answer["week"])):
            writer.writerow([_harmless(policy["title"]["en"]), *("" if cell is None else cell for cell in row)])
    return out.getvalue()


def _rows(policy: Mapping[str, Any], week: int) -> Iterator[tuple[Any, ...]]:
    for table, group in (("city", None), ("group", "group")):
        for one in policy["findings" if group is None else "groups"]:
            numbers = [one[name] for name in ("base", "policy", "difference", "low", "high", "least")]
            yield (table, one["outcome"], one[group] if group else None, week, *numbers)
    for curve in policy["curves"]:
        names = ("weeks", "base", "policy", "difference", "low", "high")
        for at, *numbers in zip(*(curve[name] for name in names), strict=True):
            yield ("curve", curve["outcome"], None, at, *numbers, None)
    for one in policy["maps"]:
        for place in one["places"]:
            ends = [place[name] for name in ("difference", "low", "high")]
            yield ("neighbourhood", one["outcome"], place["number"], week, None, None, *ends, None)


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
