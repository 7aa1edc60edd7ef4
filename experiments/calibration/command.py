"""`mahalle calibrate`, step by step: read, calibrate, print."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.calibration.calibration import POSTERIOR, RUNS, SIMULATED, Calibration
from experiments.calibration.coverage import as_page, coverage_table, prior_table, refuse_coverage, trials_in
from experiments.calibration.reader import load_calibration
from experiments.calibration.report import report
from experiments.calibration.runner import Progress, calibrate, require_packages
from experiments.calibration.simulating import OneRun
from experiments.calibration.targets import ORIGINS
from experiments.escaping import say
from experiments.results import write_csv
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.watching import announce_compiling, duration, some, watching_what
from sim.errors import ConfigError

PILOTS, PILOT_SECONDS = 5, 10.0


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle calibrate`; None means the default."""

    calibration: Path
    coverage: int | None = None


def carry_out_request(request: Request) -> bool:
    """Carry out the request and return whether the last threshold was reached.

    Raises:
        ConfigError: the request cannot be met.
        StoppedEarlyError: it was interrupted.
    """
    calibration = load_calibration(request.calibration)
    if request.coverage is not None:
        if request.quiet:
            raise ConfigError("prints a table: leave --quiet away", source="--coverage")
        refuse_coverage(calibration, request.coverage)
    require_packages(calibration)
    announce_compiling(quiet=request.quiet)
    if request.dry_run:
        say(forecast(calibration, request.workers or usable_processors()))
        return True
    if not request.quiet:
        say(plan(calibration), file=sys.stderr)
    with (
        request.open_executor() as (executor, workers),
        watching_what(described, quiet=request.quiet) as watch,
    ):
        found = calibrate(
            calibration,
            out=request.out,
            executor=executor,
            workers=workers,
            fresh=request.fresh,
            retry_failed=request.retry_failed,
            watch=watch,
        )
    write_csv(found.folder, (POSTERIOR, SIMULATED, RUNS), csv=request.csv)
    if not request.quiet:
        say(report(found, request.language))
        if request.coverage is not None:
            trials = trials_in(calibration, prior_table(calibration, found.folder), request.coverage)
            say(f"\n{as_page(coverage_table(calibration.keys, trials), trials, request.language)}")
    return found.complete


def plan(calibration: Calibration) -> str:
    """How many parameters, figures, generations and particles there are."""
    parameters, figures = some(len(calibration.factors), "parameter"), _figures(calibration)
    if calibration.method == "emulator":
        runs = f"an emulator of {calibration.runs:,} runs, then {some(calibration.population, 'particle')}"
        return f"{calibration.title.en}: {parameters}, {figures}; {runs}, a run each"
    generations = f"{some(len(calibration.thresholds), 'generation')} of {calibration.population} particles"
    return f"{calibration.title.en}: {parameters}, {figures}; {generations}"


def _figures(calibration: Calibration) -> str:
    """How many figures are fitted, by where they come from, held out and missing."""
    counts = [f"{len(calibration.figures)} claimed (pattern)"] if calibration.figures else []
    for origin in ORIGINS:
        if count := sum(own.origin == origin for own in calibration.fitted):
            counts.append(f"{count} {origin}")
    parts = [f"fitted to {some(len(calibration.observed), 'figure')} ({', '.join(counts)})"]
    if held_out := len(calibration.targets) - len(calibration.fitted):
        parts.append(f"{held_out} held out")
    if calibration.missing:
        parts.append(f"{calibration.missing} missing")
    return ", ".join(parts)


def forecast(calibration: Calibration, workers: int) -> str:
    """Runs and time at least, from a few draws of the prior that are timed and thrown away."""
    run, begun, count = OneRun(calibration), time.perf_counter(), 0
    draw = np.random.default_rng(calibration.seed)
    while count < PILOTS and (count == 0 or time.perf_counter() - begun < PILOT_SECONDS):
        run(draw.random(len(calibration.factors)), count)
        count += 1
    each, runs = (time.perf_counter() - begun) / count, len(calibration.thresholds) * calibration.population
    if calibration.method == "emulator":
        runs = calibration.runs + calibration.population
        timed = f"{some(workers, 'worker')} ({each:.2g} s a run, from {count} timed)"
        return f"{plan(calibration)}\n{some(runs, 'run')}, {duration(runs * each / workers)} with {timed}"
    return (
        f"{plan(calibration)}\nat least {some(runs, 'run')}, {duration(runs * each / workers)} with "
        f"{some(workers, 'worker')} ({each:.2g} s a run, from {count} timed); how many come near enough is not known "
        "before they run"
    )


def described(progress: Progress) -> str:
    """What is being done, how far it is, the time so far and the time that this step still takes."""
    step = f"step {progress.generation} of {progress.generations}, {progress.step}"
    count = f"{progress.done:,} of {progress.planned:,}"
    if progress.runs != progress.done:
        count += f" accepted in {progress.runs:,} runs"
    left = f" · {duration(progress.left)} left in this step" if progress.left < float("inf") else ""
    return f"{step}: {count} · {duration(progress.seconds)} so far{left}"
