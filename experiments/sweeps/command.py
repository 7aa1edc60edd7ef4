"""`mahalle sweep`, step by step: read, forecast, run, print."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from experiments.answers.texts import of_label
from experiments.escaping import say
from experiments.interruption import StoppedEarlyError
from experiments.languages import which, written
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
from sim.outcome import Language

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
    announce_compiling(quiet=request.quiet, language=request.language)
    if request.dry_run:
        say(forecast(experiment, request.workers or usable_processors(), request.language))
        return True
    if not request.quiet:
        say(plan(experiment, request.language), file=sys.stderr)
    with (
        request.open_executor() as (executor, workers),
        watching(quiet=request.quiet, language=request.language) as watch,
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


def plan(experiment: Experiment, language: Language = "en") -> str:
    """How many runs there will be."""
    points, rule = len(experiment.points), experiment.replications

    def count(number: int, least: int, word: str, persian: str) -> str:
        span = "" if least == number else which((f"{least:,} to ", written(f"{least:,} تا ", language)), language)
        return span + which((some(number, word), f"{written(f'{number:,}', language)} {persian}"), language)

    least, most = (rule.at_most if isinstance(rule, Fixed) else rule.at_least), rule.at_most
    parts = {
        "title": of_label(experiment.title)[language],
        "points": count(points, points, "point", "نقطه"),
        "often": count(most, least, "replication", "تکرار"),
        "runs": count(points * most, points * least, "run", "اجرا"),
    }
    places = count(experiment.places, experiment.places, "place", "مکان")
    where = which((" (in {places})", " (در {places})"), language).format(places=places) if experiment.places > 1 else ""
    line = which(("{title}: {points}{where}, {often}, {runs}", "{title}: {points}{where}، {often}، {runs}"), language)
    return line.format(**parts, where=where)


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


def forecast(experiment: Experiment, workers: int, language: Language = "en") -> str:
    """Estimate runs, time and disk from a few runs that are timed and discarded."""
    run_once()
    timed = pilot(experiment)
    rule, points = experiment.replications, len(experiment.points)
    lines = [plan(experiment, language), *timed.failed]
    for word, often in ((("", ""), rule.at_most),) if isinstance(rule, Fixed) else (
        (("at least ", "دست‌کم "), rule.at_least), (("at most ", "حداکثر "), rule.at_most),
    ):  # fmt: skip
        runs = points * often
        numbers = {
            "disk": f"{2 * runs * timed.size / 1e6:,.1f}",
            "each": f"{timed.each:.2g}",
            "kilobytes": f"{timed.size / 1e3:,.0f}",
            "count": f"{timed.count}",
            "workers": f"{workers}",
        }
        shown = {name: written(number, language) for name, number in numbers.items()}
        hands = which((some(workers, "worker"), "{workers} پردازه"), language).format(**shown)
        wall = duration(_WORKER_START_SECONDS + runs * timed.each / workers, language)
        lines.append(which(_FORECAST, language).format(**shown, word=which(word, language), wall=wall, hands=hands))
    return "\n".join(lines)


_FORECAST = (
    "{word}{wall} with {hands}, {disk} MB of disk at most ({each} s and {kilobytes} kB per run, from {count} timed)",
    "{word}{wall} با {hands}، حداکثر {disk} مگابایت روی دیسک ({each} ثانیه و {kilobytes} کیلوبایت برای هر اجرا، بر "
    "پایه {count} اجرای آزمایشی)",
)

__all__ = ["Request", "StoppedEarlyError", "carry_out_request"]
