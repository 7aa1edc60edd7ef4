"""An experiment that was edited: with more levels, policies or replications the runs that are there count."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import experiments
from experiments.cli import main
from experiments.register import value_at
from experiments.study import growing
from experiments.study.store import Store
from experiments.sweeps.experiment import KIND, Experiment
from experiments.sweeps.growing import growth_of
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from experiments.sweeps.tables import Sweep, config_of_run, load, merge
from sim.errors import ConfigError
from tests.conftest import TIMES
from tests.inline import Inline
from tests.sweeps.conftest import digests, tiny

MORE = {
    "levels": ("[[mosque], [school]]", "[[online], [mosque], [school]]"),
    "replications": ("replications: 2", "replications: 3"),
    "levels in another order": ("[[mosque], [school]]", "[[school], [mosque]]"),
}
AGAIN = ("[0.0, 0.7]", "[0.3, 0.0, 0.7]")
OUTCOME = ("outcomes:\n", "outcomes:\n  - {hope: last}\n")
SHORT = (("replications: 2", "replications: 1"), ("weeks: 8}", "weeks: 2}"), ("[4, 8]", "[1, 2]"))


def edited(folder: Path, *changes: tuple[str, str]) -> Path:
    """The tiny experiment with some words replaced."""
    file = tiny(folder, replications=2)
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return file


def done(file: Path, out: Path, **more) -> tuple[list[str], int]:
    """Do an experiment; what was said, and how many runs were done now."""
    said: list[str] = []
    watched = []
    run(file, out=out, executor=Inline(), workers=1, say=said.append, watch=lambda one: watched.append(one), **more)
    return said, (watched[-1].done - watched[-1].found if watched else 0)


def anew(folder: Path, *changes: tuple[str, str]) -> dict[str, str]:
    """Digests of an experiment that is done in an empty folder."""
    folder.mkdir()
    done(edited(folder, *changes), folder / "out")
    return digests(folder / "out")


@pytest.mark.parametrize("what", MORE)
def test_the_runs_that_are_there_count(what, tmp_path):
    done(edited(tmp_path), tmp_path / "out")
    said, runs = done(edited(tmp_path, MORE[what]), tmp_path / "out")
    assert runs == {"levels": 4, "replications": 4, "levels in another order": 0}[what]
    assert digests(tmp_path / "out") == anew(tmp_path / "other", MORE[what])
    grew = {
        "levels": ["the experiment has 2 points more: 8 runs are kept"],
        "levels in another order": ["the experiment has its points in another order: 8 runs are kept"],
    }
    assert said == [*grew.get(what, []), "8 runs are there already"]
    assert main(["verify", str(tmp_path / "out"), "--sample", "2"]) == 0


def test_where_no_progress_is_shown_nothing_is_said_of_growth(tmp_path):
    done(edited(tmp_path), tmp_path / "out")
    said: list[str] = []
    file = edited(tmp_path, MORE["levels"])
    run(file, out=tmp_path / "out", executor=Inline(), workers=1, say=said.append, progress=False)
    assert said == []
    assert digests(tmp_path / "out") == anew(tmp_path / "other", MORE["levels"])


def test_a_study_may_grow_again_and_what_was_refused_has_changed_nothing(tmp_path):
    done(edited(tmp_path), tmp_path / "out")
    done(edited(tmp_path, MORE["levels"]), tmp_path / "out")
    there = everything(tmp_path / "out")
    with pytest.raises(ConfigError, match="the outcome hope:last is new"):
        done(edited(tmp_path, MORE["levels"], OUTCOME), tmp_path / "out")
    assert everything(tmp_path / "out") == there
    said, runs = done(edited(tmp_path, MORE["levels"], AGAIN), tmp_path / "out")
    assert said == ["the experiment has 3 points more: 12 runs are kept", "12 runs are there already"]
    assert runs == 6
    assert digests(tmp_path / "out") == anew(tmp_path / "other", MORE["levels"], AGAIN)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("[[mosque], [school]]", "[[mosque], [online]]"), "2 points of 4 are left out"),
        (("seed: 7", "seed: 8"), "the seed is another"),
        (("weeks: 8}", "weeks: 9}"), "the base city is another"),
        (("  - trust_in_municipality\n", ""), "the outcome trust_in_municipality is left out"),
        (OUTCOME, "the outcome hope:last is new, and a run keeps only the outcomes asked for"),
        (
            (
                "  - trust_in_municipality\n  - {participation_rate: mean}\n",
                "  - {participation_rate: mean}\n  - trust_in_municipality\n",
            ),
            "its outcomes are in another order",
        ),
    ],
)
def test_where_the_runs_cannot_be_kept_the_refusal_says_why(change, why, tmp_path):
    done(edited(tmp_path), tmp_path / "out")
    before = everything(tmp_path / "out")
    with pytest.raises(ConfigError) as caught:
        done(edited(tmp_path, change), tmp_path / "out")
    assert "holds the runs of another experiment, which differs in" in caught.value.problem
    assert f"would be kept, but {why}); choose another folder, or --fresh" in caught.value.problem
    assert len(caught.value.problem) <= 300
    assert everything(tmp_path / "out") == before


def test_parts_refuse_to_renumber_what_others_may_be_at_work_on(tmp_path, capsys):
    done(edited(tmp_path), tmp_path / "out")
    file = edited(tmp_path, MORE["levels"])
    assert main(["sweep", str(file), "--out", str(tmp_path / "out"), "--shard", "1/2", "--quiet"]) == 2
    assert "give the command once without --shard" in capsys.readouterr().err


# ---------------------------------------------------------------- cut off


class Cut(BaseException):
    """As if by kill -9."""


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Failing:
    """Lets operations fail from that of a number on, which begins at 1."""

    def __init__(self, at: int, why: Callable[[], BaseException]) -> None:
        self.left, self.why = at, why

    @property
    def failed(self) -> bool:
        return self.left <= 0

    def __call__(self, genuine):
        def operation(*arguments, **named):
            self.left -= 1
            if self.failed:
                raise self.why()
            return genuine(*arguments, **named)

        return operation


def failing(patch: pytest.MonkeyPatch, at: int, why: Callable[[], BaseException], *names: str) -> Failing:
    """Let functions of the system fail from the operation of a number on."""
    found = Failing(at, why)
    for name in names:
        patch.setattr(os, name, found(getattr(os, name)))
    return found


def everything(folder: Path) -> dict[str, bytes]:
    """All that a folder holds, but for the times of its manifest and its locks."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".lock"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


type Known = dict[tuple[str, int], list[tuple[str, int, float]]]


def by_what_was_set(sweep: Sweep) -> Known:
    """Outcomes of each run of a sweep, by policy and values and by replication."""
    keys = ["policy", *sweep.experiment.keys]
    rows = dict(list(sweep.outcomes.groupby("run_id")[["outcome", "week", "value"]]))
    return {
        (json.dumps([row[key] for key in keys]), row["replication"]): list(rows[row["run_id"]].itertuples(index=False))
        for row in sweep.runs.to_dict("records")
        if row["status"] == "done"
    }


def refused_or_right(folder: Path, known: Known) -> str:
    """Why reading a folder is refused; where it is not, each run must have its own policy, values and outcomes."""
    try:
        sweep = load(folder)
    except ConfigError as error:
        return error.problem
    assert set(map(str, by_what_was_set(sweep).items())) <= set(map(str, known.items()))
    last = sweep.runs.to_dict("records")[-1]
    config = config_of_run(folder, last["run_id"])
    assert config.run.seed == last["seed"]
    for key in sweep.experiment.keys:
        value = value_at(config, key)
        assert last[key] == (json.dumps(value, default=list) if isinstance(value, list | tuple) else value)
    return ""


INTERRUPTED = "was interrupted while it grew; give the command again"


def test_cut_off_at_any_moment_nothing_is_lost_or_mixed_up(tmp_path, monkeypatch):
    small, out = edited(tmp_path, *SHORT), tmp_path / "before"
    done(small, out)
    smaller = load_experiment(small)
    file, met = edited(tmp_path, *SHORT, MORE["levels"]), set()
    done(file, tmp_path / "other")
    expected, known = digests(tmp_path / "other"), by_what_was_set(load(tmp_path / "other"))
    for at in range(1, 200, 3 if TIMES == 1 else 1):
        out = tmp_path / f"out{at}"
        shutil.copytree(tmp_path / "before", out)
        with monkeypatch.context() as patch, suppress(Cut):
            cut = failing(patch, at, Cut, "rename", "replace", "unlink", "mkdir", "rmdir")
            done(file, out)
        if not cut.failed:  # it was through before
            break
        read = refused_or_right(out, known)
        if read == INTERRUPTED and INTERRUPTED not in met:
            refuse_to_read(out)
        if read == INTERRUPTED or not met - {""}:
            go_back(smaller, out, tmp_path / f"back{at}", known)
        met.add(read.partition("; resume")[0])
        assert done(file, out)[1] <= 2, f"cut at {at}"
        assert digests(out) == expected, f"cut at {at}"
        assert not (out / growing.GROWING).exists()
        assert growing.GROWING not in json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert met == {"", "the sweep is not finished", INTERRUPTED}


def refuse_to_read(out: Path) -> None:
    """Whatever reads a folder refuses while it grows."""
    for reading in (merge, partial(config_of_run, run=0)):
        with pytest.raises(ConfigError, match=f"^{out}: {INTERRUPTED}$"):
            reading(out)
    assert main(["verify", str(out)]) == 2


def go_back(smaller: Experiment, out: Path, copy: Path, known: Known) -> None:
    """The smaller experiment, given again: it is taken up as long as nothing has changed, and else refused."""
    shutil.copytree(out, copy)
    why = []
    with closing(Store(copy, KIND)) as store:
        try:
            store.open(smaller, growth_of=partial(growth_of, smaller))
        except ConfigError as error:
            why.append(error.problem)
    assert all("2 points of 6 are left out" in problem for problem in why)
    assert set(map(str, by_what_was_set(merge(copy)).items())) <= set(map(str, known.items()))


def test_where_the_disk_is_full_nothing_has_changed(tmp_path, monkeypatch):
    done(edited(tmp_path, *SHORT), tmp_path / "before")
    before = everything(tmp_path / "before")
    experiment = load_experiment(edited(tmp_path, *SHORT, MORE["levels"]))
    unchanged = 0
    for at in range(1, 100):
        out = tmp_path / f"out{at}"
        shutil.copytree(tmp_path / "before", out)
        with monkeypatch.context() as patch, closing(Store(out, KIND)) as store:
            full = failing(patch, at, full_disk, "mkdir", "fsync")
            with suppress(OSError):
                store.open(experiment, growth_of=partial(growth_of, experiment))
        if not full.failed:
            break
        if growing.GROWING not in json.loads((out / "manifest.json").read_text(encoding="utf-8")):
            assert (out / growing.GROWING).exists() is False, f"full at {at}"
            unchanged += everything(out) == before
    assert unchanged > 5


# ---------------------------------------------------------------- tables of another experiment


def test_tables_that_are_not_of_the_experiment_are_refused(tmp_path):
    done(edited(tmp_path), tmp_path / "out")
    runs = pd.read_parquet(tmp_path / "out/runs.parquet")
    key = "policy.authority.delegated_share"
    for change, why in (
        ({key: runs[key][::-1].to_numpy()}, f"run 0: {key} is 0.7, not 0.0"),
        ({"policy": "another"}, "run 0: policy is another, not base"),
        ({"point": runs.point[::-1].to_numpy()}, "run 0: point is 3, not 0"),
        ({"run_id": runs.run_id + 1}, "run 1: point is 0, not 1"),
        ({"run_id": runs.run_id - 1}, "it has a run -1"),
        ({"seed": runs.seed + 1}, f"run 0: seed is {runs.seed[0] + 1}, not {runs.seed[0]}"),
        ({"city.another": 1.0}, "it varies city.another"),
    ):
        runs.assign(**change).to_parquet(tmp_path / "out/runs.parquet", index=False)
        with pytest.raises(ConfigError) as caught:
            load(tmp_path / "out")
        assert f"is not of this experiment ({why}); put it together again: mahalle merge" in caught.value.problem
    runs.drop(columns=key).to_parquet(tmp_path / "out/runs.parquet", index=False)
    with pytest.raises(ConfigError, match=f"it has no column {key}"):
        load(tmp_path / "out")
    assert main(["verify", str(tmp_path / "out")]) == 1
    merge(tmp_path / "out")
    assert load(tmp_path / "out").runs.equals(runs)


@pytest.mark.parametrize("read", [load, experiments.load], ids=["sweep", "any"])
def test_a_number_changed_by_hand_is_not_read(read, tmp_path):
    done(edited(tmp_path, *SHORT), tmp_path / "out")
    file = tmp_path / "out/outcomes.parquet"
    table = pd.read_parquet(file)
    table.assign(value=table.value + 0.1).to_parquet(file, index=False)
    with pytest.raises(ConfigError, match=r"outcomes\.parquet has changed since it was written; .* mahalle merge"):
        read(tmp_path / "out")
    merge(tmp_path / "out")
    assert read(tmp_path / "out").outcomes.equals(table)


def test_tables_of_which_only_some_are_new_are_refused(tmp_path, monkeypatch):
    done(edited(tmp_path, *SHORT), tmp_path / "out")
    with monkeypatch.context() as patch, suppress(Cut):
        failing(patch, 4, Cut, "replace")  # of the manifest, runs.parquet, failures.parquet, outcomes.parquet
        merge(tmp_path / "out")
    with pytest.raises(ConfigError, match=r"^the sweep is not finished"):
        load(tmp_path / "out")
    merge(tmp_path / "out")
    assert len(load(tmp_path / "out").runs) == 4
