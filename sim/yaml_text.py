"""A user's YAML 1.2 as plain Python that still knows its lines; nothing is built, and every fault has its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

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
from sim.near_files import nearest_file
from sim.separators import split_by_commas
from sim.wording import MAXIMUM_DIGITS, Place, printable, refusal, shown

MAXIMUM_BYTES = 4_000_000  # five seconds of reading; 100,000 values of 40 letters
MAXIMUM_NODES = 100_000
MAXIMUM_DEPTH = 100

LARGEST_KEPT = 100_000
"""Letters of a text whose content is kept: to parse the same city again takes fifty times as long as to copy it."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
    return read_text(_text_of(path), str(path))


def read_text(text: str, source: str) -> Document:
    """Read YAML whose top level is a mapping; see `read_yaml`.

    Args:
        text: the content.
        source: what errors call it.
    """
    if len(text) > LARGEST_KEPT:
        return Document(source, *_mapping_in(text, source))
    try:
        data, lines = _mapping_kept(text)
    except ConfigError as error:
        raise ConfigError(error.problem, source=source, line=error.line, key=error.key) from None
    return Document(source, deepcopy(data), lines)


def _mapping_in(text: str, source: str) -> tuple[dict[str, Any], Mapping[Place, int]]:
    """The mapping that a text is, and its lines."""
    reader = _Reader(text, source)
    data = reader.read()
    if data is None:
        reader.refuse("the file is empty; it must hold keys and values")
    if not isinstance(data, dict):
        reader.refuse(f"the file must hold a mapping of keys to values, not {shown(data)}", reader.lines[()])
    return data, reader.lines


@lru_cache(maxsize=32)
def _mapping_kept(text: str) -> tuple[dict[str, Any], Mapping[Place, int]]:
    """The same of a text of any source; whoever asks must copy it."""
    return _mapping_in(text, "")


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
        near = nearest_file(path) if isinstance(error, FileNotFoundError) else ""
        raise refusal(f"this file cannot be read: {reason}{near}", str(path)) from None
    if len(raw) > MAXIMUM_BYTES:
        raise refusal(f"the file is larger than {MAXIMUM_BYTES // 1_000_000} MB", str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refusal("this is not UTF-8 text; save the file as UTF-8", str(path), line) from None


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
        raise refusal(problem, self.source, line, place)

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
            problem = next((ours for theirs, ours in _SYNTAX.items() if theirs in raw), printable(raw, 200))
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
            tag = printable(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
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
                before = [value for name, value in mapping.items() if self.lines[*path, name] == line]
                advice = split_by_commas([*before[-1:], key]) or "put it in quotes"
                self.refuse(f"a key must be text, not {shown(key)}; {advice}", line, path)
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
            self.refuse(f"the alias *{printable(name)} has no anchor above it", line)
        anchored = self.anchors[name]
        if anchored is None:
            self.refuse(f"the alias *{printable(name)} refers to itself", line)
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
