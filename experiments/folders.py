"""Atomic writes of files and folders: a result replaces its target completely, or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from experiments.locks import Lock
from experiments.manifest import MANIFEST, RUN, manifest_in
from sim.errors import ConfigError

CONFIG = "config.yaml"

_LONGEST_NAME = 255
_AT_CURRENT_FOLDER, _EXCHANGE = -100, 2  # of Linux's renameat2


def folder_for(kind: str, name: str) -> Path:
    """Default folder of results: results/KIND-NAME, or results/NAME where the name begins with the kind already.

    Args:
        kind: of study, such as "calibration".
        name: of its file, without the ending.
    """
    return Path("results") / (name if name.startswith(kind) else f"{kind}-{name}")


def refuse_target(folder: Path) -> None:
    """Raise unless a result may be written to `folder`: it does not exist, is empty, or holds only an earlier result.

    Raises:
        ConfigError: the reason, and what to do.
    """
    target = _real(folder)
    if not target.name or target in (Path.cwd(), *Path.cwd().parents):
        raise ConfigError("is the current folder or above it; choose a separate folder", source=f"--out {folder}")
    if len(os.fsencode(_partial(target).name)) > _LONGEST_NAME:
        raise ConfigError("the name is too long; choose a shorter one with --out", source=f"--out {folder}")
    _refuse_parents(folder, target)
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ConfigError("is a file; a result is a folder", source=f"--out {folder}")
    held = {entry.name for entry in target.iterdir()}
    if not held:
        return
    manifest = read_manifest(target)
    if manifest is None:
        raise ConfigError(
            "exists and was not made by mahalle run; choose another folder, or empty it",
            source=f"--out {folder}",
        )
    strange = sorted(held - {MANIFEST, *manifest["files"]})
    if strange:
        shown = ", ".join(strange[:3]) + (", …" if len(strange) > 3 else "")
        raise ConfigError(
            f"holds files that are not part of the result ({shown}); move them, or choose another folder",
            source=f"--out {folder}",
        )


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run, or None if the folder is not one that `mahalle run` made."""
    manifest = manifest_in(folder)
    return manifest if manifest is not None and manifest["made_by"] == RUN else None


def maker_of(folder: Path) -> str:
    """The command that made a folder, such as "mahalle run"; empty if none did."""
    return str((manifest_in(folder) or {}).get("made_by", ""))


@contextmanager
def taking_the_place_of(folder: Path) -> Iterator[Path]:
    """Yield an empty temporary folder beside `folder`; it replaces `folder` when the block ends without an error.

    If the process dies, `folder` is unchanged; the next process that writes there deletes the temporary folder.
    """
    target = _real(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(target)
    lock = _make_and_lock(partial)
    try:
        _restore(target)
        _empty(partial)
        yield partial
        refuse_target(folder)
        _flush(partial)
        _put(partial, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        lock.release()


def remove(entry: Path) -> None:
    """Remove a file, a link or a folder with all that is in it."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def remove_left_over(folder: Path) -> None:
    """Remove the partial files in a folder that processes left which were killed while writing."""
    for partial in folder.glob(".*.partial"):
        number = partial.name.split(".")[-2]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            with suppress(OSError):
                remove(partial)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Atomic write: yield a temporary path to write to, which replaces `path` when the block ends.

    Raises:
        OSError: it cannot be written; `path` is unchanged, and no partial file is left.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        with open(partial, "rb") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_text_atomically(path: Path, text: str) -> None:
    """Write a text to a file atomically."""
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


def print_or_write(text: str, file: Path | None, heads: Sequence[str] | None = None) -> None:
    """Print a text, or write it to a file atomically; the folder is created if missing.

    Args:
        text: what to write.
        file: where to; None is standard output.
        heads: a file that has none of these texts near its beginning was made by somebody else, and stays; None if
            any file may be replaced.

    Raises:
        ConfigError: the file cannot be written there.
    """
    if file is None:
        sys.stdout.write(text)
        return
    if file.is_dir():
        raise ConfigError("is a folder; name a file", source=f"--out {file}")
    if file.exists() and not file.is_file():  # a device or a pipe would be replaced by an ordinary file
        raise ConfigError("is no ordinary file; leave --out away and redirect the output", source=f"--out {file}")
    if heads is not None and file.exists() and not _begins_like(file, heads):
        raise ConfigError(
            "exists and was not made by this command; choose another file, or remove it", source=f"--out {file}"
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{file.name[:100]}.", dir=file.parent)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", source=f"--out {file}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o666 & ~umask())
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _begins_like(file: Path, heads: Sequence[str]) -> bool:
    """Whether a file is empty, or has one of some texts within its first 500 characters."""
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            beginning = stream.read(500)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", source=f"--out {file}") from None
    return not beginning or any(head in beginning for head in heads)


def _real(folder: Path) -> Path:
    """The absolute path, without dots and links."""
    return Path(os.path.realpath(folder))


def _partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.partial")


def _replaced(target: Path) -> Path:
    return target.with_name(f".{target.name}.replaced")


def _refuse_parents(folder: Path, target: Path) -> None:
    nearest = next(parent for parent in target.parents if os.path.lexists(parent))
    if not nearest.is_dir():
        raise ConfigError(f"{nearest} is a file, not a folder", source=f"--out {folder}")
    try:
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConfigError(f"{nearest} cannot be written to: {why}", source=f"--out {folder}") from None


def _make_and_lock(partial: Path) -> Lock:
    """Make the folder and lock it, after any other process that writes there has finished."""
    while True:
        partial.mkdir(exist_ok=True)
        try:
            lock = Lock(partial, folder=True, wait=True)
        except FileNotFoundError:  # the other process has just put it in place
            continue
        if partial.is_dir() and os.path.samestat(os.fstat(lock.descriptor), os.stat(partial)):
            return lock
        lock.release()


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        remove(entry)


def _flush(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _put(partial: Path, target: Path) -> None:
    """Put the folder in place: at once where the system can exchange two names, in two steps elsewhere."""
    if not target.exists():
        os.rename(partial, target)
    elif _exchange(partial, target):
        shutil.rmtree(partial, ignore_errors=True)
    else:
        old = _replaced(target)
        os.rename(target, old)
        try:
            os.rename(partial, target)
        except BaseException:
            os.rename(old, target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    parent = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _restore(target: Path) -> None:
    """Undo the first of the two steps if a process died between them, or clear what the second left."""
    old = _replaced(target)
    if old.is_dir():
        if target.exists():
            shutil.rmtree(old)
        else:
            os.rename(old, target)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    here = _AT_CURRENT_FOLDER
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), _EXCHANGE) == 0)


def umask() -> int:
    """The process's mask of permissions, which the system tells only to who sets it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
