"""Templates: prose with places for what the code says, and with notes of the code that the prose relies on.

`{{ name }}` stands for a block that is generated; `{{ value KEY }}` for a parameter's default; `{{ constant PATH }}`
for a named number of the model. `<!-- code: PATH ~ SNIPPET -->` says that the prose around it describes this piece of
code: when the code no longer holds it, the prose has to be read again. Such notes do not appear in the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.register import rows
from tools.documents.source import named, says

Block = Callable[[], str]

_PLACE = re.compile(r"\{\{ *(.*?) *\}\}")
_NOTE = re.compile(r"<!-- code: (\S+) ~ (.*?) -->\n?", re.DOTALL)
_ANY_NOTE = re.compile(r"<!--.*?-->\n?", re.DOTALL)


@dataclass(frozen=True)
class Filled:
    """A document, and what is wrong with the prose it came from, one line each."""

    text: str
    problems: tuple[str, ...]


class TemplateError(ValueError):
    """A template names what there is not."""


def fill(template: str, blocks: Mapping[str, Block]) -> Filled:
    """The document that a template makes with its blocks.

    Raises:
        TemplateError: a place for an unknown block, or a block that has no place.
    """
    wanted = {name for name in _PLACE.findall(_ANY_NOTE.sub("", template)) if " " not in name}
    if unknown := sorted(wanted - set(blocks)):
        raise TemplateError(f"no block is called {', '.join(unknown)}")
    if idle := sorted(set(blocks) - wanted):
        raise TemplateError(f"the template has no place for {', '.join(idle)}")
    problems = stale_notes(template)
    values = {row.key: value for row, value in rows()}

    def put(match: re.Match[str]) -> str:
        kind, _, name = match[1].partition(" ")
        if not name:
            return blocks[kind]()
        try:
            return shown(values[name] if kind == "value" else named(name))
        except LookupError:
            problems.append(f"the prose names {name}, which there is not")
            return "?"

    text = _PLACE.sub(put, _ANY_NOTE.sub("", template))
    return Filled(text, tuple(problems))


def stale_notes(template: str) -> list[str]:
    """What the notes of a template say of the code that is no longer so."""
    problems = []
    for path, snippet in _NOTE.findall(template):
        try:
            if not says(path, snippet):
                problems.append(f"{path} no longer says `{snippet}`: read the prose about it again")
        except LookupError:
            problems.append(f"{path} is gone (`{snippet}`): read the prose about it again")
    return problems


def shown(value: Any) -> str:
    """A value in running text: 0.5, 52, yes, `per_head`, `mosque`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.10g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "none"
    return f"`{value}`"
