"""The outcomes of a sweep laid out for comparison: by outcome, row of the sample, replication and arm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.contrasts.unknown_arms import as_written, listed, what_is_unknown
from experiments.councils import may_have_councils
from experiments.languages import digits, group_in_words, which
from experiments.statistics import crossed_interval, t_interval
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.pairs import positions
from experiments.units import in_words
from sim.errors import ConfigError
from sim.outcome import Language, known

Floats = NDArray[np.float64]


def better_end(outcome: str, councilless: bool) -> str | None:
    """Which end of an outcome is the better one; None if neither is.

    Args:
        outcome: its name, with or without a statistic.
        councilless: whether an arm has no councils.
    """
    declared = known(outcome.partition(":")[0])
    return None if declared is None or (declared.needs_councils and councilless) else declared.better


POLICY = "policy"
"""Key of the policy's name, where an arm is named by what is set there."""

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


def label_in_words(label: str, language: Language) -> str:
    """An outcome with its group in words."""
    outcome, group = split_label(label)
    title = in_words(outcome.partition(":")[0], language)
    return title if not group else which((", ", "، "), language).join([title, group_in_words(group, language)])


_STATISTIC = re.compile(r":(?P<kind>[a-z]+)(?:\((?P<weeks>[0-9,-]+)\))?$")

_STATISTICS: dict[str, tuple[str, str]] = {
    "last": ("last week", "هفته پایانی"),
    "first": ("first week", "نخستین هفته"),
    "mean": ("mean of {weeks}", "میانگین {weeks}"),
    "min": ("lowest of {weeks}", "کمینه {weeks}"),
    "max": ("highest of {weeks}", "بیشینه {weeks}"),
    "week": ("week {numbers}", "هفته {numbers}"),
    "every": ("every {numbers} weeks", "هر {numbers} هفته"),
}
_WEEKS = ("weeks {first} to {last}", "هفته‌های {first} تا {last}")
_ALL_WEEKS = ("all weeks", "همه هفته‌ها")


def statistic_in_words(label: str, language: Language) -> str:
    """The statistic of a label in words: of ``hope:mean(53-104)`` "mean of weeks 53 to 104"; empty of a series."""
    found = _STATISTIC.search(label)
    if found is None or found["kind"] not in _STATISTICS:
        return ""
    numbers = digits(found["weeks"] or "", language)
    first, _, last = (found["weeks"] or "").partition("-")
    weeks = which(_WEEKS if last else _ALL_WEEKS, language)
    weeks = weeks.format(first=digits(first, language), last=digits(last, language))
    return which(_STATISTICS[found["kind"]], language).format(weeks=weeks, numbers=numbers)


class Runs(Protocol):
    """What contrasts are made of: the runs of an experiment, such as `experiments.sweeps.tables.Sweep`."""

    @property
    def folder(self) -> Path:
        """The folder of the files."""

    @property
    def experiment(self) -> Experiment:
        """The experiment."""

    @property
    def runs(self) -> pd.DataFrame:
        """One row per run: run_id, point, status and more."""

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per outcome and week: run_id, replication, outcome, week, value."""


@dataclass(frozen=True, eq=False)
class Arms:
    """Outcomes of a sweep by arm, compared with common random numbers under the same assumptions.

    Attributes:
        names: the arms, in the order of the points.
        labels: label and week (-1: over weeks) of each outcome.
        values: (labels, rows of the sample, replications, arms), nan where there is none; one row where nothing is
            sampled. Where uncertainties are sampled, a replication of a row in which an arm failed is nan in all arms.
        sampled: whether uncertainties are; rows share the seeds of their replications.
        councilless: arms without councils.
    """

    names: tuple[str, ...]
    labels: tuple[tuple[str, int], ...]
    values: Floats
    sampled: bool
    councilless: tuple[str, ...]

    def of(self, label: str, week: int) -> Floats:
        """Values of one outcome, (rows, replications, arms)."""
        return np.asarray(self.values[self.labels.index((label, week))])

    def units(self, cells: Floats) -> Floats:
        """What intervals over single ones speak of: replications, or means of a sample's rows over replications.

        Args:
            cells: (rows, replications, k); a cell counts if none of its k values is nan.

        Returns:
            (units, k), without those that have no cell that counts.
        """
        known = ~np.isnan(cells).any(axis=-1)
        if not self.sampled:
            return np.asarray(cells[known])
        counted = known.sum(axis=1)
        totals = np.where(known[..., None], cells, 0.0).sum(axis=1)
        return np.asarray(totals[counted > 0] / counted[counted > 0, None])

    def laid_out(self, cells: Floats) -> Floats:
        """Cells, (rows, replications, k), as statistics take them.

        Returns:
            (R, k) without gaps; where rows are sampled (rows, R, k) with nan in the gaps, without rows and replications
            that consist only of gaps.
        """
        known = ~np.isnan(cells).any(axis=-1)
        if not self.sampled:
            return np.asarray(cells[known])
        whole = np.where(known[..., None], cells, np.nan)
        return np.asarray(whole[known.any(axis=1)][:, known.any(axis=0)])

    def counts(self, cells: Floats) -> tuple[int, int]:
        """How many replications, and how many rows of the sample (1 where nothing is sampled), have a cell that counts.

        Args:
            cells: (rows, replications, k); a cell counts if none of its k values is nan.
        """
        known = ~np.isnan(cells).any(axis=-1)
        if not self.sampled:
            return int(known.sum()), 1
        return int(known.any(axis=0).sum()), int(known.any(axis=1).sum())

    def interval(self, differences: Floats, level: float) -> tuple[float, float, float]:
        """Mean of numbers, (rows, replications), nan where there is none, with its interval."""
        values = self.laid_out(differences[..., None])[..., 0]
        return crossed_interval(values, level) if self.sampled else t_interval(values, level)

    def end_of(self, outcome: str) -> str | None:
        """Which end of an outcome is the better one; None if neither is, or an arm has nothing to show for it."""
        return better_end(outcome, bool(self.councilless))


def arms_of(sweep: Runs) -> Arms:
    """The arms of a sweep (a policy with the values of levers), with their outcomes.

    Raises:
        ValueError: a run has two values of an outcome in a week.
    """
    where = positions(sweep.experiment)
    of_point = [f"{place.policy} {place.levers}".strip() for place in where]
    names = tuple(dict.fromkeys(of_point))
    arm = np.array([names.index(name) for name in of_point], dtype=np.int64)
    row = np.array([place.row for place in where], dtype=np.int64)
    done = sweep.runs.loc[sweep.runs.status == "done", ["run_id", "point"]]
    merged = sweep.outcomes.merge(done, on="run_id")
    point, replication = merged["point"].to_numpy(), merged["replication"].to_numpy()
    if merged.duplicated(["run_id", "outcome", "week"]).any():
        raise ValueError(f"the outcomes of {sweep.folder} hold a value twice")
    by_label = merged.groupby(["outcome", "week"], sort=False)
    labels = tuple((str(label), int(str(week))) for label, week in by_label.size().index)
    count = int(replication.max()) + 1 if len(merged) else 0
    values = np.full((len(labels), int(row.max()) + 1, count, len(names)), np.nan)
    values[by_label.ngroup().to_numpy(), row[point], replication, arm[point]] = merged["value"].to_numpy()
    sampled = bool(row.any())
    if sampled:
        there = np.zeros(values.shape[1:], dtype=bool)
        there[row[point], replication, arm[point]] = True
        values[:, ~there.all(axis=-1)] = np.nan  # a replication in which an arm failed would not be paired
    return Arms(names, labels, values, sampled, without_councils(sweep.experiment))


type Asked = str | Mapping[str, Any]
"""How users name an arm: by its name, by the title of its policy, or by what is set there."""


def arm_named(experiment: Experiment, asked: Asked) -> str:
    """Name of the arm that is asked for.

    Args:
        experiment: the experiment.
        asked: its name, such as ``base policy.hub.kinds=["school"]``; the name of its policy, or its title in English
            or Persian; or what is set there, ``{"policy": "programme", "policy.hub.kinds": ["school"]}``, as much as
            tells it.

    Raises:
        ConfigError: no arm fits, or several do.
    """
    fitting = arms_named(experiment, asked)
    if len(fitting) == 1:
        return fitting[0]
    raise ConfigError(f"{as_written(asked)} fits several policies of the sweep: {listed(fitting)}")


def arms_named(experiment: Experiment, asked: Asked) -> list[str]:
    """Names of all arms that are asked for, as for `arm_named`.

    Raises:
        ConfigError: no arm fits.
    """
    by_arm = settings_of(experiment)
    if isinstance(asked, str) and asked in by_arm:
        return [asked]
    wanted = {POLICY: asked} if isinstance(asked, str) else {key: _plain(value) for key, value in asked.items()}
    fitting = [
        name
        for name, own in by_arm.items()
        if wanted.get(POLICY, own[POLICY]) in {own[POLICY], *_titles(experiment, own[POLICY])}
        and all(key in own and own[key] == value for key, value in wanted.items() if key != POLICY)
    ]
    if fitting:
        return fitting
    arms = {name: (own[POLICY], {key: own[key] for key in own if key != POLICY}) for name, own in by_arm.items()}
    titles = {policy: _titles(experiment, policy) for policy, _ in arms.values()}
    unknown = what_is_unknown(asked, arms, titles, POLICY)
    raise ConfigError(f"no such policy in the sweep: {as_written(asked)}{unknown}")


def settings_of(experiment: Experiment) -> dict[str, dict[str, Any]]:
    """Of each arm by its name what is set there: the name of its policy (`POLICY`) and values by key, lists as lists.

    Of keys that are sampled it has the first row's values.
    """
    found: dict[str, dict[str, Any]] = {}
    for place, point in zip(positions(experiment), experiment.points, strict=True):
        own = {POLICY: place.policy, **{key: _plain(value) for key, value in point.values.items()}}
        found.setdefault(f"{place.policy} {place.levers}".strip(), own)
    return found


def _plain(value: Any) -> Any:
    """A value as files spell it: tuples are lists."""
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _titles(experiment: Experiment, policy: str) -> set[str]:
    """Titles of a policy, of its files together, in English and in Persian."""
    labels = [item.title for item in experiment.policies[policy]]
    spelt = ([label.en for label in labels], [label.fa for label in labels])
    return {", ".join(dict.fromkeys(words)) for words in spelt if all(words) and words}


def without_councils(experiment: Experiment) -> tuple[str, ...]:
    """The arms in which there is no council in any week; of the rows of a sample the first speaks for all."""
    found = []
    for place, point in zip(positions(experiment), experiment.points, strict=True):
        if place.row > 0:
            continue
        if not may_have_councils(experiment.config_of(point, 0)):
            found.append(f"{place.policy} {place.levers}".strip())
    return tuple(found)
