"""From plain data to validated groups: for every fault one line with its exact place, in plain words."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.errors import ConfigError
from sim.registry import UNKNOWN_NAME, Registry
from sim.separators import as_meant, split_by_commas
from sim.wording import Place, printable, refusal, shown
from sim.yaml_text import MAXIMUM_DEPTH, Document

MAXIMUM_PROBLEMS = 1000

_KINDS = {
    "a number": ("float_type", "float_parsing"),
    "a whole number": ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    "true or false": ("bool_type", "bool_parsing"),
    "text": ("string_type",),
    "a list": ("list_type", "tuple_type", "set_type", "frozen_set_type"),
    "a mapping of keys to values": ("model_type", "model_attributes_type", "dict_type", "mapping_type"),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}


def nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted keys into nested dicts: ``{"a.b": 1}`` becomes ``{"a": {"b": 1}}``.

    Raises:
        ConfigError: a key with an empty part, or one that is given both a value and keys below it.
    """
    nested: dict[str, Any] = {}
    for key, value in values.items():
        *groups, name = key.split(".")
        if "" in (*groups, name) or len(groups) >= MAXIMUM_DEPTH:
            raise refusal("a key is written as names joined by dots, such as a.b.c", place=(key,))
        level: Any = nested
        for group in groups:
            level = level.setdefault(group, {}) if isinstance(level, dict) else None
        inner = isinstance(value, Mapping)
        if not isinstance(level, dict) or (name in level and isinstance(level[name], dict) != inner):
            raise refusal("a value is given both for this key and for keys above or below it", place=(key,))
        level[name] = merge(level.get(name, {}), value) if inner else copy.deepcopy(value)
    return nested


def merge(base: Mapping[str, Any], difference: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new dict: `base` with `difference` laid over it, dict by dict; lists and scalars replace.

    What the difference leaves alone is that of `base` and no copy of it: most of a config, where one key is set.
    """
    merged = dict(base)
    for key, value in difference.items():
        if isinstance(value, Mapping):
            old = merged.get(key)
            merged[key] = merge(old if isinstance(old, Mapping) else {}, value)
        else:
            merged[key] = copy.deepcopy(value)
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
        problem = refusal(fault.sentence(), source, line, place)
        found.setdefault(str(problem), problem)
    return sorted(found.values(), key=lambda problem: (problem.line or 0, problem.key or ""))


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
        names = [printable(choice) if isinstance(choice, str) else shown(choice) for choice in self.choices]
        if names:
            wanted.append(("one of: " if len(names) > 1 else "") + ", ".join(names))
        advice = nearest(self.value, self.choices) or _number_meant(self.value, wanted)
        if wanted == ["text"] and isinstance(self.value, int | float):
            advice = "; put it in quotes"
        return f"must be {' or '.join(wanted)}, not {shown(self.value, bare=bool(names))}{advice}"


def _number_meant(value: Any, wanted: Sequence[str]) -> str:
    """What a text, or a number that is not whole, is meant to be where a number is wanted; else empty."""
    whole = wanted == ["a whole number"]
    if whole and isinstance(value, float):
        return "; a point separates decimals, not thousands"
    advice = as_meant(value, whole=whole) if whole or "a number" in wanted else ""
    return f"; {advice}" if advice else ""


def _fault(group: type[BaseModel], data: Any, detail: Any) -> _Fault:
    """Put one of pydantic's errors into our words."""
    path, trail, unions = _locate(group, data, detail["loc"])
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    fault = _Fault(path, value, unions)
    if kind in _KIND_OF:
        return replace(fault, kinds=(_KIND_OF[kind],))
    if kind in ("literal_error", "enum", UNKNOWN_NAME):
        return replace(fault, choices=_choices(trail[-1]) or _quoted(context.get("expected", "")))
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
    return replace(fault, problem=_reason(detail, trail[-1], shown(value)))


def _reason(detail: Any, types: _Types, shown: str) -> str:
    """Say what is wrong with a value that has the right type."""
    kind, value, context, message = detail["type"], detail["input"], detail.get("ctx", {}), detail["msg"]
    if kind.startswith(("greater_than", "less_than")):
        return f"must {_range(types, context)}, not {shown}"
    if kind in ("value_error", "assertion_error"):
        return printable(" ".join(str(context["error"]).split()), 500) or "this value is not allowed"
    if kind in ("too_short", "too_long"):
        how, limit = ("least", "min_length") if kind == "too_short" else ("most", "max_length")
        advice = split_by_commas(value) if kind == "too_long" else ""
        return f"must hold at {how} {_items(context[limit])}, not {len(value)}{advice and f'; {advice}'}"
    if kind == "missing":
        return "this key is missing"
    if kind == "finite_number":
        return f"must be a finite number, not {shown}"
    expected = printable(message, 200).removeprefix("Input should ").removeprefix("String should ")
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
    found: list[Any] = []
    for annotation, metadata in types:
        origin: Any = get_origin(annotation)
        found += get_args(annotation) if origin is Literal else ()
        found += (name for item in metadata if isinstance(item, Registry) for name in item)
    return tuple(found)


def _quoted(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"'([^']*)'", text))


def _range(types: _Types, broken: Mapping[str, Any]) -> str:
    """Say the whole range of a number, of which pydantic names only the bound that is broken."""
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    limits = [{name: limit for item in metadata for name in words if (limit := getattr(item, name, None)) is not None}
              for _, metadata in types]  # fmt: skip
    whole = next((own for own in limits if broken.items() <= own.items()), broken)
    bounds = {name: shown(limit).removesuffix(".0") for name, limit in whole.items()}
    if {"ge", "le"} <= bounds.keys():
        return f"lie between {bounds['ge']} and {bounds['le']}"
    return "be " + " and ".join(f"{word} {bounds[name]}" for name, word in words.items() if name in bounds)


def _unknown_key(key: str | int, types: _Types) -> str:
    names = list(dict.fromkeys(name for annotation, _ in types for name in _fields(annotation)))
    return "unknown key" + (nearest(key, names) or f"; allowed here: {', '.join(names) or 'nothing'}")


def nearest(word: Any, names: Iterable[Any]) -> str:
    """Say which name is meant, if one is near."""
    lowered = {name.lower(): name for name in names if isinstance(name, str)}
    near = difflib.get_close_matches(word[:60].lower(), lowered, n=1) if isinstance(word, str) else []
    return f'; did you mean "{printable(lowered[near[0]])}"?' if near else ""


def _items(number: int) -> str:
    return f"{number} item{'' if number == 1 else 's'}"
