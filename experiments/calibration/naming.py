"""Figures that are fitted, in words: claims, and figures of one's own by outcome, week and group."""

from __future__ import annotations

import re
from collections.abc import Sequence

from experiments.languages import group_in_words, which, written
from experiments.sweeps.outcomes import NEIGHBOURHOOD
from sim.outcome import Language, known

CLAIMS = {
    "share of residents": ("office holders, of residents", "سهم صاحبان سمت از ساکنان"),
    "councils at week 84": ("councils at week 84", "شوراها در هفته ۸۴"),
    "councils at week 135": ("councils at week 135", "شوراها در هفته ۱۳۵"),
    "first week with a mayor": ("first week with a mayor", "نخستین هفته با شهردار محله"),
    "council projects finished": ("projects finished", "پروژه‌های پایان‌یافته"),
    "programmes held": ("programmes held", "برنامه‌های برگزارشده"),
}
"""Claims in English and Persian; one without words goes by its label."""

_WEEK = ("week {}", "هفته {}")


_ONE_PLACE = re.compile(rf"{NEIGHBOURHOOD}=(\d+)(?=\])")
"""A single neighbourhood in the label of a figure."""

Places = Sequence[tuple[str, str]]
"""Names of neighbourhoods in English and Persian, by number."""


def place_of(label: str, places: Places, language: Language = "en") -> str:
    """Name of a figure's neighbourhood, by its label; empty if it is of no single one, or none has a name."""
    found = _ONE_PLACE.search(label)
    return "" if found is None or not places else which(places[int(found.group(1))], language)


def with_names(label: str, places: Places) -> str:
    """The label of a figure with its neighbourhood by name, such as ``hope[neighbourhood=Almond] in week 52``."""
    name = place_of(label, places)
    return _ONE_PLACE.sub(lambda _: f"{NEIGHBOURHOOD}={name}", label) if name else label


def figures_in_words(
    names: Sequence[str], language: Language, *, below: bool = False, places: Sequence[str] = ()
) -> list[str]:
    """Claims, and figures of one's own: outcome and week, then group.

    Args:
        names: labels of figures.
        language: of the words.
        below: whether each stands below the one before, where there is little room: the week is its number, and an
            outcome and week that stand above are not repeated.
        places: of each figure the name of its neighbourhood in the language; empty if it is of no single one.
    """
    said, above, comma = [], "", which((", ", "، "), language)
    for name, place in zip(names, places or [""] * len(names), strict=True):
        found = re.fullmatch(r"(\w+)(?:\[(.*)\])? in week (\d+)", name)
        if name in CLAIMS or found is None:
            said.append(which(CLAIMS.get(name, (name, name)), language))
            continue
        outcome, groups, week = found.groups()
        declared = known(outcome)
        when = written(week, language) if below else which(_WEEK, language).format(written(week, language))
        what = f"{outcome if declared is None else declared.in_words(language)}{comma}{when}"
        whose = [place or group_in_words(groups.replace(",", ", "), language)] if groups else []
        said.append(comma.join(whose if below and what == above and whose else [what, *whose]))
        above = what
    return said
