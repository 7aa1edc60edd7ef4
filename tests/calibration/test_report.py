"""The report of a calibration says the same in English and Persian, by either method."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.calibration.calibration import Calibration
from experiments.calibration.posterior import caution_of
from experiments.calibration.report import report
from experiments.calibration.runner import calibrate
from experiments.cli import main
from tests.calibration.conftest import SHORT, surveyed_file, tiny
from tests.inline import Inline

LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬−٪", "0123456789.,-%", "\u200e")


@pytest.fixture(scope="module", params=["smc", "emulator"])
def found(request, tmp_path_factory):
    """A calibration that is finished, by claims or by a survey; both have words for every case but one."""
    folder = tmp_path_factory.mktemp(request.param)
    file = tiny(folder, **SHORT) if request.param == "smc" else surveyed_file(folder)
    return calibrate(file, out=folder / "out", executor=Inline(), language="fa")


def numbers(text: str) -> list[str]:
    """The numbers of a text, sorted, without the line of files; Persian ones as English writes them."""
    body = text.rpartition("\n\n")[0].translate(LATIN)
    return sorted(re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", body))


def test_the_persian_report_has_the_numbers_of_the_english_one_and_no_english_words(found):
    english, persian = report(found), report(found, "fa")
    body, _, files = persian.rpartition("\n\n")
    assert re.findall(r"[A-Za-z]{2,}", body) == []
    assert found.calibration.title.fa in body
    origins = found.calibration.origins
    assert caution_of(origins, "fa") in " ".join(body.split())
    assert files.removeprefix("پرونده‌ها") == english.rpartition("\n\n")[2].removeprefix("Files")
    # explanations of the columns hold the number 1 and week numbers are in words: the English labels have them, too
    assert set(numbers(english)) == set(numbers(persian))


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


def test_the_figure_is_drawn_in_the_language_asked_for_and_its_digest_is_kept(found):
    caption = (found.folder / "posterior.caption.md").read_text(encoding="utf-8")
    assert "درصد میانی توزیع پسین" in caption
    assert main(["verify", str(found.folder), "--sample", "1"]) == 0


def test_the_command_takes_the_language(found, capsys):
    file = Path(found.folder / "calibration.yaml")
    assert main(["calibrate", str(file), "--out", str(found.folder), "--lang", "fa"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(found.calibration.title.fa)
    assert main(["calibrate", str(file), "--lang", "de"]) == 2
    assert "'en', 'fa'" in capsys.readouterr().err
