"""`mahalle parameters`: print the register of assumptions."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.commands.options import Debug, OutFile

WIDEST = 100
"""Columns of text at most: longer lines are hard to read."""

HEADS = ("# Parameters\n", "key,meaning,unit,value,", '"meaning": ', "\n  = ")
"""One of these is near the beginning of every file that this command writes."""


def parameters(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[TEXT]", help="Only parameters with this text in key, meaning, unit, source or effect."
        ),
    ] = None,
    layout: Annotated[
        Literal["text", "md", "csv", "json"] | None,
        typer.Option("--format", help="Layout  [default: text on a terminal, md elsewhere]", show_default=False),
    ] = None,
    tag: Annotated[
        Literal["assumption", "claimed", "range", "source"] | None,
        typer.Option("--tag", help="Only parameters with this evidence."),
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="GROUP", help="Only a group, such as trust or policy.council.")
    ] = None,
    sensitivity: Annotated[
        Path | None,
        typer.Option(
            "--sensitivity",
            metavar="PATH",
            help="Add each one's sensitivity from a screening: a sweep's folder, or results/reference/sensitivity.csv.",
        ),
    ] = None,
    extension: Annotated[
        list[str] | None,
        typer.Option(
            "--extension", metavar="FILE.py:NAME", help="Add the parameters of an extension; may be repeated."
        ),
    ] = None,
    out: OutFile = None,
    debug: Debug = False,
) -> None:
    """List every parameter: meaning, unit, value, range, source, evidence tag and expected effect."""
    from experiments.folders import print_or_write
    from experiments.register import FORMATS, NOTHING_MORE, Wanted, groups_of, rows
    from sim.config import class_of
    from sim.errors import ConfigError
    from sim.reading import nearest
    from sim.wording import shown

    kind = class_of({"extensions": extension or []}, ".", source="--extension")
    if group is not None and group not in (known := groups_of(kind)):
        raise ConfigError(f"no such group: {shown(group)}{nearest(group, known)}", source="--group")
    only = Wanted(tag, group, text)
    if not rows(kind, only):
        raise ConfigError("no parameter is like this; leave out a filter", source="mahalle parameters")
    more = NOTHING_MORE
    if sensitivity is not None:
        from experiments.sensitivity.screened import more_of, read_screening

        found = read_screening(sensitivity)
        more = more_of(found, kind)
        if not found.is_current(kind):
            typer.echo(f"{sensitivity}: the model has changed since these runs ({found.provenance['date']})", err=True)
    layout = layout or ("text" if out is None and sys.stdout.isatty() else "md")
    if layout == "text":
        width = min(WIDEST, shutil.get_terminal_size().columns)
        return print_or_write(FORMATS[layout](more, kind, only, width), out, HEADS)
    return print_or_write(FORMATS[layout](more, kind, only), out, HEADS)
