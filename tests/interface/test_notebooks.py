"""The notebooks of docs/notebooks run from top to bottom, and are stored without outputs."""

import json
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture
def shell():
    """A shell as a notebook has, without a kernel of its own."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} == {"first_run", "own_question", "sweep_to_figure", "own_rule"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:IPython.*")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_is_valid_stored_without_outputs_and_runs(path, shell, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    book = json.loads(path.read_text(encoding="utf-8"))
    nbformat.validate(book)
    assert book["cells"][0]["source"][0].startswith("# ")
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            shell.run_cell("".join(cell["source"])).raise_error()
    assert "Error" not in capsys.readouterr().err
