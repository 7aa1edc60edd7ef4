"""codemeta.json, from CITATION.cff and pyproject.toml, so that the three cannot say different things."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from experiments.archive.descriptions import citation, codemeta
from tools.documents.filling import Filled


def text(root: Path) -> Filled:
    """CodeMeta 3.0 of the project; faults where CITATION.cff and pyproject.toml disagree.

    Args:
        root: the project's folder.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project, version = settings["project"], settings["tool"]["versioningit"]["default-version"]
    cited = citation(root)
    content = json.loads(codemeta(cited, version))
    content |= {
        "identifier": project["name"],
        "runtimePlatform": f"Python {project['requires-python']}",
        "softwareRequirements": project["dependencies"],
        "developmentStatus": "wip",
    }
    problems = [
        f"{name} is {ours!r} in pyproject.toml, and {theirs!r} in CITATION.cff"
        for name, ours, theirs in (
            ("version", version, str(cited["version"])),
            ("licence", project["license"], cited["license"]),
            ("authors", [one["name"] for one in project["authors"]], [one.get("name") for one in cited["authors"]]),
            ("keywords", project["keywords"], cited["keywords"]),
        )
        if ours != theirs
    ]
    return Filled(json.dumps(content, indent=1, ensure_ascii=False) + "\n", tuple(problems))
