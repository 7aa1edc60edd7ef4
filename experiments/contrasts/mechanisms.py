"""Mechanisms: a gap between two policies, split over the channels of the model by switching each off in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from experiments.contrasts.comparison import CITY, REPLICATIONS, design
from experiments.contrasts.statistics import t_interval
from experiments.contrasts.tables import split_label
from experiments.sweeps.executors import Submits
from experiments.sweeps.runner import Watch, run
from experiments.sweeps.tables import Sweep

CHANNELS: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "hub and facilitator": {
        "behaviour.trust.news_rate": 0.0,
        "behaviour.participation.attender_access": 0.0,
        "behaviour.knowledge.attender_voice": 0.0,
        "behaviour.learning.mentor_hours_of_facilitator": 0.0,
    },
    "youth mayor": {
        "behaviour.learning.hope_from_young_mayor": 0.0,
        "behaviour.learning.mentor_hours_of_youth_mayor": 0.0,
        "behaviour.participation.mayor_asks_per_week": 0,
    },
    "voice": {"behaviour.trust.voice_rate": 0.0, "behaviour.knowledge.speaker_voice": 0.0},
    "delivery": {
        "behaviour.delivery.mayor_effect": 0.0,  # of any leader's skill, the council's where there is no mayor
        "behaviour.trust.project_rate": 0.0,
        "behaviour.trust.service_rate_per_week": 0.0,
        "behaviour.learning.hope_from_delivery": 0.0,
        "behaviour.awareness.broken_pledge": 0.0,
        "behaviour.awareness.tracking_effect": 0.0,
    },
    "asking": {"behaviour.participation.asking_rate_per_week": 0.0, "behaviour.participation.council_asks_per_week": 0},
    "team": {"behaviour.delivery.assistance_without_team": 1.0},  # whoever has no team builds as if fully assisted
})  # fmt: skip
"""What is set to switch a channel off, in both policies alike. A name says more than is switched off: the hub still
informs, convenes and hosts, pledges are within delivery; all that is left stands in the table as such."""

EVERYTHING = "all channels"
GAP, LEFT, INTERACTION = "whole gap", "left without the channels", "interaction"


@dataclass(frozen=True, eq=False)
class Attribution:
    """A gap between two policies, split over channels.

    Attributes:
        sweep: the runs; of each policy one whole and one for each channel switched off, and one for all.
        base, policy: the two policies.
    """

    sweep: Sweep
    base: str
    policy: str

    @cached_property
    def table(self) -> pd.DataFrame:
        """The parts of the gap.

        For every outcome the whole gap is the sum of the channels' contributions (the whole gap less the gap without
        the channel), what is left when all channels are off, and the interaction: what channels do together and not
        one by one. A large interaction says that the split has no clear meaning.

        Returns:
            One row an outcome, week, group and part: outcome, week, group, part, value, low, high (95 % t-interval over
            replications, units of the outcome), replications.
        """
        return _split(self._gaps())

    def _gaps(self) -> pd.DataFrame:
        """Gap by outcome, week and replication, a column for nothing and for each channel switched off."""
        off = [GAP, *CHANNELS, EVERYTHING]
        points = pd.DataFrame({
            "point": [point.number for point in self.sweep.experiment.points],
            "policy": [point.policy for point in self.sweep.experiment.points],
            "off": off * 2,
        })  # fmt: skip
        done = self.sweep.runs.loc[self.sweep.runs.status == "done", ["run_id", "point"]].merge(points, on="point")
        values = self.sweep.outcomes.merge(done, on="run_id")
        values = values[~values.outcome.str.contains("[neighbourhood=", regex=False) & (values.week >= 0)]
        wide = values.pivot(index=["outcome", "week", "replication", "off"], columns="policy", values="value")
        gaps = (wide[self.policy] - wide[self.base]).unstack("off")
        return gaps[off].dropna()


def attribute(
    base: str | Path,
    policy: str | Path,
    *,
    out: str | Path,
    city: str | Path = CITY,
    replications: int = REPLICATIONS,
    scale: float = 0.1,
    weeks: int | None = None,
    seed: int = 0,
    executor: Submits | None = None,
    workers: int | None = None,
    fresh: bool = False,
    accept_code_change: bool = False,
    watch: Watch | None = None,
) -> Attribution:
    """Split the gap between two policies over the channels: sixteen runs a replication, all on the same luck.

    Args:
        base, policy: policy files, or ``as_is`` for the city's config as it is.
        out: folder; what is finished there already is not done again.
        city, replications, scale, weeks, seed: as for `compare`.
        executor, workers, fresh, accept_code_change, watch: see `experiments.run`.

    Raises:
        ConfigError: the request cannot be met.
        SweepInterruptedError: it was interrupted; the same call goes on.
    """
    together = {key: value for channel in CHANNELS.values() for key, value in channel.items()}
    experiment = design(
        base, [policy], city=city, replications=replications, scale=scale, weeks=weeks, at=None,
        ranked_by="trust_in_municipality", stop_when_settled=False, seed=seed,
        values=[{}, *CHANNELS.values(), together],
    )  # fmt: skip
    sweep = run(
        experiment, out=out, executor=executor, workers=workers, fresh=fresh, accept_code_change=accept_code_change,
        watch=watch,
    )  # fmt: skip
    first, second = experiment.policies
    return Attribution(sweep, first, second)


def _split(gaps: pd.DataFrame) -> pd.DataFrame:
    """Parts of gaps, (outcome, week, replication) by (nothing, each channel, all) switched off."""
    parts = pd.DataFrame({GAP: gaps[GAP]})
    for channel in CHANNELS:
        parts[channel] = gaps[GAP] - gaps[channel]
    parts[LEFT] = gaps[EVERYTHING]
    parts[INTERACTION] = gaps[GAP] - gaps[EVERYTHING] - parts[list(CHANNELS)].sum(axis=1)
    rows = []
    for (label, week), group in parts.groupby(level=["outcome", "week"], sort=False):
        outcome, of = split_label(str(label))
        for part in parts:
            value, low, high = t_interval(group[part].to_numpy(dtype=np.float64))
            rows.append((outcome, int(str(week)), of, part, value, low, high, len(group)))
    columns = ["outcome", "week", "group", "part", "value", "low", "high", "replications"]
    return pd.DataFrame(rows, columns=columns)
