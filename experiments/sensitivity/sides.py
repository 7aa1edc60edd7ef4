"""Sweeps stored beside the sweep to which they belong: the Sobol' analysis, and the points that measure the noise."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from experiments.manifest import manifest_in
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.tables import Sweep, load
from sim.errors import ConfigError

SOBOL, LUCK = "sobol", "luck"


def place_for(folder: Path, what: str, experiment: Experiment) -> Path:
    """The folder of a sweep that belongs to another: the first that holds this very experiment, or nothing yet.

    So that other numbers (``--sobol``, ``--luck``) use a separate folder, and no results are lost.

    Args:
        folder: of the sweep it belongs to.
        what: `SOBOL` or `LUCK`.
        experiment: what will be run there.
    """
    for place in _names(folder, what):
        manifest = manifest_in(place)
        if manifest is None or manifest.get("digest") == experiment.digest:
            return place
    raise AssertionError("the names never end")


def luck_beside(sweep: Sweep) -> Sweep | None:
    """Of the sweeps beside another that repeat some of its points, that of most points; None if there is none.

    One that repeats points of another experiment, or is not finished, is passed over.
    """
    found: Sweep | None = None
    for place in itertools.takewhile(Path.is_dir, _names(sweep.folder, LUCK)):
        try:
            other = load(place)
        except ConfigError:
            continue
        more = found is None or len(other.experiment.points) > len(found.experiment.points)
        if more and _repeats(other.experiment, sweep.experiment):
            found = other
    return found


def _names(folder: Path, what: str) -> Iterator[Path]:
    """``NAME-what``, ``NAME-what-2``, … beside ``NAME``."""
    here = folder if folder.name not in ("", "..") else folder.resolve()
    name = f"{folder.resolve().name}-{what}"
    yield here.with_name(name)
    for number in itertools.count(2):
        yield here.with_name(f"{name}-{number}")


def _repeats(other: Experiment, experiment: Experiment) -> bool:
    """Whether an experiment consists of points of another, and is the same in all else."""
    return replace(other, points=experiment.points).digest == experiment.digest and _points(other) <= _points(
        experiment
    )


def _points(experiment: Experiment) -> set[tuple[str, str]]:
    return {(point.policy, json.dumps(dict(point.values), sort_keys=True)) for point in experiment.points}
