"""What `compare` prints: the answer first, losses before gains, words that follow from numbers, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from experiments.cli import main
from experiments.contrasts import CHANNELS, compare
from experiments.contrasts.comparison import Comparison
from experiments.contrasts.mechanisms import BOTH, FIRST, INTERACTION, LAST, LEFT
from experiments.contrasts.report import print_comparison
from experiments.contrasts.shown import group_name, interval, named_with_unit
from experiments.contrasts.titles import title_in
from experiments.directions import PERCENT
from experiments.least import least_that_matters
from experiments.page.policies import presets_in
from experiments.units import in_words as outcome_in_words
from experiments.words import Effect, effect_of, in_words
from sim.config import load_config
from sim.outcome import CITY
from tests.languages import not_persian, numbers_in

POLICIES = "configs/policies"
SMALL = {"scale": 0.005, "weeks": 30, "at": [30], "replications": 4, "workers": 2}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare") / "out"
    return compare(f"{POLICIES}/status_quo.yaml", ["as_is", f"{POLICIES}/tokenism.yaml"], out=folder, **SMALL)


def printed(found, capsys, language="en"):
    print_comparison(found, language)
    return capsys.readouterr().out


def changed(found, **values):
    """The comparison with other numbers in the rows of the city's outcomes."""
    table = found.contrasts.copy()
    for name, value in values.items():
        table.loc[(table.group == "") & (table.outcome == found.ranked_by), name] = value
    other = Comparison(found.sweep, found.base, found.ranked_by)
    other.__dict__["contrasts"] = table  # in place of the cached one
    return other


def line_of(text, outcome, policy, language="en"):
    """The row of an outcome in the table of a policy."""
    head = f"{policy} less status_quo" if language == "en" else f"«{policy}» منهای"
    lines = text[text.index(f"\n{head}") :].splitlines()
    return next(line for line in lines if line.startswith(f"{named_with_unit(outcome, language)} "))


def test_the_numbers_are_the_same_in_both_languages(found, capsys):
    english, persian = (numbers_in(printed(found, capsys, language)) for language in ("en", "fa"))
    assert english.total() > 300
    assert english == persian


def test_persian_has_no_latin_letters_but_of_files_and_options(found, capsys):
    text = printed(found, capsys, "fa")
    assert not_persian(text) == []


def test_the_city_as_it_is_has_the_name_that_its_policy_has_on_the_page():
    city = load_config("configs/cities/rafsanjan.yaml")
    page = presets_in(Path(POLICIES))["full_programme"]["title"]
    assert {language: title_in("as_is", (), city, language) for language in ("en", "fa")} == page
    other = city.with_values({"policy.authority.delegated_share": 0.4})
    assert title_in("as_is", (), other, "en") == "The city as configured"
    assert title_in("as_is", (), other, "fa") == "شهر با تنظیم‌های کنونی"
    assert title_in("half", (), city, "en") == title_in("as_is", (), city, "en")  # whatever its name in a study


def test_the_answer_comes_first_with_the_losses_before_the_gains(found, capsys):
    lines = printed(changed(found, low=-0.09, high=-0.05, difference=-0.07), capsys).splitlines()
    assert lines[0] == "as_is: The programme as reported, after 30 weeks"
    headline = " ".join(lines[1 : lines.index("")])
    assert "Compared with “Decisions by the municipality”: worse: trust in the municipality" in headline
    assert "better: " not in headline[: headline.index("worse: ")]
    whole = "\n".join(lines)
    assert whole.index("Trust in the municipality: falls by 7.0 points") < whole.index("4 replications of each policy")
    assert whole.index("Who loses and who gains") < whole.index("Neighbourhoods that lose most / gain most")
    assert whole.index("\nloses most") < whole.index("\ngains most")


@pytest.mark.parametrize(("language", "worse", "better"), [("en", "worse", "better"), ("fa", "بدتر", "بهتر")])
def test_groups_that_lose_are_told_before_those_that_gain_and_both_before_the_table(
    found, capsys, language, worse, better
):
    table = found.contrasts.copy()
    ends = ["low", "difference", "high"]
    for group, values in {"sex=man": (0.05, 0.07, 0.09), "sex=woman": (-0.09, -0.07, -0.05)}.items():
        table.loc[(table.group == group) & (table.outcome == found.ranked_by), ends] = values
    other = Comparison(found.sweep, found.base, found.ranked_by)
    other.__dict__["contrasts"] = table
    lines = printed(other, capsys, language).splitlines()
    trust, women, men = (
        named_with_unit(found.ranked_by, "fa") if language == "fa" else "Trust in the municipality",
        group_name("sex=woman", language),
        group_name("sex=man", language),
    )
    loses = next(place for place, line in enumerate(lines) if line.startswith(trust) and f" {worse}: {women} (" in line)
    gains = next(place for place, line in enumerate(lines) if line.startswith(trust) and f" {better}: {men} (" in line)
    row = next(place for place, line in enumerate(lines) if line.startswith(f"{women}  "))
    assert loses < gains < row


@pytest.mark.parametrize(
    ("low", "high", "effect"),
    [
        (0.03, 0.05, Effect.RISES),
        (-0.05, -0.03, Effect.FALLS),
        (-0.01, 0.05, Effect.MAY_RISE),
        (-0.05, 0.01, Effect.MAY_FALL),
        (-0.019, -0.003, Effect.LITTLE),
        (-0.03, 0.03, Effect.UNKNOWN),
    ],
)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_word_stands_beside_its_numbers_and_chance_only_beside_a_difference(
    found, capsys, low, high, effect, language
):
    other = changed(found, low=low, high=high, difference=0.5 * (low + high), probability_best=0.01)
    text = printed(other, capsys, language)
    policy = "tokenism" if language == "en" else other.titles_in("fa")["tokenism"]
    line = line_of(text, "trust_in_municipality", policy, language)
    assert interval(0.5 * (low + high), low, high, "trust_in_municipality", language) in line
    assert f"  {in_words(effect, language)}  " in line
    words = {in_words(other, language) for other in Effect} - {in_words(effect, language)}
    assert not [word for word in words if f"  {word}  " in line]
    assert (("1 %" if language == "en" else "۱" + PERCENT) in line) == (effect != Effect.LITTLE)
    base = {"en": "none is called best", "fa": "هیچ‌یک بهترین خوانده نمی‌شود"}[language]
    assert (base in text) == (effect == Effect.LITTLE)


def test_every_row_has_the_word_of_its_numbers(found, capsys):
    text = printed(found, capsys)
    rows = found.contrasts[(found.contrasts.policy == "as_is") & (found.contrasts.group == "")]
    means = found.means.set_index(["policy", "outcome", "week", "group"])["mean"]
    for row in rows.itertuples():
        if row.difference != row.difference:
            continue
        base = means["status_quo", row.outcome, row.week, ""]
        least = least_that_matters(row.outcome, base)
        effect = effect_of(row.low, row.high, 1.0 if base == 0.0 and least != least else least)
        word = "not judged" if row.outcome == "trust_in_council" else in_words(effect)  # the base has no councils
        assert f"  {word}  " in f"{line_of(text, row.outcome, 'as_is')}  ", row.outcome
    assert len(rows) == len(CITY.compared)


def test_two_pairs_are_too_few_for_words(tmp_path, capsys):
    words = ["compare", "status_quo", "as_is", "--replications", "2", "--scale", "0.005", "--weeks", "8", "--no-figure"]
    for language in ("en", "fa"):
        assert main([*words, "--out", str(tmp_path / "out"), "--lang", language]) == 0
        text = capsys.readouterr().out
        few, policy = {"en": ("too few pairs", "as_is"), "fa": ("شمار جفت‌ها کافی نیست", "برنامه گزارش‌شده")}[language]
        line = line_of(text, "hope", policy, language)
        assert few in line
        assert not re.search("[0-9۰-۹]+ ?[%٪]", line)
        assert {"en": "not known, there are too few", "fa": "نامعلوم"}[language] in text
    assert outcome_in_words("hope", "fa") in text


def test_mechanisms_are_printed_counted_both_ways_and_in_persian(tmp_path, capsys):
    words = [
        "compare",
        "status_quo",
        "as_is",
        "--mechanisms",
        "--replications",
        "2",
        "--scale",
        "0.005",
        "--weeks",
        "8",
        "--at",
        "3",
    ]
    texts = []
    for language in ("en", "fa"):
        assert main([*words, "--out", str(tmp_path / "out"), "--lang", language]) == 0
        texts.append(capsys.readouterr().out)
    assert all(words in texts[0] for words in (LAST, FIRST, *CHANNELS, INTERACTION, LEFT))
    stored = pd.read_parquet(tmp_path / "out" / "mechanisms.parquet")
    assert set(stored.counted) == {LAST, FIRST, BOTH}
    assert set(stored.week) == {3}
    assert numbers_in(texts[0].partition("Files")[0]) == numbers_in(texts[1].partition("پرونده‌ها")[0])
    assert "شهردار جوان محله" in texts[1]
    assert not_persian(texts[1]) == []
