"""From screening to Sobol' indices: selection of factors, and the experiments for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.sensitivity.analysis import SETTING, Findings
from experiments.sweeps.designs import Factor
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.reader import read_experiment
from sim.yaml_text import Document

REPEATED = 3
"""Replications of the points by which the noise is measured."""


AT_LEAST, AT_MOST = 0.1, 10
"""Factors for the Sobol' analysis: those with this share of an outcome's largest mu_star, and at most so many."""

TIMES_LUCK = 2.0
"""Multiple of the noise floor that a mu_star must exceed. Its interval is not used: with few trajectories the interval
of a factor that acts only in a small part of the space reaches 0, and a screening must not lose such a factor."""


@dataclass(frozen=True)
class Choice:
    """The factors that matter in screening.

    Attributes:
        keys: by their largest share of any outcome's largest mu_star, falling.
        passed: how many met the rule, before the cut at `most`.
        rule: in a sentence.
    """

    keys: tuple[str, ...]
    passed: int
    rule: str


def relative(findings: Findings) -> pd.DataFrame:
    """The mu_star of each factor relative to the largest of its outcome and setting, and to the noise floor.

    Args:
        findings: of a Morris design.

    Returns:
        `SETTING`, factor, mu_star, low, high, sigma, mu, share (of the largest mu_star, in [0, 1]), floor, beyond_luck
        (whether mu_star is above `TIMES_LUCK` floors, or above 0 if the noise was not measured).
    """
    heads = list(SETTING)
    table = findings.table[findings.table["method"] == "morris"]
    wide = table.pivot(index=[*heads, "factor"], columns="index", values="value").reset_index()
    ends = table.loc[table["index"] == "mu_star", [*heads, "factor", "low", "high", "floor"]]
    wide = findings.luck[heads].merge(wide, on=heads).merge(ends, on=[*heads, "factor"])  # in the order of settings
    largest = wide.groupby(heads)["mu_star"].transform("max")
    wide["share"] = np.where(largest > 0.0, wide["mu_star"] / largest.where(largest > 0.0, 1.0), 0.0)
    wide["beyond_luck"] = wide["mu_star"] > TIMES_LUCK * wide["floor"].fillna(0.0)
    return wide[[*heads, "factor", "mu_star", "low", "high", "sigma", "mu", "share", "floor", "beyond_luck"]]


def chosen(findings: Findings, *, at_least: float = AT_LEAST, most: int = AT_MOST) -> Choice:
    """The factors that matter for some outcome, at most so many.

    Args:
        findings: of a Morris design.
        at_least: share of the outcome's largest mu_star.
        most: factors to keep.
    """
    table = relative(findings)
    passing = table[(table["share"] >= at_least) & table["beyond_luck"]]
    order = passing.groupby("factor")["share"].max().sort_values(ascending=False, kind="stable")
    measured = bool(table["floor"].notna().any())
    beyond = f"more than {TIMES_LUCK:g} times the noise floor" if measured else "above 0, noise not measured"
    rule = (
        f"a factor matters if, for some outcome, its mu_star is at least {at_least:g} of the largest one and "
        f"{beyond}; of these at most {most}"
    )
    return Choice(tuple(map(str, order.index[:most])), len(order), rule)


def sobol_experiment(experiment: Experiment, keys: Sequence[str], samples: int, *, second_order: bool) -> Experiment:
    """The same experiment with a Sobol' design over some of its factors; the others stay as the base has them.

    Raises:
        ConfigError: the number of samples is no power of two.
    """
    factors = [factor for factor in experiment.design.factors if factor.key in keys]
    changes = {
        "uncertainties": {factor.key: _written(factor) for factor in factors},
        "design": {"kind": "sobol", "samples": samples, "second_order": second_order},
    }
    return _changed(experiment, changes)


def luck_experiment(experiment: Experiment, count: int) -> Experiment:
    """Some points of a Morris or Sobol' design, evenly over its rows, each several times under every policy."""
    rows = len(experiment.design.sample)
    places = np.unique(np.linspace(0, rows - 1, min(count, rows)).round().astype(int))
    first = experiment.points[0].policy
    starts = [start for start in range(0, len(experiment.points), rows) if experiment.points[start].policy == first]
    different = _different(experiment, places)
    points = [dict(experiment.points[start + place].values) for start in starts for place in different]
    changes = {"uncertainties": {}, "levers": {}, "design": {"kind": "list", "points": points}}
    return _changed(experiment, changes | {"replications": REPEATED})


def _different(experiment: Experiment, places: Iterable[int]) -> list[int]:
    """Rows without those that repeat an earlier one, as a Morris design of few factors may."""
    kept: list[int] = []
    for place in map(int, places):
        if all(experiment.points[place].values != experiment.points[other].values for other in kept):
            kept.append(place)
    return kept


def _changed(experiment: Experiment, changes: Mapping[str, Any]) -> Experiment:
    """The experiment with other content, read as if it stood in a separate file."""
    source = experiment.source if experiment.source is not None else Path("experiment.yaml")
    return read_experiment(Document(str(source), {**experiment.content, **changes}), source)


def _written(factor: Factor) -> dict[str, list[Any]]:
    """A factor's distribution as an experiment has it."""
    return {factor.family: list(factor.arguments)}
