"""`mahalle calibrate`: a posterior of the behaviour, given figures that are claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.options import Debug, end


def calibrate(
    calibration: Annotated[Path, typer.Argument(metavar="CALIBRATION", help="Calibration, a YAML file.")],
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Runs at a time.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The calibration's folder  [default: results/calibration-NAME]"),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, without what is in the folder.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    debug: Debug = False,
) -> None:
    """Fit the behaviour to claimed figures; generations that are finished in the folder are not done again."""
    from experiments.calibration.command import Request, carry_out_request

    request = Request(calibration=calibration, out=out, workers=workers, fresh=fresh, quiet=quiet)
    end(sound=carry_out_request(request))
