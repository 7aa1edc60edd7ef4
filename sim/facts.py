"""Facts about an object in a line, or as a small table for notebooks: what `repr` and `_repr_html_` give."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from sim.errors import escaped, shortened

LONGEST = 200


def in_a_line(kind: str, facts: Mapping[str, str]) -> str:
    """``City(city: Rafsanjan, week: 0 of 260)``: of bounded length, and safe to print.

    Args:
        kind: name of the class.
        facts: short texts by name.
    """
    inside = ", ".join(f"{name}: {text}" for name, text in facts.items())
    return f"{kind}({escaped(shortened(inside, LONGEST))})"


def as_html(kind: str, facts: Mapping[str, str]) -> str:
    """The same as a table in HTML; each cell has the direction of its own letters.

    Args:
        kind: name of the class.
        facts: short texts by name.
    """
    row = '<tr><th>{}</th><td dir="auto">{}</td></tr>'
    rows = "".join(row.format(escape(name), escape(text)) for name, text in facts.items())
    return f"<table><caption>{escape(kind)}</caption>{rows}</table>"


class Told:
    """What a class inherits from to say what an object is: in a line by `repr`, as a small table in notebooks."""

    def facts(self) -> dict[str, str]:
        """Short texts by name; the most important first."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """One line of bounded length."""
        return in_a_line(type(self).__name__, self.facts())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """A table, as notebooks show it."""
        return as_html(type(self).__name__, self.facts())
