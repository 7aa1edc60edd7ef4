"""The form of an experiment file: which keys there are and of which type; what they mean together is checked later."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from experiments.sweeps.designs import Family
from sim.parameters import Parameters
from sim.policies import Label

FAMILIES: tuple[Family, ...] = ("uniform", "loguniform", "triangular", "normal", "choice", "levels")
"""Ways to write an uncertainty."""


class DistributionForm(Parameters):
    """How an uncertainty is spread: exactly one of the six."""

    uniform: tuple[float, float] | None = Field(None, strict=False, description="Lowest and highest value.")
    loguniform: tuple[float, float] | None = Field(
        None, strict=False, description="Lowest and highest value, both above 0; uniform in the logarithm."
    )
    triangular: tuple[float, float, float] | None = Field(
        None, strict=False, description="Lowest, likeliest and highest value."
    )
    normal: tuple[float, float] | None = Field(
        None, strict=False, description="Mean and standard deviation, cut at the parameter's range."
    )
    choice: list[Any] | None = Field(None, min_length=1, description="Values, each alike likely.")
    levels: list[Any] | None = Field(None, min_length=1, description="Values that a grid takes in turn.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in FAMILIES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"must have exactly one of {', '.join(FAMILIES)}, not {' and '.join(given) or 'none'}")
        return self


class GridForm(Parameters):
    """All combinations of levers and of the levels of uncertainties."""

    kind: Literal["grid"]
    levels: int | None = Field(None, ge=1, le=1000, description="Levels of each uncertainty given as a distribution.")


class ListForm(Parameters):
    """The points written out."""

    kind: Literal["list"]
    points: list[dict[str, Any]] = Field(min_length=1, description="Dotted keys and values; `policy` names one.")


class LatinHypercubeForm(Parameters):
    """A Latin hypercube over the uncertainties."""

    kind: Literal["latin_hypercube"]
    samples: int = Field(ge=1, description="Rows.")
    seed: int | None = Field(None, ge=0, description="Seed of the sample; that of the experiment if left out.")


class SobolForm(Parameters):
    """Saltelli's sample, for indices of Sobol'."""

    kind: Literal["sobol"]
    samples: int = Field(ge=2, description="Size of the base sample, a power of two.")
    second_order: bool = Field(False, description="Whether pairs of factors are to be told apart.")
    seed: int | None = Field(None, ge=0, description="Seed of the sample; that of the experiment if left out.")

    @field_validator("samples")
    @classmethod
    def _power_of_two(cls, samples: int) -> int:
        if samples & (samples - 1):
            near = 1 << (samples.bit_length() - 1)
            raise ValueError(f"must be a power of two, such as {near} or {2 * near}, not {samples}")
        return samples


class MorrisForm(Parameters):
    """Trajectories of one factor at a time, for elementary effects."""

    kind: Literal["morris"]
    trajectories: int = Field(ge=2, description="Trajectories.")
    levels: int = Field(4, ge=2, le=100, description="Levels of each factor, an even number.")
    seed: int | None = Field(None, ge=0, description="Seed of the sample; that of the experiment if left out.")

    @field_validator("levels")
    @classmethod
    def _even(cls, levels: int) -> int:
        if levels % 2:
            raise ValueError(f"must be an even number, such as 4 or 6, not {levels}")
        return levels


class RuleForm(Parameters):
    """Replications until an outcome says that there are enough."""

    of: str
    confidence: float = Field(0.95, gt=0.5, lt=1.0)
    at_least: int = Field(10, ge=2)
    at_most: int = Field(ge=2, le=100_000)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_least > self.at_most:
            raise ValueError(f"at_least ({self.at_least}) must not be more than at_most ({self.at_most})")
        return self


class RankingForm(RuleForm):
    """Replications until it is settled which point comes first."""

    until: Literal["ranking"]
    best: Literal["highest", "lowest"]


class HalfWidthForm(RuleForm):
    """Replications until the interval of every point is narrow enough."""

    until: Literal["half_width"]
    below: float = Field(gt=0.0)


class BehaviourForm(Parameters):
    """Where the behaviour of each replication comes from."""

    posterior: str = Field(min_length=1, description="Posterior of a calibration, relative to the experiment.")


class ExperimentForm(Parameters):
    """All keys of an experiment file."""

    title: Label
    description: Label = Label()
    base: str = Field(min_length=1, description="City config, relative to the experiment.")
    extensions: list[str] = Field(default_factory=list, description="Extensions besides those of the base.")
    policies: dict[str, str | list[str]] | list[str] = Field(
        default_factory=dict, description="Policy files by name, relative to the experiment; or a list of them."
    )
    levers: dict[str, list[Any]] = Field(default_factory=dict, description="Values by key of policy; all are crossed.")
    uncertainties: dict[str, Any] = Field(
        default_factory=dict,
        description="Distributions by key of behaviour, city or policy; of a whole group, `all` or conditions.",
    )
    behaviour: BehaviourForm | None = Field(None, description="Draw a particle of a posterior for each replication.")
    design: Annotated[
        GridForm | ListForm | LatinHypercubeForm | SobolForm | MorrisForm, Field(discriminator="kind")
    ] = GridForm(kind="grid", levels=None)
    replications: Annotated[int, Field(ge=1, le=100_000)] | RankingForm | HalfWidthForm
    places: int = Field(1, ge=1, le=1000, description="Places drawn; every replication is run in each of them.")
    seed: int = Field(0, ge=0, le=2**63 - 1, description="Root of the seeds of all replications.")
    run: dict[str, Any] = Field(default_factory=dict, description="Overrides of the base's `run`.")
    outcomes: list[Any] = Field(min_length=1, description="Columns of the weekly tables, and how they are reduced.")
