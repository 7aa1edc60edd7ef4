"""From a sweep to findings: indices of every outcome under every policy, what was dropped, and the noise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.councils import may_have_councils, saying_nothing
from experiments.sensitivity.indices import COLUMNS, IncompleteDesignError, indices, whole_part
from experiments.sensitivity.luck import Luck, components, floors, luck
from experiments.sensitivity.sides import luck_beside
from experiments.study.runner import RETRY
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.pairs import partners, positions
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.reading import nearest

Floats = NDArray[np.float64]

SETTING = ("outcome", "policy", "levers", "against")
"""What indices belong to: `against` names the policy whose value was taken off, or is empty."""

LUCK = ("replications", "repeated", "mean", "sd", "luck_share", "noise_share", "floor", "kept", "of")
"""Columns of the noise table: `repeated` points used to measure the noise; `mean` and `sd` of the values analysed, over
the points of the design; `floor` of a number (that of a choice is in the table of indices); `kept` of `of` trajectories
or blocks."""


@dataclass(frozen=True)
class Findings:
    """The results of an analysis.

    Attributes:
        table: one row per index: outcome, policy, levers, against, factor, other, method, index, value, low, high,
            floor (the noise floor of ``mu_star`` and ``ST``; NaN if the noise was not measured).
        luck: one row per outcome and setting: `SETTING` and `LUCK`.
        notes: what was dropped or left out, a sentence each.
    """

    table: pd.DataFrame
    luck: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """One combination of policy and levers, under which the whole sample was run.

    Attributes:
        policy: its name.
        levers: `key=value`, joined by commas; empty without levers.
        points: numbers of its points, in the order of the sample.
    """

    policy: str
    levers: str
    points: slice


def settings_of(experiment: Experiment, rows: int, factors: Collection[str]) -> list[Setting]:
    """The combinations of policy and levers of an experiment, each with `rows` points that vary `factors`."""
    where = positions(experiment, factors)
    starts = range(0, len(where), rows)
    return [Setting(where[start].policy, where[start].levers, slice(start, start + rows)) for start in starts]


def values_of(sweep: Sweep) -> dict[str, Floats]:
    """Each outcome that is one number (a series: its last week) at all points, (points, replications); NaN where none.

    Returns:
        arrays by the outcome's label, in the order of the experiment.
    """
    runs, points = sweep.runs, len(sweep.experiment.points)
    replications = int(runs["replication"].max()) + 1
    found = sweep.outcomes.groupby(["run_id", "outcome"], sort=False).tail(1)
    by_outcome = dict(iter(found.groupby("outcome", sort=False)))
    arrays = {}
    for outcome in sweep.experiment.outcomes:
        if not outcome.is_number:
            continue
        values = np.full(points * replications, np.nan)
        rows = by_outcome.get(outcome.label)
        if rows is not None:
            values[rows["run_id"].to_numpy()] = rows["value"].to_numpy()
        arrays[outcome.label] = values.reshape(replications, points).T
    return arrays


def analyse(
    sweep: Sweep,
    *,
    base: str | None = None,
    gaps: Literal["refuse", "drop"] = "refuse",
    confidence: float = 0.95,
    repeated: Sweep | None = None,
) -> Findings:
    """Indices of every outcome of a sweep, under every policy and combination of levers.

    Args:
        sweep: its design is morris or sobol.
        base: a policy of the experiment; the others are then analysed as differences from it, pair by pair of runs
            with the same assumptions, levers and seed.
        gaps: what Sobol' indices do about points without a value; see `indices.indices`.
        confidence: level of the intervals.
        repeated: a sweep of some points of the same experiment, several times each, by which the noise is measured if
            `sweep` itself has one replication; if None, that in ``NAME-luck`` beside its folder, if there is one.

    Raises:
        ConfigError: the design or the base do not fit.
        IncompleteDesignError: points without values leave nothing to analyse.
    """
    experiment = sweep.experiment
    if experiment.design.kind not in ("morris", "sobol"):
        raise ConfigError(
            f"sensitivity needs the design morris or sobol, not {experiment.design.kind}",
            source=None if experiment.source is None else str(experiment.source),
            key="design.kind",
        )
    factors = [factor.key for factor in experiment.design.factors]
    settings = settings_of(experiment, len(experiment.design.sample), factors)
    source, again = sweep, settings
    notes = list(_what_is_missing(sweep))
    if repeated is None and int(sweep.runs["replication"].max()) == 0:
        repeated = luck_beside(sweep)
    if repeated is not None:
        source = repeated
        if set(repeated.runs["model"]) - set(sweep.runs["model"]) - {""}:
            notes.append(f"the noise was measured by another version of the model than these runs: {repeated.folder}")
        again = settings_of(repeated.experiment, len(repeated.experiment.points) // len(settings), factors)
    measured = {(label, own.policy, own.levers): values for label, own, _, values in _cases(source, again, base)}
    tables: list[pd.DataFrame] = []
    lucks: list[dict[str, Any]] = []
    if base is not None and (nothing := without_meaning(experiment, base)):
        notes.append(f"left out, for under {base} there is no council to compare with: {', '.join(nothing)}")
    for label, setting, against, values in _cases(sweep, settings, base):
        head = dict(zip(SETTING, (label, setting.policy, setting.levers, against), strict=True))
        averages = values.mean(axis=1)  # NaN where one replication is missing
        part = whole_part(experiment.design, averages)
        try:
            found = indices(experiment.design, averages, gaps=gaps, confidence=confidence).assign(**head)
        except IncompleteDesignError as error:
            notes.append(f"{label}, {setting.policy}: no indices, for {error}")
            continue
        parts = components(measured[label, setting.policy, setting.levers])
        now = luck(experiment.design, averages, values.shape[1], parts)
        tables.append(found.assign(floor=_floors(found, experiment, now)))
        used = parts.used if parts.replications > 1 else 0
        there = averages[np.isfinite(averages)]
        varies = np.ptp(there) > 0.0  # the deviation of equal numbers is dust, not 0
        spread = (float(there.mean()), float(there.std()) if varies else 0.0)
        numbers = (values.shape[1], used, *spread, now.share, now.noise, now.floor)
        lucks.append(head | dict(zip(LUCK, (*numbers, part.kept, part.of), strict=True)))
    if not tables:
        raise IncompleteDesignError("; ".join(notes) or "the experiment has no outcome that is one number")
    table = pd.concat(tables, ignore_index=True)[[*SETTING, *COLUMNS, "floor"]]
    return Findings(table, pd.DataFrame(lucks, columns=[*SETTING, *LUCK]), tuple(notes))


def _floors(table: pd.DataFrame, experiment: Experiment, found: Luck) -> pd.Series:
    """The noise floor of those indices of a table that have one."""
    by_factor = table["factor"].map(floors(experiment.design, found))
    return by_factor.where(table["index"].isin(["mu_star", "ST"]))


def without_meaning(experiment: Experiment, base: str) -> list[str]:
    """Labels of the outcomes whose difference from a base has no meaning, because the base never has councils."""
    labels = [outcome.label for outcome in experiment.outcomes if outcome.is_number]
    doubtful = [label for label in labels if saying_nothing([re.split(r"[\[:]", label)[0]])]
    return doubtful if doubtful and not _ever_councils(experiment, base) else []


def _ever_councils(experiment: Experiment, policy: str) -> bool:
    """Whether there may be councils under a policy, under some of the levers."""
    arms = {place.levers: number for number, place in enumerate(positions(experiment)) if place.policy == policy}
    return any(may_have_councils(experiment.config_of(experiment.points[number], 0)) for number in arms.values())


def _cases(sweep: Sweep, settings: Sequence[Setting], base: str | None) -> Iterator[tuple[str, Setting, str, Floats]]:
    """Label, setting, base and values of every outcome under every setting; with a base, paired differences from it."""
    left_out: list[str] = []
    if base is not None:
        refuse_base(base, sweep.experiment)
        left_out = without_meaning(sweep.experiment, base)
    for label, values in values_of(sweep).items():
        if label in left_out:
            continue
        own = values if base is None else values - values[partners(sweep.experiment, base)]
        for setting in settings:
            if setting.policy != base:
                yield label, setting, base or "", own[setting.points]


def refuse_base(base: str, experiment: Experiment) -> None:
    """Refuse a base that is no policy of an experiment with several."""
    names = list(dict.fromkeys(point.policy for point in experiment.points))
    if base not in names or len(names) < 2:
        allowed = nearest(base, names) or f"; its policies are {', '.join(names)}"
        raise ConfigError(f'"{base}" is no policy of the experiment with which others could be compared{allowed}',
                          source="--base")  # fmt: skip


def _what_is_missing(sweep: Sweep) -> Iterator[str]:
    """Runs that failed or are missing, and outcomes that are left out."""
    counts = sweep.runs["status"].value_counts()
    what = "whole trajectories" if sweep.experiment.design.kind == "morris" else "whole blocks"
    for status in ("failed", "missing"):
        if counts.get(status, 0):
            again = f"; {RETRY} repeats them" if status == "failed" else ""
            yield f"{counts[status]:,} of {len(sweep.runs):,} runs {status}: {what} they stand in are not used{again}"
    several = [outcome.label for outcome in sweep.experiment.outcomes if not outcome.is_number]
    if several:
        yield f"left out, because they are several numbers: {', '.join(several)}"
