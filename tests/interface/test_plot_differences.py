"""`mahalle plot --base`: paired differences along a lever are those of `Sweep.differences`, and say from what."""

from __future__ import annotations

from dataclasses import replace

import pytest

import experiments
from experiments import plotting
from experiments.cli import main
from experiments.figures.sheet import BAND, Sheet
from experiments.figures.stamps import stamp_in
from experiments.paper.tables import read_table
from experiments.sweeps.tables import Sweep
from sim.cautions import CautionWarning
from sim.errors import ConfigError
from sim.shipped import folder_of
from tests.paper.boxes import faults

SHARE, HUB = "policy.authority.delegated_share", "policy.hub.kinds"
OUTCOME = "trust_in_municipality:last"

CROSSED = f"""\
title: {{en: Crossed, fa: متقاطع}}
base: {folder_of() / "cities" / "rafsanjan.yaml"}
policies:
  council: []
  alone: {folder_of() / "policies" / "status_quo.yaml"}
levers:
  {SHARE}: [0.2, 0.6, 1.0]
replications: 3
seed: 5
run: {{scale: 0.003, weeks: 20}}
outcomes: [{{trust_in_municipality: last}}, {{turnout: last}}]
"""

LEVERS = f"""\
title: {{en: Levers, fa: اهرم‌ها}}
base: {folder_of() / "cities" / "rafsanjan.yaml"}
levers:
  {SHARE}: [0.0, 1.0]
  {HUB}: [[mosque], [school]]
places: 3
replications: 2
run: {{scale: 0.003, weeks: 20}}
outcomes: [{{participation_rate: last}}]
"""

LISTED = f"""\
title: {{en: Listed, fa: فهرست}}
base: {folder_of() / "cities" / "rafsanjan.yaml"}
policies:
  alone: {folder_of() / "policies" / "status_quo.yaml"}
  council: []
design:
  kind: list
  points:
    - {{policy: alone}}
    - {{policy: council, {SHARE}: 0.0}}
    - {{policy: council, {SHARE}: 1.0}}
replications: 2
run: {{scale: 0.003, weeks: 20}}
outcomes: [{{trust_in_municipality: last}}]
"""


def done(folder, text):
    (folder / "experiment.yaml").write_text(text, encoding="utf-8")
    return experiments.run(folder / "experiment.yaml", out=folder / "sweep", workers=1)


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """Two policies at three levels of a lever."""
    return done(tmp_path_factory.mktemp("crossed"), CROSSED)


@pytest.fixture(scope="module")
def levers(tmp_path_factory):
    """Two levers in three places."""
    return done(tmp_path_factory.mktemp("levers"), LEVERS)


def numbers(table, of="difference"):
    return table[[of, "low", "high"]].to_numpy()


def test_differences_along_a_lever_are_those_of_the_sweep(crossed):
    plot = plotting.plot_of(crossed, "delegated_share", "trust_in_municipality", base="council")
    assert (plot.by, plot.drawn, plot.values) == ("policy", ("alone",), (0.2, 0.6, 1.0))
    for share, row in zip(plot.values, plot.table.itertuples(), strict=True):
        table = crossed.differences({"policy": "council", SHARE: share})
        own = table[(table.outcome == OUTCOME) & (table.policy == f"alone {SHARE}={share}")]
        assert numbers(own)[0] == pytest.approx([row.mean, row.low, row.high])
        assert row.n == own.replications.item() == 3
    together = crossed.differences("council")
    assert together[SHARE].unique().tolist() == [0.2, 0.6, 1.0]
    assert numbers(together[together.outcome == OUTCOME]) == pytest.approx(numbers(plot.table, "mean"))
    levels = plotting.plot_of(crossed, "delegated_share", "trust_in_municipality", "policy")
    wide, paired = (table.high - table.low for table in (levels.table[levels.table.by == "alone"], plot.table))
    assert (paired < wide.to_numpy()).all()  # what pairing is for


def test_levels_of_a_lever_are_compared_with_one_of_them_in_each_place_and_replication(levers):
    plot = plotting.plot_of(levers, "delegated_share", "participation_rate", "kinds", "kinds=school")
    assert plot.drawn == ("mosque",)
    table = levers.differences({HUB: ["school"]})
    assert table[HUB].unique().tolist() == ['["mosque"]']
    assert numbers(plot.table, "mean") == pytest.approx(numbers(table))
    assert (plot.table["mean"] != 0.0).all()
    assert (plot.table.high > plot.table.low).all()
    over = plotting.plot_of(levers, "delegated_share", "participation_rate", base="delegated_share=0")
    assert (over.values, over.averaged) == ((1.0,), (HUB, "run.place_seed"))
    single = levers.differences({SHARE: 0})
    assert over.table["mean"].item() == pytest.approx(single.difference.mean())
    said = plotting.caption_of(over)
    assert "Mean differences from the share of the budget delegated: 0" in said
    assert "over 3 places and the replications in them (a two-way layout)" in said
    assert "Averaged over: the kinds of hub." in said


def test_a_base_that_does_not_set_the_lever_is_the_base_at_all_its_levels(tmp_path):
    sweep = done(tmp_path, LISTED)
    plot = plotting.plot_of(sweep, "delegated_share", "trust_in_municipality", base="alone")
    assert plot.values == (0.0, 1.0)
    assert numbers(plot.table, "mean") == pytest.approx(numbers(sweep.differences("alone")))
    assert "at the same levers" not in plotting.caption_of(plot)


def test_in_a_single_place_intervals_are_over_its_replications(levers):
    plot = plotting.plot_of(levers, "run.place_seed", "participation_rate", "kinds", "kinds=school")
    assert len(plot.values) == 3
    apart = levers.last_values().merge(levers.runs, on=["run_id", "replication"])
    apart = apart.pivot_table("value", ["run.place_seed", "replication"], HUB, aggfunc="mean")
    single = (apart['["mosque"]'] - apart['["school"]']).groupby("run.place_seed")
    assert sorted(plot.table["mean"]) == pytest.approx(sorted(single.mean()))
    half = 12.706204736 * single.std() / 2.0**0.5  # Student's t with one degree of freedom
    assert sorted(plot.table.high - plot.table["mean"]) == pytest.approx(sorted(half))
    assert "intervals of the mean difference over replications at each point, with" in plotting.caption_of(plot)


def test_arms_that_the_base_was_not_run_beside_are_named(crossed, monkeypatch):
    fewer = replace(
        crossed,
        experiment=replace(crossed.experiment, points=crossed.experiment.points[:-1]),
        runs=crossed.runs[crossed.runs.point < len(crossed.experiment.points) - 1],
    )
    with pytest.warns(CautionWarning, match=rf"was not run at the same levers as council {SHARE}=1.0:"):
        table = fewer.differences("alone")
    assert table[SHARE].unique().tolist() == [0.2, 0.6]
    last = fewer.last_values()
    monkeypatch.setattr(Sweep, "last_values", lambda _: last[last.run_id.isin(fewer.runs.run_id)])
    plot = plotting.plot_of(fewer, "delegated_share", "trust_in_municipality", base="alone")
    assert plot.values == (0.2, 0.6)
    assert f"alone was not run beside it: council {SHARE}=1.0." in plotting.caption_of(plot)


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("width", ["single", "double"])
def test_differences_are_drawn_around_0_in_their_unit(crossed, language, width):
    plot = plotting.plot_of(crossed, "delegated_share", "trust_in_municipality", base="council")
    sheet = Sheet(language, width)
    with sheet.styled():
        figure = plotting.draw(plot, sheet)
        assert faults(figure) == []
    (axes,) = figure.axes
    (band,) = axes.patches
    assert [band.get_y(), band.get_y() + band.get_height()] == pytest.approx([-2.0, 2.0])
    assert band.get_facecolor()[:3] == pytest.approx(tuple(int(BAND[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    assert any(list(line.get_ydata()) == [0.0, 0.0] for line in axes.lines)
    words = " ".join(text.get_text() for text in axes.texts)
    assert ("points of 100" if language == "en" else "امتیاز از ۱۰۰") in words
    assert ("difference from" if language == "en" else "تفاوت با") in words


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--base", "counci"], '--base: no such policy: "counci"; did you mean "council"?; there are: council, alone; '
         f"for a level of a lever: --base {SHARE}=0.2"),
        (["--base", "delegated_share=0.3"], f'--base: no level of {SHARE}: "0.3"; there are: 0.2, 0.6, 1'),
        (["--base", "share=0.2"], f'--base: "share" was not varied; varied: policy, {SHARE}'),
        (["--y", "turnout", "--base", "council"], '--y: "turnout:last" has no value in any run'),
    ],
)  # fmt: skip
def test_a_base_that_is_not_there_is_refused_in_a_line(crossed, capsys, words, problem):
    rest = [] if "--y" in words else ["--y", "trust_in_municipality"]
    assert main(["plot", str(crossed.folder), "--x", "delegated_share", *rest, *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith(problem)
    assert said.count("\n") == 1


def test_the_only_policy_has_nothing_beside_it(levers, capsys):
    words = ["plot", str(levers.folder), "--x", "delegated_share", "--y", "participation_rate"]
    assert main([*words, "--base", "base"]) == 2
    assert "--base: nothing is left to compare with it" in capsys.readouterr().err
    assert main([*words, "--base", "run.place_seed=3"]) == 2
    assert "has no levels to compare with" in capsys.readouterr().err


def test_pictures_of_differences_and_of_levels_have_names_of_their_own(crossed, capsys):
    words = ["plot", str(crossed.folder), "--x", "delegated_share", "--y", "trust_in_municipality", "--by", "policy"]
    assert main(words) == 0
    assert main([*words, "--base", "council"]) == 0
    stem = "sweep-trust_in_municipality_last-delegated_share-policy"
    levels, differences = (crossed.folder.with_name(f"{stem}{end}.png") for end in ("", "-less-council"))
    assert levels.exists()
    assert differences.exists()
    assert main([*words, "--out", str(differences)]) == 2
    assert "exists and shows something else" in capsys.readouterr().err
    table = read_table(differences.with_suffix(".csv"))
    assert list(table) == ["outcome", SHARE, "policy", "base", "n", "difference", "low", "high"]
    own = crossed.differences("council")
    own = own[own.outcome == OUTCOME]
    assert numbers(table) == pytest.approx(numbers(own))
    assert stamp_in(differences)["seed"] == 5
    assert main(["reproduce", str(differences)]) == 0
    assert "--by policy --base council" in capsys.readouterr().out


def test_a_base_of_no_level_is_refused_by_the_function_too(crossed):
    with pytest.raises(ConfigError, match="no level of"):
        plotting.plot_of(crossed, "delegated_share", "trust_in_municipality", base="delegated_share=mosque")
