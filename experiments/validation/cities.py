"""The cities of one replication: the config's own, the same under other levers, and twins that part in one week.

All have one seed, so that whatever an experiment does not touch is the same in all of them (common random numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.results import Run, facts_of_start, run_of
from sim.city import City
from sim.config import Config
from sim.phase import phase, with_phase
from sim.phases.listing import put_on_list
from sim.phases.participation import hold_meetings
from sim.place import Foundations
from sim.policies import TimedPolicy
from sim.week import NOBODY

Integers = NDArray[np.int64]

PARTING = 0.4
"""Twins part after this share of the run, week 104 of 260: the programme is under way, and far from its end."""


@dataclass(frozen=True, eq=False)
class OwnRun:
    """The config's own run, with what was noted of each resident.

    Attributes:
        city: the city at the end.
        run: its tables.
        spoke: last week in which each spoke at a council's hearing, -1 for never, (N,).
    """

    city: City
    run: Run
    spoke: Integers


@phase()
def look_after_hearings(city: OpenCity) -> None:
    """Let the city do what it does after the hearings."""
    city.after_hearings()


@phase()
def look_after_taking_part(city: OpenCity) -> None:
    """Let the city do what it does after taking part."""
    city.after_taking_part()


class OpenCity(City):
    """A city whose week has two places to look in or to interfere at: after the hearings, and after taking part."""

    phases = with_phase(City.phases, look_after_hearings, after="hold_hearings")
    phases = with_phase(phases, look_after_taking_part, after="take_part")

    def after_hearings(self) -> None:
        """Do nothing."""

    def after_taking_part(self) -> None:
        """Do nothing."""


class Twin(OpenCity):
    """A city that is copied in the middle of a run, and in which residents can be made to take part for a week.

    Attributes:
        made_to_act: rows of residents who take part with others in the coming week, whether of themselves or not.
    """

    made_to_act: Integers = NOBODY

    def after_taking_part(self) -> None:
        """Count those as having taken part with others who are made to and did not of themselves; list some of them."""
        now, residents = self.now, self.residents
        more = np.setdiff1d(self.made_to_act, now.acted)
        residents.acts[np.setdiff1d(more, now.took_part)] += 1
        residents.last_part_week[more] = residents.last_act_week[more] = self.week
        now.acted, now.took_part = self.rows.distinct(now.acted, more), self.rows.distinct(now.took_part, more)
        now.met = self.rows.distinct(now.met, more)
        hold_meetings(self)
        put_on_list(self, more)


class Cities:
    """The cities of one replication, each simulated when it is first asked for.

    Args:
        config: the config with the replication's seed.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.weeks = config.run.weeks
        self._made: dict[Any, Any] = {}

    def once[T](self, make: Callable[[Cities], T]) -> T:
        """What a function of these cities returns, computed once."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    def build[C: City](self, config: Config, kind: type[C]) -> C:
        """A city of the replication, not yet run."""
        return kind(config, foundations=_FOUNDATIONS)

    def under(self, levers: Mapping[str, Any]) -> Config:
        """The config with levers of policy put last on its timeline, from the first week."""
        difference = TimedPolicy(set=dict(levers))
        return self.config.model_copy(update={"timeline": (*self.config.timeline, difference)})

    def run_under(self, levers: Mapping[str, Any]) -> Run:
        """A whole run with other levers."""
        city = self.build(self.under(levers), City)
        start = facts_of_start(city)
        return run_of(city.run(), start)

    @cached_property
    def own(self) -> OwnRun:
        """The config's own run."""
        city = self.build(self.config, City)
        start = facts_of_start(city)
        spoke = np.full(len(city.residents), -1)
        for week in range(1, self.weeks + 1):
            city.run(1)
            spoke[city.last_week.speakers[city.last_week.at_council]] = week
        return OwnRun(city, run_of(city, start), spoke)

    @cached_property
    def _before_parting(self) -> Twin:
        return self._run_to_parting(self.config)

    def _run_to_parting(self, config: Config) -> Twin:
        city = self.build(config, Twin)
        city.run(int(PARTING * self.weeks))
        return city

    def twin(self) -> Twin:
        """A copy of the config's city in the week in which twins part; all are alike until they are treated."""
        return deepcopy(self._before_parting)

    def twin_under(self, levers: Mapping[str, Any]) -> Twin:
        """The same under other levers."""
        key = ("parting", repr(sorted(levers.items())))
        if key not in self._made:
            self._made[key] = self._run_to_parting(self.under(levers))
        found: Twin = deepcopy(self._made[key])
        return found


_FOUNDATIONS = Foundations()
"""Of the last cities built in this process: replications are different lucks of one place."""
