"""What is observed in a city of one's own: a figure of the model at a week, beside its value and its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.outcomes import Outcome

Floats = NDArray[np.float64]
Origin = Literal["survey", "claimed", "synthetic"]

ORIGINS: tuple[Origin, ...] = ("survey", "claimed", "synthetic")
"""What a file of figures may say of them: measured by a survey, claimed by somebody, or made up to test the method."""


class Observed(Protocol):
    """A figure that is fitted: a target, or a claim."""

    @property
    def label(self) -> str:
        """Tells it from any other figure."""

    @property
    def value(self) -> float:
        """What was observed, or is claimed."""

    @property
    def error(self) -> float:
        """Its standard error."""

    @property
    def answers(self) -> float | None:
        """How many people answered, if it is a share of answers."""


@dataclass(frozen=True)
class Target:
    """One figure of a file of one's own.

    Attributes:
        outcome: which outcome, of whom and in which week.
        value: what was observed.
        standard_error: of the value; None for a share of answers.
        answers: how many people answered (the effective number, where a survey is weighted); None for a mean.
        held_out: whether it is kept from the fit and judged after it.
        origin: survey, claimed or synthetic.
        source: the file, and the line or row.
    """

    outcome: Outcome
    value: float
    standard_error: float | None
    answers: float | None
    held_out: bool
    origin: Origin
    source: str

    @property
    def week(self) -> int:
        """The week of the run at whose end it was observed."""
        assert self.outcome.weeks is not None
        return self.outcome.weeks[0]

    @property
    def label(self) -> str:
        """Outcome, group and week, such as ``hope[cohort=youth] in week 52``."""
        return f"{self.outcome.column} in week {self.week}"

    @property
    def error(self) -> float:
        """Standard error; of a share that of so many answers, at a value kept away from 0 and 1 by half an answer."""
        if self.answers is None:
            assert self.standard_error is not None
            return self.standard_error
        inside = (self.value * self.answers + 0.5) / (self.answers + 1.0)
        return float(np.sqrt(inside * (1.0 - inside) / self.answers))


def surveyed(targets: Sequence[Observed], simulated: Floats, draw: np.random.Generator) -> Floats:
    """What a survey like one's own would find in simulated cities: their figures, with the error of the survey.

    Args:
        targets: T figures.
        simulated: (n, T).
        draw: the source of the errors.

    Returns:
        (n, T); NaN where a figure is undefined.
    """
    found = np.full(simulated.shape, np.nan)
    for at, own in enumerate(targets):
        here = simulated[:, at]
        known = ~np.isnan(here)
        if own.answers is None:
            found[known, at] = here[known] + own.error * draw.standard_normal(int(known.sum()))
        else:
            answers = max(round(own.answers), 1)
            found[known, at] = draw.binomial(answers, np.clip(here[known], 0.0, 1.0)) / answers
    return found
