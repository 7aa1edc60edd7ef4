"""`mahalle sweep`, step by step: read, forecast, run, print."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from experiments.escaping import say
from experiments.interruption import StoppedEarlyError
from experiments.results import write_csv
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.shards import SHARDS, write_shard
from experiments.study.store import Part
from experiments.study.warming import run_once
from experiments.study.watching import announce_compiling, duration, some, watching
from experiments.sweeps.experiment import TABLES, Experiment, Fixed
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.report import about_failures, report
from experiments.sweeps.runner import run
from experiments.sweeps.worker import carry_out
from experiments.unlikely import say_if_neighbourhoods_are_small
from sim.errors import ConfigError

PILOT_SECONDS = 10.0
_WORKER_START_SECONDS = 3.0


@dataclass(frozen=True)
class Request(study.Request):
    """The arguments of `mahalle sweep`; None means the default."""

    experiment: Path


def carry_out_request(request: Request) -> bool:
    """Carry out the request and return whether every run there should be is there and none failed.

    Raises:
        ConfigError: the request cannot be met.
        StoppedEarlyError: it was interrupted.
    """
    experiment = load_experiment(request.experiment)
    say_if_neighbourhoods_are_small(experiment.base, experiment.outcomes)
    folder = request.out if request.out is not None else Path("results") / request.experiment.stem
    part = part_named(request.shard)
    if part.n > 1 and request.fresh:
        raise ConfigError("not with --shard: other parts may be at work; empty the folder first", source="--fresh")
    announce_compiling(quiet=request.quiet)
    if request.dry_run:
        say(forecast(experiment, request.workers or usable_processors()))
        return True
    if not request.quiet:
        say(plan(experiment), file=sys.stderr)
    with (
        request.open_executor() as (executor, workers),
        watching(quiet=request.quiet) as watch,
    ):
        sweep = run(
            experiment,
            out=folder,
            executor=executor,
            workers=workers,
            part=part,
            fresh=request.fresh,
            accept_code_change=request.accept_code_change,
            retry_failed=request.retry_failed,
            watch=watch,
        )
    write_csv(sweep.folder, TABLES, csv=request.csv)
    if not request.quiet:
        say(report(sweep, request.language))
    elif len(sweep.failures):
        say(f"mahalle sweep: {about_failures(sweep)}", file=sys.stderr)
    return not len(sweep.failures) and (sweep.complete or part.n > 1)


def part_named(text: str | None) -> Part:
    """The part of the runs that `--shard k/n` names.

    Raises:
        ConfigError: it names none.
    """
    if text is None:
        return Part()
    k, _, n = text.partition("/")
    if not (k.isdecimal() and n.isdecimal() and 1 <= int(k) <= int(n)):
        raise ConfigError(f'must be k/n with k from 1 to n, such as 2/5, not "{text}"', source="--shard")
    return Part(int(k), int(n))


def plan(experiment: Experiment) -> str:
    """How many runs there will be."""
    points, rule = len(experiment.points), experiment.replications
    often, runs = some(rule.at_most, "replication"), some(points * rule.at_most, "run")
    if not isinstance(rule, Fixed):
        often, runs = f"{rule.at_least:,} to {often}", f"{points * rule.at_least:,} to {runs}"
    where = f" (in {some(experiment.places, 'place')})" if experiment.places > 1 else ""
    return f"{experiment.title.en}: {some(points, 'point')}{where}, {often}, {runs}"


@dataclass(frozen=True)
class Pilot:
    """A few runs of an experiment that were timed and discarded.

    Attributes:
        each: seconds of a run, on average.
        size: bytes that a run takes on disk, on average.
        count: how many runs these are means of.
        failed: what failed, a line a run.
    """

    each: float
    size: float
    count: int
    failed: tuple[str, ...]


def pilot(experiment: Experiment, most_seconds: float = PILOT_SECONDS) -> Pilot:
    """Time some runs from all over an experiment: up to nine, and no further one after so many seconds.

    Raises:
        RuntimeError: all of them failed.
    """
    seconds, size, count = 0.0, 0, 0
    bad: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / SHARDS).mkdir()
        step = max(1, len(experiment.points) // 8)
        for number in range(0, len(experiment.points), step):
            begun = time.perf_counter()
            shard, table = carry_out(experiment, [number])
            if shard.failures:
                failure = shard.failures[number]
                bad[number] = f"run {number} fails: {failure['error']}: {failure['message']}"
                continue
            seconds += time.perf_counter() - begun
            size += write_shard(folder, shard, table)["bytes"]
            count += 1
            if seconds > most_seconds:
                break
    if not count:
        raise RuntimeError(f"every pilot run failed; {next(iter(bad.values()))}")
    return Pilot(seconds / count, size / count, count, tuple(bad.values()))


def forecast(experiment: Experiment, workers: int) -> str:
    """Estimate runs, time and disk from a few runs that are timed and discarded."""
    run_once()
    timed = pilot(experiment)
    rule, points = experiment.replications, len(experiment.points)
    lines = [plan(experiment), *timed.failed]
    for word, often in (("", rule.at_most),) if isinstance(rule, Fixed) else (
        ("at least ", rule.at_least), ("at most ", rule.at_most),
    ):  # fmt: skip
        runs = points * often
        wall = _WORKER_START_SECONDS + runs * timed.each / workers
        lines.append(
            f"{word}{duration(wall)} with {some(workers, 'worker')}, "
            f"{2 * runs * timed.size / 1e6:,.1f} MB of disk at most "
            f"({timed.each:.2g} s and {timed.size / 1e3:,.0f} kB per run, from {timed.count} timed)"
        )
    return "\n".join(lines)


__all__ = ["Request", "StoppedEarlyError", "carry_out_request"]
