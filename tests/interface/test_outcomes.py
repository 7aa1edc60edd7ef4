"""What an experiment keeps of a run is what the weekly tables hold, of the city, its groups and its places."""

from __future__ import annotations

import re

import numpy as np
import pytest

from experiments.sweeps.outcomes import (
    EVERY,
    FIFTHS,
    NEIGHBOURHOOD,
    Outcome,
    parse,
    read,
    weeks_read,
)
from sim import City
from sim.cells import GROUP_KINDS
from sim.outcome import CITY, GROUPS, NEIGHBOURHOODS, known

ASKED = {
    "hope": ("hope", None),
    "hope:last": ({"hope": "last"}, None),
    "hope:mean(3-9)": ({"hope": {"mean": [3, 9]}}, None),
    "hope:max": ({"hope": "max"}, None),
    "hope:week(3,9)": ({"hope": {"week": [3, 9]}}, None),
    "hope:every(20)": ({"hope": {"every": 20}}, None),
    "hope[cohort=youth]:first": ({"hope[cohort=youth]": "first"}, None),
    "hope[cohort=youth]:min(3-9)": ({"hope[cohort=youth]": {"min": [3, 9]}}, None),
}


def test_what_is_read_is_what_the_weekly_tables_hold(city_after_a_year):
    city = city_after_a_year
    outcomes = [parse(item, 60) for item, _ in ASKED.values()]
    assert [outcome.label for outcome in outcomes] == list(ASKED)
    columns = read(city, outcomes)
    hope = city.history.hope.to_numpy()
    groups = city.group_history
    youth = groups.loc[(groups.group_kind == "cohort") & (groups.group == "youth"), "hope"].to_numpy()
    by_label = {
        "hope": hope, "hope:last": hope[-1:], "hope:mean(3-9)": [hope[3:10].mean()], "hope:max": [hope.max()],
        "hope:week(3,9)": hope[[3, 9]], "hope:every(20)": hope[::20], "hope[cohort=youth]:first": youth[:1],
        "hope[cohort=youth]:min(3-9)": [youth[3:10].min()],
    }  # fmt: skip
    assert columns["outcome"] == [label for label, values in by_label.items() for _ in values]
    assert np.array_equal(columns["value"], np.concatenate([np.asarray(own) for own in by_label.values()]))
    assert columns["week"].dtype == np.int64
    weeks = [*range(61), -1, -1, -1, 3, 9, 0, 20, 40, 60, -1, -1]
    assert columns["week"].tolist() == weeks


def test_each_group_and_each_neighbourhood_gets_its_own_rows_of_the_weekly_tables(city_after_a_year):
    city = city_after_a_year
    for name in GROUPS.asked:
        for kind, groups in GROUP_KINDS.items():
            columns = read(city, [Outcome(name, kind, EVERY)])
            for place, group in enumerate(groups):
                own = city.group_history.query("group_kind == @kind and group == @group")
                rows = slice(place * len(own), (place + 1) * len(own))
                assert set(columns["outcome"][rows]) == {f"{name}[{kind}={group}]"}
                assert np.array_equal(columns["week"][rows], own.week)
                assert np.array_equal(columns["value"][rows], own[name], equal_nan=True), (name, group)
    places = city.neighbourhood_history
    for number in range(city.neighbourhoods):
        own = places[places.neighbourhood == number]
        for name in NEIGHBOURHOODS.asked:
            assert np.array_equal(read(city, [Outcome(name, NEIGHBOURHOOD, str(number))])["value"], own[name]), name


def test_a_city_measured_in_the_weeks_that_are_read_tells_the_same(city_after_a_year):
    full = city_after_a_year
    items = ({"hope": {"week": [3, 9]}}, {"core_share": {"week": 60}}, {"hope[cohort=*]": {"mean": [52, 55]}},
             {"speakers": {"every": 20}}, {"service_level[deprivation=*]": {"max": [9, 12]}},
             {"informed[neighbourhood=*]": {"week": [0, 60]}}, {"hope[sex=*]": "last"},
             {"trust_in_council": "first"})  # fmt: skip
    outcomes = [parse(item, 60) for item in items]
    weeks = weeks_read(outcomes, 60)
    assert weeks == {0, 3, 9, 20, 40, 60, 52, 53, 54, 55, 10, 11, 12}
    part = City(full.config, rng=full.seed, measured_weeks=weeks).run(60)
    assert sorted(set(part.history["week"])) == sorted(weeks)
    assert len(part.group_history) < len(full.group_history)
    for outcome in outcomes:
        whole, own = read(full, [outcome]), read(part, [outcome])
        assert whole["outcome"] == own["outcome"]
        assert np.array_equal(whole["week"], own["week"])
        assert np.array_equal(whole["value"], own["value"], equal_nan=True)
    # Another word may need any week: which is the last that has a value is not known beforehand.
    assert weeks_read([parse({"turnout": "last"}, 60), *outcomes], 60) is None
    assert weeks_read([parse({"hope": "max"}, 60)], 60) is None
    assert weeks_read([parse("hope", 60)], 60) is None
    assert part.events.equals(full.events)


def test_what_is_said_to_have_a_value_every_week_has_one(city_after_a_year):
    for table in (city_after_a_year.history, city_after_a_year.group_history, city_after_a_year.neighbourhood_history):
        for name in [name for name in table.columns if known(name).always]:
            missing = table[name].isna()
            assert not missing.any() or (name in table and missing.groupby(table["group"]).nunique().eq(1).all()), name


def test_an_outcome_without_a_value_is_not_a_number_and_never_taken_for_the_last(city_after_a_year):
    history = city_after_a_year.history
    holed = [name for name in history if history[name].isna().any() and not history[name].isna().all()]
    for name in holed:
        last = read(city_after_a_year, [parse({name: "last"}, 60)])["value"]
        assert last.tolist() == [history[name].dropna().iloc[-1]]
    values = read(city_after_a_year, [Outcome(name) for name in holed])["value"]
    assert np.isnan(values).any() == bool(holed)


def test_places_are_those_of_the_table_and_fifths_are_means_over_their_residents(build_city):
    city = build_city({"city.neighbourhoods.count": 12}).run(8)  # two or three of unlike size in a fifth
    last = city.neighbourhood_history[city.neighbourhood_history.week == 8]
    order = np.argsort(city.geography.deprivation, kind="stable")
    most, agents = np.array_split(order, 5)[-1], city.rows.per_neighbourhood
    asked = {
        "service_level[neighbourhood=3]": last.service_level.iloc[3],
        "service_level[deprivation=most]": np.average(last.service_level.iloc[most], weights=agents[most]),
        "projects_finished[deprivation=most]": last.projects_finished.iloc[most].sum(),
    }
    outcomes = [parse({name: "last"}, 8) for name in asked]
    assert [outcome.column for outcome in outcomes] == list(asked)
    assert read(city, outcomes)["value"] == pytest.approx(list(asked.values()), rel=1e-12)
    fifths = [parse({f"hope[deprivation={fifth}]": "last"}, 8) for fifth in FIFTHS]
    weights = [agents[part].sum() for part in np.array_split(order, 5)]
    assert np.average(read(city, fifths)["value"], weights=weights) == pytest.approx(city.history.hope.iloc[-1])


def test_a_star_stands_for_every_group(city_after_a_year):
    city = city_after_a_year
    columns = read(city, [parse({"hope[cohort=*]": "last"}, 60), parse({"hope[neighbourhood=*]": {"week": [3]}}, 60)])
    assert columns["outcome"] == [
        *[f"hope[cohort={cohort}]:last" for cohort in GROUP_KINDS["cohort"]],
        *[f"hope[neighbourhood={number}]:week(3)" for number in range(city.neighbourhoods)],
    ]
    third = city.neighbourhood_history[city.neighbourhood_history.week == 3]
    assert np.array_equal(columns["value"][-len(third) :], third.hope)
    assert not parse({"hope[cohort=*]": "last"}, 60).is_number


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hope[neighbourhood=50]", "neighbourhood must be from 0 to 49, not 50"),
        ("hope[neighbourhood=-1]", 'must be a number from 0, or * for every one, not "-1"'),
        ("hope[deprivation=mots]", 'no such group of deprivation: "mots"; did you mean "most"?'),
        ("hop[deprivation=most]", 'no such outcome of neighbourhoods: "hop"; did you mean "hope"?'),
        ("service_gini[deprivation=most]", "no such outcome of neighbourhoods (the city as a whole has it)"),
    ],
)
def test_places_that_are_not_there_are_refused(name, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        parse({name: "last"}, 60, 50)


def test_every_column_of_the_weekly_tables_is_declared_and_can_be_asked_for(city_after_a_year):
    assert list(city_after_a_year.history.columns) == list(CITY.columns)
    assert list(city_after_a_year.group_history.columns) == list(GROUPS.columns)
    assert list(city_after_a_year.neighbourhood_history.columns) == list(NEIGHBOURHOODS.columns)
    assert {*CITY.asked} == {*CITY.columns} - {"week"}
    assert {*GROUPS.asked} == {*GROUPS.columns} - {"week", "group_kind", "group"}
    assert {*NEIGHBOURHOODS.asked} == {*NEIGHBOURHOODS.columns} - {"week", "neighbourhood", "name", "phase"}
    for name in CITY.asked:
        assert parse(name, 60).label == name
