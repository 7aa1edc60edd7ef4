"""Damaged folders: one line that says what is wrong, and --fresh always starts again."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

import experiments
from experiments import locks
from experiments.cli import main
from experiments.folders import taking_the_place_of
from experiments.interruption import StoppedEarlyError, Terminated, line_of
from experiments.locks import InUseError, Lock
from experiments.sweeps.runner import run
from sim.cautions import CautionWarning
from tests.inline import Inline
from tests.sweeps.conftest import digests, tiny


@pytest.fixture
def sweep(undisturbed, tmp_path) -> Path:
    """A finished sweep with its experiment beside it, to be damaged."""
    shutil.copytree(undisturbed, tmp_path / "sweep")
    tiny(tmp_path)
    return tmp_path / "sweep"


def words(folder: Path, *more: str) -> list[str]:
    return ["sweep", str(folder.with_name("tiny.yaml")), "--out", str(folder), "--workers", "1", "--quiet", *more]


def replaced_by(what: str, path: Path) -> None:
    """Put a folder, a file or a link that leads nowhere in the place of a path."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    if what == "a folder":
        path.mkdir()
    elif what == "a file":
        path.write_text("other", encoding="utf-8")
    else:
        path.symlink_to("nowhere/at/all")


NESTED = "[" * 100_000

DAMAGE = {
    "a list": ("manifest.json", lambda text: "[1, 2]"),
    "without a digest": ("manifest.json", lambda text: json.dumps({**json.loads(text), "digest": None})),
    "models as a list": ("manifest.json", lambda text: json.dumps({**json.loads(text), "models": [1]})),
    "deeply nested": ("manifest.json", lambda text: NESTED),
    "files as texts": ("manifest.json", lambda text: json.dumps({**json.loads(text), "files": "all"})),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_manifest_of_another_shape_is_told_in_a_line(sweep, capsys, name):
    file, damage = DAMAGE[name]
    (sweep / file).write_text(damage((sweep / file).read_text(encoding="utf-8")), encoding="utf-8")
    (sweep / "results.json").write_text("{}", encoding="utf-8")  # as analyses leave it
    assert main(words(sweep)) == 2
    assert capsys.readouterr().err == f"--out {sweep}: has no readable manifest.json; --fresh starts again\n"
    assert main(["verify", str(sweep)]) == 2
    assert "has no manifest.json that can be read" in capsys.readouterr().err
    assert main(words(sweep, "--fresh")) == 0


@pytest.mark.parametrize("line", ["[1]", '{"file": ["a"], "sha256": 3}', '{"sha256": "0"}', NESTED, '"text"', "null"])
def test_a_line_of_the_journal_of_another_shape_is_passed_over(sweep, undisturbed, line):
    with open(sweep / "journal.jsonl", "a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert main(words(sweep)) == 0
    assert digests(sweep) == digests(undisturbed)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("journal.jsonl", "a folder, not a file"),
        ("journal.jsonl", "a link that leads nowhere"),
        ("runs.parquet", "a folder, not a file"),
        (".lock", "a folder, not a file"),
        (".lock-sweep", "a link that leads nowhere"),
        ("shards", "a file, not a folder"),
        ("shards", "a link that leads nowhere"),
        ("damaged", "a file, not a folder"),
        ("experiment.yaml", "a folder, not a file"),
        ("results.json", "a folder, not a file"),
    ],
)
def test_what_is_in_the_place_of_a_file_or_a_folder_is_told_in_a_line(sweep, undisturbed, capsys, name, what):
    replaced_by(what.partition(",")[0], sweep / name)
    assert main(words(sweep)) == 2
    assert capsys.readouterr().err == f"--out {sweep}: {name} is {what}; --fresh starts again\n"
    assert main(words(sweep, "--fresh")) == 0
    assert digests(sweep) == digests(undisturbed)


def test_a_folder_of_somebody_else_is_not_emptied(tmp_path, capsys):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"name": "a browser extension"}', encoding="utf-8")
    (folder / "code.js").write_text("", encoding="utf-8")
    tiny(tmp_path)
    assert main(words(folder, "--fresh")) == 2
    assert "exists and was not made by mahalle sweep" in capsys.readouterr().err
    assert (folder / "code.js").exists()


@pytest.mark.parametrize("name", ["experiment.yaml", "base.yaml", "manifest.json"])
def test_verify_finds_that_the_description_of_a_study_was_changed(sweep, capsys, name):
    assert main(["verify", str(sweep), "--sample", "0"]) == 0
    text = (sweep / name).read_text(encoding="utf-8")
    if name == "manifest.json":
        text = json.dumps({**json.loads(text), "replications": 3})
    (sweep / name).write_text(text.replace("replications: 6", "replications: 5") + "\n", encoding="utf-8")
    assert main(["verify", str(sweep), "--sample", "0"]) == 1
    assert f"{name} has changed since it was written" in capsys.readouterr().err


@pytest.mark.parametrize(("place", "size"), [(100, None), (0, 300)], ids=["spoilt", "cut off"])
def test_verify_names_a_table_that_cannot_be_read_any_more(sweep, capsys, place, size):
    file = sweep / "outcomes.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:size] if size else whole[:place] + b"xxxx" * 20 + whole[place + 80 :])
    assert main(["verify", str(sweep)]) == 1
    said = capsys.readouterr()
    assert said.err.splitlines()[0] == "outcomes.parquet has changed since it was written"
    assert "a table cannot be read (" in said.err
    assert "): no further run was repeated" in said.err
    assert "runs repeated: none; 2 faults" in said.out


def test_partial_files_of_killed_processes_are_swept_away_at_the_next_start(sweep):
    dead, alive = 2**22 + 1, os.getpid()  # numbers of processes end before the first
    left = [sweep / f".runs.parquet.{dead}.partial", sweep / "shards" / f".0.parquet.{dead}.partial"]
    ours = sweep / f".runs.parquet.{alive}.partial"
    for path in (*left, ours):
        path.write_bytes(b"cut")
    assert main(words(sweep)) == 0
    assert not any(path.exists() for path in left)
    ours.unlink(missing_ok=True)


# ---------------------------------------------------------------- a folder that goes away


class Vanishing(Inline):
    """An executor that does the work at once; before the third task the folder goes, or another comes in its place."""

    def __init__(self, folder: Path, another: bool) -> None:
        self.folder, self.another, self.tasks = folder, another, 0

    def submit(self, work, /, *arguments):
        self.tasks += 1
        if self.tasks == 3 and self.folder.exists():
            self.folder.rename(self.folder.with_name("gone"))
            if self.another:
                shutil.copytree(self.folder.with_name("gone"), self.folder)
        return super().submit(work, *arguments)


@pytest.mark.parametrize("another", [False, True])
def test_a_folder_deleted_or_replaced_under_a_sweep_is_not_said_to_keep_its_runs(tmp_path, another):
    out = tmp_path / "out"
    with pytest.raises(StoppedEarlyError) as stopped:
        run(tiny(tmp_path), out=out, executor=Vanishing(out, another), workers=1)
    assert stopped.value.kept == f"{out} was deleted or replaced meanwhile, and its runs are lost"
    assert line_of(stopped.value, ["sweep", "tiny.yaml"]).endswith("; start again with: mahalle sweep tiny.yaml")


def test_a_folder_deleted_after_the_last_run_is_not_said_to_keep_its_runs(tmp_path):
    out = tmp_path / "out"

    def watch(progress):
        if progress.done == progress.planned:
            out.rename(tmp_path / "gone")

    with pytest.raises(StoppedEarlyError, match="was deleted or replaced meanwhile, and its runs are lost"):
        run(tiny(tmp_path), out=out, executor=Vanishing(tmp_path / "another", another=False), workers=1, watch=watch)


def test_a_dry_run_that_is_ended_keeps_nothing():
    said = line_of(Terminated(), ["sweep", "tiny.yaml", "--dry-run"])
    assert "terminated; nothing is kept and no partial files are left; start again with" in said


# ---------------------------------------------------------------- file systems without locks


@pytest.fixture(params=[errno.ENOSYS, errno.ENOLCK])
def without_locks(request, monkeypatch):
    def flock(descriptor, kind):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(locks.fcntl, "flock", flock)


@pytest.mark.usefixtures("without_locks")
def test_without_locks_of_the_file_system_a_file_stands_for_the_lock(tmp_path):
    path = tmp_path / ".lock"
    with pytest.warns(CautionWarning, match="this file system has no locks"):
        held = Lock(path)
    with pytest.warns(CautionWarning), pytest.raises(InUseError, match=r"delete .*\.lock\.all\.held"):
        Lock(path)
    with pytest.warns(CautionWarning), pytest.raises(InUseError):
        Lock(path, shared=True)
    held.release()
    with pytest.warns(CautionWarning):
        shared = Lock(path, shared=True)
    assert shared.is_sole()
    with pytest.warns(CautionWarning), pytest.raises(InUseError):
        Lock(path)
    shared.release()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("without_locks")
def test_the_lock_of_a_process_that_has_ended_is_free(tmp_path):
    mark = tmp_path / ".lock.all.held"
    mark.write_text(f"{locks.socket.gethostname()} {2**22 + 1} 1.00", encoding="utf-8")
    with pytest.warns(CautionWarning), Lock(tmp_path / ".lock"):
        assert mark.exists()
    mark.write_text("another-machine 1 1.00", encoding="utf-8")
    with pytest.warns(CautionWarning), pytest.raises(InUseError):
        Lock(tmp_path / ".lock")


@pytest.mark.usefixtures("without_locks")
def test_sweep_and_run_work_without_locks(sweep, capsys):
    assert main([*words(sweep, "--fresh")[:-2], "--fresh"]) == 0
    assert capsys.readouterr().err.count("this file system has no locks; files that end in .held are used instead") == 1
    assert not list(sweep.glob("*.held"))
    with pytest.warns(CautionWarning), taking_the_place_of(sweep.with_name("run")) as partial:
        (partial / "manifest.json").write_text('{"made_by": "mahalle run"}', encoding="utf-8")
    assert not list(sweep.parent.glob("*.held"))
    assert experiments.load(sweep).complete
