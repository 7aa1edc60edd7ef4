"""The rule by which a pattern is met, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.figures.sheet import Sheet
from experiments.paper.drawings.patterns import Patterns, normalised
from experiments.patterns import FITTED, GROUPS, IN_VIEW, NOT_LOOKED_AT, PATTERNS, REPORTED, Accept, Pattern
from experiments.validation.tables import as_data, as_markdown, print_verdicts, shown, tally
from experiments.validation.verdicts import judge_part, judge_pattern
from tests.paper.boxes import faults, words_of
from tools.validation import block

BOTH = Accept(0.2, 0.4)
NAN = float("nan")


def pattern(accept, **more):
    return Pattern(4, "what is known", accept, "source", "somebody", lambda run: {}, **more)


@pytest.mark.parametrize(
    ("values", "word", "why"),
    [
        ([0.29, 0.30, 0.31], "met", "3 of 3"),
        ([0.51, 0.52, 0.53], "not met", "0 of 3"),
        ([0.1, 0.1, 0.5, 0.5, 0.3], "not met", "1 of 5"),  # right on average, and hardly ever in a city
        ([0.195, 0.215, 0.23, 0.24], "inconclusive", "crosses a bound"),
        ([0.30] * 7 + [0.41] * 3, "inconclusive", "7 of 10"),  # interval inside, but too many cities outside
        ([0.30] * 8 + [0.41] * 2, "met", "8 of 10"),
        ([0.3999] * 5 + [0.42] * 5, "not met", "outside the range"),  # half inside, the mean's interval beyond
        ([0.3, 0.3], "inconclusive", "fewer than 3"),
        ([0.3] * 7 + [NAN] * 3, "inconclusive", "3 without a value"),
        ([0.3] * 4 + [NAN] * 6, "not met", "6 without a value"),
    ],
)
def test_the_verdict_on_a_part(values, word, why):
    part = judge_part("part", BOTH, values)
    assert (part.word, why in part.why) == (word, True), part


def test_a_sign_must_be_clear_of_0():
    sign = Accept(low=0.0, unit="change", open=True)
    assert judge_part("part", sign, [0.01, 0.02, 0.03, 0.02]).word == "met"
    assert judge_part("part", sign, [0.0] * 5).word == "not met"
    assert judge_part("part", sign, [-0.01, 0.02, 0.03, 0.01]).word == "inconclusive"
    assert judge_part("part", Accept(50, 50, "count"), [50.0] * 4).word == "met"


def test_one_part_that_is_not_met_is_enough():
    both = pattern({"one": BOTH, "other": BOTH})
    good, bad, torn = {"one": 0.3, "other": 0.3}, {"one": 0.3, "other": 0.9}, {"one": 0.3}
    assert judge_pattern(both, "", [good] * 4).word == "met"
    found = judge_pattern(both, "", [bad] * 4)
    assert (found.word, found.why) == ("not met", "other: 0 of 4 replications in the range")
    missing = judge_pattern(both, "", [torn] * 4)
    assert (missing.word, missing.why) == ("inconclusive", "no value for other")


def test_what_cannot_be_seen_is_not_told_and_says_why():
    one = pattern({"one": BOTH})
    assert judge_pattern(one, "", [], ["nobody votes"] * 4).why == "nobody votes"
    possible = pattern({"one": BOTH}, inconclusive_if_unmet="it need only be possible")
    assert judge_pattern(possible, "", [{"one": 0.9}] * 4).word == "inconclusive"


@pytest.mark.parametrize(
    ("values", "untold", "word", "why"),
    [
        ([0.9, 0.91, 0.92] * 3, 1, "not met", "0 of 10 replications in the range, 1 not testable"),
        ([0.30, 0.31, 0.32] * 3, 1, "met", "9 of 10 replications in the range, 1 not testable"),
        ([0.3] * 3, 1, "inconclusive", "3 of 4 replications in the range, 1 not testable"),
        ([0.3] * 4, 6, "inconclusive", "4 of 10 replications in the range, 6 not testable"),  # 10 of 10 may be
        ([0.3] * 2 + [0.2, 0.4, 0.1, 0.5], 4, "inconclusive", "crosses a bound"),
        ([0.9] * 2, 8, "inconclusive", "fewer than 3 testable replications"),
    ],
)
def test_replications_that_cannot_tell_hide_nothing_and_decide_nothing(values, untold, word, why):
    found = judge_pattern(pattern({"one": BOTH}), "", [{"one": value} for value in values], ["nobody votes"] * untold)
    [part] = found.parts
    assert (found.word, why in found.why) == (word, True), found.why
    assert found.why.endswith(f"; {untold} of {len(values) + untold} replications are not testable: nobody votes")
    assert (len(part.values), part.mean) == (len(values) + untold, pytest.approx(np.mean(values)))
    assert as_data([found]).replications.tolist() == [len(part.values)]


def test_an_infinite_value_is_none():
    above = Accept(low=0.0, open=True)
    part = judge_part("part", above, [1.0, 1.1, 1.2, float("inf"), float("inf")])
    assert (part.word, part.why) == ("inconclusive", "3 of 5 replications in the range, 2 without a value")
    assert np.isnan(part.values[3:]).all()
    assert not Accept(high=1.0).holds(float("-inf"))


def test_why_a_pattern_is_met():
    two = pattern({"one": BOTH, "other": BOTH})
    good, bad = {"one": 0.3, "other": 0.31}, {"one": 0.3, "other": 0.41}
    assert judge_pattern(two, "", [good] * 4).why == "4 of 4 replications in the range"
    assert judge_pattern(two, "", [good] * 9 + [bad]).why == "of each part at least 9 of 10 replications in the range"
    assert judge_pattern(pattern({"one": BOTH}), "", [good] * 4).why == "4 of 4 replications in the range"


def test_the_normalised_axis():
    assert normalised(BOTH, [0.2, 0.3, 0.5], 0.0, 0.0) == pytest.approx([0.0, 0.5, 1.5])
    assert normalised(Accept(low=0.0), [0.0, 0.04, -0.04], 0.03, 0.04) == pytest.approx([0.0, 0.8, -0.8])
    assert normalised(Accept(high=0.2), [0.2, 0.1], 0.1, 0.15) == pytest.approx([1.0, 0.2])
    assert normalised(Accept(50, 50, "count"), [50.0], 50.0, 50.0) == pytest.approx([0.5])


def test_tables_hold_every_pattern_and_its_words():
    met = judge_pattern(PATTERNS[3], "with votes", [{"mean turnout": value} for value in (0.06, 0.07, 0.08)])
    missed = judge_pattern(PATTERNS[26], "twins", [{"rise": value} for value in (0.006, 0.007, 0.008)])
    untold = judge_pattern(PATTERNS[10], "with votes", [], ["no ballot"])
    data = as_data([met, missed, untold])
    assert data.verdict.tolist() == ["met", "not met", "inconclusive"]
    assert data.replications.tolist()[:2] == [3, 3]
    assert shown(missed.parts[0]).startswith("0.7 % (")
    assert tally([met, missed, untold]) == [
        "Not considered when defaults were chosen (2): met: 0; not met: 1 (27); inconclusive: 1 (11)",
        "Published range known when defaults were chosen (1): met: 1 (4); not met: 0; inconclusive: 0",
    ]
    assert data.in_view.tolist() == [True, False, False]
    text = as_markdown([met, missed, untold], "A city")
    assert "| 27 | having voted in a neighbourhood raises voting later | rise | 2 % to 15 % | 0.7 % (" in text
    assert "- 11, inconclusive: no ballot" in text
    assert "- Published range known when defaults were chosen (1): met: 1 (4);" in text
    assert "| **met** | range known | " in text


def test_what_is_claimed_is_called_claimed_in_every_table_and_in_the_figure(capsys):
    """By the municipality (1, 3) or by the press (2): one word for both."""
    judged = [judge_pattern(own, "", [], ["not looked for"]) for own in PATTERNS]
    options = Patterns.Options()
    figure = Patterns.draw(Patterns.table(judged, options), options, Sheet(title="Patterns", note="A city"))
    drawn = [text.get_text() for text in figure.axes[0].texts]
    print_verdicts(judged, "A city", ())
    screen, text = " ".join(capsys.readouterr().out.split()), as_markdown(judged, "A city")
    for one in judged:
        claimed = one.pattern.number <= 3
        [title] = [title for title in drawn if title.startswith(f"{one.pattern.number}  ")]
        assert one.pattern.what[:20] in title
        assert ("(claimed, fitted)" in title) == claimed
        [row] = [row for row in text.splitlines() if row.startswith(f"| {one.pattern.number} | ") and "**" in row]
        assert ("[claimed" in row) == ("not verified" in row) == claimed
    assert screen.count("[claimed") == screen.count("fitted]") == 3


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("values", [[], [0.06, 0.07, 0.08]])
def test_no_words_of_the_figure_are_cut_or_lie_over_each_other(language, values):
    judged = [
        judge_pattern(own, "", [dict.fromkeys(own.accept, value) for value in values], [] if values else ["none"])
        for own in PATTERNS
    ]
    options = Patterns.Options()
    sheet = Sheet(language, title="A title that is long enough for more than a line " * 2, note="n replications " * 9)
    with sheet.styled():
        figure = Patterns.draw(Patterns.table(judged, options), options, sheet)
        assert faults(figure) == []
        said = [text for text, _ in words_of(figure)]
    assert len(said) > 60
    if values and language == "en":
        assert "above 0" in said
        assert not any(text.startswith("at least 0") and "%" not in text for text in said)  # open bounds are open


MADE = {"seeds": [1, 2], "scale": 0.1, "place_seed": 3}
"""What a validation's manifest says of its runs, but for whether each had a place of its own."""


def test_the_readme_says_whether_replications_had_one_place():
    assert "(seeds 1 to 2) in one place (seed 3), scale 0.1" in block([], {**MADE, "own_places": False})
    assert "(seeds 1 to 2) each in its own place (from seed 3)" in block([], {**MADE, "own_places": True})


def test_patterns_that_defaults_were_set_to_are_counted_apart():
    """The specification names 1 to 3; sources of defaults in docs/parameters.md name the others in view."""
    by_group = {group: [own.number for own in PATTERNS if own.group == group] for group in GROUPS}
    assert by_group[FITTED] == [1, 2, 3]
    assert by_group[IN_VIEW] == [4, 5, 6, 12, 15, 16, 17, 18, 23, 24, 25, 26, 28]
    assert by_group[REPORTED] == [14]
    assert len(by_group[NOT_LOOKED_AT]) == 11
    judged = [judge_pattern(own, "", [], ["not looked for"]) for own in PATTERNS]
    text = block(judged, {**MADE, "own_places": False})
    assert "| published range known when defaults were chosen (13) | 0 | 0 | 13 (4, 5, 6, 12," in text
    assert "| not considered when defaults were chosen (11) | 0 | 0 | 11 (7, 8," in text


def test_a_pattern_of_which_a_part_has_no_value_anywhere_is_told_to_readers_of_the_readme():
    torn = judge_pattern(pattern({"one": BOTH, "other": BOTH}), "", [{"one": 0.3}] * 4)
    text = block([torn], {**MADE, "own_places": False})
    assert "| 4 | what is known |  | no value for other |  | inconclusive |" in text
