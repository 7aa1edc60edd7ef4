"""What a policy does otherwise than its baseline, in words."""

import pytest

from experiments.answers.changes import MOST_CHANGES, changes_of
from experiments.lever_values import name_of_value
from experiments.timelines import weeks_of_change
from sim.config import load_config, with_policy
from sim.policies import TimedPolicy
from sim.shipped import shipped
from sim.yaml_text import read_yaml

CITY = load_config("rafsanjan")


def under(name):
    return with_policy(CITY, read_yaml(shipped("policy")[name]))


def test_nothing_is_told_of_a_policy_that_changes_nothing():
    assert changes_of(CITY, CITY) == {"en": "", "fa": ""}
    assert changes_of(CITY, under("full_programme")) == {"en": "", "fa": ""}


def test_levers_have_both_values_in_the_words_of_the_page():
    own = CITY.with_values({"policy.authority.delegated_share": 0.25, "policy.support.neighbourhoods_per_team": 2})
    found = changes_of(CITY, own)
    assert found["en"] == (
        "Changed: the share of the budget delegated: 25 % (baseline: 50 %); neighbourhoods served by a team: "
        "2 neighbourhoods (baseline: 5 neighbourhoods)."
    )
    assert found["fa"] == (
        "تغییرها: سهم بودجه تفویض‌شده: ۲۵٪ (در مبنا: ۵۰٪)؛ شمار محله‌های هر تیم شهرداری: ۲ محله (در مبنا: ۵ محله)."
    )
    assert "the municipality decides alone (baseline: councils decide about a share)" in changes_of(
        CITY, under("status_quo")
    )["en"]


def test_the_other_way_round_the_values_change_places():
    assert changes_of(under("whole_budget"), CITY)["en"].endswith(": 50 % (baseline: 100 %).")


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("late_payments_week_104", "50 % from week 104 on (baseline: 85 %)"),
        ("loud_pledges_week_104", "90 % in weeks 104 to 155 (baseline: 30 %)"),
        ("scandal", "Scandal in the municipality: in week 104 (baseline: no)"),
        ("flood", "Flood: in week 44 (baseline: no)"),
    ],
)
def test_weeks_and_shocks_are_told(policy, words):
    assert words in changes_of(CITY, under(policy))["en"]


def test_a_shock_of_the_baseline_alone_is_told():
    assert changes_of(under("flood"), CITY)["en"] == "Changed: Flood: no (baseline: in week 44)."


def test_many_changes_are_counted():
    own = {
        "council.size": 9, "council.term_weeks": 104, "council.quota_women": 0.5, "council.quota_youth": 0.5,
        "funding.level": 0.5, "funding.payment_reliability": 0.5, "pledges.optimism": 0.4, "pledges.loudness": 0.5,
    }  # fmt: skip
    found = changes_of(CITY, CITY.with_values({f"policy.{key}": value for key, value in own.items()}))
    assert found["en"].count(";") == MOST_CHANGES
    assert found["en"].endswith(f"; and {len(own) - MOST_CHANGES} more.")
    assert found["fa"].endswith("؛ و ۲ تغییر دیگر.")


def test_a_schedule_is_said_to_be_another():
    own = CITY.with_values({"policy.rollout.milestones": [{"week": 0, "share": 1.0}]})
    assert changes_of(CITY, own)["en"] == "Changed: the pace of the roll-out: otherwise."


def test_values_have_names_in_both_languages():
    assert name_of_value("policy.council.selection", "sortition", "en") == "the lot"
    assert name_of_value("council.selection", "sortition", "fa") == "به قید قرعه"
    assert name_of_value("policy.council.selection", "unheard", "en") is None


def test_a_timeline_changes_where_something_begins_or_ends_up_to_the_last_week():
    timeline = [TimedPolicy(start=7, end=20), TimedPolicy(start=40), TimedPolicy(start=41)]
    assert weeks_of_change(timeline, 40) == [0, 7, 20, 40]
    assert weeks_of_change([], 40) == [0]
