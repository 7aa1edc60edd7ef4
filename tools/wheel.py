"""`python -m tools.wheel 3.12 3.13`: build the wheel, and run it from empty environments in an empty folder.

An environment has the wheel and what it needs, in the versions of requirements.lock, and nothing of the project's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import ROOT

SOURCE = ("pyproject.toml", "setup.py", "LICENSE", "CITATION.cff", "sim", "experiments", "configs")
"""All that a wheel is built from."""

SMALL = ("--scale", "0.02", "--weeks", "4", "--quiet")
COMMANDS = (
    ("run", "rafsanjan", *SMALL),
    ("compare", "status_quo", "as_is", "policy.authority.delegated_share=1", "--replications", "2", *SMALL),
    ("check", "rafsanjan", "status_quo", "delegated_share"),
    ("list", "policy", "--lang", "fa"),
    ("doctor",),
    ("init", "study", "--from", "lakeside"),
    ("check", "study/city.yaml", "study/plan.yaml", "study/experiments/programme.yaml"),
    ("sweep", "study/experiments/delegated_share.yaml", "--dry-run"),
)
"""Each must end with status 0."""


def build(source: Path, folder: Path) -> Path:
    """Build the wheel in a copy of the source, so that nothing is left in the project's folder.

    Args:
        source: an empty folder for the copy; what is there already is built with it.
        folder: where the wheel is put.

    Raises:
        CalledProcessError: it cannot be built.
    """
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=unwanted, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / name, source / name)
    words = ["wheel", "-qq", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(source)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, env=_environment())
    (wheel,) = folder.glob("*.whl")
    return wheel


def python_of(version: str) -> Path | None:
    """An interpreter of a version such as 3.12, from the path or from pyenv; None if there is none that works."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    named = shutil.which(f"python{version}")
    found = [*([Path(named)] if named else []), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)]
    for python in found:  # a shim of pyenv may stand for a version that is not chosen here
        asked = "import sys; print('{}.{}'.format(*sys.version_info))"
        done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() == version:
            return python
    return None


def constraints() -> str:
    """The lock without its digests, which pip would then ask of the wheel, too."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()) + "\n"


def try_out(python: Path, wheel: Path, place: Path) -> None:
    """Install the wheel into an empty environment, and run the commands in an empty folder.

    Args:
        python: the interpreter.
        wheel: the wheel.
        place: an empty folder.

    Raises:
        CalledProcessError: the wheel cannot be installed, or a command fails.
    """
    wanted, environment, empty = place / "constraints.txt", place / "environment", place / "empty"
    wanted.write_text(constraints(), encoding="utf-8")
    empty.mkdir()
    subprocess.run([python, "-m", "venv", environment], check=True)
    pip = [str(environment / "bin/python"), "-m", "pip", "install", "-qq", "--no-compile", "--only-binary", ":all:"]
    subprocess.run([*pip, "-c", str(wanted), str(wheel)], check=True, env=_environment())
    for words in COMMANDS:
        mahalle = str(environment / "bin/mahalle")
        subprocess.run([mahalle, *words], check=True, cwd=empty, env=_environment(), stdout=subprocess.DEVNULL)


def _environment() -> Mapping[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return {**own, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def main(versions: Sequence[str]) -> int:
    """Try the wheel under each version of Python; a version that is not installed is left out, and that is said."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        for folder in ("source", "wheel"):
            (place / folder).mkdir()
        try:
            wheel = build(place / "source", place / "wheel")
            for version in versions:
                begun, python = time.perf_counter(), python_of(version)
                if python is None:
                    print(f"Python {version} is not installed here: the wheel was not tried under it")
                    continue
                (place / version).mkdir()
                try_out(python, wheel, place / version)
                print(f"Python {version}: the wheel works ({time.perf_counter() - begun:.0f} s)", flush=True)
                shutil.rmtree(place / version)
        except subprocess.CalledProcessError as error:
            print(f"status {error.returncode}: {' '.join(map(str, error.cmd))}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ("3.12", "3.13")))
