"""Groups that lose or gain, in lines of words: one for each outcome and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from experiments.answers.texts import Text, begun, joined, said, shown

MOST_GROUPS, MOST_LINES = 4, 3
"""Groups that a line names, and lines of who loses and of who gains: more would not fit on the page of a brief."""


def group_lines(groups: Sequence[Mapping[str, Any]], most: int = MOST_LINES) -> list[Text]:
    """Groups for the worse or for the better: a line for each outcome and verdict, the largest differences first.

    Args:
        groups: such as the losers of an answer (`experiments.answers.groups.losers_and_gainers`).
        most: most lines; another says how many there are besides.
    """
    order = list(dict.fromkeys((one["outcome"], one["verdict"]) for one in groups))
    ordered = sorted(groups, key=lambda one: order.index((one["outcome"], one["verdict"])))
    lines = [_line(list(own)) for _, own in groupby(ordered, key=lambda one: (one["outcome"], one["verdict"]))]
    return at_most(lines, most)


def at_most(texts: Sequence[Text], most: int) -> list[Text]:
    """The first of some texts, and how many more there are."""
    more = len(texts) - most
    return list(texts) if more <= 0 else [*texts[:most], said(_TEXTS["more"], number=shown(more, 0))]


def _line(groups: Sequence[Mapping[str, Any]]) -> Text:
    first = groups[0]
    named = [
        said(_TEXTS["group"], group=one["group_title"], by=one["shown"]["difference"]) for one in groups[:MOST_GROUPS]
    ]
    more = len(groups) - len(named)
    if more:
        named.append(said(_TEXTS["and more"], number=shown(more, 0)))
    verdict = said(_TEXTS[first["verdict"]])
    return said(_TEXTS["groups"], outcome=begun(first["title"]), unit=first["unit"], verdict=verdict,
                groups=joined(named))  # fmt: skip


_TEXTS: dict[str, tuple[str, str]] = {
    "groups": ("{outcome} ({unit}), {verdict}: {groups}.", "{outcome} ({unit})، {verdict}: {groups}."),
    "worse": ("worse", "بدتر"),
    "may be worse": ("may be worse", "شاید بدتر"),
    "better": ("better", "بهتر"),
    "may be better": ("may be better", "شاید بهتر"),
    "group": ("{group} ({by})", "{group} ({by})"),
    "and more": ("and {number} more", "و {number} گروه دیگر"),
    "more": ("And {number} more.", "و {number} مورد دیگر."),
}
