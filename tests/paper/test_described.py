"""What may stand in a figure's file is described from the classes that read it, in the documents and on a terminal."""

import re

import pytest

from experiments.cli import main
from experiments.commands.listing import WORDS
from experiments.paper.described import MUST, described, keys_of, keys_of_a_figure, settings_of
from experiments.paper.form import FigureForm
from experiments.paper.registry import drawings
from experiments.paper.sources import SOURCES
from tests.paper.conftest import ROOT
from tools.documents.drawings import text

TEMPLATE = ROOT / "docs/templates/drawings.md"


@pytest.fixture(scope="module")
def page():
    return text(TEMPLATE.read_text(encoding="utf-8")).text


def section_of(page, name):
    return page.partition(f"\n### {name}\n")[2].partition("\n### ")[0]


@pytest.mark.parametrize("name", sorted(drawings()))
def test_every_drawing_has_a_section_with_each_of_its_options(name, page):
    section, drawing = section_of(page, name), drawings()[name]
    assert f"Data: `{drawing.source}`" in section
    for option, field in drawing.kind.Options.model_fields.items():
        (row,) = [line for line in section.splitlines() if line.startswith(f"| `{option}` |")]
        _, what, default, meaning, _ = (cell.strip() for cell in row.split(" | ")[0:1] + row.split("|")[2:6])
        assert what
        assert meaning == field.description
        assert (default == MUST) == field.is_required()


def test_every_key_has_a_meaning():
    for one in described():
        assert one.summary.endswith("."), one.name
        assert [key.name for key in one.options if not key.meaning.endswith(".")] == [], one.name
    assert [key.name for key in keys_of_a_figure() if not key.meaning.endswith(".")] == []
    assert {key.name for key in keys_of_a_figure()} >= set(FigureForm.model_fields)
    assert [key.name for kind in SOURCES for key in settings_of(kind) if not key.meaning.endswith(".")] == []


def test_types_bounds_and_keys_within_lists_are_told():
    found = {key.name: key for key in keys_of(drawings()["trajectories"].kind.Options)}
    assert found["arms"].what == "list of 1 to 6 mappings"
    assert found["arms[].at"].what == "text or mapping"
    assert found["marks[].week"].what == "whole number, 0 or more"
    assert (found["levels"].what, found["levels"].default) == ("true or false", "true")
    assert {key.name: key.what for key in settings_of("validation")}["scale"] == "number, above 0, up to 1"
    assert {key.name: key.what for key in keys_of_a_figure()}["width"] == "single or double"


def test_a_terminal_has_every_drawing_and_option(capsys):
    assert main(["list", "drawing"]) == 0
    said = capsys.readouterr().out
    for one in described():
        assert f"  {one.name}: {one.summary}" in said
        for key in one.options:
            assert f"    {key.name} ({key.what}; {key.default}): {key.meaning}" in said


def test_the_page_is_linked_from_where_figures_are_made():
    for name in ("docs/howto/figure.md", "docs/tutorials/author.md", "docs/paper.md", "docs/index.md"):
        assert "reference/drawings.md" in (ROOT / name).read_text(encoding="utf-8"), name


# ---------------------------------------------------------------- kinds of what is listed


@pytest.mark.parametrize("kind", WORDS)
def test_a_kind_is_listed_by_its_plural_too(kind, capsys):
    assert main(["list", kind]) == 0
    single = capsys.readouterr().out
    assert main(["list", WORDS[kind]]) == 0
    assert capsys.readouterr().out == single != ""


@pytest.mark.parametrize(
    ("asked", "advice"),
    [("figurs", 'did you mean "figures"?'), ("zzz", f"there are: {', '.join(WORDS)}")],
)
def test_an_unknown_kind_is_refused_in_a_clear_line(asked, advice, capsys):
    assert main(["list", asked]) == 2
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f'mahalle list: Invalid value for \'[KIND]\': no such kind: "{asked}"; {advice}'


def test_no_word_of_python_stands_before_what_is_allowed(capsys):
    for words in (["run", "rafsanjan", "--lang", "xx"], ["schema", "figures"]):
        assert main(words) == 2
        assert not re.search("Value error", capsys.readouterr().err)
