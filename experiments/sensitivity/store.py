"""What an analysis leaves in the folder of its sweep: tables, and what they were made of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments.manifest import MANIFEST
from experiments.provenance import sha256
from experiments.results import write_json_atomically, write_table_atomically
from experiments.sensitivity.analysis import Findings
from experiments.study.store import note_results
from experiments.sweeps.tables import Sweep

TABLE, LUCK, NOTE, FIGURE = "sensitivity.parquet", "luck.parquet", "sensitivity.json", "sensitivity.png"


def name_for(file: str, base: str | None) -> str:
    """The name of a file of an analysis: one of differences from a policy does not replace that of levels.

    Args:
        file: `TABLE`, `LUCK`, `NOTE` or `FIGURE`.
        base: the policy, or None for levels; ``sensitivity-less-status_quo.parquet``.
    """
    stem, dot, suffix = file.partition(".")
    return file if base is None else f"{stem}-less-{re.sub(r'[^\w*-]', '_', base)}{dot}{suffix}"


def bases_in(folder: Path) -> list[str | None]:
    """What was analysed in a folder: None for levels if they were, then the base of the last analysis of differences.

    Raises:
        ValueError: a note cannot be read.
    """
    notes = sorted(folder.glob(name_for(NOTE, "*")), key=lambda path: path.stat().st_mtime_ns)
    last: list[str | None] = [json.loads(note.read_text(encoding="utf-8"))["against"] for note in notes[-1:]]
    return [*([None] if (folder / TABLE).is_file() else []), *last]


def write_findings(sweep: Sweep, findings: Findings, options: Mapping[str, Any], *, csv: bool = False) -> None:
    """Write the tables and a note of their making into the sweep's folder, each atomically.

    CSV of an earlier analysis goes, since it would stand beside tables that it does not belong to.
    """
    table, luck, note = (name_for(file, options["against"]) for file in (TABLE, LUCK, NOTE))
    for name, found in ((table, findings.table), (luck, findings.luck)):
        path = sweep.folder / name
        if not csv:
            path.with_suffix(".csv").unlink(missing_ok=True)
        write_table_atomically(found, path, csv=csv)
    write_json_atomically(sweep.folder / note, {**provenance(sweep), **options, "notes": list(findings.notes)})
    note_results(sweep.folder, (table, luck, note))


def provenance(sweep: Sweep) -> dict[str, Any]:
    """By what model, when and from which experiment the runs of a sweep were made."""
    experiment, base = sweep.experiment, sweep.experiment.base
    models = sorted(name for name in sweep.runs["model"].unique() if name)
    made = datetime.fromtimestamp((sweep.folder / MANIFEST).stat().st_mtime, UTC)
    return {
        "title": experiment.title.en,
        "experiment_digest": experiment.digest,
        "base": base.city.title.en,
        "model": models,
        "date": made.date().isoformat(),
        "design": {"kind": experiment.design.kind, **dict(experiment.design.options)},
        "scale": base.run.scale,
        "weeks": base.run.weeks,
        "runs_sha256": sha256(sweep.folder / "outcomes.parquet"),
    }
