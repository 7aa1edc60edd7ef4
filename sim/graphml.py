"""Ties from GraphML, read as a stream: with line numbers, and in time that grows with the file's length only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from sim.own_ties import Edges

_DATA_OF_GRAPH = 3  # depth of <data> that stands in <graph> itself, in <graphml>
_LONGEST_DATA = 1_000  # characters of a kind or a digest that are looked at


class GraphmlReader:
    """Reads GraphML into ties; a document type, the door to hostile entities, is refused.

    Args:
        edges: takes the ties and the faults.
        people: name of the attribute with the digest of the people.
    """

    def __init__(self, edges: Edges, people: str) -> None:
        self.edges, self.people = edges, people
        self.kind_keys: set[str] = set()
        self.people_keys: set[str] = set()
        self.ends: tuple[str, str] | None = None
        self.kind = ""
        self.data: list[str] | None = None  # pieces of the text of a <data> that is read, else None
        self.data_depth = 0
        self.hyperedges = 0
        self.depth = 0
        self.parser = expat.ParserCreate("utf-8", " ")  # " ": names come as "namespace name"
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def read(self, text: str) -> None:
        """Read a whole file.

        Raises:
            ConfigError: it is no GraphML, or has too many faults.
        """
        try:
            self.parser.Parse(text.encode(), True)
        except expat.ExpatError as fault:
            self.edges.refuse(fault.lineno, f"is not well-formed XML: {expat.errors.messages[fault.code]}")
        if self.hyperedges:
            self.edges.unused["hyperedges"] = None

    def _doctype(self, *_: object) -> None:
        self.edges.refuse(self.parser.CurrentLineNumber, "must not declare a document type or entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag, line = name.rsplit(" ", 1)[-1], self.parser.CurrentLineNumber
        if self.depth == 0 and tag != "graphml":
            self.edges.refuse(line, f"is not GraphML: its outermost element is <{tag}>")
        self.depth += 1
        if tag == "key":
            self._key(attributes)
        elif tag == "node":
            self.edges.resident(attributes.get("id", ""), line)
        elif tag == "edge":
            self.ends = (attributes.get("source", ""), attributes.get("target", ""))
            self.kind = ""
        elif tag == "hyperedge":
            self.hyperedges += 1
        elif tag == "data":
            keys = self.kind_keys if self.ends is not None else self.people_keys
            if attributes.get("key") in keys and (self.ends is not None or self.depth == _DATA_OF_GRAPH):
                self.data, self.data_depth = [], self.depth

    def _key(self, attributes: dict[str, str]) -> None:
        what, of = attributes.get("attr.name", ""), attributes.get("for")
        if what == "kind" and of in ("edge", "all"):
            self.kind_keys.add(attributes.get("id", ""))
        elif what == self.people and of in ("graph", "all"):
            self.people_keys.add(attributes.get("id", ""))
        elif of == "edge" and what:
            self.edges.unused[what] = None

    def _characters(self, text: str) -> None:
        if self.data is not None and self.depth == self.data_depth and len(self.data) < _LONGEST_DATA:
            self.data.append(text)

    def _end(self, name: str) -> None:
        tag = name.rsplit(" ", 1)[-1]
        if self.data is not None and self.depth == self.data_depth:
            said = "".join(self.data).strip()[:_LONGEST_DATA]
            if self.ends is not None:
                self.kind = said
            else:
                self.edges.people = said
            self.data = None
        self.depth -= 1
        if tag == "edge" and self.ends is not None:
            self.edges.add(*self.ends, self.kind, self.parser.CurrentLineNumber)
            self.ends = None
