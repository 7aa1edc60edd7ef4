"""What each assumption moves, from a stored screening, for the register of parameters."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.folders import at_once
from experiments.provenance import model_digest
from experiments.register import More, rows
from experiments.results import write_json_at_once
from experiments.sensitivity.analysis import Findings
from experiments.sensitivity.screening import relative
from experiments.sensitivity.store import LUCK, NOTE, TABLE
from experiments.sweeps.experiment import load_experiment
from sim.errors import ConfigError

REFERENCE = Path(__file__).parents[2] / "results" / "reference" / "sensitivity.csv"
"""The committed screening; what it was made of stands beside it, in sensitivity.json."""

WORTH_NAMING = 0.1
"""Share of the largest mu_star from which an outcome is named."""

A_LOT = 1.0 / 3.0
"""Share of the largest mu_star of some outcome from which a parameter moves a lot."""

COLUMNS = ("moves", "warning")
"""Added to the register."""

WARNING = "moves a lot on no evidence"


@dataclass(frozen=True)
class Screening:
    """A stored screening.

    Attributes:
        table: one row an outcome and factor; see `screening.relative`.
        provenance: of the runs: model, date, experiment, base, scale, weeks, design.
    """

    table: pd.DataFrame
    provenance: Mapping[str, Any]

    @property
    def outcomes(self) -> list[str]:
        """Outcomes under the first setting, which is the one that the register shows."""
        return [str(label) for label in self.of_first["outcome"].unique()]

    @property
    def of_first(self) -> pd.DataFrame:
        """The rows of the first policy and levers."""
        first = self.table.iloc[0]
        return self.table[(self.table[["policy", "levers"]] == [first["policy"], first["levers"]]).all(axis=1)]

    @property
    def is_current(self) -> bool:
        """Whether the runs were made by the model as it is now."""
        return list(self.provenance["model"]) == [model_digest()[:12]]


def read_screening(path: Path) -> Screening:
    """The screening in a sweep's folder, or in a CSV that `keep` wrote.

    Raises:
        ConfigError: there is none.
    """
    try:
        if path.is_dir():
            findings = Findings(pd.read_parquet(path / TABLE), pd.read_parquet(path / LUCK), ())
            note = json.loads((path / NOTE).read_text(encoding="utf-8"))
            table = relative(findings)
        else:
            table = pd.read_csv(path, keep_default_na=False, na_values={"floor": [""], "sigma": [""]})
            note = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError):
        raise ConfigError(
            "holds no screening; mahalle sensitivity makes one, with the design morris", source=str(path)
        ) from None
    return Screening(table, note)


def keep(folder: Path, experiment: Path, target: Path = REFERENCE) -> None:
    """Write the screening of a sweep's folder as a small CSV, figures to four digits, and a note of its making.

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
    table = found.table.drop(columns=["against"])
    with at_once(target) as partial:
        table.to_csv(partial, index=False, float_format="%.4g", lineterminator="\n")
    write_json_at_once(target.with_suffix(".json"), {"experiment": experiment.name, **found.provenance})


def more_of(found: Screening) -> More:
    """Columns for the register: what each parameter moves, and whether it moves a lot on no evidence."""
    tags = {row.key: row.tag for row, _ in rows()}
    cells: dict[str, tuple[str, str]] = {}
    for key, own in found.of_first.groupby("factor", sort=False):
        named = own[(own["share"] >= WORTH_NAMING) & own["beyond_luck"]].sort_values("share", ascending=False)
        moves = ", ".join(
            f"{outcome} {mu_star:.2g} ({share:.0%} of the largest)"
            for outcome, mu_star, share in named[["outcome", "mu_star", "share"]].itertuples(index=False)
        )
        cells[str(key)] = (moves or "little", WARNING if is_warned(own, tags.get(str(key), "")) else "")
    return More(COLUMNS, cells)


def is_warned(own: pd.DataFrame, tag: str) -> bool:
    """Whether a parameter with these rows and this evidence tag moves a lot on no evidence."""
    return tag == "assumption" and bool(((own["share"] >= A_LOT) & own["beyond_luck"]).any())


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
