"""`mahalle calibrate`, step by step: read, calibrate, print."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from experiments.answers.texts import of_label
from experiments.calibration.calibration import POSTERIOR, RUNS, SIMULATED, Calibration
from experiments.calibration.coverage import as_page, coverage_table, prior_table, refuse_coverage, trials_in
from experiments.calibration.reader import load_calibration
from experiments.calibration.report import report
from experiments.calibration.runner import FOR_THE_EMULATOR, NEAR, Progress, calibrate, require_packages
from experiments.calibration.simulating import OneRun
from experiments.calibration.targets import ORIGINS
from experiments.escaping import say
from experiments.languages import texts_of, which, written
from experiments.results import write_csv
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.warming import run_once
from experiments.study.watching import announce_compiling, duration, some, watching_what
from experiments.unlikely import say_if_neighbourhoods_are_small
from sim.errors import ConfigError
from sim.outcome import Language

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
    say_if_neighbourhoods_are_small(calibration.base, [own.outcome for own in calibration.targets])
    if request.coverage is not None:
        if request.quiet:
            raise ConfigError("prints a table: leave --quiet away", source="--coverage")
        refuse_coverage(calibration, request.coverage)
    require_packages(calibration)
    announce_compiling(quiet=request.quiet, language=request.language)
    if request.dry_run:
        say(forecast(calibration, request.workers or usable_processors(), request.language))
        return True
    if not request.quiet:
        say(plan(calibration, request.language), file=sys.stderr)
    with (
        request.open_executor() as (executor, workers),
        watching_what(partial(described, language=request.language), quiet=request.quiet) as watch,
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


def plan(calibration: Calibration, language: Language = "en") -> str:
    """How many parameters, figures, generations and particles there are."""
    text = texts_of(_TEXTS, language)
    counted = {
        "title": of_label(calibration.title)[language],
        "parameters": text("parameters", number=_count(len(calibration.factors), "parameter", language)),
        "figures": _figures(calibration, language),
    }
    if calibration.method == "emulator":
        runs, particles = calibration.runs, _count(calibration.population, "particle", language)
        return text("emulator", runs=written(f"{runs:,}", language), particles=particles, **counted)
    generations = _count(len(calibration.thresholds), "generation", language)
    each = written(f"{calibration.population}", language)
    return text("generations", generations=generations, particles=each, **counted)


def _count(number: int, word: str, language: Language) -> str:
    """A number, in English with its word, whose form depends on it."""
    return some(number, word) if language == "en" else written(f"{number:,}", language)


def _figures(calibration: Calibration, language: Language) -> str:
    """How many figures are fitted, by where they come from, held out and missing."""
    text, comma = texts_of(_TEXTS, language), which((", ", "، "), language)
    origins = {"pattern": len(calibration.figures)}
    origins |= {origin: sum(own.origin == origin for own in calibration.fitted) for origin in ORIGINS}
    counts = {**origins, "held out": len(calibration.targets) - len(calibration.fitted), "missing": calibration.missing}
    told = {key: text(key, number=written(f"{count}", language)) for key, count in counts.items() if count}
    fitted = _count(len(calibration.observed), "figure", language)
    own = comma.join(line for key, line in told.items() if key in origins)
    return comma.join([text("fitted", figures=fitted, own=own), *(told[key] for key in told if key not in origins)])


def forecast(calibration: Calibration, workers: int, language: Language = "en") -> str:
    """Runs and time at least, from a few draws of the prior that are timed and thrown away."""
    run_once()
    run, begun, count = OneRun(calibration), time.perf_counter(), 0
    draw = np.random.default_rng(calibration.seed)
    while count < PILOTS and (count == 0 or time.perf_counter() - begun < PILOT_SECONDS):
        run(draw.random(len(calibration.factors)), count)
        count += 1
    each, runs = (time.perf_counter() - begun) / count, calibration.least_runs
    text = texts_of(_TEXTS, language)
    timed = text(
        "timed",
        runs=_count(runs, "run", language),
        time=duration(runs * each / workers, language),
        workers=_count(workers, "worker", language),
        each=written(f"{each:.2g}", language),
        count=written(f"{count}", language),
    )
    said = timed if calibration.method == "emulator" else text("at least", timed=timed)
    return f"{plan(calibration, language)}\n{said}"


def described(progress: Progress, language: Language = "en") -> str:
    """What is being done, how far it is, the time so far and the time that this step still takes."""
    text = texts_of(_TEXTS, language)

    def count(number: int) -> str:
        return written(f"{number:,}", language)

    step, near = progress.step, progress.step.removeprefix(NEAR)
    if near != step:
        step = text("near", threshold=written(near, language))
    elif step in _TEXTS:
        step = text(step)
    numbers = {"number": count(progress.generation), "of": count(progress.generations), "step": step}
    parts = [text("step", **numbers, done=count(progress.done), planned=count(progress.planned))]
    if progress.runs != progress.done:
        parts[0] += text("accepted", runs=count(progress.runs))
    parts.append(text("so far", time=duration(progress.seconds, language)))
    if progress.left < float("inf"):
        parts.append(text("left in this step", time=duration(progress.left, language)))
    return " · ".join(parts)


_TEXTS: dict[str, tuple[str, str]] = {
    "step": ("step {number} of {of}, {step}: {done} of {planned}", "گام {number} از {of}، {step}: {done} از {planned}"),
    FOR_THE_EMULATOR[0]: (FOR_THE_EMULATOR[0], "اجراهایی که مدل جانشین از آن‌ها می‌آموزد"),
    FOR_THE_EMULATOR[1]: (FOR_THE_EMULATOR[1], "یک اجرا برای هر ذره پسین"),
    "near": (NEAR + "{threshold}", "اجراهایی با فاصله حداکثر {threshold} از ارقام"),
    "accepted": (" accepted in {runs} runs", " در {runs} اجرا پذیرفته شد"),
    "so far": ("{time} so far", "{time} تاکنون"),
    "left in this step": ("{time} left in this step", "{time} مانده در این گام"),
    "parameters": ("{number}", "{number} پارامتر"),
    "emulator": (
        "{title}: {parameters}, {figures}; an emulator of {runs} runs, then {particles}, a run each",
        "{title}: {parameters}، {figures}؛ مدل جانشین از {runs} اجرا، سپس {particles} ذره، هر ذره یک اجرا",
    ),
    "generations": (
        "{title}: {parameters}, {figures}; {generations} of {particles} particles",
        "{title}: {parameters}، {figures}؛ {generations} نسل، هر نسل {particles} ذره",
    ),
    "fitted": ("fitted to {figures} ({own})", "برازش بر {figures} رقم ({own})"),
    "pattern": ("{number} claimed (pattern)", "{number} ادعاشده (الگو)"),
    "survey": ("{number} survey", "{number} از نظرسنجی"),
    "claimed": ("{number} claimed", "{number} ادعاشده"),
    "synthetic": ("{number} synthetic", "{number} ساختگی"),
    "held out": ("{number} held out", "{number} کنارگذاشته"),
    "missing": ("{number} missing", "{number} ناموجود"),
    "timed": (
        "{runs}, {time} with {workers} ({each} s a run, from {count} timed)",
        "{runs} اجرا، {time} با {workers} پردازه (هر اجرا {each} ثانیه، بر پایه {count} اجرای آزمایشی)",
    ),
    "at least": (
        "at least {timed}; how many come near enough is not known before they run",
        "دست‌کم {timed}؛ پیش از اجرا معلوم نیست چند اجرا به اندازه کافی نزدیک می‌شود",
    ),
}
