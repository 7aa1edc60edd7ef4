"""The numbers of a small run stay what they were until somebody changes them on purpose: `make baseline`."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from sim import City, load_config

BASELINE = Path("results/reference/rafsanjan_small.csv")
SETTINGS = {"run.scale": 0.02, "run.weeks": 156}
WEEKS = [0, 26, 52, 104, 156]


def test_small_run_equals_the_baseline() -> None:
    """Every outcome of the city at five weeks, to nine digits."""
    found = City(load_config("configs/cities/rafsanjan.yaml", values=SETTINGS), rng=1).run().history
    found = found[found.week.isin(WEEKS)].reset_index(drop=True)
    if os.environ.get("UPDATE_BASELINE") == "yes":
        BASELINE.parent.mkdir(parents=True, exist_ok=True)
        found.to_csv(BASELINE, index=False, float_format="%.12g", lineterminator="\n")
    expected = pd.read_csv(BASELINE)
    assert list(expected.columns) == list(found.columns)
    moved = [
        name
        for name in expected.columns
        if not np.allclose(expected[name], found[name].astype(float), rtol=1e-9, atol=1e-11, equal_nan=True)
    ]
    assert moved == [], f"changed: {', '.join(moved)}; if that is meant, run `make baseline` and say why in the commit"
