"""What the site's configuration reads from the project."""

from __future__ import annotations

from experiments.provenance import version_of

VERSION: str = version_of("mahalle") or ""
"""The version that is installed: of the last tag."""

OUTSIDE = {
    "../configs/README.md": "configs.md",
    "../benchmarks/README.md": "benchmarks.md",
    "../README.md": "index.md",
}
"""Documents outside docs/, and the pages that include them."""
