"""Compiles passes over all residents (Numba), and keeps on the disk what was compiled, until a rule changes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numba
from numba.core import config as numbas_settings

_HERE = Path(__file__).parent
_SETTINGS: Any = numbas_settings


def compiled_rule(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule of `sim.rules` for compiled passes: the same function, applied to the numbers of one resident."""
    return cast("Callable[..., Any]", numba.njit(rule))


def compiled[F: Callable[..., Any]](function: F) -> F:
    """A pass over residents, compiled when it is first called on this machine (some seconds for all of them).

    Numba looks at the file of a pass only, and would not see that a rule in another file was changed: so what is
    compiled is kept under a digest of all files that have a part in it.
    """
    if _FOLDER is None:
        return cast("F", numba.njit(function))
    before, _SETTINGS.CACHE_DIR = _SETTINGS.CACHE_DIR, str(_FOLDER)
    try:
        return cast("F", numba.njit(cache=True)(function))
    finally:
        _SETTINGS.CACHE_DIR = before


def _folder() -> Path | None:
    """Where to keep what is compiled: beside the code, or where users may write; None if nowhere."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    places = [Path(own)] if own else [_HERE / "__pycache__", Path.home() / ".cache" / "mahalle"]
    for place in places:
        folder = place / f"compiled-{_digest()}"
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    return None


def _digest() -> str:
    files = [_HERE / f"{name}.py" for name in ("compiling", "kernels", "randomness")]
    files += sorted((_HERE / "rules").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


_FOLDER = _folder()
