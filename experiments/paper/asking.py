"""What a figure asks of an experiment, held against what the experiment has and keeps: known before any run."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from experiments.contrasts.arms import Asked, arm_named, split_label
from experiments.contrasts.geography import identified, is_neighbourhood, map_of, number_of
from experiments.contrasts.unknown_arms import listed
from experiments.paper.arms import ArmForm, asked_of
from experiments.sweeps.experiment import Experiment
from experiments.sweeps.outcomes import EVERY, KINDS, NEIGHBOURHOOD, OVER_WEEKS, Outcome, crossed_groups
from sim.cells import CROSSING
from sim.errors import ConfigError
from sim.wording import Place

type Wrong = tuple[str, Place]
"""What is wrong, and where in the figure's file."""

OPTIONS = "options"
"""Key of a figure's file."""


@dataclass(frozen=True)
class Kept:
    """One outcome that an experiment keeps.

    Attributes:
        label: as a figure names it.
        outcome, group: as tables of contrasts name it; a group may be ``neighbourhood=*``.
        weeks: those at which it is kept; `OVER_WEEKS` alone of one number over weeks.
    """

    label: str
    outcome: str
    group: str
    weeks: frozenset[int]

    @property
    def is_series(self) -> bool:
        """Whether it has values of weeks, rather than one over weeks."""
        return OVER_WEEKS not in self.weeks


type Which = Callable[[Kept], bool]
"""Whether an outcome is kept as a drawing needs it."""


@dataclass(frozen=True, eq=False)
class Asking:
    """What may be asked of an experiment.

    Attributes:
        experiment: the experiment.
    """

    experiment: Experiment

    @cached_property
    def kept(self) -> list[Kept]:
        """All that it keeps, a group each; neighbourhoods together."""
        last = self.experiment.base.run.weeks
        return [one for outcome in self.experiment.outcomes for one in _kept(outcome, last)]

    def arm(self, asked: Asked, *place: str | int) -> Iterator[Wrong]:
        """What is wrong with a policy that is asked for at a place of the options."""
        try:
            arm_named(self.experiment, asked)
        except ConfigError as error:
            yield error.problem, (OPTIONS, *place)

    def arms(self, base: Asked, arms: list[ArmForm], *, base_among_them: bool) -> Iterator[Wrong]:
        """What is wrong with the base and the policies of a figure; the base itself may be among them, or not."""
        wrong = list(self.arm(base, "base"))
        yield from wrong
        for number, arm in enumerate(arms):
            faults = list(self.arm(asked_of(arm), "arms", number, "at"))
            yield from faults
            if base_among_them or wrong or faults:
                continue
            if arm_named(self.experiment, asked_of(arm)) == arm_named(self.experiment, base):
                yield "is the base itself, of which there is no difference", (OPTIONS, "arms", number, "at")

    def outcomes(self, labels: list[str], that: Which, how: str = "") -> Iterator[Wrong]:
        """What is wrong with the outcomes of a figure, which name the group, too.

        Args:
            labels: what the figure asks for.
            that: what they must be kept as.
            how: the same in words, such as ``every so many weeks``.
        """
        fitting = [kept for kept in self.kept if that(kept)]
        for number, label in enumerate(labels):
            if not any(self._is(kept, *split_label(label)) for kept in fitting):
                yield not_kept(label, how, [kept.label for kept in fitting]), (OPTIONS, "outcomes", number)

    def names(self, names: list[str], key: str, that: Which, how: str) -> Iterator[Wrong]:
        """What is wrong with outcomes that are asked for without their groups; see `outcomes`.

        Args:
            names: what the figure asks for.
            key: of the options.
            that, how: what they must be kept as.
        """
        there = list(dict.fromkeys(kept.outcome for kept in self.kept if that(kept)))
        for number, name in enumerate(names):
            if name not in there:
                yield not_kept(name, how, there), (OPTIONS, key, number)

    def _is(self, kept: Kept, outcome: str, group: str) -> bool:
        if kept.outcome != outcome:
            return False
        if kept.group != f"{NEIGHBOURHOOD}={EVERY}" or not is_neighbourhood(group):
            return kept.group == group
        number = group.partition("=")[2]
        return number.isdecimal() and identified(self.experiment) and number_of(group) < len(self._names)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(map_of(self.experiment).names)


def not_kept(label: str, how: str, there: list[str]) -> str:
    """That an outcome is not kept, and what is, the nearest first."""
    problem = f'"{label[:80]}" is not kept{how and f" {how}"} by the experiment'
    if not there:
        return f"{problem}, nor is any other"
    ordered = sorted(there, key=lambda own: -difflib.SequenceMatcher(None, label[:200], own).ratio())
    return f"{problem}; it keeps {listed(ordered)}"


def _groups_of(outcome: Outcome) -> list[str]:
    """Every group that an outcome is kept of, as labels name it; neighbourhoods stay together."""
    if CROSSING in outcome.group_kind:
        return list(crossed_groups([outcome]))
    if outcome.group != EVERY or outcome.group_kind == NEIGHBOURHOOD:
        return [outcome.column.removeprefix(outcome.name)[1:-1]]
    return [f"{outcome.group_kind}={group}" for group in KINDS[outcome.group_kind]]


def _kept(outcome: Outcome, last_week: int) -> Iterator[Kept]:
    statistic = outcome.label.removeprefix(outcome.column)
    for group in _groups_of(outcome):
        label = f"{outcome.name}[{group}]{statistic}" if group else f"{outcome.name}{statistic}"
        yield Kept(label, *split_label(label), _weeks(outcome, last_week))


def _weeks(outcome: Outcome, last_week: int) -> frozenset[int]:
    if outcome.statistic == "week" and outcome.weeks is not None:
        return frozenset(outcome.weeks)
    if outcome.statistic == "every" and outcome.weeks is not None:
        return frozenset(range(0, last_week + 1, outcome.weeks[0]))
    return frozenset(range(last_week + 1)) if outcome.statistic == "series" else frozenset({OVER_WEEKS})
