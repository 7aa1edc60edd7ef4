"""`mahalle plot`: an outcome of any sweep against what was varied, with its interval, on the paper's sheet."""

from experiments.plotting.command import carry_out, default_stem, save
from experiments.plotting.drawing import draw
from experiments.plotting.points import NOT_SET, Plot, plot_of
from experiments.plotting.words import caption_of

__all__ = ["NOT_SET", "Plot", "caption_of", "carry_out", "default_stem", "draw", "plot_of", "save"]
