"""Returns and costs of sharing power, in closed form; and that both answers about services can be had."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import sim
from sim.phases.hearings import choosers
from sim.phases.trust import KINDS, experience_disputes
from sim.projects import ACTIVE, FAILED
from sim.seats import MAYOR

WEEKS = 60
RETURNS = "behaviour.returns"
NULL = {
    f"{RETURNS}.contribution_share": 0.0,
    f"{RETURNS}.price_reduction": 0.0,
    f"{RETURNS}.upkeep_gain": 0.0,
    f"{RETURNS}.revenue_rise": 0.0,
    f"{RETURNS}.dispute_probability": 0.0,
    f"{RETURNS}.dispute_delay_weeks": 0,
}
"""No return, and no dispute."""

PAID_FROM = {**NULL, f"{RETURNS}.contribution_share": 0.3, f"{RETURNS}.price_reduction": 0.2}


# --- Contributions and prices -----------------------------------------------------------------------------------------


def test_residents_pay_their_share_of_what_works_of_councils_cost_and_nothing_else(build_city):
    books = build_city(PAID_FROM).run(WEEKS).money.books
    cost = books.spent["council_works"] + books.leaked["council"]
    assert cost > 1.0
    assert books.income["contributions"] == pytest.approx(0.3 * cost, rel=1e-9)
    assert books.contributed.sum() == pytest.approx(books.income["contributions"], rel=1e-9)
    assert books.contributed.min() > 0.0


def test_what_is_saved_is_the_difference_to_usual_prices(build_city):
    city = build_city(PAID_FROM).run(WEEKS)
    spent = city.money.books.spent["council_works"]
    # Spent are 80 % of what the same works cost at usual prices.
    assert city.money.books.saved_on_prices == pytest.approx(spent / 0.8 - spent, rel=1e-9)
    own = city.projects.delegated
    assert city.projects.price[own] == pytest.approx(0.8 * city.projects.cost[own])


def test_accounts_bear_the_rest(build_city):
    city = build_city(PAID_FROM).run(WEEKS)
    books, works = city.money.books, city.money.books.spent["council_works"] + city.money.books.leaked["council"]
    on_programmes = city.events.query("event == 'programme_held'").shape[0] * city.config.city.finance.programme_cost
    left = books.delegated_paid - books.delegated.sum() - 0.7 * works
    # What is left is programmes; some of them may have been paid from money that the municipality reserved.
    assert -1e-9 <= left <= on_programmes + 1e-9
    assert abs(books.discrepancy()) < 1e-6


def test_a_work_adds_what_it_would_at_the_usual_price(build_city):
    """In a city whose councils pay half, each of their finished works closes as much of the gap as at full price."""
    gains = []
    for values in (NULL, NULL | {f"{RETURNS}.price_reduction": 0.3}):
        city = build_city(values | {"behaviour.services.decay_per_year": 0.0, "behaviour.services.rivalry": 0.0})
        city.run(8)
        projects = city.projects
        own = np.flatnonzero(projects.delegated & (projects.status == ACTIVE))
        assert own.size == 0
        city.run(12)
        own = np.flatnonzero(projects.delegated & (projects.status == ACTIVE))[:1]
        others = np.flatnonzero((projects.status == ACTIVE) & ~np.isin(np.arange(projects.count), own))
        projects.status[others] = FAILED
        projects.progress[own], projects.captured[own] = 1.0 - 1e-12, False
        projects.held_up_until[own] = 0
        before = city.services.copy()
        city.step()
        b, c = projects.neighbourhood[own[0]], projects.category[own[0]]
        gap_closed = -np.log((1.0 - city.services[b, c]) / (1.0 - before[b, c]))
        gains.append(gap_closed / projects.cost[own[0]])
    typical = -np.log(1.0 - 0.2) / 1.6
    assert gains == pytest.approx([typical, typical], rel=1e-6)


def test_a_council_commits_what_its_money_is_worth(build_city):
    city = build_city(PAID_FROM).run(20)
    for b in range(city.neighbourhoods):
        # A work that costs 1 at usual prices takes 0.7 · 0.8 from the account.
        assert city.money.worth_of_credit(b) * 0.7 * 0.8 == pytest.approx(city.money.credit_of(b))


def test_with_a_third_off_a_council_builds_half_as_much_again(build_city):
    """Worth of works per money that its account paid: 1 / (1 - 0.3), and with 0.3 from residents 1 / 0.49."""
    for values, ratio in ((NULL, 1.0), ({**PAID_FROM, f"{RETURNS}.price_reduction": 0.3}, 1.0 / 0.49)):
        city = build_city(values).run(WEEKS)
        projects, books = city.projects, city.money.books
        own = projects.delegated
        worth = float((projects.cost * projects.progress)[own].sum()) / (1.0 - city.money.leak_rates["council"])
        paid = books.spent["council_works"] + books.leaked["council"] - books.income["contributions"]
        assert worth / paid == pytest.approx(ratio, rel=1e-9)


def test_the_municipality_finishes_works_it_takes_over_at_usual_prices_and_alone(build_city):
    """What residents and councils had paid stays paid; from then on nothing is contributed or saved."""
    values = {**PAID_FROM, "timeline": [{"start": 40, "set": {"authority.mode": "consultation"}}]}
    city = build_city(values).run(39)
    taken = np.flatnonzero((city.projects.status == ACTIVE) & city.projects.delegated)
    assert taken.size
    city.run(1)
    contributed, saved = city.money.books.income["contributions"], city.money.books.saved_on_prices
    assert contributed > 0.0
    assert (city.projects.price[taken] == city.projects.cost[taken]).all()
    city.run(40)
    assert (city.money.books.income["contributions"], city.money.books.saved_on_prices) == (contributed, saved)
    assert abs(city.money.books.discrepancy()) < 1e-6


# --- Upkeep -----------------------------------------------------------------------------------------------------------


def test_what_councils_built_decays_more_slowly_in_closed_form(build_city):
    """S(t) = (S - U) f^t + U g^t with f = (1 - d)^(1/52) and g = (1 - d (1 - u))^(1/52), where works add nothing."""
    values = {f"{RETURNS}.upkeep_gain": 0.3, "behaviour.services.gain_per_typical_project": 0.0}
    city = build_city(values | {"behaviour.services.decay_per_year": 0.2})
    city.wear[...] = 1.0
    start, built = city.services.copy(), 0.4 * city.services
    city.built_by_councils[...] = built
    city.run(104)
    assert city.services == pytest.approx((start - built) * 0.8**2 + built * 0.86**2, abs=1e-12)
    assert city.built_by_councils == pytest.approx(built * 0.86**2, abs=1e-12)


def test_only_works_on_a_neighbourhoods_own_account_count_as_built_by_councils(build_city):
    city = build_city({"policy.authority.mode": "consultation"}).run(WEEKS)
    assert city.projects.by_council.any()
    assert (city.built_by_councils == 0.0).all()
    city = build_city().run(WEEKS)
    touched = np.zeros_like(city.services, dtype=bool)
    done = np.flatnonzero(city.projects.delegated & (city.projects.end_week > 0) & (city.projects.status != FAILED))
    touched[city.projects.neighbourhood[done], city.projects.category[done]] = True
    assert touched.any()
    assert ((city.built_by_councils > 0.0) == touched).all()


def test_a_flood_takes_what_councils_built_with_the_rest(build_city):
    flood = {"kind": "flood", "week": 1, "size": 0.5}
    city = build_city({"timeline": [{"shocks": [flood]}], f"{RETURNS}.upkeep_gain": 0.0})
    city.built_by_councils[...] = 0.2
    city.step()
    week = 0.9 ** (city.wear / 52.0)
    assert city.built_by_councils[:, (0, 4)] == pytest.approx((0.1 * week)[:, (0, 4)])
    assert city.built_by_councils[:, (1, 2, 3, 5)] == pytest.approx((0.2 * week)[:, (1, 2, 3, 5)])


# --- Revenue ----------------------------------------------------------------------------------------------------------


def test_revenue_follows_the_share_of_the_budget_that_people_decide_on_in_closed_form(build_city):
    """With councils from week c on: budget · rise · s · (1 - 2^(-(t - c + 1) / h)), s delegated share · funding."""
    values = {
        "behaviour.selection.municipal_engagement": 1.0,
        "policy.hub.kinds": (),
        "policy.authority.delegated_share": 0.6,
        "policy.funding.level": 0.5,
        f"{RETURNS}.revenue_rise": 0.15,
        f"{RETURNS}.revenue_half_life_weeks": 26.0,
    }
    city = build_city(values).run(WEEKS)
    formed = int(city.institutions.councils.formed_week[0])
    assert (city.institutions.councils.formed_week == formed).all()
    weeks = np.arange(1, WEEKS + 1)
    passed = np.maximum(0, weeks - formed + 1)
    revenue = 40.0 / 52.0 * 0.15 * 0.3 * (1.0 - 0.5 ** (passed / 26.0))
    found = city.history.money_from_revenue.diff()[1:]
    assert found.to_numpy() == pytest.approx(revenue, abs=1e-12)


def test_revenue_counts_people_and_not_neighbourhoods(build_city):
    milestones = [{"week": 0, "share": 0.4}]
    city = build_city({"policy.rollout.milestones": milestones, f"{RETURNS}.revenue_half_life_weeks": 26.0}).run(400)
    people = city.population[city.institutions.councils.convened].sum() / city.population.sum()
    assert 0.0 < people < 1.0
    assert people != pytest.approx(0.4, abs=0.005)
    share = city.config.policy.authority.delegated_share
    assert city.money.sharing_in_revenue == pytest.approx(people * share, rel=1e-3)


def test_without_delegation_revenue_dwindles_and_is_never_negative(build_city):
    values = {f"{RETURNS}.revenue_half_life_weeks": 26.0, f"{RETURNS}.revenue_rise": 0.15}
    city = build_city(values | {"timeline": [{"start": 40, "set": {"authority.mode": "top_down"}}]}).run(39)
    level = city.money.sharing_in_revenue
    assert level > 0.1
    city.run(26)
    assert city.money.sharing_in_revenue == pytest.approx(level / 2.0)
    assert city.history.money_from_revenue.diff()[1:].min() >= 0.0


def test_revenue_is_divided_as_the_budget_is(build_city):
    """Half of it goes to the neighbourhoods' accounts where half of the budget does."""
    values = {f"{RETURNS}.revenue_rise": 0.15, f"{RETURNS}.revenue_half_life_weeks": 26.0}
    paid = {}
    for rise in (0.0, 0.15):
        city = build_city(values | {f"{RETURNS}.revenue_rise": rise, "city.finance.team_cost_per_year": 0.0}).run(WEEKS)
        paid[rise] = city.money.books.delegated_paid + city.money.books.arrears.sum()
    share, revenue = city.money.delegated_share, city.money.books.income["revenue"]
    late = city.institutions.councils.formed_week.max()
    assert late < WEEKS / 4
    assert paid[0.15] - paid[0.0] == pytest.approx(share * revenue, rel=0.01)


# --- Disputes ---------------------------------------------------------------------------------------------------------


def test_as_many_rounds_are_disputed_as_the_probability_says(build_city):
    values = {f"{RETURNS}.dispute_probability": 0.3, "behaviour.choice.round_interval_weeks": 26}
    rounds = disputed = 0
    for seed in range(1, 9):
        last = build_city(values, rng=seed).run(150).history.iloc[-1]
        rounds, disputed = rounds + int(last.rounds), disputed + int(last.rounds_disputed)
    assert rounds > 150
    assert stats.binomtest(disputed, rounds, 0.3).pvalue > 0.01


def test_works_of_a_disputed_round_rest_and_their_dates_stay(build_city):
    delay = 10
    values = {f"{RETURNS}.dispute_probability": 0.3, "behaviour.delivery.failure_hazard_per_week": 0.0}
    quarrel = build_city(values | {f"{RETURNS}.dispute_delay_weeks": delay}, rng=2)
    brief = build_city(values | {f"{RETURNS}.dispute_delay_weeks": 0}, rng=2)
    for _ in range(40):
        quarrel.step()
        brief.step()
        projects = quarrel.projects
        resting = (quarrel.week < projects.held_up_until) & (projects.status == ACTIVE)
        assert (projects.progress[resting] == 0.0).all()
    held = np.flatnonzero(quarrel.projects.held_up_until)
    assert held.size
    assert (quarrel.projects.held_up_until[held] == quarrel.projects.start_week[held] + delay).all()
    first = held[quarrel.projects.start_week[held] == quarrel.projects.start_week[held].min()]
    twin = np.flatnonzero(np.isin(brief.projects.key, quarrel.projects.key[first]))
    assert (brief.projects.pledge_week[twin] == quarrel.projects.pledge_week[first]).all()
    # Work goes on in the very week in which the dispute ends.
    quarrel.run(max(0, int(quarrel.projects.held_up_until[first[0]]) - quarrel.week))
    assert (quarrel.projects.progress[first] > 0.0).any()
    events = quarrel.events.query("event == 'round_disputed'")
    assert len(events) == quarrel.history.rounds_disputed.iloc[-1] > 0


def test_a_dispute_is_a_bad_experience_of_council_and_people_for_those_who_took_part_and_nobody_else(build_city):
    city = build_city().run(20)
    rows, trust = np.array([3, 5, 8]), city.config.behaviour.trust
    residents = city.residents
    before = {name: residents[name].copy() for name in residents}
    city.now.disputed = [(0, rows)]
    experience_disputes(city)
    weights = {"council": trust.voice_weight * trust.loss_to_gain_ratio, "people": trust.meeting_weight}
    for kind, gained in zip(KINDS, city.gained, strict=True):
        expected = np.zeros(len(residents))
        expected[rows] = -trust.evidence_per_experience * weights.get(kind, 0.0)
        assert gained == pytest.approx(expected), kind
    told = residents.news_of_council - before["news_of_council"]
    assert told[rows] == pytest.approx(-trust.voice_weight)  # of the council they may tell
    residents.news_of_council[rows] = before["news_of_council"][rows]
    for name, values in before.items():
        assert (residents[name] == values).all(), name


@pytest.mark.parametrize("rule", ["council_majority", "ballot_greedy"])
def test_those_who_took_part_are_members_those_at_the_councils_hearing_and_voters(build_city, rule):
    city = build_city({"policy.choice.rule": rule}).run(20)
    home, role, kinds = city.residents.neighbourhood, city.residents.role, set()
    for b in range(city.neighbourhoods):
        here = np.flatnonzero((home == b) & (role == 0))
        city.last_week.came["hearing"] = np.concatenate([here[:4], np.flatnonzero(home != b)[:9]])
        city.last_week.came["ballot"] = here[3:6]
        meets, votes = bool(city.institutions.hearing_in(city.week)[b]), rule == "ballot_greedy"
        expected = set(np.flatnonzero((home == b) & (role > 0) & (role != MAYOR)).tolist())
        expected |= set(here[:4].tolist()) if meets else set()
        expected |= set(here[3:6].tolist()) if votes else set()
        assert choosers(city, b).tolist() == sorted(expected)
        kinds.add((meets, bool(expected)))
    assert kinds == {(True, True), (False, True)}  # some councils hold a hearing this week, others do not


# --- Services: neither answer is built in -----------------------------------------------------------------------------

HORIZON = 260
STATUS_QUO = {"policy.authority.mode": "top_down"}
RAFSANJAN = "configs/cities/rafsanjan.yaml"


def last_weeks(values, seed, weeks):
    """The last row of the programme and of the status quo with common random numbers, both at a small scale."""
    config = sim.load_config(RAFSANJAN, values={"run.scale": 0.01, "run.weeks": weeks, **values})
    for policy in ({}, STATUS_QUO):
        yield sim.City(config, rng=seed, measured_weeks=[weeks], **policy).run().history.iloc[-1]


def test_without_returns_costs_and_differences_of_delivery_and_choice_services_do_not_depend_on_who_decides():
    """Services at week 215 under the programme less those under the status quo: nothing above the noise floor.

    Works cost, leak and go on alike, everybody sees needs as they are, and councils choose what the municipality would.
    """
    values = NULL | {
        "city.finance.team_cost_per_year": 0.0,
        "city.finance.training_cost_per_year": 0.0,
        "city.finance.programme_cost": 0.0,
        "city.finance.audit_cost_share": 0.0,
        "policy.funding.payment_reliability": 1.0,
        "policy.funding.instalment_interval_weeks": 1,
        "behaviour.delivery.assistance_without_team": 1.0,
        "behaviour.delivery.central_speed": 1.0,
        "behaviour.delivery.volunteer_effect": 0.0,
        "behaviour.delivery.mayor_effect": 0.0,
        "behaviour.delivery.failure_hazard_per_week": 0.0,
        "behaviour.capture.council_capture": 0.0,
        "behaviour.capture.municipal_capture": 0.0,
        "behaviour.capture.council_leak": 0.0,
        "behaviour.capture.municipal_leak": 0.0,
        "behaviour.knowledge.council_error": 0.0,
        "behaviour.knowledge.municipality_error": 0.0,
        "behaviour.knowledge.municipality_delay_weeks": 0,
        "behaviour.services.need_divergence": 0.1,
        "policy.choice.rule": "municipality_picks",
        "behaviour.choice.proposals_per_round": 30,
    }
    differences = []
    for seed in range(1, 11):
        programme, status_quo = last_weeks(values, seed, 215)
        assert programme.council_projects_finished > 200
        differences.append(programme.service_level - status_quo.service_level)
    mean, error = np.mean(differences), stats.sem(differences)
    assert abs(mean) <= stats.t.ppf(0.995, len(differences) - 1) * error
    assert error < 0.002  # of a level of some 0.5: a difference of 0.006 would be seen


CORNERS = {
    "raises": {
        f"{RETURNS}.contribution_share": 0.3,
        f"{RETURNS}.price_reduction": 0.3,
        f"{RETURNS}.upkeep_gain": 0.3,
        f"{RETURNS}.revenue_rise": 0.15,
        f"{RETURNS}.revenue_half_life_weeks": 26.0,
        f"{RETURNS}.dispute_probability": 0.0,
        f"{RETURNS}.dispute_delay_weeks": 0,
        "behaviour.choice.proposals_per_round": 12,
    },
    "lowers": {
        **NULL,
        f"{RETURNS}.dispute_probability": 0.3,
        f"{RETURNS}.dispute_delay_weeks": 52,
        "city.finance.team_cost_per_year": 10.0,
    },
}


@pytest.mark.parametrize("corner", CORNERS)
def test_within_the_ranges_the_programme_can_raise_and_can_lower_services(corner):
    """By 0.05 or more after five years where four fifths of the budget are delegated, in each of three replications."""
    sign = {"raises": 1.0, "lowers": -1.0}[corner]
    for seed in (1, 2, 3):
        programme, status_quo = last_weeks({**CORNERS[corner], "policy.authority.delegated_share": 0.8}, seed, HORIZON)
        assert sign * (programme.service_level - status_quo.service_level) >= 0.05, seed
