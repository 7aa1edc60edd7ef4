"""The fit by an emulator: against posteriors that are known exactly, on a tiny city, interrupted, and its coverage."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.calibration import coverage, simulating
from experiments.calibration.emulating import draw_from, emulator_of
from experiments.calibration.emulator import fit_emulator
from experiments.calibration.posterior import CAUTION, caution_of, read_posterior
from experiments.calibration.reader import load_calibration
from experiments.calibration.runner import calibrate
from experiments.calibration.tempering import draw_posterior
from experiments.cli import main as command
from experiments.figures.sheet import Sheet
from experiments.languages import which, written
from experiments.paper.drawings.posterior import Posterior
from experiments.study.verifying import verify
from experiments.study.work import FailedRunError
from sim.errors import ConfigError
from tests.calibration.conftest import surveyed_file, tiny
from tests.inline import Inline
from tests.paper.boxes import faults, words_of
from tests.sweeps.conftest import mahalle
from tools.coverage import main

ROWS = "hope,20,,,0.5,0.03,,\nexpectation,20,,,0.5,0.03,,\nhope,40,,,0.5,0.03,,yes\nparticipation_rate,20,,,0.2,,300,\n"


def linear(calibration, runs, *, noise=0.02, seed=1):
    """Runs of a model whose figures are known functions of two parameters, with luck that figures share.

    Hope is told by the first parameter, participation by the second; expectation by neither.
    """
    draw = np.random.default_rng(seed)
    quantiles = draw.random((runs, 2))
    luck = noise * draw.standard_normal((runs, 2))
    hope = 0.3 + 0.4 * quantiles[:, 0] + luck[:, 0]
    share = 1.0 / (1.0 + np.exp(3.0 - 2.0 * quantiles[:, 1]))
    columns = [hope, 0.5 + luck.sum(axis=1), share, hope + luck[:, 1]]
    fitted = [own.label for own in calibration.observed]
    held_out = [own.label for own in calibration.targets if own.held_out]
    return quantiles, pd.DataFrame(dict(zip([*fitted, *held_out], columns, strict=True)))


@pytest.fixture
def calibration(tmp_path):
    return load_calibration(surveyed_file(tmp_path, rows=ROWS))


def test_draws_are_those_of_a_posterior_that_is_known():
    """A normal likelihood far narrower than the prior, of parameters that depend on each other; and a beta."""
    covariance = np.array([[0.0004, 0.0003], [0.0003, 0.0004]])
    normal = stats.multivariate_normal([0.4, 0.6], covariance)
    draws = draw_posterior(normal.logpdf, 2, 4000, np.random.default_rng(1))
    assert draws.mean(axis=0) == pytest.approx([0.4, 0.6], abs=0.002)
    assert np.cov(draws, rowvar=False) == pytest.approx(covariance, rel=0.12)
    edge = draw_posterior(lambda q: stats.beta(1, 30).logpdf(q[:, 0]), 1, 4000, np.random.default_rng(2))
    assert stats.kstest(edge[:, 0], stats.beta(1, 30).cdf).pvalue > 0.001


def test_an_emulator_finds_the_figures_and_what_it_misses():
    draw = np.random.default_rng(5)
    quantiles = draw.random((400, 3))
    figures = np.column_stack(
        [
            quantiles[:, 0] ** 2 + quantiles[:, 1] * quantiles[:, 2] + 0.1 * draw.standard_normal(400),
            draw.beta(20.0, 80.0, 400),  # whose arcsine of the square root has a standard deviation of 1 / 20
        ]
    )
    emulator = fit_emulator(quantiles, figures, np.array([False, True]))
    fresh = draw.random((200, 3))
    assert emulator.mean(fresh)[:, 0] == pytest.approx(fresh[:, 0] ** 2 + fresh[:, 1] * fresh[:, 2], abs=0.1)
    assert np.sqrt(emulator.covariance[0, 0]) == pytest.approx(0.1, rel=0.1)
    assert np.sqrt(emulator.covariance[1, 1]) == pytest.approx(0.05, rel=0.1)
    assert emulator.explained[0] == pytest.approx(1.0 - 0.01 / figures[:, 0].var(), abs=0.03)
    assert abs(emulator.explained[1]) < 0.05
    runs = emulator.runs(np.full((4000, 3), 0.5), draw)
    assert runs[:, 0].std() == pytest.approx(0.1, rel=0.1)
    assert runs[:, 1].std() == pytest.approx(np.sqrt(0.2 * 0.8 / 101.0), rel=0.2)


def test_the_posterior_is_the_exact_one_of_a_linear_model(calibration):
    """Hope is normal about 0.3 + 0.4 q, with luck 0.02 and error 0.03; expectation says what part of it was luck."""
    quantiles, figures = linear(calibration, 600)
    draws = draw_from(calibration, emulator_of(calibration, quantiles, figures))
    whole = np.array([[0.02**2 + 0.03**2, 0.02**2], [0.02**2, 2 * 0.02**2 + 0.03**2]])
    variance = 1.0 / (0.4**2 * np.linalg.inv(whole)[0, 0])
    assert draws[:, 0].mean() == pytest.approx(0.5, abs=0.02)
    assert draws[:, 0].std() == pytest.approx(np.sqrt(variance), rel=0.08)
    grid = (np.arange(2000) + 0.5) / 2000
    density = stats.binom.pmf(60, 300, 1.0 / (1.0 + np.exp(3.0 - 2.0 * grid)))
    mean = (grid * density).sum() / density.sum()
    assert draws[:, 1].mean() == pytest.approx(mean, abs=0.02)
    assert draws[:, 1].std() == pytest.approx(np.sqrt(((grid - mean) ** 2 * density).sum() / density.sum()), rel=0.1)


def test_coverage_of_a_fit_that_is_right_is_nine_of_ten(calibration):
    quantiles, figures = linear(calibration, 400)
    trials = coverage.trials_of(calibration, quantiles, figures, 100)
    table = coverage.coverage_table(calibration.keys, trials).set_index("key")
    assert (table.trials == 100).all()
    assert table.covered.between(82, 97).all()
    assert (table.uniform > 0.001).all()
    assert (table.low < 0.9).all()
    assert table.shrinkage.iloc[0] > 0.5
    assert 0.82 < np.mean([trial.inside for trial in trials]) < 0.97
    text = coverage.as_markdown(coverage.coverage_table(calibration.keys, trials), trials)
    assert text.count(" of 100 |") == 3


def test_coverage_of_a_fit_that_is_too_sure_is_not(calibration, monkeypatch):
    """Were what the emulator misses left out of the likelihood, intervals would be too narrow, and coverage says so."""
    quantiles, figures = linear(calibration, 400, noise=0.08)
    right = emulator_of(calibration, quantiles, figures)

    def sure(*arguments):
        found = fit_emulator(*arguments)
        return replace(found, covariance=1e-9 * np.eye(len(found.covariance)))

    monkeypatch.setattr("experiments.calibration.coverage.fit_emulator", sure)
    trials = coverage.trials_of(calibration, quantiles, figures, 60)
    row = coverage.coverage_table(calibration.keys, trials).iloc[0]
    assert right.covariance[0, 0] > 0.005
    assert row.high < 0.9
    assert row.uniform < 0.01


def test_a_figure_that_some_runs_do_not_have_is_refused_by_name(calibration):
    quantiles, figures = linear(calibration, 60)
    figures.iloc[3, 1] = np.nan
    with pytest.raises(ConfigError, match=r"expectation in week 20 is undefined in 1 of 60 runs.*hold it out"):
        emulator_of(calibration, quantiles, figures)


# ---------------------------------------------------------------- on a tiny city


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A finished calibration by one worker, and what was printed."""
    folder = tmp_path_factory.mktemp("fitted")
    file = surveyed_file(folder)
    printed = mahalle("calibrate", file, "--out", folder / "out", "--workers", "1")
    return folder / "out", " ".join(printed.split())


def test_it_learns_what_the_survey_tells_and_says_where_figures_come_from(fitted):
    folder, printed = fitted
    assert caution_of(["survey"]) in printed
    assert CAUTION not in printed
    assert "fitted to 2 figures (2 survey), 1 held out, 1 missing" in printed
    assert "Figures held out, judged after the fit: 1 of 1" in printed
    assert "Missing in the files: 1 figure." in printed
    assert "Emulator: it predicts" in printed
    note = read_posterior(folder / "posterior.parquet").note
    assert note["caution"] == caution_of(["survey"])
    assert (note["origins"], note["method"], note["missing"]) == (["survey"], "emulator", 1)
    learned = pd.read_csv(folder / "learned.csv").set_index("key")
    trust = learned.loc["behaviour.trust.initial_trust_in_municipality"]
    assert trust.shrinkage > 0.7
    assert 0.38 < trust.posterior_mean < 0.52
    judged = pd.read_csv(folder / "judged.csv")
    assert judged.origin.tolist() == ["survey"] * 3
    assert judged.held_out.tolist() == [False, True, False]


def test_every_particle_is_a_run_that_verify_repeats(fitted):
    folder, _ = fitted
    runs = pd.read_parquet(folder / "runs.parquet")
    assert runs.groupby("generation").size().tolist() == [50, 10]
    posterior = pd.read_parquet(folder / "posterior.parquet")
    assert posterior.seed.tolist() == runs.seed[runs.generation == 1].tolist()
    assert verify(folder, sample=3).faults == ()


def test_interrupted_it_goes_on_and_ends_the_same_with_another_number_of_workers(fitted, tmp_path, monkeypatch):
    file, folder = surveyed_file(tmp_path), tmp_path / "out"
    whole, count = simulating.City, 0

    def failing(*arguments, **options):
        nonlocal count
        count += 1
        if count == 23:
            raise RuntimeError("of all things")
        return whole(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr("experiments.calibration.simulating.City", failing)
        with pytest.raises(FailedRunError, match=r"of all things.*--retry-failed"):
            calibrate(file, out=folder, executor=Inline())
    assert not (folder / "posterior.parquet").exists()
    done = len(list(folder.glob("shards/*.parquet")))
    assert done
    found = calibrate(file, out=folder, executor=Inline(), retry_failed=True)
    for name in ("runs.parquet", "learned.csv", "judged.csv"):
        assert (folder / name).read_bytes() == (fitted[0] / name).read_bytes(), name
    monkeypatch.setattr("experiments.calibration.simulating.City", None)  # nothing is left to be run
    again = calibrate(file, out=folder, executor=Inline())
    assert again.judged.equals(found.judged)


def test_coverage_of_a_folder_is_printed_and_kept(fitted, tmp_path, capsys):
    assert main([str(fitted[0]), "--trials", "6", "--csv", str(tmp_path / "table.csv")]) == 0
    printed = capsys.readouterr().out
    assert printed.count(" of 6 |") == 3
    assert "Held-out figures in the 90 % interval" in printed
    kept = (tmp_path / "table.csv").read_text(encoding="utf-8")
    manifest = json.loads((fitted[0] / "manifest.json").read_text(encoding="utf-8"))
    assert next(iter(manifest["models"])) in kept
    assert manifest["digest"] in kept
    assert list(pd.read_csv(tmp_path / "table.csv", comment="#").trials) == [6, 6, 6]


def test_the_command_prints_coverage_in_both_languages(fitted):
    """The numbers are those of the tool; in Persian they are the same, in words of its own."""
    folder = fitted[0]
    words = ["calibrate", folder / "calibration.yaml", "--out", folder, "--coverage", "12"]
    said = mahalle(*words)
    page = said[said.index("Coverage in 12 trials") :]
    calibration = load_calibration(folder / "calibration.yaml")
    trials = coverage.trials_in(calibration, coverage.prior_table(calibration, folder), 12)
    table = coverage.coverage_table(calibration.keys, trials)
    for row in table.itertuples():
        name = row.key if row.key == coverage.JOINT else row.key.removeprefix("behaviour.")
        (line,) = [line for line in page.splitlines() if line.split("  ")[0].strip() == name or f"{name} " in line]
        assert f"{row.covered} of 12" in line
        assert f"{100 * row.low:.0f} to {100 * row.high:.0f} %" in line
    assert "1 in each of 12 trials." in page
    persian = mahalle(*words, "--lang", "fa")
    persian = persian[persian.index("پوشش در ۱۲ آزمون") : persian.index("ارقام کنارگذاشته در بازه")]
    assert re.findall("[A-Za-z]{2,}", persian) == []
    assert persian.count("از ۱۲") == len(table)
    assert "نیمه‌عمر" in persian or "اعتماد آغازین به شهرداری" in persian


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--coverage", "9"], "'--coverage'"),
        (["--coverage", "51"], "--coverage: takes a run for each trial: at most 50"),
    ],
)
def test_coverage_that_cannot_be_had_is_refused_before_any_run(words, expected, tmp_path, capsys):
    file = surveyed_file(tmp_path, runs="50")
    assert command(["calibrate", str(file), "--out", str(tmp_path / "out"), *words]) == 2
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_coverage_needs_an_emulator(tmp_path, capsys):
    file = tiny(tmp_path)
    assert command(["calibrate", str(file), "--out", str(tmp_path / "out"), "--coverage", "20"]) == 2
    assert "--coverage: goes with method: emulator" in capsys.readouterr().err


def test_figures_of_ones_own_can_be_fitted_by_smc_beside_claims(tmp_path):
    """And what is held out is judged there, too."""
    rows = "trust_in_municipality,20,,,0.45,0.02,,\ntrust_in_municipality,40,,,0.45,0.02,,yes\n"
    file = surveyed_file(
        tmp_path,
        rows=rows,
        base="rafsanjan",
        method="smc",
        thresholds="[8, 4]",
        patterns="[{pattern: 1, part: share of residents, claimed: 0.0098, tolerance: 0.0025}]",
    )
    text = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("runs:"))
    file.write_text(text)
    found = calibrate(file, out=tmp_path / "out", executor=Inline())
    assert found.complete
    assert found.calibration.origins == ("claimed", "survey")
    assert len(found.simulated) == 1
    assert found.judged.held_out.tolist() == [False, True]
    assert (found.posterior.distance <= 4.0).all()
    assert abs(found.judged.simulated[0] - 0.45) < 0.1
    note = read_posterior(tmp_path / "out/posterior.parquet").note
    assert note["caution"] == caution_of(["claimed", "survey"])
    assert CAUTION in note["caution"]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_figure_shows_figures_of_ones_own_that_were_held_out(fitted, tmp_path, language):
    found = calibrate(surveyed_file(tmp_path), out=fitted[0], executor=Inline())
    options, sheet = Posterior.Options(), Sheet(language, title="A calibration", note="fitted to a survey")
    table = Posterior.table(found, options)
    assert table[table.kind == "held out"].name.to_list() == ["trust_in_municipality in week 40"]
    fitted_ones = [own.label for own in found.calibration.targets if not own.held_out]
    assert table[table.kind == "fitted"].name.to_list() == fitted_ones
    caption = (fitted[0] / f"posterior.{language}.caption.md").read_text(encoding="utf-8")
    particles = len(found.posterior)
    assert {
        "en": f" {particles} particles, a run each, by an emulator that was fitted to {found.calibration.runs} other ",
        "fa": f" {written(f'{particles}', 'fa')} ذره، هر یک با یک اجرا، به کمک مدل جانشینی که بر ",
    }[language] in caption
    with sheet.styled():
        figure = Posterior.draw(table, options, sheet)
        assert faults(figure) == []
        week = which((", 40", "، ۴۰"), language)
        assert any(words.endswith(week) for words, _ in words_of(figure))
