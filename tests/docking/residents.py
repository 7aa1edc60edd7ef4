"""Residents: one object a person, who goes to the hub, hears, decides, takes part, learns, and trusts more or less."""

from __future__ import annotations

import math

import mesa

from tests.docking import rules
from tests.docking.arithmetic import as_share, logistic, places

OCCASIONS = ("hearing", "programme", "volunteering", "ballot", "gathering")

TALKS = {
    "news": None,
    "averaging": rules.averaging,
    "bounded_confidence": rules.hearsay,
    "repulsion": rules.repulsion,
}
"""Rules of talk about levels of trust; of none under news."""


def by_logit(resident, own, offset, lot):
    return lot < rules.probability(own, offset)


def by_threshold(resident, own, offset, lot):
    return rules.joins_by_threshold(resident.active_share_of_ties() + 0.05 * offset, resident.threshold)


def by_conditional_cooperation(resident, own, offset, lot):
    slope = resident.model.behaviour.participation.conditional_slope
    return lot < rules.conditional_probability(own + offset, resident.active_share_of_ties(), slope)


PARTICIPATION_RULES = {
    "logit": by_logit,
    "threshold": by_threshold,
    "conditional_cooperation": by_conditional_cooperation,
}
"""Rules by which those who heard of an occasion decide: own leaning and how easy the kind is, in logits; a lot."""

KINDS_OF_TRUST = ("municipality", "council", "people")
KINDS_OF_NEWS = ("municipality", "council")
ROOM_FOR_BRIDGING_TIES = 4


class PlainResident(mesa.Agent):
    """A resident aged twelve or over.

    Traits are numbers and words as in `sim.agents.Resident`; besides, a resident has a `neighbourhood`, `ties` to other
    residents in a fixed order, and `bridging_ties`, which come later, oldest first.
    """

    def __init__(self, model, row, neighbourhood, traits):
        super().__init__(model)
        self.row = row
        self.neighbourhood = neighbourhood
        for name, value in traits.items():
            setattr(self, name, value)
        self.role = "none"
        self.acts = 0  # weeks of taking part in anything
        self.acts_a_year_ago = 0
        self.ties = []
        self.close_ties = []  # those of them within the household, or to a neighbour of the same group
        self.bridging_ties = []
        self.hub_habits = []  # how likely he or she is at each hub in a week
        self.openness = model.residents_traits.uniform("openness", 0, row)
        self.came_to = set()  # occasions decided on last week, which take place this week
        self.begin_week()

    def begin_week(self):
        """Forget what belongs to last week only."""
        self.addressed_by = None  # the facilitator whose announcement was heard
        self.asked = False
        self.informed = False
        self.comes_to = set()  # occasions of next week, decided on this week
        self.topic = None  # what was spoken of at a hearing: a category of service
        self.spoke_to_council = False
        self.was_heard = False
        self.fell_out = False  # over a disputed choice of projects
        self.burns_out = False
        self.helps = False
        self.signs_petition = False
        self.made_contact = False
        self.worked_beside = None  # another volunteer
        self.gained = dict.fromkeys(KINDS_OF_TRUST, 0.0)  # evidence of the week
        self.disposition_moved = 0.0

    # ---------------------------------------------------------------- who this is

    @property
    def group(self):
        """Groups between which ties are called bridging."""
        return self.sex, self.cohort, self.attendance, self.standing

    @property
    def generation(self):
        """Youths, and older adults (born before 1370); those between are of neither."""
        return {"youth": "youth", "adult": "older", "elder": "older"}.get(self.cohort)

    def is_across_generations_from(self, other):
        return {self.generation, other.generation} == {"youth", "older"}

    @property
    def is_member(self):
        return self.role != "none"

    @property
    def acquaintances(self):
        return self.ties + self.bridging_ties

    @property
    def acts_now(self):
        """Whether he or she takes part with others this week."""
        return bool(self.comes_to) or self.helps

    @property
    def meets_now(self):
        """Whether he or she meets others this week: whoever only casts a vote does not."""
        return bool(self.comes_to - {"ballot"}) or self.helps

    def what_meeting_says(self):
        """A meeting may be pleasant or not."""
        return as_share(self.model.behaviour.trust.meeting_quality + 0.2 * self.draw_normal("contact"))

    @property
    def takes_part_now(self):
        """Whether he or she takes part in anything this week, with others or not."""
        return self.acts_now or self.signs_petition or self.made_contact

    def draw(self, stream, key=None):
        """This resident's luck in the stream, this week (or under another key, for luck that stays)."""
        return self.model.residents_luck.uniform(stream, self.model.week if key is None else key, self.row)

    def draw_normal(self, stream, key=None):
        return self.model.residents_luck.normal(stream, self.model.week if key is None else key, self.row)

    def random_tie(self, luck):
        """One of the ties, or None without any; `luck` in [0, 1)."""
        ties = self.acquaintances
        return ties[int(luck * len(ties))] if ties else None

    def acted_since(self, week):
        """Whether he or she took part with others in a week or later."""
        return self.last_act_week >= week

    def took_part_since(self, week):
        """Whether he or she took part in anything in a week or later."""
        return self.last_part_week >= week

    def needs(self):
        """Need of each category of service: own weight times what is missing."""
        return rules.need(self.need_weights, self.neighbourhood.services)

    def perceive_services(self):
        """Perceived performance: services weighted by own needs."""
        self.performance = rules.perceived_performance(self.need_weights, self.neighbourhood.services)

    # ---------------------------------------------------------------- phase 3: at the hubs

    def settle_hub_habits(self):
        """Find out to which hubs of the policy this resident goes, and how often."""
        city = self.model.parameters.city
        self.hub_habits = []
        stays_away = 1.0
        for place, kind in enumerate(self.model.policy.hub.kinds):
            profile = getattr(city.hubs, kind)
            customary = kind == city.customary_hub
            name = "customary" if customary else str(place)
            if customary:
                goes = self.attendance == "attender"
            else:
                share = profile.attender_share_women if self.sex == "woman" else profile.attender_share_men
                share *= profile.youth_factor if self.cohort == "youth" else 1.0
                goes = self.model.residents_traits.uniform(f"hub attender {name}", 0, self.row) < as_share(share)
            odds = profile.weekly_attendance / (1.0 - profile.weekly_attendance)
            often = logistic(math.log(odds) + self.model.residents_traits.normal(f"hub habit {name}", 0, self.row))
            self.hub_habits.append(often if goes else 0.0)
            stays_away *= 1.0 - self.hub_habits[-1]
        self.attendance_propensity = 1.0 - stays_away

    def go_to_hubs(self):
        """Go, or not, to each hub; hear its facilitator, and perhaps feel addressed (by the first, if by several)."""
        for place, habit in enumerate(self.hub_habits):
            if habit == 0.0 or self.draw(f"hub visit {place}") >= habit:
                continue
            self.model.hub_visits += 1
            facilitator = self.neighbourhood.facilitators[place]
            if facilitator.announces and self.openness < facilitator.inclusiveness and self.addressed_by is None:
                self.addressed_by = facilitator

    # ---------------------------------------------------------------- phase 4: at the hearing

    @property
    def speaks(self):
        return self.topic is not None

    def speak(self):
        """Whoever came to the hearing, or to the visit of the city's mayor, may speak of what he or she needs most."""
        home = self.neighbourhood
        if "hearing" not in self.came_to or not (home.council.meets_in(self.model.week) or home.visit_planned):
            return
        if self.draw("speaking") < self.model.behaviour.knowledge.speaking_probability:
            needs = self.needs()
            self.topic = needs.index(max(needs))

    def note_answer(self):
        """Heard is whose need stands on the agenda: the council's at its hearing, the municipality's own at a visit."""
        home = self.neighbourhood
        if self.speaks:
            self.spoke_to_council = home.council.meets_in(self.model.week)
            agenda = home.council.agenda if self.spoke_to_council else home.as_municipality_sees_it()
            self.was_heard = places(agenda)[self.topic] < self.model.behaviour.knowledge.agenda_places

    def takes_part_in_choice(self):
        """Whether he or she has a part in this week's choice: on the council, at its hearing, or with a ballot."""
        model, council = self.model, self.neighbourhood.council
        on_council = self.is_member and self.role != "mayor"
        at_hearing = "hearing" in self.came_to and council.meets_in(model.week)
        votes = "ballot" in self.came_to and model.policy.choice.rule in ("ballot_greedy", "ballot_equal_shares")
        return on_council or at_hearing or votes

    # ---------------------------------------------------------------- phase 6: taking part

    def ask_a_tie(self):
        """Whoever was active in the last four weeks may ask one of the ties to come along."""
        if not self.acted_since(self.model.week - 4):
            return
        if self.draw("asks") < self.model.behaviour.participation.asking_rate_per_week:
            tie = self.random_tie(self.draw("asks whom"))
            if tie is not None:
                tie.asked = True

    def hear_of_occasions(self):
        """Informed is who was addressed at a hub, asked, or told of a ballot, a visit or a gathering; members are."""
        participation, home = self.model.behaviour.participation, self.neighbourhood
        told_of_ballot = "ballot" in home.occasions and self.draw("told of ballot") < participation.ballot_reach
        told_of_visit = home.visit_planned and self.draw("told of visit") < participation.visit_reach
        reach = self.model.behaviour.civic.gathering_reach
        told_of_gathering = "gathering" in home.occasions and self.draw("told of gathering") < reach
        was_told = told_of_ballot or told_of_visit or told_of_gathering
        self.informed = self.addressed_by is not None or self.asked or was_told or self.is_member

    def decide(self):
        """Decide, for each kind of occasion in the neighbourhood next week, whether to come."""
        occasions = [kind for kind in OCCASIONS if kind in self.neighbourhood.occasions]
        if not self.informed or not occasions:
            return
        own = self.leaning()
        for kind in occasions:
            if (kind != "ballot" or self.may_vote()) and self.joins(kind, own):
                self.comes_to.add(kind)

    def joins(self, kind, own):
        """Whether he or she comes, by the rule of participation in force; `own` is the leaning, in logits."""
        participation = self.model.behaviour.participation
        offset = {
            "hearing": 0.0,
            "programme": participation.programme_offset,
            "volunteering": participation.volunteering_offset,
            "ballot": participation.ballot_offset,
            "gathering": self.model.behaviour.civic.gathering_offset,
        }[kind]
        lot = self.draw(f"comes to {kind}")
        joins = PARTICIPATION_RULES[participation.rule](self, own, offset, lot)
        attends_as_member = kind == "hearing" and self.is_member and lot < participation.member_attendance
        return joins or attends_as_member

    def leaning(self):
        """Leaning to come to anything, in logits."""
        start = self.model.start
        trust = self.trust_in_municipality - start["trust_in_municipality"]
        if self.neighbourhood.council.convened:  # people then think of both
            trust = 0.5 * trust + 0.5 * (self.trust_in_council - start["trust_in_council"])
        return rules.leaning(
            self.propensity,
            self.model.behaviour.participation,
            resources=self.resources - start["resources"],
            trust=trust,
            asked=1.0 if self.asked else 0.0,
            habit=self.habit,
            belonging=self.belonging - start["belonging"],
            skill=self.civic_skill,
            fatigue=self.fatigue,
            access=self.access(),
        )

    def access(self):
        """How easy it is to come, in logits: the hub's barriers, which vanish where the group holds half of the seats;
        familiarity with the hub; standing.
        """
        participation, council = self.model.behaviour.participation, self.neighbourhood.council
        ease = 0.0
        if self.model.hub_profiles:
            host = self.model.hub_profiles[0]
            if self.sex == "woman":
                ease -= host.women_barrier * max(0.0, 1.0 - 2.0 * council.women_share)
            if self.cohort == "youth":
                ease -= host.youth_barrier * max(0.0, 1.0 - 2.0 * council.youth_share)
            if self.attendance_propensity > 0.0:
                ease += participation.attender_access
        if self.standing == "without_standing" and not self.model.policy.council.standing_for_migrants:
            ease -= participation.standing_barrier
        return ease

    def active_share_of_ties(self):
        """Share of the ties who were active in the last four weeks; without ties one looks at oneself."""
        others = self.acquaintances or [self]
        since = self.model.week - 4
        return sum(1.0 for other in others if other.acted_since(since)) / len(others)

    def may_vote(self):
        has_standing = self.standing == "citizen" or self.model.policy.council.standing_for_migrants
        return has_standing and self.age >= self.model.behaviour.participation.voting_age

    @property
    def age(self):
        """Age in years, this week."""
        return self.model.parameters.city.start_year_solar_hijri + self.model.week // 52 - self.birth_year

    def take_initiative(self):
        """Join organised help, or sign a petition, of one's own accord: one draw decides on both."""
        civic, lot = self.model.behaviour.civic, self.draw("help and petitions")
        self.helps = lot < civic.help_per_year / 52.0 * self.initiative
        either = (civic.help_per_year + civic.petitions_per_year) / 52.0 * self.initiative
        self.signs_petition = not self.helps and lot < either

    def count_acts(self):
        """Taking part is remembered: in anything, and with others."""
        if self.takes_part_now:
            self.acts += 1
            self.last_part_week = self.model.week
        if self.acts_now:
            self.last_act_week = self.model.week

    def carries_load(self):
        """Volunteers and members may burn out."""
        return "volunteering" in self.comes_to or self.is_member

    def bear_load(self):
        """Perhaps burn out: tired, and half of the habit lost."""
        hazard = self.neighbourhood.burnout_hazard(self.habit)
        if self.draw("burnout") < hazard:
            self.burns_out = True
            self.fatigue = 1.0
            self.habit *= 0.5

    def renew_place_on_list(self):
        """Leave the list, as volunteers leave; or be put on it for having taken part with others."""
        if self.listed:
            self.listed = int(self.draw("leaves the list") >= self.neighbourhood.burnout_hazard(self.habit))
        elif self.acts_now:
            self.listed = int(self.draw("listed") < self.model.behaviour.list.listing_probability)
        if self.burns_out:
            self.listed = 0

    # ---------------------------------------------------------------- phase 7: learning

    def learn(self):
        """Forget a little; learn by having taken part."""
        learning = self.model.behaviour.learning
        self.habit = rules.habit_step(self.habit, 1.0 if self.acts_now else 0.0, learning.habit_rate)
        self.fatigue *= 1.0 - self.model.behaviour.burnout.recovery_per_week
        self.civic_skill = rules.skill_decay(self.civic_skill, self.initial_skill, learning.skill_decay_per_week)
        before = self.civic_skill
        if self.acts_now:
            rate = learning.skill_rate * (1.0 if self.cohort == "youth" else learning.adult_learning_share)
            self.civic_skill = rules.skill_gain(self.civic_skill, rate, self.neighbourhood.mentoring)
        self.change_hope(learnt=rules.mastery(before, self.civic_skill))
        self.change_belonging()

    def change_hope(self, learnt):
        """Earlier evidence fades while peers in office are seen; mastery, answers and works near by add to it."""
        hope, home = self.model.behaviour.hope, self.neighbourhood
        peers = 0.0
        if self.cohort == "youth" and any(mayor.cohort == "youth" for mayor in home.mayors_seated()):
            peers += hope.peer_evidence_per_week
        if self.sex == "woman" and any(mayor.sex == "woman" for mayor in home.mayors_seated()):
            peers += hope.peer_evidence_per_week
        experiences = [hope.skill_weight * learnt]
        if self.made_contact:
            experiences.append(hope.contact_weight if self.answered_last else -hope.contact_weight)
        for project in home.finished:
            if self.notices(project):
                for_all = 1.0 - self.model.behaviour.capture.private_share if project.captured else 1.0
                meets = rules.relevance(self.need_weights[project.category])
                experiences.append(hope.delivery_weight * for_all * meets * project.size)
        self.live_on("hope", peers, experiences)

    def change_belonging(self):
        """Earlier evidence fades. Meetings count, good or bad, and a work of the council that one helped to build."""
        belonging, experiences = self.model.behaviour.belonging, []
        if self.meets_now:
            experiences.append(belonging.meeting_weight * (2.0 * self.what_meeting_says() - 1.0))
        if self.fell_out:
            experiences.append(-belonging.meeting_weight)
        for project in self.neighbourhood.finished:
            if project.by_council and project.number == self.last_work:
                experiences.append(belonging.work_weight)
        for project in self.neighbourhood.failed:
            if project.by_council and project.number == self.last_work:
                experiences.append(-belonging.work_weight)
        if "volunteering" in self.comes_to:
            self.choose_work()
        self.live_on("belonging", 0.0, experiences)

    def choose_work(self):
        """A volunteer works on one of the council's works under way, by lot."""
        works = [project for project in self.neighbourhood.projects if project.is_active and project.delegated]
        if works:
            self.last_work = works[int(self.draw("works on") * len(works))].number

    def live_on(self, feeling, in_common, experiences):
        """A part of the evidence for hope or belonging is forgotten, each experience adds to it, the level follows.

        One by one, which makes a difference only next to 0 and 1, where shares can no longer be told apart.
        """
        how, level = getattr(self.model.behaviour, feeling), getattr(self, feeling)
        before = getattr(self, f"evidence_of_{feeling}")
        evidence = rules.kept_per_week(how.half_life_weeks) * before + in_common
        level = rules.trust_after(level, evidence - before)
        for weight in experiences:
            evidence += how.evidence_per_experience * weight
            level = rules.trust_after(level, how.evidence_per_experience * weight)
        setattr(self, feeling, level)
        setattr(self, f"evidence_of_{feeling}", evidence)

    def meet_in_crew(self):
        """A volunteer works beside one of the crew, and may become tied if they are of different groups."""
        crew = self.neighbourhood.crew
        if "volunteering" not in self.comes_to or not crew:
            return None
        other = crew[int(self.draw("side by side") * len(crew))]
        self.worked_beside = None if other is self else other
        becomes_tied = self.draw("bridging") < self.model.behaviour.learning.bridging_probability
        return other if becomes_tied and other.group != self.group else None

    def tie_to(self, other):
        """Become tied, both ways; who has no room lets go of the oldest bridging tie."""
        if other in self.acquaintances:
            return
        for one, new in ((self, other), (other, self)):
            if len(one.bridging_ties) == ROOM_FOR_BRIDGING_TIES:
                oldest = one.bridging_ties.pop(0)
                oldest.bridging_ties.remove(one)
            one.bridging_ties.append(new)

    # ---------------------------------------------------------------- phase 6, too: the municipality

    def turn_to_municipality(self):
        """Perhaps turn to the municipality, more readily if it answered the last time; it answers, or does not."""
        rate = self.contact_rate * (self.model.behaviour.contacts.repeat_ratio if self.answered_last else 1.0)
        if self.draw("contact with the municipality") < rate:
            self.made_contact = True
            self.answered_last = self.draw("answered") < self.answered_chance

    # ---------------------------------------------------------------- phase 8: trust

    def trust_in(self, kind):
        return getattr(self, f"trust_in_{kind}")

    def evidence_of(self, kind):
        return getattr(self, f"evidence_of_{kind}")

    def note_trust_at_start(self):
        """What trust was at the start: from it follows how stubborn one is."""
        anchored = self.model.behaviour.anchored_trust
        self.trust_at_start = {kind: self.trust_in(kind) for kind in KINDS_OF_TRUST}
        self.stubbornness = {
            kind: rules.stubbornness_from(trust, anchored.stubbornness_mean, anchored.stubbornness_of_extremes)
            for kind, trust in self.trust_at_start.items()
        }

    def undergo(self, kind, signal, weight, told=False, as_heavy_up_as_down=False):
        """An experience of the municipality, the council or people: evidence, and perhaps something to tell.

        By the first version's rule trust itself moves at once, towards what the experience says.
        """
        trust, anchored = self.model.behaviour.trust, self.model.behaviour.anchored_trust
        loss_to_gain = 1.0 if as_heavy_up_as_down else trust.loss_to_gain_ratio
        if told:
            self.remember_to_tell(kind, (2.0 * signal - 1.0) * weight)
        if trust.rule == "evidence":
            self.gained[kind] += rules.evidence(signal, weight, trust.evidence_per_experience, loss_to_gain)
        else:
            step = min(1.0, anchored.step_per_experience * weight)
            setattr(self, f"trust_in_{kind}", rules.experience(self.trust_in(kind), signal, step, loss_to_gain))

    # news

    def news_of(self, kind):
        return getattr(self, f"news_of_{kind}")

    def remember_to_tell(self, kind, signed_weight):
        setattr(self, f"news_of_{kind}", self.news_of(kind) + signed_weight)

    def forget_news(self):
        for kind in KINDS_OF_NEWS:
            setattr(self, f"news_of_{kind}", 0.0)

    def news_to_tell(self):
        """Whom this resident tells what was lived or heard last week, and what; None if nobody, or if there is no news.

        Good news and bad of one week may cancel out: then there is none.
        """
        influence = self.model.behaviour.influence
        news = {kind: self.news_of(kind) for kind in KINDS_OF_NEWS if self.news_of(kind) != 0.0}
        if not news or influence.rule != "news" or self.draw("tells") >= influence.telling_rate_per_week:
            return None
        tie = self.random_tie(self.draw("whom"))
        return tie and (tie, news)

    def be_told(self, news):
        """What a tie tells is good or bad, weighs less than what one lived, and may be told again."""
        for kind, signed_weight in news.items():
            weight = self.model.behaviour.influence.hearsay_weight * abs(signed_weight)
            self.undergo(kind, 1.0 if signed_weight > 0.0 else 0.0, weight, told=True, as_heavy_up_as_down=True)

    # levels

    def listen(self):
        """Talk about levels of trust with a tie (or with all): what that will change.

        Others are heard as they were last week, so that the order in which residents are called never matters.
        """
        influence = self.model.behaviour.influence
        self.talked_over = dict.fromkeys(KINDS_OF_TRUST, 0.0)
        rate, convergence = influence.contact_rate_per_week, influence.convergence
        if influence.rule == "news":
            return
        if influence.rule == "averaging":
            others = self.acquaintances or [self]
            for kind in KINDS_OF_TRUST:
                mean = sum(other.trust_in(kind) for other in others) / len(others)
                weight = convergence * rate
                self.talked_over[kind] = rules.averaging(self.trust_in(kind), mean, self.stubbornness[kind], weight)
            return
        luck = self.draw("talk")
        tie = self.random_tie(luck / rate) if luck < rate else None
        if tie is None:
            return
        rule = TALKS[influence.rule]
        for kind in KINDS_OF_TRUST:
            own, other, stubbornness = self.trust_in(kind), tie.trust_in(kind), self.stubbornness[kind]
            self.talked_over[kind] = rule(own, other, stubbornness, convergence, influence.confidence_bound)

    # the week

    def live_the_week(self):
        """Go through the week's experiences, in this order, which counts only for the first version's rule."""
        self.judge_services()
        self.hear_pledges()
        self.notice_finished_works()
        self.notice_broken_pledges()
        self.be_answered_or_not()
        self.feel_heard_or_not()
        self.remember_dispute()
        self.hear_news()
        self.meet_people()
        self.hear_scandals()
        if self.model.behaviour.trust.rule == "evidence":
            self.live_ones_own_life()

    def return_to_nature(self):
        """The first version's rule: talk is added, and trust is pulled back to what it was at the start."""
        rate = self.model.behaviour.anchored_trust.anchor_rate_per_week
        for kind in KINDS_OF_TRUST:
            level = self.trust_in(kind) + self.talked_over[kind]
            level = rules.anchor(level, self.trust_at_start[kind], self.stubbornness[kind], rate)
            setattr(self, f"trust_in_{kind}", as_share(level))

    def remember(self, national_politics):
        """Trust is a disposition and the evidence of what was lived: earlier evidence fades, the week's is added.

        What of trust is not evidence is disposition. In formative years some evidence becomes disposition.
        """
        behaviour = self.model.behaviour
        kept, formative = rules.kept_per_week(behaviour.trust.half_life_weeks), behaviour.formative
        for kind in KINDS_OF_TRUST:
            trust, lived = self.trust_in(kind), self.evidence_of(kind)
            gained = self.gained[kind] + (national_politics if kind == "municipality" else 0.0)
            gained += rules.log_odds(trust + self.talked_over[kind]) - rules.log_odds(trust)
            if self.age < formative.until_age:
                shift = rules.formative_shift(lived, self.usual_evidence[kind], formative.rate_per_week)
                lived -= shift
                self.disposition_moved += abs(shift)
            change = gained - (1.0 - kept) * lived
            setattr(self, f"evidence_of_{kind}", lived + change)
            setattr(self, f"trust_in_{kind}", rules.trust_after(trust, change))

    def live_ones_own_life(self):
        """What the model does not contain moves one person's trust in the municipality, or in people, not another's."""
        politics = self.model.behaviour.politics
        chance = min(1.0, politics.personal_events_per_year / 52.0)
        for kind, stream, size in (
            ("municipality", "own life", politics.personal_event_size),
            ("people", "own life with people", politics.personal_event_size_in_people),
        ):
            lot = self.draw(stream)
            if lot < chance:
                self.gained[kind] += size * (1.0 if lot < 0.5 * chance else -1.0)

    def judge_services(self):
        """Compare services with what they were and with what was expected, and adapt."""
        expected, behaviour = self.model.behaviour.expectation, self.model.behaviour
        disappointment_weighs = expected.disconfirmation_weight
        self.perceive_services()
        if behaviour.trust.rule == "evidence":
            self.gained["municipality"] += rules.service_evidence(
                self.performance,
                self.usual_performance,
                self.expectation,
                disappointment_weighs,
                behaviour.trust.service_evidence_per_week,
            )
        else:
            signal = rules.satisfaction(self.performance, self.expectation, disappointment_weighs)
            step, loss_to_gain = behaviour.anchored_trust.service_rate_per_week, behaviour.trust.loss_to_gain_ratio
            self.trust_in_municipality = rules.experience(self.trust_in_municipality, signal, step, loss_to_gain)
        self.expectation = rules.adapt(self.expectation, self.performance, expected.adaptation_per_week)

    def heard_pledge(self, project):
        """Whether the pledge of a project was heard: the same answer whenever it is asked."""
        return self.draw("hears of pledge", project.key) < self.model.policy.pledges.loudness

    def hear_pledges(self):
        for project in self.neighbourhood.pledged:
            if self.heard_pledge(project):
                rise = self.model.behaviour.expectation.pledge_rise
                self.expectation = rules.raise_by_pledge(self.expectation, rise)

    def notices(self, project):
        """Whether he or she notices a finished work of the neighbourhood."""
        return self.draw("notices work", project.key) < self.model.behaviour.awareness.finished_work

    def notice_finished_works(self):
        """A finished work is a good experience where it meets a need; less so if it came late or was captured."""
        trust, behaviour = self.model.behaviour.trust, self.model.behaviour
        for project in self.neighbourhood.finished:
            if self.notices(project):
                signal = trust.late_completion_signal if project.late else 1.0
                if project.captured:
                    signal *= 1.0 - behaviour.capture.private_share
                self.credit(project, signal, trust.project_weight)

    def notice_broken_pledges(self):
        """A pledge that was heard, and whose date is seen to have passed, is an experience of nothing, and weighs."""
        trust, aware = self.model.behaviour.trust, self.model.behaviour.awareness
        notices = aware.broken_pledge
        if self.model.policy.accountability.pledge_tracking:
            notices += (1.0 - notices) * aware.tracking_effect
        for project in self.neighbourhood.broken:
            if self.heard_pledge(project) and self.draw("notices breach", project.key) < notices:
                self.credit(project, 0.0, trust.project_weight * (1.0 + trust.broken_pledge_extra_weight))

    def credit(self, project, signal, weight):
        """Credit or blame goes to the council, if it carries the work out, and to the municipality for the rest."""
        weight *= project.size * rules.relevance(self.need_weights[project.category])
        self.divide(project.delegated, signal, weight, told=True)

    def divide(self, with_council, signal, weight, **how):
        """An experience of what a council had a hand in is its doing in part; the rest, or all, the municipality's."""
        to_council = self.model.behaviour.trust.attribution_to_council if with_council else 0.0
        self.undergo("council", signal, weight * to_council, **how)
        self.undergo("municipality", signal, weight * (1.0 - to_council), **how)

    def be_answered_or_not(self):
        """Whoever turned to the municipality this week was answered, or was not."""
        if self.made_contact:
            signal = 1.0 if self.answered_last else 0.0
            self.undergo("municipality", signal, self.model.behaviour.contacts.weight, told=True)

    def feel_heard_or_not(self):
        """Having spoken says how much power was shared, and whether one was heard.

        A visit of the city's mayor gives no more power than consultation does, and concerns the municipality alone.
        """
        if not self.speaks:
            return
        trust, rung = self.model.behaviour.trust, self.model.behaviour.knowledge.rung_of_consultation
        if self.spoke_to_council:
            rung = self.model.rung
        signal = rules.voice_signal(rung, self.was_heard, trust.voice_rule)
        self.divide(self.spoke_to_council, signal, trust.voice_weight, told=True)

    def remember_dispute(self):
        """A choice that ended in a dispute is an experience of nothing, of the council and of people."""
        trust = self.model.behaviour.trust
        if self.fell_out:
            self.undergo("council", 0.0, trust.voice_weight, told=True)
            self.undergo("people", 0.0, trust.meeting_weight, as_heavy_up_as_down=True)

    def hear_news(self):
        """News at the hub, as far as the facilitator is believed: what came this week of works in the neighbourhood.

        Hearsay weighs as much up as down.
        """
        if self.addressed_by is None:
            return
        trust = self.model.behaviour.trust
        weight = trust.news_weight * self.addressed_by.credibility
        for project in self.neighbourhood.finished:
            signal = trust.late_completion_signal if project.late else 1.0
            self.divide(project.delegated, signal, weight * project.size, as_heavy_up_as_down=True)
        for project in self.neighbourhood.broken:
            self.divide(project.delegated, 0.0, weight * project.size, as_heavy_up_as_down=True)

    def meet_people(self):
        """Meeting others moves trust in people, up as much as down."""
        if self.meets_now:
            weight = self.model.behaviour.trust.meeting_weight
            self.undergo("people", self.what_meeting_says(), weight, as_heavy_up_as_down=True)

    def hear_scandals(self):
        """Hear, or not, of what came to light here, and trust those blamed less."""
        aware = self.model.behaviour.awareness
        for scandal in self.neighbourhood.scandals:
            if self.draw(f"hears of {scandal.what} {scandal.blamed}") < aware.scandal:
                self.undergo(scandal.blamed, 0.0, aware.scandal_weight * scandal.size, as_heavy_up_as_down=True)
