"""`python -m tools.documents`: write the generated documents, or with --check say which are out of date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.documents import documents, out_of_date, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit status is 1 if a document is out of date, or if its prose has to be read again."""
    parser = argparse.ArgumentParser(prog="python -m tools.documents", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    check = parser.parse_args(arguments).check
    fresh = documents()
    stale = out_of_date(fresh)
    if not check:
        write(fresh)
    for path in stale:
        print(f"{path} is out of date: run make docs" if check else f"{path} written")
    problems = [f"{path}: {problem}" for path, made in fresh.items() for problem in made.problems]
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems) or (check and bool(stale)))


if __name__ == "__main__":
    raise SystemExit(main())
