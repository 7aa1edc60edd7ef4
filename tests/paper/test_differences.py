"""The drawing of differences: numbers with intervals, units, the base, a scale for all panels or for each."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.contrasts.shown import give_or_take
from experiments.figures.sheet import Sheet
from experiments.paper.command import REFERENCE
from experiments.paper.drawings.differences import Differences
from experiments.paper.figure import load_figure
from experiments.paper.registry import drawings
from experiments.paper.tables import read_table
from sim.errors import ConfigError
from tests.paper.boxes import faults
from tests.paper.conftest import LATE_ARM, LATE_BASE, NAMES, ROOT, figure_of

ARMS = [
    {"at": "half", "en": "half of the budget", "fa": "نیمی از بودجه"},
    {"at": "all", "en": "all of the budget", "fa": "همه بودجه"},
]
NAN = float("nan")
ROWS = [
    ("trust_in_municipality:last", (-0.0008158, -0.0047564, 0.0031247), (-0.2, -0.21, -0.19), 0.394, 0.02),
    ("participation_rate:mean(105-156)", (0.01834, 0.01779, 0.01890), (0.0, 0.0, 0.0), 0.0208, 0.02),
    ("council_projects_finished:last", (113.5, 109.37, 117.63), (195.0, 186.98, 203.02), 0.0, NAN),
    ("money_spent:last", (1.25, 1.0, 1.5), (0.5, NAN, NAN), 20.0, 1.0),
]
TABLE = pd.DataFrame(
    [(label, arm, *ends, base, least, 6) for label, *both, base, least in ROWS for arm, ends in enumerate(both)],
    columns=["outcome", "arm", "difference", "low", "high", "base", "least", "n"],
)


def drawn(language="en", width="double", base="Decisions by the municipality", **options):
    asked = Differences.Options(base="status_quo", arms=ARMS, outcomes=[row[0] for row in ROWS], **options)
    sheet = Sheet(language, width, base=base)
    with sheet.styled():
        return Differences.draw(TABLE, asked, sheet), sheet


def texts_of(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts] + [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("scale", ["shared", "panel"])
@pytest.mark.parametrize("width", ["single", "double"])
@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_words_lie_over_each_other_in_either_width_and_scale(scale, width, language):
    figure, sheet = drawn(language, width, scale=scale)
    with sheet.styled():
        assert faults(figure) == []


def test_numbers_have_intervals_and_the_decimals_of_comparisons():
    said = texts_of(drawn()[0])
    for number in ("−0.08 ± 0.39", "−20 ± 1", "+1.83 ± 0.06", "0", "+114 ± 4", "+195 ± 8", "+1.2 ± 0.2", "+0.50"):
        assert number in said, number
    participation = give_or_take(0.01834, 0.01779, 0.01890, "participation_rate")
    assert participation.replace("-", "−") == "+1.83 ± 0.06"  # mahalle compare says the same


def test_a_narrow_interval_is_never_shown_as_none():
    row = SimpleNamespace(outcome="hope:last", difference=0.001, low=0.00099, high=0.00101, base=0.5)
    from experiments.paper.drawings.differences import _numbers

    assert _numbers(row, Sheet()) == "+0.10 ± 0.01"


@pytest.mark.parametrize(
    ("language", "notes"),
    [
        ("en", ["points, base 39.4, band ±2.0", "points, base 2.1 %, band ±2.0", "projects, base 0"]),
        ("fa", ["امتیاز، مبنا ۳۹٫۴، نوار ±۲٫۰", "واحد درصد، مبنا ۲٫۱٪، نوار ±۲٫۰", "پروژه، مبنا ۰"]),
    ],
)
def test_each_panel_names_its_unit_the_base_s_level_and_the_band(language, notes):
    said = [re.sub("[\u200e\u200f\u061c\u2066-\u2069]", "", text) for text in texts_of(drawn(language)[0])]
    for note in notes:
        assert note in said, note


@pytest.mark.parametrize(("language", "base"), [("en", "“Decisions by"), ("fa", "«Decisions by")])
@pytest.mark.parametrize("scale", ["shared", "panel"])
def test_the_base_is_named_below_the_panels(scale, language, base):
    foot = " ".join(texts_of(drawn(language, scale=scale)[0])[-1].split())
    assert base in foot
    named = drawn(language, scale=scale, base_name={"en": "nobody", "fa": "هیچ‌کس"})[0]
    assert {"en": "“nobody”", "fa": "«هیچ‌کس»"}[language] in " ".join(texts_of(named)[-1].split())


def test_with_one_scale_each_panel_ends_where_the_others_do_and_with_its_own_where_its_intervals_need_it():
    shared = {axes.get_xlim() for axes in drawn(scale="shared")[0].axes}
    assert len(shared) == 1
    own = drawn(scale="panel")[0].axes
    assert len({axes.get_xlim() for axes in own}) == len(ROWS)
    for axes, (_, first, second, _, least) in zip(own, ROWS, strict=True):
        factor = 1.0 if least != 0.02 else 100.0
        ends = [factor * end for end in (*first, *second) if end == end]
        low, high = axes.spines["bottom"].get_bounds()
        assert low <= min(ends) <= max(ends) <= high
        lines = [line for line in axes.lines if len(set(np.atleast_1d(line.get_xdata()))) == 2]
        assert lines or max(first) == min(first)  # an interval is drawn, where the base is 0, too
        ticks = axes.get_xticks()
        assert ticks[0] == -ticks[2]
        assert 0.0 < ticks[2] <= high


def test_what_has_no_least_difference_is_said_to_be_off_the_shared_scale():
    assert "not on this scale" in texts_of(drawn(scale="shared")[0])
    assert "not on this scale" not in texts_of(drawn(scale="panel")[0])


def test_the_base_of_a_figure_is_called_by_its_title_and_levers(of_late_pay):
    figure = load_figure(of_late_pay(base=LATE_BASE, outcomes=["hope"], arms=[LATE_ARM]))
    assert figure.base.en.startswith("Decisions by the municipality; ")
    assert figure.base.fa.startswith("تصمیم‌گیری شهرداری؛ ")
    assert figure.sheet("en").base == figure.base.en
    assert figure.base.en in figure.look  # another title draws it again


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_one_column_is_legible_where_it_is_allowed(name, language):
    figure = figure_of(name)
    if not figure.drawing.single:
        return
    sheet, table = replace(figure.sheet(language), width="single"), read_table(ROOT / REFERENCE[True] / f"{name}.csv")
    with sheet.styled():
        assert faults(figure.drawing.kind.draw(table, figure.options, sheet)) == []


def test_one_column_is_refused_where_it_would_not_be_legible(tmp_path):
    for name, drawing in drawings().items():
        example = next(one for one in NAMES if figure_of(one).drawing.name == name)
        text = (ROOT / f"configs/figures/{example}.yaml").read_text(encoding="utf-8")
        path = tmp_path / f"{example}.yaml"
        path.write_text(f"width: single\n{text}", encoding="utf-8")
        (tmp_path / "cost.csv").write_bytes((ROOT / "configs/figures/cost.csv").read_bytes())
        if drawing.single:
            assert load_figure(path).form.width == "single"
        else:
            with pytest.raises(ConfigError, match=rf"yaml:1: width: {name} is as wide as two columns; one"):
                load_figure(path)
