"""Where a posterior comes from, and what of that does not go with the experiment that draws from it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.calibration.calibration import KIND
from experiments.calibration.posterior import Posterior
from experiments.manifest import MANIFEST, manifest_in
from experiments.provenance import model_digest, sha256
from experiments.sweeps.experiment import what_counts
from sim.config import Config
from sim.reading import flatten

PARTS = ("city", "policy", "behaviour")
"""Parts of a base that the note knows by their digests."""


def origin(base: Config, keys: Sequence[str]) -> dict[str, str]:
    """SHA-256 of each part of a base: city and place, levers with their timeline, behaviour without some keys.

    Neither title nor claims, nor scale, weeks and seed of a run are in it; of a user's own data files the content is.

    Args:
        base: the base.
        keys: dotted keys of behaviour that a posterior gives.
    """
    whole = what_counts(base)
    parts = {
        "city": [whole["base"]["city"], whole["own_files"], base.run.place_seed],
        "policy": [whole["base"]["policy"], whole["base"]["timeline"]],
        "behaviour": _without(whole["base"]["behaviour"], keys),
    }
    return {name: _digest(part) for name, part in parts.items()}


def cautions(posterior: Posterior, base: Config) -> list[str]:
    """What is to be known before a posterior is taken for the behaviour of a base, in a few words each.

    A calibration that was given up; another city, policy or behaviour than it was fitted for; another model.
    """
    note, found = posterior.note, []
    if note.get("complete") is False:
        found.append(f"its calibration was given up at threshold {note.get('threshold')} before the last one asked for")
    if "origin" not in note:
        return [*found, "it does not say for which city it was made"]
    now = origin(base, posterior.keys)
    other = [name for name in PARTS if note["origin"].get(name) != now[name]]
    if other:
        fitted, used = note.get("city") or "a city without a title", base.city.title.en or "a city without a title"
        found.append(f"it was fitted to {fitted}, and {used} has another {_listed(other)}")
    if note.get("model") != model_digest(base.loaded):
        found.append("it was fitted by another version of the model")
    return found


def misfit_of_folder(file: Path) -> str | None:
    """What is wrong with a posterior's file, by the calibration's folder if it lies in one; None if nothing is."""
    if os.path.isdir(file):
        return "is a folder; name the posterior.parquet in it"
    manifest = manifest_in(file.parent)
    ours = manifest is not None and manifest["made_by"] == KIND.made_by
    unfinished = "the calibration in that folder is not finished: mahalle calibrate resumes it"
    if not os.path.isfile(file):
        return f"is not there; {unfinished}" if ours else "is not there"
    if not ours or manifest is None:
        return None
    if "files" not in manifest:  # written, or left by an earlier one, before the calibration was finished
        return f"may be of an earlier calibration; {unfinished}"
    files = manifest["files"]
    if file.name in files and files[file.name] != sha256(file):
        return f"is not the one that the calibration beside it wrote ({MANIFEST}): it was changed since"
    return None


def _without(behaviour: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    left_out = {key.removeprefix("behaviour.") for key in keys}
    return {key: value for key, value in flatten(behaviour).items() if key not in left_out}


def _digest(part: Any) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
