"""The effect of each assumption, from a stored screening, for the register of parameters.

Effects are on the *policy gap*, the outcome under the programme less that under the status quo with the same
assumptions and common random numbers, and on the *level*, the outcome itself. The choice of a policy depends on the
gap: an error in an assumption that raises an outcome equally under every policy does not affect the choice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.parquet import checked
from experiments.provenance import model_digest
from experiments.register import NO_EVIDENCE, More, rows
from experiments.sensitivity.analysis import SETTING, Findings
from experiments.sensitivity.screening import relative
from experiments.sensitivity.store import LUCK, NOTE, TABLE, bases_in, name_for
from sim.config import Config
from sim.errors import ConfigError

WORTH_NAMING = 0.1
"""Share of the largest mu_star from which an outcome is named."""

A_LOT = 1.0 / 3.0
"""Share of the largest mu_star of some outcome from which a parameter moves a lot."""

COLUMNS = ("moves the gap", "moves", "warning")
"""Added to the register."""

WARNING_GAP = "moves a policy's effect a lot on no evidence"
WARNING = "moves a level a lot on no evidence"


@dataclass(frozen=True)
class Screening:
    """A stored screening.

    Attributes:
        table: one row an outcome, setting and factor; see `screening.relative`; beside it the `mean` of the setting's
            values.
        provenance: of the runs: model, date, experiment, base, scale, weeks, design.
    """

    table: pd.DataFrame
    provenance: Mapping[str, Any]

    @property
    def levels(self) -> pd.DataFrame:
        """What moves the outcomes themselves: rows of the first policy and levers; none if only gaps are stored."""
        return _of_first(self.table[self.table["against"] == ""])

    @property
    def gaps(self) -> pd.DataFrame:
        """What moves the outcomes' differences from a base: rows of the first policy and levers; maybe none."""
        return _of_first(self.table[self.table["against"] != ""])

    def is_current(self, kind: type[Config] = Config) -> bool:
        """Whether the runs were made by the model, with the extensions of a class of configs, as it is now."""
        return list(self.provenance["model"]) == [model_digest(kind.loaded)[:12]]


def _of_first(table: pd.DataFrame) -> pd.DataFrame:
    first = table.head(1)[["policy", "levers"]]
    return table.merge(first, on=["policy", "levers"])


def screened(findings: Findings) -> pd.DataFrame:
    """`relative`, with the mean of each setting's values."""
    heads = list(SETTING)
    return relative(findings).merge(findings.luck[[*heads, "mean"]], on=heads)


def read_screening(path: Path) -> Screening:
    """The screening in a sweep's folder, or in a CSV of the same columns with a note of its making beside it.

    Of a folder the analysis of levels, and of those of differences the last one made.

    Raises:
        ConfigError: there is none.
    """
    try:
        if path.is_dir():
            bases = bases_in(path) or [None]
            found, noise = (pd.concat([pd.read_parquet(checked(path / name_for(file, base))) for base in bases])
                            for file in (TABLE, LUCK))  # fmt: skip
            table = screened(Findings(found, noise, ()))
            note = json.loads((path / name_for(NOTE, bases[-1])).read_text(encoding="utf-8"))
        else:
            maybe_none = {name: [""] for name in ("floor", "sigma", "mean")}
            table = pd.read_csv(path, keep_default_na=False, na_values=maybe_none)
            note = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError):
        raise ConfigError(
            "holds no screening; mahalle sensitivity makes one, with the design morris", source=str(path)
        ) from None
    return Screening(table, note)


def more_of(found: Screening, kind: type[Config] = Config) -> More:
    """Columns for the register: what each parameter moves, and whether it moves a lot on no evidence."""
    tags = {row.key: row.tag for row, _ in rows(kind)}
    gaps, levels = found.gaps, found.levels
    cells: dict[str, tuple[str, str, str]] = {}
    for key in found.table["factor"].unique():
        of_gap, of_level = (table[table["factor"] == key] for table in (gaps, levels))
        warning = warning_of(of_gap, of_level, tags.get(str(key), ""))
        cells[str(key)] = (_moved(of_gap), _moved(of_level), warning)
    return More(COLUMNS, cells)


def _moved(own: pd.DataFrame) -> str:
    """The outcomes that a parameter moves, in words; empty if that was not screened."""
    if own.empty:
        return ""
    named = own[(own["share"] >= WORTH_NAMING) & own["beyond_luck"]].sort_values("share", ascending=False)
    return (
        "little"
        if named.empty
        else ", ".join(
            f"{outcome} {mu_star:.2g} ({share:.0%} of the largest)"
            for outcome, mu_star, share in named[["outcome", "mu_star", "share"]].itertuples(index=False)
        )
    )


def warning_of(of_gap: pd.DataFrame, of_level: pd.DataFrame, tag: str) -> str:
    """What there is to say against a parameter that moves a lot on no evidence; empty if nothing.

    Args:
        of_gap, of_level: its rows of `Screening.gaps` and `Screening.levels`.
        tag: its evidence.

    Returns:
        `WARNING_GAP`; else, for what moves a level only, `WARNING`.
    """
    if tag not in NO_EVIDENCE:
        return ""
    if moves_a_lot(of_gap):
        return WARNING_GAP
    return WARNING if moves_a_lot(of_level) else ""


def moves_a_lot(own: pd.DataFrame) -> bool:
    """Whether a parameter with these rows has an effect of `A_LOT` of the largest one, and above the noise floor."""
    return bool(((own["share"] >= A_LOT) & own["beyond_luck"]).any())
