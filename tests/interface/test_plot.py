"""`mahalle plot`: nothing is dropped or mixed in silence, small differences look small, and nothing is overwritten."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.collections import LineCollection

import experiments
from experiments import plotting
from experiments.calibration.posterior import CAUTION_IN
from experiments.cli import main
from experiments.figure_files import FORMATS
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from experiments.plotting import NOT_SET
from experiments.plotting.words import setting
from experiments.sweeps.tables import Sweep
from sim.errors import ConfigError
from sim.shipped import folder_of
from tests.paper.boxes import faults

UNEVEN = f"""\
title: {{en: Uneven, fa: ناهموار}}
base: {folder_of() / "cities" / "rafsanjan.yaml"}
policies:
  status_quo: {folder_of() / "policies" / "status_quo.yaml"}
  own: []
design:
  kind: list
  points:
    - {{policy: status_quo}}
    - {{policy: own, policy.authority.delegated_share: 0.5, policy.hub.kinds: [mosque]}}
    - {{policy: own, policy.authority.delegated_share: 0.0, policy.hub.kinds: [mosque, school]}}
replications: 2
run: {{scale: 0.005, weeks: 8}}
outcomes: [money_spent, {{service_gini: last}}, {{participation_rate: last}}]
"""
SHARE = "policy.authority.delegated_share"


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """A sweep of a list of points, of which one sets no lever."""
    folder = tmp_path_factory.mktemp("uneven")
    (folder / "uneven.yaml").write_text(UNEVEN, encoding="utf-8")
    return experiments.run(folder / "uneven.yaml", out=folder / "sweep", workers=1)


def ticks_of(axes, which):
    axes.figure.canvas.draw()
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    return [tick.label1.get_text() for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]


def test_points_that_do_not_set_a_lever_are_drawn(uneven):
    plot = plotting.plot_of(uneven, "delegated_share", "service_gini", "policy")
    assert setting(plot, Sheet("en")) == "Rafsanjan, week 8"  # of a last value
    assert list(zip(plot.table.by, plot.table.x, strict=True)) == [
        ("status_quo", NOT_SET), ("own", 0.0), ("own", 0.5),
    ]  # fmt: skip
    means = uneven.last_values().query("outcome == 'service_gini:last'").merge(uneven.runs)
    assert sorted(plot.table["mean"]) == pytest.approx(sorted(means.groupby("point")["value"].mean()))
    for language, words in (("en", "not set"), ("fa", "تعیین‌نشده")):
        (axes,) = plotting.draw(plot, Sheet(language)).axes
        assert ticks_of(axes, "x")[0] == words
        dots = np.concatenate([line.get_xdata() for line in axes.lines if line.get_marker() == "o"])
        assert sum(dots < 0.0 - 0.05) == 1
        assert words[1:] in plotting.caption_of(plot, language)


@pytest.mark.parametrize(
    ("x", "by", "problem"),
    [
        ("delegated_share", "kinds", None),
        ("policy", None, f"--x: is not crossed with {SHARE}, policy.hub.kinds: means would be over different values"),
        ("policy", "delegated_share", None),
    ],
)
def test_means_over_what_is_not_crossed_are_refused(uneven, x, by, problem):
    if problem is None:
        plot = plotting.plot_of(uneven, x, "service_gini", by)
        assert len(plot.table) == 3
        assert plot.averaged == ()
        assert len(plot.along) == 1
        assert "Points differ in this, too: " in plotting.caption_of(plot)
        assert plotting.draw(plot, Sheet()).axes[0].lines[0].get_linestyle() == "None"  # would join unlike points
    else:
        with pytest.raises(ConfigError, match=re.escape(problem)):
            plotting.plot_of(uneven, x, "service_gini", by)


def test_one_value_has_no_bar_and_none_is_said_to_be_absent(uneven, monkeypatch):
    last = uneven.last_values()
    lost = uneven.runs[(uneven.runs.point == 0) | ((uneven.runs.point == 1) & (uneven.runs.replication == 1))].run_id
    monkeypatch.setattr(Sweep, "last_values", lambda _: last[~last.run_id.isin(lost)])
    plot = plotting.plot_of(uneven, "delegated_share", "service_gini")
    assert (plot.table.n.tolist(), plot.absent) == ([2, 1], 1)
    said = plotting.caption_of(plot)
    assert "n = 1–2 replications; bars: 95 % intervals of the mean (none where n = 1)" in said
    assert "Not drawn, for no replication is whole there: 1." in said
    (axes,) = plotting.draw(plot, Sheet()).axes
    bars = [
        segment for lines in axes.collections if isinstance(lines, LineCollection) for segment in lines.get_segments()
    ]
    assert len(bars) == 1


@pytest.mark.parametrize("outcome", ["service_gini", "participation_rate", "money_spent"])
def test_differences_below_the_least_look_small(uneven, outcome):
    plot = plotting.plot_of(uneven, "policy", outcome, "delegated_share")
    (axes,) = plotting.draw(plot, Sheet()).axes
    (band,) = axes.patches
    factor = 1.0 if outcome == "money_spent" else 100.0
    at = factor * plot.table["mean"].iloc[0]
    least = {"service_gini": 1.0, "participation_rate": 2.0, "money_spent": 0.05 * at}[outcome]
    assert [band.get_y(), band.get_y() + band.get_height()] == pytest.approx([at - least, at + least])
    low, high = axes.get_ylim()
    assert high >= at + 2.0 * least
    assert low <= max(0.0, at - 2.0 * least)
    ticks = ticks_of(axes, "y")
    assert len(set(ticks)) == len(ticks) >= 3


def test_large_numbers_close_by_have_ticks_that_differ():
    with Sheet().styled():
        axes = Sheet().new(2.0).add_subplot()
        axes.plot([0, 1], [12_345.0, 12_345.8])
        Sheet().numbers(axes)
        ticks = ticks_of(axes, "y")
    assert len(set(ticks)) == len(ticks)
    assert "12,345.2" in ticks


def test_the_caption_says_what_the_intervals_cover(uneven):
    plot = plotting.plot_of(uneven, "policy", "service_gini", "delegated_share")
    assert "of random variation in one place (seed 1) and under the model's" in plotting.caption_of(plot)
    several = replace(plot, experiment=replace(plot.experiment, places=3))
    assert "of random variation in 3 places, the same at each point" in plotting.caption_of(several)
    assert "در ۳ مکان" in plotting.caption_of(several, "fa")
    drawn = replace(plot, experiment=replace(plot.experiment, posterior=SimpleNamespace(caution=CAUTION_IN.get)))
    for language, words in (
        ("en", "of random variation and behaviour in one place"),
        ("fa", "تصادف و رفتار در یک مکان"),
    ):
        assert CAUTION_IN[language] not in plotting.caption_of(plot, language)
        said = plotting.caption_of(drawn, language)
        assert words in said
        assert said.endswith(CAUTION_IN[language])


@pytest.mark.parametrize("width", ["single", "double"])
@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize(("x", "by"), [("delegated_share", "policy"), ("policy", "delegated_share"), ("kinds", None)])
def test_no_word_of_a_plot_is_cut_or_lies_on_another(uneven, x, by, language, width):
    plot = plotting.plot_of(uneven, x, "money_spent", by)
    sheet = Sheet(language, width)
    with sheet.styled():
        assert faults(plotting.draw(plot, sheet)) == []


def test_a_plot_does_not_replace_its_other_language_or_width_and_says_where_it_comes_from(uneven, tmp_path, capsys):
    words = ["plot", str(uneven.folder), "--x", "delegated_share", "--y", "money_spent", "--by", "policy"]
    stem = "sweep-money_spent-delegated_share-policy"
    for more, end in (
        ([], ""),
        (["--lang", "fa"], ".fa"),
        (["--narrow"], "-narrow"),
        (["--lang", "fa", "--narrow"], "-narrow.fa"),
    ):
        assert main([*words, *more]) == 0
        for kind in FORMATS:
            stamp = stamp_in(uneven.folder.with_name(f"{stem}{end}.{kind}"))
            assert (stamp["made_by"], stamp["language"]) == ("mahalle plot", "fa" if "fa" in more else "en")
            assert (stamp["seed"], stamp["n"]) == (uneven.experiment.seed, [2, 2])
            assert stamp["asked"] == uneven.experiment.digest
            assert stamp["model"] == uneven.runs.model.iloc[0] != ""
        caption = uneven.folder.with_name(f"{stem}{end}.caption.md").read_text(encoding="utf-8")
        begins = "ناهموار. وجوه" if "fa" in more else "Uneven. Money spent (money_spent) by "
        assert caption.startswith(begins)
        assert ("؛ رفسنجان، هفته ۸. " if "fa" in more else "; Rafsanjan, week 8. ") in caption
    capsys.readouterr()
    picture = uneven.folder.with_name(f"{stem}.fa.png")
    assert main(["reproduce", str(picture)]) == 0
    options = f"--x {SHARE} --y money_spent --by policy --lang fa --out {picture.with_suffix('')}"
    assert capsys.readouterr().out == f"mahalle plot {uneven.folder} {options}\n{picture}: the same\n"
    before = picture.read_bytes()
    assert main([*words, "--out", str(picture)]) == 2
    assert "exists and shows something else; choose another with --out" in capsys.readouterr().err
    assert picture.read_bytes() == before
