"""The folder of a calibration.

manifest.json      what it is, by what code, on which claims, and SHA-256 of the files
calibration.yaml   the calibration, complete
history.db         generations that are finished, by pyabc (SQLite); each is there at once or not at all
runs.jsonl         every run, accepted or not, as it came in
posterior.parquet  the last generation
simulated.parquet  a row a particle and figure: simulated beside claimed
learned.csv        prior and posterior of every parameter
posterior.png      the same, drawn
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from experiments.calibration.calibration import Calibration
from experiments.calibration.journal import Journal
from experiments.calibration.smc import finished
from experiments.folders import write_text_at_once
from experiments.provenance import circumstances, model_files
from experiments.results import write_json_at_once
from experiments.sweeps.store import what_changed
from sim.errors import ConfigError

MADE_BY = "mahalle calibrate"
MANIFEST, CALIBRATION, HISTORY, POSTERIOR = "manifest.json", "calibration.yaml", "history.db", "posterior.parquet"
RUNS, SIMULATED, LEARNED, FIGURE = "runs.jsonl", "simulated.parquet", "learned.csv", "posterior.png"
FILES = (POSTERIOR, SIMULATED, LEARNED, FIGURE, HISTORY, f"{HISTORY}-journal", RUNS, CALIBRATION, MANIFEST)
"""In the order in which they are deleted: results before what they were made from, and the manifest last, for it says
whose the others are. Whenever this is cut off, nothing old can be taken for something new."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Have the folder to oneself.

    Raises:
        ConfigError: it is no folder, holds something else, or another calibration is at work in it.
    """
    source = f"--out {folder}"
    if folder.exists() and not folder.is_dir():
        raise ConfigError("is a file; a calibration is a folder", source=source)
    strange = [entry.name for entry in folder.iterdir() if not _is_ours(entry.name)] if folder.is_dir() else []
    manifest = read_manifest(folder)
    if strange or (manifest is not None and manifest.get("made_by") != MADE_BY):
        raise ConfigError("exists and was not made by mahalle calibrate; choose another folder", source=source)
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError("another calibration is at work in this folder; wait for it", source=source) from None
        yield
    finally:
        os.close(lock)


def begin(folder: Path, calibration: Calibration, *, fresh: bool) -> dict[str, Any]:
    """The manifest of what is begun here, or gone on with.

    Raises:
        ConfigError: the folder holds another calibration or runs of nobody knows which, or the model's source has
            changed since.
    """
    source = f"--out {folder}"
    if fresh:
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
    files = model_files()
    model = files.pop("")
    manifest = read_manifest(folder)
    if manifest is None:
        if finished(folder / HISTORY) or Journal(folder / RUNS).runs():
            problem = f"holds runs of nobody knows which calibration, for its {MANIFEST} is missing or damaged"
            raise ConfigError(f"{problem}; --fresh begins anew", source=source)
        manifest = {
            "made_by": MADE_BY,
            "digest": calibration.digest,
            "models": {model: files},
            **circumstances(),
        }
    elif manifest["digest"] != calibration.digest:
        raise ConfigError("holds another calibration; choose another folder, or --fresh to begin anew", source=source)
    elif model not in manifest["models"]:
        changed = what_changed(manifest["models"], files)
        raise ConfigError(f"the model's source has changed since ({changed}); --fresh begins anew", source=source)
    write_text_at_once(folder / CALIBRATION, calibration.to_yaml())
    write_json_at_once(folder / MANIFEST, manifest)
    return manifest


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest, or None if there is none."""
    try:
        content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def _is_ours(name: str) -> bool:
    return name in FILES or name.startswith(".")
