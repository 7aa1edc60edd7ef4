"""`mahalle check`: validate cities, policies, experiments, calibrations, plans, figures and extensions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.commands.options import Debug
from experiments.escaping import say


def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Cities, policies, experiments and so on, by file or by name; extensions (.py).",
            autocompletion=names_of("city", "policy", "experiment", "calibration", "plan", "figure"),
        ),
    ],
    extension: Annotated[
        list[str] | None,
        typer.Option("--extension", metavar="FILE.py:NAME", help="Check policy files with the levers of an extension."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Validate files: print every fault with its line, key, allowed values and the nearest known key."""
    from experiments.faults import faults_of, is_extension, look_at_extension
    from sim.config import class_of, load_config
    from sim.errors import ConfigError
    from sim.shipped import find_of_any_kind

    policy = type(class_of({"extensions": extension or []}, ".", source="--extension")().policy)
    faulty = False
    for given in files:
        if is_extension(str(given)):
            findings, sound, summary = look_at_extension(str(given))
            for finding in findings:
                say(finding, file=sys.stderr)
            if sound:
                say(summary)
            faulty = faulty or not sound
            continue
        try:
            found = find_of_any_kind(given)
        except ConfigError as error:
            say(error, file=sys.stderr)
            faulty = True
            continue
        for file in found:
            kind, faults = faults_of(file, policy)
            for fault in faults:
                say(fault, file=sys.stderr)
            if not faults:
                say(f"{file}: ok ({kind}){_assumptions(file)}")
                if kind == "city":
                    from experiments.unlikely import say_what_is_unlikely  # imports maps, which other kinds do not need

                    say_what_is_unlikely(load_config(file))
            faulty = faulty or bool(faults)
    if faulty:
        raise typer.Exit(2)


ASSUMPTION = "[assumption]"
"""What marks a line of a file whose value rests on no source."""


def _assumptions(file: Path) -> str:
    """How many lines of a file are marked as assumptions, to be said behind its kind; empty if none."""
    count = sum(ASSUMPTION in line for line in file.read_text(encoding="utf-8").splitlines())
    if not count:
        return ""
    return f"; {count} lines are marked {ASSUMPTION}" if count > 1 else f"; 1 line is marked {ASSUMPTION}"
