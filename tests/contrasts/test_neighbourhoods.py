"""Single neighbourhoods: rows by hand, intervals that hold for all of them, names of the extremes, and the maps."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_hex
from scipy import stats

import sim
from experiments.answers.answer import answer_of
from experiments.cli import main
from experiments.contrasts import contrasts, extremes, identified, load_comparison, tables
from experiments.contrasts.arms import Arms
from experiments.contrasts.comparison import Comparison
from experiments.contrasts.geography import MAP_KEYS
from experiments.contrasts.neighbourhoods import Beyond, count_beyond, in_a_line
from experiments.contrasts.report import print_comparison
from experiments.contrasts.shown import interval
from experiments.contrasts.spreads import LUCK
from experiments.contrasts.tables import COLUMNS
from experiments.figure_files import files_of_figure
from experiments.figures.contrasts import MOST_POLICIES
from experiments.figures.maps import HATCH, NO_VALUE
from experiments.figures.neighbourhoods import Mapped, neighbourhood_figure
from experiments.figures.sheet import Sheet
from experiments.figures.style import BLACK, house_style
from experiments.statistics import (
    _draws,
    bonferroni,
    crossed_interval,
    probability_best,
    t_interval,
)
from experiments.sweeps.experiment import Point, UntilRanking
from experiments.sweeps.pairs import positions
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from experiments.sweeps.tables import Sweep
from experiments.sweeps.worker import work
from sim.config import load_config
from sim.neighbourhoods import NeighbourhoodParameters, build_geography
from sim.outcome import NEIGHBOURHOODS
from sim.place import geography_of
from sim.randomness import Streams
from tests.conftest import at_night
from tests.paper.boxes import faults, words_of

TOWN = "configs/cities/own_data/town.yaml"
RAFSANJAN = "configs/cities/rafsanjan.yaml"
STATUS_QUO = "configs/policies/status_quo.yaml"
NAMES = ("Almond", "Bridge", "Cedar", "Dovecote", "Elm", "Fig", "Garden", "Heron", "Island", "Juniper")

SWEEP = """\
title: {{en: Made up, fa: ساختگی}}
base: {base}
policies: {{before: [], after: {policy}, later: {policy}}}
replications: {replications}
run: {{scale: 0.1, weeks: 4}}
outcomes: [{outcomes}]
{more}"""


def experiment_of(folder, root, city=TOWN, replications=3, outcomes="{'hope[neighbourhood=*]': {week: 4}}", more=""):
    """An experiment of three policies in a city."""
    folder.mkdir(parents=True, exist_ok=True)
    text = SWEEP.format(
        base=root / city, policy=root / STATUS_QUO, replications=replications, outcomes=outcomes, more=more
    )
    (folder / "made_up.yaml").write_text(text, encoding="utf-8")
    return load_experiment(folder / "made_up.yaml")


class InPlaceOfTheCity:
    """An executor that works a plain function out, at once and in this process."""

    def __init__(self, value):
        self._value = value

    def submit(self, _, /, folder, digest, runs):
        future = Future()
        future.set_result(work(folder, digest, runs, self._simulate))
        return future

    def _simulate(self, experiment, point, replication):
        row = positions(experiment)[point.number].row
        values = self._value(point.policy, row, replication)
        return {"outcome": list(values), "week": np.full(len(values), 4), "value": np.array([*values.values()], float)}


def swept(experiment, folder, value):
    """A sweep run with a plain function in place of the city.

    Args:
        value: policy, row of the sample and replication to values at week 4 by label.
    """
    return run(experiment, out=folder / "out", executor=InPlaceOfTheCity(value), workers=1, say=lambda _: None)


def of_single(values, outcome="hope"):
    """Values of neighbourhoods by label."""
    return {f"{outcome}[neighbourhood={number}]:week(4)": value for number, value in enumerate(values)}


# ---------------------------------------------------------------- rows


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory, pytestconfig):
    """A sweep in which neighbourhood 2 rises by 0.1, 0.2 and 0.6, and the others by nothing."""
    folder = tmp_path_factory.mktemp("hand")

    def value(policy, _, replication):
        levels = np.full(10, 0.3)
        if policy == "after":
            levels[2] += (0.1, 0.2, 0.6)[replication]
        return {"hope:week(4)": levels.mean(), **of_single(levels)}

    return swept(experiment_of(folder, pytestconfig.rootpath), folder, value)


def test_a_row_of_a_neighbourhood_by_hand(by_hand):
    table = contrasts(by_hand, "before")
    assert list(table.columns) == COLUMNS
    assert COLUMNS[-3:] == ["name", "simultaneous_low", "simultaneous_high"]
    assert len(table) == 2 * 11
    row = table[(table.policy == "after") & (table.group == "neighbourhood=2")].squeeze()
    error = np.sqrt(0.07 / 3.0)  # of 0.1, 0.2 and 0.6 about 0.3
    assert row.difference == pytest.approx(0.3)
    assert (row.low, row.high) == pytest.approx((0.3 - 4.30265 * error, 0.3 + 4.30265 * error), rel=1e-5)
    simultaneous = stats.t.ppf(1.0 - 0.05 / 10 / 2, 2) * error
    assert (row.simultaneous_low, row.simultaneous_high) == pytest.approx((0.3 - simultaneous, 0.3 + simultaneous))
    assert (row["name"], row.replications, row.spread_over, row.confidence) == ("Cedar", 3, LUCK, 0.95)
    assert row.share_better == 1.0
    same = table[(table.policy == "later") & (table.group == "neighbourhood=9")].squeeze()
    assert (same["name"], same.difference, same.simultaneous_low) == ("Juniper", 0.0, 0.0)
    city = table[table.group == ""]
    assert (city.name == "").all()
    assert city[["simultaneous_low", "simultaneous_high"]].isna().all(axis=None)


def test_where_a_ranking_may_stop_the_looks_come_on_top(by_hand):
    rule = UntilRanking("hope:last", "highest", 0.95, 2, 3)  # looks at 2 and at 3
    looked = replace(by_hand, experiment=replace(by_hand.experiment, replications=rule))
    table = contrasts(looked, "before")
    row = table[(table.policy == "after") & (table.group == "neighbourhood=2")].squeeze()
    half = stats.t.ppf(1.0 - 0.05 / 2 / 10 / 2, 2) * np.sqrt(0.07 / 3.0)
    assert row.confidence == 0.975
    assert row.simultaneous_high - row.difference == pytest.approx(half)


def test_rows_of_a_sample_give_intervals_that_allow_for_shared_seeds(tmp_path, pytestconfig):
    draw = np.random.default_rng(1)
    apart = draw.normal(0.1, 0.1, (4, 1, 10)) + draw.normal(0.0, 0.1, (1, 3, 10)) + draw.normal(0.0, 0.1, (4, 3, 10))
    more = (
        "uncertainties: {behaviour.trust.initial_trust_in_municipality: {uniform: [0.2, 0.6]}}\n"
        "design: {kind: latin_hypercube, samples: 4}\n"
    )

    def value(policy, row, replication):
        return of_single(apart[row, replication] if policy == "after" else np.zeros(10))

    sweep = swept(experiment_of(tmp_path, pytestconfig.rootpath, more=more), tmp_path, value)
    table = contrasts(sweep, "before").set_index(["policy", "group"])
    own = [crossed_interval(apart[:, :, number], 1.0 - 0.05 / 10) for number in range(10)]
    common = np.sqrt(np.mean([(0.5 * (high - low)) ** 2 for _, low, high in own]))
    for number, (mean, low, _) in enumerate(own):
        row = table.loc[("after", f"neighbourhood={number}")]
        half = max(mean - low, common)
        assert (row.difference, row.simultaneous_low, row.simultaneous_high) == pytest.approx(
            (mean, mean - half, mean + half)
        )
        assert (row.low, row.high) == pytest.approx(crossed_interval(apart[:, :, number])[1:])


def test_intervals_of_lumpy_differences_hold_for_all_together(tmp_path, pytestconfig, monkeypatch):
    """Rare jumps, of which many a neighbourhood shows none in 20 replications: with its own spread it would miss."""
    experiment = experiment_of(tmp_path, pytestconfig.rootpath, outcomes="{'hope[neighbourhood=*]': {week: 4}}")
    draw, covered, alone, truth = np.random.default_rng(5), 0, 0, 0.1 + 0.05
    for _ in range(100):
        jumps = 0.1 + (draw.random((10, 1, 20)) < 0.05) + 1e-3 * draw.normal(size=(10, 1, 20))
        values = np.stack([np.zeros_like(jumps), jumps, jumps], axis=-1)
        labels = tuple((f"hope[neighbourhood={number}]:week(4)", 4) for number in range(10))
        made = Arms(("before", "after", "later"), labels, values, False, ())
        monkeypatch.setattr(tables, "arms_of", lambda _, made=made: made)
        nothing = pd.DataFrame()
        table = contrasts(Sweep(tmp_path, experiment, nothing, nothing), "before").query("policy == 'after'")
        covered += ((table.simultaneous_low <= truth) & (truth <= table.simultaneous_high)).all()
        half = stats.t.ppf(1.0 - 0.05 / 10 / 2, 19) * jumps[:, 0].std(axis=1, ddof=1) / np.sqrt(20)
        alone += (np.abs(jumps[:, 0].mean(axis=1) - truth) <= half).all()
    assert alone < 10
    assert covered >= 93


def test_only_those_asked_for_are_allowed_for(tmp_path, pytestconfig):
    outcomes = "{'hope[neighbourhood=3]': {week: 4}}"

    def value(policy, _, replication):
        return {"hope[neighbourhood=3]:week(4)": 0.1 * replication * (policy == "after")}

    sweep = swept(experiment_of(tmp_path, pytestconfig.rootpath, outcomes=outcomes), tmp_path, value)
    row = contrasts(sweep, "before").iloc[0]
    assert (row["name"], row.simultaneous_low, row.simultaneous_high) == ("Dovecote", row.low, row.high)


def test_intervals_hold_for_all_neighbourhoods_together_as_often_as_they_say():
    """A thousand sweeps of 20 replications and 50 neighbourhoods, of which some gain, some lose and most do neither."""
    draw, effects = np.random.default_rng(3), np.repeat([0.3, -0.2, 0.0], (5, 5, 40))
    together, single = 0, 0
    for _ in range(1_000):
        differences = draw.normal(effects, np.linspace(0.5, 2.0, 50), (20, 50))
        wide = np.array([t_interval(own, bonferroni(0.95, 50)) for own in differences.T])
        narrow = np.array([t_interval(own, 0.95) for own in differences.T])
        together += ((wide[:, 1] <= effects) & (effects <= wide[:, 2])).all()
        single += ((narrow[:, 1] <= effects) & (effects <= narrow[:, 2])).sum()
    assert 0.93 <= together / 1_000 < 0.975
    assert 0.93 < single / 50_000 < 0.97


def test_levels_are_bonferronis():
    assert bonferroni(0.95, 50) == pytest.approx(0.999)
    assert bonferroni(bonferroni(0.95, 3), 50) == pytest.approx(1.0 - 0.05 / 150)
    assert bonferroni(0.9, 1) == 0.9


def test_draws_for_the_chance_of_being_best_are_made_once_for_all_neighbourhoods(by_hand):
    _draws.cache_clear()
    apart = np.random.default_rng(4).normal(0.0, 1.0, (50, 20, 6))
    first = [probability_best(values, highest=True) for values in apart]
    assert _draws.cache_info().misses == 1
    _draws.cache_clear()
    assert probability_best(apart[7], highest=True) == pytest.approx(first[7], abs=1e-12)


# ---------------------------------------------------------------- one place


def points_of(*values):
    return tuple(Point(number, "before", own) for number, own in enumerate(values))


@pytest.mark.parametrize(
    ("city", "values", "expected"),
    [
        (RAFSANJAN, ({},), True),
        (RAFSANJAN, ({"city.population.total": 9_000}, {"city.population.total": 90_000}), True),
        (RAFSANJAN, ({"policy.delegated_share": 0.1}, {}), True),
        *((RAFSANJAN, ({MAP_KEYS + name: "x"},), False) for name in ("count", "names", "deprivation_range_km")),
        (RAFSANJAN, ({"run.place_seed": 1}, {"run.place_seed": 2}), False),
        (RAFSANJAN, ({"run.place_seed": 3}, {"run.place_seed": 3}), True),
        (TOWN, ({"run.place_seed": 1}, {"run.place_seed": 2}), True),
        (TOWN, ({"city.neighbourhoods.data_file": "other.csv"},), False),
    ],
)
def test_neighbourhoods_are_identified_unless_points_change_the_map(tmp_path, pytestconfig, city, values, expected):
    outcomes = "hope"
    experiment = experiment_of(tmp_path, pytestconfig.rootpath, city=city, outcomes=outcomes)
    assert identified(replace(experiment, points=points_of(*values))) is expected


def test_without_one_map_single_neighbourhoods_are_left_out(tmp_path, pytestconfig):
    points = [
        f"{{policy: {name}, city.neighbourhoods.count: {count}}}"
        for name in ("before", "after", "later")
        for count in (3, 4)
    ]
    more = f"design: {{kind: list, points: [{', '.join(points)}]}}\n"
    experiment = experiment_of(tmp_path, pytestconfig.rootpath, city=RAFSANJAN, more=more)

    def value(policy, _, replication):
        return {"hope:week(4)": 0.1 * replication, **of_single([0.2, 0.3, 0.4])}

    sweep = swept(experiment, tmp_path, value)
    assert not identified(experiment)
    table = contrasts(sweep, "before city.neighbourhoods.count=3")
    assert set(table.group) == {""}
    assert (table.name == "").all()
    assert Comparison(sweep, "before city.neighbourhoods.count=3", "hope").geography is None


def test_the_map_is_that_of_the_city(pytestconfig):
    config = load_config(pytestconfig.rootpath / RAFSANJAN)
    built, city = geography_of(config), sim.City(config.with_values({"run.scale": 0.005, "run.weeks": 1}))
    assert built.names == city.geography.names
    assert built.polygons == city.geography.polygons
    assert geography_of(load_config(pytestconfig.rootpath / TOWN)).names == NAMES


# ---------------------------------------------------------------- who gains and who loses


def made_up(values, halves, *, policies=("after",), outcomes=NEIGHBOURHOODS.compared, names=None, ranked=True):
    """A table of single neighbourhoods at week 4.

    Args:
        values: differences, broadcast to (policies, outcomes, neighbourhoods).
        halves: half the widths of their simultaneous intervals, alike.
        ranked: whether shares of gains are known.
    """
    count = np.shape(values)[-1]
    shape = (len(policies), len(outcomes), count)
    values, halves = np.broadcast_to(values, shape), np.broadcast_to(halves, shape)
    rows = [
        {
            "policy": policy, "base": "before", "outcome": outcome, "week": 4, "group": f"neighbourhood={number}",
            "difference": values[i, j, number], "name": names[number] if names else f"N{number}",
            "simultaneous_low": values[i, j, number] - halves[i, j, number],
            "simultaneous_high": values[i, j, number] + halves[i, j, number],
            "share_better": 0.5 if ranked else np.nan, "spread_over": LUCK,
        }
        for i, policy in enumerate(policies)
        for j, outcome in enumerate(outcomes)
        for number in range(count)
    ]  # fmt: skip
    return pd.DataFrame(rows)


VALUES = np.array([0.1, -0.3, 0.0, 0.4, -0.1, 0.2, np.nan, -0.1])


def listed(found, direction):
    return found[found.direction == direction].neighbourhood.tolist()


def test_those_that_move_most_are_named_the_furthest_first():
    in_no_order = made_up(VALUES, 0.15).sample(frac=1.0, random_state=1)
    found = extremes(in_no_order, "after", "trust_in_municipality", most=2)
    assert listed(found, "gains") == [3, 5]
    assert listed(found, "loses") == [1, 4]  # 4 before 7, of the same difference
    assert found.name.tolist() == ["N3", "N5", "N1", "N4"]
    assert found.leaves_out_0.tolist() == [True, True, True, False]
    row = found.iloc[0]
    assert (row.difference, row.simultaneous_low, row.simultaneous_high) == pytest.approx((0.4, 0.25, 0.55))
    lowest_is_best = extremes(made_up(VALUES, 0.15), "after", "below_floor_share", most=2)
    assert listed(lowest_is_best, "gains") == [1, 4]
    assert listed(lowest_is_best, "loses") == [3, 5]


def test_to_gain_or_lose_a_neighbourhood_must_be_on_that_side_of_0():
    found = extremes(made_up(VALUES, 0.15), "after", "trust_in_municipality")
    assert (listed(found, "gains"), listed(found, "loses")) == ([3, 5, 0], [1, 4, 7])
    assert extremes(made_up(np.zeros(4), 0.0), "after", "trust_in_municipality").empty


def test_without_a_better_end_they_are_higher_and_lower():
    found = extremes(made_up(VALUES, 0.15, outcomes=("volunteers",)), "after", "volunteers", most=1)
    assert (listed(found, "higher"), listed(found, "lower")) == ([3], [1])
    councilless = made_up(VALUES, 0.15, outcomes=("trust_in_council",), ranked=False)
    assert set(extremes(councilless, "after", "trust_in_council").direction) == {"higher", "lower"}
    with_councils = made_up(VALUES, 0.15, outcomes=("trust_in_council",))
    assert set(extremes(with_councils, "after", "trust_in_council").direction) == {"gains", "loses"}


def test_they_are_those_of_the_last_week_that_has_any():
    table = made_up(VALUES, 0.15)
    earlier = table.assign(week=1, difference=-table.difference)
    of_the_city = table.assign(week=9, group="")
    found = extremes(pd.concat([earlier, table, of_the_city]), "after", "trust_in_municipality", most=1)
    assert listed(found, "gains") == [3]


def test_how_many_move_beyond_their_intervals():
    table = made_up(VALUES, 0.15)
    assert count_beyond(table, "after", "trust_in_municipality") == Beyond(2, 1, 8)
    assert count_beyond(table, "after", "below_floor_share") == Beyond(1, 2, 8)
    assert in_a_line(Beyond(2, 1, 8)) == "interval excludes 0: 1 for the worse, 2 for the better (of 8)"
    assert in_a_line(Beyond(2, 1, 8), ranked=False) == "interval excludes 0: 2 higher, 1 lower (of 8)"
    assert in_a_line(Beyond(0, 0, 8)) == "no neighbourhood's interval excludes 0"


# ---------------------------------------------------------------- printed and written


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """The command in the town, with figures, without and as printed."""
    folder = tmp_path_factory.mktemp("town") / "out"
    words = ["compare", STATUS_QUO, "configs/policies/tokenism.yaml", "--city", TOWN, "--replications", "3"]
    words += ["--scale", "0.1", "--weeks", "30", "--out", str(folder), "--quiet"]
    assert main([*words, "--no-figure"]) == 0
    without = {path.name for path in folder.iterdir()}
    assert main(words) == 0
    return load_comparison(folder), without, {path.name for path in folder.iterdir()}


def test_maps_are_written_unless_no_figure_is_wanted(compared):
    _, without, names = compared
    assert names - without == {*files_of_figure("contrasts"), *files_of_figure("neighbourhoods")}


def test_those_that_move_most_are_printed_by_name(compared, capsys):
    found = compared[0]
    print_comparison(found)
    printed = capsys.readouterr().out
    said = " ".join(printed.split())
    head = (
        "Neighbourhoods that lose most / gain most: trust in municipality, tokenism less status_quo (week 30; "
        "simultaneous intervals for all 10)"
    )
    assert head in said
    assert said.index("Who loses and who gains: tokenism") < said.index(head)
    named = extremes(found.contrasts, "tokenism", "trust_in_municipality")
    for _, row in named.iterrows():
        shown = interval(row.difference, row.simultaneous_low, row.simultaneous_high, "trust_in_municipality")
        line = next(line for line in printed.splitlines() if shown in line and row["name"] in line)
        assert line.endswith("yes" if row.leaves_out_0 else "no")
    titles = {name: {"en": name, "fa": name} for name in ("status_quo", "tokenism")}
    (policy,) = answer_of(found, source="run", titles=titles)["policies"]
    (words,) = [one["text"]["en"] for one in policy["maps"] if one["outcome"] == "trust_in_municipality"]
    assert " of 10 neighbourhoods: " in words
    assert words in said, "other words than those of the brief and the page"
    assert "whatever its interval: shares on average, no verdict on any neighbourhood." in said
    assert "so their differences are overestimates" in said


def test_where_nothing_leaves_out_0_it_is_said_and_they_are_named_all_the_same(compared, capsys):
    found = compared[0]
    wide = found.contrasts.assign(simultaneous_low=-9.0, simultaneous_high=9.0)
    plain = Comparison(found.sweep, found.base, "participation_rate")
    plain.__dict__["contrasts"] = wide  # in place of the cached table
    print_comparison(plain)
    printed = capsys.readouterr().out
    none = "No interval excludes 0: the order of those named below is largely chance."
    assert none in " ".join(printed.split())
    assert "lose most / gain most: participation, % points, tokenism" in printed
    (best, *_) = extremes(wide, "tokenism", "participation_rate").name
    assert any(line.startswith(f"gains most  {best}") for line in printed.splitlines())


def test_the_outcome_that_ranks_names_them_if_neighbourhoods_have_it(compared):
    found = compared[0]
    named = {ranked: Comparison(found.sweep, found.base, ranked).named_by for ranked in ("service_level", "hope")}
    assert named == {"service_level": "service_level", "hope": "trust_in_municipality"}


# ---------------------------------------------------------------- the maps


def squares(count):
    """Neighbourhoods in a row."""
    return [shapely.box(number, 0.0, number + 1.0, 1.0) for number in range(count)]


def drawn(table, polygons, names=None, language="en", title="", note="", **changes):
    """The maps of a table, without words but those asked for."""
    names = names or [f"N{number}" for number in range(len(polygons))]
    own = {"titles": {}, "named_by": "trust_in_municipality"}
    return neighbourhood_figure(
        Mapped(table, polygons, names, **own | changes), Sheet(language, title=title, note=note)
    )


def maps_of(figure, of, outcomes=4):
    """Faces, and which are hatched, of each map: (policies, outcomes) of pairs of (M, 4) and of a set of numbers."""
    found = []
    for axes in figure.axes:
        collections = [item for item in axes.collections if isinstance(item, PatchCollection)]
        if not collections:
            continue
        faces, *hatched = collections  # the second is there only where something is hatched
        faces.update_scalarmappable()
        assert len(faces.get_paths()) == of
        assert all(one.get_hatch() == HATCH for one in hatched)
        left = {path.vertices[:, 0].min() for one in hatched for path in one.get_paths()}
        found.append((faces.get_facecolor(), {round(float(value)) for value in left}))
    return np.array(found, dtype=object).reshape(-1, outcomes, 2)


def test_blue_is_better_and_hatched_is_where_the_interval_holds_0():
    values = np.array([0.2, -0.2, 0.1, -0.05, np.nan])
    table = made_up(np.stack([[values], [0.5 * values]]), 0.12, policies=("after", "later"))
    maps = maps_of(drawn(table, squares(5)), 5)
    assert maps.shape == (2, 4, 2)
    better = {"trust_in_municipality": 0, "participation_rate": 0, "service_level": 0, "below_floor_share": 1}
    for place, outcome in enumerate(NEIGHBOURHOODS.compared):
        faces, hatched = maps[0, place]
        blue, red = faces[better[outcome]], faces[1 - better[outcome]]
        assert blue[2] > blue[0] + 0.3, outcome
        assert red[0] > red[2] + 0.3, outcome
        assert hatched == {2, 3}
        assert to_hex(faces[4]) == NO_VALUE.lower()
        paler, more = maps[1, place]
        assert more == {0, 1, 2, 3}  # half as large, with intervals as wide
        assert paler[0] == pytest.approx(faces[2])  # one scale for all policies
        assert not np.allclose(paler[0], faces[0])


def test_scales_are_symmetric_and_say_the_unit_and_which_way_is_better():
    table = made_up(np.array([[[0.12], [-0.12], [0.03], [0.0]]]) * np.array([1.0, -0.2, 0.1]), 0.01)
    figure = drawn(table, squares(3))
    bars = [axes for axes in figure.axes if axes.get_xticklabels() and axes.get_xlim()[0] < 0.0 and axes.axison]
    assert len(bars) == 4
    for axes, reach in zip(bars, (12.0, 12.0, 4.0, 4.0), strict=True):  # what is small stays pale
        assert axes.get_xlim() == pytest.approx((-reach, reach))
    shown = [[label.get_text() for label in axes.get_xticklabels()] for axes in bars]
    assert shown == [["−10", "0", "+10"], ["−10", "0", "+10"], ["−2", "0", "+2"], ["−2", "0", "+2"]]
    words = [text.get_text() for text in figure.texts]
    assert words.count("points; blue: higher, better") == 3
    assert "points; blue: lower, better" not in words
    assert "points; no difference" in words
    flipped = drawn(made_up(np.array([0.1, -0.1]), 0.01, outcomes=("below_floor_share",)), squares(2))
    assert "points; blue: lower, better" in [text.get_text() for text in flipped.texts]


def test_names_stand_beside_the_maps_and_marks_on_them():
    names = ["Almond", "Bridge", "Cedar", "Dovecote", "Elm", "Fig", "Garden", "Hill", "Island", "Juniper"]
    values = np.array([0.5, -0.5, 0.4, -0.4, 0.3, -0.3, 0.2, -0.2, 0.1, 0.0])
    figure = drawn(made_up(values, 0.25), squares(10), names)
    words = [text.get_text() for text in figure.texts]
    listed_names = [word for word in words if word in names]
    assert listed_names == ["Bridge", "Dovecote", "Fig", "Almond", "Cedar", "Elm"]  # who loses stands first
    assert "+50 ± 25" in words
    black = [text.get_text() for text in figure.texts if text.get_text() in names and text.get_color() == BLACK]
    assert black == listed_names
    assert "interval excludes 0: 3 for the worse, 3 for the better (of 10)" in " ".join(words)
    maps = [axes for axes in figure.axes if axes.texts and not axes.axison]
    marks = [{text.get_text(): int(text.get_position()[0]) for text in axes.texts} for axes in maps]
    assert marks == [{"1": 0, "2": 2, "3": 4, "A": 1, "B": 3, "C": 5}] * 4


def test_marks_of_neighbours_too_small_for_them_are_moved_aside_with_a_line():
    corner = [shapely.box(0.01 * number, 0.0, 0.01 * (number + 1), 0.01) for number in range(6)]
    polygons = [*corner, shapely.box(0.0, 0.02, 3.0, 3.0)]
    values = np.array([0.5, -0.5, 0.4, -0.4, 0.3, -0.3, 0.0])
    figure = drawn(made_up(values, 0.25), polygons)
    first = next(axes for axes in figure.axes if axes.texts and not axes.axison)
    assert len(first.texts) == 6
    assert len(first.lines) >= 5  # to the places of those moved
    with house_style():
        figure.draw_without_rendering()
    boxes = [text.get_window_extent(figure.canvas.get_renderer()) for text in first.texts]
    assert not any(box.overlaps(other) for place, box in enumerate(boxes) for other in boxes[place + 1 :])


def test_no_more_policies_are_drawn_than_there_is_room_for_and_none_without_rows():
    policies = [f"policy {number}" for number in range(8)]
    table = made_up(np.array([0.1, -0.1]), 0.05, policies=policies)
    figure = drawn(table, squares(2))
    assert maps_of(figure, 2).shape[0] == MOST_POLICIES
    with pytest.raises(ValueError, match="no rows of single neighbourhoods"):
        drawn(table.assign(group=""), squares(2))


PERSIAN = "محله‌ی شهید دکتر علی شریعتی و خیابان‌های پیرامون میدان انقلاب اسلامی و بازار بزرگ"
LONG = "The Neighbourhood of Saint Wilhelmina-upon-the-Wide-Water and its Western Meadows, formerly Market Wards, No."


@pytest.mark.parametrize("language", ["fa", *at_night("en")])
@pytest.mark.parametrize("word", [PERSIAN, *at_night(LONG, "N")])
@pytest.mark.parametrize("count", [3, 200])
@pytest.mark.parametrize("number", [1, 6, *at_night(2)])
def test_no_text_lies_on_another_or_leaves_the_page(number, count, word, language):
    draw = np.random.default_rng(number * count)
    policies = [f"policy {place}" for place in range(number)]
    table = made_up(
        draw.normal(0.0, 0.01, (number, 4, count)), draw.uniform(0.0, 0.03, (number, 4, count)), policies=policies
    )
    names = [f"{word} {place}" for place in range(count)]
    parameters = NeighbourhoodParameters(count=count)
    polygons = build_geography(parameters, 100_000, Streams(3)).polygons
    titles = {policy: f"{policy}: {LONG} {PERSIAN}" for policy in policies}
    figure = drawn(table, polygons, names, language, title=LONG * 2, note=LONG * 3, titles=titles)
    with house_style(language):
        assert faults(figure) == []
        shown = [words for words, _ in words_of(figure)]
    assert len([words for words in shown if words.startswith(word[:10])]) >= number * min(count, 3)


def test_long_names_keep_their_ends_by_which_they_differ():
    names = [f"{LONG} {number} East" for number in range(3)]
    figure = drawn(made_up(np.array([0.1, -0.1, 0.05]), 0.01), squares(3), names)
    shown = [text.get_text() for text in figure.texts if text.get_text().startswith(LONG[:10])]
    assert len(set(shown)) == 3
    assert all(" … " in words and words.endswith(" East") for words in shown)


@pytest.mark.parametrize("shape", [(8.0, 1.0), (1.0, 8.0)])
def test_a_long_city_stays_within_its_place(shape):
    wide, tall = shape
    polygons = [shapely.box(wide * n / 8, tall * n / 8, wide * (n + 1) / 8, tall * (n + 1) / 8) for n in range(8)]
    figure = drawn(made_up(np.linspace(-0.1, 0.1, 8), 0.05), polygons)
    maps = [axes for axes in figure.axes if axes.texts and not axes.axison]
    for axes in maps:
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        assert left <= 0.0 < wide <= right
        assert low <= 0.0 < tall <= high
        box = axes.get_window_extent()
        assert (right - left) / box.width == pytest.approx((high - low) / box.height)  # one km is as long both ways
