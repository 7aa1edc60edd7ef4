"""What figures will take: how many runs, and how long, from a run or two of each study that are timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.paper.figure import PaperFigure
from experiments.paper.sources import (
    CalibrationSource,
    ImpulsesSource,
    MechanismsSource,
    SensitivitySource,
    Source,
    SweepSource,
    ValidationSource,
)
from experiments.study.warming import run_once
from experiments.study.watching import duration, some
from experiments.sweeps.command import pilot
from experiments.sweeps.experiment import Experiment

PILOT_SECONDS = 2.0
"""After which no further run of a study is timed."""


@dataclass(frozen=True)
class Work:
    """The runs of a study.

    Attributes:
        least, most: how many there will be; equal, but where a rule or a threshold decides.
        each: seconds that one takes.
    """

    least: int
    most: float
    each: float

    @property
    def in_words(self) -> str:
        """How many runs, such as ``240 runs`` or ``at least 1,200 runs``."""
        if self.most == self.least:
            return some(self.least, "run")
        return f"at least {some(self.least, 'run')}" if self.most == np.inf else f"{self.least:,} to {self.most:,} runs"


def forecast(figures: Sequence[PaperFigure], workers: int) -> str:
    """Runs and time of each study behind some figures, and the time of all of them, if none is done yet.

    Args:
        figures: which.
        workers: how many runs are done at a time.
    """
    run_once()
    works: dict[str, Work | None] = {}
    lines = []
    for figure in figures:
        said = figure.runs
        if figure.runs in works:
            said += " (see above)"
        else:
            work = works[figure.runs] = work_of(figure.source)
            said += f": {work.in_words}, {_wall(work, workers)}" if work else ": no runs"
        lines.append(f"{figure.form.number:>3}  {figure.name}: {said}")
    known = [work for work in works.values() if work is not None]
    least, open_ended = sum(work.least for work in known), any(work.most > work.least for work in known)
    seconds = duration(sum(work.least * work.each for work in known) / workers)
    total = f"{'at least ' if open_ended else ''}{some(least, 'run')}, {seconds} with {some(workers, 'worker')}"
    head = f"{some(len(figures), 'figure')}, each with the runs behind it"
    return "\n".join([head, *lines, f"{total}, if none is done yet (from a run or two of each study, timed)"])


def _wall(work: Work, workers: int) -> str:
    return f"{duration(work.least * work.each / workers)} ({work.each:.2g} s a run)"


def work_of(source: Source) -> Work | None:
    """The runs behind a figure; None if there are none.

    Raises:
        FailedRunError, RuntimeError: the run that is timed fails.
    """
    match source:
        case SensitivitySource():  # before SweepSource, which it is as well
            own, noise = _of_experiment(source.experiment), source.noise()
            repeated = _runs_of(noise)[0]
            return Work(own.least + repeated, own.most + repeated, own.each)
        case SweepSource() | MechanismsSource():
            return _of_experiment(source.experiment)
        case ValidationSource():
            from experiments.validation.replications import Validation, measure

            validation, often = Validation(source.base), source.settings.replications
            return Work(often, often, _seconds(lambda: measure(validation.config_of(0))))
        case ImpulsesSource():
            from experiments.impulses import responses

            often = source.settings.replications
            return Work(often, often, _seconds(lambda: responses(source.base, [1], source.settings.weeks)))
        case CalibrationSource():
            from experiments.calibration.simulating import OneRun

            calibration = source.calibration
            middle = np.full(len(calibration.factors), 0.5)
            each = _seconds(lambda: OneRun(calibration)(middle, 0))
            least = calibration.least_runs
            return Work(least, least if calibration.method == "emulator" else np.inf, each)
    return None


def _of_experiment(experiment: Experiment) -> Work:
    least, most = _runs_of(experiment)
    return Work(least, most, pilot(experiment, PILOT_SECONDS).each)


def _runs_of(experiment: Experiment) -> tuple[int, int]:
    """How many runs an experiment has at least and at most."""
    points, rule = len(experiment.points), experiment.replications
    return points * rule.at_least, points * rule.at_most


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
