"""Coverage on synthetic data: how often the truth lies in its 90 % interval, from the runs of a calibration.

    python -m tools.coverage DIR [--trials N]      (make coverage)

DIR is the folder of a calibration. The runs of its first generation, accepted or not, are draws of the prior. Each
trial takes one of them as what was observed and its parameters as the truth, and fits all others to it by rejection:
those within the tolerances are accepted, each alike. That is how a calibration with the single threshold 1 works; with
several, this checks figures, tolerances, intervals and how much there is to learn, and not the proposals and weights of
sequential Monte Carlo, which the tests check on a problem whose posterior is known exactly.

For a calibration by an emulator it is simulation-based calibration: each run of the design in turn is surveyed as the
city was, and the emulator, fitted to runs without it, is asked for its parameters. `--csv FILE` keeps the table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration import coverage
from experiments.calibration.calibration import CALIBRATION, Calibration, Floats
from experiments.calibration.coverage import prior_table
from experiments.calibration.posterior import caution_of
from experiments.calibration.reader import load_calibration
from experiments.folders import write_text_atomically
from experiments.manifest import manifest_in
from experiments.provenance import model_digest
from sim.errors import ConfigError

LEAST_ACCEPTED = 10
"""A truth with fewer accepted runs is skipped, because its interval would rest on a handful of particles."""

_STREAM = 1_668_247_158


def of_this_model(folder: Path) -> bool:
    """Whether the runs of a calibration were made by the model as it is now."""
    manifest = manifest_in(folder)
    return manifest is not None and model_digest() in manifest.get("models", {})


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

    Truths are the first runs of the table, which are draws of the prior. One to which fewer than `LEAST_ACCEPTED` runs
    come near is no trial and is counted: of such truths, which lie where the prior hardly goes, nothing is checked.

    Returns:
        one row per parameter: key, trials, passed_over (truths with too few near them), covered, expected_low and
        expected_high (where 95 % of such counts would lie if intervals held exactly), mean shrinkage in the prior's
        quantiles.
    """
    from scipy import stats

    quantiles = table[[f"q:{key}" for key in calibration.keys]].to_numpy()
    figures = table[[own.label for own in calibration.figures]].to_numpy()
    tolerances = np.array([own.tolerance for own in calibration.figures])
    inside: list[np.ndarray[Any, Any]] = []
    shrinkage: list[Floats] = []
    passed_over = 0
    for truth in range(len(table)):
        if len(inside) == trials:
            break
        accepted = rejection(figures, figures[truth], tolerances, truth)
        if len(accepted) < LEAST_ACCEPTED:
            passed_over += 1
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
            "passed_over": passed_over,
            "covered": np.sum(inside, axis=0) if count else 0,
            "expected_low": int(low),
            "expected_high": int(high),
            "shrinkage": np.mean(shrinkage, axis=0) if count else float("nan"),
        }
    )


def _tie_breaks(seed: int, truth: int, size: int) -> Floats:
    """Places between neighbouring ranks, so that an interval of exactly 90 % exists for every number of particles."""
    return np.random.default_rng(np.random.SeedSequence([seed, truth, _STREAM])).random(size)


def as_markdown(table: pd.DataFrame) -> str:
    """The table as docs/calibration.md has it."""
    lines = ["| parameter | truth in its 90 % interval | shrinkage, mean of trials |", "| --- | --- | --- |"]
    lines += [f"| `{row.key}` | {row.covered} of {row.trials} | {row.shrinkage:+.2f} |" for row in table.itertuples()]
    first = table.iloc[0]
    looked_at = first.trials + first.passed_over
    lines += ["", f"If intervals hold exactly, 95 % of counts lie from {first.expected_low} to {first.expected_high}."]
    lines += [
        f"Of {looked_at} truths looked at, {first.passed_over} passed over: fewer than {LEAST_ACCEPTED} other "
        "runs come within the tolerances of them, and of such truths nothing is checked."
    ]
    return "\n".join(lines)


def by_emulator(
    table: pd.DataFrame, calibration: Calibration, count: int, folder: Path, kept: Path | None = None
) -> str:
    """The table of simulation-based calibration in Markdown; kept as CSV, too, if a file is named.

    Args:
        table: runs at draws of the prior (`prior_table`).
        calibration: by an emulator.
        count: of trials.
        folder: of the calibration, whose manifest names the model.
        kept: file of the table; its first lines say how it was made.
    """
    trials = coverage.trials_in(calibration, table, count)
    found = coverage.coverage_table(calibration.keys, trials)
    if kept is not None:
        models = ", ".join((manifest_in(folder) or {}).get("models", {}))
        made = f"mahalle calibrate …; python -m tools.coverage DIR --trials {count} --csv FILE"
        head = [f"# {calibration.title.en}: {made}", f"# model {models}", f"# calibration {calibration.digest}"]
        runs = f"{len(table)} runs at draws of the prior, seed {calibration.seed}"
        head.append(f"# {runs}, scale {calibration.base.run.scale:g}, {calibration.base.run.weeks} weeks")
        text = "\n".join([*head, found.to_csv(index=False, lineterminator="\n")])
        write_text_atomically(kept, text)
    return coverage.as_markdown(found, trials)


def main(words: Sequence[str] | None = None) -> int:
    """Print the table of coverage."""
    parser = argparse.ArgumentParser(description="Coverage of a calibration on synthetic data.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of a finished calibration")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="keep the table of an emulator")
    asked = parser.parse_args(words)
    try:
        calibration = load_calibration(asked.folder / CALIBRATION)
        table = prior_table(calibration, asked.folder)
    except (ConfigError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if calibration.method == "emulator":
        print(by_emulator(table, calibration, asked.trials, asked.folder, asked.csv))
    elif calibration.targets:
        print(f"{asked.folder}: figures of one's own are checked with method: emulator alone", file=sys.stderr)
        return 2
    else:
        print(as_markdown(covered(table, calibration, asked.trials)))
    print(f"\n{len(table)} runs. {caution_of(calibration.origins)}", file=sys.stderr)
    if not of_this_model(asked.folder):
        print(
            "caution: another version of the model made these runs, and the table is for that version", file=sys.stderr
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
