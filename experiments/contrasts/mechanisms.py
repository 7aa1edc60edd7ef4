"""Mechanisms: a gap between two policies, split over the channels of the model by switching each off in both."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from experiments.contrasts.arms import split_label
from experiments.contrasts.comparison import RANKED_BY, REPLICATIONS, Variant, design
from experiments.contrasts.given import named, written_out
from experiments.resolved import plain_yaml
from experiments.statistics import t_interval
from experiments.study.executors import Submits
from experiments.study.runner import Watch
from experiments.sweeps.experiment import Experiment, Point
from experiments.sweeps.runner import run
from experiments.sweeps.tables import Sweep
from sim.shipped import CITY

CHANNELS: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "hub and facilitator": {"policy.hub.kinds": ()},
    "youth mayor": {
        "behaviour.hope.peer_evidence_per_week": 0.0,
        "behaviour.learning.mentor_hours_of_youth_mayor": 0.0,
        "behaviour.participation.mayor_asks_per_week": 0.0,
    },
    "voice": {"behaviour.trust.voice_weight": 0.0, "behaviour.knowledge.speaker_voice": 0.0},
    "pledges": {
        "behaviour.expectation.pledge_rise": 0.0,
        "behaviour.awareness.broken_pledge": 0.0,
        "behaviour.awareness.tracking_effect": 0.0,
        "behaviour.trust.late_completion_signal": 1.0,  # a work past its date is as good as one on time
        "behaviour.trust.news_weight": 0.0,  # the news at the hub is of pledges: it takes both
        "behaviour.burnout.unmet_weight": 0.0,
    },
    "delivery": {
        "behaviour.delivery.mayor_effect": 0.0,  # of any leader's skill, the council's where there is no mayor
        "behaviour.awareness.finished_work": 0.0,  # and not trust.project_weight, on which broken pledges go, too
        "behaviour.trust.service_evidence_per_week": 0.0,
        "behaviour.anchored_trust.service_rate_per_week": 0.0,
        "behaviour.hope.delivery_weight": 0.0,
    },
    "asking": {
        "behaviour.participation.asking_rate_per_week": 0.0,
        "behaviour.participation.council_asks_per_week": 0.0,
    },
    "team": {"behaviour.delivery.assistance_without_team": 1.0},  # without a team, councils build as if fully assisted
    "contributions": {"behaviour.returns.contribution_share": 0.0},
    "prices": {"behaviour.returns.price_reduction": 0.0},
    "upkeep": {"behaviour.returns.upkeep_gain": 0.0},
    "revenue": {"behaviour.returns.revenue_rise": 0.0},
    "disputes": {"behaviour.returns.dispute_probability": 0.0},
})  # fmt: skip
"""What is set to switch a channel off, under both policies alike: levers for the whole run, whatever a policy sets, or
values of behaviour. Without a hub nobody is addressed, mentored, heard or hindered there, no facilitator vetoes, and
the municipality convenes, hosts and recognises in the facilitator's place. All that no channel switches off stands in
the table as left."""

EVERYTHING = "all channels"
GAP, LEFT, INTERACTION = "whole gap", "left without the channels", "interaction"
LAST, FIRST, BOTH = "left out of the whole", "alone", ""
"""How a part is counted: a channel by what is missing without it, or by what it adds where all others are off."""

_LEVER = "policy."
WITHOUT = "without_hub"
"""Added to the names of policies that are run without what levers switch off, which is the hub alone."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """A gap between two policies, split over channels.

    Attributes:
        sweep: the runs; of each policy one for every variant (`variants`).
        base, policy: the two policies.
    """

    sweep: Sweep
    base: str
    policy: str

    @property
    def empty(self) -> bool:
        """Whether no part has a value, since too many runs failed."""
        return not bool(self.table.replications.any())

    @cached_property
    def table(self) -> pd.DataFrame:
        """The parts of the gap, counted in two ways.

        Left out of the whole, a channel's part is the whole gap less the gap without the channel; alone, the gap with
        this channel only less the gap without any. In either way the whole gap is the sum of the channels' parts, what
        is left when all channels are off, and the interaction: what channels do together and not one by one. A channel
        whose two parts differ works with or against others; where interactions are large, the split has no clear
        meaning.

        Returns:
            One row per outcome, week, group, part and way of counting: outcome, week, group, part, counted (`LAST`,
            `FIRST`; `BOTH` for the whole gap and what is left), value, low, high (95 % t-interval over replications,
            units of the outcome), replications (of each part, those in which all runs it needs are done: where some
            failed, parts speak of different ones and need not sum to the gap).
        """
        return _split(self._gaps())

    def _gaps(self) -> pd.DataFrame:
        """Gap by outcome, week and replication, a column for each variant."""
        points = pd.DataFrame(
            [(point.number, *self._recognised(point)) for point in self.sweep.experiment.points],
            columns=["point", "policy", "variant"],
        )
        runs = self.sweep.runs.loc[self.sweep.runs.status == "done", ["run_id", "point"]].merge(points, on="point")
        values = self.sweep.outcomes.merge(runs, on="run_id")
        values = values[~values.outcome.str.contains("[neighbourhood=", regex=False) & (values.week >= 0)]
        wide = values.pivot(index=["outcome", "week", "replication", "variant"], columns="policy", values="value")
        wide = wide.reindex(columns=[self.policy, self.base])  # of a policy whose runs all failed there is nothing
        gaps = (wide[self.policy] - wide[self.base]).unstack("variant")
        return gaps.reindex(columns=list(variants()))

    def _recognised(self, point: Point) -> tuple[str, str]:
        """Policy and variant of a point: the experiment lists them in an order of its own."""
        for variant, off in variants().items():
            values, levers = _apart(off)
            suffix = f" {WITHOUT}" if levers else ""
            for policy in (self.base, self.policy):
                if point.policy == policy + suffix and dict(point.values) == values:
                    return policy, variant
        raise ValueError(f"point {point.number} is no variant of {self.base} or {self.policy}")


def alone(channel: str) -> str:
    """Name of the variant in which only one channel is on."""
    return f"only {channel}"


def variants() -> dict[str, tuple[str, ...]]:
    """The channels that are off in each variant: none, each alone, all but each, all."""
    every = tuple(CHANNELS)
    return {
        GAP: (),
        **{channel: (channel,) for channel in every},
        **{alone(channel): tuple(other for other in every if other != channel) for channel in every},
        EVERYTHING: every,
    }


RUNS = 2 * (2 * len(CHANNELS) + 2)
"""Runs of a replication: both policies with all channels, with none, and without each channel and with it alone."""


def attribute(
    base: str | Path,
    policy: str | Path,
    *,
    out: str | Path,
    city: str | Path = CITY,
    settings: Sequence[str] = (),
    replications: int = REPLICATIONS,
    scale: float = 0.1,
    weeks: int | None = None,
    at: Sequence[int] | None = None,
    place_seed: int | None = None,
    seed: int = 0,
    executor: Submits | None = None,
    workers: int | None = None,
    fresh: bool = False,
    accept_code_change: bool = False,
    retry_failed: bool = False,
    watch: Watch | None = None,
    say: Callable[[str], None] | None = None,
) -> Attribution:
    """Decompose the gap between two policies by channel, with common random numbers in the `RUNS` of a replication.

    Args:
        base, policy: as for `compare`.
        out: folder; runs already finished there are not repeated.
        city, settings, replications, scale, weeks, at, place_seed, seed: as for `compare`.
        executor, workers, fresh, accept_code_change, retry_failed, watch, say: see `experiments.run`.

    Raises:
        ConfigError: the request cannot be met.
        StoppedEarlyError: it was interrupted; the same call resumes it.
    """
    with (
        written_out([base, policy], city, settings) as (base, policy),
        laid_out(
            base, policy, city=city, settings=settings, replications=replications, scale=scale, weeks=weeks, at=at,
            seed=seed, place_seed=place_seed,
        ) as experiment,
    ):  # fmt: skip
        sweep = run(
            experiment, out=out, executor=executor, workers=workers, fresh=fresh,
            accept_code_change=accept_code_change, retry_failed=retry_failed, watch=watch, say=say,
        )  # fmt: skip
        return Attribution(sweep, *named(base, [policy]))


@contextmanager
def laid_out(base: str | Path, policy: str | Path, **asked: Any) -> Iterator[Experiment]:
    """The experiment of all variants of two policies, while the files that it names are there.

    Args:
        base, policy, asked: as for `comparison.design`.
    """
    with tempfile.TemporaryDirectory() as place:  # until the sweep's own folder has a copy
        variants = _settings(Path(place))
        yield design(base, [policy], ranked_by=RANKED_BY, stop_when_settled=False, variants=variants, **asked)


def _settings(folder: Path) -> list[Variant]:
    """The variants as values and policy files; a policy file, because a lever may be set by the policies compared."""
    found = []
    for off in variants().values():
        values, levers = _apart(off)
        file = folder / f"{WITHOUT}.yaml"
        if levers:
            file.write_text(plain_yaml({"set": levers}), encoding="utf-8")
        found.append(Variant(values, (file,) if levers else ()))
    return found


def _apart(off: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What switches channels off: values by dotted key, and levers by their key under `policy`."""
    together = {key: value for channel in off for key, value in CHANNELS[channel].items()}
    levers = {key.removeprefix(_LEVER): value for key, value in together.items() if key.startswith(_LEVER)}
    return {key: value for key, value in together.items() if not key.startswith(_LEVER)}, levers


def _split(gaps: pd.DataFrame) -> pd.DataFrame:
    """Parts of gaps, (outcome, week, replication) by variant."""
    parts = {(GAP, BOTH): gaps[GAP], (LEFT, BOTH): gaps[EVERYTHING]}
    for counted in (LAST, FIRST):
        own = {
            channel: gaps[GAP] - gaps[channel] if counted == LAST else gaps[alone(channel)] - gaps[EVERYTHING]
            for channel in CHANNELS
        }
        parts |= {(channel, counted): values for channel, values in own.items()}
        parts[INTERACTION, counted] = gaps[GAP] - gaps[EVERYTHING] - sum(own.values())
    rows = []
    for (label, week), group in pd.DataFrame(parts).groupby(level=["outcome", "week"], sort=False):
        outcome, of = split_label(str(label))
        for part, counted in parts:
            values = group[part, counted].dropna().to_numpy(dtype=np.float64)
            rows.append((outcome, int(str(week)), of, part, counted, *t_interval(values), len(values)))
    columns = ["outcome", "week", "group", "part", "counted", "value", "low", "high", "replications"]
    return pd.DataFrame(rows, columns=columns)
