"""Runs an experiment: as many replications of its points as it asks for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from experiments.study.executors import Submits, open_executor
from experiments.study.runner import RETRY, Receipt, Runner, Watch, to_stderr
from experiments.study.shards import SHARDS, last_values
from experiments.study.store import Part, Store
from experiments.study.watching import watching
from experiments.sweeps.experiment import KIND, Experiment, Fixed
from experiments.sweeps.growing import growth_of
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.stopping import checkpoints, enough
from experiments.sweeps.tables import Sweep, merge
from experiments.sweeps.worker import outcome_of_rule, work
from sim.errors import ConfigError

FEW_POINTS = 3
"""With at most so many points the first runs are handed out a replication at a time."""


def run(
    experiment: Experiment | str | Path,
    *,
    out: str | Path | None = None,
    executor: Submits | None = None,
    workers: int | None = None,
    part: Part | None = None,
    fresh: bool = False,
    accept_code_change: bool = False,
    retry_failed: bool = False,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
    progress: bool = False,
) -> Sweep:
    """Do the runs of an experiment that are not done yet, and return all of them.

    Args:
        experiment: an experiment, or its file.
        out: the sweep's folder, results/NAME if None; runs already finished there are not repeated.
        executor: anything with `submit` of concurrent.futures; processes of this machine if None.
        workers: number of tasks that the executor runs in parallel; all processors if None.
        part: the share of the runs to do, where several processes or machines share a folder.
        fresh: start again, ignoring the results in the folder.
        accept_code_change: resume although the model's source has changed; runs are labelled with their model.
        retry_failed: repeat runs that failed; all parts' at once, so not where the runs are shared out.
        watch: called with the progress.
        say: called with each message for the user; what is no fault is said where progress is shown.
        progress: show a bar with the time left on a terminal or in a notebook, a line a minute elsewhere.

    Raises:
        ConfigError: the experiment or the folder cannot be used.
        StoppedEarlyError: interrupted by a signal or because the disk is full; resume by doing the same again.
    """
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    part = part if part is not None else Part()
    if part.n > 1 and not isinstance(experiment.replications, Fixed):
        raise ConfigError(
            "a stopping rule needs all runs in one sweep; give the experiment a number of replications",
            source=f"--shard {part.k}/{part.n}",
        )
    if part.n > 1 and retry_failed:
        raise ConfigError("not with --shard: other parts may be at work; give it alone, after them", source=RETRY)
    if out is None:
        if experiment.source is None:
            raise ConfigError("an experiment that has no file needs a folder: out=…")
        out = Path("results") / experiment.source.stem
    store = Store(Path(out), KIND, part)
    with (
        closing(store),
        watching(quiet=watch is not None or not progress) as bar,
        open_executor(executor, workers) as (own, at_a_time),
    ):
        store.open(
            experiment,
            fresh=fresh,
            accept_code_change=accept_code_change,
            growth_of=partial(growth_of, experiment),
        )
        shown, tell = watch or bar, say or to_stderr
        if store.grown and shown is not None:
            tell(store.grown)
        again = store.forget_failures() if retry_failed else 0
        if again and shown is not None:
            tell(f"failed runs that are repeated: {again:,}")
        _carry_out(experiment, store, own, at_a_time, shown, tell)
    return merge(store.folder)


def _carry_out(
    experiment: Experiment,
    store: Store,
    executor: Submits,
    workers: int,
    watch: Watch | None,
    say: Callable[[str], None],
) -> None:
    """Do all that the replications ask for."""
    points, wanted = len(experiment.points), outcome_of_rule(experiment)
    folder = str(store.folder.resolve())

    def order(runs: tuple[int, ...]) -> partial[Receipt]:
        return partial(work, folder, experiment.digest, runs)

    runner = Runner(
        store, executor, workers, order, watch=watch, say=say, together=points if points <= FEW_POINTS else 1
    )
    if not isinstance(experiment.replications, Fixed):
        runner.progress.at_most = experiment.replications.at_most * points
    for shard in runner.take_stock(experiment.replications.at_most * points):
        if wanted is not None:  # from the rows: an earlier sweep may have had another rule, or none
            runner.values |= last_values(store.folder / SHARDS / shard.file, wanted.label)
    for count in checkpoints(experiment.replications):
        runner.do(range(count * points))
        if store.part.n == 1 and enough(experiment.replications, runner.values, points, count):
            return
