"""A conclusion that hangs on names, or on what is kept, is an error; one that hangs on luck or place is said to."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from experiments.audit import command
from experiments.audit.audit import Word, ways, word_of
from experiments.audit.command import Request, carry_out
from tests.languages import not_persian
from tests.paper.conftest import mahalle
from tests.paper.test_plans import written


def row(low, high, effect, answer):
    return {"difference": (low + high) / 2, "low": low, "high": high, "effect": effect, "answer": answer}


RISES, FALLS = row(0.03, 0.05, "rises", "supported"), row(-0.05, -0.03, "falls", "not supported")
MAY = row(0.01, 0.05, "may rise", "undecided")
LITTLE = row(0.001, 0.01, "little or no difference", "not supported")


@pytest.mark.parametrize(
    ("before", "after", "exact", "word"),
    [
        (RISES, RISES, False, Word.ROBUST),
        (RISES, row(0.04, 0.06, "rises", "supported"), False, Word.ROBUST),
        (RISES, row(0.04, 0.06, "rises", "supported"), True, Word.FRAGILE),
        (RISES, RISES, True, Word.ROBUST),
        (RISES, MAY, False, Word.SHIFTED),
        (RISES, FALLS, False, Word.FRAGILE),
        (RISES, LITTLE, False, Word.FRAGILE),
        (MAY, row(-0.05, -0.01, "may fall", "undecided"), False, Word.FRAGILE),
        (LITTLE, row(-0.01, 0.03, "may rise", "undecided"), False, Word.SHIFTED),
    ],
)
def test_what_becomes_of_a_hypothesis(before, after, exact, word):
    assert word_of(before, after, exact=exact) == word


def test_ways_change_what_they_say():
    found = {
        way.name: way for way in ways({"policies": {"a": [], "b": []}, "seed": 4}, {"scale": 0.1, "place_seed": 2})
    }
    assert list(found) == ["names", "tables", "luck", "place", "scale"]
    assert found["luck"].settings == {"seed": 5}
    assert found["place"].settings == {"run": {"place_seed": 3}}
    assert found["scale"].settings == {"run": {"scale": 0.05}}
    assert list(found["names"].settings["policies"]) == ["renamed b", "renamed a"]
    assert "names" not in {way.name for way in ways({}, {"scale": 0.1, "place_seed": 2})}


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    path = written(folder / "study")
    sound = carry_out(Request(plan=path, out=folder / "results", workers=1, quiet=True))
    return folder, path, sound


def test_names_and_tables_kept_change_no_number(audited):
    folder, _, sound = audited
    table = pd.read_parquet(folder / "results/audit.parquet")
    assert set(table.way) == {"names", "tables", "luck", "place", "scale"}
    exact = table[table.exact]
    assert len(exact) == 4
    assert (exact.word == "ROBUST").all()
    assert (exact.difference == exact.planned_difference).all()
    assert sound == (not (table.word == "FRAGILE").any())


def test_luck_and_place_draw_the_world_again(audited):
    table = pd.read_parquet(audited[0] / "results/audit.parquet")
    others = table[~table.exact]
    assert (others.difference != others.planned_difference).all()


def test_a_model_that_hangs_on_names_is_found(audited, monkeypatch):
    folder, path, _ = audited
    real = command.ways

    def spoilt(content, run):
        return [replace(way, settings={**way.settings, "seed": 77}) for way in real(content, run)[:1]]

    monkeypatch.setattr(command, "ways", spoilt)
    assert not carry_out(Request(plan=path, out=folder / "spoilt", workers=1, quiet=True))


def test_the_command_prints_a_line_for_each_way(audited):
    folder, path, sound = audited
    done = mahalle("audit", path, "--out", folder / "results")
    assert done.returncode == (0 if sound else 1), done.stderr
    assert done.stdout.count("ROBUST") >= 4
    assert "another place" in done.stdout
    numbers = [line for line in done.stdout.splitlines() if line.endswith(")") and not line.startswith("Files")]
    assert numbers
    unlike = [line for line in numbers if not re.search(r" \([+−]?[\d.]+ [a-z][a-z0-9 ]+\)$", line)]
    assert not unlike, "each number has its unit"


def test_it_is_printed_in_persian_with_the_words_of_the_table(audited):
    folder, path, sound = audited
    done = mahalle("audit", path, "--out", folder / "results", "--lang", "fa")
    assert done.returncode == (0 if sound else 1), done.stderr
    table = pd.read_parquet(folder / "results/audit.parquet")
    for word, persian in {"ROBUST": "استوار", "SHIFTED": "جابه‌جا", "FRAGILE": "شکننده"}.items():
        assert done.stdout.count(f"  {persian}: ") == (table.word == word).sum()
    assert "مکانی دیگر (بذر " in done.stdout
    assert not_persian(done.stdout) == []
