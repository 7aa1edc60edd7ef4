"""All statistics of replications against closed forms, against scipy, and against their own promises."""

import math

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import (
    bonferroni,
    crossed_interval,
    half_width,
    interval_of_numbers,
    least_difference,
    mean_squares,
    middle_range,
    one_sided,
    probability_best,
    shares_better_and_worse,
    spread_between,
    standard_errors,
    t_interval,
    variance_reduction,
)
from experiments.sweeps.experiment import Fixed, UntilHalfWidth, UntilRanking
from experiments.sweeps.stopping import checkpoints, looks, settled


def test_the_interval_is_students():
    values = np.random.default_rng(1).normal(0.3, 2.0, 12)
    interval = stats.ttest_1samp(values, 0.0).confidence_interval(0.9)
    assert t_interval(values, 0.9) == pytest.approx((values.mean(), interval.low, interval.high), rel=1e-12)


def test_the_interval_by_hand():
    """Of 1, 2, 3 the standard error is 1/√3, and t at 97.5 % with 2 degrees of freedom is 4.303."""
    expected = (2.0, 2.0 - 4.30265 / 3**0.5, 2.0 + 4.30265 / 3**0.5)
    assert t_interval(np.array([1.0, 2.0, 3.0])) == pytest.approx(expected, rel=1e-5)
    assert interval_of_numbers([1.0, math.nan, 2.0, math.inf, 3.0]) == t_interval(np.array([1.0, 2.0, 3.0]))
    assert np.isnan(interval_of_numbers([math.nan])).all()


def test_half_a_width_takes_arrays_and_an_end_is_a_one_sided_bound():
    spreads, counts = np.array([0.5, 2.0]), np.array([3, 40])
    expected = stats.t.ppf(0.9, counts - 1) * spreads / np.sqrt(counts)
    assert half_width(spreads, counts, one_sided(0.9)) == pytest.approx(expected, rel=1e-12)
    assert standard_errors(0.95) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)


def test_without_two_values_there_is_no_interval():
    assert np.isnan(t_interval(np.zeros(0))).all()
    mean, low, high = t_interval(np.array([0.5]))
    assert (mean, math.isnan(low), math.isnan(high)) == (0.5, True, True)


def test_a_known_effect_lies_in_its_interval_as_often_as_it_says():
    draw, effect, inside = np.random.default_rng(2), 0.02, 0
    for _ in range(2_000):
        luck = draw.normal(0.4, 0.1, 10)
        base, other = luck + draw.normal(0.0, 0.03, 10), luck + effect + draw.normal(0.0, 0.03, 10)
        _, low, high = t_interval(other - base)
        inside += low <= effect <= high
    assert 0.935 < inside / 2_000 < 0.965  # three standard errors about 0.95


def test_an_interval_after_an_early_stop_holds_as_often_as_it_says():
    """Without an effect, a sweep that stops where luck favours one of two misses 0 too often, or else allows for it."""
    rule, draw = UntilRanking("hope:last", "highest", 0.95, 10, 40), np.random.default_rng(7)
    assert looks(rule) == len(list(checkpoints(rule))) == 5
    missed = {bonferroni(0.95, looks(rule)): 0, 0.95: 0}
    for _ in range(2_000):
        differences = draw.normal(0.0, 1.0, 40)
        for count in checkpoints(rule):
            so_far = differences[:count]
            if settled(np.column_stack([np.zeros(count), so_far]), 0.9):  # a rule that is easily content
                break
        for level in missed:
            _, low, high = t_interval(so_far, level)
            missed[level] += not low <= 0.0 <= high
    held, plain = (missed[level] / 2_000 for level in (0.99, 0.95))
    assert held < 0.05 < plain - 0.02


def test_looks_are_those_of_a_ranking_alone():
    assert looks(Fixed(50)) == 1
    assert looks(UntilHalfWidth("hope:last", 0.1, 0.95, 10, 50)) == 1
    assert looks(UntilRanking("hope:last", "lowest", 0.95, 10, 10)) == 1
    assert bonferroni(0.95, 1) == 0.95
    assert bonferroni(0.9, 4) == pytest.approx(0.975)


def test_the_middle_range_is_that_of_single_values_and_does_not_narrow():
    draw = np.random.default_rng(8)
    for size in (1_000, 100_000):
        low, high = middle_range(draw.normal(0.2, 1.0, size))
        assert (low, high) == pytest.approx((0.2 - 1.645, 0.2 + 1.645), abs=0.15)
    assert np.isnan(middle_range(np.array([0.5]))).all()


def test_gains_and_losses_are_told_apart_and_nothing_is_neither():
    differences = np.array([-0.1, 0.0, 0.2, 0.3])
    assert shares_better_and_worse(differences, highest=True) == (0.5, 0.25)
    assert shares_better_and_worse(differences, highest=False) == (0.25, 0.5)
    assert np.isnan(shares_better_and_worse(np.zeros(0), highest=True)).all()


def test_pairing_gains_what_the_correlation_says():
    draw = np.random.default_rng(3)
    luck = draw.normal(0.0, 1.0, 100_000)
    base, other = luck + draw.normal(0.0, 0.5, luck.size), luck + draw.normal(0.0, 0.5, luck.size)
    assert variance_reduction(base, other) == pytest.approx(2 * 1.25 / 0.5, rel=0.02)
    assert variance_reduction(base, draw.permutation(other)) == pytest.approx(1.0, rel=0.02)
    assert math.isnan(variance_reduction(base, base))


@pytest.mark.parametrize("highest", [True, False])
def test_of_two_arms_the_probability_is_that_of_the_t_test(highest):
    draw = np.random.default_rng(4)
    values = draw.normal(0.0, 1.0, (9, 1)) + draw.normal([0.0, 0.3], 0.6, (9, 2))
    difference = values[:, 1] - values[:, 0]
    t = difference.mean() / (difference.std(ddof=1) / 3.0)
    expected = stats.t.cdf(t if highest else -t, 8)
    found = probability_best(values, highest=highest)
    assert found.sum() == pytest.approx(1.0)
    assert found[1] == pytest.approx(expected, abs=1e-12)
    certain = np.arange(9.0)[:, None] + np.array([0.0, 1.0])
    assert probability_best(certain, highest=highest).tolist() == [float(not highest), float(highest)]


def test_arms_that_are_the_same_share_and_a_worse_one_gets_nothing():
    luck = np.random.default_rng(5).normal(0.0, 1.0, (12, 1))
    found = probability_best(luck + np.array([0.0, 0.0, -0.1]), highest=True)
    assert found == pytest.approx([0.5, 0.5, 0.0])
    assert probability_best(luck, highest=True) == pytest.approx([1.0])


def test_three_arms_alike_in_law_are_best_a_third_of_the_time_each():
    draw, found = np.random.default_rng(6), []
    for _ in range(300):
        found.append(probability_best(draw.normal(0.0, 1.0, (8, 1)) + draw.normal(0.0, 1.0, (8, 3)), highest=True))
    assert np.mean(found, axis=0) == pytest.approx([1 / 3] * 3, abs=0.06)


def test_with_fewer_replications_than_arms_it_is_not_known():
    assert np.isnan(probability_best(np.random.default_rng(9).normal(size=(2, 3)), highest=True)).all()


def test_of_three_arms_two_are_told_apart_as_if_they_were_alone():
    """With a third arm out of the race, one margin of the multivariate t counts: Student's t, R - 1 degrees."""
    other = np.array([-0.5, 1.0, 2.0, 1.5])
    luck = np.array([0.3, -0.2, 0.1, 0.4])
    far = -1e6 + np.array([1.0, 2.0, -1.0, 0.0])
    found = probability_best(np.column_stack([luck, luck + other, luck + far]), highest=True)
    scale = math.sqrt(other.var(ddof=1) / 4.0)
    assert found[1] == pytest.approx(stats.t.cdf(other.mean() / scale, 3), abs=0.012)
    assert found[2] == 0.0


@pytest.mark.parametrize("replications", [4, 10])
def test_of_four_arms_what_is_called_probable_is_so_often_right(replications):
    """Calibration: means drawn as far apart as they are uncertain, and every claim compared with what is true."""
    draw, told, right = np.random.default_rng(21), [], []
    for _ in range(1500):
        means = draw.normal(0.0, 3.0, 4)
        luck = draw.normal(0.0, 1.0, (replications, 1)) + draw.normal(0.0, 1.0, (replications, 4))
        told.append(probability_best(means + luck, highest=True))
        right.append(means == means.max())
    told, right = np.concatenate(told), np.concatenate(right)
    for low, high in ((0.0, 0.1), (0.1, 0.35), (0.35, 0.65), (0.65, 0.9), (0.9, 1.01)):
        own = (low <= told) & (told < high)
        assert own.sum() > 100
        assert right[own].mean() == pytest.approx(told[own].mean(), abs=4.0 * math.sqrt(0.25 / own.sum()) + 0.02)


def test_an_arm_that_is_worse_in_all_of_as_many_replications_as_arms_has_little_chance():
    luck = np.array([[0.1, 0.0, -0.2], [0.0, 0.2, 0.1], [-0.1, 0.1, 0.2], [0.2, -0.2, 0.0]])
    values = np.column_stack([luck[:, 0], 3.0 + luck[:, 1], 2.0 + luck[:, 2], 1.0 + luck.sum(axis=1)])
    found = probability_best(values, highest=True)
    assert found[0] < 0.005
    assert found.argmax() == 1


def test_arms_alike_share_though_neither_is_the_base():
    draw = np.random.default_rng(10)
    twin = draw.normal(0.3, 0.5, 12)
    values = np.column_stack([draw.normal(0.0, 0.5, 12), twin, draw.normal(0.1, 0.5, 12), twin])
    found = probability_best(values, highest=True)
    assert found[1] == found[3] > 0.2
    alone = probability_best(values[:, :3], highest=True)
    assert found[[0, 2]] == pytest.approx(alone[[0, 2]])
    assert found[1] + found[3] == pytest.approx(alone[1])


# ---------------------------------------------------------------- rows of a sample, which share their seeds


def crossed(draw, rows, replications, effect=0.0, shared=1.0):
    """Values in which rows, replications and the rest spread alike."""
    return (
        effect
        + draw.normal(0.0, 1.0, (rows, 1))
        + shared * draw.normal(0.0, 1.0, (1, replications))
        + draw.normal(0.0, 1.0, (rows, replications))
    )


@pytest.mark.parametrize(("replications", "least"), [(3, 0.89), (10, 0.925)])
@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_luck_that_rows_share_is_in_the_interval(replications, least, shared):
    draw, inside = np.random.default_rng(11), 0
    for _ in range(600):
        _, low, high = crossed_interval(crossed(draw, 40, replications, 0.3, shared))
        inside += low <= 0.3 <= high
    assert least < inside / 600 < 0.985


def test_one_replication_of_rows_gives_no_interval_and_gaps_are_left_out_of_the_spread_alone():
    draw = np.random.default_rng(12)
    values = crossed(draw, 6, 4)
    mean, low, high = crossed_interval(values[:, :1])
    assert (mean, math.isnan(low), math.isnan(high)) == (pytest.approx(values[:, 0].mean()), True, True)
    arms = np.stack([values, values + crossed(draw, 6, 4)], axis=-1)
    assert np.isnan(probability_best(arms[:, :1], highest=True)).all()
    holed = values.copy()
    holed[2, 1] = np.nan
    mean, low, high = crossed_interval(holed)
    assert mean == pytest.approx(np.nanmean(holed, axis=1).mean())
    _, of_whole_low, of_whole_high = crossed_interval(np.delete(values, 2, axis=0))
    assert high - low == pytest.approx(of_whole_high - of_whole_low)
    assert np.isnan(crossed_interval(np.zeros((0, 0)))).all()


def test_in_rows_an_arm_out_of_the_race_makes_no_other_sure():
    """Its large effects hid that the difference of the others had less than no spread, which passed for certainty."""
    draw, surer = np.random.default_rng(15), 0
    for _ in range(200):
        base, other = draw.normal(0.0, 1.0, (4, 4)), draw.normal(0.0, 1.0, (4, 4))
        far = -50.0 + 5.0 * draw.normal(size=(4, 1)) + 5.0 * draw.normal(size=(1, 4)) + draw.normal(size=(4, 4))
        alone = probability_best(np.stack([base, other], axis=-1), highest=True)
        among = probability_best(np.stack([base, other, far], axis=-1), highest=True)
        assert among[2] < 0.01
        surer += among[:2].max() > max(0.97, alone.max() + 0.1)
    assert surer <= 2


def test_of_two_arms_in_rows_the_probability_goes_with_the_interval():
    draw = np.random.default_rng(13)
    base, difference = crossed(draw, 12, 5), 0.3 * crossed(draw, 12, 5, 1.0)
    for holes in ((), ((2, 1), (2, 3), (7, 0))):
        for hole in holes:
            difference[hole] = np.nan
        found = probability_best(np.stack([base, base + difference], axis=-1), highest=True)
        mean, low, _ = crossed_interval(difference, 2.0 * found[1] - 1.0)
        assert 0.8 < found[1] < 0.999
        assert low == pytest.approx(0.0, abs=1e-9 * mean)
    assert variance_reduction(base, base + difference) > 1.0


def test_degrees_of_freedom_are_never_fewer_than_those_of_the_smaller_side():
    """Satterthwaite's estimate falls below both where rows and replications spread alike and the rest nearly as much.

    By hand: two rows, three replications, mean squares 6, 6 and 5.9 with 1, 2 and 2 degrees of freedom. The estimate is
    (6 + 6 - 5.9)² / (6²/1 + 6²/2 + 5.9²/2) = 0.52; the interval takes one degree, that of rows.
    """
    row, replication = np.array([-1.0, 1.0]), np.array([-1.0, 1.0, 0.0])
    rest = np.outer(np.array([1.0, -1.0]), np.array([1.0, 1.0, -2.0]))
    values = 0.4 + row[:, None] + math.sqrt(3.0) * replication + math.sqrt(5.9 / 6.0) * rest
    squares, degrees = mean_squares(values[:, :, None])
    assert [square.item() for square in squares] == pytest.approx([6.0, 6.0, 5.9], rel=1e-12)
    assert degrees == (1, 2, 2)
    mean, low, high = crossed_interval(values)
    half = stats.t.ppf(0.975, 1) * math.sqrt((6.0 + 6.0 - 5.9) / 6.0)
    assert (mean, low, high) == pytest.approx((0.4, 0.4 - half, 0.4 + half), rel=1e-12)


def test_degrees_of_freedom_are_satterthwaites_where_these_are_more():
    values = crossed(np.random.default_rng(21), 9, 6, 0.1, 2.0)
    squares, degrees = mean_squares(values[:, :, None])
    rows, replications, rest = (square.item() for square in squares)
    assert rows == pytest.approx(6 * values.mean(axis=1).var(ddof=1), rel=1e-12)
    assert replications == pytest.approx(9 * values.mean(axis=0).var(ddof=1), rel=1e-12)
    assert min(rows, replications) > rest
    parts = sum(size**2 / own for size, own in zip((rows, replications, rest), degrees, strict=True))
    freedom = (rows + replications - rest) ** 2 / parts
    assert freedom > min(degrees)
    mean, low, high = crossed_interval(values, 0.9)
    half = stats.t.ppf(0.95, freedom) * math.sqrt((rows + replications - rest) / values.size)
    assert (mean, low, high) == pytest.approx((values.mean(), mean - half, mean + half), rel=1e-12)


def test_the_least_difference_is_the_larger_of_two_conventions():
    values = np.array([[[0.1, 0.3]], [[0.3, 0.3]], [[0.5, np.nan]]])  # (neighbourhoods, rows, replications)
    assert spread_between(values) == pytest.approx(math.sqrt((0.04 + 0.0) / 2.0))
    assert least_difference(values) == pytest.approx(0.2 * math.sqrt(0.02))
    assert least_difference(values, least=0.1) == 0.1
    assert least_difference(values, 0.0, 0.0) == 0.0
    assert spread_between(np.full((3, 1, 2), np.nan)) == 0.0
