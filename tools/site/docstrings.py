"""Docstrings are plain text with `code`, and Sphinx reads reStructuredText: what it would misread is marked."""

from __future__ import annotations

import re

_CODE = re.compile(r"(``.+?``|`[^`]+`)")
_MARKS = re.compile(r"([*|]|(?<=\w)_(?=\W|$))")
_LABELS = re.compile(r"^\s*(Args|Attributes|Returns|Raises|Yields|Note|Example|Examples):\s*$")


def plain(lines: list[str]) -> list[str]:
    """Lines of a docstring with `*`, `|` and trailing `_` outside of code as letters, not as marks."""
    return [line if _LABELS.match(line) or line.lstrip().startswith((":", "..")) else _escaped(line) for line in lines]


def _escaped(line: str) -> str:
    parts = _CODE.split(line)
    return "".join(part if index % 2 else _MARKS.sub(r"\\\1", part) for index, part in enumerate(parts))
