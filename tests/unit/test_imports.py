"""No module imports itself by way of others: at module level and inside functions, drawn again from the source."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("sim", "experiments")


def modules(root):
    """Files by module name."""
    found = {}
    for package in PRODUCT:
        for file in (root / package).rglob("*.py"):
            name = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            found[name] = file
    return found


def imported_by(node, known):
    """Modules that a piece of source imports, wherever it does; those under TYPE_CHECKING apart."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        yield from (name for child in node.orelse for name in imported_by(child, known))
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in known)
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "a relative import"
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield from (name for name in (whole if whole in known else node.module,) if name in known)
    for child in ast.iter_child_nodes(node):
        yield from imported_by(child, known)


def graph(root):
    """What each module imports, without itself."""
    known = modules(root)
    return {
        name: {other for other in imported_by(ast.parse(file.read_text(encoding="utf-8")), known) if other != name}
        for name, file in known.items()
    }


def circle_in(edges):
    """The modules of one circle, or nothing."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_there_is_no_circle_of_imports():
    edges = graph(ROOT)
    assert len(edges) > 200
    assert "experiments.sweeps.tables" in edges["experiments.sweeps.runner"]
    assert circle_in(edges) == []


def test_the_model_knows_nothing_of_experiments():
    assert not [name for name, others in graph(ROOT).items() if name.startswith("sim") and str(others).count("experim")]


@pytest.mark.parametrize("place", ["", "    "], ids=["module", "function"])
def test_a_circle_would_be_seen(tmp_path, place):
    head = "def late():\n" if place else ""
    for package in PRODUCT:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "sim" / "one.py").write_text(f"{head}{place}from sim import two\n", encoding="utf-8")
    (tmp_path / "sim" / "two.py").write_text("import sim.three\n", encoding="utf-8")
    (tmp_path / "sim" / "three.py").write_text("from sim.one import late\n", encoding="utf-8")
    assert set(circle_in(graph(tmp_path))) == {"sim.one", "sim.two", "sim.three"}
    (tmp_path / "sim" / "three.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sim.one import late\n", encoding="utf-8"
    )
    assert circle_in(graph(tmp_path)) == []
