"""Links of all documents lead somewhere, and every picture says which command makes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import ROOT
from tools.documents.markdown import anchors, targets

PAGES = [
    path
    for glob in ("README.md", "*/README.md", "tests/*/README.md", "docs/**/*.md", "CONTRIBUTING.md")
    for path in sorted(ROOT.glob(glob))
    if "templates" not in path.parts
]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


GENERATED = {"docs/odd.md", "docs/paper/article.md"}
"""Documents whose pictures their templates name; `make docs` and `python -m tools.article` write them."""


def text_of(page: Path) -> str:
    """A page with what it includes."""
    text = page.read_text(encoding="utf-8")
    if found := re.match(r"```{include} (\S+)", text):
        return (page.parent / found[1]).read_text(encoding="utf-8")
    return text


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page):
    for target in targets(page.read_text(encoding="utf-8")):
        if re.match(r"https?:|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(text_of(there)), target


def test_every_page_is_in_the_contents_of_the_site():
    """Sphinx warns of a page in no toctree; this says it where Sphinx is not installed."""
    listed = {"index"}
    for page in ROOT.glob("docs/**/*.md"):
        for block in re.findall(r"```{toctree}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            entries = [line.rpartition("<")[2].rstrip(">") for line in block.splitlines() if line and line[0] != ":"]
            listed |= {(page.parent / entry).relative_to(ROOT / "docs").as_posix() for entry in entries}
    pages = {path.removeprefix("docs/").removesuffix(".md") for path in map(name_of, PAGES) if path.startswith("docs/")}
    assert pages == listed


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_picture_says_which_command_makes_it(page):
    if name_of(page) in GENERATED:
        return
    text = page.read_text(encoding="utf-8")
    made = re.findall(r"<!-- figure: (.+?) -->\n!\[", text)
    pictures = re.findall(r"^!\[", text, flags=re.MULTILINE)
    assert len(made) == len(pictures), "a comment <!-- figure: COMMAND --> stands before each"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in made:
        tool, name = command.rsplit(" ", 1)
        if tool == "mahalle figures":
            assert (ROOT / f"configs/figures/{name}.yaml").exists(), command
        else:
            assert tool == "make"
            assert f"\n{name}:" in makefile, command
