"""The municipality: its account, what it pays, and the works it carries out itself."""

from __future__ import annotations

import math

from sim.policies import Policy
from tests.docking import rules
from tests.docking.arithmetic import SIX, mean


def per_head(model, homes, population):
    return rules.per_head(population)


def by_need(model, homes, population):
    return rules.by_need(population, [sum(home.true_need()) for home in homes])


def by_favour(model, homes, population):
    closeness = [math.exp(0.5 * model.place_luck.normal("favour", 0, home.number)) for home in homes]
    return rules.by_favour(population, closeness)


def by_participation(model, homes, population):
    since = model.week - 4
    active = [mean(resident.acted_since(since) for resident in home.residents) for home in homes]
    return rules.by_participation(population, active)


ALLOCATIONS = {
    "per_head": per_head,
    "by_need": by_need,
    "by_favour": by_favour,
    "by_participation": by_participation,
}
"""Keys by which money is divided."""


class PlainMunicipality:
    """The municipality: its account, what it pays, and the works it carries out itself."""

    def __init__(self, model):
        self.model = model
        self.income = {"budget": 0.0, "contributions": 0.0, "revenue": 0.0}
        self.sharing_in_revenue = 0.0  # how far taxpayers have got used to a shared budget
        self.saved_on_prices = 0.0
        self.balance = 0.0
        self.delegated_paid = 0.0
        self.spent = {"council_works": 0.0, "central_works": 0.0, "programmes": 0.0, "support": 0.0}
        self.leaked = {"council": 0.0, "municipality": 0.0}

    @property
    def received(self):
        return sum(self.income.values())

    def receive(self, money, source="budget"):
        self.income[source] += money
        self.balance += money

    def pace(self):
        """Share of a typical project that the municipality gets done in a week."""
        delivery = self.model.behaviour.delivery
        return delivery.central_speed / delivery.base_duration_weeks

    @property
    def uncommitted(self):
        """Money that is neither due to a neighbourhood nor set aside."""
        not_due = max(0.0, self.balance - sum(home.arrears for home in self.model.neighbourhoods))
        return min(not_due, max(0.0, not_due - sum(home.reserved for home in self.model.neighbourhoods)))

    # ---------------------------------------------------------------- phase 2

    def pay_instalments(self):
        """Receive a week's budget, pay for support, divide the rest by the key; pay what is due at its dates."""
        model, finance, funding = self.model, self.model.parameters.city.finance, self.model.policy.funding
        self.notice_sharing()
        income = (finance.works_budget_per_year + self.revenue_per_year) / 52.0
        self.receive(finance.works_budget_per_year / 52.0)
        self.receive(self.revenue_per_year / 52.0, "revenue")
        support = min(income, model.support_cost_per_year() / 52.0)
        self.balance -= support
        self.spent["support"] += support
        if model.week % 4 == 0:
            self.set_budget_shares()
        for home in model.neighbourhoods:
            due = (income - support) * home.budget_share
            delegated = model.delegated_share * funding.level * due if home.council.convened else 0.0
            home.arrears += delegated
            home.reserved += due - delegated  # whoever decides, a neighbourhood gets its whole share
        if model.week % funding.instalment_interval_weeks == 0:
            for home in model.neighbourhoods:
                if home.draw("payment") < funding.payment_reliability:
                    self.pay(home)

    def notice_sharing(self):
        """Taxes and charges follow, slowly, the share of the budget that people decide on."""
        model, homes = self.model, self.model.neighbourhoods
        with_council = sum(home.population for home in homes if home.council.convened)
        shared = with_council / sum(home.population for home in homes)
        shared *= model.delegated_share * model.policy.funding.level
        half_life = model.behaviour.returns.revenue_half_life_weeks
        self.sharing_in_revenue = rules.approach(self.sharing_in_revenue, shared, half_life)

    @property
    def revenue_per_year(self):
        budget = self.model.parameters.city.finance.works_budget_per_year
        return self.model.behaviour.returns.revenue_rise * self.sharing_in_revenue * budget

    def pay(self, home):
        self.balance -= home.arrears
        self.delegated_paid += home.arrears
        home.account += home.arrears
        home.arrears = 0.0

    def set_budget_shares(self):
        """The key by which money is divided between neighbourhoods."""
        model, homes = self.model, self.model.neighbourhoods
        population = [home.population for home in homes]
        shares = ALLOCATIONS[model.policy.allocation.rule](model, homes, population)
        for home, share in zip(homes, shares, strict=True):
            home.budget_share = share

    # ---------------------------------------------------------------- phase 5

    def begin_works(self):
        """Where the money set aside suffices, begin the work held most needed there, or one promised, if heeded."""
        after_leak = 1.0 - self.model.leak_rate["municipality"]
        for home in self.model.neighbourhoods:
            key = 2 * (home.number * 10_000 + home.central_works_begun)
            cost = self.cost_of_work(key)
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
                self.begin_work(home, key, cost)

    def promise_to_keep(self, home):
        """The oldest project promised here that the municipality means to carry out, if any."""
        heeds = self.model.behaviour.knowledge.advice_taken
        for project in home.projects:
            if project.status == "promised" and self.model.luck.uniform("advice", 0, project.key) < heeds:
                return project
        return None

    def cost_of_work(self, key):
        finance = self.model.parameters.city.finance
        normal = self.model.luck.normal("central cost", 0, key)
        return rules.project_cost(normal, finance.project_cost_mean, finance.project_cost_spread)

    def is_captured(self, key, accountability_left):
        risk = self.model.behaviour.capture.municipal_capture * accountability_left
        return self.model.luck.uniform("central captured", 0, key) < risk

    def begin_work(self, home, key, cost):
        """Begin a work in the category held most needed among those not under way, and pledge it to a date."""
        model = self.model
        under_way = home.categories_under_way()
        view = [0.0 if c in under_way else need for c, need in enumerate(home.as_municipality_sees_it())]
        weeks = self.weeks_promised(model.policy.pledges.optimism)
        project = home.open_project(
            key,
            view.index(max(view)),
            cost,
            captured=self.is_captured(key, model.accountability_left),
            pace=model.project_pace(key),
            start_week=model.week,
            pledge_week=model.week + weeks,
        )
        home.pledged.append(project)

    def weeks_promised(self, optimism):
        """Weeks within which a work is promised: those of a typical one, less by optimism, at least one."""
        return max(1, round((1.0 - optimism) / self.pace()))

    def open_works_in_progress(self):
        """The city did not begin at week 0: works are under way; money for them, and for part of the next, is there.

        They were begun before any policy: per head, and without its accountability; what this keeps from leaking is
        free for other works. They were pledged by the usual practice. Whoever looks at a moment meets slow works more
        often than quick ones, in proportion to how long they take.
        """
        model, finance = self.model, self.model.parameters.city.finance
        spread, usual = model.behaviour.delivery.duration_spread, Policy().pledges.optimism
        after_leak = 1.0 - rules.leak_rate(model.behaviour.capture.municipal_leak, 1.0)
        mean_duration = math.exp(spread**2 / 2.0) / self.pace()
        at_once = finance.works_budget_per_year / 52.0 * mean_duration * after_leak / finance.project_cost_mean
        shares = rules.per_head([home.population for home in model.neighbourhoods])
        opening = 0.0
        for home, share in zip(model.neighbourhoods, shares, strict=True):
            count = math.floor(at_once * share + model.luck.uniform("works in progress", 0, home.number))
            home.central_works_begun = count
            next_cost = self.cost_of_work(2 * (home.number * 10_000 + count))
            saved = model.luck.uniform("set aside", 0, home.number) * next_cost / after_leak
            home.reserved += saved
            opening += saved * after_leak
            for place in range(count):
                key = 2 * (home.number * 10_000 + place)
                view = home.as_municipality_sees_it()
                lot = model.luck.uniform("central category", 0, key) * sum(view)
                pace = model.project_pace(key) / math.exp(spread**2)
                progress = model.luck.uniform("central progress", 0, key)
                begun = 1 - round(progress / (self.pace() * pace))  # the first of the weeks in which it went on
                pledge_week = begun + self.weeks_promised(usual)
                project = home.open_project(
                    key,
                    next(c for c in SIX if lot <= sum(view[: c + 1])),
                    self.cost_of_work(key),
                    captured=self.is_captured(key, 1.0),
                    from_before=True,
                    pace=pace,
                    progress=progress,
                    pledge_week=pledge_week,
                    late=pledge_week < 0,
                )
                opening += project.cost_left
                with_policy = 1.0 - model.leak_rate["municipality"]
                home.reserved += project.cost_left / after_leak - project.cost_left / with_policy
        self.receive(opening / after_leak)
