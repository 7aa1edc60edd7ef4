"""The city: a Mesa model, built once, then stepped through the nine phases of each week."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import mesa
import networkx as nx
import numpy as np
import pandas as pd
from mesa.experimental.scenarios import Scenario
from numpy.typing import NDArray

from sim.agents import Council, Facilitator, Imam, Municipality, MunicipalTeam, NeighbourhoodMayor, Resident, Youth
from sim.agents.council import ELITE_SHARE
from sim.agents.resident import ATTENDANCES, SEXES, STANDINGS, generation_of
from sim.books import Books
from sim.columns import Table, columns_of
from sim.config import Config, load_config, with_policy
from sim.elections import CouncilElection, open_elections
from sim.equilibrium import begin_life, usual_pledges
from sim.errors import ConfigError
from sim.hubs import HubProfile
from sim.kernels import trust as passes
from sim.kernels.marks import marked
from sim.measures import Recorder
from sim.memory import refuse_if_too_large
from sim.neighbourhoods import CATEGORIES
from sim.network import digest_of, to_networkx, write_ties
from sim.own_people import TRAITS
from sim.phases import (
    advance_programme,
    deliver_works,
    expected_duration,
    gather_at_hubs,
    hold_hearings,
    learn,
    open_works_in_progress,
    pay_instalments,
    support_cost_per_year,
    take_part,
    update_trust,
)
from sim.phases.programme import rollout_order
from sim.phases.trust import KINDS
from sim.place import Foundations, build_place, people_of
from sim.policies import Policy, Shock, in_force
from sim.population import weekly_propensity
from sim.projects import ACTIVE, Projects
from sim.randomness import Streams
from sim.rules.allocation import ALLOCATIONS
from sim.rules.capture import leak_rate, remaining_share
from sim.rules.choice import CHOICES, Choice
from sim.rules.delivery import assistance_of_team
from sim.rules.knowledge import need
from sim.rules.returns import part_of_account
from sim.rules.services import SERVICES
from sim.seats import Pools, Seats, all_seats, cell_of, council_seats
from sim.selection import describe_councils
from sim.usual_works import start_services
from sim.week import NOBODY, Event, Week
from sim.yaml_text import read_yaml

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

SEED_OF_CONFIG: Any = type("SeedOfConfig", (), {"__repr__": lambda _: "the seed of the config"})()
"""Stands for `run.seed`, so that an explicit None can mean a fresh seed, as it does in `mesa.batch_run`."""

CREW_SIZE = 8
"""Volunteers of a neighbourhood among whom new ties form: the last so many [assumption]."""


@dataclass(frozen=True)
class Hub:
    """One kind of hub in the policy: its profile, who goes (rows) and how likely each is there in a week."""

    kind: str
    profile: HubProfile
    goers: Integers
    propensity: Floats


class City(mesa.Model[Any, Any]):
    """A city of neighbourhoods under a policy.

    Args:
        config: a `Config`, the path of a YAML file, or None for the defaults.
        rng: seed of the luck, a whole number from 0; left out, `run.seed` of the config. None asks for a fresh one, as
            in Mesa. The place stays the same: `run.place_seed` draws that.
        policies: paths of policy files to put on the timeline.
        scenario: a Mesa scenario; its seed is taken if `rng` is None, and its parameters are keys to set.
        foundations: places of earlier cities, used again as far as they would come out the same.
        measured_weeks: weeks whose rows the weekly tables are to have, besides week 0; None for every week. What
            happens in the city is the same; a week that is not measured takes less time.
        values: dotted keys to set, as ``**{"policy.hub.kinds": ["school"]}`` or ``policy__hub__kinds=["school"]``.

    Raises:
        ConfigError: the request cannot be met, with file, line and key.
    """

    ALLOCATION_INTERVAL_WEEKS = 4
    resident_class: ClassVar[type[Resident]] = Resident
    youth_class: ClassVar[type[Resident]] = Youth
    """Classes of the agents that residents are; a subclass of the city may name its own, both or none."""
    asked_from_outside: Integers = NOBODY
    """Rows of residents whom somebody outside the model asks in person to take part: an experiment, say."""
    seats: Seats
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
        **values: Any,
    ) -> None:
        if not isinstance(config, Config):
            config = load_config(config) if config is not None else Config()
        for policy in [policies] if isinstance(policies, str | Path) else policies:
            config = with_policy(config, read_yaml(policy))
        if scenario is not None:
            own = scenario.__dict__["rng"]
            rng = own if rng is SEED_OF_CONFIG and own is not None else rng
            values = {**{key: value for key, value in scenario if key != "rng"}, **values}
        config = config.with_values({key.replace("__", "."): value for key, value in values.items()})
        seed = config.run.seed if rng is SEED_OF_CONFIG else _as_seed(rng)
        super().__init__(rng=seed)
        if scenario is not None:
            self.scenario = scenario
        self.seed = seed
        self.config = config.with_values({"run.seed": seed}) if seed != config.run.seed else config
        refuse_if_too_large(self.config)
        self.streams = Streams(seed)
        self._build(Foundations(0) if foundations is None else foundations)
        self.recorder = Recorder(self, measured_weeks)
        self.datacollector = self.recorder.datacollector
        self.recorder.record(self)

    def __init_subclass__(cls, **more: Any) -> None:
        """Refuse classes of residents that would leave some residents, or their data, behind."""
        super().__init_subclass__(**more)  # type: ignore[no-untyped-call]
        if ("resident_class" in cls.__dict__) != ("youth_class" in cls.__dict__):
            raise TypeError(f"{cls.__name__} must name both resident_class and youth_class, or youths go without")
        for agent_class in (cls.resident_class, cls.youth_class):
            own = sorted(set(columns_of(agent_class)) - set(columns_of(Resident)))
            if own:
                raise TypeError(f"{agent_class.__name__} cannot add columns ({', '.join(own)}): use plain attributes")

    # ---------------------------------------------------------------- the week

    def step(self) -> None:
        """One week: the nine phases of the model."""
        advance_programme(self)
        pay_instalments(self)
        gather_at_hubs(self)
        hold_hearings(self)
        deliver_works(self)
        take_part(self)
        learn(self)
        update_trust(self)
        self.measure()

    def run(self, weeks: int | None = None) -> City:
        """Run to the end of the config's horizon (or for some weeks) and return the city itself."""
        left = self.config.run.weeks - self.week if weeks is None else weeks
        if left > 0:
            self.run_for(left)
        return self

    def measure(self) -> None:
        """Phase 9. Measures: one row for the city, one for each neighbourhood, one for each group; close the week."""
        self.services_history.append(self.services.copy())
        self.recorder.record(self)
        self.last_week, self.now = self.now, Week(self.week + 1)
        self.running = self.week < self.config.run.weeks

    @property
    def week(self) -> int:
        """Weeks begun: 0 before the first step, 1 in it."""
        return int(self.time)

    # ---------------------------------------------------------------- building

    def _build(self, foundations: Foundations) -> None:
        """Take the place from its seed, and put institutions into it."""
        config = self.config
        changes = sorted(
            {0, *(d.start for d in config.timeline), *(d.end for d in config.timeline if d.end is not None)}
        )
        self._policy_weeks = changes
        self._policies = [in_force(config.policy, config.timeline, week) for week in changes]
        self.policy = self._policies[0]
        place = build_place(config, foundations)
        people = place.people
        self.geography, self.residents, self.ties = place.geography, people.table, place.ties
        self.education, self.spread_of_people, self._number = people.education, people.spread, people.number
        self.place_streams, self.traits = place.streams, people.traits
        self.luck = people.traits.of_seed(self.seed)
        self.neighbourhoods = self.geography.population.size
        base = Path(config.base_folder)
        self.elections = open_elections(config.city.elections, self.geography.names, base)
        self.population = self.geography.population.astype(np.float64)
        self.scale = len(self.residents) / people.at_full_scale
        self._index_residents()
        self.services = self.geography.services.copy()
        self.services_at_start = self.services.copy()
        self.services_history: list[Floats] = [self.services.copy()]
        self.perceive()
        of_luck, self.usual_services, self.wear = start_services(self)
        begin_life(self, of_luck)
        self.gained = tuple(np.zeros(len(self.residents)) for _ in KINDS)
        self.national_mood, self.disposition_moved = 0.0, 0.0
        self.formative_rows = -1, NOBODY
        self.usual_of_the_young = tuple(np.zeros(0) for _ in KINDS)
        self.trait_scale = {
            name: (float(self.residents[name].mean()), float(self.residents[name].std()))
            for name in ("resources", "civic_skill", "propensity", "trust_in_municipality")
        }
        self.start = {
            name: float(self.residents[name].mean())
            for name in ("trust_in_municipality", "trust_in_council", "resources", "belonging")
        }
        self._build_institutions()

    def _index_residents(self) -> None:
        residents, count = self.residents, self.neighbourhoods
        self._marked = np.zeros(len(residents), dtype=np.uint8)
        self.agents_per_neighbourhood = np.bincount(residents.neighbourhood, minlength=count)
        self.first_row = np.concatenate([[0], np.cumsum(self.agents_per_neighbourhood)])
        self.cell = cell_of(residents.sex, residents.cohort, residents.attendance, residents.standing)
        self.generation = generation_of(residents.cohort)
        of_peers = (residents.neighbourhood.astype(np.int64) * 2 + residents.sex) * 2 + (residents.cohort > 0)
        self.first_of_peers = np.searchsorted(of_peers, np.arange(4 * count + 1))
        self.ties.watch(self.cell, self.generation)
        self.pools = Pools(residents.neighbourhood, self.cell, count)
        self.elite_resources = float(np.quantile(residents.resources, 1.0 - ELITE_SHARE))
        self.openness = self.traits.uniform("openness", 0, len(residents))
        self.mean_need_weights = self.mean_by_neighbourhood(residents.need_weights)
        self.favour = np.exp(0.5 * self.place_streams.normal("favour", 0, count))

    def _build_institutions(self) -> None:
        count = self.neighbourhoods
        self.agent_id_counter = len(self.residents) + 1  # residents are 1 to N, made or not
        self._residents_made = False
        self.books, self.projects = Books(count), Projects()
        self.now, self.last_week = Week(1), Week(0)
        self.events_so_far: list[Event] = []
        self.totals: dict[str, float] = dict.fromkeys(
            (
                "rounds",
                "rounds_disputed",
                "projects_proposed",
                "projects_chosen",
                "projects_vetoed",
                "programmes_held",
                "programme_attendance",
                "scandals",
                "candidates",
                "candidates_women",
                "seats_filled",
            ),
            0.0,
        )
        self.councils, self.mayors = Table(Council, count), Table(NeighbourhoodMayor, count)
        self.councils.formed_week = -1
        self.councils.pledges_kept, self.councils.pledges_broken = usual_pledges(self)
        self.mayors.since_week = -1
        self.mayors.donor = -1
        for table in (self.councils, self.mayors):
            table.neighbourhood = np.arange(count)
        self.municipality = Municipality(self)
        self.council_agents = [Council(self, row) for row in range(count)]
        self.mayor_agents = [NeighbourhoodMayor(self, row) for row in range(count)]
        self.team_agents: list[MunicipalTeam] = []
        self.facilitator_agents: list[Facilitator] = []
        self.central_works_begun = np.zeros(count, dtype=np.int64)
        self.built_by_councils = np.zeros((count, SERVICES))
        self.sharing_in_revenue = 0.0
        self.next_central_cost = np.zeros(count)
        self._view_of_year: tuple[int, Floats] = (-1, np.zeros((count, 6)))
        self.volunteers_per_thousand = np.zeros(count)
        self.programmes_planned = np.zeros(count, dtype=bool)
        self.visits_planned = np.zeros(count, dtype=bool)
        self.mentoring = np.zeros(count)
        self.active_youths = np.zeros(count)
        self.crews = np.full((count, CREW_SIZE), -1)
        self.crew_turn = np.zeros(count, dtype=np.int64)
        self.teams = Table(MunicipalTeam, 0)
        self.team_of_neighbourhood = np.zeros(count, dtype=np.int64)
        self.withdrawn_from = np.zeros(count)
        self.open_hubs()
        self.deploy_teams()
        self.lay_out_seats()
        self.refresh_accountability()
        self.refresh_allocation()
        self.rollout_order = rollout_order(self)
        open_works_in_progress(self)

    # ---------------------------------------------------------------- what hangs on the policy

    def policy_of_week(self, week: int) -> Policy:
        """The policy in force in a week."""
        return self._policies[bisect_right(self._policy_weeks, week) - 1]

    def shocks_of_week(self, week: int) -> list[tuple[int, Shock]]:
        """Shocks of a week, each with its number among those of its kind, which keys its lot."""
        every = [shock for difference in self.config.timeline for shock in difference.shocks if shock.week == week]
        kinds = [shock.kind for shock in every]
        return [(kinds[:place].count(shock.kind), shock) for place, shock in enumerate(every)]

    def open_hubs(self) -> None:
        """Open the hubs of the policy: who goes where, and a facilitator for each hub and neighbourhood."""
        kinds, count = self.policy.hub.kinds, self.neighbourhoods
        self.hubs: list[Hub] = []
        stays_away = np.ones(len(self.residents))
        for place, kind in enumerate(kinds):
            profile = getattr(self.config.city.hubs, kind)
            propensity = weekly_propensity(
                self.residents, profile, kind == self.config.city.customary_hub, place, self.traits
            )
            goers = np.flatnonzero(propensity > 0.0)
            self.hubs.append(Hub(kind, profile, goers, propensity[goers]))
            stays_away *= 1.0 - propensity
        self.residents.attendance_propensity = 1.0 - stays_away
        attendance = self.residents.attendance_propensity
        self.trait_scale["attendance_propensity"] = (float(attendance.mean()), float(attendance.std()))
        weighted = self.mean_by_neighbourhood(self.residents.need_weights * attendance[:, None])
        total = self.mean_by_neighbourhood(attendance[:, None])
        self.attender_needs = np.divide(weighted, total, out=self.mean_need_weights.copy(), where=total > 0.0)
        for agent in self.facilitator_agents:
            mesa.Agent.remove(agent)
        self.facilitators = Table(Facilitator, count * len(kinds))
        self.facilitators.neighbourhood = np.tile(np.arange(count), len(kinds))
        self.facilitators.slot = np.repeat(np.arange(len(kinds)), count)
        for place, hub in enumerate(self.hubs):
            rows = slice(place * count, (place + 1) * count)
            for name in ("engagement", "credibility", "inclusiveness"):
                deviation = hub.profile.spread * self.place_streams.normal(f"facilitator {name} {place}", 0, count)
                self.facilitators[name][rows] = np.clip(getattr(hub.profile, name) + deviation, 0.02, 0.98)
        classes = [Imam if hub.kind == "mosque" else Facilitator for hub in self.hubs]
        self.facilitator_agents = [classes[row // count](self, row) for row in range(len(self.facilitators))]
        self.refresh_hosts()

    def refresh_hosts(self) -> None:
        """Work out how likely each neighbourhood's host acts in a week: any facilitator, or else the municipality."""
        if not self.hubs:
            engagement = self.config.behaviour.selection.municipal_engagement
            self.host_engagement = np.full(self.neighbourhoods, engagement)
        else:
            idle = (1.0 - self.facilitators.engagement).reshape(len(self.hubs), self.neighbourhoods)
            self.host_engagement = 1.0 - idle.prod(axis=0)

    def deploy_teams(self) -> None:
        """Spread the teams over the neighbourhoods and work out the assistance each neighbourhood gets."""
        delivery, support, count = self.config.behaviour.delivery, self.policy.support, self.neighbourhoods
        size = -(-count // support.neighbourhoods_per_team) if support.kind == "team" else 0
        if size != len(self.teams):
            for agent in self.team_agents:
                mesa.Agent.remove(agent)
            self.teams = Table(MunicipalTeam, size)
            quality = delivery.team_quality + 0.1 * self.streams.normal("team quality", 0, size)
            self.teams.quality = np.clip(quality, 0.0, 1.0)
            self.team_of_neighbourhood = np.arange(count) % max(size, 1)
            self.team_agents = [MunicipalTeam(self, row) for row in range(size)]
        if not size:
            self.teams_deployed = 0.0
            closed = delivery.training_effect if support.kind == "training" else 0.0
            floor = delivery.assistance_without_team
            self.assistance = np.full(count, floor + (1.0 - floor) * closed)
            return
        team = self.team_of_neighbourhood
        self.teams.withdrawn = np.bincount(team, self.withdrawn_from, minlength=size) / np.bincount(
            team, minlength=size
        )
        self.teams.capacity = delivery.team_capacity * (1.0 - self.teams.withdrawn)
        served = np.bincount(team[self.councils.convened], minlength=size).astype(np.float64)
        # A team is paid for once it serves anybody, less what was withdrawn.
        self.teams_deployed = float((1.0 - self.teams.withdrawn)[served > 0].sum())
        capacity = delivery.team_capacity * (1.0 - self.withdrawn_from)
        self.assistance = assistance_of_team(
            self.teams.quality[team], capacity, served[team], delivery.assistance_without_team
        )

    def lay_out_seats(self, *, keep_councils: bool = False, keep_mayors: bool = False) -> None:
        """Lay out seats after the policy's plan, empty but for those whose part of the plan has not changed."""
        before = self.seats if keep_councils or keep_mayors else None
        self.council_seat_count = len(council_seats(self.policy.council))
        self.seats = Seats(all_seats(self.policy), self.neighbourhoods, self.config.run.scale)
        for kept, mayors in ((keep_councils, False), (keep_mayors, True)):
            if kept and before is not None:
                self.seats.take_over(before, mayors=mayors)
        self.refresh_members()

    def refresh_members(self, changed: Integers | slice = slice(None)) -> None:
        """Bring the roles of residents, and the make-up of the councils that changed, up to date with the seats."""
        held = np.flatnonzero(self.seats.filled & self.seats.in_sample)
        holders = self.seats.donor[held]
        self.member_rows = self.distinct(holders)
        self.residents.role = 0
        self.residents.role[holders] = self.seats.role[held]
        concerned = np.zeros(self.neighbourhoods, dtype=bool)
        concerned[changed] = True
        describe_councils(self, np.flatnonzero(concerned))

    def refresh_accountability(self) -> None:
        """Work out what accountability leaves of leak and capture."""
        capture, policy = self.config.behaviour.capture, self.policy.accountability
        self.accountability_left = remaining_share(policy.audit, policy.publication, capture)
        undefined = 1.0 if policy.defined_duties else capture.undefined_duties_factor
        self.leak_rates = {
            "council": leak_rate(capture.council_leak, self.accountability_left, undefined),
            "municipality": leak_rate(capture.municipal_leak, self.accountability_left),
        }

    def refresh_allocation(self) -> None:
        """Work out the key by which money is divided between neighbourhoods, (M,), sum 1."""
        self.allocation = ALLOCATIONS[self.policy.allocation.rule](self)

    @property
    def delegated_share(self) -> float:
        """Share of the budget delegated where there is a council."""
        return self.municipality.delegated_share

    @property
    def way_of_choosing(self) -> Choice:
        """How projects are chosen under the policy."""
        return CHOICES[self.policy.choice.rule]

    @property
    def rung(self) -> float:
        """Arnstein's rung of real power under the policy: consultation's, rising to 1 with the share delegated."""
        low = self.config.behaviour.knowledge.rung_of_consultation
        return low + (1.0 - low) * self.delegated_share * self.policy.funding.level

    def hearing_in(self, week: int) -> Flags:
        """Which neighbourhoods hold a hearing in a week, (M,); they take turns over the interval."""
        interval = self.policy.council.hearing_interval_weeks
        turn = slice(-week % interval, None, interval)  # those for which week + number divides by the interval
        held = np.zeros(self.neighbourhoods, dtype=bool)
        held[turn] = self.councils.convened[turn]
        return held

    def municipal_view(self) -> Floats:
        """Need as the municipality sees it: everybody's, late, with a large error drawn anew each year, (M, 6)."""
        knowledge = self.config.behaviour.knowledge
        seen = self.services_history[max(0, len(self.services_history) - 1 - knowledge.municipality_delay_weeks)]
        year = self.week // 52
        if self._view_of_year[0] != year:
            number = np.arange(6 * self.neighbourhoods).reshape(-1, 6)
            error = knowledge.municipality_error * self.streams.normal("municipal view", year, number)
            self._view_of_year = (year, np.exp(error))
        return need(self.mean_need_weights, seen) * self._view_of_year[1]

    @property
    def busy(self) -> Flags:
        """Categories in which a work is under way, (M, 6)."""
        under_way = np.zeros((self.neighbourhoods, 6), dtype=bool)
        active = self.projects.with_status(ACTIVE)
        under_way[self.projects.neighbourhood[active], self.projects.category[active]] = True
        return under_way

    def election_of(self, b: int) -> CouncilElection | None:
        """The real election that a neighbourhood's next round of choice is; None where residents do not vote."""
        if not self.elections or not self.way_of_choosing.by_ballot:
            return None
        turn = int(self.councils.rounds[b]) + 1
        return next((one for one in self.elections if b in one.rows and one.round in (None, turn)), None)

    def money_of_round(self, b: int) -> float:
        """Money that a real election's budget stands for, in bn toman.

        What the council's means are worth; where councils are only consulted, the neighbourhood's share of the works
        budget until the next round.
        """
        if self.policy.authority.mode == "delegated":
            return self.worth_of_credit(b)
        years = self.config.behaviour.choice.round_interval_weeks / 52.0
        return float(self.works_budget_per_year * self.allocation[b] * years)

    @property
    def revenue_per_year(self) -> float:
        """What sharing the budget adds to it now, in bn toman a year."""
        rise = self.config.behaviour.returns.revenue_rise
        return self.config.city.finance.works_budget_per_year * rise * self.sharing_in_revenue

    @property
    def works_budget_per_year(self) -> float:
        """The works budget with the revenue that sharing it brings, in bn toman a year."""
        return self.config.city.finance.works_budget_per_year + self.revenue_per_year

    def worth_of_credit(self, b: int) -> float:
        """Works at usual cost that a council may commit: its money over the part of it that its account bears."""
        returns = self.config.behaviour.returns
        return self.credit_of(b) / part_of_account(returns.price_reduction, returns.contribution_share)

    def credit_of(self, b: int) -> float:
        """Money a council may commit: on its account, due, and coming while works last, less what it has committed.

        What comes later waits for the next round: who commits it now runs dry before the date pledged.
        """
        finance, policy, projects = self.config.city.finance, self.policy, self.projects
        yearly = max(0.0, self.works_budget_per_year - support_cost_per_year(self)) * self.allocation[b]
        years = min(float(expected_duration(self)[b]), self.config.behaviour.choice.round_interval_weeks) / 52.0
        own = np.flatnonzero((projects.status == ACTIVE) & projects.delegated & (projects.neighbourhood == b))
        with_leak = 1.0 - self.leak_rates["council"]
        left = float((projects.price[own] * (1.0 - projects.progress[own])).sum())
        committed = left * (1.0 - self.config.behaviour.returns.contribution_share) / with_leak
        programmes = policy.programmes.per_year * self.host_engagement[b] * finance.programme_cost
        coming = years * (yearly * self.delegated_share * policy.funding.level - programmes)
        return float(max(0.0, (self.books.delegated[b] + self.books.arrears[b] + coming - committed) * with_leak))

    # ---------------------------------------------------------------- small services to the phases

    def perceive(self) -> None:
        """Work out every resident's perceived performance: P_i = Σ_c w_ic S_bc.

        Raises:
            ValueError: `services` has lost its shape, (M, 6).
        """
        if self.services.shape != (self.neighbourhoods, SERVICES):
            raise ValueError(f"services must be {(self.neighbourhoods, SERVICES)}, not {self.services.shape}")
        passes.perceive(self.first_row, self.services, self.residents.need_weights, self.residents.performance)

    def rows_of(self, neighbourhoods: Integers) -> Integers:
        """Rows of all residents of some neighbourhoods, in the order given."""
        spans = [np.arange(self.first_row[b], self.first_row[b + 1]) for b in neighbourhoods]
        return spans[0] if len(spans) == 1 else np.concatenate([NOBODY, *spans])

    def distinct(self, *groups: Integers) -> Integers:
        """Rows of all residents in any of the groups of rows (0 or more), each once, ascending."""
        for rows in groups:
            self._marked[rows] = 1
        found: Integers = marked(self._marked)
        self._marked[found] = 0
        return found

    def mean_by_neighbourhood(self, values: NDArray[Any]) -> Floats:
        """Means by neighbourhood of columns of values, (N, k) -> (M, k)."""
        total = np.add.reduceat(values.astype(np.float64, copy=False), self.first_row[:-1], axis=0)
        return np.asarray(total / self.agents_per_neighbourhood[:, None])

    def record(
        self,
        event: str,
        b: int | np.integer[Any],
        *,
        category: int = -1,
        amount: float = float("nan"),
        detail: str = "",
    ) -> None:
        """Enter an event of a neighbourhood."""
        name = CATEGORIES[category] if category >= 0 else ""
        self.events_so_far.append(Event(self.week, event, int(b), category=name, amount=amount, detail=detail))

    def record_project(self, event: str, project: int, *, detail: str = "") -> None:
        """Enter an event of a project; the amount is its cost."""
        projects, number = self.projects, int(project)
        whose = "council" if projects.by_council[number] else "municipality"
        self.events_so_far.append(
            Event(
                self.week,
                event,
                int(projects.neighbourhood[number]),
                number,
                CATEGORIES[int(projects.category[number])],
                float(projects.cost[number]),
                f"{whose}; {detail}" if detail else whose,
            )
        )

    # ---------------------------------------------------------------- results

    @property
    def history(self) -> pd.DataFrame:
        """One row a week (or measured week) for the city, week 0 being the start."""
        return self.recorder.city_frame()

    @property
    def neighbourhood_history(self) -> pd.DataFrame:
        """One row a week and neighbourhood."""
        return self.recorder.neighbourhood_frame()

    @property
    def group_history(self) -> pd.DataFrame:
        """One row a week and group: by sex, cohort, attendance and standing."""
        return self.recorder.group_frame()

    @property
    def events(self) -> pd.DataFrame:
        """One row an event."""
        frame = pd.DataFrame(self.events_so_far, columns=Event._fields)
        return frame.astype({"week": "int64", "neighbourhood": "int64", "project": "int64", "amount": "float64"})

    @property
    def snapshots(self) -> pd.DataFrame:
        """The state of every resident after each of `run.snapshot_weeks`."""
        return self.recorder.snapshot_frame()

    def people(self) -> pd.DataFrame:
        """The residents as they are now, one a row, with the columns that `city.population.data_file` takes.

        Rows stand in the order in which the residents were drawn or read, by which draws are keyed. Written at the
        start, at scale 1, and read again they are the same people to the last trait, though households may be numbered
        anew; written later, they have the trust, belonging and hope they have come to. Where they are a sample
        (`run.scale` below 1), each has a weight.
        """
        residents, names = self.residents, np.array(self.geography.names, dtype=object)
        frame: dict[str, Any] = {"neighbourhood": names[residents.neighbourhood], "household": residents.household}
        for name, labels in (("sex", SEXES), ("standing", STANDINGS), ("attendance", ATTENDANCES)):
            frame[name] = np.array(labels, dtype=object)[residents[name]]
        frame["birth_year"] = residents.birth_year
        if self.education is not None:
            frame["education"] = self.education
        frame |= {name: residents[name] for name in TRAITS}
        if self.config.run.scale < 1.0:
            frame["weight"] = np.full(len(residents), 1.0 / self.scale)
        return pd.DataFrame(frame).iloc[np.argsort(self._number)].reset_index(drop=True)

    def network(self) -> nx.Graph[int]:
        """The social network: nodes are the residents' unique ids with their attributes, edges have a `kind`.

        The graph's attribute `people` is a digest of the residents, by which a file of it is known again.
        """
        names = ("neighbourhood", "household", "birth_year", "resources", "trust_in_municipality", "trust_in_people")
        attributes: dict[str, Any] = {name: self.residents[name].tolist() for name in names}
        for name, column in (("sex", Resident.sex), ("cohort", Resident.cohort), ("attendance", Resident.attendance)):
            attributes[name] = [column.labels[code] for code in self.residents[name]]
        return to_networkx(self.ties, attributes, self.people_digest)

    @property
    def people_digest(self) -> str:
        """A digest of who the residents are, row by row; a file of ties belongs to people with one digest."""
        return digest_of(*people_of(self.residents, self.config))

    def write_network(self, path: str | Path) -> None:
        """Write the social network to a file that `city.network.file` takes: GraphML by its suffix, or an edge list.

        Raises:
            OSError: it cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() in (".graphml", ".xml"):
            nx.write_graphml(self.network(), path)
        else:
            write_ties(path, self.ties, self.people_digest)

    # ---------------------------------------------------------------- Mesa

    def resident(self, row: int) -> Resident:
        """The agent of one row of `residents`."""
        return self.resident_agents[row]

    @property
    def resident_agents(self) -> list[Resident]:
        """All residents as agents, by row; made when they are first asked for, of `resident_class` or `youth_class`."""
        self._make_residents()
        return self._resident_agents

    @property
    def agents(self) -> Any:
        """All agents; the residents are made when they are first asked for."""
        self._make_residents()
        return self._all_agents

    @agents.setter
    def agents(self, agents: Any) -> None:
        raise AttributeError("agents are kept by the model; create an agent to add it")

    @property
    def agents_by_type(self) -> Any:
        """Agents by class; the residents are made when they are first asked for."""
        self._make_residents()
        return self._agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """All classes of agents in the city."""
        return list(self.agents_by_type)

    def remove_all_agents(self) -> None:
        """Tear the model down, as Mesa does to free memory; a city that was torn down cannot go on."""
        for agent in list(self._all_agents):
            mesa.Agent.remove(agent)
        self.data_registry.close()
        self.running = False

    def register_agent(self, agent: Any) -> None:
        """Register an agent; a resident's unique id is its row plus one, whenever it is made."""
        super().register_agent(agent)
        if isinstance(agent, Resident):
            agent.unique_id = agent.row + 1  # type: ignore[assignment]  # Mesa declares None
            self.agent_id_counter -= 1

    def _make_residents(self) -> None:
        if not self.__dict__.get("_residents_made", True):
            self._residents_made = True
            young = (self.residents.cohort == 0).tolist()
            classes = (self.resident_class, self.youth_class)
            self._resident_agents = [classes[y](self, row) for row, y in enumerate(young)]


def _as_seed(rng: Any) -> int:
    """A seed from an integer, or one drawn from a generator or a seed sequence."""
    if isinstance(rng, int | np.integer):
        if rng < 0:
            raise ConfigError(f"must be a whole number of at least 0, not {rng}", key="rng")
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**31))


__all__ = ["City"]
