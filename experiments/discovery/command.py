"""`mahalle discover`, step by step: read a sweep, judge its points, look for boxes, write and print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from experiments.discovery.boxes import discover
from experiments.discovery.cases import cases
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
    )
    found = discover(judged.assumptions, judged.fails, most=request.boxes)
    words = {"en": in_words(found, "en"), "fa": in_words(found, "fa")}
    write_table_at_once(found.table, sweep.folder / TABLE)
    note = {"criterion": judged.sentence, "points": found.points, "failures": found.failures, "words": words}
    write_json_at_once(sweep.folder / NOTE, {**provenance(sweep), **note, "notes": list(judged.notes)})
    if request.quiet:
        return
    print(f"A point fails where {judged.sentence}: {found.failures:,} of {found.points:,} points.\n")
    print("\n\n".join(words[request.language]))
    if found.boxes:
        columns = ["box", "key", "low", "high", "among", "quasi_p"]
        text = found.table[columns].to_string(index=False, na_rep="", float_format=lambda value: f"{value:.3g}")
        print(f"\n{text}")
    for note_line in judged.notes:
        print(note_line)
    print(f"Files: {sweep.folder} ({TABLE}, {NOTE})")
