"""Compiled passes: what they compute, that interpreted they give the same, and that no changed rule is missed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.randomness import Streams

ROOT = Path(__file__).resolve().parents[2]

FEW_WEEKS = """\
import hashlib, sim
city = sim.City(rng=5, **{"run.scale": 0.003, "run.weeks": 30}).run()
tables = (city.history, city.neighbourhood_history, city.group_history, city.events)
print(hashlib.sha256("".join(table.to_csv() for table in tables).encode()).hexdigest())
"""

ONE_EXPERIENCE = """\
import numpy as np
from sim import kernels
trust = np.array([0.5])
kernels.judge_services(np.array([0.9]), np.array([0.9]), trust, 0.0, 0.1, 2.0, 0.0)
print(trust[0])
"""


def told(program: str, folder: Path = ROOT, **environment: str) -> str:
    """What a program prints that is run in a folder, whose `sim` it imports."""
    surroundings = {**os.environ, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore", **environment}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_everybody_perceives_the_services_of_his_or_her_own_neighbourhood(build_city):
    city = build_city()
    city.services[...] = np.random.default_rng(1).random(city.services.shape)
    city.residents.performance = -1.0
    city.perceive()
    own = (city.residents.need_weights * city.services[city.residents.neighbourhood]).sum(axis=1)
    assert np.allclose(city.residents.performance, own, rtol=0, atol=1e-12)


def test_chosen_are_those_whose_draw_is_below():
    order = np.random.default_rng(2).permutation(500)
    rows, probability = np.arange(3, 500, 7), np.linspace(0.0, 1.0, 71)
    for streams in (Streams(8), Streams(8).in_order(order)):
        lot = streams.uniform("who", 4, rows)
        assert streams.chosen("who", 4, rows, 0.4).tolist() == rows[lot < 0.4].tolist()
        assert streams.chosen("who", 4, rows, probability).tolist() == rows[lot < probability].tolist()
        assert streams.chosen("who", 4, rows[:0], 0.4).size == 0


def test_a_row_that_is_not_there_is_refused():
    streams = Streams(8).in_order(np.arange(10))
    for rows in (np.array([3, 10]), np.array([-1])):
        with pytest.raises(IndexError):
            streams.uniform("who", 1, rows)
        for probability in (0.5, np.full(rows.size, 0.5)):
            with pytest.raises(IndexError):
                streams.chosen("who", 1, rows, probability)


def test_interpreted_passes_give_the_same_bytes():
    assert told(FEW_WEEKS) == told(FEW_WEEKS, NUMBA_DISABLE_JIT="1")


def test_what_was_compiled_is_not_used_when_a_rule_has_changed(tmp_path):
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    rule = tmp_path / "sim" / "rules" / "trust.py"
    before = rule.read_text(encoding="utf-8")
    assert float(told(ONE_EXPERIENCE, tmp_path)) == pytest.approx(0.54)
    kept = list((tmp_path / "sim" / "__pycache__").glob("compiled-*"))
    assert len(kept) == 1
    changed = before.replace("np.maximum(gap, 0.0) * gain_rate", "np.maximum(gap, 0.0) * gain_rate * 2.0")
    assert changed != before
    rule.write_text(changed, encoding="utf-8")
    assert float(told(ONE_EXPERIENCE, tmp_path)) == pytest.approx(0.58)
    rule.write_text(before, encoding="utf-8")
    assert float(told(ONE_EXPERIENCE, tmp_path)) == pytest.approx(0.54)


def test_where_nothing_can_be_kept_passes_are_compiled_all_the_same(tmp_path):
    (tmp_path / "file").touch()
    assert float(told(ONE_EXPERIENCE, NUMBA_CACHE_DIR=str(tmp_path / "file" / "below"))) == pytest.approx(0.54)
