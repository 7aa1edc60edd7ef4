"""What an archive says of itself: RO-Crate, CodeMeta, CODECHECK, and in words how to reproduce it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.resolved import plain_yaml
from sim.errors import ConfigError
from sim.yaml_text import read_yaml

CRATE, CODEMETA, CODECHECK, README = "ro-crate-metadata.json", "codemeta.json", "codecheck.yml", "REPRODUCE.md"

CODECHECK_HEAD = """\
# For CODECHECK 2.0. The fields codechecker, summary, repository, check_time, certificate and report are the checker's
# to fill. Without them this file is not valid: only a checker can make it so.
"""


def citation(root: Path) -> dict[str, Any]:
    """What CITATION.cff says.

    Raises:
        ConfigError: it is not there, or cannot be read.
    """
    cited: dict[str, Any] = read_yaml(root / "CITATION.cff").data
    return cited


def codemeta(cited: Mapping[str, Any], version: str | None) -> str:
    """CodeMeta 3.0, from what CITATION.cff says."""
    authors = [
        {"@type": "Person" if "family-names" in author else "Organization", **_names(author)}
        for author in cited.get("authors", [])
    ]
    content = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": cited.get("title", "Mahalle"),
        "description": cited.get("abstract", ""),
        "version": version or str(cited.get("version", "")),
        "license": f"https://spdx.org/licenses/{cited.get('license', 'MIT')}",
        "programmingLanguage": "Python",
        "author": authors,
        "keywords": cited.get("keywords", []),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _names(author: Mapping[str, Any]) -> dict[str, str]:
    if "family-names" in author:
        return {"givenName": author.get("given-names", ""), "familyName": author["family-names"]}
    return {"name": author.get("name", "")}


def codecheck(cited: Mapping[str, Any], captions: Mapping[str, str]) -> str:
    """CODECHECK's configuration, its manifest and paper filled, the checker's fields left to the checker.

    Args:
        cited: of CITATION.cff.
        captions: of pictures, by their paths in the archive.
    """
    content = {
        "version": "https://codecheck.org.uk/spec/config/2.0/",
        "paper": {
            "title": str(cited.get("title", "Mahalle")),
            "authors": [{"name": " ".join(_names(author).values()).strip()} for author in cited.get("authors", [])],
        },
        "manifest": [{"file": file, "comment": caption} for file, caption in captions.items()],
    }
    return CODECHECK_HEAD + plain_yaml(content)


def crate(cited: Mapping[str, Any], files: Mapping[str, str], day: str, version: str | None) -> str:
    """RO-Crate metadata.

    Args:
        cited: of CITATION.cff.
        files: descriptions of files by their paths in the archive.
        day: date of the archive, ISO.
        version: of the program.

    Raises:
        ConfigError: the package rocrate is not installed.
    """
    try:
        from rocrate.rocrate import ROCrate
    except ImportError:
        raise ConfigError("an archive needs the package rocrate: pip install 'mahalle[paper]'") from None
    made = ROCrate()
    made.name, made.description = str(cited.get("title", "Mahalle")), str(cited.get("abstract", ""))
    made.datePublished, made.license = day, f"https://spdx.org/licenses/{cited.get('license', 'MIT')}"
    for path, words in files.items():
        made.add_file(dest_path=path, properties={"name": words or path})
    content = made.metadata.generate()
    for entity in content["@graph"]:
        if entity["@id"] == "./":
            entity["version"] = version or ""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def how_to(figures: Sequence[str], *, quick: bool, wheels: bool) -> str:
    """How to reproduce, in words."""
    form = " --quick" if quick else ""
    install = "pip install --no-index --find-links wheelhouse" if wheels else "pip install"
    network = "No network is needed." if wheels else "The packages come from the network; everything else is here."
    return f"""# Reproduce

Python 3.12 or newer. {network}

```
python3 -m venv .venv && . .venv/bin/activate
{install} --require-hashes -r requirements.lock
python -m experiments reproduce{form} --check
```

makes all {len(figures)} figures again from nothing and compares their tables with `results/reference`, value by value
(numbers to 1e-6 of their size). If it is interrupted, the same command goes on. One picture is compared by
`python -m experiments reproduce PICTURE`.
`manifest.json` lists the SHA-256 of every file.
"""
