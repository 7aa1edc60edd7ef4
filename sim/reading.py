"""From a user's text to validated groups: strict YAML 1.2, and for every fault one line with its exact place."""

from __future__ import annotations

import copy
import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NoReturn, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from sim.errors import ConfigError

type Place = tuple[str | int, ...]
"""A path inside a document: keys, and positions in lists."""

MAXIMUM_BYTES = 10_000_000
MAXIMUM_NODES = 100_000
MAXIMUM_DEPTH = 100
MAXIMUM_DIGITS = 100
MAXIMUM_PROBLEMS = 1000

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JOINERS = "\u200c\u200d"  # written inside ordinary Persian words, though Python calls them unprintable
_MARKUP = re.compile(r"(\\*)\[(?=[a-z#/@])")
_NAMES = {"true": True, "false": False, "null": None}
_WORDS = {"": None, "~": None} | {s: v for n, v in _NAMES.items() for s in (n, n.capitalize(), n.upper())}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

_SYNTAX = {  # ruamel's words: ours
    "mapping values are not allowed": 'a ":" cannot stand here; check the indentation, or put the text in quotes',
    "sequence entries are not allowed": 'a list item "-" cannot stand here; check the indentation',
    r"found character '\t'": "a tab cannot be used for indentation; use spaces",
    "that cannot start any token": "text that begins with one of @ ` % must stand in quotes",
    "could not find expected ':'": 'a ":" is missing after a key',
    "found unexpected end of stream": "a quotation mark is never closed",
    "expected ',' or ']'": 'a list opened with "[" is not closed with "]", or a "," is missing',
    "expected ',' or '}'": 'a mapping opened with "{" is not closed with "}", or a "," is missing',
    "expected <block end>": "this does not fit the lines above; check the indentation and the quotes",
    "expected the node content": "a value is missing here",
    "chr() arg": "an escape in double quotes names no letter",
    "found unknown escape": "unknown escape in double quotes; double the backslash or use single quotes",
}
_KINDS = {
    "a number": ("float_type", "float_parsing"),
    "a whole number": ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    "true or false": ("bool_type", "bool_parsing"),
    "text": ("string_type",),
    "a list": ("list_type", "tuple_type", "set_type", "frozen_set_type"),
    "a mapping of keys to values": ("model_type", "model_attributes_type", "dict_type", "mapping_type"),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}


@dataclass(frozen=True)
class Document:
    """A YAML file as plain Python, which still knows its lines.

    Attributes:
        source: the path as the user gave it, or ``--set KEY``.
        data: dicts, lists, texts, numbers, booleans and None, nothing else.
    """

    source: str
    data: Any
    _lines: Mapping[Place, int] = field(default_factory=dict, repr=False, compare=False)

    def line_of(self, path: Place) -> int | None:
        """Return the line, from 1, of the key or item at `path`, or of its nearest ancestor in the document."""
        ancestors = (path[:length] for length in range(len(path), -1, -1))
        return next((self._lines[place] for place in ancestors if place in self._lines), None)


def read_yaml(path: str | Path) -> Document:
    """Read a YAML file whose top level is a mapping.

    Raises:
        ConfigError: the file cannot be read, is not YAML 1.2, or uses what we refuse (tags, merge keys, excess).
    """
    reader = _Reader(_text_of(path), str(path))
    data = reader.read()
    if data is None:
        reader.refuse("the file is empty; it must hold keys and values")
    if not isinstance(data, dict):
        reader.refuse(f"the file must hold a mapping of keys to values, not {_shown(data)}", reader.lines[()])
    return Document(str(path), data, reader.lines)


def parse_value(text: str, source: str) -> Any:
    """Read the VALUE of ``--set key=VALUE`` as YAML, as strictly as a file.

    Raises:
        ConfigError: as for `read_yaml`, or nothing is written at all.
    """
    reader = _Reader(text, source)
    try:
        data = reader.read()
    except ConfigError as error:  # a value on the command line has no lines
        raise ConfigError(error.problem, source=error.source, key=error.key) from None
    if not reader.lines:
        reader.refuse('a value is missing; write null for nothing, "" for an empty text')
    return data


def _text_of(path: str | Path) -> str:
    try:
        with open(path, "rb") as file:
            raw = file.read(MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise _refusal(f"this file cannot be read: {reason}", str(path)) from None
    if len(raw) > MAXIMUM_BYTES:
        raise _refusal(f"the file is larger than {MAXIMUM_BYTES // 1_000_000} MB", str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refusal("this is not UTF-8 text; save the file as UTF-8", str(path), line) from None


class _Reader:
    """Builds plain Python from the parser's events, and refuses what a config has no need of."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.lines: dict[Place, int] = {}
        self.anchors: dict[str, tuple[Place, Any] | None] = {}
        self.count = 0
        self.events = self._parse(text)

    def read(self) -> Any:
        """Return the one document of the text; None, and no lines, if there is none."""
        next(self.events)
        event = next(self.events)
        if isinstance(event, StreamEndEvent):
            return None
        event = next(self.events)
        self.lines[()] = _line(event)
        data = self._value(event, ())
        next(self.events)
        event = next(self.events)
        if not isinstance(event, StreamEndEvent):
            self.refuse("a second document starts here; a file holds one", _line(event))
        return data

    def refuse(self, problem: str, line: int | None = None, place: Place = ()) -> NoReturn:
        """Raise the error for this text."""
        raise _refusal(problem, self.source, line, place)

    def _parse(self, text: str) -> Iterator[Any]:
        """Yield the parser's events, which carry lines, tags and anchors, and need no recursion of the parser's."""
        if wrong := _UNPRINTABLE.search(text):
            self._refuse_letter(wrong[0], text.count("\n", 0, wrong.start()) + 1)
        line = 1
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                line = _line(event)
                yield event
        except Exception as error:  # ruamel's scanner lets ValueError and others escape on hostile text
            raw = str(getattr(error, "problem", None) or error)
            problem = next((ours for theirs, ours in _SYNTAX.items() if theirs in raw), _printable(raw, 200))
            marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
            mark = marks["closed" in problem] or marks[0]  # what is never closed is at fault where it was opened
            self.refuse(f"not valid YAML: {problem}", line if mark is None else mark.line + 1)

    def _refuse_letter(self, letter: str, line: int) -> NoReturn:
        self.refuse(f"the unprintable character U+{ord(letter):04X} is not allowed", line)

    def _value(self, event: Any, path: Place) -> Any:
        line = _line(event)
        self._count(path, line)
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor, path, line)
        if event.tag is not None:
            tag = _printable(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
            self.refuse(f"the tag {tag} is not allowed; write the plain value", line)
        if event.anchor:
            self.anchors[event.anchor] = None  # until it ends
        if isinstance(event, MappingStartEvent):
            value: Any = self._mapping(path)
        elif isinstance(event, SequenceStartEvent):
            value = self._sequence(path)
        else:
            value = self._scalar(event.value, event.implicit[0], line)
        if event.anchor:
            self.anchors[event.anchor] = path, value
        return value

    def _count(self, path: Place, line: int) -> None:
        self.count += 1
        if self.count > MAXIMUM_NODES:
            self.refuse(f"more than {MAXIMUM_NODES} values, with aliases written out", line)
        if len(path) > MAXIMUM_DEPTH:
            self.refuse(f"nested more than {MAXIMUM_DEPTH} levels deep", line)

    def _mapping(self, path: Place) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            line = _line(event)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                self.refuse("a key must be text, not a list or a mapping", line, path)
            key = self._value(event, path)
            if not isinstance(key, str):
                self.refuse(f"a key must be text, not {_shown(key)}; put it in quotes", line, path)
            if key == "<<" and isinstance(event, ScalarEvent) and event.implicit[0]:
                self.refuse("merge keys (<<) are not part of YAML 1.2; write the keys out", line, path)
            place = (*path, key)
            if key in mapping:
                self.refuse(f"duplicate key, given on line {self.lines[place]} already", line, place)
            self.lines[place] = line
            mapping[key] = self._value(next(self.events), place)
        return mapping

    def _sequence(self, path: Place) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            place = (*path, len(items))
            self.lines[place] = _line(event)
            items.append(self._value(event, place))
        return items

    def _scalar(self, text: str, plain: bool, line: int) -> str | int | float | bool | None:
        """Resolve by the core schema of YAML 1.2 (ruamel's own also takes 1_000 and dates)."""
        if not plain:  # JSON writes a letter beyond U+FFFF as two escapes, which ruamel leaves apart
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if wrong := _UNPRINTABLE.search(text):  # from an escape such as "\0"
            self._refuse_letter(wrong[0], line)
        if plain and text in _WORDS:
            return _WORDS[text]
        if plain and _INTEGER.fullmatch(text):
            if len(text) > MAXIMUM_DIGITS:
                self.refuse(f"a whole number of {len(text)} digits (at most {MAXIMUM_DIGITS} are allowed)", line)
            return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        if plain and _FLOAT.fullmatch(text):
            return float(text)
        if plain and _SPECIAL.fullmatch(text):
            return float(text.replace(".", ""))
        return text

    def _alias(self, name: str, path: Place, line: int) -> Any:
        if name not in self.anchors:
            self.refuse(f"the alias *{_printable(name)} has no anchor above it", line)
        anchored = self.anchors[name]
        if anchored is None:
            self.refuse(f"the alias *{_printable(name)} refers to itself", line)
        return self._again(anchored[1], anchored[0], path, line)

    def _again(self, value: Any, origin: Place, path: Place, line: int) -> Any:
        """Copy what an alias refers to, with its lines, counting as if it were written out."""
        if not isinstance(value, dict | list):
            return value
        copied: dict[Any, Any] = {}
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            old, new = (*origin, name), (*path, name)
            self._count(new, line)
            self.lines[new] = self.lines[old]
            copied[name] = self._again(inner, old, new, line)
        return copied if isinstance(value, dict) else list(copied.values())


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted keys into nested dicts: ``{"a.b": 1}`` becomes ``{"a": {"b": 1}}``.

    Raises:
        ConfigError: a key with an empty part, or one that is given both a value and keys below it.
    """
    nested: dict[str, Any] = {}
    for key, value in values.items():
        *groups, name = key.split(".")
        if "" in (*groups, name) or len(groups) >= MAXIMUM_DEPTH:
            raise _refusal("a key is written as names joined by dots, such as a.b.c", place=(key,))
        level: Any = nested
        for group in groups:
            level = level.setdefault(group, {}) if isinstance(level, dict) else None
        inner = isinstance(value, Mapping)
        if not isinstance(level, dict) or (name in level and isinstance(level[name], dict) != inner):
            raise _refusal("a value is given both for this key and for keys above or below it", place=(key,))
        level[name] = merge(level.get(name, {}), value) if inner else copy.deepcopy(value)
    return nested


def merge(base: Mapping[str, Any], difference: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new dict: `base` with `difference` laid over it, dict by dict; lists and scalars replace."""
    merged = copy.deepcopy(dict(base))
    for key, value in difference.items():
        old = merged.get(key)
        inner = old if isinstance(old, Mapping) else {}
        merged[key] = merge(inner, value) if isinstance(value, Mapping) else copy.deepcopy(value)
    return merged


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn nested dicts into dotted keys, each after `prefix` and a dot; an empty dict stays as a value."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        key = f"{prefix}.{name}" if prefix else name
        flat |= flatten(value, key) if isinstance(value, Mapping) and value else {key: value}
    return flat


def problems(
    group: type[BaseModel], data: Any, document: Document | None = None, source: str | None = None, at: Place = ()
) -> list[ConfigError]:
    """List what is wrong with `data` as a `group`, one error a fault, by line and then by key (at most 1,000).

    Args:
        group: the pydantic class.
        data: plain Python.
        document: the file `data` comes from, for its lines.
        source: the file to name, if not that of `document`.
        at: where in the document `data` stands; the beginning of every key.
    """
    try:
        group.model_validate(data)
    except ValidationError as error:
        faults = [_fault(group, data, detail) for detail in error.errors(include_url=False)[:MAXIMUM_PROBLEMS]]
    else:
        return []
    source = document.source if source is None and document is not None else source
    found: dict[str, ConfigError] = {}
    for fault in _one_a_union(faults):
        place = (*at, *fault.path)
        line = document.line_of(place) if document is not None else None
        refusal = _refusal(fault.sentence(), source, line, place)
        found.setdefault(str(refusal), refusal)
    return sorted(found.values(), key=lambda refusal: (refusal.line or 0, refusal.key or ""))


def validate[G: BaseModel](
    group: type[G], data: Any, document: Document | None = None, source: str | None = None, at: Place = ()
) -> G:
    """Return `data` as a `group`; see `problems` for the arguments.

    Raises:
        ConfigError: the first of `problems`.
    """
    try:
        return group.model_validate(data)
    except ValidationError:
        raise problems(group, data, document, source, at)[0] from None


type _Types = list[tuple[Any, Iterable[Any]]]
"""The types a place may have, None apart, each with its metadata; more than one where the type is a union."""


@dataclass(frozen=True)
class _Fault:
    """One fault, before it is put into words.

    Attributes:
        path: where it is, inside the data validated.
        value: what is there.
        unions: the unions on the way to it (their places) and the member tried at each.
        problem: the whole sentence, or "" if the value is simply none of `kinds` and `choices`.
    """

    path: Place
    value: Any
    unions: tuple[tuple[Place, str], ...]
    problem: str = ""
    kinds: tuple[str, ...] = ()
    choices: tuple[Any, ...] = ()

    def sentence(self) -> str:
        if self.problem:
            return self.problem
        wanted = list(dict.fromkeys(self.kinds))
        if "a number" in wanted:
            wanted = [kind for kind in wanted if kind != "a whole number"]
        names = [_printable(choice) if isinstance(choice, str) else _shown(choice) for choice in self.choices]
        if names:
            wanted.append(("one of: " if len(names) > 1 else "") + ", ".join(names))
        advice = _nearest(self.value, self.choices)
        if wanted == ["text"] and isinstance(self.value, int | float):
            advice = "; put it in quotes"
        return f"must be {' or '.join(wanted)}, not {_shown(self.value, bare=bool(names))}{advice}"


def _fault(group: type[BaseModel], data: Any, detail: Any) -> _Fault:
    """Put one of pydantic's errors into our words."""
    path, trail, unions = _locate(group, data, detail["loc"])
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    fault = _Fault(path, value, unions)
    if kind in _KIND_OF:
        return replace(fault, kinds=(_KIND_OF[kind],))
    if kind in ("literal_error", "enum"):
        return replace(fault, choices=_choices(trail[-1]) or _quoted(context["expected"]))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        path = (*path, *_quoted(context["discriminator"]))
        if kind == "union_tag_invalid":
            return replace(fault, path=path, value=context["tag"], choices=_quoted(context["expected_tags"]))
        return replace(fault, path=path, problem="this key is missing")
    if kind == "missing" and path and isinstance(path[-1], int):  # a tuple of fixed length that is too short
        length = max(len(get_args(annotation)) for annotation, _ in trail[-2])
        return replace(fault, path=path[:-1], problem=f"must hold {_items(length)}, not {len(value)}")
    if kind == "extra_forbidden":
        return replace(fault, problem=_unknown_key(path[-1], trail[-2]))
    return replace(fault, problem=_reason(detail, trail[-1], _shown(value)))


def _reason(detail: Any, types: _Types, shown: str) -> str:
    """Say what is wrong with a value that has the right type."""
    kind, value, context, message = detail["type"], detail["input"], detail.get("ctx", {}), detail["msg"]
    if kind.startswith(("greater_than", "less_than")):
        return f"must {_range(types, context)}, not {shown}"
    if kind in ("value_error", "assertion_error"):
        return _printable(" ".join(str(context["error"]).split()), 500) or "this value is not allowed"
    if kind in ("too_short", "too_long"):
        how, limit = ("least", "min_length") if kind == "too_short" else ("most", "max_length")
        return f"must hold at {how} {_items(context[limit])}, not {len(value)}"
    if kind == "missing":
        return "this key is missing"
    if kind == "finite_number":
        return f"must be a finite number, not {shown}"
    expected = _printable(message, 200).removeprefix("Input should ").removeprefix("String should ")
    return message if message == expected else f"must {expected}, not {shown}"


def _one_a_union(faults: list[_Fault], level: int = 0) -> list[_Fault]:
    """Pydantic reports every member of a union that failed; keep the faults of the member the user had in mind."""
    kept = [fault for fault in faults if len(fault.unions) <= level]
    members: dict[Place, dict[str, list[_Fault]]] = {}
    for fault in faults:
        if len(fault.unions) > level:
            place, label = fault.unions[level]
            members.setdefault(place, {}).setdefault(label, []).append(fault)
    for place, by_label in members.items():
        tried = [_one_a_union(own, level + 1) for own in by_label.values()]
        fitting = [own for own in tried if not any(not fault.problem and fault.path == place for fault in own)]
        best = min(fitting or tried, key=lambda own: (sum(len(fault.choices) == 1 for fault in own), len(own)))
        unlike = next((fault for fault in best if not fault.problem), None)  # the value, or a `kind` no member knows
        rivals = [fault for own in fitting or tried for fault in own if not fault.problem]
        same = [fault for fault in rivals if unlike is not None and fault.path == unlike.path]
        kept += [_together(same)] if len(same) > 1 else best
    return kept


def _together(faults: list[_Fault]) -> _Fault:
    """Make one fault of several at one place: the value is none of what any of them expects."""
    kinds = tuple(kind for fault in faults for kind in fault.kinds)
    choices = tuple(dict.fromkeys(choice for fault in faults for choice in fault.choices))
    return replace(faults[0], kinds=kinds, choices=choices)


def _locate(group: Any, data: Any, location: Place) -> tuple[Place, list[_Types], tuple[tuple[Place, str], ...]]:
    """Walk pydantic's location along the types: the path without the names of union members, the types on the way."""
    path: list[str | int] = []
    trail: list[_Types] = [[(group, ())]]
    unions: list[tuple[Place, str]] = []
    labelled = False
    for element in location:
        types = trail[-1]
        if len(types) > 1 and not labelled:
            unions.append((tuple(path), str(element)))
            trail[-1] = [member for member in types if _is_named(member[0], str(element))] or types
            labelled = True
            continue
        inside = element in (
            data if isinstance(data, dict) else range(len(data)) if isinstance(data, list | tuple) else ()
        )
        inner = _inside(types, element)
        if inside or inner:  # else a label of pydantic's own, such as [key]
            path.append(element)
            trail.append(inner)
            data = data[element] if inside else None
            labelled = len(types) > 1  # several ways led here, and pydantic took one of them
    return tuple(path), trail, tuple(unions)


def _types(annotation: Any, metadata: Iterable[Any] = ()) -> _Types:
    """Take a type apart into the members of its union, each with the metadata that applies to it."""
    if isinstance(annotation, TypeAliasType):
        return _types(annotation.__value__, metadata)
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        return _types(inner, [*metadata, *(part for item in own for part in getattr(item, "metadata", [item]))])
    if get_origin(annotation) in (Union, UnionType):
        return [found for member in get_args(annotation) for found in _types(member, metadata)]
    return [] if annotation is NoneType else [(annotation, metadata)]


def _inside(types: _Types, element: str | int) -> _Types:
    """Return the types one step further in, at a field, a key or a position."""
    found: _Types = []
    for annotation, _ in types:
        origin: Any = get_origin(annotation)
        arguments = get_args(annotation)
        if (info := _fields(annotation).get(str(element))) is not None:
            found += _types(info.annotation, info.metadata)
        elif isinstance(origin, type) and issubclass(origin, Mapping):
            found += _types(arguments[1])
        elif isinstance(element, int) and arguments and origin is not Literal:
            found += _types(arguments[element if element < len(arguments) and Ellipsis not in arguments else 0])
    return found


def _fields(annotation: Any) -> dict[str, FieldInfo]:
    """Return the fields of a group by the names users write; nothing for other types."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    return {info.alias or name: info for name, info in annotation.model_fields.items()}


def _is_named(annotation: Any, label: str) -> bool:
    """Tell whether pydantic's label of a union's member (a name, or a discriminator's value) means this one."""
    name = getattr(get_origin(annotation) or annotation, "__name__", "")
    if fields := _fields(annotation):
        return name in re.split(r"\W+", label) or any(label in _choices(_types(i.annotation)) for i in fields.values())
    return str(name).lower() == label.partition("[")[0]


def _choices(types: _Types) -> tuple[Any, ...]:
    origins: list[tuple[Any, Any]] = [(get_origin(annotation), annotation) for annotation, _ in types]
    return tuple(choice for origin, literal in origins if origin is Literal for choice in get_args(literal))


def _quoted(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"'([^']*)'", text))


def _range(types: _Types, broken: Mapping[str, Any]) -> str:
    """Say the whole range of a number, of which pydantic names only the bound that is broken."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    limits = [{name: limit for item in metadata for name in words if (limit := getattr(item, name, None)) is not None}
              for _, metadata in types]  # fmt: skip
    whole = next((own for own in limits if broken.items() <= own.items()), broken)
    bounds = {name: _shown(limit).removesuffix(".0") for name, limit in whole.items()}
    if {"ge", "le"} <= bounds.keys():
        return f"lie between {bounds['ge']} and {bounds['le']}"
    return "be " + " and ".join(f"{word} {bounds[name]}" for name, word in words.items() if name in bounds)


def _unknown_key(key: str | int, types: _Types) -> str:
    names = list(dict.fromkeys(name for annotation, _ in types for name in _fields(annotation)))
    return "unknown key" + (_nearest(key, names) or f"; allowed here: {', '.join(names) or 'nothing'}")


def _nearest(word: Any, names: Iterable[Any]) -> str:
    """Say which name is meant, if one is near."""
    lowered = {name.lower(): name for name in names if isinstance(name, str)}
    near = difflib.get_close_matches(word[:60].lower(), lowered, n=1) if isinstance(word, str) else []
    return f'; did you mean "{_printable(lowered[near[0]])}"?' if near else ""


def _items(number: int) -> str:
    return f"{number} item{'' if number == 1 else 's'}"


def _shown(value: Any, *, bare: bool = False) -> str:
    """Show a value as the user knows it; a text without the word "text" if it is `bare`."""
    if value is None or isinstance(value, bool):
        return {None: "empty (null)", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'{"" if bare else "the text "}"{_printable(value)}"'
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "infinity" if value > 0 else "-infinity"
    if isinstance(value, int) and abs(value) >= 10**MAXIMUM_DIGITS:  # Python may refuse to print it
        return f"a number of more than {MAXIMUM_DIGITS} digits"
    if isinstance(value, int | float):
        return repr(value)
    kind = "mapping" if isinstance(value, Mapping) else "list" if isinstance(value, list | tuple) else None
    return f"a {kind or type(value).__name__}"


def _printable(text: str, limit: int = 60) -> str:
    """Cut a text, escape what is not printable, and disarm Rich markup."""
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    letters = (letter if letter.isprintable() or letter in _JOINERS else repr(letter)[1:-1] for letter in cut)
    return _MARKUP.sub(r"\1\1\\[", "".join(letters))


def _refusal(problem: str, source: str | None = None, line: int | None = None, place: Place = ()) -> ConfigError:
    """Build the error; whatever the user wrote into a path or a key is made safe to print."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_printable(part) or '""'}" for part in place)
    safe_source = None if source is None else _printable(source, 5000)
    return ConfigError(problem, source=safe_source, line=line, key="".join(parts).removeprefix(".") or None)
