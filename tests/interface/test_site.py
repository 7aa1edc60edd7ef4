"""`make site` builds without a warning, and what it builds asks nothing of the network."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools import ROOT
from tools.site import __main__ as command
from tools.site import generated
from tools.site.docstrings import plain

MISSING = [name for name in command.NEEDED if find_spec(name) is None]
needs_sphinx = pytest.mark.skipif(bool(MISSING), reason=f"the extra docs is not installed: {', '.join(MISSING)}")

LOADED = (
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"']?(?:https?:)?//",
    r"<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|icon|preload|preconnect|dns-prefetch|manifest))[^>]*\bhref=[\"']?(?:https?:)?//",
    r"url\(\s*[\"']?(?:https?:)?//",
    r"@import\s+[\"'](?:https?:)?//",
)
"""What a browser loads by itself from elsewhere; a link that somebody may follow is not among it."""


def loads(text: str) -> list[str]:
    return [found[0] for pattern in LOADED for found in re.finditer(pattern, text)]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    asked = [sys.executable, "-m", "tools.site", str(folder)]  # apart: Sphinx changes the process that it runs in
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder


@needs_sphinx
def test_it_builds_and_asks_nothing_of_the_network(site):
    files = [path for kind in ("html", "css", "js") for path in site.rglob(f"*.{kind}")]
    assert len(files) > 40
    assert {path.name: found for path in files if (found := loads(path.read_text("utf-8")))} == {}
    assert (site / "_static/Vazirmatn-Regular.ttf").is_file()


@needs_sphinx
def test_persian_pages_run_from_right_to_left_and_others_do_not(site):
    persian = (site / "fa/policymaker.html").read_text("utf-8")
    assert 'lang="fa" dir="rtl"' in persian
    assert '<html class="no-js" lang="fa"' in persian
    assert 'dir="rtl"' not in (site / "tutorials/policymaker.html").read_text("utf-8")


@needs_sphinx
def test_what_is_made_from_the_code_is_there_and_can_be_searched(site):
    assert 'id="mahalle-compare"' in (site / "reference/commands.html").read_text("utf-8")
    assert "trust_in_municipality" in (site / "reference/outcomes.html").read_text("utf-8")
    assert 'id="sim.City"' in (site / "reference/python.html").read_text("utf-8")
    assert "rafsanjan" in (site / "searchindex.js").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="https://a.b/c.js">', True),
        ('<link rel="stylesheet" href="//a.b/c.css">', True),
        ("src: url(https://a.b/c.woff2)", True),
        ('<a href="https://a.b/">', False),
        ('<link rel="next" href="start.html">', False),
    ],
)
def test_what_is_loaded_from_elsewhere_is_noticed(text, found):
    assert bool(loads(text)) == found


def test_without_its_packages_it_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(command, "NEEDED", ("no_such_module",))
    assert command.main([]) == 2
    assert "needs no_such_module" in capsys.readouterr().err


def test_every_command_and_its_options_are_in_the_reference():
    from typer.testing import CliRunner

    from experiments.cli import app

    text = generated.commands()
    for name in ("run", "compare", "plan lock", "dashboard"):
        assert f"## mahalle {name}\n" in text
    shown = CliRunner().invoke(app, ["compare", "--help"]).output
    for option in set(re.findall(r"--[a-z][\w-]+", shown)):
        assert f"`{option}" in text, option


def test_every_outcome_is_in_the_reference():
    text = generated.outcomes()
    for _, table in generated.TABLES:
        for name in table.columns:
            assert f"| `{name}` |" in text


def test_docstrings_are_read_as_plain_text():
    assert plain(["a * b, |x|, `n * m`", "Args:"]) == [r"a \* b, \|x\|, `n * m`", "Args:"]
    assert plain(["name_ of it"]) == [r"name\_ of it"]
