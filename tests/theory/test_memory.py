"""Trust as disposition and fading evidence, against closed forms: memory, what is told, and a start in equilibrium.

Where a whole city is used, every effect but the ones looked at is at its null value.
"""

import math

import numpy as np
import pytest
import scipy.linalg

import sim
from sim.config import Config
from sim.equilibrium import (
    left_by_formative_years,
    shared_by_neighbours,
    usual_evidence,
    usual_evidence_of_people,
    usual_expectation_of,
)
from sim.neighbourhoods import CATEGORIES
from sim.network import Ties
from sim.parameters import register
from sim.phases import trust as phase
from sim.phases.contacts import turn_to_municipality
from sim.phases.trust import EVIDENCE, KINDS, TRUST, tell_news, update_trust
from sim.rules.contacts import answered_last
from sim.rules.trust import anchor, experience, kept_per_week, log_odds
from sim.usual_works import Luck, luck_of_services, remembered
from sim.week import Week

MUNICIPALITY, COUNCIL, PEOPLE = range(len(KINDS))
STATUS_QUO = {"policy.authority.mode": "top_down"}
HALF_LIFE = "behaviour.trust.half_life_weeks"
KAPPA = 0.2
LAMBDA = 2.0


def behaviour(**values):
    """Values of behaviour: `contacts__weight` stands for behaviour.contacts.weight."""
    return {f"behaviour.{key.replace('__', '.')}": value for key, value in values.items()}


def defaults_of(*starts):
    """Defaults of all parameters of behaviour whose key begins with one of the words, to undo null values."""
    keys = tuple(f"behaviour.{start}" for start in starts)
    return {row.key: row.default for row in register(Config) if row.key.startswith(keys)}


def give(city, kind, size):
    """Give residents evidence of one kind: it moves trust as well."""
    trust, lived = city.residents[TRUST[kind]], city.residents[EVIDENCE[kind]]
    trust[...] = 1.0 / (1.0 + np.exp(-(log_odds(trust) + size)))
    lived += size


def disposition(city, kind):
    """What of trust is not evidence, log odds."""
    return log_odds(city.residents[TRUST[kind]]) - city.residents[EVIDENCE[kind]]


def weeks(city, count, each):
    """Let weeks pass of which only some parts are looked at: `each` is called with the city every week."""
    for _ in range(count):
        city.time += 1.0
        city.now = Week(city.week)
        each(city)


# --- Forgetting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("half_life", [13.0, 78.0, 208.0])
@pytest.mark.parametrize("size", [0.3, -2.0])
def test_a_shock_halves_in_the_half_life_stated(build_city, null_values, half_life, size):
    city = build_city(null_values | {HALF_LIFE: half_life})
    before = [city.residents[name].copy() for name in TRUST]
    for kind in range(len(KINDS)):
        give(city, kind, size)
    passed = 26
    city.run(passed)
    for kind, start in zip(range(len(KINDS)), before, strict=True):
        left = (log_odds(city.residents[TRUST[kind]]) - log_odds(start)) / size
        measured = -passed * math.log(2.0) / np.log(left)
        assert measured == pytest.approx(np.full(left.size, half_life), rel=1e-6)
        assert city.residents[EVIDENCE[kind]] == pytest.approx(size * 0.5 ** (passed / half_life), abs=1e-12)


def test_trust_set_from_outside_stays_and_given_as_evidence_fades(build_city, null_values):
    city = build_city(null_values | {HALF_LIFE: 13.0})
    before, even = city.residents.trust_in_people.copy(), np.arange(len(city.residents)) % 2 == 0
    after = 1.0 / (1.0 + np.exp(-(log_odds(before) + 0.5)))
    city.residents.trust_in_people[...] = after
    city.residents.evidence_of_people[even] = 0.5
    city.run(26)
    assert city.residents.trust_in_people[~even] == pytest.approx(after[~even], abs=1e-12)
    moved = log_odds(city.residents.trust_in_people) - log_odds(before)
    assert moved[even] == pytest.approx(np.full(even.sum(), 0.125), abs=1e-9)


def test_forgetting_has_no_effect_where_there_is_nothing_to_forget(build_city, null_values):
    city = build_city(null_values | {HALF_LIFE: 13.0})
    assert not any(city.residents[name].any() for name in EVIDENCE)
    before = [city.residents[name].copy() for name in TRUST]
    city.run(26)
    for name, start in zip(TRUST, before, strict=True):
        assert city.residents[name] == pytest.approx(start, abs=1e-13)


# --- Streams of evidence ----------------------------------------------------------------------------------------------


def test_a_steady_stream_settles_at_its_weekly_evidence_times_the_memory(build_city, null_values):
    # E_n = φ^n E_0 + κ m (1 - φ^n) / (1 - φ), and -λ κ m in the place of κ m where the stream is bad.
    weight, half_life, count = 1.5, 13.0, 400
    city = build_city(null_values | behaviour(contacts__weight=weight, trust__half_life_weeks=half_life))
    residents, everybody = city.residents, np.arange(len(city.residents))
    good, start, base = everybody % 2 == 0, residents.evidence_of_municipality.copy(), disposition(city, MUNICIPALITY)
    kept = kept_per_week(half_life)

    def contact(city):
        city.now.contacts, city.now.answered = everybody, good
        update_trust(city)

    weeks(city, 20, contact)
    step = KAPPA * weight * np.where(good, 1.0, -LAMBDA)
    expected = kept**20 * start + step * (1.0 - kept**20) / (1.0 - kept)
    assert residents.evidence_of_municipality == pytest.approx(expected, abs=1e-10)
    weeks(city, count, contact)
    level = step / (1.0 - kept)  # 5.8 and -11.6
    assert residents.evidence_of_municipality == pytest.approx(level, abs=1e-7)
    assert residents.trust_in_municipality[good] == pytest.approx(1.0 / (1.0 + np.exp(-(base + level)))[good], abs=1e-9)


def test_contacts_at_random_have_the_mean_and_the_variance_of_a_fading_sum(build_city, null_values):
    # A week's evidence g is iid; E = Σ φ^k g: mean E[g] / (1 - φ), variance Var[g] / (1 - φ²).
    rate, chance, half_life = 0.2, 0.6, 13.0
    city = build_city(
        null_values | behaviour(contacts__weight=1.0, contacts__repeat_ratio=1.0, trust__half_life_weeks=half_life)
    )
    residents, kept = city.residents, kept_per_week(half_life)
    residents.contact_rate, residents.answered_chance, residents.evidence_of_municipality = rate, chance, 0.0

    def live(city):
        turn_to_municipality(city)
        update_trust(city)

    weeks(city, 200, live)
    means, squares = [], []
    for _ in range(30):
        weeks(city, 13, live)
        means.append(residents.evidence_of_municipality.mean())
        squares.append((residents.evidence_of_municipality**2).mean())
    mean = rate * KAPPA * (chance - LAMBDA * (1.0 - chance)) / (1.0 - kept)
    second = rate * KAPPA**2 * (chance + LAMBDA**2 * (1.0 - chance))
    variance = (second - (mean * (1.0 - kept)) ** 2) / (1.0 - kept**2)
    # Looks a half-life apart have correlation 1/2: (1 + 1/2) / (1 - 1/2) times the variance of independent ones.
    error = math.sqrt(3.0 * variance / (30 * len(residents)))
    assert np.mean(means) == pytest.approx(mean, abs=4.0 * error)
    assert np.mean(squares) - np.mean(means) ** 2 == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_who_was_answered_comes_again_as_often_as_the_ratio_says_in_the_long_run(build_city, null_values, ratio):
    # Of the time in which the last contact was answered, and of contacts a week: c (1 + (r - 1) π).
    city = build_city(null_values | behaviour(contacts__repeat_ratio=ratio))
    residents, rate, chance = city.residents, 0.1, 0.6
    residents.contact_rate, residents.answered_chance, residents.answered_last = rate, chance, 0
    weeks(city, 100, turn_to_municipality)
    made, last = [], []
    for _ in range(200):
        weeks(city, 1, turn_to_municipality)
        made.append(city.now.contacts.size / len(residents))
        last.append(residents.answered_last.mean())
    share = float(answered_last(np.float64(chance), ratio))
    assert np.mean(last) == pytest.approx(share, abs=0.01)
    assert np.mean(made) == pytest.approx(rate * (1.0 + (ratio - 1.0) * share), rel=0.01)


def test_national_politics_moves_all_alike_by_the_mood_there_is(build_city, null_values):
    # E is the mood itself, the same for everybody; its stationary variance is sd² / (1 - φ²).
    city = build_city(null_values | behaviour(politics__national_sd_per_week=0.05, trust__half_life_weeks=13.0))
    before, moods = city.residents.trust_in_municipality.copy(), []

    def hear(city):
        update_trust(city)
        moods.append(city.national_mood)

    weeks(city, 4_000, hear)
    assert city.residents.evidence_of_municipality == pytest.approx(np.full(before.size, moods[-1]), abs=1e-9)
    moved = log_odds(city.residents.trust_in_municipality) - log_odds(before)
    assert moved == pytest.approx(np.full(before.size, moods[-1]), abs=1e-9)
    # 4,000 weeks are some 100 memories of 19 weeks twice over: the variance is known to a seventh.
    assert np.var(moods) == pytest.approx(0.05**2 / (1.0 - kept_per_week(13.0) ** 2), rel=0.3)
    for kind in (COUNCIL, PEOPLE):
        assert not city.residents[EVIDENCE[kind]].any()


def test_the_same_evidence_moves_extreme_trust_least(build_city, null_values):
    # σ(L + g) - σ(L) is g T (1 - T) for small g: it falls with |2 T - 1| without a parameter for it.
    city = build_city(null_values | behaviour(contacts__weight=0.05))
    residents, before = city.residents, city.residents.trust_in_municipality.copy()
    residents.evidence_of_municipality = 0.0

    def contact(city):
        city.now.contacts = np.arange(before.size)
        city.now.answered = np.ones(before.size, dtype=bool)
        update_trust(city)

    weeks(city, 1, contact)
    moved = residents.trust_in_municipality - before
    assert moved == pytest.approx(0.01 * before * (1.0 - before), rel=0.01)
    extreme = np.abs(2.0 * before - 1.0) > 0.6
    assert moved[extreme].max() < moved[~extreme].min()


def test_the_order_of_experiences_within_a_week_does_not_matter(build_city, monkeypatch):
    values = {
        **behaviour(contacts__per_year=0.35, influence__telling_rate_per_week=1.0, capture__discovery_per_year=1.0),
        **behaviour(politics__personal_events_per_year=26.0, trust__half_life_weeks=13.0),
        "policy.pledges.optimism": 0.3,
        "timeline": [{"shocks": [{"kind": "scandal", "week": 15, "size": 1.0}]}],
    }
    steps = [
        "experience_works", "experience_broken_pledges", "experience_contacts", "experience_voice", "hear_news",
        "meet_people", "hear_scandals",
    ]  # fmt: skip
    usual = build_city(values).run(40)
    own = {name: getattr(phase, name) for name in steps}
    for shift in (1, 3):
        for place, name in enumerate(steps):
            monkeypatch.setattr(phase, name, own[steps[(place + shift) % len(steps)]])
        other = build_city(values).run(40)
        for name in (*TRUST, *EVIDENCE):
            assert other.residents[name] == pytest.approx(usual.residents[name], abs=1e-12), name
        assert (other.residents.acts == usual.residents.acts).all()
    last = usual.history.iloc[-1]
    assert last.speakers > 20
    assert usual.history.news_heard.sum() > 1_000
    assert last.construction_projects_late > 5


# --- What is told -----------------------------------------------------------------------------------------------------

SMALL_WEB = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 5), (5, 6), (6, 7), (7, 0), (2, 6)]
"""Eight people of two to four ties."""


def many(web, people, copies):
    """Ties of many copies of a small web, among the first rows; everybody else has none."""
    first, second = (np.array(ends) for ends in zip(*web, strict=True))
    shift = people * np.repeat(np.arange(copies), first.size)
    return np.tile(first, copies) + shift, np.tile(second, copies) + shift


def telling_city(build_city, null_values, web, people, telling, hearsay):
    """A city of copies of a web, in which nothing happens but telling; and how many copies there are."""
    values = behaviour(influence__telling_rate_per_week=telling, influence__hearsay_weight=hearsay)
    city = build_city(null_values | values)
    copies = len(city.residents) // people
    first, second = many(web, people, copies)
    city.ties = Ties.from_edges(len(city.residents), first, second, np.ones(first.size, dtype=int))
    return city, copies


def test_news_told_on_adds_up_as_the_inverse_of_one_minus_the_web(build_city, null_values):
    # Who has news tells each tie with t / degree; it weighs w, and is told on: n' = t w Pᵀ n. All that anybody gains,
    # the first experience included, is κ Σ (t w Pᵀ)^k n = κ (I - t w Pᵀ)^-1 n.
    people, telling, hearsay = 8, 0.7, 0.8
    city, copies = telling_city(build_city, null_values, SMALL_WEB, people, telling, hearsay)
    ties = np.zeros((people, people))
    for one, other in SMALL_WEB:
        ties[one, other] = ties[other, one] = 1.0
    chance = ties / ties.sum(axis=1, keepdims=True)
    expected = KAPPA * scipy.linalg.inv(np.eye(people) - telling * hearsay * chance.T)  # by who gains, by who began
    total, square, rounds = np.zeros((people, people)), np.zeros((people, people)), 60
    source = np.arange(copies) % people
    for _ in range(rounds):
        city.residents.news_of_municipality[...] = city.residents.news_of_council[...] = 0.0
        city.residents.news_of_municipality[people * np.arange(copies) + source] = 1.0
        for gained in city.gained:
            gained[...] = 0.0
        weeks(city, 45, tell_news)  # what is left after it is below 0.56^45 = 5e-12
        gained = city.gained[MUNICIPALITY][: people * copies].reshape(copies, people).copy()
        gained[np.arange(copies), source] += KAPPA  # the experience itself
        for begun in range(people):
            total[:, begun] += gained[source == begun].sum(axis=0)
            square[:, begun] += (gained[source == begun] ** 2).sum(axis=0)
        assert not city.gained[COUNCIL].any()
        assert np.abs(city.residents.news_of_municipality).max() < 1e-3
    samples = rounds * np.bincount(source, minlength=people)
    mean = total / samples
    error = np.sqrt((square / samples - mean**2) / samples)
    assert (samples > 1_000).all()
    assert (np.abs(mean - expected) < 4.0 * error + 1e-9).all()
    assert error.max() < 0.05 * KAPPA
    # And in all: each experience is worth 1 / (1 - t w) of itself.
    assert mean.sum(axis=0) == pytest.approx(np.full(people, KAPPA / (1.0 - telling * hearsay)), rel=0.05)


def test_pairs_who_tell_each_other_everything_gain_a_geometric_series(build_city, null_values):
    # With telling rate 1 nothing is left to chance: 1, w, w², … in turns: 1 / (1 - w²) and w / (1 - w²).
    hearsay = 0.6
    city, copies = telling_city(build_city, null_values, [(0, 1)], 2, 1.0, hearsay)
    signed = np.where(np.arange(copies) % 2 == 0, 1.0, -0.5)
    city.residents.news_of_council[0 : 2 * copies : 2] = signed
    weeks(city, 80, tell_news)  # 0.6^80 = 2e-18
    told = city.gained[COUNCIL][: 2 * copies].reshape(copies, 2)
    assert told[:, 1] == pytest.approx(KAPPA * signed * hearsay / (1.0 - hearsay**2), abs=1e-14)
    assert told[:, 0] == pytest.approx(KAPPA * signed * hearsay**2 / (1.0 - hearsay**2), abs=1e-14)  # no λ: up as down
    assert not city.gained[MUNICIPALITY].any()


def test_each_telling_is_heard_once_and_in_the_week_after(build_city, null_values):
    city, copies = telling_city(build_city, null_values, [(0, 1)], 2, 1.0, 0.5)
    residents, first = city.residents, np.arange(0, 2 * copies, 2)
    seen = []
    for _ in range(3):
        city.time += 1.0
        city.now = Week(city.week)
        if not seen:
            city.now.contacts, city.now.answered = first, np.ones(first.size, dtype=bool)
            city.config = city.config.with_values({"behaviour.contacts.weight": 1.0})
        update_trust(city)
        seen.append((residents.evidence_of_municipality[first[0]], residents.evidence_of_municipality[first[0] + 1]))
        assert city.now.news_heard == (0 if len(seen) == 1 else copies)
    kept = kept_per_week(city.config.behaviour.trust.half_life_weeks)
    assert seen[0] == pytest.approx((KAPPA, 0.0), abs=1e-12)
    assert seen[1] == pytest.approx((kept * KAPPA, 0.5 * KAPPA), abs=1e-12)
    assert seen[2] == pytest.approx(((kept**2 + 0.25) * KAPPA, kept * 0.5 * KAPPA), abs=1e-12)


# --- Formative years --------------------------------------------------------------------------------------------------


def test_formative_years_move_dispositions_of_the_young_only_and_no_trust(build_city, null_values):
    rate, half_life = 0.015, 26.0
    values = behaviour(formative__rate_per_week=rate, trust__half_life_weeks=half_life)
    city = build_city(null_values | values | behaviour(contacts__weight=1.0))
    usual, young = city.usual_evidence, phase.in_formative_years(city)
    others = np.setdiff1d(np.arange(len(city.residents)), young)
    assert min(young.size, others.size) > 100
    assert np.abs(usual[MUNICIPALITY]).max() > 0.01
    for kind in range(len(KINDS)):
        give(city, kind, 0.4 * (-1) ** kind)
    lived = [city.residents[name].copy() for name in EVIDENCE]
    base = [disposition(city, kind) for kind in range(len(KINDS))]
    level = [log_odds(city.residents[name]) for name in TRUST]
    weeks(city, 1, update_trust)
    for kind in range(len(KINDS)):
        shift = np.zeros(len(city.residents))
        shift[young] = rate * (lived[kind] - usual[kind])[young]
        assert disposition(city, kind) - base[kind] == pytest.approx(shift, abs=1e-12)
        # What the shift leaves of evidence fades; the shift itself takes nothing from trust.
        faded = (1.0 - kept_per_week(half_life)) * (lived[kind] - shift)
        assert log_odds(city.residents[TRUST[kind]]) == pytest.approx(level[kind] - faded, abs=1e-12)
    moved = sum(np.abs(rate * (lived[kind] - usual[kind])[young]).sum() for kind in range(len(KINDS)))
    assert city.disposition_moved == pytest.approx(moved / len(city.residents), rel=1e-12)


def test_what_was_lived_in_formative_years_stays(build_city, null_values):
    # D takes r E a week while E fades by φ (1 - r): of a shock s, D keeps r s / (1 - φ (1 - r)) in the end.
    rate, half_life = 0.01, 26.0
    city = build_city(null_values | behaviour(formative__rate_per_week=rate, trust__half_life_weeks=half_life))
    young, start = phase.in_formative_years(city), log_odds(city.residents.trust_in_people)
    give(city, PEOPLE, 0.5)
    weeks(city, 900, update_trust)
    left = log_odds(city.residents.trust_in_people) - start
    still_young = np.intersect1d(young, phase.in_formative_years(city))
    assert still_young.size == 0  # seventeen years on
    kept = kept_per_week(half_life)
    final = 0.5 * rate / (1.0 - kept * (1.0 - rate))
    youngest = city.residents.birth_year == city.residents.birth_year.max()  # thirteen more years: 600 weeks and more
    assert left[youngest] == pytest.approx(np.full(youngest.sum(), final), abs=1e-6)
    assert left[np.setdiff1d(np.arange(left.size), young)] == pytest.approx(0.0, abs=1e-9)


# --- The start --------------------------------------------------------------------------------------------------------

RUNS = {"run.scale": 0.1}
"""A tenth of the default city: 13,000 residents of 50 neighbourhoods."""


def long_run(values, seeds, start=150, end=600, every=10):
    """Evidence about the municipality less what is usual, over weeks of a long status quo.

    Returns:
        of each seed: mean over residents and weeks; mean of squares over the mean of the usual variances; and the mean
        of usual evidence itself.
    """
    found = []
    for seed in seeds:
        city = sim.City(rng=seed, **{**RUNS, **STATUS_QUO, "run.weeks": end, "run.place_seed": seed, **values})
        usual, variance = usual_evidence(city)
        assert (usual == city.usual_evidence[MUNICIPALITY]).all()
        gaps, squares = [], []
        city.run(start)
        while city.week < end:
            city.run(every)
            gap = city.residents.evidence_of_municipality - usual
            gaps.append(gap.mean())
            squares.append((gap**2).mean())
        found.append((np.mean(gaps), np.mean(squares) / variance.mean(), usual.mean()))
    return np.array(found)


def test_usual_evidence_of_contacts_is_what_a_long_run_gives(null_values):
    values = null_values | defaults_of("contacts.") | {HALF_LIFE: 26.0}
    gaps, ratios, usual = long_run(values, range(4)).T
    assert np.abs(usual).min() > 0.004
    assert gaps.mean() == pytest.approx(0.0, abs=0.0006)
    # Few make most contacts, and so most of the variance: it is known to a few hundredths. That who was answered comes
    # sooner, the closed form takes as a rate; it is two hundredths too large.
    assert ratios.mean() == pytest.approx(1.0, abs=0.06)


def test_usual_evidence_of_contacts_is_right_for_those_who_make_many_and_few(null_values):
    values = null_values | defaults_of("contacts.") | {HALF_LIFE: 26.0}
    city = sim.City(rng=1, **{**RUNS, **STATUS_QUO, "run.weeks": 600, **values})
    usual = city.usual_evidence[MUNICIPALITY]
    groups = np.searchsorted(np.quantile(usual, [0.05, 0.5, 0.95]), usual)
    mean = np.zeros(usual.size)
    city.run(100)
    for _ in range(50):
        city.run(10)
        mean += city.residents.evidence_of_municipality / 50
    for group in range(4):
        own = groups == group
        error = (mean - usual)[own].std() / math.sqrt(own.sum())
        assert abs((mean - usual)[own].mean()) < 4.0 * error
    assert usual[groups == 0].mean() < -0.05 < 0.02 < usual[groups == 3].mean()


def test_usual_evidence_of_what_is_not_modelled_is_what_a_long_run_gives(null_values):
    values = null_values | defaults_of("politics.personal") | {HALF_LIFE: 26.0}
    gaps, ratios, usual = long_run(values, range(2)).T
    assert (usual == 0.0).all()
    assert gaps.mean() == pytest.approx(0.0, abs=0.003)
    assert ratios.mean() == pytest.approx(1.0, abs=0.02)


def test_usual_evidence_of_people_is_what_a_long_run_gives(build_city, null_values):
    city = build_city(null_values | defaults_of("politics.personal") | STATUS_QUO | {HALF_LIFE: 26.0})
    variance, start = usual_evidence_of_people(city)[1].mean(), city.residents.evidence_of_people.copy()
    weeks(city, 200, update_trust)
    squares = []
    for _ in range(20):
        weeks(city, 26, update_trust)
        squares.append((city.residents.evidence_of_people**2).mean())
    assert np.mean(squares) == pytest.approx(variance, rel=0.03)
    # Of some 1,600 people: a variance is known to 1 / √800 of itself.
    assert (start**2).mean() == pytest.approx(variance, rel=0.12)
    assert abs(np.corrcoef(start, city.residents.evidence_of_municipality)[0, 1]) < 0.1


def test_usual_evidence_of_works_is_what_a_long_run_gives(null_values):
    # Works of a neighbourhood are the same luck for all who live there: the mean is known less well.
    awareness = defaults_of("awareness.finished_work", "awareness.broken_pledge")
    values = null_values | awareness | defaults_of("trust.project_weight", "capture.", "delivery.")
    values |= {HALF_LIFE: 26.0} | behaviour(capture__discovery_per_year=0.0)
    gaps, ratios, usual = long_run(values, range(6)).T
    error = gaps.std(ddof=1) / math.sqrt(gaps.size)
    assert error < 0.0015
    assert gaps.mean() == pytest.approx(0.0, abs=0.004)
    assert ratios.mean() == pytest.approx(1.0, abs=0.06)
    # Against what would be usual if no pledge were ever broken, all this is small.
    unbroken = long_run(values | behaviour(awareness__broken_pledge=0.0), [0], end=160)[0, 2]
    assert unbroken > 0.05
    assert np.abs(usual).max() < 0.02


def test_usual_evidence_of_what_is_told_is_what_a_long_run_gives(null_values):
    values = null_values | defaults_of("contacts.", "influence.telling", "influence.hearsay") | {HALF_LIFE: 26.0}
    gaps, ratios, usual = long_run(values, range(3)).T
    quiet = long_run(values | behaviour(influence__telling_rate_per_week=0.0), [0], end=160)[0, 2]
    assert usual[0] - quiet > 0.001  # hearsay has no λ: it is more often good
    assert gaps.mean() == pytest.approx(0.0, abs=0.0006)
    assert ratios.mean() == pytest.approx(1.0, abs=0.06)


def test_usual_evidence_of_services_is_what_a_long_run_gives(null_values):
    # Pledges keep expectation above what services are, which speaks against the municipality all the time.
    values = null_values | defaults_of("expectation.", "trust.service_evidence", "capture.", "delivery.")
    values |= {HALF_LIFE: 26.0} | behaviour(capture__discovery_per_year=0.0)
    city = sim.City(rng=1, **{**RUNS, **STATUS_QUO, "run.weeks": 600, **values})
    usual, start = city.usual_evidence[MUNICIPALITY].mean(), usual_expectation_of(city).mean()
    evidence, expected = [], []
    city.run(150)
    for _ in range(45):
        city.run(10)
        evidence.append(city.residents.evidence_of_municipality.mean())
        expected.append(city.residents.expectation.mean())
    assert np.mean(expected) == pytest.approx(start, abs=0.004)
    assert usual < -0.01
    assert np.mean(evidence) == pytest.approx(usual, rel=0.1)


def test_under_the_status_quo_neither_mean_nor_spread_of_trust_drifts():
    # Everything that moves trust goes on, but national politics, which has no mean.
    values = {**RUNS, **STATUS_QUO, "run.weeks": 260}
    values |= behaviour(politics__national_sd_per_week=0.0)
    drift = {name: [] for name in TRUST}
    for seed in range(12):
        city = sim.City(rng=seed, **{**values, "run.place_seed": seed})

        def look(city=city):
            found = {}
            for name in TRUST:
                level = log_odds(city.residents[name])
                shared = city.rows.mean_by_neighbourhood(level[:, None])[:, 0]
                own = level - shared[city.residents.neighbourhood]
                found[name] = np.array([level.mean(), level.std(), own.std(), shared.std()])
            return found

        before, moves = look(), {name: [] for name in TRUST}
        for _ in range(26):
            city.run(10)
            for name, after in look().items():
                moves[name].append(after - before[name])
        for name in TRUST:
            drift[name].append(moves[name])
        assert np.abs(city.residents.evidence_of_municipality).mean() > 0.2
    for name, moves in drift.items():
        mean = np.mean(moves, axis=0)  # by look: mean, spread, spread within and between neighbourhoods
        error = np.std(moves, axis=0, ddof=1) / math.sqrt(len(moves))
        # Of 26 looks the worst may be four standard errors off; a year without broken pledges would be fifteen.
        assert (np.abs(mean[:, 0]) < np.maximum(0.002, 4.0 * error[:, 0])).all(), name
        assert error[:, 0].max() < 0.01, name  # 0.0024 of trust
        assert np.abs(mean[:, 2]).max() < 0.007, name  # of 0.7
        assert np.abs(mean[:, 3]).max() < (0.007 if name == "trust_in_people" else 0.02), name  # of 0.07 and 0.22
        assert np.abs(mean[:, 1]).max() < 0.012, name


def own_part(city):
    """Trust in the municipality about the mean of the neighbourhood, log odds, (N,)."""
    level = log_odds(city.residents.trust_in_municipality)
    return level - city.rows.mean_by_neighbourhood(level[:, None])[city.residents.neighbourhood, 0]


def test_trust_at_the_start_is_what_was_asked_for_whatever_evidence_is_in_it(build_city):
    none = behaviour(
        contacts__weight=0.0,
        politics__personal_events_per_year=0.0,
        trust__meeting_weight=0.0,
        trust__service_evidence_per_week=0.0,
    )
    plain = build_city(none)
    strong = build_city(none | behaviour(contacts__per_year=0.35, trust__half_life_weeks=208.0, contacts__weight=3.0))
    for name in TRUST[1:]:
        assert (strong.residents[name] == plain.residents[name]).all()
    # Those who have lived more with the municipality than trust can hold are moved, up and down; all others are not.
    moved = log_odds(strong.residents.trust_in_municipality) - log_odds(plain.residents.trust_in_municipality)
    variance = usual_evidence(strong)[1] - shared_by_neighbours(strong)[strong.residents.neighbourhood]
    few = np.abs(moved) > 1e-9
    assert 0.01 < few.mean() < 0.5
    assert variance[few].min() > 0.8 * own_part(plain).var() > 0.99 * variance[~few].max()
    assert abs(moved[few].mean()) < 4.0 * moved[few].std() / math.sqrt(few.sum())
    assert strong.residents.evidence_of_municipality.std() > 2.0 * plain.residents.evidence_of_municipality.std()
    assert not strong.residents.evidence_of_council.any()
    assert not plain.residents.evidence_of_people.any()


def test_evidence_of_services_is_in_trust_at_the_start_and_its_spread_stays_as_asked(build_city):
    # Evidence of luck with services is known, not drawn given trust: trust moves by it, and is narrowed as much.
    plain, strong = (build_city(behaviour(trust__service_evidence_per_week=rate)) for rate in (0.0, 0.05))
    gained = strong.residents.evidence_of_municipality - plain.residents.evidence_of_municipality
    assert gained.std() > 0.1
    assert own_part(strong).std() == pytest.approx(own_part(plain).std(), rel=0.02)
    assert strong.residents.trust_in_municipality.mean() == pytest.approx(
        plain.residents.trust_in_municipality.mean(), abs=0.004
    )


def test_luck_with_services_fades_and_comes_again_as_solved_for():
    # Variance of categories about their usual levels, and how much of it is left after a year, over ten years.
    off, expected = [], []
    for seed in range(6):
        city = sim.City(rng=seed, **{**RUNS, **STATUS_QUO, "run.weeks": 520, "run.place_seed": seed})
        luck = luck_of_services(city, city.usual_services, city.config.behaviour.services.gain_per_typical_project)
        city.run(520)
        gap = np.array(city.services_history)[104:] - city.usual_services
        off.append(gap - gap.mean(axis=2, keepdims=True))  # what is luck between the categories of a neighbourhood
        expected.append((luck.variance.mean(), np.exp(-52.0 * luck.returns.mean())))
    off, (variance, left) = np.array(off), np.mean(expected, axis=0)
    assert 0.8 < (off**2).mean() * 6.0 / 5.0 / variance < 1.0  # the closed form takes no note that needs are seen late
    assert (off[:, 52:] * off[:, :-52]).mean() / (off**2).mean() == pytest.approx(left, abs=0.1)


def test_what_luck_with_services_leaves_behind_is_what_three_fading_sums_have(build_city):
    city = build_city({"city.neighbourhoods.count": 150})
    behaviour = city.config.behaviour
    rho, gamma = behaviour.expectation.adaptation_per_week, behaviour.expectation.disconfirmation_weight
    kept, returns, shape = kept_per_week(behaviour.trust.half_life_weeks), 0.01, city.services.shape
    random = np.random.default_rng(1)
    d, y, e = np.zeros(20_000), np.zeros(20_000), np.zeros(20_000)
    for _ in range(1_500):
        d, y, e = (
            (1.0 - returns) * d + math.sqrt(1.0 - (1.0 - returns) ** 2) * random.standard_normal(d.size),
            y + rho * (d - y),
            kept * e + (1.0 + gamma) * d - gamma * y,
        )
    luck = Luck(np.ones(shape), np.full(shape, returns))
    now = random.standard_normal(shape)
    now = (now - now.mean(axis=1, keepdims=True)) * math.sqrt(6.0 / 5.0)
    left = remembered(city, now, luck)
    drawn = np.cov(np.array([now.ravel(), left.expected.ravel(), left.lived.ravel()]))
    assert drawn == pytest.approx(np.cov(np.array([d, y, e])), rel=0.15)


def test_a_category_that_is_good_all_over_the_city_stays_so(tmp_path):
    offsets = np.array([0.25, -0.15, -0.1, -0.15, 0.2, -0.05])
    random, lines = np.random.default_rng(2), ["name,population,deprivation,x,y," + ",".join(CATEGORIES)]
    for b in range(40):
        levels = np.clip(0.5 + offsets + 0.08 * random.standard_normal(6), 0.05, 0.95)
        lines.append(f"B{b},3000,0.5,{b % 7},{b // 7}," + ",".join(f"{level:.3f}" for level in levels))
    path = tmp_path / "places.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    values = {**RUNS, **STATUS_QUO, "run.weeks": 260, "city.neighbourhoods.data_file": str(path)}
    moves = []
    for seed in range(3):
        city = sim.City(rng=seed, **values)
        usual, start = city.usual_services.mean(axis=0), city.services.mean(axis=0)
        assert usual == pytest.approx(start, abs=0.01)
        city.run(260)
        moves.append(city.services.mean(axis=0) - start)
    assert np.abs(np.mean(moves, axis=0)).max() < 0.03  # 0.057 where such a difference counts as luck


def test_formative_years_leave_the_moments_of_a_simulated_life(build_city):
    # Evidence of variance 1: it keeps φ (1 - r) and gives r to the disposition until the age of 25, and then keeps φ.
    values = {"behaviour.formative.rate_per_week": 0.015, HALF_LIFE: 104.0}
    city = build_city(values)
    left, kept = left_by_formative_years(city), kept_per_week(104.0)
    age = city.config.city.start_year_solar_hijri - city.residents.birth_year
    random, size, youngest = np.random.default_rng(3), 20_000, int(age.min())
    evidence, moved = random.standard_normal(size), np.zeros(size)
    for week in range(52 * (30 - youngest)):
        years = youngest + week // 52
        if week % 52 == 0 and years in (18, 22, 25, 28):
            one = np.flatnonzero(age == years)[0]
            assert evidence.var() == pytest.approx(left.variance[one], abs=0.03), years
            assert np.cov(evidence, moved)[0, 1] == pytest.approx(left.covariance[one], abs=0.03), years
        evidence = kept * evidence + math.sqrt(1.0 - kept**2) * random.standard_normal(size)
        if years < 25:
            evidence, moved = 0.985 * evidence, moved + 0.015 * evidence


def test_where_few_live_their_mean_evidence_is_in_how_the_neighbourhood_trusts():
    # The mean of n people's own evidence of variance v has the variance v / n, and is in the mean of their trust.
    city = sim.City(rng=1, **{**RUNS, "city.neighbourhoods.count": 300, "behaviour.formative.rate_per_week": 0.0})
    people, (mean, variance) = city.rows.per_neighbourhood, usual_evidence_of_people(city)
    columns = np.column_stack(
        [log_odds(city.residents.trust_in_people), city.residents.evidence_of_people - mean, variance]
    )
    trust, lived, own = city.rows.mean_by_neighbourhood(columns).T
    trust -= np.average(trust, weights=people)
    expected = np.average(own / people, weights=people)
    assert np.average(trust * lived, weights=people) == pytest.approx(expected, rel=0.4)
    assert np.average(lived**2, weights=people) == pytest.approx(expected, rel=0.4)


def test_hope_and_belonging_know_nothing_of_formative_years_at_the_start(build_city):
    plain, strong = (build_city({"behaviour.formative.rate_per_week": rate}) for rate in (0.0, 0.015))
    for name in ("evidence_of_hope", "evidence_of_belonging"):
        assert (plain.residents[name] == strong.residents[name]).all()
    assert (plain.residents.evidence_of_people != strong.residents.evidence_of_people).any()


def test_services_keep_their_mean_and_their_spread_under_the_status_quo():
    before, after = [], []
    for seed in range(6):
        city = sim.City(rng=seed, **{**RUNS, **STATUS_QUO, "run.weeks": 260, "run.place_seed": seed})
        before.append((city.services.mean(), (city.services - city.services.mean(axis=0)).var()))
        city.run(260)
        after.append((city.services.mean(), (city.services - city.services.mean(axis=0)).var()))
    before, after = np.mean(before, axis=0), np.mean(after, axis=0)
    assert after[0] == pytest.approx(before[0], abs=0.008)
    assert after[1] == pytest.approx(before[1], rel=0.2)  # half as much again, were what is off at the start usual


def test_evidence_and_disposition_have_no_correlation_beyond_their_means_at_the_start(null_values):
    # E = β L' + √(v (1 - β)) z and D = L' - E: Cov(D, E) = β S - β² S - v (1 - β) = 0 with v = β S.
    values = null_values | defaults_of("politics.personal")
    city = sim.City(rng=2, **{**RUNS, **STATUS_QUO, **values})
    level = log_odds(city.residents.trust_in_municipality)
    own = level - city.rows.mean_by_neighbourhood(level[:, None])[city.residents.neighbourhood, 0]
    lived = city.residents.evidence_of_municipality
    base = own - lived
    assert abs(np.corrcoef(base, lived)[0, 1]) < 4.0 / math.sqrt(level.size)
    assert lived.var() == pytest.approx(usual_evidence(city)[1].mean(), rel=0.05)


# --- The first version's rule -----------------------------------------------------------------------------------------


def test_the_first_rule_follows_the_first_version_where_nothing_new_happens(build_city, null_values):
    # Contacts, personal events and politics are nothing to it: services, talk and the pull back are all there is.
    values = behaviour(
        trust__rule="anchored_averaging",
        influence__rule="averaging",
        influence__contact_rate_per_week=0.5,
        influence__convergence=0.4,
        anchored_trust__service_rate_per_week=0.02,
        politics__national_sd_per_week=0.05,
        politics__personal_events_per_year=26.0,
        politics__personal_event_size=0.5,
        formative__rate_per_week=0.015,
    )
    city = build_city(null_values | values)
    own, ties = city.config.behaviour, city.ties
    trust = {name: city.residents[name].copy() for name in TRUST}
    innate = {name: trust[name].copy() for name in TRUST}
    stubborn = {
        name: np.minimum(0.95, own.anchored_trust.stubbornness_mean + 0.4 * np.abs(2.0 * innate[name] - 1.0))
        for name in TRUST
    }
    signal = city.residents.performance.copy()  # nothing else is expected, and services stay
    for _ in range(30):
        for name in TRUST:
            talk = 0.2 * (1.0 - stubborn[name]) * (ties.mean_over_ties(trust[name]) - trust[name])
            lived = experience(trust[name], signal, 0.02, LAMBDA) if name == TRUST[MUNICIPALITY] else trust[name]
            trust[name] = anchor(lived + talk, innate[name], stubborn[name], 0.15)
    city.run(30)
    for name in TRUST:
        assert city.residents[name] == pytest.approx(trust[name], abs=1e-12), name
    assert not any(city.residents[name].any() for name in EVIDENCE)
    assert city.disposition_moved == 0.0


@pytest.mark.parametrize("rule", ["bounded_confidence", "averaging", "repulsion"])
def test_talk_about_levels_is_evidence_of_the_change_of_log_odds(build_city, null_values, rule):
    # In the week itself T moves as the rule of talk says, from last week's T; all of it is evidence, and fades.
    values = behaviour(influence__rule=rule, influence__contact_rate_per_week=1.0, influence__convergence=0.5)
    city = build_city(null_values | values | {HALF_LIFE: 13.0})
    columns = tuple(city.residents[name] for name in TRUST)
    level = [column.copy() for column in columns]
    city.time += 1.0
    rows, change = phase.hear_others(city, columns, city.stubbornness)
    assert rows.tolist() == list(range(level[0].size))
    assert np.abs(change).max() > 0.01
    update_trust(city)
    for kind in range(len(KINDS)):
        assert columns[kind] == pytest.approx(level[kind] + change[kind], abs=1e-12)
        moved = log_odds(columns[kind]) - log_odds(level[kind])
        assert city.residents[EVIDENCE[kind]] == pytest.approx(moved, abs=1e-9)
