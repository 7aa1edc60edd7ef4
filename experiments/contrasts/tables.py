"""From the outcomes of a sweep to contrasts: long tables of differences from a base."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.cautions import caution
from experiments.contrasts.statistics import (
    crossed_interval,
    middle_range,
    over_looks,
    probability_best,
    shares_better_and_worse,
    t_interval,
    variance_reduction,
)
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import NEIGHBOURHOOD
from experiments.sweeps.pairs import places
from experiments.sweeps.stopping import looks
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.policies import in_force
from sim.reading import nearest

Floats = NDArray[np.float64]

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

OF_COUNCILS = "trust_in_council"
"""Stays where it began where there are no councils, and is not ranked where an arm has none (`without_councils`)."""

SHARE_COLUMNS = [
    "policy", "base", "outcome", "week", "direction", "better", "share", "low", "high", "replications", "confidence",
    "least",
]  # fmt: skip

KEYS = ["policy", "base", "outcome", "week", "group"]
COLUMNS = [
    *KEYS, "difference", "low", "high", "probability_best", "variance_reduction", "replications", "confidence",
    "spread_low", "spread_high", "share_better", "share_worse", "spread_over",
]  # fmt: skip

LUCK, ASSUMPTIONS = "luck", "luck and assumptions"
"""What differs from one replication (or row of a sample) to the next, and so spreads the differences."""

LEAST_IN_SD, LEAST = 0.2, 0.005
"""Least difference by which a neighbourhood counts as higher or lower, both conventions: in standard deviations between
neighbourhoods under the base (Cohen's 1988 small effect), and in units of the outcome, for where they hardly differ."""

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
        values: row (of the sample; 0 where nothing is sampled), replication, arm, outcome (label), week, value. Where
            uncertainties are sampled, replications of a row in which an arm failed are left out.
        sampled: whether there are several rows; they share the seeds of their replications.
        councilless: arms without councils.
    """

    names: tuple[str, ...]
    values: pd.DataFrame
    sampled: bool
    councilless: tuple[str, ...]

    @cached_property
    def cells(self) -> dict[tuple[str, int], pd.DataFrame]:
        """Row and replication by arms, for each label and week."""
        found = {}
        for (label, week), group in self.values.groupby(["outcome", "week"], sort=False):
            table = group.pivot(index=["row", "replication"], columns="arm", values="value")
            found[(str(label), int(str(week)))] = table.reindex(columns=list(self.names))
        return found

    @cached_property
    def by_outcome(self) -> dict[tuple[str, int], pd.DataFrame]:
        """Units by arms, for each label and week: a unit is a replication, or the mean of a row over replications."""
        return {key: self.units(table) for key, table in self.cells.items()}

    def units(self, table: pd.DataFrame) -> pd.DataFrame:
        """Cells, (row and replication, arms), by unit."""
        return table.groupby("row").mean() if self.sampled else table.droplevel("row")

    def laid_out(self, table: pd.DataFrame) -> Floats:
        """Cells, (row and replication, arms), as (R, arms), or as (rows, R, arms) with gaps where rows are sampled."""
        if not self.sampled:
            return table.to_numpy()
        rows, replications = (table.index.unique(level) for level in ("row", "replication"))
        whole = table.reindex(pd.MultiIndex.from_product([rows, replications]))
        return whole.to_numpy().reshape(len(rows), len(replications), table.shape[1])

    def interval(self, differences: pd.Series, level: float) -> tuple[float, float, float]:
        """Mean of a number a cell, none of them nan, with its interval."""
        values = self.laid_out(differences.to_frame())[..., 0]
        return crossed_interval(values, level) if self.sampled else t_interval(values, level)

    def end_of(self, outcome: str) -> str | None:
        """Which end of an outcome is the better one; None if neither is, or an arm has nothing to show for it."""
        name = outcome.partition(":")[0]
        return None if name == OF_COUNCILS and self.councilless else BEST.get(name)


def arms_of(sweep: Sweep) -> Arms:
    """The arms of a sweep (a policy with the values of levers), with their outcomes."""
    where = places(sweep.experiment)
    names = [f"{place.policy} {place.levers}".strip() for place in where]
    sampled = any(place.row > 0 for place in where)
    done = sweep.runs.loc[sweep.runs.status == "done", ["run_id", "point"]]
    merged = sweep.outcomes.merge(done, on="run_id")
    point_of = merged["point"].to_numpy()
    merged["arm"] = np.array(names, dtype=object)[point_of]
    merged["row"] = np.array([place.row for place in where])[point_of]
    arms = tuple(dict.fromkeys(names))
    if sampled:
        there = merged.groupby(["row", "replication"])["arm"].transform("nunique")
        merged = merged[there == len(arms)]  # a replication in which an arm failed would not be paired
    columns = ["row", "replication", "arm", "outcome", "week", "value"]
    return Arms(arms, merged[columns], sampled, without_councils(sweep.experiment))


def without_councils(experiment: Experiment) -> tuple[str, ...]:
    """The arms in which there is no council in any week; of the rows of a sample the first speaks for all."""
    found = []
    for place, point in zip(places(experiment), experiment.points, strict=True):
        if place.row > 0:
            continue
        config = experiment.config_of(point, 0)
        ends = (end for own in config.timeline for end in (own.start, own.end))
        changes = {0, *(week for week in ends if week is not None and week < config.run.weeks)}
        policies = [in_force(config.policy, config.timeline, week) for week in sorted(changes)]
        if not any(
            policy.authority.mode != "top_down" and any(point.share > 0.0 for point in policy.rollout.milestones)
            for policy in policies
        ):
            found.append(f"{place.policy} {place.levers}".strip())
    return tuple(found)


def _say_if_luck_is_unknown(arms: Arms) -> None:
    if arms.sampled and arms.values["replication"].nunique() < 2:
        caution("rows of a sample share their seeds: with one replication luck is not known, so there are no intervals")


def level_of(experiment: Experiment, confidence: float = 0.95) -> float:
    """Level of each interval: where a ranking may stop the runs, higher, so that `confidence` holds over all its looks.

    Whether it did stop early does not matter: an interval at the last look has had the same chances before.
    """
    return over_looks(confidence, looks(experiment.replications))


def spread_over(experiment: Experiment) -> str:
    """What differs between replications or rows of the sample: `LUCK` alone, or `ASSUMPTIONS` too."""
    return ASSUMPTIONS if experiment.posterior is not None or experiment.design.factors else LUCK


def contrasts(sweep: Sweep, base: str, confidence: float = 0.95) -> pd.DataFrame:
    """Differences of every arm of a sweep from a base, paired by replication (or row of the sample, see `Arms`).

    A replication counts for an arm if both it and the base have a value. Nothing is adjusted for the number of
    comparisons: of intervals of 95 % about nothing, one in twenty leaves 0 out. Single neighbourhoods are left out
    (`neighbourhood_shares`), for each seed draws its own.

    Rows of a sample share the seeds of their replications, so that luck does not average out over rows: their interval
    is that of rows crossed with replications (`crossed_interval`), and with one replication there is none.

    The interval is that of the mean difference and narrows with more replications. The spread is that of the single
    differences and does not: where assumptions are sampled or drawn from a posterior, it says how far they lie apart,
    luck included, and the shares say in how many of them the policy does better and worse.

    Args:
        sweep: a sweep; its arms are its policies, with the values of its levers.
        base: the arm to compare with, such as ``status_quo`` or ``base policy.hub.kinds=["school"]``.
        confidence: of the intervals; where a ranking may stop the runs, over all its looks together (`level_of`).

    Returns:
        One row an arm, outcome, week (-1: over weeks) and group (such as ``cohort=youth``; empty for the city): policy,
        base, outcome, week, group, difference, low, high (units of the outcome), probability_best (among all arms, the
        base included, by `BEST`; nan where no end is better), variance_reduction, replications; confidence (of low and
        high), spread_low, spread_high (5 and 95 % quantiles of the single differences), share_better, share_worse (of
        the single differences, by `BEST`; nan where no end is better), spread_over (`LUCK` or `ASSUMPTIONS`).

    Raises:
        ConfigError: no such arm.
    """
    arms = arms_of(sweep)
    _refuse_unless_there(base, arms)
    _say_if_luck_is_unknown(arms)
    level, over = level_of(sweep.experiment, confidence), spread_over(sweep.experiment)
    rows = []
    for (label, week), table in arms.cells.items():
        outcome, group = split_label(label)
        if group.startswith(f"{NEIGHBOURHOOD}="):
            continue
        best = _probabilities(arms, table, outcome)
        for name in arms.names:
            if name == base:
                continue
            pair = table[[base, name]].dropna()
            units = arms.units(pair).to_numpy()
            differences = units[:, 1] - units[:, 0]
            laid_out = arms.laid_out(pair)
            gained = variance_reduction(laid_out[..., 0], laid_out[..., 1])
            mean = arms.interval(pair[name] - pair[base], level)
            means_of_them = (*mean, best[name], gained, len(units), level)
            singly = (*middle_range(differences), *_better_and_worse(differences, arms.end_of(outcome)), over)
            rows.append((name, base, outcome, week, group, *means_of_them, *singly))
    return pd.DataFrame(rows, columns=COLUMNS)


def means(sweep: Sweep) -> pd.DataFrame:
    """Mean of each outcome in each arm: policy, outcome, week, group, mean, replications."""
    rows = []
    for (label, week), table in arms_of(sweep).by_outcome.items():
        outcome, group = split_label(label)
        rows += [(name, outcome, week, group, table[name].mean(), int(table[name].count())) for name in table]
    return pd.DataFrame(rows, columns=["policy", "outcome", "week", "group", "mean", "replications"])


def neighbourhood_shares(
    sweep: Sweep, base: str, confidence: float = 0.95, least_in_sd: float = LEAST_IN_SD, least: float = LEAST
) -> pd.DataFrame:
    """In how many neighbourhoods an outcome is higher, lower or about the same as under the base: shares of them.

    Within a replication the neighbourhoods are the same under all policies, so each is compared with itself; only the
    shares are averaged over replications (and rows of a sample), for neighbourhoods have no identity beyond a seed. A
    difference counts if it is larger than the least one, the same for all policies.
    Without an effect, luck alone makes as many higher as lower.

    Args:
        sweep, base, confidence: as for `contrasts`.
        least_in_sd: least difference, in standard deviations between neighbourhoods under the base (`spread_between`).
        least: least difference in units of the outcome, whatever the deviation; with both 0 any difference counts.

    Returns:
        One row an arm, outcome, week and direction (higher, lower, same): policy, base, outcome, week, direction,
        better (whether the direction is the better end; None if there is none), share, low, high, replications,
        confidence (of low and high), least (units of the outcome).

    Raises:
        ConfigError: no such arm.
    """
    arms = arms_of(sweep)
    _refuse_unless_there(base, arms)
    _say_if_luck_is_unknown(arms)
    found = arms.values[arms.values["outcome"].str.contains(f"[{NEIGHBOURHOOD}=", regex=False)]
    level = level_of(sweep.experiment, confidence)
    rows = []
    for (outcome, week), group in _of_neighbourhoods(found).groupby(["outcome", "week"], sort=False):
        table = group.pivot(index=["row", "replication", "group"], columns="arm", values="value")
        if base not in table:
            continue
        enough = max(least_in_sd * spread_between(table[base]), least)
        for name in [name for name in arms.names if name != base and name in table]:
            for direction, shares in _shares_of_directions(table[name] - table[base], enough).items():
                share, low, high = arms.interval(shares, level)
                units = len(shares.index.unique("row" if arms.sampled else "replication"))
                bounds = (share, max(low, 0.0), min(high, 1.0), units, level, enough)
                better = _is_better(arms.end_of(str(outcome)), direction)
                rows.append((name, base, outcome, week, direction, better, *bounds))
    return pd.DataFrame(rows, columns=SHARE_COLUMNS)


def spread_between(values: pd.Series) -> float:
    """Standard deviation between neighbourhoods, the root of its mean square over runs.

    Args:
        values: by run and neighbourhood (index levels ``row``, ``replication`` and ``group``), in units of the outcome.

    Returns:
        units of the outcome; 0 where no run has two neighbourhoods with a value.
    """
    squares = values.dropna().groupby(["row", "replication"]).var(ddof=1).dropna()
    return float(np.sqrt(squares.mean())) if len(squares) else 0.0


def _shares_of_directions(differences: pd.Series, enough: float) -> dict[str, pd.Series]:
    """Of each row and replication, shares of neighbourhoods whose difference is above, below and within the least."""
    known = differences.dropna()
    higher, lower = known > enough, known < -enough
    flags = {"higher": higher, "lower": lower, "same": ~higher & ~lower}
    return {name: counted.groupby(["row", "replication"]).mean() for name, counted in flags.items()}


def _is_better(end: str | None, direction: str) -> bool | None:
    """Whether a direction is the better end of an outcome; None if neither is."""
    return None if end is None or direction == "same" else (direction == "higher") == (end == HIGHEST)


def _better_and_worse(differences: Floats, end: str | None) -> tuple[float, float]:
    if end is None:
        return float("nan"), float("nan")
    return shares_better_and_worse(differences, highest=end == HIGHEST)


def _of_neighbourhoods(values: pd.DataFrame) -> pd.DataFrame:
    split = {label: split_label(label) for label in values["outcome"].unique()}
    labels = values["outcome"]
    return values.assign(
        outcome=labels.map({label: name for label, (name, _) in split.items()}),
        group=labels.map({label: group for label, (_, group) in split.items()}),
    )


def _probabilities(arms: Arms, table: pd.DataFrame, outcome: str) -> dict[str, float]:
    end = arms.end_of(outcome)
    if end is None:
        return dict.fromkeys(table.columns, float("nan"))
    chances = probability_best(arms.laid_out(table.dropna()), highest=end == HIGHEST)
    return dict(zip(table.columns, map(float, chances), strict=True))


def _refuse_unless_there(base: str, arms: Arms) -> None:
    if base not in arms.names:
        hint = nearest(base, arms.names) or f"; allowed here: {', '.join(arms.names)}"
        raise ConfigError(f'no such policy in the sweep: "{base}"{hint}')
