"""Indices agree with closed forms, through the store; gaps are never filled; luck is measured."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import experiments
from experiments.sensitivity import IncompleteDesignError, analyse, chosen, indices
from experiments.sensitivity.analysis import values_of
from experiments.sensitivity.luck import Components, components, floors, luck
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


@pytest.mark.parametrize("levels", [4, 6, 10])
@pytest.mark.parametrize("names", [2, 3, 5])
def test_morris_of_a_choice_is_the_change_of_name_and_not_scaled_up(levels, names):
    """A number and a choice that move the outcome as far have the same mu_star: closed form, at all steps of a grid.

    A choice between names of which the first stands apart by 1, and a number whose whole range is worth 1.
    """
    factors = (Factor("number", "uniform", (0.0, 1.0)), Factor("choice", "choice", tuple(range(names))))
    sample = designs.morris(2, 400, levels, 3)
    design = Design("morris", factors, sample, {"levels": levels, "trajectories": 400})
    rows = designs.rows_of(factors, sample)
    table = indices(design, np.array([row["number"] + 5.0 * (row["choice"] == 0) for row in rows]))
    stars = table[table["index"] == "mu_star"].set_index("factor")["value"]
    lower = np.arange(levels // 2) / (levels - 1)
    from_first = np.mean(np.floor(lower * names) == 0)  # shares of steps that leave the first name
    assert stars["number"] == pytest.approx(1.0)
    assert stars["choice"] == pytest.approx(5.0 * from_first, rel=0.1)
    if names == 2:
        assert stars["choice"] == pytest.approx(5.0)  # every step
        (mu,) = table.loc[(table["index"] == "mu") & (table["factor"] == "choice"), "value"]
        assert mu == pytest.approx(-5.0)
        (low, high) = table.loc[(table["index"] == "mu_star") & (table["factor"] == "choice"), ["low", "high"]].iloc[0]
        assert (low, high) == (pytest.approx(5.0), pytest.approx(5.0))


@pytest.mark.parametrize("last", [1, 2, 3, 4, 9, 40])
def test_morris_of_a_whole_number_is_its_rise_over_the_whole_range(last):
    """Two whole numbers are stepped over whole; without regard to that, 0 or 1 would show one and a half times 1."""
    factor = Factor("whole", "uniform", (0, last), whole=True)
    sample = designs.morris(2, 400, 4, 3)
    design = Design("morris", (factor, Factor("number", "uniform", (0.0, 1.0))), sample, {"levels": 4})
    values = np.array([row["whole"] / last for row in designs.rows_of(design.factors, sample)])
    table = indices(design, values)
    assert column_of(table, "mu_star", "whole") == pytest.approx(1.0, rel=0.05)
    assert column_of(table, "mu", "whole") == pytest.approx(1.0, rel=0.05)


def column_of(table, index: str, factor: str) -> float:
    return float(table[(table["index"] == index) & (table["factor"] == factor)]["value"].iloc[0])


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
    findings = analyse(swept(lambda *_: 0.1, "{kind: sobol, samples: 8}", replications=3))
    assert np.isnan(column(findings.table, "ST")).all()
    assert np.isnan(column(findings.table, "ST", "floor")).all()
    assert findings.luck[["luck_share", "noise_share", "floor"]].isna().all(axis=None)


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


@pytest.mark.parametrize("kind", ["morris", "sobol"])
def test_what_only_reshuffles_luck_stays_at_its_floor_numbers_and_choices(kind):
    """The outcome is luck, and nothing else: each factor's index is its floor, which differs for a choice."""
    names = ("one", "two", "three")
    factors = (Factor("number", "uniform", (0.0, 1.0)), Factor("choice", "choice", names))
    if kind == "morris":
        design = Design("morris", factors, designs.morris(2, 2000, 100, 2), {"levels": 100})
    else:
        design = Design("sobol", factors, designs.sobol(2, 2048, False, 2), {"second_order": False})
    rows = designs.rows_of(factors, design.sample)
    drawn: dict[str, float] = {}
    rng = np.random.default_rng(5)
    values = np.array([drawn.setdefault(str(row), rng.normal(0.0, 0.5)) for row in rows])  # the same run, the same luck
    index = "mu_star" if kind == "morris" else "ST"
    table = indices(design, values)
    now = luck(design, values, 1, Components(0.0, 0.0, 0.25, 3, 20))
    floor = floors(design, now)
    for factor in ("number", "choice"):
        assert column_of(table, index, factor) == pytest.approx(floor[factor], rel=0.08)
    ratio = floor["choice"] / floor["number"]
    assert ratio == pytest.approx(100 / 198 if kind == "morris" else 2 / 3)


def test_sobol_after_luck_has_a_floor_for_the_total_index(swept, tmp_path):
    def noisy(share: np.ndarray, _: str, replication: int) -> float:
        return float(2.0 * share[0]) + noise(share, replication, 0.5)

    once = swept(noisy, "{kind: sobol, samples: 128, second_order: false, seed: 4}")
    assert analyse(once).table["floor"].isna().all()
    side = luck_experiment(once.experiment, 60)
    again = experiments.run(side, out=tmp_path / "side", executor=InPlaceOfTheCity(noisy))
    table = analyse(once, repeated=again).table
    truth = 0.25 / (0.25 + 4.0 / 12.0)  # luck's share of the variance
    assert column(table, "ST", "floor") == pytest.approx(truth, rel=0.25)
    assert column(table, "ST")[1:] == pytest.approx(truth, rel=0.25)
    assert np.isnan(column(table, "S1", "floor")).all()


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
    assert shares({KEYS[0]: 0.95, KEYS[1]: 0.0, KEYS[2]: 1.5}) == pytest.approx([1.0, 0.0, 0.5])
