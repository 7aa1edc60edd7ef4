"""Indices agree with closed forms, through the store; gaps are never filled; luck is measured."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import experiments
from experiments.sensitivity import IncompleteDesignError, analyse, chosen, indices
from experiments.sensitivity.analysis import values_of
from experiments.sensitivity.luck import components, luck
from experiments.sensitivity.screening import luck_experiment, relative, sobol_experiment
from experiments.sweeps import designs
from experiments.sweeps.designs import Design, Factor
from sim.errors import ConfigError
from tests.sensitivity.conftest import KEYS, RANGES, InPlaceOfTheCity, ishigami, shares

A, B = 7.0, 0.1
V1 = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
V2 = A**2 / 8.0
V13 = 8.0 * B**2 * np.pi**8 / 225.0
V = V1 + V2 + V13
FIRST = np.array([V1, V2, 0.0]) / V
TOTAL = np.array([V1 + V13, V2, V13]) / V


def column(table, index: str, what: str = "value") -> np.ndarray:
    own = table[(table["index"] == index) & (table["other"] == "")]
    return own.set_index("factor").loc[list(KEYS), what].to_numpy()


# ---------------------------------------------------------------- closed forms


def test_sobol_through_the_store_agrees_with_ishigamis_closed_form(swept):
    sweep = swept(ishigami, "{kind: sobol, samples: 128, seed: 3}")
    table, design = analyse(sweep).table, sweep.experiment.design
    rows = designs.rows_of(design.factors, design.sample)
    by_hand = indices(design, np.array([ishigami(shares(row)) for row in rows]))
    for index, truth in (("S1", FIRST), ("ST", TOTAL)):
        assert (column(table, index) == column(by_hand, index)).all()
        assert column(table, index) == pytest.approx(truth, abs=0.15)
        assert (column(table, index, "low") - 0.01 <= truth).all()
        assert (truth <= column(table, index, "high") + 0.01).all()


def test_sobol_of_a_large_sample_is_close_to_ishigamis_closed_form_pairs_too():
    factors = tuple(Factor(key, "uniform", ends) for key, ends in zip(KEYS, RANGES, strict=True))
    sample = designs.sobol(3, 2048, True, 1)
    design = Design("sobol", factors, sample, {"samples": 2048, "second_order": True})
    table = indices(design, np.array([ishigami(shares(row)) for row in designs.rows_of(factors, sample)]))
    assert column(table, "S1") == pytest.approx(FIRST, abs=0.02)
    assert column(table, "ST") == pytest.approx(TOTAL, abs=0.02)
    pairs = table[table["index"] == "S2"].set_index(["factor", "other"])["value"]
    assert pairs[KEYS[0], KEYS[2]] == pytest.approx(V13 / V, abs=0.04)
    assert pairs[KEYS[0], KEYS[1]] == pytest.approx(0.0, abs=0.04)


def test_morris_agrees_with_all_its_elementary_effects(swept):
    """On a grid of four levels the expectation of |effect| is a mean over few points, which can be gone through."""
    step, grid = 2.0 / 3.0, (0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0)
    exact = []
    for place in range(3):
        effects = []
        for point in itertools.product(*[grid[:2] if other == place else grid for other in range(3)]):
            above = np.array(point)
            above[place] += step
            effects.append(abs(ishigami(above) - ishigami(np.array(point))) / step)
        exact.append(np.mean(effects))
    table = analyse(swept(ishigami, "{kind: morris, trajectories: 40, levels: 4, seed: 2}")).table
    assert column(table, "mu_star") == pytest.approx(exact, rel=0.2)
    assert column(table, "mu_star")[1] == pytest.approx(exact[1], rel=1e-9)  # the same at all points
    assert (column(table, "mu_star", "low") <= np.array(exact) + 1e-9).all()
    assert (np.array(exact) <= column(table, "mu_star", "high") + 1e-9).all()


def test_morris_of_a_straight_line_is_its_slopes(swept):
    slopes = np.array([2.0, -0.5, 0.0])
    table = analyse(swept(lambda share, _, __: float(slopes @ share), "{kind: morris, trajectories: 4}")).table
    assert column(table, "mu") == pytest.approx(slopes, abs=1e-9)
    assert column(table, "mu_star") == pytest.approx(np.abs(slopes), abs=1e-9)
    assert column(table, "sigma") == pytest.approx(0.0, abs=1e-9)


# ---------------------------------------------------------------- failed runs


def failing(trajectories: set[int], size: int, sample: np.ndarray):
    """Ishigami that fails at the second point of some trajectories or blocks."""
    doomed = sample.reshape(-1, size, 3)[sorted(trajectories), 1]

    def function(share: np.ndarray, *_: object) -> float:
        if (np.abs(doomed - share).max(axis=1) < 1e-9).any():
            raise FloatingPointError("on purpose")
        return ishigami(share)

    return function


def test_a_failed_run_takes_its_whole_trajectory_and_is_told(swept):
    design = "{kind: morris, trajectories: 6, levels: 100, seed: 5}"
    whole = swept(ishigami, design, name="whole")
    sample = whole.experiment.design.sample
    broken = swept(failing({1, 4}, 4, sample), design, name="broken")
    findings = analyse(broken)
    assert list(findings.luck[["kept", "of"]].iloc[0]) == [4, 6]
    assert any("2 of 24 runs failed" in note for note in findings.notes)
    values = values_of(whole)["hope:last"][:, 0]
    values[[4, 16]] = np.nan
    assert column(findings.table, "mu_star") == pytest.approx(
        column(indices(whole.experiment.design, values), "mu_star")
    )
    keep = np.repeat([True, False, True, True, False, True], 4)
    effects = np.abs(np.diff(values_of(whole)["hope:last"][keep, 0].reshape(-1, 4), axis=1)) / (100 / 198)
    assert column(findings.table, "mu_star").sum() == pytest.approx(effects.mean(axis=0).sum())


def test_sobol_refuses_gaps_unless_told_to_drop_blocks(swept):
    design = "{kind: sobol, samples: 16, seed: 5}"
    sample = swept(ishigami, design, name="whole").experiment.design.sample
    broken = swept(failing({7}, 5, sample), design, name="broken")
    with pytest.raises(IncompleteDesignError, match="1 of 16 blocks"):
        analyse(broken)
    findings = analyse(broken, gaps="drop")
    assert list(findings.luck[["kept", "of"]].iloc[0]) == [15, 16]


def test_nothing_left_is_an_error_and_no_index(swept):
    def never(*_: object) -> float:
        raise FloatingPointError("on purpose")

    with pytest.raises(IncompleteDesignError, match="only 0 of 3 trajectories"):
        analyse(swept(never, "{kind: morris, trajectories: 3}"))


def test_a_constant_outcome_has_no_shares(swept):
    table = analyse(swept(lambda *_: 1.0, "{kind: sobol, samples: 8}")).table
    assert np.isnan(column(table, "ST")).all()


def test_other_designs_are_refused(swept):
    sweep = swept(ishigami, "{kind: latin_hypercube, samples: 4}")
    with pytest.raises(ConfigError, match="morris or sobol, not latin_hypercube"):
        analyse(sweep)


# ---------------------------------------------------------------- luck


def noise(share: np.ndarray, replication: int, size: float) -> float:
    """Luck that differs from point to point and from replication to replication."""
    seed = [int(1e6 * value) for value in share]
    return float(np.random.default_rng([*seed, replication]).normal(0.0, size))


def test_variance_components_are_those_put_in():
    rng = np.random.default_rng(1)
    points, replications = 4_000, 40
    values = rng.normal(0, 3.0, (points, 1)) + rng.normal(0, 2.0, (1, replications)) + rng.normal(
        0, 1.0, (points, replications)
    )  # fmt: skip
    found = components(values)
    assert found.points == pytest.approx(9.0, rel=0.08)
    assert found.shared == pytest.approx(4.0, rel=0.5)  # of forty draws
    assert found.own == pytest.approx(1.0, rel=0.05)
    assert np.isnan(components(values[:, :1]).own)


def test_luck_that_all_points_share_moves_no_index(swept):
    design = "{kind: morris, trajectories: 5, seed: 4}"
    calm = analyse(swept(ishigami, design, replications=3, name="calm"))
    shaken = analyse(
        swept(lambda share, _, replication: ishigami(share) + 50.0 * replication, design, replications=3, name="shaken")
    )
    assert column(shaken.table, "mu_star") == pytest.approx(column(calm.table, "mu_star"))
    assert shaken.luck["luck_share"].iloc[0] > 0.9
    assert shaken.luck["noise_share"].iloc[0] == pytest.approx(0.0, abs=1e-9)


def test_a_factor_that_only_reshuffles_luck_stays_at_the_floor_and_is_not_chosen(swept):
    def noisy(share: np.ndarray, _: str, replication: int) -> float:
        return float(2.0 * share[0]) + noise(share, replication, 0.5)

    findings = analyse(swept(noisy, "{kind: morris, trajectories: 60, levels: 100, seed: 4}", replications=2))
    floor = findings.luck["floor"].iloc[0]
    assert column(findings.table, "mu_star")[1:] == pytest.approx(floor, rel=0.25)
    assert floor == pytest.approx(np.sqrt(2 / np.pi) * 0.5 * 1.98, rel=0.2)  # sd of a difference of two averages: 0.5
    assert chosen(findings, at_least=0.0).keys == (KEYS[0],)


def test_luck_is_measured_on_a_few_points_where_there_is_one_replication(swept, tmp_path):
    def noisy(share: np.ndarray, _: str, replication: int) -> float:
        return float(2.0 * share[0]) + noise(share, replication, 0.5)

    once = swept(noisy, "{kind: morris, trajectories: 30, levels: 100, seed: 4}")
    assert np.isnan(analyse(once).luck["floor"].iloc[0])
    side = luck_experiment(once.experiment, 60)
    again = experiments.run(side, out=tmp_path / "side", executor=InPlaceOfTheCity(noisy))
    found = analyse(once, repeated=again).luck.iloc[0]
    assert found["repeated"] == 60
    assert found["floor"] == pytest.approx(np.sqrt(2 / np.pi) * np.sqrt(0.5) * 1.98, rel=0.2)
    averages = values_of(once)["hope:last"]
    assert luck(once.experiment.design, averages[:, 0], 1, components(averages)).share != found["luck_share"]


# ---------------------------------------------------------------- screening, policies


def test_screening_sends_what_matters_to_sobol_and_leaves_the_rest_at_the_base(swept):
    slopes = np.array([3.0, 1.0, 0.01])
    sweep = swept(lambda share, *_: float(slopes @ share), "{kind: morris, trajectories: 4}")
    findings = analyse(sweep)
    choice = chosen(findings, at_least=0.1)
    assert choice.keys == (KEYS[0], KEYS[1])
    assert chosen(findings, at_least=0.5).keys == (KEYS[0],)
    assert chosen(findings, at_least=0.0, most=1).passed == 3
    closer = sobol_experiment(sweep.experiment, choice.keys, 8, second_order=False)
    assert [factor.key for factor in closer.design.factors] == list(choice.keys)
    assert len(closer.points) == 8 * 4
    assert all(KEYS[2] not in point.values for point in closer.points)
    assert closer.outcomes == sweep.experiment.outcomes


def test_differences_from_a_base_are_paired(swept):
    policies = "policies: {a: [], b: [], c: []}\nlevers: {policy.pledges.optimism: [0.0, 0.5]}"

    def by_policy(share: np.ndarray, policy: str, _: int) -> float:
        return ishigami(share) + {"a": 0.0, "b": 5.0 * float(share[1]), "c": 1.0}[policy]

    sweep = swept(by_policy, "{kind: morris, trajectories: 4}", more=policies)
    findings = analyse(sweep, base="a")
    assert len(findings.luck) == 4  # b and c, at two levels of the lever
    table = relative(findings).set_index(["policy", "levers", "factor"])["mu_star"]
    for levers in ("policy.pledges.optimism=0.0", "policy.pledges.optimism=0.5"):
        assert table["b", levers, KEYS[1]] == pytest.approx(5.0)
        assert table["b", levers, KEYS[0]] == pytest.approx(0.0, abs=1e-9)
        assert table["c", levers].to_numpy() == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(ConfigError, match=r'"d" is no policy of the experiment'):
        analyse(sweep, base="d")


def test_shares_undo_the_ranges():
    assert shares({KEYS[0]: 0.95, KEYS[1]: 0.0, KEYS[2]: 0.15}) == pytest.approx([1.0, 0.0, 0.5])
