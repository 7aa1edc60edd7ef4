"""Progress of a run: a bar on a terminal, a line a simulated year elsewhere, nothing where it is not wanted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sim.compiling import is_kept

YEAR = 52

PHASES = (
    "start",
    "1 identify and divide",
    "2 councils",
    "3 neighbourhood mayors",
    "4 carry out",
)
"""Names of the programme's phases, by the number in the city's table."""

type Row = Mapping[str, float]
type Watch = Callable[[Row], None]


def announce_compiling(*, quiet: bool) -> None:
    """Say that the first city waits for the compiler, if nothing that was compiled is kept on this machine."""
    if not (quiet or is_kept()):
        print("Compiling the model: some seconds, once on this machine", file=sys.stderr, flush=True)


@contextmanager
def watching(weeks: int, *, quiet: bool) -> Iterator[Watch]:
    """Give a function to call with the city's row after each week."""
    if quiet:
        yield lambda row: None
    elif sys.stderr.isatty():
        with _bar(weeks) as watch:
            yield watch
    else:
        yield lambda row: _line_a_year(row, weeks)


def described(row: Row) -> str:
    """Phase, trust and participation of a week."""
    trust, rate = row["trust_in_municipality"], 100.0 * row["participation_rate"]
    return f"{PHASES[int(row['phase'])]} · trust {trust:.3f} · participation {rate:.1f} %"


@contextmanager
def _bar(weeks: int) -> Iterator[Watch]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("week"),
        MofNCompleteColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.description}", markup=False),
        TextColumn("·"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=weeks)
        yield lambda row: progress.update(task, completed=int(row["week"]), description=described(row))


def _line_a_year(row: Row, weeks: int) -> None:
    week = int(row["week"])
    if week % YEAR == 0 and week:
        print(f"week {week} of {weeks}: {described(row)}", file=sys.stderr, flush=True)
