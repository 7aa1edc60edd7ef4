"""`mahalle sweep`, step by step: read, forecast, run, print."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.escaping import say
from experiments.interruption import StoppedEarlyError
from experiments.narrow import frame_in_text
from experiments.results import write_csv
from experiments.study import request as study
from experiments.study.executors import usable_processors
from experiments.study.runner import RETRY
from experiments.study.shards import SHARDS, write_shard
from experiments.study.store import Part
from experiments.study.watching import announce_compiling, duration, some, watching
from experiments.sweeps.experiment import EXPERIMENT, TABLES, Experiment, Fixed
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from experiments.sweeps.tables import Sweep
from experiments.sweeps.worker import carry_out
from sim.errors import ConfigError

ROWS_SHOWN = 24
RESUME = "give the sweep's command again, and its runs are repeated"
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
        say(report(sweep))
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


def forecast(experiment: Experiment, workers: int) -> str:
    """Estimate runs, time and disk from a few runs that are timed and discarded."""
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
            if seconds > PILOT_SECONDS:
                break
    if not count:
        raise RuntimeError(f"every pilot run failed; {next(iter(bad.values()))}")
    rule, points = experiment.replications, len(experiment.points)
    each, bytes_each = seconds / count, size / count
    lines = [plan(experiment), *bad.values()]
    for word, often in (("", rule.at_most),) if isinstance(rule, Fixed) else (
        ("at least ", rule.at_least), ("at most ", rule.at_most),
    ):  # fmt: skip
        runs = points * often
        wall = _WORKER_START_SECONDS + runs * each / workers
        lines.append(
            f"{word}{duration(wall)} with {some(workers, 'worker')}, "
            f"{2 * runs * bytes_each / 1e6:,.1f} MB of disk at most "
            f"({each:.2g} s and {bytes_each / 1e3:,.0f} kB per run, from {count} timed)"
        )
    return "\n".join(lines)


def rows_shown(table: pd.DataFrame, order: Sequence[str], most: int = ROWS_SHOWN) -> tuple[pd.DataFrame, str]:
    """The rows of a summary to print, and in words what is left out (nothing if all are shown).

    Shows as many whole outcomes over all points as fit; if not even one fits, its first points under each policy, so
    that no policy is missing.

    Args:
        table: the summary.
        order: outcomes, the most important first: the one that decides when the runs stop, and those of the experiment.
        most: largest number of rows; every policy has at least one row.
    """
    if len(table) <= most:
        return table, ""
    there = list(dict.fromkeys(table["outcome"]))
    outcomes = list(dict.fromkeys([outcome for outcome in order if outcome in there] + there))
    points = table["point"].nunique()
    kept = outcomes[: max(1, most // points)]
    rows = table[table["outcome"].isin(kept)].copy()
    left_out = [f"{some(len(outcomes) - len(kept), 'other outcome')}"] if len(kept) < len(outcomes) else []
    if len(rows) > most:
        rows = rows.groupby("policy", sort=False).head(max(1, most // rows["policy"].nunique()))
        left_out.insert(0, f"{points - rows['point'].nunique():,} of {some(points, 'point')}")
    rows = rows.sort_values("outcome", key=lambda column: column.map(outcomes.index), kind="stable")
    return rows, f"{' and '.join(left_out)} ({len(table) - len(rows):,} of {len(table):,} rows)"


def speaks_of(experiment: Experiment) -> str:
    """What the interval of a point's mean covers, in words."""
    what = "random variation" if experiment.posterior is None else "random variation and behaviour"
    if experiment.places == 1:
        return f"{what} in one place (seed {experiment.base.run.place_seed})"
    return f"{what} in the place of the row"


def about_failures(sweep: Sweep) -> str:
    """How many runs failed, which file gives the reasons, and how to repeat them."""
    why = f"the reasons are in {sweep.folder}/failures.parquet"
    return f"{some(len(sweep.failures), 'run')} failed; {why}; to repeat them: the sweep's command with {RETRY}"


def report(sweep: Sweep) -> str:
    """Means with 95 % intervals, failed and missing runs, and where the files are."""
    counts = sweep.runs.status.value_counts()
    done, failed, missing = (int(counts.get(name, 0)) for name in ("done", "failed", "missing"))
    lines = [f"{sweep.experiment.title.en}", ""]
    if sweep.experiment.posterior is not None:
        lines += [f"Behaviour is drawn from a posterior. {sweep.experiment.posterior.caution()}", ""]
    table = sweep.summary()
    ranked = getattr(sweep.experiment.replications, "of", "")
    shown, left_out = rows_shown(table, [ranked, *(outcome.label for outcome in sweep.experiment.outcomes)])
    with pd.option_context("display.width", 200, "display.max_columns", 20, "display.max_colwidth", 40):
        lines.append(frame_in_text(shown.drop(columns="point"), ".4g"))
    if left_out:
        lines.append(f"… left out: {left_out}. All values: {sweep.folder}/outcomes.parquet; the whole table:")
        lines.append(f"experiments.load({str(sweep.folder)!r}).summary()")
    lines += [
        "",
        f"Mean and 95 % t-interval over replications: {speaks_of(sweep.experiment)}; for a series, its last week.",
    ]
    lines.append(
        "Points share random numbers and place:" if sweep.experiment.places == 1 else "Points share random numbers:"
    )
    lines.append(f"compare them by paired differences, experiments.load({str(sweep.folder)!r}).differences(BASE)")
    whole, of_all = len(sweep.whole_replications), sweep.runs.replication.nunique()
    if whole < of_all:
        lines.append(f"runs are missing: only the {whole} of {of_all} replications complete at every point are used")
    others = [f"{count:,} {word}" for count, word in ((failed, "failed"), (missing, "missing")) if count]
    lines.append(", ".join([f"{some(done, 'run')} done", *others]))
    for failure in sweep.failures.head(3).itertuples():
        lines.append(f"run {failure.run_id} failed: {failure.error}: {failure.message}")
    if failed:
        lines.append(about_failures(sweep))
        lines.append(f"to debug one of them: mahalle run --from {sweep.folder} --run-id N --debug")
    lines += [f"shards/{name} was altered or cut off and is left out: {RESUME}" for name in sweep.left_out]
    lines.append(f"Files: {sweep.folder} (runs, outcomes and failures as Parquet, {EXPERIMENT}, manifest.json)")
    return "\n".join(lines)


__all__ = ["Request", "StoppedEarlyError", "carry_out_request"]
