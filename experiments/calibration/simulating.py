"""One run of a calibration: values of the behaviour and a seed in, simulated figures out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.calibration.calibration import Calibration, Floats
from experiments.cautions import unsaid
from experiments.measuring import NotTestable
from experiments.patterns import PATTERNS
from experiments.results import facts_of_start, run_of
from experiments.study.work import FailedRunError
from experiments.sweeps.outcomes import crossed_groups, read, weeks_read
from sim.city import City
from sim.loading import Loaded
from sim.place import Foundations


def simulated(calibration: Calibration, values: Mapping[str, Any], seed: int) -> dict[str, float]:
    """The figures of one run, by label; NaN if undefined.

    Args:
        calibration: base city and figures.
        values: of the behaviour, by dotted key.
        seed: of the run's luck; the place is the base's.

    Raises:
        FailedRunError: with values and seed, so that the run can be repeated.
    """
    try:
        with unsaid():  # each run would say it again
            city = City(
                calibration.base.with_values({**values, "run.seed": seed}),
                foundations=_FOUNDATIONS,
                measured_weeks=_weeks_of(calibration),
                crossed_groups=crossed_groups([own.outcome for own in calibration.targets]),
            )
        start = facts_of_start(city)
        city.run()
        observed = _observed(calibration, city)
        if not calibration.figures:
            return observed
        run = run_of(city, start)
    except Exception as error:
        settings = ", ".join(f"{key}={value!r}" for key, value in values.items())
        raise FailedRunError(f"run.seed={seed}, {settings}: {type(error).__name__}: {error}") from error
    found: dict[str, float] = {}
    for number in sorted({figure.pattern for figure in calibration.figures}):
        pattern = next(own for own in PATTERNS if own.number == number)
        try:
            measured = pattern.measure(run)
        except NotTestable:  # a city without a council has no office holders to count: infinitely far from the claim
            measured = dict.fromkeys(pattern.accept, float("nan"))
        found |= {f"{number} {part}": float(value) for part, value in measured.items()}
    return {figure.label: found[figure.label] for figure in calibration.figures} | observed


def _weeks_of(calibration: Calibration) -> frozenset[int] | None:
    """Weeks that are measured: all of them for claims, else those of the figures of one's own."""
    if calibration.figures:
        return None
    return weeks_read([own.outcome for own in calibration.targets], calibration.base.run.weeks)


def _observed(calibration: Calibration, city: City) -> dict[str, float]:
    """What a run says of the figures of one's own, by label; NaN where it has no value."""
    values = read(city, [own.outcome for own in calibration.targets])["value"]
    return dict(zip([own.label for own in calibration.targets], map(float, values), strict=True))


@dataclass(frozen=True)
class OneRun:
    """`simulated` as a function of quantiles of the priors, to be sent to workers."""

    calibration: Calibration

    @property
    def extensions(self) -> tuple[Loaded, ...]:
        """Extensions of the base, which are part of the model."""
        return self.calibration.base.loaded

    def __call__(self, quantiles: Floats, seed: int) -> dict[str, float]:
        """Figures by label at quantiles (parameters,)."""
        values = self.calibration.values_at(np.atleast_2d(quantiles))
        return simulated(self.calibration, {key: column[0] for key, column in values.items()}, seed)


_FOUNDATIONS = Foundations()
"""Of the last cities built in this process: all runs have one place, and differ in behaviour."""
