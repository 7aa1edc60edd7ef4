"""Neighbourhoods: everybody and everything in one, its money and works, and what there is to come to."""

from __future__ import annotations

import math

from tests.docking import rules
from tests.docking.arithmetic import SIX, mean
from tests.docking.institutions import PlainProject, Scandal

CREW_SIZE = 8
MEMORY_OF_A_WEEK = 0.5 ** (1.0 / 52.0)  # half of the memory of money and pledges is gone in a year


class Neighbourhood:
    """A neighbourhood: its services, money and works, and everybody in it."""

    def __init__(self, model, number, population, services):
        self.model, self.number, self.population = model, number, population
        self.services = list(services)
        self.services_at_start = list(services)
        self.built_by_council = [0.0 for _ in SIX]  # of the level of services, what works on its own account built
        self.contributed = 0.0  # by residents, to works
        self.wear = [1.0 for _ in SIX]  # how fast services decay here, beside the city
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
        self.weeks_of_help = 0  # given here so far
        self.active_youths = 0.0
        self.mentoring = 0.0
        self.crew = []  # the last different volunteers
        self.crew_turn = 0
        self.begin_week()

    def begin_week(self):
        """Forget last week's news."""
        self.pledged, self.finished, self.failed, self.broken = [], [], [], []
        self.scandals = []
        self.services_before = list(self.services)  # and what this week's finished works add, as log gap closed
        self.gains, self.gains_of_council = [0.0 for _ in SIX], [0.0 for _ in SIX]

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

    def mayors_seated(self):
        """Who holds a mayor's seat, or lends his or her traits to a holder outside the sample."""
        return [seat.donor for seat in self.seats if seat.role == "mayor" and seat.donor is not None]

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

    def ask(self, stream, rate):
        """Ask people: a share of them from the list of those who took part, the others at random."""
        from_list = self.model.behaviour.list.share_of_asking
        self.ask_from_list(f"{stream} from the list", rate * from_list)
        self.ask_at_random(stream, rate * (1.0 - from_list), self.residents)

    def ask_from_list(self, stream, rate):
        """Ask people who are on the list here, nobody if there is nobody."""
        self.ask_at_random(stream, rate, [resident for resident in self.residents if resident.listed])

    def ask_to_gathering(self):
        """The host of a gathering asks as many people to come as a council does in a week."""
        if "gathering" in self.occasions:
            self.ask("host asks", self.model.behaviour.participation.council_asks_per_week * self.model.scale)

    def plan_occasions(self):
        """What there will be to come to next week; it is announced now."""
        model, council, next_week = self.model, self.council, self.model.week + 1
        likely = model.policy.programmes.per_year / 52.0 * model.behaviour.delivery.programme_success
        has_time = self.draw("programme") < likely * self.host_engagement
        self.programme_planned = council.convened and has_time and self.payer_of_programme() is not None
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
            "gathering": self.draw("gathering") < model.behaviour.civic.gatherings_per_year / 52.0,
        }
        self.occasions = {kind for kind, takes_place in planned.items() if takes_place}

    def count_volunteers(self):
        volunteers = sum(1 for resident in self.residents if "volunteering" in resident.comes_to)
        self.volunteers_per_thousand = 1000.0 * volunteers / len(self.residents)

    def burnout_hazard(self, load):
        """Weekly probability of leaving: more with load and broken pledges, less with recognition."""
        kept, broken = self.council.pledges_kept, self.council.pledges_broken  # whoever pledged
        recognition = 0.5 * self.host_engagement + 0.5 * self.mayor.in_office
        unmet = rules.beyond_usual(broken, kept, self.model.usually_broken)
        return rules.burnout_probability(self.model.behaviour.burnout, load, unmet, recognition)

    def arrange_mentoring(self):
        """Quality of mentoring: hours of elders, facilitators and young mayors per active youth."""
        model, council, learning = self.model, self.council, self.model.behaviour.learning
        without_office = sum(
            1
            for resident in self.residents
            if resident.cohort == "youth" and not resident.is_member and resident.acted_since(model.week - 3)
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

    def categories_under_way(self):
        return {project.category for project in self.projects if project.is_active}

    def open_project(self, key, category, cost, **fields):
        project = PlainProject(len(self.model.projects), key, self, category, cost, **fields)
        self.model.projects.append(project)
        self.projects.append(project)
        return project

    def hand_over(self, project):
        """A work is finished: services rise, less in a larger neighbourhood, which shares it; a pledge may be kept."""
        model = self.model
        usual = mean(home.population for home in model.neighbourhoods)
        crowding = (self.population / usual) ** model.behaviour.services.rivalry
        project.status = "finished"
        project.end_week = model.week
        private = model.behaviour.capture.private_share if project.captured else 0.0
        relative_cost = project.cost / model.parameters.city.finance.project_cost_mean / crowding
        gain = rules.project_gain(relative_cost, model.behaviour.services.gain_per_typical_project, private)
        self.services[project.category] = rules.deliver(self.services[project.category], gain)
        self.gains[project.category] += gain
        if project.delegated:
            self.gains_of_council[project.category] += gain
        if not project.late:
            self.council.pledges_kept += 1.0
        self.finished.append(project)

    def note_what_council_built(self):
        """Works finished in the same week share the rise of services in proportion to their gains."""
        for c in SIX:
            self.built_by_council[c] += rules.level_built(
                self.services[c], self.services_before[c], self.gains[c], self.gains_of_council[c]
            )

    def stop(self, project):
        """A work ends for good: what was set aside for it is free again; a pledge not yet late is broken."""
        if project.is_active and not project.delegated:
            self.reserved += project.cost_left / (1.0 - self.model.leak_rate["municipality"])
        project.status = "failed"
        self.failed.append(project)
        project.end_week = self.model.week
        if not project.late:
            self.note_broken_pledge(project)

    def note_late(self, project):
        project.late = True
        self.note_broken_pledge(project)

    def note_broken_pledge(self, project):
        self.broken.append(project)
        self.council.pledges_broken += 1.0

    def payer_of_programme(self):
        """Who can pay for a programme: the neighbourhood's own account, else the money reserved for it, else nobody.

        A hair's breadth is allowed: councils spend on works all but the cost of the next programme, and then the
        rounding of sums would decide.
        """
        cost = self.model.parameters.city.finance.programme_cost - 1e-9
        return "account" if self.account >= cost else "reserve" if self.reserved >= cost else None

    def hold_programme(self):
        """Hold the programme planned last week, if it can still be paid for."""
        model, payer = self.model, self.payer_of_programme()
        cost = model.parameters.city.finance.programme_cost
        if not (self.programme_planned and self.council.convened and payer):
            return
        if payer == "account":
            self.account -= cost
        else:
            self.reserved -= cost
            model.municipality.balance -= cost
        model.municipality.spent["programmes"] += cost
        came = sum(1 for resident in self.residents if "programme" in resident.came_to)
        model.totals["programmes_held"] += 1
        model.totals["programme_attendance"] += came / model.scale

    def uncover_leaks(self):
        """Leaks may come to light, by the money each side spends here; a tenth of all spending is a full scandal."""
        model, capture = self.model, self.model.behaviour.capture
        accountability = model.policy.accountability
        factor = capture.audit_discovery_factor ** (accountability.audit + accountability.publication)
        spending = {"council": sum(self.council_spending), "municipality": sum(self.central_spending)}
        total = sum(spending.values())
        for whose, spent in spending.items():
            leak = model.leak_rate[whose]
            chance = rules.discovery_probability(leak, capture.discovery_per_year, factor)
            if total > 0.0 and self.draw(f"leaks of {whose}") < chance * spent / total:
                model.totals["scandals"] += 1
                self.scandals.append(Scandal("leak", min(1.0, 10.0 * leak), whose))

    def hand_works_over_to_municipality(self):
        """Where the council no longer spends, the municipality takes its works over, with what is on its account."""
        self.model.municipality.balance += self.account
        self.reserved += self.account + self.arrears
        self.account = self.arrears = 0.0
        for project in self.projects:
            if project.is_active and project.delegated:
                project.delegated = False
                project.price = project.cost
                self.reserved -= project.cost_left / (1.0 - self.model.leak_rate["municipality"])

    def let_week_pass(self):
        """Services decay, those that the council built more slowly; the memory of recent money and pledges fades."""
        rates = [rules.worn(self.model.behaviour.services.decay_per_year, wear) for wear in self.wear]
        upkeep = self.model.behaviour.returns.upkeep_gain
        levels = list(zip(self.built_by_council, self.services, rates, strict=True))
        self.services = [rules.decay(s, rate) + rules.kept_by_upkeep(u, s, rate, upkeep) for u, s, rate in levels]
        self.built_by_council = [rules.left_of_built(u, s, rate, upkeep) for u, s, rate in levels]
        self.council_spending = [money * MEMORY_OF_A_WEEK for money in self.council_spending]
        self.central_spending = [money * MEMORY_OF_A_WEEK for money in self.central_spending]
        self.council.pledges_kept *= MEMORY_OF_A_WEEK
        self.council.pledges_broken *= MEMORY_OF_A_WEEK
