"""Mechanisms: parts sum to the gap in both ways of counting, and a channel that is off does nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from experiments.cli import main
from experiments.contrasts import CHANNELS, attribute
from experiments.contrasts.mechanisms import (
    BOTH,
    EVERYTHING,
    FIRST,
    GAP,
    INTERACTION,
    LAST,
    LEFT,
    RUNS,
    _apart,
    _split,
    alone,
    variants,
)

RAFSANJAN = "configs/cities/rafsanjan.yaml"
STATUS_QUO = "configs/policies/status_quo.yaml"
SCHOOL = "configs/policies/school_hub.yaml"
HUB = "hub and facilitator"


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mechanisms") / "out"
    return attribute(STATUS_QUO, SCHOOL, out=folder, replications=2, workers=2, scale=0.005, weeks=60)


def made_up_gaps():
    """Gaps of one outcome in four replications, one for each variant."""
    draw = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([["hope"], [30], range(4)], names=["outcome", "week", "replication"])
    names = list(variants())
    return pd.DataFrame(draw.normal(0.0, 1.0, (4, len(names))), index, names)


def values_of(table):
    return table.set_index(["part", "counted"]).value


@pytest.mark.parametrize("counted", [LAST, FIRST])
def test_the_parts_sum_to_the_gap(counted):
    gaps = made_up_gaps()
    values = values_of(_split(gaps))
    assert values[GAP, BOTH] == pytest.approx(gaps[GAP].mean())
    assert values[LEFT, BOTH] == pytest.approx(gaps[EVERYTHING].mean())
    own = sum(values[part, counted] for part in (*CHANNELS, INTERACTION))
    assert own + values[LEFT, BOTH] == pytest.approx(values[GAP, BOTH])


def test_a_channel_is_counted_by_what_is_missing_without_it_and_by_what_it_adds_alone():
    gaps = made_up_gaps()
    values = values_of(_split(gaps))
    assert values["voice", LAST] == pytest.approx((gaps[GAP] - gaps["voice"]).mean())
    assert values["voice", FIRST] == pytest.approx((gaps[alone("voice")] - gaps[EVERYTHING]).mean())


def test_channels_that_add_up_leave_no_interaction_and_count_alike_in_both_ways():
    sizes = dict(zip(CHANNELS, range(1, len(CHANNELS) + 1), strict=True))
    gaps = made_up_gaps()
    for variant, off in variants().items():
        gaps[variant] = 0.5 + sum(size for channel, size in sizes.items() if channel not in off)
    values = values_of(_split(gaps))
    for counted in (LAST, FIRST):
        assert values[INTERACTION, counted] == pytest.approx(0.0, abs=1e-12)
        assert [values[channel, counted] for channel in CHANNELS] == pytest.approx(list(sizes.values()))


def test_two_channels_that_work_only_together_count_last_and_not_alone():
    gaps = made_up_gaps()
    for variant, off in variants().items():
        gaps[variant] = 0.0 if {"voice", "asking"} & set(off) else 1.0
    values = values_of(_split(gaps))
    assert (values["voice", LAST], values["voice", FIRST]) == (1.0, 0.0)
    assert (values[INTERACTION, LAST], values[INTERACTION, FIRST]) == (-1.0, 1.0)


def test_every_channel_switches_off_something_that_is_on():
    config = sim.load_config(RAFSANJAN)
    for channel, values in CHANNELS.items():
        off = config.with_values(dict(values))
        for key, value in values.items():
            held, without = config, off
            for name in key.split("."):
                held, without = getattr(held, name), getattr(without, name)
            assert without == value, (channel, key)
            assert held != value, (channel, key)


def test_a_part_counts_the_replications_it_needs_and_no_fewer():
    """Where a channel cannot be switched off, the others are known all the same."""
    gaps = made_up_gaps()
    gaps["voice"] = np.nan
    gaps.iloc[0, gaps.columns.get_loc(EVERYTHING)] = np.nan
    table = _split(gaps).set_index(["part", "counted"])
    counts = table.replications
    assert (counts[GAP, BOTH], counts["voice", LAST], counts["voice", FIRST], counts["asking", LAST]) == (4, 0, 3, 4)
    assert (counts[INTERACTION, LAST], counts[INTERACTION, FIRST], counts[LEFT, BOTH]) == (0, 3, 3)
    assert table.value["asking", LAST] == pytest.approx((gaps[GAP] - gaps["asking"]).mean())
    assert np.isnan(table.value["voice", LAST])


def test_channels_are_what_the_documentation_says_of_them():
    """Whatever a channel consists of: one key fewer leaves part of it on, and no other test may see it."""
    behaviour = {channel: {key.rpartition(".")[2] for key in values} for channel, values in CHANNELS.items()}
    assert behaviour == {
        HUB: {"kinds"},
        "youth mayor": {"peer_evidence_per_week", "mentor_hours_of_youth_mayor", "mayor_asks_per_week"},
        "voice": {"voice_weight", "speaker_voice"},
        "pledges": {
            "pledge_rise", "broken_pledge", "tracking_effect", "late_completion_signal", "news_weight", "unmet_weight",
        },
        "delivery": {
            "mayor_effect", "finished_work", "service_evidence_per_week", "service_rate_per_week", "delivery_weight",
        },
        "asking": {"asking_rate_per_week", "council_asks_per_week"},
        "team": {"assistance_without_team"},
        "contributions": {"contribution_share"},
        "prices": {"price_reduction"},
        "upkeep": {"upkeep_gain"},
        "revenue": {"revenue_rise"},
        "disputes": {"dispute_probability"},
    }  # fmt: skip


def test_the_number_of_runs_is_said_as_it_is(capsys):
    """By the help as so many runs a channel and so many more, by the documentation also as the number there is now."""
    assert len(variants()) * 2 == RUNS == 4 * len(CHANNELS) + 4
    assert main(["compare", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "4 runs per channel and 4 more in each replication" in said
    with open("docs/contrasts.md", encoding="utf-8") as document:
        text = " ".join(document.read().split())
    assert f"4 runs per channel and 4 more in each replication ({RUNS} runs with {len(CHANNELS)} channels)" in text
    assert all(channel in text for channel in CHANNELS)


def run_without(*off, **values):
    """A small city of the programme without some channels."""
    behaviour, levers = _apart(off)
    levers = {f"policy.{key}": value for key, value in levers.items()}
    settings = {"run.scale": 0.01, "run.weeks": 90, "policy.pledges.optimism": 0.5, **values}
    return sim.City(sim.load_config(RAFSANJAN, values={**settings, **behaviour, **levers}), rng=1).run()


def test_without_the_hub_nothing_of_facilitators_is_left():
    idle, keen = (
        run_without(
            HUB,
            **{
                "city.hubs.mosque.engagement": 0.1 + 0.8 * keen,
                "city.hubs.mosque.inclusiveness": 0.1 + 0.8 * keen,
                "city.hubs.mosque.women_barrier": 2.0 * keen,
                "behaviour.trust.news_weight": 1.0 * keen,
                "behaviour.learning.mentor_hours_of_facilitator": 20.0 * keen,
                "behaviour.participation.attender_access": 1.5 * keen,
                "behaviour.knowledge.attender_voice": 3.0 * keen,
            },
        )
        for keen in (0.0, 1.0)
    )
    pd.testing.assert_frame_equal(idle.history, keen.history)
    assert idle.history.hub_visits.sum() == 0.0
    assert idle.history.councils.iloc[-1] > 20  # the municipality convenes in its place


def test_without_pledges_it_does_not_matter_to_anybody_what_is_promised():
    quiet, loud = (run_without("pledges", **{"policy.pledges.loudness": share}) for share in (0.0, 1.0))
    pd.testing.assert_frame_equal(quiet.history, loud.history)
    on_quiet, on_loud = (run_without(**{"policy.pledges.loudness": share}) for share in (0.0, 1.0))
    assert (on_quiet.history.trust_in_municipality.iloc[-1]) > on_loud.history.trust_in_municipality.iloc[-1] + 0.001
    held = ["trust_in_municipality", "trust_in_council", "expectation", "participation_rate", "exits"]
    tired = {"behaviour.burnout.base_hazard_per_week": 0.02}
    early, late = (run_without("pledges", **tired, **{"policy.pledges.optimism": share}) for share in (-0.5, 0.8))
    pd.testing.assert_frame_equal(early.history[held], late.history[held])


def test_without_delivery_broken_pledges_still_cost_trust():
    quiet, loud = (run_without("delivery", **{"policy.pledges.loudness": share}) for share in (0.0, 1.0))
    assert loud.history.trust_in_council.iloc[-1] < quiet.history.trust_in_council.iloc[-1] - 0.001


def test_teams_make_no_difference_where_everybody_builds_as_if_assisted():
    values = {"run.scale": 0.005, "run.weeks": 1, **CHANNELS["team"]}
    for kind in ("team", "training", "none"):
        city = sim.City(sim.load_config(RAFSANJAN, values={**values, "policy.support.kind": kind})).run()
        assert (city.institutions.assistance == 1.0).all(), kind


def test_without_the_returns_the_books_have_none_of_their_lines():
    returns = ("contributions", "prices", "upkeep", "revenue", "disputes")
    lines = ["money_contributed", "money_saved_on_prices", "money_from_revenue", "rounds_disputed"]
    often = {"behaviour.returns.dispute_probability": 0.3}
    on, off = (run_without(*channels, **often).history.iloc[-1] for channels in ((), returns))
    assert (on[lines] > 0.0).all()
    assert (off[lines] == 0.0).all()
    calm = run_without("disputes").history.iloc[-1]  # disputes hold works up: what the others return shows without them
    assert off.service_level < calm.service_level


def test_the_parts_of_a_simulated_gap_sum_to_it(parts):
    assert len(parts.sweep.runs) == 2 * RUNS
    for (outcome, week, group), rows in parts.table.groupby(["outcome", "week", "group"]):
        values = values_of(rows)
        for counted in (LAST, FIRST):
            own = sum(values[part, counted] for part in (*CHANNELS, INTERACTION))
            assert own + values[LEFT, BOTH] == pytest.approx(values[GAP, BOTH]), (outcome, week, group)
    mayors = parts.table[parts.table.part == "youth mayor"]
    assert (mayors.value.dropna() == 0.0).all()  # the first would come in week 131
    trust = parts.table[(parts.table.outcome == "trust_in_municipality") & (parts.table.group == "")]
    values = values_of(trust[trust.week == 60])
    assert all(values[part] != 0.0 for part in ((GAP, BOTH), ("delivery", LAST), ("delivery", FIRST)))


def test_the_hub_is_off_though_the_policy_sets_one(parts):
    """Runs of the variant are those of the policy with no hub at all, by hand."""
    experiment = parts.sweep.experiment
    (point,) = [own for own in experiment.points if own.policy == "school_hub without_hub" and not own.values]
    run = parts.sweep.runs[(parts.sweep.runs.point == point.number) & (parts.sweep.runs.replication == 1)]
    by_hand = sim.load_config(RAFSANJAN, values={"run.scale": 0.005, "run.weeks": 60, "policy.hub.kinds": ()})
    city = sim.City(by_hand.with_values({"run.seed": experiment.seed_of(1)})).run()
    outcomes = parts.sweep.outcomes
    stored = outcomes[(outcomes.run_id == run.run_id.iloc[0]) & (outcomes.outcome == "hope:week(52,60)")]
    assert stored.value.tolist() == city.history.hope.loc[[52, 60]].tolist()


def test_a_policy_beside_itself_has_no_parts(tmp_path):
    twin = tmp_path / "twin.yaml"
    with open(SCHOOL, encoding="utf-8") as source:
        twin.write_text(source.read(), encoding="utf-8")
    found = attribute(SCHOOL, twin, out=tmp_path / "out", replications=2, workers=2, scale=0.005, weeks=8)
    assert len(found.table) > 1_000
    assert (found.table[["value", "low", "high"]].dropna() == 0.0).all(axis=None)
