"""Commands and blocks of the pages in depth are understood; those that no other test runs are run in a short form.

A file in the folder goes before what is shipped under its name, so that the commands stand as they are written there.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import typer

import experiments
from experiments.cli import USAGE_ERROR, app, main
from tests.blocks import Block, blocks_of
from tools import ROOT

PAGES = [*sorted(ROOT.glob("docs/*.md")), ROOT / "configs/README.md", ROOT / "benchmarks/README.md", ROOT / "README.md"]

SHORTER = {
    "compare": {"--replications": ["3"], "--scale": ["0.01"], "--weeks": ["20"], "--no-figure": []},
    "run": {"--scale": ["0.01"], "--weeks": ["110"], "--no-figure": []},
    "validate": {"--replications": ["1"], "--scale": ["0.01"], "--pattern": ["13"]},
}
"""Options for the commands that have them, unless they are given."""

SMALL = {
    "delegated_share": """
        base: configs/cities/rafsanjan.yaml
        levers: {policy.authority.delegated_share: [0, 1]}
        replications: 2
        run: {scale: 0.01, weeks: 20}
        outcomes: [{trust_in_municipality: last}]
        """,
    "what_matters": """
        base: configs/cities/rafsanjan.yaml
        policies: {as_reported: [], status_quo: status_quo}
        uncertainties: {behaviour.trust.half_life_weeks: range, behaviour.contacts.weight: range}
        design: {kind: morris, trajectories: 2}
        replications: 1
        run: {scale: 0.01, weeks: 20}
        outcomes: [{trust_in_municipality: last}]
        """,
    "many_assumptions": """
        base: configs/cities/rafsanjan.yaml
        policies: {as_reported: [], status_quo: status_quo}
        uncertainties: {behaviour.trust.half_life_weeks: range, behaviour.contacts.weight: range}
        design: {kind: latin_hypercube, samples: 12}
        replications: 2
        run: {scale: 0.01, weeks: 20}
        outcomes: [{trust_in_municipality: last}]
        """,
}
"""Experiments of the pages, small."""

RUN = ("briefs", "contrasts", "elections", "sensitivity", "sweeps", "validation", "configs/README")
"""Pages whose commands are run here. Those of the others are run in tests/paper, tests/page and tests/calibration."""

NOT_HERE = ("--posterior", "--sobol", "--mechanisms", "-m pytest", "tools.screening", "lakeside --replications 30")
"""Parts of commands that tests/calibration, tests/sensitivity and tests/contrasts run, or that take too long."""


def commands(block: Block) -> Iterator[list[str]]:
    """The commands of a block in a shell; none of another one."""
    if block.kind in ("", "sh"):
        for line in block.text.splitlines():
            if re.match(r"(\.venv/bin/)?(mahalle|python) ", line):
                words = shlex.split(re.split(r" {3,}", line)[0], comments=True)  # what comes after is a remark
                yield [words[0].removeprefix(".venv/bin/"), *words[1:]]


def understood(words: list[str]) -> None:
    """Refuse a command or an option that there is not."""
    if words[0].startswith("-"):
        return
    command, name = typer.main.get_command(app), ["mahalle"]
    while getattr(command, "commands", None):
        name.append(words[0])
        command, words = command.commands[words[0]], words[1:]
    command.make_context(" ".join(name), list(words))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_is_understood(page):
    for block in blocks_of(page.read_text(encoding="utf-8")):
        for words in commands(block):
            if words[0] == "mahalle":
                understood(words[1:])


def test_every_target_of_make_is_one():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    texts = [block.text for page in PAGES for block in blocks_of(page.read_text(encoding="utf-8"))]
    targets = {found for text in texts for found in re.findall(r"^make ([a-z-]+)", text, flags=re.MULTILINE)}
    assert {"run", "bench", "docs"} <= targets
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


def test_a_command_that_there_is_not_is_refused():
    with pytest.raises(KeyError):
        understood(["simulate", "rafsanjan"])
    with pytest.raises(USAGE_ERROR, match="--speed"):
        understood(["run", "rafsanjan", "--speed", "3"])


FOUR_ARMS = """
title: {en: small, fa: کوچک}
base: configs/cities/rafsanjan.yaml
policies: {programme: [], status_quo: status_quo}
levers: {policy.hub.kinds: [[mosque], [school]]}
replications: 3
run: {scale: 0.01, weeks: 10}
outcomes: [{trust_in_municipality: last}]
"""


def python(block: Block, page: Path) -> None:
    """Run a block of Python; the page on comparisons speaks of a sweep that there is."""
    names = {}
    if page.stem == "contrasts":
        Path("four.yaml").write_text(FOUR_ARMS, encoding="utf-8")
        names["sweep"] = experiments.run("four.yaml", out="results/four")
    exec(compile(block.text, f"{page.name}:{block.line}", "exec"), names)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with small experiments under the names of the pages, and what a reader of the source has."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    for name, text in SMALL.items():
        (tmp_path / name).write_text(f"title: {{en: small, fa: کوچک}}\n{dedent(text)}", encoding="utf-8")
    for file in (ROOT / "docs/examples").glob("*.*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def shorter(words: list[str]) -> list[str]:
    """Options that make a command short, without those that it has; a run that branches off has its own scale."""
    given = {} if "--from" in words else SHORTER.get(words[1], {})
    return [word for option, value in given.items() if option not in words for word in (option, *value)]


@pytest.mark.parametrize("name", RUN)
def test_commands_run_in_a_short_form(name, folder, capsys):
    page = ROOT / (f"docs/{name}.md" if "/" not in name else f"{name}.md")
    ran = 0
    for block in blocks_of(page.read_text(encoding="utf-8")):
        for words in commands(block):
            line = shlex.join(words)
            if not any(part in line for part in NOT_HERE):
                assert main([*words[1:], *shorter(words)]) == 0, f"{line}: {capsys.readouterr()}"
                ran += 1
        if block.kind == "python" and "import" in block.text:
            python(block, page)
    assert ran
