"""The runs of a calibration: what is proposed, what a worker does, and how runs stand in the shards of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.calibration.calibration import Calibration, Floats
from experiments.parquet import checked
from experiments.study import work as study
from experiments.study.runner import Receipt
from experiments.study.shards import SCHEMA

Simulate = Callable[[Floats, int], Mapping[str, float]]
"""Figures by label at quantiles of the priors (parameters,) and a seed; can be pickled."""

GENERATION = 10_000_000
"""Runs of a generation are numbered from a multiple of it."""

_SEED, _QUANTILE = "seed", "quantile "
"""Rows of a shard that are no figures; a seed is below 2**53, so that it is exact as a number."""


@dataclass(frozen=True)
class Proposal:
    """What a run is to be done with.

    Attributes:
        quantiles: of the priors, one per parameter.
        seed: of the run.
    """

    quantiles: tuple[float, ...]
    seed: int


@dataclass(frozen=True)
class DoneRun:
    """A run.

    Attributes:
        generation, number: of the proposal.
        proposal: what it was done with.
        figures: what came of it, by label.
    """

    generation: int
    number: int
    proposal: Proposal
    figures: Mapping[str, float]


def work(folder: str, simulate: Simulate, runs: Sequence[int], proposals: Sequence[Proposal]) -> Receipt:
    """Do some runs and write their shard, unless it is there already.

    Args:
        folder: the calibration's.
        simulate: from quantiles and a seed to figures.
        runs: their numbers, ascending.
        proposals: what each is done with.

    Raises:
        OSError: the shard cannot be written, for example because the disk is full.
    """
    proposed = dict(zip(runs, proposals, strict=True))

    def one_run(run: int) -> pa.Table:
        own = proposed[run]
        return _rows(run, DoneRun(*divmod(run, GENERATION), own, dict(simulate(np.array(own.quantiles), own.seed))))

    return study.work(
        Path(folder), runs, one_run, getattr(simulate, "extensions", ()), lambda path: dict(runs_in(path))
    )


def _rows(run: int, own: DoneRun) -> pa.Table:
    """A run as rows of a shard: its seed, quantiles and figures."""
    values = {_SEED: float(own.proposal.seed)}
    values |= {f"{_QUANTILE}{place}": value for place, value in enumerate(own.proposal.quantiles)}
    rows = [(run, own.generation, name, -1, float(value)) for name, value in {**values, **own.figures}.items()]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA)


def runs_in(path: Path) -> Iterator[tuple[int, DoneRun]]:
    """The runs of a shard that did not fail, with their numbers; every bit of a number is as it was."""
    table = pq.read_table(checked(path), columns=["run_id", "outcome", "value"]).to_pandas()
    for run, rows in table.groupby("run_id", sort=True):
        values = dict(zip(rows["outcome"], rows["value"].tolist(), strict=True))
        seed = int(values.pop(_SEED))
        names = sorted((name for name in values if name.startswith(_QUANTILE)), key=lambda name: int(name.split()[1]))
        quantiles = tuple(values.pop(name) for name in names)
        number = int(str(run))
        yield number, DoneRun(*divmod(number, GENERATION), Proposal(quantiles, seed), values)


def table_of(runs: Sequence[DoneRun], calibration: Calibration) -> pd.DataFrame:
    """One row per run: generation, number, seed, ``q:KEY`` per parameter (its quantile), one column per figure."""
    names = [f"q:{key}" for key in calibration.keys]
    rows = [
        {"generation": run.generation, "number": run.number, "seed": run.proposal.seed}
        | dict(zip(names, run.proposal.quantiles, strict=True))
        | dict(run.figures)
        for run in runs
    ]
    return pd.DataFrame(rows)
