"""`mahalle dashboard`: the page for policymakers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.completion import names_of
from experiments.commands.importing import imported_for_good
from experiments.commands.options import Debug


def dashboard(
    city: Annotated[
        Path | None,
        typer.Option(
            "--city",
            metavar="CITY",
            help="City: a YAML file, or a name  [default: rafsanjan]",
            autocompletion=names_of("city"),
        ),
    ] = None,
    policies: Annotated[
        Path | None,
        typer.Option(
            "--policies",
            metavar="FOLDER",
            help="Folder of the policy files that the page offers  [default: those of the program]",
        ),
    ] = None,
    language: Annotated[Literal["en", "fa"], typer.Option("--lang", help="Language at first.")] = "en",
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Address to listen on; others than this machine need a token."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port; 0 for any free one.")
    ] = 8765,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Parallel runs.")] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write the stored answers as one HTML file instead."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only errors.")] = False,
    debug: Debug = False,
) -> bool:
    """Open the page for policymakers: move a lever, see who gains and who loses. Serves this machine only."""
    if export is None:
        from experiments.study.fork_server import start_early

        start_early()
    with imported_for_good():
        import mesa  # noqa: F401  # first, see PRELOADED

        from experiments.page.command import Request, carry_out
        from sim.shipped import CITY, folder_of

    offered = folder_of("policy") if policies is None else policies
    return carry_out(Request(CITY if city is None else city, offered, language, host, port, workers, export, quiet))
