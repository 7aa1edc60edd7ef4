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
from experiments.calibration.finishing import Calibrated
from experiments.calibration.judging import verdict
from experiments.calibration.posterior import caution_of
from experiments.calibration.reader import load_calibration
from experiments.calibration.runner import Progress, calibrate, require_packages
from experiments.calibration.simulating import OneRun
from experiments.calibration.targets import ORIGINS
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
    calibration = load_calibration(request.calibration)
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
        say(report(found))
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
    """Generation, particles, runs and time so far."""
    if progress.runs == progress.done:
        return (
            f"part {progress.generation} of {progress.generations} · {progress.done:,} of {progress.planned:,} runs · "
            f"{duration(progress.seconds)}"
        )
    return (
        f"generation {progress.generation} of {progress.generations} · {progress.done:,} of {progress.planned:,} "
        f"accepted in {progress.runs:,} runs · {duration(progress.seconds)}"
    )


def report(found: Calibrated) -> str:
    """Claimed and observed beside simulated, prior beside posterior, and what cannot be learned."""
    calibration = found.calibration
    lines = [calibration.title.en, "", *_wrapped(caution_of(calibration.origins)), ""]
    if calibration.figures:
        simulated = found.simulated.rename(columns={"claimed": "claimed (not verified)", "low": "5 %", "high": "95 %"})
        lines += ["Simulated by the posterior beside claimed", _table(simulated), ""]
    if calibration.targets:
        lines += [*_judged(found), ""]
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
    lines += ["", *what_cannot_be_learned(found)]
    if found.explained:
        lines += ["", *_wrapped(_of_emulator(found))]
    else:
        lines += ["", "Generations", _table(found.generations)]
    if not found.complete:
        least, reached = found.calibration.least_acceptance, found.generations.threshold.iloc[-1]
        given_up = (
            f"Given up: fewer than {least:g} of the runs came within the next threshold. The posterior is that of "
            f"threshold {reached:g}, not of the last one asked for."
        )
        lines += ["", *_wrapped(given_up)]
    judged = "judged.csv, " if calibration.targets else ""
    names = f"posterior.parquet, simulated.parquet, learned.csv, {judged}posterior.png (.svg, .pdf), manifest.json"
    return "\n".join([*lines, "", f"Files: {found.folder} ({names})"])


def _judged(found: Calibrated) -> list[str]:
    """Figures of one's own beside simulated surveys, and how many lie in their intervals."""
    shown = found.judged.assign(
        part=found.judged.held_out.map({True: "held out", False: "fitted"}),
        inside=found.judged.inside.map({True: "yes", False: "no"}),
    ).rename(columns={"low": "5 %", "high": "95 %"})
    columns = ["figure", "origin", "part", "observed", "error", "simulated", "5 %", "95 %", "place", "inside"]
    missing = found.calibration.missing
    lines = ["Figures of your own beside simulated surveys (place: share of simulated surveys below what was observed)"]
    lines += [_table(shown[columns]), *(line for text in verdict(found.judged) for line in _wrapped(text))]
    return [*lines, f"Missing in the files: {some(missing, 'figure')}."] if missing else lines


def _of_emulator(found: Calibrated) -> str:
    """How well the emulator predicts runs it has not seen."""
    explained = sorted(found.explained.items(), key=lambda own: own[1])
    (worst, least), middle = explained[0], explained[len(explained) // 2][1]
    lowest = f"{100 * least:.0f} %" if least > 0.0 else "nothing"  # of a figure that hardly varies it may miss more
    return (
        f"Emulator: it predicts {100 * middle:.0f} % of the variance of runs it has not seen for the median figure, "
        f"{lowest} for the worst ({worst}); what it misses is part of the likelihood."
    )


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
