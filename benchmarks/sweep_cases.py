"""One design done in several ways: a bare loop, our sweeps, Mesa's batch_run, EMA workbench."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.engine import CONFIG
from benchmarks.processes import ROOT, peak_mb

LEVER = "policy.authority.delegated_share"
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
OUTCOMES = ("trust_in_municipality", "participation_rate", "service_gini")
SAMPLING_SECONDS = 0.25


def experiment_text(scale: float, weeks: int, replications: int) -> str:
    """The design, as the file of an experiment: five shares of the budget, so many replications of each."""
    return f"""\
title: {{en: Benchmark, fa: سنجش}}
base: {ROOT / CONFIG}
levers: {{{LEVER}: {list(SHARES)}}}
design: {{kind: grid}}
replications: {replications}
run: {{scale: {scale}, weeks: {weeks}}}
outcomes: [{", ".join(OUTCOMES)}]
"""


@contextmanager
def experiment(scale: float, weeks: int, replications: int) -> Iterator[Any]:
    """The design, read from a file that lasts as long as the context; its folder is for what the case writes."""
    from experiments import load_experiment

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "experiment.yaml"
        path.write_text(experiment_text(scale, weeks, replications), encoding="utf-8")
        yield load_experiment(path)


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Wall seconds, and the most memory that this process and all below it held together, in MB.

    Of every process what it does not share is counted, each quarter of a second; what processes share is left out.
    """
    found, done = {"seconds": 0.0, "all_mb": 0.0}, threading.Event()

    def watch() -> None:
        here = psutil.Process()
        while not done.wait(SAMPLING_SECONDS):
            found["all_mb"] = max(found["all_mb"], sum(map(_own_bytes, [here, *here.children(recursive=True)])) / 1e6)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    began = time.perf_counter()
    try:
        yield found
    finally:
        found["seconds"] = time.perf_counter() - began
        done.set()
        watcher.join()
        found["main_mb"] = peak_mb()


def _own_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:  # it has ended meanwhile
        return 0


def loop(scale: float, weeks: int, replications: int, *, reuse: bool) -> dict[str, Any]:
    """What a careful user writes: a loop over the runs, outcomes into a list, one Parquet file at the end.

    Args:
        scale, weeks, replications: the design.
        reuse: whether cities of one seed share what was built for the first, as in our sweeps.
    """
    import pandas as pd

    from experiments.sweeps.outcomes import read
    from sim import City
    from sim.place import Foundations

    with experiment(scale, weeks, replications) as design, measured() as found:
        foundations = Foundations() if reuse else None
        frames = []
        for replication in range(replications):
            for point in design.points:
                city = City(design.config_of(point, replication), foundations=foundations).run()
                frame = pd.DataFrame(read(city, design.outcomes))
                frames.append(frame.assign(point=point.number, replication=replication))
        table = pd.concat(frames)
        table.to_parquet(design.source.parent / "outcomes.parquet")
    return {**found, "runs": len(frames), "numbers": len(table)}


def loops_at_once(scale: float, weeks: int, replications: int, *, at_once: int) -> dict[str, Any]:
    """So many bare loops side by side, each with its share of the replications: what the machine itself allows."""
    import json
    import subprocess
    import sys

    share = {"scale": scale, "weeks": weeks, "replications": replications // at_once, "reuse": False}
    command = [sys.executable, "-m", "benchmarks.processes", "sweep_cases.loop", json.dumps(share)]
    with measured() as found:
        children = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(at_once)]
        parts = [json.loads(child.communicate()[0]) for child in children]
    return {**found, "runs": sum(part["runs"] for part in parts), "numbers": sum(part["numbers"] for part in parts)}


class _Here:
    """An executor that does the work at once, in this process."""

    def submit(self, work: Any, /, *arguments: Any) -> Future[Any]:
        """Do it."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


def sweep(scale: float, weeks: int, replications: int, *, executor: str, workers: int) -> dict[str, Any]:
    """Our sweep, in this process (``here``) or with an executor of the command line."""
    from contextlib import nullcontext

    import experiments
    from experiments.study.executors import executor_named

    with experiment(scale, weeks, replications) as design, measured() as found:
        named = executor_named(executor, workers=workers, scheduler=None)
        with nullcontext((_Here(), 1)) if executor == "here" else named as (hands, at_a_time):
            done = experiments.run(design, out=design.source.parent / "out", executor=hands, workers=at_a_time)
        if len(done.failures):
            raise RuntimeError(f"{len(done.failures)} runs failed")
        counts = {"runs": len(done.runs), "numbers": len(done.outcomes)}
    return {**found, **counts}


def tiny_runs(runs: int, workers: int) -> dict[str, Any]:
    """A sweep of very many very small runs: what its own process holds at most."""
    import experiments

    with experiment(0.001, 1, runs // len(SHARES)) as design, measured() as found:
        done = experiments.run(design, out=design.source.parent / "out", workers=workers)
        count = len(done.runs)
    return {**found, "runs": count}


def mesa_batch(scale: float, weeks: int, replications: int, *, workers: int) -> dict[str, Any]:
    """The same cities by mesa.batch_run, every week kept; it returns a list of dicts, made into a table here."""
    import mesa
    import pandas as pd

    from sim import City

    with experiment(scale, weeks, replications) as design, measured() as found:
        rows = mesa.batch_run(
            City,
            {"config": str(ROOT / CONFIG), "run.scale": scale, "run.weeks": weeks, LEVER: list(SHARES)},
            rng=[design.seed_of(replication) for replication in range(replications)],
            max_steps=weeks,
            number_processes=workers,
            data_collection_period=1,
            display_progress=False,
        )
        table = pd.DataFrame(rows)
    runs = int(table["RunId"].nunique())
    columns = set(table.columns) - {"RunId", "iteration", "Step", "rng", "config", "run.scale", "run.weeks", LEVER}
    return {**found, "runs": runs, "numbers": len(table) * len(columns)}


def ema_city(share: float, seed: int, scale: float, weeks: int) -> dict[str, Any]:
    """One run as EMA workbench calls it."""
    from sim import City, load_config

    config = load_config(ROOT / CONFIG, values={"run.scale": scale, "run.weeks": weeks, LEVER: share, "run.seed": seed})
    history = City(config).run().history
    return {name: history[name].to_numpy() for name in OUTCOMES}


def ema_workbench(scale: float, weeks: int, replications: int, *, workers: int) -> dict[str, Any]:
    """The same cities by EMA workbench; it returns arrays, runs by weeks."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ema_workbench as ema

    def samples(name: str, values: list[Any]) -> list[Any]:
        return [ema.Sample(str(number), **{name: value}) for number, value in enumerate(values)]

    with experiment(scale, weeks, replications) as design, measured() as found:
        model = ema.Model("city", function=ema_city)
        model.levers = [ema.RealParameter("share", 0.0, 1.0)]
        model.uncertainties = [ema.IntegerParameter("seed", 0, 2**63 - 1)]
        model.constants = [ema.Constant("scale", scale), ema.Constant("weeks", weeks)]
        model.outcomes = [ema.ArrayOutcome(name) for name in OUTCOMES]
        at_once = ema.SequentialEvaluator(model)
        with at_once if workers == 1 else ema.MultiprocessingEvaluator(model, n_processes=workers) as evaluator:
            done, outcomes = evaluator.perform_experiments(
                samples("seed", [design.seed_of(replication) for replication in range(replications)]),
                samples("share", list(SHARES)),
                log_progress=True,
            )
    return {**found, "runs": len(done), "numbers": int(sum(values.size for values in outcomes.values()))}
