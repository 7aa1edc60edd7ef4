"""Comparisons: nothing against itself is nothing, a known effect is found, parts sum to the gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import experiments
import sim
from experiments.cli import main
from experiments.contrasts import CHANNELS, attribute, compare, contrasts, load_comparison
from experiments.contrasts.comparison import OF_THE_CITY, design
from experiments.contrasts.mechanisms import EVERYTHING, GAP, INTERACTION, LEFT, _split
from experiments.contrasts.report import chance
from experiments.contrasts.tables import COLUMNS, arms_of, split_label
from experiments.contrasts.watching import Differences
from experiments.sweeps.runner import Progress

RAFSANJAN = "configs/cities/rafsanjan.yaml"
STATUS_QUO = "configs/policies/status_quo.yaml"
SMALL = {"scale": 0.005, "weeks": 30}


@pytest.fixture(scope="module", autouse=True)
def in_the_project(pytestconfig):
    patch = pytest.MonkeyPatch()
    patch.chdir(pytestconfig.rootpath)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """The status quo again, in a file of another name."""
    file = tmp_path_factory.mktemp("policies") / "twin.yaml"
    with open(STATUS_QUO, encoding="utf-8") as source:
        file.write_text(source.read(), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def found(twin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare") / "out"
    return compare(STATUS_QUO, [twin, "as_is"], out=folder, replications=3, workers=2, at=[0, 30], **SMALL)


def test_a_policy_beside_itself_differs_by_exactly_nothing(found):
    rows = found.contrasts[found.contrasts.policy == "twin"]
    assert len(rows) > 100
    assert (rows[["difference", "low", "high"]].dropna() == 0.0).all(axis=None)
    shares = found.neighbourhoods
    same = shares[(shares.policy == "twin") & (shares.direction == "same")]
    assert (same.share == 1.0).all()


def test_differences_are_those_of_the_runs_themselves(found):
    ends = {}
    for name, timeline in found.sweep.experiment.policies.items():
        for replication in range(3):
            config = found.sweep.experiment.base.model_copy(update={"timeline": timeline})
            city = sim.City(config.with_values({"run.seed": found.sweep.experiment.seed_of(replication)})).run()
            ends[name, replication] = city
    rows = found.contrasts.set_index(["policy", "outcome", "week", "group"])
    for outcome in OF_THE_CITY:
        pairs = [
            ends["as_is", number].history[outcome].iloc[-1] - ends["status_quo", number].history[outcome].iloc[-1]
            for number in range(3)
        ]
        row = rows.loc[("as_is", outcome, 30, "")]
        assert row.difference == pytest.approx(np.nanmean(pairs), abs=1e-12)
        assert row.replications == 3
    higher = [
        (ends["as_is", number].neighbourhood_history.query("week == 30").service_level.to_numpy()
         > ends["status_quo", number].neighbourhood_history.query("week == 30").service_level.to_numpy()).mean()
        for number in range(3)
    ]  # fmt: skip
    shares = found.neighbourhoods.set_index(["policy", "outcome", "direction"])
    assert shares.loc[("as_is", "service_level", "higher"), "share"] == pytest.approx(np.mean(higher))


def test_tables_have_the_columns_and_rows_promised(found):
    assert list(found.contrasts.columns) == COLUMNS
    assert set(found.contrasts.week) == {0, 30}
    some = {"", "sex=man", "cohort=youth", "standing=without_standing", "deprivation=most"}
    assert some <= set(found.contrasts.group)
    assert not found.contrasts.group.str.startswith("neighbourhood=").any()
    sums = found.neighbourhoods.groupby(["policy", "outcome"]).share.sum()
    assert sums.to_numpy() == pytest.approx(1.0)
    inputs = ["money_spent", "money_leaked", "exits", "programmes_held"]
    unranked = found.contrasts[found.contrasts.outcome.isin(inputs)]
    assert unranked.probability_best.isna().all()


def test_the_same_call_again_runs_nothing(found, twin):
    journal = (found.sweep.folder / "journal.jsonl").read_bytes()
    again = compare(STATUS_QUO, [twin, "as_is"], out=found.sweep.folder, replications=3, at=[0, 30], **SMALL)
    assert (found.sweep.folder / "journal.jsonl").read_bytes() == journal
    pd.testing.assert_frame_equal(again.contrasts, found.contrasts)
    pd.testing.assert_frame_equal(load_comparison(found.sweep.folder).contrasts, found.contrasts)


KNOWN = """\
title: {{en: Known, fa: معلوم}}
base: {base}
design:
  kind: list
  points:
    - {{behaviour.trust.initial_trust_in_municipality: 0.40}}
    - {{behaviour.trust.initial_trust_in_municipality: 0.45}}
replications: 6
run: {{scale: 0.01, weeks: 1}}
outcomes: [{{trust_in_municipality: {{week: 0}}}}]
"""


def test_an_effect_of_known_size_is_recovered(tmp_path, pytestconfig):
    file = tmp_path / "known.yaml"
    file.write_text(KNOWN.format(base=pytestconfig.rootpath / RAFSANJAN), encoding="utf-8")
    sweep = experiments.run(file, out=tmp_path / "out", workers=1)
    (row,) = contrasts(sweep, arms_of(sweep).names[0]).itertuples()
    assert row.low - 1e-3 <= 0.05 <= row.high + 1e-3  # draws are cut to [0, 1], which costs less than a thousandth
    assert row.difference == pytest.approx(0.05, abs=2e-3)
    assert row.probability_best == 1.0
    assert row.variance_reduction > 10.0


SAMPLED = """\
title: {{en: Sampled, fa: نمونه}}
base: {base}
policies: {{before: [], after: {policy}}}
uncertainties: {{behaviour.trust.initial_trust_in_municipality: {{uniform: [0.2, 0.6]}}}}
design: {{kind: latin_hypercube, samples: 4}}
replications: 2
run: {{scale: 0.005, weeks: 4}}
outcomes: [{{trust_in_municipality: last}}]
"""


def test_with_uncertainties_policies_are_paired_within_a_row_of_the_sample(tmp_path, pytestconfig):
    root, file = pytestconfig.rootpath, tmp_path / "sampled.yaml"
    file.write_text(SAMPLED.format(base=root / RAFSANJAN, policy=root / STATUS_QUO), encoding="utf-8")
    sweep = experiments.run(file, out=tmp_path / "out", workers=1)
    arms = arms_of(sweep)
    assert arms.names == ("before", "after")
    table = arms.by_outcome["trust_in_municipality:last", -1]
    assert table.shape == (4, 2)
    by_point = sweep.outcomes.merge(sweep.runs[["run_id", "point"]], on="run_id").groupby("point").value.mean()
    assert table["before"].to_numpy() == pytest.approx(by_point.to_numpy()[:4])
    assert table["after"].to_numpy() == pytest.approx(by_point.to_numpy()[4:])
    assert contrasts(sweep, "before").replications.tolist() == [4]


@pytest.mark.parametrize(
    ("label", "split"),
    [
        ("hope", ("hope", "")),
        ("hope:last", ("hope:last", "")),
        ("hope:week(3,9)", ("hope", "")),
        ("hope[cohort=youth]:mean(53-104)", ("hope:mean(53-104)", "cohort=youth")),
        ("service_level[neighbourhood=7]:every(4)", ("service_level", "neighbourhood=7")),
    ],
)
def test_labels_are_split(label, split):
    assert split_label(label) == split


# ---------------------------------------------------------------- mechanisms


def made_up_gaps():
    """Gaps of one outcome in four replications: without anything, without each channel, without all."""
    draw = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([["hope"], [30], range(4)], names=["outcome", "week", "replication"])
    return pd.DataFrame(draw.normal(0.0, 1.0, (4, len(CHANNELS) + 2)), index, [GAP, *CHANNELS, EVERYTHING])


def test_the_parts_sum_to_the_gap():
    gaps = made_up_gaps()
    values = _split(gaps).set_index("part").value
    assert values[GAP] == pytest.approx(gaps[GAP].mean())
    assert values[LEFT] == pytest.approx(gaps[EVERYTHING].mean())
    assert sum(values[[*CHANNELS, LEFT, INTERACTION]]) == pytest.approx(values[GAP])


def test_channels_that_add_up_leave_no_interaction():
    gaps = made_up_gaps()
    gaps[EVERYTHING] = gaps[GAP] - sum(gaps[GAP] - gaps[channel] for channel in CHANNELS)
    values = _split(gaps).set_index("part").value
    assert values[INTERACTION] == pytest.approx(0.0, abs=1e-12)


def test_every_channel_switches_off_something_that_is_on():
    config = sim.load_config(RAFSANJAN)
    for channel, values in CHANNELS.items():
        off = config.with_values(dict(values))
        for key, value in values.items():
            held, without = config, off
            for name in key.split("."):
                held, without = getattr(held, name), getattr(without, name)
            assert without == value == (1 if channel == "team" else 0), (channel, key)
            assert held != value, (channel, key)


def test_the_parts_of_a_simulated_gap_sum_to_it(tmp_path):
    parts = attribute(STATUS_QUO, "as_is", out=tmp_path / "out", replications=2, workers=2, scale=0.005, weeks=30)
    assert len(parts.sweep.runs) == 2 * 2 * (len(CHANNELS) + 2)
    for (outcome, week, group), rows in parts.table.groupby(["outcome", "week", "group"]):
        values = rows.set_index("part").value
        assert sum(values[[*CHANNELS, LEFT, INTERACTION]]) == pytest.approx(values[GAP]), (outcome, week, group)
    mayors = parts.table[parts.table.part == "youth mayor"]
    assert (mayors.value.dropna() == 0.0).all()  # the first would come in week 131
    trust = parts.table[(parts.table.outcome == "trust_in_municipality") & (parts.table.group == "")]
    assert (trust.set_index("part").value[[GAP, "delivery"]] != 0.0).all()


# ---------------------------------------------------------------- while it runs, and what is refused


def test_intervals_are_said_from_two_replications_on_and_then_ever_more_rarely(capsys):
    told = []
    differences = Differences(("base", "other"), "hope", told.append)
    for done in range(1, 17):
        values = {run: 0.5 + 0.1 * (run % 2) + 0.01 * (run // 2) * (run % 2) for run in range(2 * done)}
        differences(Progress(values=values))
    lines = capsys.readouterr().err.splitlines()
    assert [int(line.split()[1]) for line in lines] == [2, 3, 4, 6, 9, 13]
    assert lines[0].startswith("after 2 replications, hope, other less base: +0.1050 (")
    assert len(told) == 16


def test_teams_make_no_difference_where_everybody_builds_as_if_assisted():
    values = {"run.scale": 0.005, "run.weeks": 1, **CHANNELS["team"]}
    for kind in ("team", "training", "none"):
        city = sim.City(sim.load_config(RAFSANJAN, values={**values, "policy.support.kind": kind})).run()
        assert (city.assistance == 1.0).all(), kind


def test_a_failed_arm_takes_its_replication_out_of_every_arm_of_the_row(tmp_path, pytestconfig):
    root, file = pytestconfig.rootpath, tmp_path / "sampled.yaml"
    file.write_text(SAMPLED.format(base=root / RAFSANJAN, policy=root / STATUS_QUO), encoding="utf-8")
    sweep = experiments.run(file, out=tmp_path / "out", workers=1)
    runs = sweep.runs.copy()
    runs.loc[runs.run_id == 0, "status"] = "failed"  # replication 0 of the first row, under "before" alone
    left = arms_of(replace(sweep, runs=runs)).by_outcome["trust_in_municipality:last", -1]
    values = sweep.outcomes.merge(sweep.runs[["run_id", "point"]], on="run_id")
    second = values[values.replication == 1].set_index("point").value
    assert left.loc[0].tolist() == [second[0], second[4]]


def test_neighbourhoods_are_shown_with_their_own_week(tmp_path, capsys):
    words = ["compare", STATUS_QUO, "as_is", "--replications", "2", "--scale", "0.005", "--weeks", "12", "--at", "4"]
    assert main([*words, "--out", str(tmp_path / "out"), "--no-figure"]) == 0
    said = capsys.readouterr().out
    assert "beside status_quo, week 4" in said
    assert "service_level, week 12: higher in" in said


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, ">99 %"), (0.0, "<1 %"), (0.5, "50 %"), (0.99, "99 %"), (float("nan"), "")]
)
def test_no_number_of_replications_makes_certain(value, text):
    assert chance(value) == text


WRONG = [
    (["compare", STATUS_QUO, "no_such.yaml"], "no_such.yaml: no such policy file; write as_is for the city as it is"),
    (["compare", STATUS_QUO, STATUS_QUO], '"status_quo" is named twice'),
    (["compare", STATUS_QUO, "as_is", "--rank-by", "hop"], '--rank-by: cannot rank by "hop"; did you mean "hope"?'),
    (["compare", STATUS_QUO, "as_is", "--at", "300"], "--at: must be a week from 0 to 260, not 300"),
    (["compare", STATUS_QUO, "as_is", "--replications", "1"], "--replications: must be at least 2"),
    (["compare", STATUS_QUO, "as_is", "--city", "no.yaml"], "no.yaml"),
    (
        ["compare", STATUS_QUO, "as_is", "configs/policies/tokenism.yaml", "--mechanisms"],
        "--mechanisms: needs one policy beside the base",
    ),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_a_wrong_request_is_one_line_and_status_2(tmp_path, capsys, words, said):
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()


def test_the_command_prints_and_writes(tmp_path, capsys):
    words = ["compare", STATUS_QUO, "as_is", "--replications", "2", "--scale", "0.005", "--weeks", "12", "--csv"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "as_is less status_quo" in said.out
    assert "Nothing is adjusted for their number" in said.out
    assert "after 2 replications" not in said.err  # no rule looks at values where so few are asked for
    names = {"contrasts.parquet", "contrasts.csv", "neighbourhood_shares.parquet", "contrasts.png"}
    assert names <= {path.name for path in (tmp_path / "out").iterdir()}
    assert not list((tmp_path / "out").glob(".*partial")) + list((tmp_path / "out").glob(".*png"))


def test_a_ranking_that_is_settled_stops(tmp_path):
    rule = design(
        STATUS_QUO, ["as_is"], city=RAFSANJAN, replications=50, scale=0.005, weeks=4, at=None, ranked_by="service_gini",
        stop_when_settled=True, seed=0,
    ).replications  # fmt: skip
    assert (rule.of, rule.best, rule.at_least, rule.at_most) == ("service_gini:last", "lowest", 10, 50)
