"""Draws from a posterior whose density can be worked out, by sequential Monte Carlo over rising powers of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Density = Callable[[Floats], Floats]
"""Log likelihoods (n,) at quantiles of the priors, (n, parameters) in [0, 1]."""

KEPT = 0.5
"""Share of particles that a step towards the posterior may leave effective."""

MOVES = 12
"""Metropolis moves of every particle after each step."""


def draw_posterior(density: Density, dimensions: int, count: int, draw: np.random.Generator) -> Floats:
    """Particles of equal weight from a posterior with a uniform prior on the unit cube (Del Moral et al. 2006).

    The likelihood is raised to powers that go from 0 to 1 in steps that keep half of the particles effective. After a
    step particles are resampled and moved: a random walk with the covariance of the particles, reflected at the edges.

    Args:
        density: log likelihood.
        dimensions: number of parameters.
        count: of particles.
        draw: the source of all draws.

    Returns:
        (count, dimensions).
    """
    particles = draw.random((count, dimensions))
    height, power, scale = density(particles), 0.0, 2.38 / np.sqrt(dimensions)
    while power < 1.0:
        step = _step(height, 1.0 - power)
        power = 1.0 if step >= 1.0 - power else power + step
        chosen = _resampled(_weights(height, step), draw)
        particles, height = particles[chosen], height[chosen]
        root = _root_of_covariance(particles)
        for _ in range(MOVES):
            moved = _reflected(particles + scale * draw.standard_normal(particles.shape) @ root.T)
            there = density(moved)
            taken = np.log(draw.random(count)) < power * (there - height)
            particles = np.where(taken[:, None], moved, particles)
            height = np.where(taken, there, height)
            scale = float(np.clip(scale * np.exp(taken.mean() - 0.25), 0.05, 3.0))
    return particles


def _weights(height: Floats, step: float) -> Floats:
    top = height.max()
    if not np.isfinite(top):
        raise ValueError("no particle has a likelihood above 0")
    weight = np.exp(step * (height - top))
    found: Floats = weight / weight.sum()
    return found


def _step(height: Floats, most: float) -> float:
    """The largest step of the power after which a share of `KEPT` of the particles is effective, by bisection."""

    def effective(step: float) -> float:
        return float(1.0 / np.square(_weights(height, step)).sum() / height.size)

    if effective(most) >= KEPT:
        return most
    low, high = 0.0, most
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= KEPT else (low, middle)
    return max(low, 1e-12)


def _resampled(weight: Floats, draw: np.random.Generator) -> NDArray[np.int64]:
    """Rows by weight, systematically."""
    places = (np.arange(weight.size) + draw.random()) / weight.size
    return np.minimum(np.searchsorted(np.cumsum(weight), places), weight.size - 1)


def _root_of_covariance(particles: Floats) -> Floats:
    covariance = np.atleast_2d(np.cov(particles, rowvar=False))
    return np.linalg.cholesky(covariance + 1e-10 * np.eye(len(covariance)))


def _reflected(particles: Floats) -> Floats:
    """Back into the unit cube by reflection at its sides, which keeps the random walk symmetric."""
    within = np.mod(particles, 2.0)
    return np.where(within > 1.0, 2.0 - within, within)
