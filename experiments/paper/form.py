"""The form of a figure's file: which keys there are; what they mean together is checked by the reader."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sim.parameters import Parameters
from sim.policies import Label


class DataForm(Parameters):
    """Where the numbers come from."""

    kind: str = Field(min_length=1, description="Kind of study; each drawing takes one.")
    file: str = Field(min_length=1, description="What is run: a file, relative to the figure's, or a name.")
    set: dict[str, Any] = Field(default_factory=dict, description="What is set besides what the file says.")


class FigureForm(Parameters):
    """All keys of a file in configs/figures."""

    number: int = Field(ge=1, le=999, description="Number of the figure; two in a folder cannot have the same.")
    drawing: str = Field(min_length=1, description="Name of the drawing; mahalle list drawing names all.")
    title: Label = Field(description="Title, which begins the caption.")
    caption: Label = Field(description="What is seen; {n}, {weeks} and so on stand for numbers of the runs.")
    width: Literal["single", "double"] = Field(
        "double", description="As wide as one column of a journal, which some drawings can be, or as two."
    )
    data: DataForm = Field(description="Where the numbers come from.")
    quick: dict[str, Any] = Field(
        default_factory=dict, description="What is set instead in the quick form, such as fewer replications."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="What is shown: the keys of the drawing.")
