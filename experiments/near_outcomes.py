"""Which outcomes may be meant by a name that no outcome has."""

from __future__ import annotations

from collections.abc import Iterable

from sim.reading import nearest

MOST_NAMED = 5
LEAST_LETTERS = 3
"""Of a word that is looked for inside names."""

LISTED = "mahalle list outcome names all"


def near_outcomes(name: str, known: Iterable[str]) -> str:
    """Advice: the nearest name; else those that hold the word, five at most, and the command that lists all.

    Args:
        name: what the user wrote.
        known: names of the outcomes that may be asked for.
    """
    known = list(known)
    near = nearest(name, known)
    if near:
        return near
    word = name.strip().lower()
    holding = [one for one in known if word in one.lower()][:MOST_NAMED] if len(word) >= LEAST_LETTERS else []
    return f"; with this word: {', '.join(holding)}; {LISTED}" if holding else f"; {LISTED}"
