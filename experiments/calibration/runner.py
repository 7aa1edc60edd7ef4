"""Carries a calibration out: generations, posterior, tables, figure and manifest."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.calibration import (
    FIGURE,
    HISTORY,
    KIND,
    LEARNED,
    POSTERIOR,
    RUNS,
    SIMULATED,
    Calibration,
)
from experiments.calibration.learning import effective_size, trade_offs, weighted_quantile, what_was_learned
from experiments.calibration.origin import origin
from experiments.calibration.posterior import CAUTION, write_posterior
from experiments.calibration.reader import load_calibration
from experiments.calibration.runs import table_of
from experiments.calibration.simulating import OneRun
from experiments.calibration.smc import Approximation, Particles, Problem, Schedule, approximate, kept_in, require_pyabc
from experiments.figure_files import files_of_figure
from experiments.folders import write_text_atomically
from experiments.interruption import StoppedEarlyError, word_of
from experiments.languages import which, written
from experiments.provenance import sha256
from experiments.results import write_manifest_atomically, write_table_atomically
from experiments.study.executors import Submits, open_executor
from experiments.study.store import Store
from sim.errors import ConfigError
from sim.outcome import Language


@dataclass(frozen=True)
class Progress:
    """How far a calibration is.

    Attributes:
        generation: number of the one under way, from 1.
        generations: how many there will be.
        planned: particles that it needs.
        done: particles accepted in it.
        runs: runs it took so far.
        seconds: since it began.
    """

    generation: int
    generations: int
    planned: int
    done: int
    runs: int
    seconds: float


Watch = Callable[[Progress], None]


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A calibration that has run.

    Attributes:
        folder: where its files are.
        calibration: the calibration.
        generations: one row per generation: threshold, runs, acceptance, effective size.
        posterior: one row per particle: weight, distance, generation, seed, parameters.
        simulated: one row per figure: claimed, tolerance, mean and central 90 % of the simulated.
        learned: prior and posterior of every parameter (`learning.what_was_learned`).
        trade_offs: pairs of parameters that the figures hold together.
        complete: whether the last threshold was reached.
    """

    folder: Path
    calibration: Calibration
    generations: pd.DataFrame
    posterior: pd.DataFrame
    simulated: pd.DataFrame
    learned: pd.DataFrame
    trade_offs: pd.DataFrame
    complete: bool


def calibrate(
    calibration: Calibration | str | Path,
    *,
    out: str | Path | None = None,
    executor: Submits | None = None,
    workers: int | None = None,
    fresh: bool = False,
    retry_failed: bool = False,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
) -> Calibrated:
    """Do the runs of a calibration that are not done yet, and return the posterior.

    Args:
        calibration: a calibration, or its file.
        out: the folder, results/calibration-NAME if None; runs already finished there are not repeated.
        executor: anything with `submit` of concurrent.futures; processes of this machine if None.
        workers: number of tasks that the executor runs in parallel; all processors if None.
        fresh: start again.
        retry_failed: repeat runs that failed.
        watch: called with the progress.
        say: called with each message for the user.

    Raises:
        ConfigError: the calibration or the folder cannot be used, pyabc is not installed, or not even the first
            threshold can be reached.
        StoppedEarlyError: interrupted by a signal or because the disk is full.
        FailedRunError: a run failed.
    """
    require_pyabc()
    if not isinstance(calibration, Calibration):
        calibration = load_calibration(calibration)
    store = Store(Path(out) if out is not None else default_folder(calibration.source), KIND)
    with closing(store), open_executor(executor, workers) as (own, at_a_time):
        store.open(calibration, fresh=fresh)
        if retry_failed:
            store.forget_failures()
        with _saying_what_is_kept(calibration, store.folder):
            found = _approximated(calibration, store, own, at_a_time, watch, say)
            return _finish(calibration, store.folder, found, store.manifest() or {})


def default_folder(file: Path) -> Path:
    """results/calibration-NAME."""
    return Path("results") / f"calibration-{file.stem}"


def _approximated(
    calibration: Calibration,
    store: Store,
    executor: Submits,
    workers: int,
    watch: Watch | None,
    say: Callable[[str], None] | None,
) -> Approximation:
    begun = time.monotonic()

    def tell(generation: int, accepted: int, runs: int) -> None:
        if watch is not None:
            total, seconds = len(calibration.thresholds), time.monotonic() - begun
            watch(Progress(generation + 1, total, calibration.population, accepted, runs, seconds))

    problem = Problem(len(calibration.factors), OneRun(calibration), calibration.figures)
    schedule = Schedule(calibration.thresholds, calibration.population, calibration.seed, calibration.least_acceptance)
    return approximate(problem, schedule, store, executor, workers, tell, say)


@contextmanager
def _saying_what_is_kept(calibration: Calibration, folder: Path) -> Iterator[None]:
    """Where the work is interrupted or the disk is full, say how far it came and how it goes on.

    Raises:
        StoppedEarlyError: in place of what it was interrupted by.
    """
    from sqlalchemy.exc import SQLAlchemyError  # of pyabc's history; here, because it comes with pyabc

    try:
        yield
    except (KeyboardInterrupt, OSError, SQLAlchemyError) as error:
        what, interruption = _what_stopped(error)
        if what is None:
            raise
        kept = kept_in(folder, _generations_in(folder / HISTORY), len(calibration.thresholds))
        raise StoppedEarlyError(what, kept, interruption) from error


def _generations_in(database: Path) -> int:
    """How many generations pyabc's history holds; 0 if it cannot be read."""
    if not database.exists():
        return 0
    try:
        with closing(sqlite3.connect(database)) as connection:
            return int(connection.execute("select count(*) from populations where t >= 0").fetchone()[0])
    except sqlite3.DatabaseError:
        return 0


def _what_stopped(error: BaseException | None) -> tuple[str | None, KeyboardInterrupt | None]:
    """What ended the work, in a few words, and the signal; None if it was neither a signal nor the disk.

    Where SQLite cannot write, pyabc closes its history before it lets the error through, and that fails, too: what
    arrives is the second error, and what it was about stands behind it.
    """
    from sqlalchemy.exc import OperationalError

    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return word_of(error), error
        if isinstance(error, OSError):
            return f"stopped: {error.strerror or error}", None
        if isinstance(error, OperationalError):
            return f"stopped: {error.orig}", None
        error = error.__cause__ or error.__context__
    return None, None


def _finish(calibration: Calibration, folder: Path, found: Approximation, manifest: dict[str, Any]) -> Calibrated:
    """Write what follows from the generations: all of it can be written again from the history."""
    particles = found.generations
    if not particles:
        raise ConfigError(
            f"fewer than {calibration.least_acceptance:g} of the runs come within {calibration.thresholds[0]:g} "
            "tolerances of the claims; give a higher first threshold, or wider priors",
            source=str(calibration.source),
            key="thresholds[0]",
        )
    last = particles[-1]
    complete = len(particles) == len(calibration.thresholds)
    learned = what_was_learned(calibration.factors, last.quantiles, last.weight)
    generations = _table_of_generations(particles)
    note = _note(calibration, manifest, last, complete)
    own = {name: getattr(last, name) for name in ("weight", "distance", "seed")}
    own["generation"] = np.full(last.weight.size, last.generation, np.int32)
    values = calibration.values_at(last.quantiles)
    write_posterior(
        folder / POSTERIOR,
        {name: own[name] for name in ("weight", "distance", "generation", "seed")},
        values,
        note,
    )
    write_table_atomically(_long(last, calibration), folder / SIMULATED)
    write_table_atomically(table_of(found.runs, calibration), folder / RUNS)
    write_text_atomically(folder / LEARNED, learned.to_csv(index=False, lineterminator="\n"))
    calibrated = Calibrated(
        folder=folder,
        calibration=calibration,
        generations=generations,
        posterior=pd.read_parquet(folder / POSTERIOR),
        simulated=_beside_claims(last, calibration),
        learned=learned,
        trade_offs=trade_offs(calibration.factors, last.quantiles, last.weight),
        complete=complete,
    )
    draw(calibrated)
    files = {name: sha256(folder / name) for name in (POSTERIOR, SIMULATED, RUNS, LEARNED, *files_of_figure(FIGURE))}
    more = {**note, "generations": generations.to_dict("records"), "files": files}
    write_manifest_atomically(folder, {**manifest, **more})
    return calibrated


def draw(found: Calibrated, language: Language = "en") -> None:
    """Write the figure of a calibration into its folder: what was learned, and what is simulated beside the claims."""
    from experiments.figures.pictures import stamp_of, write_figure
    from experiments.figures.sheet import Sheet
    from experiments.paper.drawings.posterior import Posterior

    calibration, options = found.calibration, Posterior.Options()
    table = Posterior.table(found, options)
    runs, particles = int(found.generations.runs.sum()), len(found.posterior)
    count = {"runs": written(f"{runs:,}", language), "n": written(f"{particles:,}", language)}
    title = calibration.title.en if language == "en" else calibration.title.fa or calibration.title.en
    sheet = Sheet(language, title=title, note=which(_NOTE, language).format(**count))
    stamp = stamp_of(FIGURE, "mahalle calibrate", language, calibration.base, asked=calibration.digest, n=particles)
    stamp["seed"] = calibration.seed
    caption = which(_CAPTION, language)
    write_figure(lambda on: Posterior.draw(table, options, on), sheet, found.folder, FIGURE, stamp, caption)


_NOTE = (
    "{n} particles of {runs} runs, fitted to figures that are claimed and that nobody independent has verified: what "
    "the model would have to be like if they were true. No measurement of the real city.",
    "{n} ذره از {runs} اجرا، برازش‌شده با ارقامی که ادعا شده و هیچ نهاد مستقلی راستی‌آزمایی نکرده است: اگر درست بود، مدل "
    "چگونه باید می‌بود. اندازه‌گیری شهر واقعی نیست.",
)

_CAPTION = (
    "Left: mean and central 90 % of the posterior of each parameter within its prior range (grey: the prior's central "
    "90 %); red: learned beyond chance. Right: what the posterior simulates less what is claimed, in tolerances.",
    "چپ: میانگین و ۹۰ درصد میانی توزیع پسین هر پارامتر در دامنه پیشین آن (خاکستری: ۹۰ درصد میانی پیشین)؛ قرمز: آموخته "
    "فراتر از تصادف. راست: آنچه با پسین شبیه‌سازی شده منهای آنچه ادعا شده، به واحد رواداری.",
)


def _note(calibration: Calibration, manifest: dict[str, Any], last: Particles, complete: bool) -> dict[str, Any]:
    """What goes with the posterior wherever it goes."""
    return {
        "title": calibration.title.model_dump(),
        "caution": CAUTION,
        "claims": [
            {
                "pattern": own.pattern,
                "figure": own.part,
                "claimed": own.claimed,
                "tolerance": own.tolerance,
                "tag": own.tag,
                "source": own.source,
                "verified": False,
            }
            for own in calibration.figures
        ],
        "digest": calibration.digest,
        "model": next(iter(manifest["models"])),
        "city": calibration.base.city.title.en,
        "origin": origin(calibration.base, calibration.keys),
        "scale": calibration.base.run.scale,
        "weeks": calibration.base.run.weeks,
        "root_seed": calibration.seed,
        "threshold": last.threshold,
        "complete": complete,
    }


def _table_of_generations(particles: list[Particles]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "generation": own.generation,
            "threshold": own.threshold,
            "runs": own.runs,
            "acceptance": own.weight.size / own.runs,
            "effective_size": effective_size(own.weight),
        }
        for own in particles
    )


def _long(last: Particles, calibration: Calibration) -> pd.DataFrame:
    tables = [
        pd.DataFrame(
            {
                "particle": np.arange(last.weight.size, dtype=np.int32),
                "pattern": own.pattern,
                "figure": own.part,
                "claimed": own.claimed,
                "simulated": last.figures[own.label].to_numpy(),
            }
        )
        for own in calibration.figures
    ]
    return pd.concat(tables, ignore_index=True)


def _beside_claims(last: Particles, calibration: Calibration) -> pd.DataFrame:
    rows = []
    for own in calibration.figures:
        values = last.figures[own.label].to_numpy()
        rows.append(
            {
                "pattern": own.pattern,
                "figure": own.part,
                "claimed": own.claimed,
                "tolerance": own.tolerance,
                "simulated": float((last.weight * values).sum()),
                "low": weighted_quantile(values, last.weight, 0.05),
                "high": weighted_quantile(values, last.weight, 0.95),
            }
        )
    return pd.DataFrame(rows)
