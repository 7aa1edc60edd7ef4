"""Councils: what they hear, propose, choose and pledge."""

from __future__ import annotations

import math

import numpy as np

from sim.rules.voting import approvals_from_utilities, equal_shares, gini, greedy, share_without_winner
from tests.docking import rules
from tests.docking.arithmetic import SIX, deviation, mean, places
from tests.docking.institutions import Proposal

ELITE_SHARE = 0.2  # the best-off fifth of the city counts as elite


WHO_SAYS = {
    "needs_formula": "the agenda",
    "council_majority": "members",
    "facilitator_veto": "members",
    "ballot_greedy": "residents",
    "ballot_equal_shares": "residents",
    "lottery": "the lot",
    "municipality_picks": "the municipality",
}
"""Who has a say in the choice of projects, by the policy's rule."""


class PlainCouncil:
    """The council of a neighbourhood: what it hears, proposes, chooses and pledges."""

    def __init__(self, neighbourhood):
        self.neighbourhood = neighbourhood
        self.model = neighbourhood.model
        self.convened = False
        self.electing = False
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
        self.average_skill()

    def average_skill(self):
        """Skill of the council: the mean of those who decide on it, as they are now."""
        deciding = [seat.donor for seat in self.neighbourhood.seats if seat.donor is not None and seat.decides]
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
        returns, until = model.behaviour.returns, 0
        if self.neighbourhood.draw("dispute") < returns.dispute_probability:
            until = model.week + returns.dispute_delay_weeks
            self.fall_out()
        if model.policy.authority.mode == "delegated":
            # Cheap works and what residents pay let the same money go further.
            bears = rules.part_of_account(returns.price_reduction, returns.contribution_share)
            chosen = self.choose(proposals, self.credit() / bears)
            for proposal in chosen:
                price = rules.price(proposal.cost, True, returns.price_reduction)
                self.pledge(
                    proposal, delegated=True, price=price, start_week=model.week, held_up_until=until, status="active"
                )
        else:
            chosen = self.first_choice(proposals)
            for proposal in chosen:
                self.pledge(proposal, delegated=False, start_week=-1, held_up_until=until, status="promised")
        model.totals["projects_chosen"] += len(chosen)

    def fall_out(self):
        """The choice is disputed: members, those at the hearing and those who voted will remember it."""
        self.model.totals["rounds_disputed"] += 1
        for resident in self.neighbourhood.residents:
            resident.fell_out = resident.takes_part_in_choice()

    def propose(self):
        """Draw projects: categories after the agenda, costs lognormal, some captured by the elites on the council."""
        model, luck = self.model, self.model.luck
        choice, finance = model.behaviour.choice, model.parameters.city.finance
        risk = rules.capture_probability(
            model.behaviour.capture.council_capture, self.elite_share / ELITE_SHARE, model.accountability_left
        )
        weights = rules.proposal_probabilities(self.agenda, choice.focus_on_agenda)
        under_way = self.neighbourhood.categories_under_way()
        if len(under_way) < len(SIX):  # what is under way needs no second proposal
            weights = [0.0 if c in under_way else weights[c] for c in SIX]
        proposals = []
        for place in range(choice.proposals_per_round):
            key = 2 * ((self.rounds * 1_000 + place) * 10_000 + self.neighbourhood.number) + 1
            lot = luck.uniform("proposal category", 0, key) * sum(weights)
            category = next(c for c in SIX if lot < sum(weights[: c + 1]))
            cost = rules.project_cost(
                luck.normal("proposal cost", 0, key), finance.project_cost_mean, finance.project_cost_spread
            )
            captured = luck.uniform("proposal captured", 0, key) < risk
            proposals.append(Proposal(key, category, cost, captured))
        return proposals

    def credit(self):
        """Money that may be committed: on the account, due, and coming while works last, less what is committed."""
        model, home = self.model, self.neighbourhood
        finance, policy = model.parameters.city.finance, model.policy
        budget = finance.works_budget_per_year + model.municipality.revenue_per_year
        yearly = max(0.0, budget - model.support_cost_per_year()) * home.budget_share
        programmes = policy.programmes.per_year * home.host_engagement * finance.programme_cost
        years = min(self.expected_duration(), model.behaviour.choice.round_interval_weeks) / 52.0
        coming = years * (yearly * model.delegated_share * policy.funding.level - programmes)
        own = [project for project in home.projects if project.is_active and project.delegated]
        after_leak = 1.0 - model.leak_rate["council"]
        own_part = 1.0 - model.behaviour.returns.contribution_share
        committed = own_part * sum(project.cost_left for project in own) / after_leak
        return max(0.0, (home.account + home.arrears + coming - committed) * after_leak)

    def choose(self, proposals, budget):
        """The proposals chosen under the budget, less those that a veto strikes.

        The rule gives each a score, and the best are taken as long as each fits; Equal Shares alone counts ballots in
        its own way. Where nobody votes, nothing is chosen.
        """
        rule, costs = self.model.policy.choice.rule, [proposal.cost for proposal in proposals]
        ballots, scores = self.support(proposals)
        if scores is None:
            return []
        if rule == "ballot_equal_shares":  # in whole thousand toman: counted exactly
            in_thousands = [float(round(cost * 1e6)) for cost in costs]
            taken = equal_shares(in_thousands, np.array(ballots), float(math.floor(budget * 1e6)), completion="add1")
        else:
            taken = greedy(costs, scores, budget)
        if rule.startswith("ballot"):
            self.model.ballots.append((gini(scores), share_without_winner(np.array(ballots), taken)))
        return [
            proposal for place, proposal in enumerate(proposals) if taken[place] and not self.is_struck(place, proposal)
        ]

    def first_choice(self, proposals):
        """The proposal with the highest score, the cheaper of equals, unless it is vetoed."""
        _, scores = self.support(proposals)
        if scores is None:
            return []
        best = min(range(len(proposals)), key=lambda place: (-scores[place], proposals[place].cost))
        return [] if self.is_struck(best, proposals[best]) else [proposals[best]]

    def support(self, proposals):
        """Ballots of those who have a say, and the score of each proposal (None where nobody votes)."""
        says = WHO_SAYS[self.model.policy.choice.rule]
        if says not in ("residents", "members"):
            return None, self.scores_without_votes(proposals, says)
        ballots = self.ballots_of_residents(proposals) if says == "residents" else self.ballots_of_members(proposals)
        scores = [float(sum(ballot[place] for ballot in ballots)) for place in range(len(proposals))]
        return (ballots, scores) if ballots else (None, None)

    def ballots_of_members(self, proposals):
        """Deciding members approve what they need more than other things; captured proposals have them all."""
        ballots = []
        for seat in self.neighbourhood.seats:
            if seat.donor is not None and seat.decides:
                needs = seat.donor.needs()
                ballots.append([needs[p.category] >= mean(needs) or p.captured for p in proposals])
        return ballots

    def ballots_of_residents(self, proposals):
        """Those who came to vote last week approve what meets their needs, seen with noise."""
        choice = self.model.behaviour.choice
        voters = self.neighbourhood.voters()
        if not voters:
            return []
        noise = choice.ballot_noise * deviation(need for voter in voters for need in voter.needs())
        utilities = [
            [
                voter.needs()[proposal.category] + noise * voter.draw_normal(f"ballot {place}")
                for place, proposal in enumerate(proposals)
            ]
            for voter in voters
        ]
        return approvals_from_utilities(utilities, choice.approvals_per_ballot).tolist()

    def scores_without_votes(self, proposals, says):
        """Where nobody votes: a needs formula, the lot, or the municipality's view."""
        home = self.neighbourhood
        if says == "the lot":
            return [home.draw("lottery", 1_000, place) for place in range(len(proposals))]
        view = {"the agenda": self.agenda, "the municipality": home.as_municipality_sees_it()}[says]
        return [view[proposal.category] for proposal in proposals]

    def is_struck(self, place, proposal):
        """Whether a veto strikes a chosen proposal: likelier the lower its category stands in the holder's own view.

        A facilitator sees the needs of those who come to the hub; without a hub nobody holds that veto.
        """
        home, policy = self.neighbourhood, self.model.policy
        veto = "facilitator" if policy.choice.rule == "facilitator_veto" else policy.authority.veto
        if veto == "none" or (veto == "facilitator" and not policy.hub.kinds):
            return False
        of_hub = veto == "facilitator"
        view = rules.need(home.attender_needs, home.services) if of_hub else home.as_municipality_sees_it()
        rank = places(view)[proposal.category] / 5.0
        struck = home.draw("veto", 1_000, place) < self.model.behaviour.choice.veto_strictness * rank
        self.model.totals["projects_vetoed"] += struck
        return struck

    def pledge(self, proposal, **fields):
        """Announce a project, and pledge it to a date."""
        project = self.neighbourhood.open_project(
            proposal.key,
            proposal.category,
            proposal.cost,
            by_council=True,
            captured=proposal.captured,
            pace=self.model.project_pace(proposal.key),
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
            self.neighbourhood.ask("council asks", asks)

    def dissolve(self):
        """Go home; what was learnt is not unlearnt, and the record of pledges stays."""
        self.convened = False
        self.electing = False
