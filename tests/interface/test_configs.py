"""Every file under configs/ loads, runs and keeps the books; every policy fits every city and says what it does."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import sim
from sim.city import City
from sim.config import Config, load_config
from sim.parameters import register
from sim.policies import Policy, TimedPolicy, in_force
from sim.policy_files import read_policy
from sim.yaml_text import read_yaml

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
CITIES = sorted((CONFIGS / "cities").rglob("*.yaml"))
POLICIES = sorted((CONFIGS / "policies").glob("*.yaml"))
RAFSANJAN = CONFIGS / "cities" / "rafsanjan.yaml"
LAKESIDE = CONFIGS / "cities" / "lakeside.yaml"
SMALL = 0.01
WITH_OWN_NETWORK = {"village"}  # a file of ties belongs to one scale
EXPECTED_POLICIES = {
    "status_quo", "full_programme", "councils_without_money", "elders_only", "youth_led", "community_centre_hub",
    "school_hub", "sortition_council", "equal_shares_ballot", "greedy_ballot", "tokenism", "women_and_migrants",
    "accountable", "need_based_allocation", "budget_cut_week_104", "programme_ended_week_200", "facilitator_replaced",
    "team_withdrawn", "scandal", "flood", "whole_budget", "late_payments_week_104",
}  # fmt: skip

every_city = pytest.mark.parametrize("path", CITIES, ids=lambda path: path.stem)
every_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.stem)


def at_small_scale(config: Config, path: Path) -> Config:
    return config if path.stem in WITH_OWN_NETWORK else config.with_values({"run.scale": SMALL})


def timed(policy: Path) -> TimedPolicy:
    (only,) = read_policy(read_yaml(policy), Policy())
    return only


def moved_early(config: Config) -> Config:
    """The config with its policies in force from week 10 at the latest, its shocks in week 12, its roll-out at once."""
    timeline = tuple(
        difference.model_copy(
            update={
                "start": min(difference.start, 10),
                "shocks": tuple(shock.model_copy(update={"week": 12}) for shock in difference.shocks),
            }
        )
        for difference in config.timeline
    )
    config = config.with_values({"policy.rollout.milestones": [{"week": 1, "share": 1.0}]})
    return config.model_copy(update={"timeline": timeline})


def assert_runs_and_keeps_the_books(config: Config, weeks: int = 30) -> City:
    city = City(config)
    residents, by_neighbourhood = len(city.residents), city.rows.per_neighbourhood.copy()
    city.run(weeks)
    assert city.week == weeks
    assert abs(city.money.books.discrepancy()) < 1e-6
    assert len(city.residents) == residents
    assert np.array_equal(np.bincount(city.residents.neighbourhood, minlength=city.neighbourhoods), by_neighbourhood)
    people = city.group_history.groupby(["week", "group_kind"])["residents"].sum()
    assert np.allclose(people, residents / city.scale)
    return city


def begins_to_differ(config: Config) -> int:
    """First week in which something on the timeline may make a difference."""
    weeks = [difference.start for difference in config.timeline if difference.set]
    weeks += [shock.week for difference in config.timeline for shock in difference.shocks]
    return min(weeks)


@functools.cache
def rafsanjan(policy: Path | None) -> City:
    """Five years of a hundredth of Rafsanjan."""
    policies = [] if policy is None else [policy]
    return City(load_config(RAFSANJAN, policies=policies, values={"run.scale": SMALL})).run()


# ------------------------------------------------------------------------------------------------------ every file


def test_the_policies_that_are_promised_are_there():
    assert {path.stem for path in POLICIES} >= EXPECTED_POLICIES
    assert len(CITIES) >= 4


def test_a_city_that_names_its_unit_of_money_sets_all_amounts_in_it():
    """Or an amount of the default city would be read in another unit."""
    named = [path for path in CITIES if "unit" in read_yaml(path).data["city"].get("finance", {})]
    assert LAKESIDE in named
    amounts = {row.key.removeprefix("city.finance.") for row in register(Config) if "toman" in row.unit}
    for path in named:
        assert amounts <= set(read_yaml(path).data["city"]["finance"]), path


@every_city
def test_a_city_round_trips(path):
    config = load_config(path)
    again = Config.model_validate({**config.model_dump(), "base_folder": config.base_folder})
    assert again == config
    assert again.model_dump() == config.model_dump()


@every_city
def test_a_city_runs_and_keeps_the_books(path):
    assert_runs_and_keeps_the_books(at_small_scale(load_config(path), path))


@every_policy
def test_a_policy_round_trips(policy):
    difference = timed(policy)
    assert TimedPolicy.model_validate(difference.model_dump()) == difference


# ------------------------------------------------------------------------------------------------------ what differs


def budget(history):
    """What the city received from its budget, week by week: less what residents give and what sharing brings in."""
    return history.money_received - history.money_contributed - history.money_from_revenue


@functools.cache
def begun(path: Path, policy: Path | None) -> City:
    """Thirty weeks of a city in which everything begins early."""
    config = load_config(path, policies=[] if policy is None else [policy])
    return assert_runs_and_keeps_the_books(moved_early(at_small_scale(config, path)))


@every_city
@every_policy
def test_every_policy_can_be_put_on_every_city_and_has_the_same_start_and_the_same_budget(path, policy):
    base, city = begun(path, None).history, begun(path, policy).history
    assert_frame_equal(city.iloc[:1], base.iloc[:1], check_exact=True)
    assert np.allclose(budget(city), budget(base), rtol=0.0, atol=1e-9)


@every_policy
def test_a_policy_changes_something_unless_it_equals_the_base_and_nothing_before_it_begins(policy):
    base, city = rafsanjan(None), rafsanjan(policy)
    config = city.config
    levers = [in_force(config.policy, config.timeline, week) for week in range(config.run.weeks + 1)]
    idle = all(policy == config.policy for policy in levers) and not any(d.shocks for d in config.timeline)
    assert idle == (policy.stem == "full_programme")
    assert city.history.equals(base.history) == idle
    shared = city.history.week < begins_to_differ(config)
    assert_frame_equal(city.history[shared], base.history[shared], check_exact=True)
    assert np.allclose(budget(city.history).diff()[1:], budget(base.history).diff()[1:])


@every_city
def test_the_full_programme_sets_the_same_levers_wherever_it_is_put(path):
    config = load_config(path, policies=[CONFIGS / "policies" / "full_programme.yaml"])
    assert in_force(config.policy, config.timeline, 0) == load_config(RAFSANJAN).policy
    assert path != LAKESIDE or config.policy != load_config(RAFSANJAN).policy


def test_without_the_programme_there_is_neither_council_nor_mayor_and_all_money_goes_into_works():
    history = rafsanjan(CONFIGS / "policies" / "status_quo.yaml").history
    for column in ("councils", "council_members", "neighbourhood_mayors", "council_projects_finished"):
        assert not history[column].any()
    assert not history[["money_on_support", "money_on_programmes"]].to_numpy().any()
    assert history.construction_projects_finished.iloc[-1] > 0


def test_the_end_of_the_programme_ends_it():
    history = rafsanjan(CONFIGS / "policies" / "programme_ended_week_200.yaml").history.set_index("week")
    assert history.councils[199] == 50
    assert not history.councils[200:].any()


# ------------------------------------------------------------------------------------------------------ Rafsanjan


def test_rafsanjan_is_the_default_case():
    config = load_config(RAFSANJAN)
    assert config.policy == Policy()
    assert config.behaviour == Config().behaviour
    assert config.city.population == Config().city.population
    assert config.city.finance == Config().city.finance
    assert (config.run.weeks, config.run.scale, config.run.seed) == (260, 1.0, 1)


@every_city
def test_a_claim_names_an_outcome_and_a_week_that_the_run_has(path):
    config = load_config(path)
    columns = City(at_small_scale(config, path)).history.columns
    for claim in config.city.claims:
        assert claim.outcome in columns
        assert 0 < claim.week <= config.run.weeks
        assert claim.date, "readers want the day of the statement, not that of the model's week"
        assert claim.source_fa, "a Persian reader wants to know who says so"
        assert claim.value > 0
        assert claim.source


def test_only_rafsanjan_has_claims():
    claimed = {path.stem: len(load_config(path).city.claims) for path in CITIES}
    assert claimed.pop("rafsanjan") >= 6
    assert not any(claimed.values())


def test_the_dates_of_the_claims_are_those_of_the_sources():
    start = pd.Timestamp(load_config(RAFSANJAN).city.start_date)
    for week, day in ((84, "2023-05-03"), (135, "2024-04-28"), (215, "2025-11-08")):
        assert abs((pd.Timestamp(day) - start).days / 7 - week) < 1


def test_nothing_of_rafsanjan_is_built_into_another_city():
    city = City(load_config(LAKESIDE, values={"run.scale": SMALL})).run(120)
    history = city.history
    assert city.neighbourhoods == 24
    assert not history.neighbourhood_mayors.any()
    assert history.councils.iloc[-1] > 0
    assert city.agents_by_type.get(sim.Imam) is None
    assert set(city.geography.names).isdisjoint(load_config(RAFSANJAN).city.neighbourhoods.names)


# ------------------------------------------------------------------------------------------------------ two languages

PERSIAN = re.compile("[\u0621-\u063a\u0641-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
FOREIGN = re.compile("[A-Za-z0-9\u0643\u064a\u0660-\u0669]")  # Latin, Arabic kaf and yeh, digits of other scripts
LOADED = re.compile(
    r"\b(good|bad|best|better|worse|worst|fail\w*|success\w*|(un)?fair|corrupt\w*|weak|strong|mere|merely|sham|fake)\b",
    re.IGNORECASE,
)


def labels(path: Path) -> list[sim.policies.Label]:
    if path in POLICIES:
        difference = timed(path)
        return [difference.title, difference.description]
    city = load_config(path).city
    return [city.title, *(claim.title for claim in city.claims)]


@pytest.mark.parametrize("path", CITIES + POLICIES, ids=lambda path: path.stem)
def test_titles_are_there_in_english_and_in_persian(path):
    for label in labels(path):
        assert label.en.strip() == label.en != ""
        assert label.fa.strip() == label.fa != ""
        assert not PERSIAN.search(label.en)
        assert PERSIAN.search(label.fa)
        assert not FOREIGN.search(label.fa)
        assert "\u200c " not in label.fa
        assert " \u200c" not in label.fa


@every_policy
def test_no_policy_is_praised_or_condemned(policy):
    for label in labels(policy):
        assert not LOADED.search(label.en)


def test_titles_of_policies_differ():
    titles = [timed(policy).title for policy in POLICIES]
    assert len({title.en for title in titles}) == len({title.fa for title in titles}) == len(POLICIES)


@every_city
def test_names_of_neighbourhoods_come_in_both_languages(path):
    neighbourhoods = load_config(path).city.neighbourhoods
    assert len(neighbourhoods.names) == len(neighbourhoods.names_fa)
    for name, name_fa in zip(neighbourhoods.names, neighbourhoods.names_fa, strict=True):
        assert not PERSIAN.search(name)
        assert PERSIAN.search(name_fa)
        assert not FOREIGN.search(name_fa)


# ------------------------------------------------------------------------------------------------------ the guide

README = (CONFIGS / "README.md").read_text(encoding="utf-8")


def test_the_examples_of_the_guide_are_valid(tmp_path):
    blocks = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    files = [tmp_path / f"{number}.yaml" for number in range(len(blocks))]
    for file, block in zip(files, blocks, strict=True):
        file.write_text(block, encoding="utf-8")
    city, policy = files
    config = load_config(city, policies=[policy], settings=["policy.hub.kinds=[school, online]"])
    assert [difference.start for difference in config.timeline] == [52, 52, 104]
    assert config.policy.hub.kinds == ("school", "online")
    assert_runs_and_keeps_the_books(moved_early(config.with_values({"run.scale": SMALL})))


def test_the_guide_names_files_and_keys_that_there_are():
    for name in re.findall(r"\bconfigs/[\w/]+\.yaml|\b(?:cities|policies)/[\w/]+\.yaml", README):
        assert (CONFIGS / name.removeprefix("configs/")).exists(), name
    for key in re.findall(r"`((?:city|policy|behaviour|run)(?:\.\w+)+)`", README):
        part: object = Config()
        for name in key.split("."):
            part = getattr(part, name)
    assert ("twenty-four policies" in README) == (len(POLICIES) == 24)
