"""Indices of sensitivity from points and values: Morris' elementary effects and Sobol' indices, by SALib."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.statistics import half_width
from experiments.sweeps.designs import Design, Factor, inverse_cdf

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RESAMPLES = 500
"""Bootstrap samples behind each interval."""

COLUMNS = ("factor", "other", "method", "index", "value", "low", "high")
"""Of a table of indices; `other` is the second factor of a pair, else empty."""


class IncompleteDesignError(Exception):
    """Points without a value leave too little of a design to work out indices from it."""


@dataclass(frozen=True)
class Part:
    """What of a design has values at all its points: whole trajectories (Morris) or whole blocks (Sobol').

    Attributes:
        sample: the rows kept, in the unit cube, (rows, factors).
        values: of these rows, (rows,).
        kept, of: how many trajectories or blocks were kept, and of how many.
    """

    sample: Floats
    values: Floats
    kept: int
    of: int


def indices(
    design: Design,
    values: Floats,
    *,
    gaps: Literal["refuse", "drop"] = "refuse",
    confidence: float = 0.95,
    seed: int = 1,
) -> pd.DataFrame:
    """Indices of one outcome, with intervals.

    Args:
        design: morris or sobol, with its sample.
        values: of the outcome at each row of the sample, (rows,); NaN where a run failed.
        gaps: of Sobol' designs: refuse values that are missing, or drop the blocks they stand in. A Morris design
            loses the whole trajectory in either case. Nothing is imputed.
        confidence: level of the intervals.
        seed: of the bootstrap, above 0.

    Returns:
        One row an index, with `COLUMNS`: ``mu``, ``mu_star`` and ``sigma`` in units of the outcome, of a number for
        the whole of its range (changes are seen over `step_of` it and scaled up in a straight line), of a choice for
        a change from one name to another (as seen); or ``S1``, ``ST`` and for pairs ``S2``, shares of the variance.

    Raises:
        IncompleteDesignError: too many values are missing.
        ValueError: the design is neither morris nor sobol, or values do not fit it.
    """
    part = whole_part(design, values)
    if design.kind == "sobol" and gaps == "refuse" and part.kept < part.of:
        raise IncompleteDesignError(
            f"{part.of - part.kept} of {part.of} blocks of the Sobol' design lack values; --failed drop leaves these "
            "blocks out, and the sample is then less even than designed"
        )
    if part.kept < 2:
        what = "trajectories" if design.kind == "morris" else "blocks"
        raise IncompleteDesignError(f"only {part.kept} of {part.of} {what} have values at all their points")
    work = _morris if design.kind == "morris" else _sobol
    return pd.DataFrame(work(design, part, confidence, seed), columns=list(COLUMNS))


def whole_part(design: Design, values: Floats) -> Part:
    """The trajectories or blocks of a design all of whose points have a value."""
    rows, factors = design.sample.shape
    if values.shape != (rows,):
        raise ValueError(f"the design has {rows} rows, not {values.shape}")
    size = rows_together(design)
    sound: Flags = np.isfinite(values).reshape(-1, size).all(axis=1)
    sample = design.sample.reshape(-1, size, factors)[sound].reshape(-1, factors)
    return Part(sample, values.reshape(-1, size)[sound].ravel(), int(sound.sum()), sound.size)


def rows_together(design: Design) -> int:
    """Rows of a trajectory or of a block.

    Raises:
        ValueError: the design is neither morris nor sobol.
    """
    factors = len(design.factors)
    if design.kind == "morris":
        return factors + 1
    if design.kind == "sobol":
        return 2 * factors + 2 if design.options["second_order"] else factors + 2
    raise ValueError(f"needs a design morris or sobol, not {design.kind}")


def step_of(design: Design) -> float:
    """How far a factor moves in a step of a Morris trajectory, as a share of its range (Morris 1991)."""
    levels = int(design.options["levels"])
    return levels / (2.0 * (levels - 1.0))


def way_of(design: Design, factor: Factor) -> float:
    """How far the value of a factor goes in a step of a Morris trajectory, as a share of the whole way from end to end.

    Of a continuous number that is the step, `step_of`, in its quantiles. A choice goes the whole way, from one name to
    another. A whole number of few values goes further or less far than its quantile: here the mean over all steps, so
    that the mean effect of a straight line is its rise over the whole range.
    """
    if factor.is_discrete:
        return 1.0
    step = step_of(design)
    if not factor.whole or factor.family != "uniform":
        return step
    levels = int(design.options["levels"])
    below = np.arange(levels // 2) / (levels - 1.0)
    gone = np.subtract(inverse_cdf(factor, below + step), inverse_cdf(factor, below))
    return float(np.mean(gone)) / float(factor.arguments[1] - factor.arguments[0])


def _morris(design: Design, part: Part, confidence: float, seed: int) -> Iterator[tuple[Any, ...]]:
    from SALib.analyze import morris  # here, because it takes seconds to import

    found = morris.analyze(
        dict(design.problem),
        part.sample,
        part.values,
        num_resamples=RESAMPLES,
        conf_level=confidence,
        num_levels=int(design.options["levels"]),
        seed=seed,
    )
    half_of_t = float(half_width(1.0, part.kept, confidence))
    for place, factor in enumerate(design.factors):
        scale = step_of(design) / way_of(design, factor)  # SALib divides each change by the step in quantiles
        mu, star, sigma = (scale * float(found[name][place]) for name in ("mu", "mu_star", "sigma"))
        half = scale * float(found["mu_star_conf"][place])
        yield factor.key, "", "morris", "mu_star", star, max(0.0, star - half), star + half
        yield factor.key, "", "morris", "mu", mu, mu - half_of_t * sigma, mu + half_of_t * sigma
        yield factor.key, "", "morris", "sigma", sigma, np.nan, np.nan


def _sobol(design: Design, part: Part, confidence: float, seed: int) -> Iterator[tuple[Any, ...]]:
    from SALib.analyze import sobol

    keys = [factor.key for factor in design.factors]
    pairs = bool(design.options["second_order"])
    if np.ptp(part.values) == 0.0:  # without variance there are no shares of it
        for key in keys:
            yield key, "", "sobol", "S1", np.nan, np.nan, np.nan
            yield key, "", "sobol", "ST", np.nan, np.nan, np.nan
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Constant values")  # in a bootstrap sample of a steep outcome
        found = sobol.analyze(
            dict(design.problem),
            part.values,
            calc_second_order=pairs,
            num_resamples=RESAMPLES,
            conf_level=confidence,
            keep_resamples=True,
            seed=seed,
        )
    ends = (0.5 - confidence / 2.0, 0.5 + confidence / 2.0)
    for place, key in enumerate(keys):
        for index in ("S1", "ST"):
            low, high = np.quantile(found[f"{index}_conf_all"][:, place], ends)
            yield key, "", "sobol", index, float(found[index][place]), float(low), float(high)
    if pairs:
        for place, key in enumerate(keys):
            for other in range(place + 1, len(keys)):
                value, half = float(found["S2"][place, other]), float(found["S2_conf"][place, other])
                yield key, keys[other], "sobol", "S2", value, value - half, value + half
