"""`mahalle calibrate` on a tiny city: what it writes, that nothing finished is lost, that workers change nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.exc import InvalidRequestError

from experiments.calibration.calibration import distance, files_of_figures
from experiments.calibration.finishing import draw
from experiments.calibration.origin import misfit_of_folder
from experiments.calibration.posterior import CAUTION, CAUTION_IN, read_posterior
from experiments.calibration.reader import load_calibration
from experiments.calibration.runner import calibrate
from experiments.calibration.runs import runs_in
from experiments.calibration.simulating import simulated
from experiments.figure_files import FORMATS
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from experiments.interruption import StoppedEarlyError
from experiments.paper.drawings.posterior import CLAIM, PARAMETER, Posterior
from experiments.study.work import FailedRunError
from experiments.sweeps.reader import load_experiment
from experiments.titles import title_of
from sim.errors import ConfigError
from tests.calibration.conftest import SHORT, tiny
from tests.inline import Inline
from tests.interrupting import HANGING
from tests.paper.boxes import faults, words_of
from tests.sweeps.conftest import kill_all, mahalle, start

FILES = ("posterior.parquet", "simulated.parquet", "learned.csv", *files_of_figures())


def digests(folder):
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}


def ends(folder):
    """When each finished generation was stored."""
    with closing(sqlite3.connect(folder / "history.db")) as connection:
        return dict(connection.execute("select t, population_end_time from populations where t >= 0").fetchall())


def short(folder, **changes):
    return tiny(folder, **{**SHORT, **changes})


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A finished calibration by one worker, and what was printed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    printed = mahalle("calibrate", short(folder), "--out", folder / "out", "--workers", "1")
    return folder / "out", printed


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_figure_is_legible_in_both_languages_and_says_where_it_comes_from(undisturbed, language, tmp_path):
    folder = shutil.copytree(undisturbed[0], tmp_path / "out")
    found = calibrate(load_calibration(folder / "calibration.yaml"), out=folder, executor=Inline())  # all is there
    options = Posterior.Options()
    sheet = Sheet(language, title="A calibration", note="n particles of some runs, fitted to claims " * 4)
    with sheet.styled():
        figure = Posterior.draw(Posterior.table(found, options), options, sheet)
        assert faults(figure) == []
        assert len(words_of(figure)) > 12
    draw(found, language)
    for kind in FORMATS:
        stamp = stamp_in(folder / f"posterior.{language}.{kind}")
        assert (stamp["made_by"], stamp["asked"]) == ("mahalle calibrate", found.calibration.digest)
    caption = (folder / f"posterior.{language}.caption.md").read_text(encoding="utf-8")
    assert CAUTION_IN[language] in caption


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_long_name_in_the_figure_is_not_cut(language):
    keys = [factor.key for factor in load_calibration("lakeside").factors]
    keys += ["behaviour.formative.rate_per_week", "behaviour.participation.own_generation_share"]
    rows = [(PARAMETER, key, 0.5, 0.1, 0.9, 0, 0.0) for key in keys]
    rows += [(CLAIM, "councils at week 84", 0.0, -0.5, 0.5, 0, float("nan"))]
    table = pd.DataFrame(rows, columns=["kind", "name", "middle", "low", "high", "learned", "shrinkage"])
    table = table.assign(at_bound="", place_en="", place_fa="")
    sheet = Sheet(language, title="A calibration")
    with sheet.styled():
        figure = Posterior.draw(table, Posterior.Options(), sheet)
        assert faults(figure) == []
    named = [label.get_text().replace("\n", " ") for label in figure.axes[0].get_yticklabels()]
    assert named == [title_of(key, language) for key in keys]


def test_killed_and_resumed_it_goes_on_with_the_runs_that_are_there(undisturbed, tmp_path):
    """And with two workers, where the undisturbed had one."""
    folder, words = (
        tmp_path / "out",
        ("calibrate", short(tmp_path), "--out", tmp_path / "out", "--workers", "2", "--quiet"),
    )
    process = start(*words)
    deadline = time.monotonic() + HANGING
    while not any(folder.glob("shards/*.parquet")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    kill_all(process)
    assert not (folder / "posterior.parquet").exists(), "killed too late to show anything"
    kept = {path.name: path.read_bytes() for path in folder.glob("shards/*.parquet")}
    assert kept
    mahalle(*words)
    assert {path.name: path.read_bytes() for path in folder.glob("shards/*.parquet") if path.name in kept} == kept
    numbers = [run for path in folder.glob("shards/*.parquet") for run, _ in runs_in(path)]
    assert len(numbers) == len(set(numbers)), "runs were done again"
    assert digests(folder) == digests(undisturbed[0])


def test_every_run_that_the_generations_took_is_in_the_table(undisturbed):
    folder, _ = undisturbed
    table, manifest = pd.read_parquet(folder / "runs.parquet"), json.loads((folder / "manifest.json").read_text())
    counts = table.groupby("generation").size().tolist()
    assert counts == [own["runs"] for own in manifest["generations"]]
    assert table.groupby("generation").number.max().add(1).tolist() == counts
    last = pd.read_parquet(folder / "posterior.parquet")
    assert set(last.seed) <= set(table.seed[table.generation == 2])
    done = sum(len(dict(runs_in(path))) for path in folder.glob("shards/*.parquet"))
    assert done < 2 * len(table), "as many runs in vain as were needed"


def test_a_run_that_fails_ends_it_and_is_done_again_when_that_is_asked(tmp_path, monkeypatch):
    file, folder = short(tmp_path, thresholds="[4]"), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("experiments.calibration.simulating.City", None)
        with pytest.raises(
            FailedRunError, match=r"run\.seed=\d+, behaviour.*TypeError.*; --retry-failed does it again$"
        ):
            calibrate(file, out=folder, executor=Inline())
    with pytest.raises(FailedRunError, match="TypeError"):
        calibrate(file, out=folder, executor=Inline())
    assert calibrate(file, out=folder, executor=Inline(), retry_failed=True).complete


def test_a_folder_of_an_older_version_is_refused_in_a_line(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"made_by": "mahalle calibrate", "digest": "0", "models": {}}')
    (folder / "runs.jsonl").write_text('{"generation": 0}\n')
    file = short(tmp_path, thresholds="[4]")
    [line] = mahalle("calibrate", file, "--out", folder, "--quiet", status=2).strip().splitlines()
    assert "was made by an older version; choose another folder, or --fresh" in line
    assert calibrate(file, out=folder, executor=Inline(), fresh=True).complete
    assert not (folder / "runs.jsonl").exists()


def test_pyabcs_history_is_written_from_the_runs(undisturbed, tmp_path, monkeypatch):
    """Whatever was in its place: nothing is read from it."""
    assert list(ends(undisturbed[0])) == [0, 1, 2]
    folder = tmp_path / "out"
    shutil.copytree(undisturbed[0], folder)
    (folder / "posterior.parquet").unlink()
    (folder / "history.db").write_bytes(b"SQLite format 3\0" + b"\0" * 84)
    monkeypatch.setattr("experiments.calibration.simulating.City", None)  # nothing is left to be simulated
    assert calibrate(short(tmp_path), out=folder, executor=Inline()).complete
    assert digests(folder) == digests(undisturbed[0])
    assert list(ends(folder)) == [0, 1, 2]


def test_a_particle_is_a_run_that_can_be_made_again(undisturbed, tmp_path):
    folder, _ = undisturbed
    calibration = load_calibration(short(tmp_path))
    table = pd.read_parquet(folder / "posterior.parquet")
    assert list(table.columns) == ["particle", "weight", "distance", "generation", "seed", *calibration.keys]
    assert table.weight.sum() == pytest.approx(1.0)
    assert (table.distance <= 3.8).all()
    assert (table.generation == 2).all()
    assert table.seed.nunique() == len(table) == 10
    row = table.iloc[3]
    values = {key: table[key].to_list()[3] for key in calibration.keys}
    found = simulated(calibration, values, int(table.seed[3]))
    assert distance(found, calibration.figures) == row.distance
    stored = pd.read_parquet(folder / "simulated.parquet").query("particle == 3")
    assert dict(zip(stored.pattern.astype(str) + " " + stored.figure, stored.simulated, strict=True)) == found


def test_what_is_claimed_is_said_to_be_claimed_everywhere(undisturbed):
    folder, printed = undisturbed
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["caution"] == CAUTION
    assert all(claim["verified"] is False and claim["tag"] == "claimed" for claim in manifest["claims"])
    assert read_posterior(folder / "posterior.parquet").note["caution"] == CAUTION
    assert CAUTION in " ".join(printed.split())
    assert "claimed (not verified)" in printed
    assert "Nothing detected" in printed
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    generations = manifest["generations"]
    assert [own["threshold"] for own in generations] == [4.0, 3.9, 3.8]
    assert all(own["runs"] >= 10 for own in generations)


def test_another_calibration_or_model_is_refused(undisturbed, tmp_path):
    folder, _ = undisturbed
    printed = mahalle("calibrate", short(tmp_path, seed="6"), "--out", folder, "--quiet", status=2)
    assert "holds the runs of another calibration" in printed
    manifest = folder / "manifest.json"
    content = manifest.read_text(encoding="utf-8")
    [(model, files)] = json.loads(content)["models"].items()
    manifest.write_text(content.replace(model, "0" * 64).replace(files["rules/trust.py"], "0" * 64), encoding="utf-8")
    printed = mahalle("calibrate", short(tmp_path), "--out", folder, "--quiet", status=2)
    manifest.write_text(content, encoding="utf-8")
    assert "the model's source has changed since these runs (rules/trust.py)" in printed
    assert len(printed.strip().splitlines()) == 1


def test_a_folder_without_a_sound_manifest_is_not_gone_on_with(undisturbed, tmp_path):
    """Runs of another calibration would be taken for this one's."""
    folder = tmp_path / "out"
    shutil.copytree(undisturbed[0], folder)
    for harm in (lambda: (folder / "manifest.json").write_text("{"), lambda: (folder / "manifest.json").unlink()):
        harm()
        with pytest.raises(ConfigError, match=r"has no readable manifest.json; --fresh starts again"):
            calibrate(short(tmp_path), out=folder, executor=Inline())


def test_a_fresh_beginning_cut_off_anywhere_leaves_nothing_old_to_be_taken_for_new(undisturbed, tmp_path, monkeypatch):
    """Whatever it was cut off at: the next begins with nothing that is not this calibration's, or says so."""
    unlink, original = Path.unlink, read_posterior(undisturbed[0] / "posterior.parquet")
    there = [path.name for path in undisturbed[0].iterdir() if path.is_file() and not path.name.startswith(".")]
    for deleted in range(1, len(there)):
        folder = tmp_path / str(deleted)
        shutil.copytree(undisturbed[0], folder)
        left = [deleted]

        def cut_off(path, left=left, **more):
            if path.exists():
                if not left[0]:
                    raise KeyboardInterrupt
                left[0] -= 1
            unlink(path, **more)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", cut_off)
            with pytest.raises(KeyboardInterrupt):
                calibrate(short(tmp_path), out=folder, executor=Inline(), fresh=True)
        assert misfit_of_folder(folder / "posterior.parquet") is not None
        with pytest.raises(ConfigError, match="another calibration"):
            calibrate(short(tmp_path, seed="6"), out=folder, executor=Inline())
    found = calibrate(short(tmp_path), out=folder, executor=Inline())
    assert found.posterior[list(original.keys)].to_dict("list") == dict(original.values)


def test_what_cannot_be_written_is_said_and_leaves_the_earlier_files_whole(undisturbed, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    shutil.copytree(undisturbed[0], folder)

    def half_a_file(content, path, *more, **named):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    for place in ("experiments.figures.pictures.save_stamped", "experiments.results.write_parquet"):
        with monkeypatch.context() as patch:
            patch.setattr(place, half_a_file)
            with pytest.raises(StoppedEarlyError, match=r"^stopped: No space left .*resumes from there$"):
                calibrate(short(tmp_path), out=folder, executor=Inline())
        assert digests(folder) == digests(undisturbed[0])
        assert not list(folder.rglob(".*partial*"))


def test_a_history_that_cannot_be_written_is_said_in_a_line_and_gone_on_with(tmp_path):
    """A real limit on the size of files: SQLite's error is none of the system's, and pyabc puts another before it."""
    file, folder = short(tmp_path, thresholds="[4]", population="20"), tmp_path / "out"
    limited = ("bash", "-c", 'ulimit -f 40; exec "$0" -m experiments "$@"', sys.executable)
    said = mahalle("calibrate", file, "--out", folder, "--workers", "1", "--quiet", status=1, command=limited)
    [line] = said.strip().splitlines()
    assert line.startswith("mahalle calibrate: stopped: d")  # "disk I/O error" or "database or disk is full"
    assert "; 0 of 1 generations and all finished runs are kept in " in line
    assert f"; resume with: mahalle calibrate {file} " in line
    kept = (folder / "journal.jsonl").read_text(encoding="utf-8")
    assert sum(json.loads(line)["runs"] for line in kept.splitlines()) >= 20
    assert calibrate(file, out=folder, executor=Inline()).complete
    assert (folder / "journal.jsonl").read_text(encoding="utf-8").startswith(kept)


def test_what_neither_the_user_nor_the_disk_stopped_is_no_interruption(tmp_path, monkeypatch):
    def wrong(*_, **__):
        raise InvalidRequestError("a fault of ours")

    monkeypatch.setattr("experiments.calibration.runner.approximate", wrong)
    with pytest.raises(InvalidRequestError):
        calibrate(short(tmp_path), out=tmp_path / "out", executor=Inline())


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("mine")
    printed = mahalle("calibrate", tiny(tmp_path), "--out", tmp_path / "out", "--fresh", status=2)
    assert "was not made by mahalle calibrate" in printed
    assert (tmp_path / "out/thesis.txt").read_text() == "mine"


def test_a_threshold_out_of_reach_is_said_and_the_generation_before_kept(tmp_path, capsys):
    from experiments.calibration.report import report

    file = short(tmp_path, thresholds="[4, 0.0001]", least_acceptance="0.5")
    found = calibrate(file, out=tmp_path / "out", executor=Inline())
    assert not found.complete
    assert np.isclose(found.generations.threshold, [4.0]).all()
    assert "Given up" in report(found)
    assert read_posterior(tmp_path / "out/posterior.parquet").note["complete"] is False


def test_elections_that_its_city_cannot_count_are_refused_before_its_runs(tmp_path):
    votes = "META\nkey;value\nbudget;100\nvote_type;totals\nPROJECTS\nproject_id;cost;votes;category\n1;60;20;x\n"
    (tmp_path / "totals.pb").write_text(votes, encoding="utf-8")
    claim = "claims: [{outcome: council_members, value: 300, week: 20, source: nobody}]"
    elections = f"city: {{elections: [{{file: totals.pb, categories: {{x: roads}}}}], {claim}}}\n"
    (tmp_path / "city.yaml").write_text(elections + "policy: {choice: {rule: ballot_equal_shares}}\n")
    file = short(tmp_path, base="city.yaml")
    with pytest.raises(ConfigError, match="Equal Shares needs ballots"):
        load_calibration(file)
    (tmp_path / "city.yaml").write_text(elections + "policy: {choice: {rule: ballot_greedy}}\n")
    load_calibration(file)
    experiment = tmp_path / "levers.yaml"
    lever = "levers: {policy.choice.rule: [ballot_greedy, ballot_equal_shares]}\nreplications: 1\noutcomes: [hope]\n"
    experiment.write_text("title: {en: A}\nbase: city.yaml\n" + lever, encoding="utf-8")
    with pytest.raises(ConfigError, match="Equal Shares needs ballots"):
        load_experiment(experiment)
    experiment.write_text(experiment.read_text().replace(", ballot_equal_shares", ", council_majority"))
    load_experiment(experiment)
