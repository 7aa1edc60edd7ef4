"""Every level of every switch works with every level of every other, and no label, null or future changes a number."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sim import policies
from sim.city import City
from sim.columns import columns_of
from sim.config import BehaviourParameters, Config
from sim.hubs import Hubs
from sim.parameters import register
from sim.policies import HUB_KINDS, Policy
from sim.projects import FINISHED
from sim.reading import flatten

Values = dict[str, Any]
Level = Values
Row = dict[str, int]

WEEKS, CHANGE, BACK, STRIKES = 60, 30, 45, 20

SMALL_TOWN: Values = {
    "city.population.total": 6000,
    "city.neighbourhoods.count": 6,
    "city.finance.works_budget_per_year": 60.0,  # so much that works abound in a year
    "policy.rollout.milestones": [{"week": 1, "share": 0.0}, {"week": 8, "share": 1.0}],
    "policy.mayor.from_week": 12,
    "policy.support.neighbourhoods_per_team": 3,
    "behaviour.choice.first_round_after_weeks": 6,
    "behaviour.choice.round_interval_weeks": 26,
    "run.scale": 0.15,
    "run.weeks": WEEKS,
}


ALL_LEVELS = {row.key: row.choices for row in (*register(Policy), *register(BehaviourParameters)) if row.choices}


def levels(key: str, *values: Any) -> tuple[Level, ...]:
    """Some levels of a switch; all that it has, if it is a choice and none are named."""
    return tuple({key: value} for value in values or ALL_LEVELS[key])


LEVERS: dict[str, tuple[Level, ...]] = {
    "authority": (
        {"authority.mode": "top_down"},
        {"authority.mode": "consultation"},
        *({"authority.mode": "delegated", "authority.delegated_share": share} for share in (0.0, 0.5, 1.0)),
    ),
    "veto": levels("authority.veto"),
    "hub": levels("hub.kinds", [], *([kind] for kind in HUB_KINDS), ["school", "mosque", "online"]),
    "selection": levels("council.selection"),
    "composition": levels("council.composition"),
    "quota of women": levels("council.quota_women", 0.0, 0.5),
    "quota of youth": levels("council.quota_youth", 0.0, 0.5, 1.0),
    "migrants": levels("council.standing_for_migrants", False, True),
    "bodies": (
        {"council.womens_council": 4, "council.teen_managers": 18},
        {"council.womens_council": 0, "council.teen_managers": 0, "council.liaisons": 0},
    ),
    "mayor": levels("mayor.kind"),
    "mayor's selection": levels("mayor.selection"),
    "allocation": levels("allocation.rule"),
    "choice": levels("choice.rule"),
    "audit": levels("accountability.audit", False, True),
    "publication": levels("accountability.publication", False, True),
    "duties": levels("accountability.defined_duties", True, False),
    "tracking": levels("accountability.pledge_tracking", False, True),
    "support": levels("support.kind"),
    "funding": levels("funding.level", 1.0, 0.5, 0.0),
    "roll-out": levels("rollout.order"),
}
"""Levels of the switches of the policy (the model, section 5): keys under `policy`."""

STRUCTURE: dict[str, tuple[Level, ...]] = {
    "participation": levels("participation.rule"),
    "trust": levels("trust.rule"),
    "influence": levels("influence.rule"),
    "voice": levels("trust.voice_rule"),
    "hub selection": levels("trust.hub_selection", 0.0, 0.15, -0.15),
}
"""Structural alternatives of behaviour: keys under `behaviour`."""

SHOCKS: tuple[str | None, ...] = (None, *policies.SHOCKS)
CUSTOMS = ("mosque", "school", "online")

EVERY_LEVEL = [(switch, place) for switch, own in LEVERS.items() for place in range(len(own))]


def under(part: str, level: Level) -> Values:
    return {f"{part}.{key}": value for key, value in level.items()}


def shock(kind: str, **values: Any) -> Values:
    return {"shocks": [{"kind": kind, "week": STRIKES, "size": 0.6, "share_of_neighbourhoods": 0.5, **values}]}


def config_of(*differences: Values) -> Config:
    return Config().with_values(functools.reduce(lambda one, other: one | other, differences, SMALL_TOWN))


# ------------------------------------------------------------------------------------------------------ pairwise design


def covering_rows(sizes: Sequence[int], tries: int = 20, seed: int = 0) -> list[tuple[int, ...]]:
    """Rows of levels in which every pair of levels of every two factors occurs at least once, few of them (greedy)."""
    draws = random.Random(seed)
    factors = range(len(sizes))
    missing = {
        (one, a, other, b)
        for one, other in itertools.combinations(factors, 2)
        for a in range(sizes[one])
        for b in range(sizes[other])
    }
    rows = []
    while missing:
        candidates = [_candidate(sizes, missing, draws) for _ in range(tries)]
        best = max(candidates, key=lambda row: len(missing & _pairs(row)))
        missing -= _pairs(best)
        rows.append(best)
    return rows


def _pairs(row: Sequence[int]) -> set[tuple[int, int, int, int]]:
    return {(one, row[one], other, row[other]) for one, other in itertools.combinations(range(len(row)), 2)}


def _candidate(sizes: Sequence[int], missing: set[tuple[int, int, int, int]], draws: random.Random) -> tuple[int, ...]:
    """One row: a pair that is missing, then, factor by factor in random order, the level that adds most pairs."""
    one, a, other, b = draws.choice(sorted(missing))
    row = {one: a, other: b}
    rest = [factor for factor in range(len(sizes)) if factor not in row]
    draws.shuffle(rest)
    for factor in rest:
        gains = [
            sum(((f, v, factor, level) if f < factor else (factor, level, f, v)) in missing for f, v in row.items())
            for level in range(sizes[factor])
        ]
        row[factor] = draws.choice([level for level, gain in enumerate(gains) if gain == max(gains)])
    return tuple(row[factor] for factor in range(len(sizes)))


FACTORS: dict[str, tuple[Values, ...]] = {
    **{name: tuple(under("policy", level) for level in own) for name, own in LEVERS.items()},
    **{name: tuple(under("behaviour", level) for level in own) for name, own in STRUCTURE.items()},
    "custom": levels("city.customary_hub", *CUSTOMS),
    "shock": tuple({} if kind is None else {"timeline": [shock(kind)]} for kind in SHOCKS),
}
DESIGN = covering_rows([len(own) for own in FACTORS.values()])


def test_the_design_holds_every_pair_of_levels():
    found = set().union(*(_pairs(row) for row in DESIGN))
    sizes = [len(own) for own in FACTORS.values()]
    assert len(found) == sum(one * other for one, other in itertools.combinations(sizes, 2))
    assert len(DESIGN) <= 70


def test_the_switches_are_all_there_with_all_their_levels():
    tried: dict[str, list[Any]] = {}
    for own in (*LEVERS.values(), *STRUCTURE.values()):
        for level in own:
            for key, value in level.items():
                tried.setdefault(key, []).append(value)
    hubs = tried.pop("hub.kinds")
    assert {kind for kinds in hubs for kind in kinds} == set(HUB_KINDS)
    assert {len(kinds) for kinds in hubs} == {0, 1, 3}
    for registered in (*register(Policy), *register(BehaviourParameters)):
        if registered.key != "hub.kinds" and registered.kind in ("choice", "yes or no"):
            expected = set(registered.choices) or {False, True}
            assert set(tried.get(registered.key, ())) == expected, registered.key


# ------------------------------------------------------------------------------------------------------ invariants

TABLES = ("residents", "councils", "mayors", "facilitators")
MONEY = ("central_balance", "delegated", "arrears")  # `reserved` is an earmark, and may be owed for a while (Books)
IN_UNIT = (
    *("_share", "_rate", "_gini", "_match", "service_level", "belonging", "hope"),
    *("expectation", "performance", "turnout", "skill"),
)


def assert_invariants(config: Config) -> City:
    """Run a city to its end, and check every week what must always hold."""
    city = City(config)
    people, population = city.rows.per_neighbourhood.copy(), city.population.copy()
    while city.week < config.run.weeks:
        city.step()
        assert abs(city.money.books.discrepancy()) < 1e-6
        for name in MONEY:
            assert np.min(getattr(city.money.books, name)) >= -1e-9, f"{name} in week {city.week}"
        projects = city.projects
        assert np.all((projects.progress >= 0.0) & (projects.progress <= 1.0 + 1e-9))
        assert np.all(projects.progress[projects.status == FINISHED] >= 1.0 - 1e-6)
        assert np.all((city.services >= 0.0) & (city.services <= 1.0))
    assert np.array_equal(np.bincount(city.residents.neighbourhood, minlength=city.neighbourhoods), people)
    assert np.array_equal(city.population, population)
    in_bounds(city)
    seats_are_held_by_neighbours(city)
    tables_are_sound(city)
    return city


def in_bounds(city: City) -> None:
    """Every column of every table of agents keeps the bounds it declares; no trust is undefined."""
    for name in TABLES:
        table = city.residents if name == "residents" else getattr(city.institutions, name)
        for column, declared in columns_of(type_of(city, name)).items():
            values = table[column].astype(np.float64)
            assert np.isfinite(values).all(), f"{name}.{column}"
            if declared.unit == "share" and column != "threshold":  # below 0 joins always, above 1 never
                assert np.all((values >= -1e-12) & (values <= 1.0 + 1e-12)), f"{name}.{column}"


def type_of(city: City, table: str) -> type:
    agents = {
        "residents": [city.resident(0)],
        "councils": city.institutions.council_agents,
        "mayors": city.institutions.mayor_agents,
        "facilitators": city.institutions.facilitator_agents,
    }[table]
    return type(agents[0]) if agents else object


def seats_are_held_by_neighbours(city: City) -> None:
    seats = city.institutions.seats
    held = np.flatnonzero(seats.filled)
    assert np.array_equal(city.residents.neighbourhood[seats.donor[held]], seats.neighbourhood[held])
    if city.policy.authority.mode == "top_down":
        assert not held.size
        assert not city.institutions.councils.convened.any()
    if city.policy.mayor.kind == "none":
        assert not city.institutions.mayors.in_office.any()


def tables_are_sound(city: City) -> None:
    history = city.history
    assert history.week.tolist() == list(range(city.config.run.weeks + 1))
    for frame in (history, city.neighbourhood_history, city.group_history):
        for column in frame.columns:
            if column.startswith("trust_in_"):
                assert frame[column].between(0.0, 1.0).all(), column  # not a number is not between
            elif column.endswith(IN_UNIT) and not column.startswith("participants_"):  # these are differences
                assert frame[column].dropna().between(-1e-9, 1.0 + 1e-9).all(), column
    residents = city.group_history.groupby(["week", "group_kind"])["residents"].sum()
    assert np.allclose(residents, len(city.residents) / city.scale)
    spent = history[["money_spent", "money_leaked", "money_balance"]].sum(axis=1)
    assert np.allclose(history.money_received, spent, rtol=0.0, atol=1e-6)
    for column in ("money_received", "money_spent", "money_leaked", "programmes_held", "central_projects_finished"):
        assert (history[column].diff().dropna() >= -1e-9).all(), column


# ------------------------------------------------------------------------------------------------------ all with all


@pytest.mark.parametrize("number", range(len(DESIGN)))
def test_every_level_combines_with_every_level(number):
    chosen = [own[place] for own, place in zip(FACTORS.values(), DESIGN[number], strict=True)]
    assert_invariants(config_of(*chosen))


@functools.cache
def base_run() -> City:
    return City(config_of({"run.snapshot_weeks": [0, CHANGE - 1, WEEKS]})).run()


def tables_of(city: City) -> dict[str, pd.DataFrame]:
    return {
        "city": city.history,
        "neighbourhoods": city.neighbourhood_history,
        "groups": city.group_history,
        "events": city.events,
        "snapshots": city.snapshots,
    }


def assert_same_tables(one: City, other: City, before: int = WEEKS + 1) -> None:
    expected = tables_of(other)
    for name, frame in tables_of(one).items():
        same = expected[name]
        assert_frame_equal(frame[frame.week < before], same[same.week < before], check_exact=True, obj=name)


def with_timeline(*timeline: Mapping[str, Any]) -> Config:
    return config_of({"run.snapshot_weeks": [0, CHANGE - 1, WEEKS], "timeline": list(timeline)})


@pytest.mark.parametrize(("switch", "place"), EVERY_LEVEL)
def test_every_switch_can_be_thrown_and_thrown_back_and_changes_nothing_before(switch, place):
    change = {"start": CHANGE, "end": BACK, "set": LEVERS[switch][place]}
    city = assert_invariants(with_timeline(change))
    assert_same_tables(city, base_run(), before=CHANGE)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(range(len(LEVERS["authority"])), 2)))
def test_power_can_be_given_and_taken_from_any_start(first, second):
    own = LEVERS["authority"]
    start = {"start": 0, "set": own[first]}
    assert_invariants(with_timeline(start, {"start": CHANGE, "end": BACK, "set": own[second]}))


@pytest.mark.parametrize("kind", SHOCKS[1:])
@pytest.mark.parametrize("blamed", ["council", "municipality"])
def test_a_shock_changes_something_and_nothing_before(kind, blamed):
    city = assert_invariants(with_timeline(shock(kind, blamed=blamed, week=CHANGE, size=1.0)))
    assert_same_tables(city, base_run(), before=CHANGE)
    assert not city.history.equals(base_run().history)


@pytest.mark.parametrize("kind", SHOCKS[1:])
@pytest.mark.parametrize("nothing", [{"size": 0.0}, {"share_of_neighbourhoods": 0.0}], ids=["size", "share"])
def test_a_shock_of_no_size_changes_nothing(kind, nothing):
    assert_same_tables(City(with_timeline(shock(kind, **nothing))).run(), base_run())


@pytest.mark.parametrize("kind", SHOCKS[1:])
def test_a_shock_finds_a_city_without_a_programme(kind):
    alone = {"authority.mode": "top_down", "hub.kinds": [], "support.kind": "none", "mayor.kind": "none"}
    assert_invariants(with_timeline({"set": alone, **shock(kind)}))


# ----------------------------------------------------------------------------------------------------- labels and nulls


def hub_city(kinds: Sequence[str], customary: str, profiles: Mapping[str, str]) -> City:
    """A city whose hubs have, kind by kind, the profile that another kind has by default."""
    default = Hubs()
    given = {f"city.hubs.{kind}": getattr(default, of).model_dump() for kind, of in profiles.items()}
    values = {**given, "city.customary_hub": customary, "policy.hub.kinds": list(kinds), "run.snapshot_weeks": [WEEKS]}
    return City(config_of(values)).run()


@pytest.mark.parametrize("kind", [kind for kind in HUB_KINDS if kind != "mosque"])
def test_a_mosque_with_the_profile_of_another_hub_is_that_hub(kind):
    assert_same_tables(hub_city(["mosque"], "mosque", {"mosque": kind}), hub_city([kind], kind, {}))


def test_labels_do_not_count_where_there_are_several_hubs():
    one = hub_city(["mosque", "online", "school"], "school", {})
    other = hub_city(["school", "health_centre", "mosque"], "mosque",
                     {"school": "mosque", "health_centre": "online", "mosque": "school"})  # fmt: skip
    assert_same_tables(one, other)


def test_hubs_that_differ_in_more_than_the_label_differ():
    assert not hub_city(["mosque"], "mosque", {}).history.equals(hub_city(["school"], "school", {}).history)


def test_a_policy_that_sets_nothing_changes_nothing():
    city = City(with_timeline({"start": 10, "end": 40, "set": {}})).run()
    assert_same_tables(city, base_run())


def test_a_policy_that_sets_levers_to_the_values_they_have_changes_nothing():
    levers = flatten(config_of({}).policy.model_dump(mode="json"))
    one_by_one = [{"start": 5 + place, "end": 50, "set": {key: levers[key]}} for place, key in enumerate(levers)]
    assert_same_tables(City(with_timeline({"start": 3, "set": levers})).run(), base_run())
    assert_same_tables(City(with_timeline(*one_by_one)).run(), base_run())


def test_a_policy_of_the_base_and_the_same_policy_on_the_timeline_are_one():
    levers: Values = {"choice.rule": "ballot_greedy", "council.selection": "elected", "support.kind": "training"}
    by_base = City(config_of(under("policy", levers), {"run.snapshot_weeks": [WEEKS]})).run()
    by_timeline = City(config_of({"timeline": [{"set": levers}], "run.snapshot_weeks": [WEEKS]})).run()
    assert_same_tables(by_timeline, by_base)


def test_the_order_of_policies_that_set_different_levers_does_not_matter():
    one = {"start": 10, "set": {"choice.rule": "lottery"}}
    other = {"start": 10, "set": {"allocation.rule": "by_need"}}
    assert_same_tables(City(with_timeline(one, other)).run(), City(with_timeline(other, one)).run())
