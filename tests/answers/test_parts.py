"""Money, construction, groups and maps in words, by hand."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from experiments.answers.answer import answer_of, headline_lines
from experiments.answers.certainty import Evidence, Flip, flips_of
from experiments.answers.claimed import day_of, figure_of, source_of
from experiments.answers.construction import construction_of, has_councils
from experiments.answers.findings import Difference, effect_in_words, sentence_of
from experiments.answers.groups import group_finding, losers_and_gainers, maps_of, who_wears_out
from experiments.answers.money import money_of
from experiments.answers.texts import level_shown
from experiments.words import Effect
from sim.config import Claim, Config
from sim.policies import Policy, TimedPolicy
from tests.answers.made_up import comparison


def difference(outcome, base, middle, half, better="highest"):
    return Difference(outcome, base, middle, middle - half, middle + half, better)


def english(texts):
    return [text["en"] for text in texts]


# ---------------------------------------------------------------- money


def spending(middle, half=1.0):
    return {"money_spent": difference("money_spent", 400.0, middle, half, None)}


def test_the_same_spending_is_said_to_be_the_same():
    first, covers = english(money_of(spending(3.0)))
    assert first.startswith("Money spent is about the same: 400 bn toman with the baseline, 403 with the policy")
    assert "salaries" in covers


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (50.0, "on average +10 points of 100 for each additional 100 bn toman spent"),
        (-50.0, "on average +10 points of 100 for each 100 bn toman saved"),
    ],
)
def test_an_effect_is_told_for_the_money_where_spending_differs(spent, words):
    found = spending(spent) | {"trust_in_municipality": difference("trust_in_municipality", 0.4, 0.05, 0.01)}
    assert f"Trust in the municipality: {words}." in english(money_of(found))


def test_an_effect_that_is_not_settled_is_not_told_for_the_money():
    vague = spending(50.0) | {"trust_in_municipality": difference("trust_in_municipality", 0.4, 0.02, 0.01)}
    assert not [text for text in english(money_of(vague)) if text.startswith("Trust")]
    unsure = spending(20.0, 5.0) | {"trust_in_municipality": difference("trust_in_municipality", 0.4, 0.05, 0.01)}
    assert not [text for text in english(money_of(unsure)) if text.startswith("Trust")]


def test_without_money_nothing_is_said_of_it():
    assert money_of({}) == []
    assert money_of({"money_spent": difference("money_spent", float("nan"), float("nan"), 0.0, None)}) == []


# ---------------------------------------------------------------- construction

BASE = Config()
BUDGET = "The city's whole works budget"


def under(start=0, **levers):
    return BASE.model_copy(update={"timeline": (TimedPolicy.model_validate({"start": start, "set": levers}),)})


def construction(policy):
    return [text.split(":")[0] for text in english(construction_of(BASE, policy))]


def test_what_does_not_differ_is_not_told_as_construction():
    found = construction(BASE)
    assert len(found) == 1
    assert found[0].startswith(BUDGET)


@pytest.mark.parametrize(
    ("levers", "word"),
    [
        ({"authority.mode": "top_down"}, "Hearings"),
        ({"choice.rule": "ballot_equal_shares"}, "A ballot"),
        ({"programmes.per_year": 1.0}, "Programmes"),
        ({"accountability.audit": not Policy().accountability.audit}, "How much audit"),
    ],
)
def test_each_lever_has_its_construction(levers, word):
    assert any(text.startswith(word) for text in construction(under(**levers)))


def test_a_lever_that_changes_later_counts_and_one_after_the_run_does_not():
    late = {"authority.mode": "top_down"}
    assert any(text.startswith("Hearings") for text in construction(under(start=100, **late)))
    assert not any(text.startswith("Hearings") for text in construction(under(start=BASE.run.weeks + 1, **late)))


def test_the_same_change_in_another_week_is_a_difference():
    early, late = (under(start=week, **{"authority.mode": "top_down"}) for week in (50, 100))
    assert any(text.startswith("Hearings") for text in english(construction_of(early, late)))


def test_a_shock_is_said_to_be_chosen():
    shock = {"kind": "scandal", "week": 10, "size": 0.5, "share_of_neighbourhoods": 1.0}
    struck = BASE.model_copy(update={"timeline": (TimedPolicy.model_validate({"shocks": [shock]}),)})
    assert any(text.startswith("The strength of a shock") for text in construction(struck))


def test_policies_that_set_the_default_differ_in_nothing():
    assert construction(under(**{"authority.mode": Policy().authority.mode})) == construction(BASE)


# ---------------------------------------------------------------- groups


def group(name, middle, half, outcome="trust_in_municipality", better="highest"):
    return group_finding(difference(outcome, 0.4, middle, half, better), name)


def test_certain_losses_come_first_and_then_the_largest():
    made = [
        group("sex=man", -0.03, 0.02),  # may be worse
        group("sex=woman", -0.05, 0.01),
        group("cohort=youth", -0.09, 0.01),
        group("cohort=elder", 0.05, 0.01),
    ]
    losers, gainers, text = losers_and_gainers(made)
    assert [one["group"] for one in losers] == ["cohort=youth", "sex=woman", "sex=man"]
    assert [one["group"] for one in gainers] == ["cohort=elder"]
    assert text["en"].startswith(
        "Of 4 differences (one for each group and outcome): 2 worse, 1 may be worse, 1 better."
    )


@pytest.mark.parametrize(
    ("outcome", "better", "least"),
    [("trust_in_municipality", "highest", "men"), ("below_floor_share", "lowest", "women")],
)
def test_where_nobody_loses_the_group_that_gains_least_is_named_by_the_better_end(outcome, better, least):
    made = [group("sex=man", -0.01, 0.001, outcome, better), group("sex=woman", 0.01, 0.001, outcome, better)]
    _, _, text = losers_and_gainers(made)
    assert f"gains least or loses most: {least} (" in text["en"]
    told = {"men": "−1.0", "women": "+1.0"}[least]
    assert re.search(rf"{least} \([^:]+: {re.escape(told)} p[a-z 0-9]+, {re.escape(told[0])}", text["en"])


BURNT_OUT, LOSE_TOO = "Volunteers and members burnt out: ", " Whoever burns out loses, too."


@pytest.mark.parametrize(
    ("base", "half", "english", "persian"),
    [
        (
            120.0,
            50.0,
            "rises by 930 people (+880 to +980), from 120 to 1,050.",
            "(\u200e+۸۸۰ تا \u200e+۹۸۰)، از ۱۲۰ به ۱٬۰۵۰.",
        ),
        (120.0, 926.0, "may rise; +930 people (+4 to +1,856), from 120 to 1,050.", "از ۱۲۰ به ۱٬۰۵۰."),
    ],
)
def test_volunteers_who_burn_out_are_named_as_plainly_as_groups(base, half, english, persian):
    text = who_wears_out(difference("exits", base, 930.0, half, "lowest"), councils=True)
    assert text["en"] == BURNT_OUT + english + LOSE_TOO
    assert text["fa"].endswith(f"{persian} هر کس دچار فرسودگی شود نیز زیان می‌بیند.")


def test_that_nobody_can_burn_out_without_councils_is_said():
    text = who_wears_out(difference("exits", 0.0, 930.0, 50.0, "lowest"), councils=False)
    none = "The baseline has no councils, so nobody can burn out there."
    assert text["en"].endswith(f", from 0 to 930.{LOSE_TOO} {none}")
    assert text["fa"].endswith("در مبنا شورایی نیست؛ پس در آن کسی دچار فرسودگی نمی‌شود.")


def test_where_no_more_burn_out_nothing_is_said_of_it():
    for exits in (
        None,
        difference("exits", 120.0, -50.0, 10.0, "lowest"),
        difference("exits", 120.0, 1.0, 2.0, "lowest"),
    ):
        assert who_wears_out(exits, councils=True) == {"en": "", "fa": ""}


def test_a_city_has_councils_if_it_has_them_in_any_week():
    alone = {"authority": {"mode": "top_down"}}
    assert has_councils(Config())
    assert not has_councils(Config(policy=alone))


def test_no_groups_are_no_lack_of_runs():
    assert losers_and_gainers([]) == ([], [], {"en": "", "fa": ""})


def test_a_group_has_its_name_and_its_kind():
    found = group("attendance=attender", 0.05, 0.01)
    assert found["group_title"]["en"] == "people who go to the hub"
    assert found["kind"] == "attendance"
    assert found["sentence"]["en"].startswith(
        "Trust in the municipality, people who go to the hub: rises by 5.0 points"
    )


# ---------------------------------------------------------------- maps

GEOGRAPHY = SimpleNamespace(names=("North", "South", "East"), names_fa=("شمال", "", "شرق"))


def places(*differences, half=0.005, outcome="trust_in_municipality"):
    rows = [
        {"outcome": outcome, "group": f"neighbourhood={number}", "base": 0.4, "difference": middle,
         "simultaneous_low": middle - half, "simultaneous_high": middle + half}
        for number, middle in enumerate(differences)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def words_of_map(rows, better="highest"):
    found = maps_of(rows, {"trust_in_municipality": better}, GEOGRAPHY)
    return next(one for one in found if one["outcome"] == "trust_in_municipality")["text"]


def test_a_map_names_its_largest_losses_first():
    text = words_of_map(places(-0.05, -0.09, 0.04))
    assert "of 3 neighbourhoods: 2 worse off, 1 better off." in text["en"]
    assert text["en"].endswith("Largest losses: South (−9.0), North (−5.0).")
    assert text["fa"].endswith("بیشترین زیان: South (\u200e−۹٫۰)، شمال (\u200e−۵٫۰).")


def test_a_map_counts_the_neighbourhoods_that_the_list_beside_it_names():
    """Those that may be worse are listed by name; to count only the certain ones would say 0 beside the list."""
    text = words_of_map(places(-0.018, -0.019, 0.018, 0.001))
    assert text["en"] == (
        "Trust in the municipality: by their intervals, of 4 neighbourhoods: 2 perhaps worse off, 1 perhaps better "
        "off, 1 with little or no difference."
    )
    assert "از ۴ محله: ۲ محله شاید بدتر شود، ۱ محله شاید بهتر شود، در ۱ محله تفاوت ناچیز است" in text["fa"]
    none = words_of_map(places(0.001, -0.001))
    assert none["en"].endswith("of 2 neighbourhoods: 2 with little or no difference.")


def test_a_neighbourhood_whose_wide_interval_holds_0_is_neither_a_loser_nor_unchanged():
    """From −3.9 to +0.1 points: "may be worse" by the rule of words, but of fifty such most are chance."""
    rows = places(-0.019, 0.019, -0.03, 0.001, half=0.02)
    text = words_of_map(rows)
    assert text["en"] == (
        "Trust in the municipality: by their intervals, of 4 neighbourhoods: 1 perhaps worse off, 3 with an "
        "interval too wide to tell."
    )
    assert "درباره ۳ محله بازه پهن‌تر از آن است که پاسخ روشنی بدهد" in text["fa"]
    found = maps_of(rows, {"trust_in_municipality": "highest"}, GEOGRAPHY)[0]["places"]
    assert [place["verdict"] for place in found] == ["unknown", "unknown", "may be worse", "unknown"]


def test_where_no_neighbourhood_can_be_told_it_is_said_of_none():
    text = words_of_map(places(-0.019, 0.019, half=0.03))
    assert text["en"].endswith(": the model can tell for none of 2 neighbourhoods: all intervals are too wide.")
    assert "درباره هیچ‌یک از ۲ محله پاسخ روشنی نداریم" in text["fa"]


def test_where_low_is_better_losses_are_rises():
    assert words_of_map(places(0.05, -0.09, 0.03), "lowest")["en"].endswith(
        "Largest losses: North (+5.0), East (+3.0)."
    )


def test_without_intervals_a_map_names_nobody():
    text = words_of_map(places(-0.05, -0.09, 0.04, half=float("nan")))
    assert text["en"] == "Trust in the municipality: too few pairs of runs to tell neighbourhoods apart."


def test_where_neighbourhoods_differ_between_runs_there_is_no_map():
    assert maps_of(places(0.1), {}, None) == []


# ---------------------------------------------------------------- a rare share


def test_what_changes_by_another_assumption_is_a_sentence_with_a_verb():
    flip = Flip("trust_in_municipality", "behaviour.participation.base_propensity", -3.35, Effect.LITTLE)
    told = flips_of(Evidence(examined=(flip.key,), flips=(flip,), pairs=5), [])[0]["fa"]
    assert told.endswith("برای یک ساکن معمول باشد، پاسخ درباره اعتماد به شهرداری این می‌شود: تفاوت ناچیز.")


@pytest.mark.parametrize(
    ("share", "english", "persian"),
    [
        (0.3, "worse than the baseline, by however little, in 3 of 10 pairs", "در ۳ جفت، هرچند اندک، بدتر از مبناست."),
        (0.0, "worse than the baseline in none of 10 pairs", "در هیچ‌یک از ۱۰ جفت اجرا"),
    ],
)
def test_pairs_that_are_worse_are_counted_and_none_is_said_as_none(share, english, persian):
    found = comparison(7)
    found.table["share_worse"] = share
    titles = {"base": {"en": "A", "fa": "آ"}, "policy 1": {"en": "B", "fa": "ب"}}
    (policy,) = answer_of(found, source="run", titles=titles)["policies"]
    assert policy["worse"]
    assert all(english in one["en"] and persian in one["fa"] for one in policy["worse"])


@pytest.mark.parametrize("value", [0.0, 0.00004, -0.0])
def test_a_level_of_0_has_one_form(value):
    assert level_shown("participation_rate", value) == {"en": "0 %", "fa": "۰٪"}
    assert level_shown("trust_in_municipality", value)["en"] == "0"


def test_a_small_level_is_not_shown_as_0_beside_a_difference():
    assert level_shown("participation_rate", 0.0004) == {"en": "0.04 %", "fa": "۰٫۰۴٪"}
    assert level_shown("participation_rate", 0.0012)["en"] == "0.1 %"


def test_the_ends_of_an_interval_are_seen_to_differ_from_its_middle():
    """Not −11 (−11 to −10) between 40.2 and 29.4."""
    told = difference("trust_in_municipality", 0.402, -0.108, 0.005, "highest").numbers
    assert [told[name]["en"] for name in ("difference", "interval")] == ["−10.8", "−11.3 to −10.3"]


def test_a_rare_share_is_told_beside_itself_where_the_difference_is_told_and_seen():
    rare = Difference("participation_rate", 0.02, 0.016, 0.010, 0.022, "highest")
    assert "may rise" in sentence_of(rare)["en"]
    assert sentence_of(rare)["en"].endswith(" The share itself is small: relative to it, this is 80 % more.")
    assert effect_in_words(rare) == {"en": "may rise, 80 % more", "fa": "شاید افزایش، ۸۰٪ بیشتر"}
    assert "small" not in sentence_of(Difference("participation_rate", 0.5, 0.016, 0.010, 0.022, "highest"))["en"]
    assert "small" not in sentence_of(Difference("participation_rate", 0.02, 0.016, -0.001, 0.022, "highest"))["en"]


def test_little_or_no_difference_is_never_said_beside_a_large_change_in_per_cent():
    little = Difference("participation_rate", 0.02, 0.014, 0.010, 0.018, "highest")
    assert effect_in_words(little)["en"] == "little or no difference"
    assert sentence_of(little)["en"].endswith("(2.0). The share itself is small: it goes from 2.0 % to 3.4 %.")
    assert sentence_of(little)["fa"].endswith("خود این سهم اندک است: از ۲٫۰٪ به ۳٫۴٪ می‌رسد.")
    headline = headline_lines([little])[-1]
    assert headline["en"] == "little or no difference: participation in four weeks (+1.4 percentage points)"
    assert headline["fa"].endswith("مشارکت در چهار هفته (\u200e+۱٫۴ واحد درصد)")
    for text in (*sentence_of(little).values(), *headline.values()):
        assert not set(text.split()) & {"more", "more.", "بیشتر", "بیشتر."}


# ---------------------------------------------------------------- claims


CLAIM = {"outcome": "councils", "value": 30, "week": 84, "source": "The Times, 3 May 2023"}


def test_a_claim_has_the_day_of_the_statement_and_beside_it_the_week():
    dated = day_of(Claim(**CLAIM, date="2023-05-03"), Config())
    assert dated == {"en": "3 May 2023 (week 84 of the model)", "fa": "۱۳ اردیبهشت ۱۴۰۲ (هفته ۸۴ مدل)"}
    undated = day_of(Claim(**CLAIM), Config())
    assert undated["en"] == "week 84 of the model, which begins on 4 May 2023"
    assert "هفته ۸۴ مدل" in undated["fa"]
    assert "۱۴ اردیبهشت ۱۴۰۲" in undated["fa"]


@pytest.mark.parametrize(
    ("outcome", "value", "figures", "english", "persian"),
    [
        ("mayor_women_share", 0.489, 6, "48.9 of 100", "۴۸٫۹ از ۱۰۰"),
        ("participation_rate", 0.0312, 3, "3.12 %", "۳٫۱۲٪"),
        ("councils", 30.0, 6, "30", "۳۰"),
        ("councils", 30.94, 3, "30.9", "۳۰٫۹"),
        ("programmes_held", 1567.4, 3, "1,567", "۱٬۵۶۷"),
    ],
)
def test_a_claimed_share_has_the_form_of_results(outcome, value, figures, english, persian):
    assert figure_of(outcome, value, figures) == {"en": english, "fa": persian}


def test_a_source_in_english_is_marked_as_such_in_persian():
    assert source_of(Claim(**CLAIM)) == {"en": CLAIM["source"], "fa": "The Times, 3 May 2023 (به انگلیسی)"}
    assert source_of(Claim(**CLAIM, source_fa="تایمز"))["fa"] == "تایمز"
    assert source_of(Claim(**{**CLAIM, "source": "روزنامه شهر"}))["fa"] == "روزنامه شهر"
    assert source_of(Claim())["fa"] == ""


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("2023-05-11", "more than a week from week 84, which begins on 2023-05-04"),
        ("2023-04-27", "more than a week from week 84"),
        ("3 May 2023", "must be a date such as 2021-09-23"),
    ],
)
def test_a_claim_s_date_fits_its_week(day, problem):
    Config.model_validate({"city": {"claims": [{**CLAIM, "date": "2023-05-10"}]}})
    with pytest.raises(ValueError, match=problem):
        Config.model_validate({"city": {"claims": [{**CLAIM, "date": day}]}})


@pytest.mark.parametrize(
    ("middle", "half", "shown"),
    [(0.00001, 0.00002, "−0.01 to +0.01"), (0.00002, 0.00001, "0.00 to +0.01"), (0.0, 0.0, "0 to 0")],
)
def test_no_interval_that_has_a_width_is_shown_without_one(middle, half, shown):
    told = difference("trust_in_people", 0.3, middle, half, "highest").numbers
    assert told["interval"]["en"] == shown
    assert told["difference"]["en"] in ("0.00", "0")
