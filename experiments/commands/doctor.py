"""`mahalle doctor`: what is installed, what is missing, and where things are kept."""

from __future__ import annotations

import shutil
import sys

import typer

from experiments.commands.options import Debug, Lang
from experiments.escaping import say


def doctor(language: Lang = "en", debug: Debug = False) -> None:
    """Say what is installed and what is missing; status 1 if something that is needed is."""
    from experiments.doctor import examine, lines_of

    findings = examine()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines_of(findings, language, width):
        say(line)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)
