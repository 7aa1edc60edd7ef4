"""Institutions: neighbourhoods with their councils, mayors and facilitators; projects; teams; the municipality.

Ordinary objects with ordinary attributes. Money is in bn toman; a list of six has one number a category of service.
"""

from __future__ import annotations

import math

from sim.neighbourhoods import CATEGORIES
from sim.rules.voting import approvals_from_utilities, equal_shares, gini, greedy, share_without_winner
from tests.docking import rules

SIX = range(len(CATEGORIES))
NEVER = 1_000_000  # pledge week of a work that nobody pledged to a date
CREW_SIZE = 8
LAPSE_WEEKS = 26
MEMORY_OF_A_WEEK = 0.5 ** (1.0 / 52.0)  # half of the memory of money and pledges is gone in a year


def mean(values):
    """Mean of numbers; 0 of none."""
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def ranking(values):
    """Place of each value, 0 for the highest; equal values in their order."""
    order = sorted(range(len(values)), key=lambda index: -values[index])
    return [order.index(index) for index in range(len(values))]


class PlainProject:
    """A construction project. Promised ones may never begin; `delegated` says from whose account it is paid."""

    def __init__(self, number, neighbourhood, category, cost, **fields):
        self.number = number
        self.neighbourhood = neighbourhood
        self.category = category
        self.cost = cost
        self.by_council = False
        self.delegated = False
        self.captured = False
        self.start_week = -1
        self.pledge_week = NEVER
        self.end_week = -1
        self.progress = 0.0
        self.spent = 0.0
        self.pace = 1.0
        self.late = False
        self.status = "active"
        for name, value in fields.items():
            setattr(self, name, value)

    @property
    def has_date(self):
        return self.pledge_week != NEVER

    @property
    def is_active(self):
        return self.status == "active"

    @property
    def is_open(self):
        return self.status in ("active", "promised")

    @property
    def cost_left(self):
        return self.cost * (1.0 - self.progress)


class Proposal:
    """A project put up for choice: number of its draws, category, cost, captured or not."""

    def __init__(self, number, category, cost, captured):
        self.number, self.category, self.cost, self.captured = number, category, cost, captured


class PlainFacilitator:
    """Who convenes, chairs and passes on news at one hub of one neighbourhood; an imam, if the hub is a mosque."""

    def __init__(self, model, neighbourhood, place, profile):
        self.model, self.neighbourhood, self.place = model, neighbourhood, place
        for name in ("engagement", "credibility", "inclusiveness"):
            deviation = profile.spread * model.luck.normal(f"facilitator {name} {place}", 0, neighbourhood.number)
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
        self.quality = rules.as_share(delivery.team_quality + 0.1 * model.luck.normal("team quality", 0, number))
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
        return rules.assistance_of_team(
            self.quality, capacity, float(self.served), delivery.assistance_without_team
        )


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
        self.called_week = None
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
        """Ask people to come along, most of them of the mayor's own generation."""
        model = self.neighbourhood.model
        participation = model.behaviour.participation
        if not self.in_office:
            return
        asks, own = participation.mayor_asks_per_week * model.scale, participation.own_generation_share
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


class PlainCouncil:
    """The council of a neighbourhood: what it hears, proposes, chooses and pledges."""

    def __init__(self, neighbourhood):
        self.neighbourhood = neighbourhood
        self.model = neighbourhood.model
        self.convened = False
        self.electing = False
        self.called_week = None  # week in which the election under way was called
        self.formed_week = -1
        self.next_round_week = 0
        self.term_end_week = 0
        self.rounds = 0
        self.agenda = [0.0 for _ in SIX]
        self.pledges_kept = 0.0
        self.pledges_broken = 0.0
        self.describe()

    # ---------------------------------------------------------------- who sits on it

    def describe(self):
        """Work out the make-up of the council from its seats."""
        held = [seat for seat in self.neighbourhood.seats if seat.donor is not None and seat.role != "mayor"]
        everybody = [seat.donor for seat in held]
        deciding = [seat.donor for seat in held if seat.decides]
        self.members = len(everybody)
        self.women_share = mean(resident.sex == "woman" for resident in everybody)
        self.youth_share = mean(resident.cohort == "youth" for resident in everybody)
        self.member_needs = [mean(resident.need_weights[c] for resident in everybody) for c in SIX]
        self.elite_share = mean(resident.resources >= self.model.elite_resources for resident in deciding)
        self.resources = mean(resident.resources for resident in deciding)
        self.attendance = mean(resident.attendance_propensity for resident in deciding)
        self.skill = mean(resident.civic_skill for resident in deciding)

    def install(self):
        """Start a term; a new council also gets its agenda and the date of its first round."""
        week = self.model.week
        self.term_end_week = week + self.model.policy.council.term_weeks
        if not self.convened:
            self.convened = True
            self.formed_week = week
            self.next_round_week = week + self.model.behaviour.choice.first_round_after_weeks
            self.agenda = rules.as_shares(rules.need(self.member_needs, self.neighbourhood.services))

    # ---------------------------------------------------------------- hearings

    def meets_in(self, week):
        """Hearings come round every few weeks; the neighbourhoods take turns."""
        interval = self.model.policy.council.hearing_interval_weeks
        return self.convened and (week + self.neighbourhood.number) % interval == 0

    def hear_needs(self):
        """Renew the agenda from the needs of members, of those at the hub, and of those who speak."""
        knowledge, home = self.model.behaviour.knowledge, self.neighbourhood
        topics = [resident.topic for resident in home.residents if resident.speaks]
        spoken = [float(topics.count(c)) for c in SIX]
        of_members = rules.as_shares(rules.need(self.member_needs, home.services))
        voiced = [knowledge.member_voice * share for share in of_members]
        if self.model.policy.hub.kinds:
            of_attenders = rules.as_shares(rules.need(home.attender_needs, home.services))
            voiced = [voiced[c] + knowledge.attender_voice * of_attenders[c] for c in SIX]
        if topics:
            of_speakers = rules.as_shares(spoken)
            voiced = [voiced[c] + knowledge.speaker_voice * of_speakers[c] for c in SIX]
        if not sum(voiced):
            voiced = of_members
        errors = [knowledge.council_error * home.draw_normal("council view", 6, c) for c in SIX]
        fresh = rules.as_shares([voiced[c] * math.exp(errors[c]) for c in SIX])
        memory = knowledge.agenda_memory
        self.agenda = [memory * self.agenda[c] + (1.0 - memory) * fresh[c] for c in SIX]

    # ---------------------------------------------------------------- rounds of choice

    def hold_round(self):
        """Propose, choose and pledge; a council that is only consulted gets its first choice promised."""
        model = self.model
        proposals = self.propose()
        self.rounds += 1
        self.next_round_week = model.week + model.behaviour.choice.round_interval_weeks
        model.totals["rounds"] += 1
        model.totals["projects_proposed"] += len(proposals)
        most_of_a_kind = max(sum(1 for proposal in proposals if proposal.category == c) for c in SIX)
        model.proposal_concentration.append(most_of_a_kind / len(proposals))
        if model.policy.authority.mode == "delegated":
            chosen = self.choose(proposals, self.credit())
            for proposal in chosen:
                self.pledge(proposal, delegated=True, start_week=model.week, status="active")
        else:
            # Of what the price of the dearest would buy, the first on the list.
            chosen = self.choose(proposals, max(proposal.cost for proposal in proposals))[:1]
            for proposal in chosen:
                self.pledge(proposal, delegated=False, start_week=-1, status="promised")
        model.totals["projects_chosen"] += len(chosen)

    def propose(self):
        """Draw projects: categories after the agenda, costs lognormal, some captured by the elites on the council."""
        model, luck = self.model, self.model.luck
        choice, finance = model.behaviour.choice, model.parameters.city.finance
        risk = rules.capture_probability(
            model.behaviour.capture.council_capture, self.elite_share, model.accountability_left
        )
        chances = rules.proposal_probabilities(self.agenda, choice.focus_on_agenda)
        proposals = []
        for place in range(choice.proposals_per_round):
            number = 2 * ((self.rounds * 1_000 + place) * 10_000 + self.neighbourhood.number) + 1
            lot, category = luck.uniform("proposal category", 0, number), 0
            while category < 5 and lot >= sum(chances[: category + 1]):
                category += 1
            cost = rules.project_cost(
                luck.normal("proposal cost", 0, number), finance.project_cost_mean, finance.project_cost_spread
            )
            captured = luck.uniform("proposal captured", 0, number) < risk
            proposals.append(Proposal(number, category, cost, captured))
        return proposals

    def credit(self):
        """Money that may be committed: on the account, due, and coming while works last, less what is committed."""
        model, home = self.model, self.neighbourhood
        finance, policy = model.parameters.city.finance, model.policy
        teams = model.teams_deployed * finance.team_cost_per_year
        yearly = max(0.0, finance.works_budget_per_year - teams) * home.budget_share
        programmes = policy.programmes.per_year * home.host_engagement * finance.programme_cost
        years = min(self.expected_duration(), model.behaviour.choice.round_interval_weeks) / 52.0
        coming = years * (yearly * model.delegated_share * policy.funding.level - programmes)
        own = [project for project in home.projects if project.is_active and project.delegated]
        after_leak = 1.0 - model.leak_rate_of("council")
        committed = sum(project.cost_left for project in own) / after_leak
        return max(0.0, (home.account + home.arrears + coming - committed) * after_leak)

    def choose(self, proposals, budget):
        """The proposals chosen under the budget by the policy's rule, less those that a veto strikes."""
        rule, costs = self.model.policy.choice.rule, [proposal.cost for proposal in proposals]
        if rule in ("ballot_greedy", "ballot_equal_shares"):
            taken = self.count_ballot(proposals, budget)
        elif rule in ("council_majority", "facilitator_veto"):
            taken = greedy(costs, self.votes_of_members(proposals), budget).tolist()
        else:
            scores = self.scores(proposals)
            order = sorted(range(len(proposals)), key=lambda place: -scores[place])
            taken = rules.take_in_order(order, costs, budget)
        veto = "facilitator" if rule == "facilitator_veto" else self.model.policy.authority.veto
        chosen = []
        for place, proposal in enumerate(proposals):
            if taken[place] and veto != "none" and self.is_struck(place, proposal, veto):
                self.model.totals["projects_vetoed"] += 1
            elif taken[place]:
                chosen.append(proposal)
        return chosen

    def votes_of_members(self, proposals):
        """Deciding members approve what they need more than other things; captured proposals have them all."""
        votes = [0.0 for _ in proposals]
        for seat in self.neighbourhood.seats:
            if seat.donor is not None and seat.decides:
                needs = seat.donor.needs()
                for place, proposal in enumerate(proposals):
                    votes[place] += needs[proposal.category] >= mean(needs) or proposal.captured
        return votes

    def scores(self, proposals):
        """Where nobody votes: a needs formula, the lot, or the municipality's view."""
        home, rule = self.neighbourhood, self.model.policy.choice.rule
        if rule == "lottery":
            return [home.draw("lottery", 1_000, place) for place in range(len(proposals))]
        view = self.agenda if rule == "needs_formula" else home.as_municipality_sees_it()
        return [view[proposal.category] / proposal.cost for proposal in proposals]

    def is_struck(self, place, proposal, veto):
        """A veto is likelier the lower a category stands in the holder's own view."""
        home = self.neighbourhood
        if veto == "facilitator" and self.model.policy.hub.kinds:
            view = rules.need(home.attender_needs, home.services)
        else:
            view = home.as_municipality_sees_it()
        rank = ranking(view)[proposal.category] / 5.0
        return home.draw("veto", 1_000, place) < self.model.behaviour.choice.veto_strictness * rank

    def count_ballot(self, proposals, budget):
        """Count the ballots of those who came; each follows own needs, with noise. Without voters nothing is chosen."""
        choice = self.model.behaviour.choice
        voters = self.neighbourhood.voters()
        if not voters:
            return [False for _ in proposals]
        everything = [need for voter in voters for need in voter.needs()]
        usual = mean(everything)
        spread = math.sqrt(mean((need - usual) ** 2 for need in everything))
        utilities = []
        for voter in voters:
            needs = voter.needs()
            noise = [spread * choice.ballot_noise * voter.draw_normal(f"ballot {k}") for k in range(len(proposals))]
            utilities.append([needs[proposal.category] + noise[k] for k, proposal in enumerate(proposals)])
        ballots = approvals_from_utilities(utilities, choice.approvals_per_ballot)
        votes = ballots.sum(axis=0)
        if self.model.policy.choice.rule == "ballot_greedy":
            taken = greedy([proposal.cost for proposal in proposals], votes.astype(float), budget)
        else:  # costs in whole thousand toman: Equal Shares is counted exactly
            costs = [float(round(proposal.cost * 1e3)) for proposal in proposals]
            taken = equal_shares(costs, ballots, float(math.floor(budget * 1e3)), completion="add1")
        self.model.ballots.append((gini(votes.astype(float)), share_without_winner(ballots, taken)))
        return taken.tolist()

    def pledge(self, proposal, **fields):
        """Announce a project, and pledge it to a date."""
        project = self.neighbourhood.open_project(
            proposal.category,
            proposal.cost,
            by_council=True,
            captured=proposal.captured,
            pace=self.model.project_pace(proposal.number),
            pledge_week=self.model.week + self.weeks_promised(),
            **fields,
        )
        self.neighbourhood.pledged.append(project)

    def weeks_promised(self):
        """The duration expected here, shortened by optimism; at least a week."""
        return max(1, round(self.expected_duration() * (1.0 - self.model.policy.pledges.optimism)))

    def expected_duration(self):
        """Weeks that a typical project takes here with money at hand."""
        delegated = self.model.policy.authority.mode == "delegated"
        return 1.0 / (self.neighbourhood.pace() if delegated else self.model.municipality.pace())

    # ---------------------------------------------------------------- the rest

    def ask_residents(self):
        if self.convened:
            asks = self.model.behaviour.participation.council_asks_per_week * self.model.scale
            self.neighbourhood.ask_at_random("council asks", asks, self.neighbourhood.residents)

    def dissolve(self):
        """Go home; what was learnt is not unlearnt, and the record of pledges stays."""
        self.convened = False
        self.electing = False
        self.called_week = None


class Neighbourhood:
    """A neighbourhood: its services, money and works, and everybody in it."""

    def __init__(self, model, number, population, services):
        self.model, self.number, self.population = model, number, population
        self.services = list(services)
        self.services_at_start = list(services)
        self.services_so_far = [list(services)]  # by week, for the municipality, which sees them late
        self.residents = []
        self.seats = []
        self.facilitators = []
        self.projects = []
        self.team = None
        self.help_withdrawn = 0.0  # by shocks
        self.assistance = 0.0
        self.account = 0.0
        self.arrears = 0.0
        self.reserved = 0.0  # set aside for the municipality's own works here
        self.budget_share = 0.0
        self.council_spending = [0.0 for _ in SIX]
        self.central_spending = [0.0 for _ in SIX]
        self.central_works_begun = 0
        self.occasions = set()
        self.programme_planned = False
        self.visit_planned = False
        self.volunteers_per_thousand = 0.0
        self.active_youths = 0.0
        self.mentoring = 0.0
        self.crew = []  # the last different volunteers
        self.crew_turn = 0
        self.begin_week()

    def begin_week(self):
        """Forget last week's news."""
        self.pledged, self.finished, self.broken = [], [], []

    def draw(self, stream, width=1, place=0):
        """This week's luck; with several draws a week, `place` of `width`."""
        return self.model.luck.uniform(stream, self.model.week, self.number * width + place)

    def draw_normal(self, stream, width=1, place=0):
        return self.model.luck.normal(stream, self.model.week, self.number * width + place)

    # ---------------------------------------------------------------- what is needed here

    def describe_needs(self):
        """Mean need weights of everybody, and of those who go to the hubs of the policy, by how often they go."""
        self.mean_need_weights = [mean(resident.need_weights[c] for resident in self.residents) for c in SIX]
        attendance = sum(resident.attendance_propensity for resident in self.residents)
        self.attender_needs = self.mean_need_weights
        if attendance > 0.0:
            self.attender_needs = [
                sum(r.attendance_propensity * r.need_weights[c] for r in self.residents) / attendance for c in SIX
            ]

    def true_need(self):
        return rules.need(self.mean_need_weights, self.services)

    def as_municipality_sees_it(self):
        """Need of everybody, but late, and with a large error drawn anew each year."""
        knowledge = self.model.behaviour.knowledge
        seen = self.services_so_far[max(0, len(self.services_so_far) - 1 - knowledge.municipality_delay_weeks)]
        year = self.model.week // 52
        errors = [self.model.luck.normal("municipal view", year, 6 * self.number + c) for c in SIX]
        needs = rules.need(self.mean_need_weights, seen)
        return [needs[c] * math.exp(knowledge.municipality_error * errors[c]) for c in SIX]

    # ---------------------------------------------------------------- people in it

    @property
    def host_engagement(self):
        """How likely the host acts in a week: any of the facilitators, or the municipality where there is no hub."""
        if not self.facilitators:
            return self.model.behaviour.selection.municipal_engagement
        return 1.0 - math.prod(1.0 - facilitator.engagement for facilitator in self.facilitators)

    def voters(self):
        return [resident for resident in self.residents if "ballot" in resident.came_to]

    def ask_at_random(self, stream, rate, pool):
        """Ask people of the pool by lot, `rate` a week on average."""
        most = math.ceil(rate)
        for place in range(most):
            # The last asking happens with the probability that is left over.
            happens = place + self.draw(f"{stream} how many", 1_000) < rate
            luck = self.draw(f"{stream} whom", 1_000, place)
            if happens and pool:
                pool[int(luck * len(pool))].asked = True

    def plan_occasions(self):
        """What there will be to come to next week; it is announced now."""
        model, council, next_week = self.model, self.council, self.model.week + 1
        likely = model.policy.programmes.per_year / 52.0 * model.behaviour.delivery.programme_success
        self.programme_planned = council.convened and self.draw("programme") < likely * self.host_engagement
        visits = model.policy.authority.visits_per_year / 52.0 / len(model.neighbourhoods)
        self.visit_planned = self.draw("visit") < visits
        at_work = any(project.is_active and project.delegated for project in self.projects)
        ballot = council.electing or self.mayor.electing
        if model.policy.choice.rule in ("ballot_greedy", "ballot_equal_shares"):
            ballot = ballot or (council.convened and council.next_round_week == next_week)
        planned = {
            "hearing": council.meets_in(next_week) or self.visit_planned,
            "programme": self.programme_planned,
            "volunteering": at_work and council.convened,
            "ballot": ballot,
        }
        self.occasions = {kind for kind, takes_place in planned.items() if takes_place}

    def count_volunteers(self):
        volunteers = sum(1 for resident in self.residents if "volunteering" in resident.comes_to)
        self.volunteers_per_thousand = 1000.0 * volunteers / len(self.residents)

    def burnout_hazard(self, load):
        """Weekly probability of leaving: more with load and broken pledges, less with recognition."""
        kept, broken = self.council.pledges_kept, self.council.pledges_broken
        recognition = 0.5 * self.host_engagement + 0.5 * self.mayor.in_office
        unmet = broken / (broken + kept + 1.0)
        return rules.burnout_probability(self.model.behaviour.burnout, load, unmet, recognition)

    def arrange_mentoring(self):
        """Quality of mentoring: hours of elders, facilitators and young mayors per active youth."""
        model, council, learning = self.model, self.council, self.model.behaviour.learning
        without_office = sum(
            1
            for resident in self.residents
            if resident.cohort == "youth" and not resident.is_member and resident.took_part_since(model.week - 3)
        )
        self.active_youths += (without_office / model.scale - self.active_youths) / 13.0  # averaged over a quarter
        youths = self.active_youths + council.youth_share * council.members
        hours = 0.0
        if council.convened:
            hours += learning.mentor_hours_of_elders * (1.0 - council.youth_share) * council.members
            if model.policy.hub.kinds:
                hours += learning.mentor_hours_of_facilitator * self.host_engagement
        if self.mayor.is_young_and_in_office:
            hours += learning.mentor_hours_of_youth_mayor
        self.mentoring = rules.mentor_quality(hours, youths, learning.hours_for_half_mentor)

    def form_crew(self):
        """This week's volunteers join the crew of the last eight, in the place of those who came longest ago."""
        for resident in self.residents:
            if "volunteering" in resident.comes_to and resident not in self.crew:
                if len(self.crew) < CREW_SIZE:
                    self.crew.append(resident)
                else:
                    self.crew[self.crew_turn % CREW_SIZE] = resident
                self.crew_turn += 1

    # ---------------------------------------------------------------- works and programmes

    def pace(self):
        """Share of a typical project that the council gets done in a week with money at hand."""
        delivery = self.model.behaviour.delivery
        leader = self.mayor.skill if self.mayor.in_office else self.council.skill
        return rules.speed(
            delivery.base_duration_weeks, self.assistance, self.volunteers_per_thousand, leader, delivery
        )

    def open_project(self, category, cost, **fields):
        project = PlainProject(len(self.model.projects), self, category, cost, **fields)
        self.model.projects.append(project)
        self.projects.append(project)
        return project

    def hand_over(self, project):
        """A work is finished: services rise; a pledge may have been kept."""
        model = self.model
        project.status = "finished"
        project.end_week = model.week
        private = model.behaviour.capture.private_share if project.captured else 0.0
        gain = rules.project_gain(
            project.cost,
            model.parameters.city.finance.project_cost_mean,
            model.behaviour.services.gain_per_typical_project,
            private,
        )
        self.services[project.category] = rules.deliver(self.services[project.category], gain)
        if project.by_council and not project.late and project.pledge_week >= model.week:
            self.council.pledges_kept += 1.0
        self.finished.append(project)

    def stop(self, project):
        """A work ends for good: what was set aside for it is free again; a pledge not yet late is broken."""
        if project.is_active and not project.delegated:
            self.reserved += project.cost_left / (1.0 - self.model.leak_rate_of("municipality"))
        project.status = "failed"
        project.end_week = self.model.week
        if not project.late:
            self.note_broken_pledge(project)

    def note_broken_pledge(self, project):
        self.broken.append(project)
        if project.by_council:
            self.council.pledges_broken += 1.0

    def hold_programme(self):
        """Hold the programme planned last week, if it can be paid for."""
        model = self.model
        cost, delegated = model.parameters.city.finance.programme_cost, model.policy.authority.mode == "delegated"
        account = self.account if delegated else self.reserved
        if not (self.programme_planned and self.council.convened and account >= cost - 1e-9):
            return
        if delegated:
            self.account -= cost
        else:
            self.reserved -= cost
            model.municipality.balance -= cost
        model.municipality.spent["programmes"] += cost
        came = sum(1 for resident in self.residents if "programme" in resident.came_to)
        model.totals["programmes_held"] += 1
        model.totals["programme_attendance"] += came / model.scale

    def let_week_pass(self):
        """Services decay; the memory of recent money and pledges fades."""
        rate = self.model.behaviour.services.decay_per_year
        self.services = [rules.decay(service, rate) for service in self.services]
        self.council_spending = [money * MEMORY_OF_A_WEEK for money in self.council_spending]
        self.central_spending = [money * MEMORY_OF_A_WEEK for money in self.central_spending]
        self.council.pledges_kept *= MEMORY_OF_A_WEEK
        self.council.pledges_broken *= MEMORY_OF_A_WEEK


class PlainMunicipality:
    """The municipality: its account, what it pays, and the works it carries out itself."""

    def __init__(self, model):
        self.model = model
        self.received = 0.0
        self.balance = 0.0
        self.delegated_paid = 0.0
        self.spent = {"council_works": 0.0, "central_works": 0.0, "programmes": 0.0, "teams": 0.0}
        self.leaked = {"council": 0.0, "municipality": 0.0}

    def receive(self, money):
        self.received += money
        self.balance += money

    def pace(self):
        """Share of a typical project that the municipality gets done in a week."""
        delivery = self.model.behaviour.delivery
        return delivery.central_speed / delivery.base_duration_weeks

    @property
    def uncommitted(self):
        """Money that is neither due to a neighbourhood nor set aside."""
        promised = sum(home.arrears + home.reserved for home in self.model.neighbourhoods)
        return max(0.0, self.balance - promised)

    # ---------------------------------------------------------------- phase 2

    def pay_instalments(self):
        """Receive a week's budget, pay the teams, divide the rest by the key; pay what is due at its dates."""
        model, finance, funding = self.model, self.model.parameters.city.finance, self.model.policy.funding
        income = finance.works_budget_per_year / 52.0
        self.receive(income)
        for_teams = min(income, model.teams_deployed * finance.team_cost_per_year / 52.0)
        self.balance -= for_teams
        self.spent["teams"] += for_teams
        if model.week % 4 == 0:
            self.set_budget_shares()
        for home in model.neighbourhoods:
            due = (income - for_teams) * home.budget_share
            delegated = model.delegated_share * funding.level * due if home.council.convened else 0.0
            home.arrears += delegated
            home.reserved += due - delegated  # whoever decides, a neighbourhood gets its whole share
        if model.week % funding.instalment_interval_weeks == 0:
            for home in model.neighbourhoods:
                if home.draw("payment") < funding.payment_reliability:
                    self.pay(home)

    def pay(self, home):
        self.balance -= home.arrears
        self.delegated_paid += home.arrears
        home.account += home.arrears
        home.arrears = 0.0

    def set_budget_shares(self):
        """The key by which money is divided between neighbourhoods."""
        model, homes = self.model, self.model.neighbourhoods
        population = [home.population for home in homes]
        rule = model.policy.allocation.rule
        if rule == "per_head":
            shares = rules.per_head(population)
        elif rule == "by_need":
            shares = rules.by_need(population, [sum(home.true_need()) for home in homes])
        elif rule == "by_favour":
            shares = rules.by_favour(population, [math.exp(0.5 * model.luck.normal("favour", 0, n.number)) for n in homes])
        else:
            since = model.week - 3
            active = [mean(resident.took_part_since(since) for resident in home.residents) for home in homes]
            shares = rules.by_participation(population, active)
        for home, share in zip(homes, shares, strict=True):
            home.budget_share = share

    # ---------------------------------------------------------------- phase 5

    def begin_works(self):
        """Where the money set aside suffices, begin the work held most needed there, or one promised, if heeded."""
        after_leak = 1.0 - self.model.leak_rate_of("municipality")
        for home in self.model.neighbourhoods:
            number = 2 * (home.number * 10_000 + home.central_works_begun)
            cost = self.cost_of_work(number)
            if home.reserved < cost / after_leak:
                continue
            promised = self.promise_to_keep(home)
            if promised is not None and promised.cost / after_leak <= home.reserved:
                promised.status = "active"
                promised.start_week = self.model.week
                home.reserved -= promised.cost / after_leak
            else:
                home.central_works_begun += 1
                home.reserved -= cost / after_leak
                self.begin_work(home, number, cost)

    def promise_to_keep(self, home):
        """The oldest project promised here that the municipality means to carry out, if any."""
        heeds = self.model.behaviour.knowledge.advice_taken
        for project in home.projects:
            if project.status == "promised" and self.model.luck.uniform("advice", 0, project.number) < heeds:
                return project
        return None

    def cost_of_work(self, number):
        finance = self.model.parameters.city.finance
        normal = self.model.luck.normal("central cost", 0, number)
        return rules.project_cost(normal, finance.project_cost_mean, finance.project_cost_spread)

    def is_captured(self, number, accountability_left):
        risk = self.model.behaviour.capture.municipal_capture * accountability_left
        return self.model.luck.uniform("central captured", 0, number) < risk

    def begin_work(self, home, number, cost):
        """Begin a work in the category held most needed among those not under way, and pledge it to a date."""
        model = self.model
        under_way = {project.category for project in home.projects if project.is_active}
        view = [0.0 if c in under_way else need for c, need in enumerate(home.as_municipality_sees_it())]
        weeks = max(1, round((1.0 - model.policy.pledges.optimism) / self.pace()))
        project = home.open_project(
            view.index(max(view)),
            cost,
            captured=self.is_captured(number, model.accountability_left),
            pace=model.project_pace(number),
            start_week=model.week,
            pledge_week=model.week + weeks,
        )
        home.pledged.append(project)

    def open_works_in_progress(self):
        """The city did not begin at week 0: works are under way, and the money for them is there.

        They were begun before any policy: per head, and without its accountability.
        """
        model, finance = self.model, self.model.parameters.city.finance
        after_leak = 1.0 - rules.leak_rate(model.behaviour.capture.municipal_leak, 1.0)
        at_once = finance.works_budget_per_year / 52.0 / self.pace() * after_leak / finance.project_cost_mean
        shares = rules.per_head([home.population for home in model.neighbourhoods])
        opening = 0.0
        for home, share in zip(model.neighbourhoods, shares, strict=True):
            count = math.floor(at_once * share + model.luck.uniform("works in progress", 0, home.number))
            home.central_works_begun = count
            for place in range(count):
                number = 2 * (home.number * 10_000 + place)
                view = home.as_municipality_sees_it()
                lot = model.luck.uniform("central category", 0, number) * sum(view)
                project = home.open_project(
                    next(c for c in SIX if lot <= sum(view[: c + 1])),
                    self.cost_of_work(number),
                    captured=self.is_captured(number, 1.0),
                    pace=model.project_pace(number),
                    progress=model.luck.uniform("central progress", 0, number),
                )
                opening += project.cost_left
        self.receive(opening / after_leak)
