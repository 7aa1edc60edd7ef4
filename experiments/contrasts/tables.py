"""From the outcomes of a sweep to contrasts: long tables of differences from a base."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from experiments.contrasts.statistics import probability_best, t_interval, variance_reduction
from experiments.sweeps.outcomes import NEIGHBOURHOOD
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.reading import nearest

HIGHEST, LOWEST = "highest", "lowest"

BEST = {
    **dict.fromkeys(
        (
            "trust_in_municipality",
            "trust_in_council",
            "trust_in_people",
            "performance",
            "belonging",
            "hope",
            "participation_rate",
            "ever_participated_rate",
            "service_level",
            "spending_need_match",
            "youth_skill",
            "civic_skill",
            "talent_pool",
            "bridging_ties",
            "construction_projects_finished",
        ),
        HIGHEST,
    ),
    **dict.fromkeys(
        (
            "service_gini",
            "service_theil",
            "below_floor_share",
            "construction_projects_late",
            "construction_projects_failed",
            "fatigue",
            "trust_polarisation",
            "voters_without_winner_share",
        ),
        LOWEST,
    ),
}
"""Which end of an outcome counts as best: a convention for ranking and for the words gain and loss, stated with them.
What a programme puts in or costs (programmes, money, leaks, those who leave) has no better end here and is not ranked:
a policy without councils has none of it by construction."""

KEYS = ["policy", "base", "outcome", "week", "group"]
COLUMNS = [*KEYS, "difference", "low", "high", "probability_best", "variance_reduction", "replications"]

_SPELT = re.compile(r"(?P<name>[^\[\]:]+)(?:\[(?P<group>[^\]]*)\])?(?P<statistic>:.*)?")


def split_label(label: str) -> tuple[str, str]:
    """Outcome and group of a label: of ``hope[cohort=youth]:mean(53-104)``, ``hope:mean(53-104)`` and ``cohort=youth``.

    Weeks that stand in a column of their own are left out of the outcome.
    """
    found = _SPELT.fullmatch(label)
    if found is None:
        return label, ""
    statistic = found["statistic"] or ""
    if statistic.startswith((":week", ":every")):
        statistic = ""
    return found["name"] + statistic, found["group"] or ""


@dataclass(frozen=True, eq=False)
class Arms:
    """Outcomes of a sweep by arm: what is compared, under the same luck and the same assumptions.

    Attributes:
        names: the arms, in the order of the points.
        values: unit, arm, outcome (label), week, value. A unit is a replication; where uncertainties are sampled, a row
            of the sample, with the mean over those of its replications in which no arm failed.
    """

    names: tuple[str, ...]
    values: pd.DataFrame

    @cached_property
    def by_outcome(self) -> dict[tuple[str, int], pd.DataFrame]:
        """Units by arms, for each label and week."""
        found = {}
        for (label, week), group in self.values.groupby(["outcome", "week"], sort=False):
            table = group.pivot(index="unit", columns="arm", values="value").reindex(columns=list(self.names))
            found[(str(label), int(str(week)))] = table
        return found


def arms_of(sweep: Sweep) -> Arms:
    """The arms of a sweep (a policy with the values of levers), with their outcomes."""
    experiment = sweep.experiment
    sampled = {factor.key for factor in experiment.design.factors}
    names, rows, seen = [], [], dict[str, int]()
    for point in experiment.points:
        set_here = [f"{key}={_short(value)}" for key, value in point.values.items() if key not in sampled]
        name = " ".join([point.policy, *set_here])
        names.append(name)
        rows.append(seen.get(name, 0))
        seen[name] = rows[-1] + 1
    done = sweep.runs.loc[sweep.runs.status == "done", ["run_id", "point"]]
    merged = sweep.outcomes.merge(done, on="run_id")
    point_of = merged["point"].to_numpy()
    merged["arm"] = np.array(names, dtype=object)[point_of]
    merged["unit"] = merged["replication"]
    if max(rows) > 0:
        merged["unit"] = np.array(rows)[point_of]
        arms = merged.groupby(["unit", "replication"])["arm"].transform("nunique")
        merged = merged[arms == len(seen)]  # a replication in which an arm failed would not be paired
        keys = ["unit", "arm", "outcome", "week"]
        merged = merged.groupby(keys, sort=False)["value"].mean().reset_index()
    return Arms(tuple(seen), merged[["unit", "arm", "outcome", "week", "value"]])


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=list)


def contrasts(sweep: Sweep, base: str, confidence: float = 0.95) -> pd.DataFrame:
    """Differences of every arm of a sweep from a base, paired by replication (or row of the sample, see `Arms`).

    A replication counts for an arm if both it and the base have a value. Nothing is adjusted for the number of
    comparisons: of intervals of 95 % about nothing, one in twenty leaves 0 out. Single neighbourhoods are left out
    (`neighbourhood_shares`), for each seed draws its own.

    Args:
        sweep: a sweep; its arms are its policies, with the values of its levers.
        base: the arm to compare with, such as ``status_quo`` or ``base policy.hub.kinds=["school"]``.
        confidence: of the intervals.

    Returns:
        One row an arm, outcome, week (-1: over weeks) and group (such as ``cohort=youth``; empty for the city): policy,
        base, outcome, week, group, difference, low, high (units of the outcome), probability_best (among all arms, the
        base included, by `BEST`; nan where no end is better), variance_reduction, replications.

    Raises:
        ConfigError: no such arm.
    """
    arms = arms_of(sweep)
    _refuse_unless_there(base, arms)
    rows = []
    for (label, week), table in arms.by_outcome.items():
        outcome, group = split_label(label)
        if group.startswith(f"{NEIGHBOURHOOD}="):
            continue
        best = _probabilities(table, outcome)
        for name in arms.names:
            if name == base:
                continue
            pair = table[[base, name]].dropna().to_numpy()
            mean, low, high = t_interval(pair[:, 1] - pair[:, 0], confidence)
            gained = variance_reduction(pair[:, 0], pair[:, 1])
            rows.append((name, base, outcome, week, group, mean, low, high, best[name], gained, len(pair)))
    return pd.DataFrame(rows, columns=COLUMNS)


def means(sweep: Sweep) -> pd.DataFrame:
    """Mean of each outcome in each arm: policy, outcome, week, group, mean, replications."""
    rows = []
    for (label, week), table in arms_of(sweep).by_outcome.items():
        outcome, group = split_label(label)
        rows += [(name, outcome, week, group, table[name].mean(), int(table[name].count())) for name in table]
    return pd.DataFrame(rows, columns=["policy", "outcome", "week", "group", "mean", "replications"])


def neighbourhood_shares(sweep: Sweep, base: str, confidence: float = 0.95) -> pd.DataFrame:
    """In how many neighbourhoods an outcome is higher, lower or the same as under the base: shares of neighbourhoods.

    Within a replication the neighbourhoods are the same under all policies, so each is compared with itself; shares are
    then averaged over replications. Without an effect, luck alone makes as many higher as lower.

    Returns:
        One row an arm, outcome, week and direction (higher, lower, same): policy, base, outcome, week, direction,
        better (whether the direction is the better end; None if there is none), share, low, high, replications.

    Raises:
        ConfigError: no such arm.
    """
    arms = arms_of(sweep)
    _refuse_unless_there(base, arms)
    found = arms.values[arms.values["outcome"].str.contains(f"[{NEIGHBOURHOOD}=", regex=False)]
    rows = []
    for (outcome, week), group in _of_neighbourhoods(found).groupby(["outcome", "week"], sort=False):
        table = group.pivot(index=["unit", "group"], columns="arm", values="value")
        for name in arms.names:
            if name == base or name not in table or base not in table:
                continue
            differences = (table[name] - table[base]).dropna()
            signs = {"higher": differences > 0.0, "lower": differences < 0.0, "same": differences == 0.0}
            for direction, counted in signs.items():
                shares = np.array([float(share) for share in counted.groupby("unit").mean()])
                end = BEST.get(str(outcome).partition(":")[0])
                better = None if end is None or direction == "same" else (direction == "higher") == (end == HIGHEST)
                share, low, high = t_interval(shares, confidence)
                bounds = (share, max(low, 0.0), min(high, 1.0))
                rows.append((name, base, outcome, week, direction, better, *bounds, len(shares)))
    columns = ["policy", "base", "outcome", "week", "direction", "better", "share", "low", "high", "replications"]
    return pd.DataFrame(rows, columns=columns)


def _of_neighbourhoods(values: pd.DataFrame) -> pd.DataFrame:
    split = {label: split_label(label) for label in values["outcome"].unique()}
    labels = values["outcome"]
    return values.assign(
        outcome=labels.map({label: name for label, (name, _) in split.items()}),
        group=labels.map({label: group for label, (_, group) in split.items()}),
    )


def _probabilities(table: pd.DataFrame, outcome: str) -> dict[str, float]:
    end = BEST.get(outcome.partition(":")[0])
    complete = table.dropna().to_numpy()
    if end is None:
        return dict.fromkeys(table.columns, float("nan"))
    chances = probability_best(complete, highest=end == HIGHEST)
    return dict(zip(table.columns, map(float, chances), strict=True))


def _refuse_unless_there(base: str, arms: Arms) -> None:
    if base not in arms.names:
        hint = nearest(base, arms.names) or f"; allowed here: {', '.join(arms.names)}"
        raise ConfigError(f'no such policy in the sweep: "{base}"{hint}')
