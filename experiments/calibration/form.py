"""The form of a calibration file: which keys there are and of which type; what they mean together is checked later."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from experiments.sweeps.form import DistributionForm
from sim.parameters import Parameters
from sim.policies import Label


class FigureForm(Parameters):
    """A claimed figure, and how far a run may be from it."""

    pattern: int = Field(description="Number of the pattern; only 1, 2 and 3 may be fitted.")
    part: str = Field(description="The figure, as the pattern names it.")
    claimed: float = Field(description="What is claimed.")
    tolerance: float = Field(gt=0.0, description="Distance 1: how far a run may be from it in the end.")


class HeldOutForm(Parameters):
    """Figures of a file that are kept from the fit and judged after it, beside those that its column names."""

    weeks: list[int] = Field(default_factory=list, description="All figures of these weeks: whole waves.")
    outcomes: list[str] = Field(default_factory=list, description="All figures of these outcomes.")


class SurveyForm(Parameters):
    """A table of figures of one's own."""

    file: str = Field(min_length=1, description="CSV or Parquet, relative to the calibration.")
    label: Literal["survey", "claimed", "synthetic"] = Field(
        "survey", description="What its figures are: of a survey, claimed by somebody, or made up for a test."
    )
    held_out: HeldOutForm = HeldOutForm()


METHODS = {"smc": ("thresholds", "least_acceptance"), "emulator": ("runs",)}
"""Ways of fitting, and the keys that are for this one alone."""


class CalibrationForm(Parameters):
    """All keys of a calibration file."""

    title: Label
    description: Label = Label()
    base: str = Field(min_length=1, description="City config, relative to the calibration.")
    extensions: list[str] = Field(default_factory=list, description="Extensions besides those of the base.")
    parameters: dict[str, Literal["range"] | DistributionForm] = Field(
        min_length=1, description="Priors by key of behaviour; `range` is uniform over the parameter's declared range."
    )
    patterns: list[FigureForm] = Field(default_factory=list, description="Claimed figures that are fitted.")
    survey: list[SurveyForm] = Field(default_factory=list, description="Tables of figures of one's own.")
    method: Literal["smc", "emulator"] = Field(
        "smc",
        description="Sequential Monte Carlo over runs, or draws from an emulator that is fitted to a design of runs.",
    )
    thresholds: list[float] = Field(
        default_factory=list,
        description="Of smc: largest distance of each generation, in tolerances; must fall.",
    )
    runs: int | None = Field(None, ge=50, le=100_000, description="Of emulator: runs that it is fitted to.")
    population: int = Field(ge=10, le=100_000, description="Particles of a generation, or of the posterior.")
    least_acceptance: float = Field(
        0.005, gt=0.0, le=1.0, description="A generation that accepts a smaller share of its runs is given up."
    )
    seed: int = Field(0, ge=0, le=2**63 - 1, description="Root of all draws.")
    run: dict[str, Any] = Field(default_factory=dict, description="Overrides of the base's `run`.")

    @field_validator("thresholds")
    @classmethod
    def _falling(cls, thresholds: list[float]) -> list[float]:
        if min(thresholds, default=1.0) <= 0.0 or sorted(set(thresholds), reverse=True) != thresholds:
            raise ValueError("must be numbers above 0 that fall, such as [4, 2, 1]")
        return thresholds

    @model_validator(mode="after")
    def _keys_of_the_method(self) -> Self:
        if not self.patterns and not self.survey:
            raise ValueError("needs patterns (claims) or survey (figures of one's own): nothing is to be fitted")
        for method, keys in METHODS.items():
            strange = [key for key in keys if key in self.model_fields_set]
            if method != self.method and strange:
                raise ValueError(f"{strange[0]} is for method: {method}; this calibration has method: {self.method}")
        needed = METHODS[self.method][0]
        if needed not in self.model_fields_set or not getattr(self, needed):
            raise ValueError(f"method: {self.method} needs the key {needed}")
        return self
