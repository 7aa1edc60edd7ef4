"""The manifest of a folder: which command made it from what, as a model that is validated when it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from experiments.provenance import sha256
from sim.errors import ConfigError

MANIFEST = "manifest.json"
RUN, VALIDATION = "mahalle run", "mahalle validate"

_SEAL = "sha256"


class Manifest(BaseModel):
    """What programs read; further entries tell people where a result comes from.

    Attributes:
        made_by: the command.
        digest: of the study; what decides its runs.
        models: of a study, files of the model by the model's digest; None in a folder of an older version.
        files: SHA-256 of each finished table; None as long as a study is not finished.
        study_files: SHA-256 of what describes the study, such as experiment.yaml.
        model_digest, config_digest, inputs: of a run.
        own_places, seeds: of a validation.
        posterior: of a sweep, which posterior its runs draw from.
        sha256: of the manifest itself, without this entry.
    """

    model_config = ConfigDict(extra="allow", strict=True)

    made_by: str
    digest: str | None = None
    models: dict[str, dict[str, str]] | None = None
    files: dict[str, str] | None = None
    study_files: dict[str, str] | None = None
    model_digest: str | None = None
    config_digest: str | None = None
    inputs: dict[str, str] | None = None
    own_places: bool | None = None
    seeds: list[int] | None = None
    posterior: dict[str, Any] | None = None
    sha256: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed: list[str] = []
        if self.made_by == RUN:
            needed = ["files", "model_digest"]
        elif self.models is not None:  # a study; one of an older version is told apart by their absence
            needed = ["digest", *(["own_places"] if self.made_by == VALIDATION else [])]
            needed += ["seeds"] if self.made_by == VALIDATION and self.files is not None else []
        if missing := [name for name in needed if getattr(self, name) is None]:
            raise ValueError(f"{', '.join(missing)} is missing")
        return self


def manifest_in(folder: Path) -> dict[str, Any] | None:
    """The manifest in a folder, whichever command made it, or None if there is none that can be read."""
    try:
        found = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    known = Manifest.model_fields
    return {name: value for name, value in found.model_dump().items() if value is not None or name not in known}


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with its own SHA-256, by which a later change of it is found."""
    content = {name: value for name, value in manifest.items() if name != _SEAL}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return {**content, _SEAL: hashlib.sha256(text.encode()).hexdigest()}


def is_as_written(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest has not changed since it was sealed; one of an older version, without a seal, passes."""
    return manifest.get(_SEAL) in (None, sealed(manifest)[_SEAL])


def refuse_altered(folder: Path, again: str, names: Collection[str] | None = None) -> None:
    """See that tables hold what was written: a number changed by hand would go into tables and pictures unseen.

    Args:
        folder: of a result; nothing is said of one that is not finished.
        again: what puts it right, such as ``give the command again``.
        names: of tables; all that the manifest has if None.

    Raises:
        ConfigError: a table has another content than when it was written.
    """
    wanted = (manifest_in(folder) or {}).get("files", {})
    tables = wanted if names is None else [name for name in names if name in wanted]
    for name in sorted(name for name in tables if name.endswith(".parquet")):
        file = folder / name
        if file.exists() and sha256(file) != wanted[name]:
            raise ConfigError(f"{name} has changed since it was written; {again}", source=str(folder))
