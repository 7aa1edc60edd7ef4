"""From a text such as `my_rule.py:RULE` or `my_package.rules:RULE` to an extension, read once in a process."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.agents.resident import Resident
from sim.errors import ConfigError
from sim.extension import REGISTRIES, Extension, check_together, with_phases
from sim.outcome import OF_EXTENSIONS
from sim.phase import Phase
from sim.reading import nearest
from sim.wording import printable, shown
from sim.yaml_text import Document

KEY = "extensions"
"""Key of a city and of an experiment."""

FORM = "must read my_rule.py:NAME, a file beside this one, or package.module:NAME"


@dataclass(frozen=True, eq=False)
class Loaded:
    """An extension that was read, and what it was read from.

    Attributes:
        location: ``/folder/my_rule.py:NAME`` or ``package.module:NAME``; the same from any folder.
        extension: what stands there.
        files: SHA-256 of its source when it was read, by name: of a file alone, of a package every .py file in it.
    """

    location: str
    extension: Extension
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """Name of the extension."""
        return self.extension.name


_LOADED: dict[str, Loaded] = {}
"""What this process has read, by location."""


def taken_in(
    loaded: Sequence[Loaded], phases: tuple[Phase, ...], classes: tuple[type[Resident], type[Resident]], whose: str
) -> tuple[tuple[Phase, ...], tuple[type[Resident], type[Resident]]]:
    """Phases of a city with those of extensions among them, and the classes of residents and youths that then hold.

    Args:
        loaded: the extensions.
        phases, classes: the city's own.
        whose: name of the city's class, for messages.

    Raises:
        ConfigError: the city has no such phase, or a class of residents of its own while an extension names one, too.
    """
    for one in loaded:
        try:
            phases = with_phases(phases, [one.extension])
        except ValueError as error:
            raise ConfigError(str(error), source=one.location) from None
        own, young = one.extension.resident_class, one.extension.youth_class
        if own is not None and young is not None:
            if classes[0] is not Resident:
                raise ConfigError(f"{whose} names a class of residents, too", source=one.location)
            classes = own, young
    return phases, classes


def location_of(text: str, folder: str | Path) -> str:
    """The text with its path made absolute; a module's name stays as it is.

    Args:
        text: as a config has it.
        folder: to which a path is relative.
    """
    place, _, name = text.rpartition(":")
    return f"{(Path(folder) / place).resolve()}:{name}" if _is_path(place) else text


def extensions_in(
    data: Any, folder: str | Path, document: Document | None = None, source: str | None = None
) -> tuple[Loaded, ...]:
    """The extensions that the key `extensions` names, in its order; one that is named twice counts once.

    Args:
        data: value of the key.
        folder: to which paths are relative.
        document: the file it comes from, for lines.
        source: the file to name, if there is no document.

    Raises:
        ConfigError: the first that cannot be used, with file, line, key and why.
    """
    source = source if document is None else document.source
    if not isinstance(data, list | tuple):
        line = None if document is None else document.line_of((KEY,))
        raise ConfigError(f"must be a list, not {shown(data)}", source=source, line=line, key=KEY)
    found: dict[str, Loaded] = {}
    for number, text in enumerate(data):
        where: dict[str, Any] = {
            "source": source,
            "line": None if document is None else document.line_of((KEY, number)),
            "key": f"{KEY}[{number}]",
        }
        try:
            one = load(text, folder)
            found[one.location] = one
            check_together([own.extension for own in found.values()])
        except ValueError as error:
            raise ConfigError(getattr(error, "problem", str(error)), **where) from None
    return tuple(found.values())


def load(text: Any, folder: str | Path = ".") -> Loaded:
    """Read one extension, or return it as it was read; one whose file has changed since is read again.

    Raises:
        ValueError: it cannot be used; one line says why.
    """
    place, colon, name = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    if not (place and colon and name.isidentifier()):
        raise ValueError(f"{FORM}, not {shown(text, bare=True)}")
    location = location_of(text, folder)
    before = _LOADED.get(location)
    path = Path(location.rpartition(":")[0]) if _is_path(place) else None
    if path is not None and not os.path.exists(path):
        raise ValueError(f'no such file: "{printable(place, 500)}", looked for in {printable(str(Path(folder)), 500)}')
    if before is not None and (path is None or before.files == _files_at(path)):
        return before
    files = {} if path is None else _files_at(path)
    module = _module_named(place) if path is None else _module_at(path)
    extension = _named(module, name, place)
    if path is None:
        files = _files_of(module)
    if before is not None:
        _withdraw(before)
    loaded = Loaded(location, extension, files)
    _declare(loaded)
    return loaded


def extensions_at(path: Path) -> list[str]:
    """Names of the extensions in a file, in its order; one that has two names counts once.

    Raises:
        ValueError: it raises.
    """
    names: dict[int, str] = {}
    for name, value in vars(_module_at(path.resolve())).items():
        if isinstance(value, Extension):
            names.setdefault(id(value), name)
    return list(names.values())


def source_at(path: Path) -> list[Path]:
    """A file, or every .py file of a folder."""
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def source_of(text: str) -> list[Path]:
    """Source files of an extension that was loaded by its module: of a package all of them."""
    module = sys.modules[text.rpartition(":")[0]]
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    folders = [Path(folder) for folder in getattr(top, "__path__", ())]
    file = getattr(module, "__file__", None)
    return [found for folder in folders for found in source_at(folder)] or ([] if file is None else [Path(file)])


def forget(location: str | None = None) -> None:
    """Take back what an extension, or every one, has declared in this process; for tests and notebooks."""
    for loaded in list(_LOADED.values()):
        if location in (None, loaded.location):
            _withdraw(loaded)


# ---------------------------------------------------------------- what it declares in this process


def _declare(loaded: Loaded) -> None:
    """Make its names and outcomes known."""
    added: list[tuple[str, str]] = []
    try:
        for registry, names in loaded.extension.names().items():
            for name, function in names.items():
                REGISTRIES[registry].add(name, function)
                added.append((registry, name))
    except ValueError:
        for registry, name in added:
            REGISTRIES[registry].remove(name)
        raise
    OF_EXTENSIONS.extend(loaded.extension.tables.values())
    _LOADED[loaded.location] = loaded


def _withdraw(loaded: Loaded) -> None:
    for registry, names in loaded.extension.names().items():
        for name in names:
            with suppress(KeyError):
                REGISTRIES[registry].remove(name)
    own = {id(table) for table in loaded.extension.tables.values()}
    OF_EXTENSIONS[:] = [table for table in OF_EXTENSIONS if id(table) not in own]
    _LOADED.pop(loaded.location, None)


# ---------------------------------------------------------------- modules


def _is_path(place: str) -> bool:
    return place.endswith(".py") or "/" in place or "\\" in place


def _module_at(path: Path) -> ModuleType:
    """The module in a file, or the package in a folder, run again.

    Raises:
        ValueError: it cannot be read, or raises.
    """
    package = path.is_dir()
    file = path / "__init__.py" if package else path
    if not os.path.isfile(file):
        what = "is a folder without __init__.py" if package else "is not there"
        raise ValueError(f"{printable(str(path), 500)} {what}")
    name = f"mahalle_extension_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    for old in [old for old in sys.modules if old == name or old.startswith(f"{name}.")]:
        del sys.modules[old]
    inside = [str(path)] if package else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=inside)
    if spec is None or spec.loader is None:
        raise ValueError(f"{printable(str(path), 500)} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        _compiled_from_source(spec.loader, module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ValueError(_why(error, file)) from None
    return module


def _compiled_from_source(loader: Any, module: ModuleType) -> None:
    """Run a module from its source, not from bytecode kept of it, which may be a second older than the digest."""
    file = loader.get_filename(module.__name__)
    exec(compile(Path(file).read_bytes(), file, "exec"), module.__dict__)


def _module_named(name: str) -> ModuleType:
    """An installed module, or one on Python's path.

    Raises:
        ValueError: there is none, or it raises.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise ValueError(
                f'no such module: "{printable(error.name)}"; install it, put its folder on PYTHONPATH, or name a file'
            ) from None
        raise ValueError(_why(error, None)) from None
    except (Exception, SystemExit) as error:
        raise ValueError(_why(error, None)) from None


def _why(error: BaseException, file: Path | None) -> str:
    """What a module raised, and in which file and line."""
    if isinstance(error, SyntaxError):
        where = f"{error.filename}:{error.lineno}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if file is not None and Path(frame.filename) == file]
        last = (own or frames)[-1]
        where = f"{last.filename}:{last.lineno}"
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"raises {type(error).__name__} in {where}: {' '.join(what.split())}"


def _named(module: ModuleType, name: str, place: str) -> Extension:
    """The extension of a name in a module.

    Raises:
        ValueError: there is none.
    """
    own = [key for key, value in vars(module).items() if isinstance(value, Extension)]
    if not hasattr(module, name):
        advice = nearest(name, own) or (f"; it has {', '.join(own)}" if own else "")
        raise ValueError(f"{printable(place, 500)} has no {printable(name)}{advice}")
    found = getattr(module, name)
    if not isinstance(found, Extension):
        advice = f"; it has {', '.join(own)}" if own else ""
        raise ValueError(f"{printable(name)} is no sim.extension.Extension, but {type(found).__name__}{advice}")
    return found


# ---------------------------------------------------------------- digests


def digests_of(extensions: Sequence[Loaded]) -> dict[str, str]:
    """SHA-256 of the source of extensions, by the extension's name and the file's, as they were when read."""
    return {f"extension {one.name}/{file}": digest for one in extensions for file, digest in one.files.items()}


def _files_of(module: ModuleType) -> dict[str, str]:
    """Digests of a module's source: every .py file of the package that it belongs to, or its own file."""
    top = sys.modules.get(module.__name__.partition(".")[0], module)
    folders = [Path(folder) for folder in getattr(top, "__path__", ())]
    if folders:
        return {name: digest for folder in folders for name, digest in _files_at(folder).items()}
    file = getattr(module, "__file__", None)
    return {} if file is None else _files_at(Path(file))


def _files_at(path: Path) -> dict[str, str]:
    """SHA-256 of a file, or of every .py file below a folder by its path within."""
    files = {path.name: path} if not path.is_dir() else {
        file.relative_to(path).as_posix(): file for file in sorted(path.rglob("*.py"))
    }  # fmt: skip
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
