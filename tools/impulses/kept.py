"""`python -m tools.impulses`: measure the model's time scales and keep them for the ODD."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from experiments.folders import print_or_write
from experiments.impulses import ARMS, FOLLOWED_WEEKS, IMPULSES, half_lives, responses
from experiments.patterns import KINDS_OF_TRUST
from sim.config import Config, load_config
from tools import ROOT
from tools.impulses.stability import FINDINGS, stability

CITY = ROOT / "configs/cities/rafsanjan.yaml"
VALUES = ROOT / "results/reference/impulses.csv"
STABILITY = ROOT / "results/reference/stability.csv"
SEEDS = range(1, 6)
SCALE = 0.05


type Cells = tuple[list[str], list[list[str]]]
"""Head and rows of a table."""


def city() -> Config:
    """The city whose time scales the documents report."""
    return load_config(CITY).with_values({"run.scale": SCALE})


def stored() -> pd.DataFrame:
    """The responses kept."""
    return pd.read_csv(VALUES)


def time_scales(table: pd.DataFrame, config: Config) -> Cells:
    """Half-lives: stated, and measured in each arm as median and range over replications."""
    found = half_lives(table)
    rows = []
    for impulse in IMPULSES:
        stated = impulse.stated(config)
        measured = [
            _shown(found[(found.arm == arm) & (found.impulse == impulse.what)].half_life.tolist()) for arm in ARMS
        ]
        rows.append([impulse.what, f"{stated:.0f}" if math.isfinite(stated) else "none", f"`{impulse.key}`", *measured])
    return ["state", "stated half-life, weeks", "by", *(f"measured, {arm}" for arm in ARMS)], rows


def stability_table(kept: pd.DataFrame) -> Cells:
    """What trust keeps, by kind and arm: means over replications."""
    means = kept.groupby(["kind", "arm"], sort=False)[list(FINDINGS)].mean()
    rows = []
    for name, words in FINDINGS.items():
        shown = "{:+.3f}" if name == "drift" else "{:.2f}"
        rows.append([words, *(shown.format(means.loc[(kind, arm), name]) for kind in KINDS_OF_TRUST for arm in ARMS)])
    return ["", *(f"{kind}, {arm}" for kind in KINDS_OF_TRUST for arm in ARMS)], rows


def _shown(values: Sequence[float]) -> str:
    def weeks(value: float) -> str:
        return f"{value:.0f}" if math.isfinite(value) else f"over {FOLLOWED_WEEKS}"

    ordered = sorted(values)
    low, middle, high = ordered[0], ordered[len(ordered) // 2], ordered[-1]
    return weeks(middle) if weeks(low) == weeks(high) else f"{weeks(middle)} ({weeks(low)} to {weeks(high)})"


def main() -> int:
    """Measure and keep; the pictures are figures 1 and 8 of the paper."""
    table = responses(city(), SEEDS)
    print_or_write(table.to_csv(index=False, float_format="%.5g", lineterminator="\n"), VALUES)
    kept = stability(city(), SEEDS)
    print_or_write(kept.to_csv(index=False, float_format="%.5g", lineterminator="\n"), STABILITY)
    return 0
