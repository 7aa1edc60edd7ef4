"""Prior against posterior of every calibrated parameter."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.calibration.learning import prior_values
from experiments.figures import style
from experiments.sweeps.designs import Factor, inverse_cdf
from sim.parameters import Registered

Floats = NDArray[np.float64]

COLUMNS = 4
BINS = 12
WIDTH = 165
NOTE = (
    "Dashed: prior. Filled: posterior, vermilion where it differs from the prior by more than chance, blue where not."
)


def prior_and_posterior(
    factors: Sequence[Factor], quantiles: Floats, weight: Floats, learned: pd.DataFrame, title: str, caution: str
) -> Figure:
    """Draw each parameter's prior (outline) and posterior (filled), with the shrinkage of its spread.

    Args:
        factors: the priors.
        quantiles: particles, (n, parameters).
        weight: (n,), of sum 1.
        learned: the table of `what_was_learned`.
        title: of the calibration.
        caution: what is to be known of the figures fitted.
    """
    from experiments.sweeps.parts import registered

    with style.house_style():
        rows = math.ceil(len(factors) / COLUMNS)
        note = textwrap.wrap(f"{caution} {NOTE}", WIDTH)
        height = 0.85 + 0.15 * len(note) + 1.85 * rows
        figure = style.new_figure(10.5, height, 130)
        figure.text(0.012, 1.0 - 0.18 / height, title, weight="bold", size=11, va="top")
        figure.text(0.012, 1.0 - 0.42 / height, "\n".join(note), va="top", color=style.BLACK, linespacing=1.4)
        grid = figure.add_gridspec(
            rows,
            COLUMNS,
            left=0.03,
            right=0.985,
            top=1.0 - (0.95 + 0.15 * len(note)) / height,
            bottom=0.5 / height,
            hspace=0.95,
            wspace=0.16,
        )
        for at, factor in enumerate(factors):
            axes = figure.add_subplot(grid[at // COLUMNS, at % COLUMNS])
            after = np.array(inverse_cdf(factor, quantiles[:, at]), dtype=np.float64)
            _panel(axes, factor, registered().get(factor.key), after, weight, learned.iloc[at])
    return figure


def _panel(
    axes: Axes, factor: Factor, row: Registered | None, after: Floats, weight: Floats, learned: pd.Series
) -> None:
    prior = prior_values(factor)
    edges = np.linspace(prior.min(), prior.max(), BINS + 1)
    if factor.whole:  # a bin for so many whole numbers each, or some bins would hold one number more than others
        step = max(1, math.ceil((prior.max() - prior.min() + 1) / BINS))
        edges = np.arange(prior.min() - 0.5, prior.max() + step + 0.5, step)
    colour = style.VERMILION if learned.learned else style.BLUE
    axes.hist(after, edges.tolist(), weights=weight, density=True, color=colour, alpha=0.75, linewidth=0)
    axes.hist(
        prior, edges.tolist(), density=True, histtype="step", color=style.BLACK, linewidth=1.0, linestyle=(0, (3, 2))
    )
    axes.margins(y=0.08)
    axes.locator_params(axis="x", nbins=5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    group, _, name = factor.key.removeprefix("behaviour.").rpartition(".")
    unit = "" if row is None or not row.unit else row.unit
    axes.set_title(f"{group}: {name}".replace("_", " "), fontsize=7.6, pad=14.0)
    axes.text(
        0.0, 1.02, f"shrinkage {learned.shrinkage:+.2f} (chance ± {learned.shrinkage_by_chance:.2f})",
        transform=axes.transAxes, fontsize=7.0, color=style.BLACK,
    )  # fmt: skip
    axes.set_xlabel(unit, fontsize=7.2, labelpad=1.5)
