"""Digests of our own source: what measures in a run, and what makes tables and pictures of runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import matplotlib

from experiments.provenance import sha256

_ROOT = Path(__file__).parent.parent

_MEASURES = ("impulses.py", "measuring.py", "patterns.py", "growth.py", "validation", "sweeps", "calibration")
"""Files and folders of `experiments` whose code works within runs: what is kept of them is what these say."""


@cache
def code_that_measures() -> str:
    """SHA-256 of the source that works within runs, beside the model's."""
    return _digest(file for name in _MEASURES for file in _sources(_ROOT / name))


@cache
def code_of_experiments() -> str:
    """SHA-256 of all source of `experiments`, the fonts, and the version of Matplotlib: what decides a picture."""
    fonts = sorted((_ROOT / "figures/fonts").glob("*.ttf"))
    return f"{_digest([*_sources(_ROOT), *fonts])} {matplotlib.__version__}"


@cache
def code_of_statistics() -> str:
    """SHA-256 of the source of `experiments`, but for what only draws: what decides a table."""
    drawn = {_ROOT / "figures", _ROOT / "paper" / "drawings"}
    return _digest(file for file in _sources(_ROOT) if not drawn & set(file.parents))


def _sources(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.relative_to(_ROOT).as_posix()}\0".encode())
        total.update(bytes.fromhex(sha256(file)))
    return total.hexdigest()
