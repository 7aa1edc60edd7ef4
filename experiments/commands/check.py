"""`mahalle check`: validate configs, policy files, experiments and extensions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.options import Debug
from experiments.escaping import say


def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="City configs, policy files, experiments, and extensions (.py)."),
    ],
    extension: Annotated[
        list[str] | None,
        typer.Option("--extension", metavar="FILE.py:NAME", help="Check policy files with the levers of an extension."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Validate files: print every fault with its line, key, allowed values and the nearest known key."""
    from experiments.faults import faults_of, is_extension, look_at_extension
    from sim.config import class_of

    policy = type(class_of({"extensions": extension or []}, ".", source="--extension")().policy)
    faulty = False
    for file in files:
        if is_extension(str(file)):
            findings, sound, summary = look_at_extension(str(file))
            for finding in findings:
                say(finding, file=sys.stderr)
            if sound:
                say(summary)
            faulty = faulty or not sound
            continue
        kind, faults = faults_of(file, policy)
        for fault in faults:
            say(fault, file=sys.stderr)
        if not faults:
            say(f"{file}: ok ({kind})")
        faulty = faulty or bool(faults)
    if faulty:
        raise typer.Exit(2)
