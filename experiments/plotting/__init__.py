"""`mahalle plot`: an outcome of any sweep against what was varied, with its interval, on the paper's sheet."""

from experiments.plotting.captions import caption_of, whole_caption
from experiments.plotting.command import Request, carry_out, default_stem, save
from experiments.plotting.drawing import draw
from experiments.plotting.naming import NOT_SET
from experiments.plotting.points import Plot, plot_of

__all__ = [
    "NOT_SET",
    "Plot",
    "Request",
    "caption_of",
    "carry_out",
    "default_stem",
    "draw",
    "plot_of",
    "save",
    "whole_caption",
]
