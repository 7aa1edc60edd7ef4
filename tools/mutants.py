"""`python -m tools.mutants FILE`: how many mutants the tests notice, by module, and the names of those they do not.

The file is what `mutmut results --all true` prints: a name and a verdict a line.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

NOTICED = ("killed", "timeout", "caught by type check")
"""Verdicts on mutants that the tests, or endless loops, give away."""

LEAST = 0.85

_AFTER_MODULE = re.compile(r"\.x[_ǁ]")


def main(path: str) -> int:
    """Print the table; the exit status is 1 if fewer than `LEAST` are noticed."""
    noticed: dict[str, int] = defaultdict(int)
    of_all: dict[str, int] = defaultdict(int)
    survivors = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, found, verdict = line.strip().rpartition(": ")
        if not found:
            continue
        module = _AFTER_MODULE.split(name)[0]
        of_all[module] += 1
        if verdict in NOTICED:
            noticed[module] += 1
        else:
            survivors.append(f"{name}: {verdict}")
    if not of_all:
        print(f"{path} names no mutants", file=sys.stderr)
        return 1
    for module in sorted(of_all):
        print(f"{module:34} {noticed[module]:5} of {of_all[module]:5}  {noticed[module] / of_all[module]:6.1%}")
    share = sum(noticed.values()) / sum(of_all.values())
    print(f"{'all':34} {sum(noticed.values()):5} of {sum(of_all.values()):5}  {share:6.1%}")
    print("\n".join(["", "Not noticed (mutmut show NAME):", *survivors]))
    return int(share < LEAST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
