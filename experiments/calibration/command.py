"""`mahalle calibrate`, step by step: read, calibrate, print."""

from __future__ import annotations

import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.calibration.calibration import POSTERIOR, RUNS, SIMULATED, Calibration
from experiments.calibration.posterior import CAUTION
from experiments.calibration.reader import load_calibration
from experiments.calibration.runner import Calibrated, Progress, calibrate
from experiments.calibration.simulating import OneRun
from experiments.calibration.smc import require_pyabc
from experiments.escaping import say
from experiments.narrow import frame_in_text
from experiments.results import write_csv
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.watching import announce_compiling, duration, some, watching_what

WIDTH = 110
PAIRS_SHOWN = 3
PILOTS, PILOT_SECONDS = 5, 10.0


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle calibrate`; None means the default."""

    calibration: Path


def carry_out_request(request: Request) -> bool:
    """Carry out the request and return whether the last threshold was reached.

    Raises:
        ConfigError: the request cannot be met.
        StoppedEarlyError: it was interrupted.
    """
    require_pyabc()
    calibration = load_calibration(request.calibration)
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
        say(report(found))
    return found.complete


def plan(calibration: Calibration) -> str:
    """How many parameters, generations and particles there are."""
    generations = f"{some(len(calibration.thresholds), 'generation')} of {calibration.population} particles"
    return f"{calibration.title.en}: {some(len(calibration.factors), 'parameter')}, {generations}"


def forecast(calibration: Calibration, workers: int) -> str:
    """Runs and time at least, from a few draws of the prior that are timed and thrown away."""
    run, begun, count = OneRun(calibration), time.perf_counter(), 0
    draw = np.random.default_rng(calibration.seed)
    while count < PILOTS and (count == 0 or time.perf_counter() - begun < PILOT_SECONDS):
        run(draw.random(len(calibration.factors)), count)
        count += 1
    each, runs = (time.perf_counter() - begun) / count, len(calibration.thresholds) * calibration.population
    return (
        f"{plan(calibration)}\nat least {some(runs, 'run')}, {duration(runs * each / workers)} with "
        f"{some(workers, 'worker')} ({each:.2g} s a run, from {count} timed); how many come near enough is not known "
        "before they run"
    )


def described(progress: Progress) -> str:
    """Generation, particles, runs and time so far."""
    return (
        f"generation {progress.generation} of {progress.generations} · {progress.done:,} of {progress.planned:,} "
        f"accepted in {progress.runs:,} runs · {duration(progress.seconds)}"
    )


def report(found: Calibrated) -> str:
    """Claimed beside simulated, prior beside posterior, and what cannot be learned."""
    lines = [found.calibration.title.en, "", *_wrapped(CAUTION), ""]
    simulated = found.simulated.rename(columns={"claimed": "claimed (not verified)", "low": "5 %", "high": "95 %"})
    lines += ["Simulated by the posterior beside claimed", _table(simulated), ""]
    learned = found.learned.assign(learned=found.learned.learned.map({True: "yes", False: "no"}))
    shown = learned[
        ["key", "prior_mean", "prior_sd", "posterior_mean", "posterior_sd", "shrinkage", "shrinkage_by_chance", "shift",
         "shift_by_chance", "learned"]
    ]  # fmt: skip
    shown = shown.assign(key=shown.key.str.removeprefix("behaviour."))
    lines += [
        "Prior and posterior (shrinkage: 1 - sd posterior / sd prior; shift of the mean in prior sds)",
        _table(shown),
    ]
    lines += ["", *what_cannot_be_learned(found), "", "Generations", _table(found.generations)]
    if not found.complete:
        least, reached = found.calibration.least_acceptance, found.generations.threshold.iloc[-1]
        given_up = (
            f"Given up: fewer than {least:g} of the runs came within the next threshold. The posterior is that of "
            f"threshold {reached:g}, not of the last one asked for."
        )
        lines += ["", *_wrapped(given_up)]
    names = "posterior.parquet, simulated.parquet, learned.csv, posterior.png (.svg, .pdf), manifest.json"
    return "\n".join([*lines, "", f"Files: {found.folder} ({names})"])


def what_cannot_be_learned(found: Calibrated) -> list[str]:
    """In words: parameters the figures say nothing about, figures that say nothing, and pairs that trade off."""
    nothing = found.learned.loc[~found.learned.learned, "key"].str.removeprefix("behaviour.").to_list()
    spread = (found.simulated.high - found.simulated.low) / found.simulated.tolerance
    fixed = found.simulated.loc[spread == 0.0, "figure"].to_list()
    lines = []
    if nothing:
        size = found.generations.effective_size.iloc[-1]
        lines += _wrapped(
            f"Nothing detected (no more than chance for {size:.0f} effective particles; "
            "values of these parameters drawn from the posterior are still assumptions): " + ", ".join(nothing) + "."
        )
    if fixed:
        lines += _wrapped(
            "The same in every particle, whatever its behaviour, so that they teach nothing about it: "
            + "; ".join(fixed)
            + "."
        )
    for pair in found.trade_offs.head(PAIRS_SHOWN).itertuples():
        one, other = (str(key).removeprefix("behaviour.") for key in (pair.one, pair.other))
        lines += _wrapped(
            f"Only together: {one} and {other} (correlation {pair.correlation:+.2f}); one can make up for the other."
        )
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)


def _table(table: pd.DataFrame) -> str:
    with pd.option_context("display.width", 200, "display.max_columns", 20, "display.max_colwidth", 60):
        return frame_in_text(table, ".4g")
