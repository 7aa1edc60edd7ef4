"""What a posterior says of each figure of one's own, fitted or held out, beside what was observed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.calibration.calibration import Calibration, Floats
from experiments.calibration.learning import weighted_quantile
from experiments.calibration.naming import place_of
from experiments.calibration.targets import surveyed

REPEATS = 20
"""Surveys that are simulated in the run of each particle."""

_STREAM = 1_785_029_481

COLUMNS = (
    *("figure", "neighbourhood", "origin", "held_out", "week", "observed", "error", "answers"),
    *("simulated", "low", "high", "place", "inside"),
)


def judge(calibration: Calibration, figures: pd.DataFrame, weight: Floats) -> pd.DataFrame:
    """Posterior predictive of each figure of one's own: what a survey like one's own would find.

    Args:
        calibration: the figures.
        figures: of the runs of the particles, a column a label.
        weight: of the particles, (n,), of sum 1.

    Returns:
        one row a figure: its label, and its neighbourhood by name where it is of a single one; what was observed and
        its standard error; mean of the simulated, and low and high, the central 90 % of simulated surveys; place, the
        share of them below what was observed (ties count half); inside, whether it lies from low to high. A figure that
        is undefined in a run has no part in that run.
    """
    draw = np.random.default_rng(np.random.SeedSequence([calibration.seed, _STREAM]))
    simulated = figures[[own.label for own in calibration.targets]].to_numpy()
    surveys = np.concatenate([surveyed(calibration.targets, simulated, draw) for _ in range(REPEATS)])
    weights = np.tile(weight, REPEATS) / REPEATS
    rows = []
    for at, own in enumerate(calibration.targets):
        known = ~np.isnan(surveys[:, at])
        found, share = surveys[known, at], weights[known]
        share = share / share.sum() if known.any() else share
        low, high = (weighted_quantile(found, share, part) if known.any() else np.nan for part in (0.05, 0.95))
        place = share[found < own.value].sum() + 0.5 * share[found == own.value].sum() if known.any() else np.nan
        rows.append(
            {
                "figure": own.label,
                "neighbourhood": place_of(own.label, calibration.places),
                "origin": own.origin,
                "held_out": own.held_out,
                "week": own.week,
                "observed": own.value,
                "error": own.error,
                "answers": np.nan if own.answers is None else own.answers,
                "simulated": float((share * found).sum()) if known.any() else np.nan,
                "low": low,
                "high": high,
                "place": float(place),
                "inside": bool(low <= own.value <= high),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
