"""Many cities: the command line, results, sweeps, patterns and figures around the model in `sim`.

`experiments.run(EXPERIMENT, out=FOLDER)` does a sweep, or what is left of it; `experiments.load(FOLDER)` reads the
results of any command.
`experiments.calibrate(CALIBRATION)` does a calibration, or what is left of it. Both take a file, or the name of what
comes with the program (`sim.shipped`).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.calibration.reader import load_calibration
    from experiments.calibration.runner import calibrate
    from experiments.loading import load
    from experiments.sweeps.reader import load_experiment
    from experiments.sweeps.runner import run

__all__ = ["calibrate", "load", "load_calibration", "load_experiment", "run"]

_HOMES = {
    "calibrate": "experiments.calibration.runner",
    "load": "experiments.loading",
    "load_calibration": "experiments.calibration.reader",
    "load_experiment": "experiments.sweeps.reader",
    "run": "experiments.sweeps.runner",
}


def __getattr__(name: str) -> Any:
    """Import late: the command line imports this package, and must answer `--help` at once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
