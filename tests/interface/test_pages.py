"""Every command and block of the pages that teach is run, page by page, in an empty folder, as a reader would."""

from __future__ import annotations

import os
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.cli import main
from sim.loading import forget
from sim.yaml_text import read_yaml
from tests.blocks import Block, blocks_of
from tests.conftest import at_night

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
UPDATE = "UPDATE_DOCS"
"""If set, outputs that a page shows are written anew."""

PAGES = [path for glob in ("start.md", "tutorials/*.md", "howto/*.md", "fa/*.md") for path in sorted(DOCS.glob(glob))]
IN_PERSIAN_TOO = DOCS / "tutorials/policymaker.md"
"""Its commands are those of the Persian page, but for the language (`tests/unit/test_persian.py`): run at night."""


@pytest.fixture
def nothing_loaded_stays():
    """An extension that a page loads is part of the model's digest as long as this process knows it."""
    yield
    forget()


@pytest.mark.parametrize(
    "page",
    PAGES if UPDATE in os.environ else [*(page for page in PAGES if page != IN_PERSIAN_TOO), *at_night(IN_PERSIAN_TOO)],
    ids=lambda page: page.relative_to(DOCS).as_posix(),
)
def test_a_page_does_what_it_shows(page, tmp_path, monkeypatch, capsys, nothing_loaded_stays):
    monkeypatch.chdir(tmp_path)
    said, names = "", {}
    for block in blocks_of(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.mark.startswith("not run here: "):
            assert len(block.mark) > len("not run here: ") + 10, f"{where}: says no reason"
        elif block.mark.startswith("file: "):
            file = Path(block.mark.removeprefix("file: "))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.mark.startswith("output: "):
            shows(page, block, said)
        elif block.kind == "sh":
            said = "".join(run(command, where, capsys) for command in commands(block.text))
        elif block.kind == "python":
            exec(compile(block.text, where, "exec"), names)
        elif block.kind == "yaml":
            (tmp_path / "part.yaml").write_text(block.text, encoding="utf-8")
            read_yaml(tmp_path / "part.yaml")
        else:
            pytest.fail(f"{where}: a block that is neither run nor said to be a file or an output")


def commands(text: str) -> Iterator[list[str]]:
    """The commands of a block, without comments."""
    for line in text.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words


def run(words: list[str], where: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints on standard output; it must succeed."""
    capsys.readouterr()
    command, rest = words[0], words[1:]
    if command == "mahalle":
        try:
            status = main(rest)
        except SystemExit as left:
            status = left.code or 0
    elif command == "python" and rest[0] == "-m":
        status = subprocess.run([sys.executable, *rest], check=False).returncode
    elif command == "python":
        runpy.run_path(rest[0], run_name="__main__")
        status = 0
    else:
        pytest.fail(f"{where}: the tests do not run {command}")
    printed = capsys.readouterr()
    assert status == 0, f"{where}: {shlex.join(words)} ended with {status}: {printed.err}{printed.out}"
    return printed.out


def shows(page: Path, block: Block, said: str) -> None:
    """Lines of an output are those that the command before printed."""
    first, last = (int(word) for word in block.mark.removeprefix("output: lines ").split(" to "))
    lines = "".join(f"{line.rstrip()}\n" for line in said.splitlines()[first - 1 : last])
    if os.environ.get(UPDATE):
        text = page.read_text(encoding="utf-8").replace(block.whole, block.with_text(lines), 1)
        page.write_text(text, encoding="utf-8")
    else:
        assert block.text == lines, f"{page.relative_to(ROOT)}:{block.line}: run the test with {UPDATE}=yes"
