"""Projects, facilitators, teams and mayors: ordinary objects with ordinary attributes. Money is in bn toman."""

from __future__ import annotations

from dataclasses import dataclass

from tests.docking import rules
from tests.docking.arithmetic import as_share, mean


class PlainProject:
    """A construction project. Promised ones may never begin; `delegated` says whether the council carries it out."""

    def __init__(self, number, key, neighbourhood, category, cost, **fields):
        self.number = number
        self.key = key  # keys its draws, whatever else was begun before it
        self.neighbourhood = neighbourhood
        self.category = category
        self.cost = cost  # at usual prices: what it adds to services follows from it
        self.price = cost  # what is paid for it
        self.by_council = False
        self.delegated = False
        self.captured = False
        self.from_before = False  # under way before week 0
        self.start_week = -1
        self.pledge_week = 0
        self.held_up_until = 0  # by a dispute
        self.end_week = -1
        self.progress = 0.0
        self.spent = 0.0
        self.pace = 1.0
        self.late = False
        self.status = "active"
        for name, value in fields.items():
            setattr(self, name, value)

    @property
    def is_active(self):
        return self.status == "active"

    @property
    def is_open(self):
        return self.status in ("active", "promised")

    @property
    def size(self):
        """Beside a work of mean cost: what it says to people weighs by it."""
        return self.cost / self.neighbourhood.model.parameters.city.finance.project_cost_mean

    @property
    def cost_left(self):
        """What is still to be paid."""
        return self.price * (1.0 - self.progress)


class Proposal:
    """A project put up for choice: key of its draws, category, cost, captured or not."""

    def __init__(self, key, category, cost, captured):
        self.key, self.category, self.cost, self.captured = key, category, cost, captured


@dataclass(frozen=True)
class Scandal:
    """What came to light in a neighbourhood (a leak, a shock, or the programme's end), its size, and who is blamed."""

    what: str
    size: float
    blamed: str


class PlainFacilitator:
    """Who convenes, chairs and passes on news at one hub of one neighbourhood; an imam, if the hub is a mosque."""

    def __init__(self, model, neighbourhood, place, profile):
        self.model, self.neighbourhood, self.place = model, neighbourhood, place
        for name in ("engagement", "credibility", "inclusiveness"):
            deviation = profile.spread * model.place_luck.normal(f"facilitator {name} {place}", 0, neighbourhood.number)
            setattr(self, name, min(0.98, max(0.02, getattr(profile, name) + deviation)))
        self.announces = False

    def make_up_mind(self):
        """Announce something this week, or not."""
        number = self.place * len(self.model.neighbourhoods) + self.neighbourhood.number
        acts = self.model.luck.uniform("announcement", self.model.week, number) < self.engagement
        self.announces = acts and self.neighbourhood.council.convened

    def be_replaced(self, size):
        """Give way to somebody who does less of everything."""
        self.engagement *= 1.0 - size
        self.credibility *= 1.0 - size
        self.inclusiveness *= 1.0 - size


class PlainTeam:
    """A municipal team that serves several neighbourhoods."""

    def __init__(self, model, number):
        delivery = model.behaviour.delivery
        self.model = model
        self.quality = as_share(delivery.team_quality + 0.1 * model.luck.normal("team quality", 0, number))
        self.neighbourhoods = []

    @property
    def served(self):
        """How many of its neighbourhoods have a council to assist."""
        return sum(1 for neighbourhood in self.neighbourhoods if neighbourhood.council.convened)

    @property
    def withdrawn(self):
        """Share of the team withdrawn by shocks, over its neighbourhoods."""
        return mean(neighbourhood.help_withdrawn for neighbourhood in self.neighbourhoods)

    def assistance_to(self, neighbourhood):
        """Speed with the team's help; a team spread thin helps less."""
        delivery = self.model.behaviour.delivery
        capacity = delivery.team_capacity * (1.0 - neighbourhood.help_withdrawn)
        return rules.assistance_of_team(self.quality, capacity, float(self.served), delivery.assistance_without_team)


class PlainMayor:
    """The mayoralty of a neighbourhood, with the mean skill of its holders."""

    def __init__(self, neighbourhood):
        self.neighbourhood = neighbourhood
        self.since_week = -1
        self.youth = False
        self.woman = False
        self.skill_at_start = 0.0
        self.leave()

    def leave(self):
        """Empty the office."""
        self.in_office = False
        self.electing = False
        self.skill = 0.0
        self.donor = None

    @property
    def is_young_and_in_office(self):
        return self.in_office and self.youth

    def take_office(self, chosen, seats):
        """Newcomers bring their skill; who stays keeps what was learnt."""
        stay = 1.0 - len(chosen) / seats if self.in_office else 0.0
        skill = mean(resident.civic_skill for resident in chosen)
        self.skill = stay * self.skill + (1.0 - stay) * skill
        self.skill_at_start = stay * self.skill_at_start + (1.0 - stay) * skill
        self.in_office = True
        self.youth = chosen[0].cohort == "youth"
        self.woman = chosen[0].sex == "woman"
        self.donor = chosen[0]

    def ask_residents(self):
        """Ask people to come along: from the list, and of the others most of the mayor's own generation."""
        model = self.neighbourhood.model
        participation = model.behaviour.participation
        if not self.in_office:
            return
        asks, from_list = participation.mayor_asks_per_week * model.scale, model.behaviour.list.share_of_asking
        self.neighbourhood.ask_from_list("mayor asks from the list", asks * from_list)
        asks, own = asks * (1.0 - from_list), participation.own_generation_share
        generation = ("youth",) if self.youth else ("adult", "elder")
        own_generation = [resident for resident in self.neighbourhood.residents if resident.cohort in generation]
        self.neighbourhood.ask_at_random("mayor asks own", asks * own, own_generation)
        self.neighbourhood.ask_at_random("mayor asks", asks * (1.0 - own), self.neighbourhood.residents)

    def learn(self):
        """Learn in office, an act a week."""
        learning = self.neighbourhood.model.behaviour.learning
        if self.in_office:
            rate = learning.skill_rate * (1.0 if self.youth else learning.adult_learning_share)
            self.skill = rules.skill_decay(self.skill, self.skill_at_start, learning.skill_decay_per_week)
            self.skill = rules.skill_gain(self.skill, rate, self.neighbourhood.mentoring)
