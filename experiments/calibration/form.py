"""The form of a calibration file: which keys there are and of which type; what they mean together is checked later."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from experiments.sweeps.form import DistributionForm
from sim.parameters import Parameters
from sim.policies import Label


class FigureForm(Parameters):
    """A claimed figure, and how far a run may be from it."""

    pattern: int = Field(description="Number of the pattern; only 1, 2 and 3 may be fitted.")
    part: str = Field(description="The figure, as the pattern names it.")
    claimed: float = Field(description="What is claimed.")
    tolerance: float = Field(gt=0.0, description="Distance 1: how far a run may be from it in the end.")


class CalibrationForm(Parameters):
    """All keys of a calibration file."""

    title: Label
    description: Label = Label()
    base: str = Field(min_length=1, description="City config, relative to the calibration.")
    extensions: list[str] = Field(default_factory=list, description="Extensions besides those of the base.")
    parameters: dict[str, Literal["range"] | DistributionForm] = Field(
        min_length=1, description="Priors by key of behaviour; `range` is uniform over the parameter's declared range."
    )
    patterns: list[FigureForm] = Field(min_length=1, description="Figures that are fitted.")
    thresholds: list[float] = Field(
        min_length=1, description="Largest distance of each generation, in tolerances; must fall."
    )
    population: int = Field(ge=10, le=100_000, description="Particles of a generation.")
    least_acceptance: float = Field(
        0.005, gt=0.0, le=1.0, description="A generation that accepts a smaller share of its runs is given up."
    )
    seed: int = Field(0, ge=0, le=2**63 - 1, description="Root of all draws.")
    run: dict[str, Any] = Field(default_factory=dict, description="Overrides of the base's `run`.")

    @field_validator("thresholds")
    @classmethod
    def _falling(cls, thresholds: list[float]) -> list[float]:
        if min(thresholds) <= 0.0 or sorted(set(thresholds), reverse=True) != thresholds:
            raise ValueError("must be numbers above 0 that fall, such as [4, 2, 1]")
        return thresholds
