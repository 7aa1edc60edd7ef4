"""Whole answers of made-up comparisons: losers, certainty, maps, what is missing; no sentence is unfilled."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.answers.answer import RANKED, answer_of
from experiments.answers.asked import BY_GROUP, CURVES, FINDINGS, ON_MAPS
from experiments.answers.certainty import CAP, LEVELS, Evidence, Flip, certainty_of, value_shown
from experiments.answers.findings import Difference
from experiments.answers.groups import group_title
from experiments.page.levers import content
from experiments.page.question import BASE
from experiments.words import Effect
from tests.answers.made_up import comparison, differences, groups, numbers_in
from tests.answers.test_sentences import verdict_by_the_rule, word_by_the_rule
from tests.conftest import TIMES

TITLES = {BASE: {"en": "Top down", "fa": "از بالا"}, "policy 1": {"en": "Councils", "fa": "شوراها"}}
ORDER = list(LEVELS)
NAME = {"en": "a pattern", "fa": "یک الگو"}
SEEDS = st.integers(0, 10**6)


def answer(found, **more):
    return answer_of(found, source="run", titles=TITLES, **more)


def texts_in(data):
    """All texts in both languages, wherever they stand."""
    if isinstance(data, dict):
        if data.keys() == {"en", "fa"}:
            yield data
        else:
            for value in data.values():
                yield from texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_in(value)


def without_groups(text, language):
    """A text without the names of groups, whose years are written in other ways in Persian."""
    for name in sorted((group_title(group)[language] for group in groups()), key=len, reverse=True):
        text = text.replace(name, "")
    return text


@given(SEEDS, st.sampled_from([0, 1, 2, 3, 20]), st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=10 * TIMES, deadline=None, derandomize=True)
def test_no_text_is_unfilled_and_both_languages_hold_the_same_numbers(seed, pairs, missing):
    found = answer(comparison(seed, pairs=pairs, missing=missing))
    cautions = found.pop("cautions")
    for text in [*cautions, *texts_in(found)]:
        for own in text.values():
            assert not set("{}") & set(own)
            assert "nan" not in own.lower().replace("finance", "").split()
            assert "None" not in own
            assert "  " not in own
    for text in texts_in(found):
        english, persian = (numbers_in(without_groups(text[language], language)) for language in ("en", "fa"))
        assert sorted(english) == sorted(persian), text


@given(SEEDS)
@settings(max_examples=10 * TIMES, deadline=None, derandomize=True)
def test_losers_are_the_groups_that_are_or_may_be_worse_and_nobody_else(seed):
    made = comparison(seed)
    policy = answer(made)["policies"][0]
    rows = made.table.merge(made.levels[["outcome", "week", "group", "mean"]], on=["outcome", "week", "group"])
    rows = rows[rows.outcome.isin(BY_GROUP) & rows.group.str.contains("=") & ~rows.group.str.startswith("neigh")]
    ends = made.ends_of(BY_GROUP)
    expected = {"worse": set(), "may be worse": set(), "better": set(), "may be better": set()}
    for row in rows.to_dict("records"):
        one = type("Row", (), {"low": row["low"], "high": row["high"], "least": 0.02})
        verdict = verdict_by_the_rule(word_by_the_rule(one), ends.get(row["outcome"]))
        expected.get(verdict, set()).add((row["outcome"], row["group"]))
    for name, worst, may in (("losers", "worse", "may be worse"), ("gainers", "better", "may be better")):
        listed = [(one["outcome"], one["group"]) for one in policy[name]]
        assert len(listed) == len(set(listed))
        assert set(listed) == expected[worst] | expected[may]
        assert set(listed[: len(expected[worst])]) == expected[worst], "those that are certain come first"
    assert {one["outcome"] for one in policy["groups"]} == set(BY_GROUP)


@pytest.mark.parametrize("pairs", [0, 1, 2])
def test_before_three_pairs_there_is_no_interval_and_nobody_loses(pairs):
    policy = answer(comparison(1, pairs=pairs))["policies"][0]
    assert policy["losers"] == policy["gainers"] == []
    assert policy["headline"]["en"] == "Too few pairs of runs so far to say anything."
    assert policy["groups_text"]["en"] == "Too few pairs of runs to tell groups apart."
    assert {one["verdict"] for one in policy["findings"]} == {"unknown"}
    assert all("too few pairs" in one["text"]["en"] for one in policy["maps"])


@pytest.mark.parametrize(
    "without",
    [("money_spent",), BY_GROUP, ("trust_in_municipality",), CURVES, FINDINGS, ON_MAPS, (*FINDINGS, *BY_GROUP)],
    ids=["money", "groups", "ranking", "curves", "findings", "maps", "all"],
)
def test_what_nobody_asked_for_is_left_out(without):
    policy = answer(comparison(2, without=without))["policies"][0]
    said = {one["outcome"] for kind in ("findings", "groups", "curves") for one in policy[kind]}
    assert not said & set(without)
    assert "Too few" not in policy["groups_text"]["en"]


def test_one_week_gives_curves_of_one_point():
    policy = answer(comparison(3, weeks=(52,)))["policies"][0]
    assert {tuple(curve["weeks"]) for curve in policy["curves"]} == {(52,)}


# ---------------------------------------------------------------- certainty


def evidence(failed, undecided, counted, movers, without, examined, flips):
    own = {name: (movers, min(without, movers)) for name in RANKED}
    flip = Flip("trust_in_municipality", "behaviour.trust.rule", "1", Effect.FALLS)
    tried = ("behaviour.trust.rule",) if examined else None
    return Evidence((NAME,) * failed, (NAME,) * undecided, counted, own, tried, (flip,) * flips if examined else ())


EVIDENCE = st.builds(
    evidence, st.integers(0, 4), st.integers(0, 3), st.integers(0, 11), st.integers(0, 10), st.integers(0, 10),
    st.booleans(), st.integers(0, 3),
)  # fmt: skip


def level(one, known):
    return ORDER.index(certainty_of(one, known)["level"])


@given(differences(outcome="trust_in_municipality"), EVIDENCE)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_more_that_speaks_against_it_never_raises_certainty(one, known):
    now = level(one, known)
    fails = Evidence((*known.failed, NAME), *(getattr(known, name) for name in ("undecided", "counted", "movers")),
                     known.examined, known.flips)  # fmt: skip
    assert level(one, fails) >= now
    flip = Flip("trust_in_municipality", "behaviour.trust.rule", "2", Effect.RISES)
    if known.examined is not None:
        flipped = Evidence(known.failed, known.undecided, known.counted, known.movers, known.examined,
                           (*known.flips, flip))  # fmt: skip
        assert level(one, flipped) >= now
        if not known.flips:
            unseen = Evidence(known.failed, known.undecided, known.counted, known.movers)
            assert level(one, unseen) >= now
    movers = {name: (number, number) for name, (number, _) in known.movers.items()}
    assert (
        level(one, Evidence(known.failed, known.undecided, known.counted, movers, known.examined, known.flips)) >= now
    )


@given(differences(), EVIDENCE)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_certainty_is_capped_while_a_pattern_fails_or_none_was_judged(one, known):
    if known.failed or not known.counted:
        assert level(one, known) >= ORDER.index(CAP)
    assert certainty_of(one, known)["reasons"], "no level without its reason"


def test_certainty_is_high_where_nothing_speaks_against_it():
    clear = Evidence(counted=11, movers={"trust_in_municipality": (4, 1)}, examined=("behaviour.trust.rule",))
    assert certainty_of(Difference("trust_in_municipality", 0.4, 0.1, 0.08, 0.12, "highest"), clear)["level"] == "high"
    vague = Difference("trust_in_municipality", 0.4, 0.1, 0.01, 0.12, "highest")
    assert certainty_of(vague, clear)["level"] == "moderate"


def test_a_finding_is_told_by_what_was_tried_on_it():
    flip = Flip("service_level", "behaviour.trust.rule", "1", Effect.FALLS)
    known = Evidence(counted=11, examined=("behaviour.trust.rule",), flips=(flip,))
    assert known.about("service_level", RANKED).flips == (flip,)
    assert known.about("trust_in_municipality", RANKED).flips == ()
    assert known.about("hope", RANKED).examined is None


def test_what_was_tried_names_the_outcome_that_did_not_change_beside_those_that_did():
    """Or "did not change" would stand beside a list of what changes the answer, which is about other outcomes."""
    flip = Flip("service_level", "behaviour.trust.rule", "1", Effect.FALLS)
    known = Evidence(counted=11, examined=("behaviour.trust.rule",), flips=(flip,))
    (policy,) = answer(comparison(5), evidence={"": known})["policies"]
    assert any("services: falls" in text["en"] for text in policy["flips"])
    last = policy["certainty"]["reasons"][-1]
    assert last["en"].endswith("changes the word for this outcome: trust in the municipality.")
    assert last["fa"].endswith("واژه مربوط به این پیامد را تغییر نداد: اعتماد به شهرداری.")
    own = Flip("trust_in_municipality", "behaviour.trust.rule", "1", Effect.FALLS)
    reasons = certainty_of(
        Difference("trust_in_municipality", 0.4, 0.1, 0.08, 0.12, "highest"),
        Evidence(counted=11, examined=("behaviour.trust.rule",), flips=(own,)),
    )["reasons"]
    assert "change the word for this outcome: trust in the municipality (see" in reasons[-1]["en"]


@pytest.mark.parametrize(
    ("key", "value", "english", "persian"),
    [
        ("behaviour.participation.base_propensity", -8.0, "a chance of 0.034 % for a typical resident",
         "احتمال ۰٫۰۳۴٪ برای یک ساکن معمول"),
        ("behaviour.participation.base_propensity", -2.0, "a chance of 12 % for a typical resident",
         "احتمال ۱۲٪ برای یک ساکن معمول"),
        ("behaviour.capture.council_leak", 0.3, "30 %", "۳۰٪"),
        ("behaviour.choice.round_interval_weeks", 104, "104 weeks", "۱۰۴ هفته"),
        ("behaviour.trust.rule", "anchored_averaging", "anchored averaging", "میانگین‌گیری لنگرشده"),
    ],
)  # fmt: skip
def test_another_value_of_an_assumption_is_said_in_words(key, value, english, persian):
    assert value_shown(key, value) == {"en": english, "fa": persian}


def test_no_assumption_that_is_tried_is_told_in_log_odds():
    for key, values in content().assumptions.items():
        for value in values:
            told = value_shown(key, value)
            assert not re.search("log|لگاریتم|لاجیت", f"{told['en']} {told['fa']}"), key


def test_certainty_of_every_finding_is_never_above_the_cap_where_patterns_fail():
    known = {"": Evidence(failed=(NAME,), counted=11)}
    policy = answer(comparison(4), evidence=known)["policies"][0]
    assert {one["certainty"]["en"] for one in policy["findings"]} <= {"low", "very low"}
    assert policy["certainty"]["level"] in ("low", "very low")
