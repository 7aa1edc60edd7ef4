"""What no policy may break: money is spent, leaked or there; people sit where they live; works end as they began."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.config import Config
from sim.parameters import register
from sim.projects import ACTIVE, FAILED, FINISHED, PROMISED
from sim.seats import ANY, COUNCIL, LIAISON, MAYOR, OLDER, TEEN_MANAGER, WOMENS_COUNCIL, YOUNGER, YOUTH, council_seats

WEEKS = 100
THOUSAND_TOMAN = 1e-6
"""In bn toman."""

COHORTS = {ANY: {0, 1, 2, 3}, YOUTH: {0}, YOUNGER: {0, 1}, OLDER: {2, 3}}


def from_week(week, end=None, **levers):
    """A timed policy: `authority__mode="top_down"` and so on from one week to another."""
    return {"start": week, "end": end, "set": {key.replace("__", "."): value for key, value in levers.items()}}


POLICIES = {
    "default": {},
    "budget cut": {"timeline": [from_week(40, funding__level=0.2)]},
    "budget ended": {"timeline": [from_week(40, funding__level=0.0)]},
    "programme ended": {"timeline": [from_week(60, authority__mode="top_down")]},
    "programme ended and begun again": {"timeline": [from_week(40, 60, authority__mode="top_down")]},
    "top-down": {"policy.authority.mode": "top_down"},
    "consultation": {"policy.authority.mode": "consultation", "behaviour.knowledge.advice_taken": 1.0},
    "consultation ended": {
        "policy.authority.mode": "consultation",
        "behaviour.knowledge.advice_taken": 1.0,
        "timeline": [from_week(60, authority__mode="top_down")],
    },
    "delegation, then consultation": {"timeline": [from_week(50, authority__mode="consultation")]},
    "all delegated, then consultation, late": {
        "policy.authority.delegated_share": 1.0,
        "policy.funding.payment_reliability": 0.05,
        "timeline": [from_week(50, authority__mode="consultation")],
    },
    "consultation, then delegation": {
        "policy.authority.mode": "consultation",
        "timeline": [from_week(50, authority__mode="delegated")],
    },
    "all delegated": {"policy.authority.delegated_share": 1.0},
    "large returns, many disputes": {
        "policy.authority.delegated_share": 1.0,
        "behaviour.returns.contribution_share": 0.3,
        "behaviour.returns.price_reduction": 0.3,
        "behaviour.returns.upkeep_gain": 0.3,
        "behaviour.returns.revenue_rise": 0.15,
        "behaviour.returns.revenue_half_life_weeks": 26.0,
        "behaviour.returns.dispute_probability": 0.3,
        "behaviour.returns.dispute_delay_weeks": 20,
        "behaviour.choice.round_interval_weeks": 26,
        "timeline": [from_week(80, authority__mode="top_down")],
    },
    "leaks": {
        "behaviour.capture.council_leak": 0.3,
        "behaviour.capture.municipal_leak": 0.3,
        "policy.accountability.defined_duties": False,
    },
    "failures": {"behaviour.delivery.failure_hazard_per_week": 0.02},
    "payments late": {
        "policy.funding.payment_reliability": 0.05,
        "policy.funding.instalment_interval_weeks": 13,
        "policy.pledges.optimism": 0.8,
    },
    "dear programmes": {"policy.programmes.per_year": 52.0, "city.finance.programme_cost": 2.0},
    "dear teams": {"city.finance.team_cost_per_year": 50.0, "policy.support.neighbourhoods_per_team": 1},
    "elections and ballots": {
        "policy.council.selection": "elected",
        "policy.mayor.selection": "elected",
        "policy.choice.rule": "ballot_equal_shares",
        "policy.council.term_weeks": 40,
    },
    "quotas": {
        "policy.council.selection": "sortition",
        "policy.council.composition": "mixed",
        "policy.council.quota_women": 0.5,
        "policy.council.quota_youth": 0.5,
        "policy.council.standing_for_migrants": True,
        "behaviour.burnout.base_hazard_per_week": 0.02,
    },
    "everything at once": {
        "policy.hub.kinds": ["school", "mosque"],
        "policy.council.selection": "mixed",
        "policy.allocation.rule": "by_need",
        "policy.authority.veto": "municipality",
        "timeline": [
            from_week(30, council__size=9, mayor__kind="elder", hub__kinds=[], support__kind="none"),
            from_week(60, 70, authority__mode="top_down"),
            {"shocks": [{"kind": "flood", "week": 20, "size": 0.9}, {"kind": "scandal", "week": 45, "size": 1.0}]},
        ],
    },
}

COLUMNS = (
    "neighbourhood",
    "status",
    "progress",
    "spent",
    "cost",
    "price",
    "start_week",
    "end_week",
    "pledge_week",
    "late",
    "from_before",
    "by_council",
    "delegated",
)


def outstanding(city):
    """What the municipality's works under way still cost, leaks included."""
    projects = city.projects
    own = (projects.status == ACTIVE) & ~projects.delegated
    left = projects.cost[own] * (1.0 - projects.progress[own])
    return float(left.sum()) / (1.0 - city.money.leak_rates["municipality"])


def look(city):
    """The state of a city after a week, as far as the tests below ask for it."""
    books, projects, seats, residents = city.money.books, city.projects, city.institutions.seats, city.residents
    filled = seats.filled
    return SimpleNamespace(
        week=city.week,
        policy=city.policy,
        discrepancy=books.discrepancy(),
        accounts=(books.central_balance, books.delegated.min(), books.arrears.min()),
        reserved=books.reserved.min(),
        received=books.received,
        income=dict(books.income),
        contributed=books.contributed.copy(),
        built=(city.built_by_councils.min(), (city.services - city.built_by_councils).min()),
        unassigned=books.central_balance - float(books.arrears.sum() + books.reserved.sum()),
        outstanding=outstanding(city),
        flows=(books.received, books.total_spent, books.total_leaked, books.delegated_paid),
        services=(city.services.min(), city.services.max()),
        projects={name: getattr(projects, name).copy() for name in COLUMNS},
        people=np.bincount(residents.neighbourhood, minlength=city.neighbourhoods),
        roles=residents.role.copy(),
        convened=city.institutions.councils.convened.copy(),
        members=city.institutions.councils.members.copy(),
        mayors=(city.institutions.mayors.in_office.copy(), city.institutions.mayors.donor.copy()),
        seats=SimpleNamespace(
            donor=seats.donor[filled].copy(),
            role=seats.role[filled],
            sex=seats.sex[filled],
            generation=seats.generation[filled],
            neighbourhood=seats.neighbourhood[filled],
            in_sample=seats.in_sample[filled],
        ),
    )


@pytest.fixture(scope="module", params=POLICIES)
def run(request, build_city):
    """A city under one of the policies, and a look at it every week."""
    city = build_city(POLICIES[request.param])
    looks = [look(city)]
    for _ in range(WEEKS):
        city.step()
        looks.append(look(city))
    return SimpleNamespace(name=request.param, city=city, looks=looks)


# --- Money ------------------------------------------------------------------------------------------------------------


def test_money_is_spent_leaked_or_there_in_every_week(run):
    assert max(abs(now.discrepancy) for now in run.looks) < THOUSAND_TOMAN
    assert run.looks[-1].flows[1] > 1.0


def test_no_account_is_ever_overdrawn(run):
    assert min(min(now.accounts) for now in run.looks) > -1e-9
    assert min(now.reserved for now in run.looks) > -1e-9


def test_what_is_received_is_the_budget_and_what_was_under_way_and_what_sharing_brings(run):
    first = run.looks[0].received
    budget = run.city.config.city.finance.works_budget_per_year / 52.0
    of_budget = [now.income["budget"] for now in run.looks]
    assert of_budget == pytest.approx([first + budget * now.week for now in run.looks])
    for now in run.looks:
        assert now.received == pytest.approx(sum(now.income.values()), abs=THOUSAND_TOMAN)
        assert now.income["contributions"] == pytest.approx(now.contributed.sum(), abs=THOUSAND_TOMAN)
    assert run.looks[0].income["revenue"] == run.looks[0].income["contributions"] == 0.0


def test_sources_of_income_never_run_backwards(run):
    for source in run.looks[0].income:
        assert np.diff([now.income[source] for now in run.looks]).min() >= 0.0, source
    assert np.diff([now.contributed for now in run.looks], axis=0).min() >= 0.0


def test_money_that_is_gone_stays_gone(run):
    for place, name in enumerate(("received", "spent", "leaked", "delegated")):
        assert np.diff([now.flows[place] for now in run.looks]).min() >= 0.0, name


def test_the_municipality_has_set_aside_what_its_works_still_cost_and_no_more(run):
    # Its account is what is due to neighbourhoods, what is reserved for works to come, and what works under way cost.
    assert max(abs(now.unassigned - now.outstanding) for now in run.looks) < THOUSAND_TOMAN


def test_leaks_are_the_share_they_are_set_to(build_city):
    city = build_city(POLICIES["leaks"]).run(WEEKS)
    rates, books = city.money.leak_rates, city.money.books
    assert rates == {"council": pytest.approx(0.3 * 1.8), "municipality": pytest.approx(0.3)}
    for whose, purpose in (("council", "council_works"), ("municipality", "central_works")):
        works = books.spent[purpose] + books.leaked[whose]
        assert works > 1.0
        assert books.leaked[whose] == pytest.approx(rates[whose] * works, rel=1e-9)


def test_works_taken_over_early_are_paid_from_coming_money_and_never_overdraw_the_city(build_city):
    """What they need beyond what came with them stands as a negative reserve, and is made up before new works begin."""
    values = {"policy.authority.delegated_share": 1.0, "policy.funding.payment_reliability": 1.0}
    city = build_city(values | {"timeline": [from_week(20, authority__mode="consultation")]}).run(19)
    assert (city.projects.status[city.projects.delegated] == ACTIVE).sum() > 3
    city.run(2)
    owed = city.money.books.reserved.min()
    assert owed < 0.0
    for _ in range(WEEKS):
        city.run(1)
        assert city.money.books.central_balance > -1e-9
        assert city.money.books.reserved.min() > owed - 1e-9
    assert abs(city.money.books.discrepancy()) < THOUSAND_TOMAN


@pytest.mark.parametrize("weeks", [(20, None), (20, 25), (0, 20), (0, None)])
def test_what_is_set_aside_follows_the_rate_of_leaks_as_audit_comes_and_goes(build_city, weeks):
    timeline = [from_week(*weeks, accountability__audit=True)]
    city = build_city({"behaviour.capture.municipal_leak": 0.3, "timeline": timeline}).run(30)
    assert look(city).unassigned == pytest.approx(outstanding(city), abs=THOUSAND_TOMAN)


def test_the_end_of_delegation_leaves_neither_idle_money_nor_works_without_any(build_city):
    city = build_city({"timeline": [from_week(40, authority__mode="consultation")]}).run(40 + WEEKS)
    assert city.projects.delegated.any()
    assert not ((city.projects.status == ACTIVE) & city.projects.delegated).any()
    assert city.money.books.delegated.sum() < THOUSAND_TOMAN


def test_money_per_head_is_the_same_whoever_decides(build_city):
    # Equal budgets across arms: what is not delegated is reserved for the municipality's works in the same place. What
    # residents contribute and what sharing brings in comes on top, in lines of their own.
    received = {
        name: build_city(POLICIES[name]).run(WEEKS).money.books.income["budget"]
        for name in ("default", "top-down", "consultation", "all delegated", "budget ended")
    }
    assert len({round(value, 9) for value in received.values()}) == 1


# --- Works and services -----------------------------------------------------------------------------------------------


def test_works_end_as_they_began(run):
    for before, after in zip(run.looks[:-1], run.looks[1:], strict=True):
        old, new = before.projects, after.projects
        count = old["status"].size
        assert new["status"].size >= count
        for name in ("neighbourhood", "cost", "by_council", "pledge_week"):
            assert (new[name][:count] == old[name]).all(), name
        assert (new["delegated"][:count] <= old["delegated"]).all()  # the municipality may take works over
        assert (new["progress"][:count] >= old["progress"]).all()
        over = (old["status"] == FINISHED) | (old["status"] == FAILED)
        assert (new["status"][:count][over] == old["status"][over]).all()
        assert (new["end_week"][:count][over] == old["end_week"][over]).all()
        assert (new["progress"][:count][over] == old["progress"][over]).all()
        assert not (new["status"][:count][old["status"] == ACTIVE] == PROMISED).any()
        assert (new["late"][:count] >= old["late"]).all()


def test_works_are_in_a_legal_state(run):
    for now in run.looks:
        works = SimpleNamespace(**now.projects)
        finished, over = works.status == FINISHED, works.status >= FINISHED
        assert works.progress[finished] == pytest.approx(np.ones(finished.sum()), abs=1e-8)
        assert ((works.progress >= 0.0) & (works.progress <= 1.0)).all()
        assert (works.progress[works.status == PROMISED] == 0.0).all()
        assert (works.progress[works.status == ACTIVE] < 1.0).all()
        assert (works.end_week[over] >= np.maximum(works.start_week[over], 0)).all()
        assert (works.end_week[~over] == -1).all()
        begun = ~works.from_before & (works.start_week >= 0)  # others had something spent on them before
        # What the municipality took over from a council was paid for at two prices, one after the other.
        at_one_price = begun & ~(works.by_council & ~works.delegated)
        paid = works.price * works.progress
        assert works.spent[at_one_price] == pytest.approx(paid[at_one_price], abs=1e-9)
        assert (works.spent[begun] <= (works.cost * works.progress)[begun] + 1e-9).all()
        assert (works.price[works.delegated] < works.cost[works.delegated]).all()
        assert (works.price[~works.delegated] == works.cost[~works.delegated]).all()
        assert (works.cost > 0.0).all()


def test_pledges_lie_ahead(run):
    works = SimpleNamespace(**run.looks[-1].projects)
    pledged = ~works.from_before
    assert pledged[works.by_council].all()
    assert (works.start_week[works.from_before] == -1).all()
    assert (works.pledge_week[works.delegated] > works.start_week[works.delegated]).all()
    announced = run.city.events.query("event == 'project_pledged'")
    assert announced.project.is_unique
    assert set(announced.project) == set(np.flatnonzero(pledged))
    for event in announced.itertuples():
        assert event.week < works.pledge_week[event.project]
        assert event.detail.endswith(f"week {works.pledge_week[event.project]}")


def test_works_are_late_only_after_their_date(run):
    for now in run.looks:
        works = SimpleNamespace(**now.projects)
        assert (works.pledge_week[works.late] < now.week).all()
        still_open = (works.status == ACTIVE) | (works.status == PROMISED)
        assert (works.late == (works.pledge_week < now.week))[still_open].all()


def test_works_finished_in_the_week_after_their_date_are_late(build_city):
    city = build_city().run(40)
    projects = city.projects
    money = city.money.books.delegated[projects.neighbourhood] > 0.01
    under_way = np.flatnonzero((projects.status == ACTIVE) & projects.delegated & money)
    early, late = under_way[:2]
    projects.progress[[early, late]] = 1.0 - 1e-6  # one more week of work
    projects.pledge_week[early], projects.pledge_week[late] = city.week + 1, city.week
    projects.late[[early, late]] = False
    kept = city.institutions.councils.pledges_kept.sum()
    city.step()
    assert (projects.status[[early, late]] == FINISHED).all()
    assert projects.late[[early, late]].tolist() == [False, True]
    assert city.institutions.councils.pledges_kept.sum() > kept


def test_services_are_shares_in_every_week(run):
    assert min(now.services[0] for now in run.looks) >= 0.0
    assert max(now.services[1] for now in run.looks) <= 1.0


def test_councils_have_built_no_more_than_there_is(run):
    assert min(now.built[0] for now in run.looks) >= 0.0
    assert min(now.built[1] for now in run.looks) >= -1e-12


def test_events_tell_the_same_story_as_the_works(run):
    events, works = run.city.events, run.city.projects
    assert set(events.query("event == 'project_finished'").project) == set(np.flatnonzero(works.status == FINISHED))
    assert set(events.query("event == 'project_failed'").project) == set(np.flatnonzero(works.status == FAILED))
    late_before = works.from_before & (works.pledge_week < 0)
    assert set(events.query("event == 'project_late'").project) == set(np.flatnonzero(works.late & ~late_before))
    last = run.city.history.iloc[-1]
    assert last.construction_projects_finished == (works.status == FINISHED).sum()
    assert last.programmes_held == (events.event == "programme_held").sum()


# --- People -----------------------------------------------------------------------------------------------------------


def test_nobody_moves_is_born_or_dies(run):
    for now in run.looks:
        assert (now.people == run.looks[0].people).all()


def test_whoever_holds_a_seat_lives_there_and_is_whom_it_is_kept_for(run):
    residents = run.city.residents
    for now in run.looks:
        seats, rows = now.seats, now.seats.donor
        assert (residents.neighbourhood[rows] == seats.neighbourhood).all()
        kept = seats.sex >= 0
        assert (residents.sex[rows] == seats.sex)[kept].all()
        for generation, cohorts in COHORTS.items():
            assert set(residents.cohort[rows[seats.generation == generation]].tolist()) <= cohorts
        if not now.policy.council.standing_for_migrants:
            assert (residents.standing[rows] == 0).all()
        assert (residents.cohort[rows[seats.role == TEEN_MANAGER]] == 0).all()
        assert (residents.sex[rows[seats.role == WOMENS_COUNCIL]] == 1).all()


def test_seats_are_held_only_where_there_is_a_council(run):
    for now in run.looks:
        assert now.convened[now.seats.neighbourhood].all()
        counted = np.bincount(now.seats.neighbourhood[now.seats.role != MAYOR], minlength=now.convened.size)
        assert (now.members == counted).all()
    assert run.name == "top-down" or any(now.convened.all() for now in run.looks)


def test_roles_agree_with_seats(run):
    for now in run.looks:
        own = now.seats.in_sample
        assert (np.flatnonzero(now.roles) == np.unique(now.seats.donor[own])).all()
        for row, role in zip(now.seats.donor[own], now.seats.role[own], strict=True):
            assert now.roles[row] in now.seats.role[own & (now.seats.donor == row)]
            assert role in (COUNCIL, LIAISON, WOMENS_COUNCIL, TEEN_MANAGER, MAYOR)


def test_mayors_in_office_live_in_their_neighbourhood(run):
    for now in run.looks:
        in_office, donor = now.mayors
        assert (donor[in_office] >= 0).all()
        assert (run.city.residents.neighbourhood[donor[in_office]] == np.flatnonzero(in_office)).all()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5])
def test_quotas_are_met(build_city, share):
    quotas = {"policy.council.quota_women": share, "policy.council.quota_youth": share}
    city = build_city(quotas | {"city.population.total": 20_000}).run(20)
    seats, residents = city.institutions.seats, city.residents
    plan = council_seats(city.policy.council)
    own = np.isin(seats.role, (COUNCIL, LIAISON))
    assert (plan.sex[np.isin(plan.role, (COUNCIL, LIAISON))] == 1).sum() == round(share * 6)
    assert seats.filled.all()
    for b in range(city.neighbourhoods):
        rows = seats.donor[own & (seats.neighbourhood == b)]
        assert (residents.sex[rows] == 1).sum() >= round(share * 6)
        assert (residents.cohort[rows] == 0).sum() >= round(share * 6)


@pytest.mark.parametrize("policy", ["default", "quotas", "elections and ballots", "half elected"])
def test_nobody_holds_two_seats(build_city, policy):
    city = build_city(POLICIES.get(policy, {"policy.council.selection": "mixed"}))
    for _ in range(60):
        city.step()
        holders = city.institutions.seats.donor[city.institutions.seats.filled & city.institutions.seats.in_sample]
        assert np.unique(holders).size == holders.size


def test_nobody_in_a_sample_holds_two_seats(build_city):
    # Three tenths of the seats are held by agents themselves; the others only borrow an agent's traits.
    values = {"run.scale": 0.3, "city.population.total": 5_000, "policy.council.selection": "mixed"}
    for seed in range(4):
        city = build_city(values | {"policy.council.term_weeks": 30}, rng=seed)
        for _ in range(50):
            city.step()
            holders = city.institutions.seats.donor[city.institutions.seats.filled & city.institutions.seats.in_sample]
            assert np.unique(holders).size == holders.size


def test_councils_have_their_size_at_every_scale(build_city):
    members = {}
    for scale in (1.0, 0.1):
        city = build_city({"city.population.total": 12_000, "run.scale": scale, "policy.mayor.kind": "none"})
        members[scale] = city.run(20).institutions.councils.members.sum()
    assert members[0.1] == members[1.0] == 5 * 28


# --- Any policy, any behaviour ----------------------------------------------------------------------------------------

LEVELS = {row.key: row.choices for row in register(Config)}


def all_levels(key):
    return st.sampled_from(LEVELS[key])


SOME_CONFIGS = st.fixed_dictionaries(
    {
        "policy.authority.mode": all_levels("policy.authority.mode"),
        "policy.authority.delegated_share": st.floats(0.0, 1.0),
        "policy.authority.veto": all_levels("policy.authority.veto"),
        "policy.hub.kinds": st.lists(st.sampled_from(["mosque", "school", "online"]), unique=True, max_size=3),
        "policy.council.selection": all_levels("policy.council.selection"),
        "policy.council.composition": all_levels("policy.council.composition"),
        "policy.council.quota_women": st.floats(0.0, 0.5),
        "policy.mayor.kind": all_levels("policy.mayor.kind"),
        "policy.allocation.rule": all_levels("policy.allocation.rule"),
        "policy.choice.rule": all_levels("policy.choice.rule"),
        "policy.support.kind": all_levels("policy.support.kind"),
        "policy.funding.payment_reliability": st.floats(0.05, 1.0),
        "policy.pledges.optimism": st.floats(-1.0, 0.8),
        "behaviour.influence.rule": all_levels("behaviour.influence.rule"),
        "behaviour.influence.convergence": st.floats(0.0, 0.5),
        "behaviour.participation.rule": all_levels("behaviour.participation.rule"),
        "behaviour.trust.rule": all_levels("behaviour.trust.rule"),
        "behaviour.trust.half_life_weeks": st.floats(13.0, 208.0),
        "behaviour.trust.project_weight": st.floats(0.0, 3.0),
        "behaviour.trust.loss_to_gain_ratio": st.floats(1.0, 3.0),
        "behaviour.delivery.failure_hazard_per_week": st.floats(0.0, 0.02),
        "behaviour.capture.council_leak": st.floats(0.0, 0.3),
        "behaviour.capture.discovery_per_year": st.floats(0.0, 1.0),
        "behaviour.burnout.base_hazard_per_week": st.floats(0.0, 0.02),
        "behaviour.choice.round_interval_weeks": st.integers(26, 52),
        "behaviour.choice.first_round_after_weeks": st.integers(4, 12),
        "run.scale": st.sampled_from([0.1, 1.0]),
    }
)
SHARES = (
    "trust_in_municipality",
    "trust_in_council",
    "trust_in_people",
    "performance",
    "expectation",
    "belonging",
    "hope",
    "habit",
    "fatigue",
    "civic_skill",
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=SOME_CONFIGS, change=SOME_CONFIGS, seed=st.integers(0, 2**32))
def test_any_policy_that_changes_midway_keeps_money_people_and_shares(build_city, values, change, seed):
    levers = {key.removeprefix("policy."): value for key, value in change.items() if key.startswith("policy.")}
    city = build_city(values | {"timeline": [{"start": 20, "end": 35, "set": levers}]}, rng=seed)
    people = np.bincount(city.residents.neighbourhood)
    for _ in range(45):
        city.step()
        now = look(city)
        assert abs(now.discrepancy) < THOUSAND_TOMAN
        assert min(now.accounts) > -1e-9
        assert 0.0 <= now.services[0] <= now.services[1] <= 1.0
        assert (now.people == people).all()
        assert (city.residents.neighbourhood[now.seats.donor] == now.seats.neighbourhood).all()
    for name in SHARES:
        values_of_all = city.residents[name]
        assert ((values_of_all >= 0.0) & (values_of_all <= 1.0)).all(), name


@pytest.mark.parametrize("before", ["none", "team"])
def test_teams_that_are_not_there_can_be_withdrawn(build_city, before):
    timeline = [from_week(2, support__kind="none"), {"shocks": [{"kind": "team_withdrawn", "week": 4, "size": 0.5}]}]
    city = build_city({"policy.support.kind": before, "timeline": timeline}).run(6)
    assert city.week == 6
