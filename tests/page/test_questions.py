"""Questions of the page: what they are made of, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from experiments.page.cells import cells_of
from experiments.page.levers import content, events, levers_of, policy_with
from experiments.page.meta import meta_of
from experiments.page.policies import policy_file, policy_in, presets_for, presets_in
from experiments.page.question import key_of, policy_of, question_of
from experiments.register import value_at
from sim.config import Config, load_config, with_policy
from sim.errors import ConfigError
from sim.parameters import register
from sim.yaml_text import read_text, read_yaml

POLICIES = sorted(Path("configs/policies").resolve().glob("*.yaml"))
every_policy = pytest.mark.parametrize("file", POLICIES, ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def city():
    return load_config("configs/cities/rafsanjan.yaml").with_values({"run.scale": 0.1})


@pytest.fixture(scope="module")
def presets():
    return presets_in(Path("configs/policies").resolve())


def key(city, policy):
    return key_of(city, policy_of(policy, city).timeline)


# ---------------------------------------------------------------- levers


def test_every_choice_of_a_lever_is_offered_with_words_and_nothing_else(city):
    rows = {row.key: row for row in register(Config)}
    for lever in levers_of(city):
        row = rows[f"policy.{lever['key']}"]
        if lever["kind"] == "choice" and lever["key"] != "hub.kinds":
            assert {choice["value"] for choice in lever["choices"]} == set(row.choices), lever["key"]
        if lever["kind"] == "number":
            assert row.low <= lever["minimum"] < lever["maximum"] <= row.high
            assert all(lever["minimum"] <= level <= lever["maximum"] for level in lever["stored"])
            steps = [(level - lever["minimum"]) / lever["step"] for level in [*lever["stored"], lever["default"]]]
            assert steps == pytest.approx([round(step) for step in steps]), lever["key"]


def test_every_level_and_event_is_a_policy_of_the_city(city):
    for lever in levers_of(city):
        for level in lever["stored"]:
            policy_of({"set": {lever["key"]: level}}, city)
    for event in content().events:
        for week in (1, 200):
            policy_of(policy_with(event, week), city)
    assert len(events(260)) == len(content().events)
    assert {event["week"] for event in events(52)} == {51}  # an event after the end would do nothing


def test_every_text_is_there_in_both_languages(city, presets):
    for lever in levers_of(city):
        for name in ("group", "name", "meaning", "evidence"):
            assert all(lever[name].values()), (lever["key"], name)
            assert lever[name]["en"] != lever[name]["fa"]
    for preset in presets.values():
        assert all(preset["title"].values())
        assert all(preset["description"].values())


def test_a_claim_is_marked_as_one(city):
    words = {"claimed": ("Claimed", "ادعا"), "assumption": ("Assumed", "فرض")}
    for lever in levers_of(city):
        english, persian = words[lever["tag"]]
        assert lever["evidence"]["en"].startswith(english), lever["key"]
        assert lever["evidence"]["fa"].startswith(persian), lever["key"]


def test_the_page_of_another_city_says_nothing_of_what_was_reported_of_rafsanjan():
    other = load_config("configs/cities/lakeside.yaml")
    offered = presets_for(other, presets_in(Path("configs/policies").resolve()))
    found = meta_of(other, offered, live=True, model="", stored=None)
    text = json.dumps(found, ensure_ascii=False)
    assert not re.search("Rafsanjan|رفسنجان|toman|تومان|as reported|برنامه گزارش‌شده|the press|94 young", text)
    assert {lever["tag"] for lever in found["levers"]} == {"assumption"}
    assert not any(lever["stored"] for lever in found["levers"]), "no answers are stored for it"
    evidence = {lever["key"]: lever["evidence"]["en"] for lever in found["levers"]}
    assert evidence["mayor.kind"] == "Assumed: the value is that of this city's own file."
    assert "In Indonesia audits cut missing spending" in evidence["accountability.audit"]
    assert found["first"] == ["as_is"]
    first = found["presets"][0]
    assert (first["name"], first["title"]["en"]) == ("as_is", "The city as configured")
    assert key_of(other, policy_of(first["policy"], other).timeline) == key_of(other, ())


def test_a_city_as_reported_has_the_reported_programme_and_one_that_was_changed_has_itself(city, presets):
    assert presets_for(city, presets) == presets
    changed = city.with_values({"policy.authority.delegated_share": 0.4})
    assert set(presets_for(changed, presets)) - set(presets) == {"as_is"}


def test_claims_of_another_city_are_not_said_to_have_set_up_the_model(city, presets):
    claim = {"outcome": "councils", "value": 3, "week": 20}
    other = Config.model_validate({"city": {"title": {"en": "Elsewhere"}, "claims": [claim]}})
    found = meta_of(other, presets, live=True, model="", stored=None)
    assert "set up as it was reported" not in found["claims_meaning"]["en"]
    assert "this confirms nothing" in found["claims_meaning"]["en"]
    own = meta_of(city, presets, live=True, model="", stored=None)["claims_meaning"]["en"]
    assert "set up as it was reported" in own


# ---------------------------------------------------------------- policies


@every_policy
def test_a_preset_is_the_policy_of_its_file(city, presets, file):
    whole = with_policy(city, read_yaml(file))
    assert key(city, presets[file.stem]["policy"]) == key_of(whole, ())


@every_policy
def test_a_policy_saved_and_loaded_is_the_same(city, presets, file):
    policy = presets[file.stem]["policy"]
    again = policy_in(read_text(policy_file(policy), "the file"), city.policy)
    assert again == policy


def test_what_comes_to_the_same_has_one_key(city, presets):
    as_reported = key(city, {})
    assert key(city, presets["full_programme"]["policy"]) == as_reported
    assert key(city, {"set": {"authority.delegated_share": 0.5}}) == as_reported
    assert key(city, {"set": {"authority": {"delegated_share": 0.5}}}) == as_reported
    assert key(city, {"later": [{"start": 300, "set": {"funding.level": 0.1}}]}) == as_reported  # after the run
    assert key(city, {"title": {"en": "Another", "fa": "دیگر"}}) == as_reported


@pytest.mark.parametrize(
    "policy",
    [
        {"set": {"authority.delegated_share": 0.51}},
        {"later": [{"start": 100, "set": {"funding.level": 0.9}}]},
        {"shocks": [{"kind": "flood", "week": 3, "size": 0.1}]},
        {"set": {"hub.kinds": ["school", "mosque"]}},
    ],
)
def test_what_differs_has_another_key(city, policy):
    assert key(city, policy) != key(city, {})


def test_the_order_of_hubs_counts(city):
    one, other = ({"set": {"hub.kinds": kinds}} for kinds in (["mosque", "school"], ["school", "mosque"]))
    assert key(city, one) != key(city, other)  # the first is the host


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "base"),
        ({"base": {}, "policies": []}, "policies"),
        ({"base": {}, "policies": [{}] * 5}, "policies"),
        ({"base": {}, "policies": [{"set": {"hub.kindz": 1}}]}, "hub.kindz"),
        ({"base": {}, "policies": [{"set": {"funding.level": 2}}]}, "between 0 and 1"),
        ({"base": {"later": [{"start": 9, "set": {"x": 1}}]}, "policies": [{}]}, "later"),
        ({"base": {}, "policies": [{"shocks": [{"kind": "earthquake"}]}]}, "earthquake"),
        ({"base": {}, "policies": [{"later": [{"start": week} for week in range(30)]}]}, "at most 20"),
        ({"base": {}, "policies": [{}], "scale": 1.0}, "scale"),
        ([1], "mapping"),
        ("../../etc/passwd", "mapping"),
    ],
)
def test_a_wrong_question_is_refused_in_a_line(city, content, message):
    with pytest.raises(ConfigError) as caught:
        question_of(content, city)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_policies_with_one_title_are_told_apart(city):
    same = {"title": {"en": "School", "fa": "مدرسه"}}
    titles = question_of({"base": same, "policies": [same, {}]}, city).titles
    assert [title["en"] for title in titles.values()] == ["School", "School (2)", "A policy of one's own"]
    assert [title["fa"] for title in titles.values()][1] == "مدرسه (۲)"


# ---------------------------------------------------------------- what is stored


def test_each_preset_lever_and_event_is_a_cell(city, presets):
    cells = cells_of(city, presets)
    assert {key(city, preset["policy"]) for preset in presets.values()} <= set(cells)
    for lever in levers_of(city):
        assert {key(city, {"set": {lever["key"]: level}}) for level in lever["stored"]} <= set(cells)
        numbers = lever["kind"] != "number" or len(lever["stored"]) >= 5
        assert numbers, f"{lever['key']} is stored at fewer than five levels"
    assert {key(city, policy_with(event, content().week)) for event in content().events} <= set(cells)
    assert {key(city, {"set": levers}) for levers in content().pairs} <= set(cells)


def test_assumptions_that_are_tried_lie_within_their_ranges(city):
    rows = {row.key: row for row in register(Config)}
    for name, values in content().assumptions.items():
        assert all(value != value_at(city, name) for value in values)
        city.with_values({name: values[0]})
        if rows[name].low is not None:
            assert all(rows[name].low <= value <= rows[name].high for value in values)
