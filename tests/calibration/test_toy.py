"""The algorithm against a posterior that is known exactly, and against other numbers of workers."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from experiments.calibration.calibration import KIND
from experiments.calibration.learning import (
    chance_errors,
    effective_size,
    trade_offs,
    weighted_quantile,
    what_was_learned,
)
from experiments.calibration.runs import GENERATION
from experiments.calibration.sampler import drawing_from
from experiments.calibration.smc import Schedule, approximate
from experiments.interruption import StoppedEarlyError
from experiments.study import runner
from experiments.study.store import Store
from experiments.sweeps.designs import Factor, inverse_cdf
from tests.calibration.conftest import NOISE, toy, toy_problem
from tests.inline import Inline

OBSERVED, THRESHOLD = 1.0, 0.3


def generations_of(problem, schedule, folder, executor=None, workers=1):
    return approximate(problem, schedule, Store(folder, KIND), executor or Inline(), workers).generations


@pytest.fixture(scope="module")
def generations(tmp_path_factory):
    return generations_of(
        toy_problem(OBSERVED), Schedule((2.0, 0.7, THRESHOLD), 250, 1), tmp_path_factory.mktemp("toy")
    )


def test_posterior_of_a_linear_gaussian_toy_is_the_exact_one(generations):
    """Mean within 0.1 and sd within 0.07: some three standard errors of so many particles."""
    last = generations[-1]
    theta = stats.norm.ppf(last.quantiles[:, 0])
    noise = NOISE**2 + THRESHOLD**2 / 3.0  # that of the observation, and of accepting within the threshold
    mean = (last.weight * theta).sum()
    sd = np.sqrt((last.weight * (theta - mean) ** 2).sum())
    assert effective_size(last.weight) > 150
    assert mean == pytest.approx(OBSERVED / (1.0 + noise), abs=0.1)
    assert sd == pytest.approx(np.sqrt(noise / (1.0 + noise)), abs=0.07)
    assert (last.distance <= THRESHOLD).all()


def test_weights_are_prior_over_proposal(generations):
    """Toni et al. (2009): 1 / sum_j w_j N(q_i; q_j, 2 V), for the prior of a quantile is 1; V is weighted."""
    before, last = generations[-2:]
    q, w = before.quantiles[:, 0], before.weight
    mean = (w * q).sum()
    variance = (w * (q - mean) ** 2).sum() / (1.0 - (w**2).sum())
    proposal = stats.norm.pdf(last.quantiles, q[None, :], np.sqrt(2.0 * variance)) @ w
    expected = (1.0 / proposal) / (1.0 / proposal).sum()
    assert np.ptp(last.weight) > 0.1 / len(w)
    assert last.weight == pytest.approx(expected, rel=1e-6)


def test_generations_come_closer_and_are_counted(generations):
    assert [own.threshold for own in generations] == [2.0, 0.7, THRESHOLD]
    assert all(own.runs >= 250 and own.weight.sum() == pytest.approx(1.0) for own in generations)
    shares = [(abs(own.figures["1 y"] - OBSERVED) <= own.threshold).all() for own in generations]
    assert all(shares)


def test_what_is_stored_of_a_particle_makes_it_again(generations):
    last = generations[-1]
    problem = toy_problem(OBSERVED)
    for at in (0, 100):
        again = problem.simulate(last.quantiles[at], int(last.seed[at]))
        assert again["1 y"] == last.figures["1 y"][at]


def test_finished_generations_are_not_done_again(tmp_path):
    """Three thresholds in one go and in two give the same particles; the first is not touched."""
    schedule = Schedule((2.0, 1.0), 20, 3)
    generations_of(toy_problem(0.0), Schedule((2.0,), 20, 3), tmp_path / "two")
    counted = Counting()
    two = generations_of(toy_problem(0.0), schedule, tmp_path / "two", counted)
    whole = generations_of(toy_problem(0.0), schedule, tmp_path / "whole")
    assert counted.generations == {1}
    for one, other in zip(two, whole, strict=True):
        assert (one.quantiles == other.quantiles).all()
        assert (one.weight == other.weight).all()
        assert (one.seed == other.seed).all()


CALLS: list[int] = []
"""Seeds of the runs done by `interrupted_toy`."""


def interrupted_toy(quantiles, seed):
    """The toy, during whose 31st run somebody presses Ctrl-C."""
    CALLS.append(seed)
    if len(CALLS) == 31:
        raise KeyboardInterrupt
    return toy(quantiles, seed)


@pytest.mark.parametrize("tail", ["", '{"file": "00', "\x00\xff\n", "[1]\n"])
def test_runs_of_an_unfinished_generation_are_not_done_again(tmp_path, monkeypatch, tail):
    """Rejected ones neither; a line cut off or damaged does no harm, and the posterior is the same."""
    CALLS.clear()
    monkeypatch.setattr(runner, "BATCH_RUNS", 2)
    schedule, folder = Schedule((2.0, 0.6), 12, 3), tmp_path / "out"
    problem = replace(toy_problem(0.5), simulate=interrupted_toy)
    with pytest.raises(StoppedEarlyError, match=r"^interrupted; 1 of 2 generations and all finished runs are kept"):
        generations_of(problem, schedule, folder)
    kept = len(CALLS)
    assert kept > 15
    with open(folder / "journal.jsonl", "a", encoding="latin-1") as file:
        file.write(tail)
    resumed = approximate(problem, schedule, Store(folder, KIND), Inline(), 1)
    whole = generations_of(toy_problem(0.5), schedule, tmp_path / "whole")
    assert len(CALLS) <= len(set(CALLS)) + 4  # the one interrupted, and those handed out with it
    first = [run.number for run in resumed.runs if run.generation == 0]
    assert first == list(range(resumed.generations[0].runs))
    for one, other in zip(resumed.generations, whole, strict=True):
        assert one.runs == other.runs
        assert (one.quantiles == other.quantiles).all()
        assert (one.weight == other.weight).all()
        assert (one.figures == other.figures).all(axis=None)


class Counting(Inline):
    """Notes of which generations it was given work."""

    def __init__(self):
        self.generations = set()

    def submit(self, work, /, *arguments):
        self.generations |= {run // GENERATION for run in arguments[2]}
        return super().submit(work, *arguments)


class OutOfOrder:
    """Several workers of which the later often finish first."""

    lock = threading.Lock()  # the generators are global, and in processes each has its own

    def __init__(self):
        self.pool = ThreadPoolExecutor(4)
        self.chance = random.Random(0)

    def submit(self, work, /, *arguments):
        seconds = self.chance.uniform(0.0, 0.02)

        def late():
            threading.Event().wait(seconds)
            with self.lock:
                return work(*arguments)

        return self.pool.submit(late)


def test_workers_and_their_pace_change_nothing(tmp_path):
    schedule = Schedule((2.0, 1.0), 20, 3)
    alone = generations_of(toy_problem(0.0), schedule, tmp_path / "alone")
    hurried = OutOfOrder()
    together = generations_of(toy_problem(0.0), schedule, tmp_path / "together", hurried, 4)
    hurried.pool.shutdown()
    for one, other in zip(alone, together, strict=True):
        assert one.runs == other.runs
        assert (one.quantiles == other.quantiles).all()
        assert (one.seed == other.seed).all()


def test_draws_follow_from_root_generation_and_number_alone():
    def draws(*key):
        with drawing_from(*key):
            return random.random(), np.random.random()  # noqa: NPY002

    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert draws(1, 2, 3) == draws(1, 2, 3)
    keys = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, -1, 0)]
    for place in (0, 1):
        assert len({draws(*key)[place] for key in keys}) == len(keys)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_a_generation_that_accepts_too_little_is_given_up(tmp_path):
    schedule = Schedule((2.0, 1e-9), 10, 0, least_acceptance=0.2)
    assert len(generations_of(toy_problem(0.0), schedule, tmp_path)) == 1


def test_every_proposal_before_the_last_accepted_counts(tmp_path):
    told = []
    approximate(
        toy_problem(0.0), Schedule((1.0,), 15, 4), Store(tmp_path, KIND), Inline(), 1, lambda *a: told.append(a)
    )
    assert told[-1][1] == 15
    assert [runs for _, _, runs in told] == list(range(1, len(told) + 1))


# ---------------------------------------------------------------- what was learned

UNIFORM = Factor("behaviour.trust.loss_to_gain_ratio", "uniform", (1.0, 3.0), low=1.0, high=3.0)


def test_a_posterior_that_is_the_prior_has_learned_nothing():
    quantiles = np.random.default_rng(1).random((400, 1))
    row = what_was_learned([UNIFORM], quantiles, np.full(400, 1 / 400)).iloc[0]
    assert not row.learned
    assert row.prior_sd == pytest.approx(2.0 / np.sqrt(12.0), rel=1e-3)
    assert abs(row.shrinkage) < row.shrinkage_by_chance


def test_shrinkage_and_shift_are_what_they_say():
    quantiles = 0.5 + 0.25 * np.random.default_rng(1).random((400, 1))
    row = what_was_learned([UNIFORM], quantiles, np.full(400, 1 / 400)).iloc[0]
    assert row.learned
    assert row.shrinkage == pytest.approx(0.75, abs=0.03)
    assert row["shift"] == pytest.approx(0.25 / 2 / (1 / np.sqrt(12.0)), abs=0.06)


@pytest.mark.parametrize(
    ("middle", "sd", "bounded", "pressed"),
    [
        (-0.05, 0.1, True, "lower"),
        (1.02, 0.1, True, "upper"),
        (0.95, 0.01, True, ""),  # near, but five standard deviations from it
        (0.5, 0.1, True, ""),
        (1.02, 0.1, False, ""),  # a normal prior without a range has no bound
    ],
)
def test_a_posterior_pressed_against_a_bound_is_told_from_one_near_it(middle, sd, bounded, pressed):
    drawn = np.random.default_rng(1).normal(middle, sd, 4_000)
    quantiles = drawn[(drawn >= 0.0) & (drawn <= 1.0)][:, None]
    weight = np.full(len(quantiles), 1.0 / len(quantiles))
    factor = UNIFORM if bounded else Factor("f", "normal", (0.0, 1.0))
    row = what_was_learned([factor], quantiles, weight).iloc[0]
    assert row.learned
    assert row.at_bound == pressed


@pytest.mark.parametrize(
    ("family", "arguments", "middle"), [("normal", (0.5, 0.1), 0.33), ("triangular", (0.0, 0.5, 1.0), 0.15)]
)
def test_in_the_tail_of_its_prior_a_posterior_is_not_pressed_against_a_bound_far_away(family, arguments, middle):
    factor = Factor("f", family, arguments, low=0.0, high=1.0)
    grid = np.linspace(0.0005, 0.9995, 4_000)
    values = np.array(inverse_cdf(factor, grid))
    weight = np.exp(-0.5 * np.square((values - middle) / 0.045)) * np.gradient(values)
    row = what_was_learned([factor], grid[:, None], weight / weight.sum()).iloc[0]
    assert row.learned
    assert row.posterior_mean == pytest.approx(middle, abs=0.02)
    assert row.at_bound == ""


def test_of_priors_chance_shows_something_in_one_of_twenty_calibrations():
    """Any of 13 parameters: with two standard errors for each, it would be in seven of ten calibrations."""
    factors = [Factor(f"f{at}", "uniform", (0.0, 1.0)) for at in range(13)]
    fooled = [
        what_was_learned(factors, np.random.default_rng(seed).random((100, 13)), np.full(100, 0.01)).learned.any()
        for seed in range(80)
    ]
    assert np.mean(fooled) <= 0.12  # three standard errors
    assert chance_errors(26) == pytest.approx(3.10, abs=0.01)  # 0.05 / 26, two-sided, of a normal
    assert chance_errors(1) == pytest.approx(1.96, abs=0.001)


def test_what_makes_up_for_the_other_is_named():
    one = np.random.default_rng(3).random(300)
    other = 1.0 - one + 0.05 * np.random.default_rng(4).standard_normal(300)
    alone = np.random.default_rng(5).random(300)
    factors = [Factor(name, "uniform", (0.0, 1.0)) for name in ("one", "other", "alone")]
    pairs = trade_offs(factors, np.column_stack([one, other, alone]), np.full(300, 1 / 300))
    assert pairs[["one", "other"]].to_numpy().tolist() == [["one", "other"]]
    assert pairs.correlation[0] < -0.9


def test_weights_count():
    values, weight = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.1, 0.8])
    assert [weighted_quantile(values, weight, share) for share in (0.05, 0.15, 0.5)] == [1.0, 2.0, 3.0]
    assert effective_size(weight) == pytest.approx(1 / 0.66)
    assert inverse_cdf(UNIFORM, np.array([0.5])) == [2.0]
