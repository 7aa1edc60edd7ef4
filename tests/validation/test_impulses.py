"""Impulse responses: half-lives by hand, and on a running city those that the parameters state."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.impulses import ARMS, IMPULSES, half_life, half_lives, responses
from sim.config import Config
from tests.conftest import SMALL
from tools.impulses.kept import city, stored, time_scales


def test_half_lives_by_hand():
    weeks = np.arange(0.0, 40.0, 4.0)
    assert half_life(weeks, 0.5 ** (weeks / 8.0)) == pytest.approx(8.0)
    assert half_life(weeks, 1.0 - weeks / 20.0) == pytest.approx(10.0)  # between two looks
    assert half_life(weeks, np.ones(10)) == math.inf
    late = np.concatenate([[0.0], 0.5 ** (weeks[:-1] / 8.0)])  # the response begins at the second look
    assert half_life(weeks, late) == pytest.approx(12.0)


def test_states_that_nothing_answers_have_the_half_life_that_is_stated():
    config = Config().with_values({**SMALL, "run.weeks": 20})
    found = half_lives(responses(config, [3])).set_index(["arm", "impulse"]).half_life
    for impulse in IMPULSES:
        if impulse.what in ("habit", "fatigue", "hope") or impulse.what.startswith("trust"):
            for arm in ARMS:
                assert found[arm, impulse.what] == pytest.approx(impulse.stated(config), rel=0.1), (arm, impulse.what)


def test_the_table_of_the_odd_names_every_state_once():
    head, rows = time_scales(stored(), city())
    assert [row[0] for row in rows] == [impulse.what for impulse in IMPULSES]
    assert {len(row) for row in rows} == {len(head)}
