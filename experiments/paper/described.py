"""What may stand in a figure's file, from the classes that read it: keys, drawings, their options, kinds of data."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from experiments.paper.form import FigureForm
from experiments.paper.registry import Registered, drawings
from experiments.paper.sources import ASKED_FOR, KEPT, SOURCES
from sim.policies import Label


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        name: of the key; of one within a list or a mapping, dotted, such as ``arms[].at``.
        what: type and allowed values, in words.
        default: as a file would have it; "must be given" where there is none.
        meaning: a sentence.
    """

    name: str
    what: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Described:
    """A drawing.

    Attributes:
        name: what the key `drawing` of a figure's file says.
        summary: what it draws, in a sentence.
        more: what else is to be known of it, paragraphs; empty if nothing is.
        data: kind of data that it takes.
        widths: what the key `width` may say.
        options: its keys of `options`.
    """

    name: str
    summary: str
    more: tuple[str, ...]
    data: str
    widths: str
    options: tuple[Key, ...]


MUST = "must be given"


def described() -> list[Described]:
    """All drawings, by name."""
    return [_described(drawing) for drawing in drawings().values()]


def keys_of_a_figure() -> list[Key]:
    """The keys of a figure's file, those of its drawing and of its data left open."""
    return list(keys_of(FigureForm))


def settings_of(kind: str) -> list[Key]:
    """The keys of `data.set` that a kind of data has of its own."""
    settings = getattr(SOURCES[kind], "Settings", None)
    return [] if settings is None else list(keys_of(settings))


def file_of(kind: str) -> str:
    """What `data.file` is, of a kind of data."""
    asked = ASKED_FOR[kind]
    return "a table (CSV or JSON) that is kept" if kind == KEPT or asked is None else f"{_article(asked)} {asked}"


def keys_of(form: type[BaseModel]) -> Iterator[Key]:
    """The keys of a class, in its order, and after each list or mapping those that stand in it."""
    schema = form.model_json_schema()
    yield from _keys(schema, schema.get("$defs", {}), "")


def _described(drawing: Registered) -> Described:
    summary, *more = _paragraphs(drawing.kind)
    widths = "double or single" if drawing.single else "double"
    options = tuple(keys_of(drawing.kind.Options))
    return Described(drawing.name, summary, tuple(more), drawing.source, widths, options)


def _paragraphs(kind: type) -> list[str]:
    return [" ".join(part.split()) for part in (inspect.getdoc(kind) or "").split("\n\n")]


def _keys(schema: Mapping[str, Any], definitions: Mapping[str, Any], before: str) -> Iterator[Key]:
    for name, of in schema.get("properties", {}).items():
        default = MUST if name in schema.get("required", ()) else _default(of)
        inner, within = _within(of, definitions)
        meaning = of.get("description") or (inner or {}).get("description", "")
        yield Key(f"{before}{name}", _type(of, definitions), default, meaning)
        if inner is not None:
            yield from _keys(inner, definitions, f"{before}{name}{within}.")


def _within(of: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """What stands in a list or a mapping of named keys, and how that is written behind the key."""
    if "$ref" in of:
        inner = _named(of, definitions)
        return None if inner["title"] == Label.__name__ else inner, ""
    return (_named(of["items"], definitions), "[]") if "$ref" in of.get("items", {}) else (None, "")


def _named(of: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = definitions[of["$ref"].rpartition("/")[2]]
    return found


def _default(of: Mapping[str, Any]) -> str:
    if of.get("default") is None or of["default"] in ("", {}, []):
        return "left out"
    return of["default"] if isinstance(of["default"], str) else json.dumps(of["default"])


def _type(of: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in of:
        return f"mapping of {', '.join(_named(of, definitions)['properties'])}"
    if "anyOf" in of:
        return " or ".join(_type(one, definitions) for one in of["anyOf"] if one.get("type") != "null")
    if "enum" in of:
        return " or ".join(map(str, of["enum"]))
    if of.get("type") == "array":
        count = _bounds(of, "minItems", "maxItems")
        return f"list of {f'{count} ' if count else ''}{_PLURAL.get(_type(of['items'], definitions)) or 'mappings'}"
    bounds = _bounds(of, "minimum", "maximum")
    open_below = of.get("exclusiveMinimum")
    bounds = bounds or (f"above {open_below:g}" if open_below is not None else "")
    if open_below is not None and "maximum" in of:
        bounds = f"above {open_below:g}, up to {of['maximum']:g}"
    return f"{_TYPES[of.get('type', 'object')]}{f', {bounds}' if bounds else ''}"


_TYPES = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "object": "mapping",
}  # fmt: skip
_PLURAL = {"text": "texts", "whole number": "whole numbers", "number": "numbers"}


def _bounds(of: Mapping[str, Any], low: str, high: str) -> str:
    if low in of and high in of:
        return f"{of[low]:g} to {of[high]:g}"
    if low in of:
        return f"{of[low]:g} or more"
    return f"at most {of[high]:g}" if high in of else ""


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
