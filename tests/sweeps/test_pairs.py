"""Which points belong together: the same levers and the same row of the sample, whatever the order of the points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.sweeps.experiment import Experiment
from experiments.sweeps.pairs import Position, partners, positions
from experiments.sweeps.reader import load_experiment
from sim.errors import ConfigError

ROOT = Path(__file__).parents[2]
TEXT = """\
title: {{en: Pairs, fa: زوج‌ها}}
base: {base}
policies: {{a: [], b: [], c: []}}
levers: {{policy.pledges.optimism: [0.0, 0.5], policy.hub.kinds: [[school], [mosque]]}}
{uncertainties}
design: {design}
replications: 1
run: {{scale: 0.002, weeks: 4}}
outcomes: [{{hope: last}}]
"""


def experiment(folder: Path, design: str, uncertainties: str = "") -> Experiment:
    file = folder / "pairs.yaml"
    base = ROOT / "configs/cities/rafsanjan.yaml"
    file.write_text(TEXT.format(base=base, design=design, uncertainties=uncertainties), encoding="utf-8")
    return load_experiment(file)


@pytest.fixture
def sampled(tmp_path) -> Experiment:
    uncertain = "uncertainties: {behaviour.trust.project_weight: {uniform: [0.0, 3.0]}}"
    return experiment(tmp_path, "{kind: latin_hypercube, samples: 3, seed: 1}", uncertain)


def test_a_point_stands_at_a_policy_levers_and_a_row(sampled):
    found = positions(sampled)
    assert len(found) == len(set(found)) == 3 * 4 * 3
    assert found[0] == Position("a", 'policy.pledges.optimism=0.0, policy.hub.kinds=["school"]', 0)
    assert [place.row for place in found[:6]] == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("order", [1, -1])
def test_partners_differ_in_nothing_but_the_policy(sampled, order):
    points = tuple(replace(point, number=number) for number, point in enumerate(sampled.points[::order]))
    mixed = replace(sampled, points=points)
    for point, partner in zip(points, partners(mixed, "b"), strict=True):
        assert points[partner].policy == "b"
        assert points[partner].values == point.values
    own = [point.number for point in points if point.policy == "b"]
    assert partners(mixed, "b")[own].tolist() == own


def test_a_grid_pairs_by_levers(tmp_path):
    grid = experiment(tmp_path, "{kind: grid}")
    assert all(grid.points[partner].values == grid.points[place].values
               for place, partner in enumerate(partners(grid, "c")))  # fmt: skip


def test_a_point_without_partner_is_refused(sampled):
    with pytest.raises(ConfigError, match="b was not run at all the values"):
        partners(replace(sampled, points=sampled.points[: 4 * 3 + 2]), "b")
