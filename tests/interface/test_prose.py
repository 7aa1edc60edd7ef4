"""Spelling of what people read, and words that nobody outside the project knows."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tools import ROOT

WORDS = ROOT / "docs/reference/words.md"
PAGES = [
    path
    for name in ("README", "docs/index", "docs/start", "docs/tutorials/*", "docs/howto/*", "docs/explanation/*")
    for path in sorted(ROOT.glob(f"{name}.md"))
]


def avoided() -> list[str]:
    rows = WORDS.read_text(encoding="utf-8").partition("## Words that these pages avoid")[2]
    return [row.split("|")[1].strip() for row in rows.splitlines() if row.startswith("| ") and "---" not in row][1:]


def found_in(text: str) -> list[str]:
    """Words to avoid in a text, apart from its code."""
    prose = re.sub(r"```.*?```|`[^`]*`|<!--.*?-->", "", text, flags=re.DOTALL)
    return [word for word in avoided() if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", prose, re.IGNORECASE)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_use_none_of_the_words_to_avoid(page):
    assert found_in(page.read_text(encoding="utf-8")) == []


def test_a_word_to_avoid_is_found():
    assert len(avoided()) > 10
    assert found_in("Whoever reads this, e.g. a mayor") == ["whoever", "e.g."]
    assert found_in("`via` and a viaduct") == []


@pytest.mark.skipif(find_spec("codespell_lib") is None, reason="the extra docs is not installed: codespell")
def test_spelling(tmp_path):
    """Options stand in pyproject.toml; a word that is wrong on purpose is found."""
    folders = ("benchmarks", "configs", "docs", "experiments", "sim", "tools", "web/src")
    places = ["README.md", "CITATION.cff", "Makefile", *folders]
    assert codespell(*places) == ""
    (tmp_path / "wrong.md").write_text("a goverment\n", encoding="utf-8")
    assert "goverment ==> government" in codespell(str(tmp_path))


def codespell(*places: str) -> str:
    asked = [sys.executable, "-m", "codespell_lib", *places]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout
