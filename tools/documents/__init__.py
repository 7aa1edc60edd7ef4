"""Generated from code and docs/templates/: the ODD, parameters, levers in Persian, drawings, schemas, codemeta."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from experiments.schemas import TITLES, text_of
from sim.yaml_text import read_yaml
from tools import ROOT
from tools.documents import drawings, levers, metadata, odd, parameters
from tools.documents.filling import Filled

TEMPLATES = ROOT / "docs" / "templates"


def documents() -> Mapping[str, Filled]:
    """Every generated document by its path in the project."""
    prose = {name: (TEMPLATES / f"{name}.md").read_text(encoding="utf-8") for name in ("odd", "parameters", "drawings")}
    state = read_yaml(TEMPLATES / "state.yaml").data
    return {
        "docs/odd.md": odd.text(prose["odd"], state),
        "docs/fa/levers.md": levers.text(),
        "docs/parameters.md": parameters.text(prose["parameters"]),
        "docs/reference/drawings.md": drawings.text(prose["drawings"]),
        "codemeta.json": metadata.text(ROOT),
        **{f"configs/schemas/{kind}.json": Filled(text_of(kind), ()) for kind in TITLES},
    }


def out_of_date(fresh: Mapping[str, Filled], root: Path = ROOT) -> list[str]:
    """Paths of the documents that differ from what the code says now, or are missing."""
    return [path for path, made in fresh.items() if not _holds(root / path, made.text)]


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


def write(fresh: Mapping[str, Filled], root: Path = ROOT) -> None:
    """Write the documents that are out of date."""
    for path in out_of_date(fresh, root):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(fresh[path].text, encoding="utf-8")


__all__ = ["TEMPLATES", "documents", "out_of_date", "write"]
