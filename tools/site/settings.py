"""What the site's configuration reads from the project."""

from __future__ import annotations

import tomllib

from tools import ROOT

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"].get("version", "")
"""The version that the project states; empty where a tag states it."""

OUTSIDE = {
    "../configs/README.md": "configs.md",
    "../benchmarks/README.md": "benchmarks.md",
    "../README.md": "index.md",
}
"""Documents outside docs/, and the pages that include them."""
