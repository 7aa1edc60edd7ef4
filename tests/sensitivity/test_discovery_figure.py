"""The figure of `mahalle discover`: it shows the limits that the table has, in both languages, and never old ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PolyCollection

from experiments.cli import main
from experiments.discovery import Box, Discovery
from experiments.discovery.boxes import Limit
from experiments.discovery.figure import Found, boxes_figure, note_of_figure, title_of_figure
from experiments.figure_files import files_of_figure
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from tests.paper.boxes import faults, words_of
from tests.sensitivity.test_discovery import LHS, harm

pytestmark = pytest.mark.usefixtures("workbench")

RATIO, HALF_LIFE, MONEY, RULE = (
    "behaviour.trust.loss_to_gain_ratio",
    "behaviour.trust.half_life_weeks",
    "city.finance.works_budget_per_year",
    "policy.choice.rule",
)


def box(limits: dict[str, Limit], coverage: float, density: float) -> Box:
    return Box(limits, 60, 40, coverage, density, 20, density - 0.1, 0.001, 3)


FOUND = Discovery(
    (
        box(
            {RATIO: Limit(high=1.4, quasi_p=0.001), RULE: Limit(among=("needs_formula", "council_majority"))}, 0.6, 0.9
        ),
        box({HALF_LIFE: Limit(60.0, 110.0, quasi_p=0.01), MONEY: Limit(low=18.5, quasi_p=0.02)}, 0.97, 0.35),
    ),
    200,
    70,
    None,
    12,
)


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(3)
    ends = {RATIO: (1.0, 3.0), HALF_LIFE: (10.0, 210.0), MONEY: (3.0, 30.0)}
    columns = {key: np.concatenate([[low, high], rng.uniform(low, high, 198)]) for key, (low, high) in ends.items()}
    frame = pd.DataFrame(columns).assign(**{RULE: rng.choice(["needs_formula", "council_majority", "ballot"], 200)})
    return Found(FOUND, frame, rng.random(200) < 0.35)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_all_of_it_can_be_read_in_both_languages(drawn, language):
    plain = Sheet(language)
    title = title_of_figure("hope[cohort=youth]:last", "a", "b", -0.01, below=True, sheet=plain)
    sheet = Sheet(language, title=title, note=note_of_figure(FOUND, "A title " * 12, plain))
    with sheet.styled():
        figure = boxes_figure(drawn, sheet)
        assert faults(figure) == []
        words = [text for text, _ in words_of(figure)]
    said = {"en": ("at most 1.4", "60 to 110", "at least 18.5"), "fa": ("حداکثر ۱٫۴", "۶۰ تا ۱۱۰", "دست‌کم ۱۸٫۵")}[
        language
    ]
    assert set(said) <= set(words)
    assert any("council_majority" in text for text in words)


def test_bars_end_where_the_limits_lie_within_the_ranges_sampled(drawn):
    sheet = Sheet()
    with sheet.styled():
        first, second, right = boxes_figure(drawn, sheet).axes

    def bars(axes):
        found = [one.get_paths()[0].vertices[:, 0] for one in axes.collections if isinstance(one, PolyCollection)]
        return [pytest.approx((ends.min(), ends.max())) for ends in found]

    assert bars(first) == [(0.0, 0.2)]
    assert bars(second) == [(0.25, 0.5), ((18.5 - 3.0) / 27.0, 1.0)]
    strips = [len(one.get_segments()) for one in first.collections if isinstance(one, LineCollection)]
    assert strips == [drawn.fails.sum(), (~drawn.fails).sum()]
    marks = {
        (float(line.get_xdata()[0]), round(float(line.get_ydata()[0]), 6))
        for line in right.lines
        if line.get_marker() == "o"
    }
    assert marks == {(0.6, 0.9), (0.6, 0.8), (0.97, 0.35), (0.97, 0.25)}


def test_the_command_draws_both_languages_and_leaves_no_figure_of_an_earlier_search(swept, capsys, monkeypatch):
    sweep = swept(harm, LHS, more="policies: {a: [], b: []}")
    words = ["discover", str(sweep.folder), "--outcome", "hope:last", "--base", "a"]
    assert main(words) == 0
    name = "boxes-hope-last-of-b-less-that-of-a-is-below-0"
    assert f"{name}.en.png, {name}.fa.png" in capsys.readouterr().out
    files = {language: files_of_figure(f"{name}.{language}") for language in ("en", "fa")}
    for language, own in files.items():
        assert all((sweep.folder / file).stat().st_size > 100 for file in own)
        stamp = stamp_in(sweep.folder / f"{name}.{language}.svg")
        assert (stamp["made_by"], stamp["language"]) == ("mahalle discover", language)
        assert (stamp["asked"], stamp["n"]) == (sweep.experiment.digest, 120)
    caption = (sweep.folder / f"{name}.en.caption.md").read_text(encoding="utf-8")
    assert "Fails where" in caption
    assert "it is not a forecast" in caption
    monkeypatch.setattr("experiments.discovery.command.discover", lambda *_, **__: Discovery((), 120, 3, "no box"))
    assert main([*words, "--lang", "fa"]) == 0
    assert ".png" not in capsys.readouterr().out
    assert not [file for own in files.values() for file in own if (sweep.folder / file).exists()]
