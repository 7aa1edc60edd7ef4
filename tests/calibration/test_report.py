"""The report of a calibration says the same in English and Persian, by either method."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.calibration.calibration import Calibration
from experiments.calibration.command import plan
from experiments.calibration.judging import judge
from experiments.calibration.learning import what_was_learned
from experiments.calibration.posterior import caution_of
from experiments.calibration.reader import load_calibration
from experiments.calibration.report import _HEADS as HEADS
from experiments.calibration.report import _table, report
from experiments.calibration.runner import calibrate, default_folder
from experiments.cli import main
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from experiments.folders import folder_for
from experiments.languages import written
from experiments.paper.drawings.posterior import Posterior
from experiments.plan.command import folder_of
from experiments.plan.plan import load_plan
from experiments.study.watching import duration
from experiments.sweeps.designs import inverse_cdf
from experiments.titles import title_of
from tests.calibration.conftest import SHORT, surveyed_file, tiny
from tests.inline import Inline
from tests.paper.boxes import words_of

ROOT = Path(__file__).parents[2]
LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬−٪", "0123456789.,-%", "\u200e")


@pytest.fixture(scope="module", params=["smc", "emulator"])
def found(request, tmp_path_factory):
    """A calibration that is finished, by claims or by a survey; both have words for every case but one."""
    folder = tmp_path_factory.mktemp(request.param)
    file = tiny(folder, **SHORT) if request.param == "smc" else surveyed_file(folder)
    return calibrate(file, out=folder / "out", executor=Inline())


def numbers(text: str) -> list[float]:
    """The numbers of a text in their order, without the line of files."""
    body = text.rpartition("\n\n")[0].translate(LATIN).replace(",", "")
    return [float(found) for found in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", body)]


def rows_of(text: str) -> list[list[float]]:
    """The numbers of each row of the tables, in the order of columns."""
    found = [numbers(f"{line}\n\n") for line in text.splitlines()]
    return [row for row in found if len(row) >= 4]


def test_the_persian_report_has_the_numbers_of_the_english_one_and_no_english_words(found):
    english, persian = report(found), report(found, "fa")
    body, _, files = persian.rpartition("\n\n")
    assert re.findall(r"[A-Za-z]{2,}", body) == []
    assert found.calibration.title.fa in body
    origins = found.calibration.origins
    assert caution_of(origins, "fa") in " ".join(body.split())
    assert files.removeprefix("پرونده‌ها") == english.rpartition("\n\n")[2].removeprefix("Files")
    assert sorted(numbers(english)) == sorted(numbers(persian))
    assert rows_of(english) == rows_of(persian)


@pytest.mark.parametrize("name", ["rafsanjan", "lakeside"])
def test_what_is_said_before_the_runs_is_in_the_language_asked_for(name):
    calibration = load_calibration(name)
    english, persian = plan(calibration), plan(calibration, "fa")
    assert persian.startswith(calibration.title.fa)
    assert re.findall("[A-Za-z0-9]+", persian) == []
    figures = re.compile(r"\d[\d,]*")
    assert sorted(figures.findall(persian.translate(LATIN))) == sorted(figures.findall(english))


def test_a_length_of_time_is_said_in_both_languages():
    told = [duration(seconds, language) for seconds in (12, 900, 4000) for language in ("en", "fa")]
    assert told == ["12 s", "۱۲ ثانیه", "15 min", "۱۵ دقیقه", "1 h 07 min", "۱ ساعت و ۷ دقیقه"]


def test_no_two_columns_have_the_same_persian_head():
    heads = [persian for _, persian in HEADS.values()]
    assert len(set(heads)) == len(heads)


def test_persian_numbers_are_whole_or_without_powers_of_ten():
    table = pd.DataFrame({"runs": [1_234_567, 3], "threshold": [0.0000123456, np.nan], "acceptance": [np.inf, -2.5]})
    said = _table(table, ["runs", "threshold", "acceptance"], "fa").splitlines()
    assert said[1].split() == ["۱۲۳۴۵۶۷", "۰٫۰۰۰۰۱۲۳۵", "∞"]
    assert [word.strip("\u200e") for word in said[2].split()] == ["۳", "–", "−۲٫۵"]


def test_coverage_that_nobody_would_see_is_refused(found, capsys):
    file = str(found.folder / "calibration.yaml")
    assert main(["calibrate", file, "--out", str(found.folder), "--coverage", "10", "--quiet"]) == 2
    assert "leave --quiet away" in capsys.readouterr().err


def test_what_was_given_up_and_what_teaches_nothing_is_said_in_persian(found):
    still = found.simulated.assign(low=0.5, high=0.5, figure="councils at week 84")
    calibration = found.calibration
    assert isinstance(calibration, Calibration)
    generations = found.generations.assign(threshold=3.9)
    given_up = replace(found, simulated=still, complete=False, generations=generations)
    said = report(given_up, "fa")
    assert "کار به پایان نرسید" in said
    assert "آستانه ۳٫۹" in said
    if len(still):
        assert "شوراها در هفته ۸۴" in said
        assert "در همه ذره‌ها یکسان است" in said


def test_each_language_has_figures_of_its_own_whichever_is_printed_and_their_digests_are_kept(found):
    file = str(found.folder / "calibration.yaml")
    for language in ("fa", "en"):
        assert main(["calibrate", file, "--out", str(found.folder), "--quiet", "--lang", language]) == 0
        captions = [(found.folder / f"posterior.{one}.caption.md").read_text(encoding="utf-8") for one in ("en", "fa")]
        assert ["central 90 % of the posterior" in captions[0], "۹۰٪ میانی توزیع پسین" in captions[1]] == [True, True]
        stamps = [stamp_in(found.folder / f"posterior.{one}.png")["language"] for one in ("en", "fa")]
        assert stamps == ["en", "fa"]
    assert not (found.folder / "posterior.png").exists()
    assert main(["verify", str(found.folder), "--sample", "1"]) == 0


@pytest.mark.parametrize(
    ("kind", "file", "folder"),
    [
        ("calibration", "calibration", "calibration"),
        ("calibration", "calibration_claims", "calibration_claims"),
        ("calibration", "trust", "calibration-trust"),
        ("plan", "plan", "plan"),
        ("plan", "rafsanjan", "plan-rafsanjan"),
    ],
)
def test_no_folder_says_its_kind_twice(kind, file, folder, tmp_path):
    assert folder_for(kind, file) == Path("results") / folder
    if kind == "calibration":
        assert default_folder(tmp_path / f"{file}.yaml") == Path("results") / folder
    else:
        assert folder_of(replace(load_plan("rafsanjan"), path=tmp_path / f"{file}.yaml")) == Path("results") / folder


def test_the_command_takes_the_language(found, capsys):
    file = Path(found.folder / "calibration.yaml")
    assert main(["calibrate", str(file), "--out", str(found.folder), "--lang", "fa"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(found.calibration.title.fa)
    assert main(["calibrate", str(file), "--lang", "de"]) == 2
    assert "'en', 'fa'" in capsys.readouterr().err


def test_figures_of_a_neighbourhood_go_by_its_name_in_the_table_and_the_figure(found, tmp_path):
    town = str(ROOT / "configs/cities/own_data/town.yaml")
    rows = "trust_in_municipality,20,,Almond,0.45,0.02,,\ntrust_in_municipality,20,,Bridge,0.45,0.02,,yes\n"
    own = load_calibration(surveyed_file(tmp_path, rows, base=town, run="{scale: 0.1, weeks: 40}"))
    calibration = replace(found.calibration, targets=own.targets, places=own.places)
    simulated = pd.DataFrame({target.label: np.linspace(0.4, 0.5, 10) for target in own.targets})
    judged = judge(calibration, simulated, np.full(10, 0.1))
    assert judged.neighbourhood.to_list() == ["Almond", "Bridge"]
    named = replace(found, calibration=calibration, judged=judged, explained={own.targets[0].label: 0.5})
    assert "trust_in_municipality[neighbourhood=Almond] in week 20" in report(named)
    for language, names in (("en", ("Almond", "Bridge")), ("fa", ("بادام", "پل"))):
        said = report(named, language)
        assert all(name in said for name in names)
        assert "neighbourhood=0" not in said
        sheet = Sheet(language, title="A calibration", note="fitted to a survey")
        table = Posterior.table(named, Posterior.Options())
        with sheet.styled():
            drawn = [words for words, _ in words_of(Posterior.draw(table, Posterior.Options(), sheet))]
        assert any(names[1] in words for words in drawn)  # the one that is held out


@pytest.mark.parametrize(("language", "bound"), [("en", "lower bound"), ("fa", "مرز پایین")])
def test_what_is_pressed_against_a_bound_is_not_called_learned_without_a_word(found, language, bound):
    factor = found.calibration.factors[0]
    quantiles = np.full((10, len(found.calibration.factors)), 0.5) + np.linspace(-0.3, 0.3, 10)[:, None]
    quantiles[:, 0] = np.linspace(0.001, 0.05, 10)
    pressed = replace(found, learned=what_was_learned(found.calibration.factors, quantiles, np.full(10, 0.1)))
    text = " ".join(report(pressed, language).split())
    end = f"{inverse_cdf(factor, np.zeros(1))[0]:g}"
    name = factor.key.removeprefix("behaviour.") if language == "en" else title_of(factor.key, "fa")
    assert text.count(bound) == 2  # in the table, and in words with what to do
    assert f"{name} ({bound}{', ' if language == 'en' else '، '}{written(end, language)})" in text
    assert ("Widen the prior, with a reason" if language == "en" else "پیشین را با دلیل گسترده‌تر کنید") in text
