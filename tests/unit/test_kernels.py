"""Compiled passes: what they compute, that interpreted they give the same, and that no changed rule is missed."""

from __future__ import annotations

import json
import math
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.kernels import participation, seats, sums, ties, trust
from sim.kernels.marks import marked
from sim.network import Ties
from sim.phases.learning import make_bridging_ties
from sim.phases.trust import hear_news, in_formative_years, perceive
from sim.randomness import Streams
from sim.seats import MAYOR
from tests.conftest import at_night

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = {
    "repulsion": {"behaviour.influence.rule": "repulsion"},
    "threshold": {"behaviour.participation.rule": "threshold", "policy.hub.kinds": ["school", "online"]},
    "elections": {
        "behaviour.participation.rule": "conditional_cooperation",
        "policy.council.selection": "elected",
        "policy.choice.rule": "ballot_equal_shares",
    },
}

A_YEAR = """\
import json, pickle, sys
import sim
from tests.docking.settings import SAMPLE
city = sim.City(rng=5, **{**SAMPLE, "run.weeks": 52, **json.loads(sys.argv[1])}).run()
with open(sys.argv[2], "wb") as file:
    pickle.dump((city.history, city.neighbourhood_history, city.group_history, city.events), file)
row = city.history.iloc[-1]
print(*(int(row[name]) for name in ("hearings", "programmes_held", "exits", "bridging_ties", "neighbourhood_mayors")))
"""

ONE_EXPERIENCE = """\
import numpy as np
from sim.kernels import trust as passes
trust = np.array([0.5])
one, nothing = np.array([0]), np.zeros(0)
passes.undergo(one, np.array([0.9]), np.array([1.0]), trust, trust, nothing, 0.2, 2.0, True, 0.1)
print(trust[0])
"""


def told(program: str, *words: str, folder: Path = ROOT, **environment: str) -> str:
    """What a program prints that is run in a folder, whose `sim` it imports."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    # Interpreted draws warn of overflow, which is what they are made of.
    surroundings = {**own, "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore", **environment}
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_everybody_perceives_the_services_of_his_or_her_own_neighbourhood(build_city):
    city = build_city()
    city.services[...] = np.random.default_rng(1).random(city.services.shape)
    city.residents.performance = -1.0
    perceive(city)
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
        for all_of_them in (1, np.float32(1.0), np.array(1.0), np.ones(71, np.float32), np.ones(142)[::2]):
            assert streams.chosen("who", 4, rows, all_of_them).tolist() == rows.tolist()
        for shape in (1, 10):
            with pytest.raises(ValueError, match="71 rows need as many"):
                streams.chosen("who", 4, rows, np.full(shape, 0.5))
        assert streams.uniform("who", 4, np.array(3)).shape == ()


def test_a_row_that_is_not_there_is_refused():
    streams = Streams(8).in_order(np.arange(10))
    for rows in (np.array([3, 10]), np.array([-1])):
        with pytest.raises(IndexError):
            streams.uniform("who", 1, rows)
        for probability in (0.5, np.full(rows.size, 0.5)):
            with pytest.raises(IndexError):
                streams.chosen("who", 1, rows, probability)


@pytest.mark.parametrize("setting", ["elections", *at_night("repulsion", "threshold")])
def test_interpreted_passes_give_the_same_numbers(setting, tmp_path):
    # But for the last digits of exponentials and logarithms, which NumPy works out in its own way.
    counts, tables = [], []
    for name, environment in (("compiled", {}), ("interpreted", {"NUMBA_DISABLE_JIT": "1"})):
        counts.append(told(A_YEAR, json.dumps(SETTINGS[setting]), str(tmp_path / name), **environment))
        tables.append(pickle.loads((tmp_path / name).read_bytes()))
    assert counts[0] == counts[1]
    for one, other in zip(*tables, strict=True):
        pd.testing.assert_frame_equal(one, other, rtol=1e-11, atol=1e-11)
    assert all(int(happened) > 0 for happened in counts[0].split())


def test_what_was_compiled_is_not_used_when_a_rule_has_changed(tmp_path):
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    rule = tmp_path / "sim" / "rules" / "trust.py"
    before = rule.read_text(encoding="utf-8")
    assert float(told(ONE_EXPERIENCE, folder=tmp_path)) == pytest.approx(0.54)
    kept = tmp_path / "sim" / "__pycache__"
    (first,) = kept.glob("compiled-*")
    assert any(first.rglob("*.nbc"))
    changed = before.replace("np.maximum(gap, 0.0) * gain_rate", "np.maximum(gap, 0.0) * gain_rate * 2.0")
    assert changed != before
    rule.write_text(changed, encoding="utf-8")
    assert float(told(ONE_EXPERIENCE, folder=tmp_path)) == pytest.approx(0.58)
    assert len(list(kept.glob("compiled-*"))) == 1  # what was compiled from the earlier rules is gone
    assert not first.exists()


def test_where_nothing_can_be_kept_passes_are_compiled_all_the_same(tmp_path):
    (tmp_path / "file").touch()
    assert float(told(ONE_EXPERIENCE, NUMBA_CACHE_DIR=str(tmp_path / "file" / "below"))) == pytest.approx(0.54)
    spoilt = "import shutil, sim.compiling as c; shutil.rmtree(c._FOLDER); c._FOLDER.touch()\n"
    program = ONE_EXPERIENCE.replace("trust =", f"{spoilt}trust =")  # between the import and the first call
    assert float(told(program, NUMBA_CACHE_DIR=str(tmp_path / "own"))) == pytest.approx(0.54)
    homeless = "import pathlib\ndef home(cls): raise RuntimeError\npathlib.Path.home = classmethod(home)\n"
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "sim" / "__pycache__").touch()
    assert float(told(homeless + ONE_EXPERIENCE, folder=tmp_path)) == pytest.approx(0.54)


def test_wrong_shapes_are_refused_and_not_read_past_the_end(build_city):
    city = build_city()
    city.services = city.services[:, :4]
    with pytest.raises(ValueError, match="services must be"):
        perceive(city)
    column, rows = np.full(5, 0.5), np.array([1, 2])
    with pytest.raises(ValueError, match="a change for each kind and row"):
        trust.settle((column,), (column.copy(),), (column.copy(),), rows, np.zeros((1, 1)), 0.1)
    for signals, weights in ((1, 2), (2, 1)):
        with pytest.raises(ValueError, match="a signal and a weight for each row"):
            trust.undergo(rows, np.zeros(signals), np.zeros(weights), column, column, np.zeros(0), 0.2, 2.0, False, 0.1)
    starts, degree = np.arange(0, 12, 4), np.zeros(3, np.int32)
    slots = np.full(12, 3, np.int32), np.full(12, -1, np.int8)
    with pytest.raises(ValueError, match="as many firsts as seconds"):
        ties.tie(starts, degree, *slots, 3, np.array([0]), np.array([1, 2]), np.zeros(3, np.int8))
    for pair in ((0, 3), (-1, 2)):
        with pytest.raises(IndexError):
            ties.tie(starts, degree, *slots, 3, *(np.array([row]) for row in pair), np.zeros(3, np.int8))
    assert not degree.any()


def test_each_seat_goes_to_the_best_who_may_take_it():
    rng = np.random.default_rng(3)
    per_council, most = 6, 2
    in_sample = rng.random(18) < 0.4
    donor = rng.integers(-1, 8, 18)
    chosen = np.array([2, 3, 5, 7, 12])
    candidates = rng.integers(-1, 8, (chosen.size, 5))
    scores = np.where(candidates >= 0, rng.integers(0, 3, candidates.shape).astype(float), -np.inf)
    expected = donor.copy()
    expected[chosen] = -1
    for seat, row_of_candidates, row_of_scores in zip(chosen, candidates, scores, strict=True):
        council = slice(seat // per_council * per_council, (seat // per_council + 1) * per_council)
        for best in np.argsort(-row_of_scores, kind="stable"):
            row, held = row_of_candidates[best], expected[council] == row_of_candidates[best]
            twice_in_sample = in_sample[seat] and (held & in_sample[council]).any()
            if row >= 0 and held.sum() < most and not twice_in_sample:
                expected[seat] = row
                break
    before = scores.copy()
    taken = seats.seat_the_best(chosen, candidates, scores, donor, in_sample, per_council, most)
    assert donor.tolist() == expected.tolist()
    assert taken == (expected[chosen] >= 0).sum()
    assert (scores == before).all()
    assert len(set(expected[chosen].tolist())) > 2


def test_councils_are_described_by_the_means_of_those_who_sit_on_them(build_city):
    city = build_city().run(40)
    plan, residents = city.institutions.seats.plan, city.residents
    donors = city.institutions.seats.donor.reshape(city.neighbourhoods, -1)
    city.institutions.refresh_members()
    assert city.institutions.councils.convened.any()
    for b in range(city.neighbourhoods):
        members = donors[b][(donors[b] >= 0) & (plan.role != MAYOR)]
        deciding = donors[b][(donors[b] >= 0) & plan.deciding]
        council = {name: city.institutions.councils[name][b] for name in city.institutions.councils}
        assert council["members"] == members.size
        if not deciding.size:
            assert council["skill"] == council["resources"] == 0.0
            continue
        for name, of_members in (
            ("women_share", residents.sex[members] == 1),
            ("youth_share", residents.cohort[members] == 0),
            ("member_needs", residents.need_weights[members]),
            ("elite_share", residents.resources[deciding] >= city.elite_resources),
            ("resources", residents.resources[deciding]),
            ("attendance", residents.attendance_propensity[deciding]),
            ("skill", residents.civic_skill[deciding]),
        ):
            assert np.allclose(council[name], of_members.mean(axis=0), rtol=0, atol=1e-12), name


@pytest.mark.parametrize("size", [1, 4, 7])
def test_spread_counts_every_value(size):
    values = np.random.default_rng(size).random(size)
    squares, below, above = sums.spread(values, 0.3, 0.6)
    assert squares == pytest.approx((values**2).sum(), rel=1e-14)
    assert (below, above) == ((values < 0.3).sum(), (values > 0.6).sum())


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1_003])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_marked_are_all_rows_with_a_mark_and_no_others(size, share):
    marks = (np.random.default_rng(4).random(size) < share).astype(np.uint8)
    assert marked(marks).tolist() == np.flatnonzero(marks).tolist()


def test_a_trust_that_does_not_change_keeps_its_last_digit():
    # So who was moved by the exponential may go through the series as well, with a change of 0, or not.
    level = np.random.default_rng(5).random(100_000)
    level[:4] = 0.0, 2.0**-54, 0.5 - 2.0**-54, 1.0
    assert (level / (level + (1.0 - level)) == level).all()


def test_as_many_are_asked_as_the_rate_says_and_all_from_the_pool():
    rows, first, size = np.array([5, 6, 7, 9, -1], np.int32), np.array([0, 3, 4]), np.array([3, 1, 0])
    neighbourhoods, pool = np.arange(3_000), np.arange(3_000) % 3
    keys = (Streams(1).key("how many", 2), Streams(1).key("whom", 2))
    asked = participation.ask(neighbourhoods, pool, 1.25, rows, first, size, *keys)
    assert set(asked.tolist()) == {5, 6, 7, 9}  # nobody of the empty pool
    assert (asked == 9).sum() == pytest.approx(1_250, rel=0.05)
    assert [(asked == row).sum() for row in (5, 6, 7)] == pytest.approx([417] * 3, rel=0.15)


def test_seats_of_those_who_leave_fall_vacant_and_others_by_lot():
    donor, exits = np.array([3, 4, 8, -1, 8, 9]), np.array([4, 8, 11])
    in_sample = np.array([True, True, True, True, False, False])
    key, neighbourhood = np.arange(6), np.zeros(6, np.int64)
    stream = Streams(1).key("seats", 2)
    for chance, left in ((0.0, [3, -1, -1, -1, 8, 9]), (1.0, [3, -1, -1, -1, -1, -1])):
        holders = donor.copy()
        participation.vacate(holders, in_sample, key, neighbourhood, exits, np.array([chance]), stream)
        assert holders.tolist() == left


def test_whose_score_is_no_number_takes_no_seat():
    donor = np.full(2, -1)
    candidates, scores = np.array([[3, 4], [5, 6]]), np.array([[np.nan, 0.1], [np.nan, np.nan]])
    assert seats.seat_the_best(np.arange(2), candidates, scores, donor, np.zeros(2, bool), 2, 1) == 1
    assert donor.tolist() == [4, -1]


def test_news_at_the_hub_is_what_became_of_works_there_this_week(build_city):
    city = build_city({"behaviour.trust.attribution_to_council": 0.75, "behaviour.trust.news_weight": 0.5})
    home, projects = city.residents.neighbourhood, city.projects
    rows = np.array([np.flatnonzero(home == b)[0] for b in range(4)])
    city.now.addressed, city.now.addressed_credibility = rows, np.array([1.0, 0.5, 1.0, 1.0])
    of_mean_cost = city.config.city.finance.project_cost_mean
    done, breached, late = projects.add(
        neighbourhood=np.array([1, 2, 3]), delegated=np.array([True, False, True]), cost=of_mean_cost
    )
    projects.late[late] = True
    city.now.finished, city.now.broken = [done, late], [breached]
    hear_news(city)
    # A work finished is good news, believed by half; a breach is as bad, alike up and down; what comes late is neither.
    good, bad = 0.2 * 0.5 * 0.5, -0.2 * 0.5
    assert city.gained[0][rows] == pytest.approx([0.0, 0.25 * good, bad, 0.0], abs=1e-15)
    assert city.gained[1][rows] == pytest.approx([0.0, 0.75 * good, 0.0, 0.0], abs=1e-15)
    assert np.count_nonzero(city.gained[0]) == 2
    assert not city.residents.news_of_council.any()  # everybody there has heard it


def test_who_undergoes_something_twice_gains_it_twice_and_may_tell_it():
    rows, signal, weight = np.array([1, 3, 1]), np.array([1.0, 0.0, 0.75]), np.array([1.0, 0.5, 2.0])
    level, gained, news = np.full(4, 0.5), np.zeros(4), np.zeros(4)
    trust.undergo(rows, signal, weight, level, gained, news, 0.2, 2.0, False, 0.1)
    assert level.tolist() == [0.5] * 4
    assert gained == pytest.approx([0.0, 0.2 + 0.2, 0.0, -0.2], abs=1e-15)
    assert news.tolist() == [0.0, 2.0, 0.0, -0.5]  # without the weight that losses have
    trust.undergo(rows, signal, weight, level, gained.copy(), np.zeros(0), 0.2, 2.0, True, 0.1)
    # by the first rule: 0.5 → 0.55 → 0.55 + 0.2 · 0.2, and 0.5 → 0.5 - 2 · 0.05 · 0.5
    assert level == pytest.approx([0.5, 0.59, 0.5, 0.45], abs=1e-15)


def path_of(people):
    """Everybody tied to the next: the first and the last have one tie."""
    return Ties.from_edges(people, np.arange(people - 1), np.arange(1, people), np.ones(people - 1, dtype=int))


def test_who_has_news_tells_one_tie_and_then_all_is_forgotten():
    web, streams = path_of(5), Streams(4)
    keys, whether, whom = streams.keys(5), streams.key("tells", 1), streams.key("whom", 1)
    for rate in (0.0, 1.0):
        news = np.array([0.5, 0.0, 0.0, 0.0, -2.0]), np.array([0.0, 0.0, 0.0, 0.0, 1.0])
        rows, told = trust.tell(news, rate, keys, whether, whom, web.starts, web.degree, web.neighbours)
        assert not any(column.any() for column in news)
        if rate == 0.0:
            assert rows.size == told.shape[1] == 0
        else:
            assert rows.tolist() == [1, 3]
            assert told.tolist() == [[0.5, -2.0], [0.0, 1.0]]


def test_who_has_no_ties_tells_nobody_and_forgets_all_the_same():
    web, streams = path_of(1), Streams(4)
    news = (np.array([1.0]),)
    rows, _ = trust.tell(news, 1.0, streams.keys(1), *[streams.key("x", 1)] * 2, web.starts, web.degree, web.neighbours)
    assert rows.size == 0
    assert news[0].tolist() == [0.0]


def test_as_many_tell_as_the_rate_says_and_every_tie_alike():
    people = 30_000
    ring = np.arange(people)
    web, streams = Ties.from_edges(people, ring, (ring + 1) % people, np.ones(people, dtype=int)), Streams(5)
    news = (np.ones(people),)
    keys, whether, whom = streams.keys(people), streams.key("tells", 1), streams.key("whom", 1)
    rows, told = trust.tell(news, 0.3, keys, whether, whom, web.starts, web.degree, web.neighbours)
    assert rows.size == pytest.approx(0.3 * people, abs=4.0 * math.sqrt(0.21 * people))
    assert (told == 1.0).all()
    # On a ring with each told with 0.15 by either side, a share 0.15² hears of both.
    both = (np.bincount(rows, minlength=people) == 2).mean()
    assert both == pytest.approx(0.15**2, abs=4.0 * math.sqrt(0.0225 / people))


def test_events_of_ones_own_life_are_good_and_bad_alike():
    people, streams = 40_000, Streams(6)
    gained = np.zeros(people)
    trust.happen(gained, 0.1, 0.25, streams.keys(people), streams.key("own life", 3))
    assert sorted(set(gained.tolist())) == [-0.25, 0.0, 0.25]
    for size in (-0.25, 0.25):
        assert (gained == size).mean() == pytest.approx(0.05, abs=4.0 * math.sqrt(0.05 * 0.95 / people))


def remembered(level, lived, gained, kept=0.9, young=(), rate=0.01, usual=0.0, common=0.0):
    """Trust and evidence of one resident after a week, and by how much the disposition moved."""
    columns = tuple(np.array([value]) for value in (level, lived, gained))
    moved = trust.remember(
        *((column,) for column in columns), np.array([common]), kept, np.array(young, np.int64), rate,
        (np.array([usual]),),
    )  # fmt: skip
    assert columns[2][0] == 0.0  # what was gained is gained once
    return columns[0][0], columns[1][0], moved


def sigma(odds):
    return 1.0 / (1.0 + np.exp(-odds))


@pytest.mark.parametrize("gained", [0.06, 0.03, 0.02, 0.0, -0.5, 3.0])
def test_a_week_passes_over_memory(gained):
    # D = ln 3, E = 0.2: a tenth of E is forgotten, the rest and what is gained stay. Large changes and small go by
    # different ways, which differ by nothing.
    after, lived, moved = remembered(sigma(math.log(3.0) + 0.2), 0.2, gained, common=0.01)
    assert lived == pytest.approx(0.9 * 0.2 + gained + 0.01, abs=1e-15)
    assert after == pytest.approx(sigma(math.log(3.0) + lived), abs=1e-15)
    assert moved == 0.0


def test_small_changes_go_by_a_series_that_is_exact():
    change = np.linspace(-trust.SMALL_CHANGE, trust.SMALL_CHANGE, 10_001)
    level = np.random.default_rng(1).random(change.size)
    expected = sigma(np.log(level / (1.0 - level)) + change)
    columns = level.copy(), np.zeros(change.size), change.copy()
    trust.remember(
        *((column,) for column in columns), np.zeros(1), 1.0, np.zeros(0, np.int64), 0.0, (np.zeros(change.size),)
    )
    assert columns[0] == pytest.approx(expected, abs=4e-16)
    assert not columns[2].any()


@pytest.mark.parametrize("level", [0.0, 1e-9, 1.0 - 1e-9, 1.0])
def test_trust_at_the_very_end_is_brought_back_inside(level):
    after, _, _ = remembered(level, 0.0, 0.001)
    assert 1e-7 < after < 1.0 - 1e-7


def test_only_the_young_take_experience_into_their_disposition():
    level = sigma(math.log(3.0) + 0.7)
    after, lived, moved = remembered(level, 0.7, 0.0, kept=1.0, young=(0,), rate=0.1, usual=0.2)
    assert moved == pytest.approx(0.1 * 0.5, abs=1e-15)
    assert lived == pytest.approx(0.7 - 0.1 * 0.5, abs=1e-15)
    assert after == pytest.approx(level, abs=1e-15)  # trust itself stays
    assert remembered(level, 0.7, 0.0, rate=0.1, kept=1.0)[1:] == (0.7, 0.0)


def test_formative_years_end_with_the_year_of_that_age(build_city):
    city = build_city({"behaviour.formative.until_age": 25})
    start = city.config.city.start_year_solar_hijri
    for week, year in ((0, start), (51, start), (52, start + 1)):
        city.time = week
        young = in_formative_years(city)
        assert (year - city.residents.birth_year[young] < 25).all()
        assert young.size == (year - city.residents.birth_year < 25).sum()
    assert not in_formative_years(build_city({"behaviour.formative.rate_per_week": 0.0})).size


def test_who_was_answered_makes_contact_more_often():
    people, streams = 40_000, Streams(7)
    last, rate = np.arange(people) % 2, np.full(people, 0.1)
    rows = participation.make_contact(rate, last.astype(np.int8), 2.0, streams.keys(people), streams.key("contact", 1))
    assert (np.diff(rows) > 0).all()
    for answered, expected in ((0, 0.1), (1, 0.2)):
        share = (last[rows] == answered).sum() / (people / 2)
        assert share == pytest.approx(expected, abs=4.0 * math.sqrt(expected / (people / 2)))


def test_a_row_or_neighbourhood_that_is_not_there_is_refused_by_passes_over_some(build_city):
    city = build_city().run(20)
    with pytest.raises(IndexError):
        city.institutions.refresh_members(np.array([city.neighbourhoods]))
    city.now.came["volunteering"] = np.array([len(city.residents)])
    with pytest.raises(IndexError):
        make_bridging_ties(city)


@pytest.mark.parametrize(("suffix", "left"), [("nbc", 100), *at_night(("nbi", 0), ("nbc", 0))])
def test_what_was_compiled_and_damaged_is_compiled_again(suffix, left, tmp_path):
    kept = {"NUMBA_CACHE_DIR": str(tmp_path)}
    assert float(told(ONE_EXPERIENCE, **kept)) == pytest.approx(0.54)
    for file in tmp_path.rglob(f"*.{suffix}"):
        file.write_bytes(file.read_bytes()[:left])
    loud = "import warnings\nwarnings.showwarning = lambda text, *_: print(text)\nwarnings.simplefilter('always')\n"
    caution, number = told(loud + ONE_EXPERIENCE, **kept).splitlines()
    assert "what was compiled cannot be read" in caution
    assert float(number) == pytest.approx(0.54)
    assert float(told(loud + ONE_EXPERIENCE, **kept)) == pytest.approx(0.54)  # not a word


def test_what_is_compiled_is_kept_where_only_its_user_can_write(tmp_path):
    kept = {"NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    told(ONE_EXPERIENCE, **kept)
    (folder,) = (tmp_path / "kept").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    (folder / "planted.nbi").touch()
    told(ONE_EXPERIENCE, **kept)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not (folder / "planted.nbi").exists()
    if os.geteuid() == 0:  # only root can give it away
        shutil.chown(folder, user=12_345)
        assert told("from sim.compiling import _FOLDER; print(_FOLDER)", **kept) == "None"
