"""A new outcome is one file: what the tables, rankings, reports and documents need to know, it declares itself."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.contrasts import compare
from experiments.contrasts.shown import level, named_with_unit
from experiments.sweeps.outcomes import parse, read, weeks_read
from experiments.units import in_words, unit_of
from sim.errors import ConfigError
from sim.outcome import CITY, NEIGHBOURHOODS, START, TABLES, Table, declared, known, outcome, outcomes
from tests.inline import Inline
from tools.documents.odd import outcome_table

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/examples/very_tired.py"
NAME = "very_tired_share"


@pytest.fixture
def declaring(monkeypatch):
    """What is declared in a test is forgotten after it."""
    for table in TABLES.values():
        monkeypatch.setattr(table, "outcomes", dict(table.outcomes))
        monkeypatch.setattr(table, "_ways", list(table._ways))


@pytest.fixture
def example(declaring):
    """The example of docs/extending.md, declared."""
    spec = importlib.util.spec_from_file_location("very_tired", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_a_column_of_history_and_an_outcome_of_experiments(build_city, example):
    city = build_city({"run.weeks": 6}).run()
    assert city.history.columns[-1] == NAME
    assert city.history[NAME].iloc[-1] == (city.residents.fatigue > 0.5).mean()
    asked = [parse({NAME: "last"}, 6)]
    assert read(city, asked)["value"].tolist() == [city.history[NAME].iloc[-1]]
    assert weeks_read(asked, 6) == {6}  # it has a value in every week
    assert city.recorder.datacollector.get_model_vars_dataframe()[NAME].tolist() == city.history[NAME].tolist()


def test_compare_ranks_by_it_and_reports_it(tmp_path, example):
    policies = [ROOT / f"configs/policies/{name}.yaml" for name in ("status_quo", "councils_without_money")]
    found = compare(
        policies[0], [policies[1]], out=tmp_path / "out", replications=2, scale=0.005, weeks=4, ranked_by=NAME,
        executor=Inline(),
    )  # fmt: skip
    rows = found.contrasts[found.contrasts.outcome == NAME]
    assert len(rows)
    assert rows.probability_best.notna().all()
    assert found.ends_of([NAME]) == {NAME: "lowest"}
    place = list(CITY.compared).index(NAME)  # 135: between 130 and 140
    assert CITY.compared[place - 1 : place + 2] == ("service_level", NAME, "service_gini")


def test_where_no_end_is_better_it_does_not_rank(tmp_path, declaring):
    outcome("Nothing.", unit="share", name=NAME)(lambda at: 0.0)
    with pytest.raises(ConfigError, match=f'cannot rank by "{NAME}"'):
        compare(
            ROOT / "configs/policies/status_quo.yaml", ["as_is"], out=tmp_path, replications=2, scale=0.005, weeks=4,
            ranked_by=NAME, executor=Inline(),
        )  # fmt: skip


def test_it_is_shown_in_words_and_in_its_unit(example):
    assert (in_words(NAME), in_words(NAME, "fa")) == ("very tired residents", "ساکنان بسیار خسته")
    assert unit_of(NAME) == "% points"
    assert named_with_unit(NAME) == f"{NAME}, % points"
    assert level(0.1234, NAME) == "12.3 %"


def test_it_is_in_the_tables_of_the_documents(example):
    line = f"| `{NAME}` | share | Share of residents whose fatigue is above one half. |"
    assert outcome_table(CITY).splitlines()[-1] == line


def test_a_file_in_the_folder_of_outcomes_is_all_that_is_needed(tmp_path):
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(EXAMPLE, tmp_path / "sim/outcomes")
    code = "import sim.outcomes; from sim.outcome import CITY; print(CITY.columns[-1], len(CITY.columns))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.split() == [NAME, str(len(CITY.columns) + 1)]


def test_the_guide_shows_the_example():
    assert f"```python\n{EXAMPLE.read_text(encoding='utf-8')}```" in (ROOT / "docs/extending.md").read_text("utf-8")


# ---------------------------------------------------------------- declarations


def test_several_outcomes_of_one_function_are_checked_against_what_it_gives(declaring):
    table = Table()
    several = [declared(name, "A test.", unit="share") for name in ("first", "second")]
    outcomes(*several, of=table)(lambda given: given)
    assert table.row((1.0, 2.0)) == {"first": 1.0, "second": 2.0}
    assert table.row({"first": 1.0, "second": 2.0}) == {"first": 1.0, "second": 2.0}
    for wrong in ((1.0,), (1.0, 2.0, 3.0), {"second": 2.0, "first": 1.0}, {"first": 1.0}):
        with pytest.raises(ValueError, match=r"zip\(\)|declared are first, second"):
            table.row(wrong)


def test_what_the_city_declares_holds_for_neighbourhoods_and_groups_but_not_its_place_in_a_table(declaring):
    outcome("A test.", unit="share", better="highest", compared=1, name="tested")(lambda at: 0.0)
    outcome("Of a neighbourhood.", of=NEIGHBOURHOODS, name="tested")(lambda at: np.zeros(2))
    found = NEIGHBOURHOODS.outcomes["tested"]
    assert (found.unit, found.meaning, found.better, found.compared) == (
        "share",
        "Of a neighbourhood.",
        "highest",
        None,
    )
    assert known("tested") == CITY.outcomes["tested"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"better": "most"}, "better must be highest, lowest or None, not most"),
        ({"short": ("tested",)}, "short must be a name in English and one in Persian"),
    ],
)
def test_a_wrong_declaration_is_refused(declaring, wrong, said):
    with pytest.raises(ValueError, match=said):
        outcome("A test.", unit="share", name="tested", **wrong)(lambda at: 0.0)


def test_no_outcome_is_declared_twice_nor_without_a_unit(declaring):
    with pytest.raises(ValueError, match="declared twice: hope"):
        outcome("Again.", unit="share", name="hope")(lambda at: 0.0)
    with pytest.raises(TypeError, match="unit"):
        outcome("A test.", name="tested")(lambda at: 0.0)


@pytest.mark.parametrize("table", TABLES)
def test_every_outcome_has_a_name_in_english_and_in_persian_and_no_two_the_same(table):
    for language in ("en", "fa"):
        names = [one.in_words(language) for one in TABLES[table].outcomes.values()]
        assert len(set(names)) == len(names)
        assert all(any("\u0600" <= letter <= "\u06ff" for letter in name) == (language == "fa") for name in names)
    assert START.compared == ()
