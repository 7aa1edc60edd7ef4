"""Configs that come with the program, found by kind and name; a file of the user's comes first."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal, get_args

from sim.errors import ConfigError
from sim.reading import nearest

type Kind = Literal["city", "policy", "experiment", "calibration", "plan", "figure"]

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)

_FOLDERS: dict[Kind, str] = {
    "city": "cities",
    "policy": "policies",
    "experiment": "experiments",
    "calibration": "calibrations",
    "plan": "plans",
    "figure": "figures",
}
_NAME = re.compile(r"\w[\w-]{0,99}")
_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "configs"


def folder_of(kind: Kind | None = None) -> Path:
    """Folder of the shipped configs, or of those of one kind.

    A wheel has them inside the package; in a checkout, which an editable install uses too, they lie beside it.
    """
    root = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent / "configs"
    return root if kind is None else root / _FOLDERS[kind]


CITY = folder_of("city") / "rafsanjan.yaml"
"""City where none is named: the one that comes with the program, whatever files there are."""


def shipped(kind: Kind) -> dict[str, Path]:
    """The shipped configs of a kind by name, which is that of the file without its ending; in alphabetical order."""
    return {path.stem: path for path in sorted(folder_of(kind).rglob("*.yaml"), key=lambda path: path.stem)}


def is_installed(path: Path) -> bool:
    """Whether a file is part of an installed package, so that nothing of the user's belongs beside it."""
    return path.resolve().is_relative_to(_INSTALLED)


def find(kind: Kind, given: str | Path, folder: str | Path | None = None) -> Path:
    """The file that is meant by a path or by a name.

    A file comes first, then the shipped config of that name. What cannot be a name is returned as a path, whether or
    not there is such a file: its reader says what is wrong with it.

    Args:
        kind: what is asked for.
        given: path or name.
        folder: to which a path is relative; the current folder if None.

    Raises:
        ConfigError: a name that no file and no shipped config of the kind has.
    """
    return _found((kind,), given, folder)[0]


def find_of_any_kind(given: str | Path) -> list[Path]:
    """The file that is meant by a path, or all shipped configs of a name, of whatever kind.

    Raises:
        ConfigError: a name that no file and no shipped config has.
    """
    return _found(KINDS, given, None)


def _found(kinds: tuple[Kind, ...], given: str | Path, folder: str | Path | None) -> list[Path]:
    path = Path(given) if folder is None else Path(folder) / given
    name, is_folder = str(given), os.path.isdir(path)  # unlike Path.is_dir, it raises nothing
    if not _NAME.fullmatch(name) or (os.path.exists(path) and not is_folder):
        return [path]
    found = [known[name] for kind in kinds if name in (known := shipped(kind))]
    if not found and not is_folder:
        raise ConfigError(_unknown(kinds, name) + _own_of_that_name(kinds, path), source=name)
    return found or [path]


def _own_of_that_name(kinds: tuple[Kind, ...], path: Path) -> str:
    """Where a study has a file of that name in the folder of the kind: its path, which is what to give."""
    files = (path.parent / _FOLDERS[kind] / f"{path.name}.yaml" for kind in kinds)
    own = next((file for file in files if os.path.isfile(file)), None)
    return f"; your own is {own}" if own else ""


def _unknown(kinds: tuple[Kind, ...], name: str) -> str:
    one = kinds[0] if len(kinds) == 1 else ""
    others = [kind for kind in KINDS if name in shipped(kind)]
    listed = f"mahalle list{one and ' '}{one} names all"
    if others:
        return f"is the name of a shipped {' and '.join(others)}, but of no {one}; {listed}"
    hint = nearest(name, [known for kind in kinds for known in shipped(kind)])
    return f"is neither a file nor the name of a shipped {one or 'config'}{hint or ';'} {listed}"
