"""Whether a policy ever has councils is told from its config as a run would tell it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.contrasts.arms import without_councils
from experiments.contrasts.comparison import design
from experiments.contrasts.given import AS_IT_IS
from experiments.councils import may_have_councils
from experiments.sensitivity.analysis import without_meaning
from experiments.sweeps.outcomes import parse
from sim.config import load_config
from sim.errors import ConfigError
from sim.place import geography_of
from sim.policies import TimedPolicy
from sim.yaml_text import read_yaml

STATUS_QUO = "configs/policies/status_quo.yaml"
RAFSANJAN = "configs/cities/rafsanjan.yaml"

LATE_ROLLOUT = """\
title: {en: Delegation that starts after the horizon}
set:
  rollout.milestones: [{week: 300, share: 0.0}, {week: 400, share: 1.0}]
"""
NEVER = """\
title: {en: Top-down}
set:
  authority.mode: top_down
"""
DECIDED_LATER = """\
title: {en: Delegation decided after the horizon}
start: 300
set:
  authority.mode: delegated
"""
WEEKS = 12


def timeline(*differences):
    return {"timeline": [TimedPolicy(**difference).model_dump() for difference in differences]}


def by(week, share=1.0, **more):
    return {"policy.rollout.milestones": [{"week": week, "share": share}], **more}


ELECTED = {"policy.council.selection": "elected"}
TOP_DOWN = {"policy.authority.mode": "top_down"}
ENDS_IN_5 = timeline({"start": 5, "set": {"authority.mode": "top_down"}})
BEGINS_IN = {week: timeline({"start": week, "set": {"authority.mode": "delegated"}}) for week in (5, 12, 13)}
OTHERS_FROM = {week: timeline({"start": week, "set": {"programmes.per_year": 1.0}}) for week in (5, 12, 20)}

CASES = {
    "all from the first week": (by(0), True),
    "in the last week": (by(12), True),
    "after the horizon": (by(13), False),
    "of nobody": (by(1, 0.0), False),
    "of less than one neighbourhood": (by(1, 0.1), False),
    "all at once, whatever the share": (by(1, 0.0, **{"policy.rollout.order": "at_once"}), True),
    "elected in the last week, to sit in the next": (by(12) | ELECTED, False),
    "elected in the last week but one": (by(11) | ELECTED, True),
    "top down": (by(1) | TOP_DOWN, False),
    "a mode that comes later": (by(1) | TOP_DOWN | BEGINS_IN[5], True),
    "a mode that comes in the last week": (by(1) | TOP_DOWN | BEGINS_IN[12], True),
    "a mode that comes in the last week, with elections": (by(1) | TOP_DOWN | BEGINS_IN[12] | ELECTED, False),
    "a mode that comes after the horizon": (by(1) | TOP_DOWN | BEGINS_IN[13], False),
    "a mode that ends before the first turn": (by(5) | ENDS_IN_5, False),
    "a mode that ends after the first turn": (by(4) | ENDS_IN_5, True),
    "dissolved before those elected sit": (by(4) | ENDS_IN_5 | ELECTED, False),
    "elected, and dissolved later": (by(3) | ENDS_IN_5 | ELECTED, True),
    "elected just before a change of another lever, in the last week": (by(11) | ELECTED | OTHERS_FROM[12], True),
    "dissolved before those elected sit, and called anew too late": (
        by(4) | ELECTED | timeline({"start": 5, "end": 12, "set": {"authority.mode": "top_down"}}),
        False,
    ),
    "a difference that is over before the first week": (
        by(13) | timeline({"start": 0, "end": 1, "set": {"rollout.milestones": [{"week": 0, "share": 1.0}]}}),
        False,
    ),
    "after the horizon, with a change of another lever on the way": (by(13) | OTHERS_FROM[5], False),
    "after the horizon, with a change of another lever and elections": (by(13) | ELECTED | OTHERS_FROM[5], False),
    "after the horizon, with a change of another lever later still": (by(13) | OTHERS_FROM[20], False),
    "a roll-out that is put off for a while": (
        by(1) | timeline({"start": 0, "end": 12, "set": {"rollout.milestones": [{"week": 50, "share": 1.0}]}}),
        True,
    ),
    "a roll-out that is put off beyond the horizon": (
        by(1) | timeline({"start": 0, "end": 13, "set": {"rollout.milestones": [{"week": 50, "share": 1.0}]}}),
        False,
    ),
}


@pytest.mark.parametrize(("values", "expected"), CASES.values(), ids=CASES)
def test_what_is_foretold_is_what_a_run_shows(build_city, values, expected):
    """Hosts that never miss a week: the municipality, where there are no hubs."""
    sure = {"policy.hub.kinds": [], "behaviour.selection.municipal_engagement": 1.0, "run.weeks": WEEKS}
    city = build_city(sure | values).run()
    assert bool((city.history.councils > 0).any()) == expected
    assert may_have_councils(city.config) == expected


def test_neighbourhoods_are_counted_in_the_users_own_file():
    config = load_config("configs/cities/own_data/town.yaml").with_values({"policy.rollout.order": "random"})
    count = len(geography_of(config).names)
    assert count < config.city.neighbourhoods.count
    assert may_have_councils(config.with_values(by(1, 1.01 / count)))
    assert not may_have_councils(config.with_values(by(1, 0.99 / count)))


@pytest.fixture
def policies(tmp_path):
    """Policies of which none has councils in the weeks of the runs, and one that decides on some later."""
    for name, text in {"late_rollout": LATE_ROLLOUT, "never": NEVER, "decided_later": DECIDED_LATER}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def experiment_of(policies, weeks, base=STATUS_QUO, ranked_by="trust_in_municipality"):
    return design(
        base, [AS_IT_IS, policies / "late_rollout.yaml", policies / "never.yaml"], city=RAFSANJAN, replications=4,
        scale=0.005, weeks=weeks, at=None, ranked_by=ranked_by, stop_when_settled=True, seed=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("weeks", "without"),
    [
        (14, ("status_quo", "as_is", "late_rollout", "never")),  # the default roll-out begins to rise in week 14
        (60, ("status_quo", "late_rollout", "never")),
        (300, ("status_quo", "late_rollout", "never")),
        (400, ("status_quo", "never")),
    ],
)
def test_councils_that_start_after_the_horizon_are_none_to_compare_and_to_sensitivity(policies, weeks, without):
    experiment = experiment_of(policies, weeks)
    assert without_councils(experiment) == without
    last = replace(experiment, outcomes=(parse({"trust_in_council": "last"}, weeks),))
    assert tuple(name for name in experiment.policies if without_meaning(last, name)) == without


def test_a_mode_set_later_by_the_timeline_counts_if_it_comes_within_the_run(policies):
    timeline = tuple(
        TimedPolicy.model_validate(read_yaml(policies / f"{name}.yaml").data) for name in ("never", "decided_later")
    )
    config = load_config(RAFSANJAN).model_copy(update={"timeline": timeline})
    found = [may_have_councils(config.with_values({"run.weeks": weeks})) for weeks in (299, 300, 301)]
    assert found == [False, True, True]


def test_trust_in_the_council_ranks_only_where_every_arm_has_councils(policies):
    with pytest.raises(ConfigError, match=r"trust_in_council says nothing without councils \(late_rollout, never\)"):
        experiment_of(policies, 60, base="configs/policies/full_programme.yaml", ranked_by="trust_in_council")
