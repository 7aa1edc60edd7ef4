"""A posterior as the behaviour of an experiment: the same particle for all policies of a replication."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import experiments
from experiments.calibration.origin import origin
from experiments.calibration.posterior import CAUTION, read_posterior, write_posterior
from experiments.cautions import in_a_line, unsaid
from experiments.cli import main
from experiments.faults import faults_of
from experiments.provenance import model_digest
from experiments.register import value_at
from experiments.sweeps.reader import load_experiment
from sim.cautions import CautionWarning, caution
from sim.errors import ConfigError
from tests.sweeps.conftest import mahalle
from tests.sweeps.conftest import tiny as tiny_sweep

RATIO, SUCCESS = "behaviour.trust.loss_to_gain_ratio", "behaviour.delivery.programme_success"
DELAY = "behaviour.knowledge.municipality_delay_weeks"


def write(path, *, weight=(0.6, 0.4, 0.0), ratio=(1.2, 2.4, 3.0), key=RATIO, note=None):
    size = len(weight)
    columns = {
        "weight": np.array(weight),
        "distance": np.zeros(size),
        "generation": np.zeros(size, np.int32),
        "seed": np.arange(size),
    }
    values = {key: list(ratio), SUCCESS: [0.7, 0.8, 0.9], DELAY: [10, 20, 30]}
    write_posterior(path, columns, values, note or {"title": "x"})
    return path


def said_of(folder, **note):
    """The cautions about a posterior with this note, and the experiment."""
    write(folder / "posteriors/p.parquet", note=note)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        experiment = load_experiment(with_posterior(folder))
    return [str(one.message) for one in found if issubclass(one.category, CautionWarning)], experiment


def fitting(base, **changes):
    """What a complete calibration of this base notes."""
    keys = (RATIO, SUCCESS, DELAY)
    return {"city": "Rafsanjan", "complete": True, "model": model_digest(), "origin": origin(base, keys), **changes}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "posteriors").mkdir()
    write(tmp_path / "posteriors/p.parquet")
    return tmp_path


def with_posterior(folder, *, more="", replications=6):
    text = "behaviour: {posterior: posteriors/p.parquet}\n"
    return tiny_sweep(folder, replications=replications, more=text + more)


def test_every_point_of_a_replication_has_the_same_particle(folder):
    experiment = load_experiment(with_posterior(folder))
    ratios = []
    for replication in range(40):
        configs = [experiment.config_of(point, replication) for point in experiment.points]
        found = {value_at(config, RATIO) for config in configs}
        assert len(found) == 1
        particle = experiment.particle_of(replication)
        assert found == {(1.2, 2.4, 3.0)[particle]}
        assert {value_at(config, SUCCESS) for config in configs} == {(0.7, 0.8, 0.9)[particle]}
        assert {value_at(config, DELAY) for config in configs} == {(10, 20, 30)[particle]}
        assert len({config.run.seed for config in configs}) == 1
        ratios.append(found.pop())
    assert set(ratios) == {1.2, 2.4}


def test_particles_are_drawn_by_weight_and_keyed(folder):
    posterior = read_posterior(folder / "posteriors/p.parquet")
    drawn = np.array([posterior.particle_of(7, replication) for replication in range(2000)])
    assert (drawn == 1).mean() == pytest.approx(0.4, abs=0.035)  # three standard errors
    assert not (drawn == 2).any()
    assert posterior.particle_of(7, 123) == drawn[123]
    other = np.array([posterior.particle_of(8, replication) for replication in range(2000)])
    assert (drawn == other).mean() == pytest.approx(0.52, abs=0.035)


def test_a_sweep_notes_the_particle_and_refuses_another_posterior(folder):
    file = with_posterior(folder, replications=3)
    printed = mahalle("sweep", file, "--out", folder / "sweep", "--workers", "1")
    assert printed.count("does not say for which city it was made") == 1  # by the workers not again
    assert f"Behaviour is drawn from a posterior. {CAUTION}" in printed
    sweep = experiments.load(folder / "sweep")
    assert (sweep.runs.groupby("replication").particle.nunique() == 1).all()
    assert sweep.runs.particle.to_list() == [sweep.experiment.particle_of(r) for r in sweep.runs.replication]
    assert "particle" not in sweep.summary().columns
    manifest = json.loads((folder / "sweep/manifest.json").read_text(encoding="utf-8"))
    assert manifest["posterior"]["sha256"] == read_posterior(folder / "posteriors/p.parquet").sha256
    mahalle("run", "--from", folder / "sweep", "--run-id", "5", "--out", folder / "one", "--quiet", "--no-figure")
    series = pd.read_parquet(folder / "one/city.parquet").trust_in_municipality.to_list()
    outcomes = sweep.outcomes.query("run_id == 5 and outcome == 'trust_in_municipality'")
    assert outcomes.value.to_list() == series
    write(folder / "posteriors/p.parquet", weight=(0.5, 0.5, 0.0))
    printed = mahalle("sweep", file, "--out", folder / "sweep", "--workers", "1", "--quiet", status=2)
    assert "the posterior has changed since these runs" in printed
    assert len(printed.strip().splitlines()) == 1


def test_a_posterior_decides_the_digest(folder):
    plain = load_experiment(tiny_sweep(folder)).digest
    one = load_experiment(with_posterior(folder)).digest
    write(folder / "posteriors/p.parquet", weight=(0.5, 0.5, 0.0))
    assert len({plain, one, load_experiment(with_posterior(folder)).digest}) == 3


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "is not there"),
        (lambda path: path.write_bytes(b"PAR1 no"), "is no Parquet file"),
        (lambda path: pd.DataFrame({"weight": [1.0]}).to_parquet(path), "was not written by mahalle calibrate"),
        (lambda path: write(path, weight=(0.6, 0.6, 0.0)), "do not sum to 1"),
        (lambda path: write(path, weight=(1.2, -0.2, 0.0)), "negative"),
        (lambda path: write(path, ratio=(1.2, 2.4, 7.0)), "must lie between 1 and 3, not 7.0"),
        (lambda path: write(path, key="behaviour.trust.nonsense"), "unknown key"),
        (lambda path: write(path, key="policy.authority.delegated_share"), "is a key of behaviour"),
    ],
)
def test_a_posterior_that_cannot_be_used_is_refused_with_its_line(folder, harm, words):
    harm(folder / "posteriors/p.parquet")
    file = with_posterior(folder)
    kind, [fault, *_] = faults_of(file)
    assert kind == "experiment"
    assert words in fault.problem
    assert fault.key == "behaviour.posterior"
    assert file.read_text(encoding="utf-8").splitlines()[fault.line - 1].startswith("behaviour:")
    with pytest.raises(ConfigError):
        load_experiment(file)


def test_a_posterior_of_this_city_and_model_is_used_without_a_word(folder):
    [says], experiment = said_of(folder, title="x")
    assert "does not say for which city" in says
    said, _ = said_of(folder, **fitting(experiment.base))
    assert said == []
    ours = experiment.base.with_values({RATIO: 2.9, "run.scale": 0.5, "run.weeks": 99, "run.seed": 77})
    assert said_of(folder, **fitting(ours))[0] == []  # what the posterior gives itself, and how long and large a run is


@pytest.mark.parametrize(
    ("values", "changes", "words"),
    [
        ({}, {"complete": False, "threshold": 1.5}, ["given up at threshold 1.5 before the last one asked for"]),
        ({"city.population.total": 50_000}, {"city": "Lakeside"}, ["fitted to Lakeside, and ", "has another city"]),
        ({"policy.authority.delegated_share": 0.9}, {}, ["has another policy"]),
        ({"behaviour.trust.voice_weight": 2.0}, {}, ["has another behaviour"]),
        ({"city.population.total": 50_000, "policy.authority.delegated_share": 0.9}, {}, ["another city and policy"]),
        ({}, {"model": "0" * 64}, ["by another version of the model"]),
    ],
)
def test_what_does_not_go_with_the_experiment_is_said_in_one_line(folder, capsys, values, changes, words):
    _, experiment = said_of(folder, title="x")
    [says], _ = said_of(folder, **fitting(experiment.base.with_values(values), **changes))
    assert all(part in says for part in words), says
    assert ";" not in says
    assert main(["check", str(with_posterior(folder)), str(with_posterior(folder))]) == 0
    assert capsys.readouterr().err.splitlines() == [f"mahalle: caution: {says}"]


def test_cautions_are_left_out_where_nothing_but_errors_is_asked_for():
    said = []
    for quiet in (True, False):
        with in_a_line(said.append, quiet=quiet):
            caution("mind the gap")
    assert said == ["caution: mind the gap"]
    with in_a_line(said.append), unsaid():
        caution("said by another process")
    assert len(said) == 1
    with in_a_line(said.append), pytest.warns(UserWarning, match="another matter"):
        warnings.warn("another matter", UserWarning, stacklevel=1)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda file, _: file.unlink(), "is not there; the calibration in that folder is not finished"),
        (lambda file, _: write(file, weight=(0.5, 0.5, 0.0)), "is not the one that the calibration beside it wrote"),
        (lambda file, _: (file.unlink(), file.mkdir()), "is a folder; name the posterior.parquet in it"),
        (lambda _, manifest: manifest.write_text('{"made_by": "mahalle calibrate"}'), "may be of an earlier"),
    ],
)
def test_a_calibrations_folder_that_is_not_sound_is_refused(folder, harm, words):
    file = folder / "posteriors/p.parquet"
    manifest = {"made_by": "mahalle calibrate", "files": {"p.parquet": read_posterior(file).sha256}}
    (folder / "posteriors/manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert faults_of(with_posterior(folder))[1] == []
    harm(file, folder / "posteriors/manifest.json")
    [fault] = faults_of(with_posterior(folder))[1]
    assert words in fault.problem
    assert fault.key == "behaviour.posterior"


def test_a_key_is_varied_in_one_way(folder):
    file = with_posterior(folder, more=f"uncertainties: {{{RATIO}: {{levels: [1, 2]}}}}\n")
    [fault] = faults_of(file)[1]
    assert "comes from the posterior, too" in fault.problem
    assert fault.key == f"uncertainties.{RATIO}"


def test_equal_posteriors_have_equal_bytes(tmp_path):
    assert write(tmp_path / "one").read_bytes() == write(tmp_path / "two").read_bytes()
    assert not list(tmp_path.glob(".*"))
