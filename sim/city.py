"""The city: a Mesa model, built once, then stepped through the phases of each week."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from mesa.experimental.scenarios import Scenario
from numpy.typing import NDArray

from sim.agents.council import ELITE_SHARE
from sim.agents.on_demand import ResidentsOnDemand
from sim.config import Config, load_config, with_policy
from sim.elections import open_elections
from sim.equilibrium import begin_life
from sim.errors import ConfigError
from sim.facts import Told
from sim.institutions import Institutions
from sim.loading import taken_in
from sim.measures import Recorder, measure
from sim.memory import refuse_if_too_large
from sim.money import Money
from sim.phase import Phase
from sim.phases import (
    advance_programme,
    deliver_works,
    gather_at_hubs,
    hold_hearings,
    learn,
    open_works_in_progress,
    pay_instalments,
    take_part,
    update_trust,
)
from sim.phases.trust import KINDS, perceive
from sim.place import Foundations, build_place
from sim.policies import Timeline
from sim.projects import Projects
from sim.randomness import Streams, seed_from
from sim.rows import Rows
from sim.rules.choice import CHOICES, Choice
from sim.rules.services import SERVICES
from sim.shipped import find
from sim.usual_works import start_services
from sim.views import Log, facts_of, frame_of_people, graph_of_ties, write_graph
from sim.week import NOBODY, Week
from sim.yaml_text import read_yaml

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SEED_OF_CONFIG: Any = type("SeedOfConfig", (), {"__repr__": lambda _: "the seed of the config"})()
"""Stands for `run.seed`, so that an explicit None can mean a new seed, as it does in `mesa.batch_run`."""

CREW_SIZE = 8
"""Volunteers of a neighbourhood among whom new ties form: the last so many [assumption]."""


class City(Told, ResidentsOnDemand):
    """A city of neighbourhoods under a policy.

    Args:
        config: a `Config`, the path of a YAML file, the name of a shipped city, or None for the defaults.
        rng: seed of the run, a whole number from 0; by default `run.seed` of the config. None draws a new seed, as in
            Mesa. It does not affect the place, which `run.place_seed` draws.
        policies: paths of policy files, or names of shipped policies, to put on the timeline.
        scenario: a Mesa scenario; its seed is taken if `rng` is None, and its parameters are keys to set.
        foundations: places of earlier cities, used again as far as they would come out the same.
        measured_weeks: weeks whose rows the weekly tables are to have, besides week 0; None for every week. What
            happens in the city is the same; a week that is not measured takes less time.
        crossed_groups: groups that `group_history` has besides the usual ones, such as ``sex=woman, cohort=youth``.
        values: dotted keys to set, as ``**{"policy.hub.kinds": ["school"]}`` or ``policy__hub__kinds=["school"]``.

    Raises:
        ConfigError: the request cannot be met, with file, line and key.
    """

    phases: tuple[Phase, ...] = (
        advance_programme,
        pay_instalments,
        gather_at_hubs,
        hold_hearings,
        deliver_works,
        take_part,
        learn,
        update_trust,
        measure,
    )
    """The phases of a week in order; a subclass may name its own (`sim.phase.with_phase`), extensions add some."""
    asked_from_outside: Integers = NOBODY
    """Rows of residents who are asked in person to take part from outside the model, for example by an experiment."""
    now: Week
    last_week: Week
    usually_broken: float
    """Share of the municipality's pledges that are broken after a long status quo."""
    usual_evidence: tuple[Floats, ...]
    """Evidence of each kind that each resident is used to, log odds: what a long status quo gives on average."""
    usual_of_the_young: tuple[Floats, ...]
    """The same of those in formative years, side by side: every week reads it of them alone."""
    innate_trust: tuple[Floats, ...] = ()
    stubbornness: tuple[Floats, ...] = ()
    """Of each kind of trust, by resident; empty unless the rule of trust, or talk about levels, reads them."""

    def __init__(
        self,
        config: Config | str | Path | None = None,
        *,
        rng: Any = SEED_OF_CONFIG,
        policies: str | Path | Sequence[str | Path] = (),
        scenario: Scenario[Any] | None = None,
        foundations: Foundations | None = None,
        measured_weeks: Collection[int] | None = None,
        crossed_groups: Sequence[str] = (),
        **values: Any,
    ) -> None:
        if not isinstance(config, Config):
            config = load_config(config) if config is not None else Config()
        for policy in [policies] if isinstance(policies, str | Path) else policies:
            config = with_policy(config, read_yaml(find("policy", policy)))
        if scenario is not None:
            own = scenario.__dict__["rng"]
            rng = own if rng is SEED_OF_CONFIG and own is not None else rng
            values = {**{key: value for key, value in scenario if key != "rng"}, **values}
        if "seed" in values:
            raise ConfigError("write rng, Mesa's word since 3.5: City(config, rng=3)", key="seed")
        config = config.with_values({key.replace("__", "."): value for key, value in values.items()})
        seed = config.run.seed if rng is SEED_OF_CONFIG else seed_from(rng)
        super().__init__(rng=seed)
        if scenario is not None:
            self.scenario = scenario
        self.seed = seed
        self.config = config.with_values({"run.seed": seed}) if seed != config.run.seed else config
        refuse_if_too_large(self.config)
        classes = self.resident_class, self.youth_class
        self.phases, classes = taken_in(self.config.loaded, self.phases, classes, type(self).__name__)
        self.resident_class, self.youth_class = classes
        self.streams = Streams(seed)
        self._build(Foundations(0) if foundations is None else foundations)
        self.recorder = Recorder(self, measured_weeks, crossed_groups)
        self.datacollector = self.recorder.datacollector
        self.recorder.record(self)

    def facts(self) -> dict[str, str]:
        """Which city, how far it is, how large, and of which seeds."""
        return facts_of(self)

    # ---------------------------------------------------------------- the week

    def step(self) -> None:
        """One week: the phases of the model in their order."""
        for phase in self.phases:
            phase(self)
        if self.phases != City.phases:  # the model's own phases keep all bounds; to look costs a fifth of a week
            self.residents.refuse_faults()

    def run_until(self, end_time: float) -> None:
        """Run until a week, as every Mesa model does; values that no resident may have are refused by name.

        Raises:
            ValueError: a column of `residents` was given such a value; see `sim.columns.Table.refuse_faults`.
        """
        self.residents.refuse_faults()
        super().run_until(end_time)
        self.residents.refuse_faults()

    def run_for(self, duration: float) -> None:
        """Run for some weeks; see `run_until`."""
        self.run_until(self.time + duration)

    def _wrapped_step(self) -> None:  # what Mesa puts in the place of `step`
        self.run_for(1)

    def run(self, weeks: int | None = None) -> City:
        """Run to the end of the config's horizon (or for some weeks) and return the city itself."""
        left = self.config.run.weeks - self.week if weeks is None else weeks
        if left > 0:
            self.run_for(left)
        return self

    @property
    def week(self) -> int:
        """Weeks begun: 0 before the first step, 1 in it."""
        return int(self.time)

    @property
    def way_of_choosing(self) -> Choice:
        """How projects are chosen under the policy."""
        return CHOICES[self.policy.choice.rule]

    # ---------------------------------------------------------------- building

    def _build(self, foundations: Foundations) -> None:
        """Take the place from its seed, and put institutions into it."""
        config = self.config
        self.timeline = Timeline(config.policy, config.timeline)
        self.policy = self.timeline.policy_in(0)
        place = build_place(config, foundations)
        people, residents = place.people, place.people.table
        self.geography, self.residents, self.ties = place.geography, residents, place.ties
        self.education, self.spread_of_people, self.number_when_drawn = people.education, people.spread, people.number
        self.place_streams, self.traits = place.streams, people.traits
        self.luck = people.traits.of_seed(self.seed)
        self.neighbourhoods = self.geography.population.size
        base = Path(config.base_folder)
        ways = self.timeline.ways_of_choosing
        self.elections = open_elections(config.city.elections, self.geography.names, base, ways)
        self.population = self.geography.population.astype(np.float64)
        self.scale = len(residents) / people.at_full_scale
        self.rows = Rows(residents, self.neighbourhoods)
        self.ties.watch(self.rows.cell, self.rows.generation)
        self.elite_resources = float(np.quantile(residents.resources, 1.0 - ELITE_SHARE))
        self.openness = self.traits.uniform("openness", 0, len(residents))
        self.mean_need_weights = self.rows.mean_by_neighbourhood(residents.need_weights)
        self.favour = np.exp(0.5 * self.place_streams.normal("favour", 0, self.neighbourhoods))
        self.services = self.geography.services.copy()
        self.services_at_start = self.services.copy()
        self.services_history: list[Floats] = [self.services.copy()]
        perceive(self)
        of_luck, self.usual_services, self.wear = start_services(self)
        begin_life(self, of_luck)
        self.gained = tuple(np.zeros(len(residents)) for _ in KINDS)
        self.national_mood, self.disposition_moved = 0.0, 0.0
        self.formative_rows = -1, NOBODY
        self.usual_of_the_young = tuple(np.zeros(0) for _ in KINDS)
        self.trait_scale = {
            name: (float(residents[name].mean()), float(residents[name].std()))
            for name in ("resources", "civic_skill", "propensity", "trust_in_municipality")
        }
        self.start = {
            name: float(residents[name].mean())
            for name in ("trust_in_municipality", "trust_in_council", "resources", "belonging")
        }
        residents.fix()
        self._begin_run()

    def _begin_run(self) -> None:
        count = self.neighbourhoods
        self.begin_agents()
        self.log, self.projects = Log(self), Projects()
        self.now, self.last_week = Week(1), Week(0)
        self.built_by_councils = np.zeros((count, SERVICES))
        self.volunteers_per_thousand = np.zeros(count)
        self.programmes_planned = np.zeros(count, dtype=bool)
        self.visits_planned = np.zeros(count, dtype=bool)
        self.mentoring = np.zeros(count)
        self.active_youths = np.zeros(count)
        self.crews = np.full((count, CREW_SIZE), -1)
        self.crew_turn = np.zeros(count, dtype=np.int64)
        self.money, self.institutions = Money(self), Institutions(self)
        self.institutions.open()
        self.money.refresh_accountability()
        self.money.refresh_allocation()
        open_works_in_progress(self)

    # ---------------------------------------------------------------- results

    @property
    def history(self) -> pd.DataFrame:
        """One row per week (or measured week) for the city, week 0 being the start."""
        return self.recorder.city_frame()

    @property
    def neighbourhood_history(self) -> pd.DataFrame:
        """One row per week and neighbourhood."""
        return self.recorder.neighbourhood_frame()

    @property
    def group_history(self) -> pd.DataFrame:
        """One row per week and group: by sex, cohort, attendance and standing."""
        return self.recorder.group_frame()

    @property
    def events(self) -> pd.DataFrame:
        """One row per event."""
        return self.log.frame()

    @property
    def snapshots(self) -> pd.DataFrame:
        """The state of every resident after each of `run.snapshot_weeks`."""
        return self.recorder.snapshot_frame()

    def people(self) -> pd.DataFrame:
        """The residents as they are now, one a row, with the columns that `city.population.data_file` takes.

        Rows stand in the order in which the residents were drawn or read, by which draws are keyed. Written at the
        start, at scale 1, and read again they are the same people with the same history; households may be numbered
        anew. Written later, they have the trust, belonging and hope they have come to, with what they have lived;
        habit and skill are those of a start. Where they are a sample (`run.scale` below 1), each has a weight.
        """
        return frame_of_people(self)

    def network(self) -> nx.Graph[int]:
        """The social network: nodes are the residents' unique ids with their attributes, edges have a `kind`.

        The graph's attribute `people` is a digest of the residents, by which a file of it is known again.
        """
        return graph_of_ties(self)

    def write_network(self, path: str | Path) -> None:
        """Write the social network to a file that `city.network.file` takes: GraphML by its suffix, or an edge list.

        Raises:
            OSError: it cannot be written.
        """
        write_graph(self, path)


__all__ = ["City"]
