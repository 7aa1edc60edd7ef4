"""Carries a calibration out: generations, posterior, tables, figure and manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration import folder as place
from experiments.calibration.calibration import Calibration
from experiments.calibration.journal import Journal
from experiments.calibration.learning import effective_size, trade_offs, weighted_quantile, what_was_learned
from experiments.calibration.origin import origin
from experiments.calibration.posterior import CAUTION, write_posterior
from experiments.calibration.reader import load_calibration
from experiments.calibration.simulating import OneRun
from experiments.calibration.smc import Particles, Problem, Schedule, approximate, finished, require_pyabc
from experiments.folders import at_once, write_text_at_once
from experiments.interruption import StoppedEarlyError, word_of
from experiments.provenance import sha256
from experiments.results import write_json_at_once, write_table_at_once
from experiments.sweeps.executors import Processes, Submits
from sim.errors import ConfigError


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


class CalibrationInterruptedError(StoppedEarlyError):
    """The calibration stopped early; finished generations are kept."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A calibration that has run.

    Attributes:
        folder: where its files lie.
        calibration: what was asked.
        generations: a row a generation: threshold, runs, acceptance, effective size.
        posterior: a row a particle: weight, distance, generation, seed, parameters.
        simulated: a row a figure: claimed, tolerance, mean and central 90 % of the simulated.
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
    watch: Watch | None = None,
) -> Calibrated:
    """Do the generations of a calibration that are not done yet, and return the posterior.

    Args:
        calibration: a calibration, or its file.
        out: the folder, results/calibration-NAME if None; generations that are finished there are not done again.
        executor: anything with `submit` of concurrent.futures; processes of this machine if None.
        workers: how many works the executor does at a time; all processors if None.
        fresh: begin anew.
        watch: told how it goes on.

    Raises:
        ConfigError: the calibration or the folder cannot be used, pyabc is not installed, or not even the first
            threshold can be reached.
        CalibrationInterruptedError: interrupted by a signal or for want of space.
        FailedRunError: a run failed.
    """
    require_pyabc()
    if not isinstance(calibration, Calibration):
        calibration = load_calibration(calibration)
    folder = Path(out) if out is not None else Path("results") / f"calibration-{calibration.source.stem}"
    own = Processes(workers) if executor is None else None
    hands: Submits = own if own is not None else executor  # type: ignore[assignment]  # one of the two is there
    try:
        with place.held(folder):
            manifest = place.begin(folder, calibration, fresh=fresh)
            at_a_time = own.workers if own is not None else workers or 1
            with _saying_what_is_kept(calibration, folder):
                particles = _generations(calibration, folder, hands, at_a_time, watch)
                return _finish(calibration, folder, particles, manifest)
    finally:
        if own is not None:
            own.stop()  # finished runs are in the journal; those under way would be thrown away


def _generations(
    calibration: Calibration, folder: Path, executor: Submits, workers: int, watch: Watch | None
) -> list[Particles]:
    begun = time.monotonic()

    def tell(generation: int, accepted: int, runs: int) -> None:
        if watch is not None:
            total, seconds = len(calibration.thresholds), time.monotonic() - begun
            watch(Progress(generation + 1, total, calibration.population, accepted, runs, seconds))

    problem = Problem(len(calibration.factors), OneRun(calibration), calibration.figures)
    schedule = Schedule(calibration.thresholds, calibration.population, calibration.seed, calibration.least_acceptance)
    database = folder.resolve() / place.HISTORY
    return approximate(problem, schedule, database, executor, workers, tell, Journal(folder / place.RUNS))


@contextmanager
def _saying_what_is_kept(calibration: Calibration, folder: Path) -> Iterator[None]:
    """Where the work is interrupted or the disk is full, say how far it came and how it goes on.

    Raises:
        CalibrationInterruptedError: in place of what it was interrupted by.
    """
    from sqlalchemy.exc import SQLAlchemyError  # of pyabc's history; here, because it comes with pyabc

    try:
        yield
    except (KeyboardInterrupt, OSError, SQLAlchemyError) as error:
        what, interruption = _what_stopped(error)
        if what is None:
            raise
        generations = f"{finished(folder / place.HISTORY)} of {len(calibration.thresholds)} generations"
        kept = f"{generations} and all finished runs are kept in {folder}"
        raise CalibrationInterruptedError(what, kept, interruption) from error


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


def _finish(calibration: Calibration, folder: Path, particles: list[Particles], manifest: dict[str, Any]) -> Calibrated:
    """Write what follows from the generations: all of it can be written again from the history."""
    from experiments.figures import style
    from experiments.figures.posterior import prior_and_posterior

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
        folder / place.POSTERIOR,
        {name: own[name] for name in ("weight", "distance", "generation", "seed")},
        values,
        note,
    )
    write_table_at_once(_long(last, calibration), folder / place.SIMULATED)
    write_text_at_once(folder / place.LEARNED, learned.to_csv(index=False, lineterminator="\n"))
    figure = prior_and_posterior(calibration.factors, last.quantiles, last.weight, learned, calibration.title.en)
    with at_once(folder / place.FIGURE) as partial:
        style.save(figure, partial)
    files = {name: sha256(folder / name) for name in (place.POSTERIOR, place.SIMULATED, place.LEARNED, place.FIGURE)}
    more = {**note, "generations": generations.to_dict("records"), "files": files}
    write_json_at_once(folder / place.MANIFEST, {**manifest, **more})
    return Calibrated(
        folder=folder,
        calibration=calibration,
        generations=generations,
        posterior=pd.read_parquet(folder / place.POSTERIOR),
        simulated=_beside_claims(last, calibration),
        learned=learned,
        trade_offs=trade_offs(calibration.factors, last.quantiles, last.weight),
        complete=complete,
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
