"""Outcomes: the city's weekly row, worked out from the objects one by one."""

from __future__ import annotations

import math

import numpy as np

from sim.rules.knowledge import need_match
from tests.docking.arithmetic import deviation
from tests.docking.rules import as_shares

NAN = float("nan")
ACTS_OF_CORE = 6
BADLY_SERVED = 0.25
ELSEWHERE = ("hearing", "programme", "ballot", "gathering")
HOURS = {"hearing": 2.0, "programme": 2.0, "volunteering": 4.0, "ballot": 0.5, "gathering": 2.0}
HOURS_OF_HELP = 4.0


def mean_or_nan(values):
    values = [float(value) for value in values]
    return sum(values) / len(values) if values else NAN


def share_or_nan(part, whole):
    return part / whole if whole else NAN


def gini_of_people(groups):
    """Gini of a level held by groups of people, given as (level, people): the area under the Lorenz curve."""
    people = sum(number for _, number in groups)
    held = sum(level * number for level, number in groups)
    area = reached = 0.0
    for level, number in sorted(groups):
        before = reached
        reached += level * number / held
        area += number / people * (before + reached)
    return max(0.0, 1.0 - area)


def theil_of_people(groups):
    people = sum(number for _, number in groups)
    mean = sum(level * number for level, number in groups) / people
    return max(0.0, sum(number / people * level / mean * math.log(level / mean) for level, number in groups))


def morans_i(values, pairs):
    """Moran's I of values of neighbourhoods, with the pairs that border on each other."""
    mean = mean_or_nan(values)
    variance = sum((value - mean) ** 2 for value in values)
    if not pairs or variance <= 1e-24:
        return 0.0
    together = sum((values[one] - mean) * (values[other] - mean) for one, other in pairs)
    return len(values) / len(pairs) * together / variance


class Outcomes:
    """Keeps what adds up over weeks, and gives the row of each week."""

    def __init__(self, model, city):
        self.model = model
        self.borders = list(city.geography.adjacency.edges())
        self.so_far = dict.fromkeys(
            (
                "speakers",
                "heard",
                "exits",
                "exposed",
                "hearings",
                "contacts",
                "answered",
                "hours",
                "young_speakers",
                "young_heard",
                "pairs",
                "pairs_across",
            ),
            0,
        )
        self.levels = (1.0, 0.0, 0.0)
        self.record()

    def record(self):
        self.row = {
            **self.trust_and_feelings(),
            **self.participation(),
            **self.choice(),
            **self.services(),
            **self.learning(),
            **self.social_capital(),
            **self.generation_gap(),
            **self.offices(),
            **self.works(),
            **self.money(),
        }

    def mean_of(self, name):
        return mean_or_nan(getattr(resident, name) for resident in self.model.residents)

    def trust_and_feelings(self):
        row = {}
        for kind in ("municipality", "council", "people"):
            levels = [resident.trust_in(kind) for resident in self.model.residents]
            row[f"trust_in_{kind}"] = mean_or_nan(levels)
            row[f"trust_in_{kind}_sd"] = deviation(levels)
        trust = [resident.trust_in_municipality for resident in self.model.residents]
        low, high = mean_or_nan(level < 1 / 3 for level in trust), mean_or_nan(level > 2 / 3 for level in trust)
        row["trust_polarisation"] = 4.0 * low * high
        by_home = [mean_or_nan(r.trust_in_municipality for r in home.residents) for home in self.model.neighbourhoods]
        row["trust_morans_i"] = morans_i(by_home, self.borders)
        for name in ("expectation", "performance", "belonging", "hope", "fatigue", "habit"):
            row[name] = self.mean_of(name)
        row["national_mood"], row["national_mood_size"] = self.model.national_mood, abs(self.model.national_mood)
        row["disposition_moved"] = self.mean_of("disposition_moved")
        row["below_floor_share"] = mean_or_nan(r.performance < BADLY_SERVED for r in self.model.residents)
        return row

    def participation(self):
        model, residents, scale = self.model, list(self.model.residents), self.model.scale
        if model.week and model.week % 52 == 0:
            acts = [resident.acts - resident.acts_a_year_ago for resident in residents]
            core, rarely = mean_or_nan(n >= ACTS_OF_CORE for n in acts), mean_or_nan(n == 0 for n in acts)
            self.levels = (rarely, 1.0 - rarely - core, core)
            for resident in residents:
                resident.acts_a_year_ago = resident.acts
        exits = sum(resident.burns_out for resident in residents)
        self.so_far["exits"] += exits
        self.so_far["exposed"] += len(model.exposed)
        self.so_far["hours"] += sum(HOURS[kind] for resident in residents for kind in resident.comes_to)
        self.so_far["hours"] += HOURS_OF_HELP * sum(resident.helps for resident in residents)
        turned = [resident for resident in residents if resident.made_contact]
        self.so_far["contacts"] += len(turned)
        self.so_far["answered"] += sum(bool(resident.answered_last) for resident in turned)
        acted = [resident for resident in residents if resident.acts_now]
        at_start = {"resources": model.start["resources"]}
        row = {
            "participation_rate": mean_or_nan(r.took_part_since(model.week - 3) for r in residents),
            "ever_participated_rate": mean_or_nan(r.acts > 0 for r in residents),
            "never_or_rarely_share": self.levels[0],
            "sometimes_share": self.levels[1],
            "core_share": self.levels[2],
            "hub_visits": model.hub_visits / scale,
            "informed": sum(r.informed for r in residents) / scale,
            "asked": sum(r.asked for r in residents) / scale,
            "listed": sum(r.listed for r in residents) / scale,
            "attended": sum(any(kind in r.comes_to for kind in ELSEWHERE) for r in residents) / scale,
            "volunteers": sum("volunteering" in r.comes_to for r in residents) / scale,
            "gatherings_attended": sum("gathering" in r.comes_to for r in residents) / scale,
            "helpers": sum(r.helps for r in residents) / scale,
            "petitioners": sum(r.signs_petition for r in residents) / scale,
            "organised": sum(r.is_member for r in residents) / scale,
            "exits": self.so_far["exits"] / scale,
            "exit_rate_per_year": share_or_nan(52.0 * self.so_far["exits"], self.so_far["exposed"]),
            "contacts": len(turned) / scale,
            "contacts_answered_share": share_or_nan(self.so_far["answered"], self.so_far["contacts"]),
            "news_heard": model.news_heard / scale,
            "hours_given_per_head": self.so_far["hours"] / len(residents),
        }
        for name, trait in (
            ("resources", "resources"),
            ("trust", "trust_in_municipality"),
            ("belonging", "belonging"),
        ):
            usual = at_start.get(trait, self.mean_of(trait))
            row[f"participants_{name}"] = mean_or_nan(getattr(r, trait) for r in acted) - usual if acted else NAN
        return row

    def choice(self):
        model, totals, so_far = self.model, self.model.totals, self.so_far
        so_far["speakers"] += sum(resident.speaks for resident in model.residents)
        so_far["heard"] += sum(resident.was_heard for resident in model.residents)
        so_far["hearings"] += model.hearings
        entitled = [
            resident
            for home in model.neighbourhoods
            if "ballot" in home.occasions
            for resident in home.residents
            if resident.may_vote()
        ]
        voters = [resident for resident in model.residents if "ballot" in resident.comes_to]
        turnout = share_or_nan(len(voters), len(entitled))
        young_voters, young = (sum(18 <= r.age <= 25 for r in people) for people in (voters, entitled))
        return {
            "hearings": so_far["hearings"],
            "speakers": so_far["speakers"] / model.scale,
            "voice_heard_share": share_or_nan(so_far["heard"], so_far["speakers"]),
            "rounds": totals["rounds"],
            "rounds_disputed": totals["rounds_disputed"],
            "projects_proposed": totals["projects_proposed"],
            "projects_chosen": totals["projects_chosen"],
            "projects_vetoed": totals["projects_vetoed"],
            "funded_share": share_or_nan(totals["projects_chosen"], totals["projects_proposed"]),
            "proposal_concentration": mean_or_nan(model.proposal_concentration),
            "turnout": turnout,
            "voters_women_share": mean_or_nan(voter.sex == "woman" for voter in voters),
            "turnout_18_25_ratio": share_or_nan(share_or_nan(young_voters, young), turnout),
            "candidates": totals["candidates"],
            "candidates_women_share": share_or_nan(totals["candidates_women"], totals["candidates"]),
            "vote_gini": mean_or_nan(gini for gini, _ in model.ballots),
            "voters_without_winner_share": mean_or_nan(loss for _, loss in model.ballots),
        }

    def services(self):
        homes = self.model.neighbourhoods
        groups = [(mean_or_nan(home.services), home.population) for home in homes]
        built = sum(mean_or_nan(home.built_by_council) * home.population for home in homes)
        by_council = np.array([home.council_spending for home in homes])
        by_city_hall = np.array([home.central_spending for home in homes])
        needed = np.array([[need * home.population for need in home.true_need()] for home in homes])
        with_council = np.array([[float(home.council.convened)] for home in homes])
        councils = [home for home in homes if home.council.convened]
        return {
            "agenda_need_match": mean_or_nan(
                1.0
                - 0.5 * sum(abs(a - n) for a, n in zip(home.council.agenda, as_shares(home.true_need()), strict=True))
                for home in councils
            ),
            "service_level": sum(level * people for level, people in groups) / sum(people for _, people in groups),
            "service_built_by_councils": built / sum(people for _, people in groups),
            "service_gini": gini_of_people(groups),
            "service_theil": theil_of_people(groups),
            "spending_need_match": need_match(by_council + by_city_hall, needed),
            "council_need_match": need_match(by_council, needed * with_council),
            "central_need_match": need_match(by_city_hall, needed),
        }

    def learning(self):
        model = self.model
        youths = [resident.civic_skill for resident in model.residents if resident.cohort == "youth"]
        adults = [resident.civic_skill for resident in model.residents if resident.cohort != "youth"]
        threshold = model.behaviour.learning.talent_threshold
        return {
            "youth_skill": mean_or_nan(youths),
            "adult_skill": mean_or_nan(adults),
            "talent_pool": sum(skill >= threshold for skill in youths) / model.scale,
        }

    def social_capital(self):
        """Ties that bond and ties that bridge; help stays in its neighbourhood."""
        model, homes = self.model, self.model.neighbourhoods
        for home in homes:
            home.weeks_of_help += sum(resident.helps for resident in home.residents)

        def help_per_head(homes):
            return sum(home.weeks_of_help for home in homes) / sum(len(home.residents) for home in homes)

        return {
            "bonding_ties": sum(len(r.close_ties) for r in model.residents) / 2 / model.scale,
            "bridging_ties": sum(len(r.bridging_ties) for r in model.residents) / 2 / model.scale,
            "help_per_head": help_per_head(homes),
            "help_per_head_most_deprived": help_per_head(model.most_deprived),
        }

    def generation_gap(self):
        """Youths beside older adults: trust in the municipality, voice, ties and joint work."""
        residents, so_far = list(self.model.residents), self.so_far
        youths, older = ([r for r in residents if r.generation == which] for which in ("youth", "older"))
        so_far["young_speakers"] += sum(r.speaks for r in youths)
        so_far["young_heard"] += sum(r.was_heard for r in youths)
        pairs = [(r, r.worked_beside) for r in residents if r.worked_beside is not None]
        so_far["pairs"] += len(pairs)
        so_far["pairs_across"] += sum(one.is_across_generations_from(other) for one, other in pairs)
        ties = [(r, other) for r in residents for other in r.acquaintances]
        share = len(youths) / len(residents)
        trust_of_youths, trust_of_older = (
            mean_or_nan(r.trust_in_municipality for r in some) for some in (youths, older)
        )
        return {
            "trust_gap_of_youths": trust_of_youths - trust_of_older,
            "youth_speakers_ratio": share_or_nan(share_or_nan(so_far["young_speakers"], so_far["speakers"]), share),
            "youth_heard_ratio": share_or_nan(share_or_nan(so_far["young_heard"], so_far["heard"]), share),
            "ties_across_generations": mean_or_nan(one.is_across_generations_from(other) for one, other in ties),
            "joint_work_across_generations": share_or_nan(so_far["pairs_across"], so_far["pairs"]),
        }

    def offices(self):
        homes = self.model.neighbourhoods
        councils = [home.council for home in homes if home.council.convened]
        mayors = [home.mayor for home in homes if home.mayor.in_office]
        members = sum(council.members for council in councils)
        return {
            "councils": len(councils),
            "council_members": members,
            "neighbourhood_mayors": sum(
                seat.role == "mayor" and seat.donor is not None for home in homes for seat in home.seats
            ),
            "mayor_skill": mean_or_nan(mayor.skill for mayor in mayors),
            "mayor_women_share": mean_or_nan(mayor.woman for mayor in mayors),
            "council_women_share": share_or_nan(sum(c.women_share * c.members for c in councils), members),
            "council_youth_share": share_or_nan(sum(c.youth_share * c.members for c in councils), members),
            "council_resources": mean_or_nan(council.resources for council in councils),
            "council_attendance": mean_or_nan(council.attendance for council in councils),
            "seats_filled": self.model.totals["seats_filled"],
        }

    def works(self):
        projects, totals = self.model.projects, self.model.totals
        finished = [project for project in projects if project.status == "finished"]
        return {
            "construction_projects_pledged": sum(not project.from_before for project in projects),
            "construction_projects_finished": len(finished),
            "construction_projects_late": sum(project.late for project in projects),
            "construction_projects_late_share": share_or_nan(
                sum(project.late for project in projects if not project.from_before),
                sum(project.pledge_week < self.model.week for project in projects if not project.from_before),
            ),
            "construction_projects_failed": sum(project.status == "failed" for project in projects),
            "council_projects_pledged": sum(project.by_council for project in projects),
            "council_projects_finished": sum(project.by_council for project in finished),
            "central_projects_finished": sum(not project.by_council for project in finished),
            "projects_active": sum(project.is_active for project in projects),
            "captured_projects": sum(project.captured for project in projects),
            "project_cost_sd": deviation([math.log(p.cost) for p in projects]) if len(projects) > 1 else NAN,
            "programmes_held": totals["programmes_held"],
            "programme_attendance": totals["programme_attendance"],
        }

    def money(self):
        city_hall = self.model.municipality
        return {
            "money_received": city_hall.received,
            "money_spent": sum(city_hall.spent.values()),
            "money_leaked": sum(city_hall.leaked.values()),
            "money_balance": city_hall.balance + sum(home.account for home in self.model.neighbourhoods),
            "money_delegated_paid": city_hall.delegated_paid,
            "money_on_programmes": city_hall.spent["programmes"],
            "money_on_support": city_hall.spent["support"],
            "money_contributed": sum(home.contributed for home in self.model.neighbourhoods),
            "money_saved_on_prices": city_hall.saved_on_prices,
            "money_from_revenue": city_hall.income["revenue"],
            "scandals": self.model.totals["scandals"],
        }
