"""`mahalle plot`: nothing is dropped or mixed in silence, small differences look small, and nothing is overwritten."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

import experiments
from experiments import plotting
from experiments.calibration.posterior import CAUTION_IN
from experiments.cli import main
from experiments.contrasts import Comparison
from experiments.contrasts.titles import title_in, titles_of
from experiments.figure_files import FORMATS
from experiments.figures.contrasts import MARKS
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from experiments.paper.tables import read_table
from experiments.plotting import NOT_SET
from experiments.plotting.captions import setting
from experiments.plotting.points import NO_RUN, NO_VALUE
from experiments.plotting.words import factor_with_unit
from experiments.provenance import model_digest, sha256
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
    assert setting(plot, Sheet("en")) == "Rafsanjan, week 8; 0.5 % of residents simulated"  # of a last value
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
    assert plot.table.n.tolist() == [2, 1]
    assert [(one.x, one.why) for one in plot.absent] == [(NOT_SET, NO_VALUE)]
    said = plotting.caption_of(plot)
    assert "n = 1–2 replications; bars: 95 % intervals of the mean (none where n = 1)" in said
    assert "Not drawn: not set: inequality of services (Gini) has no value there in any run." in said
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


def test_weeks_and_scale_are_said_in_words_in_caption_and_picture(uneven):
    plot = replace(plotting.plot_of(uneven, "policy", "service_gini", "delegated_share"), week=-1,
                   outcome="service_gini:mean(3-8)")  # fmt: skip
    for language, words in (
        ("en", ["mean of weeks 3 to 8", "0.5 % of residents simulated"]),
        ("fa", ["میانگین هفته‌های ۳ تا ۸", "ساکنان"]),
    ):
        for width in ("single", "double"):
            sheet = Sheet(language, width)
            figure = plotting.draw(plot, sheet, caption=False)
            drawn = " ".join(text.get_text() for text in figure.axes[0].texts[::-1])
            for said in (" ".join(drawn.split()), plotting.whole_caption(plot, sheet)):
                assert all(word in said for word in words)
                assert ":mean" not in said
    whole = replace(plot.experiment, base=plot.experiment.base.with_values({"run.scale": 1.0}))
    assert "; all residents simulated" in setting(replace(plot, experiment=whole), Sheet())


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("width", ["single", "double"])
def test_without_its_caption_a_picture_is_lower_and_says_the_rest(uneven, language, width):
    plot = plotting.plot_of(uneven, "delegated_share", "money_spent", "policy")
    sheet = Sheet(language, width)
    whole, bare = (plotting.draw(plot, sheet, caption=caption) for caption in (True, False))
    assert bare.get_figheight() < whole.get_figheight() - 0.3
    assert (len(whole.texts), len(bare.texts)) == (1, 0)
    with sheet.styled():
        assert faults(bare) == []


def test_the_caption_stands_beside_the_picture_with_its_source(uneven, capsys):
    words = ["plot", str(uneven.folder), "--x", "delegated_share", "--y", "money_spent", "--no-caption"]
    assert main([*words, "--out", str(uneven.folder.with_name("bare"))]) == 0
    printed = capsys.readouterr().out
    caption, _, source = uneven.folder.with_name("bare.caption.md").read_text(encoding="utf-8").partition("\n\n")
    assert printed.startswith(caption)
    again = f"mahalle plot sweep --x {SHARE} --y money_spent --no-caption"
    assert source.startswith(
        f"Source: {again} (beside the sweep); model {model_digest()}, seed 0, place seed 1, table "
    )
    assert stamp_in(uneven.folder.with_name("bare.png"))["again"] == again


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
            assert stamp["model"] == model_digest()
            assert stamp["table"] == sha256(uneven.folder.with_name(f"{stem}{end}.csv"))
        caption = uneven.folder.with_name(f"{stem}{end}.caption.md").read_text(encoding="utf-8")
        begins = "ناهموار. وجوه" if "fa" in more else "Uneven. Money spent (money_spent) by "
        assert caption.startswith(begins)
        assert (
            "؛ رفسنجان، هفته ۸؛ " if "fa" in more else "; Rafsanjan, week 8; 0.5 % of residents simulated. "
        ) in caption
    capsys.readouterr()
    picture = uneven.folder.with_name(f"{stem}.fa.png")
    assert main(["reproduce", str(picture)]) == 0
    options = f"--x {SHARE} --y money_spent --by policy --lang fa --out {picture.with_suffix('')}"
    assert capsys.readouterr().out == f"mahalle plot {uneven.folder} {options}\n{picture}: the same\n"
    before = picture.read_bytes()
    assert main([*words, "--out", str(picture)]) == 2
    assert "exists and shows something else; choose another with --out" in capsys.readouterr().err
    assert picture.read_bytes() == before


def test_the_table_beside_a_picture_has_its_numbers_and_no_other_table_is_replaced(uneven, capsys):
    stem = uneven.folder.with_name("tabled")
    table, words = (
        stem.with_name("tabled.csv"),
        ["plot", str(uneven.folder), "--x", "delegated_share", "--y", "money_spent"],
    )
    table.write_text("a table of the user's own\n", encoding="utf-8")
    assert main([*words, "--out", str(stem)]) == 2
    assert f"{table}: exists and was not made by mahalle plot" in capsys.readouterr().err
    table.unlink()
    assert main([*words, "--out", str(stem)]) == 0
    plot = plotting.plot_of(uneven, "delegated_share", "money_spent")
    found = read_table(table)
    assert list(found) == ["outcome", SHARE, "n", "mean", "low", "high"]
    assert found[["mean", "low", "high"]].to_numpy() == pytest.approx(plot.table[["mean", "low", "high"]].to_numpy())
    assert found[SHARE].tolist() == [NOT_SET, "0.0", "0.5"]
    assert main([*words, "--out", str(stem)]) == 0  # again, over its own
    table.write_text(table.read_text(encoding="utf-8").replace("money", "gold"), encoding="utf-8")
    assert main([*words, "--out", str(stem)]) == 2
    assert f"{table}: exists and was not made by mahalle plot" in capsys.readouterr().err


# ---------------------------------------------------------------- what has no value


def without_values(monkeypatch, sweep, points):
    """Let runs at some points have no value of one outcome, as of turnout without a ballot."""
    last = sweep.last_values()
    lost = sweep.runs[sweep.runs.point.isin(points)].run_id
    kept = last[~(last.run_id.isin(lost) & (last.outcome == "service_gini:last"))]
    monkeypatch.setattr(Sweep, "last_values", lambda _: kept)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_policy_without_a_value_is_named_and_the_others_keep_their_look(uneven, monkeypatch, language):
    plot = plotting.plot_of(uneven, "delegated_share", "service_gini", "policy")
    sheet = Sheet(language)
    before = plotting.draw(plot, sheet)
    without_values(monkeypatch, uneven, [0])
    plot = plotting.plot_of(uneven, "delegated_share", "service_gini", "policy")
    after = plotting.draw(plot, sheet)
    looks = [
        {text.get_text(): (line.get_color(), line.get_marker()) for text, line in zip(
            figure.legends[0].get_texts(), figure.legends[0].get_lines(), strict=True)}
        for figure in (before, after)
    ]  # fmt: skip
    assert len(set(looks[0].values())) == 2
    absent = {"en": "Decisions by the municipality", "fa": "تصمیم‌گیری شهرداری"}[language]
    mark = {"en": " (not drawn)", "fa": " (رسم‌نشده)"}[language]
    assert looks[1] == {name + (mark if name == absent else ""): look for name, look in looks[0].items()}
    drawn = [line for line in after.axes[0].lines if line.get_marker() not in ("", "None", "_", "|")]
    own = next(look for name, look in looks[0].items() if name != absent)
    assert {(line.get_color(), line.get_marker()) for line in drawn if len(line.get_xdata())} >= {own}
    said = plotting.caption_of(plot, language)
    assert {"en": f"Not drawn: {absent}: inequality of services (Gini) has no value there in any run.",
            "fa": f"رسم‌نشده: {absent}: "}[language] in said  # fmt: skip
    assert {"en": "moved a little aside", "fa": "جابه‌جا"}[language] not in said  # there is one line
    assert {"en": "of the first line", "fa": "خط نخست"}[language] not in said


def test_points_without_a_run_are_told_from_those_without_a_value(uneven, monkeypatch):
    without_values(monkeypatch, uneven, [1])
    sweep = replace(uneven, runs=uneven.runs.assign(status=uneven.runs.status.where(uneven.runs.point != 1, "failed")))
    plot = plotting.plot_of(sweep, "delegated_share", "service_gini", "policy")
    assert [(one.x, one.by, one.why) for one in plot.absent] == [(0.5, "own", NO_RUN)]
    assert "Not drawn: 50 %: no run is done there." in plotting.caption_of(plot)


def test_an_outcome_without_any_value_is_told_from_one_that_was_not_kept(uneven, monkeypatch, capsys):
    without_values(monkeypatch, uneven, [0, 1, 2])
    words = ["plot", str(uneven.folder), "--x", "delegated_share", "--y"]
    assert main([*words, "service_gini"]) == 2
    assert capsys.readouterr().err == '--y: "service_gini:last" has no value in any run\n'
    assert main([*words, "hope"]) == 2
    assert capsys.readouterr().err.startswith('--y: no such outcome: "hope"; kept: money_spent, participation_rate')


# ---------------------------------------------------------------- names and looks


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("en", ["The city as configured", "Decisions by the municipality"]),
        ("fa", ["شهر با تنظیم‌های کنونی", "تصمیم‌گیری شهرداری"]),
    ],
)
def test_policies_go_by_their_titles_as_in_a_comparison(uneven, language, titles):
    plot = plotting.plot_of(uneven, "delegated_share", "service_gini", "policy")
    figure = plotting.draw(plot, Sheet(language))
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == [Comparison(uneven, "own", "").titles_in(language)[name] for name in plot.lines]
    assert sorted(texts) == sorted(titles)
    bare = replace(uneven.experiment, points=(), policies={"own": (), "again": ()})  # nobody sets a lever
    reported = title_in("as_is", (), bare.base, language)
    assert titles_of(bare, language) == {name: f"{reported} ({name})" for name in bare.policies}
    assert reported not in titles


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_share_is_in_per_cent_with_ticks_at_its_levels(uneven, language):
    several = replace_levels(plotting.plot_of(uneven, "delegated_share", "money_spent"), [0.2, 0.5, 0.6, 1.0])
    sheet = Sheet(language, "single")
    (axes,) = plotting.draw(several, sheet).axes
    assert ticks_of(axes, "x") == [sheet.digits(text) for text in ("20", "50", "60", "100")]
    assert axes.get_xlabel().endswith({"en": "(%)", "fa": "(٪)"}[language])
    many = replace_levels(several, list(np.linspace(0.0, 1.0, 9)))
    assert len(ticks_of(plotting.draw(many, sheet).axes[0], "x")) < 9
    close = replace_levels(several, [0.01, 0.02, 0.5, 1.0])  # no room for a tick at each
    assert sheet.digits("2") not in ticks_of(plotting.draw(close, sheet).axes[0], "x")
    by = plotting.plot_of(uneven, "policy", "money_spent", "delegated_share")
    keys = [text.get_text() for text in plotting.draw(by, sheet).legends[0].get_texts()]
    assert sheet.digits("50 %") in keys


def test_a_lever_that_is_no_share_has_its_unit_behind_its_name(uneven):
    plot = plotting.plot_of(uneven, "delegated_share", "money_spent")
    assert factor_with_unit("policy.council.term_weeks", plot, Sheet()) == "the term of a council (weeks)"
    assert factor_with_unit("policy.council.term_weeks", plot, Sheet("fa")).endswith("(هفته)")
    assert factor_with_unit("policy", plot, Sheet()) == "policy"


def replace_levels(plot, levels):
    """The plot with other levels of x, each with a value in both lines."""
    rows = [(x, by, 2, 1.0 + number, 0.5, 2.5) for number, by in enumerate(("a", "b")) for x in levels]
    table = pd.DataFrame(rows, columns=list(plot.table))
    return replace(plot, table=table, values=tuple(levels), lines=("a", "b"), by="policy", absent=())


@pytest.mark.parametrize("language", ["en", "fa"])
def test_lines_moved_aside_do_not_touch_at_the_width_of_a_column(uneven, language):
    plot = replace_levels(plotting.plot_of(uneven, "delegated_share", "money_spent"), [0.2, 0.4, 0.6, 0.8, 1.0])
    figure = plotting.draw(plot, Sheet(language, "single"))
    assert figure.get_figwidth() == pytest.approx(8.5 / 2.54)
    figure.set_dpi(72)  # a pixel is a point
    (axes,) = figure.axes
    dots = [line for line in axes.lines if line.get_marker() in MARKS and len(line.get_xdata())]
    assert [line.get_marker() for line in dots] == ["o", "s"]
    first, second = (axes.transData.transform(line.get_xydata())[:, 0] for line in dots)
    caps = 2.0 * 1.8 + 0.9
    assert (second - first > max(caps, dots[0].get_markersize())).all()
    assert (first[1:] - second[:-1] > caps).all()
    marks = [line.get_marker() for line in figure.legends[0].get_lines()]
    assert marks == ["o", "s"]
