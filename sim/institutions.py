"""Institutions: councils, mayors, the municipality, hubs with their facilitators, teams, and who sits where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.agents import Council, Facilitator, Imam, Municipality, MunicipalTeam, NeighbourhoodMayor
from sim.columns import Table
from sim.equilibrium import usual_pledges
from sim.hubs import HubProfile
from sim.phases.programme import rollout_order
from sim.population import weekly_propensity
from sim.rules.delivery import assistance_of_team
from sim.rules.knowledge import need
from sim.seats import Seats, all_seats, council_seats
from sim.selection import describe_councils

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Hub:
    """One kind of hub in the policy: its profile, who goes (rows) and how likely each is there in a week."""

    kind: str
    profile: HubProfile
    goers: Integers
    propensity: Floats


class Institutions:
    """The city's institutions; what hangs on the policy is worked out by `open`, and anew when a lever moves.

    Attributes:
        councils, mayors: one row per neighbourhood; council_agents, mayor_agents: the same as agents.
        municipality: the agent.
        hubs: those of the policy, in its order.
        facilitators: one row per hub and neighbourhood; facilitator_agents: the same as agents.
        host_engagement: probability that a neighbourhood's host acts in a week, (M,).
        attender_needs: mean need weights of those at the hubs, (M, 6).
        teams: one row per team; team_agents: the same as agents; team_of_neighbourhood: its row, (M,).
        teams_deployed: teams that are paid for.
        withdrawn_from: share of a team's capacity that shocks took from each neighbourhood, (M,).
        assistance: help with works in each neighbourhood, share, (M,).
        seats: all seats; council_seat_count: those of one council.
        member_rows: rows of residents who hold a seat themselves, ascending.
        rollout_order: neighbourhoods in the order of their turns, (M,).
        view_of_year: a year, and the municipality's errors about need in it, (M, 6).
    """

    councils: Table
    seats: Seats
    member_rows: Integers
    assistance: Floats

    def __init__(self, city: City) -> None:
        count = city.neighbourhoods
        self.city = city
        self.councils, self.mayors = Table(Council, count), Table(NeighbourhoodMayor, count)
        self.councils.formed_week = -1
        self.councils.pledges_kept, self.councils.pledges_broken = usual_pledges(city)
        self.mayors.since_week = -1
        self.mayors.donor = -1
        for table in (self.councils, self.mayors):
            table.neighbourhood = np.arange(count)
        self.municipality = Municipality(city)
        self.council_agents = [Council(city, row) for row in range(count)]
        self.mayor_agents = [NeighbourhoodMayor(city, row) for row in range(count)]
        self.team_agents: list[MunicipalTeam] = []
        self.facilitator_agents: list[Facilitator] = []
        self.teams = Table(MunicipalTeam, 0)
        self.team_of_neighbourhood = np.zeros(count, dtype=np.int64)
        self.withdrawn_from = np.zeros(count)
        self.view_of_year: tuple[int, Floats] = (-1, np.zeros((count, 6)))

    def open(self) -> None:
        """Open what the first policy asks for, once the city holds its institutions."""
        self.open_hubs()
        self.deploy_teams()
        self.lay_out_seats()
        self.rollout_order = rollout_order(self.city)

    # ---------------------------------------------------------------- hubs and teams

    def open_hubs(self) -> None:
        """Open the hubs of the policy: who goes where, and a facilitator for each hub and neighbourhood."""
        city = self.city
        residents, kinds, count = city.residents, city.policy.hub.kinds, city.neighbourhoods
        self.hubs: list[Hub] = []
        stays_away = np.ones(len(residents))
        for place, kind in enumerate(kinds):
            profile = getattr(city.config.city.hubs, kind)
            propensity = weekly_propensity(
                residents, profile, kind == city.config.city.customary_hub, place, city.traits
            )
            goers = np.flatnonzero(propensity > 0.0)
            self.hubs.append(Hub(kind, profile, goers, propensity[goers]))
            stays_away *= 1.0 - propensity
        residents.attendance_propensity = 1.0 - stays_away
        attendance = residents.attendance_propensity
        city.trait_scale["attendance_propensity"] = (float(attendance.mean()), float(attendance.std()))
        weighted = city.rows.mean_by_neighbourhood(residents.need_weights * attendance[:, None])
        total = city.rows.mean_by_neighbourhood(attendance[:, None])
        self.attender_needs = np.divide(weighted, total, out=city.mean_need_weights.copy(), where=total > 0.0)
        for agent in self.facilitator_agents:
            mesa.Agent.remove(agent)
        self.facilitators = Table(Facilitator, count * len(kinds))
        self.facilitators.neighbourhood = np.tile(np.arange(count), len(kinds))
        self.facilitators.slot = np.repeat(np.arange(len(kinds)), count)
        for place, hub in enumerate(self.hubs):
            rows = slice(place * count, (place + 1) * count)
            for name in ("engagement", "credibility", "inclusiveness"):
                deviation = hub.profile.spread * city.place_streams.normal(f"facilitator {name} {place}", 0, count)
                self.facilitators[name][rows] = np.clip(getattr(hub.profile, name) + deviation, 0.02, 0.98)
        classes = [Imam if hub.kind == "mosque" else Facilitator for hub in self.hubs]
        self.facilitator_agents = [classes[row // count](city, row) for row in range(len(self.facilitators))]
        self.refresh_hosts()

    def refresh_hosts(self) -> None:
        """Work out how likely each neighbourhood's host acts in a week: any facilitator, or else the municipality."""
        count = self.city.neighbourhoods
        if not self.hubs:
            self.host_engagement = np.full(count, self.city.config.behaviour.selection.municipal_engagement)
        else:
            idle = (1.0 - self.facilitators.engagement).reshape(len(self.hubs), count)
            self.host_engagement = 1.0 - idle.prod(axis=0)

    def deploy_teams(self) -> None:
        """Spread the teams over the neighbourhoods and work out the assistance each neighbourhood gets."""
        city = self.city
        delivery, support, count = city.config.behaviour.delivery, city.policy.support, city.neighbourhoods
        size = -(-count // support.neighbourhoods_per_team) if support.kind == "team" else 0
        if size != len(self.teams):
            for agent in self.team_agents:
                mesa.Agent.remove(agent)
            self.teams = Table(MunicipalTeam, size)
            quality = delivery.team_quality + 0.1 * city.streams.normal("team quality", 0, size)
            self.teams.quality = np.clip(quality, 0.0, 1.0)
            self.team_of_neighbourhood = np.arange(count) % max(size, 1)
            self.team_agents = [MunicipalTeam(city, row) for row in range(size)]
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

    # ---------------------------------------------------------------- seats

    def lay_out_seats(self, *, keep_councils: bool = False, keep_mayors: bool = False) -> None:
        """Lay out seats after the policy's plan, empty but for those whose part of the plan has not changed."""
        city = self.city
        before = self.seats if keep_councils or keep_mayors else None
        self.council_seat_count = len(council_seats(city.policy.council))
        self.seats = Seats(all_seats(city.policy), city.neighbourhoods, city.config.run.scale)
        for kept, mayors in ((keep_councils, False), (keep_mayors, True)):
            if kept and before is not None:
                self.seats.take_over(before, mayors=mayors)
        self.refresh_members()

    def refresh_members(self, changed: Integers | slice = slice(None)) -> None:
        """Bring the roles of residents, and the make-up of the councils that changed, up to date with the seats."""
        city = self.city
        held = np.flatnonzero(self.seats.filled & self.seats.in_sample)
        holders = self.seats.donor[held]
        self.member_rows = city.rows.distinct(holders)
        city.residents.role = 0
        city.residents.role[holders] = self.seats.role[held]
        concerned = np.zeros(city.neighbourhoods, dtype=bool)
        concerned[changed] = True
        describe_councils(city, np.flatnonzero(concerned))

    # ---------------------------------------------------------------- what they do and know

    def hearing_in(self, week: int) -> Flags:
        """Which neighbourhoods hold a hearing in a week, (M,); they take turns over the interval."""
        interval = self.city.policy.council.hearing_interval_weeks
        turn = slice(-week % interval, None, interval)  # those for which week + number divides by the interval
        held = np.zeros(self.city.neighbourhoods, dtype=bool)
        held[turn] = self.councils.convened[turn]
        return held

    def municipal_view(self) -> Floats:
        """Need as the municipality sees it: everybody's, late, with a large error drawn again each year, (M, 6)."""
        city = self.city
        knowledge = city.config.behaviour.knowledge
        seen = city.services_history[max(0, len(city.services_history) - 1 - knowledge.municipality_delay_weeks)]
        year = city.week // 52
        if self.view_of_year[0] != year:
            number = np.arange(6 * city.neighbourhoods).reshape(-1, 6)
            error = knowledge.municipality_error * city.streams.normal("municipal view", year, number)
            self.view_of_year = (year, np.exp(error))
        return need(city.mean_need_weights, seen) * self.view_of_year[1]
