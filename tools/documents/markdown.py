"""Small pieces of Markdown, as GitHub renders it: tables, headings, and the anchors that headings get."""

from __future__ import annotations

import re
from collections.abc import Sequence

from experiments.markdown import table

_HEADING = re.compile(r"^(#{1,6}) (.+?)\s*$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```\s*?$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]+`")


def code(text: str) -> str:
    """Text in a code span."""
    return f"`{text}`"


def heading(level: int, text: str) -> str:
    """A heading of a level from 1 to 6."""
    return f"{'#' * level} {text}"


def link(text: str, title: str) -> str:
    """A link to the heading with this title in the same document."""
    return f"[{text}](#{slug(title)})"


def slug(title: str) -> str:
    """The anchor of a heading: lower case, without punctuation, with hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def headings(text: str) -> list[tuple[int, str]]:
    """Level and title of every heading outside code blocks, in order."""
    return [(len(marks), title) for marks, title in _HEADING.findall(_FENCE.sub("", text))]


def anchors(text: str) -> list[str]:
    """Anchors of all headings, in order; a title that occurs again gets -1, then -2."""
    seen: dict[str, int] = {}
    found = []
    for _, title in headings(text):
        anchor = slug(title)
        again = seen.get(anchor, 0)
        seen[anchor] = again + 1
        found.append(f"{anchor}-{again}" if again else anchor)
    return found


def targets(text: str) -> list[str]:
    """Where the document's links point, in order: `#anchor`, a relative path, or an address."""
    return _LINK.findall(_CODE.sub("", _FENCE.sub("", text)))


def contents(text: str, levels: Sequence[int]) -> str:
    """A nested list of links to the headings of some levels."""
    items = []
    for (level, title), anchor in zip(headings(text), anchors(text), strict=True):
        if level in levels:
            items.append(f"{'  ' * (level - min(levels))}- [{title.replace('`', '')}](#{anchor})")
    return "\n".join(items)


__all__ = ["anchors", "code", "contents", "heading", "headings", "link", "slug", "table", "targets"]
