"""The folder of a study: shards written atomically, a journal of finished shards, a manifest.

    manifest.json     the study, the version of the code and the machine
    experiment.yaml   the experiment (calibration.yaml for a calibration), complete except for the user's data files
    shards/*.parquet  outcomes of some runs each; the metadata lists the runs and the failed ones
    journal.jsonl     a line for each shard, with its SHA-256 (journal-2-of-5.jsonl for the second part of five)
    damaged/          shards that were altered or truncated; their runs are repeated

Shards take precedence: a shard missing in the journal, because the sweep was killed between the two writes, is adopted.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from experiments.folders import remove, remove_left_over
from experiments.locks import InUseError, Lock
from experiments.manifest import MANIFEST, manifest_in
from experiments.parquet import checked, read_limited
from experiments.provenance import circumstances, model_digest, model_files, sha256
from experiments.results import write_json_atomically, write_manifest_atomically
from experiments.study.differing import what_differs
from experiments.study.growing import GROWING, JOURNAL, Growth, discard, prepare, put_in_place
from experiments.study.shards import (
    LARGEST,
    MOST_ROWS,
    SHARDS,
    JournalEntry,
    Shard,
    first_run,
    name_of,
    read_shard,
    write_shard,
)
from sim.config import Config
from sim.errors import ConfigError
from sim.loading import Loaded

RESULTS = "results.json"
"""Digests of the files that analyses wrote."""

DAMAGED, OLD_JOURNAL = "damaged", "runs.jsonl"


class Studied(Protocol):
    """What is studied: an experiment, a calibration."""

    @property
    def base(self) -> Config:
        """The base city, whose extensions are part of the model."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides its runs."""

    def manifest_note(self) -> Mapping[str, Any]:
        """What the manifest says of it from the beginning."""

    def keep_in(self, folder: Path) -> tuple[str, ...]:
        """Write it into the folder, with all it needs; return the names of its files."""


@dataclass(frozen=True)
class Kind:
    """A kind of study.

    Attributes:
        command: of `mahalle`, which makes it.
        what: a folder of it is.
        asked: what decides its runs.
        files: names in its folder besides those that all studies have, in the order in which they are deleted.
        subfolders: the same of folders.
        results: patterns of the names of files that are made from its runs; they are deleted where it grows.
        mixes_models: whether runs of several versions of the model may stand in it, each labelled.
    """

    command: str
    what: str
    asked: str
    files: tuple[str, ...]
    mixes_models: bool = True
    subfolders: tuple[str, ...] = ()
    results: tuple[str, ...] = ()

    @property
    def made_by(self) -> str:
        """What the manifest says."""
        return f"mahalle {self.command}"


@dataclass(frozen=True)
class Part:
    """Which share of the runs a process does: number `k` of `n`, from 1."""

    k: int = 1
    n: int = 1

    @property
    def journal(self) -> str:
        """Name of its journal."""
        return JOURNAL if self.n == 1 else f"journal-{self.k}-of-{self.n}.jsonl"

    def has(self, run: int) -> bool:
        """Whether a run belongs to this part."""
        return run % self.n == self.k - 1


class Store:
    """The folder of a study, held by one process for each part.

    Attributes:
        folder: where.
        kind: of study.
        part: which share of the runs this process does.
        model: digest of the model's source as it is now.
        damaged: names of shards of this part that were found altered or cut off, and set aside.
        damaged_elsewhere: names of such shards that are another part's to do again; they stay where they are.
        grown: how the study grew since its runs were made, in words; empty if it did not.
    """

    def __init__(self, folder: Path, kind: Kind, part: Part | None = None) -> None:
        self.folder, self.kind, self.part = folder, kind, part if part is not None else Part()
        self.model = ""
        self.damaged: list[str] = []
        self.damaged_elsewhere: list[str] = []
        self.grown = ""
        self._locks: list[Lock] = []
        self._identity: tuple[int, int] | None = None

    # ---------------------------------------------------------------- opening

    def open(
        self,
        studied: Studied,
        *,
        fresh: bool = False,
        accept_code_change: bool = False,
        growth_of: Callable[[Path, str], Growth | str] | None = None,
    ) -> None:
        """Create the folder, or take up what an earlier study left in it.

        Args:
            studied: what is studied.
            fresh: whether to empty the folder first.
            accept_code_change: whether runs of another model may stand in it.
            growth_of: of the folder and the digest of its study, how this one grew from it, or why it cannot have; None
                if studies of this kind cannot grow.

        Raises:
            ConfigError: the folder holds something else or another study, is in use, or the model's source has changed
                since.
        """
        self._refuse_strangers(fresh=fresh)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._identity = _identity_of(self.folder)
            self._share()
            self._lock(f".lock-{self.part.journal}")
        except OSError as error:
            raise self._refusal(f"cannot be written to: {os.strerror(error.errno or 0)}") from None
        with self.alone():
            if fresh:
                self._empty()
            for folder in (self.folder, *(self.folder / name for name in (SHARDS, *self.kind.subfolders))):
                remove_left_over(folder)
            manifest = self.manifest()
            if manifest is not None and GROWING in manifest:  # cut off while it grew
                self._finish_growing(manifest)
            loaded, growth = studied.base.loaded, None
            files = model_files(loaded)
            self.model = files.pop("")
            if manifest is None:
                manifest = {"made_by": self.kind.made_by, "digest": studied.digest, "models": {}}
                manifest |= circumstances(loaded)
                manifest |= studied.manifest_note()
            elif _posterior_of(manifest) != _posterior_of(studied.manifest_note()):
                raise self._refusal(
                    "the posterior has changed since these runs; choose another folder, or --fresh to start again"
                )
            elif manifest["digest"] != studied.digest:
                growth = self._growth(studied, manifest["digest"], growth_of)
            if self.model not in manifest["models"]:
                if manifest["models"] and not accept_code_change:
                    changed = what_changed(manifest["models"], files)
                    mixed = "--accept-code-change resumes and labels each run with its model, "
                    raise self._refusal(
                        f"the model's source has changed since these runs ({changed}); "
                        f"{mixed if self.kind.mixes_models else ''}--fresh starts again"
                    )
                manifest["models"][self.model] = files
            if growth is not None:
                self._grow(growth, studied, manifest)
            discard(self.folder)
            (self.folder / SHARDS).mkdir(exist_ok=True)
            names = studied.keep_in(self.folder)
            manifest["study_files"] = {name: sha256(self.folder / name) for name in names}
            write_manifest_atomically(self.folder, manifest)

    def _growth(self, studied: Studied, digest: str, growth_of: Callable[[Path, str], Growth | str] | None) -> Growth:
        """How the study grew from that of the folder.

        Raises:
            ConfigError: it did not; says in what it differs, and why its runs cannot be kept.
        """
        found = None if growth_of is None else growth_of(self.folder, digest)
        if isinstance(found, Growth) and self.part.n > 1:
            found = "parts cannot do that: give the command once without --shard"
        if isinstance(found, Growth):
            return found
        differs = what_differs(studied.keep_in, self.folder)
        kept = "" if found is None else f" (with more levels and policies they would be kept, but {found})"
        raise self._refusal(
            f"holds the runs of another {self.kind.asked}, which differs in {differs}{kept}; "
            "choose another folder, or --fresh to start again"
        )

    def _grow(self, growth: Growth, studied: Studied, manifest: dict[str, Any]) -> None:
        """Give the runs their new numbers, and the folder the files and the digest of the larger study."""
        shards = list(self.take_stock())
        files = prepare(self.folder, growth, shards, studied.keep_in)
        manifest.pop("files", None)
        manifest |= {"digest": studied.digest, "study_files": files, GROWING: True}
        try:
            write_manifest_atomically(self.folder, manifest)
        except OSError:  # the disk is full: all is as it was
            with suppress(OSError):
                discard(self.folder)
            raise
        self._finish_growing(manifest)
        self.grown = growth.in_words(sum(len(shard.runs) for shard in shards))

    def _finish_growing(self, manifest: dict[str, Any]) -> None:
        put_in_place(self.folder, manifest, (RESULTS, *self.kind.results))
        write_manifest_atomically(self.folder, manifest)

    def refuse_if_gone(self) -> None:
        """Refuse to go on if the folder is not the one that was opened.

        Raises:
            OSError: it was deleted or replaced.
        """
        if not self.is_there():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.folder))

    def is_there(self) -> bool:
        """Whether the folder is the one that was opened, and still holds shards."""
        if self._identity is None:
            return True
        return _identity_of(self.folder) == self._identity and (self.folder / SHARDS).is_dir()

    def close(self) -> None:
        """Release the folder."""
        for lock in self._locks:
            lock.release()
        self._locks.clear()

    def manifest(self) -> dict[str, Any] | None:
        """The manifest, or None if there is none."""
        return manifest_in(self.folder)

    def _refuse_strangers(self, *, fresh: bool) -> None:
        """Refuse a folder that holds something else than a study of this kind, or, unless it is emptied, damage."""
        if os.path.lexists(self.folder) and not self.folder.is_dir():
            what = "is a file" if self.folder.exists() else "is a link that leads nowhere"
            raise self._refusal(f"{what}; a {self.kind.what} is a folder")
        if not self.folder.is_dir():
            return
        stranger = f"exists and was not made by {self.kind.made_by}; choose another folder, or empty it"
        entries = {entry.name for entry in self.folder.iterdir()}
        held = {name for name in entries if not name.startswith(".")}
        manifest = self.manifest()
        if manifest is None:
            ours = {MANIFEST, SHARDS, DAMAGED, *self.kind.files, *self.kind.subfolders}
            began = any(name.startswith(".lock-") for name in entries) and SHARDS in held
            if not began and not all(name in ours or name.startswith("journal") for name in held):
                raise self._refusal(stranger)
            if not fresh and (MANIFEST in held or any((self.folder / SHARDS).glob("*.parquet"))):
                raise self._refusal(f"has no readable {MANIFEST}; --fresh starts again")
        elif manifest["made_by"] != self.kind.made_by:
            raise self._refusal(stranger)
        elif not fresh and ((OLD_JOURNAL in held and SHARDS not in held) or "models" not in manifest):
            raise self._refusal("was made by an older version; choose another folder, or --fresh to start again")
        self._refuse_shapes(entries, fresh=fresh)

    def _refuse_shapes(self, names: Iterable[str], *, fresh: bool) -> None:
        """Refuse a folder or a link that leads nowhere in the place of a file, and a file in that of a folder."""
        for name in sorted(names):
            entry, lock = self.folder / name, name.startswith(".lock")
            folder = name in (SHARDS, DAMAGED, *self.kind.subfolders)
            known = lock or folder or name in (MANIFEST, RESULTS, *self.kind.files) or name.startswith("journal")
            if not known or (entry.is_dir() if folder else entry.is_file()):
                continue
            if fresh and lock:
                remove(entry)  # all else is removed once the folder is ours alone
            elif not fresh:
                what = "a folder, not a file" if entry.is_dir() else "a file, not a folder"
                what = what if entry.exists() else "a link that leads nowhere"
                raise self._refusal(f"{name} is {what}; --fresh starts again")

    def _refusal(self, problem: str) -> ConfigError:
        return ConfigError(problem, source=f"--out {self.folder}")

    def _share(self) -> None:
        """Take the folder for this process alone, or, as a part, together with other parts of as many.

        Raises:
            ConfigError: others are at work in a way that does not go together with this.
        """
        if self.part.n == 1:
            self._lock(".lock-sweep")
            return
        with self.alone():
            lock = self._lock(".lock-sweep", shared=True)
            if lock.is_sole():  # what an earlier sweep noted is void
                os.ftruncate(lock.descriptor, 0)
                os.pwrite(lock.descriptor, str(self.part.n).encode(), 0)
            noted = os.pread(lock.descriptor, 20, 0).decode()
            if noted != str(self.part.n):
                raise ConfigError(
                    f"parts of {noted} are at work in this folder; do part k/{noted}, or wait for them",
                    source=f"--shard {self.part.k}/{self.part.n}",
                )

    def _lock(self, name: str, *, shared: bool = False) -> Lock:
        try:
            lock = Lock(self.folder / name, shared=shared)
        except InUseError as error:
            advice = f"; {error.advice}" if error.advice else ""
            raise self._refusal(
                f"another {self.kind.what} is at work in this folder; wait for it, or choose another folder{advice}"
            ) from None
        self._locks.append(lock)
        return lock

    def alone(self) -> Lock:
        """Hold the folder while a block runs, so that processes which share it take turns."""
        return Lock(self.folder / ".lock", wait=True)

    def _empty(self) -> None:
        """Delete everything: results before the runs they were made from, and the manifest last.

        The manifest identifies the folder. In this order old results are never mistaken for new ones after an
        interruption.
        """
        known = (*self.kind.files, *self.kind.subfolders, "", SHARDS, MANIFEST)
        order = {name: place for place, name in enumerate(known)}
        for entry in sorted(self.folder.iterdir(), key=lambda entry: order.get(entry.name, order[""])):
            if not entry.name.startswith(".lock"):
                remove(entry)

    # ---------------------------------------------------------------- what is done

    def take_stock(self) -> Iterator[Shard]:
        """Yield every valid shard; move invalid shards to damaged/, adopt shards missing in the journal.

        A shard is valid if its digest agrees with the journal, or, if no journal lists it, if it can be read.
        """
        known = self.journal()
        for path in sorted((self.folder / SHARDS).glob("*.parquet")):
            shard = self._sound(path, known.get(path.name))
            if shard is None and not self.part.has(first_run(path.name)):
                self.damaged_elsewhere.append(path.name)
                continue
            if shard is None:
                (self.folder / DAMAGED).mkdir(exist_ok=True)
                os.replace(path, self.folder / DAMAGED / path.name)
                self.damaged.append(path.name)
                if path.name in known:
                    self.note({"file": path.name, "set_aside": True})
                continue
            if path.name not in known and self.part.has(shard.runs[0]):
                self.note({"file": path.name, "sha256": sha256(path), "bytes": path.stat().st_size, "adopted": True})
            yield shard

    def forget_failures(self) -> int:
        """Take failed runs out of their shards, so that they count as not done; returns how many.

        A shard's other runs go into a shard of their own first: cut off in between, they stand in two, and nothing is
        lost.
        """
        known, forgotten = self.journal(), 0
        for path in sorted((self.folder / SHARDS).glob("*.parquet")):
            shard = self._sound(path, known.get(path.name))
            if shard is None or not shard.failures:
                continue
            others = tuple(run for run in shard.runs if run not in shard.failures)
            if others:
                rest = Shard(name_of(others), shard.model, others, {})
                self.note(write_shard(self.folder, rest, pq.read_table(checked(path))))
            self.note({"file": path.name, "set_aside": True})
            path.unlink()
            forgotten += len(shard.failures)
        return forgotten

    def sound_shards(self) -> tuple[list[Shard], list[str]]:
        """All valid shards, and the names of invalid ones; no file is moved."""
        known, sound, unsound = self.journal(), [], []
        for path in sorted((self.folder / SHARDS).glob("*.parquet")):
            shard = self._sound(path, known.get(path.name))
            if shard is None:
                unsound.append(path.name)
            else:
                sound.append(shard)
        return sound, unsound

    def _sound(self, path: Path, noted: str | None) -> Shard | None:
        try:
            if noted is not None and sha256(path) != noted:
                return None
            shard = read_shard(path)
            if noted is None:
                read_limited(path, most_rows=MOST_ROWS, most_bytes=LARGEST)  # all of it: nobody noted what it should be
            return shard
        except (OSError, ValueError, KeyError, pa.ArrowException):
            return None

    def journal(self) -> dict[str, str]:
        """SHA-256 of each shard noted in any part's journal, by file; a line that was cut off is passed over."""
        noted: dict[str, str] = {}
        for path in sorted(self.folder.glob("journal*.jsonl")):
            for line in path.read_bytes().split(b"\n"):
                try:
                    entry = JournalEntry.model_validate_json(line)
                except ValueError:
                    continue
                if entry.set_aside:
                    noted.pop(entry.file, None)
                elif entry.sha256:
                    noted[entry.file] = entry.sha256
        return noted

    def note(self, entry: Mapping[str, Any]) -> None:
        """Append a line to this part's journal, and see it on the disk.

        Raises:
            OSError: it cannot be written.
        """
        with open(self.folder / self.part.journal, "ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                whole = file.read(1) == b"\n"
                file.write(b"" if whole else b"\n")  # the line before was cut off
            file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _identity_of(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another of the same name; None if there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def note_results(folder: Path, names: Iterable[str]) -> None:
    """Note the digests of what an analysis wrote into a study's folder, for `mahalle verify`."""
    found = {name: sha256(folder / name) for name in names if (folder / name).is_file()}
    write_json_atomically(folder / RESULTS, {**digests_of_results(folder), **found})


def forget_results(folder: Path, names: Iterable[str]) -> None:
    """Forget the digests of files that are about to be written anew, so that nobody takes the old ones for spoiled."""
    noted = digests_of_results(folder)
    if left := noted.keys() & set(names):
        write_json_atomically(folder / RESULTS, {name: digest for name, digest in noted.items() if name not in left})


def digests_of_results(folder: Path) -> dict[str, str]:
    """SHA-256 of what analyses wrote into a folder, by file."""
    try:
        return TypeAdapter(dict[str, str]).validate_json((folder / RESULTS).read_bytes())
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=8)
def model_now(loaded: tuple[Loaded, ...] = ()) -> str:
    """Digest of the source of the model and of the extensions loaded, read once in a process."""
    return model_digest(loaded)


def _posterior_of(note: Mapping[str, Any]) -> str | None:
    """SHA-256 of the posterior that runs draw from, if they do."""
    digest: str | None = note.get("posterior", {}).get("sha256")
    return digest


def what_changed(models: Mapping[str, Mapping[str, str]], files: Mapping[str, str]) -> str:
    """Files of the model that have changed since the runs in the folder were made."""
    before = list(models.values())[-1]
    names = sorted(name for name in {*before, *files} if before.get(name) != files.get(name))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
