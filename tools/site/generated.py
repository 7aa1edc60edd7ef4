"""Pages of reference made from the code: the command line from Typer, the outcomes from their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import typer

from experiments.cli import app
from sim.outcome import CITY, GROUPS, NEIGHBOURHOODS, START, Outcome, Table
from tools.documents.markdown import code, table

ENDS = {"highest": "higher", "lowest": "lower", None: ""}

TABLES: tuple[tuple[str, Table], ...] = (
    ("City, weekly", CITY),
    ("Neighbourhoods, weekly", NEIGHBOURHOODS),
    ("Groups of residents, weekly", GROUPS),
    ("At the start", START),
)


def commands() -> str:
    """Every command of `mahalle` as Markdown: its help, its usage, a table of arguments and one of options."""
    group = typer.main.get_command(app)
    return "\n\n".join(section for path, command in _all(group, ()) for section in _of_command(path, command))


def _all(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Commands and their names, a group's before the group that follows it."""
    for name, one in getattr(command, "commands", {}).items():
        if getattr(one, "commands", None):
            yield from _all(one, (*path, name))
        else:
            yield (*path, name), one


def _of_command(path: tuple[str, ...], command: Any) -> Iterator[str]:
    name = " ".join(("mahalle", *path))
    with command.context_class(command, info_name=name) as context:
        usage = command.get_usage(context).removeprefix("Usage: ")
        yield f"## {name}"
        yield _plain(command.help)
        yield f"```text\n{usage}\n```"
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        options = [one for one in command.get_params(context) if one.param_type_name == "option"]
        if arguments:
            yield table(["argument", "meaning"], [_row(one.get_help_record(context)) for one in arguments])
        rows = [record for one in options if (record := one.get_help_record(context))]
        yield table(["option", "meaning"], [_row(record) for record in rows])


def _row(record: tuple[str, str]) -> list[str]:
    return [code(record[0]), _plain(record[1])]


def _plain(text: str | None) -> str:
    """A help text as Markdown shows it: no marks of its own in it."""
    words = " ".join((text or "").split())
    return words.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;").replace("[", "\\[")


def outcomes() -> str:
    """Every outcome by table as Markdown: name, words in English and Persian, unit, better end, definition."""
    parts = [f"## {title}\n\n{table(HEAD, _rows(of.outcomes.values()))}" for title, of in TABLES]
    return "\n\n".join(parts)


HEAD = ["outcome", "definition", "unit", "better", "in words", "in Persian"]


def _rows(declared: Iterable[Outcome]) -> list[list[str]]:
    return [[code(one.name), one.meaning, one.unit, ENDS[one.better], *(one.short or ("", ""))] for one in declared]
