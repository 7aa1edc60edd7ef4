"""A synthetic survey of known truth, for the example of docs/survey.md: `configs/calibrations/lakeside_survey.csv`.

    python -m tools.survey FILE.csv

One run of the fictional city of Lakeside, with parameters that are written down here, is asked as a survey would ask
it: shares get the binomial error of so many answers, means a normal one. Nothing in the file is data of any place.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.folders import atomic_write
from experiments.sweeps.outcomes import parse, read
from sim.city import City
from sim.config import load_config

TRUTH = {
    "behaviour.trust.initial_trust_in_municipality": 0.46,
    "behaviour.trust.deprivation_slope": 0.22,
    "behaviour.trust.half_life_weeks": 52,
    "behaviour.trust.evidence_per_experience": 0.3,
    "behaviour.trust.loss_to_gain_ratio": 1.4,
    "behaviour.expectation.pledge_rise": 0.09,
    "behaviour.participation.base_propensity": -4.0,
    "behaviour.participation.asked_weight": 1.8,
    "behaviour.participation.resources_weight": 1.6,
}
"""The parameters that the fit is to find again."""

SEED, SCALE, WEEKS = 2_026, 0.05, 104
WAVES = (8, 52, 78, 104)
HELD_OUT = 104
"""The wave that is not fitted and is judged after the fit."""

SPREAD = 0.2
"""Standard deviation of a level between respondents."""

MEANS = {
    "trust_in_municipality": {"": 1500, "deprivation=least": 300, "deprivation=most": 300, "cohort=youth": 250},
    "trust_in_council": {"": 1500},
    "expectation": {"": 1500, "deprivation=most": 300},
}
SHARES = {
    "participation_rate": {"": 1500, "sex=woman": 780, "sex=man": 720, "attendance=attender": 560},
    "ever_participated_rate": {"": 1500, "cohort=youth": 250, "deprivation=least": 300},
}
"""Answers by outcome and group."""

MISSING = (("trust_in_municipality", "cohort=youth", 52), ("participation_rate", "attendance=attender", 78))
"""Cells that are empty in the file, as they are in real ones."""


def synthetic_survey() -> pd.DataFrame:
    """The rows of the file: outcome, week, group, value, standard_error, n, held_out."""
    base = load_config("lakeside")
    city = City(base.with_values({**TRUTH, "run.seed": SEED, "run.scale": SCALE, "run.weeks": WEEKS})).run()
    draw = np.random.default_rng(SEED)
    rows = []
    for name, groups in {**MEANS, **SHARES}.items():
        for group, answers in groups.items():
            asked = f"{name}[{group}]" if group else name
            values = read(city, [parse({asked: {"week": list(WAVES)}}, WEEKS)])["value"]
            for week, true in zip(WAVES, map(float, values), strict=True):
                rows.append(_row(name, group, week, true, answers, draw))
    return pd.DataFrame(rows).sort_values(["week", "outcome", "group"], kind="stable")


def _row(name: str, group: str, week: int, true: float, answers: int, draw: np.random.Generator) -> dict[str, object]:
    error = SPREAD / np.sqrt(answers)
    value = draw.binomial(answers, true) / answers if name in SHARES else true + error * draw.standard_normal()
    missing = (name, group, week) in MISSING
    return {
        "outcome": name,
        "week": week,
        "group": group,
        "value": "" if missing else f"{value:.4f}",
        "standard_error": "" if name in SHARES else f"{error:.4f}",
        "n": answers if name in SHARES else "",
        "held_out": "yes" if week == HELD_OUT else "",
    }


def main(words: Sequence[str] | None = None) -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description="A synthetic survey of known truth.")
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    asked = parser.parse_args(words)
    with atomic_write(asked.file) as partial:
        synthetic_survey().to_csv(partial, index=False, lineterminator="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
