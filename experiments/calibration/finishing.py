"""What a finished calibration writes: posterior, tables, figure and manifest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.calibration import (
    FIGURE,
    JUDGED,
    LEARNED,
    POSTERIOR,
    RUNS,
    SIMULATED,
    Calibration,
    figure_in,
    files_of_figures,
)
from experiments.calibration.emulating import Emulated
from experiments.calibration.judging import judge
from experiments.calibration.learning import effective_size, trade_offs, weighted_quantile, what_was_learned
from experiments.calibration.origin import origin
from experiments.calibration.posterior import caution_of, write_posterior
from experiments.calibration.runs import table_of
from experiments.calibration.smc import Approximation, Particles
from experiments.folders import write_text_atomically
from experiments.languages import LANGUAGES, which, written
from experiments.parquet import checked
from experiments.provenance import sha256
from experiments.results import write_manifest_atomically, write_table_atomically
from sim.errors import ConfigError
from sim.outcome import Language


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A calibration that has run.

    Attributes:
        folder: where its files are.
        calibration: the calibration.
        generations: one row per generation: threshold, runs, acceptance, effective size.
        posterior: one row per particle: weight, distance, generation, seed, parameters.
        simulated: one row per figure: claimed, tolerance, mean and central 90 % of the simulated.
        learned: prior and posterior of every parameter (`learning.what_was_learned`).
        judged: one row per figure of one's own: observed beside simulated surveys (`judging.judge`).
        explained: of an emulator: share of each figure's variance that it predicts in runs it has not seen, by label.
        trade_offs: pairs of parameters that the figures hold together.
        complete: whether the last threshold was reached.
    """

    folder: Path
    calibration: Calibration
    generations: pd.DataFrame
    posterior: pd.DataFrame
    simulated: pd.DataFrame
    learned: pd.DataFrame
    judged: pd.DataFrame
    trade_offs: pd.DataFrame
    complete: bool
    explained: Mapping[str, float] = field(default_factory=dict)


def finish(
    calibration: Calibration,
    folder: Path,
    found: Approximation,
    manifest: dict[str, Any],
) -> Calibrated:
    """Write what follows from the generations: all of it can be written again from the runs.

    Args:
        calibration: what was fitted.
        folder: where.
        found: its generations and runs.
        manifest: as it is so far.

    Raises:
        ConfigError: not even the first threshold was reached.
    """
    particles = found.generations
    if not particles:
        raise ConfigError(
            f"fewer than {calibration.least_acceptance:g} of the runs come within {calibration.thresholds[0]:g} "
            "tolerances of what is fitted; give a higher first threshold, or wider priors",
            source=str(calibration.source),
            key="thresholds[0]",
        )
    last = particles[-1]
    complete = isinstance(found, Emulated) or len(particles) == len(calibration.thresholds)
    learned = what_was_learned(calibration.factors, last.quantiles, last.weight)
    generations = _table_of_generations(particles)
    explained: dict[str, float] = {}
    if isinstance(found, Emulated):
        labels = [own.label for own in calibration.observed]
        explained = dict(zip(labels, map(float, found.emulator.explained), strict=True))
    note = _note(calibration, manifest, last, complete)
    own = {name: getattr(last, name) for name in ("weight", "distance", "seed")}
    own["generation"] = np.full(last.weight.size, last.generation, np.int32)
    values = calibration.values_at(last.quantiles)
    write_posterior(
        folder / POSTERIOR,
        {name: own[name] for name in ("weight", "distance", "generation", "seed")},
        values,
        note,
    )
    write_table_atomically(_long(last, calibration), folder / SIMULATED)
    write_table_atomically(table_of(found.runs, calibration), folder / RUNS)
    write_text_atomically(folder / LEARNED, learned.to_csv(index=False, lineterminator="\n"))
    judged = judge(calibration, last.figures, last.weight)
    if calibration.targets:
        write_text_atomically(folder / JUDGED, judged.to_csv(index=False, lineterminator="\n"))
    calibrated = Calibrated(
        folder=folder,
        calibration=calibration,
        generations=generations,
        posterior=pd.read_parquet(checked(folder / POSTERIOR)),
        simulated=_beside_claims(last, calibration),
        learned=learned,
        judged=judged,
        explained=explained,
        trade_offs=trade_offs(calibration.factors, last.quantiles, last.weight),
        complete=complete,
    )
    for language in LANGUAGES:  # a figure of one language alone would stay when what it shows has changed
        draw(calibrated, language)
    names = (POSTERIOR, SIMULATED, RUNS, LEARNED, *files_of_figures(), *([JUDGED] if calibration.targets else []))
    files = {name: sha256(folder / name) for name in names}
    more = {**note, "generations": generations.to_dict("records"), "files": files}
    write_manifest_atomically(folder, {**manifest, **more})
    return calibrated


def draw(found: Calibrated, language: Language = "en") -> None:
    """Write the figure of a calibration into its folder: what was learned, and what is simulated beside what is fitted.

    Args:
        found: the calibration.
        language: of its words.
    """
    from experiments.figures.pictures import stamp_of, write_figure
    from experiments.figures.sheet import Sheet
    from experiments.paper.drawings.posterior import Posterior

    calibration, options = found.calibration, Posterior.Options()
    table = Posterior.table(found, options)
    emulated, particles = calibration.method == "emulator", len(found.posterior)
    runs = calibration.runs if emulated else int(found.generations.runs.sum())
    count = {"runs": written(f"{runs:,}", language), "n": written(f"{particles:,}", language)}
    title = calibration.title.en if language == "en" else calibration.title.fa or calibration.title.en
    note = which(_EMULATED if emulated else _NOTE, language).format(**count)
    note = f"{note} {caution_of(calibration.origins, language)}"
    sheet = Sheet(language, title=title, note=note)
    stamp = stamp_of(FIGURE, "mahalle calibrate", language, calibration.base, asked=calibration.digest, n=particles)
    stamp["seed"] = calibration.seed
    caption = which(_CAPTION, language)
    name = figure_in(language)
    write_figure(lambda on: Posterior.draw(table, options, on), sheet, found.folder, name, stamp, caption)


_NOTE = ("{n} particles of {runs} runs.", "{n} ذره از {runs} اجرا.")
_EMULATED = (
    "{n} particles, a run each, by an emulator that was fitted to {runs} other runs.",
    "{n} ذره، هر یک با یک اجرا، به کمک مدل جانشینی که بر {runs} اجرای دیگر برازش شده است.",
)

_CAPTION = (
    "Left: mean and central 90 % of the posterior of each parameter within its prior range (grey: the prior's central"
    " 90 %); red: learned beyond chance; triangle: pressed against a bound of the prior. Right: what the posterior "
    "simulates less what is claimed, in tolerances, or less what a survey observed, in standard errors (filled: held "
    "out; hollow: fitted; cross: outside the interval; number: the week).",
    "چپ: میانگین و ۹۰٪ میانی توزیع پسین هر پارامتر در دامنه پیشین آن (خاکستری: ۹۰٪ میانی پیشین)؛ قرمز: آموخته"
    " فراتر از تصادف؛ مثلث: چسبیده به مرز پیشین. راست: آنچه با پسین شبیه‌سازی شده منهای آنچه ادعا شده، به واحد "
    "رواداری، یا منهای آنچه در نظرسنجی دیده شده، به واحد خطای معیار (توپر: کنارگذاشته؛ توخالی: برازش‌شده؛ ضربدر: "
    "بیرون از بازه؛ عدد: شماره هفته).",
)


def _note(calibration: Calibration, manifest: dict[str, Any], last: Particles, complete: bool) -> dict[str, Any]:
    """What goes with the posterior wherever it goes."""
    return {
        "title": calibration.title.model_dump(),
        "caution": caution_of(calibration.origins),
        "origins": list(calibration.origins),
        "method": calibration.method,
        "claims": [
            {
                "pattern": own.pattern,
                "figure": own.part,
                "claimed": own.claimed,
                "tolerance": own.tolerance,
                "tag": own.tag,
                "source": own.source,
                "verified": False,
            }
            for own in calibration.figures
        ],
        "targets": [
            {
                "figure": own.label,
                "observed": own.value,
                "error": own.error,
                "answers": own.answers,
                "held_out": own.held_out,
                "origin": own.origin,
                "source": own.source,
            }
            for own in calibration.targets
        ],
        "missing": calibration.missing,
        "digest": calibration.digest,
        "model": next(iter(manifest["models"])),
        "city": calibration.base.city.title.en,
        "origin": origin(calibration.base, calibration.keys),
        "scale": calibration.base.run.scale,
        "weeks": calibration.base.run.weeks,
        "root_seed": calibration.seed,
        "threshold": None if math.isnan(last.threshold) else last.threshold,
        "complete": complete,
    }


def _table_of_generations(particles: list[Particles]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "generation": own.generation,
            "threshold": own.threshold,
            "runs": own.runs,
            "acceptance": own.weight.size / own.runs,
            "effective_size": effective_size(own.weight),
        }
        for own in particles
    )


def _long(last: Particles, calibration: Calibration) -> pd.DataFrame:
    columns = ("particle", "pattern", "figure", "claimed", "simulated")
    tables = [pd.DataFrame(columns=columns)] if not calibration.figures else [
        pd.DataFrame(
            {
                "particle": np.arange(last.weight.size, dtype=np.int32),
                "pattern": own.pattern,
                "figure": own.part,
                "claimed": own.claimed,
                "simulated": last.figures[own.label].to_numpy(),
            }
        )
        for own in calibration.figures
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def _beside_claims(last: Particles, calibration: Calibration) -> pd.DataFrame:
    rows = []
    for own in calibration.figures:
        values = last.figures[own.label].to_numpy()
        rows.append(
            {
                "pattern": own.pattern,
                "figure": own.part,
                "claimed": own.claimed,
                "tolerance": own.tolerance,
                "simulated": float((last.weight * values).sum()),
                "low": weighted_quantile(values, last.weight, 0.05),
                "high": weighted_quantile(values, last.weight, 0.95),
            }
        )
    names = ["pattern", "figure", "claimed", "tolerance", "simulated", "low", "high"]
    return pd.DataFrame(rows, columns=names)
