"""Councils: what they hear, propose, choose and pledge."""

from __future__ import annotations

import math

from sim.rules.voting import approvals_from_utilities, equal_shares, gini, greedy, share_without_winner
from tests.docking import rules
from tests.docking.arithmetic import SIX, deviation, mean, places
from tests.docking.institutions import Proposal


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
        rank = places(view)[proposal.category] / 5.0
        return home.draw("veto", 1_000, place) < self.model.behaviour.choice.veto_strictness * rank

    def count_ballot(self, proposals, budget):
        """Count the ballots of those who came; each follows own needs, with noise. Without voters nothing is chosen."""
        choice = self.model.behaviour.choice
        voters = self.neighbourhood.voters()
        if not voters:
            return [False for _ in proposals]
        everything = [need for voter in voters for need in voter.needs()]
        noise = choice.ballot_noise * deviation(everything)
        utilities = [
            [
                voter.needs()[proposal.category] + noise * voter.draw_normal(f"ballot {place}")
                for place, proposal in enumerate(proposals)
            ]
            for voter in voters
        ]
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
