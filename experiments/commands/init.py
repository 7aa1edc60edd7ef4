"""`mahalle init`: a study of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import files, names_of
from experiments.commands.options import Debug
from experiments.escaping import say


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder, or an empty one.")],
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="CITY",
            help="What to begin with: a city, by name or file; or a table of neighbourhoods (.csv).",
            autocompletion=lambda incomplete: names_of("city")(incomplete) + files(incomplete, ".csv"),
        ),
    ] = "rafsanjan",
    title: Annotated[
        str | None,
        typer.Option("--title", metavar="TEXT", help="Title of the study  [default: the city's, or the folder's name]"),
    ] = None,
    debug: Debug = False,
) -> None:
    """Make a folder with a city, a policy, experiments, a plan and so on: a study that runs as it stands."""
    from experiments.new_study.command import carry_out

    made = carry_out(folder, source, title)
    say(f"{folder}: {len(made)} files; next: cd {folder}, and read README.md")
