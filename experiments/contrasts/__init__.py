"""Contrasts: compare policies with a base with common random numbers: intervals, and who gains and who loses."""

from experiments.contrasts.comparison import Comparison, compare, load_comparison
from experiments.contrasts.geography import identified
from experiments.contrasts.mechanisms import CHANNELS, Attribution, attribute
from experiments.contrasts.neighbourhoods import extremes
from experiments.contrasts.tables import contrast_of_contrasts, contrasts, neighbourhood_shares

__all__ = [
    "CHANNELS",
    "Attribution",
    "Comparison",
    "attribute",
    "compare",
    "contrast_of_contrasts",
    "contrasts",
    "extremes",
    "identified",
    "load_comparison",
    "neighbourhood_shares",
]
