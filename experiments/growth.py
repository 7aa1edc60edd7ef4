"""Whether a series grows in an S or on a straight line: both fitted by least squares, and compared by AIC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ZOOMS = 12
"""How often a grid of 9 by 9, at half the step, is laid around the best point of the grid before."""

MIDDLES = (-0.5, 1.5)
WIDTHS = (0.004, 0.5)
"""Where the logistic's middle and its width are looked for, in lengths of the series."""


@dataclass(frozen=True)
class Growth:
    """A line and a logistic, fitted to one series.

    Attributes:
        line_residuals, logistic_residuals: sums of squares.
        advantage: AIC of the line less that of the logistic; above 0 where the logistic fits better, its two parameters
            more paid for.
        middle: the logistic's steepest point as a share of the series, below 0 or above 1 where it lies outside.
        width: of the logistic, in lengths of the series; from a tenth to nine tenths it takes 4.4 of these.
        start, end: the levels it goes from and to.
    """

    line_residuals: float
    logistic_residuals: float
    advantage: float
    middle: float
    width: float
    start: float
    end: float


def growth_of(values: Floats) -> Growth:
    """Fit ``a + b x`` and ``a + b σ((x - middle) / width)`` to a series at evenly spaced x from 0 to 1.

    Given middle and width the logistic is linear in a and b, so these are computed exactly, and the other two are
    looked for on a grid that is made finer around its best point. AIC is ``n ln(residuals / n) + 2 k`` for independent
    normal errors, with k = 2 for the line and 4 for the logistic (Burnham and Anderson 2002, 2.2).

    Args:
        values: (n,), n of at least 6.
    """
    places = np.linspace(0.0, 1.0, values.size)
    line, _, _ = _residuals(places[None, :], values)
    middles, widths = np.linspace(*MIDDLES, 48), np.geomspace(*WIDTHS, 32)
    for _ in range(ZOOMS):
        middle, width = _best(places, values, middles, widths)
        step, ratio = middles[1] - middles[0], widths[1] / widths[0]
        middles = np.linspace(middle - 2.0 * step, middle + 2.0 * step, 9)
        widths = np.geomspace(max(width / ratio**2, WIDTHS[0]), min(width * ratio**2, WIDTHS[1]), 9)
    middle, width = _best(places, values, middles, widths)
    residuals, intercept, slope = _residuals(_logistic(places, np.array([middle]), np.array([width])), values)
    advantage = aic(float(line[0]), values.size, 2) - aic(float(residuals[0]), values.size, 4)
    start = float(intercept[0])
    return Growth(float(line[0]), float(residuals[0]), advantage, middle, width, start, start + float(slope[0]))


def aic(residuals: float, size: int, parameters: int) -> float:
    """Akaike's criterion from a sum of squared residuals; what is left out is the same for all fits to a series."""
    return float(size * np.log(max(residuals, np.finfo(float).tiny) / size) + 2 * parameters)


def _best(places: Floats, values: Floats, middles: Floats, widths: Floats) -> tuple[float, float]:
    """Middle and width, of a grid, whose logistic leaves least; of equals the first."""
    middle, width = (grid.ravel() for grid in np.meshgrid(middles, widths, indexing="ij"))
    at = int(np.argmin(_residuals(_logistic(places, middle, width), values)[0]))
    return float(middle[at]), float(width[at])


def _logistic(places: Floats, middle: Floats, width: Floats) -> Floats:
    """(shapes, n)."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * (places - middle[:, None]) / width[:, None])))


def _residuals(shapes: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Sum of squared residuals, intercept and slope of the values on each shape.

    Args:
        shapes: (shapes, n); one that is flat explains nothing.
        values: (n,).
    """
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    own = values - values.mean()
    spread = np.square(centred).sum(axis=1)
    flat = spread <= 1e-12 * values.size
    slope = np.where(flat, 0.0, np.einsum("sn,n->s", centred, own) / np.where(flat, 1.0, spread))
    residuals = np.square(own - slope[:, None] * centred).sum(axis=1)
    return residuals, values.mean() - slope * shapes.mean(axis=1), slope
