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

from experiments.languages import LANGUAGES, digits, texts_of, which
from experiments.provenance import model_digest, version_of
from sim.outcome import Language

NEEDED_PYTHON = (3, 12)
LEAST_MEMORY_GB = 1.0
"""A full-size run of the shipped city takes half of it."""

PURPOSES = {
    "cluster": ("sweeps on a Dask cluster", "اجرا روی خوشه محاسباتی با Dask"),
    "mpi": ("sweeps under MPI", "اجرای موازی با MPI"),
    "calibrate": ("mahalle calibrate", "mahalle calibrate"),
    "discover": ("mahalle discover", "mahalle discover"),
    "paper": ("mahalle figures, reproduce, archive", "mahalle figures, reproduce, archive"),
    "solara": ("the city live in SolaraViz", "نمایش زنده شهر در SolaraViz"),
}
"""What an extra is for; those of developers are not listed."""

HEADINGS = {
    "program": ("Program", "نرم‌افزار"),
    "machine": ("Machine", "رایانه"),
    "packages": ("Packages", "بسته‌ها"),
    "extras": ("Extras (optional)", "افزونه‌ها (اختیاری)"),
    "caches": ("Caches and locks", "حافظه‌های نهان و قفل‌ها"),
}
WORDS = {
    "absent": ("missing", "نصب نیست"),
    "missing": ("missing; needs {needed}", "نصب نیست؛ نسخه {needed} لازم است"),
    "old": ("needs {needed}", "به نسخه {needed} نیاز دارد"),
    "newer": ("needs {needed} or newer", "به نسخه {needed} یا تازه‌تر نیاز دارد"),
    "cores": ("{count} cores", "{count} هسته"),
    "memory": ("{whole} GB, {free} free", "{whole} گیگابایت، {free} آزاد"),
    "all": ("all {count} that are needed are installed", "هر {count} بسته لازم نصب است"),
    "without": ("{purpose}; missing: {names}", "{purpose}؛ نصب نیست: {names}"),
    "nowhere": ("not writable: each process compiles anew", "اجازه نوشتن نیست: هر پردازش از نو کامپایل می‌کند"),
    "unwritable": ("{folder} is not writable", "اجازه نوشتن در {folder} نیست"),
    "works": ("works here", "در این پوشه کار می‌کند"),
    "no_locks": ("none here: files stand for locks", "در این پوشه کار نمی‌کند: پرونده‌ها جای قفل را می‌گیرند"),
    "no_folder": ("this folder is not writable", "اجازه نوشتن در این پوشه نیست"),
    "browser": ("not needed", "لازم نیست"),
    "install": (
        "To add an extra here: pip install 'mahalle[NAME]'",
        "برای افزودن یک افزونه در همین محیط: pip install 'mahalle[NAME]'",
    ),
    "sound": ("Nothing that is needed is missing.", "هر آنچه لازم است نصب است."),
    "unsound": ("Something that is needed is missing.", "چیزی از آنچه لازم است نصب نیست."),
}

State = Literal["good", "note", "bad"]
MARKS: dict[State, str] = {"good": "+", "note": "-", "bad": "!"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        part: key of its heading.
        state: good; note, if something optional is missing; bad, if something needed is.
        name: English and Persian words for what it is.
        value: English and Persian words for how it is.
    """

    part: str
    state: State
    name: tuple[str, str]
    value: tuple[str, str]


def examine() -> list[Finding]:
    """Look at everything; what is needed and missing has the state "bad"."""
    return [*_program(), *_machine(), *_packages(), *_extras(), *_caches()]


def lines_of(findings: Sequence[Finding], language: Language = "en", width: int | None = None) -> Iterator[str]:
    """The report. No word is broken: a path that is longer than a line can be copied whole.

    Args:
        findings: from `examine`.
        language: English or Persian.
        width: columns of the terminal; None, where the report is piped, gives each finding one line.
    """
    part = ""
    for finding in findings:
        if finding.part != part:
            part = finding.part
            yield which(HEADINGS[part], language)
        text = f"{MARKS[finding.state]} {which(finding.name, language)}: {which(finding.value, language)}"
        yield from _wrapped(text, width)
    if any(finding.part == "extras" and finding.state == "note" for finding in findings):
        yield from _wrapped(which(WORDS["install"], language), width)
    sound = all(finding.state != "bad" for finding in findings)
    yield from _wrapped(which(WORDS["sound" if sound else "unsound"], language), width)


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None:
        return [text]
    return textwrap.wrap(text, width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)


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


def _word(name: str, **values: str) -> tuple[str, str]:
    """A text of `WORDS` in English and Persian; versions, names and folders are written alike in both."""
    english, persian = (texts_of(WORDS, language)(name, **values) for language in LANGUAGES)
    return english, persian


def _numbers(name: str, **values: str) -> tuple[str, str]:
    """A text of `WORDS` with numbers, in the digits of each language."""
    english, persian = WORDS[name]
    return english.format(**values), persian.format(**{key: digits(value, "fa") for key, value in values.items()})


def _program() -> Iterator[Finding]:
    version = version_of("mahalle")
    value = _same(version) if version else _word("absent")
    yield Finding("program", "good" if version else "note", _same("mahalle"), value)
    yield Finding("program", "good", ("model", "مدل"), _same(model_digest()[:12]))
    python = platform.python_version()
    if sys.version_info >= NEEDED_PYTHON:
        yield Finding("program", "good", _same("Python"), _same(python))
    else:
        least = ".".join(map(str, NEEDED_PYTHON))
        yield Finding("program", "bad", _same(f"Python {python}"), _word("newer", needed=least))


def _machine() -> Iterator[Finding]:
    yield Finding("machine", "good", ("CPU", "پردازنده"), _numbers("cores", count=str(os.cpu_count() or 1)))
    memory = psutil.virtual_memory()
    whole, free = memory.total / 1e9, memory.available / 1e9
    state: State = "good" if free >= LEAST_MEMORY_GB else "note"
    yield Finding("machine", state, ("RAM", "حافظه"), _numbers("memory", whole=f"{whole:.1f}", free=f"{free:.1f}"))


def _packages() -> Iterator[Finding]:
    needed = needed_by()
    lacking = missing_of(needed)
    for name, version in lacking:
        specifier = next(str(one.specifier) for one in needed if one.name == name)
        kind = "old" if version else "missing" if specifier else "absent"
        yield Finding("packages", "bad", _same(f"{name} {version}".strip()), _word(kind, needed=specifier))
    if not lacking:
        yield Finding("packages", "good", ("packages", "بسته‌ها"), _numbers("all", count=str(len(needed))))


def _extras() -> Iterator[Finding]:
    for extra, purpose in PURPOSES.items():
        needed = needed_by(extra)
        if not needed:
            continue
        lacking = missing_of(needed)
        if lacking:
            english, persian = (which((", ", "، "), one).join(f"{name} {version}".strip() for name, version in lacking)
                                for one in LANGUAGES)  # fmt: skip
            value = (WORDS["without"][0].format(purpose=purpose[0], names=english),
                     WORDS["without"][1].format(purpose=purpose[1], names=persian))  # fmt: skip
            yield Finding("extras", "note", _same(extra), value)
        else:
            yield Finding("extras", "good", _same(extra), purpose)


def _caches() -> Iterator[Finding]:
    try:
        from sim.compiling import kept_in

        folder = kept_in()
        state: State = "good" if folder else "note"
        yield Finding("caches", state, _same("Numba"), _same(_short(folder)) if folder else _word("nowhere"))
    except ImportError as error:
        yield Finding("caches", "bad", _same("Numba"), _same(str(error)))
    try:
        import matplotlib as mpl

        cache = Path(mpl.get_cachedir())
        writable = os.access(cache, os.W_OK)
        value = _same(_short(cache)) if writable else _word("unwritable", folder=_short(cache))
        yield Finding("caches", "good" if writable else "note", _same("Matplotlib"), value)
    except ImportError as error:
        yield Finding("caches", "bad", _same("Matplotlib"), _same(str(error)))
    locks = has_locks(Path.cwd())
    state = "note" if locks is not True else "good"
    value = _word({True: "works", False: "no_locks", None: "no_folder"}[locks])
    yield Finding("caches", state, ("locks (flock)", "قفل پرونده‌ها (flock)"), value)
    yield Finding("caches", "good", ("browser (chromium)", "مرورگر (chromium)"), _word("browser"))


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
