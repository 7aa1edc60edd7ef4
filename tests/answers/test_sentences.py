"""Sentence, number and interval agree, in both languages, whatever the result; the rules are here once more."""

import math
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.answers.answer import _PARTS as PARTS
from experiments.answers.answer import headline_lines, headline_of
from experiments.answers.asked import FINDINGS
from experiments.answers.findings import Difference, as_data, sentence_of
from experiments.answers.texts import begun, factor_of, outcome_title, shown, unit_of
from experiments.words import Effect, in_words
from tests.answers.made_up import differences, numbers_in, places_after_point

MANY = settings(max_examples=1_000, deadline=None, derandomize=True)
FOUND = st.lists(differences(), min_size=1, max_size=16, unique_by=lambda one: one.outcome)
LANGUAGES = ("en", "fa")
BASE = {"en": "Top down", "fa": "از بالا"}


def word_by_the_rule(one):
    """The word for a difference, by where its interval lies beside the least that matters."""
    if not one.least > 0.0 or math.isnan(one.low):
        return Effect.UNKNOWN
    above, below = one.high >= one.least, one.low <= -one.least
    if one.low >= one.least:
        return Effect.RISES
    if one.high <= -one.least:
        return Effect.FALLS
    if above and below:
        return Effect.UNKNOWN
    return Effect.MAY_RISE if above else Effect.MAY_FALL if below else Effect.LITTLE


def verdict_by_the_rule(word, better):
    if word is Effect.LITTLE:
        return "none"
    if word is Effect.UNKNOWN:
        return "unknown"
    if better is None:
        return "changed"
    good = (word in (Effect.RISES, Effect.MAY_RISE)) == (better == "highest")
    may = "may be " if word in (Effect.MAY_RISE, Effect.MAY_FALL) else ""
    return may + ("better" if good else "worse")


def words_in(sentence, language):
    """The words for effects that stand in a sentence, behind its outcome."""
    return [word for word in Effect if re.search(rf": {in_words(word, language)}(?=[ ;؛])", sentence)]


def without_title(sentence, one, language):
    title = begun(outcome_title(one.outcome))[language]
    assert sentence.startswith(f"{title}: ")
    return sentence[len(title) + 1 :]


def agree(told, value, text):
    """Whether a number that is told is the value, to as many decimals as it is told with."""
    return told == pytest.approx(value, abs=0.5000001 * 10.0 ** -places_after_point(text), rel=1e-12)


@given(differences())
@MANY
def test_the_word_is_that_of_the_rule_in_both_languages_and_the_verdict_fits_it(one):
    word = word_by_the_rule(one)
    assert one.effect == word
    assert as_data(one)["verdict"] == one.verdict == verdict_by_the_rule(word, one.better)
    for language, sentence in sentence_of(one).items():
        assert words_in(sentence, language) == [word]


@given(differences())
@example(Difference("exits", 0.02, 0.003, 0.002, 0.004, "lowest"))  # small beside two decimals, and a rise
@MANY
def test_numbers_of_sentences_are_those_of_the_result_and_the_same_in_both_languages(one):
    factor, numbers = factor_of(one.outcome), one.numbers
    told = {language: numbers_in(without_title(text, one, language)) for language, text in sentence_of(one).items()}
    assert told["en"] == told["fa"]
    got = told["en"]
    in_unit = numbers_in(unit_of(one.outcome)["en"])
    assert got[1 : 1 + len(in_unit)] == in_unit
    rest = [got[0], *got[1 + len(in_unit) :]]
    decimals = numbers["difference"]["en"]
    assert agree(abs(rest[0]), factor * abs(one.difference), decimals)
    step = 10.0 ** -places_after_point(decimals)
    if one.low < one.high and max(abs(factor * one.low), abs(factor * one.high)) <= 0.5 * step:  # rounded outwards
        assert -step <= rest[1] <= factor * one.low
        assert factor * one.high <= rest[2] <= step
    else:
        assert agree(rest[1], factor * one.low, decimals)
        assert agree(rest[2], factor * one.high, decimals)
    assert rest[1] <= rest[2]
    word = one.effect
    if word in (Effect.RISES, Effect.FALLS):
        assert rest[0] > 0.0, "a change is shown as nothing"
        assert math.copysign(1.0, rest[1]) == math.copysign(1.0, rest[2])
        assert (rest[2] > 0.0) == (word is Effect.RISES)
    else:
        assert rest[1] <= rest[0] <= rest[2]
    if word is Effect.LITTLE:
        assert len(got) == len(in_unit) + 4 or "%" in sentence_of(one)["en"]
        assert rest[3] > 0.0
        assert agree(rest[3], factor * one.least, numbers["least"]["en"])
    elif word is not Effect.UNKNOWN:
        assert agree(rest[3], factor * one.base, numbers["base"]["en"])
        assert agree(rest[4], factor * one.policy, numbers["policy"]["en"])


@given(differences(interval=False))
@MANY
def test_without_an_interval_there_is_no_word(one):
    assert one.verdict == "unknown"
    assert "too few pairs of runs to tell; so far" in sentence_of(one)["en"]
    for language, sentence in sentence_of(one).items():
        assert not [word for word in words_in(sentence, language) if word is not Effect.UNKNOWN]
        assert "–" not in sentence
        assert not any(in_words(word, language) in sentence for word in (Effect.RISES, Effect.FALLS, Effect.LITTLE))


def plain_name(name):
    """A name of the headline without its direction, and without its change where its level is small."""
    changes = r"[\d,]+ % (?:more|less)|[+−][\d.]+ percentage points|[۰-۹٬]+٪ (?:بیشتر|کمتر)|\u200e[+−][۰-۹٫]+ واحد درصد"
    return re.sub(rf" \((?:rises|falls|افزایش|کاهش|{changes})\)$", "", name)


@given(FOUND)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_the_headline_lists_each_outcome_once_and_losses_first(found):
    english = headline_of(headline_lines(found), BASE)["en"]
    balance, _, listing = english.partition(" Compared with “Top down”: ")
    told = {}
    for part in listing.removesuffix(".").split("; "):
        label, _, names = part.rpartition(": ")
        told[label] = [plain_name(name) for name in names.split(", ")]
    assert ("worse and some better" in balance) == ("worse" in told and "better" in told)
    assert ("none is clearly better" in balance) == ("worse" in told and "better" not in told)
    assert ("none is clearly worse" in balance) == ("worse" not in told and "better" in told)
    order = [PARTS[verdict][0].removesuffix(": {outcomes}") for verdict in PARTS]
    assert list(told) == [label for label in order if label in told]
    assert order[:2] == ["worse", "may be worse"]
    listed = [name for names in told.values() for name in names]
    assert sorted(listed) == sorted(outcome_title(one.outcome)["en"] for one in found)
    for one in found:
        own = PARTS[one.verdict][0].removesuffix(": {outcomes}")
        assert outcome_title(one.outcome)["en"] in told[own]


@given(FOUND)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_the_headline_says_the_same_in_persian(found):
    both = headline_of(headline_lines(found), BASE)
    persian = both["fa"].removesuffix(".").partition("»: ")[2].split("؛ ")
    english = both["en"].partition("”: ")[2].removesuffix(".").split("; ")
    names = {outcome_title(name)["en"]: outcome_title(name)["fa"] for name in FINDINGS}
    assert len(persian) == len(english)
    for one, other in zip(english, persian, strict=True):
        own, there = one.rpartition(": ")[2].split(", "), other.rpartition(": ")[2].split("، ")
        assert [names[plain_name(name)] for name in own] == [plain_name(name) for name in there]
        assert [("(rises)" in name, "(falls)" in name) for name in own] == [
            ("(افزایش)" in name, "(کاهش)" in name) for name in there
        ]


def test_no_title_would_be_read_as_two():
    assert not [name for name in FINDINGS for text in outcome_title(name).values() if set(text) & set(",;:،؛")]


def test_too_early_there_is_no_headline():
    assert headline_of(headline_lines([]), BASE)["en"] == "Too few pairs of runs so far to say anything."


@given(st.floats(-1e6, 1e6), st.integers(0, 2))
@MANY
def test_a_number_is_the_same_in_both_languages_and_0_has_no_sign(value, decimals):
    text = shown(value, decimals, sign=True)
    assert numbers_in(text["en"]) == numbers_in(text["fa"]) == [pytest.approx(round(value, decimals), abs=1e-9)]
    if numbers_in(text["en"]) == [0.0]:
        assert not set("+−-\u200e") & set(text["en"] + text["fa"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_a_dash(language):
    assert shown(float("nan"), 1)[language] == "–"
