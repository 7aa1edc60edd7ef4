"""What the README shows, runs; what it names, exists."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

README = Path("README.md").read_text(encoding="utf-8")


def test_python_example_runs() -> None:
    """The Python block runs as it stands and prints what it says."""
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "README.md", "exec"), {})
    assert "participation_rate" in printed.getvalue()


def test_files_named_exist() -> None:
    """Links, places in the table and files in the commands are there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    places = [place for row in re.findall(r"^\| `([^`]+)` \|", README, flags=re.MULTILINE) for place in [row]]
    files = re.findall(r"configs/[\w/]+\.yaml", README)
    missing = [name for name in {*links, *places, *files} if not Path(name).exists()]
    assert missing == []


def test_commands_named_are_commands() -> None:
    """Every `mahalle` command and option shown is one the help knows."""
    from typer.testing import CliRunner

    from experiments.cli import app

    runner = CliRunner()
    for command, rest in re.findall(r"\.venv/bin/mahalle (\w+)(.*)", README):
        text = runner.invoke(app, [command, "--help"]).output
        for option in re.findall(r"--[\w-]+", rest):
            assert option in text, f"{command} has no {option}"
