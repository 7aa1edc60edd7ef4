"""The fenced blocks of a Markdown page, and what a comment on the line before says of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: the comment before it, its kind, its text, its line, and all of it with the comment."""

    mark: str
    kind: str
    text: str
    line: int
    whole: str

    def with_text(self, text: str) -> str:
        """All of it with another text."""
        head, _, _ = self.whole.partition(f"```{self.kind}\n")
        return f"{head}```{self.kind}\n{text}```"


def blocks_of(page: str) -> Iterator[Block]:
    """Blocks of a page in order, without directives such as ```{toctree}."""
    for found in _BLOCK.finditer(page):
        mark, kind, text = found[1] or "", found[2].strip(), found[3]
        if not kind.startswith("{"):
            yield Block(mark, kind, text, page[: found.start()].count("\n") + 1, found[0])
