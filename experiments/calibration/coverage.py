"""Coverage on synthetic data: how often the truth lies in its 90 % interval, from one table of prior-predictive runs.

    python -m experiments.calibration.coverage CALIBRATION [--runs N] [--trials N] [--out DIR]      (make coverage)

Each trial takes one run of the table as what was observed and its parameters as the truth, and fits all other runs to
it by rejection: those within the tolerances are accepted, each alike. That checks figures, tolerances, intervals and
how much there is to learn; it does not check the proposals and weights of sequential Monte Carlo, which the tests do on
a problem whose posterior is known exactly.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.calibration import Calibration, Floats, load_calibration
from experiments.calibration.posterior import CAUTION
from experiments.calibration.simulating import OneRun
from experiments.folders import at_once
from experiments.results import write_parquet
from experiments.sweeps.executors import Processes, Submits

CHUNK = 20
"""Runs of a file: what is lost when the table's making is killed."""

LEAST_ACCEPTED = 10
_SEEDS, _STREAM = 2**53, 1_668_247_157


def prior_table(calibration: Calibration, runs: int, folder: Path, executor: Submits) -> pd.DataFrame:
    """Runs at draws of the prior: a column `q:KEY` a parameter (its quantile) and one a figure.

    Run i depends on the root seed and i alone. Chunks that are in the folder are not done again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    waiting = {}
    for begin in range(0, runs, CHUNK):
        path = folder / f"{calibration.digest[:12]}-{begin:06d}.parquet"
        if not path.exists():
            waiting[path] = executor.submit(_chunk, calibration, range(begin, begin + CHUNK), path)
    for future in waiting.values():
        future.result()
    files = [folder / f"{calibration.digest[:12]}-{begin:06d}.parquet" for begin in range(0, runs, CHUNK)]
    return pd.concat(map(pd.read_parquet, files), ignore_index=True).head(runs)


def _chunk(calibration: Calibration, numbers: Sequence[int], path: Path) -> None:
    one_run, rows = OneRun(calibration), []
    for number in numbers:
        generator = np.random.default_rng(np.random.SeedSequence([calibration.seed, number, _STREAM]))
        quantiles = generator.random(len(calibration.factors))
        named = {f"q:{key}": value for key, value in zip(calibration.keys, quantiles, strict=True)}
        rows.append({**named, **one_run(quantiles, int(generator.integers(_SEEDS)))})
    with at_once(path) as partial:
        write_parquet(pd.DataFrame(rows), partial)


def rejection(figures: Floats, observed: Floats, tolerances: Floats, left_out: int) -> np.ndarray[Any, Any]:
    """Rows within the tolerances of what was observed, without the one that was.

    Args:
        figures: (runs, figures).
        observed, tolerances: (figures,).
        left_out: row of the truth.
    """
    near = (np.abs(figures - observed) <= tolerances).all(axis=1)
    near[left_out] = False
    return np.flatnonzero(near)


def covered(table: pd.DataFrame, calibration: Calibration, trials: int) -> pd.DataFrame:
    """How often the truth lay in the central 90 % of the particles accepted, and what was learned on average.

    Truths are the first runs of the table, which are draws of the prior; one to which fewer than `LEAST_ACCEPTED` runs
    come near is passed over, and counted.

    Returns:
        a row a parameter: key, trials, covered, expected_low and expected_high (where 95 % of such counts would lie if
        intervals held exactly), mean shrinkage in the prior's quantiles.
    """
    from scipy import stats

    quantiles = table[[f"q:{key}" for key in calibration.keys]].to_numpy()
    figures = table[[own.label for own in calibration.figures]].to_numpy()
    tolerances = np.array([own.tolerance for own in calibration.figures])
    inside: list[np.ndarray[Any, Any]] = []
    shrinkage: list[Floats] = []
    for truth in range(len(table)):
        if len(inside) == trials:
            break
        accepted = rejection(figures, figures[truth], tolerances, truth)
        if len(accepted) < LEAST_ACCEPTED:
            continue
        # Were the tolerance nothing, the truth would be one more draw of the posterior, and its rank among the n
        # accepted uniform on 0 … n. A tolerance that is wide beside the noise of runs puts it too often in the middle.
        below = (quantiles[accepted] < quantiles[truth]).sum(axis=0)
        share = (below + _tie_breaks(calibration.seed, truth, below.size)) / (len(accepted) + 1)
        inside.append((share >= 0.05) & (share <= 0.95))
        shrinkage.append(1.0 - quantiles[accepted].std(axis=0, ddof=1) * np.sqrt(12.0))
    count = len(inside)
    low, high = stats.binom.interval(0.95, count, 0.9) if count else (0, 0)
    return pd.DataFrame(
        {
            "key": calibration.keys,
            "trials": count,
            "covered": np.sum(inside, axis=0) if count else 0,
            "expected_low": int(low),
            "expected_high": int(high),
            "shrinkage": np.mean(shrinkage, axis=0) if count else float("nan"),
        }
    )


def _tie_breaks(seed: int, truth: int, size: int) -> Floats:
    """Places between neighbouring ranks, so that an interval of exactly 90 % exists for every number of particles."""
    return np.random.default_rng(np.random.SeedSequence([seed, truth, _STREAM + 1])).random(size)


def as_markdown(table: pd.DataFrame) -> str:
    """The table as docs/calibration.md has it."""
    lines = ["| parameter | truth in its 90 % interval | shrinkage, mean of trials |", "| --- | --- | --- |"]
    lines += [f"| `{row.key}` | {row.covered} of {row.trials} | {row.shrinkage:+.2f} |" for row in table.itertuples()]
    first = table.iloc[0]
    lines += ["", f"If intervals hold exactly, 95 % of counts lie from {first.expected_low} to {first.expected_high}."]
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """Make the table of runs, or what is left of it, and print the table of coverage."""
    parser = argparse.ArgumentParser(description="Coverage of a calibration on synthetic data.")
    parser.add_argument("calibration", type=Path)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--out", type=Path, default=Path("results/coverage"))
    asked = parser.parse_args(words)
    calibration = load_calibration(asked.calibration)
    executor = Processes(asked.workers)
    try:
        table = prior_table(calibration, asked.runs, asked.out, executor)
    finally:
        executor.shutdown(wait=False)
    print(as_markdown(covered(table, calibration, asked.trials)))
    print(f"\n{len(table)} runs. {CAUTION}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
