"""Reader of a user's own ties between residents: an edge list, or GraphML (`graphml`).

Every fault becomes a `ConfigError` with the file, the line, and what is allowed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from sim.cautions import caution
from sim.errors import ConfigError, raise_first
from sim.graphml import GraphmlReader
from sim.names import short
from sim.own_files import LARGEST_NETWORK, Faults, number_of, read_text

if TYPE_CHECKING:
    from sim.randomness import Integers

PEOPLE = "people"
"""Name of the digest of the people in a file of ties: ``# people: …`` in an edge list, an attribute in GraphML."""

_ENDS = (("source", "target"), ("from", "to"), ("node1", "node2"), ("resident1", "resident2"), ("first", "second"))
"""Names of the columns of the two ends."""


@dataclass(frozen=True, eq=False)
class OwnEdges:
    """Ties as a user's file has them.

    Attributes:
        source: the file, for messages.
        first, second: rows, from 0, of the two ends, int64 (ties,).
        kind: code of the kind, -1 where the file does not say, int8 (ties,).
        people: digest of the people that the file was written for; empty if it does not say.
    """

    source: str
    first: Integers
    second: Integers
    kind: NDArray[np.int8]
    people: str


def read_edges(name: str | Path, base: Path | None, residents: int, kinds: Sequence[str]) -> OwnEdges:
    """Read ties between residents 1 to `residents` from GraphML (by its suffix) or from an edge list.

    An edge list has one line per tie, `id id` or `id,id`, with an optional third column, the tie's kind (or the braces
    NetworkX writes), and comments after #. A header may name the columns source, target and kind in any order; further
    columns are not used, which is said in a caution, and so are weights. GraphML may carry the kind as an edge
    attribute.

    Raises:
        ConfigError: the first fault, with its line, and the others, up to 100.
    """
    source, text = read_text(name, base, LARGEST_NETWORK)
    edges = Edges(source, residents, {kind: code for code, kind in enumerate(kinds)})
    if source.lower().endswith((".graphml", ".xml")):
        GraphmlReader(edges, PEOPLE).read(text)
    else:
        _read_edge_list(edges, text)
    raise_first(edges.faults)
    if not edges.first:
        raise ConfigError("has no ties", source=source)
    if edges.unused:
        caution(f"{source}: not used: {', '.join(map(short, edges.unused))}; ties have no weight and no direction")
    return OwnEdges(
        source,
        np.array(edges.first, dtype=np.int64) - 1,
        np.array(edges.second, dtype=np.int64) - 1,
        np.array(edges.kind, dtype=np.int8),
        edges.people,
    )


class Edges:
    """Ties read so far, and the checks every format shares.

    Attributes:
        source: the file.
        first, second, kind: numbers of the two ends and code of the kind, for each tie.
        people: digest of the people; empty if the file does not say.
        unused: what the file has beside ties and kinds, each once.
        faults: so far.
    """

    def __init__(self, source: str, residents: int, codes: Mapping[str, int]) -> None:
        self.source, self.residents, self.codes = source, residents, codes
        self.first: list[int] = []
        self.second: list[int] = []
        self.kind: list[int] = []
        self.people = ""
        self.unused: dict[str, None] = {}
        self.faults = Faults()

    def refuse(self, line: int, problem: str) -> NoReturn:
        """Raise the fault that ends reading, with those before it.

        Raises:
            ConfigError: always.
        """
        raise_first([*self.faults, ConfigError(problem, source=self.source, line=line)])
        raise AssertionError

    def note(self, line: int, problem: str) -> None:
        """Keep a fault and go on, unless there are too many."""
        self.faults.add(ConfigError(problem, source=self.source, line=line))

    def resident(self, text: str, line: int) -> int:
        """The number of a resident; 0 if it is none, which is noted."""
        number = int(text) if text.isdecimal() and len(text) < 12 else 0  # 0 is nobody's
        if not 1 <= number <= self.residents:
            allowed = f"a resident's number, a whole number from 1 to {self.residents}"
            more = "; at another run.scale there are more or fewer" if number else ""
            if text == "0":
                more = ": numbers begin with 1, so add 1 to all"
            self.note(line, f"must be {allowed}, not {short(text)}{more}")
            return 0
        return number

    def code(self, text: str, line: int) -> int:
        """The code of a kind, -1 where the text says nothing of it."""
        if text.startswith("{"):  # the attributes as NetworkX writes them
            found = re.search(r"['\"]kind['\"]\s*:\s*['\"](\w+)['\"]", text)
            self.unused |= dict.fromkeys(word for word in re.findall(r"['\"](\w+)['\"]\s*:", text) if word != "kind")
            text = found[1] if found else ""
        if text in self.codes:
            return self.codes[text]
        if text and np.isfinite(number_of(text)):
            self.unused["weight"] = None
        elif text:
            self.note(line, f"the kind of a tie must be one of {', '.join(self.codes)}, not {short(text)}")
        return -1

    def add(self, first: str, second: str, kind: str, line: int) -> None:
        """Keep a tie, or note what is wrong with it."""
        one, other, code = self.resident(first, line), self.resident(second, line), self.code(kind, line)
        if one and one == other:
            self.note(line, f"resident {one} is tied to himself or herself")
        self.first.append(one)
        self.second.append(other)
        self.kind.append(code)


def _read_edge_list(edges: Edges, text: str) -> None:
    separator = re.compile(r"\s*[,;\t]\s*|\s+")
    said_of_people = re.compile(PEOPLE + r"\s*:\s*([0-9a-f]+)")
    begun = False
    for line, content in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        whole = content
        content, _, comment = content.partition("#")
        if found := said_of_people.fullmatch(comment.strip()):
            edges.people = found[1]
        content = content.strip()
        if not content:
            continue
        if not begun:
            begun = True
            columns = _Columns.of(whole.strip(), edges)
            if columns is not None:
                columns.read(edges, text, line)
                return
            cells = [cell.strip('"') for cell in separator.split(content, 2)]
            if len(cells) > 1 and all(cell[:1].isalpha() for cell in cells):
                continue
        cells = [cell.strip('"') for cell in separator.split(content, 2)]
        if len(cells) < 2:
            edges.note(line, f"must be two residents' numbers, such as '1 2', not {short(content)}")
        else:
            edges.add(cells[0], cells[1], cells[2] if len(cells) > 2 else "", line)


@dataclass(frozen=True)
class _Columns:
    """Where a table with a header has the ends and the kind."""

    mark: str
    width: int
    first: int
    second: int
    kind: int | None

    @classmethod
    def of(cls, header: str, edges: Edges) -> _Columns | None:
        """The columns that a header names; None where it is no header, or names no ends."""
        mark = next((mark for mark in ",;\t" if mark in header), "")
        if not mark:
            return None
        cells = _cells(header, mark)
        names = [cell.lower() for cell in cells]
        ends = next((pair for pair in _ENDS if set(pair) <= set(names)), None)
        if ends is None:
            return None
        kind = names.index("kind") if "kind" in names else None
        used = {names.index(ends[0]), names.index(ends[1]), kind}
        edges.unused |= dict.fromkeys(cell for place, cell in enumerate(cells) if cell and place not in used)
        return cls(mark, len(cells), names.index(ends[0]), names.index(ends[1]), kind)

    def read(self, edges: Edges, text: str, header: int) -> None:
        """Read the lines below the header."""
        for line, content in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
            if line <= header or not content.strip() or content.lstrip().startswith("#"):
                continue
            cells = _cells(content, self.mark)
            if self.kind is not None and len(cells) == self.width - 1 == self.kind:
                cells.append("")
            if len(cells) <= max(self.first, self.second, self.kind or 0):
                edges.note(line, f"has {len(cells)} cells where the header has {self.width}")
                continue
            kind = "" if self.kind is None else cells[self.kind]
            edges.add(cells[self.first], cells[self.second], kind, line)


def _cells(content: str, mark: str) -> list[str]:
    """The cells of one line, without quotation marks."""
    if '"' not in content:
        return [cell.strip() for cell in content.split(mark)]
    try:
        return [cell.strip() for cell in next(csv.reader([content], delimiter=mark))]
    except csv.Error:  # a cell beyond the limit of the library
        return [content]
