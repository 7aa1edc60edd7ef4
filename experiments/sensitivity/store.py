"""What an analysis leaves in the folder of its sweep: tables, and what they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.folders import MANIFEST
from experiments.provenance import sha256
from experiments.results import write_json_atomically, write_table_atomically
from experiments.sensitivity.analysis import Findings
from experiments.study.store import note_results
from experiments.sweeps.tables import Sweep

TABLE, LUCK, NOTE, FIGURE = "sensitivity.parquet", "luck.parquet", "sensitivity.json", "sensitivity.png"


def write_findings(sweep: Sweep, findings: Findings, options: Mapping[str, Any], *, csv: bool = False) -> None:
    """Write the tables and a note of their making into the sweep's folder, each atomically.

    CSV of an earlier analysis goes, since it would stand beside tables that it does not belong to.
    """
    for name, table in ((TABLE, findings.table), (LUCK, findings.luck)):
        path = sweep.folder / name
        if not csv:
            path.with_suffix(".csv").unlink(missing_ok=True)
        write_table_atomically(table, path, csv=csv)
    write_json_atomically(sweep.folder / NOTE, {**provenance(sweep), **options, "notes": list(findings.notes)})
    note_results(sweep.folder, (TABLE, LUCK, NOTE))


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


def read_table(folder: Path) -> pd.DataFrame | None:
    """The table of indices in a folder, or None if there is none."""
    path = folder / TABLE
    return pd.read_parquet(path) if path.is_file() else None
