"""`mahalle plot`: an outcome of a sweep against what was varied."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.importing import imported_for_good
from experiments.commands.options import Debug, Lang
from experiments.escaping import say


def plot(
    sweep: Annotated[Path, typer.Argument(metavar="SWEEP", help="Folder of a sweep.")],
    x: Annotated[str, typer.Option("--x", metavar="LEVER", help="What was varied: a key, its end, or policy.")],
    y: Annotated[str, typer.Option("--y", metavar="OUTCOME", help="Outcome, such as trust_in_municipality.")],
    by: Annotated[
        str | None, typer.Option("--by", metavar="LEVER", help="A line for each value of this.", show_default=False)
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="POLICY",
            help="Paired differences from this instead of levels: a policy of the sweep, or LEVER=VALUE.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Name without ending  [default: SWEEP-OUTCOME-LEVER beside SWEEP]"),
    ] = None,
    narrow: Annotated[bool, typer.Option("--narrow", help="As wide as one column of a journal, not two.")] = False,
    no_caption: Annotated[
        bool, typer.Option("--no-caption", help="Leave the caption out of the picture; NAME.caption.md has it.")
    ] = False,
    language: Lang = "en",
    debug: Debug = False,
) -> None:
    """Draw an outcome of a sweep with its interval, as PDF, SVG and PNG; print the caption."""
    with imported_for_good():
        import mesa  # noqa: F401  # first, see PRELOADED

        from experiments.plotting import Request, carry_out

    files, caption = carry_out(Request(sweep, x, y, by, base, out, language, narrow, not no_caption))
    say(caption)
    say("\n".join(map(str, files)))
