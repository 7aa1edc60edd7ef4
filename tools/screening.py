"""`python -m tools.screening FOLDER EXPERIMENT`: keep a screening as the project's own, for docs/parameters.md."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from experiments.folders import atomic_write
from experiments.results import write_json_atomically
from experiments.sensitivity.analysis import analyse
from experiments.sensitivity.screened import Screening, read_screening, screened
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.tables import load
from sim.errors import ConfigError
from tools import ROOT

REFERENCE = ROOT / "results" / "reference" / "sensitivity.csv"
"""The committed screening; what it was made of stands beside it, in sensitivity.json."""


def both(folder: Path, base: str | None) -> pd.DataFrame:
    """What moves the levels under the first policy, and what moves its gap to a base, from a sweep.

    Luck is measured by the sweep in ``NAME-luck``, if there is one.

    Args:
        folder: the sweep's.
        base: a policy of its experiment; None leaves out the gap.

    Raises:
        ConfigError: the folder holds no sweep of a Morris design, or no such policy.
    """
    sweep = load(folder)
    levels = Screening(screened(analyse(sweep)), {}).levels
    if base is None:
        return levels
    gaps = screened(analyse(sweep, base=base))
    return pd.concat([levels, gaps], ignore_index=True)


def keep(folder: Path, experiment: Path, target: Path = REFERENCE) -> None:
    """Write the screening of a sweep's folder as a small CSV, figures to four digits, and a note of its making.

    It holds the levels under the first policy; and the gaps, if `mahalle sensitivity --base` has analysed them.

    Args:
        folder: the sweep's.
        experiment: the file that it ran, which the note names.
        target: the CSV; the note stands beside it as JSON.

    Raises:
        ConfigError: the folder holds no screening, or that of another experiment.
    """
    found = read_screening(folder)
    if load_experiment(experiment).digest != found.provenance["experiment_digest"]:
        raise ConfigError(f"holds the screening of another experiment than {experiment}", source=str(folder))
    table = both(folder, found.provenance["against"])
    with atomic_write(target) as partial:
        table.to_csv(partial, index=False, float_format="%.4g", lineterminator="\n")
    write_json_atomically(target.with_suffix(".json"), {"experiment": experiment.name, **found.provenance})


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
