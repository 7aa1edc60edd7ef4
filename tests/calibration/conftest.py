"""A linear Gaussian toy with a known posterior and a tiny calibration of the city."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import stats

from experiments.calibration.calibration import Figure
from experiments.calibration.smc import Problem

ROOT = Path(__file__).parents[2]

NOISE = 0.5
"""Standard deviation of the toy's noise; its prior is a standard normal."""

TINY = {
    "title": "{en: Tiny, fa: کوچک}",
    "base": str(ROOT / "configs/cities/rafsanjan.yaml"),
    "parameters": "{behaviour.delivery.programme_success: range, "
    "behaviour.delivery.base_duration_weeks: {loguniform: [10, 80]}, behaviour.choice.first_round_after_weeks: range}",
    "patterns": "[{pattern: 1, part: share of residents, claimed: 0.0098, tolerance: 0.0025}, "
    "{pattern: 3, part: programmes held, claimed: 1500, tolerance: 375}]",
    "thresholds": "[3, 2, 1.5]",
    "population": "10",
    "seed": "5",
    "run": "{scale: 0.002, weeks: 215}",
}
"""A calibration of which a run takes a tenth of a second or two."""

SHORT = {
    "patterns": "[{pattern: 1, part: share of residents, claimed: 0.0098, tolerance: 0.0025}]",
    "thresholds": "[4, 3.9, 3.8]",
    "run": "{scale: 0.002, weeks: 40}",
}
"""Changes of it: only the office holders of the first councils, so that a run takes some hundredths of a second."""


def toy(quantiles, seed):
    """One noisy observation of a standard normal parameter."""
    theta = stats.norm.ppf(quantiles[0])
    return {"1 y": float(theta + NOISE * np.random.default_rng(seed).standard_normal())}


def toy_problem(observed: float) -> Problem:
    return Problem(1, toy, (Figure(1, "y", observed, 1.0, "claimed", ""),))


def tiny(folder: Path, **changes: str) -> Path:
    """Write the tiny calibration with some keys changed, a key a line, and return its path."""
    file = folder / "tiny.yaml"
    file.write_text("".join(f"{key}: {value}\n" for key, value in {**TINY, **changes}.items()), encoding="utf-8")
    return file


SURVEYED = {
    "title": "{en: Surveyed, fa: نظرسنجی}",
    "base": str(ROOT / "configs/cities/lakeside.yaml"),
    "parameters": "{behaviour.trust.initial_trust_in_municipality: range, "
    "behaviour.participation.base_propensity: range}",
    "survey": "[{file: figures.csv, label: survey}]",
    "method": "emulator",
    "runs": "50",
    "population": "10",
    "seed": "3",
    "run": "{scale: 0.002, weeks: 40}",
}
"""A calibration by an emulator of which a run takes some hundredths of a second."""

FIGURES = (
    "trust_in_municipality,20,,,0.45,0.02,,\n"
    "trust_in_municipality,20,cohort=youth,,,,,\n"
    "trust_in_municipality,40,,,0.45,0.02,,yes\n"
    "ever_participated_rate,40,,,0.1,,500,\n"
)


def surveyed_file(folder: Path, rows: str = FIGURES, **changes: str) -> Path:
    """Write figures of one's own and a calibration that is fitted to them; return its path."""
    head = "outcome,week,group,neighbourhood,value,standard_error,n,held_out\n"
    (folder / "figures.csv").write_text(head + rows, encoding="utf-8")
    file = folder / "surveyed.yaml"
    file.write_text("".join(f"{key}: {value}\n" for key, value in {**SURVEYED, **changes}.items()), encoding="utf-8")
    return file
