"""`mahalle brief`, step by step: read the comparison, work out its answer, write the page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.answers.answer import answer_of
from experiments.answers.texts import Text
from experiments.brief.brief import brief_html
from experiments.brief.provenance import of_comparison
from experiments.contrasts.comparison import Comparison
from experiments.escaping import say
from experiments.folders import maker_of, print_or_write
from experiments.languages import texts_of, written
from experiments.loading import load
from experiments.page.stored import load_stored
from experiments.study.store import note_results
from sim.errors import ConfigError
from sim.outcome import Language
from sim.wording import printable

_TEXTS: dict[str, tuple[str, str]] = {
    "written": (
        "{file}: {size} KB, opens in a browser without network; print it on A4",
        "{file}: {size} کیلوبایت، بدون شبکه در مرورگر باز می‌شود؛ روی کاغذ A4 چاپ شود",
    ),
}


@dataclass(frozen=True)
class Request:
    """The arguments of `mahalle brief`."""

    result: Path
    language: Language = "en"
    out: Path | None = None
    quiet: bool = False


def carry_out(request: Request) -> None:
    """Write the brief.

    Raises:
        ConfigError: the folder holds no comparison, or the file cannot be written.
    """
    found = comparison_in(request.result)
    html = brief_html(answer_in(found), request.language, of_comparison(found))
    file = request.out if request.out is not None else request.result / f"brief.{request.language}.html"
    print_or_write(html, file)
    if file.parent == request.result:
        note_results(request.result, (file.name,))
    if not request.quiet:
        size = written(f"{len(html.encode()) / 1e3:.0f}", request.language)
        say(texts_of(_TEXTS, request.language)("written", file=str(file), size=size))


def comparison_in(folder: Path) -> Comparison:
    """The comparison in a folder.

    Raises:
        ConfigError: there is none, or no pair of its runs is complete.
    """
    if not os.path.isdir(folder):
        raise ConfigError("no such folder; name the folder of a result of mahalle compare", source=str(folder))
    found = load(folder)
    if not isinstance(found, Comparison):
        problem = f"is a result of {maker_of(folder)}, not of mahalle compare"
        raise ConfigError(problem, source=str(folder))
    try:
        found.contrasts  # noqa: B018  # reads the tables
    except (OSError, KeyError, ValueError) as error:
        problem = (
            f"a table was altered or cut off ({printable(str(error), 80)}); put them together again: mahalle merge"
        )
        raise ConfigError(f"{problem} {folder}", source=str(folder)) from None
    if not any(found.pairs.values()):
        raise ConfigError("no replication has a complete pair of runs, so there is nothing to tell", source=str(folder))
    return found


def answer_in(found: Comparison) -> dict[str, Any]:
    """The answer of a comparison, with what is stored about the model (`experiments.page.stored`)."""
    stored = load_stored()
    evidence = None if stored is None else stored.evidence_of(found)
    english, persian = found.titles_in("en"), found.titles_in("fa")
    titles: dict[str, Text] = {name: {"en": english[name], "fa": persian[name]} for name in english}
    return answer_of(found, source="run", titles=titles, evidence=evidence)
