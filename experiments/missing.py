"""Data files that a city names and that are no files: refused where they are named, before any of them is read."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.resolved import names_of_own_files
from sim.config import Config, load_config
from sim.errors import ConfigError, raise_first
from sim.names import quoted
from sim.near_files import no_such_file
from sim.shipped import find
from sim.wording import Place, refusal
from sim.yaml_text import Document, read_yaml


def load_city(path: str | Path, *, policies: Sequence[str | Path] = (), settings: Sequence[str] = ()) -> Config:
    """Read a city as `sim.load_config` does, and look whether its data files are there.

    Raises:
        ConfigError: as `sim.load_config`; or a data file is missing, with the file and line that name it.
    """
    config = load_config(path, policies=policies, settings=settings)
    raise_first(missing_files(config, read_yaml(find("city", path))))
    return config


def missing_files(config: Config, document: Document) -> list[ConfigError]:
    """A fault for each data file that a config names and that is not there, or is no file.

    Args:
        config: what was read.
        document: the city's file; a name that does not stand there was set on the command line.
    """
    faults = []
    for key, name in names_of_own_files(config).items():
        path = Path(config.base_folder) / name
        if os.path.isfile(path):
            continue
        there = os.path.exists(path)
        problem = f"{quoted(name)} is no file" if there else no_such_file(path, name, "city")
        place = _place(key)
        if _at(document.data, place) == name:
            faults.append(refusal(problem, document.source, document.line_of(place), place))
        else:
            faults.append(refusal(problem, "--set", place=place))
    return faults


def _place(key: str) -> Place:
    return tuple(int(step) if step.isdigit() else step for step in re.findall(r"\w+", key))


def _at(data: Any, place: Place) -> Any:
    """The value at a place of a document, or None."""
    for step in place:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data
