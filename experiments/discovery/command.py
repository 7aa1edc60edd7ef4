"""`mahalle discover`, step by step: read a sweep, judge its points, look for boxes, write and print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.discovery.boxes import discover
from experiments.discovery.cases import Cases, cases
from experiments.discovery.words import in_words
from experiments.results import write_json_at_once, write_table_at_once
from experiments.sensitivity.store import provenance
from experiments.sweeps.tables import load
from experiments.titles import Language

TABLE, NOTE = "boxes.parquet", "boxes.json"


@dataclass(frozen=True)
class Request:
    """What the user asked of `mahalle discover`."""

    folder: Path
    outcome: str
    below: float | None = None
    above: float | None = None
    policy: str | None = None
    base: str | None = None
    confidence: float = 0.95
    boxes: int = 3
    language: Language = "en"
    quiet: bool = False


def carry_out(request: Request) -> None:
    """Do what was asked.

    Raises:
        ConfigError: the request does not fit the sweep, or ema-workbench is not installed.
    """
    sweep = load(request.folder)
    judged = cases(
        sweep,
        request.outcome,
        below=request.below,
        above=request.above,
        policy=request.policy,
        base=request.base,
        confidence=request.confidence,
    )
    found = discover(
        judged.assumptions, judged.fails, unclear=judged.unclear, by_luck=judged.by_luck, most=request.boxes
    )
    words = {"en": in_words(found, "en"), "fa": in_words(found, "fa")}
    write_table_at_once(found.table, sweep.folder / TABLE)
    note = {
        "criterion": judged.sentence,
        "confidence": request.confidence,
        "points": found.points,
        "failures": found.failures,
        "unclear": found.unclear,
        "words": words,
    }
    write_json_at_once(sweep.folder / NOTE, {**provenance(sweep), **note, "notes": list(judged.notes)})
    if request.quiet:
        return
    how = f"beyond luck (one-sided bound of {request.confidence:.0%})" if judged.by_luck else "by the mean alone"
    print(f"A point fails where {judged.sentence}, {how}.")
    rest = found.points - found.failures - found.unclear
    print(f"{found.failures:,} of {found.points:,} points fail, {rest:,} do not, {found.unclear:,} are unclear.")
    print(f"{_sizes(judged)}\n")
    print("\n\n".join(words[request.language]))
    if found.boxes:
        columns = ["box", "key", "low", "high", "among", "quasi_p"]
        text = found.table[columns].to_string(index=False, na_rep="", float_format=lambda value: f"{value:.3g}")
        print(f"\n{text}")
    for note_line in judged.notes:
        print(note_line)
    print(f"Files: {sweep.folder} ({TABLE}, {NOTE})")


def _sizes(judged: Cases) -> str:
    """How large what is judged is, since what is beyond luck may still be too small to matter."""
    everywhere = f"Its median is {np.median(judged.values):.3g} over all points"
    if not judged.fails.any():
        return f"{everywhere}."
    return f"{everywhere}, and {np.median(judged.values[judged.fails]):.3g} over those that fail."
