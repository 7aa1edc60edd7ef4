"""A policy file that sets other levers in other weeks."""

from __future__ import annotations

import pytest

from experiments.faults import faults_of
from experiments.resolved import as_yaml
from experiments.sweeps.experiment import what_counts
from sim.branching import branch
from sim.city import City
from sim.config import load_config, with_policy
from sim.errors import ConfigError
from sim.policies import Timeline
from sim.yaml_text import read_yaml

FILE = """title: {en: A school and then half of the money}
set: {hub.kinds: [school]}
later:
  - {start: 20, set: {funding: {level: 0.5}}}
  - {start: 30, end: 40, set: {funding.level: 0.1}}
"""


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_each_change_is_in_force_in_its_weeks(policy):
    config = with_policy(load_config("configs/cities/rafsanjan.yaml"), read_yaml(policy))
    timeline = Timeline(config.policy, config.timeline)
    levels = [timeline.policy_in(week).funding.level for week in (0, 19, 20, 29, 30, 39, 40)]
    assert levels == [1.0, 1.0, 0.5, 0.5, 0.1, 0.1, 0.5]
    assert all(timeline.policy_in(week).hub.kinds == ("school",) for week in (0, 25, 35, 99))


def test_it_is_the_same_as_files_given_one_after_the_other(policy, tmp_path):
    names = []
    for number, text in enumerate(
        (
            "set: {hub.kinds: [school]}",
            "start: 20\nset: {funding.level: 0.5}",
            "start: 30\nend: 40\nset: {funding.level: 0.1}",
        )
    ):
        names.append(tmp_path / f"{number}.yaml")
        names[-1].write_text(text, encoding="utf-8")
    config = load_config("configs/cities/rafsanjan.yaml")
    one, three = with_policy(config, read_yaml(policy)), config
    for name in names:
        three = with_policy(three, read_yaml(name))
    assert _untitled(what_counts(one)) == _untitled(what_counts(three))


def _untitled(content):
    return content["base"]["timeline"]


def test_a_resolved_config_holds_the_parts_and_reads_as_the_same(policy, tmp_path):
    config = with_policy(load_config("configs/cities/lakeside.yaml"), read_yaml(policy))
    file = tmp_path / "city.yaml"
    file.write_text(as_yaml(config), encoding="utf-8")
    assert "later" not in file.read_text(encoding="utf-8")
    assert load_config(file).timeline == config.timeline


@pytest.mark.parametrize(
    ("wrong", "line", "key"),
    [
        ("later: [{start: 3, set: {funding.level: 7}}]", 1, "later[0].set.funding.level"),
        ("set: {}\nlater:\n  - {set: {}}\n  - {set: {hub: {kindz: 1}}}", 4, "later[1].set.hub.kindz"),
        ("later:\n  - {start: 9, end: 9}", 2, "later[0]"),
        ("later: [{start: 3, shocks: []}]", 1, "later[0].shocks"),
        ("later: 3", 1, "later"),
    ],
)
def test_a_fault_is_named_by_its_place(tmp_path, wrong, line, key):
    file = tmp_path / "policy.yaml"
    file.write_text(f"{wrong}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        with_policy(load_config("configs/cities/rafsanjan.yaml"), read_yaml(file))
    assert (caught.value.line, caught.value.key) == (line, key)
    assert [(fault.line, fault.key) for fault in faults_of(file)[1]] == [(line, key)]


def test_a_branch_takes_what_is_still_to_come(policy, build_city):
    city = City("configs/cities/rafsanjan.yaml", rng=1, run__scale=0.01).run(25)
    assert [part.start for part in branch(city, policy).config.timeline] == [26, 26, 30]
    with pytest.raises(ConfigError, match="week 40 is over") as caught:
        branch(city.run(20), policy)
    assert caught.value.key == "later[1].end"
