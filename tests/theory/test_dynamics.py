"""The rules against the limits that theory gives for them: alone on a network, and inside a whole city.

Where a whole city is used, every effect but the one looked at is at its null value.
"""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
import scipy.sparse.linalg
import scipy.stats
from scipy.sparse.csgraph import connected_components

from sim.network import Ties
from sim.phases.learning import learn, mentors
from sim.phases.participation import asked_by_residents, decide
from sim.phases.trust import KINDS, experience_voice, update_trust
from sim.randomness import Streams
from sim.rules.expectation import adapt, raise_by_pledge
from sim.rules.influence import averaging, hearsay
from sim.rules.learning import habit_step, skill_decay, skill_gain
from sim.rules.participation import BurnoutParameters, burnout_probability, joins_by_threshold
from sim.rules.trust import anchor, experience

FIRST_RULE = {"behaviour.trust.rule": "anchored_averaging", "behaviour.influence.rule": "bounded_confidence"}
"""The first version's rule of trust: steps of the level, talk about levels, and a weekly pull back."""

MUNICIPALITY, COUNCIL, PEOPLE = range(len(KINDS))


def ring_with_chords(people, chords, seed):
    """A connected network of unequal degrees: a ring, and chords that favour the first rows."""
    rng = np.random.default_rng(seed)
    ring = np.arange(people)
    first = np.concatenate([ring, (people * rng.random(chords) ** 2).astype(int)])
    second = np.concatenate([(ring + 1) % people, rng.integers(0, people, chords)])
    return Ties.from_edges(people, first, second, np.ones(first.size, dtype=int))


def complete(people):
    """Everybody tied to everybody else."""
    first, second = np.triu_indices(people, 1)
    return Ties.from_edges(people, first, second, np.ones(first.size, dtype=int))


def averaging_matrix(ties):
    """D^-1 A, the mean over ties."""
    return scipy.sparse.diags_array(1.0 / ties.degree) @ ties.matrix()


def by_degree(ties, values):
    """Mean weighted by degree: what talk between random ties preserves."""
    return float(ties.degree @ values / ties.degree.sum())


# --- DeGroot: consensus at the degree-weighted mean -------------------------------------------------------------------


def test_averaging_ends_in_consensus_at_the_degree_weighted_mean():
    # T ← T + w (D^-1 A T - T). The degrees are the left eigenvector of D^-1 A to its eigenvalue 1: on a connected graph
    # T tends to Σ d_i T_i / Σ d_i.
    ties, start = ring_with_chords(300, 900, 1), np.random.default_rng(2).random(300)
    trust = start
    for _ in range(600):
        trust = trust + averaging(trust, ties.mean_over_ties(trust), np.zeros(300), 0.5)
    assert np.ptp(trust) < 1e-9
    assert trust.mean() == pytest.approx(by_degree(ties, start), abs=1e-9)
    assert abs(start.mean() - by_degree(ties, start)) > 1e-3  # and not at the plain mean


def test_talk_with_random_ties_ends_in_consensus_at_the_degree_weighted_mean_on_average():
    # E[T_j | i] is the mean over i's ties, so the degree-weighted mean is a martingale: its expectation never moves.
    ties = ring_with_chords(60, 150, 3)
    start = 0.1 + 0.8 * (ties.degree > np.median(ties.degree))
    ends = []
    for seed in range(300):
        streams, trust, everybody = Streams(seed), start, np.arange(60)
        for week in range(120):
            heard = trust[ties.random_tie(everybody, streams.uniform("talk", week, 60))]
            trust = trust + hearsay(trust, heard, np.zeros(60), 0.5, 1.0)
        assert np.ptp(trust) < 1e-3
        ends.append(trust.mean())
    error = np.std(ends, ddof=1) / math.sqrt(len(ends))
    assert np.mean(ends) == pytest.approx(by_degree(ties, start), abs=4.0 * error)
    assert abs(start.mean() - by_degree(ties, start)) > 8.0 * error


def test_a_city_that_averages_follows_the_powers_of_its_matrix(build_city, null_values):
    # 60 weeks of T ← T + w (D^-1 A T - T): W^60 T0, and the degree-weighted mean stays where it was.
    city = build_city(
        null_values
        | FIRST_RULE
        | {
            "behaviour.influence.rule": "averaging",
            "behaviour.influence.contact_rate_per_week": 1.0,
            "behaviour.influence.convergence": 0.5,
        }
    )
    city.stubbornness[PEOPLE][:] = 0.0
    start = city.residents.trust_in_people.copy()
    city.run(60)
    expected, mean = start, averaging_matrix(city.ties)
    for _ in range(60):
        expected = 0.5 * expected + 0.5 * (mean @ expected)
    assert city.residents.trust_in_people == pytest.approx(expected, abs=1e-12)
    assert by_degree(city.ties, city.residents.trust_in_people) == pytest.approx(by_degree(city.ties, start), abs=1e-12)


def test_a_city_that_talks_without_bound_or_anchor_finds_consensus(build_city, null_values):
    values = null_values | {
        **FIRST_RULE,
        "city.population.total": 800,
        "behaviour.influence.contact_rate_per_week": 1.0,
        "behaviour.influence.convergence": 0.5,
        "behaviour.influence.confidence_bound": 1.0,
    }
    moves, plain = [], []
    for seed in range(8):
        city = build_city(values, rng=seed)
        assert connected_components(city.ties.matrix())[0] == 1
        city.stubbornness[MUNICIPALITY][:] = 0.0
        start = np.where(city.ties.degree > np.median(city.ties.degree), 0.9, 0.1)
        city.residents.trust_in_municipality = start
        city.run(120)
        assert city.residents.trust_in_municipality.std() < 0.02 * start.std()
        moves.append(by_degree(city.ties, city.residents.trust_in_municipality) - by_degree(city.ties, start))
        plain.append(by_degree(city.ties, start) - start.mean())
    error = np.std(moves, ddof=1) / math.sqrt(len(moves))
    assert abs(np.mean(moves)) < 4.0 * error
    assert np.mean(plain) > 8.0 * error  # the plain mean of the start lies far away


# --- Friedkin and Johnsen: disagreement that lasts --------------------------------------------------------------------


def friedkin_johnsen(ties, innate, stubborn, weight, rate):
    """Where averaging by `weight`, then the pull of the anchor, come to rest.

    A week is u = T + w (1 - k)(M T - T), then T' = u + α k (T0 - u). At rest T' = T:
    [I - (1 - α K)(I + w (1 - K)(M - I))] T = α K T0.
    """
    one = scipy.sparse.eye_array(innate.size)
    talk = one + scipy.sparse.diags_array(weight * (1.0 - stubborn)) @ (averaging_matrix(ties) - one)
    stays = scipy.sparse.diags_array(1.0 - rate * stubborn)
    return scipy.sparse.linalg.spsolve((one - stays @ talk).tocsc(), rate * stubborn * innate)


def test_averaging_with_an_anchor_rests_where_friedkin_and_johnsen_say():
    ties, rng = ring_with_chords(300, 900, 4), np.random.default_rng(5)
    innate, stubborn, trust = rng.random(300), rng.uniform(0.2, 0.9, 300), rng.random(300)
    for _ in range(800):
        trust = trust + averaging(trust, ties.mean_over_ties(trust), stubborn, 0.3)
        trust = anchor(trust, innate, stubborn, 0.15)
    assert trust == pytest.approx(friedkin_johnsen(ties, innate, stubborn, 0.3, 0.15), abs=1e-9)
    assert trust.std() > 0.3 * innate.std()  # people still disagree


def test_a_city_rests_where_friedkin_and_johnsen_say_wherever_it_starts(build_city, null_values):
    city = build_city(
        null_values
        | FIRST_RULE
        | {
            "city.population.total": 800,
            "behaviour.influence.rule": "averaging",
            "behaviour.influence.contact_rate_per_week": 0.5,
            "behaviour.influence.convergence": 0.4,
            "behaviour.anchored_trust.stubbornness_mean": 0.5,
            "behaviour.anchored_trust.anchor_rate_per_week": 0.3,
        }
    )
    residents = city.residents
    residents.trust_in_municipality, residents.trust_in_council, residents.trust_in_people = 1.0, 0.0, 0.5
    city.run(180)  # each week the distance shrinks by 1 - 0.3 · 0.5 at least: 0.85^180 = 2e-13
    for kind, innate, stubborn in zip(KINDS, city.innate_trust, city.stubbornness, strict=True):
        rest = friedkin_johnsen(city.ties, innate, stubborn, 0.2, 0.3)
        assert residents[f"trust_in_{kind}"] == pytest.approx(rest, abs=1e-9)


# --- Deffuant: bounded confidence -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("distance", "merge"), [(0.35, False), (0.28, True)])
def test_clusters_further_apart_than_the_bound_never_merge_and_nearer_ones_do(distance, merge):
    # With ε = 0.3 and the clusters further apart, each hears its own alone, so that the gap between them never closes.
    ties, everybody, streams = complete(80), np.arange(80), Streams(6)
    low = everybody < 40
    inside = 0.03 * streams.uniform("place", 0, 80)
    trust = np.where(low, 0.3 - inside, 0.3 + distance + inside)
    gap = trust[~low].min() - trust[low].max()
    for week in range(400):
        heard = trust[ties.random_tie(everybody, streams.uniform("talk", week, 80))]
        trust = trust + hearsay(trust, heard, np.zeros(80), 0.3, 0.3)
        if not merge:
            assert trust[~low].min() - trust[low].max() >= gap - 1e-12
    assert np.ptp(trust[low]) < 1e-6
    assert bool(np.ptp(trust) < 1e-6) is merge


@pytest.mark.parametrize("rule", ["bounded_confidence", "averaging"])
def test_two_camps_of_a_city_stay_apart_only_where_confidence_is_bounded(build_city, null_values, rule):
    city = build_city(
        null_values
        | FIRST_RULE
        | {
            "behaviour.influence.rule": rule,
            "behaviour.influence.contact_rate_per_week": 1.0,
            "behaviour.influence.convergence": 0.5,
            "behaviour.influence.confidence_bound": 0.3,
        }
    )
    city.stubbornness[MUNICIPALITY][:] = 0.0
    low = np.random.default_rng(7).random(len(city.residents)) < 0.5
    inside = 0.1 * city.streams.uniform("place", 0, low.size)
    city.residents.trust_in_municipality = np.where(low, 0.34 - inside, 0.66 + inside)
    before = city.residents.trust_in_municipality.copy()
    city.run(60)
    after = city.residents.trust_in_municipality
    apart = after[~low].min() - after[low].max()
    if rule == "averaging":
        assert apart < 0.0
    else:
        assert apart >= before[~low].min() - before[low].max() > 0.3
        assert after[low].max() <= before[low].max()
        assert after[low].min() >= before[low].min()


# --- Granovetter: thresholds ------------------------------------------------------------------------------------------


def joined(thresholds, ties, start=None):
    """Who has joined in the end: everybody looks at the share of active ties, round after round."""
    active = np.zeros(thresholds.size) if start is None else start
    for _ in range(2 * thresholds.size):
        after = joins_by_threshold(ties.mean_over_ties(active), thresholds).astype(np.float64)
        if (after == active).all():
            return active
        active = after
    raise AssertionError("no rest")


def smallest_fixed_point(share_below, start=0.0):
    """The smallest x ≥ start at which F(x) = x, where F(start) > start."""
    grid = np.linspace(start, 1.0, 20_001)
    first = np.flatnonzero(share_below(grid) <= grid)[0]
    return float(scipy.optimize.brentq(lambda x: share_below(x) - x, grid[first - 1], grid[first]))


def test_granovetters_hundred_people_and_the_one_who_changes_everything():
    # Thresholds 0, 1, …, 99 per cent: each who joins lets one more join, and all do. Where nobody has the threshold 1
    # but two have 2, the one of threshold 0 stays alone (Granovetter 1978).
    thresholds, ties = np.arange(100) / 100.0, complete(100)
    assert joined(thresholds, ties).sum() == 100
    thresholds[1] = 0.02
    assert joined(thresholds, ties).sum() == 1


@pytest.mark.parametrize(("spread", "many"), [(0.10, False), (0.115, False), (0.13, True), (0.25, True)])
def test_thresholds_come_to_rest_at_the_smallest_fixed_point(spread, many):
    # Mean 0.25: F is the normal distribution function. Between 0.12 and 0.13 the lower fixed point vanishes, and
    # instead of one in twenty nearly everybody joins (Granovetter 1978, figure 2).
    people = 1_500
    thresholds = 0.25 + spread * scipy.stats.norm.ppf((np.arange(people) + 0.5) / people)
    thresholds = np.random.default_rng(8).permutation(thresholds)
    expected = smallest_fixed_point(lambda x: scipy.stats.norm.cdf((x - 0.25) / spread))
    assert (expected > 0.5) is many
    assert joined(thresholds, complete(people)).mean() == pytest.approx(expected, abs=4.0 / people)


def test_a_push_beyond_the_middle_fixed_point_leads_to_the_upper_one():
    def share_below(x):
        return scipy.stats.norm.cdf((x - 0.25) / 0.1)

    people, ties = 1_000, complete(1_000)
    thresholds = 0.25 + 0.1 * scipy.stats.norm.ppf((np.arange(people) + 0.5) / people)
    middle = float(scipy.optimize.brentq(lambda x: share_below(x) - x, 0.1, 0.3))
    for start, end in (
        (middle - 0.02, smallest_fixed_point(share_below)),
        (middle + 0.02, smallest_fixed_point(share_below, middle + 0.02)),
    ):
        pushed = np.zeros(people)
        pushed[: round(start * people)] = 1.0
        assert joined(thresholds, ties, np.random.default_rng(9).permutation(pushed)).mean() == pytest.approx(
            end, abs=4.0 / people
        )


def test_the_decisions_of_a_city_come_to_rest_at_the_smallest_fixed_point(build_city, null_values):
    # Everybody hears of a hearing every week, and whoever came in the last four weeks counts as active.
    city = build_city(null_values | {"behaviour.participation.rule": "threshold", "city.population.total": 1_200})
    residents, people = city.residents, len(city.residents)
    city.ties, everybody = complete(people), np.arange(people)
    quantiles = scipy.stats.norm.ppf((np.random.default_rng(10).permutation(people) + 0.5) / people)
    for spread in (0.11, 0.2):
        residents.threshold = 0.25 + spread * quantiles
        residents.last_act_week = -1_000
        everywhere = np.ones(city.neighbourhoods, dtype=bool)
        never = ~everywhere
        occasions = {"hearing": everywhere, "programme": never, "volunteering": never, "ballot": never}
        for week in range(1, 120):
            city.time = float(week)
            decide(city, everybody, occasions)
            residents.last_act_week[city.now.came["hearing"]] = week
        expected = smallest_fixed_point(lambda x, s=spread: scipy.stats.norm.cdf((x - 0.25) / s))
        assert city.now.came["hearing"].size / people == pytest.approx(expected, abs=6.0 / people)


# --- Logistic spread by asking ----------------------------------------------------------------------------------------


def test_asking_spreads_logistically(build_city, null_values):
    # Everybody tied to everybody, whoever is asked comes and stays: each of aN active residents asks somebody with
    # probability q, so that a' = a + (1 - a)(1 - (1 - q/(N-1))^(aN)) ≈ a + q a (1 - a). The time from a0 to one half is
    # ln((1 - a0) / a0) / q in continuous time.
    rate, start = 0.06, 0.08
    asking = {"behaviour.participation.asking_rate_per_week": rate}
    city = build_city(null_values | asking | {"city.population.total": 800})
    residents, people = city.residents, len(city.residents)
    city.ties = complete(people)
    halves, paths = [], []
    for seed in range(30):
        city.luck = Streams(seed)
        active = np.zeros(people, dtype=bool)
        active[: round(start * people)] = True
        path = [active.mean()]
        for week in range(1, 121):
            city.time = float(week)
            residents.last_act_week = np.where(active, week, -1_000)
            active[asked_by_residents(city)] = True
            path.append(active.mean())
        paths.append(path)
        after = int(np.argmax(np.array(path) >= 0.5))
        halves.append(after - (path[after] - 0.5) / (path[after] - path[after - 1]))
    begin = round(start * people) / people
    theory = math.log((1.0 - begin) / begin) / rate
    assert np.mean(halves) == pytest.approx(theory, rel=0.05)
    mean_field = [begin]
    for _ in range(120):
        share = mean_field[-1]
        mean_field.append(share + (1.0 - share) * (1.0 - (1.0 - rate / (people - 1)) ** (share * people)))
    # The mean of 30 runs stays within a few standard errors of the recursion all along.
    error = np.std(paths, axis=0, ddof=1) / math.sqrt(len(paths))
    assert (np.abs(np.mean(paths, axis=0) - mean_field) <= 4.0 * error + 0.01).all()
    assert mean_field[-1] > 0.95


# --- Habit, skill, fatigue --------------------------------------------------------------------------------------------


def test_habit_tends_to_the_probability_of_acting():
    # h ← h + a (act - h), act = 1 with probability p: mean p, variance a p (1 - p) / (2 - a).
    people, rate, chance, streams = 40_000, 0.1, 0.3, Streams(11)
    habit = np.zeros(people)
    for week in range(120):  # 0.9^120 = 3e-6
        acted = (streams.uniform("act", week, people) < chance).astype(np.float64)
        habit = habit_step(habit, acted, rate)
    variance = rate * chance * (1.0 - chance) / (2.0 - rate)
    assert habit.mean() == pytest.approx(chance, abs=4.0 * math.sqrt(variance / people) + 1e-5)
    assert habit.var() == pytest.approx(variance, rel=4.0 * math.sqrt(2.0 / people))


def live(city, chance, weeks):
    """Let each resident act with a probability every week and the city learn from it; returns nothing."""
    for week in range(1, weeks + 1):
        city.time = float(week)
        lot = city.luck.uniform("test acts", week, len(city.residents))
        city.now.acted = np.flatnonzero(lot < chance)
        learn(city)


def test_habit_in_a_city_tends_to_the_probability_of_acting(build_city, null_values):
    city = build_city(null_values | {"behaviour.learning.habit_rate": 0.1, "city.population.total": 20_000})
    live(city, 0.3, 120)
    variance, people = 0.1 * 0.3 * 0.7 / 1.9, len(city.residents)
    assert city.residents.habit.mean() == pytest.approx(0.3, abs=4.0 * math.sqrt(variance / people) + 1e-5)
    assert city.residents.habit.var() == pytest.approx(variance, rel=4.0 * math.sqrt(2.0 / people))


def skill_at_rest(gain, chance, decay, start):
    """Where skill comes to rest when it first decays towards `start`, then grows by `gain` with probability `chance`.

    E[k'] = u + ℓmp (1 - u) with u = k - δ (k - k0): k* = (ℓmp + (1 - ℓmp) δ k0) / (1 - (1 - ℓmp)(1 - δ)),
    which is (ℓmp + δ k0) / (ℓmp + δ) but for the product of ℓmp and δ.
    """
    step = gain * chance
    return (step + (1.0 - step) * decay * start) / (1.0 - (1.0 - step) * (1.0 - decay))


def test_skill_comes_to_rest_between_its_start_and_mastery():
    people, streams, start = 20_000, Streams(12), 0.15
    rate, mentor, chance, decay = 0.1, 0.6, 0.3, 0.02
    skill = np.full(people, start)
    for week in range(500):  # each week the distance shrinks by 1 - 0.018 - 0.02: 0.963^500 = 6e-9
        skill = skill_decay(skill, start, decay)
        acted = streams.uniform("act", week, people) < chance
        skill = np.where(acted, skill_gain(skill, rate, mentor), skill)
    expected = skill_at_rest(rate * mentor, chance, decay, start)
    assert skill.mean() == pytest.approx(expected, abs=4.0 * skill.std() / math.sqrt(people) + 1e-8)
    step = rate * mentor * chance
    assert expected == pytest.approx((step + decay * start) / (step + decay), abs=step * decay / (step + decay))


def test_skill_in_a_city_comes_to_rest_for_youths_and_adults(build_city, null_values):
    city = build_city(
        null_values
        | {
            "city.population.total": 8_000,
            "behaviour.learning.skill_rate": 0.3,
            "behaviour.learning.skill_decay_per_week": 0.02,
            "behaviour.learning.adult_learning_share": 0.3,
        }
    )
    residents = city.residents
    councils = city.institutions.councils
    councils.convened, councils.members, councils.youth_share = True, 12, 0.25
    live(city, 0.25, 350)
    mentor = mentors(city)[residents.neighbourhood]  # nobody's last act is noted, so it stays what it was
    assert 0.5 < mentor.mean() < 1.0
    for group, share in ((residents.cohort == 0, 1.0), (residents.cohort > 0, 0.3)):
        expected = skill_at_rest(0.3 * share * mentor, 0.25, 0.02, residents.initial_skill)
        error = (residents.civic_skill - expected)[group]
        assert abs(error.mean()) < 4.0 * error.std() / math.sqrt(error.size) + 1e-4
        assert expected[group].mean() > residents.initial_skill[group].mean() + 0.1


def test_fatigue_halves_in_its_half_life(build_city, null_values):
    # (1 - r)^n: with r = 0.02 half is left after ln 2 / -ln 0.98 = 34.3 weeks.
    city = build_city(null_values | {"behaviour.burnout.recovery_per_week": 0.02, "city.population.total": 800})
    city.residents.fatigue = 1.0
    levels = []
    for _ in range(35):
        city.step()
        levels.append(city.residents.fatigue.copy())
    assert levels[33] == pytest.approx(np.full(len(city.residents), 0.98**34), abs=1e-12)
    assert levels[33].min() > 0.5 > levels[34].max()


# --- Expectation ------------------------------------------------------------------------------------------------------


def test_expectation_adapts_exponentially(build_city, null_values):
    # E - P shrinks by (1 - ρ) a week.
    gap = np.array([0.2, -0.3])
    after = 0.5 + gap
    for _ in range(30):
        after = adapt(after, np.full(2, 0.5), 0.03)
    assert after - 0.5 == pytest.approx(0.97**30 * gap, abs=1e-12)

    city = build_city(
        null_values
        | {
            "behaviour.expectation.initial_gap": 0.2,
            "behaviour.expectation.adaptation_per_week": 0.03,
        }
    )
    residents = city.residents
    begin = (residents.expectation - residents.performance).copy()
    city.run(30)
    assert begin == pytest.approx(np.full(begin.size, 0.2), abs=1e-12)
    assert residents.expectation - residents.performance == pytest.approx(0.97**30 * begin, abs=1e-12)


def test_pledges_raise_expectation_by_a_share_of_the_rest():
    # 1 - E shrinks by (1 - κ) with every pledge heard; without forgetting everybody would end up expecting everything.
    level = np.array([0.4])
    for _ in range(10):
        level = raise_by_pledge(level, 0.04)
    assert 1.0 - level == pytest.approx([0.96**10 * 0.6], abs=1e-12)


# --- Trust ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1.0, 2.0, 3.0])
def test_trust_under_random_signals_settles_at_their_expectile(ratio):
    # It rests where gains and losses balance: E[(s - T)+] = λ E[(T - s)+]. For signals even on [0, 1] that is
    # (1 - T)² = λ T²: T* = 1 / (1 + √λ), the 1 / (1 + λ) expectile. Steps of g leave it there but for terms of order g.
    people, streams, rate = 4_000, Streams(13), 0.01
    trust = np.full(people, 0.5)
    for week in range(700):
        trust = experience(trust, streams.uniform("signal", week, people), rate, ratio)
    error = trust.std() / math.sqrt(people)
    assert trust.mean() == pytest.approx(1.0 / (1.0 + math.sqrt(ratio)), abs=4.0 * error + 0.002)


@pytest.mark.parametrize(("chance", "ratio"), [(0.5, 2.0), (0.5, 1.0), (0.25, 3.0)])
@pytest.mark.parametrize("at_council", [True, False])
def test_voice_heard_at_random_settles_trust_at_a_weighted_mean(build_city, null_values, chance, ratio, at_council):
    # Every speaker gets the signal 1 with probability p, else the rung z, and trust lies between: each step is linear,
    # so the mean is exact: p (1 - T) = λ (1 - p)(T - z), T* = (p + λ (1 - p) z) / (p + λ (1 - p)).
    # A council that decides on a quarter of the budget stands higher than a visit of the mayor, which is consultation.
    city = build_city(
        null_values
        | FIRST_RULE
        | {
            "behaviour.trust.voice_weight": 1.0,
            "behaviour.trust.loss_to_gain_ratio": ratio,
            "policy.authority.delegated_share": 0.25,
            "behaviour.knowledge.rung_of_consultation": 0.2,
        }
    )
    rung = 0.2 + 0.8 * 0.25 if at_council else 0.2
    residents, people = city.residents, len(city.residents)
    residents.trust_in_council = residents.trust_in_municipality = 0.7
    city.now.speakers, city.now.at_council = np.arange(people), np.full(people, at_council)
    for week in range(200):
        city.now.heard = city.streams.uniform("test heard", week, people) < chance
        experience_voice(city)
    expected = (chance + ratio * (1.0 - chance) * rung) / (chance + ratio * (1.0 - chance))
    trust = residents.trust_in_municipality
    assert trust.mean() == pytest.approx(expected, abs=4.0 * trust.std() / math.sqrt(people) + 1e-6)
    assert residents.trust_in_council == pytest.approx(trust if at_council else np.full(people, 0.7), abs=1e-12)


def test_trust_in_a_city_follows_satisfaction_up_slowly_and_down_fast(build_city, null_values):
    # With services that stay as they are, |T - s| shrinks by (1 - g) a week from below, by (1 - λ g) from above.
    city = build_city(
        null_values
        | FIRST_RULE
        | {
            "behaviour.anchored_trust.service_rate_per_week": 0.02,
            "behaviour.trust.loss_to_gain_ratio": 2.5,
        }
    )
    residents = city.residents
    city.stubbornness[MUNICIPALITY][:] = 0.0
    low = np.arange(len(residents)) % 2 == 0
    signal = residents.performance.copy()  # nothing else is expected
    residents.trust_in_municipality = np.where(low, 0.0, 1.0)
    city.run(30)
    left = np.where(low, signal * 0.98**30, (1.0 - signal) * 0.95**30)
    expected = signal + np.where(low, -left, left)
    assert residents.trust_in_municipality == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rule", ["averaging", "bounded_confidence"])
def test_others_are_heard_as_they_were_last_week(build_city, null_values, rule):
    # Within a week: T' = u + α k (T0 - u), u = x(T) + h(T), with the experience x and the talk h both of last week's T.
    city = build_city(
        null_values
        | FIRST_RULE
        | {
            "behaviour.anchored_trust.service_rate_per_week": 0.05,
            "behaviour.influence.rule": rule,
            "behaviour.influence.contact_rate_per_week": 1.0,
            "behaviour.influence.convergence": 0.5,
            "behaviour.influence.confidence_bound": 1.0,
        }
    )
    residents, ties, everybody = city.residents, city.ties, np.arange(len(city.residents))
    before, stubborn = residents.trust_in_municipality.copy(), city.stubbornness[MUNICIPALITY]
    city.run(1)
    if rule == "averaging":
        heard = ties.mean_over_ties(before)
    else:
        heard = before[ties.random_tie(everybody, city.luck.uniform("talk", 1, everybody.size))]
    lived = experience(before, residents.performance, 0.05, 2.0)
    together = lived + 0.5 * (1.0 - stubborn) * (heard - before)
    expected = together + 0.15 * stubborn * (city.innate_trust[MUNICIPALITY] - together)
    assert residents.trust_in_municipality == pytest.approx(np.clip(expected, 0.0, 1.0), abs=1e-12)


def test_without_the_anchor_averaging_ends_the_spread_of_trust_within_a_year_and_with_it_not(build_city, null_values):
    values = null_values | {"behaviour.influence.contact_rate_per_week": 0.5, "behaviour.influence.convergence": 0.2}
    values |= FIRST_RULE | {"behaviour.influence.rule": "averaging"}
    kept = {}
    for anchored in (True, False):
        city = build_city(values)
        if not anchored:
            city.stubbornness[PEOPLE][:] = 0.0
        before = city.residents.trust_in_people.std()
        for _ in range(52):
            update_trust(city)
        kept[anchored] = city.residents.trust_in_people.std() / before
    assert kept[False] < 0.2 < 0.4 < kept[True]


# --- Burnout ----------------------------------------------------------------------------------------------------------


def test_a_weekly_hazard_adds_up_over_a_year():
    # A share 1 - (1 - h)^52 has left after a year: for h = 0.004 · exp(0.5), 29 %.
    parameters = BurnoutParameters(base_hazard_per_week=0.004, load_weight=1.0)
    hazard = float(burnout_probability(parameters, 0.5, 0.0, 0.0))
    people, streams = 50_000, Streams(14)
    there = np.ones(people, dtype=bool)
    for week in range(52):
        there &= streams.uniform("burnout", week, people) >= hazard
    expected = 1.0 - (1.0 - 0.004 * math.exp(0.5)) ** 52
    assert expected == pytest.approx(0.2910, abs=5e-4)
    assert 1.0 - there.mean() == pytest.approx(expected, abs=4.0 * math.sqrt(expected * (1.0 - expected) / people))


def test_members_of_a_city_leave_at_the_rate_of_their_hazard(build_city, null_values):
    hazard = 0.01
    city = build_city(
        null_values
        | {
            "city.neighbourhoods.count": 40,
            "city.population.total": 12_000,
            "behaviour.burnout.base_hazard_per_week": hazard,
            "behaviour.burnout.load_weight": 0.0,
            "behaviour.burnout.unmet_weight": 0.0,
            "behaviour.burnout.recognition_weight": 0.0,
            "policy.mayor.kind": "none",
        }
    )
    city.run(12)
    assert city.institutions.councils.convened.all()
    members, left, exits, exposed = city.institutions.member_rows.copy(), set(), 0, 0
    for _ in range(52):
        city.step()
        left |= set(city.last_week.exits.tolist())
        exits, exposed = exits + city.last_week.exits.size, exposed + city.last_week.exposed.size
    assert exits == pytest.approx(hazard * exposed, abs=4.0 * math.sqrt(hazard * exposed))
    # Of those in office at the start, 1 - 0.99^52 = 41 % have left after a year.
    expected = 1.0 - (1.0 - hazard) ** 52
    share = len(left & set(members.tolist())) / members.size
    assert share == pytest.approx(expected, abs=4.0 * math.sqrt(expected * (1.0 - expected) / members.size))
