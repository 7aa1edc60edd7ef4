"""`mahalle dashboard`: the page for policymakers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.importing import imported_for_good
from experiments.commands.options import Debug


def dashboard(
    city: Annotated[Path, typer.Option("--city", metavar="CONFIG", help="City config.")] = Path(
        "configs/cities/rafsanjan.yaml"
    ),
    policies: Annotated[
        Path, typer.Option("--policies", metavar="FOLDER", help="Folder of the policy files that the page offers.")
    ] = Path("configs/policies"),
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

    return carry_out(Request(city, policies, language, host, port, workers, export, quiet))
