"""Plain functions in place of the city, through the same store, runner and tables."""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import experiments
from experiments.sweeps.experiment import Experiment, Point
from experiments.sweeps.tables import Sweep
from experiments.sweeps.worker import work

ROOT = Path(__file__).parents[2]
KEYS = (
    "behaviour.trust.initial_trust_in_municipality",
    "behaviour.trust.service_evidence_per_week",
    "behaviour.trust.project_weight",
)
RANGES = ((0.05, 0.95), (0.0, 0.05), (0.0, 3.0))


@pytest.fixture(scope="session")
def workbench() -> None:
    """The package of scenario discovery, which asks for all frames above it where it is imported: a thread has few."""
    if importlib.util.find_spec("ema_workbench") is None:
        pytest.skip("ema_workbench is not installed")
    thread = threading.Thread(target=importlib.import_module, args=["ema_workbench.analysis.prim"])
    thread.start()
    thread.join()


Function = Callable[[np.ndarray, str, int], float]
"""From the three assumptions as shares of their ranges, the policy and the replication to the outcome."""

TEXT = """\
title: {{en: A function, fa: یک تابع}}
base: {base}
{more}
uncertainties:
  behaviour.trust.initial_trust_in_municipality: {{uniform: [0.05, 0.95]}}
  behaviour.trust.service_evidence_per_week: {{uniform: [0, 0.05]}}
  behaviour.trust.project_weight: {{uniform: [0, 3]}}
design: {design}
replications: {replications}
run: {{scale: 0.002, weeks: 8}}
outcomes: [{{hope: last}}]
"""


class InPlaceOfTheCity:
    """An executor that works a plain function out, at once and in this process."""

    def __init__(self, function: Function) -> None:
        self._function = function

    def submit(self, _: Any, /, folder: str, digest: str, runs: tuple[int, ...]) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(folder, digest, runs, self._simulate))
        return future

    def _simulate(self, experiment: Experiment, point: Point, replication: int):
        value = self._function(shares(point.values), point.policy, replication)
        return {"outcome": ["hope:last"], "week": np.array([-1]), "value": np.array([value])}


def shares(values: Mapping[str, Any]) -> np.ndarray:
    """The three assumptions as shares of their ranges; the base's default where one is not varied."""
    defaults = (0.38, 0.01, 0.08)
    found = [values.get(key, default) for key, default in zip(KEYS, defaults, strict=True)]
    return np.array([(value - low) / (high - low) for value, (low, high) in zip(found, RANGES, strict=True)])


def ishigami(share: np.ndarray, _: str = "", __: int = 0) -> float:
    """Ishigami and Homma (1990), with a = 7 and b = 0.1."""
    x = np.pi * (2.0 * share - 1.0)
    return float(np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))


@pytest.fixture
def swept(tmp_path: Path) -> Callable[..., Sweep]:
    """Run a function over a design, through the store."""

    def sweep(
        function: Function,
        design: str,
        *,
        replications: int = 1,
        more: str = "",
        name: str = "f",
        without: bool = False,
    ) -> Sweep:
        file = tmp_path / f"{name}.yaml"
        base = ROOT / "configs/cities/rafsanjan.yaml"
        text = TEXT.format(base=base, design=design, replications=replications, more=more)
        if without:  # uncertainties: a list of points has its own
            text = re.sub(r"uncertainties:\n(  .*\n)+", "", text)
        file.write_text(text, encoding="utf-8")
        return experiments.run(file, out=tmp_path / name, executor=InPlaceOfTheCity(function), say=lambda _: None)

    return sweep
