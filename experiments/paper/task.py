"""One task for pytask, in a file of its own: pytask does a task again when the file changes in which it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


def task_of(
    pytask: Any, name: str, do: Callable[[], None], depends: Mapping[str, Path | str], produces: Sequence[Path]
) -> Any:
    """A task.

    Args:
        pytask: the package.
        name: of the task.
        do: does it.
        depends: files, and texts such as digests; the task is done again when one has changed.
        produces: files; the task is done again when one is missing or was changed.
    """

    def carry_out(depends: Any, produces: Any) -> None:
        do()

    nodes = {
        key: value if isinstance(value, Path) else pytask.PythonNode(name=f"{name} {key}", value=value, hash=True)
        for key, value in depends.items()
    }
    return pytask.task(name=name, kwargs={"depends": nodes, "produces": list(produces)})(carry_out)
