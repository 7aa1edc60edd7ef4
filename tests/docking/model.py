"""The plain city: the model of `sim`, written again as a textbook agent-based model, one object an agent.

Read `PlainCity.step` first: nine phases a week, as in the ODD; then `residents.py` and `institutions.py`, which hold
what the agents do. `PlainCity` takes a city that `sim` has built, copies its people, ties and places at week 0, and
from there on runs by itself.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from itertools import pairwise

import mesa

import sim
from sim.agents.resident import Resident
from sim.columns import columns_of
from sim.equilibrium import usual_pledges
from sim.network import KINDS
from sim.policies import in_force
from tests.docking import offices, rules
from tests.docking.arithmetic import deviation, mean
from tests.docking.councils import ELITE_SHARE, PlainCouncil
from tests.docking.institutions import PlainFacilitator, PlainMayor, PlainTeam, Scandal
from tests.docking.luck import Luck
from tests.docking.municipality import PlainMunicipality
from tests.docking.neighbourhoods import Neighbourhood
from tests.docking.outcomes import Outcomes
from tests.docking.residents import KINDS_OF_TRUST, PlainResident

FLOODED = (0, 4)
"""Categories of service that a flood takes from: roads, and waste and drainage."""

LAPSE_WEEKS = 26
"""Weeks after its date in which a promise that was never begun is given up."""


ORDERS = {
    "at_once": ("lot", 0.0),
    "random": ("lot", 0.0),
    "need_first": ("need", -1.0),
    "easy_first": ("need", 1.0),
}
"""What the order of turns goes by, and its sign: -1 where much comes first."""

SHOCKS = ("facilitator_replaced", "team_withdrawn", "scandal", "flood")


class PlainCity(mesa.Model):
    """A city of residents and institutions, each an ordinary object.

    Args:
        city: a `sim.City` that has been built and not yet stepped.
    """

    def __init__(self, city):
        super().__init__(rng=city.seed)
        self.parameters = city.config
        self.behaviour = city.config.behaviour
        self.scale = float(city.scale)  # agents as a share of residents
        self.luck = Luck(city.streams)
        self.residents_luck = Luck(city.luck, everybody=len(city.residents))
        self.place_luck = Luck(city.place_streams)  # what was there before the run, the same for every luck
        self.residents_traits = Luck(city.traits, everybody=len(city.residents))
        self.policy = self.policy_of(0)
        self.totals = dict.fromkeys(
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
        self.projects = []
        self.teams = []
        self.national_mood = 0.0  # what national politics has added to trust and is not yet forgotten
        self.begin_week()
        self.settle_residents(city)
        self.found_institutions()
        self.outcomes = Outcomes(self, city)

    # ---------------------------------------------------------------- the week

    def step(self):
        """One week: the nine phases of the model."""
        self.begin_week()
        self.advance_programme()
        self.municipality.pay_instalments()
        self.gather_at_hubs()
        self.hold_hearings()
        self.deliver_works()
        self.take_part()
        self.learn()
        self.update_trust()
        self.end_week()

    @property
    def week(self):
        return int(self.time)

    @property
    def residents(self):
        return self.agents

    def begin_week(self):
        """Forget what belongs to last week only."""
        self.hub_visits = 0
        self.news_heard = 0
        self.hearings = 0
        self.ballots = []
        self.proposal_concentration = []
        self.exposed = []
        for home in getattr(self, "neighbourhoods", ()):
            home.begin_week()
        for resident in self.agents:
            resident.begin_week()

    def end_week(self):
        """Phase 9. Measures; and what was decided on this week takes place in the next."""
        for home in self.neighbourhoods:
            home.services_so_far.append(list(home.services))
        self.outcomes.record()
        for resident in self.residents:
            resident.came_to = resident.comes_to

    # ---------------------------------------------------------------- phase 1: the programme clock

    def advance_programme(self):
        """Count last week's elections, put the policy in force, let shocks strike, convene councils, choose mayors."""
        self.count_elections()
        policy = self.policy_of(self.week)
        if policy != self.policy:
            self.enter_policy(policy)
        self.let_shocks_strike()
        self.convene_councils()
        self.choose_mayors()
        self.renew_terms()

    def policy_of(self, week):
        """The policy in force in a week."""
        return in_force(self.parameters.policy, self.parameters.timeline, week)

    def enter_policy(self, policy):
        """Put another policy in force, and what hangs on the levers that changed."""
        before, self.policy = self.policy, policy
        if policy.hub != before.hub:
            self.open_hubs()
            self.note_members()
        if policy.support != before.support:
            self.deploy_teams()
        if policy.authority.mode == "top_down" and before.authority.mode != "top_down":
            self.dissolve_councils()
        elif policy.authority.mode == "consultation" and before.authority.mode == "delegated":
            for home in self.neighbourhoods:
                home.hand_works_over_to_municipality()
        if policy.mayor.kind != before.mayor.kind:
            self.vacate_mayoralties()
        plan, old = offices.plan_of_seats(policy), offices.plan_of_seats(before)
        same_councils = offices.on_council(plan) == offices.on_council(old)
        same_mayors = offices.of_mayors(plan) == offices.of_mayors(old)
        if not (same_councils and same_mayors):
            keep = {"mayor"} if same_mayors else {seat[0] for seat in offices.on_council(plan)} if same_councils else ()
            offices.lay_out(self, keep)
            for home in self.neighbourhoods:
                if home.council.convened and not same_councils:
                    self.select_council(home)
            for home in self.neighbourhoods:
                if home.council.convened and home.mayor.in_office and not same_mayors and policy.mayor.kind != "none":
                    self.select_mayors(home)
        self.set_aside_anew()
        if policy.allocation != before.allocation:
            self.municipality.set_budget_shares()
        if policy.rollout != before.rollout:
            self.settle_turns()

    def let_shocks_strike(self):
        every = [shock for difference in self.parameters.timeline for shock in difference.shocks]
        so_far = Counter()
        for shock in every:
            if shock.week == self.week:
                self.strike(shock, so_far[shock.kind])
                so_far[shock.kind] += 1

    def strike(self, shock, number):
        """A shock happens to its share of neighbourhoods, drawn by lot; `number` among those of its kind this week."""
        if shock.size == 0.0:
            return
        by_lot = sorted(self.neighbourhoods, key=lambda home: home.draw(f"{shock.kind} {number}"))
        struck = set(by_lot[: round(shock.share_of_neighbourhoods * len(by_lot))])
        if shock.kind == "facilitator_replaced":
            for home in struck:
                for facilitator in home.facilitators:
                    facilitator.be_replaced(shock.size)
        elif shock.kind == "team_withdrawn":
            for home in struck:
                home.help_withdrawn = 1.0 - (1.0 - home.help_withdrawn) * (1.0 - shock.size)
            self.assist()
        elif shock.kind == "scandal":
            for home in struck:
                home.scandals.append(Scandal("shock", shock.size, shock.blamed))
        elif shock.kind == "flood":
            for home in struck:
                for category in FLOODED:
                    home.services[category] *= 1.0 - shock.size
                    home.built_by_council[category] *= 1.0 - shock.size
        else:
            raise KeyError(shock.kind)

    def count_elections(self):
        """Count the elections that were held last week."""
        for home in self.neighbourhoods:
            council, mayor = home.council, home.mayor
            if council.electing:
                council.electing = False
                offices.fill_council_seats(home, offices.council_seats(home), by_vote=True)
                self.note_members()
                self.install_council(home)
            if mayor.electing:
                mayor.electing = False
                self.install_mayors(home, by_vote=True)

    def convene_councils(self):
        """Where the turn has come, the host convenes a council, as soon as he is engaged enough."""
        if self.policy.authority.mode == "top_down":
            return
        for home in self.neighbourhoods_whose_turn_has_come():
            waits = not home.council.convened and not home.council.electing
            if waits and home.draw("convening") < home.host_engagement:
                self.select_council(home)

    def neighbourhoods_whose_turn_has_come(self):
        """Turns come along the milestones, evenly between two of them."""
        rollout, count = self.policy.rollout, len(self.neighbourhoods)
        points = [(point.week, point.share) for point in rollout.milestones]
        if self.week < points[0][0]:
            return []
        if rollout.order == "at_once":
            return self.in_order_of_turn
        share = points[-1][1]
        for (week, low), (next_week, high) in pairwise(points):
            if week <= self.week < next_week:
                share = low + (high - low) * (self.week - week) / (next_week - week)
        return self.in_order_of_turn[: math.floor(count * share + 1e-9)]

    def settle_turns(self):
        """Put the neighbourhoods in the order of their turns: by lot, or by need as the municipality saw it."""
        rollout, luck = self.policy.rollout, self.luck
        by, first = ORDERS[rollout.order]
        if by == "lot":
            self.in_order_of_turn = sorted(
                self.neighbourhoods, key=lambda home: luck.uniform("rollout order", 0, home.number)
            )
            return
        error = self.behaviour.knowledge.municipality_error

        def as_seen(home):
            needs = rules.need(home.mean_need_weights, home.services_at_start)
            return first * sum(needs) * math.exp(error * luck.normal("rollout view", 0, home.number))

        self.in_order_of_turn = sorted(self.neighbourhoods, key=as_seen)

    def select_council(self, home):
        """Fill the seats at once, or call an election that is held this week and counted in the next."""
        if offices.is_elected(home):
            home.council.electing = True
        else:
            offices.fill_council_seats(home, offices.council_seats(home))
            self.note_members()
            self.install_council(home)

    def install_council(self, home):
        is_new = not home.council.convened
        home.council.install()
        if is_new:
            self.assist()

    def choose_mayors(self):
        """Choose mayors where there is a council, the week has come and the office is vacant."""
        if self.policy.mayor.kind == "none" or self.week < self.policy.mayor.from_week:
            return
        for home in self.neighbourhoods:
            if home.council.convened and not home.mayor.in_office and not home.mayor.electing:
                self.select_mayors(home)

    def select_mayors(self, home):
        """Choose mayors at once, or call an election that is held this week and counted in the next."""
        if self.policy.mayor.selection == "elected":
            home.mayor.electing = True
        else:
            self.install_mayors(home)

    def install_mayors(self, home, by_vote=False):
        if offices.fill_mayoralty(home, offices.mayors_seats(home), by_vote):
            home.mayor.since_week = self.week
        self.note_members()

    def renew_terms(self):
        """Fill all seats anew where a term has ended, the mayors' with them."""
        for home in self.neighbourhoods:
            if home.council.convened and home.council.term_end_week <= self.week:
                home.council.term_end_week = self.week + self.policy.council.term_weeks
                self.select_council(home)
                if self.policy.mayor.kind != "none" and home.mayor.in_office:
                    self.select_mayors(home)

    def vacate_mayoralties(self):
        for home in self.neighbourhoods:
            home.mayor.leave()
            for seat in offices.mayors_seats(home):
                seat.donor = None
        self.note_members()

    def dissolve_councils(self):
        """End the programme: councils and mayors go, money goes back, works under way for the councils stop."""
        for home in self.neighbourhoods:
            if home.council.convened:
                size = self.behaviour.awareness.termination_weight
                home.scandals.append(Scandal("end", size, "municipality"))
            home.council.dissolve()
            for seat in home.seats:
                seat.donor = None
            home.reserved += home.account + home.arrears
            self.municipality.balance += home.account
            home.account = home.arrears = 0.0
            for project in home.projects:
                if project.status == "promised" or (project.is_active and project.delegated):
                    home.stop(project)
        self.vacate_mayoralties()
        self.assist()

    def note_members(self):
        """Whenever seats change hands: who holds which office, and what each council is like."""
        for resident in self.residents:
            resident.role = "none"
        for home in self.neighbourhoods:
            for seat in home.seats:
                if seat.in_sample and seat.donor is not None:
                    seat.donor.role = seat.role
            home.council.describe()

    # ---------------------------------------------------------------- phase 3: hubs

    def gather_at_hubs(self):
        """Residents go to their hubs; where the facilitator announces something, some hear it and feel addressed."""
        for home in self.neighbourhoods:
            for facilitator in home.facilitators:
                facilitator.make_up_mind()
        for resident in self.residents:
            resident.go_to_hubs()

    # ---------------------------------------------------------------- phase 4: hearings

    def hold_hearings(self):
        """Hold the hearings of the week and the visits of the city's mayor, then the rounds of choice that are due."""
        for resident in self.residents:
            resident.speak()
        for home in self.neighbourhoods:
            if home.council.meets_in(self.week):
                self.hearings += 1
                home.council.hear_needs()
        for resident in self.residents:
            resident.note_answer()
        for home in self.neighbourhoods:
            if home.council.convened and home.council.next_round_week == self.week:
                home.council.hold_round()

    # ---------------------------------------------------------------- phase 5: delivery

    def deliver_works(self):
        """Works begin, progress, finish, fail or run late; programmes take place; services decay; leaks come out."""
        self.municipality.begin_works()
        self.note_late_works()
        for home in self.neighbourhoods:
            home.services_before = list(home.services)  # after floods
        self.work_on([project for project in self.projects if project.is_active])
        for project in self.projects:
            if project.is_active and project.progress >= 1.0 - 1e-9:
                project.neighbourhood.hand_over(project)
        for home in self.neighbourhoods:
            home.note_what_council_built()
        for project in self.projects:
            if project.is_active and self.is_unlucky(project):
                project.neighbourhood.stop(project)
        for home in self.neighbourhoods:
            home.hold_programme()
            home.uncover_leaks()
            home.let_week_pass()

    def note_late_works(self):
        """Works past their date are late, once; promises that were never begun are given up."""
        for project in self.projects:
            if project.is_open and project.pledge_week < self.week and not project.late:
                project.neighbourhood.note_late(project)
            if project.status == "promised" and project.pledge_week + LAPSE_WEEKS < self.week:
                project.neighbourhood.stop(project)

    def is_unlucky(self, project):
        """Some works fail for good."""
        lot = self.luck.uniform("failure", self.week, project.key)
        return lot < self.behaviour.delivery.failure_hazard_per_week

    def work_on(self, projects):
        """Move works on as far as help, hands and money allow; a part of what is paid leaks.

        Of works on a neighbourhood's own account residents pay their share. A work in dispute rests.
        """
        plans = []
        for project in projects:
            home, own = project.neighbourhood, project.delegated
            pace = (home.pace() if own else self.municipality.pace()) * project.pace
            step = 0.0 if self.week < project.held_up_until else min(pace, 1.0 - project.progress)
            leak = self.leak_rate["council" if own else "municipality"]
            of_residents = self.behaviour.returns.contribution_share if own else 0.0
            plans.append((project, step, leak, step * project.price / (1.0 - leak), of_residents))
        # A council does not spend on works what its next programme costs.
        kept = self.parameters.city.finance.programme_cost if self.policy.programmes.per_year > 0.0 else 0.0
        accounts = [max(0.0, home.account - kept) for home in self.neighbourhoods] + [self.municipality.uncommitted]
        payers = [p.neighbourhood.number if p.delegated else len(self.neighbourhoods) for p in projects]
        from_accounts = [wanted * (1.0 - of_residents) for *_, wanted, of_residents in plans]
        shares = rules.paid_share(from_accounts, payers, accounts) if plans else []
        for (project, step, leak, wanted, of_residents), share in zip(plans, shares, strict=True):
            paid = wanted * share
            self.municipality.saved_on_prices += step * share * (project.cost - project.price)
            leaked = paid * leak
            project.progress += step * share
            project.spent += paid - leaked
            self.book(project, paid, leaked, paid * of_residents)

    def book(self, project, paid, leaked, contributed):
        """Book a payment for a work to the account it came from; residents pay their part of it themselves."""
        home, city_hall = project.neighbourhood, self.municipality
        if project.delegated:
            home.account -= paid - contributed
            home.contributed += contributed
            city_hall.income["contributions"] += contributed
            city_hall.leaked["council"] += leaked
            city_hall.spent["council_works"] += paid - leaked
            home.council_spending[project.category] += paid - leaked
        else:
            city_hall.balance -= paid
            city_hall.leaked["municipality"] += leaked
            city_hall.spent["central_works"] += paid - leaked
            home.central_spending[project.category] += paid - leaked

    def project_pace(self, key):
        """How fast a project goes beside a typical one."""
        return math.exp(self.behaviour.delivery.duration_spread * self.luck.normal("project pace", 0, key))

    def let_accountability_bear(self):
        """Work out what audit and publication leave of leak and capture, and what share of spending leaks."""
        capture, accountability = self.behaviour.capture, self.policy.accountability
        left = rules.remaining_share(accountability.audit, accountability.publication, capture)
        undefined = 1.0 if accountability.defined_duties else capture.undefined_duties_factor
        self.accountability_left = left
        self.leak_rate = {
            "council": rules.leak_rate(capture.council_leak, left, undefined),
            "municipality": rules.leak_rate(capture.municipal_leak, left),
        }

    def set_aside_anew(self):
        """With other leaks, the municipality's works under way need less money, or more."""
        before = 1.0 - self.leak_rate["municipality"]
        self.let_accountability_bear()
        now = 1.0 - self.leak_rate["municipality"]
        for project in self.projects:
            if project.is_active and not project.delegated:
                project.neighbourhood.reserved += project.cost_left / before - project.cost_left / now

    @property
    def delegated_share(self):
        authority = self.policy.authority
        return authority.delegated_share if authority.mode == "delegated" else 0.0

    @property
    def rung(self):
        """Arnstein's rung of real power: consultation's, rising to 1 with the share really delegated."""
        low = self.behaviour.knowledge.rung_of_consultation
        return low + (1.0 - low) * self.delegated_share * self.policy.funding.level

    # ---------------------------------------------------------------- phase 6: participation

    def take_part(self):
        """The word spreads, those who heard decide, some act of their own accord; it is counted; some burn out."""
        for home in self.neighbourhoods:
            home.plan_occasions()
        for resident in self.residents:
            resident.ask_a_tie()
        for home in self.neighbourhoods:
            home.council.ask_residents()
            home.mayor.ask_residents()
            home.ask_to_gathering()
        for resident in self.residents:
            resident.hear_of_occasions()
            resident.decide()
        for resident in self.residents:
            resident.take_initiative()
            resident.turn_to_municipality()
            resident.count_acts()
        for home in self.neighbourhoods:
            home.count_volunteers()
        self.burn_out()
        for resident in self.residents:
            resident.renew_place_on_list()

    def burn_out(self):
        """Volunteers and members who carry much, and see little come of it, leave; their seats are filled anew."""
        self.exposed = [resident for resident in self.residents if resident.carries_load()]
        for resident in self.exposed:
            resident.bear_load()
        usual_load = mean(resident.habit for resident in self.residents if resident.is_member)
        leaving = [seat for home in self.neighbourhoods for seat in home.seats if self.falls_vacant(seat, usual_load)]
        for seat in leaving:
            seat.donor = None
        self.fill_vacancies()

    def fill_vacancies(self):
        """Co-opt a resident for each empty seat, including seats that stayed vacant for lack of candidates."""
        homes = [home for home in self.neighbourhoods if home.council.convened]
        for home in homes:
            on_council = [seat for seat in offices.council_seats(home) if seat.donor is None]
            of_mayors = [seat for seat in offices.mayors_seats(home) if seat.donor is None and home.mayor.in_office]
            if on_council:
                offices.fill_council_seats(home, on_council)
            if of_mayors:
                offices.fill_mayoralty(home, of_mayors)
            if on_council or of_mayors:
                self.note_members()

    def falls_vacant(self, seat, usual_load):
        """Whether a holder leaves; those outside the sample leave as the sampled ones do, with the load usual there."""
        if seat.donor is None or seat.in_sample:
            return seat.donor is not None and seat.donor.burns_out
        lot = self.luck.uniform("burnout of seats", self.week, seat.key)
        return lot < seat.neighbourhood.burnout_hazard(usual_load)

    # ---------------------------------------------------------------- phase 7: learning

    def learn(self):
        """Everybody forgets a little, those who took part learn; volunteers of different groups become tied."""
        for home in self.neighbourhoods:
            home.arrange_mentoring()
        for resident in self.residents:
            resident.learn()
        for home in self.neighbourhoods:
            home.mayor.learn()
            home.council.average_skill()
        met = [(resident, resident.meet_in_crew()) for resident in self.residents]
        for resident, other in met:
            if other is not None:
                resident.tie_to(other)
        for home in self.neighbourhoods:
            home.form_crew()

    # ---------------------------------------------------------------- phase 8: trust

    def update_trust(self):
        """Everybody tells and hears of last week, goes through the week's experiences, and trusts more or less."""
        for resident in self.residents:
            resident.listen()
        self.tell_news()
        for resident in self.residents:
            resident.live_the_week()
        if self.behaviour.trust.rule == "anchored_averaging":
            for resident in self.residents:
                resident.return_to_nature()
            return
        news = self.hear_national_politics()
        for resident in self.residents:
            resident.remember(news)

    def tell_news(self):
        """Whoever lived or heard something last week may tell a tie; then all that was to be told is forgotten."""
        told = [resident.news_to_tell() for resident in self.residents]
        for resident in self.residents:
            resident.forget_news()
        for tie, news in filter(None, told):
            tie.be_told(news)
            self.news_heard += 1

    def hear_national_politics(self):
        """What the country's politics tells everybody about the municipality this week, in log odds."""
        kept = rules.kept_per_week(self.behaviour.trust.half_life_weeks)
        news = self.behaviour.politics.national_sd_per_week * self.luck.normal("national politics", self.week, 0)
        self.national_mood = kept * self.national_mood + news
        return news

    # ---------------------------------------------------------------- building

    def settle_residents(self, city):
        """Copy places, people and ties from the city that `sim` built."""
        geography = city.geography
        self.neighbourhoods = [
            Neighbourhood(self, number, float(people), services)
            for number, (people, services) in enumerate(
                zip(geography.population.tolist(), geography.services.tolist(), strict=True)
            )
        ]
        self.usually_broken = city.usually_broken
        self.usual_pledges = list(zip(*(values.tolist() for values in usual_pledges(city)), strict=True))
        for home, wear in zip(self.neighbourhoods, city.wear.tolist(), strict=True):
            home.wear = wear
        by_deprivation = sorted(self.neighbourhoods, key=lambda home: -geography.deprivation[home.number])
        self.most_deprived = by_deprivation[: max(1, len(by_deprivation) // 4)]
        columns = columns_of(Resident)
        table = {name: city.residents[name].tolist() for name in columns}
        for row in range(len(city.residents)):
            home = self.neighbourhoods[table["neighbourhood"][row]]
            traits = {}
            for name, column in columns.items():
                if name not in ("neighbourhood", "role", "acts"):
                    value = table[name][row]
                    traits[name] = value if column.labels is None else column.labels[value]
            resident = PlainResident(self, row, home, traits)
            resident.usual_evidence = {
                kind: float(usual[row]) for kind, usual in zip(KINDS_OF_TRUST, city.usual_evidence, strict=True)
            }
            resident.note_trust_at_start()
            home.residents.append(resident)
        everybody = list(self.residents)
        for resident in everybody:
            start, degree = int(city.ties.starts[resident.row]), int(city.ties.degree[resident.row])
            for slot in range(start, start + degree):
                kin = everybody[int(city.ties.neighbours[slot])]
                kind = KINDS[city.ties.kind[slot]]
                (resident.bridging_ties if kind == "bridging" else resident.ties).append(kin)
                if kind == "household" or (kind == "neighbourhood" and kin.group == resident.group):
                    resident.close_ties.append(kin)
        self.start = {
            name: mean(getattr(resident, name) for resident in everybody)
            for name in ("trust_in_municipality", "trust_in_council", "resources", "belonging")
        }
        self.spread_of = {
            name: self.mean_and_deviation(name)
            for name in ("resources", "civic_skill", "propensity", "trust_in_municipality")
        }
        by_resources = sorted(resident.resources for resident in everybody)
        place = (1.0 - ELITE_SHARE) * (len(by_resources) - 1)
        low, high = by_resources[math.floor(place)], by_resources[math.ceil(place)]
        self.elite_resources = low + (high - low) * (place - math.floor(place))

    def found_institutions(self):
        """Set up councils, mayors, hubs, teams and the municipality, and open the works that are under way."""
        self.municipality = PlainMunicipality(self)
        for home in self.neighbourhoods:
            home.council, home.mayor = PlainCouncil(home), PlainMayor(home)
            home.council.pledges_kept, home.council.pledges_broken = self.usual_pledges[home.number]
        self.open_hubs()
        self.deploy_teams()
        offices.lay_out(self)
        self.let_accountability_bear()
        self.municipality.set_budget_shares()
        self.settle_turns()
        self.municipality.open_works_in_progress()

    def mean_and_deviation(self, name):
        """Mean and standard deviation of a trait over all residents."""
        values = [getattr(resident, name) for resident in self.residents]
        return mean(values), deviation(values)

    def open_hubs(self):
        """Open the hubs of the policy: who goes where, and a facilitator for each hub and neighbourhood."""
        self.hub_profiles = [getattr(self.parameters.city.hubs, kind) for kind in self.policy.hub.kinds]
        for resident in self.residents:
            resident.settle_hub_habits()
        self.spread_of["attendance_propensity"] = self.mean_and_deviation("attendance_propensity")
        for home in self.neighbourhoods:
            home.describe_needs()
            home.facilitators = [
                PlainFacilitator(self, home, place, profile) for place, profile in enumerate(self.hub_profiles)
            ]

    def deploy_teams(self):
        """Spread the teams of the policy over the neighbourhoods, in turn."""
        support, homes = self.policy.support, self.neighbourhoods
        size = math.ceil(len(homes) / support.neighbourhoods_per_team) if support.kind == "team" else 0
        if size != len(self.teams):
            self.teams = [PlainTeam(self, number) for number in range(size)]
        for team in self.teams:
            team.neighbourhoods = homes[self.teams.index(team) :: size]
            for home in team.neighbourhoods:
                home.team = team
        self.assist()

    def assist(self):
        """Work out the assistance each neighbourhood gets, from a team, by training alone, or not at all."""
        delivery = self.behaviour.delivery
        floor = delivery.assistance_without_team
        closed = delivery.training_effect if self.policy.support.kind == "training" else 0.0
        for home in self.neighbourhoods:
            home.assistance = home.team.assistance_to(home) if self.teams else floor + (1.0 - floor) * closed

    @property
    def teams_deployed(self):
        """Teams that have a council to assist, less what was withdrawn of them."""
        return sum(1.0 - team.withdrawn for team in self.teams if team.served)

    def support_cost_per_year(self):
        """Cost of teams, training, audit and publication."""
        finance, accountability = self.parameters.city.finance, self.policy.accountability
        cost = self.teams_deployed * finance.team_cost_per_year
        if self.policy.support.kind == "training":
            cost += finance.training_cost_per_year * sum(home.council.convened for home in self.neighbourhoods)
        watched = accountability.audit + accountability.publication
        return cost + watched * finance.audit_cost_share * finance.works_budget_per_year


def run_side_by_side(weeks=None, **values):
    """Build a city, run the engine and the plain model, and return both: for a first look."""
    engine = sim.City(**values)
    plain = PlainCity(engine)
    for _ in range(weeks or engine.config.run.weeks):
        engine.step()
        plain.step()
    return engine, plain


def seconds_per_resident_week(residents=2_000, weeks=52, check_rules=False):
    """Wall time of the plain model, per resident and week, on a city of about so many residents."""
    city = sim.City(
        rng=1,
        **{
            "run.scale": 1.0,
            "city.population.total": round(residents / 0.8),
            "city.neighbourhoods.count": max(2, residents // 250),
            "city.finance.works_budget_per_year": residents / 40.0,
            "policy.rollout.milestones": [{"week": 1, "share": 0.0}, {"week": 6, "share": 1.0}],
            "policy.mayor.from_week": 8,
        },
    )
    plain = PlainCity(city)
    rules.checking.on = check_rules
    began = time.perf_counter()
    try:
        for _ in range(weeks):
            plain.step()
    finally:
        rules.checking.on = True
    return (time.perf_counter() - began) / (weeks * len(plain.residents))
