"""Simulation-based calibration of a fit by an emulator: how often it finds the parameters of runs held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibration.calibration import Calibration, Figure, Floats
from experiments.calibration.emulator import Emulator, fit_emulator
from experiments.calibration.targets import Observed, Target, surveyed
from experiments.calibration.tempering import draw_posterior

FOLDS = 10
"""The emulator of a trial has not seen the tenth of the runs in which its truth is."""

DRAWS = 1_000
REGION = 0.9
JOINT = "all together"
"""Name of the row for the region of all parameters at once."""

_STREAM = 1_936_876_915


@dataclass(frozen=True, eq=False)
class Trial:
    """One run taken as the truth, and what the fit says of it.

    Attributes:
        rank: share of draws below the true quantile, by parameter, (parameters,).
        height: share of draws whose likelihood is below that of the truth.
        shrinkage: 1 - sd of the draws / sd of the prior, in quantiles, (parameters,).
        inside: which of the figures held out lie in their central 90 %, (figures,).
    """

    rank: Floats
    height: float
    shrinkage: Floats
    inside: NDArray[np.bool_]


def trials_of(calibration: Calibration, quantiles: Floats, figures: pd.DataFrame, count: int) -> list[Trial]:
    """Take the first runs of a design as truths, one after another, survey each, and fit the emulator to the survey.

    Args:
        calibration: what is observed, with which errors; the values observed do not matter.
        quantiles: of the design, draws of the prior, (runs, parameters).
        figures: of its runs, a column a label.
        count: of trials, at most one a run.
    """
    own = (*calibration.observed, *(target for target in calibration.targets if target.held_out))
    values = figures[[one.label for one in own]].to_numpy()
    usable = ~np.isnan(values).any(axis=0)
    values, own = values[:, usable], tuple(one for one, there in zip(own, usable, strict=True) if there)
    shares = np.array([one.answers is not None for one in own])
    fitted = sum(usable[: len(calibration.observed)])
    folds = np.arange(len(values)) % FOLDS
    emulators = {
        fold: fit_emulator(quantiles[folds != fold], values[folds != fold], shares) for fold in range(min(FOLDS, count))
    }
    return [
        _trial(calibration.seed, truth, emulators[int(folds[truth])], own, int(fitted), quantiles[truth], values[truth])
        for truth in range(min(count, len(values)))
    ]


def _trial(
    root: int, number: int, emulator: Emulator, own: Sequence[Observed], fitted: int, truth: Floats, figures: Floats
) -> Trial:
    draw = np.random.default_rng(np.random.SeedSequence([root, number, _STREAM]))
    answers = surveyed(own, figures[None, :], draw)[0]
    observed = [_with_value(one, float(value)) for one, value in zip(own, answers, strict=True)][:fitted]
    density = partial(emulator.part(slice(fitted)).log_likelihood, observed)
    draws = draw_posterior(density, len(truth), DRAWS, draw)
    below = (draws < truth).sum(axis=0)
    rank = (below + draw.random(len(truth))) / (DRAWS + 1)
    lower = (density(draws) < density(truth[None, :])).sum()
    predicted = surveyed(own[fitted:], emulator.part(slice(fitted, None)).runs(draws, draw), draw)
    low, high = np.quantile(predicted, [0.05, 0.95], axis=0)
    return Trial(
        rank,
        float((lower + draw.random()) / (DRAWS + 1)),
        1.0 - draws.std(axis=0) * np.sqrt(12.0),
        (answers[fitted:] >= low) & (answers[fitted:] <= high),
    )


def _with_value(one: Observed, value: float) -> Observed:
    if isinstance(one, Target):
        return replace(one, value=value)
    assert isinstance(one, Figure)
    return replace(one, claimed=value)


def coverage_table(keys: Sequence[str], trials: Sequence[Trial]) -> pd.DataFrame:
    """How often the truth lies in the 90 % interval of each parameter, and in the 90 % region of all at once.

    Returns:
        one row per parameter, and `JOINT`: trials, covered; low and high, the 95 % interval of the coverage (Clopper
        and Pearson 1934); uniform, the p-value of ranks that are uniform, as they are if the fit is right (Kolmogorov
        and Smirnov; Talts et al. 2018); shrinkage, mean of the trials.
    """
    from scipy import stats

    ranks = np.array([trial.rank for trial in trials])
    within = (ranks >= 0.05) & (ranks <= 0.95)
    rows = [(key, within[:, at], ranks[:, at], _mean_shrinkage(trials, at)) for at, key in enumerate(keys)]
    heights = np.array([trial.height for trial in trials])
    rows.append((JOINT, heights >= 1.0 - REGION, heights, float("nan")))
    found = []
    for key, inside, rank, shrinkage in rows:
        covered = int(inside.sum())
        interval = stats.binomtest(covered, len(trials)).proportion_ci(0.95)
        uniform = float(stats.kstest(rank, "uniform").pvalue)
        found.append((key, len(trials), covered, interval.low, interval.high, uniform, shrinkage))
    columns = ["key", "trials", "covered", "low", "high", "uniform", "shrinkage"]
    return pd.DataFrame(found, columns=columns)


def _mean_shrinkage(trials: Sequence[Trial], at: int) -> float:
    return float(np.mean([trial.shrinkage[at] for trial in trials]))


def as_markdown(table: pd.DataFrame, trials: Sequence[Trial]) -> str:
    """The table in Markdown, and a line about the figures held out."""
    head = "truth in its 90 % region", "95 % interval of the coverage", "ranks uniform: p", "posterior narrower by"
    lines = [f"| parameter | {' | '.join(head)} |", "| --- | --- | --- | --- | --- |"]
    for row in table.to_dict("records"):
        name = row["key"] if row["key"] == JOINT else f"`{row['key']}`"
        narrower = "" if row["key"] == JOINT else f"{100 * row['shrinkage']:.0f} %"
        interval = f"{100 * row['low']:.0f} to {100 * row['high']:.0f} %"
        counts = f"{row['covered']} of {row['trials']}"
        uniform = "below 0.01" if row["uniform"] < 0.01 else f"{row['uniform']:.2f}"
        lines.append(f"| {name} | {counts} | {interval} | {uniform} | {narrower} |")
    inside = np.array([trial.inside for trial in trials])
    if inside.size:
        held = f"{100 * inside.mean():.1f} % of {inside.size:,}, {inside.shape[1]} in each of {len(trials)} trials"
        lines += ["", f"Held-out figures in the 90 % interval of simulated surveys: {held}."]
    return "\n".join(lines)
