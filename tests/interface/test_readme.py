"""What the README shows, runs; what it names, exists; what it says of findings, the stored tables say."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from experiments.patterns import GROUPS
from tools import validation as kept

README = Path("README.md").read_text(encoding="utf-8")
TEXT = " ".join(README.split())
SOURCE = Path("docs/reference/source.md").read_text(encoding="utf-8")


def test_python_example_runs() -> None:
    """The Python block runs as it stands, has ten lines of code at most, and prints what it says."""
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len([line for line in block.splitlines() if line.strip()]) <= 10
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, "README.md", "exec"), {})
    assert re.fullmatch(r"effects on trust in the municipality: [+-]0\.\d{3} to [+-]0\.\d{3}\n", printed.getvalue())


def test_files_named_exist() -> None:
    """Links, files in the commands and places in the map of the source are there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)[)#]", README)
    places = re.findall(r"^\| `([^`]+)` \|", SOURCE, flags=re.MULTILINE)
    files = re.findall(r"configs/[\w/]+\.yaml", README)
    assert len(places) > 10
    missing = [name for name in {*links, *places, *files} if not Path(name).exists()]
    assert missing == []


def test_commands_named_are_commands() -> None:
    """Every `mahalle` command and option shown is one the help knows."""
    from typer.testing import CliRunner

    from experiments.cli import app

    runner = CliRunner()
    shown = re.findall(r"\.venv/bin/mahalle (\w+)(.*)", README)
    assert shown
    for command, rest in shown:
        text = runner.invoke(app, [command, "--help"]).output
        for option in re.findall(r"--[\w-]+", rest):
            assert option in text, f"{command} has no {option}"


def test_the_finding_is_that_of_the_figure() -> None:
    """Services where those in need came first (arm 0 of the figure), in points of 100."""
    table = pd.read_csv("results/reference/paper/rollout.csv").set_index(["outcome", "arm", "way"]) * 100
    naive, paired = table.loc[("service_level", 0, "naive")], table.loc[("service_level", 0, "paired")]
    interval = f"(95 % interval {-naive.high:.1f} to {-naive.low:.1f})"
    assert f"services {-naive.value:.1f} points of 100 worse {interval}" in TEXT
    assert f"the same neighbourhoods differ by {paired.value:+.1f}." in TEXT
    assert f"over {naive.n / 100:.0f} replications" in TEXT


def test_the_effects_of_the_programme_are_those_of_the_figure() -> None:
    """Half of the budget (arm 3 of the figure), in points of 100."""
    table = pd.read_csv("results/reference/paper/delegation.csv").set_index(["outcome", "arm"]) * 100
    trust = table.loc[("trust_in_municipality:last", 3)]
    part = table.loc[("participation_rate:mean(209-260)", 3)]
    assert max(abs(trust.low), abs(trust.high)) < trust.least, "no longer little or no difference"
    assert f"changes by {trust.difference:.1f} points of 100".replace("-", "−") in TEXT
    assert part.low < part.least < part.high, "no longer may rise"
    assert f"participation is {part.difference:.1f} points higher (*may rise*)," in TEXT


def test_the_loss_by_promises_is_that_of_the_figure() -> None:
    """A year of loud promises from week 104 (arm 0 of the figure) in points of 100, at the worst and at the end."""
    table = pd.read_csv("results/reference/paper/loss_and_recovery.csv")
    promises = table[(table.kind == "difference") & (table.outcome == "trust_in_municipality") & (table.arm == 0)]
    promises = promises.set_index("week")
    assert f"lowers trust by {-100 * promises.value.min():.1f} points at the worst" in TEXT
    assert promises.index.max() == 312  # three years after the year
    assert f"{-100 * promises.value[312]:.1f} are left three years after it" in TEXT


NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def test_the_patterns_are_those_that_are_kept() -> None:
    judged, _ = kept.stored()
    untouched = [one.word for one in judged if one.pattern.group == GROUPS[0]]
    assert len(judged) == 28
    met, missed, open_ones = (NUMBERS[untouched.count(word)] for word in ("met", "not met", "inconclusive"))
    assert f"Of {NUMBERS[len(untouched)]} that nobody looked at" in TEXT
    assert f"{met} are met, {missed} is not, and {open_ones} are inconclusive" in TEXT


@pytest.mark.parametrize("key", ["title", "version", "license"])
def test_the_citation_is_that_of_the_file(key: str) -> None:
    citation = YAML(typ="safe").load(Path("CITATION.cff").read_text(encoding="utf-8"))
    (entry,) = re.findall(r"```bibtex\n(.*?)```", README, flags=re.DOTALL)
    assert f"{{{citation[key]}}}" in entry
    year = re.search(r"Copyright \(c\) (\d{4})", Path("LICENSE").read_text(encoding="utf-8"))
    assert year is not None
    assert f"year    = {{{year[1]}}}" in entry
