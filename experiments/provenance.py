"""Where a result comes from: code, packages, machine and data, recorded beside it."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sim

if TYPE_CHECKING:
    from sim.loading import Loaded

PACKAGES = (
    "mahalle", "mesa", "numpy", "numba", "scipy", "pandas", "networkx", "matplotlib", "pydantic", "pyarrow", "shapely",
)  # fmt: skip


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_digest(loaded: Sequence[Loaded] = ()) -> str:
    """SHA-256 over the names and contents of the source files of the model and of the extensions loaded."""
    return model_files(loaded)[""]


def model_files(loaded: Sequence[Loaded] = ()) -> dict[str, str]:
    """SHA-256 of each source file, by path within `sim`, of extensions by their names; under "" that of all of them."""
    root = _model_folder()
    files = {path.relative_to(root).as_posix(): sha256(path) for path in sorted(root.rglob("*.py"))}
    if loaded:
        from sim.loading import digests_of  # here: asking for the version must not import the model

        files |= digests_of(loaded)
    total = hashlib.sha256()
    for name, digest in files.items():
        total.update(f"{name}\0".encode())
        total.update(bytes.fromhex(digest))
    return {"": total.hexdigest(), **files}


def version_line() -> str:
    """Version, the first letters of the model's digest, and Python: what a report of a fault needs."""
    version = version_of("mahalle") or "not installed"
    return f"mahalle {version} (model {model_digest()[:12]}), Python {platform.python_version()}"


def circumstances(loaded: Sequence[Loaded] = ()) -> dict[str, Any]:
    """Code, extensions, packages and machine of this process."""
    return {
        "version": version_of("mahalle"),
        "model_digest": model_digest(loaded),
        **({"extensions": {one.name: {"location": one.location, **one.files} for one in loaded}} if loaded else {}),
        "git": git_state(_model_folder().parent),
        "python": platform.python_version(),
        "packages": {name: version_of(name) for name in PACKAGES},
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "cpu": _cpu(),
            "cpu_count": os.cpu_count(),
        },
    }


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit, and whether its files were changed, of the repository whose top is `folder`; None if there is none.

    Files that git does not know, such as a table that somebody exported, change nothing; source of the model among them
    is in the model's digest.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != folder.resolve():
        return None
    return {
        "commit": _git(folder, "rev-parse", "--verify", "--quiet", "HEAD"),
        "dirty": _git(folder, "status", "--porcelain", "--untracked-files=no") != "",
    }


def _git(folder: Path, *arguments: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}  # never disturb a git that the user runs meanwhile
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, env=environment, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _model_folder() -> Path:
    return Path(str(sim.__file__)).resolve().parent


def version_of(package: str) -> str | None:
    """Version of an installed package; None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    """The processor's name, which Python itself does not know on Linux."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def peak_megabytes() -> float:
    """Most memory this process has held, in MB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
