"""Names of places in different spellings: cleaned of what nobody sees, and matched where they only look the same."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from sim.errors import escaped

_JOINERS = "\u200c\u200d"
_LETTERS = str.maketrans(
    {
        "ي": "ی", "ى": "ی", "ك": "ک", "ہ": "ه", "ە": "ه", "ـ": None, "‌": None, "‍": None,
        **dict(zip("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", strict=True)),
    }
)  # fmt: skip
"""Letters of Arabic keyboards as Persian ones; joiners and lengthening strokes go."""


def cleaned(name: str) -> str:
    """A name without direction marks and other invisible letters (joiners stay), with single plain spaces, in NFC."""
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf" or letter in _JOINERS)
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def folded(name: str) -> str:
    """What all spellings of a name that look the same have in common."""
    return unicodedata.normalize("NFKC", cleaned(name)).translate(_LETTERS)


def difference(one: str, other: str) -> str:
    """Where two spellings first differ, by code point: ``U+064A for U+06CC``."""
    pairs = zip_longest(one, other)
    first = next(((a, b) for a, b in pairs if a != b), (None, None))
    return " for ".join("nothing" if letter is None else f"U+{ord(letter):04X}" for letter in first)


def look_up(name: str, rows: Mapping[str, int], by_fold: Mapping[str, int]) -> int | None:
    """The row of a name as it is written, else of one that looks the same, or None.

    Args:
        name: as the user wrote it.
        rows: rows by name.
        by_fold: rows by folded name (`by_look`).
    """
    found = rows.get(cleaned(name))
    return by_fold.get(folded(name)) if found is None else found


def by_look(names: Iterable[str]) -> dict[str, int]:
    """Rows by folded name; a name that looks like another one stands for neither."""
    found: dict[str, int] = {}
    twice = set()
    for row, name in enumerate(names):
        key = folded(name)
        if key in found:
            twice.add(key)
        found[key] = row
    return {key: row for key, row in found.items() if key not in twice}


def quoted(name: str, longest: int = 60) -> str:
    """A name in quotation marks, cut and safe to print."""
    return f"'{escaped(name if len(name) <= longest else name[: longest - 1] + '…')}'"


def nearest_name(word: str, known: Sequence[str]) -> str:
    """The known name that is nearest to a word, as a question in brackets; empty if none is near."""
    near = difflib.get_close_matches(word[:200], known, 1)
    return f" (did you mean {quoted(near[0])}?)" if near else ""


def short(value: object) -> str:
    """A value as a user wrote it, cut to 40 characters, in quotation marks where it is not one plain word."""
    text = value if isinstance(value, str) else repr(value)
    if isinstance(value, str) and not re.fullmatch(r"[-+.\w]{1,40}", text):
        return quoted(text, 41)
    return escaped(text if len(text) <= 40 else f"{text[:40]}…")
