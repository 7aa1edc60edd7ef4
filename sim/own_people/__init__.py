"""A user's own people: reads a census or a survey, CSV or Parquet.

A file without weights is a census: each row is one resident. With a column `weight` it is a survey: each row stands
for others. What a cell leaves open is drawn later, given what the row does say (`conditional_normal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.errors import ConfigError, raise_first
from sim.own_people.cells import Rules
from sim.own_people.columns import OwnPeople
from sim.own_people.files import examine


def read_people(
    name: str | Path, base: Path | None, names: Sequence[str], start_year: int, names_fa: Sequence[str] = ()
) -> OwnPeople:
    """Read a file of residents: CSV, or Parquet by its suffix (.parquet, .pq).

    Args:
        name: the file, relative to `base`.
        base: folder of the config file, or None for the working directory.
        names: English names of the neighbourhoods, (M,).
        start_year: Solar Hijri; nobody is born after it, or more than 120 years before.
        names_fa: Persian names, (M,), which the file may use as well.

    Raises:
        ConfigError: the first fault, with its line (CSV) or row (Parquet) and its column; it knows the others.
    """
    own, faults = examine(name, base, Rules(names, names_fa, start_year))
    raise_first(faults)
    assert own is not None  # without a fault there are people
    return own


def faults_of_people(
    name: str | Path, base: Path | None, names: Sequence[str], start_year: int, names_fa: Sequence[str] = ()
) -> list[ConfigError]:
    """List all faulty cells by line, of each column the first `MOST_NAMED`; arguments as `read_people`.

    The last one named says how many more there are. Where the file or its header cannot be used, only that is said.
    """
    try:
        return examine(name, base, Rules(names, names_fa, start_year))[1]
    except ConfigError as fault:
        return [fault]
