"""`python -m benchmarks`: measure, and write the tables of benchmarks/README.md; or guard against slow code."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks import guard, machine
from benchmarks.errors import BenchmarkError, say
from benchmarks.markdown import put, render
from benchmarks.plan import FULL, QUICK
from benchmarks.processes import ROOT
from benchmarks.tables import TABLES

README = ROOT / "benchmarks" / "README.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--quick", action="store_true", help="tiny sizes, printed only: to try the suite, not to measure")
    what.add_argument("--guard", action="store_true", help="compare with benchmarks/reference.json; 1 if slower")
    what.add_argument("--store", action="store_true", help="write benchmarks/reference.json again")
    parser.add_argument("--only", nargs="+", choices=TABLES, metavar="TABLE", help=f"some of {', '.join(TABLES)}")
    asked = parser.parse_args(arguments)
    if asked.only and (asked.guard or asked.store):
        parser.error("--only chooses tables: it goes with neither --guard nor --store")
    try:
        if asked.guard:
            return guard.check()
        if asked.store:
            return guard.store()
        return write_tables(asked.only or list(TABLES), quick=asked.quick)
    except BenchmarkError as error:
        say(str(error))
        return error.status


def write_tables(names: Sequence[str], *, quick: bool, readme: Path = README) -> int:
    """Measure some tables and print each; unless quick, also put each into the README as soon as it is there."""
    if not quick:
        text = readme.read_text(encoding="utf-8")
        for name in names:  # a marker that is missing shows before the measuring, not after
            put(text, name, "")
    for name in names:
        body = render(TABLES[name](QUICK if quick else FULL))
        print(f"{body}\n", flush=True)
        if not quick:
            text = readme.read_text(encoding="utf-8")
            readme.write_text(put(text, name, f"{body}\n\nMeasured on {machine.describe()}."), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
