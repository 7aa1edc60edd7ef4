"""Options shared by commands: each is declared once here, and a command offers those that it supports."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.commands.options import Debug, Lang, end

type Options = dict[str, Any]
"""Values of the options offered, by the name of the request's field."""


def _flag(name: str, words: str) -> Any:
    return Annotated[bool, typer.Option(name, help=words)], False


OPTIONS: dict[str, tuple[Any, Any]] = {
    "workers": (Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Parallel runs.")], None),
    "executor": (
        Annotated[str, typer.Option("--executor", metavar="NAME", help="Where to run: processes, dask or mpi.")],
        "processes",
    ),
    "scheduler": (
        Annotated[
            str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://node1:8786.")
        ],
        None,
    ),
    "shard": (
        Annotated[str | None, typer.Option("--shard", metavar="K/N", help="Do shard K of N, as one job of an array.")],
        None,
    ),
    "out": (None, None),
    "fresh": _flag("--fresh", "Start again, ignoring the results in the folder."),
    "retry_failed": _flag("--retry-failed", "Repeat runs that failed."),
    "accept_code_change": _flag("--accept-code-change", "Resume with another version of the model; runs are labelled."),
    "dry_run": _flag("--dry-run", "Only estimate the number of runs, time and disk space."),
    "csv": _flag("--csv", "Also write the tables as CSV."),
    "language": (Lang, "en"),
    "quiet": _flag("--quiet", "Print only errors."),
}
"""Type and default of each, by the field of `experiments.study.request.Request`, in the order of the help."""

PARALLEL = ("workers", "executor", "scheduler")
"""Where runs are done."""

KEPT = ("fresh", "retry_failed")
"""What to do with runs that already exist."""


def offering(*names: str, out: str) -> Callable[[Callable[..., bool]], Callable[..., None]]:
    """Add shared options to a command, after its own; ``--out``, ``--quiet`` and ``--debug`` are always added.

    The command receives their values as its last argument, `options`, and returns whether it succeeded.

    Args:
        names: fields of the request.
        out: the folder by default, in words.
    """
    folder = Annotated[Path | None, typer.Option("--out", metavar="DIR", help=f"Folder  [default: {out}]")]
    offered = {name: OPTIONS[name] for name in OPTIONS if name in {*names, "out", "quiet"}} | {"out": (folder, None)}

    def decorate(command: Callable[..., bool]) -> Callable[..., None]:
        own = [
            parameter
            for parameter in inspect.signature(command, eval_str=True).parameters.values()
            if parameter.name != "options"
        ]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
            for name, (kind, default) in (offered | {"debug": (Debug, False)}).items()
        ]

        @wraps(command)
        def run(**values: Any) -> None:
            values.pop("debug", None)
            options = {name: values.pop(name) for name in offered if name in values}
            end(sound=command(**values, options=options))

        parameters = [*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *more]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return decorate
