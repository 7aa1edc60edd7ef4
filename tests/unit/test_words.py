"""Words follow from numbers by stated rules."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.directions import shown
from experiments.escaping import safe
from experiments.languages import digits, group_in_words, written
from experiments.words import EXPECTED, Answer, Effect, answer_of, effect_of, in_words
from sim.agents.resident import COHORTS, cohort_of

NUMBERS = st.floats(-10.0, 10.0)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.02, 0.05, Effect.RISES),
        (-0.05, -0.02, Effect.FALLS),
        (0.01, 0.05, Effect.MAY_RISE),
        (-0.01, 0.05, Effect.MAY_RISE),
        (-0.05, 0.01, Effect.MAY_FALL),
        (-0.019, 0.019, Effect.LITTLE),
        (0.001, 0.019, Effect.LITTLE),
        (-0.02, 0.02, Effect.UNKNOWN),
        (math.nan, math.nan, Effect.UNKNOWN),
    ],
)
def test_each_rule(low, high, word):
    assert effect_of(low, high, 0.02) == word


@given(NUMBERS, NUMBERS, st.floats(1e-6, 5.0))
def test_word_and_interval_agree(one, other, least):
    low, high = sorted((one, other))
    word = effect_of(low, high, least)
    assert (word == Effect.RISES) == (low >= least)
    assert (word == Effect.FALLS) == (high <= -least)
    assert (word == Effect.LITTLE) == (-least < low and high < least)
    assert (word == Effect.UNKNOWN) == (low <= -least and high >= least)
    mirrored = {Effect.RISES: Effect.FALLS, Effect.MAY_RISE: Effect.MAY_FALL}
    mirrored |= {other: one for one, other in mirrored.items()}
    assert effect_of(-high, -low, least) == mirrored.get(word, word)


@given(NUMBERS, NUMBERS, st.floats(1e-6, 5.0), st.sampled_from(EXPECTED))
def test_no_hypothesis_and_its_contrary_are_supported(one, other, least, expected):
    low, high = sorted((one, other))
    answers = {name: answer_of(effect_of(low, high, least), name) for name in EXPECTED}
    assert list(answers.values()).count(Answer.SUPPORTED) <= 1
    undecided = answers[expected] == Answer.UNDECIDED
    assert undecided == all(answer == Answer.UNDECIDED for answer in answers.values())


def test_without_a_least_difference_nothing_is_said():
    assert effect_of(1.0, 2.0, math.nan) == Effect.UNKNOWN
    assert effect_of(1.0, 2.0, 0.0) == Effect.UNKNOWN


def test_what_nobody_may_expect_is_refused():
    with pytest.raises(ValueError, match="expected must be one of"):
        answer_of(Effect.RISES, "improves")


@pytest.mark.parametrize("word", [*Effect, *Answer])
def test_every_word_has_both_languages(word):
    assert in_words(word, "en")
    assert any("\u0600" <= letter <= "\u06ff" for letter in in_words(word, "fa"))


def test_a_direction_mark_is_printed_before_a_sign_and_escaped_elsewhere():
    assert safe("\u200e−۰٫۵ تا \u200e+۰٫۵") == "\u200e−۰٫۵ تا \u200e+۰٫۵"
    assert safe("a\u200eb\u202e+1\u200e") == "a\\u200eb\\u202e+1\\u200e"


def test_persian_percent_signs_are_shown_left_of_their_numbers_once():
    marked = "بازه ۹۵\u200f٪\u200f"
    assert shown("بازه ۹۵٪") == shown(shown("بازه ۹۵٪")) == marked
    assert safe("بازه ۹۵٪") == safe(safe("بازه ۹۵٪")) == marked
    assert safe("95 %") == "95 %"
    assert digits("0.9 %", "fa") == "۰٫۹٪"


def test_numbers_are_written_as_the_language_writes_them():
    assert written("-1,234.5 %", "en") == "-1,234.5 %"
    assert written("-1,234.5 %", "fa") == "\u200e−۱٬۲۳۴٫۵٪"
    assert written("2 (+0.5)", "fa") == "۲ (\u200e+۰٫۵)"


def test_cohorts_are_named_by_the_readers_calendar():
    """Gregorian years in English, Solar Hijri in Persian, and both at the boundaries that the model has."""
    years = np.arange(1300, 1420, dtype=np.int16)
    code = cohort_of(years)
    bounds = [int(years[code == place].min()) for place in range(3)]  # the first year of youths, young adults, adults
    since, young, adult, elder = (group_in_words(f"cohort={name}", "en") for name in COHORTS)
    gregorian = [first + 621 for first in bounds]
    assert str(gregorian[0]) in since
    assert f"{gregorian[1]}-{gregorian[0] - 1}" in young
    assert f"{gregorian[2]}-{(gregorian[1] - 1) % 100}" in adult
    assert str(gregorian[2]) in elder
    for name in COHORTS:
        assert re.findall(r"1[34]\d\d", group_in_words(f"cohort={name}", "en")) == []
        assert re.findall(r"[۱][۳][۴-۸][۰-۹]", group_in_words(f"cohort={name}", "fa"))
