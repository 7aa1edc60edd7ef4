"""`mahalle calibrate`: a posterior of the behaviour, given figures that are claimed or surveyed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.commands.completion import names_of
from experiments.study.options import KEPT, PARALLEL, Options, offering

FOLDER = "results/calibration-NAME; results/NAME if NAME begins with calibration"


@offering(*PARALLEL, *KEPT, "dry_run", "csv", "language", out=FOLDER)
def calibrate(
    calibration: Annotated[
        Path,
        typer.Argument(
            metavar="CALIBRATION",
            help="Calibration: a YAML file, or a name.",
            autocompletion=names_of("calibration"),
        ),
    ],
    coverage: Annotated[
        int | None,
        typer.Option(
            "--coverage",
            metavar="N",
            min=10,
            help="With method emulator: take N runs in turn as the truth, and print how often the fit finds it.",
        ),
    ] = None,
    *,
    options: Options,
) -> bool:
    """Fit the behaviour to figures that are claimed or surveyed; resume from runs already finished in the folder."""
    from experiments.calibration.command import Request, carry_out_request

    return carry_out_request(Request(calibration=calibration, coverage=coverage, **options))
