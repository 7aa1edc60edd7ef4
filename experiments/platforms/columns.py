"""Which column of an export says what: under the names that each platform gives them, or under those the user says.

Sources, read in the platforms' code. Decidim: `ProjectSerializer` and `Exporters::CSV` (columns such as `title/en`,
separated by semicolons). Consul Democracy: `Budget::Investment::Exporter`, whose headers are in the site's language;
its English and Spanish ones are known here. Consul's export has no votes of the final ballot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any, NoReturn

from experiments.platforms.tables import Row, Table, refuse_header
from sim.elections import NO_CATEGORY
from sim.errors import ConfigError
from sim.names import cleaned, nearest_name, quoted

FIELDS = ("id", "title", "cost", "votes", "category", "budget", "selected", "created")
NEEDED = ("id", "title", "cost", "votes")
MACHINE = "machine_translations"

YES = frozenset({"yes", "sí", "si", "sì", "sim", "oui", "ja", "tak", "true", "بله"})
NO = frozenset({"no", "não", "non", "nein", "nee", "nie", "false", "خیر"})


@dataclass(frozen=True)
class Platform:
    """A platform.

    Attributes:
        title: its name.
        columns: names of columns by field; those that come first win. One may go on with a slash and a language.
        advice: what to do where a field is missing.
        words_with_prices: whether costs stand in brackets behind a word that says whether a project is feasible.
    """

    title: str
    columns: Mapping[str, Sequence[str]]
    advice: Mapping[str, str]
    words_with_prices: bool = False


PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {
        "decidim": Platform(
            "Decidim",
            {
                "id": ("id",),
                "title": ("title",),
                "cost": ("budget_amount",),
                "votes": ("total_votes", "confirmed_votes"),
                "category": ("taxonomies/name", "category/name"),
                "budget": ("budget/id", "decidim_budgets_budget_id/id"),
                "created": ("created_at",),
            },
            {"votes": "an export made while votes are hidden may have none"},
        ),
        "consul": Platform(
            "Consul Democracy",
            {
                "id": ("ID",),
                "title": ("Title", "Título"),
                "cost": ("Feasibility", "Viabilidad"),
                "votes": ("Votes", "Votos"),
                "budget": ("Scope of operation", "Ámbito de actuación"),
                "selected": ("Selected", "Seleccionado"),
            },
            {
                "votes": "Consul's export has no votes of the final ballot: add them from its page of results "
                "(supports are of an earlier phase)",
            },
            words_with_prices=True,
        ),
    }
)


@dataclass(frozen=True)
class Columns:
    """Names of columns by field; several where a text is in several languages, the wanted one first."""

    names: Mapping[str, tuple[str, ...]]
    locale: str | None

    def of(self, field: str) -> str:
        """The one column of a field; "" if there is none."""
        return next(iter(self.names[field]), "")

    def text(self, row: Row, field: str) -> str:
        """What a row says in the first of a field's columns that says anything, in one line."""
        return next((said for name in self.names[field] if (said := cleaned(row.cells.get(name, "")))), "")

    def categories(self, row: Row) -> list[str]:
        """Categories: a list of translated texts, as Decidim writes taxonomies, or the whole cell as one."""
        cell = self.text(row, "category")
        found = _translations(cell)
        words = [cell] if found is None else [cleaned(_in(one, self.locale)) for one in found]
        return [word for word in words if word and not is_no_category(word)]


def columns_of(
    table: Table, platform: Platform, named: Mapping[str, str] | None = None, locale: str | None = None
) -> Columns:
    """Find the columns of a table.

    Args:
        table: the export.
        platform: which it comes from.
        named: columns by field, where the user says so.
        locale: language of titles and categories; the first of the file if None.

    Raises:
        ConfigError: a column is missing, or occurs twice.
    """
    named = named or {}
    for field, column in named.items():
        if field not in FIELDS:
            problem = f"{quoted(field)} is none of {', '.join(FIELDS)}{nearest_name(field, FIELDS)}"
            raise ConfigError(problem, source="--column")
        if column not in table.columns:
            near = nearest_name(column, table.columns)
            raise ConfigError(f"{table.source} has no column {quoted(column)}{near}", source=f"--column {field}")
    names: dict[str, tuple[str, ...]] = {}
    for field in FIELDS:
        known = platform.columns.get(field, ())
        found = [named[field]] if field in named else _matching(table.columns, known, locale, field == "category")
        names[field] = tuple(found)
        if not found and field in NEEDED:
            _refuse_missing(table, platform, field)
        twice = next((column for column in found if table.columns.count(column) > 1), None)
        if twice is not None:
            raise ConfigError("the column occurs twice", source=table.source, line=table.header, key=twice)
    _refuse_locale(table, names, locale)
    return Columns(names, locale)


def plain_text(text: str) -> str:
    """A title or a name without the marks of HTML that platforms leave in it, such as `<p>Trees &amp; benches</p>`."""
    if "<" not in text and "&" not in text:
        return text
    reader = _TextOfHtml()
    reader.feed(text)
    reader.close()
    return cleaned("".join(reader.parts)) or text


class _TextOfHtml(HTMLParser):
    """Collects what stands between marks, in `parts`."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        """Take one piece."""
        self.parts.append(data)


def category_name(name: str) -> str:
    """A category's name as files of elections can hold it: as plain text, and commas in them part categories."""
    return plain_text(name).replace(",", " /")


def is_no_category(name: str) -> bool:
    """Whether this says that there is no category: elections in files say `None`, and cities `none`."""
    return name.casefold() == NO_CATEGORY


def is_yes(cell: str, column: str, row: Row) -> bool:
    """Whether a cell says yes.

    Raises:
        ConfigError: it says neither yes nor no, in no language known here.
    """
    word = cell.casefold()
    if word not in YES | NO:
        row.refuse(column, f"must be yes or no, not {quoted(cell)}; write Yes or No")
    return word in YES


def _refuse_missing(table: Table, platform: Platform, field: str) -> NoReturn:
    for name, other in PLATFORMS.items():
        if other is not platform and all(_matching(table.columns, other.columns[key]) for key in ("id", "cost")):
            problem = f"looks like an export of {other.title}, not of {platform.title}: mahalle import {name}"
            raise ConfigError(problem, source=table.source, line=table.header)
    advice = f" ({platform.advice[field]})" if field in platform.advice else ""
    problem = f"the column is missing{advice}; say which it is with --column {field}=COLUMN"
    refuse_header(table, " or ".join(platform.columns[field]), problem)


def _matching(
    columns: Sequence[str], names: Sequence[str], locale: str | None = None, original: bool = False
) -> list[str]:
    """Columns of one of some names, alone or followed by a language: those in `locale` first, else machines' last.

    Who asks for a language rather has a machine's translation of a title than another language. A category is a name
    that rows share: its originals come first (`original`), or one category could have two names.
    """
    for name in names:
        wanted = name.casefold()
        found = [column for column in columns if column.casefold() == wanted]
        found += [column for column in columns if column.casefold().startswith(f"{wanted}/")]
        if found:
            return sorted(found, key=lambda column: _rank(column, locale, original))
    return []


def _rank(column: str, locale: str | None, original: bool) -> tuple[bool, bool]:
    elsewhere, by_machine = not _is_in(column, locale), MACHINE in column
    return (by_machine, elsewhere) if original else (elsewhere, by_machine)


def _is_in(column: str, locale: str | None) -> bool:
    return _same_language(column.rpartition("/")[2], locale)


def _same_language(language: str, locale: str | None) -> bool:
    return locale is not None and language.casefold() == locale.casefold()


def _refuse_locale(table: Table, names: Mapping[str, Sequence[str]], locale: str | None) -> None:
    titles = names["title"]
    if locale is not None and not any(_is_in(column, locale) for column in titles):
        there = ", ".join(sorted({column.rpartition("/")[2] for column in titles if "/" in column})) or "none"
        raise ConfigError(f"{table.source} has no titles in that language; languages: {there}", source="--locale")


_HASH_ROCKET = re.compile(r'("(?:[^"\\]|\\.)*")\s*=>\s*(nil\b)?')


def _translations(cell: str) -> list[Any] | None:
    """The translated texts of a cell that holds mappings of languages, in JSON or as Ruby prints them; else None."""
    if not cell.startswith(("{", "[{")):
        return None
    text = _HASH_ROCKET.sub(lambda found: f"{found[1]}: {'null' if found[2] else ''}", cell)
    try:
        found = json.loads(text if text.startswith("[") else f"[{text}]")
    except (ValueError, RecursionError):
        return None
    return found if all(isinstance(one, dict) for one in found) else None


def _in(translated: Mapping[str, Any], locale: str | None) -> str:
    """A translated text in a language, or in the first in which it says anything; a machine's if there is no other."""
    machines = translated.get(MACHINE)
    return _first_said(translated, locale) or (_first_said(machines, locale) if isinstance(machines, dict) else "")


def _first_said(translated: Mapping[str, Any], locale: str | None) -> str:
    said = [text for _, text in sorted(translated.items(), key=lambda pair: not _same_language(pair[0], locale))]
    return next((text for text in said if isinstance(text, str) and text.strip()), "")
