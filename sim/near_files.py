"""A file that is not there, and the one beside it that is probably meant."""

from __future__ import annotations

import difflib
import os
from itertools import islice
from pathlib import Path

from sim.wording import printable

MOST_COMPARED = 1_000
"""Files of a folder whose names are compared."""


def nearest_file(path: str | Path, written: str | Path | None = None) -> str:
    """Ask whether the file of the nearest name in the same folder is meant; empty if none is near.

    Args:
        path: a file that is not there.
        written: the same as the user wrote it, if that differs.
    """
    wanted = Path(path)
    try:
        with os.scandir(wanted.parent) as entries:
            names = [entry.name for entry in islice(entries, MOST_COMPARED) if entry.is_file()]
    except (OSError, ValueError):
        return ""
    stems = set(difflib.get_close_matches(wanted.stem[:100], {Path(name).stem for name in names}))
    near = difflib.get_close_matches(
        wanted.name[:100], sorted(name for name in names if Path(name).stem in stems), n=1, cutoff=0.0
    )
    found = (wanted if written is None else Path(written)).with_name(near[0]) if near else ""
    return f'; did you mean "{printable(str(found), 200)}"?' if near else ""


def no_such_file(path: str | Path, written: str, beside: str) -> str:
    """What is wrong with a file's name inside another file: where it was looked for, and the nearest name there.

    Args:
        path: where it was looked for.
        written: what the user wrote.
        beside: what the other file is.
    """
    return f'no such file: "{printable(written, 500)}", looked for beside the {beside}{nearest_file(path, written)}'
