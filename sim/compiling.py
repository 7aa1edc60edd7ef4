"""Compiles passes over residents (Numba), and keeps on the disk what was compiled, until a rule changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, cast

import llvmlite.binding
import numba
from numba.core import config as numbas_settings

from sim.cautions import caution

_HERE = Path(__file__).parent
ErrorModel = Literal["python", "numpy"]
_SETTINGS: Any = numbas_settings


def compiled_rule(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule of `sim.rules` for compiled passes: the same function, applied to the numbers of one resident."""
    return cast("Callable[..., Any]", numba.njit(boundscheck=True)(rule))


def compiled_over_all[F: Callable[..., Any]](function: F) -> F:
    """A pass over whole columns, all of one length: compiled without a look at where it reads and writes.

    Nor does it look out for divisions by 0, which give infinity as in NumPy: so several residents go at a time.
    """
    return _kept(function, boundscheck=False, error_model="numpy")


def compiled[F: Callable[..., Any]](function: F) -> F:
    """A pass over some rows, compiled when it is first called on this machine (some seconds for all of them).

    A row that is not there raises an IndexError, as in NumPy.
    """
    return _kept(function, boundscheck=True)


def _kept[F: Callable[..., Any]](function: F, *, boundscheck: bool, error_model: ErrorModel = "python") -> F:
    """Compile a pass, and keep what was compiled.

    Numba looks at the file of a pass only, and would not see that a rule in another file was changed: so what is
    compiled is kept under a digest of all files that have a part in it. What cannot be kept is compiled all the same.
    """
    if _FOLDER is None:
        return cast("F", numba.njit(boundscheck=boundscheck, error_model=error_model)(function))
    before, _SETTINGS.CACHE_DIR = _SETTINGS.CACHE_DIR, str(_FOLDER)
    try:
        dispatcher = numba.njit(cache=True, boundscheck=boundscheck, error_model=error_model)(function)
    finally:
        _SETTINGS.CACHE_DIR = before
    _tolerate_faulty_disks(dispatcher)
    return cast("F", dispatcher)


def kept_in() -> Path | None:
    """Folder of what is compiled; None if it can be kept nowhere, so that every process compiles anew."""
    return _FOLDER


def is_kept() -> bool:
    """Whether anything compiled is kept; if not, the first city waits for the compiler (unless nothing is compiled)."""
    return bool(_SETTINGS.DISABLE_JIT) or (_FOLDER is not None and any(_FOLDER.rglob("*.nbi")))


def _tolerate_faulty_disks(dispatcher: Any) -> None:
    """Let a pass be compiled though nothing can be read, and run though it cannot be kept."""
    if not hasattr(dispatcher, "_cache"):  # NUMBA_DISABLE_JIT: nothing is compiled
        return
    kept = dispatcher._cache
    kept.load_overload, kept.save_overload = _if_readable(kept.load_overload), _if_possible(kept.save_overload)


def _if_possible(function: Callable[..., Any]) -> Callable[..., Any]:
    def tried(*arguments: Any) -> Any:
        with suppress(OSError):
            return function(*arguments)
        return None

    return tried


def _if_readable(load: Callable[..., Any]) -> Callable[..., Any]:
    """Load what was compiled; if it is damaged, throw away all that is kept, so that it is compiled again."""

    def tried(*arguments: Any) -> Any:
        try:
            return load(*arguments)
        except OSError:
            return None
        except Exception as error:  # whatever a pickle that was cut off or altered may raise
            assert _FOLDER is not None
            _empty(_FOLDER)
            why = " ".join(f"{type(error).__name__} {error}".split())
            caution(
                f"{_FOLDER}: what was compiled cannot be read ({why}); it is compiled again, which takes some seconds"
            )
            return None

    return tried


def _empty(folder: Path) -> None:
    for entry in list(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with suppress(OSError):
                entry.unlink()


def _folder() -> Path | None:
    """Where to keep what is compiled: beside the code, or where users may write, and nobody else; None if nowhere.

    A folder for each kind of processor: on a cluster several may share it.
    """
    processor = hashlib.sha256(
        f"{llvmlite.binding.get_host_cpu_name()} {llvmlite.binding.get_host_cpu_features().flatten()}".encode()
    ).hexdigest()[:8]
    with suppress(OSError, RuntimeError):  # sources that cannot be read, users without a home
        name = f"compiled-{processor}-{_digest()}"
        for place in _places():
            with suppress(OSError):
                folder = place / name
                new = not folder.exists()
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700, exist_ok=True)
                if not _is_ours_alone(folder):
                    continue
                tempfile.TemporaryFile(dir=folder).close()
                if new:
                    _remove([old for old in place.glob(f"compiled-{processor}-*") if old != folder])
                return folder
    return None


def _is_ours_alone(folder: Path) -> bool:
    """Whether nobody else can write there: what is kept is code, and whoever writes it could have us run theirs.

    A folder of this user's that others could write to is emptied and closed to them.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return False
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        folder.chmod(0o700)
        _empty(folder)
    return True


def _places() -> Iterator[Path]:
    own = os.environ.get("NUMBA_CACHE_DIR")
    if own:
        yield Path(own).resolve()
        return
    yield _HERE / "__pycache__"
    yield Path.home() / ".cache" / "mahalle"


def _remove(folders: list[Path]) -> None:
    """Remove what was compiled from earlier rules."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _digest() -> str:
    files = [_HERE / f"{name}.py" for name in ("compiling", "indices", "randomness")]
    files += [file for folder in ("kernels", "rules") for file in sorted((_HERE / folder).glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


_FOLDER = _folder()
