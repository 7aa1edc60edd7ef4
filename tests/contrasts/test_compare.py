"""Comparisons: nothing against itself is nothing, a known effect is found, intervals say what they are."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import psutil
import pytest
from scipy import stats

import experiments
import sim
from experiments.calibration.posterior import write_posterior
from experiments.cli import main
from experiments.contrasts import compare, contrasts, load_comparison, neighbourhood_shares
from experiments.contrasts.arms import arms_of, split_label, without_councils
from experiments.contrasts.cautions import cautions
from experiments.contrasts.comparison import Comparison, design
from experiments.contrasts.drawing import draw, with_least
from experiments.contrasts.mechanisms import LAST
from experiments.contrasts.report import print_comparison
from experiments.contrasts.report_tables import _gain
from experiments.contrasts.shown import (
    chance,
    give_or_take,
    in_unit,
    interval,
    level,
    sort_groups,
)
from experiments.contrasts.spreads import ASSUMPTIONS, LUCK
from experiments.contrasts.tables import (
    COLUMNS,
    means,
)
from experiments.contrasts.watching import Differences, WhenIdle
from experiments.figure_files import FORMATS, files_of_figure
from experiments.figures.contrasts import COLOURS, MARKS, Compared, contrast_figure
from experiments.figures.intervals import MOST
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from experiments.figures.style import house_style
from experiments.statistics import LEAST, LEAST_IN_SD, crossed_interval
from experiments.study.runner import Progress, Runner
from experiments.study.shards import read_shard
from experiments.study.store import Store
from experiments.sweeps.experiment import KIND, UntilRanking
from experiments.sweeps.pairs import positions
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.tables import Sweep
from experiments.units import factor_of, unit_of
from sim.cautions import CautionWarning
from sim.outcome import CITY, GROUPS, NEIGHBOURHOODS
from tests.interrupting import HANGING, heed_ctrl_c
from tests.languages import not_persian, numbers_in
from tests.paper.boxes import faults, words_of

RAFSANJAN = "configs/cities/rafsanjan.yaml"
STATUS_QUO = "configs/policies/status_quo.yaml"
SMALL = {"scale": 0.005, "weeks": 30}


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
    for outcome in CITY.compared:
        pairs = [
            ends["as_is", number].history[outcome].iloc[-1] - ends["status_quo", number].history[outcome].iloc[-1]
            for number in range(3)
        ]
        row = rows.loc[("as_is", outcome, 30, "")]
        if np.isnan(pairs).all():  # of the works pledged since week 0 none is due by week 30
            assert (outcome, row.replications) == ("construction_projects_late_share", 0)
            continue
        assert row.difference == pytest.approx(np.nanmean(pairs), abs=1e-12)
        assert (row.replications, row.sample_rows) == (3, 1)
    levels = {
        key: city.neighbourhood_history.query("week == 30")["trust_in_municipality"].to_numpy()
        for key, city in ends.items()
    }
    apart = np.array([levels["as_is", number] - levels["status_quo", number] for number in range(3)])
    spread = np.sqrt(np.mean([levels["status_quo", number].var(ddof=1) for number in range(3)]))
    in_the_middle = []
    for in_sd, least in ((LEAST_IN_SD, LEAST), (0.01, 0.0), (0.0, 5e-5), (0.0, 0.0)):
        table = neighbourhood_shares(found.sweep, "status_quo", least_in_sd=in_sd, least=least)
        rows = table[(table.policy == "as_is") & (table.outcome == "trust_in_municipality")].set_index("direction")
        enough = max(in_sd * spread, least)
        assert rows.least.to_numpy() == pytest.approx(enough)
        assert rows.share["higher"] == pytest.approx((apart > enough).mean())
        assert rows.share["lower"] == pytest.approx((apart < -enough).mean())
        in_the_middle.append(float(rows.share["same"]))
    assert in_the_middle[0] > in_the_middle[2] > in_the_middle[3]
    pd.testing.assert_frame_equal(found.neighbourhoods, neighbourhood_shares(found.sweep, "status_quo"))


def test_tables_have_the_columns_and_rows_promised(found):
    assert list(found.contrasts.columns) == COLUMNS
    assert set(found.contrasts.week) == {0, 30}
    some = {"", "sex=man", "cohort=youth", "standing=without_standing", "deprivation=most"}
    assert some <= set(found.contrasts.group)
    assert found.contrasts.group.str.startswith("neighbourhood=").any()
    sums = found.neighbourhoods.groupby(["policy", "outcome"]).share.sum()
    assert sums.to_numpy() == pytest.approx(1.0)
    inputs = ["money_spent", "programmes_held"]
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
    assert row.probability_best > 0.9999
    # In one place, before any luck, the two differ by the same in every replication, or nearly so.
    assert not row.variance_reduction <= 10.0


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
    before, after = arms.units(arms.of("trust_in_municipality:last", -1)).T
    assert before.shape == (4,)
    by_point = sweep.outcomes.merge(sweep.runs[["run_id", "point"]], on="run_id").groupby("point").value.mean()
    assert before == pytest.approx(by_point.to_numpy()[:4])
    assert after == pytest.approx(by_point.to_numpy()[4:])
    (row,) = contrasts(sweep, "before").itertuples()
    differences = after - before
    assert (row.replications, row.sample_rows) == (2, 4)
    assert (row.spread_low, row.spread_high) == pytest.approx(tuple(np.quantile(differences, [0.05, 0.95])))
    assert (row.share_better, row.share_worse) == ((differences > 0.0).mean(), (differences < 0.0).mean())
    assert row.spread_over == ASSUMPTIONS


def put_together(folder, experiment, outcomes, replications, failed=()):
    """A sweep whose outcomes are made up.

    Args:
        outcomes: policy, row and replication to values by label.
        failed: pairs of a policy and a replication.
    """
    runs, rows = [], []
    for replication in range(replications):
        for point, place in zip(experiment.points, positions(experiment), strict=True):
            run = replication * len(experiment.points) + point.number
            broken = (point.policy, replication) in failed
            runs.append((run, point.number, replication, point.policy, "failed" if broken else "done"))
            values = {} if broken else outcomes(point.policy, place.row, replication)
            rows += [(run, replication, label, -1, value) for label, value in values.items()]
    columns = ["run_id", "replication", "outcome", "week", "value"]
    pd.DataFrame(rows, columns=columns).to_parquet(folder / "outcomes.parquet")
    table = pd.DataFrame(runs, columns=["run_id", "point", "replication", "policy", "status"])
    return Sweep(folder, experiment, table, table[table.status == "failed"].assign(message="made up"))


def made_up(folder, root, outcomes, replications):
    """A sampled sweep of two policies and four rows whose outcomes are made up, see `put_together`."""
    folder.mkdir()
    text = SAMPLED.format(base=root / RAFSANJAN, policy=root / STATUS_QUO)
    (folder / "sampled.yaml").write_text(text, encoding="utf-8")
    return put_together(folder, load_experiment(folder / "sampled.yaml"), outcomes, replications)


def test_shares_of_neighbourhoods_are_counted_within_each_run(tmp_path, pytestconfig):
    """In every seed trust is higher in 8 of 10 neighbourhoods, in others each time."""
    draw = np.random.default_rng(1)
    orders = [draw.permutation(10) for _ in range(5)]
    sizes = draw.normal(0.0, 1.0, (5, 10))

    def outcomes(policy, row, replication):
        changes = np.where(orders[replication] < 8, 0.5, -0.5) if policy == "after" else np.zeros(10)
        levels = sizes[replication] + 0.01 * row + changes
        return {f"hope[neighbourhood={number}]:last": value for number, value in enumerate(levels)}

    for replications in (2, 5):
        sweep = made_up(tmp_path / str(replications), pytestconfig.rootpath, outcomes, replications)
        shares = neighbourhood_shares(sweep, "before").set_index("direction")
        assert shares.share.to_dict() == pytest.approx({"higher": 0.8, "lower": 0.2, "same": 0.0})
        assert (shares.replications == replications).all()
        assert (shares.sample_rows == 4).all()
        own = [sizes[number].var(ddof=1) for number in range(replications)]
        assert shares.least.to_numpy() == pytest.approx(LEAST_IN_SD * np.sqrt(np.mean(own)))


def test_rows_of_a_sample_share_the_luck_of_their_seeds(tmp_path, pytestconfig):
    draw = np.random.default_rng(2)
    rows, seeds, rest = draw.normal(0.0, 0.1, (4, 1)), draw.normal(0.0, 1.0, (1, 3)), draw.normal(0.0, 0.1, (4, 3))
    differences = 0.2 + rows + seeds + rest

    def outcomes(policy, row, replication):
        return {"hope:last": 0.5 + (differences[row, replication] if policy == "after" else 0.01 * rest[row, 0])}

    apart = differences - 0.01 * rest[:, :1]
    sweep = made_up(tmp_path / "three", pytestconfig.rootpath, outcomes, 3)
    (found,) = contrasts(sweep, "before").itertuples()
    assert (found.difference, found.low, found.high) == pytest.approx(crossed_interval(apart))
    assert found.high - found.low > 2.0
    assert 0.5 < found.probability_best < 0.9 or 0.1 < found.probability_best < 0.5
    single = made_up(tmp_path / "one", pytestconfig.rootpath, outcomes, 1)
    with pytest.warns(CautionWarning, match="with one replication luck is not known, so there are no intervals"):
        (found,) = contrasts(single, "before").itertuples()
    assert found.difference == pytest.approx(apart[:, 0].mean())
    assert np.isnan([found.low, found.high, found.probability_best, found.variance_reduction]).all()


def test_trust_in_councils_is_not_ranked_where_an_arm_has_none(found):
    assert without_councils(found.sweep.experiment) == ("status_quo", "twin")
    rows = found.contrasts[found.contrasts.outcome == "trust_in_council"]
    assert len(rows)
    assert rows[["probability_best", "share_better", "share_worse"]].isna().all(axis=None)
    arms = arms_of(found.sweep)
    assert arms.end_of("trust_in_council:last") is None
    assert arms.end_of("trust_in_people") == "highest"
    assert replace(arms, councilless=()).end_of("trust_in_council:last") == "highest"


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


# ---------------------------------------------------------------- a posterior, and an early stop


@pytest.fixture(scope="module")
def posterior(tmp_path_factory):
    """Two particles, of which one trusts the municipality less at the start."""
    file = tmp_path_factory.mktemp("posterior") / "posterior.parquet"
    columns = {"weight": [0.5, 0.5], "distance": [0.1, 0.2], "generation": [0, 0], "seed": [1, 2]}
    values = {"behaviour.trust.initial_trust_in_municipality": [0.2, 0.6]}
    write_posterior(file, columns, values, {"title": {"en": "two", "fa": "دو"}})
    return file


@pytest.fixture(scope="module")
def drawn(posterior, twin, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "out"
    return compare(
        STATUS_QUO, [twin, "as_is"], out=folder, replications=6, workers=2, posterior=posterior, at=[0, 30], **SMALL
    )


def test_both_policies_meet_the_same_particle_and_replications_differ_in_it(drawn):
    found = drawn
    particles = found.sweep.runs.groupby("replication").particle.agg(["nunique", "first"])
    assert (particles["nunique"] == 1).all()
    assert particles["first"].nunique() == 2
    arms = arms_of(found.sweep)
    start = arms.of("trust_in_municipality:week(0,30)", 0)[0, :, arms.names.index("as_is")]
    means = pd.Series(start).groupby(particles["first"]).mean()
    assert means.to_numpy() == pytest.approx([0.2, 0.6], abs=0.03)
    rows = found.contrasts
    assert found.more_than_luck_varies
    assert (rows.spread_over == ASSUMPTIONS).all()
    nothing = rows[rows.policy == "twin"]
    assert (nothing[["difference", "low", "high", "spread_low", "spread_high"]].dropna() == 0.0).all(axis=None)
    assert (nothing[["share_better", "share_worse"]].dropna() == 0.0).all(axis=None)
    late = rows[(rows.policy == "as_is") & (rows.week == 30) & (rows.group == "")].set_index("outcome")
    assert np.isnan(late.loc["money_spent", "share_better"])
    table = dict(zip(arms.names, arms.of("trust_in_municipality:week(0,30)", 30)[0].T, strict=True))
    differences = table["as_is"] - table["status_quo"]
    trust = late.loc["trust_in_municipality"]
    assert (trust.spread_low, trust.spread_high) == pytest.approx(tuple(np.quantile(differences, [0.05, 0.95])))
    assert (trust.share_better, trust.share_worse) == ((differences > 0.0).mean(), (differences < 0.0).mean())


def test_without_a_posterior_differences_spread_by_luck_alone(found):
    assert not found.more_than_luck_varies
    assert (found.contrasts.spread_over == LUCK).all()
    ranked = found.contrasts.dropna(subset=["share_better", "difference"])
    assert len(ranked) < len(found.contrasts)
    assert (ranked.share_better + ranked.share_worse <= 1.0).all()
    less = ranked[(ranked.outcome == "service_gini") & (ranked.share_better == 1.0)]
    assert (less.difference < 0.0).all()


def test_what_is_printed_says_where_behaviour_comes_from(posterior, tmp_path, capsys):
    words = ["compare", STATUS_QUO, "as_is", "--replications", "2", "--scale", "0.005", "--weeks", "12"]
    assert main([*words, "--posterior", str(posterior), "--out", str(tmp_path / "out")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Behaviour is drawn from a posterior, posterior.parquet. The figures fitted are claims" in said
    assert "5-95 % range" in said
    assert "better/worse" in said
    assert "an interval is for their average" in said


def test_where_a_ranking_may_stop_the_intervals_hold_over_all_its_looks(found):
    rule = UntilRanking("trust_in_municipality:last", "highest", 0.95, 2, 3)
    experiment = replace(found.sweep.experiment, replications=rule)
    looked = contrasts(replace(found.sweep, experiment=experiment), "status_quo")
    keys = ["policy", "outcome", "week", "group"]
    both = looked.merge(found.contrasts, on=keys, suffixes=("_looked", ""))
    both = both[(both.replications == 3) & (both.high > both.low)]
    assert (both.confidence_looked == 0.975).all()
    assert (both.confidence == 0.95).all()
    wider = (both.high_looked - both.low_looked) / (both.high - both.low)
    expected = stats.t.ppf(1.0 - 0.0125, 2) / stats.t.ppf(1.0 - 0.025, 2)
    assert wider.to_numpy() == pytest.approx(expected)
    assert "97.5 %" in cautions(experiment)[0]
    assert "2 looks" in cautions(experiment)[-1]
    assert not any("looks" in line for line in cautions(found.sweep.experiment))


def test_a_ranking_that_stopped_is_printed_with_its_wider_intervals(tmp_path, capsys):
    words = ["compare", STATUS_QUO, "as_is", "--replications", "16", "--scale", "0.005", "--weeks", "150"]
    assert main([*words, "--rank-by", "participation_rate", "--out", str(tmp_path / "out"), "--no-figure"]) == 0
    said = capsys.readouterr()
    ahead = "stopped early, because one of those compared is ahead of all others, by however little"
    assert f"scale 0.005; {ahead}" in " ".join(said.out.split())
    assert "difference (98.3 % interval)" in said.out
    assert "Bonferroni correction for 3 looks" in said.out
    assert "95 % at this look alone" in said.err
    stored = pd.read_parquet(tmp_path / "out" / "contrasts.parquet")
    assert stored.replications.max() < 16
    assert stored.confidence.unique() == pytest.approx([1.0 - 0.05 / 3])
    assert main(["brief", str(tmp_path / "out")]) == 0
    brief = (tmp_path / "out" / "brief.en.html").read_text(encoding="utf-8")
    brief = brief.replace("<bdi>", "").replace("</bdi>", "")
    for words in ("Difference (98.3 % interval)", "blue band: 98.3 % interval", "are 98.3 % confidence", "for 3 looks"):
        assert words in brief


# ---------------------------------------------------------------- while it runs, and what is refused


def test_intervals_are_said_from_two_replications_on_and_then_ever_more_rarely(capsys):
    told = []
    differences = Differences(("base", "other"), "hope", told.append)
    for done in range(1, 17):
        values = {run: 0.5 + 0.1 * (run % 2) + 0.01 * (run // 2) * (run % 2) for run in range(2 * done)}
        differences(Progress(values=values))
    lines = capsys.readouterr().err.splitlines()
    assert [int(line.split()[1]) for line in lines] == [2, 3, 4, 6, 9, 13]
    assert lines[0].startswith("after 2 replications, hope, other less base: +10.50 points of 100 (")
    assert len(told) == 16


def test_a_failed_arm_takes_its_replication_out_of_every_arm_of_the_row(tmp_path, pytestconfig):
    root, file = pytestconfig.rootpath, tmp_path / "sampled.yaml"
    file.write_text(SAMPLED.format(base=root / RAFSANJAN, policy=root / STATUS_QUO), encoding="utf-8")
    sweep = experiments.run(file, out=tmp_path / "out", workers=1)
    runs = sweep.runs.copy()
    runs.loc[runs.run_id == 0, "status"] = "failed"  # replication 0 of the first row, under "before" alone
    arms = arms_of(replace(sweep, runs=runs))
    left = arms.units(arms.of("trust_in_municipality:last", -1))
    values = sweep.outcomes.merge(sweep.runs[["run_id", "point"]], on="run_id")
    second = values[values.replication == 1].set_index("point").value
    assert left[0].tolist() == [second[0], second[4]]
    cells = arms.of("trust_in_municipality:last", -1)
    assert arms.counts(cells) == (2, 4)
    assert arms.counts(cells[:1]) == (1, 1)
    (of_before, of_after) = means(sweep).itertuples()
    assert (of_before.replications, of_before.sample_rows, of_after.replications) == (2, 4, 2)
    assert Comparison(sweep, "before", "trust_in_municipality").replications == 2


def test_neighbourhoods_are_shown_at_the_week_of_the_other_tables(tmp_path, capsys):
    words = ["compare", STATUS_QUO, "as_is", "--replications", "2", "--scale", "0.005", "--weeks", "12", "--at", "4"]
    assert main([*words, "--out", str(tmp_path / "out"), "--no-figure"]) == 0
    said = capsys.readouterr().out
    assert "compared with status_quo, week 4" in said
    assert "service_level, week 4: higher in" in said


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, ">99 %"), (0.0, "<1 %"), (0.5, "50 %"), (0.99, "99 %"), (float("nan"), "")]
)
def test_no_number_of_replications_makes_certain(value, text):
    assert chance(value) == text


WRONG = [
    (["compare", STATUS_QUO, "no_such.yaml"], "no_such.yaml: no such policy file; write as_is for the city as it is"),
    (["compare", STATUS_QUO, STATUS_QUO], '"status_quo" is named twice; to see what comparing a policy with itself'),
    (
        ["compare", STATUS_QUO, "as_is", "--rank-by", "hop", "--all-replications"],
        '--rank-by: cannot rank by "hop"; did',
    ),
    (["compare", STATUS_QUO, "as_is", "--rank-by", "programmes_held"], "allowed here: trust_in_municipality, "),
    (
        ["compare", STATUS_QUO, "as_is", "--rank-by", "trust_in_council"],
        "--rank-by: trust_in_council says nothing without councils (status_quo)",
    ),
    (["compare", STATUS_QUO, "as_is", "--scale", "7"], "--scale: must lie between 0.001 and 1, not 7"),
    (["compare", STATUS_QUO, "as_is", "--weeks", "0"], "--weeks: must lie between 1 and 5200, not 0"),
    (["compare", STATUS_QUO, "as_is", "--replications", "1000000"], "--replications: must be at most 100,000"),
    (["compare", STATUS_QUO, "as_is", "--seed", str(2**70)], "seed: must lie between 0 and "),
    (
        ["compare", STATUS_QUO, "as_is", "--mechanisms", "--rank-by", "hope"],
        "--rank-by: cannot be combined with --mechanisms, which ranks nothing",
    ),
    (["compare", STATUS_QUO, "as_is", "--rank-by", "hop"], '--rank-by: cannot rank by "hop"; did you mean "hope"?'),
    (["compare", STATUS_QUO, "as_is", "--at", "300"], "--at: must be a week from 0 to 260, not 300"),
    (["compare", STATUS_QUO, "as_is", "--replications", "1"], "--replications: must be at least 2"),
    (["compare", STATUS_QUO, "as_is", "--city", "no.yaml"], "no.yaml"),
    (["compare", STATUS_QUO, "as_is", "--posterior", "no.parquet"], "--posterior no.parquet: no such file"),
    (["compare", STATUS_QUO, "as_is", "--posterior", STATUS_QUO], "is no Parquet file that can be read"),
    (
        ["compare", STATUS_QUO, "as_is", "--posterior", STATUS_QUO, "--mechanisms"],
        "--posterior: cannot be combined with --mechanisms, whose channels set the same parameters; omit --mechanisms "
        "for the gap over assumptions, or --posterior for its decomposition",
    ),
    (
        ["compare", STATUS_QUO, "as_is", "configs/policies/tokenism.yaml", "--mechanisms"],
        "--mechanisms: needs exactly one policy to compare with the base",
    ),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_a_wrong_request_is_one_line_and_status_2(tmp_path, capsys, words, said):
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "experiment.yaml" not in line
    assert not (tmp_path / "out").exists()


def test_the_command_prints_and_writes(tmp_path, capsys):
    words = ["compare", STATUS_QUO, "as_is", "--replications", "2", "--scale", "0.005", "--weeks", "12", "--csv"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "as_is less status_quo" in said.out
    assert "no correction for the number of intervals" in " ".join(said.out.split())
    assert "after 2 replications, trust_in_municipality, as_is less status_quo: " in said.err  # though no rule looks
    assert "trust_in_council is not ranked: without councils (status_quo, as_is) it has no meaning." in said.out
    assert "Probability that status_quo itself is best in trust_in_municipality: " in said.out
    assert "money_spent, bn toman" in said.out
    names = {"contrasts.parquet", "contrasts.csv", "neighbourhood_shares.parquet", *files_of_figure("contrasts")}
    assert names <= {path.name for path in (tmp_path / "out").iterdir()}
    assert not list((tmp_path / "out").glob(".*partial")) + list((tmp_path / "out").glob(".*png"))


def of_two(**changes):
    """An experiment of two policies that ranks them by services' inequality."""
    asked = {"replications": 50, "at": None, "ranked_by": "service_gini", "stop_when_settled": True, "weeks": 4}
    return design(STATUS_QUO, ["as_is"], city=RAFSANJAN, scale=0.005, seed=0, **asked | changes)


def test_a_ranking_that_is_settled_stops(tmp_path):
    experiment = of_two()
    rule = experiment.replications
    assert (rule.of, rule.best, rule.at_least, rule.at_most) == ("service_gini:last", "lowest", 10, 50)

    def apart(policy, _, replication):
        return {rule.of: 0.3 + 0.001 * replication - (0.1 + 0.0001 * replication) * (policy == "as_is")}

    def alike(policy, _, replication):
        return {rule.of: 0.3 + 0.1 * (-1) ** replication * (policy == "as_is")}

    settled = {
        (name, count): Comparison(
            put_together(tmp_path, experiment, outcomes, count), STATUS_QUO, "service_gini"
        ).settled
        for name, outcomes in (("apart", apart), ("alike", alike))
        for count in (2, 10, 12, 50)
    }
    assert [key for key, value in settled.items() if value] == [("apart", 10)]  # 12: interrupted on the way to 15
    fixed = put_together(tmp_path, of_two(replications=10), apart, 10)
    assert not Comparison(fixed, STATUS_QUO, "service_gini").settled
    missing = put_together(tmp_path, experiment, apart, 10)
    missing.runs.loc[3, "status"] = "missing"
    assert not Comparison(missing, STATUS_QUO, "service_gini").settled


def test_neighbourhoods_are_compared_at_the_last_week_asked_for():
    labels = [outcome.label for outcome in of_two(at=[0, 2]).outcomes]
    assert "service_level[neighbourhood=*]:week(2)" in labels
    assert "service_level[neighbourhood=*]:week(4)" not in labels


# ---------------------------------------------------------------- after runs that failed


def failing(monkeypatch, fails):
    """Let the command's runs end as told: made up, and failed where `fails` says so of a policy and a replication."""

    def run_none(experiment, *, out, **_):
        out.mkdir(parents=True, exist_ok=True)
        labels = [outcome.label for outcome in experiment.outcomes if ":week" not in outcome.label]
        labels += [f"{name}:week(4)" for name in CITY.compared]
        labels += [f"{name}[cohort=youth]:week(4)" for name in GROUPS.compared]
        labels += [f"{name}[neighbourhood={place}]:week(4)" for name in NEIGHBOURHOODS.compared for place in range(3)]
        draw = np.random.default_rng(1)
        names = {point.policy for point in experiment.points}
        failed = {(name, number) for name in names for number in range(4) if fails(name, number)}

        def outcomes(*_):
            return dict(zip(labels, draw.random(len(labels)), strict=True))

        sweep = put_together(out, experiment, outcomes, 4, failed)
        rows = sweep.outcomes
        rows["week"] = np.where(rows.outcome.str.contains(":week"), 4, -1)
        rows.to_parquet(out / "outcomes.parquet")
        return sweep

    monkeypatch.setattr("experiments.contrasts.comparison.run", run_none)
    monkeypatch.setattr("experiments.contrasts.mechanisms.run", run_none)


@pytest.mark.parametrize("more", [[], ["--mechanisms"]])
@pytest.mark.parametrize("whose", ["all", "of the base"])
def test_where_nothing_is_left_to_compare_it_says_so_in_a_line(tmp_path, capsys, monkeypatch, more, whose):
    failing(monkeypatch, lambda name, _: whose == "all" or name.startswith("status_quo"))
    words = ["compare", STATUS_QUO, "as_is", "--replications", "4", "--scale", "0.005", "--weeks", "4", *more]
    assert main([*words, "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith("mahalle compare: nothing to compare")
    assert "failed, for example: made up: see" in line
    assert said.out == ""


def test_a_policy_of_which_every_run_failed_takes_nothing_from_the_others(tmp_path, capsys, monkeypatch):
    failing(monkeypatch, lambda name, number: name == "as_is" or (name, number) == ("tokenism", 0))
    words = ["compare", STATUS_QUO, "as_is", "configs/policies/tokenism.yaml", "--replications", "4"]
    assert main([*words, "--scale", "0.005", "--weeks", "4", "--out", str(tmp_path / "out")]) == 1
    said, wrong = capsys.readouterr()
    assert "failed:" not in wrong
    assert "as_is less status_quo, 0 replications in which both runs succeeded" in said
    assert "tokenism less status_quo, 3 replications in which both runs succeeded" in said
    stored = pd.read_parquet(tmp_path / "out" / "contrasts.parquet")
    assert stored.groupby("policy").replications.max().to_dict() == {"as_is": 0, "tokenism": 3}
    assert (tmp_path / "out" / "contrasts.png").exists()


def test_a_channel_that_always_fails_under_one_policy_leaves_the_other_parts(tmp_path, capsys, monkeypatch):
    failing(monkeypatch, lambda name, number: name == "as_is without_hub" or (name, number) == ("as_is", 1))
    words = ["compare", STATUS_QUO, "as_is", "--mechanisms", "--replications", "4", "--scale", "0.005", "--weeks", "4"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 1
    said, wrong = capsys.readouterr()
    assert "failed:" not in wrong
    said = " ".join(said.split())
    assert "In brackets: number of replications with all runs that a part needs" in said
    stored = pd.read_parquet(tmp_path / "out" / "mechanisms.parquet")
    trust = stored[(stored.outcome == "trust_in_municipality") & (stored.group == "")].set_index(["part", "counted"])
    assert trust.replications["voice", LAST] == 3
    assert trust.replications["hub and facilitator", LAST] == 0
    assert "[3]" in said


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((0.00003, 0.00001, 0.00004), "under ±0.0001"),
        ((0.00003, -0.00001, 0.00007), "0 (0 to +0.0001)"),
        ((0.0123, 0.0047, 0.0201), "+0.012 (+0.005 to +0.020)"),
        ((-0.1083, -0.1192, -0.0974), "-0.11 (-0.12 to -0.10)"),
        ((-0.108, -0.113, -0.103), "-0.108 (-0.113 to -0.103)"),
        ((212.4, 100.2, 324.6), "+212 (+100 to +325)"),
        ((0.0, 0.0, 0.0), "the same"),
        ((0.0061, 0.0061, 0.0061), "+0.0061 each time"),
        ((float("nan"),) * 3, ""),
    ],
)
def test_differences_have_two_figures_and_nothing_below_a_hundredth_of_what_matters(value, text):
    assert interval(*value) == text


@pytest.mark.parametrize(
    ("value", "outcome", "english", "persian"),
    [
        ((-0.1083, -0.1102, -0.1064), "", "-0.108 ± 0.002", "\u200e−۰٫۱۰۸ ± ۰٫۰۰۲"),
        ((-0.1083, -0.10832, -0.10828), "", "-0.1083 ± under 0.0001", "\u200e−۰٫۱۰۸۳ ± کمتر از ۰٫۰۰۰۱"),
        ((72.0, 71.9, 72.1), "exits", "+72 ± under 1", "\u200e+۷۲ ± کمتر از ۱"),
    ],
)
def test_half_an_interval_is_never_0(value, outcome, english, persian):
    assert [give_or_take(*value, outcome, language) for language in ("en", "fa")] == [english, persian]


@pytest.mark.parametrize(
    ("outcome", "value", "text"),
    [
        ("helpers", 30.04, "30"),
        ("helpers", 0.4, "0.4"),
        ("scandals", 0.4, "0.4"),
        ("scandals", 12.4, "12"),
        ("scandals", 0.0, "0"),
        ("trust_in_municipality", 0.40483, "0.405"),
        ("participation_rate", 0.0197, "1.97 %"),
        ("money_spent", 563.4, "563"),
    ],
)
def test_levels_have_three_figures_and_counts_no_decimals(outcome, value, text):
    assert level(value, outcome) == text


@pytest.mark.parametrize(
    ("times", "text"),
    [(184_991_299.0, "over 1,000 times"), (250.4, "250 times"), (1.04, "1.0 times"), (float("nan"), "")],
)
def test_what_pairing_gains_is_capped(times, text):
    assert _gain(times) == text


def figure_of(found, language="en", rows=None, **changes):
    """The figure of a comparison, without words but those asked for."""
    rows = with_least(found.contrasts, found.means, found.base) if rows is None else rows
    own = {"shares": found.neighbourhoods, "titles": {}, "ends": {}, "groups_of": "hope", "group_order": []}
    sheet = Sheet(language, title=changes.pop("title", ""), note=changes.pop("note", ""))
    return contrast_figure(Compared(rows, **own | changes), sheet)


def test_the_figure_says_in_words_what_has_no_bar_to_be_seen(found):
    def words(shares):
        lowest = figure_of(found, shares=shares).axes[-1]
        said = [text.get_text() for text in lowest.texts]
        return [text for text in said if text not in ("← lower (pale)", "higher →")]

    twins = found.neighbourhoods[found.neighbourhoods.policy == "twin"]
    assert words(found.neighbourhoods).count("100 % same") >= twins.outcome.nunique()
    apart = twins.assign(share=twins.direction.map({"higher": 0.5, "lower": 0.4, "same": 0.1}))
    assert words(apart) == ["in how many\nneighbourhoods"]


@pytest.mark.parametrize(("language", "lower", "higher"), [("en", "lower", "higher"), ("fa", "کمتر", "بیشتر")])
def test_the_words_for_lower_and_higher_stand_below_their_bars(found, language, lower, higher):
    with house_style(language):
        figure = figure_of(found, language=language)
        boxes = words_of(figure)
        axes = figure.axes[-1]
        middle = axes.transData.transform((0.0, 0.0))[0]
        (left,) = (box for words, box in boxes if words.startswith(("←", lower)) and "←" in words)
        (right,) = (box for words, box in boxes if "→" in words and higher in words)
        assert left.x1 < middle < right.x0
        assert max(left.y1, right.y1) < axes.get_window_extent().y0
        bars = [bar for bar in axes.patches if bar.get_width()]
        assert all((bar.get_width() < 0.0) == (bar.get_alpha() is not None) for bar in bars)  # lower is pale


def test_the_figure_draws_the_numbers_of_the_table_in_multiples_of_the_least_on_one_scale(found):
    city, *_ = figure_of(found).axes
    rows = with_least(found.contrasts, found.means, found.base)
    rows = rows[(rows.group == "") & (rows.policy == "as_is")].set_index("outcome")
    assert [label.get_text() for label in city.get_yticklabels()][:2] == ["trust in the municipality",
                                                                         "trust in the council"]  # fmt: skip
    (band,) = city.patches
    assert [band.get_x(), band.get_x() + band.get_width()] == [-1.0, 1.0]
    drawn = 0
    for at, outcome in enumerate(rows.index):
        row, own = rows.loc[outcome], [line for line in city.lines if line.get_color() == COLOURS[1]]
        own = [line for line in own if at < np.mean(line.get_ydata()) < at + 0.5]
        expected = row[["difference", "low", "high"]].to_numpy(dtype=float) / row.least
        if np.isnan(expected[0]):
            assert own == []
            continue
        found_there = [float(value) for line in own if line.get_marker() == MARKS[1] for value in line.get_xdata()]
        if abs(expected[0]) <= MOST:
            assert found_there == pytest.approx([expected[0]])
            drawn += 1
    assert drawn > 10
    numbers = [text.get_text() for text in city.texts if text.get_ha() == "right"]
    assert len(numbers) == 2 * len(rows)
    trust = rows.difference["trust_in_municipality"]
    assert Sheet().number(100.0 * trust, sign=True) + " points" in numbers


def test_the_least_difference_is_that_of_the_level_under_the_base(found):
    rows = with_least(found.contrasts, found.means, found.base)
    means = found.means.query("policy == 'status_quo' and week == 30 and group == ''").set_index("outcome")["mean"]
    own = rows.query("policy == 'as_is' and group == ''").set_index("outcome")
    assert own.level["hope"] == means["hope"]
    assert own.least["hope"] == 0.02
    assert own.least["service_gini"] == 0.01
    assert own.least["money_spent"] == pytest.approx(0.05 * means["money_spent"])
    assert np.isnan(own.least["programmes_held"])  # none under the base: no size can be called small


def test_the_figure_marks_which_end_is_better_only_where_one_is(found):
    ends = found.ends_of(CITY.compared)
    city, *_ = figure_of(found, ends=ends).axes
    marks = {int(text.get_position()[1]): text.get_text() for text in city.texts if text.get_text() in "◂▸"}
    marks = {outcome: marks.get(at) for at, outcome in enumerate(CITY.compared)}
    assert marks["trust_in_municipality"] == "▸"
    assert marks["service_gini"] == marks["construction_projects_late_share"] == "◂"
    assert marks["money_leaked"] == marks["exits"] == "◂"  # losses
    for outcome in ("money_spent", "programmes_held", "trust_in_council"):
        assert marks[outcome] is None  # inputs; without councils trust in them means nothing


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("count", [1, 3, 6])
def test_the_figure_names_policies_by_their_titles_and_no_text_lies_on_another(found, count, language):
    assert found.titles == {
        "status_quo": "Decisions by the municipality (status_quo)",
        "twin": "Decisions by the municipality (twin)",
        "as_is": "The programme as reported",
    }
    rows = with_least(found.contrasts, found.means, found.base)
    one = rows[rows.policy == "as_is"]
    table = pd.concat([one.assign(policy=f"policy {number}") for number in range(count)])
    long = {f"policy {number}": f"{number} seats, and many words more than there is room " * 3 for number in range(6)}
    shares = found.neighbourhoods[found.neighbourhoods.policy == "as_is"]
    figure = figure_of(
        found, language, table, titles=long, ends=found.ends_of(CITY.compared), title="Difference from: " + "x" * 60,
        shares=pd.concat([shares.assign(policy=f"policy {number}") for number in range(count)]),
        group_order=sort_groups([group for group in one.group.unique() if group]), note="City, week 30",
    )  # fmt: skip
    with house_style(language):
        assert faults(figure) == []
        said = [text for text, _ in words_of(figure)]
    assert len([text for text in said if "seats, and many words" in text]) == count
    assert len(said) > 80


@pytest.mark.parametrize("language", ["en", "fa"])
def test_figures_have_three_formats_a_caption_and_their_origin(found, language, tmp_path):
    files = draw(found, tmp_path, language)
    assert {path.name for path in tmp_path.iterdir()} == set(files)
    assert set(files) == {*files_of_figure("contrasts"), *files_of_figure("neighbourhoods")}
    for name in ("contrasts", "neighbourhoods"):
        stamps = [stamp_in(tmp_path / f"{name}.{kind}") for kind in FORMATS]
        assert stamps[0] == stamps[1] == stamps[2]
        assert (stamps[0]["made_by"], stamps[0]["n"], stamps[0]["language"]) == ("mahalle compare", 3, language)
        assert stamps[0]["asked"] == found.sweep.experiment.digest
        caption = (tmp_path / f"{name}.caption.md").read_text(encoding="utf-8")
        assert numbers_in(caption)["95"] >= 1
        if language == "fa":
            assert not_persian(re.sub("status_quo|as_is|twin", "", caption)) == []


def test_shares_of_people_are_printed_in_per_cent_and_kept_as_shares(found, capsys):
    print_comparison(found)
    printed = capsys.readouterr().out
    said = " ".join(printed.split())
    rows = found.contrasts.set_index(["policy", "outcome", "week", "group"])
    row = rows.loc[("as_is", "participation_rate", 30, "")]
    assert 0.0 < abs(row.difference) < 0.1  # the table keeps the share
    _, (difference,) = in_unit("participation_rate", row.difference)
    assert difference == 100.0 * row.difference
    (line,) = [line for line in printed.split("as_is less")[1].splitlines() if line.startswith("participation_rate, %")]
    level, signed_difference = re.fullmatch(r"participation_rate, % points +(\S+) % +(\S+) .*", line).groups()
    means = found.means.set_index(["policy", "outcome", "week", "group"])["mean"]
    assert float(level) == pytest.approx(100.0 * means["status_quo", "participation_rate", 30, ""], abs=0.006)
    assert float(signed_difference) == pytest.approx(100.0 * row.difference, abs=0.006)
    assert "participation, % points" in said
    assert "within ±0.5 % points of it" in said
    assert "status_quo: Decisions by the municipality" in said
    men = rows.loc[("as_is", "participation_rate", 30, "sex=man")]
    assert give_or_take(men.difference, men.low, men.high, "participation_rate") in said


def test_units_shown_are_those_declared():
    """A share of people is told from a mean between 0 and 1 by its meaning."""
    for name, declared in CITY.outcomes.items():
        if declared.compared is None and declared.better is None:
            continue
        of_people = declared.meaning.startswith(("Share of residents", "Share of voters", "Of the projects"))
        expected = "% points" if of_people else "0 to 1" if declared.unit == "share" else declared.unit
        assert (unit_of(name), factor_of(name)) == (expected, 100.0 if of_people else 1.0), name


# ---------------------------------------------------------------- how soon there is something to see


def test_what_takes_long_to_import_is_not_imported_before_the_first_runs():
    loaded = subprocess.run(
        [sys.executable, "-c", "import experiments.contrasts.command, sys; print('scipy.stats' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert loaded.stdout.strip() == "False"


def test_the_fork_server_starts_before_the_model_is_imported():
    code = (
        "import sys, experiments.study.fork_server as own; own.start_early(); "
        "from multiprocessing import forkserver; "
        "print('sim' in sys.modules, forkserver._forkserver._forkserver_pid is not None)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]


def test_a_worker_need_not_import_the_model_nor_set_the_compiler_up(tmp_path):
    folder = tmp_path / "sweep"
    Store(folder, KIND).open(of_two())
    code = (
        "import importlib, sys; from experiments.study.fork_server import PRELOADED; "
        "[importlib.import_module(name) for name in PRELOADED]; "
        "from experiments.sweeps import worker; before = set(sys.modules); "
        f"found = worker.load_experiment({str(folder / 'experiment.yaml')!r}); import experiments.cli; "
        "modules = [vars(one) for name, one in sys.modules.items() if name.startswith('sim.kernels.')]; "
        "passes = [one for module in modules for one in module.values() if hasattr(one, 'signatures')]; "
        "known = [len(one.signatures) for one in passes]; worker.city_run(found, found.points[0], 0); "
        "assert sum(known) > 25; assert known == [len(one.signatures) for one in passes]; "
        "import gc; kept = gc.get_freeze_count() > 10_000; "
        "print(PRELOADED[1], gc.isenabled(), kept, sorted(set(sys.modules) - before))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.stdout.split() == ["mesa", "False", "True", "[]"], told.stderr


def test_at_its_end_the_command_does_not_collect_what_was_imported():
    code = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 10_000)); "
        "from experiments.cli import main; main({}"
    )
    for words, frozen in (("", "True"), ("['--help']", "False")):  # the second as in a program that calls it
        told = subprocess.run(
            [sys.executable, "-c", f"{code.format(words)})", "--help"], capture_output=True, text=True, check=True
        )
        assert told.stdout.splitlines()[-1] == frozen


def test_what_the_figure_needs_is_imported_once_while_the_last_runs_are_under_way():
    told: list[object] = []
    watch = WhenIdle(lambda: told.append("work"), 2, told.append)
    progress = Progress(planned=6)
    for progress.done in (2, 4, 5, 6):
        watch(progress)
    assert told == [progress, progress, progress, "work", progress]


def test_interrupted_while_everything_is_still_imported_it_says_so_and_no_more(tmp_path):
    words = [sys.executable, "-m", "experiments", "compare", STATUS_QUO, "as_is", "--out", str(tmp_path / "out")]
    command = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    parent, deadline = psutil.Process(command.pid), time.monotonic() + HANGING
    while not any("forkserver" in " ".join(child.cmdline()) for child in parent.children()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(command.pid, signal.SIGINT)  # as Ctrl-C does: to the fork server as well
    said = command.communicate(timeout=HANGING)[1]
    assert "interrupted" in said
    assert "Traceback" not in said
    assert command.returncode == 130


def test_the_first_runs_go_out_a_replication_at_a_time(drawn):
    lines = (drawn.sweep.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    first = read_shard(drawn.sweep.folder / "shards" / min(json.loads(line)["file"] for line in lines))
    assert first.runs == (0, 1, 2)


def test_later_ones_are_whole_replications_too_until_the_last_few(tmp_path):
    sweep = Runner(Store(tmp_path, KIND), None, 2, together=2)
    sweep.progress.planned = 40
    sweep._seconds_per_run = 0.9  # five runs in the seconds a batch should take
    waiting, sizes = iter(range(40)), []
    while batch := sweep._next(waiting, {}):
        sizes.append(len(batch.runs))
        sweep.progress.done += len(batch.runs)
    assert sizes == [4, 4, 4, 4, 4, 2, 2, 2, 2, 2] + [1] * 10
