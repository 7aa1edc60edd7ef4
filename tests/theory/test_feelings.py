"""Hope and belonging as dispositions and fading evidence, against closed forms; and a start in equilibrium.

Where a whole city is used, every effect but the ones looked at is at its null value.
"""

import math

import numpy as np
import pytest

import sim
from sim.equilibrium import acts_in_full, usual_evidence_of_belonging, usual_evidence_of_hope
from sim.kernels import feelings as passes
from sim.phases.feelings import belong_by_building, belong_by_meeting, evidence_of_peers, go_to_work, hope_by_works
from sim.phases.learning import learn
from sim.projects import ACTIVE
from sim.rules.trust import kept_per_week, log_odds, trust_after
from sim.seats import MAYOR
from sim.week import Week

FEELINGS = ("hope", "belonging")
STATUS_QUO = {"policy.authority.mode": "top_down"}
RUNS = {"run.scale": 0.1, "run.weeks": 260}


def behaviour(**values):
    """Values of behaviour: `hope__contact_weight` stands for behaviour.hope.contact_weight."""
    return {f"behaviour.{key.replace('__', '.')}": value for key, value in values.items()}


def give(city, feeling, size):
    """Give everybody evidence: it moves the level as well."""
    level, lived = city.residents[feeling], city.residents[f"evidence_of_{feeling}"]
    level[...] = trust_after(level, np.full(level.size, size))
    lived += size


def disposition(city, feeling):
    """What of the level is not evidence, log odds."""
    return log_odds(city.residents[feeling]) - city.residents[f"evidence_of_{feeling}"]


def weeks(city, count, each):
    """Let weeks of learning pass: `each` is called with the city and says what happens in the week."""
    for _ in range(count):
        city.time += 1.0
        city.now = Week(city.week)
        each(city)
        learn(city)


# --- Forgetting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feeling", FEELINGS)
@pytest.mark.parametrize("half_life", [26.0, 104.0, 260.0])
@pytest.mark.parametrize("size", [0.3, -2.0, 12.0])
def test_a_shock_halves_in_the_half_life_stated(build_city, null_values, feeling, half_life, size):
    city = build_city(null_values | behaviour(**{f"{feeling}__half_life_weeks": half_life}))
    start = log_odds(city.residents[feeling])
    assert not city.residents[f"evidence_of_{feeling}"].any()
    give(city, feeling, size)
    inside = np.abs(log_odds(city.residents[feeling])) < 13.0  # where shares of nearly 1 can still be told apart
    city.run(52)
    left = (log_odds(city.residents[feeling]) - start)[inside] / size
    assert left == pytest.approx(np.full(left.size, 0.5 ** (52 / half_life)), abs=2e-8)
    assert city.residents[f"evidence_of_{feeling}"] == pytest.approx(size * 0.5 ** (52 / half_life), abs=1e-12)


@pytest.mark.parametrize("feeling", FEELINGS)
def test_a_level_set_from_outside_is_a_disposition_and_stays(build_city, null_values, feeling):
    city = build_city(null_values)
    city.residents[feeling][...] = level = np.linspace(0.01, 0.99, len(city.residents))
    city.run(26)
    assert city.residents[feeling] == pytest.approx(level, abs=1e-13)


def test_the_pass_gives_what_the_rule_gives_for_small_and_for_large_changes():
    # T' = σ(logit T + c), with c what is gained in common less what is forgotten.
    rng = np.random.default_rng(1)
    level, lived = rng.random(400), np.concatenate([rng.normal(0.0, 1.0, 300), rng.normal(0.0, 40.0, 100)])
    first, common = np.array([0, 5, 5, 130, 400]), np.array([0.0, 9.0, 0.004, -0.02])
    gained = np.repeat(common, np.diff(first))
    after = trust_after(level, gained - 0.0066 * lived)
    left = gained + (1.0 - 0.0066) * lived
    passes.fade(level, lived, first, common, 0.0066)
    assert level == pytest.approx(after, abs=1e-12)
    assert lived == pytest.approx(left, abs=1e-12)


def test_evidence_must_be_as_long_as_the_rows_and_a_row_must_be_there():
    level, lived = np.full(3, 0.5), np.zeros(3)
    with pytest.raises(ValueError, match="evidence for each row"):
        passes.gain(np.array([0, 1]), np.array([0.1]), level, lived)
    with pytest.raises(IndexError):
        passes.gain(np.array([3]), np.array([0.1]), level, lived)
    passes.gain(np.array([1, 1]), np.array([0.1, 0.2]), level, lived)
    assert lived == pytest.approx([0.0, 0.3, 0.0])
    assert level == pytest.approx([0.5, 1.0 / (1.0 + math.exp(-0.3)), 0.5])


# --- Streams of evidence ----------------------------------------------------------------------------------------------


def test_meeting_every_week_settles_at_the_weekly_evidence_times_the_memory(build_city, null_values):
    # E_n = κ m (2s - 1)(1 - φ^n) / (1 - φ), and those who meet nobody stay.
    values = behaviour(
        belonging__half_life_weeks=26.0, belonging__evidence_per_experience=0.2, belonging__meeting_weight=0.3
    )
    city = build_city(null_values | values)
    meets = np.arange(len(city.residents)) % 2 == 0
    base, kept = disposition(city, "belonging"), kept_per_week(26.0)

    def each(city):
        city.now.met, city.now.meetings = np.flatnonzero(meets), np.full(meets.sum(), 0.75)

    for passed in (1, 10, 300):
        weeks(city, passed - (city.week), each)
        expected = 0.03 * (1.0 - kept**passed) / (1.0 - kept)
        assert log_odds(city.residents.belonging)[meets] == pytest.approx(base[meets] + expected, abs=1e-9)
        assert log_odds(city.residents.belonging)[~meets] == pytest.approx(base[~meets], abs=1e-12)


def test_answers_give_as_much_hope_as_their_lack_takes(build_city, null_values):
    # Alternating by person: E_n = ± κ m (1 - φ^n) / (1 - φ).
    values = behaviour(hope__half_life_weeks=26.0, hope__evidence_per_experience=0.3, hope__contact_weight=0.5)
    city = build_city(null_values | values | behaviour(contacts__per_year=0.02, contacts__spread=0.5))
    everybody, kept = np.arange(len(city.residents)), kept_per_week(26.0)
    good, start, base = everybody % 2 == 0, city.residents.evidence_of_hope.copy(), disposition(city, "hope")

    def each(city):
        city.now.contacts, city.now.answered = everybody, good

    weeks(city, 40, each)
    stream = 0.15 * (1.0 - kept**40) / (1.0 - kept) * np.where(good, 1.0, -1.0)
    assert city.residents.evidence_of_hope == pytest.approx(kept**40 * start + stream, abs=1e-9)
    assert disposition(city, "hope") == pytest.approx(base, abs=1e-8)


@pytest.mark.parametrize("rate", [0.02, 0.2])
def test_mastery_counts_what_was_learnt_and_all_there_is_to_learn_is_one_experience(build_city, null_values, rate):
    # E_n = κ m Σ φ^(n - j) (k_j - k_j-1), at most κ m (1 - k0) where skill is not forgotten.
    values = behaviour(
        hope__evidence_per_experience=0.3,
        hope__skill_weight=1.0,
        learning__skill_rate=rate,
        learning__adult_learning_share=0.3,
        learning__mentor_hours_of_facilitator=20.0,
    )
    city = build_city(null_values | values)
    city.institutions.councils.convened = True
    residents, kept = city.residents, kept_per_week(104.0)
    expected, before = np.zeros(len(residents)), residents.civic_skill.copy()
    for _ in range(60):
        weeks(city, 1, lambda city: setattr(city.now, "acted", np.arange(len(residents))))
        expected = kept * expected + 0.3 * (residents.civic_skill - before)
        before = residents.civic_skill.copy()
    assert (residents.civic_skill - residents.initial_skill).max() > 0.3
    assert residents.evidence_of_hope == pytest.approx(expected, abs=1e-12)
    assert (expected <= 0.3 * (1.0 - residents.initial_skill)).all()


def test_peers_in_office_settle_at_their_weekly_evidence_times_the_memory(build_city, null_values):
    # A young mayor for youths, a woman for women; a young woman in office is both to young women.
    rate, half_life = 0.0008, 104.0
    values = null_values | behaviour(hope__peer_evidence_per_week=rate, hope__half_life_weeks=half_life)
    city = build_city(values | {"policy.mayor.from_week": 0})
    city.run(20)
    residents, seats, before = city.residents, city.institutions.seats, disposition(city, "hope")
    places = np.flatnonzero(seats.role == MAYOR)
    seats.donor[places] = -1

    def one(sex, youth):
        return np.flatnonzero((residents.sex == sex) & ((residents.cohort == 0) == youth))[0]

    for b, who in ((0, one(0, True)), (1, one(1, False)), (2, one(1, True))):
        seats.donor[places[seats.neighbourhood[places] == b][0]] = who
    expected = np.zeros((city.neighbourhoods, 2, 2))
    expected[0, :, 0] = expected[1, 1, :] = expected[2, :, 0] = rate
    expected[2, 1, :] += rate
    assert evidence_of_peers(city) == pytest.approx(expected.ravel(), abs=1e-15)
    start = residents.evidence_of_hope.copy()
    weeks(city, 300, lambda city: None)
    kept = kept_per_week(half_life)
    a_week = expected[residents.neighbourhood, residents.sex, (residents.cohort > 0).astype(int)]
    stream = a_week * (1.0 - kept**300) / (1.0 - kept)
    assert residents.evidence_of_hope == pytest.approx(kept**300 * start + stream, abs=1e-9)
    assert disposition(city, "hope") == pytest.approx(before, abs=1e-8)


def test_a_work_gives_hope_to_those_who_notice_and_need_it_and_belonging_to_those_who_built_it(build_city, null_values):
    values = behaviour(
        hope__evidence_per_experience=0.3,
        hope__delivery_weight=0.5,
        belonging__evidence_per_experience=0.2,
        belonging__work_weight=1.0,
        awareness__finished_work=0.5,
        capture__private_share=0.6,
    )
    city = build_city(null_values | values)
    city.run(20)
    projects, residents = city.projects, city.residents
    project = int(np.flatnonzero(projects.delegated & (projects.start_week >= 0))[0])
    b, category = projects.neighbourhood[project], projects.category[project]
    size = projects.cost[project] / city.config.city.finance.project_cost_mean
    here = residents.neighbourhood == b
    residents.last_work = np.where(np.arange(len(residents)) % 3 == 0, project, project - 1)
    built = here & (residents.last_work == project)
    for captured in (False, True):
        projects.captured[project] = captured
        city.now = Week(city.week)
        city.now.finished = [project]
        hope, belonging = residents.evidence_of_hope.copy(), residents.evidence_of_belonging.copy()
        hope_by_works(city)
        belong_by_building(city)
        key = int(projects.key[project])
        noticed = here & (city.luck.uniform("notices work", key, len(residents)) < 0.5)
        meets = np.minimum(1.0, 3.0 * residents.need_weights[:, category])
        expected = noticed * 0.15 * meets * size * (0.4 if captured else 1.0)
        assert residents.evidence_of_hope - hope == pytest.approx(expected, abs=1e-12)
        assert built.any()
        assert residents.evidence_of_belonging - belonging == pytest.approx(0.2 * built, abs=1e-12)
    city.now.finished, city.now.failed = [], [project]
    belonging = residents.evidence_of_belonging.copy()
    belong_by_building(city)
    assert residents.evidence_of_belonging - belonging == pytest.approx(-0.2 * built, abs=1e-12)
    projects.by_council[project] = False
    belonging = residents.evidence_of_belonging.copy()
    belong_by_building(city)
    assert (residents.evidence_of_belonging == belonging).all()


def test_volunteers_work_on_one_work_of_their_own_council_by_lot(build_city):
    city = build_city()
    projects, residents = city.projects, city.residents
    for b, works in ((1, 2), (2, 1)):
        projects.add(neighbourhood=np.full(works, b), delegated=True, by_council=True, status=ACTIVE)
    first = len(projects) - 3
    city.now.came["volunteering"] = rows = np.flatnonzero(residents.neighbourhood < 3)
    go_to_work(city)
    b, works = residents.neighbourhood[rows], residents.last_work[rows]
    assert (works[b == 0] == -1).all()  # nothing is under way there
    assert (works[b == 2] == first + 2).all()
    assert set(works[b == 1].tolist()) == {first, first + 1}
    assert np.mean(works[b == 1] == first) == pytest.approx(0.5, abs=4.0 * 0.5 / math.sqrt((b == 1).sum()))


def test_a_quarrel_lowers_belonging_and_so_does_a_dispute(build_city, null_values):
    values = behaviour(belonging__evidence_per_experience=0.2, belonging__meeting_weight=0.5)
    city = build_city(null_values | values)
    city.now.met, city.now.meetings = np.array([1, 2, 3]), np.array([0.0, 0.5, 1.0])
    city.now.disputed = [(0, np.array([3, 4]))]
    before = city.residents.evidence_of_belonging.copy()
    belong_by_meeting(city)
    gained = city.residents.evidence_of_belonging - before
    assert gained[:6] == pytest.approx([0.0, -0.1, 0.0, 0.0, -0.1, 0.0], abs=1e-12)


# --- The start --------------------------------------------------------------------------------------------------------


def test_levels_at_the_start_are_what_was_asked_for_whatever_evidence_is_in_them(build_city):
    plain = build_city(behaviour(hope__evidence_per_experience=0.0, belonging__evidence_per_experience=0.0))
    strong = build_city(behaviour(hope__contact_weight=2.0, belonging__meeting_weight=2.0))
    assert strong.residents.belonging == pytest.approx(plain.residents.belonging, abs=1e-12)
    # Neighbours have lived the same works together: their hope differs in common, and the mean of all is kept.
    moved = log_odds(strong.residents.hope) - log_odds(plain.residents.hope)
    common = strong.rows.mean_by_neighbourhood(moved[:, None])[strong.residents.neighbourhood, 0]
    assert moved == pytest.approx(common, abs=1e-9)
    assert 0.02 < moved.std() < 0.1
    assert moved.mean() == pytest.approx(0.0, abs=1e-9)
    for name in FEELINGS:
        assert not plain.residents[f"evidence_of_{name}"].any()
        assert strong.residents[f"evidence_of_{name}"].std() > 0.05


def test_belonging_rises_with_years_in_the_place_and_its_mean_is_kept(build_city):
    flat, steep = (build_city(behaviour(belonging__residence_slope=slope)) for slope in (0.0, 0.03))
    age = flat.config.city.start_year_solar_hijri - flat.residents.birth_year
    apart = log_odds(steep.residents.belonging) - log_odds(flat.residents.belonging)
    years = np.clip(age - 20.0, 0.0, 40.0)
    assert apart - apart[age <= 20][0] == pytest.approx(0.03 * years, abs=1e-9)
    assert steep.residents.belonging.mean() == pytest.approx(flat.residents.belonging.mean(), abs=1e-12)
    assert steep.residents.hope == pytest.approx(flat.residents.hope, abs=0.0)


def test_people_act_in_the_status_quo_as_often_as_is_taken_to_be_usual():
    # The start of belonging hangs on it: 3 % are 0.0005 log odds.
    expected = found = 0.0
    for seed in range(4):
        city = sim.City(rng=seed, measured_weeks=(), **RUNS, **STATUS_QUO, **{"run.place_seed": seed})
        expected += acts_in_full(city).mean()
        for _ in range(156):
            city.step()
            found += city.last_week.acted.size / len(city.residents) / 156
    assert found == pytest.approx(expected, rel=0.06)


def test_usual_evidence_for_belonging_is_what_a_long_run_gives(null_values):
    # Acts at a steady chance by person: mean s a / (1 - φ), variance s² a (1 - a) / (1 - φ²).
    values = null_values | behaviour(
        belonging__half_life_weeks=26.0,
        belonging__evidence_per_experience=0.2,
        belonging__meeting_weight=1.0,
        civic__help_per_year=0.5,
        contacts__spread=0.5,
    )
    city = sim.City(rng=3, **{"run.scale": 0.2}, **STATUS_QUO, **values)
    mean, variance = usual_evidence_of_belonging(city)
    city.run(200)
    lived = city.residents.evidence_of_belonging
    assert lived.mean() == pytest.approx(mean.mean(), abs=4.0 * lived.std() / math.sqrt(lived.size))
    assert (lived - mean).var() == pytest.approx(variance.mean(), rel=0.1)


def test_usual_evidence_of_contacts_for_hope_is_what_a_long_run_gives(null_values):
    values = null_values | behaviour(
        hope__half_life_weeks=26.0,
        hope__evidence_per_experience=0.3,
        hope__contact_weight=0.5,
        contacts__per_year=0.35,
        contacts__spread=0.5,
    )
    city = sim.City(rng=3, **{"run.scale": 0.2}, **STATUS_QUO, **values)
    mean, variance = usual_evidence_of_hope(city)
    city.run(200)
    lived = city.residents.evidence_of_hope
    assert lived.mean() == pytest.approx(mean.mean(), abs=4.0 * lived.std() / math.sqrt(lived.size))
    assert (lived - mean).var() == pytest.approx(variance.mean(), rel=0.1)


def test_under_the_status_quo_neither_mean_nor_spread_of_hope_and_belonging_drifts():
    # Looked at after every year, so that nothing that comes back is overlooked.
    moves = {name: [] for name in FEELINGS}
    for seed in range(8):
        city = sim.City(rng=seed, measured_weeks=(), **RUNS, **STATUS_QUO, **{"run.place_seed": seed})

        def look(city=city):
            levels = {name: log_odds(city.residents[name]) for name in FEELINGS}
            return {name: np.array([level.mean(), level.std()]) for name, level in levels.items()}

        looks = [look()]
        for _ in range(5):
            city.run(52)
            looks.append(look())
        for name in FEELINGS:
            moves[name].append([after[name] - looks[0][name] for after in looks[1:]])
    for name, largest_error in (("hope", 0.006), ("belonging", 0.0006)):
        mean, error = np.mean(moves[name], axis=0), np.std(moves[name], axis=0, ddof=1) / math.sqrt(8)
        assert (error[:, 0] < largest_error).all(), name
        assert (np.abs(mean[:, 0]) < np.maximum(4.0 * error[:, 0], 0.001)).all(), name  # 0.00025 of a share
        assert (np.abs(mean[:, 1]) < 0.004 + 2.0 * error[:, 1]).all(), name  # of 0.6
