"""Our extension of Sphinx: two directives, the direction of Persian pages, links to documents elsewhere."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools.site import generated
from tools.site.docstrings import plain
from tools.site.settings import OUTSIDE, VERSION

_PERSIAN = re.compile(r"(^|/)fa(/|$)")


class Commands(SphinxDirective):
    """The command line, as it is now."""

    def run(self) -> list[nodes.Node]:
        """Parse the Markdown that the commands give."""
        return self.parse_text_to_nodes(generated.commands(), allow_section_headings=True)


class Outcomes(SphinxDirective):
    """The outcomes, as they are declared now."""

    def run(self) -> list[nodes.Node]:
        """Parse the Markdown that the declarations give."""
        return self.parse_text_to_nodes(generated.outcomes(), allow_section_headings=True)


def own_links(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let links to documents outside docs/ lead to the pages that include them."""
    up = "../" * docname.count("/")
    for there, page in OUTSIDE.items():
        source[0] = source[0].replace(f"]({up}{there}", f"]({up}{page}")


def direction(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Mark a page by its name, for the style sheet, and a Persian one by its language and direction."""
    if "body" not in context:
        return
    persian = _PERSIAN.search(pagename) is not None
    marks = ' lang="fa" dir="rtl"' if persian else ""
    name = "page-" + re.sub(r"\W+", "-", pagename)
    context["body"] = f'<div class="{name}"{marks}>{context["body"]}</div>'
    if persian:
        context["language"] = "fa"
        if context.get("toc"):
            context["toc"] = f'<div lang="fa" dir="rtl">{context["toc"]}</div>'


def docstrings(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Let docstrings be plain text."""
    lines[:] = plain(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Join Sphinx."""
    app.add_directive("commands", Commands)
    app.add_directive("outcomes", Outcomes)
    app.add_lexer("csv", TextLexer)  # Pygments has none
    app.connect("source-read", own_links)
    app.connect("html-page-context", direction)
    app.connect("autodoc-process-docstring", docstrings, priority=400)
    return {"version": VERSION, "parallel_read_safe": True, "parallel_write_safe": True}
