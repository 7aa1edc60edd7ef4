"""Simulation-based calibration of a fit by an emulator: how often it finds the parameters of runs held back."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibration.calibration import CALIBRATION, KIND, RUNS, Calibration, Figure, Floats
from experiments.calibration.emulator import Emulator, fit_emulator
from experiments.calibration.targets import Observed, Target, surveyed
from experiments.calibration.tempering import draw_posterior
from experiments.languages import texts_of, which, written
from experiments.manifest import manifest_in
from experiments.narrow import frame_in_text
from experiments.parquet import checked
from experiments.provenance import sha256
from experiments.titles import title_of
from sim.errors import ConfigError
from sim.outcome import Language

FOLDS = 10
"""The emulator of a trial has not seen the tenth of the runs in which its truth is."""

DRAWS, WIDTH = 1_000, 110
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


def cells_of(table: pd.DataFrame, language: Language = "en") -> pd.DataFrame:
    """The table in words: one text column for each head of `HEADS`, the first of them the key, or `JOINT`."""

    def number(value: float, form: str = ".0f") -> str:
        return written(format(value, form), language)

    def shares(*values: float) -> list[str]:
        return [number(100 * value) for value in values]

    text, rows = texts_of(_TEXTS, language), []
    for row in table.to_dict("records"):
        low, high = shares(row["low"], row["high"])
        rows.append(
            (
                row["key"],
                text("of", covered=number(row["covered"]), trials=number(row["trials"])),
                text("interval", low=low, high=high),
                text("below") if row["uniform"] < 0.01 else number(row["uniform"], ".2f"),
                "" if row["key"] == JOINT else text("per cent", share=shares(row["shrinkage"])[0]),
            )
        )
    return pd.DataFrame(rows, columns=[which(head, language) for head in HEADS])


def of_figures_held_out(trials: Sequence[Trial], language: Language = "en") -> str:
    """A line about the figures held out; "" if there are none."""
    inside = np.array([trial.inside for trial in trials])
    if not inside.size:
        return ""
    said = {"share": 100 * inside.mean(), "all": inside.size, "each": inside.shape[1], "trials": len(trials)}
    numbers = {name: written(f"{value:,.1f}".removesuffix(".0"), language) for name, value in said.items()}
    return texts_of(_TEXTS, language)("held out", **numbers)


def as_markdown(table: pd.DataFrame, trials: Sequence[Trial]) -> str:
    """The table in Markdown, and a line about the figures held out."""
    cells = cells_of(table)
    lines = [f"| {' | '.join(cells.columns)} |", f"| {' | '.join('---' for _ in cells.columns)} |"]
    for key, *others in cells.itertuples(index=False):
        lines.append(f"| {' | '.join([key if key == JOINT else f'`{key}`', *others])} |")
    held_out = of_figures_held_out(trials)
    return "\n".join([*lines, *(["", held_out] if held_out else [])])


def as_page(table: pd.DataFrame, trials: Sequence[Trial], language: Language = "en") -> str:
    """The table for a terminal, what it says, and a line about the figures held out."""
    text, cells = texts_of(_TEXTS, language), cells_of(table, language)
    head = cells.columns[0]
    names = [key.removeprefix("behaviour.") if language == "en" else title_of(key, "fa") for key in table["key"][:-1]]
    said = [text("title", trials=written(str(len(trials)), language)), of_figures_held_out(trials, language)]
    title, held_out = (textwrap.fill(line, WIDTH) for line in said)
    shown = frame_in_text(cells.assign(**{head: [*names, text("joint")]}), ".2f")
    return "\n".join([title, shown, *([held_out] if held_out else [])])


def prior_table(calibration: Calibration, folder: Path) -> pd.DataFrame:
    """Runs at draws of the prior: one column `q:KEY` per parameter (its quantile) and one per figure.

    They are the runs of the first generation up to the last that it needed.

    Args:
        calibration: the calibration.
        folder: where it was done.

    Raises:
        ConfigError: the folder holds no finished calibration, or another one.
    """
    manifest = manifest_in(folder)
    if manifest is None or manifest.get("made_by") != KIND.made_by or "generations" not in manifest:
        raise ConfigError("holds no finished calibration; mahalle calibrate makes one", source=str(folder))
    if manifest.get("digest") != calibration.digest:
        raise ConfigError(f"its {CALIBRATION} was changed since", source=str(folder))
    if not (folder / RUNS).is_file() or sha256(folder / RUNS) != manifest["files"].get(RUNS):
        problem = f"{RUNS} is missing or was changed since; mahalle calibrate, given again, writes it again"
        raise ConfigError(problem, source=str(folder))
    runs = pd.read_parquet(checked(folder / RUNS))
    return runs[runs["generation"] == 0].drop(columns=["generation", "number", "seed"])


def trials_in(calibration: Calibration, table: pd.DataFrame, count: int) -> list[Trial]:
    """Trials of a design of runs, as `prior_table` gives it; see `trials_of`."""
    quantiles = table[[f"q:{key}" for key in calibration.keys]].to_numpy()
    return trials_of(calibration, quantiles, table, count)


def refuse_coverage(calibration: Calibration, count: int) -> None:
    """Refuse what cannot be judged from the runs of a calibration.

    Raises:
        ConfigError: the calibration is not by an emulator, or has fewer runs than trials are asked for.
    """
    if calibration.method != "emulator":
        problem = f"goes with method: emulator; {calibration.source} has method: {calibration.method}"
        raise ConfigError(problem, source="--coverage")
    if count > calibration.runs:
        problem = f"takes a run for each trial: at most {calibration.runs:,} here, not {count:,}"
        raise ConfigError(problem, source="--coverage")


HEADS = (
    ("parameter", "پارامتر"),
    ("truth in its 90 % region", "مقدار درست در ناحیه ۹۰٪"),
    ("95 % interval of the coverage", "بازه اطمینان ۹۵٪ برای پوشش"),
    ("ranks uniform: p", "یکنواختی رتبه‌ها: p"),
    ("posterior narrower by", "باریک‌تر شدن پسین"),
)

_TEXTS = {
    "title": (
        "Coverage in {trials} trials: in each, one run of the design is the truth, is surveyed as your city was, and "
        "is looked for by a fit that has not seen it (simulation-based calibration)",
        "پوشش در {trials} آزمون: در هر یک، یکی از اجراهای طرح حقیقت فرض می‌شود، مانند شهر شما از آن نظرسنجی می‌شود و "
        "برازشی که آن را ندیده است در پی آن می‌رود (واسنجی بر پایه شبیه‌سازی)",
    ),
    "of": ("{covered} of {trials}", "{covered} از {trials}"),
    "interval": ("{low} to {high} %", "{low} تا {high}٪"),
    "below": ("below 0.01", "کمتر از ۰٫۰۱"),
    "per cent": ("{share} %", "{share}٪"),
    "joint": (JOINT, "همه با هم"),
    "held out": (
        "Held-out figures in the 90 % interval of simulated surveys: {share} % of {all}, {each} in each of {trials} "
        "trials.",
        "ارقام کنارگذاشته در بازه ۹۰٪ نظرسنجی‌های شبیه‌سازی‌شده: {share}٪ از {all} رقم، {each} رقم در هر یک از "
        "{trials} آزمون.",
    ),
}
