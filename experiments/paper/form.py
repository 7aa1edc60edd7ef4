"""The form of a figure's file: which keys there are; what they mean together is checked by the reader."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sim.parameters import Parameters
from sim.policies import Label


class DataForm(Parameters):
    """Where the numbers come from."""

    kind: str = Field(min_length=1, description="Kind of study: experiments/paper/sources.py lists them.")
    file: str = Field(min_length=1, description="What is run, relative to the figure's file.")
    set: dict[str, Any] = Field(default_factory=dict, description="What is set besides.")


class FigureForm(Parameters):
    """All keys of a file in configs/figures."""

    number: int = Field(ge=1, le=999, description="Place in the paper.")
    drawing: str = Field(min_length=1, description="How it is drawn: a file of experiments/paper/drawings.")
    title: Label
    caption: Label = Field(description="What is seen; {n}, {weeks} and so on stand for numbers of the runs.")
    width: Literal["single", "double"] = "double"
    data: DataForm
    quick: dict[str, Any] = Field(
        default_factory=dict, description="What is set instead in the quick form, such as fewer replications."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="Of the drawing: what is shown.")
