"""A figure of the paper, read from its file."""

from __future__ import annotations

import hashlib
import json
import os
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.answers.texts import of_label
from experiments.figures.sheet import Sheet
from experiments.languages import LANGUAGES
from experiments.paper.arms import words_of
from experiments.paper.code import code_that_measures
from experiments.paper.form import FigureForm
from experiments.paper.registry import Registered, drawings
from experiments.paper.sources import ASKED_FOR, KEPT, SOURCES, Source, SweepSource
from sim.errors import ConfigError, raise_first
from sim.near_files import no_such_file
from sim.outcome import Language
from sim.parameters import Parameters
from sim.policies import Label
from sim.reading import merge, nearest, problems
from sim.shipped import find, folder_of
from sim.wording import refusal, shown
from sim.yaml_text import Document, read_yaml

PLACEHOLDERS = ("n", "runs", "weeks", "years", "scale", "seed", "place_seed", "factors")
"""What stands in a caption in braces."""


@dataclass(frozen=True, eq=False)
class PaperFigure:
    """A figure as its file asks for it.

    Attributes:
        path: the file; the figure goes by its name.
        form: all that the file says.
        drawing: how it is drawn.
        options: of the drawing.
        source: where the numbers come from, in full or in the quick form.
        quick: whether it is the quick form.
    """

    path: Path
    form: FigureForm
    drawing: Registered
    options: Parameters
    source: Source
    quick: bool

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        return self.path.stem

    @cached_property
    def runs(self) -> str:
        """Name of the folder of its runs; two figures of the same data, measured by the same code, have one."""
        key = hashlib.sha256(f"{self.source.digest} {code_that_measures()}".encode()).hexdigest()[:10]
        return f"{self.form.data.kind}-{Path(self.form.data.file).stem}-{key}"

    @property
    def look(self) -> str:
        """All that decides the drawing besides the table and the code, as text."""
        own = {"width": self.form.width, "options": self.options.model_dump(mode="json")}
        texts = {"title": self.form.title.model_dump(), "caption": self.form.caption.model_dump()}
        base = {} if self.base is None else {"base": self.base.model_dump()}
        return json.dumps({**own, **texts, **base, "number": self.form.number}, sort_keys=True)

    @cached_property
    def base(self) -> Label | None:
        """What the policy is called from which differences are taken; None if there is none, or not one alone."""
        asked = getattr(self.options, "base", None)
        if asked is None or not isinstance(self.source, SweepSource):
            return None
        return words_of(self.source.experiment, asked)

    def lacking(self, language: Language) -> list[str]:
        """Keys of the texts that the file does not have in a language."""
        named: dict[str, Label] = {"title": self.form.title, "caption": self.form.caption}
        for number, arm in enumerate(getattr(self.options, "arms", ())):
            named[f"options.arms[{number}]"] = arm
        return [key for key, label in named.items() if not getattr(label, language)]

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        """Those in which it is drawn: in which all of its texts are."""
        return tuple(language for language in LANGUAGES if not self.lacking(language))

    def sheet(self, language: Language) -> Sheet:
        """What it is drawn on."""
        base = "" if self.base is None else of_label(self.base)[language]
        return Sheet(language, self.form.width, money=self.source.base.city.finance.unit, base=base)

    def caption(self, facts: Mapping[str, Any], language: Language) -> str:
        """The caption with the numbers of the runs."""
        sheet = self.sheet(language)
        values = {name: sheet.digits(f"{value:g}") for name, value in facts.items() if name in PLACEHOLDERS}
        number = sheet.digits(str(self.form.number))
        head = sheet.say(f"Figure {number}.", f"شکل {number}.")
        text = f"{head} {sheet.label(self.form.title)}. {sheet.label(self.form.caption).format(**values)}"
        if self.drawing.source != KEPT:
            text += sheet.say(
                " Each interval holds alone: of twenty, about one misses.",
                " هر بازه به‌تنهایی برقرار است: از هر بیست بازه حدود یکی خطا می‌کند.",
            )
        if self.quick:
            text += sheet.say(
                " TRIAL: few replications or small cities; these are no findings.",
                " آزمایشی: تکرارهای کم یا شهرهای کوچک؛ این‌ها یافته نیست.",
            )
        return text


def figures_in(folder: Path | None = None, names: Sequence[str] = (), *, quick: bool = False) -> list[PaperFigure]:
    """The figures of a folder, by number.

    Args:
        folder: of figures' files; of those that come with the program if None.
        names: those that are asked for, by name, by number or by file; all if empty.
        quick: in the quick form.

    Raises:
        ConfigError: a file is wrong, two have one number, or none has a name that is asked for.
    """
    own = folder is not None
    folder = folder_of("figure") if folder is None else folder
    if not os.path.isdir(folder):
        raise ConfigError("no such folder of figures", source=folder)
    files = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    documents = {name: read_yaml(path) for name, path in files.items()}
    numbers = {name: document.data.get("number") for name, document in documents.items()}
    chosen = list(dict.fromkeys(_named(name, files, numbers, own=own) for name in names)) or list(files)
    for name in chosen:
        same = [other for other in files if other != name and numbers[other] == numbers[name]]
        if same:
            problem = f"{numbers[name]} is the number of {files[same[0]].name}, too"
            raise ConfigError(problem, source=files[name], line=documents[name].line_of(("number",)), key="number")
    found = [read_figure(documents[name], files[name], quick=quick) for name in chosen]
    return sorted(found, key=lambda figure: figure.form.number)


def _named(name: str, files: Mapping[str, Path], numbers: Mapping[str, Any], *, own: bool) -> str:
    for known, path in files.items():
        if name in (known, str(path), path.name) or (name.isdecimal() and numbers[known] == int(name)):
            return known
    hint = nearest(name, files) or f"; there are: {', '.join(files)}"
    if own:
        raise ConfigError(f"no figure is called {shown(name, bare=True)} in that folder{hint}")
    problem = f"no figure of the program is called {shown(name, bare=True)}{hint}"
    raise ConfigError(f"{problem}; for one of your own add --figures FOLDER, the folder of its file")


def load_figure(path: str | Path, *, quick: bool = False) -> PaperFigure:
    """Read a figure's file.

    Raises:
        ConfigError: the first fault, with file, line, key, what is allowed and the nearest known name.
    """
    return read_figure(read_yaml(Path(path)), Path(path), quick=quick)


def faults_of_figure(document: Document, path: Path) -> list[ConfigError]:
    """What is wrong with a figure's file, in full and in the quick form: keys, then what they name and ask for."""
    faults = problems(FigureForm, document.data, document)
    if faults:
        return faults
    forms = (False, True) if document.data.get("quick") else (False,)
    for quick in forms:
        try:
            read_figure(document, path, quick=quick)
        except ConfigError as error:
            return list(error.all)
    return []


def read_figure(document: Document, path: Path, *, quick: bool = False) -> PaperFigure:
    """The figure that a document read from `path` describes.

    Raises:
        ConfigError: the first fault; of what is asked of the runs, it knows the others.
    """
    faults = problems(FigureForm, document.data, document)
    if faults:
        raise faults[0]
    form = FigureForm.model_validate(document.data)

    def refuse(problem: str, *place: str | int) -> ConfigError:
        return refusal(problem, document.source, document.line_of(place), place)

    known = drawings()
    if form.drawing not in known:
        raise refuse(_unknown("drawing", form.drawing, known), "drawing")
    drawing = known[form.drawing]
    if form.data.kind not in SOURCES:
        raise refuse(_unknown("kind of data", form.data.kind, SOURCES), "data", "kind")
    if form.data.kind != drawing.source:
        raise refuse(f"{drawing.name} draws data of the kind {drawing.source}, not {form.data.kind}", "data", "kind")
    if form.width == "single" and not drawing.single:
        narrow = ", ".join(name for name, one in known.items() if one.single)
        raise refuse(f"{drawing.name} is as wide as two columns; one column is for {narrow}", "width")
    kind = ASKED_FOR[form.data.kind]
    try:
        file = path.parent / form.data.file if kind is None else find(kind, form.data.file, path.parent)
    except ConfigError as error:
        raise refuse(f"{shown(form.data.file)} {error.problem}", "data", "file") from None
    if not os.path.isfile(file):
        raise refuse(no_such_file(file, form.data.file, "figure"), "data", "file")
    faults = problems(drawing.kind.Options, form.options, document, at=("options",))
    if faults:
        raise faults[0]
    for language in LANGUAGES:
        _refuse_placeholders(getattr(form.caption, language), refuse, language)
    settings = merge(form.data.set, form.quick) if quick else form.data.set
    try:
        source = SOURCES[form.data.kind](file, settings)
        _ = source.digest
    except ConfigError as error:
        if error.source is not None and str(error.source) != str(file):
            raise
        place = ("quick",) if quick and form.quick else ("data", "set")
        where = "" if error.key is None else f"{error.key}: "
        raise refuse(f"{where}{error.problem}", *place) from None
    options = drawing.kind.Options.model_validate(form.options)
    raise_first(refuse(problem, *place) for problem, place in drawing.kind.wrong(source, options))
    figure = PaperFigure(path, form, drawing, options, source, quick)
    if not figure.languages:
        lacking = {language: ", ".join(figure.lacking(language)) for language in LANGUAGES}
        told = f"no en: {lacking['en']}; no fa: {lacking['fa']}"
        raise refuse(f"all texts must be in one language at least; {told}", "title")
    return figure


def _refuse_placeholders(text: str, refuse: Any, language: str) -> None:
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise refuse(f"{error}; braces stand around names of numbers", "caption", language) from None
    for name in names:
        if name not in PLACEHOLDERS:
            raise refuse(f"{{{name}}} is not known; allowed here: {', '.join(PLACEHOLDERS)}", "caption", language)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    hint = nearest(name, list(known)) or f"; allowed here: {', '.join(known)}"
    return f"no such {what}: {shown(name, bare=True)}{hint}"
