"""Compiles passes over residents (Numba), and keeps on the disk what was compiled, until a rule changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, cast

import llvmlite.binding
import numba
from numba.core import config as numbas_settings

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


def is_kept() -> bool:
    """Whether anything compiled is kept; if not, the first city waits for the compiler (unless nothing is compiled)."""
    return bool(_SETTINGS.DISABLE_JIT) or (_FOLDER is not None and any(_FOLDER.rglob("*.nbi")))


def _tolerate_faulty_disks(dispatcher: Any) -> None:
    """Let a pass be compiled though nothing can be read, and run though it cannot be kept."""
    if not hasattr(dispatcher, "_cache"):  # NUMBA_DISABLE_JIT: nothing is compiled
        return
    kept = dispatcher._cache
    kept.load_overload, kept.save_overload = _if_possible(kept.load_overload), _if_possible(kept.save_overload)


def _if_possible(function: Callable[..., Any]) -> Callable[..., Any]:
    def tried(*arguments: Any) -> Any:
        with suppress(OSError):
            return function(*arguments)
        return None

    return tried


def _folder() -> Path | None:
    """Where to keep what is compiled: beside the code, or where users may write; None if nowhere.

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
                folder.mkdir(parents=True, exist_ok=True)
                tempfile.TemporaryFile(dir=folder).close()
                if new:
                    _remove([old for old in place.glob(f"compiled-{processor}-*") if old != folder])
                return folder
    return None


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
