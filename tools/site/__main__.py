"""`python -m tools.site [FOLDER]`: build the site of the documents (`make site`); any warning is an error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tools import ROOT

NEEDED = ("sphinx", "myst_parser", "furo", "sphinx_copybutton")
"""Modules of the extra `docs`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build into the folder, `build/site` if none is given.

    Returns:
        The status: 0 done, 1 with a warning or an error, 2 if the packages are missing.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        print(f"the site needs {', '.join(missing)}: pip install 'mahalle[docs]'", file=sys.stderr)
        return 2
    from sphinx.cmd.build import main as build

    folder = Path(words[0]) if words else ROOT / "build" / "site"
    trees = folder.with_name(f"{folder.name}-trees")  # what was parsed, apart from what is read
    options = ["-W", "--keep-going", "-q", "-E", "-b", "html", "-d", str(trees)]
    status: int = build([*options, str(ROOT / "docs"), str(folder)])
    if status == 0:
        print(f"Files: {folder} (open index.html)")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
