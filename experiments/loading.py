"""`experiments.load`: read the folder of any command's results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.calibration.calibration import KIND as OF_CALIBRATION
from experiments.folders import maker_of
from experiments.manifest import RUN, refuse_altered
from experiments.sweeps.experiment import KIND as OF_SWEEP
from experiments.validation.replications import KIND as OF_VALIDATION
from sim.errors import ConfigError

if TYPE_CHECKING:
    from pandas import DataFrame

    from experiments.calibration.posterior import Posterior
    from experiments.contrasts.comparison import Comparison
    from experiments.results import Run
    from experiments.sweeps.tables import Sweep
    from experiments.validation.verdicts import Judged

CONTRASTS = "contrasts.parquet"

TABLES, PICTURES = "tables", "figures"
"""Folders within a folder of the paper's figures."""


type Loaded = Run | Sweep | Comparison | Posterior | list[Judged] | dict[str, DataFrame]


def load(folder: str | Path) -> Loaded:
    """Read a result folder.

    Args:
        folder: made by a command of `mahalle`.

    Returns:
        What the command made: `run` a `Run`; `sweep`, `sensitivity`, `discover` and `report` a `Sweep`; `compare` a
        `Comparison`; `calibrate` a `Posterior`; `validate` the verdict on each pattern; `figures` and `reproduce` the
        table behind each figure, by its name.

    Raises:
        ConfigError: no command made the folder, or what it made is unfinished or damaged.
    """
    folder = Path(folder)
    tables = sorted((folder / TABLES).glob("*.csv")) if (folder / PICTURES).is_dir() else []
    if tables:
        import pandas as pd

        return {table.stem: pd.read_csv(table) for table in tables}
    made_by = maker_of(folder)
    reader = _READERS.get(made_by)
    if reader is None:
        raise ConfigError("is not a folder that a command of mahalle made", source=str(folder))
    if made_by != OF_SWEEP.made_by:  # whose reader looks itself, for other commands use it
        refuse_altered(folder, "give the command again")
    try:
        found: Loaded = reader(folder)
    except ConfigError:
        raise
    except (OSError, KeyError, ValueError) as error:
        problem = f"holds no whole result of {made_by} ({error}); give the command again"
        raise ConfigError(problem, source=str(folder)) from None
    return found


def _run(folder: Path) -> Run:
    from experiments.results import load_run

    return load_run(folder)


def _sweep(folder: Path) -> Sweep | Comparison:
    if (folder / CONTRASTS).exists():
        from experiments.contrasts.comparison import load_comparison

        return load_comparison(folder)
    from experiments.sweeps import tables

    return tables.load(folder)


def _posterior(folder: Path) -> Posterior:
    from experiments.calibration.calibration import POSTERIOR
    from experiments.calibration.posterior import read_posterior

    return read_posterior(folder / POSTERIOR)


def _verdicts(folder: Path) -> list[Judged]:
    import pandas as pd

    from experiments.parquet import checked
    from experiments.validation.replications import from_table, judge

    return judge(from_table(pd.read_parquet(checked(folder / "replications.parquet"))))


_READERS: dict[str, Callable[[Path], Any]] = {
    RUN: _run,
    OF_SWEEP.made_by: _sweep,
    OF_CALIBRATION.made_by: _posterior,
    OF_VALIDATION.made_by: _verdicts,
}
