"""Units are shown in words of both languages, and money in the unit that the city names."""

import json
import re
from pathlib import Path

import pytest

from experiments.answers.answer import answer_of
from experiments.contrasts.shown import named_with_unit
from experiments.discovery.boxes import Box, Discovery, Limit
from experiments.discovery.words import in_words as boxes_in_words
from experiments.figures.sheet import Sheet
from experiments.page.watch import inspect
from experiments.resolved import as_yaml
from experiments.sweeps.experiment import what_counts
from experiments.titles import unit_of as unit_of_parameter
from experiments.units import unit_in_words
from sim.config import load_config
from sim.outcome import TABLES
from sim.policies import Label
from tests.answers.made_up import comparison

ROOT = Path(__file__).parents[2]
CROWNS = Label(en="million crowns", fa="میلیون کرون")
DECLARED = sorted({one.name for table in TABLES.values() for one in table.outcomes.values() if one.unit})


@pytest.mark.parametrize("short", [False, True])
def test_every_declared_unit_has_words_in_both_languages(short):
    for name in DECLARED:
        english, persian = (unit_in_words(name, language, short=short) for language in ("en", "fa"))
        assert english, name
        assert re.search("[آ-ی]", persian), f"{name}: {english} has no Persian"
        assert not re.search("[A-Za-z]", persian), name


def test_one_unit_has_one_term():
    """A hundredth of a scale is a point of 100, and a hundredth of people a percentage point, wherever they stand."""
    assert unit_in_words("trust_in_municipality", "fa") == "امتیاز از ۱۰۰"
    assert unit_in_words("trust_in_municipality", "fa", short=True) == "امتیاز"
    assert Sheet("fa").in_unit("trust_in_municipality:last") == "به امتیاز از ۱۰۰"
    assert Sheet("en").in_unit("trust_in_municipality:last") == "in points"
    for short in (False, True):
        assert unit_in_words("participation_rate", "fa", short=short) == "واحد درصد"


def test_money_has_the_unit_that_the_city_names():
    city = load_config(ROOT / "configs/cities/rafsanjan.yaml").with_values({"city.finance.unit": CROWNS.model_dump()})
    assert unit_in_words("money_spent", "fa", money=CROWNS) == "میلیون کرون"
    assert Sheet(money=CROWNS).small_unit("money_spent:last") == " million crowns"
    assert named_with_unit("money_spent", "fa", CROWNS).endswith("، میلیون کرون")
    assert unit_of_parameter("bn toman per year", "fa", CROWNS) == "میلیون کرون در سال"
    assert unit_of_parameter("bn toman", "en") == "bn toman"
    box = Box({"city.finance.works_budget_per_year": Limit(None, 200.0, (), 0.001)}, 50, 40, 0.7, 0.9, 20, 0.7, 0.001)
    assert "200 million crowns per year" in boxes_in_words(Discovery((box,), 200, 57), "en", CROWNS)[0]
    assert "toman" not in as_yaml(city)
    small = city.with_values({"run.scale": 0.01})
    for kind, amounts in (("council", 1), ("municipality", 3)):
        told = json.dumps(inspect("units", small, 0, kind, 0), ensure_ascii=False)
        assert (told.count("million crowns"), told.count("میلیون کرون")) == (amounts, amounts)


def test_an_answer_names_the_unit_of_the_city():
    found = comparison(3, money="million crowns")
    titles = {name: {"en": name, "fa": name} for name in found.titles}
    told = json.dumps(answer_of(found, source="run", titles=titles), ensure_ascii=False)
    assert told.count("million crowns") >= 4  # in Persian, too: the city gives no Persian name
    assert not re.search("toman|تومان", told)
    usual = json.dumps(answer_of(comparison(3), source="run", titles=titles), ensure_ascii=False)
    assert "bn toman" in usual
    assert "میلیارد تومان" in usual


def test_a_name_of_the_unit_changes_no_run():
    city = load_config(ROOT / "configs/cities/rafsanjan.yaml")
    other = city.with_values({"city.finance.unit": CROWNS.model_dump()})
    assert what_counts(city) == what_counts(other)
    assert what_counts(city) != what_counts(city.with_values({"city.finance.project_cost_mean": 2.0}))


def test_no_text_of_ours_names_a_currency():
    """Only the config's default does, what the register says of Rafsanjan, and the currencies that platforms write."""
    reads_currencies = ROOT / "experiments/platforms/amounts.py"
    for path in sorted({*(ROOT / "experiments").rglob("*.py")} - {reads_currencies}):
        assert not re.search("bn toman|تومان", path.read_text(encoding="utf-8")), path
