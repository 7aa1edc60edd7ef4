"""Reads the model's own code: docstrings as they are at run time, and calls, draws and constants from the source."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sim
from sim.registry import Registry
from sim.rules.choice import Choice

FOLDER = Path(sim.__file__).parent

_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Yields):$")
_ITEM = re.compile(r"^    ([^\s].*?): (.*)$")


# ---------------------------------------------------------------- docstrings


@dataclass(frozen=True)
class Docstring:
    """A Google-style docstring taken apart.

    Attributes:
        summary: the first paragraph.
        body: the paragraphs that follow, sections left out.
        items: name and text of what the sections Args and Attributes describe.
        returns: the text of the section Returns.
    """

    summary: str
    body: tuple[str, ...]
    items: tuple[tuple[str, str], ...]
    returns: str


def docstring_of(thing: object) -> Docstring:
    """The docstring of a function, class, property or module, as it is now."""
    text = inspect.cleandoc(getattr(thing, "__doc__", None) or "")
    paragraphs: list[list[str]] = [[]]
    sections: dict[str, list[str]] = {}
    section: str | None = None
    for line in text.split("\n"):
        if match := _SECTION.match(line):
            section = match[1]
            sections[section] = []
        elif section is not None and (line.startswith("    ") or not line):
            sections[section].append(line)
        else:
            if section is not None:
                section = None
                paragraphs.append([])
            if line:
                paragraphs[-1].append(line)
            else:
                paragraphs.append([])
    whole = [" ".join(lines) for lines in paragraphs if lines]
    items = (*_items(sections.get("Args", [])), *_items(sections.get("Attributes", [])))
    returns = " ".join(line.strip() for line in sections.get("Returns", []) if line)
    return Docstring(whole[0] if whole else "", tuple(whole[1:]), items, returns)


def _items(lines: list[str]) -> tuple[tuple[str, str], ...]:
    found: list[list[str]] = []
    for line in lines:
        if match := _ITEM.match(line):
            found.append([match[1], match[2]])
        elif line.strip() and found:
            found[-1][1] += f" {line.strip()}"
    return tuple((name, text) for name, text in found)


def named(path: str) -> Any:
    """The object with a dotted path such as ``sim.agents.council.Council.propose``.

    Raises:
        LookupError: there is none.
    """
    module, _, rest = path, "", ""
    while True:
        try:
            found: Any = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, dot, last = module.rpartition(".")
            if not dot:
                raise LookupError(f"nothing is called {path}") from None
            rest = f"{last}.{rest}" if rest else last
    for name in rest.split(".") if rest else []:
        if not hasattr(found, name):
            raise LookupError(f"nothing is called {path}")
        found = inspect.getattr_static(found, name) if inspect.isclass(found) else getattr(found, name)
    return found


# ---------------------------------------------------------------- functions, and who uses whom


@dataclass(frozen=True)
class Function:
    """A function or method of the model, as its source has it."""

    module: str
    name: str
    node: ast.FunctionDef

    @property
    def path(self) -> str:
        """The dotted path, such as ``sim.rules.trust.experience``."""
        return f"{self.module}.{self.name}"

    @property
    def is_property(self) -> bool:
        """Whether it is read like a value."""
        return any(isinstance(item, ast.Name) and item.id == "property" for item in self.node.decorator_list)

    @property
    def signature(self) -> str:
        """The name with its arguments, such as ``experience(trust, signal)``."""
        spec = self.node.args
        names = [item.arg for item in (*spec.posonlyargs, *spec.args) if item.arg not in ("self", "cls")]
        names += ["*", *(item.arg for item in spec.kwonlyargs)] if spec.kwonlyargs else []
        return f"{self.name}({', '.join(names)})"

    @property
    def docstring(self) -> Docstring:
        """Its docstring as it is now."""
        return docstring_of(named(self.path))


@cache
def modules() -> Mapping[str, ast.Module]:
    """The syntax tree of every module of the model, by dotted name, in alphabetical order."""
    found = {}
    for file in sorted(FOLDER.rglob("*.py")):
        parts = ("sim", *file.relative_to(FOLDER).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return MappingProxyType(found)


@cache
def functions() -> Mapping[str, Function]:
    """Every function and method of the model by its dotted path, in order of module and line."""
    found = {}
    for module, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{module}.{node.name}"] = Function(module, node.name, node)
            elif isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        name = f"{node.name}.{inner.name}"
                        found[f"{module}.{name}"] = Function(module, name, inner)
    return MappingProxyType(found)


def public_functions(module: str) -> list[Function]:
    """The functions of a module whose names do not start with an underscore, in order of line."""
    return [f for f in functions().values() if f.module == module and not f.name.startswith("_") and "." not in f.name]


OWNERS = MappingProxyType(
    {
        "city": "sim.city.City",
        "self": "",
        "council": "sim.agents.council.Council",
        **dict.fromkeys(("city.institutions", "self.institutions", "institutions"), "sim.institutions.Institutions"),
        **dict.fromkeys(("city.money", "self.money", "money"), "sim.money.Money"),
    }
)
"""What holds the object of a class throughout the model; `self` stands for the class it is in."""


@cache
def uses_of(path: str) -> tuple[str, ...]:
    """Paths of the model's functions that a function names, in the order in which they are used, each once."""
    function = functions()[path]
    imported = _imports(function.module)
    owner = path.rpartition(".")[0]
    own = _local_names(function.node)
    found: list[str] = []
    for node in _in_order(function.node):
        target = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own:
            target = imported.get(node.id, f"{function.module}.{node.id}")
        elif isinstance(node, ast.Attribute) and (held := ast.unparse(node.value)) in OWNERS:
            target = f"{OWNERS[held] or owner}.{node.attr}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            target = f"{imported.get(node.value.id, '')}.{node.attr}"  # of a module that is imported whole
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            found += _bound_to(imported.get(node.value.id, f"{function.module}.{node.value.id}"))
        if target in functions() and target != path:
            found.append(target)
    return tuple(dict.fromkeys(found))


def _bound_to(path: str) -> list[str]:
    """Paths of the functions that a registry holds, in its order; none if the path is that of something else."""
    module, _, name = path.rpartition(".")
    registry = getattr(importlib.import_module(module), name, None) if module in modules() else None
    if not isinstance(registry, Registry):
        return []
    kept = [registry[one] for one in registry]
    ways = [way for one in kept for way in ((one.votes, one.ranks) if isinstance(one, Choice) else (one,))]
    return [f"{way.__module__}.{way.__qualname__}" for way in ways if inspect.isfunction(way)]


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree in the order in which they are evaluated: arguments before the call, sources before items."""
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call):
        children = [*node.args, *node.keywords, node.func]
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        children = [*node.generators, node.elt]
    elif isinstance(node, ast.DictComp):
        children = [*node.generators, node.key, node.value]
    for child in children:
        yield from _in_order(child)
    yield node


def _local_names(node: ast.FunctionDef) -> set[str]:
    """Names of arguments and variables, which may hide a function of the same name."""
    inside = list(ast.walk(node))
    arguments = {item.arg for item in inside if isinstance(item, ast.arg)}
    return arguments | {item.id for item in inside if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}


@cache
def users_of(path: str) -> tuple[str, ...]:
    """Paths of the model's functions that name a function, in order of module and line."""
    return tuple(user for user in functions() if path in uses_of(user))


@cache
def _imports(module: str) -> Mapping[str, str]:
    found = {}
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sim"):
            for item in node.names:
                name = f"{node.module}.{item.name}"
                found[item.asname or item.name] = _origin(node.module, item.name) or name
    for node in modules()[module].body:  # a rule has another name where it is compiled
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made_by, rule = ast.unparse(node.value.func), ast.unparse(node.value.args[0]) if node.value.args else ""
            if made_by == "compiled_rule" and rule in found:
                found[ast.unparse(node.targets[0])] = found[rule]
    return MappingProxyType(found)


def _origin(module: str, name: str) -> str:
    """Where a name that a package passes on is defined; empty if the module itself defines it."""
    if f"{module}.{name}" in functions() or module not in modules():
        return ""
    for node in modules()[module].body:
        if isinstance(node, ast.ImportFrom) and node.module and any(item.name == name for item in node.names):
            return f"{node.module}.{name}"
    return ""


# ---------------------------------------------------------------- draws, events, reads of the week before


@dataclass(frozen=True)
class Draw:
    """One place in the model where chance enters."""

    stream: str
    kind: str
    seed: str
    week: str
    entity: str
    where: str


_KINDS = MappingProxyType(
    {
        "uniform": "uniform",
        "chosen": "uniform",
        "key": "uniform",
        "normal": "normal",
        "integers": "whole number",
        "generator": "generator",
    }
)


_DRAWN_FROM = MappingProxyType(
    {
        "city.luck.key": "each resident",
        "luck.key": "each resident",
        "city.streams.key": "each number in the pass",
    }
)
"""Whose draws compiled passes read, by where they have the key from."""

LUCK, PLACE = "luck", "place"
_OF_LUCK = frozenset({"city.streams", "city.luck", "luck"})
"""Streams of `run.seed`, as the model calls them (the city itself: `self`); all others are of `run.place_seed`."""


def draws() -> list[Draw]:
    """Every draw of the model in order of module and line: its stream, its kind, and what keys it.

    The seed is `LUCK` or `PLACE`, by the streams that it is read from.
    """
    found = []
    for path, function in functions().items():
        if function.module == "sim.randomness":
            continue
        for node in _calls(function.node):
            kind = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if kind in _KINDS and node.args and (stream := _text(node.args[0])):
                rest = [_short(ast.unparse(item)) for item in node.args[1:3]]
                week, entity = (*rest, "", "")[:2] if rest else ("0", "")
                if kind == "key":  # drawn from in a compiled pass
                    entity = _DRAWN_FROM[ast.unparse(node.func)]
                assert isinstance(node.func, ast.Attribute)
                streams = ast.unparse(node.func.value)
                seed = LUCK if streams in _OF_LUCK else PLACE
                found.append(Draw(stream, _KINDS[kind], seed, week, entity, path))
    return found


def _short(text: str) -> str:
    return text.removeprefix("np.arange(").removesuffix(")") if text.startswith("np.arange(") else text


def events() -> list[tuple[str, str]]:
    """Names of the events that the model enters, and the function that does, in order of module and line."""
    found = []
    for path, function in functions().items():
        for node in _calls(function.node):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called in ("record", "record_project") and node.args:
                name = _text(node.args[0])
                if name or ast.unparse(node.args[0]) == "shock.kind":
                    found.append((name or "shock.kind", path))
    return found


def reads_of_last_week() -> list[tuple[str, str]]:
    """What is read from the record of the week before, and the function that reads it."""
    found = []
    for path, function in functions().items():
        for node in _in_order(function.node):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "city.last_week":
                found.append((_subscript(function.node, node), path))
    return list(dict.fromkeys(found))


def _subscript(tree: ast.AST, attribute: ast.Attribute) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and node.value is attribute:
            return ast.unparse(node).removeprefix("city.last_week.")
    return attribute.attr


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return iter(sorted(calls, key=lambda node: (node.lineno, node.col_offset)))


def _text(node: ast.expr) -> str:
    """A literal text, with the expressions of an f-string in braces; empty if it is neither."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = []
    for item in node.values:
        if isinstance(item, ast.FormattedValue):
            parts.append(f"{{{ast.unparse(item.value)}}}")
        elif isinstance(item, ast.Constant):
            parts.append(str(item.value))
    return "".join(parts)


# ---------------------------------------------------------------- constants, and code that prose relies on


def constants() -> list[tuple[str, Any, str]]:
    """Path, value and description of the named numbers of the model, in order of module and line."""
    found = []
    for module, tree in modules().items():
        for place, node in enumerate(tree.body):
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if not isinstance(target, ast.Name) or not target.id.lstrip("_").isupper():
                continue
            following = tree.body[place + 1] if place + 1 < len(tree.body) else None
            meaning = _string(following) or _comment(module, node.lineno)
            value = getattr(importlib.import_module(module), target.id)
            if meaning and isinstance(value, int | float):
                found.append((f"{module}.{target.id}", value, " ".join(meaning.split())))
    return found


def _string(node: ast.stmt | None) -> str:
    value = node.value if isinstance(node, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _comment(module: str, line: int) -> str:
    text = _lines(module)[line - 1]
    return text.rpartition("  # ")[2] if "  # " in text else ""


@cache
def _lines(module: str) -> tuple[str, ...]:
    file = FOLDER.joinpath(*module.split(".")[1:])
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    return tuple(file.read_text(encoding="utf-8").split("\n"))


def says(path: str, snippet: str) -> bool:
    """Whether the source of a function, class or module still holds a piece of code, however it is laid out.

    Raises:
        LookupError: there is no such thing.
    """
    if path in modules():
        text = "\n".join(_lines(path))
    elif path in functions():
        function = functions()[path]
        text = "\n".join(_lines(function.module)[function.node.lineno - 1 : function.node.end_lineno])
    else:
        text = inspect.getsource(named(path))
    return _packed(snippet) in _packed(text)


def _packed(code: str) -> str:
    return re.sub(r",(?=[)\]}])", "", re.sub(r"\s+", "", code).replace('"', "'"))
