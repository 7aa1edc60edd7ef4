"""What is wrong, or may be, in the source of an extension: luck that is not keyed, chance order, fixed columns.

The source is read and not run. What is sure to be wrong is an error; what may be right is a caution.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FIXED = frozenset({"sex", "cohort", "standing", "attendance", "neighbourhood"})
"""Columns of residents that are fixed once a city is built: residents are sorted by them."""

KEYED = "draw from city.luck (by row) or city.streams, with a stream name of your own"

_RESIDENTS = frozenset({"residents", "resident", "person", "agent", "youth", "citizen"})
_UNKEYED = ("random", "numpy.random", "secrets", "uuid.uuid4", "uuid.uuid1", "os.urandom")
_SEEDED = frozenset({"numpy.random.default_rng", "numpy.random.Generator", "numpy.random.RandomState", "random.Random"})
_HARMLESS = frozenset(
    {"numpy.random.SeedSequence", "numpy.random.Philox", "numpy.random.PCG64", "numpy.random.Generator"}
)
_OF_MESA = frozenset({"random", "rng"})
_MODELS = frozenset({"city", "model"})
_ORDERED_BY = frozenset({"list", "tuple", "enumerate", "iter", "zip", "map", "filter", "reversed", "sum"})
_ARRAYS = frozenset({"numpy.array", "numpy.asarray", "numpy.fromiter"})
_INDIFFERENT = frozenset({"sorted", "set", "frozenset", "len", "min", "max", "any", "all"})
_SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference"})
_FILES = frozenset({"glob", "rglob", "iterdir"})
_CHANGES = frozenset({"fill", "sort", "put", "itemset", "resize", "partition"})


@dataclass(frozen=True, order=True)
class Finding:
    """One finding.

    Attributes:
        file, line: where.
        problem: what is wrong, and what to do.
        sure: whether it is wrong whatever the rule is for.
    """

    file: str
    line: int
    problem: str
    sure: bool

    def __str__(self) -> str:
        """``file:line: problem``, a caution named as one."""
        return f"{self.file}:{self.line}: {'' if self.sure else 'caution: '}{self.problem}"


def findings_in(files: Sequence[Path]) -> list[Finding]:
    """What is found in some source files, by file and line."""
    return sorted({finding for file in files for finding in findings_of(file.read_bytes(), str(file))})


def findings_of(source: bytes | str, name: str) -> list[Finding]:
    """What is found in one source.

    Args:
        source: Python.
        name: of its file.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        return [Finding(name, getattr(error, "lineno", None) or 1, f"is no Python: {error}", sure=True)]
    linter = _Linter(name)
    linter.visit(tree)
    return sorted(set(linter.found))


class _Linter(ast.NodeVisitor):
    """Walks a module in the order of its text; knows what names stand for, as far as the text says it plainly."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Finding] = []
        self.imported: dict[str, str] = {}
        self.sets: list[dict[str, bool]] = [{}]
        self.holders: set[str] = set()
        self.in_resident: list[bool] = [False]
        self.indifferent: set[int] = set()

    def note(self, node: ast.AST, problem: str, *, sure: bool = False) -> None:
        """Note a finding."""
        self.found.append(Finding(self.file, getattr(node, "lineno", 1), problem, sure))

    # ------------------------------------------------------------ names

    def visit_Import(self, node: ast.Import) -> None:
        """Learn what modules are called here."""
        for alias in node.names:
            self.imported[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Learn what is taken from modules."""
        for alias in node.names:
            self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def whole_name(self, node: ast.AST) -> str:
        """The dotted name that an expression stands for, imports resolved; "" if it is no such name."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, "")
        if isinstance(node, ast.Attribute):
            before = self.whole_name(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Names of a function are its own."""
        self.sets.append({})
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            self.sets[-1][argument.arg] = argument.annotation is not None and _says_set(argument.annotation)
        self.generic_visit(node)
        self.sets.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Know whether `self` is a resident here."""
        names = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases]
        self.in_resident.append(any(name.endswith(("Resident", "Youth")) for name in names))
        self.generic_visit(node)
        self.in_resident.pop()

    # ------------------------------------------------------------ luck

    def visit_Call(self, node: ast.Call) -> None:
        """Draws, and what takes the order of a set."""
        name = self.whole_name(node.func)
        if name and any(name == own or name.startswith(f"{own}.") for own in _UNKEYED) and name not in _HARMLESS:
            seeded = name in _SEEDED and bool(node.args or node.keywords)
            by_call = "draws in the order of its calls, not by resident and week"
            problem = by_call if seeded else "draws its own random numbers"
            self.note(node, f"{name} {problem}: {KEYED}", sure=not seeded)
        function = node.func
        if isinstance(function, ast.Attribute) and _last(function.value) in _OF_MESA and self._is_of_model(function):
            self.note(node, f"Mesa's generator draws in the order of its calls: {KEYED}")
        self._order_of_call(node, name)
        self._change_by_call(node, name)
        self.generic_visit(node)

    def _is_of_model(self, function: ast.Attribute) -> bool:
        owner = function.value.value if isinstance(function.value, ast.Attribute) else None
        return owner is not None and (_last(owner) in _MODELS or _last(owner) == "self")

    # ------------------------------------------------------------ order

    def _order_of_call(self, node: ast.Call, name: str) -> None:
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called in _INDIFFERENT:
            self.indifferent |= {id(argument) for argument in node.args}
        if called in _ORDERED_BY or name in _ARRAYS:
            for argument in node.args:
                if self.is_set(argument):
                    self.note(node, f"{called or name} takes the order of a set, which is chance: use sorted(…)")
        if isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and self.is_set(node.func.value):
            self.note(node, "pop takes any element of a set: use min(…), or a list")
        of_files = (isinstance(node.func, ast.Attribute) and node.func.attr in _FILES) or name == "os.listdir"
        if of_files and id(node) not in self.indifferent:
            self.note(node, "the order of files is that of the disk: use sorted(…)")

    def visit_For(self, node: ast.For) -> None:
        """Loops over sets."""
        self._loop(node.iter)
        self.generic_visit(node)

    def _loop(self, over: ast.expr) -> None:
        if self.is_set(over):
            self.note(over, "goes through a set, whose order is chance: use sorted(…) where order matters")

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp) -> None:
        if id(node) not in self.indifferent:
            for part in node.generators:
                self._loop(part.iter)
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        """Lists in the order of a set."""
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """Sums, say, in the order of a set."""
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        """Dictionaries in the order of a set."""
        self._comprehension(node)

    def is_set(self, node: ast.expr) -> bool:
        """Whether an expression is a set, as far as the text says it."""
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if isinstance(node, ast.Name):
            return next((scope[node.id] for scope in reversed(self.sets) if node.id in scope), False)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
            return self.is_set(node.left) or (self.is_set(node.right) and not isinstance(node.op, ast.Sub))
        if isinstance(node, ast.Subscript):
            return isinstance(node.value, ast.Name) and node.value.id in self.holders
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in _SET_METHODS:
                return self.is_set(node.func.value)
            return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
        return False

    def _assigned(self, target: ast.expr, value: ast.expr | None, annotation: ast.expr | None = None) -> None:
        if not isinstance(target, ast.Name):
            return
        said = annotation is not None and _says_set(annotation)
        self.sets[-1][target.id] = said or (value is not None and self.is_set(value))
        of_sets = isinstance(value, ast.Call) and _last(value.func) == "defaultdict" and bool(value.args)
        if of_sets and isinstance(value, ast.Call) and getattr(value.args[0], "id", "") in ("set", "frozenset"):
            self.holders.add(target.id)
        text = "" if annotation is None else ast.unparse(annotation)
        if text.startswith(("dict[", "defaultdict[")) and text.rpartition(", ")[2].startswith(("set", "frozenset")):
            self.holders.add(target.id)

    # ------------------------------------------------------------ fixed columns

    def visit_Assign(self, node: ast.Assign) -> None:
        """What is written, and what names stand for."""
        self.generic_visit(node)
        for target in node.targets:
            self._written(target)
            self._assigned(target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """What is changed in place."""
        self.generic_visit(node)
        self._written(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """What is written, with its type."""
        self.generic_visit(node)
        if node.value is not None:
            self._written(node.target)
        self._assigned(node.target, node.value, node.annotation)

    def _written(self, target: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._written(part)
            return
        if isinstance(target, ast.Starred):
            self._written(target.value)
            return
        column = self._column(target)
        if column is not None:
            self._refuse(target, *column)

    def _column(self, node: ast.expr) -> tuple[str, ast.expr] | None:
        """The fixed column that an expression is (part of), and what it belongs to."""
        while isinstance(node, ast.Subscript):
            key = node.slice
            if isinstance(key, ast.Constant) and key.value in FIXED and _last(node.value) in _RESIDENTS:
                return str(key.value), node.value
            node = node.value
        if isinstance(node, ast.Attribute) and node.attr in FIXED:
            return node.attr, node.value
        return None

    def _change_by_call(self, node: ast.Call, name: str) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in _CHANGES:
            column = self._column(function.value)
        elif name in ("numpy.copyto", "numpy.put", "numpy.place", "numpy.putmask") and node.args:
            column = self._column(node.args[0])
        elif isinstance(function, ast.Name) and function.id == "setattr" and len(node.args) > 1:
            key = node.args[1]
            is_fixed = isinstance(key, ast.Constant) and key.value in FIXED
            column = (str(key.value), node.args[0]) if is_fixed and isinstance(key, ast.Constant) else None
        else:
            return
        if column is not None:
            self._refuse(node, *column)

    def _refuse(self, node: ast.expr, column: str, owner: ast.expr) -> None:
        last = _last(owner)
        if last == "self" and not self.in_resident[-1]:
            return  # an attribute of another user-defined class
        sure = last in _RESIDENTS or last == "self"
        self.note(
            node, f"writes {column}, which is fixed once the city is built: residents are sorted by it", sure=sure
        )


def _last(node: ast.AST) -> str:
    """The last name of an expression, items and calls left out: ``residents`` of ``city.residents[rows]``."""
    while isinstance(node, ast.Subscript | ast.Call):
        node = node.value if isinstance(node, ast.Subscript) else node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _says_set(annotation: ast.expr) -> bool:
    return ast.unparse(annotation).strip("'\"").partition("[")[0] in ("set", "frozenset", "AbstractSet", "Set")
