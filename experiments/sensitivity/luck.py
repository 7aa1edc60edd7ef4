"""The noise between runs (luck): variance components of points and replications."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.indices import step_of, way_of
from experiments.statistics import mean_squares
from experiments.sweeps.designs import Design

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Components:
    """Variance of single runs, taken apart.

    Attributes:
        points: between points of the design.
        shared: noise common to all points, since a replication has one seed everywhere; it does not affect indices.
        own: noise that differs between points and affects indices.
        replications: of each point.
        used: points that had a value in every replication.
    """

    points: float
    shared: float
    own: float
    replications: int
    used: int


@dataclass(frozen=True)
class Luck:
    """The noise in one outcome of an analysis.

    Attributes:
        share: of the variance of single runs; NaN if no point was repeated.
        noise: share of the variance of the values analysed.
        floor: noise floor, the mu_star or ST of a factor without any effect.
    """

    share: float
    noise: float
    floor: float


def components(values: Floats) -> Components:
    """Variance components of a two-way layout without repetition, by the method of moments; negative ones count as 0.

    Args:
        values: of one outcome, (points, replications); points with a gap are left out.
    """
    whole = values[np.isfinite(values).all(axis=1)]
    points, replications = whole.shape
    if points < 2 or replications < 2:
        return Components(np.nan, np.nan, np.nan, replications, points)
    of_points, of_replications, own = (float(square[0, 0]) for square in mean_squares(whole[..., None])[0])
    between, shared = (of_points - own) / replications, (of_replications - own) / points
    return Components(max(0.0, between), max(0.0, shared), own, replications, points)


def luck(design: Design, averages: Floats, replications: int, found: Components) -> Luck:
    """The noise in an outcome.

    Args:
        design: morris or sobol.
        averages: over replications, at each row of the design, (rows,).
        replications: behind each average.
        found: variance components, of these values or of a sample of them that was repeated.
    """
    there = averages[np.isfinite(averages)]
    if there.size > 0 and np.ptp(there) == 0.0:  # nothing varies, and the variance of equal numbers is dust, not 0
        return Luck(np.nan, np.nan, np.nan)
    total = float(there.var(ddof=1)) if there.size > 1 else np.nan
    noise_of_average = found.own / replications
    between = max(0.0, total - noise_of_average)
    of_runs = between + found.shared + found.own
    share = (found.shared + found.own) / of_runs if of_runs > 0.0 else np.nan
    noise = float(np.minimum(1.0, noise_of_average / total)) if total > 0.0 else np.nan  # not min: it loses a nan
    floor = noise
    if design.kind == "morris":  # mean of |N(0, s²)| is s·√(2/π), where s² is that of a difference of two averages
        floor = float(np.sqrt(2.0 / np.pi) * np.sqrt(2.0 * noise_of_average) / step_of(design))
    return Luck(share, noise, floor)


def floors(design: Design, found: Luck) -> dict[str, float]:
    """Noise floor of each factor: the mu_star or ST of a factor without any effect.

    A step of a Morris trajectory reshuffles it once, whatever way the factor goes by it. In a block of a Sobol' design
    a choice between n names, drawn again, is the same again in one of n cases, and then so is the run.
    """
    if design.kind == "morris":
        return {factor.key: found.floor * step_of(design) / way_of(design, factor) for factor in design.factors}
    return {
        factor.key: found.floor * (1.0 - 1.0 / len(factor.arguments) if factor.is_discrete else 1.0)
        for factor in design.factors
    }
