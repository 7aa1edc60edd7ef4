"""A calibration: a base city, priors of its behaviour, claimed figures with tolerances, and thresholds."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.targets import Observed, Target, surveyed
from experiments.figure_files import files_of_figure
from experiments.folders import write_text_atomically
from experiments.languages import LANGUAGES
from experiments.resolved import plain_yaml
from experiments.study.store import OLD_JOURNAL, Kind
from experiments.sweeps.designs import Factor, inverse_cdf
from experiments.sweeps.experiment import what_counts
from sim.config import Config
from sim.outcome import Language
from sim.policies import Label

Floats = NDArray[np.float64]

CALIBRATION, HISTORY, POSTERIOR, RUNS = "calibration.yaml", "history.db", "posterior.parquet", "runs.parquet"
SIMULATED, LEARNED, FIGURE, JUDGED = "simulated.parquet", "learned.csv", "posterior", "judged.csv"


def figure_in(language: Language) -> str:
    """Name of the figure's files in a language."""
    return f"{FIGURE}.{language}"


def files_of_figures() -> tuple[str, ...]:
    """The files of the figure in all languages."""
    return tuple(file for language in LANGUAGES for file in files_of_figure(figure_in(language)))


KIND = Kind(
    "calibrate",
    "calibration",
    "calibration",
    (
        *(POSTERIOR, SIMULATED, LEARNED, JUDGED, *files_of_figures()),
        *(RUNS, HISTORY, f"{HISTORY}-journal", OLD_JOURNAL, CALIBRATION),
    ),
    mixes_models=False,
)
"""Of study that a calibration is; its folder holds these files."""


@dataclass(frozen=True)
class Figure:
    """A claimed figure that is fitted.

    Attributes:
        pattern: number of the pattern.
        part: which of its figures.
        claimed: what is claimed.
        tolerance: how far from it a run may be at distance 1.
        tag: evidence of the pattern, claimed or press.
        source: who says so.
    """

    pattern: int
    part: str
    claimed: float
    tolerance: float
    tag: str
    source: str

    @property
    def label(self) -> str:
        """Pattern and part, such as ``3 programmes held``."""
        return f"{self.pattern} {self.part}"

    @property
    def value(self) -> float:
        """What is claimed."""
        return self.claimed

    @property
    def error(self) -> float:
        """Standard deviation of an error that is uniform within the tolerance, for a likelihood."""
        return self.tolerance / math.sqrt(3.0)

    @property
    def answers(self) -> None:
        """A claim counts no answers."""


@dataclass(frozen=True)
class Calibration:
    """What is calibrated, on what, and how closely.

    Attributes:
        title, description: in English and Persian.
        source: the file.
        base: the base city with the overrides of `run`.
        factors: the priors, in the order of the file.
        figures: claims that are fitted.
        targets: figures of one's own, fitted or held out.
        missing: how many figures of one's own have no value.
        method: smc or emulator.
        thresholds: of smc: largest distance of each generation, in tolerances; they fall.
        runs: of emulator: how many it is fitted to.
        places: names of the neighbourhoods in English and Persian, by number; empty without figures of one's own.
        population: particles of a generation, or of the posterior.
        least_acceptance: a generation that accepts a smaller share of its runs is given up.
        seed: root of all draws.
        content: the calibration as data, with an absolute path.
    """

    title: Label
    description: Label
    source: Path = field(compare=False)
    base: Config
    factors: tuple[Factor, ...]
    figures: tuple[Figure, ...]
    thresholds: tuple[float, ...]
    population: int
    least_acceptance: float
    seed: int
    content: Mapping[str, Any] = field(compare=False, repr=False)
    targets: tuple[Target, ...] = ()
    missing: int = 0
    method: Literal["smc", "emulator"] = "smc"
    runs: int = 0
    places: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    @property
    def fitted(self) -> tuple[Target, ...]:
        """Figures of one's own that are fitted."""
        return tuple(own for own in self.targets if not own.held_out)

    @property
    def observed(self) -> tuple[Observed, ...]:
        """All that is fitted: claims, then figures of one's own."""
        return (*self.figures, *self.fitted)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the figures that are fitted come from, each once: claimed, survey, synthetic."""
        claims = ["claimed"] if self.figures else []
        return tuple(dict.fromkeys([*claims, *(own.origin for own in self.fitted)]))

    @property
    def least_runs(self) -> int:
        """How many runs it takes at least; those of smc that are not near enough come on top."""
        emulated = self.method == "emulator"
        return self.runs + self.population if emulated else len(self.thresholds) * self.population

    @property
    def keys(self) -> tuple[str, ...]:
        """The dotted keys that are calibrated."""
        return tuple(factor.key for factor in self.factors)

    def values_at(self, quantiles: Floats) -> dict[str, list[Any]]:
        """Values by key at quantiles of the priors, (n, parameters) in [0, 1]."""
        return {factor.key: inverse_cdf(factor, quantiles[:, at]) for at, factor in enumerate(self.factors)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides the posterior; no title and no path is in it."""
        decides = {
            "base": what_counts(self.base),
            "factors": [[factor.key, factor.family, factor.arguments] for factor in self.factors],
            "figures": [[own.pattern, own.part, own.claimed, own.tolerance] for own in self.figures],
            "schedule": [self.thresholds, self.population, self.least_acceptance],
            "seed": self.seed,
        }
        if self.targets or self.method != "smc":
            decides["method"] = [self.method, self.runs]
            decides["targets"] = [
                [own.label, own.value, own.standard_error, own.answers, own.held_out, own.origin]
                for own in self.targets
            ]
        return hashlib.sha256(json.dumps(decides, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def manifest_note(self) -> dict[str, Any]:
        """What the manifest of its folder says from the beginning: nothing of its own."""
        return {}

    def keep_in(self, folder: Path) -> tuple[str, ...]:
        """Write it into the folder; return the name."""
        write_text_atomically(folder / CALIBRATION, self.to_yaml())
        return (CALIBRATION,)

    def to_yaml(self) -> str:
        """The calibration as YAML that runs from any folder."""
        return plain_yaml(self.content)


def distance(
    found: Mapping[str, float], figures: tuple[Figure, ...], targets: tuple[Target, ...] = (), seed: int = 0
) -> float:
    """How far a run is from what is claimed and observed.

    Claims: the largest deviation, in tolerances: ``max |simulated - claimed| / tolerance``. Figures of one's own: a
    survey like one's own is simulated in the run, and its deviations are taken in standard errors: ``sqrt(mean
    ((simulated - observed) / error)²)``. So the errors of the survey are part of the simulation, as they are part of
    what was observed. The distance is the larger of the two.

    Args:
        found: simulated figures by label; one that is missing or no number is infinitely far away.
        figures: what is claimed.
        targets: figures of one's own that are fitted.
        seed: of the run, from which the errors of the simulated survey follow.
    """
    worst = 0.0
    for own in figures:
        value = found.get(own.label, float("nan"))
        apart = abs(value - own.claimed) / own.tolerance
        worst = max(worst, float("inf") if apart != apart else apart)
    if not targets:
        return worst
    simulated = np.array([[found.get(own.label, float("nan")) for own in targets]])
    answers = surveyed(targets, simulated, np.random.default_rng(np.random.SeedSequence([seed, _STREAM])))[0]
    deviations = (answers - [own.value for own in targets]) / [own.error for own in targets]
    apart = float(np.sqrt(np.square(deviations).mean()))
    return max(worst, float("inf") if apart != apart else apart)


_STREAM = 1_937_076_850  # keeps the errors of simulated surveys apart from the luck of runs
