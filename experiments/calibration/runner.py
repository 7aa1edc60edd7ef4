"""Carries a calibration out: its runs, by one of two methods, and what is kept where it is interrupted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from experiments.calibration.calibration import HISTORY, KIND, Calibration
from experiments.calibration.emulating import emulate
from experiments.calibration.finishing import Calibrated, finish
from experiments.calibration.reader import load_calibration
from experiments.calibration.simulating import OneRun
from experiments.calibration.smc import Approximation, Problem, Schedule, approximate, kept_in, require_pyabc
from experiments.folders import folder_for
from experiments.interruption import StoppedEarlyError, word_of
from experiments.study.executors import Submits, open_executor
from experiments.study.store import Store
from sim.errors import ConfigError


@dataclass(frozen=True)
class Progress:
    """How far a calibration is.

    Attributes:
        step: what is being done, in a few words.
        generation: number of the step under way, from 1.
        generations: how many there will be.
        planned: particles that it needs.
        done: particles accepted in it.
        runs: runs it took so far.
        seconds: since the calibration began.
        left: seconds that this step will still take; infinite before its first particle.
    """

    step: str
    generation: int
    generations: int
    planned: int
    done: int
    runs: int
    seconds: float
    left: float = float("inf")


NEAR = "runs whose distance from the figures is at most "
FOR_THE_EMULATOR = ("runs that teach the emulator", "a run at each draw of the posterior")
"""The two steps of a calibration by an emulator."""

Watch = Callable[[Progress], None]


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
        out: the folder, `default_folder` if None; runs already finished there are not repeated.
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
    if not isinstance(calibration, Calibration):
        calibration = load_calibration(calibration)
    require_packages(calibration)
    store = Store(Path(out) if out is not None else default_folder(calibration.source), KIND)
    with closing(store), open_executor(executor, workers) as (own, at_a_time):
        store.open(calibration, fresh=fresh)
        if retry_failed:
            store.forget_failures()
        with _saying_what_is_kept(calibration, store.folder):
            found = _approximated(calibration, store, own, at_a_time, watch, say)
            return finish(calibration, store.folder, found, store.manifest() or {})


def require_packages(calibration: Calibration) -> None:
    """Refuse to begin without the package that fits.

    Raises:
        ConfigError: it is not installed.
    """
    if calibration.method == "smc":
        require_pyabc()
    elif find_spec("sklearn") is None:
        raise ConfigError("needs scikit-learn: pip install 'mahalle[calibrate]'", source="calibrate")


def default_folder(file: Path) -> Path:
    """Folder of a calibration, by the name of its file."""
    return folder_for("calibration", file.stem)


def _approximated(
    calibration: Calibration,
    store: Store,
    executor: Submits,
    workers: int,
    watch: Watch | None,
    say: Callable[[str], None] | None,
) -> Approximation:
    begun = time.monotonic()
    first: dict[int, tuple[float, int]] = {}
    emulated = calibration.method == "emulator"

    def tell(generation: int, accepted: int, runs: int) -> None:
        if watch is not None:
            total, seconds = 2 if emulated else len(calibration.thresholds), time.monotonic() - begun
            planned = runs if emulated else calibration.population
            then, before = first.setdefault(generation, (seconds, accepted))
            each = (seconds - then) / (accepted - before) if accepted > before else float("inf")
            step = FOR_THE_EMULATOR[generation] if emulated else ""
            if not emulated:
                step = f"{NEAR}{calibration.thresholds[generation]:g}"
            left = each * (planned - accepted) if planned > accepted else 0.0
            took = accepted if emulated else runs
            watch(Progress(step, generation + 1, total, planned, accepted, took, seconds, left))

    if emulated:
        return emulate(calibration, store, executor, workers, tell, say)
    held_out = tuple(own.label for own in calibration.targets if own.held_out)
    problem = Problem(len(calibration.factors), OneRun(calibration), calibration.figures, calibration.fitted, held_out)
    schedule = Schedule(calibration.thresholds, calibration.population, calibration.seed, calibration.least_acceptance)
    return approximate(problem, schedule, store, executor, workers, tell, say)


@contextmanager
def _saying_what_is_kept(calibration: Calibration, folder: Path) -> Iterator[None]:
    """Where the work is interrupted or the disk is full, say how far it came and how it goes on.

    Raises:
        StoppedEarlyError: in place of what it was interrupted by.
    """
    if calibration.method == "emulator":  # its only runs are those of the runner, which says what is kept
        yield
        return
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
