"""What `mahalle doctor` looks at: Python, the machine, packages, extras, caches and locks. Nothing is changed."""

from __future__ import annotations

import fcntl
import os
import platform
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import psutil
from packaging.requirements import Requirement

from experiments.languages import which
from experiments.provenance import model_digest, version_of
from sim.outcome import Language

WIDTH = 40
"""Columns that are enough: a phone, or a narrow window."""

NEEDED_PYTHON = (3, 12)
LEAST_MEMORY_GB = 1.0
"""A full-size run of the shipped city takes half of it."""

PURPOSES = {
    "cluster": ("sweeps on a Dask cluster", "اجرا روی خوشه با Dask"),
    "mpi": ("sweeps under MPI", "اجرا با MPI"),
    "calibrate": ("mahalle calibrate", "mahalle calibrate"),
    "discover": ("mahalle discover", "mahalle discover"),
    "paper": ("mahalle figures, reproduce, archive", "mahalle figures, reproduce, archive"),
    "solara": ("the city live in SolaraViz", "شهر زنده در SolaraViz"),
}
"""What an extra is for; those of developers are not listed."""

HEADINGS = {
    "program": ("Program", "برنامه"),
    "machine": ("Machine", "رایانه"),
    "packages": ("Packages", "بسته‌ها"),
    "extras": ("Extras (optional)", "افزونه‌ها (اختیاری)"),
    "caches": ("Caches and locks", "حافظه‌ها و قفل‌ها"),
}
WORDS = {
    "missing": ("missing", "نصب نیست"),
    "old": ("needs", "لازم است"),
    "cores": ("cores", "هسته"),
    "memory": ("memory", "حافظه"),
    "model": ("model", "مدل"),
    "free": ("free", "آزاد"),
    "all": ("all installed as needed", "همه نصب است"),
    "nowhere": ("not writable: each process compiles anew", "نوشتنی نیست: هر بار از نو ترجمه می‌شود"),
    "unwritable": ("not writable", "نوشتنی نیست"),
    "works": ("works here", "اینجا کار می‌کند"),
    "no_locks": ("none here: files stand for locks", "اینجا نیست: پرونده‌ها جای قفل‌اند"),
    "browser": ("not needed", "لازم نیست"),
    "sound": ("Nothing that is needed is missing.", "هیچ چیز لازمی کم نیست."),
    "unsound": ("Something that is needed is missing.", "چیزی که لازم است کم است."),
}

State = Literal["good", "note", "bad"]
MARKS: dict[State, str] = {"good": "+", "note": "-", "bad": "!"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        part: key of its heading.
        state: good; note, if something optional is missing; bad, if something needed is.
        name: what it is.
        value: English and Persian words for how it is.
    """

    part: str
    state: State
    name: str
    value: tuple[str, str]


def examine() -> list[Finding]:
    """Look at everything; what is needed and missing has the state "bad"."""
    return [*_program(), *_machine(), *_packages(), *_extras(), *_caches()]


def lines_of(findings: Sequence[Finding], language: Language = "en") -> Iterator[str]:
    """The report, in lines of at most `WIDTH` columns.

    Args:
        findings: from `examine`.
        language: English or Persian.
    """
    part = ""
    for finding in findings:
        if finding.part != part:
            part = finding.part
            yield which(HEADINGS[part], language)
        text = f"{MARKS[finding.state]} {finding.name}: {which(finding.value, language)}"
        yield from textwrap.wrap(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    sound = all(finding.state != "bad" for finding in findings)
    yield which(WORDS["sound" if sound else "unsound"], language)


def missing_of(requirements: Sequence[Requirement]) -> list[tuple[str, str]]:
    """Packages that are not installed, or too old.

    Returns:
        Name and, in words, what is lacking: nothing if the package is not there, else the version it is of.
    """
    lacking = []
    for requirement in requirements:
        version = version_of(requirement.name)
        if version is None:
            lacking.append((requirement.name, ""))
        elif not requirement.specifier.contains(version, prereleases=True):
            lacking.append((requirement.name, version))
    return lacking


def needed_by(extra: str = "") -> list[Requirement]:
    """Packages of the program itself, or of one extra, that apply to this Python and system."""
    try:
        listed = [Requirement(line) for line in metadata.requires("mahalle") or ()]
    except metadata.PackageNotFoundError:  # run from a folder, without having been installed
        return []
    if not extra:
        return [one for one in listed if one.marker is None or one.marker.evaluate({"extra": ""})]
    named = [one for one in listed if one.marker is not None and not one.marker.evaluate({"extra": ""})]
    return [one for one in named if one.marker is not None and one.marker.evaluate({"extra": extra})]


def _same(text: str) -> tuple[str, str]:
    return text, text


def _word(name: str, before: str = "") -> tuple[str, str]:
    english, persian = WORDS[name]
    return f"{before}{english}", f"{before}{persian}"


def _program() -> Iterator[Finding]:
    version = version_of("mahalle")
    yield Finding("program", "good" if version else "note", "mahalle", _same(version) if version else _word("missing"))
    yield Finding("program", "good", "model", _same(model_digest()[:12]))
    least = ".".join(map(str, NEEDED_PYTHON))
    if sys.version_info >= NEEDED_PYTHON:
        yield Finding("program", "good", "Python", _same(platform.python_version()))
    else:
        yield Finding("program", "bad", "Python", _word("old", f"{platform.python_version()}, {least}+ "))


def _machine() -> Iterator[Finding]:
    cores = os.cpu_count() or 1
    yield Finding("machine", "good", "CPU", (f"{cores} {WORDS['cores'][0]}", f"{cores} {WORDS['cores'][1]}"))
    memory = psutil.virtual_memory()
    whole, free = memory.total / 1e9, memory.available / 1e9
    state: State = "good" if free >= LEAST_MEMORY_GB else "note"
    words = [f"{whole:.1f} GB, {free:.1f} {word}" for word in WORDS["free"]]
    yield Finding("machine", state, "RAM", (words[0], words[1]))


def _packages() -> Iterator[Finding]:
    needed = needed_by()
    lacking = missing_of(needed)
    for name, version in lacking:
        specifier = next(str(one.specifier) for one in needed if one.name == name)
        value = _word("missing", f"{specifier} ") if not version else _word("old", f"{version}, {specifier} ")
        yield Finding("packages", "bad", name, value)
    if not lacking:
        yield Finding("packages", "good", f"{len(needed)}", _word("all"))


def _extras() -> Iterator[Finding]:
    for extra, purpose in PURPOSES.items():
        needed = needed_by(extra)
        if not needed:
            continue
        lacking = missing_of(needed)
        names = ", ".join(f"{name} {version}".strip() for name, version in lacking)
        if names:
            value = tuple(f"{which(purpose, one)}; {which(WORDS['missing'], one)}: {names}" for one in ("en", "fa"))
            yield Finding("extras", "note", extra, (value[0], value[1]))
        else:
            yield Finding("extras", "good", extra, purpose)


def _caches() -> Iterator[Finding]:
    try:
        from sim.compiling import kept_in

        folder = kept_in()
        state: State = "good" if folder else "note"
        yield Finding("caches", state, "Numba", _same(_short(folder)) if folder else _word("nowhere"))
    except ImportError as error:
        yield Finding("caches", "bad", "Numba", _same(str(error)))
    try:
        import matplotlib as mpl

        cache = Path(mpl.get_cachedir())
        writable = os.access(cache, os.W_OK)
        value = _same(_short(cache)) if writable else _word("unwritable", f"{_short(cache)} ")
        yield Finding("caches", "good" if writable else "note", "Matplotlib", value)
    except ImportError as error:
        yield Finding("caches", "bad", "Matplotlib", _same(str(error)))
    locks = has_locks(Path.cwd())
    state = "note" if locks is not True else "good"
    yield Finding("caches", state, "flock", _word({True: "works", False: "no_locks", None: "unwritable"}[locks]))
    yield Finding("caches", "good", "chromium", _word("browser"))


def has_locks(folder: Path) -> bool | None:
    """Whether files of a folder can be locked; None if no file can be written there."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            return True
    except OSError:
        return None


def _short(path: Path) -> str:
    """A path with ~ for the user's own folder."""
    home = str(Path.home())
    text = str(path)
    return f"~{text.removeprefix(home)}" if text.startswith(f"{home}/") else text
