"""An experiment that was edited: with more levels, policies, outcomes or replications the runs that are there count."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.study import growing
from experiments.study.store import Store
from experiments.sweeps.experiment import KIND
from experiments.sweeps.growing import growth_of
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from sim.errors import ConfigError
from tests.calibration.conftest import Inline
from tests.sweeps.conftest import digests, tiny

MORE = {
    "levels": ("[[mosque], [school]]", "[[online], [mosque], [school]]"),
    "replications": ("replications: 2", "replications: 3"),
    "levels in another order": ("[[mosque], [school]]", "[[school], [mosque]]"),
}


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
    assert "8 runs are there already" in said
    if what == "levels":
        assert "the experiment has 2 points more: 8 runs are kept" in said
    assert main(["verify", str(tmp_path / "out"), "--sample", "2"]) == 0
    assert not (tmp_path / "out" / growing.EARLIER).exists()


def test_with_more_outcomes_runs_are_done_again_and_the_earlier_ones_stay(tmp_path):
    more = ("outcomes:\n", "outcomes:\n  - {hope: last}\n")
    done(edited(tmp_path), tmp_path / "out")
    shards = {path.name for path in (tmp_path / "out/shards").iterdir()}
    said, runs = done(edited(tmp_path, more), tmp_path / "out")
    again = "a run keeps only the outcomes asked for, so 8 runs are done again; they stay in earlier/"
    assert said == [f"the experiment has 1 outcome more: {again}"]
    assert runs == 8
    assert {path.name for path in (tmp_path / "out/earlier").iterdir()} == shards
    assert digests(tmp_path / "out") == anew(tmp_path / "other", more)
    assert done(edited(tmp_path, more), tmp_path / "out")[1] == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("[[mosque], [school]]", "[[mosque], [online]]"), "2 points of 4 are left out"),
        (("seed: 7", "seed: 8"), "the seed is another"),
        (("weeks: 8}", "weeks: 9}"), "the base city is another"),
        (("  - trust_in_municipality\n", ""), "the outcome trust_in_municipality is left out"),
    ],
)
def test_where_the_runs_cannot_be_kept_the_refusal_says_why(change, why, tmp_path):
    done(edited(tmp_path), tmp_path / "out")
    before = digests(tmp_path / "out")
    with pytest.raises(ConfigError) as caught:
        done(edited(tmp_path, change), tmp_path / "out")
    assert "holds the runs of another experiment, which differs in" in caught.value.problem
    assert f"would be kept, but {why}); choose another folder, or --fresh" in caught.value.problem
    assert len(caught.value.problem) <= 300
    assert digests(tmp_path / "out") == before


def test_parts_refuse_to_renumber_what_others_may_be_at_work_on(tmp_path, capsys):
    done(edited(tmp_path), tmp_path / "out")
    file = edited(tmp_path, MORE["levels"])
    assert main(["sweep", str(file), "--out", str(tmp_path / "out"), "--shard", "1/2", "--quiet"]) == 2
    assert "give the command once without --shard" in capsys.readouterr().err


class Cut(BaseException):
    """As if by kill -9."""


class Cutting:
    """Lets the operation of a number, from 1, be the last."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self, genuine):
        def operation(*arguments, **named):
            self.at -= 1
            if self.at == 0:
                raise Cut
            return genuine(*arguments, **named)

        return operation


@pytest.mark.parametrize("outcomes", [False, True])
def test_cut_off_while_growing_nothing_is_lost_or_mixed_up(outcomes, tmp_path, monkeypatch):
    change = ("outcomes:\n", "outcomes:\n  - {hope: last}\n") if outcomes else MORE["levels"]
    done(edited(tmp_path), tmp_path / "before")
    expected, file = anew(tmp_path / "other", change), edited(tmp_path, change)
    experiment = load_experiment(file)
    for at in range(1, 100):
        out = tmp_path / f"out{at}"
        shutil.copytree(tmp_path / "before", out)
        cutting, store = Cutting(at), Store(out, KIND)
        with monkeypatch.context() as patch:
            for name in ("rename", "replace", "unlink", "mkdir"):
                patch.setattr(os, name, cutting(getattr(os, name)))
            with suppress(Cut), closing(store):
                store.open(experiment, growth_of=partial(growth_of, experiment))
        if cutting.at > 0:  # it was through before
            break
        _, runs = done(file, out)
        assert runs == (8 if outcomes else 4), f"cut at {at}"
        assert digests(out) == expected, f"cut at {at}"
        assert not (out / growing.GROWING).exists()
        assert not json.loads((out / "manifest.json").read_text(encoding="utf-8")).get(growing.GROWING)
        assert (out / growing.EARLIER).exists() == outcomes
    assert at > 8
