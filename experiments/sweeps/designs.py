"""Designs: from factors to points, by pure functions; a sample is drawn in the unit cube and mapped by inverse CDF."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Family = Literal["uniform", "loguniform", "triangular", "normal", "choice", "levels"]
Kind = Literal["grid", "list", "latin_hypercube", "sobol", "morris"]


@dataclass(frozen=True)
class Factor:
    """Something uncertain, and how its values are spread.

    Attributes:
        key: dotted key.
        family: the distribution; `choice` and `levels` take each of their values alike often.
        arguments: bounds; bounds with the mode between; mean and standard deviation; or the values.
        whole: whether values are rounded to whole numbers.
        low, high: range of the parameter, where it has one.
    """

    key: str
    family: Family
    arguments: tuple[Any, ...]
    whole: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def is_discrete(self) -> bool:
        """Whether it takes the values listed and no others."""
        return self.family in ("choice", "levels")


@dataclass(frozen=True, eq=False)
class Design:
    """How the points of an experiment were laid out.

    Attributes:
        kind: grid, list, latin_hypercube, sobol or morris.
        factors: what is sampled, in the order of the file.
        sample: what was drawn, in the unit cube, (rows, factors); empty for a grid and a list. The points of each
            combination of policy and levers follow its rows.
        options: second_order of sobol; levels and trajectories of morris.
    """

    kind: Kind
    factors: tuple[Factor, ...] = ()
    sample: Floats = field(default_factory=lambda: np.zeros((0, 0)), repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def problem(self) -> dict[str, Any]:
        """The problem as SALib describes it: factors are quantiles, so that effects of all of them are comparable."""
        names = [factor.key for factor in self.factors]
        return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0] for _ in names]}


def inverse_cdf(factor: Factor, quantiles: Floats) -> list[Any]:
    """Values of a factor at given quantiles.

    Args:
        factor: the factor.
        quantiles: in [0, 1], (n,); 0 and 1 (Morris) give the ends of the distribution, of a normal one the ends of the
            parameter's range.

    Returns:
        n plain values: floats, whole numbers, or those listed.
    """
    if factor.is_discrete:
        count = len(factor.arguments)
        places = np.minimum((quantiles * count).astype(np.int64), count - 1)
        return [factor.arguments[place] for place in places]
    if factor.whole and factor.family == "uniform":  # each whole number alike often, the outer ones too
        first, last = factor.arguments
        return [int(value) for value in np.minimum(np.floor(first + quantiles * (last - first + 1)), last)]
    low = -np.inf if factor.low is None else factor.low
    high = np.inf if factor.high is None else factor.high
    values = np.clip(_distribution(factor, low, high).ppf(quantiles), low, high)
    return [int(value) for value in np.rint(values)] if factor.whole else [float(value) for value in values]


def _distribution(factor: Factor, low: float, high: float) -> Any:
    """The factor's distribution, frozen, as scipy.stats has it."""
    from scipy import stats  # here, because it takes long to import and most experiments do without

    if factor.family == "normal":
        mean, sd = factor.arguments
        return stats.truncnorm((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd)
    start, end = factor.arguments[0], factor.arguments[-1]
    if factor.family == "uniform":
        return stats.uniform(start, end - start)
    if factor.family == "loguniform":
        return stats.loguniform(start, end)
    return stats.triang((factor.arguments[1] - start) / (end - start), loc=start, scale=end - start)


def levels_of(factor: Factor, count: int) -> list[Any]:
    """The values a grid takes of a factor: those listed, or `count` midpoints of equally likely parts, each once."""
    if factor.is_discrete:
        return list(factor.arguments)
    return list(dict.fromkeys(inverse_cdf(factor, (np.arange(count) + 0.5) / count)))


def combinations(levels: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """All combinations of levels by key, the last key changing fastest; one empty combination if there is no key."""
    for values in itertools.product(*levels.values()):
        yield dict(zip(levels, values, strict=True))


def crossed(
    policies: Sequence[str], levers: Iterable[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Policy and values of each point: policy slowest, then levers, then rows of the sample."""
    every_lever = list(levers)
    for policy in policies:
        for lever in every_lever:
            for row in rows:
                yield policy, {**lever, **row}


def rows_of(factors: Sequence[Factor], sample: Floats) -> list[dict[str, Any]]:
    """The values by key of each row of a sample in the unit cube, (rows, factors)."""
    columns = [inverse_cdf(factor, sample[:, place]) for place, factor in enumerate(factors)]
    keys = [factor.key for factor in factors]
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


# ---------------------------------------------------------------- samples


def latin_hypercube(factors: int, samples: int, seed: int) -> Floats:
    """A Latin hypercube in [0, 1), (samples, factors) (McKay, Beckman and Conover 1979), by scipy.stats.qmc."""
    from scipy import stats  # here, because it takes long to import

    return np.asarray(stats.qmc.LatinHypercube(factors, rng=np.random.default_rng(seed)).random(samples))


def sobol(factors: int, samples: int, second_order: bool, seed: int) -> Floats:
    """Saltelli's extension of a scrambled Sobol' sequence (Saltelli 2002), by SALib.

    Returns:
        in [0, 1), (samples · (2·factors + 2), factors) with second-order indices, (samples · (factors + 2), factors)
        without.
    """
    from SALib.sample import sobol as salib  # here, because it takes seconds to import

    problem = _unit_cube(factors)
    return np.asarray(salib.sample(problem, samples, calc_second_order=second_order, seed=seed), dtype=np.float64)


def morris(factors: int, trajectories: int, levels: int, seed: int) -> Floats:
    """Trajectories of one factor at a time on a grid of levels (Morris 1991), by SALib.

    Returns:
        in [0, 1], both ends included, (trajectories · (factors + 1), factors).
    """
    from SALib.sample import morris as salib

    return np.asarray(salib.sample(_unit_cube(factors), trajectories, num_levels=levels, seed=seed), dtype=np.float64)


def rows_in(kind: Kind, factors: int, count: int, second_order: bool = True) -> int:
    """How many rows a sample has, before it is drawn; `count` are samples or trajectories."""
    if kind == "morris":
        return count * (factors + 1)
    if kind == "sobol":
        return count * (2 * factors + 2 if second_order else factors + 2)
    return count


def _unit_cube(factors: int) -> dict[str, Any]:
    return Design("sobol", tuple(Factor(f"x{place}", "uniform", (0, 1)) for place in range(factors))).problem
